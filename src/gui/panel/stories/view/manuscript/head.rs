//! The head of a manuscript: its title, whether it is saved, its steps, and the way to the next one.

use egui::{Align, Layout, Margin, Ui, vec2};

use super::steps;
use crate::gui::icon;
use crate::gui::panel::stories::state::{Edit, Step};
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{Button, Chip, IconButton, MenuItem, TextField, menu_below, spinner, text};
use crate::story::ManuscriptState;

/// Draws the head; answers whether the draft is to be thrown away.
pub(super) fn show(ui: &mut Ui, edit: &mut Edit) -> bool {
    let t = Tokens::of(ui);
    let margin = Margin {
        left: space::CONTENT as i8,
        right: space::CONTENT as i8,
        top: 14,
        bottom: 12,
    };
    egui::Frame::NONE
        .inner_margin(margin)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let discard = title_row(ui, edit);
            ui.add_space(4.0);
            let prompt = edit.get().brief.prompt().to_owned();
            text::elided(ui, Type::Body, prompt, t.tx2);
            ui.add_space(12.0);
            let manuscript = edit.get().clone();
            let mut step = edit.step;
            steps::show(ui, &mut step, &manuscript);
            edit.step = step;
            discard
        })
        .inner
}

fn title_row(ui: &mut Ui, edit: &mut Edit) -> bool {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let button = ui.add(IconButton::new(icon::DOTS_THREE, "More for this draft").framed());
            let discard = menu_below(&button, 200.0, |ui| {
                let item = MenuItem::new("Discard draft…").icon(icon::TRASH).danger();
                ui.add(item).clicked()
            });
            if let Some(next) = edit.step.next() {
                let words = format!("Next: {}", next.words().to_lowercase());
                // Publishing is asked for in its own step, where it is the main act.
                if ui.add(Button::primary(&words).icon(icon::ARROW_RIGHT)).clicked() {
                    edit.step = next;
                }
            }
            if let Some(previous) = edit.step.previous() {
                let words = format!("Back: {}", previous.words().to_lowercase());
                if ui.add(Button::new(&words)).clicked() {
                    edit.step = previous;
                }
            }
            saved(ui, edit);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let chip = 72.0;
                let width = (ui.available_width() - chip - 8.0).clamp(80.0, 420.0);
                let mut title = edit.get().title.clone();
                let field = TextField::new("Story title", &mut title)
                    .hint("Title")
                    .width(width)
                    .show(ui);
                if field.changed() {
                    edit.change(|manuscript| manuscript.title = title);
                }
                let published = edit.get().state == ManuscriptState::Published;
                if published {
                    ui.add(Chip::new(Tone::Ok, "Published"));
                } else {
                    ui.add(Chip::new(Tone::Neutral, "Draft"));
                }
            });
            discard.unwrap_or(false)
        },
    )
    .inner
}

/// Whether what is typed is on disk.
fn saved(ui: &mut Ui, edit: &Edit) {
    let t = Tokens::of(ui);
    let (words, color) = match () {
        () if edit.has_theirs() || edit.problem().is_some() => ("Not saved", t.warn),
        () if edit.is_dirty() => ("Saving", t.tx3),
        () => ("Saved on this computer", t.tx3),
    };
    text::label(ui, Type::Caption, words, color);
    if edit.is_saving() && edit.step == Step::Publish {
        spinner(ui, "Saving");
    }
}
