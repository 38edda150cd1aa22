//! Switches, check boxes and radio buttons, with their words.

use egui::emath::easing;
use egui::epaint::StrokeKind;
use egui::{Color32, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, lerp, pos2, vec2};

use super::paint;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Type, motion, radius, size};

/// A switch with its words at the left, over the whole width: settings that take effect at once.
pub fn toggle_row(ui: &mut Ui, words: &str, on: &mut bool) -> Response {
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, size::SMALL), Sense::click());
    flip(&mut response, on);
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), *on, words));
    let galley = paint::line(ui, Type::Small, words, t.tx1, width - 44.0);
    paint::galley_left(ui.painter(), rect.left(), rect.center().y, galley, t.tx1);
    let at = Rect::from_center_size(pos2(rect.right() - 16.0, rect.center().y), vec2(32.0, 18.0));
    paint_switch(ui, at, &response, *on);
    response
}

/// A switch alone; `name` is for assistive technology.
pub fn toggle(ui: &mut Ui, name: &str, on: &mut bool) -> Response {
    let (rect, mut response) = ui.allocate_exact_size(vec2(32.0, size::SMALL), Sense::click());
    flip(&mut response, on);
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), *on, name));
    paint_switch(
        ui,
        Rect::from_center_size(rect.center(), vec2(32.0, 18.0)),
        &response,
        *on,
    );
    response
}

/// What a check box shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// None.
    No,
    /// All.
    Yes,
    /// Some of the things it stands for.
    Some,
}

/// A check box with its words; empty words for one that a row names (then give `name`).
pub fn check_box(ui: &mut Ui, words: &str, checked: &mut bool) -> Response {
    let state = if *checked { Checked::Yes } else { Checked::No };
    let mut response = check_mark(ui, words, words, state);
    flip(&mut response, checked);
    response
}

/// A check box without words, drawn in `state`. The caller reacts to `clicked()`.
pub fn bare_check_box(ui: &mut Ui, name: &str, state: Checked) -> Response {
    check_mark(ui, name, "", state)
}

/// A radio button with its words and a quiet line below them. The caller reacts to `clicked()`.
pub fn radio(ui: &mut Ui, words: &str, detail: &str, chosen: bool) -> Response {
    let t = Tokens::of(ui);
    let height = if detail.is_empty() { size::SMALL } else { 36.0 };
    let words_galley = paint::whole_line(ui, Type::Strong, words, t.tx1);
    let detail_galley = paint::whole_line(ui, Type::Caption, detail, t.tx3);
    let width = 24.0 + words_galley.size().x.max(detail_galley.size().x);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), chosen, words));
    let line = rect.top() + if detail.is_empty() { height * 0.5 } else { 10.0 };
    let center = pos2(rect.left() + 8.0, line);
    if chosen {
        ui.painter().circle_filled(center, 8.0, t.acc);
        ui.painter().circle_filled(center, 3.0, t.on_fill);
    } else {
        ui.painter()
            .circle(center, 7.25, t.input, Stroke::new(1.5, edge(ui, &response)));
    }
    paint::galley_left(ui.painter(), rect.left() + 24.0, line, words_galley, t.tx1);
    if !detail.is_empty() {
        paint::galley_left(ui.painter(), rect.left() + 24.0, line + 17.0, detail_galley, t.tx3);
    }
    paint::focus_ring(ui, &response, radius::CONTROL);
    response
}

fn flip(response: &mut Response, value: &mut bool) {
    if response.clicked() {
        *value = !*value;
        response.mark_changed();
    }
}

fn edge(ui: &Ui, response: &Response) -> Color32 {
    let t = Tokens::of(ui);
    if response.hovered() { t.tx2 } else { t.tx3 }
}

fn paint_switch(ui: &Ui, rect: Rect, response: &Response, on: bool) {
    let t = Tokens::of(ui);
    let duration = motion::time(ui, motion::OPEN);
    let at = ui.animate_bool_with_time_and_easing(response.id, on, duration, easing::cubic_out);
    let off = if response.hovered() { t.line2 } else { t.bg4 };
    let painter = ui.painter();
    painter.rect_filled(
        rect,
        9,
        off.lerp_to_gamma(if response.hovered() { t.acc_hover } else { t.acc }, at),
    );
    painter.rect_stroke(
        rect,
        9,
        Stroke::new(1.0, t.line2.gamma_multiply(1.0 - at)),
        StrokeKind::Inside,
    );
    let knob = pos2(lerp(rect.left() + 9.0..=rect.right() - 9.0, at), rect.center().y);
    painter.circle_filled(knob, 6.0, t.tx2.lerp_to_gamma(t.on_fill, at));
    paint::focus_ring(ui, &response.clone().with_new_rect(rect), 9);
}

fn check_mark(ui: &mut Ui, name: &str, words: &str, state: Checked) -> Response {
    let t = Tokens::of(ui);
    let galley = paint::whole_line(ui, Type::Small, words, t.tx1);
    let width = if words.is_empty() {
        size::SMALL
    } else {
        24.0 + galley.size().x
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width, size::SMALL), Sense::click());
    response.widget_info(|| WidgetInfo {
        selected: match state {
            Checked::No => Some(false),
            Checked::Yes => Some(true),
            Checked::Some => None,
        },
        ..WidgetInfo::labeled(Role::CheckBox, ui.is_enabled(), name)
    });
    let inset = if words.is_empty() { 4.0 } else { 0.0 };
    let at = Rect::from_min_size(Pos2::new(rect.left() + inset, rect.center().y - 8.0), vec2(16.0, 16.0));
    let painter = ui.painter();
    if state == Checked::No {
        let stroke = Stroke::new(1.5, edge(ui, &response));
        painter.rect(at, radius::BADGE, t.input, stroke, StrokeKind::Inside);
    } else {
        painter.rect_filled(at, radius::BADGE, if response.hovered() { t.acc_hover } else { t.acc });
        let mark = if state == Checked::Yes {
            icon::CHECK
        } else {
            icon::MINUS
        };
        mark.paint(painter, at.center(), size::ICON_BADGE, t.on_fill);
    }
    if !words.is_empty() {
        paint::galley_left(painter, rect.left() + 24.0, rect.center().y, galley, t.tx1);
    }
    paint::focus_ring(ui, &response.clone().with_new_rect(at), radius::BADGE);
    response
}
