//! Asking for candidates: the words and those used before, who draws and how, the seed, how many, and what it will cost.

use egui::{Align, Id, Layout, Rect, Ui, UiBuilder, pos2, vec2};

use super::more;
use crate::gui::action::{Action, Command};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Focus, MOST_CANDIDATES, State, earlier, estimate};
use crate::gui::panel::stories::view::is_pointing;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{
    Button, IconButton, MenuItem, PromptBox, Select, Stepper, TextField, menu_below, menu_heading, paint, text,
};
use crate::service::Engine;
use crate::story::{Brief, STYLES};

/// No style: what the prompt says of it, if anything. Short enough for half the inspector.
const AS_PROMPTED: &str = "As prompted";
/// Between the two columns of fields.
const GAP: f32 = 10.0;

/// The field of the prompt, to focus it from elsewhere.
pub(in crate::gui::panel::stories::view) fn prompt_id() -> Id {
    Id::unique("scene-prompt")
}

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    prompt(ui, state);
    ui.add_space(space::GROUP);
    let width = (ui.available_width() - GAP) * 0.5;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.allocate_ui(vec2(width, 0.0), |ui| engine(ui, state));
        ui.allocate_ui(vec2(width, 0.0), |ui| style(ui, state));
    });
    ui.add_space(space::GROUP);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.allocate_ui(vec2(width, 0.0), |ui| seed(ui, state, width));
        ui.allocate_ui(vec2(width, 0.0), |ui| {
            labelled(ui, "Variants", |ui| {
                ui.add(Stepper::new("Variants", &mut state.bench.ask.count, 1..=MOST_CANDIDATES).width(width));
            });
        });
    });
    more::show(ui, state, context);
    run(ui, state, context);
}

/// A quiet name, and what it is the name of below it.
pub(super) fn labelled(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui)) {
    let t = Tokens::of(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = space::LABEL;
        text::label(ui, Type::Small, name, t.tx2);
        contents(ui);
    });
}

fn prompt(ui: &mut Ui, state: &mut State) {
    if state.focus == Some(Focus::Prompt) && !is_pointing(ui) {
        state.focus = None;
        ui.memory_mut(|memory| memory.request_focus(prompt_id()));
    }
    let top = ui.cursor().min;
    let Some(draft) = state.draft() else { return };
    PromptBox::new("Prompt", &mut draft.prompt)
        .hint("What the picture shows")
        .rows(3)
        .most_rows(8)
        .limit(Brief::PROMPT_MAX)
        .id(prompt_id())
        .show(ui);
    let changed = draft.is_changed();
    // Beside the name of the box, in the line that has its count at the other end.
    let name = paint::whole_line(ui, Type::Small, "Prompt", Tokens::of(ui).tx2)
        .size()
        .x;
    let line = Rect::from_min_size(pos2(top.x + name + 4.0, top.y), vec2(60.0, size::CONTROL));
    let layout = Layout::left_to_right(Align::Center);
    paint::inside(ui, line, layout, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        history(ui, state);
        if changed {
            let reset = IconButton::new(icon::ARROW_COUNTER_CLOCKWISE, "Reset prompt").small();
            if ui.add(reset).clicked()
                && let Some(draft) = state.draft()
            {
                draft.reset();
            }
        }
    });
}

/// The words that were used before for this scene.
fn history(ui: &mut Ui, state: &mut State) {
    let Some(scene) = state.scene() else { return };
    let typed = state
        .drafts
        .get(&scene.scene_id)
        .map_or("", |draft| draft.prompt.as_str());
    let candidates: Vec<_> = state.bench.candidates().collect();
    let prompts: Vec<String> = earlier(scene, candidates.into_iter(), typed)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let none = prompts
        .is_empty()
        .then_some("No other prompts were used for this scene");
    let button = IconButton::new(icon::CLOCK_COUNTER_CLOCKWISE, "Earlier prompts")
        .small()
        .disabled_because(none);
    let response = ui.add(button);
    let mut taken = None;
    menu_below(&response, 320.0, |ui| {
        menu_heading(ui, "Earlier prompts of this scene");
        for prompt in &prompts {
            let short: String = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
            let cut: String = if short.chars().count() > 60 {
                short.chars().take(59).chain(['…']).collect()
            } else {
                short
            };
            if ui.add(MenuItem::new(&cut)).clicked() {
                taken = Some(prompt.clone());
            }
        }
    });
    if let Some(prompt) = taken
        && let Some(draft) = state.draft()
    {
        draft.prompt = prompt;
        state.focus = Some(Focus::Prompt);
    }
}

