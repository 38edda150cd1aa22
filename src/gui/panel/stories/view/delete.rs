//! What goes when a story is deleted, before it goes.

use egui::{Context, Ui, vec2};

use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State};
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, ModalFrame, check_box, modal, skeleton, text};
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
    let mut plan = plan.map(|plan| plan.with_copies(deleting.with_copies));
    let mut again = false;
    let (unknown, with_copies) = (plan.is_none(), &mut deleting.with_copies);
    let (locked, bucket) = (context.why_locked(), context.service.bucket().clone());
    let answer = frame.show(
        ctx,
        |ui| match (&mut plan, deleting.plan.problem()) {
            (Some(plan), _) => what_goes(ui, plan, with_copies, bucket.as_str()),
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
            let unknown = unknown.then_some("What goes with it is being looked up");
            let delete = Button::danger_filled("Delete story").icon(icon::TRASH).large();
            let delete = ui.add(delete.disabled_because(locked.or(unknown)));
            (delete.clicked(), ui.add(Button::new("Cancel").large()).clicked())
        },
    );
    if again {
        deleting.plan.clear();
    }
    let (delete, cancel) = answer.footer;
    let plan = plan
        .filter(|_| delete)
        .map(|plan| plan.with_copies(deleting.with_copies));
    if plan.is_some() || cancel || answer.closed {
        state.deleting = None;
        modal::return_focus(ctx, modal_id);
    }
    if let Some(plan) = plan {
        context.actions.push(Action::Do(Box::new(Deed::Delete(Box::new(plan)))));
    }
}

/// Copies that are named; of more there is a count.
const NAMED: usize = 3;

fn what_goes(ui: &mut Ui, plan: &Deletion, with_copies: &mut bool, bucket: &str) {
    let t = Tokens::of(ui);
    let of = |fate: Fate| plan.objects.iter().filter(|object| object.fate == fate).count();
    let rows = format!("Its row and {} are deleted.", count(plan.scenes, "scene", "scenes"));
    text::wrapped(ui, Type::Body, rows, t.tx1);
    if !plan.copies.is_empty() {
        let words = format!(
            "Also delete {}",
            count(plan.copies.len(), "public copy", "public copies")
        );
        check_box(ui, &words, with_copies);
        for copy in plan.copies.iter().take(NAMED) {
            let scenes = count(copy.scenes, "scene", "scenes");
            let line = format!("public_stories {}: “{}”, {scenes}", copy.id, copy.title);
            text::elided(ui, Type::Caption, line, t.tx2);
        }
        if plan.copies.len() > NAMED {
            let more = format!("and {} more", plan.copies.len() - NAMED);
            text::label(ui, Type::Caption, more, t.tx2);
        }
        if !*with_copies {
            let stay = "Readers still see them, and the pictures that they show stay.";
            text::wrapped(ui, Type::Small, stay, t.tx2);
        }
    }
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
            format!("{words}: something else shows it, or it is not there."),
            t.tx2,
        );
    }
}
