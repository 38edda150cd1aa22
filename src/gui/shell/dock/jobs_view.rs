//! The jobs of this run, newest first.

use egui::{Align, Id, Layout, Ui, vec2};
use jiff::Timestamp;

use super::rows::{PADDING, Part, Rows};
use super::words;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Tone, Type};
use crate::gui::widget::{Button, Chip, EmptyState, Progress, ProgressBar, Row, cell, text, tick};
use crate::service::{Job, JobState, SaveAs, Subject};

/// Height of a job: two lines.
const ROW: f32 = 44.0;

pub(super) fn show(ui: &mut Ui, jobs: &[Job], actions: &mut Vec<Action>) {
    if jobs.is_empty() {
        EmptyState::new(
            icon::CIRCLE_DASHED,
            "Nothing is running",
            "Finished jobs stay until the program closes",
        )
        .show(ui);
        return;
    }
    let rows = Rows {
        count: jobs.len(),
        height: ROW,
        open: None,
        reveal: false,
    };
    let now = Timestamp::now();
    rows.show(ui, "jobs", |ui, part| {
        let Part::Row(index) = part else { return };
        if let Some(job) = jobs.len().checked_sub(index + 1).and_then(|index| jobs.get(index)) {
            row(ui, job, now, actions);
        }
    });
}

fn row(ui: &mut Ui, job: &Job, now: Timestamp, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let (tone, state) = match &job.state {
        JobState::Running => (Tone::Accent, "Running"),
        JobState::Cancelling => (Tone::Neutral, "Stopping"),
        JobState::Done(_) => (Tone::Ok, "Done"),
        JobState::Failed(_) => (Tone::Err, "Failed"),
        JobState::Cancelled => (Tone::Neutral, "Stopped"),
    };
    let name = format!("{}, {}, {state}", job.title, job.target);
    let width = ui.available_width() - 2.0 * PADDING;
    let (chip, times) = (84.0, 92.0);
    let buttons = if save_as(job).is_some() { 112.0 } else { 76.0 };
    let rest = (width - chip - times - buttons - 4.0 * ui.spacing().item_spacing.x).max(0.0);
    let work = (rest * 0.5).min(420.0);
    Row::new(&name, ROW)
        .table()
        .padding(PADDING)
        .id(Id::unique(("job", job.id)))
        .show(ui, |ui| {
            cell(ui, chip, Align::Min, |ui| ui.add(Chip::new(tone, state)));
            two_lines(ui, rest - work, |ui| {
                text::elided(ui, Type::SmallStrong, &job.title, t.tx1);
                text::elided(ui, Type::Caption, &job.target, t.tx2);
            });
            two_lines(ui, work, |ui| doing(ui, job));
            cell(ui, times, Align::Max, |ui| {
                let (words, color) = match job.ended {
                    Some(ended) => (words::time_of_day(ended), t.tx3),
                    None => {
                        tick(ui);
                        let seconds = now.duration_since(job.started).as_secs();
                        (words::clock(u64::try_from(seconds).unwrap_or(0)), t.tx2)
                    }
                };
                text::label(ui, Type::MonoSmall, words, color);
            });
            cell(ui, buttons, Align::Max, |ui| button(ui, job, actions));
        });
}

/// A cell of two lines, or of a line and a bar.
fn two_lines(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    cell(ui, width, Align::Min, |ui| {
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 2.0);
            ui.add_space(6.0);
            contents(ui);
        });
    });
}

fn doing(ui: &mut Ui, job: &Job) {
    let t = Tokens::of(ui);
    let share = (job.progress.total).map(|total| job.progress.done as f32 / total.max(1) as f32);
    let (words, color, progress) = match &job.state {
        JobState::Running => (job.progress.doing.as_str(), t.tx2, Progress::Running(share)),
        JobState::Cancelling => (
            "Bringing what is under way to a safe end",
            t.tx2,
            Progress::Paused(share.unwrap_or(0.0)),
        ),
        JobState::Done(summary) => (summary.as_str(), t.tx2, Progress::Done),
        JobState::Failed(problem) => (problem.what.as_str(), t.err, Progress::Failed(share.unwrap_or(0.0))),
        JobState::Cancelled => (
            "Stopped; what was done is kept",
            t.tx2,
            Progress::Paused(share.unwrap_or(0.0)),
        ),
    };
    ui.horizontal(|ui| {
        ui.set_height(Type::Small.line_height());
        text::elided(ui, Type::Small, words, color);
    });
    ui.add_space(4.0);
    ui.add(ProgressBar::new(&job.title, progress));
}

/// How the picture of a failed job can be saved so that its bucket takes it: of those that put one into a scene.
pub(super) fn save_as(job: &Job) -> Option<SaveAs> {
    match (&job.state, &job.subject) {
        (JobState::Failed(problem), Subject::Scene(..)) => problem.save_as,
        _ => None,
    }
}

fn button(ui: &mut Ui, job: &Job, actions: &mut Vec<Action>) {
    match &job.state {
        JobState::Running => {
            if ui.add(Button::new("Cancel").small()).clicked() {
                actions.push(Action::CancelJob(job.id));
            }
        }
        JobState::Failed(_) if save_as(job).is_some() => {
            if let Some(save) = save_as(job)
                && ui.add(Button::new(save.words()).small()).clicked()
            {
                actions.push(Action::RetryAs(job.id, save.kind));
            }
        }
        JobState::Failed(problem) if !problem.retry => {}
        JobState::Failed(_) | JobState::Cancelled => {
            if ui
                .add(Button::new("Retry").small().icon(icon::ARROW_CLOCKWISE))
                .clicked()
            {
                actions.push(Action::RetryJob(job.id));
            }
        }
        JobState::Cancelling | JobState::Done(_) => {}
    }
}
