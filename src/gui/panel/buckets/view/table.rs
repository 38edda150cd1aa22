//! Objects as rows, below the folders. Only what is in view is drawn.

mod head;

use egui::{
    Align2, Color32, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use jiff::ZonedDateTime;

use super::grid::{entry_name, spoken};
use super::{keys, thumb};
use crate::catalog::{Coverage, Folder};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::kind;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::selection::Choice;
use crate::gui::panel::buckets::state::{Column, Raster, State, UsedBy};
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{Checked, bare_check_box, tooltip};
use crate::gui::words;
use crate::media::{self, format_bytes};

const ROW: f32 = size::TABLE_ROW;
/// Between columns.
const GAP: f32 = 12.0;
/// Least width of names.
const NAME: f32 = 180.0;
/// Rows that stand for what is not listed yet.
const SKELETONS: usize = 3;

/// Where the columns are.
struct Layout {
    check: f32,
    picture: f32,
    /// From, to.
    name: (f32, f32),
    /// Each with its left and its right edge.
    columns: Vec<(Column, f32, f32)>,
}

impl Layout {
    fn new(left: f32, width: f32, state: &State) -> Self {
        let check = left + space::CONTENT - 4.0;
        let picture = left + space::CONTENT + 26.0;
        let name = picture + 24.0 + 8.0;
        let mut right = left + width - space::CONTENT;
        let fitting = state.columns.fitting(right - name - NAME, GAP);
        let mut columns: Vec<_> = fitting
            .into_iter()
            .rev()
            .map(|column| {
                let from = right - state.columns.width(column);
                let place = (column, from, right);
                right = from - GAP;
                place
            })
            .collect();
        columns.reverse();
        Self {
            check,
            picture,
            name: (name, right),
            columns,
        }
    }
}

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let whole = ui.available_rect_before_wrap();
    let layout = Layout::new(whole.left(), whole.width(), state);
    head::show(ui, state, &layout);
    let contents = state.contents();
    let (folders, objects) = (contents.folders.len(), contents.objects.len());
    let more = state.is_listing() && matches!(state.coverage(), Some(Coverage::Partial { .. }));
    let rows = folders + objects + if more { SKELETONS } else { 0 };
    let page = ((ui.available_height() / ROW) as usize).max(1);
    keys::within(ui, state, context, Raster::rows(page));
    let scroll_to = state.scroll_to.take();
    let now = ZonedDateTime::now();
    let top = ui.available_rect_before_wrap().top();

    let mut area = ScrollArea::vertical().id_salt("buckets table").auto_shrink(false);
    if std::mem::take(&mut state.to_top) {
        area = area.vertical_scroll_offset(0.0);
    }
    area.show_viewport(ui, |ui, view| {
        ui.set_height(rows as f32 * ROW + space::CONTENT);
        // What a million rows add up to is more than an `f32` tells apart.
        let row = |place: usize| {
            let y = (place as f64 * f64::from(ROW) - f64::from(view.top())) as f32;
            Rect::from_min_size(pos2(whole.left(), top + y), vec2(whole.width(), ROW))
        };
        if let Some(place) = scroll_to {
            ui.scroll_to_rect(row(place), None);
        }
        let at = |y: f32| (f64::from(y) / f64::from(ROW)).floor().max(0.0) as usize;
        let (from, to) = (at(view.top()).min(rows), (at(view.bottom()) + 1).min(rows));
        let mut open = None;
        for place in from..to {
            let rect = row(place);
            if let Some(folder) = state.contents().folders.get(place).cloned() {
                let has_keyboard = state.folder_cursor() == Some(place) && keys::has_focus(ui);
                let response = folder_row(ui, rect, &layout, &folder, has_keyboard);
                if keys::folder(&response, place, &folder, state, context) {
                    open = Some(folder.prefix);
                }
            } else if let Some(object) = state.contents().objects.get(place - folders).copied() {
                let place = place - folders;
                let response = object_row(ui, rect, &layout, (place, object), &now, state, context);
                keys::pointer(ui, &response, place, object, state, context);
            } else {
                skeleton_row(ui, rect, &layout);
            }
        }
        if let Some(folder) = open {
            state.open_folder(&folder);
        }
    });
}

