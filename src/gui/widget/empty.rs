//! What stands where nothing is yet.

use egui::{Align, Layout, Rect, Stroke, Ui, vec2};

use super::{Button, paint, text};
use crate::gui::icon::Icon;
use crate::gui::theme::{Tokens, Type, size};

/// An icon, one strong line, one caption, one button.
#[must_use = "call `show(ui)`"]
pub struct EmptyState<'a> {
    icon: Icon,
    line: &'a str,
    caption: &'a str,
    button: Option<&'a str>,
    drop: bool,
    height: Option<f32>,
}

impl<'a> EmptyState<'a> {
    /// What is missing, and what can be done about it.
    pub fn new(icon: Icon, line: &'a str, caption: &'a str) -> Self {
        Self {
            icon,
            line,
            caption,
            button: None,
            drop: false,
            height: None,
        }
    }

    /// The one thing to do.
    pub fn button(mut self, words: &'a str) -> Self {
        self.button = Some(words);
        self
    }

    /// A dashed border: files can be dropped here.
    pub fn drop_target(mut self) -> Self {
        self.drop = true;
        self
    }

    /// Height in points; without it, the state takes what is available and stands in its middle.
    pub fn height(mut self, height: f32) -> Self {
        self.height = Some(height);
        self
    }

    /// Draws the state; answers whether its button was clicked.
    pub fn show(self, ui: &mut Ui) -> bool {
        let t = Tokens::of(ui);
        let width = (ui.available_width() - 24.0).max(0.0);
        let caption = ui
            .painter()
            .layout_job(Type::Caption.job(self.caption, t.tx3, width))
            .size()
            .y;
        let caption = caption.max(Type::Caption.line_height());
        let content = 24.0 + 8.0 + 18.0 + 4.0 + caption + self.button.map_or(0.0, |_| 10.0 + size::SMALL);
        let height = self.height.unwrap_or_else(|| ui.available_height()).max(content);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), egui::Sense::hover());
        if self.drop {
            paint::dashed_rect(ui.painter(), rect, Stroke::new(1.0, t.line2));
        }
        let inner = Rect::from_center_size(rect.center(), vec2(rect.width() - 24.0, content));
        let layout = Layout::top_down(Align::Center);
        paint::inside(ui, inner, layout, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let (icon, _) = ui.allocate_exact_size(vec2(size::ICON_EMPTY, size::ICON_EMPTY), egui::Sense::hover());
            self.icon.paint(ui.painter(), icon.center(), size::ICON_EMPTY, t.tx3);
            ui.add_space(8.0);
            text::elided(ui, Type::Strong, self.line, t.tx1);
            ui.add_space(4.0);
            // In a narrow list it takes two lines.
            text::wrapped(ui, Type::Caption, self.caption, t.tx3);
            self.button.is_some_and(|words| {
                ui.add_space(10.0);
                ui.add(Button::new(words).small()).clicked()
            })
        })
    }
}
