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

use egui::{Align, Label, Layout, Role, Sense, Ui, WidgetInfo, vec2};

use super::{INSPECTOR, problem, side, thumb};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Chosen;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{IconButton, frame, paint, text, tooltip_disabled};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::{HeaderEdit, KeySource};

/// Width of the names of facts.
const NAMES: f32 = 104.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    head::show(ui, state);
    side::body(ui, "buckets inspector", |ui| {
        ui.set_width(INSPECTOR.min(ui.available_width() + 2.0 * space::PANEL) - 2.0 * space::PANEL);
        ui.spacing_mut().item_spacing.y = 2.0;
        match state.looked_at() {
            Some(_) => object(ui, state, context),
            None if state.selection().is_empty() => bucket::show(ui, state, context),
            None => several::show(ui, state, context),
        }
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
    if state.inspect.is_waiting() {
        // What follows has its place only when it is known what comes before it.
        return;
    }
    if let Some(failure) = state.inspect.problem() {
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

/// The title of a section, and a link at its right; answers whether it was clicked.
fn section(ui: &mut Ui, title: &str, words: Option<(&str, Option<&str>)>) -> bool {
    let t = Tokens::of(ui);
    let layout = Layout::right_to_left(Align::Center);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), size::SMALL), layout, |ui| {
        let clicked = words.is_some_and(|(words, why_not)| link(ui, words, why_not));
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            text::label(ui, Type::SmallStrong, title, t.tx2)
        });
        clicked
    })
    .inner
}

/// Words that lead on; answers whether they were clicked.
fn link(ui: &mut Ui, words: &str, why_not: Option<&str>) -> bool {
    let t = Tokens::of(ui);
    let label = Label::new(Type::SmallStrong.rich(words).color(t.acc_tx));
    let response = ui
        .add_enabled_ui(why_not.is_none(), |ui| ui.add(label.extend().sense(Sense::click())))
        .inner;
    response.widget_info(|| WidgetInfo::labeled(Role::Link, why_not.is_none(), words));
    paint::focus_ring(ui, &response, radius::BADGE);
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    match why_not {
        Some(reason) => tooltip_disabled(response, reason).clicked(),
        None => response.clicked(),
    }
}

/// The action that changes one object's headers.
fn edit(bucket: &BucketName, key: &ObjectKey, edit: HeaderEdit) -> Action {
    let source = KeySource::Key(key.clone());
    let chosen = Chosen::of_objects(bucket.clone(), 1, 0, vec![key.to_string()], move || {
        vec![source.clone()]
    });
    Action::Edit { chosen, edit }
}
