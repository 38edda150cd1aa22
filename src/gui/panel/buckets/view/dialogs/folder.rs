//! What a new folder is called.

use egui::Ui;

use super::{Answer, answered, buttons, entered};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::FolderForm;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, ModalFrame, TextField, text};

pub fn show(ui: &Ui, state: &State, form: &mut FolderForm, context: &mut PanelContext<'_>) -> bool {
    let caption = format!("In {}/{}", form.bucket, form.parent);
    let frame = ModalFrame::new("new folder", "New folder")
        .caption(caption.trim_end_matches('/'))
        .width(440.0);
    let id = frame.id();
    let folder = form.folder().and_then(|folder| {
        let there = state.has_folder(&folder);
        if there {
            Err("There is such a folder already".to_owned())
        } else {
            Ok(folder)
        }
    });
    let reason = folder.as_ref().err().cloned();
    // Nothing is wrong yet before something was typed.
    let problem = reason.clone().filter(|_| !form.name.trim().is_empty());
    let mut enter = false;
    let answer = frame.show(
        ui.ctx(),
        |ui| {
            let t = Tokens::of(ui);
            let field = TextField::new("Name", &mut form.name).label().mono().hint("winter");
            let field = field
                .help("A slash makes a folder in a folder")
                .error(problem.as_deref());
            let response = field.show(ui);
            enter = entered(ui, &response);
            let words = "Folders are there because objects are in them. A hidden file without bytes keeps a new one.";
            text::wrapped(ui, Type::Caption, words, t.tx3);
        },
        |ui| {
            buttons(
                ui,
                Button::primary("Create folder").icon(icon::FOLDER_PLUS),
                reason.as_deref(),
            )
        },
    );
    match answered(ui.ctx(), id, answer.footer, enter && folder.is_ok(), answer.closed) {
        Answer::Open => true,
        Answer::No => false,
        Answer::Yes => {
            if let Ok(folder) = folder {
                context.actions.push(Action::NewFolder(form.bucket.clone(), folder));
            }
            false
        }
    }
}
