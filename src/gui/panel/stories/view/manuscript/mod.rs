//! A story that is not published yet: its steps from the draft to the publication, one below the head at a time.

mod asking;
mod candidates;
mod cast;
mod draft;
mod head;
mod pictures;
mod publish;
mod review;
mod steps;

use egui::{Context, Frame, Margin, ScrollArea, Ui, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State, Step};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, ModalFrame, Note, modal, text};
use crate::story::StoryId;

/// Draws the manuscript.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, id: &StoryId) {
    let Some(edit) = state.manuscripts.edit(id) else { return };
    if let Some(wait) = edit.saves_in() {
        ui.request_repaint_after(wait);
    }
    let before = edit.step;
    let is_publishing = state.manuscripts.publisher(id).is_some_and(|publisher| {
        context
            .jobs
            .iter()
            .any(|job| job.id == publisher && !job.state.is_over())
    });
    let Some(edit) = state.manuscripts.edit(id) else { return };
    if head::show(ui, edit, is_publishing) {
        state.manuscripts.discarding = Some(id.clone());
    }
    let step = state.manuscripts.edit(id).map_or(before, |edit| edit.step);
    if step != before
        && let Some(edit) = state.manuscripts.edit(id)
    {
        edit.save_now();
    }
    let margin = Margin {
        left: space::CONTENT as i8,
        right: space::CONTENT as i8,
        top: 2,
        bottom: 20,
    };
    ScrollArea::vertical()
        .id_salt(("manuscript", id.as_str(), step))
        .auto_shrink(false)
        .show(ui, |ui| {
            Frame::NONE.inner_margin(margin).show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
                if is_publishing && step != Step::Publish {
                    // What is typed now would not go out with it.
                    ui.disable();
                }
                unsaved(ui, state, context, id);
                match step {
                    Step::Draft => draft::show(ui, state, id),
                    Step::Cast => cast::show(ui, state, context, id),
                    Step::Pictures => pictures::show(ui, state, context, id),
                    Step::Review => review::show(ui, state, context, id),
                    Step::Publish => publish::show(ui, state, context, id),
                }
            });
        });
}

/// What was typed could not be saved, or somebody else has saved something else.
fn unsaved(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, id: &StoryId) {
    let Some(edit) = state.manuscripts.edit(id) else { return };
    if edit.has_theirs() {
        let words = "What is typed here was not saved, so that neither is lost.";
        if Note::warn("This draft was changed elsewhere meanwhile", words)
            .button("Show the other one")
            .show(ui)
        {
            edit.take_theirs();
        }
        ui.add_space(space::TIGHT);
        if ui.add(Button::new("Keep what is typed here").small()).clicked() {
            edit.keep_ours();
        }
        ui.add_space(space::SECTION);
    } else if let Some(problem) = edit.problem().cloned() {
        let answer = super::problem::show(ui, &problem, "Save again", false, context.actions);
        if answer == Some(super::problem::Answer::Retry) {
            edit.save_now();
        }
        ui.add_space(space::SECTION);
    }
}

/// The question before a manuscript is thrown away.
pub(super) fn discard(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(id) = state.manuscripts.discarding.clone() else {
        return;
    };
    let Some(manuscript) = state.manuscripts.get(&id) else {
        state.manuscripts.discarding = None;
        return;
    };
    let title = match manuscript.title.trim() {
        "" => "Discard this draft?".to_owned(),
        title => format!("Discard the draft “{title}”?"),
    };
    let seen = manuscript.clone();
    let chosen = manuscript.scenes.iter().filter(|scene| scene.chosen.is_some()).count();
    let t = Tokens::of_ctx(ctx);
    let frame = ModalFrame::new("discard-manuscript", &title);
    let modal_id = frame.id();
    let answer = frame.show(
        ctx,
        |ui| {
            let words = "Its texts are on this computer only, and cannot be brought back.";
            text::wrapped(ui, Type::Body, words, t.tx1);
            if chosen > 0 {
                let words = "The pictures that were made for it are kept in the journal, and are not paid for again if the same are asked for.";
                text::wrapped(ui, Type::Body, words, t.tx2);
            }
        },
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let discard = Button::danger_filled("Discard draft").icon(icon::TRASH).large();
            let discard = ui.add(discard).clicked();
            (discard, ui.add(Button::new("Keep it").large()).clicked())
        },
    );
    let (discard, keep) = answer.footer;
    if discard {
        context
            .actions
            .push(Action::Do(Box::new(Deed::Discard(Box::new(seen)))));
    }
    if discard || keep || answer.closed {
        state.manuscripts.discarding = None;
        modal::return_focus(ctx, modal_id);
    }
}
