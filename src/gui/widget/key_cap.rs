//! Key caps: the keys that do a thing, printed beside it.

use egui::epaint::StrokeKind;
use egui::{Color32, Rect, Response, Role, Sense, Stroke, Ui, Widget, WidgetInfo, pos2, vec2};

use super::paint;
use crate::gui::theme::{Tokens, Type, radius, size};

const SMALL: f32 = 16.0;

/// A key or a chord: `ui.add(KeyCap::new("Ctrl K"))`.
#[must_use = "add it with `ui.add(key_cap)`"]
#[derive(Clone, Copy)]
pub struct KeyCap<'a> {
    keys: &'a str,
}

impl<'a> KeyCap<'a> {
    /// A cap with these keys, as [`egui::Context::format_shortcut`] writes them.
    pub fn new(keys: &'a str) -> Self {
        Self { keys }
    }

    /// The cap inside a button: smaller, in the button's colours, without a node of its own.
    pub(super) fn paint_small(self, ui: &Ui, left: f32, middle: f32, text: Color32, border: Color32) {
        let rect = Rect::from_min_size(
            pos2(left, middle - SMALL * 0.5),
            vec2(small_width(ui, self.keys), SMALL),
        );
        self.paint(ui, rect, text, border);
    }

    pub(super) fn paint(self, ui: &Ui, rect: Rect, text: Color32, border: Color32) {
        ui.painter()
            .rect_stroke(rect, radius::BADGE, Stroke::new(1.0, border), StrokeKind::Inside);
        let galley = paint::whole_line(ui, Type::CaptionStrong, self.keys, text);
        paint::galley_center(ui.painter(), rect, galley, text);
    }
}

/// Width of the cap inside a button.
pub(super) fn small_width(ui: &Ui, keys: &str) -> f32 {
    width(ui, keys, SMALL)
}

/// Width of a cap of its own.
pub(super) fn cap_width(ui: &Ui, keys: &str) -> f32 {
    width(ui, keys, size::KEY)
}

fn width(ui: &Ui, keys: &str, height: f32) -> f32 {
    (paint::whole_line(ui, Type::CaptionStrong, keys, Color32::PLACEHOLDER)
        .size()
        .x
        + 10.0)
        .max(height)
        .ceil()
}

impl Widget for KeyCap<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(vec2(cap_width(ui, self.keys), size::KEY), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), self.keys));
        let t = Tokens::of(ui);
        self.paint(ui, rect, t.tx3, t.line2);
        response
    }
}
