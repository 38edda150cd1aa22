//! What is wrong with the URL, and the buttons that mend it.

use egui::{Align, Layout, Ui, vec2};

use super::segments::{sign, tone};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::url_lab::state::State;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Button, Note, frame, text};
use crate::gui::words;
use crate::supabase::url::UrlProblem;

const ROW: f32 = 34.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(explained) = state.explained() else { return };
    if explained.problems.is_empty() {
        Note::ok(
            "Nothing is wrong with this URL",
            "Whether the object is there, a check below tells.",
        )
        .show(ui);
        return;
    }
    let fixes = explained
        .problems
        .iter()
        .filter(|problem| problem.fix.is_some())
        .count();
    let many = explained.problems.len();
    let [errors, warnings, notes] = state.severities();
    let parts = [
        (errors, "error", "errors"),
        (warnings, "warning", "warnings"),
        (notes, "note", "notes"),
    ];
    let counts: Vec<String> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| words::count(count, one, many))
        .collect();
    let mut fix_all = false;
    head(
        ui,
        &words::count(many, "problem", "problems"),
        &counts.join(", "),
        |ui| {
            if fixes > 0 {
                let button = Button::primary("Fix all").icon(icon::WRENCH).tip("Ctrl .");
                fix_all = ui.add(button).clicked();
            }
        },
    );
    ui.add_space(8.0);
    let mut chosen = None;
    frame::card(ui, 1).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, problem) in explained.problems.iter().enumerate() {
            if place > 0 {
                frame::hairline(ui);
            }
            if row(ui, problem) {
                chosen = problem.fix.clone();
            }
        }
    });
    if fix_all {
        state.fix_all(context.service);
    } else if let Some(fix) = chosen {
        state.fix(&fix);
    } else {
        return;
    }
    state.refresh(context.service);
    ui.request_repaint();
}

fn row(ui: &mut Ui, problem: &UrlProblem) -> bool {
    let t = Tokens::of(ui);
    let mut clicked = false;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), egui::Sense::hover());
    let inner = rect.shrink2(vec2(12.0, 0.0));
    ui.scope_builder(
        egui::UiBuilder::new()
            .max_rect(inner)
            .layout(Layout::right_to_left(Align::Center)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            if let Some(fix) = &problem.fix {
                clicked = ui.add(Button::new(fix.label).small()).clicked();
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let (at, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), egui::Sense::hover());
                sign(problem.severity).paint(
                    ui.painter(),
                    at.center(),
                    size::ICON,
                    t.tone(tone(problem.severity)).fill,
                );
                text::label(ui, Type::SmallStrong, &problem.headline, t.tx1);
                text::elided(ui, Type::Small, &problem.detail, t.tx2);
            });
        },
    );
    clicked
}

/// The head of a section: a title, a quiet line beside it, and something at the right.
pub fn head(ui: &mut Ui, title: &str, caption: &str, right: impl FnOnce(&mut Ui)) {
    let t = Tokens::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.set_height(size::CONTROL);
            ui.spacing_mut().item_spacing.x = 8.0;
            right(ui);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::label(ui, Type::Section, title, t.tx1);
                text::elided(ui, Type::Caption, caption, t.tx3);
            });
        },
    );
}
