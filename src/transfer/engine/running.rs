//! A job that runs and its items on their way, as the tasks see them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::executor::Work;
use super::line::Line;
use super::lock::JobLock;
use crate::supabase::Supabase;
use crate::transfer::job::{Item, Wanted};
use crate::transfer::queue::Kept;

/// Failures of an item, each with successes of others since the one before, until it is the item that is to blame.
const STRIKES: u8 = 8;

/// A job that runs, as its tasks see it.
pub(super) struct Running {
    pub(super) kept: Kept,
    /// The project of the other workspace, of a job that goes there; none if that could not be had.
    pub(super) there: Option<Supabase>,
    /// What is known of the servers that the job needs: the line of all jobs, or one of its own where another workspace is
    /// concerned, because others need not wait for that.
    pub(super) line: Arc<Line>,
    /// How often the other server has said that it was too much, when that was looked at last.
    pub(super) throttled_there: AtomicU64,
    /// Bytes that have arrived of items on their way.
    pub(super) moving: AtomicU64,
    /// Bytes that have moved since the run began.
    pub(super) moved: AtomicU64,
    strikes: Mutex<HashMap<u32, (u8, u64)>>,
    /// How often the file of an item was not what was planned.
    changed: Mutex<HashMap<u32, u32>>,
    /// Bytes that have arrived of each item on its way.
    pub(super) arrived: Mutex<HashMap<u32, Arc<AtomicU64>>>,
    /// The job is free when the last of its tasks has ended.
    _lock: JobLock,
}

impl Running {
    pub(super) fn new(kept: Kept, there: Option<Supabase>, line: Arc<Line>, lock: JobLock) -> Self {
        Self {
            throttled_there: AtomicU64::new(there.as_ref().map_or(0, super::throttled)),
            kept,
            there,
            line,
            moving: AtomicU64::new(0),
            moved: AtomicU64::new(0),
            strikes: Mutex::default(),
            changed: Mutex::default(),
            arrived: Mutex::default(),
            _lock: lock,
        }
    }

    /// What is to be done with an item.
    pub(super) fn work(&self, item: &Item) -> Work {
        Work::of(self.kept.job.kind, &self.kept.job.rules, item)
    }

    /// Counts a failure of an item, if the server has worked since the last one; true if it is one too many.
    pub(super) fn strike(&self, number: u32, successes: u64) -> bool {
        let mut strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, at) = strikes.entry(number).or_insert((0, successes));
        if successes > *at {
            *count += 1;
            *at = successes;
        }
        let is_out = *count >= STRIKES;
        if is_out {
            // Who tries it again begins anew.
            strikes.remove(&number);
        }
        is_out
    }

    /// Whether an item has failed, and nothing has succeeded since, by the count of successes.
    pub(super) fn has_failed_at(&self, number: u32, successes: u64) -> bool {
        let strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        strikes.get(&number).is_some_and(|(_, at)| *at == successes)
    }

    /// Counts that the file of an item was not what was planned; says how often that is.
    pub(super) fn changed_again(&self, number: u32) -> u32 {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        let times = changed.entry(number).or_default();
        *times += 1;
        *times
    }

    pub(super) fn on_its_way(&self, number: u32) -> Arc<AtomicU64> {
        let bytes = Arc::new(AtomicU64::new(0));
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.insert(number, Arc::clone(&bytes));
        bytes
    }

    /// Items on their way, by their numbers, with the bytes of each that have arrived.
    pub(super) fn arrived(&self) -> Vec<(u32, u64)> {
        let arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = arrived
            .iter()
            .map(|(number, bytes)| (*number, bytes.load(Ordering::Relaxed)))
            .collect();
        all.sort_unstable();
        all
    }

    pub(super) fn forgive(&self, number: u32) {
        let (strikes, changed) = (&self.strikes, &self.changed);
        strikes.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        changed.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
}

/// What is wanted of an item that is on its way.
#[derive(Clone, Default)]
pub(super) struct Hold {
    pub(super) stop: CancellationToken,
    /// Whether it is to end rather than to wait.
    cancel: Arc<AtomicU8>,
}

impl Hold {
    pub(super) fn say(&self, wanted: Wanted) {
        match wanted {
            Wanted::Run => return,
            Wanted::Pause => {}
            Wanted::Cancel => self.cancel.store(1, Ordering::Release),
        }
        self.stop.cancel();
    }

    /// What is being found out goes on, and the item ends after it.
    pub(super) fn will_end(&self) {
        self.cancel.store(1, Ordering::Release);
    }

    pub(super) fn is_to_end(&self) -> bool {
        self.cancel.load(Ordering::Acquire) == 1
    }
}
