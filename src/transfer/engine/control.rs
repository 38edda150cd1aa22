//! What a person wants of jobs and items: that they wait, go on, end, are tried again, or have another turn. It is in the
//! journal when it is answered; whoever runs a job, here or elsewhere, comes to it soon.

use super::lock::JobLock;
use super::{Engine, is_over};
use crate::transfer::error::TransferError;
use crate::transfer::job::{JobId, Wanted};
use crate::transfer::plan::{Kind, PlanItem, Seen};
use crate::transfer::queue::{Change, Kept, NewPlan, UNDECIDED, wanted_name};

/// Items that are read at once.
const PAGE: u32 = 1_000;

/// What is paused, gone on with, cancelled or tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// All jobs that have not ended.
    Everything,
    /// A job.
    Job(JobId),
    /// One item of a job, by its number.
    Item(JobId, u32),
}

impl Engine {
    /// Lets jobs or an item wait. What has arrived is kept.
    ///
    /// # Errors
    /// If there is no such job, or the item is over; if the journal cannot be written.
    pub async fn pause(&self, target: Target) -> Result<(), TransferError> {
        self.want(target, Wanted::Pause).await
    }

    /// Lets jobs or an item go on.
    ///
    /// # Errors
    /// As [`Engine::pause`].
    pub async fn resume(&self, target: Target) -> Result<(), TransferError> {
        self.want(target, Wanted::Run).await
    }