/// Rows that stand for objects while nothing of a bucket is known.
pub fn skeletons(ui: &mut Ui, state: &mut State) {
    let whole = ui.available_rect_before_wrap();
    let layout = Layout::new(whole.left(), whole.width(), state);
    head::show(ui, state, &layout);
    for place in 0..(whole.height() / ROW) as usize {
        let at = pos2(whole.left(), whole.top() + (place + 1) as f32 * ROW);
        skeleton_row(ui, Rect::from_min_size(at, vec2(whole.width(), ROW)), &layout);
    }
}

/// A text in a row, cut at `to`; answers its right end.
fn put(ui: &Ui, kind: Type, words: &str, color: Color32, from: egui::Pos2, to: f32) -> f32 {
    let galley = ui.painter().layout_job(kind.line(words, color, (to - from.x).max(0.0)));
    let rect = Align2::LEFT_CENTER.anchor_size(from, galley.size());
    ui.painter().galley(rect.min, galley, color);
    rect.right()
}

fn put_right(ui: &Ui, kind: Type, words: &str, color: Color32, to: egui::Pos2, from: f32) {
    let galley = ui.painter().layout_job(kind.line(words, color, (to.x - from).max(0.0)));
    let rect = Align2::RIGHT_CENTER.anchor_size(to, galley.size());
    ui.painter().galley(rect.min, galley, color);
}

fn background(ui: &Ui, rect: Rect, fill: Color32) {
    ui.painter().rect_filled(rect, 0, fill);
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, Tokens::of(ui).line),
    );
}

fn folder_row(ui: &mut Ui, rect: Rect, layout: &Layout, folder: &Folder, has_keyboard: bool) -> Response {
    let t = Tokens::of(ui);
    // Reached with the arrow keys, not one by one with Tab.
    let response = ui.interact(rect, ui.scope_id().with(("folder", &folder.prefix)), Sense::CLICK);
    let name = folder.shown();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), format!("Folder {name}")));
    background(
        ui,
        rect,
        if response.hovered() {
            t.bg3
        } else {
            Color32::TRANSPARENT
        },
    );
    let y = rect.center().y;
    icon::FOLDER
        .filled()
        .paint(ui.painter(), pos2(layout.picture + 12.0, y), size::ICON, t.acc_tx);
    let (from, to) = layout.name;
    let end = put(ui, Type::Small, name, t.tx1, pos2(from, y), to - 90.0);
    let objects = folder.total.objects;
    let count = format!(
        "{} {}",
        media::group_thousands(objects),
        if objects == 1 { "object" } else { "objects" }
    );
    put(ui, Type::Caption, &count, t.tx3, pos2(end + 8.0, y), to);
    for (column, left, right) in &layout.columns {
        match column {
            Column::Size => put_right(ui, Type::MonoSmall, &folder.total.size(), t.tx2, pos2(*right, y), *left),
            Column::Type => _ = put(ui, Type::Small, "Folder", t.tx3, pos2(*left, y), *right),
            Column::Modified | Column::CacheControl | Column::UsedBy => {}
        }
    }
    if has_keyboard {
        ui.painter()
            .rect_stroke(rect, 0, Stroke::new(2.0, t.acc_tx), StrokeKind::Inside);
    }
    response
}

fn object_row(
    ui: &mut Ui,
    rect: Rect,
    layout: &Layout,
    (place, object): (usize, u32),
    now: &ZonedDateTime,
    state: &mut State,
    context: &mut PanelContext<'_>,
) -> Response {
    let t = Tokens::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("object", object)), Sense::CLICK);
    let (Some(bucket), Some(entry)) = (state.bucket(), state.entry(object)) else {
        return response;
    };
    let selected = state.selection().contains(object);
    let hovered = response.contains_pointer();
    let name = spoken(&entry);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), selected, &name));
    background(
        ui,
        rect,
        match (selected, hovered) {
            (true, _) => t.acc_bg,
            (false, true) => t.bg3,
            (false, false) => Color32::TRANSPARENT,
        },
    );
    let y = rect.center().y;
    let picture = Rect::from_min_size(pos2(layout.picture, y - 9.0), vec2(24.0, 18.0));
    thumb::show(ui, picture, radius::MINI, bucket, &entry, context);
    let (from, to) = layout.name;
    let folder = if state.is_deep() { entry.folder() } else { "" };
    let room = if folder.is_empty() {
        to
    } else {
        from + (to - from) * 0.66
    };
    let end = put(ui, Type::Mono, entry_name(&entry), t.tx1, pos2(from, y), room);
    put(ui, Type::Caption, folder, t.tx3, pos2(end + 8.0, y), to);
    for (column, left, right) in &layout.columns {
        value(ui, rect, *column, (*left, *right), &entry, now, state);
    }
    let is_cursor = state.folder_cursor().is_none() && state.selection().cursor() == Some(object);
    if keys::has_focus(ui) && is_cursor {
        ui.painter()
            .rect_stroke(rect, 0, Stroke::new(2.0, t.acc_tx), StrokeKind::Inside);
    }
    if selected || hovered {
        let at = Rect::from_min_size(pos2(layout.check, rect.top() + 2.0), vec2(24.0, 24.0));
        let mark = if selected { Checked::Yes } else { Checked::No };
        let label = format!("Select {}", entry_name(&entry));
        let check = ui
            .scope_builder(UiBuilder::new().max_rect(at).id_salt(("check", object)), |ui| {
                bare_check_box(ui, &label, mark)
            })
            .inner;
        if check.clicked() {
            state.choose(place, Choice::Toggle);
        }
    }
    response
}

