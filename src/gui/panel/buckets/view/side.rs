//! What the inspector and the usage have in common: a row at the top whose buttons stand at the right, and what scrolls below.

use egui::{Align, Frame, Layout, Margin, ScrollArea, Ui, vec2};

use crate::gui::theme::{size, space};

/// The row at the top; `contents` are laid out from the right.
pub fn head(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let margin = Margin {
        left: space::PANEL as i8,
        right: space::SECTION as i8,
        top: 6,
        bottom: 6,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        let layout = Layout::right_to_left(Align::Center);
        ui.allocate_ui_with_layout(vec2(ui.available_width(), size::CONTROL), layout, |ui| {
            ui.set_height(size::CONTROL);
            ui.spacing_mut().item_spacing.x = 2.0;
            contents(ui);
        });
    });
}

/// What is below it. `name` tells one scroll position from the other.
pub fn body(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(name).auto_shrink(false).show(ui, |ui| {
        let margin = Margin {
            left: space::PANEL as i8,
            right: space::PANEL as i8,
            top: 0,
            bottom: 20,
        };
        Frame::NONE.inner_margin(margin).show(ui, contents);
    });
}
