//! The titles over the columns: a click sorts, the edge between two of them is dragged.

use egui::{
    Align2, Color32, CursorIcon, Key, Modifiers, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::{GAP, Layout, ROW};
use crate::catalog::SortBy;
use crate::gui::icon;
use crate::gui::panel::buckets::state::{Column, State};
use crate::gui::theme::{Tokens, Type, radius, size};
use crate::gui::widget::{Checked, bare_check_box};

/// How much wider a column becomes with a press of a key.
const BY_KEY: f32 = 8.0;

pub fn show(ui: &mut Ui, state: &mut State, layout: &Layout) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    for y in [rect.top() + 0.5, rect.bottom() - 0.5] {
        ui.painter().hline(rect.x_range(), y, Stroke::new(1.0, t.line));
    }
    let (chosen, shown) = (state.selection().len(), state.contents().objects.len());
    let (mark, name) = match chosen {
        0 => (Checked::No, "Select all"),
        _ if chosen >= shown => (Checked::Yes, "Select none"),
        _ => (Checked::Some, "Select all"),
    };
    let at = Rect::from_min_size(pos2(layout.check, rect.top() + 2.0), vec2(24.0, 24.0));
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
    let y = rect.center().y;
    title(
        ui,
        state,
        SortBy::Name,
        Align2::LEFT_CENTER,
        (pos2(layout.picture, y), layout.name.1),
    );
    for (column, left, right) in &layout.columns {
        if column.is_right() {
            title(ui, state, column.sort(), Align2::RIGHT_CENTER, (pos2(*right, y), *left));
        } else {
            title(ui, state, column.sort(), Align2::LEFT_CENTER, (pos2(*left, y), *right));
        }
        edge(ui, state, *column, pos2(left - GAP * 0.5, y));
    }
    // The check box, which is not as tall, would let the rows begin too high.
    ui.advance_cursor_after_rect(rect);
}

/// The title of a column: a click sorts by it, another one turns the order around. `to` is its other edge.
fn title(ui: &mut Ui, state: &mut State, by: SortBy, align: Align2, (at, to): (Pos2, f32)) {
    let t = Tokens::of(ui);
    let chosen = state.order.by == by;
    let arrow = if chosen { 16.0 } else { 0.0 };
    let most = ((to - at.x).abs() - arrow).max(0.0);
    let galley = ui
        .painter()
        .layout_job(Type::SmallStrong.line(by.words(), Color32::PLACEHOLDER, most));
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
        let at = pos2(rect.left() + width + 9.0, rect.center().y);
        sign.paint(ui.painter(), at, size::ICON_BADGE, color);
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
        state.sort(by);
    }
}

/// The left edge of a column: dragged, or moved with the arrow keys, it makes the column wider or narrower; a double click
/// makes it as wide as it was.
fn edge(ui: &Ui, state: &mut State, column: Column, at: Pos2) {
    let t = Tokens::of(ui);
    let rect = Rect::from_center_size(at, vec2(6.0, ROW));
    let response = ui.interact(rect, ui.scope_id().with(("edge", column)), Sense::click_and_drag());
    let name = format!("Width of {}", column.words());
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(state.columns.width(column)), &name));
    if response.dragged() {
        state.columns.widen(column, -response.drag_delta().x);
    }
    if response.double_clicked() {
        state.columns.reset(column);
    }
    if response.has_focus() {
        let by = ui.input_mut(|input| {
            let mut pressed = |key| input.count_and_consume_key(Modifiers::NONE, key) as f32;
            pressed(Key::ArrowLeft) - pressed(Key::ArrowRight)
        });
        if by != 0.0 {
            state.columns.widen(column, by * BY_KEY);
        }
        let filter = egui::EventFilter {
            horizontal_arrows: true,
            ..egui::EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    }
    let shown = response.hovered() || response.dragged() || response.has_focus();
    if shown {
        let color = if response.has_focus() || response.dragged() {
            t.acc_tx
        } else {
            t.line2
        };
        ui.painter()
            .vline(at.x, rect.y_range().shrink(4.0), Stroke::new(2.0, color));
        ui.set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
}
