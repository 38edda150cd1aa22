//! Draws the questions over the place, a file a question.

mod bucket;
mod clear;
mod delete;
mod download;
mod folder;
pub(super) mod headers;
mod plan;
mod relocate;
mod urls;

use egui::{Context, Id, Key, Ui};

use crate::gui::action::Action;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Dialog;
use crate::gui::panel::buckets::state::State;
use crate::gui::widget::{Button, modal};

/// What the buttons of a question answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Nothing yet.
    Open,
    /// It is to be done.
    Yes,
    /// Nothing is to be done.
    No,
}

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(mut dialog) = state.dialog.take() else { return };
    if dialog.needs_unlocking() && context.why_locked().is_some() {
        // By its key, or by a button that only leads here: first it has to be unlocked.
        context.actions.push(Action::AskToUnlock);
        return;
    }
    let stays = match &mut dialog {
        Dialog::Bucket(form) => bucket::show(ui, state, form, context),
        Dialog::Clear(clearing) => clear::show(ui, clearing, context),
        Dialog::Delete(deletion) => delete::show(ui, deletion, context),
        Dialog::Relocate(relocation) => relocate::show(ui, state, relocation, context),
        Dialog::Headers(form) => headers::show(ui, form, context),
        Dialog::Urls(form) => urls::show(ui, state, form, context),
        Dialog::Folder(form) => folder::show(ui, state, form, context),
        Dialog::Download(form) => download::show(ui, form, context),
    };
    if stays {
        state.dialog = Some(dialog);
    }
}

/// The buttons of a question, from the right: the one that does it, and the one that does not.
fn buttons(ui: &mut Ui, yes: Button<'_>, why_not: Option<&str>) -> Answer {
    let yes = ui.add(yes.large().disabled_because(why_not)).clicked();
    let no = ui.add(Button::new("Cancel").large()).clicked();
    match (yes, no) {
        (true, _) => Answer::Yes,
        (false, true) => Answer::No,
        (false, false) => Answer::Open,
    }
}

/// What a modal answered in all; gives the keyboard back where it is over.
fn answered(ctx: &Context, id: Id, buttons: Answer, entered: bool, closed: bool) -> Answer {
    let answer = match buttons {
        Answer::Open if entered => Answer::Yes,
        Answer::Open if closed => return Answer::No,
        other => other,
    };
    if answer != Answer::Open {
        modal::return_focus(ctx, id);
    }
    answer
}

/// Whether Enter was pressed in a field of one line.
fn entered(ui: &Ui, field: &egui::Response) -> bool {
    field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}
