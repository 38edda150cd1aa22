//! The head of a manuscript: its title, whether it is saved, its steps, and the way to the next one.

use egui::{Align, Layout, Margin, Ui, vec2};

use super::steps;
use crate::gui::icon;
use crate::gui::panel::stories::state::{Edit, Step};
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{Button, Chip, IconButton, MenuItem, TextField, menu_below, spinner, text};
use crate::story::ManuscriptState;

/// Why nothing of it can be changed just now.
const BEING_PUBLISHED: &str = "It is being published";

/// Draws the head; answers whether the draft is to be thrown away. What is being published can be looked at and not changed; what
/// was published is a story, and is changed there.
pub(super) fn show(ui: &mut Ui, edit: &mut Edit, is_publishing: bool) -> bool {
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
            let published = edit.get().state == ManuscriptState::Published;
            let discard = if published {
                published_row(ui, edit);
                false
            } else {
                title_row(ui, edit, is_publishing)
            };
            ui.add_space(4.0);
            let prompt = edit.get().brief.prompt().to_owned();
            text::elided(ui, Type::Body, prompt, t.tx2);
            ui.add_space(12.0);
            let manuscript = edit.get().clone();
            let mut step = edit.step;
            steps::show(ui, &mut step, &manuscript);
            if !published {
                edit.step = step;
            }
            discard
        })
        .inner
}

fn published_row(ui: &mut Ui, edit: &Edit) {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let chip = 92.0;
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - chip).max(40.0));
            text::elided(ui, Type::Title, edit.get().title.as_str(), t.tx1);
        });
        ui.add(Chip::new(Tone::Ok, "Published"));
    });
}

fn title_row(ui: &mut Ui, edit: &mut Edit, is_publishing: bool) -> bool {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let button = ui.add(IconButton::new(icon::DOTS_THREE, "More for this draft").framed());
            let discard = menu_below(&button, 200.0, |ui| {
                let item = MenuItem::new("Discard draft…").icon(icon::TRASH).danger();
                let why_not = is_publishing.then_some(BEING_PUBLISHED);
                ui.add(item.disabled_because(why_not)).clicked()
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
                let chip = if is_publishing { 98.0 } else { 72.0 };
                let width = (ui.available_width() - chip - 8.0).clamp(80.0, 420.0);
                let mut title = edit.get().title.clone();
                let field = TextField::new("Story title", &mut title)
                    .hint("Title")
                    .disabled_because(is_publishing.then_some(BEING_PUBLISHED))
                    .width(width)
                    .show(ui);
                if field.changed() {
                    edit.change(|manuscript| manuscript.title = title);
                }
                if is_publishing {
                    ui.add(Chip::new(Tone::Accent, "Publishing"));
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
