//! A problem in the place of the work it belongs to, with what can be done about it.

use egui::Ui;

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::widget::{ErrorAction, ErrorBlock, ErrorChoice};
use crate::media::MediaType;
use crate::service::Problem;

/// What was done to a shown problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Try again.
    Retry,
    /// Try again with the picture saved as another kind.
    SaveAs(MediaType),
    /// Put away.
    Dismissed,
}

/// The words of a button that tries the same again, if that may help.
pub(super) fn retry_words(problem: &Problem) -> &'static str {
    if problem.retry { "Try again" } else { "" }
}

/// What a button means.
enum Meaning {
    Answer(Answer),
    Action(Box<Action>),
}

/// Draws the problem of a job that puts a picture into its place: one that its bucket does not take can be saved as another kind.
pub(super) fn of_picture(ui: &mut Ui, problem: &Problem, actions: &mut Vec<Action>) -> Option<Answer> {
    draw(ui, problem, retry_words(problem), (true, true), actions)
}

/// Draws the problem. `retry` is the words of the button that tries again, empty for none. What concerns the request
/// behind it is put out here.
pub(super) fn show(
    ui: &mut Ui,
    problem: &Problem,
    retry: &str,
    dismissible: bool,
    actions: &mut Vec<Action>,
) -> Option<Answer> {
    draw(ui, problem, retry, (dismissible, false), actions)
}

fn draw(
    ui: &mut Ui,
    problem: &Problem,
    retry: &str,
    (dismissible, can_save_as): (bool, bool),
    actions: &mut Vec<Action>,
) -> Option<Answer> {
    let mut buttons = Vec::with_capacity(4);
    let mut meanings = Vec::with_capacity(4);
    if let Some(save) = problem.save_as.filter(|_| can_save_as) {
        buttons.push(ErrorAction::new(save.words()).icon(icon::ARROW_CLOCKWISE));
        meanings.push(Meaning::Answer(Answer::SaveAs(save.kind)));
    }
    if !retry.is_empty() {
        buttons.push(ErrorAction::new(retry).icon(icon::ARROW_CLOCKWISE));
        meanings.push(Meaning::Answer(Answer::Retry));
    }
    if let Some(exchange) = problem.exchange {
        buttons.push(ErrorAction::new("Copy as curl"));
        meanings.push(Meaning::Action(Box::new(Action::CopyCurl(exchange))));
        buttons.push(ErrorAction::new("Show request"));
        meanings.push(Meaning::Action(Box::new(Action::ShowRequest(exchange))));
    }
    let mut block = ErrorBlock::new(&problem.what, &problem.advice, &problem.technical).actions(&buttons);
    if dismissible {
        block = block.dismissible();
    }
    match block.show(ui)? {
        ErrorChoice::Dismissed => Some(Answer::Dismissed),
        ErrorChoice::Action(at) => match meanings.into_iter().nth(at)? {
            Meaning::Answer(answer) => Some(answer),
            Meaning::Action(action) => {
                actions.push(*action);
                None
            }
        },
    }
}
