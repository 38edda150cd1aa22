//! The bar at the bottom: how the connection is, and what is going on.

use std::time::Duration;

use egui::{Align, Layout, Sense, Ui, vec2};

use crate::gui::mark;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::text;
use crate::service::{AdminState, Job, Service};
use crate::workspace::Access;

/// The bar's height.
pub const HEIGHT: f32 = 24.0;

/// What the bar tells.
pub struct Facts<'a> {
    /// The workspace.
    pub service: &'a Service,
    /// Whether the newest request got an answer, and how long it took.
    pub last_answer: Option<(bool, Duration)>,
    /// All jobs.
    pub jobs: &'a [Job],
    /// Errors in the log.
    pub errors: usize,
}

/// Draws the bar.
pub fn show(ui: &mut Ui, facts: &Facts<'_>) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.x = space::CONTROL;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(12.0);
        let (color, words) = match facts.last_answer {
            None => (t.tx3, "Not asked yet".to_owned()),
            Some((true, took)) => (t.ok, format!("Connected · {} ms", took.as_millis())),
            Some((false, _)) => (t.err, "No answer".to_owned()),
        };
        let (dot, _) = ui.allocate_exact_size(vec2(6.0, 6.0), Sense::hover());
        ui.painter().circle_filled(dot.center(), 3.0, color);
        text::label(ui, Type::Caption, words, t.tx2);
        ui.add_space(space::CONTROL);
        let workspace = facts.service.workspace();
        if !workspace.is_local {
            let (mark, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
            let color = mark::color(t, workspace.colour);
            ui.painter().rect_filled(mark, 2, color);
        }
        text::label(ui, Type::Caption, workspace.url.as_str(), t.tx3);
        if let Access::SignIn { email } = &workspace.access {
            ui.add_space(space::CONTROL);
            text::label(ui, Type::Caption, format!("Signed in as {email}"), t.tx2);
        }
        let admin = match facts.service.admin().state() {
            AdminState::Off => None,
            AdminState::Locked => Some("Admin mode, locked"),
            AdminState::Unlocked { .. } => Some("Admin mode"),
        };
        if let Some(words) = admin {
            ui.add_space(space::CONTROL);
            text::label(ui, Type::CaptionStrong, words, t.warn);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(12.0);
            let running = facts.jobs.iter().filter(|job| !job.state.is_over()).count();
            let work = match running {
                0 => "Nothing is running".to_owned(),
                1 => "1 job is running".to_owned(),
                many => format!("{many} jobs are running"),
            };
            text::label(ui, Type::Caption, work, t.tx2);
            if facts.errors > 0 {
                ui.add_space(space::CONTROL);
                let words = if facts.errors == 1 {
                    "1 error".to_owned()
                } else {
                    format!("{} errors", facts.errors)
                };
                text::label(ui, Type::Caption, words, t.err);
            }
        });
    });
}
