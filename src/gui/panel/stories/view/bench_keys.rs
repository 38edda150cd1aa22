//! The keys of the bench that are no commands, while no text field has the keyboard.

use egui::{Id, Key, Modifiers, Ui};

use super::card;
use crate::gui::action::{Action, Command};
use crate::gui::panel::stories::state::State;

const DIGITS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

fn listening(ui: &Ui, state: &State) -> bool {
    !state.form.open
        && state.scene().is_some()
        && !ui.text_edit_focused()
        && (state.enlarged || ui.memory(|memory| memory.top_modal_layer().is_none()))
}

/// The digits choose a candidate, Z undoes, and Space flips also while a card has the keyboard. Called before any of it is drawn.
pub(super) fn take(ui: &Ui, state: &mut State, actions: &mut Vec<Action>) {
    if !listening(ui, state) {
        return;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if state.shows_bench() {
        for (place, key) in DIGITS.into_iter().enumerate() {
            if pressed(key) {
                state.bench.choose_at(place);
            }
        }
    }
    if pressed(Key::Z) {
        actions.push(Action::Command(Command::Undo));
    }
    let focused = ui.memory(egui::Memory::focused);
    let on_card = state
        .scene()
        .is_some_and(|scene| focused == Some(card::id(&scene.scene_id)));
    if (on_card || state.enlarged && focused.is_none()) && pressed(Key::Space) {
        actions.push(Action::Command(Command::Flip));
    }
}

/// Escape: all of both pictures again, then the live picture alone. Called after whatever lies over the bench had its turn.
pub(super) fn escape(ui: &Ui, state: &mut State) {
    // An Escape that leaves a text field has taken the keyboard from it before anything is drawn, and means nothing else.
    let typing = ui.text_edit_focused();
    let typed =
        ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default::<bool>(Id::unique("bench-typing")), typing));
    if typed || !listening(ui, state) || state.enlarged || !state.shows_bench() {
        return;
    }
    if state.bench.look.is_fitted() && state.bench.chosen().is_none() {
        return;
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        if state.bench.look.is_fitted() {
            state.bench.choose(None);
        } else {
            state.bench.look.fit();
        }
    }
}
