//! What the widgets here share: states, the focus ring, one line of text beside an icon, spinners.

use std::f32::consts::TAU;
use std::sync::Arc;

use egui::epaint::{CornerRadius, PathShape, RectShape, StrokeKind};
use egui::{
    Align2, Color32, Galley, Id, Layout, Painter, Pos2, Rect, Response, Role, Stroke, Ui, UiBuilder, Vec2, WidgetInfo,
    pos2, vec2,
};

use crate::gui::theme::{Tokens, Type, motion};

/// How a control is being used right now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Rest,
    Hovered,
    Pressed,
}

impl Use {
    /// Unlike egui's own widget state, keyboard focus is not "pressed": it has the ring.
    pub(super) fn of(response: &Response) -> Self {
        if response.is_pointer_button_down_on() {
            Self::Pressed
        } else if response.hovered() || response.highlighted() {
            Self::Hovered
        } else {
            Self::Rest
        }
    }
}

/// The focus ring around a control with corners of `radius`.
pub(in crate::gui) fn focus_ring(ui: &Ui, response: &Response, radius: u8) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, Tokens::of(ui).acc_tx);
        ui.painter()
            .rect_stroke(response.rect.expand(1.0), radius + 1, stroke, StrokeKind::Outside);
    }
}

/// The focus ring of a row, which has no room around it.
pub(super) fn focus_ring_inside(ui: &Ui, response: &Response, radius: u8) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, Tokens::of(ui).acc_tx);
        ui.painter()
            .rect_stroke(response.rect, radius, stroke, StrokeKind::Inside);
    }
}

/// Tells assistive technology what a control is, and why it cannot be used.
pub(super) fn describe(response: &Response, role: Role, enabled: bool, name: &str, why_not: Option<&str>) {
    response.widget_info(|| WidgetInfo::labeled(role, enabled, name));
    if let Some(reason) = why_not {
        response
            .ctx
            .accesskit_node_builder(response.id, |node| node.set_description(reason));
    }
}

/// Lays out one line that is cut with "…" at `width`.
pub(in crate::gui) fn line(ui: &Ui, kind: Type, text: &str, color: Color32, width: f32) -> Arc<Galley> {
    ui.painter().layout_job(kind.line(text, color, width))
}

/// Lays out one line as wide as it needs to be.
pub(in crate::gui) fn whole_line(ui: &Ui, kind: Type, text: &str, color: Color32) -> Arc<Galley> {
    line(ui, kind, text, color, f32::INFINITY)
}

/// Paints `galley` with its left edge at `left`, centred on `middle`.
pub(in crate::gui) fn galley_left(painter: &Painter, left: f32, middle: f32, galley: Arc<Galley>, color: Color32) {
    let at = Align2::LEFT_CENTER.anchor_size(pos2(left, middle), galley.size());
    painter.galley(at.min, galley, color);
}

/// Paints `galley` centred in `rect`.
pub(super) fn galley_center(painter: &Painter, rect: Rect, galley: Arc<Galley>, color: Color32) {
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
    painter.galley(at.min, galley, color);
}

/// An arc of `share` (0 to 1) of a circle, clockwise from `start` turns after the top.
pub(super) fn arc(painter: &Painter, center: Pos2, radius: f32, start: f32, share: f32, stroke: Stroke) {
    if share <= 0.0 {
        return;
    }
    let steps = (radius * share * 4.0).ceil().max(8.0) as usize;
    let point = |i: usize| {
        let angle = (start + share * i as f32 / steps as f32 - 0.25) * TAU;
        center + radius * vec2(angle.cos(), angle.sin())
    };
    if share >= 1.0 {
        painter.circle_stroke(center, radius, stroke);
    } else {
        painter.add(PathShape::line((0..=steps).map(point).collect(), stroke));
    }
}

/// The spinner: one turn a second, standing still when the user wants no motion. Repaints only while it can be seen.
pub(in crate::gui) fn spinner(ui: &Ui, center: Pos2, size: f32, color: Color32) {
    let rect = Rect::from_center_size(center, vec2(size, size));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let turn = if motion::reduced(ui) {
        0.0
    } else {
        ui.request_repaint();
        ui.input(|input| input.time).fract() as f32
    };
    arc(
        ui.painter(),
        center,
        size * 0.41,
        turn + 0.08,
        0.84,
        Stroke::new(size * 0.085, color),
    );
}

/// Room for a control of `size` that may be disabled. The room is the parent's own, so that controls wrap in layouts
/// that wrap; the answered [`Ui`] is to draw it in, and the id stays the same whether it is disabled or not.
pub(super) fn room(ui: &mut Ui, size: Vec2, enabled: bool) -> (Ui, Rect, Id) {
    let (id, rect) = ui.allocate_space(size);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    if !enabled {
        child.disable();
    }
    (child, rect, id)
}

/// Lays out things inside a rectangle that was already allocated: the parent's cursor stays where it is.
pub(in crate::gui) fn inside<R>(ui: &mut Ui, rect: Rect, layout: Layout, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    contents(&mut child)
}

/// A part of a page whose controls keep their ids, and with them the focus and a click that has begun, whatever appears
/// or goes above it. No two parts have the same id.
pub(in crate::gui) fn part<R>(ui: &mut Ui, id: Id, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().scope_id(id), contents).inner
}

/// A picture that fills `rect`, which has rounded corners.
pub(super) fn texture(painter: &Painter, rect: Rect, corners: CornerRadius, id: egui::TextureId, uv: Rect) {
    painter.add(RectShape::filled(rect, corners, Color32::WHITE).with_texture(id, uv));
}

/// A dashed border, for places where files can be dropped.
pub(in crate::gui) fn dashed_rect(painter: &Painter, rect: Rect, stroke: Stroke) {
    let rect = rect.shrink(0.5);
    let radius = f32::from(crate::gui::theme::radius::CARD);
    let corner = |center: Pos2, from: f32| {
        (0..=4).map(move |i| {
            let angle = (from + i as f32 / 16.0) * TAU;
            center + radius * vec2(angle.cos(), angle.sin())
        })
    };
    let inner = rect.shrink(radius);
    let mut path: Vec<Pos2> = corner(inner.left_top(), 0.5).collect();
    path.extend(corner(inner.right_top(), 0.75));
    path.extend(corner(inner.right_bottom(), 0.0));
    path.extend(corner(inner.left_bottom(), 0.25));
    path.push(rect.left_top() + vec2(0.0, radius));
    painter.extend(egui::Shape::dashed_line(&path, stroke, 3.0, 3.0));
}
