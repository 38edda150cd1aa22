//! What takes the space of the bucket, in the place of the inspector: areas by folder, type or age, what is worth a look, and
//! how it has grown.

use egui::{Align, Frame, Layout, Margin, Sense, Ui, vec2};

use super::problem;
use crate::catalog::{Age, FolderUsage, Index, Total};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::state::State;
use crate::gui::panel::buckets::usage::{By, Known};
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{
    CellMark, EmptyState, IconButton, Note, Segment, TreemapCell, frame, segmented, skeleton, text, treemap,
};
use crate::http::Secret;
use crate::media::{format_bytes, group_thousands};
use crate::service::usage_csv;
use crate::supabase::ObjectKey;

/// Height of the areas.
const AREAS: f32 = 380.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let bucket = state.bucket().cloned();
    if let Some(left) = state.usage.poll(bucket.as_ref(), context.service) {
        ui.request_repaint_after(left);
    }
    head(ui, state, context);
    egui::ScrollArea::vertical()
        .id_salt("buckets usage")
        .auto_shrink(false)
        .show(ui, |ui| {
            let margin = Margin {
                left: space::PANEL as i8,
                right: space::PANEL as i8,
                top: 0,
                bottom: 20,
            };
            Frame::NONE.inner_margin(margin).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::CONTROL;
                let choices = [
                    (By::Folder, Segment::words("Folder")),
                    (By::Type, Segment::words("Type")),
                    (By::Age, Segment::words("Age")),
                ];
                segmented(ui, &mut state.usage.by, &choices);
                body(ui, state, context);
            });
        });
}

fn head(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let margin = Margin {
        left: space::PANEL as i8,
        right: space::SECTION as i8,
        top: 6,
        bottom: 6,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        let layout = Layout::right_to_left(Align::Center);
        ui.allocate_ui_with_layout(vec2(ui.available_width(), size::CONTROL), layout, |ui| {
            ui.set_height(size::CONTROL);
            ui.spacing_mut().item_spacing.x = 2.0;
            if ui.add(IconButton::new(icon::X, "Close usage")).clicked() {
                state.usage.open = false;
            }
            let nothing = state.usage.known().value().is_none().then_some("Nothing is known yet");
            let save = IconButton::new(icon::EXPORT, "Save usage as CSV").disabled_because(nothing);
            if ui.add(save).clicked()
                && let Some(known) = state.usage.known().value()
            {
                context.actions.push(Action::SaveText {
                    name: format!("usage-{}.csv", known.index.bucket()),
                    text: Secret::new(&usage_csv(&known.usage)),
                    what: "Usage",
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = space::CONTROL;
                text::label(ui, Type::Head, "Usage", t.tx1);
                if let Some(bucket) = state.bucket() {
                    text::elided(ui, Type::Small, bucket.to_string(), t.tx2);
                }
            });
        });
    });
}

fn body(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let known = state.usage.known();
    let Some(found) = known.value() else {
        match known.problem() {
            Some(failure) => _ = problem::show(ui, failure, context.actions),
            None => _ = skeleton(ui, vec2(ui.available_width(), AREAS)),
        }
        return;
    };
    let usage = &found.usage.usage;
    if usage.total.objects == 0 {
        EmptyState::new(
            icon::FOLDER,
            "Nothing takes any space",
            "There is no object in this bucket.",
        )
        .show(ui);
        return;
    }
    let is_partial = found.index.state().complete_at().is_none();
    let cells = match state.usage.by {
        By::Folder => folders(&usage.tree, state.folder(), is_partial),
        By::Type => usage
            .types
            .iter()
            .map(|share| {
                let name = if share.name.is_empty() { "No type" } else { &share.name };
                cell(name, &share.total, is_partial)
            })
            .collect(),
        By::Age => usage
            .ages
            .iter()
            .map(|(age, total)| cell(age.words(), total, is_partial))
            .collect(),
    };
    let width = ui.available_width();
    let clicked = treemap(ui, vec2(width, AREAS), &cells);
    let opened = clicked
        .filter(|_| state.usage.by == By::Folder)
        .and_then(|(folder, inside)| {
            let folder = usage.tree.folders.get(folder)?;
            let inside = inside.and_then(|inside| folder.folders.get(inside));
            Some(inside.unwrap_or(folder).prefix.clone())
        });
    legend(ui, &usage.total, is_partial);
    if is_partial {
        Note::warn(
            "The bucket is still being listed.",
            "Sizes are lower bounds until the scan ends.",
        )
        .show(ui);
    }
    growth(ui, found);
    let object = worth_a_look(ui, found);
    if let Some(folder) = opened {
        state.open_folder(&folder);
    }
    if let (Some(key), Some(bucket)) = (object, state.bucket().cloned()) {
        state.open_object(bucket, &key);
        state.usage.open = false;
    }
}

/// The folders of the top level, the largest first, with those in them; what is in none, and the many small ones, together.
fn folders(tree: &FolderUsage, shown: &str, is_partial: bool) -> Vec<TreemapCell> {
    let mut cells: Vec<TreemapCell> = tree
        .folders
        .iter()
        .map(|folder| folder_cell(folder, shown, is_partial))
        .collect();
    let name = |of: &FolderUsage| format!("{} smaller folders", group_thousands(of.other_folders as u64));
    if tree.other_folders > 0 {
        cells.push(cell(&name(tree), &tree.others, is_partial));
    }
    if tree.own.objects > 0 {
        cells.push(cell("In no folder", &tree.own, is_partial));
    }
    cells
}

