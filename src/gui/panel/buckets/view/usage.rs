//! What takes the space of the bucket, in the place of the inspector: areas by folder, type or age, what is worth a look, and
//! how it has grown.

use egui::{Align, Layout, Role, Sense, Ui, WidgetInfo, vec2};
use jiff::ZonedDateTime;
use jiff::tz::TimeZone;

use super::{problem, side};
use crate::catalog::{Age, FolderUsage, Index, Total};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::state::State;
use crate::gui::panel::buckets::usage::{By, Known};
use crate::gui::theme::{Tokens, Type, radius, space};
use crate::gui::widget::{
    CellMark, EmptyState, IconButton, Note, Segment, TreemapCell, frame, paint, segmented, skeleton, text, treemap,
};
use crate::gui::words;
use crate::http::Secret;
use crate::media::{format_bytes, group_thousands};
use crate::service::usage_csv;
use crate::supabase::ObjectKey;

/// Height of the areas.
const AREAS: f32 = 380.0;
/// Height of an object that is worth a look.
const ROW: f32 = 42.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let bucket = state.bucket().cloned();
    if let Some(left) = state.usage.poll(bucket.as_ref(), context.service) {
        ui.request_repaint_after(left);
    }
    head(ui, state, context);
    side::body(ui, "buckets usage", |ui| {
        ui.spacing_mut().item_spacing.y = space::CONTROL;
        let choices = [
            (By::Folder, Segment::words("Folder")),
            (By::Type, Segment::words("Type")),
            (By::Age, Segment::words("Age")),
        ];
        segmented(ui, &mut state.usage.by, &choices);
        body(ui, state, context);
    });
}

fn head(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    side::head(ui, |ui| {
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
    let is_marked = |cell: &TreemapCell| cell.mark == CellMark::Selected;
    let has_shown = cells
        .iter()
        .any(|cell| is_marked(cell) || cell.cells.iter().any(is_marked));
    legend(ui, &usage.total, has_shown, is_partial);
    if is_partial {
        Note::warn(
            "The bucket is still being listed.",
            "Sizes are lower bounds until the scan ends.",
        )
        .show(ui);
    }
    growth(ui, found);
    let object = worth_a_look(ui, found, is_partial);
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

fn legend(ui: &mut Ui, total: &Total, has_shown: bool, is_partial: bool) {
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
        if has_shown {
            square(ui, "Folder shown", true);
        }
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
    let since = words::whole_time(growth.since, &TimeZone::system());
    let changed = match (growth.objects, growth.bytes) {
        (0, 0) => "Unchanged".to_owned(),
        (objects, bytes) => change(objects, bytes),
    };
    let mut line = format!("{changed} since {since}");
    if let Some(most) = growth.folders.first() {
        let folder = match most.name.trim_end_matches('/') {
            "" => "no folder",
            folder => folder,
        };
        line = format!(
            "{line}, the greatest change in {folder}: {}",
            change(most.objects, most.bytes)
        );
    }
    text::wrapped(ui, Type::Small, line, t.tx2);
}

/// "+2.3 GB and +12 objects", "−1 object".
fn change(objects: i64, bytes: i64) -> String {
    let sign = |amount: i64| if amount < 0 { "−" } else { "+" };
    let mut parts = Vec::new();
    if bytes != 0 || objects == 0 {
        parts.push(format!("{}{}", sign(bytes), format_bytes(bytes.unsigned_abs())));
    }
    if objects != 0 {
        let many = group_thousands(objects.unsigned_abs());
        let what = if objects.unsigned_abs() == 1 {
            "object"
        } else {
            "objects"
        };
        parts.push(format!("{}{many} {what}", sign(objects)));
    }
    parts.join(" and ")
}

/// Facts and nothing that is only supposed: what is largest, what is oldest. Answers an object that was clicked.
fn worth_a_look(ui: &mut Ui, known: &Known, is_partial: bool) -> Option<ObjectKey> {
    let t = Tokens::of(ui);
    frame::section_break(ui);
    text::label(ui, Type::SmallStrong, "Worth a look", t.tx2);
    let usage = &known.usage.usage;
    let older = usage.ages.iter().find(|(age, _)| *age == Age::Older);
    if let Some((_, total)) = older.filter(|(_, total)| total.objects > 0) {
        let were = if total.objects == 1 { "was" } else { "were" };
        let words = format!(
            "{} {were} last written over a year ago: {}",
            objects(total),
            at_least(total, is_partial)
        );
        text::wrapped(ui, Type::Small, words, t.warn);
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut clicked = None;
    let lists = [
        (["Largest", "Second largest", "Third largest"], &usage.largest),
        (["Oldest", "Second oldest", "Third oldest"], &usage.oldest),
    ];
    for (captions, ids) in lists {
        for (caption, id) in captions.into_iter().zip(ids) {
            clicked = row(ui, &known.index, *id, caption).or(clicked);
        }
    }
    clicked
}

/// One object and what it is known for; a click answers it.
fn row(ui: &mut Ui, index: &Index, id: u32, caption: &str) -> Option<ObjectKey> {
    let t = Tokens::of(ui);
    let row = index.row(id)?;
    let size = row.size.map_or_else(|| "–".to_owned(), format_bytes);
    let now = ZonedDateTime::now();
    let caption = match row.modified {
        Some(when) => format!("{caption} · {}", words::short_time(when, &now)),
        None => caption.to_owned(),
    };
    // A key that no request can name is told of, and leads nowhere.
    let key = ObjectKey::parse(row.key).ok();
    frame::hairline(ui);
    let sense = if key.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
    if response.contains_pointer() && key.is_some() {
        ui.painter().rect_filled(rect, 0, t.bg3);
    }
    let described = format!("{caption}: {}, {size}", row.key);
    let role = if key.is_some() { Role::Link } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, ui.is_enabled(), &described));
    paint::inside(ui, rect.shrink2(vec2(0.0, 4.0)), Layout::top_down(Align::Min), |ui| {
        text::line(ui, 17.0, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                text::label(ui, Type::SmallStrong, size, t.tx1);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    text::key(ui, Type::Mono, row.key, t.tx1);
                });
            });
        });
        text::elided(ui, Type::Caption, caption, t.tx2);
    });
    paint::focus_ring(ui, &response, radius::BADGE);
    key.filter(|_| response.clicked())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_with_its_sign_and_without_what_stayed() {
        assert_eq!(change(12, 2_300), "+2.3 KB and +12 objects");
        assert_eq!(change(-1, 0), "−1 object");
        assert_eq!(change(0, -2_300), "−2.3 KB");
    }
}
