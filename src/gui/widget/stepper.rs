//! A small whole number with buttons to count it down and up.

use std::ops::RangeInclusive;

use egui::epaint::StrokeKind;
use egui::{
    Align, Align2, EventFilter, Key, Layout, Rect, Response, Role, Sense, Stroke, Ui, Widget, WidgetInfo, vec2,
};

use super::{IconButton, paint};
use crate::gui::icon;
use crate::gui::theme::{Tokens, Type, radius, size};

/// `ui.add(Stepper::new("Variants", &mut count, 1..=8))`. The arrow keys count while it has focus.
#[must_use = "add it with `ui.add(stepper)`"]
pub struct Stepper<'a> {
    name: &'a str,
    value: &'a mut u32,
    range: RangeInclusive<u32>,
    width: Option<f32>,
}

impl<'a> Stepper<'a> {
    /// A stepper called `name`.
    pub fn new(name: &'a str, value: &'a mut u32, range: RangeInclusive<u32>) -> Self {
        Self {
            name,
            value,
            range,
            width: None,
        }
    }

    /// Width in points; without it, the stepper takes what is available.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }
}

impl Widget for Stepper<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let (whole, _) = ui.allocate_exact_size(vec2(width, size::CONTROL), Sense::hover());
        let side = vec2(size::CONTROL, size::CONTROL);
        let field = whole.shrink2(vec2(size::CONTROL + 4.0, 0.0));
        let mut response = ui.interact(field, ui.auto_id_with(("stepper", self.name)), Sense::click());
        if response.clicked() {
            response.request_focus();
        }

        let before = *self.value;
        let (least, most) = (*self.range.start(), *self.range.end());
        let mut button = |rect: Rect, icon, words: &str, at_end: Option<&str>| {
            paint::inside(ui, rect, Layout::left_to_right(Align::Min), |ui| {
                ui.add(IconButton::new(icon, words).framed().disabled_because(at_end))
                    .clicked()
            })
        };
        let name = self.name.to_lowercase();
        let (fewest, largest) = (format!("{least} is the least"), format!("{most} is the most"));
        let down = Rect::from_min_size(whole.min, side);
        if button(
            down,
            icon::MINUS,
            &format!("Fewer {name}"),
            (before <= least).then_some(&fewest),
        ) {
            *self.value = before.saturating_sub(1).max(least);
        }
        let up = Rect::from_min_size(whole.right_top() - vec2(size::CONTROL, 0.0), side);
        if button(
            up,
            icon::PLUS,
            &format!("More {name}"),
            (before >= most).then_some(&largest),
        ) {
            *self.value = before.saturating_add(1).min(most);
        }
        if response.has_focus() {
            let arrows = EventFilter {
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
            if ui.input(|input| input.key_pressed(Key::ArrowUp)) {
                *self.value = before.saturating_add(1).min(most);
            }
            if ui.input(|input| input.key_pressed(Key::ArrowDown)) {
                *self.value = before.saturating_sub(1).max(least);
            }
        }
        if *self.value != before {
            response.mark_changed();
        }

        response.widget_info(|| WidgetInfo {
            label: Some(self.name.to_owned()),
            value: Some(f64::from(*self.value)),
            ..WidgetInfo::new(Role::SpinButton)
        });
        let (stroke, grown) = if response.has_focus() {
            (Stroke::new(2.0, t.acc_tx), 0.5)
        } else {
            (Stroke::new(1.0, t.line2), 0.0)
        };
        ui.painter().rect(
            field.expand(grown),
            radius::CONTROL,
            t.input,
            stroke,
            StrokeKind::Inside,
        );
        let number = self.value.to_string();
        let galley = paint::whole_line(ui, Type::Mono, &number, t.tx1);
        let at = Align2::CENTER_CENTER.anchor_size(field.center(), galley.size());
        ui.painter().galley(at.min, galley, t.tx1);
        response
    }
}
