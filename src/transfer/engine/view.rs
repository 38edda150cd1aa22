//! What there is to see of jobs and items, for the faces: in the journal, and as it happens.

use std::ops::Range;

use tokio::sync::{broadcast, watch as channel};

use super::Engine;
use super::lock::JobLock;
use super::watch::{ItemNews, Snapshot};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::error::TransferError;
use crate::transfer::job::{Item, Job, JobId, JobState, Proof};

/// Items by what is to be known of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// On their way, or arrived and not yet proven.
    UnderWay,
    /// They wait for their turn.
    Waiting,
    /// They failed, or wait for a decision.
    Stuck,
    /// They are done.
    Done,
}

impl Standing {
    fn states(self) -> &'static [&'static str] {
        match self {
            Self::UnderWay => &["in_flight", "landed"],
            Self::Waiting => &["waiting"],
            Self::Stuck => &["failed", "undecided"],
            Self::Done => &["done"],
        }
    }
}

impl Engine {
    /// All jobs, in their order.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn jobs(&self) -> Result<Vec<Job>, TransferError> {
        let mut jobs: Vec<_> = self
            .shared
            .queue
            .jobs()
            .await?
            .into_iter()
            .map(|kept| kept.job)
            .collect();
        for job in &mut jobs {
            self.see_who_runs(job);
        }
        Ok(jobs)
    }

    /// One job.
    ///
    /// # Errors
    /// If there is no such job, or the journal cannot be read.
    pub async fn job(&self, job: JobId) -> Result<Job, TransferError> {
        let mut job = self.shared.queue.job(job).await?.job;
        self.see_who_runs(&mut job);
        Ok(job)
    }

    /// Items of a job, in the order of the plan.
    ///
    /// # Errors
    /// If there is no such job, or the journal cannot be read.
    pub async fn items(&self, job: JobId, range: Range<u32>) -> Result<Vec<Item>, TransferError> {
        let kept = self.shared.queue.job(job).await?;
        let most = range.end.saturating_sub(range.start);
        self.shared.queue.items(&kept, range.start, most).await
    }

    /// Some items of a job that stand so, the first ones of the plan.
    ///
    /// # Errors
    /// If there is no such job, or the journal cannot be read.
    pub async fn some(&self, job: JobId, standing: Standing, most: u32) -> Result<Vec<Item>, TransferError> {
        let kept = self.shared.queue.job(job).await?;
        let mut found = Vec::new();
        for state in standing.states() {
            let room = most.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            if room > 0 {
                found.extend(self.shared.queue.items_in(&kept, state, None, room).await?);
            }
        }
        Ok(found)
    }

    /// How many of a job's items that are done are proven how far, the best proof first.
    ///
    /// # Errors
    /// If there is no such job, or the journal cannot be read.
    pub async fn proofs(&self, job: JobId) -> Result<Vec<(Proof, u64)>, TransferError> {
        let kept = self.shared.queue.job(job).await?;
        self.shared.queue.proofs(&kept).await
    }

    /// What the jobs of this workspace have done to an object of this name, as far as that is done: what stored it, what
    /// edited it, each with its job, latest jobs first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn written_to(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Vec<(Job, Item)>, TransferError> {
        /// More than anybody looks at.
        const MOST: u32 = 64;
        let found = self.shared.queue.written_to(bucket.as_str(), key.as_str(), MOST);
        found.await
    }

    /// The engine's state, a few times a second while it works, whatever happens.
    #[must_use]
    pub fn watch(&self) -> channel::Receiver<Snapshot> {
        self.shared.watch.snapshots()
    }

    /// Each item that comes to an end, arrives or is put back, from now on. Who is slow misses some: the journal has all.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<ItemNews> {
        self.shared.watch.items()
    }

    fn see_who_runs(&self, job: &mut Job) {
        let left = job.counts.waiting + job.counts.running > 0;
        if left && JobLock::is_held(self.shared.queue.journal().folder(), job.id) {
            job.state = JobState::Running;
        }
    }
}
