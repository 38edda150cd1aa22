//! Where a file will go that hovers over the window.

use egui::{Id, LayerId, Order, Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, vec2};

use super::paint;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Type, radius, size};

/// Covers `rect` and says what dropping does. Takes no room and no clicks.
pub fn drop_target(ui: &mut Ui, rect: Rect, words: &str) {
    let t = Tokens::of(ui);
    let layer = LayerId::new(Order::Tooltip, Id::unique("drop-target"));
    ui.scope_builder(UiBuilder::new().layer_id(layer).max_rect(rect), |ui| {
        let response = ui.interact(rect, ui.unique_id().with("words"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
        let painter = ui.painter().with_clip_rect(rect.expand(2.0));
        painter.rect_filled(rect, radius::CARD, t.acc_bg.gamma_multiply(0.94));
        paint::dashed_rect(&painter, rect, Stroke::new(2.0, t.acc_tx));
        icon::UPLOAD_SIMPLE.paint(&painter, rect.center() - vec2(0.0, 14.0), size::ICON_EMPTY, t.acc_tx);
        let galley = paint::line(ui, Type::SmallStrong, words, t.tx1, rect.width() - 24.0);
        let line = Rect::from_center_size(rect.center() + vec2(0.0, 14.0), vec2(rect.width(), 16.0));
        paint::galley_center(&painter, line, galley, t.tx1);
    });
}
