//! What the window says of transfers by itself: how they ended, and that they can be taken back.

use std::sync::Arc;

use super::App;
use crate::gui::action::Action;
use crate::gui::theme::Tone;
use crate::gui::widget::Toast;
use crate::service::{Moving, MovingJob, Undoing};
use crate::transfer::{Job, JobState};

impl App {
    /// Takes in how transfers are, and tells of those that have just ended.
    pub(super) fn moving(&mut self, moving: &Arc<Moving>) {
        let before = std::mem::replace(&mut self.transfers.moving, Arc::clone(moving));
        let was_open = |job: &Job| {
            let known = before.jobs.iter().find(|known| known.job.id == job.id);
            known.is_some_and(|known| known.job.ended_at.is_none())
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

    fn ended(&mut self, moving: &MovingJob) {
        let job = &moving.job;
        match job.state {
            JobState::Done if moving.can_be_undone => {
                let toast = Toast::new(Tone::Ok, format!("{}: done", job.title)).action("Undo");
                self.offer(toast, Action::UndoTransfer(job.id));
            }
            // What was uploaded is seen where it is, and in the transfers.
            JobState::Done if self.transfers.open => {}
            JobState::Done => self.say(Tone::Ok, &format!("{}: done", job.title)),
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
                let words = match undoing.back.as_slice() {
                    [one] => format!("{one} is where it was before"),
                    back => format!("{} objects are where they were before", back.len()),
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
