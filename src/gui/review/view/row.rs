//! The files, one a row: what it is, where it goes, what is wrong, what is done about it.

use egui::text::LayoutJob;
use egui::{Align, Color32, Id, Key, Label, Layout, Modifiers, Popup, Rect, Response, ScrollArea, Sense, Ui, vec2};

use super::Around;
use crate::gui::icon::{self, Icon};
use crate::gui::review::state::{Renaming, Review};
use crate::gui::review::words;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{
    EmptyState, MenuItem, Progress, ProgressBar, Row, Select, TextField, cell, context_menu, menu_heading,
    menu_separator, paint, spinner, text, tooltip,
};
use crate::gui::words::grouped;
use crate::media::{MediaType, format_bytes};
use crate::transfer::plan::fix::{self, Fix, Standing, State, Trouble, TroubleKind};

/// Height of a row.
const ROW: f32 = 44.0;
pub(super) const MARGIN: f32 = 20.0;
pub(super) const GAP: f32 = 12.0;
pub(super) const THUMB: f32 = 40.0;
pub(super) const DETECTED: f32 = 128.0;
pub(super) const CHECK: f32 = 268.0;
/// The menu of what can be done.
const MENU: f32 = 132.0;

/// What was asked for in a row.
enum Asked {
    Choose(TroubleKind, Fix),
    Toggle,
    Rename(String),
    Renamed(Option<String>),
    Select,
}

pub(super) fn all(ui: &mut Ui, review: &mut Review, around: &mut Around<'_>) {
    if review.shown.is_empty() {
        return nothing(ui, review);
    }
    let mut asked = None;
    let area = ScrollArea::vertical().id_salt("upload files").auto_shrink(false);
    area.show_rows(ui, ROW, review.shown.len(), |ui, range| {
        for at in range {
            let Some(number) = review.shown.get(at).copied() else {
                break;
            };
            if let Some(answer) = show(ui, review, number, around) {
                asked = Some((number, answer));
            }
        }
    });
    let Some((row, asked)) = asked else { return };
    match asked {
        Asked::Choose(kind, fix) => {
            review.selected = Some(row);
            review.choose(row, kind, fix);
        }
        Asked::Toggle => review.toggle(row),
        Asked::Rename(text) => review.renaming = Some(Renaming { row, text }),
        Asked::Renamed(name) => {
            review.renaming = None;
            if let Some(name) = name {
                review.rename(row, &name);
            }
        }
        Asked::Select => review.selected = Some(row),
    }
}

fn nothing(ui: &mut Ui, review: &Review) {
    if review.is_looking() {
        ui.add_space(24.0);
        ui.horizontal(|ui| {
            ui.add_space(MARGIN);
            spinner(ui, "Looking at the files");
            ui.add_space(8.0);
            text::label(ui, Type::Small, "Looking at the files", Tokens::of(ui).tx2);
        });
        return;
    }
    let (line, caption) = if review.sheet.rows().is_empty() {
        ("No files", "Add files, or drop them here")
    } else {
        ("No files here", "The other tabs have the rest")
    };
    ui.add_space(24.0);
    EmptyState::new(icon::FILE_IMAGE, line, caption).show(ui);
}

