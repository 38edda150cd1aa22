//! What is thought of the chosen candidate, and the button that makes it the live picture.

use egui::{Align, Layout, Ui, vec2};

use crate::gui::action::{Action, Command};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;
use crate::gui::theme::{size, space};
use crate::gui::widget::{Button, IconButton};
use crate::story::Verdict;

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let chosen = state.bench.chosen();
    let none = match chosen {
        None => Some("Choose a candidate first"),
        Some(variant) if variant.picture.is_none() => Some("This candidate has no picture"),
        Some(_) => None,
    };
    let verdict = chosen.map_or(Verdict::Open, |variant| variant.verdict);
    let placing = match (state.story(), state.scene()) {
        (Some(story), Some(scene)) => state.work.is_busy(story, scene) && chosen.is_some(),
        _ => false,
    };
    let why_not = state.why_not_replaced();
    let can_undo =
        state.can_undo_judgement() || state.scene().is_some_and(|scene| state.work.replaced(scene).is_some());
    let locked = context.why_locked();
    let mut command = None;
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = space::LABEL;
            let (keep, reject) = match verdict {
                Verdict::Open => ("Keep", "Reject"),
                Verdict::Kept => ("Kept", "Reject"),
                Verdict::Rejected => ("Keep", "Rejected"),
            };
            let keep = Button::new(keep).key("K").open(verdict == Verdict::Kept);
            if ui.add(keep.disabled_because(none)).clicked() {
                command = Some(Command::Keep);
            }
            let reject = Button::new(reject).key("X").open(verdict == Verdict::Rejected);
            if ui.add(reject.disabled_because(none)).clicked() {
                command = Some(Command::Reject);
            }
            let nothing = (!can_undo).then_some("There is nothing to undo here");
            let undo = IconButton::new(icon::ARROW_COUNTER_CLOCKWISE, "Undo").framed().key("Z");
            if ui.add(undo.disabled_because(nothing)).clicked() {
                command = Some(Command::Undo);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let replace = Button::primary("Replace live").key("R").busy(placing);
                if ui.add(replace.disabled_because(locked.or(why_not))).clicked() {
                    command = Some(Command::ReplaceLive);
                }
            });
        },
    );
    context.actions.extend(command.map(Action::Command));
}
