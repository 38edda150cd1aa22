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

use egui::{Rect, Ui};

use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;
use crate::gui::widget::frame;

/// Draws the tab; answers where a file can be dropped on it.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Rect {
    let place = pictures::show(ui, state, context);
    ui.add_space(10.0);
    strip::show(ui, state, context);
    ui.add_space(10.0);
    judge::show(ui, state, context);
    outcome::show(ui, state, context);
    frame::section_break(ui);
    ask::show(ui, state, context);
    frame::section_break(ui);
    uses::show(ui, state, context);
    frame::section_break(ui);
    bring::show(ui, state, context);
    place
}
