//! The rail at the left: one button a place.

use egui::{Align2, Role, Sense, Ui, WidgetInfo, vec2};

use crate::gui::action::{Action, Command, Place};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size};
use crate::gui::widget::tooltip_with_key;

/// The rail's width.
pub const WIDTH: f32 = 64.0;
const ITEM: egui::Vec2 = vec2(56.0, 50.0);

const ITEMS: [(Place, Icon, &str, Command); 4] = [
    (Place::Stories, icon::BOOK_OPEN, "Stories", Command::Stories),
    (Place::Buckets, icon::DATABASE, "Buckets", Command::Buckets),
    (Place::UrlLab, icon::LINK, "URL Lab", Command::UrlLab),
    (Place::Settings, icon::GEAR, "Settings", Command::Settings),
];

/// Draws the rail; the place shown is marked.
pub fn show(ui: &mut Ui, place: Place, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.vertical_centered(|ui| {
        ui.add_space(8.0);
        let (last, first) = ITEMS.split_last().unwrap_or((&ITEMS[0], &[]));
        for each in first {
            item(ui, each, place, actions);
        }
        let rest = ui.available_height() - ITEM.y - 8.0;
        if rest > 0.0 {
            ui.add_space(rest);
        }
        item(ui, last, place, actions);
    });
}

fn item(ui: &mut Ui, item: &(Place, Icon, &'static str, Command), shown: Place, actions: &mut Vec<Action>) {
    let (place, mark, name, command) = *item;
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(ITEM, Sense::click());
    let active = place == shown;
    response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), active, name));
    let painter = ui.painter();
    let color = if active || response.hovered() { t.tx1 } else { t.tx2 };
    if active || response.hovered() {
        painter.rect_filled(rect, radius::CARD, if active { t.bg4 } else { t.bg3 });
    }
    let glyph = if active { mark.filled() } else { mark };
    let mark_color = if active { t.acc_tx } else { color };
    glyph.paint(
        painter,
        rect.center_top() + vec2(0.0, 17.0),
        size::ICON_RAIL,
        mark_color,
    );
    painter.text(
        rect.center_top() + vec2(0.0, 38.0),
        Align2::CENTER_CENTER,
        name,
        Type::Caption.font(),
        color,
    );
    if response.has_focus() {
        let ring = egui::Stroke::new(2.0, t.acc_tx);
        painter.rect_stroke(rect.expand(1.0), radius::CARD + 1, ring, egui::StrokeKind::Outside);
    }
    let response = tooltip_with_key(response, name, &command.keys());
    if response.clicked() {
        actions.push(Action::Go(place));
    }
}
