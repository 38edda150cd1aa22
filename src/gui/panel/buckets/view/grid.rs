//! Objects as pictures, below cards of the folders. Only what is in view is drawn.

use egui::epaint::StrokeKind;
use egui::{Align2, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use jiff::{SignedDuration, Timestamp};

use super::{keys, thumb};
use crate::catalog::Folder;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::kind;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::state::{Raster, State, UsedBy};
use crate::gui::theme::{Tokens, Tone, Type, radius, size, space};
use crate::gui::widget::{Badge, text, tooltip};
use crate::media::{self, format_bytes};

const GAP: f32 = 4.0;
const CELL_MIN: f32 = 140.0;
const PADDING: f32 = 5.0;
const TEXT: f32 = 46.0;
const FOLDER: f32 = 36.0;
const FOLDER_MIN: f32 = 180.0;
const FOLDER_GAP: f32 = 8.0;
/// The grid stands a little outside of the content's margin, so that pictures line up with the words above.
const SIDE: f32 = space::CONTENT - PADDING;
/// How long an object is new after it was first stored.
const NEW: SignedDuration = SignedDuration::from_mins(15);

/// Where everything is, from the top of what scrolls.
#[derive(Clone, Copy, Debug)]
struct Places {
    width: f32,
    folder_columns: usize,
    folder_rows: usize,
    columns: usize,
    rows: usize,
    cell: Vec2,
}

impl Places {
    fn new(width: f32, folders: usize, objects: usize) -> Self {
        let fit = |width: f32, least: f32, gap: f32| (((width + gap) / (least + gap)).floor() as usize).max(1);
        let inner = width - 2.0 * SIDE;
        let columns = fit(inner, CELL_MIN, GAP);
        let cell_width = (inner - GAP * (columns - 1) as f32) / columns as f32;
        let picture = (cell_width - 2.0 * PADDING) * 0.75;
        let folder_columns = fit(width - 2.0 * space::CONTENT, FOLDER_MIN, FOLDER_GAP);
        Self {
            width,
            folder_columns,
            folder_rows: folders.div_ceil(folder_columns),
            columns,
            rows: objects.div_ceil(columns),
            cell: vec2(cell_width, (PADDING + picture + TEXT).round()),
        }
    }

    fn folders_height(&self) -> f32 {
        if self.folder_rows == 0 {
            0.0
        } else {
            self.folder_rows as f32 * (FOLDER + FOLDER_GAP)
        }
    }

    fn height(&self) -> f32 {
        self.folders_height() + self.rows as f32 * (self.cell.y + GAP) + space::CONTENT
    }

    /// Where a folder is, from the left of the grid and the top of what is in view. What a million objects add up to is
    /// more than an `f32` tells apart.
    fn folder(&self, place: usize, view: Rect) -> Rect {
        let inner = self.width - 2.0 * space::CONTENT;
        let width = (inner - FOLDER_GAP * (self.folder_columns - 1) as f32) / self.folder_columns as f32;
        let (row, column) = (place / self.folder_columns, place % self.folder_columns);
        let at = pos2(
            space::CONTENT + column as f32 * (width + FOLDER_GAP),
            (row as f64 * f64::from(FOLDER + FOLDER_GAP) - f64::from(view.top())) as f32,
        );
        Rect::from_min_size(at, vec2(width, FOLDER))
    }

    /// Where an object is.
    fn object(&self, place: usize, view: Rect) -> Rect {
        let (row, column) = (place / self.columns, place % self.columns);
        let at = pos2(
            SIDE + column as f32 * (self.cell.x + GAP),
            (f64::from(self.folders_height()) + row as f64 * f64::from(self.cell.y + GAP) - f64::from(view.top()))
                as f32,
        );
        Rect::from_min_size(at, self.cell)
    }

    /// The places of `columns` a row, `height` each, that are in view.
    fn in_view(view: Rect, top: f32, height: f32, columns: usize, many: usize) -> std::ops::Range<usize> {
        let row = |y: f32| ((f64::from(y) - f64::from(top)) / f64::from(height)).floor().max(0.0) as usize;
        let from = (row(view.top()) * columns).min(many);
        let to = ((row(view.bottom()) + 1) * columns).min(many);
        from..to.max(from)
    }
}

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let contents = state.contents();
    let (folders, objects) = (contents.folders.len(), contents.objects.len());
    let places = Places::new(ui.available_width(), folders, objects);
    let raster = Raster {
        folder_columns: places.folder_columns,
        columns: places.columns,
        page: ((ui.available_height() / (places.cell.y + GAP)) as usize).max(1),
    };
    keys::within(ui, state, context, raster);
    let scroll_to = state.scroll_to.take();
    let corner = ui.available_rect_before_wrap().min.to_vec2();
    let now = Timestamp::now();

    let mut area = ScrollArea::vertical().id_salt("buckets grid").auto_shrink(false);
    if std::mem::take(&mut state.to_top) {
        area = area.vertical_scroll_offset(0.0);
    }
    area.show_viewport(ui, |ui, view| {
        ui.set_height(places.height());
        ui.set_width(places.width);
        if let Some(place) = scroll_to {
            let rect = match place.checked_sub(folders) {
                None => places.folder(place, view),
                Some(place) => places.object(place, view),
            };
            ui.scroll_to_rect(rect.translate(corner).expand(GAP), None);
        }
        let mut open = None;
        let shown = Places::in_view(view, 0.0, FOLDER + FOLDER_GAP, places.folder_columns, folders);
        for place in shown {
            let Some(folder) = state.contents().folders.get(place).cloned() else {
                break;
            };
            let has_keyboard = state.folder_cursor() == Some(place) && keys::has_focus(ui);
            let response = folder_card(ui, places.folder(place, view).translate(corner), &folder, has_keyboard);
            if keys::folder(&response, place, &folder, state, context) {
                open = Some(folder.prefix);
            }
        }
        let shown = Places::in_view(
            view,
            places.folders_height(),
            places.cell.y + GAP,
            places.columns,
            objects,
        );
        for place in shown {
            let Some(object) = state.contents().objects.get(place).copied() else {
                break;
            };
            let rect = places.object(place, view).translate(corner);
            let response = object_cell(ui, rect, object, now, state, context);
            keys::pointer(ui, &response, place, object, state, context);
        }
        if let Some(folder) = open {
            state.open_folder(&folder);
        }
    });
}

