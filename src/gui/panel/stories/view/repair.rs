//! Which links of a story can be put right, and how, before it is done.

use egui::{Context, Ui, vec2};

use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State};
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, EmptyState, ModalFrame, modal, skeleton, text};
use crate::gui::words::count;
use crate::service::LinkRepair;

/// Draws the question while it is asked.
pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(repairing) = &mut state.repairing else { return };
    let frame = ModalFrame::new("repair-links", "Repair links")
        .caption("Links that are written wrongly and can be read all the same; nothing is guessed")
        .width(640.0);
    let modal_id = frame.id();
    let plan = repairing.plan.value().cloned();
    let links = plan.as_ref().map_or(0, Vec::len);
    let words = format!("Repair {}", count(links, "link", "links"));
    let none = (links == 0).then_some("There is nothing to put right");
    let locked = context.why_locked();
    let mut again = false;
    let answer = frame.show(
        ctx,
        |ui| match (&plan, repairing.plan.problem()) {
            (Some(plan), _) => repairs(ui, plan),
            (None, Some(failed)) => {
                again = problem::show(ui, failed, "Try again", false, context.actions) == Some(Answer::Retry);
            }
            (None, None) => {
                for width in [300.0, 380.0] {
                    skeleton(ui, vec2(width, 14.0));
                }
            }
        },
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let repair = Button::primary(&words).icon(icon::WRENCH).large();
            let repair = ui.add(repair.disabled_because(locked.or(none))).clicked();
            (repair, ui.add(Button::new("Cancel").large()).clicked())
        },
    );
    if again {
        repairing.plan.clear();
    }
    let story = repairing.story.clone();
    let (repair, cancel) = answer.footer;
    let repairs = plan.filter(|_| repair);
    if repairs.is_some() || cancel || answer.closed {
        state.repairing = None;
        modal::return_focus(ctx, modal_id);
    }
    if let Some(repairs) = repairs {
        let deed = Deed::RepairLinks { story, repairs };
        context.actions.push(Action::Do(Box::new(deed)));
    }
}

fn repairs(ui: &mut Ui, plan: &[LinkRepair]) {
    let t = Tokens::of(ui);
    if plan.is_empty() {
        let caption = "A link to an object that is not there needs another picture";
        EmptyState::new(icon::LINK_SIMPLE, "No link is written wrongly", caption)
            .height(140.0)
            .show(ui);
    }
    for repair in plan {
        text::label(ui, Type::Strong, repair.place.label(), t.tx1);
        text::wrapped(ui, Type::Small, repair.problems.join(" "), t.tx2);
        text::key(ui, Type::MonoSmall, &repair.before, t.err);
        text::key(ui, Type::MonoSmall, &repair.after, t.ok);
        ui.add_space(6.0);
    }
}
