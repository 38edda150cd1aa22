//! The steps as a line: which there are, which are done, which one is shown. Any can be gone to.

use egui::{Align2, Color32, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::gui::icon;
use crate::gui::panel::stories::state::Step;
use crate::gui::theme::{Tokens, Type, radius, size};
use crate::gui::widget::paint;
use crate::story::Manuscript;

const MARK: f32 = 18.0;
const BETWEEN: f32 = 28.0;

pub(super) fn show(ui: &mut Ui, step: &mut Step, manuscript: &Manuscript) {
    let t = Tokens::of(ui);
    let (whole, answer) = ui.allocate_exact_size(vec2(ui.available_width(), size::CONTROL), Sense::hover());
    let mut left = whole.left() - 4.0;
    let middle = whole.center().y;
    for (at, one) in Step::ALL.into_iter().enumerate() {
        let galley = paint::whole_line(ui, Type::Button, one.words(), Color32::PLACEHOLDER);
        let width = 4.0 + MARK + 6.0 + galley.size().x + 8.0;
        if at > 0 {
            let line = [pos2(left + 4.0, middle), pos2(left + BETWEEN - 4.0, middle)];
            ui.painter().line_segment(line, Stroke::new(1.0, t.line2));
            left += BETWEEN;
        }
        let rect = Rect::from_min_size(pos2(left, whole.top()), vec2(width, size::CONTROL));
        left += width;
        let response = ui.interact(rect, answer.id.with(one.words()), Sense::click());
        if response.clicked() {
            *step = one;
        }
        let (chosen, done) = (*step == one, one.is_done(manuscript));
        let name = format!(
            "{}, step {} of {}{}",
            one.words(),
            at + 1,
            Step::ALL.len(),
            if done { ", done" } else { "" }
        );
        response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), chosen, &name));
        if response.hovered() || chosen {
            let fill = if chosen { t.acc_bg } else { t.bg3 };
            ui.painter().rect_filled(rect, radius::CONTROL, fill);
        }
        let mark = Rect::from_min_size(pos2(rect.left() + 4.0, middle - MARK * 0.5), vec2(MARK, MARK));
        let (fill, border, text) = match (chosen, done) {
            (_, true) => (t.ok_bg, t.ok_line, t.ok),
            (true, false) => (t.acc, t.acc, t.on_fill),
            (false, false) => (Color32::TRANSPARENT, t.line2, t.tx3),
        };
        let painter = ui.painter();
        painter.rect(mark, MARK * 0.5, fill, Stroke::new(1.0, border), StrokeKind::Inside);
        if done {
            icon::CHECK.paint(painter, mark.center(), size::ICON_BADGE, text);
        } else {
            let number = paint::whole_line(ui, Type::CaptionStrong, &(at + 1).to_string(), text);
            let place = Align2::CENTER_CENTER.anchor_size(mark.center(), number.size());
            painter.galley(place.min, number, text);
        }
        let color = match (chosen, response.hovered()) {
            (true, _) => t.acc_tx,
            (false, true) => t.tx1,
            (false, false) => t.tx2,
        };
        paint::galley_left(painter, mark.right() + 6.0, middle, galley, color);
        paint::focus_ring(ui, &response, radius::CONTROL);
    }
}
