//! Long work: identity, progress, cancel, retry and a truthful end.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::events::{Event, EventSender};
use super::{Problem, Subject};
use crate::media::MediaType;

/// The identity of a job in this run of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct JobId(pub(crate) u64);

/// A job as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its identity.
    pub id: JobId,
    /// What is done: "Create story".
    pub title: String,
    /// To what: "Pip and the Lost Star".
    pub target: String,
    /// What it works on, so that the place it belongs to can show it.
    pub subject: Subject,
    /// When it was started, or started again.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How far it is.
    pub progress: Progress,
    /// Where it stands.
    pub state: JobState,
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: usize,
    /// Steps in all, once known.
    pub total: Option<usize>,
    /// What is being done now: "Drawing picture 3 of 6".
    pub doing: String,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq)]
pub enum JobState {
    /// At work.
    Running,
    /// Asked to stop; what is under way is being brought to a safe end.
    Cancelling,
    /// Done, with a sentence of what is true now.
    Done(String),
    /// Not done.
    Failed(Problem),
    /// Stopped by the user.
    Cancelled,
}

impl JobState {
    /// Whether nothing more will happen by itself.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Running | Self::Cancelling)
    }
}

/// What a job's work is given: a way to report and a sign to stop.
#[derive(Clone)]
pub struct JobContext {
    id: JobId,
    cancel: CancellationToken,
    jobs: Jobs,
}

impl JobContext {
    /// Tells how far the work is.
    pub fn report(&self, done: usize, total: Option<usize>, doing: impl Into<String>) {
        let progress = Progress {
            done,
            total,
            doing: doing.into(),
        };
        self.jobs.change(self.id, |job| job.progress = progress);
    }

    /// Says what the work turned out to be about, once that is known.
    pub fn about(&self, subject: Subject) {
        self.jobs.change(self.id, |job| job.subject = subject);
    }

    /// As what a picture is to be saved, if it was not taken as it was and somebody asked for that.
    #[must_use]
    pub fn save_as(&self) -> Option<MediaType> {
        let entry = |table: &mut Table| table.entries.get(&self.id).and_then(|entry| entry.save_as);
        self.jobs.with(entry)
    }

    /// Cancelled when the user asks the job to stop.
    #[must_use]
    pub fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }
}

/// How a job ended.
#[derive(Debug)]
pub enum Ending {
    /// Done, with a sentence of what is true now.
    Done(String),
    /// Stopped because it was asked to.
    Cancelled,
}

type Work = Arc<dyn Fn(JobContext) -> Pin<Box<dyn Future<Output = Result<Ending, Problem>> + Send>> + Send + Sync>;

struct Entry {
    job: Job,
    cancel: CancellationToken,
    work: Work,
    save_as: Option<MediaType>,
}

struct Table {
    entries: BTreeMap<JobId, Entry>,
    next: u64,
}

/// All jobs of a workspace. Clones share them.
#[derive(Clone)]
pub struct Jobs {
    table: Arc<Mutex<Table>>,
    runtime: tokio::runtime::Handle,
    events: EventSender,
    all: CancellationToken,
    tasks: TaskTracker,
}

/// Ended jobs kept to be looked at.
const KEPT: usize = 200;

