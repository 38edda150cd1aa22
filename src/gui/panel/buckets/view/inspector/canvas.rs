//! A picture in its place: fitted, enlarged with the wheel, moved with the pointer.

use egui::{Color32, Id, PointerButton, Pos2, Rect, Response, Role, Sense, TextureHandle, Ui, WidgetInfo, pos2, vec2};

use crate::gui::panel::buckets::inspect::Look;
use crate::gui::theme::Tokens;

/// How fast the wheel enlarges.
const WHEEL: f32 = 0.004;

/// Sides of a picture on this screen where one of its pixels is one of the screen's, in points.
pub fn points(ui: &Ui, original: (u32, u32)) -> [f32; 2] {
    let scale = ui.pixels_per_point();
    [original.0 as f32 / scale, original.1 as f32 / scale]
}

/// Draws a picture of `original` pixels into `rect`. The wheel enlarges it alone if `wheel`, else with Ctrl, so that a list
/// around it can be scrolled. A double click goes between all of it and its own size.
pub fn show(
    ui: &mut Ui,
    rect: Rect,
    (alt, corners): (&str, u8),
    texture: &TextureHandle,
    original: (u32, u32),
    look: &mut Look,
    wheel: bool,
) -> Response {
    let response = ui.interact(rect, Id::unique(("canvas", wheel)), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, ui.is_enabled(), alt));
    let (picture, place) = (points(ui, original), [rect.width(), rect.height()]);
    if response.contains_pointer() {
        let by = ui.input_mut(|input| {
            let by = input.zoom_delta();
            if by != 1.0 || !wheel {
                return by;
            }
            let turned = input.smooth_scroll_delta().y;
            (turned * WHEEL).exp()
        });
        let at = response.hover_pos().unwrap_or(rect.center()) - rect.center();
        if by != 1.0 {
            look.scale(by, at.into(), picture, place);
        }
    }
    if response.dragged_by(PointerButton::Primary) {
        look.pan(response.drag_delta().into(), picture, place);
    }
    if response.double_clicked() {
        if look.is_fitted() {
            look.whole_size();
        } else {
            look.fit();
        }
    }
    let t = Tokens::of(ui);
    ui.painter().rect_filled(rect, corners, t.bg3);
    let zoom = look.zoom(picture, place);
    let [x, y] = look.offset();
    let middle: Pos2 = rect.center() + vec2(x, y);
    let at = Rect::from_center_size(middle, vec2(picture[0] * zoom, picture[1] * zoom));
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let clip = rect.intersect(ui.clip_rect());
    ui.painter()
        .with_clip_rect(clip)
        .image(texture.id(), at, whole, Color32::WHITE);
    response
}
