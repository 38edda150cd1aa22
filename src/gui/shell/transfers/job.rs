//! The row of a job of several items: how far it is, and what can be done about all of it.

use egui::{Align, Id, Layout, Rect, Response, Sense, Ui, vec2};

use super::{ROW, item, speed};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{
    Badge, Button, IconButton, MenuItem, Progress, ProgressBar, Row, context_menu, menu_below, text,
};
use crate::media::{format_bytes, group_thousands};
use crate::service::{MovingJob, Wish};
use crate::transfer::{Job, JobState, Target, Wanted};

/// Draws the row, of the last job that is not over or another one; answers whether its items are to be shown, or hidden, from now on.
pub(super) fn show(ui: &mut Ui, moving: &MovingJob, open: bool, is_last: bool, actions: &mut Vec<Action>) -> bool {
    let t = Tokens::of(ui);
    let job = &moving.job;
    let words = words(moving);
    let mut toggled = false;
    let row = Row::new(&format!("{}, {}, {words}", job.title, state(job)), ROW)
        .padding(12.0)
        .id(Id::unique(("transfer", job.id)))
        .show(ui, |ui| {
            ui.push_id(("transfer", job.id), |ui| {
                ui.spacing_mut().item_spacing.x = space::CONTROL;
                toggled = caret(ui, moving, open);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    buttons(ui, moving, is_last, actions);
                    ui.with_layout(Layout::top_down(Align::Min), |ui| {
                        ui.spacing_mut().item_spacing = vec2(0.0, 3.0);
                        let progress = progress(job);
                        ui.add_space(if progress.is_some() { 7.0 } else { 10.0 });
                        text::elided(ui, Type::SmallStrong, &job.title, t.tx1);
                        if let Some(progress) = progress {
                            ui.add(ProgressBar::new(&job.title, progress));
                        }
                        text::facts(ui, Type::Caption, &words, t.tx2);
                    });
                });
            });
        });
    context_menu(&row, |ui| menu(ui, job, is_last, actions));
    toggled || (row.clicked() && !moving.items.is_empty())
}

/// Says whether items follow, where there are any.
fn caret(ui: &mut Ui, moving: &MovingJob, open: bool) -> bool {
    if moving.items.is_empty() {
        let (rect, _) = ui.allocate_exact_size(vec2(32.0, size::SMALL), Sense::hover());
        let rect = Rect::from_center_size(rect.center(), vec2(size::ICON, size::ICON));
        icon::LIST_BULLETS.paint(ui.painter(), rect.center(), size::ICON_SMALL, Tokens::of(ui).tx3);
        return false;
    }
    let (mark, verb) = if open {
        (icon::CARET_DOWN, "Hide")
    } else {
        (icon::CARET_RIGHT, "Show")
    };
    let name = format!("{verb} the items of {}", moving.job.title);
    ui.allocate_ui_with_layout(
        vec2(32.0, size::SMALL),
        Layout::left_to_right(Align::Center).with_main_align(Align::Center),
        |ui| {
            ui.set_width(32.0);
            ui.add(IconButton::new(mark, &name).small()).clicked()
        },
    )
    .inner
}

fn menu(ui: &mut Ui, job: &Job, is_last: bool, actions: &mut Vec<Action>) {
    if ui.add(MenuItem::new("Copy report").icon(icon::COPY)).clicked() {
        actions.push(Action::CopyReport(job.id));
    }
    let mut wish = |wish| actions.push(Action::Wish(Target::Job(job.id), wish));
    let open = matches!(job.state, JobState::Running | JobState::Waiting | JobState::Paused);
    if open
        && ui
            .add(MenuItem::new("Put before all others").icon(icon::ARROW_LINE_UP))
            .clicked()
    {
        wish(Wish::First);
    }
    if open
        && !is_last
        && ui
            .add(MenuItem::new("Put behind the next").icon(icon::ARROW_DOWN))
            .clicked()
    {
        wish(Wish::Later);
    }
    if job.counts.failed + job.counts.undecided > 0
        && ui
            .add(MenuItem::new("Try again what failed").icon(icon::ARROW_CLOCKWISE))
            .clicked()
    {
        wish(Wish::Retry);
    }
    if open
        && ui
            .add(MenuItem::new("Cancel all of it").icon(icon::X).danger())
            .clicked()
    {
        wish(Wish::Cancel);
    }
}

fn buttons(ui: &mut Ui, moving: &MovingJob, is_last: bool, actions: &mut Vec<Action>) {
    let job = &moving.job;
    let more = ui.add(IconButton::new(icon::DOTS_THREE, &format!("More about {}", job.title)).small());
    menu_below(&more, 180.0, |ui| menu(ui, job, is_last, actions));
    pause(ui, job, &job.title, Target::Job(job.id), job.wanted, actions);
    if job.state == JobState::Failed && ui.add(Button::new("Retry").small()).clicked() {
        actions.push(Action::Wish(Target::Job(job.id), Wish::Retry));
    }
    undo(ui, moving, actions);
    proof(ui, moving);
    let failed = job.counts.failed + job.counts.undecided;
    if failed > 0 {
        let words = format!("{} not done", group_thousands(failed));
        ui.add(Badge::new(Tone::Err, &words).icon(icon::X_CIRCLE.filled()));
    }
}

