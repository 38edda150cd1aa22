//! Facts in two columns: a name and its value.

use egui::{Align, Layout, Rect, Sense, Ui, vec2};

use super::{paint, text};
use crate::gui::theme::{Tokens, Type};

/// Height of one fact, in points.
pub const KEY_VALUE_HEIGHT: f32 = 22.0;

/// A fact: its name in the first `name_width` points, and whatever `value` draws after it, from left to right.
pub fn key_value<R>(ui: &mut Ui, name_width: f32, name: &str, value: impl FnOnce(&mut Ui) -> R) -> R {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), KEY_VALUE_HEIGHT), Sense::hover());
    let layout = Layout::left_to_right(Align::Center);
    let left = Rect::from_min_size(rect.min, vec2(name_width - 8.0, rect.height()));
    let color = Tokens::of(ui).tx3;
    paint::inside(ui, left, layout, |ui| text::elided(ui, Type::Small, name, color));
    let right = Rect::from_min_max(rect.min + vec2(name_width, 0.0), rect.max);
    paint::inside(ui, right, layout, value)
}

/// A fact whose value is words.
pub fn key_text(ui: &mut Ui, name_width: f32, name: &str, value: &str) {
    let color = Tokens::of(ui).tx1;
    key_value(ui, name_width, name, |ui| text::elided(ui, Type::Small, value, color));
}

/// A fact whose value is a key, a hash or a code: monospace, cut in the middle, its tooltip shows the whole.
pub fn key_mono(ui: &mut Ui, name_width: f32, name: &str, value: &str) {
    let color = Tokens::of(ui).tx1;
    key_value(ui, name_width, name, |ui| text::key(ui, Type::MonoSmall, value, color));
}
