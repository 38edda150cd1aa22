//! Unlocking admin mode: the user confirms it, with the passphrase where the key lies in a file that has one.

use egui::{Context, Id, Key};

use super::question::Question;
use crate::gui::action::Action;
use crate::gui::app::App;
use crate::gui::panel::connect::SecretText;
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, LargeField, ModalFrame, Shows, text};
use crate::http::Secret;
use crate::service::{AdminState, Pending, Problem};
use crate::workspace::Keep;

/// The question, as far as it has come.
#[derive(Default)]
pub(super) struct Unlock {
    /// The passphrase that is asked for, if the workspace's key lies in the encrypted file.
    passphrase: Option<SecretText>,
    /// The passphrase on its way to be compared.
    asked: Option<Pending<()>>,
    /// Why it was not the right one.
    refused: Option<Problem>,
    /// Whether the keyboard is where it belongs.
    focused: bool,
}

impl App {
    /// Asks whether admin mode is to be unlocked, if it is locked.
    pub(in crate::gui::app) fn ask_to_unlock(&mut self) {
        if self.service.admin().state() == AdminState::Locked {
            let in_file = self.present_profile().is_some_and(|profile| profile.keep == Keep::File);
            self.switch.question = Some(Question::Unlock(Box::new(Unlock {
                passphrase: in_file.then(SecretText::default),
                ..Unlock::default()
            })));
        }
    }

    pub(super) fn ask_about_unlocking(&mut self, ctx: &Context, mut unlock: Box<Unlock>) {
        match unlock.asked.take().map(Pending::take) {
            None => {}
            Some(Err(asked)) => unlock.asked = Some(asked),
            Some(Ok(Ok(()))) => {
                self.actions.push(Action::UnlockAdmin);
                return;
            }
            Some(Ok(Err(problem))) => {
                unlock.refused = Some(problem);
                unlock.focused = false;
            }
        }
        let workspace = self.service.workspace();
        let words = format!(
            "The key of {} skips every access rule. Until nobody has worked for 15 minutes, files can be deleted and \
             replaced, and buckets changed, for everybody who uses the project at {}.",
            workspace.name,
            workspace.url.host_and_port()
        );
        match unlock.show(ctx, &words) {
            Answer::None => self.switch.question = Some(Question::Unlock(unlock)),
            Answer::No => {}
            Answer::Yes => match &unlock.passphrase {
                None => self.actions.push(Action::UnlockAdmin),
                Some(passphrase) => {
                    let passphrase = Secret::exact(&passphrase.text);
                    let workspaces = &self.switch.workspaces;
                    unlock.refused = None;
                    unlock.asked =
                        Some(workspaces.load(|workspaces| async move { workspaces.confirm_vault(passphrase).await }));
                    self.switch.question = Some(Question::Unlock(unlock));
                }
            },
        }
    }
}

enum Answer {
    Yes,
    No,
    None,
}

impl Unlock {
    fn show(&mut self, ctx: &Context, words: &str) -> Answer {
        let busy = self.asked.is_some();
        let modal = ModalFrame::new("unlocking", "Unlock admin mode?").width(440.0);
        let missing = self.passphrase.as_ref().is_some_and(SecretText::is_empty);
        let why_not = missing.then_some("Type the passphrase of the encrypted file");
        let Self {
            passphrase,
            refused,
            focused,
            ..
        } = self;
        let has_field = passphrase.is_some();
        let wants_focus = !*focused;
        let mut got_focus = false;
        let answer = modal.show(
            ctx,
            |ui| {
                text::wrapped(ui, Type::Body, words, Tokens::of(ui).tx2);
                let Some(passphrase) = passphrase else {
                    return (false, false);
                };
                ui.add_space(6.0);
                let error = refused.as_ref().map(|problem| problem.what.as_str());
                let id = Id::unique("unlock passphrase");
                let answer = LargeField::new("Passphrase of the encrypted file", &mut passphrase.text)
                    .secret(Shows::Dots)
                    .error(error)
                    .id(id)
                    .show(ui);
                if wants_focus {
                    answer.response.request_focus();
                }
                let has_focus = answer.response.has_focus();
                if let Some(pasted) = answer.pasted {
                    passphrase.set(pasted.trim_end_matches(['\r', '\n']));
                }
                let entered = answer.response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                (entered, has_focus)
            },
            |ui| {
                let unlock = Button::primary("Unlock").large().busy(busy).disabled_because(why_not);
                let unlock = ui.add(unlock).clicked();
                let stay = ui.add(Button::new("Keep it locked").large());
                if wants_focus && !has_field {
                    got_focus = stay.has_focus();
                    stay.request_focus();
                }
                (unlock, stay.clicked())
            },
        );
        let (entered, in_field) = answer.body;
        *focused |= got_focus || in_field;
        let entered = entered && !busy && why_not.is_none();
        match answer.footer {
            (true, _) => Answer::Yes,
            (_, true) => Answer::No,
            _ if answer.closed => Answer::No,
            _ if entered => Answer::Yes,
            _ => Answer::None,
        }
    }
}
