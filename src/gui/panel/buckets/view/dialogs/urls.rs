//! Which URLs of objects are wanted, and where they go.

use egui::Ui;

use super::{Answer, answered};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::{UrlForm, UrlKind};
use crate::gui::panel::buckets::inspect::Expiry;
use crate::gui::panel::buckets::state::State;
use crate::gui::panel::buckets::view::problem;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, ModalFrame, Note, Select, check_box, radio, spinner, text};
use crate::gui::words;

/// What was asked of the URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Sign,
    Copy,
    Save,
}

pub fn show(ui: &Ui, state: &State, form: &mut UrlForm, context: &mut PanelContext<'_>) -> bool {
    let title = format!("URLs of {}", form.chosen.what());
    let caption = form.chosen.caption();
    let frame = ModalFrame::new("copy urls", &title).caption(&caption).width(480.0);
    let id = frame.id();
    let public = state.is_public();
    let (ready, loading) = (form.made().is_some(), form.is_loading());
    let unsigned = form.kind == UrlKind::Signed && !ready;
    let answer = frame.show(
        ui.ctx(),
        |ui| body(ui, form, public, context),
        |ui| {
            let waits = (!ready).then_some(if unsigned {
                "Sign them first"
            } else {
                "They are being made"
            });
            let mut wish = None;
            if unsigned {
                let sign = Button::primary("Sign URLs").large().icon(icon::SIGNATURE).busy(loading);
                if ui.add(sign).clicked() && !loading {
                    wish = Some(Wish::Sign);
                }
            } else if ui
                .add(
                    Button::primary("Copy list")
                        .large()
                        .icon(icon::COPY)
                        .disabled_because(waits),
                )
                .clicked()
            {
                wish = Some(Wish::Copy);
            }
            let save = Button::new("Save CSV…").large().icon(icon::FLOPPY_DISK);
            if ui.add(save.disabled_because(waits)).clicked() {
                wish = Some(Wish::Save);
            }
            let no = ui.add(Button::new("Cancel").large()).clicked();
            (wish, if no { Answer::No } else { Answer::Open })
        },
    );
    let (wish, buttons) = answer.footer;
    match (wish, form.made()) {
        (Some(Wish::Sign), _) => form.sign(),
        (Some(Wish::Copy), Some(made)) => {
            let what = if made.count == 1 { "URL" } else { "URLs" };
            context.actions.push(Action::CopySecret(made.list.clone(), what));
            crate::gui::widget::modal::return_focus(ui.ctx(), id);
            return false;
        }
        (Some(Wish::Save), Some(made)) => context.actions.push(Action::SaveText {
            name: format!("{}-urls.csv", form.chosen.bucket),
            text: made.csv.clone(),
            what: "URLs",
        }),
        _ => {}
    }
    answered(ui.ctx(), id, buttons, false, answer.closed) == Answer::Open
}

fn body(ui: &mut Ui, form: &mut UrlForm, public: bool, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let forever = if public {
        "For everybody, as long as the bucket is public"
    } else {
        "They open for nobody: the bucket is private"
    };
    if radio(ui, "Public URLs", forever, form.kind == UrlKind::Public).clicked() {
        form.kind = UrlKind::Public;
    }
    let signed = "For whoever has one, until it ends; it cannot be taken back";
    if radio(ui, "Signed URLs", signed, form.kind == UrlKind::Signed).clicked() {
        form.kind = UrlKind::Signed;
    }
    if form.kind == UrlKind::Signed {
        text::line(ui, size::CONTROL, |ui| {
            ui.add_space(24.0);
            text::label(ui, Type::Small, "They last", t.tx2);
            let current = form.expiry.words();
            Select::new("They last", current)
                .width(120.0)
                .show_choices(ui, &mut form.expiry, &Expiry::ALL);
        });
    } else if !public {
        Note::warn(
            "The bucket is private",
            "Public URLs do not open for visitors. Sign them instead, or make the bucket public.",
        )
        .show(ui);
    }
    ui.add_space(space::LABEL);
    check_box(ui, "Browsers save the file instead of showing it", &mut form.download);
    ui.add_space(space::TIGHT);
    ui.scope(|ui| {
        ui.set_min_height(40.0);
        if let Some(made) = form.made() {
            let words = words::count(made.count, "URL is ready", "URLs are ready");
            text::label(ui, Type::SmallStrong, words, t.tx1);
            if made.refused_count > 0 {
                let line = words::count(made.refused_count, "object has none", "objects have none");
                let first = made
                    .refused
                    .iter()
                    .map(|(key, problem)| format!("{key}: {}", problem.what));
                Note::warn(&line, &first.collect::<Vec<_>>().join("\n")).show(ui);
            }
        } else if let Some(failure) = form.problem() {
            if problem::show(ui, failure, context.actions) {
                form.sign();
            }
        } else if form.is_loading() {
            text::line(ui, size::SMALL, |ui| {
                spinner(ui, "Making URLs");
                text::label(ui, Type::Small, "Making URLs", t.tx3);
            });
        } else {
            text::label(ui, Type::Small, "Nothing is signed before you ask for it", t.tx3);
        }
    });
}
