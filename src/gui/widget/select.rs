//! A button that opens a list of choices.

use egui::epaint::StrokeKind;
use egui::{Color32, Response, Role, Sense, Stroke, Ui, pos2, vec2};

use super::menu::{self, MenuItem};
use super::paint::{self, Use};
use super::tooltip_disabled;
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size};

/// A choice of one of several: `Select::new("Engine", "Built-in").show_choices(ui, &mut engine, &[(Engine::BuiltIn, "Built-in")])`.
#[must_use = "call `show` or `show_choices`"]
pub struct Select<'a> {
    name: &'a str,
    current: &'a str,
    icon: Option<Icon>,
    width: Option<f32>,
    why_not: Option<&'a str>,
}

impl<'a> Select<'a> {
    /// A choice called `name` that shows `current`.
    pub fn new(name: &'a str, current: &'a str) -> Self {
        Self {
            name,
            current,
            icon: None,
            width: None,
            why_not: None,
        }
    }

    /// An icon before the current choice.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Width in points; without it, the select takes what is available.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Cannot be used when there is a reason, which the tooltip shows.
    pub fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.why_not = reason;
        self
    }

    /// Draws the button; `items` draws the open menu ([`MenuItem`]s). Answers what `items` answered, while open.
    pub fn show<R>(self, ui: &mut Ui, items: impl FnOnce(&mut Ui) -> R) -> (Response, Option<R>) {
        let response = self.button(ui);
        let inner = menu::menu_below(&response, response.rect.width(), items);
        let response = match self.why_not {
            Some(reason) => tooltip_disabled(response, reason),
            None => response,
        };
        (response, inner)
    }

    /// Draws the button and a menu of `choices`; sets `value` to the chosen one and marks the response changed.
    pub fn show_choices<T: PartialEq + Clone>(self, ui: &mut Ui, value: &mut T, choices: &[(T, &str)]) -> Response {
        let mut changed = false;
        let (mut response, _) = self.show(ui, |ui| {
            for (choice, words) in choices {
                if ui.add(MenuItem::new(words).checked(choice == value)).clicked() && choice != value {
                    *value = choice.clone();
                    changed = true;
                }
            }
        });
        if changed {
            response.mark_changed();
        }
        response
    }

    fn button(&self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let (ui, rect, id) = paint::room(ui, vec2(width, size::CONTROL), self.why_not.is_none());
        let (ui, response) = (&ui, ui.interact(rect, id, Sense::click()));
        paint::describe(&response, Role::ComboBox, ui.is_enabled(), self.name, self.why_not);
        ui.accesskit_node_builder(response.id, |node| node.set_value(self.current));

        let open = menu::is_menu_open(&response);
        let (fill, border) = match (open, Use::of(&response)) {
            (true, _) | (_, Use::Pressed) => (t.bg4, t.tx3),
            (_, Use::Hovered) => (t.control_hover(), t.line2),
            (_, Use::Rest) => (t.control(), t.line2),
        };
        let painter = ui.painter();
        painter.rect(
            rect,
            radius::CONTROL,
            fill,
            Stroke::new(1.0, border),
            StrokeKind::Inside,
        );
        let mut left = rect.left() + 9.0;
        if let Some(icon) = self.icon {
            icon.paint(
                painter,
                pos2(left + size::ICON_SMALL * 0.5, rect.center().y),
                size::ICON_SMALL,
                t.tx2,
            );
            left += size::ICON_SMALL + 6.0;
        }
        let caret = pos2(rect.right() - 9.0 - 7.0, rect.center().y);
        icon::CARET_DOWN.paint(painter, caret, size::ICON_SMALL, t.tx3);
        let words = paint::line(ui, Type::Button, self.current, t.tx1, caret.x - 11.0 - left);
        paint::galley_left(painter, left, rect.center().y, words, Color32::PLACEHOLDER);
        paint::focus_ring(ui, &response, radius::CONTROL);
        response
    }
}
