//! What the window says of transfers by itself: how they ended, and that they can be taken back.

use std::sync::Arc;

use super::{App, Undo};
use crate::gui::action::Action;
use crate::gui::theme::Tone;
use crate::gui::widget::Toast;
use crate::media::group_thousands;
use crate::service::{Moving, MovingJob, Undoing};
use crate::transfer::{Job, JobState, Kind};

impl App {
    /// Takes in how transfers are, and tells of those that have just ended.
    pub(super) fn moving(&mut self, moving: &Arc<Moving>) {
        let Some(before) = self.transfers.take(moving) else {
            self.go_on(moving);
            return;
        };
        let newest = before.jobs.iter().map(|known| known.job.created_at).max();
        // One that is not known may have come and ended in between; or it is an old one that there was no room for.
        let was_open = |job: &Job| match before.jobs.iter().find(|known| known.job.id == job.id) {
            Some(known) => known.job.ended_at.is_none(),
            None => newest.is_none_or(|newest| job.created_at > newest),
        };
        let ended: Vec<&MovingJob> = moving
            .jobs
            .iter()
            .filter(|moving| moving.job.ended_at.is_some() && was_open(&moving.job))
            .collect();
        for moving in ended {
            self.ended(moving);
        }
    }

    /// Tells, when a workspace is opened, that what was left when it was closed goes on.
    fn go_on(&mut self, moving: &Moving) {
        let left = moving.open();
        if left == 0 {
            return;
        }
        let paused = moving.jobs.iter().all(|moving| {
            let job = &moving.job;
            job.ended_at.is_some() || job.state == JobState::Paused
        });
        let items = match left {
            1 => "1 item is".to_owned(),
            many => format!("{} items are", group_thousands(many)),
        };
        let words = if paused {
            format!("Transfers are paused, {items} left")
        } else {
            format!("Transfers go on, {items} left")
        };
        self.offer(Toast::new(Tone::Neutral, words).action("Show"), Action::ShowTransfers);
    }

    fn ended(&mut self, moving: &MovingJob) {
        let job = &moving.job;
        match job.state {
            JobState::Done if moving.can_be_undone => {
                self.undo = Some(Undo::Transfer(job.id));
                let toast = Toast::new(Tone::Ok, done(job)).action("Undo");
                self.offer(toast, Action::UndoTransfer(job.id));
            }
            // What was uploaded is seen where it is, and in the transfers.
            JobState::Done if self.transfers.open => {}
            JobState::Done => self.say(Tone::Ok, &done(job)),
            JobState::Failed => {
                let failed = job.counts.failed + job.counts.undecided;
                let words = format!("{}: {failed} of {} not done", job.title, job.counts.items);
                self.offer(Toast::new(Tone::Err, words).action("Show"), Action::ShowTransfers);
            }
            JobState::Waiting | JobState::Running | JobState::Paused | JobState::Cancelled => {}
        }
    }

    /// Tells what became of taking a transfer back.
    pub(super) fn undone(&mut self, undoing: &Undoing) {
        match undoing.left.first() {
            None => {
                let word = if undoing.in_place { "as" } else { "where" };
                let words = match undoing.back.as_slice() {
                    [one] => format!("{one} is {word} it was before"),
                    back => format!(
                        "{} objects are {word} they were before",
                        group_thousands(back.len() as u64)
                    ),
                };
                self.say(Tone::Ok, &words);
            }
            Some(first) => {
                let all = undoing.left.len() + undoing.back.len();
                let words = format!("{} of {all} objects are not back: {}", undoing.left.len(), first.why);
                self.toasts.push(Toast::new(Tone::Err, words));
            }
        }
    }
}

/// That a job is done.
fn done(job: &Job) -> String {
    match (job.kind, job.counts.done) {
        (Kind::Delete, 1) if job.rules.keep_trash => "1 object is in the trash, for 30 days".to_owned(),
        (Kind::Delete, many) if job.rules.keep_trash => {
            format!("{} objects are in the trash, for 30 days", group_thousands(many))
        }
        _ => format!("{}: done", job.title),
    }
}
