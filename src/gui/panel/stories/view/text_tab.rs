//! The inspector's second tab: the words of a scene.

use egui::{Align, Layout, Ui};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{IconButton, Note, frame, text};

pub(super) fn show(ui: &mut Ui, state: &State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let Some(scene) = state.scene() else { return };
    if !scene.title.trim().is_empty() {
        text::wrapped(ui, Type::Section, scene.title.as_str(), t.tx1);
        ui.add_space(space::GROUP);
    }
    let words = scene.text.split_whitespace().count();
    section(
        ui,
        &format!("Text · {words} words"),
        Some((&scene.text, "Text")),
        context,
    );
    if scene.text.trim().is_empty() {
        text::label(ui, Type::Body, "This scene has no text", t.tx3);
    } else {
        text::selectable(ui, Type::Body, scene.text.as_str(), t.tx1);
    }
    frame::section_break(ui);
    match &scene.alt_text {
        Some(alt) => {
            section(ui, "Alt text", Some((alt, "Alt text")), context);
            text::selectable(ui, Type::Body, alt.as_str(), t.tx1);
        }
        None => {
            section(ui, "Alt text", None, context);
            let body = "Readers who cannot see the picture are told nothing about it.";
            Note::warn("No alt text", body).icon(icon::TEXT_T_SLASH).show(ui);
        }
    }
    if !scene.image_prompt.trim().is_empty() {
        frame::section_break(ui);
        section(
            ui,
            "Prompt of the picture",
            Some((&scene.image_prompt, "Prompt")),
            context,
        );
        text::selectable(ui, Type::Small, scene.image_prompt.as_str(), t.tx2);
    }
}

/// A quiet heading, with a button that copies what is below it.
fn section(ui: &mut Ui, words: &str, copy: Option<(&str, &'static str)>, context: &mut PanelContext<'_>) {
    ui.horizontal(|ui| {
        ui.set_height(size::SMALL);
        text::label(ui, Type::Small, words, Tokens::of(ui).tx2);
        let Some((text, what)) = copy.filter(|(text, _)| !text.is_empty()) else {
            return;
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = format!("Copy {}", what.to_lowercase());
            if ui.add(IconButton::new(icon::COPY, &name).small()).clicked() {
                context.actions.push(Action::Copy {
                    text: text.to_owned(),
                    what,
                });
            }
        });
    });
    ui.add_space(2.0);
}
