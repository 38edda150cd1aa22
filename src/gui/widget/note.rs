//! Note boxes: something to know before going on.

use egui::{Align, Frame, Layout, Margin, Sense, Ui, vec2};

use super::{Button, text};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Tone, Type, radius, size};

/// A tinted box: a strong line, a line or two below it, at most one button at its right.
#[must_use = "call `show(ui)`"]
pub struct Note<'a> {
    tone: Tone,
    icon: Icon,
    line: &'a str,
    body: &'a str,
    button: Option<&'a str>,
}

impl<'a> Note<'a> {
    /// Something good to know.
    pub fn info(line: &'a str, body: &'a str) -> Self {
        Self {
            tone: Tone::Accent,
            icon: icon::INFO.filled(),
            line,
            body,
            button: None,
        }
    }

    /// Something that needs a look.
    pub fn warn(line: &'a str, body: &'a str) -> Self {
        Self {
            tone: Tone::Warn,
            icon: icon::WARNING.filled(),
            line,
            body,
            button: None,
        }
    }

    /// Something that stops.
    pub fn err(line: &'a str, body: &'a str) -> Self {
        Self {
            tone: Tone::Err,
            icon: icon::X_CIRCLE.filled(),
            line,
            body,
            button: None,
        }
    }

    /// Something that was proven.
    pub fn ok(line: &'a str, body: &'a str) -> Self {
        Self {
            tone: Tone::Ok,
            icon: icon::CHECK_CIRCLE.filled(),
            line,
            body,
            button: None,
        }
    }

    /// Another icon.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = icon;
        self
    }

    /// What to do about it.
    pub fn button(mut self, words: &'a str) -> Self {
        self.button = Some(words);
        self
    }

    /// Draws the box; answers whether its button was clicked.
    pub fn show(self, ui: &mut Ui) -> bool {
        let t = Tokens::of(ui);
        let colors = t.tone(self.tone);
        let frame = Frame::NONE
            .fill(colors.bg)
            .corner_radius(radius::CARD)
            .inner_margin(Margin {
                left: 10,
                right: 10,
                top: 8,
                bottom: 8,
            });
        frame
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing = vec2(8.0, 1.0);
                ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                    let clicked = self
                        .button
                        .is_some_and(|words| ui.add(Button::new(words).small()).clicked());
                    // A single line stands in the middle of the button beside it.
                    let line = Type::SmallStrong.line_height();
                    let single = self.body.is_empty() && self.button.is_some();
                    let above = if single { (size::SMALL - line) * 0.5 } else { 0.0 };
                    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                        let icon = vec2(size::ICON, line + 2.0 * above);
                        let (at, _) = ui.allocate_exact_size(icon, Sense::hover());
                        self.icon.paint(ui.painter(), at.center(), size::ICON, colors.fill);
                        ui.vertical(|ui| {
                            ui.add_space(above);
                            text::wrapped(ui, Type::SmallStrong, self.line, t.tx1);
                            if !self.body.is_empty() {
                                text::wrapped(ui, Type::Small, self.body, t.tx2);
                            }
                        });
                    });
                    clicked
                })
                .inner
            })
            .inner
    }
}
