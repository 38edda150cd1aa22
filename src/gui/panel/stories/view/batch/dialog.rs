//! Before a batch: what will be made, by whom, and what it will cost and take.

use egui::{Context, ScrollArea, Ui, vec2};

use super::bar::duration;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Choices, Deed, Planning, State};
use crate::gui::panel::stories::view::engine;
use crate::gui::panel::stories::view::problem::{self, Answer};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, ModalFrame, Note, Stepper, modal, skeleton, text, toggle_row};
use crate::gui::words::count;
use crate::service::BatchScope;
use crate::story::{BatchPlan, PlannedScene};

/// Variants of a scene, at most.
const MOST: u32 = 8;
/// Height of the list of scenes.
const SCENES: f32 = 112.0;
/// Room for the plan: what is above it stays where it is while it is made.
const PLAN: f32 = 192.0;

pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(planning) = &mut state.batches.planning else {
        return;
    };
    let choices = &mut state.choices;
    let caption = match &planning.scope {
        BatchScope::All => "Every scene of the project that has no picture".to_owned(),
        BatchScope::Scenes(scenes) => format!("In {}", count(scenes.len(), "scene", "scenes")),
        BatchScope::Stories(stories) => format!(
            "Scenes without a picture, in {}",
            count(stories.len(), "story", "stories")
        ),
    };
    let frame = ModalFrame::new("generate-missing", "Generate missing pictures")
        .caption(&caption)
        .width(600.0);
    let id = frame.id();
    let plan = planning.take();
    let words = match &plan {
        Some(plan) => format!("Generate {}", count(plan.pictures, "picture", "pictures")),
        None => "Generate".to_owned(),
    };
    let why = match (&plan, planning.load().is_loading()) {
        (Some(_), _) => None,
        (None, true) => Some("What there is to make is being looked up"),
        (None, false) => Some("There is nothing to make"),
    };
    let answer = frame.show(
        ctx,
        |ui| body(ui, planning, choices, context),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let start = Button::primary(&words).icon(icon::IMAGES).large().disabled_because(why);
            let start = ui.add(start).clicked();
            (start, ui.add(Button::new("Cancel").large()).clicked())
        },
    );
    let (start, cancel) = answer.footer;
    let begun = plan.filter(|_| start);
    if begun.is_some() || cancel || answer.closed {
        state.batches.planning = None;
        modal::return_focus(ctx, id);
    }
    if let Some(plan) = begun {
        state.batches.begin(&plan);
        state.batches.marked.clear();
        context
            .actions
            .push(Action::Do(Box::new(Deed::StartBatch(Box::new(plan)))));
    }
}

fn body(ui: &mut Ui, planning: &mut Planning, choices: &mut Choices, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::SECTION;
        let named = |ui: &mut Ui, words: &str, contents: &mut dyn FnMut(&mut Ui)| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::LABEL;
                text::label(ui, Type::Small, words, t.tx2);
                contents(ui);
            });
        };
        named(ui, "Engine", &mut |ui| {
            engine::select(ui, context.service, choices, 220.0);
        });
        named(ui, "Style", &mut |ui| engine::style(ui, choices, 180.0));
        named(ui, "Variants a scene", &mut |ui| {
            ui.add(Stepper::new("Variants", &mut choices.variants, 1..=MOST).width(132.0));
        });
    });
    ui.add_space(space::SECTION);
    toggle_row(ui, "Put the first variant into its scene", &mut planning.place);
    ui.add_space(space::SECTION);
    ui.vertical(|ui| {
        ui.set_width(ui.available_width());
        ui.set_min_height(PLAN);
        planned(ui, planning, choices, context);
    });
}

/// What will be made, once that is known.
fn planned(ui: &mut Ui, planning: &mut Planning, choices: &Choices, context: &mut PanelContext<'_>) {
    if let Some(failed) = planning
        .load()
        .problem()
        .cloned()
        .filter(|_| !planning.load().is_loading())
    {
        if problem::show(ui, &failed, "Try again", false, context.actions) == Some(Answer::Retry) {
            planning.again();
        }
        return;
    }
    let Some(plan) = planning.plan() else {
        for width in [320.0, 420.0, 260.0] {
            skeleton(ui, vec2(width, 14.0));
            ui.add_space(space::CONTROL);
        }
        return;
    };
    estimate(ui, plan, choices, context);
    ui.add_space(space::SECTION);
    scenes(ui, plan);
}

/// The scenes, story by story.
fn scenes(ui: &mut Ui, plan: &BatchPlan) {
    let t = Tokens::of(ui);
    text::label(ui, Type::Strong, plan.title.as_str(), t.tx1);
    ui.add_space(space::TIGHT);
    let lines = by_story(&plan.items);
    ScrollArea::vertical()
        .id_salt("planned-scenes")
        .max_height(SCENES)
        .auto_shrink(false)
        .show_rows(ui, Type::Small.line_height() + 4.0, lines.len(), |ui, rows| {
            ui.take_available_width();
            for (title, numbers) in &lines[rows] {
                text::elided(ui, Type::Small, format!("{title} · {numbers}"), t.tx2);
                ui.add_space(4.0);
            }
        });
}

/// "Pip and the Lost Star", "scenes 4, 6".
fn by_story(items: &[PlannedScene]) -> Vec<(&str, String)> {
    let of_one = items.chunk_by(|one, next| one.story == next.story);
    let line = |scenes: &'_ [PlannedScene]| {
        let word = if scenes.len() == 1 { "scene" } else { "scenes" };
        let numbers: Vec<String> = scenes.iter().map(|scene| (scene.index + 1).to_string()).collect();
        format!("{word} {}", numbers.join(", "))
    };
    of_one
        .map(|scenes| {
            (
                scenes.first().map_or("", |scene| scene.story_title.as_str()),
                line(scenes),
            )
        })
        .collect()
}

/// What it will cost and take, and what is left out.
fn estimate(ui: &mut Ui, plan: &BatchPlan, choices: &Choices, context: &PanelContext<'_>) {
    let new = plan.pictures.saturating_sub(plan.made_before);
    let cost = match plan.cost {
        Some(cost) if cost.micros() > 0 => format!("About {cost}"),
        _ => engine::about(context.service, choices, new),
    };
    let time = plan
        .seconds
        .map_or(String::new(), |seconds| format!(" · about {}", duration(seconds)));
    let mut body = Vec::new();
    if plan.made_before > 0 {
        let words = count(plan.made_before, "picture was", "pictures were");
        body.push(format!("{words} made before and will not be paid for again."));
    }
    if plan.uncertain > 0 {
        let words = count(
            plan.uncertain,
            "picture may have been charged",
            "pictures may have been charged",
        );
        body.push(format!("{words} for before, and no answer came."));
    }
    body.extend(plan.left_out.iter().cloned());
    Note::info(&format!("{cost}{time}"), &body.join(" "))
        .icon(icon::COINS)
        .show(ui);
}