fn show(ui: &mut Ui, review: &Review, number: u32, around: &mut Around<'_>) -> Option<Asked> {
    let row = review.sheet.rows().get(number as usize)?;
    let facts = Check::of(ui, row);
    let name = format!("{}, {}", row.source().relative, facts.words);
    let id = Id::unique(("upload review", number));
    let mut asked = None;
    let mut select: Option<Response> = None;
    let response = Row::new(&name, ROW)
        .table()
        .padding(MARGIN)
        .selected(review.selected == Some(number))
        .id(id)
        .show(ui, |ui| {
            ui.push_id(("upload review row", number), |ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                thumb(ui, row, around);
                let rest = ui.available_width() - DETECTED - CHECK - 2.0 * GAP;
                cell(ui, rest, Align::Min, |ui| {
                    asked = file(ui, review, number, row);
                });
                cell(ui, DETECTED, Align::Min, |ui| detected(ui, review, number, row));
                cell(ui, CHECK, Align::Max, |ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    if let Some(standing) = row.standings().first().filter(|one| !one.trouble.fixes().is_empty()) {
                        let made = row.made().filter(|_| matches!(standing.fix, Some(Fix::Resize(_))));
                        let current = match (standing.fix, made) {
                            (Some(fix), Some(made)) => {
                                format!("{}, {}", words::fix(&standing.trouble, fix), format_bytes(made.size))
                            }
                            (Some(fix), None) => words::fix(&standing.trouble, fix),
                            (None, _) => "Choose…".to_owned(),
                        };
                        let label = format!("What is done about {}", row.source().name());
                        let (button, _) = Select::new(&label, &current).width(MENU).show(ui, |ui| {
                            ui.set_min_width(220.0);
                            asked = menu(ui, row, around.why_locked).or(asked.take());
                        });
                        select = Some(button);
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        check(ui, &facts);
                    });
                });
            });
        });
    context_menu(&response, |ui| {
        asked = menu(ui, row, around.why_locked).or(asked.take());
    });
    if response.clicked() {
        asked = asked.or(Some(Asked::Select));
    }
    if response.has_focus() {
        // The click that egui makes of these keys only chooses the row.
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Space)) {
            asked = Some(Asked::Toggle);
        }
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
            && let Some(select) = &select
        {
            Popup::open_id(ui, Popup::default_response_id(select));
        }
    }
    let words = whole(review, row);
    if !words.is_empty() && review.renaming.is_none() {
        tooltip(response, &words);
    }
    asked
}

fn thumb(ui: &mut Ui, row: &fix::Row, around: &mut Around<'_>) {
    let source = row.source();
    let is_picture = source.refused.is_none() && source.kind.is_some_and(MediaType::is_picture_we_show);
    let mark = if source.refused.is_some() {
        icon::FILE_X
    } else if source.media_type.starts_with("image/") {
        icon::FILE_IMAGE
    } else if source.media_type.starts_with("text/") {
        icon::FILE_TEXT
    } else {
        icon::FILE
    };
    let path = is_picture.then_some(source.path.as_path());
    around.thumbs.show(ui, around.service, source.name(), path, mark);
}

/// The name of the file, and below it the key that it gets.
fn file(ui: &mut Ui, review: &Review, number: u32, row: &fix::Row) -> Option<Asked> {
    let t = Tokens::of(ui);
    if let Some(renaming) = review.renaming.as_ref().filter(|renaming| renaming.row == number) {
        return rename(ui, renaming);
    }
    let room = ui.available_rect_before_wrap();
    let lines = Rect::from_center_size(room.center(), vec2(room.width(), 33.0));
    paint::inside(ui, lines, Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        text::key(ui, Type::Strong, row.source().name(), t.tx1);
        key(ui, row);
    });
    None
}

/// A field for another name, in the place of both lines.
fn rename(ui: &mut Ui, renaming: &Renaming) -> Option<Asked> {
    let mut text = renaming.text.clone();
    let id = Id::unique("upload review name");
    let response = TextField::new("Name in the bucket", &mut text).mono().id(id).show(ui);
    let fresh = ui.data_mut(|data| {
        let known = data.get_temp_mut_or(id, u32::MAX);
        std::mem::replace(known, renaming.row) != renaming.row
    });
    if fresh {
        response.request_focus();
    }
    let done = |ui: &mut Ui| ui.data_mut(|data| data.remove::<u32>(id));
    if response.lost_focus() {
        done(ui);
        let taken = ui.input(|input| input.key_pressed(Key::Enter));
        return Some(Asked::Renamed(taken.then_some(text)));
    }
    response.changed().then_some(Asked::Rename(text))
}

