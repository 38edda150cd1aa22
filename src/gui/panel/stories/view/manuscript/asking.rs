//! Asking for candidates in a manuscript: who draws, in which style, how many, and what that costs before it is asked for.

use egui::{Align, Layout, Ui};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::stories::state::{Choices, Deed};
use crate::gui::panel::stories::view::engine;
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, Stepper, text};
use crate::service::{Engine, Service};
use crate::story::{CastMember, SceneId, StoryId, Variant, Wanted};

/// Variants asked for at once, at most.
const MOST: u32 = 8;

/// The choices, and one button for all that lack a picture; answers whether it was clicked. `pictures` is how many it asks for.
pub(super) fn settings(
    ui: &mut Ui,
    choices: &mut Choices,
    service: &Service,
    (words, pictures): (&str, usize),
    why_not: Option<&str>,
) -> bool {
    let t = Tokens::of(ui);
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        engine::select(ui, service, choices, 210.0);
        engine::style(ui, choices, 170.0);
        ui.add(Stepper::new("Variants", &mut choices.variants, 1..=MOST).width(124.0));
        let all = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = Button::new(words).icon(icon::IMAGES).disabled_because(why_not);
            let clicked = ui.add(button).clicked();
            if pictures > 0 {
                text::elided(ui, Type::Caption, engine::about(service, choices, pictures), t.tx3);
            }
            clicked
        });
        all.inner
    });
    row.inner
}

/// What is asked for: so many candidates of a scene, or of a portrait.
pub(super) fn ask(
    choices: &Choices,
    service: &Service,
    story: &StoryId,
    scene: &SceneId,
    prompt: &str,
) -> Option<Action> {
    let mut wanted = Wanted::new(choices.engine(service)?, prompt.trim());
    wanted.style.clone_from(&choices.style);
    Some(Action::Do(Box::new(Deed::Generate {
        story: story.clone(),
        scene: scene.clone(),
        wanted: Box::new(wanted),
        count: choices.variants as usize,
    })))
}

/// Whether some of them are still to come.
pub(super) fn are_coming(variants: &[Variant]) -> bool {
    variants.iter().any(|variant| !variant.state.is_over())
}

/// Whether the chosen engine draws pages after the portraits of who is on them.
pub(super) fn portraits(ui: &mut Ui, choices: &Choices, service: &Service, cast: &[CastMember]) {
    let chosen = cast.iter().filter(|member| member.portrait.is_some()).count();
    if let Some(words) = choices.facts(service).map(|engine| used(&engine, chosen)) {
        text::wrapped(ui, Type::Caption, words, Tokens::of(ui).tx3);
    }
}

/// The same in words.
fn used(engine: &Engine, chosen: usize) -> String {
    let name = &engine.name;
    match (engine.abilities.references, chosen) {
        (0, _) => {
            format!("{name} takes no reference pictures: it draws from the looks in words, without the portraits.")
        }
        (_, 0) => format!("{name} draws after portraits. None is chosen yet, so it draws from the looks in words."),
        (1, _) => {
            format!("{name} draws after one portrait: that of the first who is named in a prompt goes along with it.")
        }
        (most, _) => {
            format!("{name} draws after portraits: those of who is named in a prompt go along with it, {most} at most.")
        }
    }
}
