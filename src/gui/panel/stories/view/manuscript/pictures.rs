//! The pictures of the scenes: candidates of each are drawn or brought, and one is chosen. They are on this computer only.

use egui::{Id, Ui};

use super::{asking, candidates};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, frame, paint, text};
use crate::gui::words::count;
use crate::story::{Manuscript, StoryId, Variant};

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, id: &StoryId) {
    let Some(manuscript) = state.manuscripts.edit(id).map(|edit| edit.get().clone()) else {
        return;
    };
    settings(ui, state, context, &manuscript);
    if manuscript.cast.iter().any(|member| member.portrait.is_some()) {
        ui.add_space(space::CONTROL);
        asking::portraits(ui, &state.choices, context.service, &manuscript.cast);
    }
    ui.add_space(space::SECTION);
    for at in 0..manuscript.scenes.len() {
        let part = Id::unique("manuscript-pictures").with(manuscript.scenes[at].scene_id.as_str());
        paint::part(ui, part, |ui| scene(ui, state, context, &manuscript, at));
        ui.add_space(space::SECTION);
    }
}

/// Who draws, how, how many; and all that lack a picture at once.
fn settings(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, manuscript: &Manuscript) {
    let bare: Vec<usize> = (0..manuscript.scenes.len())
        .filter(|&at| {
            let scene = &manuscript.scenes[at];
            let coming = asking::are_coming(variants(state, manuscript, at));
            scene.chosen.is_none() && !coming && !scene.image_prompt.trim().is_empty()
        })
        .collect();
    let pictures = bare.len() * state.choices.variants as usize;
    let words = match bare.len() {
        0 => "Generate missing".to_owned(),
        _ => format!("Generate {}", count(pictures, "picture", "pictures")),
    };
    let none = bare
        .is_empty()
        .then_some("Every scene has a picture, or one is being made");
    if asking::settings(ui, &mut state.choices, context.service, (&words, pictures), none) {
        for at in bare {
            ask(state, context, manuscript, at);
        }
    }
}

fn variants<'a>(state: &'a State, manuscript: &Manuscript, at: usize) -> &'a [Variant] {
    state.candidates.of(&manuscript.id, &manuscript.scenes[at].scene_id)
}

fn ask(state: &State, context: &mut PanelContext<'_>, manuscript: &Manuscript, at: usize) {
    let scene = &manuscript.scenes[at];
    let asked = asking::ask(
        &state.choices,
        context.service,
        &manuscript.id,
        &scene.scene_id,
        &scene.image_prompt,
    );
    context.actions.extend(asked);
}

fn scene(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, manuscript: &Manuscript, at: usize) {
    let t = Tokens::of(ui);
    let scene = &manuscript.scenes[at];
    let number = at + 1;
    let mut choose = None;
    frame::card(ui, 12).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::PANEL;
            let coming = asking::are_coming(variants(state, manuscript, at));
            let words = ("Chosen picture", "No picture yet");
            candidates::chosen(ui, context, words, scene.chosen, coming);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                let title = match scene.title.trim() {
                    "" => format!("Scene {number}"),
                    title => format!("Scene {number} · {title}"),
                };
                text::elided(ui, Type::Strong, title, t.tx1);
                let mut job = Type::Small.job(scene.image_prompt.trim(), t.tx2, ui.available_width());
                job.wrap.max_rows = 2;
                let galley = ui.painter().layout_job(job);
                ui.add(egui::Label::new(galley));
                ui.add_space(2.0);
                let of = format!("scene {number}");
                choose = candidates::show(ui, context, variants(state, manuscript, at), scene.chosen, &of);
                ui.add_space(4.0);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    let empty = scene.image_prompt.trim().is_empty();
                    let why = match () {
                        () if empty => Some("Write its prompt in the draft first"),
                        () if coming => Some("Pictures for it are being made"),
                        () => None,
                    };
                    let words = format!("Generate for scene {number}");
                    let draw = Button::new(&words).small().icon(icon::IMAGE).disabled_because(why);
                    if ui.add(draw).clicked() {
                        ask(state, context, manuscript, at);
                    }
                    let words = format!("Bring a picture for scene {number}…");
                    let bring = Button::ghost(&words).small().icon(icon::UPLOAD_SIMPLE);
                    if ui.add(bring).clicked() {
                        context.actions.push(Action::Do(Box::new(Deed::Bring {
                            story: manuscript.id.clone(),
                            scene: scene.scene_id.clone(),
                        })));
                    }
                });
            });
        });
    });
    if let Some(variant) = choose
        && let Some(edit) = state.manuscripts.edit(&manuscript.id)
    {
        edit.choose(&scene.scene_id, variant);
    }
}
