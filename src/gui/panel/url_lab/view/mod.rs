//! Draws the URL Lab: the text and what it consists of at the left, the object it means at the right.

mod input;
mod probe;
mod problems;
mod segments;
mod side;
mod variants;

use egui::{Frame, Key, Margin, Modifiers, Panel, ScrollArea, Ui};

use super::state::State;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{EmptyState, frame, text};

/// Width of the side with the preview.
const SIDE: f32 = 424.0;
/// With less than this the side is left out; a check and the forms of the URL stay.
const ROOM_FOR_SIDE: f32 = 920.0;

/// Draws the whole place into `ui`.
pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    inspector(ui, state, context);
    content(ui, state, context);
}

/// Draws the object that is meant, at the right, where there is room for it. Apart from [`content`], so that what is
/// docked below the content ends there.
pub fn inspector(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    keys(ui, state, context);
    if ui.available_width() >= ROOM_FOR_SIDE && state.explained().is_some() {
        let panel = Panel::right("url lab side")
            .exact_size(SIDE)
            .resizable(false)
            .frame(frame::panel(ui));
        panel.show(ui, |ui| side::show(ui, state, context));
    }
}

/// Draws the text and what it consists of.
pub fn content(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    egui::CentralPanel::default().frame(frame::panel(ui)).show(ui, |ui| {
        ScrollArea::vertical()
            .id_salt("url lab")
            .auto_shrink(false)
            .show(ui, |ui| {
                Frame::NONE
                    .inner_margin(Margin::symmetric(space::CONTENT as i8, 0))
                    .show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        centre(ui, state, context);
                        ui.add_space(space::CONTENT);
                    });
            });
    });
}

fn centre(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.add_space(14.0);
    text::label(ui, Type::Title, "URL Lab", t.tx1);
    ui.add_space(12.0);
    input::show(ui, state, context);
    if state.explained().is_none() {
        let example = State::example(context.service);
        let room = (ui.clip_rect().bottom() - ui.cursor().top() - space::CONTENT).clamp(200.0, 520.0);
        let empty = EmptyState::new(icon::LINK, "Paste a URL, a path or a row's value", &example);
        if empty.button("Explain this example").height(room).show(ui) {
            state.open(example);
            state.refresh(context.service);
        }
        return;
    }
    ui.add_space(10.0);
    segments::show(ui, state);
    ui.add_space(14.0);
    problems::show(ui, state, context);
    ui.add_space(16.0);
    variants::show(ui, state, context);
    ui.add_space(16.0);
    probe::show(ui, state, context);
}

fn keys(ui: &Ui, state: &mut State, context: &mut PanelContext<'_>) {
    if ui.memory(|memory| memory.top_modal_layer().is_some()) {
        return;
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Period)) {
        state.fix_all(context.service);
        state.refresh(context.service);
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter)) {
        state.check();
        ui.request_repaint();
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND | Modifiers::SHIFT, Key::C)) {
        side::copy_snippet(state, context);
    }
    // What is pasted anywhere is a URL to be looked at, unless some text is being edited.
    if state.pasting || !ui.text_edit_focused() {
        let pasted = ui.input_mut(|input| {
            let at = input
                .events
                .iter()
                .position(|event| matches!(event, egui::Event::Paste(_)))?;
            match input.events.remove(at) {
                egui::Event::Paste(text) => Some(text),
                _ => None,
            }
        });
        if let Some(text) = pasted {
            state.pasting = false;
            state.open(input::one_line(&text));
            state.refresh(context.service);
        }
    }
}
