//! What the user is asked about workspaces before it is done.

use egui::Context;

use super::unlock::Unlock;
use crate::gui::action::Action;
use crate::gui::app::App;
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, ModalFrame, text};
use crate::workspace::{Profile, WorkspaceId};

/// What the user is asked before it is done.
pub(super) enum Question {
    /// Jobs run, and would be stopped.
    Stop { then: Then, focused: bool },
    /// A workspace would be forgotten.
    Remove { profile: Box<Profile>, focused: bool },
    /// Deleting would be allowed.
    Unlock(Box<Unlock>),
}

/// What is done once jobs may be stopped.
#[derive(Clone)]
pub(super) enum Then {
    Open(WorkspaceId),
    Connect,
}

/// The answer to a question.
enum Answer {
    Yes,
    No,
    None {
        /// Whether the safe answer has got the keyboard.
        focused: bool,
    },
}

/// A question with two answers, of which the safe one gets the keyboard.
fn question(
    ctx: &Context,
    id: &'static str,
    title: &str,
    words: &str,
    yes: Button<'_>,
    no: &str,
    mut focused: bool,
) -> Answer {
    let answer = ModalFrame::new(id, title).width(440.0).show(
        ctx,
        |ui| text::wrapped(ui, Type::Body, words, Tokens::of(ui).tx2),
        |ui| {
            let yes = ui.add(yes.large()).clicked();
            let no = ui.add(Button::new(no).large());
            if !focused {
                focused = no.has_focus();
                no.request_focus();
            }
            (yes, no.clicked())
        },
    );
    match answer.footer {
        (true, _) => Answer::Yes,
        (_, true) => Answer::No,
        _ if answer.closed => Answer::No,
        _ => Answer::None { focused },
    }
}

impl App {
    /// The question that is open, over everything.
    pub(in crate::gui::app) fn ask(&mut self, ctx: &Context) {
        let Some(question) = self.switch.question.take() else {
            return;
        };
        match question {
            Question::Stop { then, focused } => self.ask_to_stop(ctx, then, focused),
            Question::Remove { profile, focused } => self.ask_about_removing(ctx, profile, focused),
            Question::Unlock(unlock) => self.ask_about_unlocking(ctx, unlock),
        }
    }

    fn ask_to_stop(&mut self, ctx: &Context, then: Then, focused: bool) {
        let count = self.running().count();
        let title = if count == 1 {
            "1 job is running".to_owned()
        } else {
            format!("{count} jobs are running")
        };
        let (stop, them) = if count == 1 {
            ("Stop it and switch", "it")
        } else {
            ("Stop them and switch", "them")
        };
        let words = format!(
            "Switching stops {them} at a safe place. Stories can be finished later; nothing that was made is lost."
        );
        // What the question was about may have come to its end.
        let answer = if count == 0 {
            Answer::Yes
        } else {
            question(
                ctx,
                "switching",
                &title,
                &words,
                Button::danger_filled(stop),
                "Keep working",
                focused,
            )
        };
        match (answer, then) {
            (Answer::Yes, Then::Open(id)) => self.begin_opening(id),
            (Answer::Yes, Then::Connect) => {
                if let Some(connect) = &mut self.switch.connect {
                    connect.connect(&self.switch.workspaces);
                }
            }
            (Answer::No, _) => {}
            (Answer::None { focused }, then) => self.switch.question = Some(Question::Stop { then, focused }),
        }
    }

    fn ask_about_removing(&mut self, ctx: &Context, profile: Box<Profile>, focused: bool) {
        let title = format!("Remove {}?", profile.name);
        let words = format!(
            "This computer forgets the workspace and its key. The project at {} and its stories stay as they are.",
            profile.url.host_and_port()
        );
        let remove = Button::danger_filled("Remove workspace");
        match question(ctx, "removing", &title, &words, remove, "Keep it", focused) {
            Answer::Yes => self.actions.push(Action::RemoveWorkspace(profile.id)),
            Answer::No => {}
            Answer::None { focused } => self.switch.question = Some(Question::Remove { profile, focused }),
        }
    }
}