fn folder_card(ui: &mut Ui, rect: Rect, folder: &Folder, has_keyboard: bool) -> Response {
    let t = Tokens::of(ui);
    let id = ui.scope_id().with(("folder", &folder.prefix));
    // Reached with the arrow keys, not one by one with Tab.
    let response = ui.interact(rect, id, Sense::CLICK);
    let name = folder.shown();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), format!("Folder {name}")));
    let fill = if response.hovered() { t.bg3 } else { t.bg2 };
    ui.painter()
        .rect(rect, radius::CARD, fill, Stroke::new(1.0, t.line), StrokeKind::Inside);
    if has_keyboard {
        ui.painter()
            .rect_stroke(rect, radius::CARD, Stroke::new(2.0, t.acc_tx), StrokeKind::Inside);
    }
    icon::FOLDER.filled().paint(
        ui.painter(),
        pos2(rect.left() + 20.0, rect.center().y),
        size::ICON,
        t.acc_tx,
    );
    let count = media::group_thousands(folder.total.objects);
    let facts = format!("{count} · {}", folder.total.size());
    let galley = ui
        .painter()
        .layout_job(Type::Caption.line(facts, t.tx3, rect.width() * 0.6));
    let right = rect.right() - 12.0 - galley.size().x;
    let at = Align2::LEFT_CENTER
        .anchor_size(pos2(right, rect.center().y), galley.size())
        .min;
    ui.painter().galley(at, galley, t.tx3);
    let galley = ui
        .painter()
        .layout_job(Type::Small.line(name, t.tx1, right - rect.left() - 46.0));
    let cut = galley.elided;
    let at = Align2::LEFT_CENTER
        .anchor_size(pos2(rect.left() + 36.0, rect.center().y), galley.size())
        .min;
    ui.painter().galley(at, galley, t.tx1);
    if cut { tooltip(response, name) } else { response }
}

fn object_cell(
    ui: &mut Ui,
    rect: Rect,
    object: u32,
    now: Timestamp,
    state: &State,
    context: &mut PanelContext<'_>,
) -> Response {
    let t = Tokens::of(ui);
    // Reached with the arrow keys, not one by one with Tab.
    let response = ui.interact(rect, ui.scope_id().with(("object", object)), Sense::CLICK);
    let (Some(bucket), Some(entry)) = (state.bucket(), state.entry(object)) else {
        return response;
    };
    let entry = &entry;
    let selected = state.selection().contains(object);
    let name = spoken(entry);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), selected, &name));
    if selected {
        ui.painter().rect(
            rect,
            radius::CARD,
            t.acc_bg,
            Stroke::new(2.0, t.acc_tx),
            StrokeKind::Inside,
        );
    } else if response.hovered() {
        ui.painter().rect_filled(rect, radius::CARD, t.bg3);
    }
    let picture = Rect::from_min_size(
        rect.min + Vec2::splat(PADDING),
        vec2(rect.width() - 2.0 * PADDING, rect.height() - PADDING - TEXT),
    );
    thumb::show(ui, picture, radius::CONTROL, bucket, entry, context);
    if selected && state.selection().len() > 1 {
        let mark = Rect::from_min_size(picture.min + vec2(6.0, 6.0), vec2(16.0, 16.0));
        ui.painter().rect_filled(mark, radius::BADGE, t.acc);
        icon::CHECK.paint(ui.painter(), mark.center(), size::ICON_BADGE, t.on_fill);
    }
    let words = Rect::from_min_max(
        pos2(picture.left() + 1.0, picture.bottom() + 5.0),
        pos2(picture.right() - 1.0, rect.bottom()),
    );
    let line = |top: f32, height: f32| Rect::from_min_size(words.min + vec2(0.0, top), vec2(words.width(), height));
    ui.scope_builder(egui::UiBuilder::new().max_rect(line(0.0, 16.0)), |ui| {
        text::key(ui, Type::MonoSmall, entry_name(entry), t.tx1)
    });
    let facts = line(18.0, 18.0);
    let size_text = entry.size.map_or_else(|| "Size unknown".to_owned(), format_bytes);
    let galley = ui
        .painter()
        .layout_job(Type::Caption.line(size_text, t.tx3, facts.width()));
    let at = Align2::LEFT_CENTER.anchor_size(facts.left_center(), galley.size()).min;
    ui.painter().galley(at, galley, t.tx3);
    if let Some(badge) = badge(entry, now, state.used_by(&entry.key)) {
        let at = Rect::from_min_size(
            pos2(facts.right() - badge.width(ui), facts.top()),
            vec2(badge.width(ui), size::BADGE),
        );
        ui.scope_builder(egui::UiBuilder::new().max_rect(at), |ui| ui.add(badge));
    }
    let is_cursor = state.folder_cursor().is_none() && state.selection().cursor() == Some(object);
    if keys::has_focus(ui) && is_cursor && !selected {
        ui.painter()
            .rect_stroke(rect, radius::CARD, Stroke::new(2.0, t.acc_tx), StrokeKind::Inside);
    }
    response
}

