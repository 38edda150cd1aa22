//! Where objects are downloaded to.

use egui::Ui;

use super::{Answer, answered, buttons, entered, plan};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::DownloadForm;
use crate::gui::widget::{Button, ModalFrame, TextField};

pub fn show(ui: &Ui, form: &mut DownloadForm, context: &mut PanelContext<'_>) -> bool {
    let title = format!("Download {}", form.chosen.what());
    let caption = form.chosen.caption();
    let frame = ModalFrame::new("download objects", &title)
        .caption(&caption)
        .width(520.0);
    let id = frame.id();
    let why_not = form.why_not();
    let wrong = form.path().err().filter(|_| !form.folder.trim().is_empty());
    let mut enter = false;
    let answer = frame.show(
        ui.ctx(),
        |ui| {
            let field = TextField::new("Folder of this computer", &mut form.folder)
                .label()
                .mono();
            let field = field
                .help("It is made if it is not there. A list of the keys is kept in it")
                .error(wrong.as_deref());
            let response = field.show(ui);
            enter = entered(ui, &response);
            if ui
                .add(Button::new("Choose folder…").small().icon(icon::FOLDER_OPEN))
                .clicked()
            {
                context.actions.push(Action::ChooseDownloadFolder);
            }
            ui.add_space(4.0);
            plan::taken(ui, &mut form.taken);
            if plan::show(ui, &form.plan, "Choose a folder to see what will happen") {
                form.plan.again();
            }
        },
        |ui| {
            buttons(
                ui,
                Button::primary("Download").icon(icon::DOWNLOAD_SIMPLE),
                why_not.as_deref(),
            )
        },
    );
    match answered(ui.ctx(), id, answer.footer, enter && why_not.is_none(), answer.closed) {
        Answer::Open => true,
        Answer::No => false,
        Answer::Yes => {
            if let Some(planned) = form.plan.value() {
                context.actions.push(Action::Transfer(Box::new(planned.plan.clone())));
            }
            false
        }
    }
}
