//! Frames: panels, cards, bars, and the hairlines between them.

use egui::epaint::Shadow;
use egui::{Frame, Margin, Response, Sense, Stroke, Ui, vec2};

use crate::gui::theme::{Tokens, radius};

/// A panel or the content: one surface, no margin.
pub fn panel(ui: &Ui) -> Frame {
    Frame::NONE.fill(Tokens::of(ui).bg1)
}

/// The top bar, the rail and the status bar.
pub fn bar(ui: &Ui) -> Frame {
    Frame::NONE.fill(Tokens::of(ui).bg0)
}

/// A bar docked to an edge of a panel, like the selection bar.
pub fn docked_bar(ui: &Ui) -> Frame {
    Frame::NONE.fill(Tokens::of(ui).bg2)
}

/// A card with `margin` between its border and its contents.
pub fn card(ui: &Ui, margin: i8) -> Frame {
    let t = Tokens::of(ui);
    Frame::NONE
        .fill(t.bg2)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same((margin - 1).max(0)))
        .shadow(Shadow {
            offset: [0, 1],
            blur: 2,
            spread: 0,
            color: t.shadow_card,
        })
}

/// A popover such as the transfers: over everything, with a shadow.
pub fn popover(ui: &Ui) -> Frame {
    Frame::popup(ui.style()).inner_margin(0)
}

/// Code and other things as they are stored.
pub fn code(ui: &Ui) -> Frame {
    let t = Tokens::of(ui);
    Frame::NONE
        .fill(t.input)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::symmetric(11, 9))
}

/// A hairline over the whole width, one point tall.
pub fn hairline(ui: &mut Ui) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().rect_filled(rect, 0, Tokens::of(ui).line);
    response
}

/// The break between two sections of a panel: 12, a hairline, 12.
pub fn section_break(ui: &mut Ui) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(12.0);
        hairline(ui);
        ui.add_space(12.0);
    });
}
