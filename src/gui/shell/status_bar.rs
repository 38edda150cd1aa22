//! The bar at the bottom: how the connection is, and what is going on.

use std::time::Duration;

use egui::{Align, Layout, Sense, Ui, vec2};

use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::text;
use crate::service::{Job, Service};

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
        text::label(ui, Type::Caption, facts.service.workspace().url.as_str(), t.tx3);
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
