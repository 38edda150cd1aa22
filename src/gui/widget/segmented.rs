//! A control of a few segments of which one is chosen: views, modes.

use egui::epaint::StrokeKind;
use egui::{Color32, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::paint::{self, Use};
use super::tooltip;
use crate::gui::icon::Icon;
use crate::gui::theme::{Tokens, Type, radius, size};

/// A segment: words, or an icon with a name.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    name: &'a str,
    icon: Option<Icon>,
}

impl<'a> Segment<'a> {
    /// A segment with words.
    pub fn words(name: &'a str) -> Self {
        Self { name, icon: None }
    }

    /// A segment with an icon, whose name is the tooltip.
    pub fn icon(icon: Icon, name: &'a str) -> Self {
        Self { name, icon: Some(icon) }
    }
}

/// Draws the segments and sets `value` to the one that is clicked; then the response is marked changed.
pub fn segmented<T: PartialEq + Copy>(ui: &mut Ui, value: &mut T, segments: &[(T, Segment<'_>)]) -> Response {
    const INSET: f32 = 2.0;
    let t = Tokens::of(ui);
    let tall = segments.iter().any(|(_, segment)| segment.icon.is_some());
    let height = if tall { size::CONTROL - 4.0 } else { size::SMALL };
    let width_of = |ui: &Ui, segment: &Segment<'_>| match segment.icon {
        Some(_) => 28.0,
        None => (paint::whole_line(ui, Type::CaptionStrong, segment.name, t.tx1).size().x + 16.0).ceil(),
    };
    let total: f32 = segments.iter().map(|(_, segment)| width_of(ui, segment)).sum();
    let (whole, mut answer) = ui.allocate_exact_size(vec2(total + 2.0 * INSET, height), Sense::hover());
    ui.painter()
        .rect_filled(whole, radius::CONTROL, if t.dark { t.bg3 } else { t.bg4 });

    let mut left = whole.left() + INSET;
    for (choice, segment) in segments {
        let width = width_of(ui, segment);
        let rect = Rect::from_min_size(pos2(left, whole.top() + INSET), vec2(width, height - 2.0 * INSET));
        left += width;
        let response = ui.interact(rect, answer.id.with(segment.name), Sense::click());
        if response.clicked() && *value != *choice {
            *value = *choice;
            answer.mark_changed();
        }
        let chosen = *value == *choice;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), chosen, segment.name));
        let color = if chosen || Use::of(&response) != Use::Rest {
            t.tx1
        } else {
            t.tx2
        };
        if chosen {
            let (fill, border) = if t.dark {
                (t.line2, Color32::TRANSPARENT)
            } else {
                (t.bg2, t.line)
            };
            ui.painter()
                .rect(rect, radius::BADGE, fill, Stroke::new(1.0, border), StrokeKind::Inside);
        }
        match segment.icon {
            Some(icon) => _ = icon.paint(ui.painter(), rect.center(), size::ICON_SMALL, color),
            None => {
                let galley = paint::whole_line(ui, Type::CaptionStrong, segment.name, color);
                paint::galley_center(ui.painter(), rect, galley, color);
            }
        }
        paint::focus_ring_inside(ui, &response, radius::BADGE);
        if segment.icon.is_some() {
            tooltip(response, segment.name);
        }
    }
    answer
}
