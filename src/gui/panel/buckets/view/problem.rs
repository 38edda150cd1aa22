//! A failure in the place of what could not be read.

use egui::{Frame, Margin, Ui};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::theme::space;
use crate::gui::widget::{ErrorAction, ErrorBlock, ErrorChoice};
use crate::service::Problem;

/// Draws the three lines of a problem; answers whether to try again.
pub fn show(ui: &mut Ui, problem: &Problem, actions: &mut Vec<Action>) -> bool {
    let retry = ErrorAction::new("Try again").icon(icon::ARROW_CLOCKWISE);
    let curl = ErrorAction::new("Copy as curl").icon(icon::TERMINAL_WINDOW);
    let request = ErrorAction::new("Show request");
    let with_request = [retry, curl, request];
    let shown = if problem.exchange.is_some() {
        &with_request[..]
    } else {
        &with_request[..1]
    };
    let block = ErrorBlock::new(&problem.what, &problem.advice, &problem.technical).actions(shown);
    let choice = Frame::NONE
        .inner_margin(Margin::same(space::PANEL as i8))
        .show(ui, |ui| block.show(ui))
        .inner;
    match (choice, problem.exchange) {
        (Some(ErrorChoice::Action(0)), _) => return true,
        (Some(ErrorChoice::Action(1)), Some(exchange)) => actions.push(Action::CopyCurl(exchange)),
        (Some(ErrorChoice::Action(2)), Some(exchange)) => actions.push(Action::ShowRequest(exchange)),
        _ => {}
    }
    false
}
