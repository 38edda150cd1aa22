//! Tabs with a line under the open one.

use egui::{Align2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::paint::{self, Use};
use crate::gui::theme::{Tokens, Type, motion, radius};

/// Height of a row of tabs with its hairline.
pub const TABS_HEIGHT: f32 = 34.0;

/// A tab: its words, and how many things are in it.
#[derive(Clone, Copy, Debug)]
pub struct Tab<'a> {
    words: &'a str,
    count: Option<usize>,
}

impl<'a> Tab<'a> {
    /// A tab.
    pub fn new(words: &'a str) -> Self {
        Self { words, count: None }
    }

    /// A tab that says how many things are in it; none is not said.
    pub fn count(words: &'a str, count: usize) -> Self {
        Self {
            words,
            count: (count > 0).then_some(count),
        }
    }
}

/// Draws tabs over a hairline as wide as the panel, and sets `value` to the one that is clicked; then the response is
/// marked changed. The first word is `indent` points from the left edge.
pub fn tabs<T: PartialEq + Copy>(ui: &mut Ui, value: &mut T, indent: f32, choices: &[(T, Tab<'_>)]) -> Response {
    const GAP: f32 = 16.0;
    let t = Tokens::of(ui);
    let (whole, mut answer) = ui.allocate_exact_size(vec2(ui.available_width(), TABS_HEIGHT), Sense::hover());
    ui.painter()
        .hline(whole.x_range(), whole.bottom() - 0.5, Stroke::new(1.0, t.line));

    let mut left = whole.left() + indent;
    let mut underline = None;
    for (choice, tab) in choices {
        let words = paint::whole_line(ui, Type::Button, tab.words, egui::Color32::PLACEHOLDER);
        let count = tab
            .count
            .map(|count| paint::whole_line(ui, Type::Button, &count.to_string(), t.tx3));
        let width = words.size().x + count.as_ref().map_or(0.0, |count| 6.0 + count.size().x);
        let rect = Rect::from_min_size(pos2(left, whole.top()), vec2(width, TABS_HEIGHT));
        left += width + GAP;

        let response = ui.interact(
            rect.expand2(vec2(GAP * 0.5, 0.0)),
            answer.id.with(tab.words),
            Sense::click(),
        );
        if response.clicked() && *value != *choice {
            *value = *choice;
            answer.mark_changed();
        }
        let open = *value == *choice;
        response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), open, tab.words));
        let color = if open || Use::of(&response) != Use::Rest {
            t.tx1
        } else {
            t.tx2
        };
        let words_width = words.size().x;
        let at = Align2::LEFT_CENTER.anchor_size(pos2(rect.left(), rect.center().y - 1.0), words.size());
        ui.painter().galley_with_override_text_color(at.min, words, color);
        if let Some(count) = count {
            paint::galley_left(
                ui.painter(),
                rect.left() + words_width + 6.0,
                rect.center().y - 1.0,
                count,
                t.tx3,
            );
        }
        if response.has_focus() {
            let ring = rect.expand2(vec2(6.0, -4.0));
            ui.painter().rect_stroke(
                ring,
                radius::CONTROL,
                Stroke::new(2.0, t.acc_tx),
                egui::StrokeKind::Inside,
            );
        }
        if open {
            underline = Some(rect.x_range());
        }
    }
    if let Some(range) = underline {
        // Both ends glide to the open tab.
        let duration = motion::time(ui, motion::OPEN);
        let from = ui.animate_value_with_time(answer.id.with("from"), range.min, duration);
        let to = ui.animate_value_with_time(answer.id.with("to"), range.max, duration);
        let line = Rect::from_min_max(pos2(from, whole.bottom() - 2.0), pos2(to, whole.bottom()));
        ui.painter().rect_filled(line, 0, t.acc_tx);
    }
    answer
}
