//! Which rows there are, and the numbers over and below them. No egui.

use std::collections::HashMap;

use super::speed;
use crate::media::group_thousands;
use crate::service::{Moving, MovingJob};
use crate::transfer::{Job, JobId, JobState};

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A plan is being made.
    Planning,
    /// A job, by its place; whether its items follow.
    Job { job: usize, open: bool },
    /// An item, by its job's place and its own.
    Item { job: usize, item: usize },
}

impl Line {
    /// Whether it is the first one of a job of several items, or of a job of one.
    pub(super) fn begins_a_job(self) -> bool {
        matches!(self, Self::Job { .. } | Self::Item { item: 0, .. })
    }
}

/// The rows. Of a job that is over and done, the newest one shows its items; the others do when they are opened.
pub(super) fn lines(moving: &Moving, planning: bool, opened: &HashMap<JobId, bool>) -> Vec<Line> {
    let mut lines = Vec::new();
    if planning {
        lines.push(Line::Planning);
    }
    let newest = moving.jobs.iter().position(|moving| moving.job.ended_at.is_some());
    for (at, one) in moving.jobs.iter().enumerate() {
        if is_alone(one) {
            lines.push(Line::Item { job: at, item: 0 });
            continue;
        }
        let needed = one.job.ended_at.is_none() || one.job.state == JobState::Failed || newest == Some(at);
        let open = !one.items.is_empty() && opened.get(&one.job.id).copied().unwrap_or(needed);
        lines.push(Line::Job { job: at, open });
        if open {
            lines.extend((0..one.items.len()).map(|item| Line::Item { job: at, item }));
        }
    }
    lines
}

/// Whether the row of the only item says all there is to say of a job.
pub(super) fn is_alone(moving: &MovingJob) -> bool {
    moving.job.counts.items == 1 && moving.items.len() == 1
}

/// Where a job is among all.
pub(super) fn place_of(moving: &Moving, of: &MovingJob) -> usize {
    let place = moving.jobs.iter().position(|one| one.job.id == of.job.id);
    place.unwrap_or(moving.jobs.len())
}

/// Whether no job behind this one is left to be done.
pub(super) fn is_last(moving: &Moving, job: usize) -> bool {
    !moving.jobs.iter().skip(job + 1).any(|moving| is_open(&moving.job))
}

fn is_open(job: &Job) -> bool {
    matches!(job.state, JobState::Running | JobState::Waiting | JobState::Paused)
}

/// "3 of 9 done · 3.4 MB/s", of the jobs that are not over.
pub(super) fn progress(moving: &Moving) -> Option<String> {
    let open = moving.jobs.iter().map(|moving| &moving.job).filter(|job| is_open(job));
    let (mut over, mut items) = (0, 0);
    for job in open {
        over += job.counts.items - job.counts.waiting - job.counts.running;
        items += job.counts.items;
    }
    if items == 0 {
        return None;
    }
    let mut words = format!("{} of {} done", group_thousands(over), group_thousands(items));
    if moving.bytes_per_second > 0 {
        words.push_str(&format!(" · {}", speed(moving.bytes_per_second)));
    }
    Some(words)
}

/// Items that wait for their turn and are not paused.
pub(super) fn queued(moving: &Moving) -> u64 {
    let open = moving.jobs.iter().map(|moving| &moving.job);
    let open = open.filter(|job| matches!(job.state, JobState::Running | JobState::Waiting));
    open.map(|job| job.counts.waiting).sum()
}
