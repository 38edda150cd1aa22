//! Lists of rows of one height, of which one may be open with something below it. Only what can be seen is drawn.

use egui::{Layout, Rangef, Rect, ScrollArea, Ui, UiBuilder, vec2};

/// Height of a row.
pub(super) const ROW: f32 = 26.0;
/// Space left and right of a row.
pub(super) const PADDING: f32 = 16.0;
/// Space between two columns.
pub(super) const GAP: f32 = 12.0;

/// Draws into a rectangle that was already allocated: the parent's cursor stays where it is.
pub(super) fn inside<R>(ui: &mut Ui, rect: Rect, layout: Layout, contents: impl FnOnce(&mut Ui) -> R) -> R {
    contents(&mut ui.new_child(UiBuilder::new().max_rect(rect).layout(layout)))
}

/// What is to be drawn.
pub(super) enum Part {
    /// The row at this index.
    Row(usize),
    /// What is open below the open row; of its height, this part can be seen.
    Detail(Rangef),
}

/// A list.
pub(super) struct Rows {
    /// Rows in all.
    pub count: usize,
    /// Height of one.
    pub height: f32,
    /// Index of the open row, and the height of what is below it.
    pub open: Option<(usize, f32)>,
    /// Scrolls to the open row.
    pub reveal: bool,
}

impl Rows {
    /// Draws what can be seen.
    pub(super) fn show(self, ui: &mut Ui, id: &str, mut draw: impl FnMut(&mut Ui, Part)) {
        let area = ScrollArea::vertical().id_salt(id).auto_shrink(false);
        ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
        area.show_viewport(ui, |ui, viewport| {
            let open_height = self.open.map_or(0.0, |(_, height)| height);
            ui.set_height(self.count as f32 * self.height + open_height);
            let seen = viewport.y_range();
            let origin = ui.max_rect().min;
            let width = ui.available_width();
            let mut place = |ui: &mut Ui, id: usize, top: f32, height: f32, part: Part| {
                let rect = Rect::from_min_size(origin + vec2(0.0, top), vec2(width, height));
                let mut child = ui.new_child(UiBuilder::new().id_salt(id).max_rect(rect));
                draw(&mut child, part);
            };
            let below = self.open.map_or(usize::MAX, |(index, _)| index + 1);
            for index in self.visible(seen) {
                let top = index as f32 * self.height + if index >= below { open_height } else { 0.0 };
                place(ui, index, top, self.height, Part::Row(index));
            }
            if let Some((index, height)) = self.open {
                let top = (index + 1) as f32 * self.height;
                let part = Rangef::new((seen.min - top).max(0.0), (seen.max - top).min(height));
                if part.min < part.max {
                    place(ui, usize::MAX, top, height, Part::Detail(part));
                }
                if self.reveal {
                    let rect = Rect::from_min_size(
                        origin + vec2(0.0, top - self.height),
                        vec2(width, (self.height + height).min(seen.span())),
                    );
                    ui.scroll_to_rect(rect, None);
                }
            }
        });
    }

    /// Rows that touch the part of the list that can be seen.
    fn visible(&self, seen: Rangef) -> std::ops::Range<usize> {
        let row_at = |y: f32| {
            let before_open = (y / self.height).max(0.0) as usize;
            match self.open {
                Some((index, height)) if before_open > index => {
                    (((y - height) / self.height).max(0.0) as usize).max(index)
                }
                _ => before_open,
            }
        };
        let last = row_at(seen.max).saturating_add(1).min(self.count);
        row_at(seen.min).min(last)..last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_in_sight_are_drawn() {
        let rows = |open| Rows {
            count: 100,
            height: 10.0,
            open,
            reveal: false,
        };
        assert_eq!(rows(None).visible(Rangef::new(0.0, 30.0)), 0..4);
        assert_eq!(rows(None).visible(Rangef::new(985.0, 1_015.0)), 98..100);
        assert_eq!(rows(Some((1, 100.0))).visible(Rangef::new(0.0, 35.0)), 0..2);
        assert_eq!(rows(Some((1, 100.0))).visible(Rangef::new(60.0, 90.0)), 1..2);
        assert_eq!(rows(Some((1, 100.0))).visible(Rangef::new(110.0, 145.0)), 1..5);
    }
}
