//! A problem in the place of the work it belongs to, with what can be done about it.

use egui::Ui;

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::widget::{ErrorAction, ErrorBlock, ErrorChoice};
use crate::service::Problem;

/// What was done to a shown problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Try again.
    Retry,
    /// Put away.
    Dismissed,
}

/// The words of a button that tries the same again, if that may help.
pub(super) fn retry_words(problem: &Problem) -> &'static str {
    if problem.retry { "Try again" } else { "" }
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
    let mut buttons = Vec::with_capacity(3);
    let mut meanings = Vec::with_capacity(3);
    if !retry.is_empty() {
        buttons.push(ErrorAction::new(retry).icon(icon::ARROW_CLOCKWISE));
        meanings.push(None);
    }
    if let Some(exchange) = problem.exchange {
        buttons.push(ErrorAction::new("Copy as curl"));
        meanings.push(Some(Action::CopyCurl(exchange)));
        buttons.push(ErrorAction::new("Show request"));
        meanings.push(Some(Action::ShowRequest(exchange)));
    }
    let mut block = ErrorBlock::new(&problem.what, &problem.advice, &problem.technical).actions(&buttons);
    if dismissible {
        block = block.dismissible();
    }
    match block.show(ui)? {
        ErrorChoice::Dismissed => Some(Answer::Dismissed),
        ErrorChoice::Action(at) => match meanings.into_iter().nth(at)? {
            None => Some(Answer::Retry),
            Some(action) => {
                actions.push(action);
                None
            }
        },
    }
}