    /// Ends jobs or an item; what has arrived in part is thrown away. What nobody runs is ended by this itself, which may
    /// take requests; what somebody runs, here or elsewhere, ends a little later.
    ///
    /// # Errors
    /// As [`Engine::pause`]; as [`Engine::run`].
    pub async fn cancel(&self, target: Target) -> Result<(), TransferError> {
        self.want(target, Wanted::Cancel).await?;
        let jobs = match target {
            Target::Everything => self.shared.queue.jobs().await?,
            Target::Job(job) => vec![self.shared.queue.job(job).await?],
            Target::Item(job, _) => {
                let kept = self.shared.queue.job(job).await?;
                return match JobLock::take(self.shared.queue.journal().folder(), job) {
                    // Nobody runs it: what has left nothing behind is over now, the rest with the next run.
                    Ok(_lock) => {
                        let journal = self.shared.queue.journal();
                        journal.cancel_untouched_transfer_items(kept.number, false).await?;
                        self.shared.changed();
                        Ok(())
                    }
                    Err(TransferError::Busy(_)) => Ok(()),
                    Err(error) => Err(error),
                };
            }
        };
        for kept in jobs
            .into_iter()
            .filter(|kept| kept.job.wanted == Wanted::Cancel && !is_over(kept))
        {
            match self.run(kept.job.id).await {
                Ok(_) | Err(TransferError::Busy(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Lets what failed or waits for a decision wait for another run; an item also if it was cancelled. Says how many items
    /// there are. A file or an object that was changed meanwhile is sent, fetched, moved or copied as it is by then; what was
    /// planned of the target still holds. What is to be deleted is deleted only if it is what was planned.
    ///
    /// # Errors
    /// As [`Engine::pause`].
    pub async fn retry(&self, target: Target) -> Result<usize, TransferError> {
        let (jobs, number) = match target {
            Target::Everything => (self.shared.queue.jobs().await?, None),
            Target::Job(job) => (vec![self.shared.queue.job(job).await?], None),
            Target::Item(job, number) => (vec![self.shared.queue.job(job).await?], Some(number)),
        };
        let mut again = 0;
        for kept in &jobs {
            if matches!(kept.job.kind, Kind::Download | Kind::Move | Kind::Copy) {
                self.forget_the_source(kept, number).await?;
            }
            let journal = self.shared.queue.journal();
            let items = journal.retry_transfer_items(kept.number, number).await?;
            if let (0, Some(number)) = (items, number) {
                return Err(TransferError::NoSuchItem {
                    job: kept.job.id,
                    number,
                });
            }
            again += items;
        }
        self.shared.changed();
        Ok(again)
    }

    /// Takes out of the plan what the objects were that waited for a decision: whoever tries them again has decided for what
    /// they are by now.
    async fn forget_the_source(&self, kept: &Kept, number: Option<u32>) -> Result<(), TransferError> {
        let queue = &self.shared.queue;
        let mut after = None;
        loop {
            let items = queue.items_in(kept, UNDECIDED, after, PAGE).await?;
            let Some(last) = items.last() else { return Ok(()) };
            after = Some(last.number);
            let wanted = items
                .into_iter()
                .filter(|item| number.is_none_or(|number| number == item.number));
            let changes = wanted.map(|item| {
                let plan = PlanItem {
                    seen: Seen::default(),
                    size: None,
                    ..item.plan
                };
                let change = Change {
                    from: UNDECIDED,
                    plan: Some(NewPlan::new(plan, &kept.job)),
                    ..Change::landed(item.state, None)
                };
                (item.number, change)
            });
            queue.change(kept.number, changes.collect()).await?;
        }
    }

    /// Puts a job to a place in the order of all jobs, from 0.
    ///
    /// # Errors
    /// If there is no such job, or the journal cannot be written.
    pub async fn place(&self, job: JobId, place: usize) -> Result<(), TransferError> {
        let moved = self.shared.queue.journal().place_transfer(job.0, place).await?;
        self.shared.changed();
        if moved {
            Ok(())
        } else {
            Err(TransferError::NoSuchJob(job))
        }
    }

    /// Puts a job behind the next one that is not over. The last of them stays where it is.
    ///
    /// # Errors
    /// If there is no such job, or the journal cannot be read or written.
    pub async fn put_later(&self, job: JobId) -> Result<(), TransferError> {
        let jobs = self.shared.queue.jobs().await?;
        let at = jobs.iter().position(|kept| kept.job.id == job);
        let at = at.ok_or(TransferError::NoSuchJob(job))?;
        let next = jobs.iter().skip(at + 1).position(|kept| kept.job.ended_at.is_none());
        match next {
            // Taken out of its place, all behind it move up.
            Some(next) => self.place(job, at + 1 + next).await,
            None => Ok(()),
        }
    }

    /// Puts an item that waits before all others of its job.
    ///
    /// # Errors
    /// If there is no such job or the item does not wait; if the journal cannot be written.
    pub async fn put_first(&self, job: JobId, number: u32) -> Result<(), TransferError> {
        let kept = self.shared.queue.job(job).await?;
        let journal = self.shared.queue.journal();
        let moved = journal.front_transfer_item(kept.number, number).await?;
        self.shared.changed();
        if moved {
            Ok(())
        } else {
            Err(TransferError::NoSuchItem { job, number })
        }
    }

    /// Forgets a job that is over.
    ///
    /// # Errors
    /// If there is no such job, if it is not over, or the journal cannot be written.
    pub async fn forget(&self, job: JobId) -> Result<(), TransferError> {
        let lock = self.take(job).await?;
        let kept = self.shared.queue.job(job).await?;
        if !is_over(&kept) {
            return Err(TransferError::NotOver(job));
        }
        let journal = self.shared.queue.journal();
        journal.forget_transfer(kept.number).await?;
        lock.remove(journal.folder(), job);
        self.shared.changed();
        Ok(())
    }

    async fn want(&self, target: Target, wanted: Wanted) -> Result<(), TransferError> {
        let journal = self.shared.queue.journal();
        match target {
            Target::Everything => {
                journal.want_transfer(None, wanted_name(wanted)).await?;
            }
            Target::Job(job) => {
                if journal.want_transfer(Some(job.0), wanted_name(wanted)).await? == 0 {
                    // It has ended, which is no mistake, or is not there.
                    self.shared.queue.job(job).await?;
                }
            }
            Target::Item(job, number) => {
                let kept = self.shared.queue.job(job).await?;
                if !journal
                    .want_transfer_item(kept.number, number, wanted_name(wanted))
                    .await?
                {
                    return Err(TransferError::NoSuchItem { job, number });
                }
            }
        }
        self.shared.changed();
        Ok(())
    }
}
