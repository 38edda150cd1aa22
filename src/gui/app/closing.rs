//! Closing the window: asks first while jobs run, which would be stopped. Transfers are not asked about: each comes to a safe
//! place at once, and the next start goes on from there and says so.

use egui::{Context, Ui};

use super::App;
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, ModalFrame, text};
use crate::service::JobId;

/// Whether the window is being closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    No,
    /// Jobs are running: the user is asked.
    Asked {
        /// Whether the safe answer has got the keyboard.
        focused: bool,
    },
    /// Yes, whatever is running.
    Yes,
}

impl App {
    pub(super) fn running(&self) -> impl Iterator<Item = JobId> {
        self.jobs.iter().filter(|job| !job.state.is_over()).map(|job| job.id)
    }

    /// A window that is closed while jobs run asks first: they would be stopped.
    pub(super) fn watch_closing(&mut self, ctx: &Context) {
        if !ctx.input(|input| input.viewport().close_requested()) || self.closing == Closing::Yes {
            return;
        }
        if self.running().next().is_some() {
            self.closing = Closing::Asked { focused: false };
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        }
    }

    pub(super) fn close(&mut self, ctx: &Context) {
        self.closing = Closing::Yes;
        ctx.send_viewport_cmd(egui::ViewportCommand::Close);
    }

    pub(super) fn ask_before_closing(&mut self, ui: &mut Ui) {
        let Closing::Asked { mut focused } = self.closing else {
            return;
        };
        let count = self.running().count();
        if count == 0 {
            // What the question was about has come to its end.
            self.close(ui);
            return;
        }
        let (title, body, stop) = if count == 1 {
            (
                "1 job is running".to_owned(),
                "Closing stops it at a safe place.",
                "Stop it and close",
            )
        } else {
            (
                format!("{count} jobs are running"),
                "Closing stops them at a safe place.",
                "Stop them and close",
            )
        };
        let transfers = self.transfers.moving().open() > 0;
        let answer = ModalFrame::new("closing", &title).width(420.0).show(
            ui,
            |ui| {
                let t = Tokens::of(ui);
                let mut words = format!("{body} Stories can be finished later; nothing that was made is lost.");
                if transfers {
                    words.push_str(" Transfers go on at the next start.");
                }
                text::wrapped(ui, Type::Body, words, t.tx2);
            },
            |ui| {
                let stop = ui.add(Button::danger_filled(stop).large()).clicked();
                let stay = ui.add(Button::new("Keep working").large());
                if !focused {
                    focused = stay.has_focus();
                    stay.request_focus();
                }
                (stop, stay.clicked())
            },
        );
        if answer.footer.0 {
            self.close(ui);
        } else if answer.footer.1 || answer.closed {
            self.closing = Closing::No;
        } else {
            self.closing = Closing::Asked { focused };
        }
    }
}
