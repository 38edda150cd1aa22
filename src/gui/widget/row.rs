//! Rows of lists and tables: one target over the whole width.

use egui::{Align, Color32, Layout, Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::paint::{self, Use};
use crate::gui::theme::{Tokens, Tone, radius};

/// A row: `Row::new("Pip and the Lost Star", 64.0).selected(true).show(ui, |ui| …)`.
///
/// Its contents are laid out from left to right, centred. The answer is the response of the row; controls in it take
/// their own clicks. For long lists draw rows inside `ScrollArea::show_rows`.
#[must_use = "call `show(ui, contents)`"]
pub struct Row<'a> {
    name: &'a str,
    height: f32,
    selected: bool,
    table: bool,
    padding: f32,
    tint: Option<Tone>,
    id: Option<egui::Id>,
    drag: bool,
}

impl<'a> Row<'a> {
    /// A row of a list, `height` tall, with rounded corners. `name` is for assistive technology.
    pub fn new(name: &'a str, height: f32) -> Self {
        Self {
            name,
            height,
            selected: false,
            table: false,
            padding: 8.0,
            tint: None,
            id: None,
            drag: false,
        }
    }

    /// A row of a table: from edge to edge, with a hairline below.
    pub fn table(mut self) -> Self {
        self.table = true;
        self
    }

    /// Chosen.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// Space at its left and right; 8 without this.
    pub fn padding(mut self, padding: f32) -> Self {
        self.padding = padding;
        self
    }

    /// A tint over the whole row, for the line of the log that is open.
    pub fn tint(mut self, tone: Tone) -> Self {
        self.tint = Some(tone);
        self
    }

    /// An id that stays the same when rows move.
    pub fn id(mut self, id: egui::Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Can be dragged.
    pub fn draggable(mut self) -> Self {
        self.drag = true;
        self
    }

    /// Draws the row.
    pub fn show(self, ui: &mut Ui, contents: impl FnOnce(&mut Ui)) -> Response {
        let t = Tokens::of(ui);
        let size = vec2(ui.available_width(), self.height);
        let sense = if self.drag {
            Sense::click_and_drag()
        } else {
            Sense::click()
        };
        let (rect, auto) = ui.allocate_exact_size(size, if self.id.is_some() { Sense::hover() } else { sense });
        let response = self.id.map_or(auto, |id| ui.interact(rect, id, sense));
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), self.selected, self.name));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let corner = if self.table { 0 } else { radius::CONTROL };
        let over = response.contains_pointer() || Use::of(&response) != Use::Rest;
        let fill = match (self.selected, self.tint, over) {
            (true, ..) => t.acc_bg,
            (false, Some(tone), _) => t.tone(tone).bg,
            (false, None, true) => t.bg3,
            (false, None, false) => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(rect, corner, fill);
        if self.table {
            ui.painter()
                .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        }
        let inner = rect.shrink2(vec2(self.padding, 0.0));
        let layout = Layout::left_to_right(Align::Center);
        paint::inside(ui, inner, layout, |ui| {
            ui.shrink_clip_rect(rect);
            contents(ui);
        });
        paint::focus_ring_inside(ui, &response, corner);
        response
    }
}

/// A cell of a row: `width` points of it, laid out from left to right, cut at its edge.
pub fn cell<R>(ui: &mut Ui, width: f32, align: Align, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let height = ui.available_height();
    let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let layout = match align {
        Align::Max => Layout::right_to_left(Align::Center),
        Align::Min | Align::Center => Layout::left_to_right(Align::Center),
    };
    paint::inside(ui, rect, layout, |ui| {
        ui.shrink_clip_rect(rect.expand(2.0));
        contents(ui)
    })
}
