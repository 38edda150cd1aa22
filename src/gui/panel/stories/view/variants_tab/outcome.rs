//! What became of the chosen candidate and of the last replacement, and what can be done about it.

use egui::Ui;

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Failure, Focus, ScenePicture, State};
use crate::gui::panel::stories::view::problem::{self, Answer};
use crate::gui::widget::{Button, ErrorAction, ErrorBlock, ErrorChoice, Note};
use crate::media::MediaType;
use crate::service::{JobId, Problem};
use crate::story::{Placement, Variant, VariantState};

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    candidate(ui, state, context);
    replacement(ui, state, context);
}

/// What can be done about a candidate that was not made.
#[derive(Clone, Copy)]
enum Help {
    EditPrompt,
    OtherEngine,
    BuiltIn,
    Again,
}

impl Help {
    fn button(self) -> ErrorAction<'static> {
        match self {
            Self::EditPrompt => ErrorAction::new("Edit prompt").icon(icon::PENCIL_SIMPLE),
            Self::OtherEngine => ErrorAction::new("Other engine").icon(icon::CUBE),
            Self::BuiltIn => ErrorAction::new("Built-in picture").icon(icon::PAINT_BRUSH),
            Self::Again => ErrorAction::new("Ask again").icon(icon::ARROW_CLOCKWISE),
        }
    }
}

/// What happened to a candidate, what to do, the provider's own words, and what helps.
fn explained(variant: &Variant, engines: usize, built_in: bool) -> Option<(String, String, String, Vec<Help>)> {
    let letter = variant.letter();
    let mut help = Vec::new();
    let told = match &variant.state {
        VariantState::Refused { message } => {
            help.push(Help::EditPrompt);
            (
                format!("The provider refused candidate {letter}. Nothing was changed."),
                "Say it in other words, or let another engine draw it. It is not asked again by itself.".to_owned(),
                message.clone(),
            )
        }
        VariantState::Failed { sentence, hint, again } => {
            if *again {
                help.push(Help::Again);
            }
            help.push(Help::EditPrompt);
            (sentence.clone(), hint.clone(), String::new())
        }
        VariantState::Uncertain { sentence } => {
            help.push(Help::Again);
            let what = match sentence.is_empty() {
                true => {
                    format!("Candidate {letter} was asked for, and its answer never came. It may have been charged.")
                }
                false => format!("Candidate {letter} brought no picture and may have been charged. {sentence}"),
            };
            (
                what,
                "Look at the provider's own list before asking again: asking again may be charged again.".to_owned(),
                String::new(),
            )
        }
        VariantState::Queued | VariantState::Drawing | VariantState::Made | VariantState::Cancelled => return None,
    };
    if engines > 1 {
        help.push(Help::OtherEngine);
    }
    if built_in {
        help.push(Help::BuiltIn);
    }
    let (what, advice, words) = told;
    Some((what, advice, words, help))
}

