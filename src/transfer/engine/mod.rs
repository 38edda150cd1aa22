//! The engine: jobs in the journal, and what carries them out, one for every face of the program.
//!
//! A plan that is submitted is a job on disk before anything is sent. Running it, here or after any end of the program, in
//! this process or another, brings each of its items to exactly one end. Every item that was in flight is looked for
//! before it is done again; whoever runs a job holds a lock on it that the system takes back from the dead.
//!
//! Many items are on their way at once ([`Growth`] says why not more); all share one limit of [bandwidth](Limits) and
//! one view of whether the server can be reached. While it cannot, jobs wait, and nothing fails.

mod again;
mod aside;
mod ask;
mod bandwidth;
mod concurrency;
mod executor;
mod line;
mod lock;
mod reconcile;
mod runner;
mod task;
mod watch;
mod window;

#[cfg(test)]
pub(super) mod script;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{broadcast, watch as channel};
use tokio_util::sync::CancellationToken;

pub use concurrency::{Class, Growth, InUse};
pub use line::WaitingForServer;
pub use watch::{ItemNews, Live, Snapshot};

use super::error::TransferError;
use super::job::{Item, Job, JobId, JobState, Proof, Wanted};
use super::plan::Plan;
use super::queue::{Kept, Queue, wanted_name};
use super::trash::Trash;
use crate::journal::Journal;
use crate::supabase::Supabase;
use bandwidth::Bandwidth;
use concurrency::Slots;
use executor::{Executor, Executors};
use line::Line;
use lock::JobLock;
use runner::Runner;
use task::Running;
use watch::Watch;

/// What the engine keeps to. Can be set while it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Small items on their way at once, at most.
    pub at_once: NonZeroUsize,
    /// Large items on their way at once, at most.
    pub large_at_once: NonZeroUsize,
    /// Bytes a second, up and down together.
    pub bytes_per_second: Option<NonZeroU64>,
    /// How long a run waits for a server that cannot be reached before it gives up; None: as long as it takes.
    pub patience: Option<Duration>,
    /// For how many days what is deleted, replaced or moved from now on can be taken back.
    pub trash_days: u32,
}

impl Default for Limits {
    fn default() -> Self {
        const fn some(number: usize) -> NonZeroUsize {
            match NonZeroUsize::new(number) {
                Some(number) => number,
                None => NonZeroUsize::MIN,
            }
        }
        Self {
            at_once: some(32),
            large_at_once: some(4),
            bytes_per_second: None,
            patience: None,
            trash_days: Trash::RETENTION_DAYS,
        }
    }
}

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

/// The engine of a workspace. Clones share it.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

/// What all runs of an engine share.
struct Shared {
    project: Supabase,
    queue: Queue,
    executor: Arc<dyn Executor>,
    slots: Arc<Slots>,
    bandwidth: Bandwidth,
    line: Arc<Line>,
    watch: Watch,
    /// A place is free, or the server is back or gone.
    news: News,
    /// Somebody wants something else, or there is another job.
    wishes: News,
    limits: Mutex<Limits>,
    /// How often the server has said that it was too much, when that was looked at last.
    throttled: AtomicU64,
    /// Ends all runs at a safe place.
    stop: CancellationToken,
}

/// Jobs that [`Engine::run_all`] runs at the same time.
const JOBS_AT_ONCE: usize = 2;

impl Engine {
    /// An engine for a project and the jobs of its journal. Nothing is sent before a job is run.
    #[must_use]
    pub fn open(project: Supabase, journal: Journal, limits: Limits) -> Self {
        Self::with(project, journal, limits, Arc::new(Executors))
    }