/// The one fact about an object that is worth a badge; the usual has none.
fn badge(entry: &Entry, now: Timestamp, used_by: UsedBy) -> Option<Badge<'static>> {
    if kind::mismatch(entry.name(), entry.content_type.as_deref()).is_some() {
        return Some(Badge::new(Tone::Warn, "Type").icon(icon::WARNING));
    }
    let age = entry.created.map(|created| now.duration_since(created));
    if age.is_some_and(|age| !age.is_negative() && age < NEW) {
        return Some(Badge::new(Tone::Accent, "New"));
    }
    let is_picture = kind::may_be_picture(entry.name(), entry.content_type.as_deref());
    (used_by == UsedBy::Nobody && is_picture).then(|| Badge::new(Tone::Neutral, "Unused").icon(icon::CIRCLE_DASHED))
}

/// The name to show; of a key that ends with `/` the key, which says what it is.
pub(super) fn entry_name(entry: &Entry) -> &str {
    if entry.name().is_empty() {
        &entry.key
    } else {
        entry.name()
    }
}

/// What assistive technology says of an object.
pub(super) fn spoken(entry: &Entry) -> String {
    match entry.size {
        Some(size) => format!("{}, {}", entry_name(entry), format_bytes(size)),
        None => entry_name(entry).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_view_is_drawn() {
        let places = Places::new(760.0, 3, 100_000);
        assert_eq!((places.columns, places.folder_columns), (5, 3));
        let step = places.cell.y + GAP;
        let view = Rect::from_min_size(
            pos2(0.0, places.folders_height() + 1_000.0 * step + 1.0),
            vec2(760.0, 500.0),
        );
        let shown = Places::in_view(view, places.folders_height(), step, places.columns, 100_000);
        assert_eq!(shown.start, 5_000);
        assert!(shown.len() <= 25, "{shown:?}");
        let above = Rect::from_min_size(pos2(0.0, 0.0), vec2(760.0, 20.0));
        assert_eq!(Places::in_view(above, 0.0, step, places.columns, 0), 0..0);
    }

    #[test]
    fn cells_fill_the_width_and_do_not_overlap() {
        for width in [200.0, 468.0, 760.0, 3_000.0] {
            let places = Places::new(width, 0, 50);
            let top = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, 500.0));
            let last = places.object(places.columns - 1, top);
            assert!((last.right() - (width - SIDE)).abs() < 0.5, "{width}");
            assert!(places.columns == 1 || places.cell.x >= CELL_MIN);
            assert!(places.object(places.columns, top).top() > last.bottom());
        }
    }

    #[test]
    fn far_down_rows_still_stand_at_the_same_distance() {
        let places = Places::new(760.0, 3, 1_000_000);
        let far = places.height() - 700.0;
        assert!(far > 16_777_216.0, "further than an f32 tells points apart");
        let view = Rect::from_min_size(pos2(0.0, far), vec2(760.0, 500.0));
        let shown = Places::in_view(
            view,
            places.folders_height(),
            places.cell.y + GAP,
            places.columns,
            1_000_000,
        );
        let tops: Vec<f32> = shown
            .step_by(places.columns)
            .map(|place| places.object(place, view).top())
            .collect();
        assert!(tops.len() > 2);
        for pair in tops.windows(2) {
            assert!((pair[1] - pair[0] - places.cell.y - GAP).abs() < 0.01, "{tops:?}");
        }
    }
}
