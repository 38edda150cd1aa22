//! Batches of pictures: the bar above the scenes, the dialog before one is begun, and the list of all.

mod bar;
mod dialog;
mod list;

pub(super) use bar::show as bar;

use egui::Context;

use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;

/// Draws what lies over everything: the dialog and the list, while they are open.
pub(super) fn over(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    dialog::show(ctx, state, context);
    list::show(ctx, state, context);
}