/// How far what was moved is proven, where no item says it: the least of it.
fn proof(ui: &mut Ui, moving: &MovingJob) {
    let shown = !moving.items.is_empty() || !item::moves_bytes(&moving.job);
    if let Some((proof, items)) = moving.proofs.last().filter(|_| !shown) {
        let (tone, icon, words) = item::badge(*proof);
        let words = match moving.proofs.len() {
            1 => words.to_owned(),
            _ => format!("{} {}", group_thousands(*items), words.to_lowercase()),
        };
        ui.add(Badge::new(tone, &words).icon(icon));
    }
}

/// The button that lets a job or an item wait or go on, while it is not over.
pub(super) fn pause(
    ui: &mut Ui,
    job: &Job,
    name: &str,
    target: Target,
    wanted: Wanted,
    actions: &mut Vec<Action>,
) -> Option<Response> {
    let open = matches!(job.state, JobState::Running | JobState::Waiting | JobState::Paused);
    let (mark, verb, wish) = match wanted {
        _ if !open => return None,
        Wanted::Run => (icon::PAUSE, "Pause", Wish::Pause),
        Wanted::Pause => (icon::PLAY, "Resume", Wish::Resume),
        // It ends by itself, soon.
        Wanted::Cancel => return None,
    };
    let button = ui.add(IconButton::new(mark, &format!("{verb} {name}")).small());
    if button.clicked() {
        actions.push(Action::Wish(target, wish));
    }
    Some(button)
}

/// The button that takes back what a job did.
pub(super) fn undo(ui: &mut Ui, moving: &MovingJob, actions: &mut Vec<Action>) {
    if moving.can_be_undone && ui.add(Button::new("Undo").small()).clicked() {
        actions.push(Action::UndoTransfer(moving.job.id));
    }
}

/// How far it is; nothing before it begins and once it is over.
fn progress(job: &Job) -> Option<Progress> {
    let counts = &job.counts;
    let over = counts.items - counts.waiting - counts.running;
    let (done, all) = if counts.bytes > 0 {
        (counts.bytes_done, counts.bytes)
    } else {
        (over, counts.items)
    };
    let share = (done as f64 / all.max(1) as f64) as f32;
    match job.state {
        JobState::Running => Some(Progress::Running(Some(share))),
        JobState::Paused => Some(Progress::Paused(share)),
        JobState::Waiting => (share > 0.0).then_some(Progress::Paused(share)),
        JobState::Done | JobState::Failed | JobState::Cancelled => None,
    }
}

fn state(job: &Job) -> &'static str {
    match job.state {
        JobState::Waiting => "queued",
        JobState::Running => "running",
        JobState::Paused => "paused",
        JobState::Done => "done",
        JobState::Failed => "not wholly done",
        JobState::Cancelled => "cancelled",
    }
}

fn words(moving: &MovingJob) -> String {
    let (job, counts) = (&moving.job, &moving.job.counts);
    let number = group_thousands;
    let over = counts.items - counts.waiting - counts.running;
    let mut words = match job.state {
        JobState::Done => format!("{} done", number(counts.done)),
        JobState::Cancelled => format!("Cancelled after {} of {}", number(counts.done), number(counts.items)),
        JobState::Paused => format!("Paused at {} of {}", number(over), number(counts.items)),
        JobState::Waiting if over == 0 => format!("Queued, {} items", number(counts.items)),
        JobState::Failed => format!("{} of {} done", number(counts.done), number(counts.items)),
        JobState::Running | JobState::Waiting => format!("{} of {}", number(over), number(counts.items)),
    };
    if counts.skipped > 0 {
        words.push_str(&format!(", {} left as they are", number(counts.skipped)));
    }
    if counts.bytes > 0 {
        words.push_str(&format!(" · {}", format_bytes(counts.bytes)));
    }
    if job.state == JobState::Running {
        if moving.bytes_per_second > 0 {
            words.push_str(&format!(" · {}", speed(moving.bytes_per_second)));
        }
        if let Some(left) = moving.left {
            words.push_str(&format!(" · {} left", item::duration(left)));
        }
    }
    if let Some((what, hint)) = &moving.held_by {
        words.push_str(&format!(" · {what} {hint}"));
    }
    let failed = counts.failed + counts.undecided;
    let shown = moving.items.len() as u64;
    if counts.items > shown && failed > shown {
        words.push_str(&format!(" · the first {shown} failures are shown"));
    }
    words
}