fn candidate(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(variant) = state.bench.chosen().cloned() else {
        return;
    };
    if let Placement::Failed { sentence, hint } = &variant.place {
        ui.add_space(12.0);
        Note::warn(sentence, hint).show(ui);
    }
    let built_in = state
        .bench
        .engines()
        .iter()
        .find(|engine| engine.built_in)
        .map(|engine| engine.id.clone());
    let drawn_by_it = variant.wanted.as_ref().map(|wanted| &wanted.engine) == built_in.as_ref();
    let engines = state.bench.engines().len();
    let Some((what, advice, words, help)) = explained(&variant, engines, built_in.is_some() && !drawn_by_it) else {
        return;
    };
    ui.add_space(12.0);
    let buttons: Vec<ErrorAction<'_>> = help.iter().map(|help| help.button()).collect();
    let answer = ErrorBlock::new(&what, &advice, &words).actions(&buttons).show(ui);
    let Some(ErrorChoice::Action(at)) = answer else { return };
    match help.get(at) {
        Some(Help::EditPrompt) => {
            state.recall(&variant.id);
            state.focus = Some(Focus::Prompt);
        }
        Some(Help::OtherEngine) => {
            state.recall(&variant.id);
            // The next one in the list, which the field then shows.
            let used = variant.wanted.as_ref().map(|wanted| wanted.engine.clone());
            let engines = state.bench.engines();
            let at = engines.iter().position(|engine| Some(&engine.id) == used.as_ref());
            let next = at.map_or(0, |at| (at + 1) % engines.len());
            if let Some(engine) = engines.get(next).map(|engine| engine.id.clone()) {
                state.bench.ask.choose_engine(engine);
            }
            state.focus = Some(Focus::Prompt);
        }
        Some(Help::BuiltIn) => {
            state.recall(&variant.id);
            // It is asked for at once: the keys stay with the candidates, and do not go into the prompt.
            state.focus = None;
            if let Some(engine) = built_in {
                state.bench.ask.choose_engine(engine);
                let count = std::mem::replace(&mut state.bench.ask.count, 1);
                let action = state.generate_candidates();
                state.bench.ask.count = count;
                context.actions.extend(action);
            }
        }
        Some(Help::Again) => {
            let action = state.ask_again(&variant.id);
            context.actions.extend(action);
        }
        None => {}
    }
}

/// What an answer to the outcome of a replacement asks for.
enum Reaction {
    Retry(JobId),
    RetryAs(JobId, MediaType),
    Dismiss(JobId),
    Generate,
    PutBack,
}

/// How the last work on the live picture ended: replaced, or failed and why.
fn replacement(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let (Some(story), Some(scene)) = (state.story(), state.scene()) else {
        return;
    };
    let id = scene.scene_id.clone();
    let mut reaction = None;
    match state.work.picture(story, scene) {
        ScenePicture::Failed(Failure::Job(job, problem)) => {
            ui.add_space(12.0);
            reaction = match problem::of_picture(ui, problem, context.actions) {
                Some(Answer::Retry) => Some(Reaction::Retry(job)),
                Some(Answer::SaveAs(kind)) => Some(Reaction::RetryAs(job, kind)),
                Some(Answer::Dismissed) => Some(Reaction::Dismiss(job)),
                None => None,
            };
        }
        ScenePicture::Failed(Failure::Row(reason)) => {
            ui.add_space(12.0);
            let mut problem = Problem::new(
                "The picture of this scene could not be made.",
                "Try again, change the prompt, or bring a picture of your own.",
            );
            problem.technical = reason.to_owned();
            let answer = problem::show(ui, &problem, "Try again", false, context.actions);
            reaction = (answer == Some(Answer::Retry)).then_some(Reaction::Generate);
        }
        ScenePicture::Drawing { job: Some(job), .. } if state.bench.chosen().is_some() => {
            ui.add_space(8.0);
            if ui.add(Button::new("Cancel replacing").icon(icon::X).small()).clicked() {
                context.actions.push(Action::CancelJob(job));
            }
        }
        _ if state.work.replaced(scene).is_some() => {
            ui.add_space(12.0);
            let undo = Note::ok("Picture replaced", "The previous picture is still in its bucket.")
                .button("Undo")
                .show(ui);
            reaction = undo.then_some(Reaction::PutBack);
        }
        _ => {}
    }
    let action = match reaction {
        Some(Reaction::Retry(job)) => Some(Action::RetryJob(job)),
        Some(Reaction::RetryAs(job, kind)) => Some(Action::RetryAs(job, kind)),
        Some(Reaction::Generate) => state.generate(&id),
        Some(Reaction::PutBack) => state.work.take_replaced(Some(&id)).map(Action::PutBack),
        Some(Reaction::Dismiss(job)) => {
            state.work.dismiss(job);
            None
        }
        None => None,
    };
    context.actions.extend(action);
}