/// What a column says of an object.
fn value(
    ui: &mut Ui,
    row: Rect,
    column: Column,
    (left, right): (f32, f32),
    entry: &Entry,
    now: &ZonedDateTime,
    state: &State,
) {
    let t = Tokens::of(ui);
    let y = row.center().y;
    match column {
        Column::Size => {
            let bytes = entry.size.map_or_else(|| "–".to_owned(), format_bytes);
            put_right(ui, Type::MonoSmall, &bytes, t.tx2, pos2(right, y), left);
        }
        Column::Type => kind_cell(ui, row, left, right, entry),
        Column::Modified => {
            let time = entry.modified.map(|time| words::short_time(time, now));
            let time = time.as_deref().unwrap_or("–");
            put(ui, Type::Small, time, t.tx2, pos2(left, y), right);
        }
        Column::CacheControl => {
            let rule = entry.cache_control.as_deref().unwrap_or("–");
            put(ui, Type::MonoSmall, rule, t.tx2, pos2(left, y), right);
        }
        Column::UsedBy => {
            let (words, color) = match state.used_by(&entry.key) {
                UsedBy::Unknown | UsedBy::Elsewhere => ("–".to_owned(), t.tx3),
                UsedBy::Nobody => ("Unused".to_owned(), t.tx3),
                UsedBy::Scenes(many) => (words::count(many, "scene", "scenes"), t.tx1),
            };
            put(ui, Type::Small, &words, color, pos2(left, y), right);
        }
    }
}

fn kind_cell(ui: &mut Ui, rect: Rect, x: f32, to: f32, entry: &Entry) {
    let t = Tokens::of(ui);
    let declared = entry.content_type.as_deref().unwrap_or("–");
    let Some(named) = kind::mismatch(entry.name(), entry.content_type.as_deref()) else {
        put(ui, Type::MonoSmall, declared, t.tx2, pos2(x, rect.center().y), to);
        return;
    };
    icon::WARNING.filled().paint(
        ui.painter(),
        pos2(x + 7.0, rect.center().y),
        size::ICON_SMALL,
        t.warn_fill,
    );
    put(
        ui,
        Type::MonoSmall,
        declared,
        t.warn,
        pos2(x + 18.0, rect.center().y),
        to,
    );
    let at = Rect::from_min_max(pos2(x, rect.top()), pos2(to, rect.bottom()));
    let response = ui.interact(at, ui.scope_id().with(("type", &entry.key)), Sense::hover());
    tooltip(response, &format!("Declared {declared}; the name promises {named}"));
}

/// A row of something that is not listed yet.
fn skeleton_row(ui: &Ui, rect: Rect, layout: &Layout) {
    let t = Tokens::of(ui);
    background(ui, rect, Color32::TRANSPARENT);
    let y = rect.center().y;
    let bar = |left: f32, width: f32| {
        let at = Rect::from_min_size(pos2(left, y - 4.0), vec2(width, 8.0));
        ui.painter().rect_filled(at, radius::BADGE, t.bg3);
    };
    let picture = Rect::from_min_size(pos2(layout.picture, y - 9.0), vec2(24.0, 18.0));
    ui.painter().rect_filled(picture, radius::MINI, t.bg3);
    bar(layout.name.0, (layout.name.1 - layout.name.0) * 0.5);
    for (_, left, right) in &layout.columns {
        bar(*left, (right - left) * 0.6);
    }
}
