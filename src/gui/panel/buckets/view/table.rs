//! Objects as rows, below the folders. Only what is in view is drawn.

use egui::{
    Align2, Color32, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use jiff::ZonedDateTime;

use super::grid::{entry_name, spoken};
use super::{keys, thumb};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::kind;
use crate::gui::panel::buckets::listing::{Entry, Folder, SortBy};
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{Checked, bare_check_box, tooltip};
use crate::gui::words;
use crate::media::format_bytes;

const ROW: f32 = size::TABLE_ROW;

/// Where the columns are.
#[derive(Clone, Copy)]
struct Columns {
    check: f32,
    picture: f32,
    name: (f32, f32),
    /// Right edge.
    size: f32,
    kind: Option<f32>,
    modified: Option<f32>,
    right: f32,
}

impl Columns {
    fn new(left: f32, width: f32) -> Self {
        let right = left + width - space::CONTENT;
        let modified = (width >= 480.0).then_some(right - 88.0);
        let kind = (width >= 580.0).then_some(right - 88.0 - 112.0);
        let after = kind.or(modified).unwrap_or(right + 12.0);
        let size = after - 12.0;
        let name = left + space::CONTENT + 24.0 + 24.0 + 8.0 + 4.0;
        Self {
            check: left + space::CONTENT - 4.0,
            picture: left + space::CONTENT + 26.0,
            name: (name, size - 76.0),
            size,
            kind,
            modified,
            right,
        }
    }
}

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let whole = ui.available_rect_before_wrap();
    let columns = Columns::new(whole.left(), whole.width());
    head(ui, state, columns);
    let contents = state.contents();
    let (folders, objects) = (contents.folders.len(), contents.objects.len());
    let page = ((ui.available_height() / ROW) as usize).max(1);
    keys::within(ui, state, context, 1, page);
    let scroll_to = state.scroll_to.take();
    let now = ZonedDateTime::now();

    ScrollArea::vertical()
        .id_salt("buckets table")
        .auto_shrink(false)
        .show_viewport(ui, |ui, view| {
            ui.set_height((folders + objects) as f32 * ROW + space::CONTENT);
            let origin = ui.max_rect().min;
            let row = |place: usize| {
                Rect::from_min_size(
                    pos2(whole.left(), origin.y + place as f32 * ROW),
                    vec2(whole.width(), ROW),
                )
            };
            if let Some(place) =
                scroll_to.and_then(|index| state.contents().objects.iter().position(|object| *object == index))
            {
                ui.scroll_to_rect(row(folders + place), None);
            }
            let from = ((view.top() / ROW).floor().max(0.0) as usize).min(folders + objects);
            let to = ((view.bottom() / ROW).floor().max(0.0) as usize + 1).min(folders + objects);
            let mut open = None;
            for place in from..to {
                let rect = row(place);
                if place < folders {
                    let folder = &state.contents().folders[place];
                    if folder_row(ui, rect, columns, folder) {
                        open = Some(folder.prefix.clone());
                    }
                } else {
                    let index = state.contents().objects[place - folders];
                    let response = object_row(ui, rect, columns, index, &now, state, context);
                    keys::pointer(ui, &response, index, state, context);
                }
            }
            if let Some(folder) = open {
                state.open_folder(&folder);
            }
        });
}

fn head(ui: &mut Ui, state: &mut State, columns: Columns) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t.line));
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    let (chosen, shown) = (state.selection().len(), state.contents().objects.len());
    let (mark, name) = match chosen {
        0 => (Checked::No, "Select all"),
        _ if chosen >= shown => (Checked::Yes, "Select none"),
        _ => (Checked::Some, "Select all"),
    };
    let at = Rect::from_min_size(pos2(columns.check, rect.top() + 2.0), vec2(24.0, 24.0));
    let check = ui
        .scope_builder(UiBuilder::new().max_rect(at), |ui| bare_check_box(ui, name, mark))
        .inner;
    if check.clicked() {
        if mark == Checked::Yes {
            state.choose_none();
        } else {
            state.choose_all();
        }
    }
    title(
        ui,
        state,
        SortBy::Name,
        Align2::LEFT_CENTER,
        pos2(columns.picture, rect.center().y),
    );
    title(
        ui,
        state,
        SortBy::Size,
        Align2::RIGHT_CENTER,
        pos2(columns.size, rect.center().y),
    );
    if let Some(x) = columns.kind {
        title(ui, state, SortBy::Type, Align2::LEFT_CENTER, pos2(x, rect.center().y));
    }
    if let Some(x) = columns.modified {
        title(
            ui,
            state,
            SortBy::Modified,
            Align2::LEFT_CENTER,
            pos2(x, rect.center().y),
        );
    }
}

