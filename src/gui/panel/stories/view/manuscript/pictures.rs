//! The pictures of the scenes: candidates of each are drawn or brought, and one is chosen. They are on this computer only.

use egui::{Align, Frame, Id, Layout, Margin, Ui, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State};
use crate::gui::panel::stories::view::candidate;
use crate::gui::panel::stories::view::engine;
use crate::gui::panel::stories::view::picture::four_by_three;
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Type, radius, space};
use crate::gui::widget::{Button, Picture, PictureState, Stepper, frame, paint, text};
use crate::gui::words::count;
use crate::story::{Manuscript, SceneId, StoryId, VariantState, Wanted};

/// Width of the chosen picture.
const CHOSEN: f32 = 176.0;
/// Variants asked for at once, at most.
const MOST: u32 = 8;

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, id: &StoryId) {
    let Some(manuscript) = state.manuscripts.edit(id).map(|edit| edit.get().clone()) else {
        return;
    };
    settings(ui, state, context, &manuscript);
    ui.add_space(space::SECTION);
    for at in 0..manuscript.scenes.len() {
        let part = Id::unique("manuscript-pictures").with(manuscript.scenes[at].scene_id.as_str());
        paint::part(ui, part, |ui| scene(ui, state, context, &manuscript, at));
        ui.add_space(space::SECTION);
    }
}

/// Who draws, how, how many; and all that lack a picture at once.
fn settings(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, manuscript: &Manuscript) {
    let t = Tokens::of(ui);
    let bare: Vec<usize> = (0..manuscript.scenes.len())
        .filter(|&at| manuscript.scenes[at].chosen.is_none() && is_drawable(state, manuscript, at))
        .collect();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let choices = &mut state.choices;
        engine::select(ui, context.service, choices, 210.0);
        engine::style(ui, choices, 170.0);
        ui.add(Stepper::new("Variants", &mut choices.variants, 1..=MOST).width(124.0));
        let pictures = bare.len() * choices.variants as usize;
        let words = match bare.len() {
            0 => "Generate missing".to_owned(),
            _ => format!("Generate {}", count(pictures, "picture", "pictures")),
        };
        let none = bare
            .is_empty()
            .then_some("Every scene has a picture, or one is being made");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = Button::new(&words).icon(icon::IMAGES).disabled_because(none);
            if ui.add(button).clicked() {
                for &at in &bare {
                    context.actions.extend(ask(state, context.service, manuscript, at));
                }
            }
            if pictures > 0 {
                let about = engine::about(context.service, &state.choices, pictures);
                text::elided(ui, Type::Caption, about, t.tx3);
            }
        });
    });
}

/// Whether candidates can be asked for now.
fn is_drawable(state: &State, manuscript: &Manuscript, at: usize) -> bool {
    let scene = &manuscript.scenes[at];
    let variants = state.candidates.of(&manuscript.id, &scene.scene_id);
    !scene.image_prompt.trim().is_empty() && variants.iter().all(|variant| variant.state.is_over())
}

/// What is asked for a scene; the first picture that comes is chosen if none is.
fn ask(state: &mut State, service: &crate::service::Service, manuscript: &Manuscript, at: usize) -> Option<Action> {
    let scene = manuscript.scenes.get(at)?;
    let choices = &state.choices;
    let engine = choices.engine(service)?;
    let mut wanted = Wanted::new(engine, scene.image_prompt.trim());
    wanted.style.clone_from(&choices.style);
    if let Some(edit) = state.manuscripts.edit(&manuscript.id) {
        edit.await_picture(&scene.scene_id, state.candidates.of(&manuscript.id, &scene.scene_id));
    }
    Some(Action::Do(Box::new(Deed::Generate {
        story: manuscript.id.clone(),
        scene: scene.scene_id.clone(),
        wanted: Box::new(wanted),
        count: choices.variants as usize,
    })))
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
            chosen(ui, state, context, &manuscript.id, &scene.scene_id, scene.chosen);
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
                choose = candidates(ui, state, context, manuscript, at);
                ui.add_space(4.0);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    let empty = scene.image_prompt.trim().is_empty();
                    let why = match () {
                        () if empty => Some("Write its prompt in the draft first"),
                        () if !is_drawable(state, manuscript, at) => Some("Pictures for it are being made"),
                        () => None,
                    };
                    let words = format!("Generate for scene {number}");
                    let draw = Button::new(&words).small().icon(icon::IMAGE).disabled_because(why);
                    if ui.add(draw).clicked() {
                        context.actions.extend(ask(state, context.service, manuscript, at));
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

/// The chosen picture, large enough to be judged.
fn chosen(
    ui: &mut Ui,
    state: &State,
    context: &mut PanelContext<'_>,
    story: &StoryId,
    scene: &SceneId,
    chosen: Option<crate::story::VariantId>,
) {
    let size = four_by_three(CHOSEN);
    let pixels = candidate::pixels(ui, context, chosen, PictureSize::Card);
    let variants = state.candidates.of(story, scene);
    let running = variants.iter().any(|variant| !variant.state.is_over());
    let made = variants.iter().any(|variant| variant.state == VariantState::Made);
    let picture = match (&pixels, running) {
        (Some(texture), _) => PictureState::Ready(*texture),
        (None, _) if chosen.is_some() => PictureState::Loading,
        (None, true) => PictureState::Missing {
            line: "Being made",
            button: None,
        },
        (None, false) => PictureState::Missing {
            line: if made { "Choose one" } else { "No picture yet" },
            button: None,
        },
    };
    Picture::new("Chosen picture", picture)
        .size(size)
        .corners(radius::CONTROL)
        .show(ui);
}

/// The scene's candidates beside each other; a click chooses one, a second click none.
fn candidates(
    ui: &mut Ui,
    state: &State,
    context: &mut PanelContext<'_>,
    manuscript: &Manuscript,
    at: usize,
) -> Option<Option<crate::story::VariantId>> {
    let scene = &manuscript.scenes[at];
    let variants = state.candidates.of(&manuscript.id, &scene.scene_id);
    let t = Tokens::of(ui);
    if variants.is_empty() {
        text::label(ui, Type::Caption, "No candidates yet", t.tx3);
        return None;
    }
    let mut answer = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
        for variant in variants {
            let is_chosen = scene.chosen == Some(variant.id);
            let response = candidate::show(ui, context, variant, is_chosen, at + 1);
            if response.clicked() && variant.state == VariantState::Made {
                answer = Some((!is_chosen).then_some(variant.id));
            }
        }
    });
    for variant in variants {
        if let Some(words) = candidate::refusal(variant) {
            Frame::NONE.inner_margin(Margin::symmetric(0, 1)).show(ui, |ui| {
                text::wrapped(ui, Type::Caption, format!("{}: {words}", variant.letter()), t.err);
            });
        }
    }
    answer
}
