//! The inspector's third tab: where the live picture comes from, as far as anybody knows. What is not known is said to be so.

use egui::{Align, Layout, Ui, vec2};

use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Part, State};
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, IconButton, Note, frame, skeleton, text};
use crate::story::Provenance;
use crate::workspace::Money;

/// Width of the names of facts.
const NAMES: f32 = 104.0;

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    state.bench.record.want(Part::Provenance);
    let Some(scene) = state.scene() else { return };
    if scene.image_url.is_none() {
        text::label(ui, Type::Body, "This scene has no picture yet", t.tx3);
        return;
    }
    let load = state.bench.record.provenance();
    if let Some(failure) = load.problem().cloned() {
        if problem::show(ui, &failure, "Try again", false, context.actions) == Some(Answer::Retry) {
            state.bench.record.stale();
        }
        return;
    }
    let Some(provenance) = load.value().cloned() else {
        for width in [220.0, 260.0, 180.0] {
            skeleton(ui, vec2(width, 14.0));
            ui.add_space(8.0);
        }
        return;
    };
    note(ui, &provenance);
    for fact in facts(&provenance) {
        row(ui, &fact, context);
    }
    foreign(ui, &provenance, context);
    ui.add_space(space::SECTION);
    let whole = serde_json::to_string_pretty(&provenance).unwrap_or_default();
    if ui.add(Button::new("Copy as JSON").icon(icon::COPY).small()).clicked() {
        context.actions.push(Action::Copy {
            text: whole,
            what: "Provenance",
        });
    }
}

/// A line of the table. Without a value it is not known.
struct Fact {
    name: &'static str,
    value: Option<String>,
    mono: bool,
}

fn facts(of: &Provenance) -> Vec<Fact> {
    let plain = |name, value: Option<String>| Fact {
        name,
        value,
        mono: false,
    };
    let mono = |name, value: Option<String>| Fact {
        name,
        value,
        mono: true,
    };
    let pixels = of.width.zip(of.height);
    let made_at = of.created_at.as_deref().map(|at| {
        at.parse::<jiff::Timestamp>().map_or_else(
            |_| at.to_owned(),
            |at| crate::gui::words::whole_time(at, &jiff::tz::TimeZone::system()),
        )
    });
    let maker = of.engine.as_deref().map(|engine| match engine {
        "upload" => "Brought by an editor".to_owned(),
        engine => engine.to_owned(),
    });
    let mut facts = vec![
        plain("Made by", maker),
        plain("Model", of.model.clone()),
        plain("Server", of.base_host.clone()),
        plain("Seed", of.seed.map(|seed| seed.to_string())),
        plain("Size", pixels.map(|(width, height)| format!("{width} × {height}"))),
        plain("Made", made_at),
        plain("Asked for by", of.operator.clone()),
        plain("Cost", of.cost_micros.map(|cost| Money::from_micros(cost).to_string())),
        plain(
            "Kind of source",
            of.digital_source_type.map(|kind| kind.words().to_owned()),
        ),
        plain("Program", of.app_version.clone()),
        plain("Rights", of.licence_notes.clone()),
        mono("Prompt, SHA-256", of.prompt_sha256.clone()),
        mono("Made from", of.parent_sha256.clone()),
        mono("SHA-256", of.sha256.clone()),
    ];
    // What most pictures do not have is said only where it is.
    if let Some(name) = &of.file_name {
        facts.insert(1, plain("File", Some(name.clone())));
    }
    if let Some(prompt) = &of.prompt {
        facts.insert(3, plain("Prompt", Some(prompt.clone())));
    }
    if let Some(steps) = of.steps {
        facts.push(plain("Steps", Some(steps.to_string())));
    }
    if let Some(quality) = &of.quality {
        facts.push(plain("Quality", Some(quality.clone())));
    }
    if !of.references.is_empty() {
        facts.push(plain("References", Some(of.references.len().to_string())));
    }
    facts
}

fn note(ui: &mut Ui, of: &Provenance) {
    if of.engine.is_none() && of.version.is_none() {
        let body = "It was not stored by this program, or before it kept such a record.";
        Note::info("Little is known of this picture", body).show(ui);
        ui.add_space(space::SECTION);
    }
    if of.is_signed == Some(true) {
        let body = "Its maker's manifest (C2PA) is in the file, which is stored as it came.";
        Note::ok("Signed content credentials", body)
            .icon(icon::SEAL_CHECK)
            .show(ui);
        ui.add_space(space::SECTION);
    }
}

fn row(ui: &mut Ui, fact: &Fact, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::SMALL),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            match &fact.value {
                Some(value) => {
                    let name = format!("Copy {}", fact.name.to_lowercase());
                    if ui.add(IconButton::new(icon::COPY, &name).small()).clicked() {
                        context.actions.push(Action::Copy {
                            text: value.clone(),
                            what: fact.name,
                        });
                    }
                }
                None => _ = ui.allocate_space(vec2(size::SMALL, size::SMALL)),
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let left = ui.cursor().left();
                ui.scope(|ui| {
                    ui.set_max_width(NAMES);
                    text::elided(ui, Type::Small, fact.name, t.tx3);
                });
                ui.add_space((left + NAMES + 8.0 - ui.cursor().left()).max(0.0));
                match &fact.value {
                    Some(value) if fact.mono => _ = text::key(ui, Type::MonoSmall, value, t.tx1),
                    Some(value) => _ = text::elided(ui, Type::Small, value.as_str(), t.tx1),
                    None => _ = text::label(ui, Type::Small, "Not known", t.tx3),
                }
            });
        },
    );
}

/// What other programs have written into the file.
fn foreign(ui: &mut Ui, of: &Provenance, context: &mut PanelContext<'_>) {
    if of.foreign.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    frame::section_break(ui);
    text::label(ui, Type::SmallStrong, "Written into the file by other programs", t.tx2);
    ui.add_space(space::LABEL);
    for note in &of.foreign {
        ui.horizontal(|ui| {
            ui.set_height(size::SMALL);
            text::label(ui, Type::Small, format!("{} · {}", note.program, note.key), t.tx2);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let name = format!("Copy {}", note.key);
                if ui.add(IconButton::new(icon::COPY, &name).small()).clicked() {
                    context.actions.push(Action::Copy {
                        text: note.text.clone(),
                        what: "Text",
                    });
                }
            });
        });
        let short: String = note.text.chars().take(400).collect();
        text::selectable(ui, Type::MonoSmall, short, t.tx2);
        ui.add_space(space::CONTROL);
    }
}
