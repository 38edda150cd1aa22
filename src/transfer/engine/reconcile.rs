//! What is left to find out: items that were in flight when a run ended or whose end is unknown, and items that have
//! arrived and are not proven.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::task::Task;
use crate::transfer::error::TransferError;
use crate::transfer::job::{Item, ItemState};
use crate::transfer::queue::{Change, IN_FLIGHT, LANDED};

/// Items that are read at once.
const PAGE: u32 = 1_000;

#[derive(Debug, Default)]
pub(super) struct Leftovers {
    doubtful: VecDeque<Item>,
    landed: Vec<Item>,
    /// When the first of those was put there.
    since: Option<Instant>,
}

impl Leftovers {
    /// Reads what is left in the journal. Only when nothing is on its way.
    pub(super) async fn load(&mut self, task: &Task) -> Result<(), TransferError> {
        if self.has_doubtful() || !self.landed.is_empty() {
            return Ok(());
        }
        let (queue, kept) = (&task.shared.queue, &task.running.kept);
        let mut after = None;
        loop {
            let in_flight = queue.items_in(kept, IN_FLIGHT, after, PAGE).await?;
            let Some(last) = in_flight.last() else { break };
            after = Some(last.number);
            // What is deleted for good is looked at before it is deleted, also the second time. So is a bucket.
            let (again, doubtful): (Vec<_>, Vec<_>) = in_flight
                .into_iter()
                .partition(|item| task.running.work(item).looks_itself());
            let changes = again
                .iter()
                .map(|item| (item.number, Change::landed(ItemState::Waiting, None)));
            queue.change(kept.number, changes.collect()).await?;
            self.doubtful.extend(doubtful);
            if !self.doubtful.is_empty() {
                break;
            }
        }
        for item in queue.items_in(kept, LANDED, None, PAGE).await? {
            self.add_landed(item);
        }
        Ok(())
    }

    pub(super) fn has_doubtful(&self) -> bool {
        !self.doubtful.is_empty()
    }

    pub(super) fn add_doubtful(&mut self, item: Item) {
        self.doubtful.push_back(item);
    }

    pub(super) fn next_doubtful(&mut self) -> Option<Item> {
        self.doubtful.pop_front()
    }

    pub(super) fn add_landed(&mut self, item: Item) {
        self.since.get_or_insert_with(Instant::now);
        self.landed.push(item);
    }

    pub(super) fn landed(&self) -> usize {
        self.landed.len()
    }

    /// How long the first of those that have landed has waited for its proof.
    pub(super) fn oldest(&self) -> Option<Duration> {
        self.since.map(|since| since.elapsed())
    }

    pub(super) fn take_landed(&mut self, most: usize) -> Vec<Item> {
        let rest = self.landed.split_off(self.landed.len().min(most));
        let taken = std::mem::replace(&mut self.landed, rest);
        self.since = (!self.landed.is_empty()).then(Instant::now);
        taken
    }
}
