//! What is known of the chosen object: its picture, facts, metadata and URLs; of several together; of the bucket.

mod bucket;
mod canvas;
pub(super) mod enlarged;
mod facts;
mod head;
mod metadata;
mod notes;
mod preview;
mod several;
mod urls;
mod uses;

use egui::{Align, Frame, Layout, Margin, ScrollArea, Ui, vec2};

use super::{INSPECTOR, problem, thumb};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Chosen;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{IconButton, frame, text};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::{HeaderEdit, KeySource};

/// Width of the names of facts.
const NAMES: f32 = 104.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    head::show(ui, state);
    ScrollArea::vertical()
        .id_salt("buckets inspector")
        .auto_shrink(false)
        .show(ui, |ui| {
            let margin = Margin {
                left: space::PANEL as i8,
                right: space::PANEL as i8,
                top: 0,
                bottom: 20,
            };
            Frame::NONE.inner_margin(margin).show(ui, |ui| {
                ui.set_width(INSPECTOR.min(ui.available_width() + 2.0 * space::PANEL) - 2.0 * space::PANEL);
                ui.spacing_mut().item_spacing.y = 2.0;
                match state.looked_at() {
                    Some(_) => object(ui, state, context),
                    None if state.selection().is_empty() => bucket::show(ui, state, context),
                    None => several::show(ui, state, context),
                }
            });
        });
}

fn object(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some((bucket, entry)) = state.looked_at() else {
        return;
    };
    let key = ObjectKey::parse(&entry.key).ok();
    preview::show(ui, state, &bucket, &entry, context);
    ui.add_space(8.0);
    key_line(ui, &entry.key, context);
    notes::show(ui, state, &entry, key.as_ref().map(|key| (&bucket, key)), context);
    facts::show(ui, state, &entry, key.as_ref().map(|key| (&bucket, key)), context);
    let Some(key) = key else { return };
    if let Some(failure) = state.inspect.info().problem() {
        ui.add_space(8.0);
        if problem::show(ui, failure, context.actions) {
            state.reload();
        }
    }
    metadata::show(ui, state, (&bucket, &key), context);
    frame::section_break(ui);
    urls::show(ui, state, (&bucket, &key), context);
    uses::show(ui, state, &bucket, &key, &entry, context);
}

/// The key, cut in the middle, and a button that copies all of it.
fn key_line(ui: &mut Ui, key: &str, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::SMALL),
        Layout::right_to_left(Align::Center),
        |ui| {
            if ui.add(IconButton::new(icon::COPY, "Copy key").small()).clicked() {
                context.actions.push(Action::Copy {
                    text: key.to_owned(),
                    what: "Key",
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::key(ui, Type::Mono, key, t.tx1)
            });
        },
    );
}

/// The title of a section, and a quiet button at its right; answers whether it was clicked.
fn section(ui: &mut Ui, title: &str, button: Option<(&str, Option<&str>)>) -> bool {
    let t = Tokens::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::SMALL),
        Layout::right_to_left(Align::Center),
        |ui| {
            let clicked = button.is_some_and(|(words, why_not)| {
                let button = crate::gui::widget::Button::ghost(words).small();
                ui.add(button.disabled_because(why_not)).clicked()
            });
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::label(ui, Type::SmallStrong, title, t.tx2)
            });
            clicked
        },
    )
    .inner
}

/// The action that changes one object's headers.
fn edit(bucket: &BucketName, key: &ObjectKey, edit: HeaderEdit) -> Action {
    let source = KeySource::Key(key.clone());
    let chosen = Chosen::of_objects(bucket.clone(), 1, 0, vec![key.to_string()], move || {
        vec![source.clone()]
    });
    Action::Edit { chosen, edit }
}