/// The title of a column: a click sorts by it, another one turns the order around.
fn title(ui: &mut Ui, state: &mut State, by: SortBy, align: Align2, at: egui::Pos2) {
    let t = Tokens::of(ui);
    let chosen = state.order.by == by;
    let galley = ui
        .painter()
        .layout_job(Type::SmallStrong.line(by.words(), Color32::PLACEHOLDER, f32::INFINITY));
    let arrow = if chosen { 16.0 } else { 0.0 };
    let rect = align.anchor_size(at, vec2(galley.size().x + arrow, size::SMALL));
    let response = ui.interact(rect, ui.scope_id().with(("sort", by)), Sense::click());
    let spoken = match (chosen, state.order.descending) {
        (false, _) => format!("Sort by {}", by.words()),
        (true, false) => format!("Sorted by {}, ascending", by.words()),
        (true, true) => format!("Sorted by {}, descending", by.words()),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &spoken));
    let color = if chosen || response.hovered() { t.tx1 } else { t.tx2 };
    let width = galley.size().x;
    let from = Align2::LEFT_CENTER.anchor_size(rect.left_center(), galley.size()).min;
    ui.painter().galley_with_override_text_color(from, galley, color);
    if chosen {
        let sign = if state.order.descending {
            icon::ARROW_DOWN
        } else {
            icon::ARROW_UP
        };
        sign.paint(
            ui.painter(),
            pos2(rect.left() + width + 9.0, rect.center().y),
            size::ICON_BADGE,
            color,
        );
    }
    if response.has_focus() {
        ui.painter().rect_stroke(
            rect.expand(2.0),
            radius::BADGE,
            Stroke::new(2.0, t.acc_tx),
            StrokeKind::Outside,
        );
    }
    if response.clicked() {
        if chosen {
            state.order.descending = !state.order.descending;
        } else {
            state.order.by = by;
            // The newest and the largest are what one looks for.
            state.order.descending = matches!(by, SortBy::Size | SortBy::Modified);
        }
    }
}

/// A text in a row, cut at `to`; answers its right end.
fn put(ui: &Ui, kind: Type, words: &str, color: Color32, from: egui::Pos2, to: f32) -> f32 {
    let galley = ui.painter().layout_job(kind.line(words, color, (to - from.x).max(0.0)));
    let rect = Align2::LEFT_CENTER.anchor_size(from, galley.size());
    ui.painter().galley(rect.min, galley, color);
    rect.right()
}

fn put_right(ui: &Ui, kind: Type, words: &str, color: Color32, to: egui::Pos2) {
    let galley = ui.painter().layout_job(kind.line(words, color, f32::INFINITY));
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

fn folder_row(ui: &mut Ui, rect: Rect, columns: Columns, folder: &Folder) -> bool {
    let t = Tokens::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("folder", &folder.prefix)), Sense::click());
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
        .paint(ui.painter(), pos2(columns.picture + 12.0, y), size::ICON, t.acc_tx);
    let end = put(
        ui,
        Type::Small,
        name,
        t.tx1,
        pos2(columns.name.0, y),
        columns.name.1 - 70.0,
    );
    let count = words::count(folder.total.objects, "object", "objects");
    put(ui, Type::Caption, &count, t.tx3, pos2(end + 8.0, y), columns.name.1);
    put_right(ui, Type::MonoSmall, &folder.total.size(), t.tx2, pos2(columns.size, y));
    if let Some(x) = columns.kind {
        put(
            ui,
            Type::Small,
            "Folder",
            t.tx3,
            pos2(x, y),
            columns.modified.unwrap_or(columns.right),
        );
    }
    if response.has_focus() {
        ui.painter()
            .rect_stroke(rect, 0, Stroke::new(2.0, t.acc_tx), StrokeKind::Inside);
    }
    response.clicked()
}

fn object_row(
    ui: &mut Ui,
    rect: Rect,
    columns: Columns,
    index: u32,
    now: &ZonedDateTime,
    state: &mut State,
    context: &mut PanelContext<'_>,
) -> Response {
    let t = Tokens::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("object", index)), Sense::CLICK);
    let (Some(bucket), Some(entry)) = (state.bucket(), state.listing().and_then(|listing| listing.entry(index))) else {
        return response;
    };
    let selected = state.selection().contains(index);
    let hovered = response.contains_pointer();
    let name = spoken(entry);
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
    let picture = Rect::from_min_size(pos2(columns.picture, y - 9.0), vec2(24.0, 18.0));
    thumb::show(ui, picture, radius::MINI, bucket, entry, context);
    let folder = if state.is_search() { entry.folder() } else { "" };
    let room = if folder.is_empty() {
        columns.name.1
    } else {
        columns.name.0 + (columns.name.1 - columns.name.0) * 0.66
    };
    let end = put(ui, Type::Mono, entry_name(entry), t.tx1, pos2(columns.name.0, y), room);
    put(ui, Type::Caption, folder, t.tx3, pos2(end + 8.0, y), columns.name.1);
    let bytes = entry.size.map_or_else(|| "–".to_owned(), format_bytes);
    put_right(ui, Type::MonoSmall, &bytes, t.tx2, pos2(columns.size, y));
    if let Some(x) = columns.kind {
        kind_cell(ui, rect, x, columns.modified.unwrap_or(columns.right) - 8.0, entry);
    }
    if let Some(x) = columns.modified {
        let time = entry
            .modified
            .map_or_else(|| "–".to_owned(), |time| words::short_time(time, now));
        put(ui, Type::Small, &time, t.tx2, pos2(x, y), columns.right);
    }
    if keys::has_focus(ui) && state.selection().cursor() == Some(index) {
        ui.painter()
            .rect_stroke(rect, 0, Stroke::new(2.0, t.acc_tx), StrokeKind::Inside);
    }
    if selected || hovered {
        let at = Rect::from_min_size(pos2(columns.check, rect.top() + 2.0), vec2(24.0, 24.0));
        let mark = if selected { Checked::Yes } else { Checked::No };
        let label = format!("Select {}", entry_name(entry));
        let check = ui
            .scope_builder(UiBuilder::new().max_rect(at).id_salt(("check", index)), |ui| {
                bare_check_box(ui, &label, mark)
            })
            .inner;
        if check.clicked() {
            state.choose(index, crate::gui::panel::buckets::selection::Choice::Toggle);
        }
    }
    response
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
