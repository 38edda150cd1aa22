//! The inspector's second tab: the words of a scene, each in a field that is saved when it is left.

use egui::{Id, Ui};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Field, Focus, State};
use crate::gui::panel::stories::view::is_pointing;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, Note, PromptBox, TextField, spinner, text};
use crate::gui::words;
use crate::story::{Brief, Scene, SceneId};

/// Letters of alternative text after which most readers of screens have heard enough.
const ALT_LONG: usize = 250;

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some((story, scene)) = state.story().zip(state.scene()) else {
        return;
    };
    let (story, scene) = (story.story_id.clone(), scene.clone());
    state.words.of(&story, &scene);
    let mut focused = None;
    for field in Field::ALL {
        if field == Field::Alt {
            no_alt(ui, state, &scene);
        }
        if edit(ui, state, &scene, field) {
            focused = Some((scene.scene_id.clone(), field));
        }
        below(ui, state, &scene, field, context);
        ui.add_space(space::SECTION);
    }
    state.words.focus(focused);
}

fn id(scene: &SceneId, field: Field) -> Id {
    Id::unique("scene-words").with((scene.as_str(), field.name()))
}

/// Draws a field; whether it has the keyboard, or is to get it as soon as the pointer is up: until it is left, nothing in it is
/// saved.
fn edit(ui: &mut Ui, state: &mut State, scene: &Scene, field: Field) -> bool {
    let id = id(&scene.scene_id, field);
    if state.focus == Some(Focus::Words(field)) && !is_pointing(ui) {
        state.focus = None;
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let Some(typed) = state.words.known(&scene.scene_id) else {
        return false;
    };
    let typed = typed.text(field);
    let response = match field {
        Field::Title => TextField::new(field.name(), typed).label().id(id).show(ui),
        Field::Text => PromptBox::new(field.name(), typed).rows(5).id(id).show(ui),
        Field::Prompt => PromptBox::new(field.name(), typed)
            .rows(3)
            .limit(Brief::PROMPT_MAX)
            .id(id)
            .show(ui),
        Field::Alt => PromptBox::new(field.name(), typed)
            .hint("What the picture shows, in a sentence or two")
            .rows(2)
            .id(id)
            .show(ui),
    };
    response.has_focus() || state.focus == Some(Focus::Words(field))
}

/// Says that readers are told nothing, and offers a beginning.
fn no_alt(ui: &mut Ui, state: &mut State, scene: &Scene) {
    let Some(typed) = state.words.known(&scene.scene_id) else {
        return;
    };
    if !typed.text(Field::Alt).trim().is_empty() {
        return;
    }
    let body = "Readers who cannot see the picture are told nothing about it.";
    let mut note = Note::warn("No alt text", body).icon(icon::TEXT_T_SLASH);
    let prompt = scene.image_prompt.trim();
    if !prompt.is_empty() {
        note = note.button("Begin with the prompt");
    }
    if note.show(ui) {
        prompt.clone_into(typed.text(Field::Alt));
        // It is a beginning: the field gets the keyboard, so that it can be made better before it is saved.
        state.focus = Some(Focus::Words(Field::Alt));
    }
    ui.add_space(space::CONTROL);
}

/// What is to be said of a field: how long it is, that it is saved, that somebody else changed it.
fn below(ui: &mut Ui, state: &mut State, scene: &Scene, field: Field, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.add_space(2.0);
    let saving = state.words.is_saving(&scene.scene_id, field);
    let problem = state.words.problem(&scene.scene_id, field).cloned();
    let Some(typed) = state.words.known(&scene.scene_id) else {
        return;
    };
    let count = counted(field, typed.text(field));
    let (changed, theirs) = (typed.is_changed(field), typed.theirs(field).map(str::to_owned));
    let copy = typed.text(field).clone();
    text::line(ui, Type::Caption.line_height() + 6.0, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if let Some((words, long)) = count {
            text::label(ui, Type::Caption, words, if long { t.warn } else { t.tx3 });
        }
        if saving {
            spinner(ui, "Saving");
            text::label(ui, Type::Caption, "Saving", t.tx3);
        } else if changed && theirs.is_none() && problem.is_none() {
            text::label(ui, Type::Caption, "Saved when you leave the field", t.tx3);
        }
        if !copy.is_empty() {
            let name = format!("Copy {}", field.name().to_lowercase());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui
                    .add(crate::gui::widget::IconButton::new(icon::COPY, &name).small())
                    .clicked()
                {
                    context.actions.push(Action::Copy {
                        text: copy.clone(),
                        what: field.name(),
                    });
                }
            });
        }
    });
    if let Some(theirs) = theirs {
        both(ui, state, scene, field, &theirs);
    } else if let Some(problem) = problem {
        ui.add_space(4.0);
        let line = format!("{} was not saved", field.name());
        if Note::warn(&line, &problem.sentences()).button("Try again").show(ui) {
            state.words.retry();
        }
    }
}

/// What was written here and there: nothing is lost until one of them is chosen.
fn both(ui: &mut Ui, state: &mut State, scene: &Scene, field: Field, theirs: &str) {
    ui.add_space(4.0);
    let shown = if theirs.trim().is_empty() {
        "They have emptied it."
    } else {
        theirs
    };
    let line = format!("Somebody else changed this {}", field.name().to_lowercase());
    Note::warn(&line, shown).show(ui);
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let mine = ui.add(Button::new("Keep mine").small()).clicked();
        let other = ui.add(Button::new("Take theirs").small()).clicked();
        if let Some(typed) = state.words.known(&scene.scene_id) {
            if mine {
                typed.keep_mine(field);
            } else if other {
                typed.take_theirs(field);
            }
        }
        if mine || other {
            state.words.retry();
        }
    });
}

/// How long a text is, and whether that is too long to be listened to.
fn counted(field: Field, words: &str) -> Option<(String, bool)> {
    match field {
        Field::Title | Field::Prompt => None,
        Field::Text => Some((words::count(words.split_whitespace().count(), "word", "words"), false)),
        Field::Alt => {
            let letters = words.chars().count();
            let said = words::count(letters, "letter", "letters");
            let long = letters > ALT_LONG;
            let said = if long {
                format!("{said}: shorter is easier to listen to")
            } else {
                said
            };
            Some((said, long))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted_in_words_and_alt_texts_in_letters() {
        assert_eq!(counted(Field::Text, "A fox  walks.\n").unwrap().0, "3 words");
        assert_eq!(counted(Field::Alt, "ä").unwrap(), ("1 letter".to_owned(), false));
        assert!(counted(Field::Alt, &"ä".repeat(251)).unwrap().1);
        assert_eq!(counted(Field::Title, "x"), None);
    }
}
