//! A candidate of the editor's own, and the address of the live picture.

use std::path::PathBuf;

use egui::{Align, Layout, Ui, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, IconButton, TextField, text};

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    own_picture(ui, state, context);
    ui.add_space(space::SECTION);
    address(ui, state, context);
}

fn own_picture(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let mut action = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let choose = Button::new("Upload picture…").icon(icon::UPLOAD_SIMPLE).key("Ctrl U");
        if ui.add(choose).clicked() {
            action = state.choose_candidate();
        }
        text::elided(ui, Type::Caption, "or paste or drop one", t.tx3);
    });
    ui.add_space(space::CONTROL);
    action = action.or(typed_path(ui, state));
    context.actions.extend(action);
}

/// File dialogs may be missing: a path can be typed instead.
fn typed_path(ui: &mut Ui, state: &mut State) -> Option<Action> {
    let draft = state.draft()?;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let width = ui.available_width() - 76.0;
        let field = TextField::new("Path of a picture file", &mut draft.path)
            .hint("or type a file's path")
            .icon(icon::FILE_IMAGE)
            .width(width)
            .show(ui);
        let path = draft.path.trim();
        let why_not = path.is_empty().then_some("Type the path of a picture file first");
        let used = ui
            .add(Button::new("Use file").min_width(70.0).disabled_because(why_not))
            .clicked();
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let used = used || entered && why_not.is_none();
        if !used {
            return None;
        }
        let path = PathBuf::from(path);
        draft.path.clear();
        Some(path)
    })
    .inner
    .and_then(|path| state.bring_candidate(path))
}

fn address(ui: &mut Ui, state: &State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    text::label(ui, Type::Small, "Picture URL", t.tx2);
    ui.add_space(space::LABEL);
    let Some(url) = state.scene().and_then(|scene| scene.image_url.as_ref()) else {
        text::label(ui, Type::Small, "This scene has no picture yet", t.tx3);
        return;
    };
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            if ui
                .add(IconButton::new(icon::COPY, "Copy picture URL").framed())
                .clicked()
            {
                context.actions.push(Action::Copy {
                    text: url.clone(),
                    what: "URL",
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::key(ui, Type::Mono, url, t.tx1)
            });
        },
    );
    ui.add_space(space::CONTROL);
    ui.horizontal(|ui| {
        if ui
            .add(Button::new("Open in URL Lab").icon(icon::LINK).small())
            .clicked()
        {
            context.actions.push(Action::ExplainUrl(url.clone()));
        }
        let elsewhere = state
            .facts
            .object()
            .is_none()
            .then_some("This picture is not in this project");
        let show = Button::new("Show in bucket")
            .icon(icon::DATABASE)
            .small()
            .disabled_because(elsewhere);
        if ui.add(show).clicked()
            && let Some(object) = state.facts.object()
        {
            context
                .actions
                .push(Action::OpenObject(object.bucket.clone(), object.key.clone()));
        }
    });
}
