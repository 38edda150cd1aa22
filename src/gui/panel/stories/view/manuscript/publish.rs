//! Into the project: what will be done, how far it is, and how it ended.

use egui::{Ui, vec2};

use super::review;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, Edit, Selection, State, Step};
use crate::gui::panel::stories::view::list::progress_of;
use crate::gui::panel::stories::view::problem::{self, Answer};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, Note, ProgressBar, frame, key_text, text};
use crate::gui::words::count;
use crate::service::{Job, JobState};
use crate::story::{Manuscript, ManuscriptState, StoryId};

const WIDTH: f32 = 560.0;

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, id: &StoryId) {
    let Some(manuscript) = state.manuscripts.edit(id).map(|edit| edit.get().clone()) else {
        return;
    };
    ui.set_max_width(WIDTH);
    let job = state
        .manuscripts
        .publisher(id)
        .and_then(|job| context.jobs.iter().find(|one| one.id == job))
        .cloned();
    let mut show = false;
    match (&job, manuscript.state) {
        (_, ManuscriptState::Published) => show = published(ui, &manuscript, job.as_ref()),
        (Some(job), _) if !job.state.is_over() => running(ui, job, context),
        (job, _) => ready(ui, state, context, &manuscript, job.as_ref()),
    }
    if show {
        state.select(Selection::Story(id.clone()));
    }
}

/// Before it is begun, or after it failed.
fn ready(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, manuscript: &Manuscript, job: Option<&Job>) {
    let t = Tokens::of(ui);
    let why_not = review::why_not(manuscript);
    match job.map(|job| (&job.state, job.id)) {
        Some((JobState::Failed(failed), id)) => {
            let answer = problem::show(ui, failed, problem::retry_words(failed), false, context.actions);
            if answer == Some(Answer::Retry) {
                context.actions.push(Action::RetryJob(id));
            }
            ui.add_space(space::SECTION);
        }
        Some((JobState::Cancelled, _)) => {
            Note::info(
                "Publishing was stopped",
                "What was begun was taken back, or is noted and is taken up again when you publish.",
            )
            .show(ui);
            ui.add_space(space::SECTION);
        }
        _ if manuscript.state == ManuscriptState::TakingBack => {
            Note::warn(
                "A publication that failed is not yet taken back whole",
                "What was stored of it is noted, and is removed at the next start, or now.",
            )
            .show(ui);
            ui.add_space(space::CONTROL);
            if ui.add(Button::new("Remove it now")).clicked() {
                context
                    .actions
                    .push(Action::Do(Box::new(Deed::TakeBack(manuscript.id.clone()))));
            }
            ui.add_space(space::SECTION);
        }
        _ if manuscript.state == ManuscriptState::Publishing => {
            Note::warn(
                "Publishing was interrupted",
                "How far it came is written down. It goes on from there; nothing is stored twice.",
            )
            .show(ui);
            ui.add_space(space::SECTION);
        }
        _ => {}
    }
    summary(ui, manuscript, context);
    ui.add_space(space::PANEL);
    let (begun, approved) = (
        manuscript.state == ManuscriptState::Publishing,
        manuscript.is_approved(),
    );
    let words = if begun { "Go on publishing" } else { "Publish story" };
    let busy = state.manuscripts.opened(&manuscript.id).is_some_and(Edit::is_dirty);
    let why = why_not.or(busy.then_some("It is being saved"));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let publish = Button::primary(words).icon(icon::ROCKET_LAUNCH).large();
        if ui.add(publish.disabled_because(why)).clicked() {
            context
                .actions
                .push(Action::Do(Box::new(Deed::Publish(Box::new(manuscript.clone())))));
        }
        if why_not.is_some()
            && ui.add(Button::new("Show the review").large()).clicked()
            && let Some(edit) = state.manuscripts.edit(&manuscript.id)
        {
            edit.step = Step::Review;
        }
    });
    if !approved {
        ui.add_space(space::CONTROL);
        text::wrapped(
            ui,
            Type::Caption,
            "A person has to look at a story before it is published.",
            t.tx3,
        );
    }
}

/// What will be done.
fn summary(ui: &mut Ui, manuscript: &Manuscript, context: &PanelContext<'_>) {
    let t = Tokens::of(ui);
    let chosen = manuscript.scenes.iter().filter(|scene| scene.chosen.is_some()).count();
    let missing = manuscript.scenes.len() - chosen;
    let workspace = context.service.workspace();
    frame::card(ui, 12).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing = vec2(8.0, 4.0);
        text::label(ui, Type::Strong, "What will be done", t.tx1);
        let pictures = match missing {
            0 => count(chosen, "picture", "pictures"),
            missing => format!("{}; {missing} without", count(chosen, "picture", "pictures")),
        };
        key_text(
            ui,
            120.0,
            "Pictures",
            &format!("{pictures}, into {}", context.service.bucket()),
        );
        let rows = format!(
            "1 in {}, {} in {}",
            workspace.tables.stories,
            manuscript.scenes.len(),
            workspace.tables.scenes
        );
        key_text(ui, 120.0, "Rows", &rows);
        key_text(ui, 120.0, "If a step fails", "what was done before it is taken back");
        if let Some(approval) = manuscript.approved.as_ref().filter(|_| manuscript.is_approved()) {
            key_text(ui, 120.0, "Approved by", &approval.by);
        }
    });
}

fn running(ui: &mut Ui, job: &Job, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let stopping = job.state == JobState::Cancelling;
    let words = match (stopping, job.progress.doing.as_str()) {
        (true, _) => "Taking back what was begun",
        (false, "") => "Starting",
        (false, doing) => doing,
    };
    text::label(ui, Type::Strong, words, t.tx1);
    ui.add_space(space::CONTROL);
    ui.add(ProgressBar::new("Publish", progress_of(job)));
    ui.add_space(space::CONTROL);
    if let Some(total) = job.progress.total {
        text::label(ui, Type::Caption, format!("{} of {total}", job.progress.done), t.tx3);
        ui.add_space(space::CONTROL);
    }
    let cancel = Button::new("Cancel").disabled_because(stopping.then_some("It stops as soon as that is safe"));
    if ui.add(cancel).clicked() {
        context.actions.push(Action::CancelJob(job.id));
    }
}

/// The truthful end; answers whether the story is to be shown.
fn published(ui: &mut Ui, manuscript: &Manuscript, job: Option<&Job>) -> bool {
    let said = match job.map(|job| &job.state) {
        Some(JobState::Done(summary)) => summary.clone(),
        _ => format!(
            "{} are in the project.",
            count(manuscript.scenes.len(), "scene", "scenes")
        ),
    };
    Note::ok("The story is published", &said).show(ui);
    ui.add_space(space::PANEL);
    ui.add(Button::primary("Show the story").icon(icon::BOOK_OPEN).large())
        .clicked()
}
