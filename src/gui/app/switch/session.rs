//! A session that has ended, and the way back.

use crate::gui::action::Action;
use crate::gui::app::App;
use crate::gui::panel::connect;
use crate::gui::theme::Tokens;
use crate::gui::widget::Note;
use crate::workspace::Access;

impl App {
    /// Below the top bar: the session has ended, and what to do about it.
    pub(in crate::gui::app) fn session_banner(&mut self, ui: &mut egui::Ui) {
        if !self.service.session_ended() {
            return;
        }
        let Access::SignIn { email } = &self.service.workspace().access else {
            return;
        };
        let line = format!("The session of {email} has ended");
        let surface = egui::Frame::NONE.fill(Tokens::of(ui).bg0).inner_margin(egui::Margin {
            left: 8,
            right: 8,
            top: 0,
            bottom: 8,
        });
        let again = egui::Panel::top("session")
            .resizable(false)
            .show_separator_line(false)
            .frame(surface)
            .show(ui, |ui| {
                Note::warn(
                    &line,
                    "What is shown stays; nothing can be read or changed until you sign in again.",
                )
                .button("Sign in again")
                .show(ui)
            });
        if again.inner {
            self.actions.push(Action::SignInAgain);
        }
    }

    /// The connect screen at the present workspace, with the cursor in the password's field.
    pub(in crate::gui::app) fn sign_in_again(&mut self) {
        if let Some(profile) = self.present_profile() {
            let mut state = connect::State::edit(profile.clone());
            state.focus = Some(connect::Focus::on(connect::Field::Password));
            self.switch.connect = Some(Box::new(state));
        }
    }
}
