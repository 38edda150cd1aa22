//! The words of the scenes as a table that is typed in. Nothing of it is in the project, and nothing is paid for.

use egui::{Align, Id, Key, Layout, Modifiers, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

use crate::gui::icon;
use crate::gui::panel::stories::state::{Edit, State};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, EmptyState, IconButton, PromptBox, TextField, paint, text};
use crate::story::{Brief, StoryId};

const NUMBER: f32 = 28.0;
const BUTTONS: f32 = 28.0;
const GAP: f32 = 10.0;

/// The widths of the texts' columns: title, text, prompt, alternative text.
fn columns(width: f32) -> [f32; 4] {
    let rest = (width - NUMBER - BUTTONS - 5.0 * GAP).max(240.0);
    [0.17, 0.33, 0.29, 0.21].map(|share| (rest * share).floor())
}

pub(super) fn show(ui: &mut Ui, state: &mut State, id: &StoryId) {
    let Some(edit) = state.manuscripts.edit(id) else { return };
    if edit.get().scenes.is_empty() {
        let empty = EmptyState::new(
            icon::TEXT_ALIGN_LEFT,
            "No scenes yet",
            "Add the first one and write it yourself",
        );
        if empty.button("Add scene").height(220.0).show(ui) {
            edit.add_scene(0);
        }
        return;
    }
    let widths = columns(ui.available_width());
    head(ui, widths);
    let mut asked = None;
    for at in 0..edit.get().scenes.len() {
        let scene = edit.get().scenes[at].scene_id.clone();
        // Each scene keeps its fields when others move.
        let part = Id::unique("manuscript-scene").with(scene.as_str());
        let one = paint::part(ui, part, |ui| row(ui, edit, at, widths));
        asked = one.map(|one| (at, one)).or(asked);
    }
    ui.add_space(space::SECTION);
    if ui.add(Button::new("Add scene").icon(icon::PLUS)).clicked() {
        let end = edit.get().scenes.len();
        edit.add_scene(end);
    }
    match asked {
        Some((at, Asked::Up)) => edit.move_scene(at, at.saturating_sub(1)),
        Some((at, Asked::Down)) => edit.move_scene(at, at + 1),
        Some((at, Asked::Remove)) => edit.remove_scene(at),
        None => {}
    }
}

#[derive(Clone, Copy)]
enum Asked {
    Up,
    Down,
    Remove,
}

fn head(ui: &mut Ui, widths: [f32; 4]) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    let mut left = rect.left() + NUMBER + GAP;
    for (width, words) in widths
        .into_iter()
        .zip(["Title", "Text", "Prompt for the picture", "Alt text"])
    {
        let at = egui::Rect::from_min_size(pos2(left, rect.top()), vec2(width, 26.0));
        let layout = Layout::left_to_right(Align::Center);
        ui.scope_builder(UiBuilder::new().max_rect(at).layout(layout), |ui| {
            text::elided(ui, Type::Caption, words, t.tx3);
        });
        left += width + GAP;
    }
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
}

fn row(ui: &mut Ui, edit: &mut Edit, at: usize, [title, words, prompt, alt]: [f32; 4]) -> Option<Asked> {
    let t = Tokens::of(ui);
    let number = at + 1;
    let scenes = edit.get().scenes.len();
    let mut scene = edit.get().scenes[at].clone();
    let before = scene.clone();
    let mut asked = None;
    ui.add_space(space::GROUP);
    let inside = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        let (place, _) = ui.allocate_exact_size(vec2(NUMBER, 28.0), Sense::hover());
        let galley = paint::whole_line(ui, Type::Mono, &number.to_string(), t.tx3);
        paint::galley_left(ui.painter(), place.left() + 6.0, place.center().y, galley, t.tx3);
        column(ui, title, |ui| {
            TextField::new(&format!("Scene {number} title"), &mut scene.title)
                .hint("Title")
                .show(ui);
        });
        column(ui, words, |ui| {
            PromptBox::new(&format!("Scene {number} text"), &mut scene.text)
                .bare()
                .hint("What is read aloud")
                .rows(4)
                .show(ui);
        });
        column(ui, prompt, |ui| {
            PromptBox::new(&format!("Scene {number} prompt"), &mut scene.image_prompt)
                .bare()
                .hint("What the picture shows")
                .rows(4)
                .limit(Brief::PROMPT_MAX)
                .show(ui);
        });
        column(ui, alt, |ui| {
            PromptBox::new(&format!("Scene {number} alt text"), &mut scene.alt_text)
                .bare()
                .hint("For those who cannot see it")
                .rows(4)
                .show(ui);
        });
        column(ui, BUTTONS, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let (first, last) = (at == 0, at + 1 == scenes);
            let (upward, downward, away) = (
                format!("Move scene {number} up"),
                format!("Move scene {number} down"),
                format!("Remove scene {number}"),
            );
            let up = IconButton::new(icon::ARROW_UP, &upward).small();
            let up = ui
                .add(up.disabled_because(first.then_some("It is the first scene")))
                .clicked();
            let down = IconButton::new(icon::ARROW_DOWN, &downward).small();
            let down = ui
                .add(down.disabled_because(last.then_some("It is the last scene")))
                .clicked();
            let remove = ui.add(IconButton::new(icon::TRASH, &away).small()).clicked();
            asked = match (up, down, remove) {
                (true, ..) => Some(Asked::Up),
                (_, true, _) => Some(Asked::Down),
                (_, _, true) => Some(Asked::Remove),
                _ => None,
            };
        });
    });
    ui.add_space(space::GROUP);
    let rect = inside.response.rect;
    let bottom = ui.cursor().top() - 0.5;
    ui.painter().hline(rect.x_range(), bottom, Stroke::new(1.0, t.line));
    let within = ui.memory(egui::Memory::focused).and_then(|id| ui.read_response(id));
    if within.is_some_and(|field| rect.contains_rect(field.rect)) {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key));
        if pressed(Key::ArrowUp) && at > 0 {
            asked = Some(Asked::Up);
        } else if pressed(Key::ArrowDown) && at + 1 < scenes {
            asked = Some(Asked::Down);
        }
    }
    if scene != before {
        edit.change(|manuscript| manuscript.scenes[at] = scene);
    }
    asked
}

fn column(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        contents(ui);
    });
}
