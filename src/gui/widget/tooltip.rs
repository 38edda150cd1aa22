//! Tooltips: what a thing is called, the key that does it, and why it cannot be used.

use egui::{Frame, Margin, Response, Ui};

use super::{KeyCap, text};
use crate::gui::theme::{Tokens, Type, size};

/// Shows `words` after the pointer has rested on the widget.
pub fn tooltip(response: Response, words: &str) -> Response {
    response.on_hover_ui(|ui| frame(ui, |ui| _ = text::wrapped(ui, Type::Small, words, Tokens::of(ui).tx1)))
}

/// Shows a name and its key cap after the pointer has rested on the widget.
pub fn tooltip_with_key(response: Response, words: &str, key: &str) -> Response {
    response.on_hover_ui(|ui| {
        frame(ui, |ui| {
            text::line(ui, size::KEY, |ui| {
                text::label(ui, Type::Small, words, Tokens::of(ui).tx1);
                ui.add(KeyCap::new(key));
            });
        });
    })
}

/// Says why a control cannot be used.
pub fn tooltip_disabled(response: Response, reason: &str) -> Response {
    response.on_disabled_hover_ui(|ui| frame(ui, |ui| _ = text::wrapped(ui, Type::Small, reason, Tokens::of(ui).tx2)))
}

fn frame(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    Frame::NONE.inner_margin(Margin::symmetric(4, 2)).show(ui, contents);
}