fn key(ui: &mut Ui, row: &fix::Row) {
    let t = Tokens::of(ui);
    let kind = Type::MonoSmall;
    let first = row.standings().first();
    let Some(key) = row.key().filter(|_| row.state() != State::Skipped) else {
        let words = match row.state() {
            State::Skipped => "not uploaded",
            _ => row.own_key(),
        };
        let color = if row.state() == State::Skipped { t.tx3 } else { t.err };
        text::key(ui, kind, words, color);
        return;
    };
    let key = key.as_str();
    let own = row.own_key();
    let is_taken =
        |one: &Standing| matches!(one.trouble, Trouble::Taken { .. } | Trouble::SameKey { .. }) && one.fix.is_none();
    if first.is_some_and(is_taken) {
        text::key(ui, kind, key, t.err);
        return;
    }
    if key == own {
        text::key(ui, kind, key, t.tx2);
        return;
    }
    if row
        .standings()
        .iter()
        .any(|one| matches!(one.trouble, Trouble::BadName { .. }))
    {
        // What it is called, what that cannot be, and what it becomes.
        let name = |key: &str| key.rsplit('/').next().unwrap_or(key).to_owned();
        let parts = [(name(own), t.err), (" → ".to_owned(), t.tx3), (name(key), t.ok)];
        coloured(ui, key, &parts);
        return;
    }
    // What is new of it in green: it differs from there on.
    let same = own
        .bytes()
        .zip(key.bytes())
        .take_while(|(one, other)| one == other)
        .count();
    let same = (0..=same).rev().find(|at| key.is_char_boundary(*at)).unwrap_or(0);
    let start = key[..same]
        .rfind(['/', '.'])
        .map_or(0, |at| if key[at..].starts_with('.') { at } else { at + 1 });
    let parts = [(key[..start].to_owned(), t.tx2), (key[start..].to_owned(), t.ok)];
    coloured(ui, key, &parts);
}

/// A line in several colours, cut at its end when there is no room; its name is the key.
fn coloured(ui: &mut Ui, name: &str, parts: &[(String, Color32)]) {
    let mut job = LayoutJob::default();
    for (part, color) in parts {
        job.append(part, 0.0, Type::MonoSmall.format(*color));
    }
    job.wrap = egui::text::TextWrapping::truncate_at_width(ui.available_width());
    job.break_on_newline = false;
    let response = ui.add(Label::new(job).truncate());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, ui.is_enabled(), name));
}

fn detected(ui: &mut Ui, review: &Review, number: u32, row: &fix::Row) {
    let t = Tokens::of(ui);
    let source = row.source();
    if source.refused.is_some() && source.media_type.is_empty() {
        text::label(ui, Type::Small, "–", t.tx3);
        return;
    }
    let room = ui.available_rect_before_wrap();
    let lines = Rect::from_center_size(room.center(), vec2(room.width(), 31.0));
    paint::inside(ui, lines, Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let kind = match (row.made(), source.kind) {
            (Some(made), _) => made.kind.name().to_owned(),
            (None, Some(kind)) => kind.name().to_owned(),
            (None, None) if source.media_type.starts_with("text/") => "Text".to_owned(),
            (None, None) => "File".to_owned(),
        };
        let words = format!("{kind} · {}", format_bytes(row.size()));
        text::elided(ui, Type::Small, words, t.tx1);
        let sides = row
            .dimensions()
            .map(|(width, height)| format!("{} × {}", grouped(width as usize), grouped(height as usize)));
        let wrong = row.standings().iter().find_map(|one| match &one.trouble {
            Trouble::WrongExtension { says, is } => Some(format!("named .{says}, is {}", is.name())),
            _ => None,
        });
        let before = row
            .made()
            .filter(|made| made.size != source.size)
            .map(|_| format!("was {}", format_bytes(source.size)));
        let second = if review.is_made(number) {
            "is made anew".to_owned()
        } else {
            match (wrong, sides, before) {
                (Some(wrong), ..) => wrong,
                (_, Some(sides), Some(before)) => format!("{sides}, {before}"),
                (_, Some(sides), None) => sides,
                (_, None, _) => source.media_type.clone(),
            }
        };
        text::elided(ui, Type::Caption, second, t.tx3);
    });
}

/// What the last column says.
struct Check {
    mark: Option<(Icon, Color32)>,
    words: String,
    color: Color32,
}

