//! The objects of the bucket that a broken link may have meant, the likeliest first: one of them becomes the scene's picture.

use egui::load::SizedTexture;
use egui::{Align, Context, Id, Key, Layout, Modifiers, ScrollArea, Ui, vec2};
use jiff::ZonedDateTime;

use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Finding, State};
use crate::gui::texture::{PictureSize, Shown};
use crate::gui::theme::{Tokens, Tone, Type, radius};
use crate::gui::widget::{
    Badge, Button, EmptyState, Fit, ModalFrame, Picture, PictureState, Row, TextField, modal, paint, skeleton, text,
};
use crate::gui::words::{count, grouped, short_time};
use crate::media::format_bytes;
use crate::service::{Find, PictureAt};

const ROW: f32 = 60.0;
const THUMB: egui::Vec2 = vec2(64.0, 48.0);
/// Height of the list, which stays the same whatever is found.
const LIST: f32 = 6.0 * ROW;

/// Draws the search while it is asked for.
pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(finding) = &mut state.finding else { return };
    let title = format!("Find the image of scene {}", finding.index + 1);
    let named = finding.seen.as_deref().and_then(|url| context.service.own_object(url));
    let missing = match (&named, &finding.seen) {
        (Some((bucket, key)), _) => format!("{bucket}/{key} is not there"),
        (None, Some(url)) => format!("{url} leads to no picture"),
        (None, None) => "The scene has no picture".to_owned(),
    };
    let note = match finding.found.value() {
        Some(found) if found.complete => format!(
            "{} in {}",
            count(found.of, "picture", "pictures"),
            context.service.bucket()
        ),
        Some(found) => format!(
            "{} so far: the bucket is being read",
            count(found.of, "picture", "pictures")
        ),
        None => String::new(),
    };
    let frame = ModalFrame::new("find-picture", &title)
        .caption(&missing)
        .note(&note)
        .width(640.0);
    let modal_id = frame.id();
    let none = finding.chosen().is_none().then_some("Choose a picture first");
    let locked = context.why_locked();
    let mut entered = false;
    let answer = frame.show(
        ctx,
        |ui| entered = body(ui, finding, context),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let using = Button::primary("Use this picture").icon(icon::LINK).large();
            let using = ui.add(using.disabled_because(locked.or(none))).clicked();
            (using, ui.add(Button::new("Cancel").large()).clicked())
        },
    );
    let (using, cancel) = answer.footer;
    let deed = finding.deed().filter(|_| using || entered && locked.is_none());
    if deed.is_some() || cancel || answer.closed {
        state.finding = None;
        modal::return_focus(ctx, modal_id);
    }
    context.actions.extend(deed.map(|deed| Action::Do(Box::new(deed))));
}

/// The words to look for, and what has them. Whether the chosen one is to be used at once.
fn body(ui: &mut Ui, finding: &mut Finding, context: &mut PanelContext<'_>) -> bool {
    let field = Id::unique("find-picture-words");
    let mut entered = false;
    let mut reveal = false;
    if ui.memory(|memory| memory.has_focus(field)) {
        let by = ui.input_mut(|input| {
            let mut pressed = |key| input.count_and_consume_key(Modifiers::NONE, key) as isize;
            pressed(Key::ArrowDown) - pressed(Key::ArrowUp)
        });
        if by != 0 {
            finding.step(by);
            reveal = true;
        }
        entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    }
    let typed = TextField::search("Words of the file's name", &mut finding.words)
        .id(field)
        .show(ui);
    if typed.changed() {
        finding.typed();
    }
    ui.add_space(4.0);
    // As high as it will be from the beginning: nothing moves under the pointer when the answer is here.
    let used = ui
        .allocate_ui(vec2(ui.available_width(), LIST), |ui| {
            ui.set_min_height(LIST);
            list(ui, finding, reveal, context)
        })
        .inner;
    (entered || used) && finding.chosen().is_some()
}

