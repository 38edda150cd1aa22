//! What a question would do, before it is done: its plan in numbers, what is refused and why.

use egui::{Ui, vec2};

use crate::gui::icon;
use crate::gui::panel::buckets::dialog::ShownPlan;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Note, Select, spinner, text};
use crate::gui::words;
use crate::transfer::plan::{Action, Taken};

/// What can become of something that is in the way.
const CHOICES: [(Taken, &str); 3] = [
    (Taken::Refuse, "Leave it as it is"),
    (Taken::Replace, "Replace it"),
    (Taken::Rename, "Keep both, with a number"),
];

/// As [`taken`], where nothing can be replaced.
pub fn taken_but_not_replaced(ui: &mut Ui, taken: &mut Taken) {
    choice(ui, taken, &[CHOICES[0], CHOICES[2]]);
}

/// The choice what becomes of what is there already.
pub fn taken(ui: &mut Ui, taken: &mut Taken) {
    choice(ui, taken, &CHOICES);
}

fn choice(ui: &mut Ui, taken: &mut Taken, choices: &[(Taken, &str)]) {
    let t = Tokens::of(ui);
    text::label(ui, Type::Small, "What is there already", t.tx2);
    let current = choices.iter().find(|(choice, _)| choice == taken);
    Select::new("What is there already", current.map_or("", |(_, words)| words)).show_choices(ui, taken, choices);
}

/// Draws the plan; `waiting` stands where nothing can be planned yet. Answers whether to plan again.
pub fn show<Q: Clone + PartialEq>(ui: &mut Ui, plan: &ShownPlan<Q>, waiting: &str) -> bool {
    let t = Tokens::of(ui);
    ui.add_space(space::TIGHT);
    let mut again = false;
    ui.scope(|ui| {
        // What comes and goes does not move the buttons.
        ui.set_min_height(54.0);
        if let Some(planned) = plan.value() {
            text::line(ui, size::SMALL, |ui| {
                let (mark, color) = if planned.acting() == 0 {
                    (icon::PROHIBIT, t.warn)
                } else {
                    (icon::LIST_CHECKS, t.tx2)
                };
                let (at, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), egui::Sense::hover());
                mark.paint(ui.painter(), at.center(), size::ICON, color);
                text::elided(ui, Type::SmallStrong, planned.words(), t.tx1);
            });
            for (from, why) in &planned.refused {
                text::key(ui, Type::MonoSmall, from, t.tx2);
                text::wrapped(ui, Type::Caption, why.as_str(), t.warn);
            }
            let refused = usize::try_from(planned.summary.of(Action::Refuse).items).unwrap_or(usize::MAX);
            if refused > planned.refused.len() {
                let rest = words::count(refused - planned.refused.len(), "more is refused", "more are refused");
                text::label(ui, Type::Caption, rest, t.tx3);
            }
            if !planned.plan.unseen.is_empty() {
                let unseen = words::count(planned.plan.unseen.len(), "place", "places");
                text::label(ui, Type::Caption, format!("{unseen} could not be looked at"), t.warn);
            }
        } else if let Some(problem) = plan.problem() {
            again = if problem.retry {
                Note::err(&problem.what, &problem.advice).button("Try again").show(ui)
            } else {
                Note::err(&problem.what, &problem.advice).show(ui)
            };
        } else if plan.is_loading() {
            text::line(ui, size::SMALL, |ui| {
                spinner(ui, "Looking what will happen");
                text::label(ui, Type::Small, "Looking what will happen", t.tx3);
            });
        } else {
            text::label(ui, Type::Small, waiting, t.tx3);
        }
    });
    again
}
