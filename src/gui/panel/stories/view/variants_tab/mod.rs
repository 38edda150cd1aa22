//! The inspector's first tab, the bench: the live picture beside its candidates, what is thought of them, how others are asked
//! for, and where the live picture is used.

mod ask;
mod bring;
mod judge;
mod more;
mod outcome;
pub(super) mod pictures;
mod strip;
mod uses;

use egui::{Id, Rect, Ui};

use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;
use crate::gui::widget::frame;

/// What stands above the pictures and below the button that asks for candidates, so that it is not at the very edge.
const MARGINS: f32 = 12.0 + 8.0;
/// Height of what stands between the pictures and the end of that button, until it was drawn once.
const USUALLY: f32 = 396.0;

/// Draws the tab; answers where a file can be dropped on it.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Rect {
    // In a low window the pictures give way, so that candidates are asked for without scrolling.
    let known = Id::unique("bench-below-pictures");
    let below: f32 = ui.data(|data| data.get_temp(known)).unwrap_or(USUALLY);
    let room = ui.clip_rect().height() - MARGINS - below;
    let place = pictures::show(ui, state, context, room);
    let top = ui.cursor().top();
    ui.add_space(10.0);
    strip::show(ui, state, context);
    ui.add_space(10.0);
    judge::show(ui, state, context);
    let told = ui.cursor().top();
    outcome::show(ui, state, context);
    // What comes and goes does not make the pictures smaller and larger again.
    let told = ui.cursor().top() - told;
    frame::section_break(ui);
    ask::show(ui, state, context);
    let drawn = ui.cursor().top() - top - told;
    if (drawn - below).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(known, drawn));
        ui.ctx().request_repaint();
    }
    frame::section_break(ui);
    uses::show(ui, state, context);
    frame::section_break(ui);
    bring::show(ui, state, context);
    place
}