/// What fits. Whether the chosen one was clicked twice.
fn list(ui: &mut Ui, finding: &mut Finding, reveal: bool, context: &mut PanelContext<'_>) -> bool {
    let Some(found) = finding.found.value().cloned() else {
        if let Some(failed) = finding.found.problem().cloned() {
            if problem::show(ui, &failed, "Try again", false, context.actions) == Some(Answer::Retry) {
                finding.retry();
            }
            return false;
        }
        for _ in 0..6 {
            skeleton(ui, vec2(ui.available_width(), ROW - 12.0));
        }
        return false;
    };
    if found.list.is_empty() {
        let (line, caption) = if finding.words.trim().is_empty() {
            (
                "There is no picture in this bucket",
                "Upload one for this scene, or generate it",
            )
        } else {
            (
                "No picture has these words in its name",
                "Folders count as a part of the name",
            )
        };
        EmptyState::new(icon::IMAGE_BROKEN, line, caption).height(LIST).show(ui);
        return false;
    }
    let chosen = finding.chosen();
    let mut clicked = None;
    let mut used = false;
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("find-picture-list")
        .max_height(LIST)
        .min_scrolled_height(LIST)
        .auto_shrink(false)
        .show_rows(ui, ROW, found.list.len(), |ui, rows| {
            if let Some(at) = chosen.filter(|_| reveal) {
                let top = ui.max_rect().top() + (at as f32 - rows.start as f32) * ROW;
                let rect = egui::Rect::from_min_size(egui::pos2(ui.max_rect().left(), top), vec2(1.0, ROW));
                ui.scroll_to_rect(rect, None);
            }
            for at in rows {
                let Some(find) = found.list.get(at) else { continue };
                let part = Id::unique("found").with(find.key.as_str());
                let row = paint::part(ui, part, |ui| one(ui, find, chosen == Some(at), context));
                if row.clicked() {
                    clicked = Some(at);
                }
                used |= row.double_clicked();
            }
        });
    if let Some(at) = clicked {
        finding.choose(at);
    }
    used
}

fn one(ui: &mut Ui, find: &Find, chosen: bool, context: &mut PanelContext<'_>) -> egui::Response {
    let t = Tokens::of(ui);
    let key = find.key.as_str();
    let bucket = context.service.bucket().clone();
    let at = PictureAt::listed(bucket, find.key.clone(), find.etag.as_deref(), find.size);
    let shown = match context.pictures.get(ui.ctx(), context.service, &at, PictureSize::Thumb) {
        Shown::Loading => PictureState::Loading,
        Shown::Ready { texture, .. } => PictureState::Ready(SizedTexture::from_handle(texture)),
        Shown::Broken(_) => PictureState::Broken { line: "", code: "" },
    };
    let why = find.likeness.words();
    let name = if why.is_empty() {
        key.to_owned()
    } else {
        format!("{key}, {}", why.to_lowercase())
    };
    Row::new(&name, ROW).selected(chosen).padding(6.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(10.0, 2.0);
        let alt = format!("Picture {}", find.key.file_name());
        Picture::new(&alt, shown)
            .size(THUMB)
            .fit(Fit::Cover)
            .corners(radius::CONTROL)
            .show(ui);
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.add_space(8.0);
            text::key(ui, Type::Mono, key, t.tx1);
            text::line(ui, 20.0, |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                if !why.is_empty() {
                    ui.add(Badge::new(Tone::Accent, why).icon(icon::CHECK));
                }
                text::elided(ui, Type::Caption, facts(find), t.tx2);
            });
        });
    })
}

/// Where it is shown by now, how large and how old it is.
fn facts(find: &Find) -> String {
    let used = find.used.map(|used| match used {
        0 => "shown nowhere".to_owned(),
        1 => "shown in 1 place".to_owned(),
        used => format!("shown in {} places", grouped(used)),
    });
    let modified = find
        .modified
        .map(|modified| short_time(modified, &ZonedDateTime::now()));
    let size = find.size.map(format_bytes);
    let parts: Vec<String> = [used, size, modified].into_iter().flatten().collect();
    parts.join(" · ")
}