/// "Together · FLUX.1"; the built-in engine is called by what it is.
fn engine_words(engine: &Engine, model: Option<&String>) -> String {
    if engine.built_in {
        return engine.name.clone();
    }
    let model = model.map_or(engine.image_model.as_str(), String::as_str);
    format!("{} · {}", engine.name, model.rsplit('/').next().unwrap_or(model))
}

fn engine(ui: &mut Ui, state: &mut State) {
    labelled(ui, "Engine", |ui| {
        let model = state.bench.ask.model.clone();
        let current = state
            .bench
            .engine()
            .map(|engine| (engine.id.clone(), engine_words(engine, model.as_ref())));
        let choices: Vec<_> = state
            .bench
            .engines()
            .iter()
            .filter(|engine| engine.draws)
            .map(|engine| (engine.id.clone(), engine_words(engine, None)))
            .collect();
        let words = current.as_ref().map_or("None", |(_, words)| words.as_str());
        let none = choices.is_empty().then_some("No provider of this workspace draws");
        let mut chosen = None;
        let (response, _) = Select::new("Engine", words)
            .icon(icon::CUBE)
            .disabled_because(none)
            .show(ui, |ui| {
                for (id, words) in &choices {
                    let checked = current.as_ref().is_some_and(|(current, _)| current.is(id));
                    if ui.add(MenuItem::new(words).checked(checked)).clicked() {
                        chosen = Some(id.clone());
                    }
                }
            });
        if none.is_none() {
            crate::gui::widget::tooltip(response, words);
        }
        if let Some(engine) = chosen {
            state.bench.ask.choose_engine(engine);
        }
    });
}

fn style(ui: &mut Ui, state: &mut State) {
    labelled(ui, "Style", |ui| {
        let mut style = state.bench.ask.style.clone();
        let mut choices = vec![(None, AS_PROMPTED)];
        choices.extend(STYLES.iter().map(|style| (Some(style.name.to_owned()), style.name)));
        let current = style.clone().unwrap_or_else(|| AS_PROMPTED.to_owned());
        Select::new("Style", &current)
            .icon(icon::PALETTE)
            .show_choices(ui, &mut style, &choices);
        state.bench.ask.style = style;
    });
}

fn seed(ui: &mut Ui, state: &mut State, width: f32) {
    let takes = state.bench.engine().is_none_or(|engine| engine.abilities.seed);
    let why_not = (!takes).then_some("This engine takes no seed: it draws another picture each time");
    let Some(draft) = state.draft() else { return };
    let error = if takes { draft.seed_error() } else { None };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::LABEL;
            TextField::new("Seed", &mut draft.seed)
                .label()
                .mono()
                .disabled_because(why_not)
                .width(width - 2.0 * (size::CONTROL + 4.0))
                .show(ui);
        });
        ui.vertical(|ui| {
            ui.add_space(16.0 + space::LABEL);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let (mark, name) = if draft.keep_seed {
                    (icon::LOCK_SIMPLE.filled(), "Take another seed for each picture")
                } else {
                    (icon::LOCK_SIMPLE_OPEN, "Keep this seed for the next picture")
                };
                let lock = IconButton::new(mark, name).framed().key("L").selected(draft.keep_seed);
                if ui.add(lock.disabled_because(why_not)).clicked() {
                    draft.keep_seed = !draft.keep_seed;
                }
                let dice = IconButton::new(icon::DICE_FIVE, "Roll another seed").framed();
                if ui.add(dice.disabled_because(why_not)).clicked() {
                    draft.roll();
                }
            });
        });
    });
    if let Some(error) = error {
        let t = Tokens::of(ui);
        text::wrapped(ui, Type::Caption, error, t.err);
    }
}

/// What it will cost, and the button.
fn run(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let why_not = state.why_no_generation();
    let count = state.bench.ask.count;
    let said = state
        .bench
        .engine()
        .map(|engine| estimate(engine, count, state.bench.usual_seconds()));
    let row = vec2(
        ui.available_width(),
        Type::Small.line_height() + Type::Caption.line_height(),
    );
    let mut asked = false;
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let words = format!("Generate {count}");
        let button = Button::new(&words).icon(icon::IMAGE).key("G");
        asked = ui.add(button.disabled_because(why_not.as_deref())).clicked();
        ui.add_space(space::CONTROL);
        let left = ui.available_rect_before_wrap();
        ui.scope_builder(
            UiBuilder::new().max_rect(left).layout(Layout::top_down(Align::Min)),
            |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let Some(said) = &said else { return };
                text::elided(ui, Type::SmallStrong, said.line.as_str(), t.tx1);
                let color = if said.over.is_some() { t.warn } else { t.tx3 };
                let below = said.over.as_deref().unwrap_or(&said.budget);
                text::elided(ui, Type::Caption, below, color);
            },
        );
    });
    if asked {
        context.actions.push(Action::Command(Command::Generate));
    }
}
