//! What an item's surroundings do for its executor: bandwidth, progress, and what has to be on disk.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::aside;
use super::concurrency::Slot;
use super::task::Task;
use crate::journal::JournalError;
use crate::transfer::carry::{Aside, Edits, Way};
use crate::transfer::job::{Failure, FailureKind, Item};

/// What an executor's surroundings do for it.
pub(super) struct ItemWay {
    task: Task,
    item: Item,
    slot: Mutex<Option<Slot>>,
    arrived: Arc<AtomicU64>,
    resume: Mutex<Option<Option<String>>>,
    aside: Mutex<Option<Aside>>,
}

impl ItemWay {
    pub(super) fn new(task: &Task, item: &Item, slot: Slot) -> Self {
        let way = Self::without_a_place(task, item);
        *way.slot() = Some(slot);
        way
    }

    pub(super) fn without_a_place(task: &Task, item: &Item) -> Self {
        Self {
            task: task.clone(),
            item: item.clone(),
            slot: Mutex::default(),
            arrived: task.running.on_its_way(item.number),
            resume: Mutex::default(),
            aside: Mutex::default(),
        }
    }

    /// What went to the trash last.
    pub(super) fn asides(&self) -> Option<Aside> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It was carried out, or as much of it as needs its place, which is another's now.
    pub(super) fn carried(&self) {
        if let Some(slot) = self.slot().take() {
            slot.carried();
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Slot>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was kept since the item was read, if anything was.
    pub(super) fn resume(&self) -> Option<Option<String>> {
        self.resume.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Way for ItemWay {
    fn admit(&self, bytes: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.task.shared.bandwidth.admit(bytes))
    }

    fn arrived(&self, bytes: u64) {
        let running = &self.task.running;
        let before = self.arrived.swap(bytes, Ordering::Relaxed);
        if bytes >= before {
            running.moving.fetch_add(bytes - before, Ordering::Relaxed);
            running.moved.fetch_add(bytes - before, Ordering::Relaxed);
            if let Some(slot) = &*self.slot() {
                slot.moved(bytes - before);
            }
        } else {
            // It begins again, further back.
            running.moving.fetch_sub(before - bytes, Ordering::Relaxed);
        }
    }

    fn received(&self) {
        self.carried();
    }

    fn keep(&self, resume: Option<String>) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + '_>> {
        Box::pin(async move {
            let journal = self.task.shared.queue.journal();
            let kept = journal.keep_transfer_resume(self.task.running.kept.number, self.item.number, resume.clone());
            kept.await.map_err(|error| unkept(&error))?;
            *self.resume.lock().unwrap_or_else(PoisonError::into_inner) = Some(resume);
            Ok(())
        })
    }

    fn aside<'a>(&'a self, aside: &'a Aside) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>> {
        Box::pin(async move {
            let shared = &self.task.shared;
            let (kind, days) = (self.task.running.kept.job.kind, shared.limits().trash_days);
            let record = aside::of_trash(&self.item, kind, aside, days);
            let begun = shared.queue.journal().trash_begin(record);
            begun.await.map_err(|error| unkept(&error))?;
            *self.aside.lock().unwrap_or_else(PoisonError::into_inner) = Some(aside.clone());
            Ok(())
        })
    }

    fn edits<'a>(&'a self, edits: &'a Edits) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>> {
        Box::pin(async move {
            let shared = &self.task.shared;
            let record = aside::of_edit(&self.item, edits, shared.limits().trash_days);
            let begun = shared.queue.journal().trash_begin(record);
            begun.await.map_err(|error| unkept(&error))
        })
    }
}

fn unkept(error: &JournalError) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        what: format!("What is needed to go on later could not be kept: {error}."),
        hint: "Make room on the disk, then try again.".to_owned(),
    }
}

impl Drop for ItemWay {
    fn drop(&mut self) {
        let running = &self.task.running;
        running
            .moving
            .fetch_sub(self.arrived.load(Ordering::Relaxed), Ordering::Relaxed);
        let mut arrived = running.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.remove(&self.item.number);
    }
}