impl Jobs {
    /// No jobs yet; they will run on `runtime` and tell `events`.
    #[must_use]
    pub fn new(runtime: tokio::runtime::Handle, events: EventSender) -> Self {
        let table = Table {
            entries: BTreeMap::new(),
            next: 1,
        };
        Self {
            table: Arc::new(Mutex::new(table)),
            runtime,
            events,
            all: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Starts a job. `work` is kept, so that it can be started again after a failure.
    pub fn start<F>(
        &self,
        title: impl Into<String>,
        target: impl Into<String>,
        subject: Subject,
        work: impl Fn(JobContext) -> F + Send + Sync + 'static,
    ) -> JobId
    where
        F: Future<Output = Result<Ending, Problem>> + Send + 'static,
    {
        let work: Work = Arc::new(move |context| Box::pin(work(context)));
        let cancel = self.all.child_token();
        let id = self.with(|table| {
            let id = JobId(table.next);
            table.next += 1;
            let job = Job {
                id,
                title: title.into(),
                target: target.into(),
                subject,
                started: Timestamp::now(),
                ended: None,
                progress: Progress::default(),
                state: JobState::Running,
            };
            table.entries.insert(
                id,
                Entry {
                    job,
                    cancel: cancel.clone(),
                    work: work.clone(),
                    save_as: None,
                },
            );
            forget_old(table);
            id
        });
        self.run(id, cancel, work);
        id
    }

    /// Asks a job to stop. It ends as soon as that is safe.
    pub fn cancel(&self, id: JobId) {
        self.change(id, |job| {
            if job.state == JobState::Running {
                job.state = JobState::Cancelling;
            }
        });
        self.with(|table| {
            if let Some(entry) = table.entries.get(&id) {
                entry.cancel.cancel();
            }
        });
    }

    /// Starts an ended job again, as the same job. What it did already is not done twice: jobs continue from what
    /// is stored.
    pub fn retry(&self, id: JobId) {
        let again = self.with(|table| {
            let entry = table.entries.get_mut(&id).filter(|entry| entry.job.state.is_over())?;
            entry.cancel = self.all.child_token();
            entry.job.state = JobState::Running;
            entry.job.progress = Progress::default();
            entry.job.started = Timestamp::now();
            entry.job.ended = None;
            Some((entry.cancel.clone(), entry.work.clone()))
        });
        if let Some((cancel, work)) = again {
            self.run(id, cancel, work);
        }
    }

    /// The same, with its picture saved as another kind, also whenever it is started again after that.
    pub fn retry_as(&self, id: JobId, kind: MediaType) {
        self.with(|table| {
            if let Some(entry) = table.entries.get_mut(&id).filter(|entry| entry.job.state.is_over()) {
                entry.save_as = Some(kind);
            }
        });
        self.retry(id);
    }

    /// All jobs, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Job> {
        self.with(|table| table.entries.values().map(|entry| entry.job.clone()).collect())
    }

    /// Stops every job and waits until each has come to its safe end.
    pub async fn shut_down(&self) {
        self.all.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn run(&self, id: JobId, cancel: CancellationToken, work: Work) {
        self.changed(id);
        let jobs = self.clone();
        let context = JobContext {
            id,
            cancel: cancel.clone(),
            jobs: self.clone(),
        };
        self.tasks.spawn_on(
            async move {
                // A task of its own, so that a panic in it becomes a failure of this job and of nothing else.
                let result = tokio::spawn(work(context)).await;
                let state = match result {
                    Ok(Ok(Ending::Done(summary))) => JobState::Done(summary),
                    Ok(Ok(Ending::Cancelled)) => JobState::Cancelled,
                    Ok(Err(_)) if cancel.is_cancelled() => JobState::Cancelled,
                    Ok(Err(problem)) => JobState::Failed(problem),
                    Err(_) => JobState::Failed(Problem::stopped()),
                };
                jobs.change(id, |job| {
                    job.state = state;
                    job.ended = Some(Timestamp::now());
                });
            },
            &self.runtime,
        );
    }

    fn change(&self, id: JobId, change: impl FnOnce(&mut Job)) {
        self.with(|table| {
            if let Some(entry) = table.entries.get_mut(&id) {
                change(&mut entry.job);
            }
        });
        self.changed(id);
    }

    fn changed(&self, id: JobId) {
        let job = self.with(|table| table.entries.get(&id).map(|entry| entry.job.clone()));
        if let Some(job) = job {
            self.events.send(Event::Job(job));
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Table) -> T) -> T {
        work(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn forget_old(table: &mut Table) {
    let over: Vec<JobId> = table
        .entries
        .values()
        .filter(|entry| entry.job.state.is_over())
        .map(|entry| entry.job.id)
        .collect();
    let surplus = over.len().saturating_sub(KEPT);
    for id in over.into_iter().take(surplus) {
        table.entries.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::service::events;

    async fn ended(jobs: &Jobs, id: JobId) -> JobState {
        loop {
            let job = jobs.list().into_iter().find(|job| job.id == id).unwrap();
            if job.state.is_over() {
                return job.state;
            }
            tokio::task::yield_now().await;
        }
    }

    fn jobs() -> (Jobs, events::EventReceiver) {
        let (sender, receiver) = events::channel();
        (Jobs::new(tokio::runtime::Handle::current(), sender), receiver)
    }

    #[tokio::test]
    async fn reports_progress_and_end_as_events() {
        let (jobs, events) = jobs();
        let id = jobs.start("Count", "to two", Subject::None, |context| async move {
            context.report(1, Some(2), "One");
            Ok(Ending::Done("Counted".to_owned()))
        });
        assert_eq!(ended(&jobs, id).await, JobState::Done("Counted".to_owned()));
        let seen: Vec<_> = events.drain().collect();
        assert!(
            seen.iter()
                .any(|event| matches!(event, Event::Job(job) if job.progress.done == 1))
        );
        assert!(matches!(seen.last(), Some(Event::Job(job)) if job.state.is_over() && job.ended.is_some()));
    }

    #[tokio::test]
    async fn a_cancelled_job_ends_as_cancelled_whatever_it_returns() {
        let (jobs, _events) = jobs();
        let id = jobs.start("Wait", "", Subject::None, |context| async move {
            context.cancel().cancelled().await;
            Err(Problem::new("Interrupted.", ""))
        });
        jobs.cancel(id);
        assert_eq!(ended(&jobs, id).await, JobState::Cancelled);
    }

    #[tokio::test]
    async fn a_failed_job_can_be_started_again_and_a_panic_is_a_failure() {
        let (jobs, _events) = jobs();
        let tries = Arc::new(AtomicUsize::new(0));
        let id = jobs.start("Try", "", Subject::None, move |_| {
            let tries = tries.clone();
            async move {
                match tries.fetch_add(1, Ordering::SeqCst) {
                    0 => panic!("in a job"),
                    _ => Ok(Ending::Done("Done".to_owned())),
                }
            }
        });
        assert!(matches!(ended(&jobs, id).await, JobState::Failed(_)));
        jobs.retry(id);
        assert_eq!(ended(&jobs, id).await, JobState::Done("Done".to_owned()));
    }

    #[tokio::test]
    async fn shutting_down_waits_for_safe_ends() {
        let (jobs, _events) = jobs();
        let id = jobs.start("Wait", "", Subject::None, |context| async move {
            context.cancel().cancelled().await;
            tokio::task::yield_now().await;
            Ok(Ending::Cancelled)
        });
        jobs.shut_down().await;
        assert_eq!(ended(&jobs, id).await, JobState::Cancelled);
    }
}