impl Check {
    fn of(ui: &Ui, row: &fix::Row) -> Self {
        let t = Tokens::of(ui);
        let first = row.standings().first();
        let more = match row.standings().len() {
            0 | 1 => String::new(),
            more => format!(" +{}", more - 1),
        };
        match (row.state(), first) {
            (State::Checking, None) => Self {
                mark: None,
                words: "Checking".to_owned(),
                color: t.tx2,
            },
            (State::Ready, _) | (_, None) => Self {
                mark: Some((icon::CHECK_CIRCLE.filled(), t.ok)),
                words: "Ready".to_owned(),
                color: t.tx1,
            },
            (state, Some(standing)) => {
                let quiet = matches!(standing.trouble, Trouble::Identical | Trouble::LeftOut);
                let mark = match state {
                    State::NeedsChoice => (icon::X_CIRCLE.filled(), t.err),
                    State::Skipped if quiet => (icon::INFO.filled(), t.acc_tx),
                    _ => (icon::WARNING.filled(), t.warn),
                };
                Self {
                    mark: Some(mark),
                    words: format!("{}{more}", words::trouble(&standing.trouble)),
                    color: t.tx1,
                }
            }
        }
    }
}

fn check(ui: &mut Ui, facts: &Check) {
    match facts.mark {
        Some((mark, color)) => {
            let (rect, _) = ui.allocate_exact_size(vec2(size::ICON_SMALL, size::ICON_SMALL), Sense::hover());
            mark.paint(ui.painter(), rect.center(), size::ICON_SMALL, color);
        }
        None => {
            ui.add(ProgressBar::new("Checking", Progress::Running(None)).width(72.0));
        }
    }
    text::elided(ui, Type::Small, facts.words.as_str(), facts.color);
}

/// Everything that can be done about a file.
fn menu(ui: &mut Ui, row: &fix::Row, why_locked: Option<&'static str>) -> Option<Asked> {
    let mut asked = None;
    let standings = row.standings();
    for (at, standing) in standings.iter().enumerate() {
        let (trouble, fixes) = (&standing.trouble, standing.trouble.fixes());
        if fixes.is_empty() {
            continue;
        }
        if standings.len() > 1 {
            if at > 0 {
                menu_separator(ui);
            }
            menu_heading(ui, &words::trouble(trouble));
        }
        for fix in fixes {
            let name = words::fix(trouble, fix);
            let locked = why_locked.filter(|_| fix == Fix::Replace);
            let item = MenuItem::new(&name)
                .key(words::detail(fix))
                .checked(standing.fix == Some(fix))
                .disabled_because(locked);
            if ui.add(item).clicked() {
                asked = Some(Asked::Choose(trouble.kind(), fix));
            }
        }
    }
    if row.source().refused.is_some() {
        menu_heading(ui, "It cannot be uploaded");
        return asked;
    }
    if !standings.is_empty() {
        menu_separator(ui);
    }
    if ui
        .add(MenuItem::new("Choose another name…").icon(icon::PENCIL_SIMPLE))
        .clicked()
    {
        let key = row.key().map_or(row.own_key(), |key| key.as_str());
        let name = match &row.choice().name {
            Some(name) => name.clone(),
            None => key.rsplit('/').next().unwrap_or(key).to_owned(),
        };
        asked = Some(Asked::Rename(name));
    }
    let (words, mark) = if row.choice().skip {
        ("Take it in again", icon::PLUS_CIRCLE)
    } else {
        ("Leave it out", icon::MINUS_CIRCLE)
    };
    if ui.add(MenuItem::new(words).icon(mark).key("Space")).clicked() {
        asked = Some(Asked::Toggle);
    }
    asked
}

/// All there is to say of a file, for the tooltip.
fn whole(review: &Review, row: &fix::Row) -> String {
    let mut lines: Vec<String> = Vec::new();
    for standing in row.standings() {
        lines.push(words::whole(&standing.trouble, review.sheet.rows()));
    }
    lines.extend(row.note().map(ToOwned::to_owned));
    if lines.is_empty() {
        return String::new();
    }
    lines.insert(0, row.source().path.display().to_string());
    lines.join("\n")
}