    fn with(project: Supabase, journal: Journal, limits: Limits, executor: Arc<dyn Executor>) -> Self {
        let news = News::default();
        let slots = Slots::new(limits.at_once.get(), limits.large_at_once.get(), news.clone());
        let shared = Shared {
            throttled: AtomicU64::new(throttled(&project)),
            project,
            queue: Queue::new(journal),
            executor,
            slots: Arc::new(slots),
            bandwidth: Bandwidth::new(limits.bytes_per_second),
            line: Arc::new(Line::new(news.clone())),
            watch: Watch::new(),
            news,
            wishes: News::default(),
            limits: Mutex::new(limits),
            stop: CancellationToken::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Makes a job of a plan. It is on disk when this answers, and runs with [`Engine::run`].
    ///
    /// # Errors
    /// If the plan is for another project or cannot be kept.
    pub async fn submit(&self, plan: Plan) -> Result<JobId, TransferError> {
        let here = self.shared.project.url().as_str();
        if plan.project.trim_end_matches('/') != here {
            return Err(TransferError::OtherProject {
                planned: plan.project,
                here: here.to_owned(),
            });
        }
        if plan.format != Plan::FORMAT {
            let why = format!(
                "it is of format {}, and this program knows {}",
                plan.format,
                Plan::FORMAT
            );
            return Err(TransferError::BadPlan(why));
        }
        let id = self.shared.queue.add(plan).await?;
        self.shared.changed();
        Ok(id)
    }

    /// Runs a job until everything is over, or is to wait. Dropped, it is as if the program had died: nothing is lost, and
    /// what was in flight is looked for by the next run. A job that is over already is only read.
    ///
    /// # Errors
    /// If there is no such job, if somebody else runs it, if the journal cannot be written; if the server was waited for as
    /// long as is allowed.
    pub async fn run(&self, job: JobId) -> Result<Job, TransferError> {
        let kept = self.shared.queue.job(job).await?;
        if is_over(&kept) && kept.job.ended_at.is_some() {
            return Ok(kept.job);
        }
        let lock = self.take(job).await?;
        // Whoever had it may have changed it.
        let kept = self.shared.queue.job(job).await?;
        let runner = Runner::new(
            Arc::clone(&self.shared),
            Running::new(kept, lock),
            self.shared.stop.child_token(),
        );
        Box::pin(runner.run()).await
    }

    /// Runs all jobs that are not over and not paused, by their order, a few at the same time, and those that come
    /// meanwhile. Ends when there are none left, or with [`Engine::stop`]. Jobs that others run are left to them.
    ///
    /// # Errors
    /// If the journal cannot be read or written. What makes a single job fail does not end the others.
    pub async fn run_all(&self) -> Result<(), TransferError> {
        self.drive(false).await
    }

    /// As [`Engine::run_all`], but waits for more when there are none left.
    ///
    /// # Errors
    /// As [`Engine::run_all`].
    pub async fn run_always(&self) -> Result<(), TransferError> {
        self.drive(true).await
    }

    /// Ends all runs at a safe place, soon. What is left goes on with another engine on the same journal.
    pub fn stop(&self) {
        self.shared.stop.cancel();
    }

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
    /// there are. A file that was changed meanwhile is sent as it is by then; what was planned of the target still holds.
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

    /// What the engine keeps to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.shared.limits()
    }

    /// Sets what the engine keeps to, also for what is on its way.
    pub fn set_limits(&self, limits: Limits) {
        *self.shared.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
        self.shared
            .slots
            .set_most(limits.at_once.get(), limits.large_at_once.get());
        self.shared.bandwidth.set(limits.bytes_per_second);
        self.shared.show();
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

    async fn drive(&self, always: bool) -> Result<(), TransferError> {
        let mut wishes = self.shared.wishes.listen();
        let mut runs = FuturesUnordered::new();
        let (mut running, mut left_alone) = (HashSet::new(), HashSet::new());
        loop {
            let stopped = self.shared.stop.is_cancelled();
            if !stopped && runs.len() < JOBS_AT_ONCE {
                for kept in self.shared.queue.jobs().await? {
                    let job = kept.job.id;
                    let waits = kept.job.state == JobState::Waiting;
                    if runs.len() < JOBS_AT_ONCE && waits && !left_alone.contains(&job) && running.insert(job) {
                        let engine = self.clone();
                        runs.push(async move { (job, engine.run(job).await) });
                    }
                }
            }
            if runs.is_empty() && (stopped || !always) {
                return Ok(());
            }
            tokio::select! {
                Some((job, result)) = runs.next() => {
                    running.remove(&job);
                    match result {
                        Ok(_) => {}
                        Err(error @ (TransferError::Journal(_) | TransferError::Lock { .. })) => return Err(error),
                        Err(error) => {
                            if !matches!(error, TransferError::Busy(_)) {
                                tracing::warn!(%job, %error, "a transfer cannot be run");
                            }
                            left_alone.insert(job);
                        }
                    }
                }
                changed = wishes.changed() => {
                    // Whoever wants something may want it of what could not be run before. The sender lives as long as this.
                    let _ = changed;
                    left_alone.clear();
                }
                () = self.shared.stop.cancelled(), if !stopped => {}
            }
        }
    }

    /// Takes a job. Somebody may hold it for the moment that it takes to see whether it is free.
    async fn take(&self, job: JobId) -> Result<JobLock, TransferError> {
        let folder = self.shared.queue.journal().folder().to_owned();
        let mut tries = 0;
        loop {
            match JobLock::take(&folder, job) {
                Err(TransferError::Busy(_)) if tries < 5 => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                taken => return taken,
            }
        }
    }

    fn see_who_runs(&self, job: &mut Job) {
        let left = job.counts.waiting + job.counts.running > 0;
        if left && JobLock::is_held(self.shared.queue.journal().folder(), job.id) {
            job.state = JobState::Running;
        }
    }
}

impl Shared {
    fn limits(&self) -> Limits {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has fewer on their way at once if the server said that it was too much, also where the http room waited and made the
    /// request again.
    fn heed_throttles(&self) {
        let now = throttled(&self.project);
        if self.throttled.swap(now, Ordering::Relaxed) != now {
            self.slots.throttled();
        }
    }

    fn patience(&self) -> Option<Duration> {
        self.limits().patience
    }

    /// Jobs or what is wanted of them changed.
    fn changed(&self) {
        self.watch.change(|snapshot| snapshot.revision += 1);
        self.wishes.tell();
    }

    /// Shows what is not any single job's.
    fn show(&self) {
        let waiting = self.line.waiting();
        let in_use = |class| {
            let mut found = self.slots.in_use(class);
            if waiting.is_some() {
                found.growth = Growth::Waiting;
            }
            Some(found)
        };
        let (small, large) = (in_use(Class::Small), in_use(Class::Large));
        let bandwidth = self.bandwidth.rate().map(NonZeroU64::get);
        self.watch.change(|snapshot| {
            (snapshot.small, snapshot.large) = (small, large);
            (snapshot.bandwidth, snapshot.waiting) = (bandwidth, waiting);
        });
    }
}

fn throttled(project: &Supabase) -> u64 {
    project.http().throttled(project.url().as_str())
}

fn is_over(kept: &Kept) -> bool {
    kept.job.counts.waiting + kept.job.counts.running == 0
}

/// That something has changed, for whoever waits for that.
#[derive(Clone, Debug, Default)]
struct News(channel::Sender<()>);

impl News {
    fn tell(&self) {
        self.0.send_replace(());
    }

    fn listen(&self) -> channel::Receiver<()> {
        self.0.subscribe()
    }
}