fn folder_cell(folder: &FolderUsage, shown: &str, is_partial: bool) -> TreemapCell {
    let name = folder
        .prefix
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let mut made = cell(name, &folder.total, is_partial);
    if folder.prefix == shown {
        made.mark = CellMark::Selected;
    }
    made.cells = folder
        .folders
        .iter()
        .map(|inside| folder_cell(inside, shown, is_partial))
        .collect();
    made
}

fn cell(name: &str, total: &Total, is_partial: bool) -> TreemapCell {
    let words = at_least(total, is_partial);
    TreemapCell {
        name: name.to_owned(),
        amount: total.bytes,
        described: format!("{name}, {words}, {}", objects(total)),
        words,
        mark: if is_partial { CellMark::Partial } else { CellMark::None },
        cells: Vec::new(),
    }
}

/// "188 GB", "≥ 96 GB" where more may be there.
fn at_least(total: &Total, is_partial: bool) -> String {
    let bytes = format_bytes(total.bytes);
    if is_partial || total.partial {
        format!("≥ {bytes}")
    } else {
        bytes
    }
}

fn objects(total: &Total) -> String {
    match total.objects {
        1 => "1 object".to_owned(),
        many => format!("{} objects", group_thousands(many)),
    }
}

fn legend(ui: &mut Ui, total: &Total, is_partial: bool) {
    let t = Tokens::of(ui);
    text::line(ui, 16.0, |ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let square = |ui: &mut Ui, words: &str, fill: bool| {
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            if fill {
                ui.painter().rect_filled(rect, radius::MINI, t.acc);
            } else {
                let stroke = egui::Stroke::new(1.0, t.warn_fill);
                let kind = egui::epaint::StrokeKind::Inside;
                ui.painter().rect_stroke(rect, radius::MINI, stroke, kind);
            }
            text::label(ui, Type::Caption, words, t.tx2);
        };
        square(ui, "Folder shown", true);
        if is_partial {
            square(ui, "Partly listed", false);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let words = match is_partial {
                true => format!("{} so far", format_bytes(total.bytes)),
                false => format!("{} · {}", at_least(total, false), objects(total)),
            };
            text::label(ui, Type::Caption, words, t.tx2);
        });
    });
}

fn growth(ui: &mut Ui, known: &Known) {
    let Some(growth) = &known.usage.growth else { return };
    let t = Tokens::of(ui);
    let signed = |amount: i64, words: &dyn Fn(u64) -> String| {
        let sign = if amount < 0 { "−" } else { "+" };
        format!("{sign}{}", words(amount.unsigned_abs()))
    };
    let since = growth.since.strftime("%-d %b %Y, %H:%M");
    let words = match (growth.objects, growth.bytes) {
        (0, 0) => format!("Unchanged since {since} UTC"),
        (objects, bytes) => format!(
            "{} and {} objects since {since} UTC",
            signed(bytes, &format_bytes),
            signed(objects, &group_thousands)
        ),
    };
    text::wrapped(ui, Type::Small, words, t.tx2);
}

/// Facts and nothing that is only supposed: what is largest, what is oldest. Answers an object that was clicked.
fn worth_a_look(ui: &mut Ui, known: &Known) -> Option<ObjectKey> {
    let t = Tokens::of(ui);
    frame::section_break(ui);
    text::label(ui, Type::Section, "Worth a look", t.tx2);
    let usage = &known.usage.usage;
    let old: Vec<&(Age, Total)> = usage.ages.iter().filter(|(age, _)| *age == Age::Older).collect();
    if let Some((_, total)) = old.first().filter(|(_, total)| total.objects > 0) {
        let words = format!(
            "{} were last written over a year ago: {}",
            objects(total),
            at_least(total, false)
        );
        text::wrapped(ui, Type::Small, words, t.warn);
    }
    let mut clicked = None;
    let lists = [("Largest", &usage.largest), ("Oldest", &usage.oldest)];
    for (name, ids) in lists {
        for (place, id) in ids.iter().take(3).enumerate() {
            let caption = if place == 0 {
                name.to_owned()
            } else {
                format!("{name}, {}", place + 1)
            };
            if let Some(key) = row(ui, &known.index, *id, &caption) {
                clicked = Some(key);
            }
        }
    }
    clicked
}

fn row(ui: &mut Ui, index: &Index, id: u32, caption: &str) -> Option<ObjectKey> {
    let t = Tokens::of(ui);
    let row = index.row(id)?;
    let size = row.size.map_or_else(|| "–".to_owned(), format_bytes);
    let when = row.modified.map(|when| when.strftime("%-d %b %Y").to_string());
    let key = ObjectKey::parse(row.key).ok();
    let mut clicked = false;
    frame::hairline(ui);
    text::line(ui, 18.0, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            text::label(ui, Type::SmallStrong, size, t.tx1);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let label = text::key(ui, Type::Mono, row.key, if key.is_some() { t.acc_tx } else { t.tx1 });
                clicked = ui.interact(label.rect, label.id.with("open"), Sense::click()).clicked();
            });
        });
    });
    let caption = when.map_or_else(|| caption.to_owned(), |when| format!("{caption} · {when}"));
    text::label(ui, Type::Caption, caption, t.tx2);
    key.filter(|_| clicked)
}
