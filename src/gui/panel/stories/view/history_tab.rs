//! The inspector's fourth tab: the pictures that a scene had, who replaced them and when, and the way back.

use egui::{Align, Id, Layout, Sense, Ui, vec2};
use jiff::tz::TimeZone;

use super::picture::Pixels;
use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Part, State};
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Type, radius, space};
use crate::gui::widget::{Button, EmptyState, Fit, Picture, PictureState, frame, paint, skeleton, text};
use crate::gui::words;
use crate::story::{Replacement, ReplacementState};

const THUMB: egui::Vec2 = vec2(62.0, 46.0);

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    state.bench.record.want(Part::History);
    let load = state.bench.record.history();
    if let Some(failure) = load.problem().cloned() {
        if problem::show(ui, &failure, "Try again", false, context.actions) == Some(Answer::Retry) {
            state.bench.record.stale();
        }
        return;
    }
    let Some(history) = load.value().cloned() else {
        skeleton(ui, vec2(ui.available_width(), THUMB.y));
        return;
    };
    let shown: Vec<&Replacement> = history
        .iter()
        .filter(|entry| entry.state != ReplacementState::GivenUp)
        .collect();
    if shown.is_empty() {
        EmptyState::new(
            icon::CLOCK_COUNTER_CLOCKWISE,
            "No earlier pictures",
            "What this program replaces here is listed, with the way back",
        )
        .show(ui);
        return;
    }
    let live = state.scene().and_then(|scene| scene.image_url.clone());
    let busy = match (state.story(), state.scene()) {
        (Some(story), Some(scene)) => state.work.is_busy(story, scene),
        _ => false,
    };
    for (at, entry) in shown.iter().enumerate() {
        if at > 0 {
            frame::section_break(ui);
        }
        let id = Id::unique("history").with(entry.id.as_str());
        paint::part(ui, id, |ui| one(ui, entry, live.as_ref(), busy, context));
    }
}

fn one(ui: &mut Ui, entry: &Replacement, live: Option<&String>, busy: bool, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let pixels = Pixels::at(
            ui,
            context.pictures,
            context.service,
            entry.before.as_ref(),
            PictureSize::Thumb,
        );
        let shown = match &pixels {
            Pixels::Ready(texture, _) => PictureState::Ready(*texture),
            Pixels::Loading => PictureState::Loading,
            Pixels::None => PictureState::Missing { line: "", button: None },
            Pixels::Broken { line, code } => PictureState::Broken { line, code },
        };
        let time = words::whole_time(entry.at, &TimeZone::system());
        let name = format!("Picture before {time}");
        Picture::new(&name, shown)
            .size(THUMB)
            .fit(Fit::Cover)
            .corners(radius::CONTROL)
            .sense(Sense::hover())
            .show(ui);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            text::elided(ui, Type::SmallStrong, what(entry), t.tx1);
            let by = entry.by.as_deref().unwrap_or("not known by whom");
            text::elided(ui, Type::Caption, format!("{time} · {by}"), t.tx2);
            if let Some(behind) = &entry.left_behind {
                text::wrapped(ui, Type::Caption, behind.as_str(), t.warn);
            } else if entry.pointers.len() > 1 {
                let places: Vec<String> = entry.pointers.iter().map(crate::story::Pointer::label).collect();
                text::elided(ui, Type::Caption, places.join(", "), t.tx3);
            }
            ui.add_space(space::LABEL);
            ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                let back = Button::new("Put back")
                    .icon(icon::ARROW_COUNTER_CLOCKWISE)
                    .small()
                    .disabled_because(context.why_locked().or(why_not(entry, live, busy)));
                if ui.add(back).clicked() {
                    let mut replaced = entry.replaced();
                    // Whatever is live by now is what makes way.
                    replaced.now = live.cloned();
                    context.actions.push(Action::PutBack(replaced));
                }
            });
        });
    });
}

/// What was done.
fn what(entry: &Replacement) -> &'static str {
    match (entry.state, entry.undone, &entry.undoes, &entry.before) {
        (ReplacementState::UnderWay, ..) => "Being replaced",
        (_, true, ..) => "Replaced, and put back",
        (_, _, Some(_), _) => "Put back",
        (_, _, None, None) => "The first picture",
        (_, _, None, Some(_)) => "Replaced",
    }
}

/// Why the picture before it cannot be put back.
fn why_not(entry: &Replacement, live: Option<&String>, busy: bool) -> Option<&'static str> {
    match (&entry.before, entry.state) {
        _ if busy => Some("A picture is being put in its place"),
        (_, ReplacementState::UnderWay) => Some("It is under way"),
        (None, _) => Some("There was no picture before it"),
        (before, _) if before.as_ref() == live => Some("This picture is live"),
        _ => None,
    }
}
