//! One job: how far it is, what can be done about it, and those of its items that are worth a row.

use egui::{Align, Id, Layout, Ui, vec2};

use super::item;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Tone, Type, space};
use crate::gui::widget::{Badge, Button, IconButton, Progress, ProgressBar, Row, text};
use crate::media::format_bytes;
use crate::service::{MovingJob, Wish};
use crate::transfer::{Job, JobState, Target};

const HEIGHT: f32 = 54.0;

pub(super) fn show(ui: &mut Ui, moving: &MovingJob, actions: &mut Vec<Action>) {
    // The row of the only item says it all.
    if moving.job.counts.items > 1 || moving.items.is_empty() {
        row(ui, moving, actions);
    }
    for one in &moving.items {
        item::show(ui, &moving.job, one, actions);
    }
}

fn row(ui: &mut Ui, moving: &MovingJob, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let job = &moving.job;
    Row::new(&format!("{}, {}", job.title, state(job)), HEIGHT)
        .padding(12.0)
        .id(Id::unique(("transfer", job.id)))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = space::CONTROL;
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                buttons(ui, moving, actions);
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    ui.spacing_mut().item_spacing = vec2(0.0, 3.0);
                    ui.add_space(7.0);
                    text::elided(ui, Type::SmallStrong, &job.title, t.tx1);
                    if let Some(progress) = progress(job) {
                        ui.add(ProgressBar::new(&job.title, progress));
                    }
                    text::elided(ui, Type::Caption, words(moving), t.tx2);
                });
            });
        });
}

fn buttons(ui: &mut Ui, moving: &MovingJob, actions: &mut Vec<Action>) {
    let job = &moving.job;
    let mut button = |ui: &mut Ui, icon, verb: &str, wish| {
        let name = format!("{verb} {}", job.title);
        if ui.add(IconButton::new(icon, &name).small()).clicked() {
            actions.push(Action::Wish(Target::Job(job.id), wish));
        }
    };
    match job.state {
        JobState::Running | JobState::Waiting => {
            button(ui, icon::X, "Cancel", Wish::Cancel);
            button(ui, icon::PAUSE, "Pause", Wish::Pause);
        }
        JobState::Paused => {
            button(ui, icon::X, "Cancel", Wish::Cancel);
            button(ui, icon::PLAY, "Resume", Wish::Resume);
        }
        JobState::Failed => button(ui, icon::ARROW_CLOCKWISE, "Retry", Wish::Retry),
        JobState::Done | JobState::Cancelled => {}
    }
    if moving.can_be_undone && ui.add(Button::new("Undo").small()).clicked() {
        actions.push(Action::UndoTransfer(job.id));
    }
    if job.state == JobState::Failed {
        let failed = job.counts.failed + job.counts.undecided;
        ui.add(Badge::new(Tone::Err, &format!("{failed} failed")));
    }
}

/// How far it is; nothing once it is over.
fn progress(job: &Job) -> Option<Progress> {
    let counts = &job.counts;
    let (done, all) = if counts.bytes > 0 {
        (counts.bytes_done, counts.bytes)
    } else {
        (counts.items - counts.waiting - counts.running, counts.items)
    };
    let share = (done as f64 / all.max(1) as f64) as f32;
    match job.state {
        JobState::Running => Some(Progress::Running(Some(share))),
        JobState::Waiting => Some(Progress::Retrying(share)),
        JobState::Paused => Some(Progress::Paused(share)),
        JobState::Done | JobState::Failed | JobState::Cancelled => None,
    }
}

fn state(job: &Job) -> &'static str {
    match job.state {
        JobState::Waiting => "waiting",
        JobState::Running => "running",
        JobState::Paused => "paused",
        JobState::Done => "done",
        JobState::Failed => "not wholly done",
        JobState::Cancelled => "cancelled",
    }
}

fn words(moving: &MovingJob) -> String {
    let (job, counts) = (&moving.job, &moving.job.counts);
    let over = counts.items - counts.waiting - counts.running;
    let mut words = match job.state {
        JobState::Done => format!("{} done", counts.done),
        JobState::Cancelled => format!("Cancelled after {} of {}", counts.done, counts.items),
        JobState::Paused => format!("Paused at {over} of {}", counts.items),
        JobState::Running | JobState::Waiting | JobState::Failed => format!("{over} of {}", counts.items),
    };
    if counts.skipped > 0 {
        words.push_str(&format!(", {} unchanged", counts.skipped));
    }
    if counts.bytes > 0 {
        words.push_str(&format!(" · {}", format_bytes(counts.bytes)));
    }
    if let Some(left) = moving.left.filter(|_| job.state == JobState::Running) {
        words.push_str(&format!(" · {} left", super::item::duration(left)));
    }
    words
}
