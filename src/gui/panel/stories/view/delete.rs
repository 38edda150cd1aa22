//! What goes when a story is deleted, before it goes.

use egui::{Context, Ui, vec2};

use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State};
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, ModalFrame, modal, skeleton, text};
use crate::gui::words::count;
use crate::story::{Deletion, Fate};

/// Draws the question while it is asked.
pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(deleting) = &mut state.deleting else { return };
    let title = match deleting.plan.value() {
        Some(plan) => format!("Delete “{}”?", plan.title),
        None => "Delete this story?".to_owned(),
    };
    let frame = ModalFrame::new("delete-story", &title).width(480.0);
    let modal_id = frame.id();
    let plan = deleting.plan.value().cloned();
    let mut again = false;
    let (locked, bucket) = (context.why_locked(), context.service.bucket().clone());
    let answer = frame.show(
        ctx,
        |ui| match (&plan, deleting.plan.problem()) {
            (Some(plan), _) => what_goes(ui, plan, bucket.as_str()),
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
            let unknown = plan.is_none().then_some("What goes with it is being looked up");
            let delete = Button::danger_filled("Delete story").icon(icon::TRASH).large();
            let delete = ui.add(delete.disabled_because(locked.or(unknown)));
            (delete.clicked(), ui.add(Button::new("Cancel").large()).clicked())
        },
    );
    if again {
        deleting.plan.clear();
    }
    let (delete, cancel) = answer.footer;
    let plan = plan.filter(|_| delete);
    if plan.is_some() || cancel || answer.closed {
        state.deleting = None;
        modal::return_focus(ctx, modal_id);
    }
    if let Some(plan) = plan {
        context.actions.push(Action::Do(Box::new(Deed::Delete(Box::new(plan)))));
    }
}

fn what_goes(ui: &mut Ui, plan: &Deletion, bucket: &str) {
    let t = Tokens::of(ui);
    let of = |fate: Fate| plan.objects.iter().filter(|object| object.fate == fate).count();
    let rows = format!("Its row and {} are deleted.", count(plan.scenes, "scene", "scenes"));
    text::wrapped(ui, Type::Body, rows, t.tx1);
    let to_trash = of(Fate::Trash);
    let pictures = match to_trash {
        0 => "No picture goes with it.".to_owned(),
        pictures => format!(
            "{} to the trash of {bucket}. All of it can be had back for 30 days.",
            count(pictures, "picture goes", "pictures go")
        ),
    };
    text::wrapped(ui, Type::Body, pictures, t.tx1);
    let kept = plan.objects.len() - to_trash;
    if kept > 0 {
        let words = count(kept, "picture stays", "pictures stay");
        text::wrapped(
            ui,
            Type::Body,
            format!("{words}: another story shows it, or it is not there."),
            t.tx2,
        );
    }
}
