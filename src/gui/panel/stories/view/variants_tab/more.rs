//! What is seldom needed for a candidate, and only where the engine can: what not to show, a picture to begin from, references.

use egui::Ui;

use super::ask::labelled;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Ask, State};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, FilterChip, MenuItem, PromptBox, Select, Stepper, text};
use crate::story::{Brief, PictureRef, SceneId, StoryId};

pub(super) fn show(ui: &mut Ui, state: &mut State, _context: &mut PanelContext<'_>) {
    let Some(can) = state.bench.engine().map(|engine| engine.abilities.clone()) else {
        ui.add_space(space::SECTION);
        return;
    };
    if !can.negative && !can.base && can.references == 0 {
        ui.add_space(space::SECTION);
        return;
    }
    ui.add_space(space::TIGHT);
    let open = state.bench.ask.more;
    let mark = if open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
    let words = if open { "Fewer options" } else { "More options" };
    if ui.add(Button::ghost(words).icon(mark).small()).clicked() {
        state.bench.ask.more = !open;
    }
    if !open {
        ui.add_space(space::TIGHT);
        return;
    }
    ui.add_space(space::TIGHT);
    if can.base {
        base(ui, state, can.strength);
        ui.add_space(space::GROUP);
    }
    if can.references > 0 {
        let most = can.references_beside(can.base && state.bench.ask.base.is_some());
        references(ui, state, most);
        ui.add_space(space::GROUP);
    }
    if can.negative {
        PromptBox::new("Not in the picture", &mut state.bench.ask.negative)
            .hint("For instance: text, frames, watermarks")
            .rows(1)
            .limit(Brief::PROMPT_MAX)
            .show(ui);
        ui.add_space(space::GROUP);
    }
}

/// The picture to begin from, and how far to go from it where the engine asks.
fn base(ui: &mut Ui, state: &mut State, strength: bool) {
    let Some((story, scene)) = state.selected() else { return };
    let current = state.bench.ask.base.clone();
    let words = current
        .as_ref()
        .map_or_else(|| "Nothing".to_owned(), |base| called(state, &story, &scene, base));
    let has_live = state.scene().is_some_and(|scene| scene.image_url.is_some());
    let mut choices: Vec<(Option<PictureRef>, String)> = vec![(None, "Nothing".to_owned())];
    if has_live {
        choices.push((Some(Ask::live(&story, &scene)), "The live picture".to_owned()));
    }
    choices.extend(
        state
            .bench
            .candidates()
            .filter(|variant| variant.picture.is_some())
            .map(|variant| {
                (
                    Some(PictureRef::Variant(variant.id)),
                    format!("Candidate {}", variant.letter()),
                )
            }),
    );
    let width = (ui.available_width() - 10.0) * 0.5;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        ui.allocate_ui(egui::vec2(width, 0.0), |ui| {
            labelled(ui, "Begin from", |ui| {
                Select::new("Begin from", &words).icon(icon::MAGIC_WAND).show(ui, |ui| {
                    for (choice, words) in &choices {
                        if ui.add(MenuItem::new(words).checked(*choice == current)).clicked() {
                            state.bench.ask.base.clone_from(choice);
                        }
                    }
                });
            });
        });
        if strength && state.bench.ask.base.is_some() {
            ui.allocate_ui(egui::vec2(width, 0.0), |ui| {
                labelled(ui, "Change in percent", |ui| {
                    ui.add(Stepper::new("Change in percent", &mut state.bench.ask.strength, 1..=100).width(width));
                });
            });
        }
    });
}

/// Pictures of what is to be seen; a click takes one out.
fn references(ui: &mut Ui, state: &mut State, most: usize) {
    let t = Tokens::of(ui);
    let Some((story, scene)) = state.selected() else { return };
    let used = state.bench.ask.references.len();
    labelled(ui, "Reference pictures", |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
            let mut gone = None;
            for reference in &state.bench.ask.references {
                let words = called(state, &story, &scene, reference);
                if ui.add(FilterChip::new(&words, true).removable()).clicked() {
                    gone = Some(reference.clone());
                }
            }
            if let Some(gone) = gone {
                state.bench.ask.toggle_reference(gone);
            }
            if used == 0 {
                text::label(ui, Type::Caption, "None: add one from a candidate's menu", t.tx3);
            } else if used > most {
                let words = format!("This engine takes {most}: the first {most} are used");
                text::label(ui, Type::Caption, words, t.warn);
            }
        });
    });
}

/// What a picture is called here.
fn called(state: &State, story: &StoryId, scene: &SceneId, picture: &PictureRef) -> String {
    match picture {
        PictureRef::Live(of, shown) if of == story && shown == scene => "The live picture".to_owned(),
        PictureRef::Live(of, shown) => {
            let found = state
                .find(of)
                .and_then(|story| story.scenes.iter().find(|row| row.scene_id == *shown));
            found.map_or_else(
                || "A picture of another scene".to_owned(),
                |row| format!("Picture of scene {}", row.index + 1),
            )
        }
        PictureRef::Variant(id) => state.bench.find(id).map_or_else(
            || "A candidate of another scene".to_owned(),
            |variant| format!("Candidate {}", variant.letter()),
        ),
        PictureRef::Kept(_) => "A picture of yours".to_owned(),
    }
}
