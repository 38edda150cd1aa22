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
mod control;
mod executor;
mod line;
mod lock;
mod others;
mod reconcile;
mod runner;
mod running;
mod speed;
mod task;
mod view;
mod watch;
mod way;
mod window;

#[cfg(test)]
pub(super) mod script;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch as channel;
use tokio_util::sync::CancellationToken;

pub use concurrency::{Class, Growth, InUse};
pub use control::Target;
pub use line::WaitingForServer;
pub use others::Others;
pub use view::Standing;
pub use watch::{Held, ItemNews, Live, Snapshot};

use super::carry::Disk;
use super::error::TransferError;
use super::job::{Job, JobId, JobState};
use super::plan::Plan;
use super::queue::{Kept, Queue};
use super::trash::Trash;
use crate::journal::Journal;
use crate::supabase::Supabase;
use bandwidth::Bandwidth;
use concurrency::Slots;
use executor::{Executor, Executors};
use line::Line;
use lock::JobLock;
use runner::Runner;
use running::Running;
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
    disk: Disk,
    line: Arc<Line>,
    watch: Watch,
    /// A place is free, or the server is back or gone.
    news: News,
    /// Somebody wants something else, or there is another job.
    wishes: News,
    limits: Mutex<Limits>,
    /// Who knows the other workspaces.
    others: OnceLock<Arc<dyn Others>>,
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
            disk: Disk::default(),
            line: Arc::new(Line::new(news.clone())),
            watch: Watch::new(),
            news,
            wishes: News::default(),
            limits: Mutex::new(limits),
            others: OnceLock::new(),
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
    /// long as is allowed; if it goes into another workspace, and that cannot be opened now.
    pub async fn run(&self, job: JobId) -> Result<Job, TransferError> {
        let kept = self.shared.queue.job(job).await?;
        if is_over(&kept) && kept.job.ended_at.is_some() {
            return Ok(kept.job);
        }
        let lock = self.take(job).await?;
        // Whoever had it may have changed it.
        let kept = self.shared.queue.job(job).await?;
        let there = self.shared.there(&kept).await?;
        let line = match &there {
            None => Arc::clone(&self.shared.line),
            Some(_) => Arc::new(Line::new(self.shared.news.clone())),
        };
        let runner = Runner::new(
            Arc::clone(&self.shared),
            Running::new(kept, there, line, lock),
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

    async fn drive(&self, always: bool) -> Result<(), TransferError> {
        let mut wishes = self.shared.wishes.listen();
        let mut opened = self.shared.others.get().map(|others| others.news());
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
                            if !matches!(error, TransferError::Busy(_) | TransferError::OtherClosed { .. }) {
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
                () = others::opened(&mut opened) => left_alone.clear(),
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
