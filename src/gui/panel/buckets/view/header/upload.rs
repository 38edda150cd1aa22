//! Uploads of folders, and of what is named by its path.

use egui::{Frame, Id, Margin, Popup, PopupCloseBehavior, Ui};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::state::State;
use crate::gui::widget::{Button, IconButton, TextField};

/// For folders, for machines whose file dialog does not work, and for those who have the path at hand.
pub fn upload_from_path(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let button = ui.add(IconButton::new(icon::CARET_DOWN, "Upload folders, or from a path").framed());
    let field = Id::unique("buckets upload path");
    state.path_fresh |= button.clicked();
    let Some(bucket) = state.bucket().cloned() else { return };
    let popup = Popup::from_toggle_button_response(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.gap(4.0).width(340.0).show(|ui| {
        Frame::NONE.inner_margin(Margin::same(8)).show(ui, |ui| {
            ui.set_width(320.0);
            ui.spacing_mut().item_spacing.y = 8.0;
            let path = TextField::new("Path of a file or folder on this machine", &mut state.path)
                .label()
                .mono()
                .id(field);
            let response = path.hint("/home/me/pictures/cover.png").show(ui);
            // Not while it is only measured: what is not to be seen loses the keyboard, and letters went to the objects.
            if !ui.is_sizing_pass() && std::mem::take(&mut state.path_fresh) {
                response.request_focus();
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let path = state.path.trim();
            let missing = path.is_empty().then_some("Type the path of a file or folder first");
            let target = format!(
                "Upload to {}",
                if state.folder().is_empty() {
                    bucket.as_str()
                } else {
                    state.folder()
                }
            );
            let clicked = ui
                .add(Button::new(&target).icon(icon::UPLOAD_SIMPLE).disabled_because(missing))
                .clicked();
            let folders = Button::new("Choose folders…").icon(icon::FOLDER_OPEN);
            if ui.add(folders).clicked() {
                context.actions.push(Action::ChooseUploadFolders {
                    bucket: bucket.clone(),
                    folder: state.folder().to_owned(),
                });
                ui.close();
            }
            if (clicked || entered) && !path.is_empty() {
                let paths = vec![path.strip_prefix("file://").unwrap_or(path).into()];
                context.actions.push(Action::Upload {
                    paths,
                    bucket,
                    folder: state.folder().to_owned(),
                });
                state.path.clear();
                ui.close();
            }
        });
    });
}
