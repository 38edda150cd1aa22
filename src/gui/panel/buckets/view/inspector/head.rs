//! What the inspector shows, which of how many it is, and the way to the next.

use egui::{Align, Layout, Ui};

use crate::gui::icon;
use crate::gui::panel::buckets::selection::Choice;
use crate::gui::panel::buckets::state::State;
use crate::gui::panel::buckets::view::side;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{IconButton, text};
use crate::gui::words;

pub fn show(ui: &mut Ui, state: &mut State) {
    side::head(ui, |ui| {
        buttons(ui, state);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| title(ui, state));
    });
}

fn buttons(ui: &mut Ui, state: &mut State) {
    let over = !state.roomy;
    if over && ui.add(IconButton::new(icon::X, "Hide details")).clicked() {
        state.inspector_hidden = true;
        state.inspector_over = false;
    }
    let several = state.selection().len() > 1;
    let none = (!several && state.contents().objects.is_empty()).then_some("There is no object here");
    let next = IconButton::new(icon::CARET_RIGHT, "Next object").disabled_because(none);
    if ui.add(next).clicked() {
        step(state, true);
    }
    let previous = IconButton::new(icon::CARET_LEFT, "Previous object").disabled_because(none);
    if ui.add(previous).clicked() {
        step(state, false);
    }
}

/// To the next of the chosen objects; of one that is chosen alone, to the next that is shown.
pub(super) fn step(state: &mut State, forward: bool) {
    if state.selection().len() > 1 {
        state.look_on(forward);
    } else {
        state.step(if forward { 1 } else { -1 }, Choice::Only);
    }
}

fn title(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.x = space::CONTROL;
    let place = state
        .place()
        .map(|(nth, many)| format!("{} of {}", words::grouped(nth), words::grouped(many)));
    let words = match (state.looked_at(), state.selection().len(), state.bucket()) {
        (Some((_, entry)), ..) => super::super::grid::entry_name(&entry).to_owned(),
        (None, 0, Some(bucket)) => bucket.to_string(),
        (None, many, _) => format!("{} selected", words::grouped(many)),
    };
    let caption = place.as_deref().unwrap_or_default();
    let room = crate::gui::widget::paint::whole_line(ui, Type::Caption, caption, t.tx2)
        .size()
        .x;
    let width = (ui.available_width() - room - space::CONTROL).max(40.0);
    ui.scope(|ui| {
        ui.set_max_width(width);
        text::elided(ui, Type::Head, words, t.tx1);
    });
    if !caption.is_empty() {
        text::label(ui, Type::Caption, caption, t.tx2);
    }
}
