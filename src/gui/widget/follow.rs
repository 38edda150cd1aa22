//! Scrolling after the keyboard.

use egui::{Id, Ui, vec2};

/// Brings what the keyboard went to into view; egui leaves it where it is, out of sight. Called at the end of a scroll
/// area's contents; `margin` is what is to be seen above and below it, and lies under bars over the contents.
pub fn follow_focus(ui: &mut Ui, margin: f32) {
    let last = Id::unique(("focus followed", ui.scope_id()));
    let focused = ui.memory(egui::Memory::focused);
    let before = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or(last, None::<Id>), focused));
    // Who clicks sees what is clicked, and it is to stay under the pointer.
    let clicked = ui.input(|input| input.pointer.any_pressed() || input.pointer.any_released());
    let Some(id) = focused.filter(|id| Some(*id) != before && !clicked) else {
        return;
    };
    let inside =
        |response: &egui::Response| response.layer_id == ui.layer_id() && ui.min_rect().intersects(response.rect);
    if let Some(response) = ui.read_response(id).filter(inside) {
        ui.scroll_to_rect(response.rect.expand2(vec2(0.0, margin)), None);
    }
}
