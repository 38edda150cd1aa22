//! Runs one job: reads what waits in windows, starts as much of it as there are places, and brings each item to its end.

mod fill;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fill::Kindred;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::concurrency::Class;
use super::reconcile::Leftovers;
use super::running::{Hold, Running};
use super::speed::Speed;
use super::task::{After, Ended, Task};
use super::watch::{ItemNews, Live};
use super::window::Window;
use crate::http::Waiting;
use crate::journal::JournalError;
use crate::transfer::error::TransferError;
use crate::transfer::job::{Item, ItemState, Job, JobState, Wanted};
use crate::transfer::plan::Kind;

/// How often it is looked whether somebody wants something else, and how often the faces see how far it is.
const LOOK: Duration = Duration::from_millis(250);
/// Items that are proven together: a page of a listing.
const PROVEN_TOGETHER: usize = 1_000;
/// Nothing that has arrived waits longer for its proof.
const PROVEN_WITHIN: Duration = Duration::from_secs(30);
/// Objects that are deleted by one request.
const DELETED_TOGETHER: usize = 500;

/// What a run is about.
#[derive(Debug)]
enum Mode {
    /// Carrying out.
    Run,
    /// Coming to a safe place, to wait there.
    Pause,
    /// Coming to an end, and throwing away what has not arrived.
    Cancel,
    /// Coming to a safe place because the program is to stop, or cannot go on.
    Stop(Option<TransferError>),
}

/// An item that a task works on.
struct Active {
    hold: Hold,
    /// For what takes no notice of its hold: cut off, it is as after a crash.
    abort: Option<AbortHandle>,
}

pub(super) struct Runner {
    task: Task,
    mode: Mode,
    tasks: JoinSet<Ended>,
    /// Items that tasks work on.
    active: HashMap<u32, Active>,
    /// The task that proves, if there is one.
    verifying: Option<AbortHandle>,
    small: Window,
    large: Window,
    to_cancel: Window,
    leftovers: Leftovers,
    /// When something may be tried that must not be now.
    wake: Option<Instant>,
    /// Something else is wanted than was known.
    look_now: bool,
    stop: CancellationToken,
    /// The servers that the http room leaves alone.
    alone: watch::Receiver<Vec<Waiting>>,
    speed: Speed,
}

impl Runner {
    pub(super) fn new(shared: Arc<Shared>, running: Running, stop: CancellationToken) -> Self {
        let most = match running.kept.job.kind {
            Kind::Delete => DELETED_TOGETHER,
            _ => Window::MOST,
        };
        let alone = shared.project.http().waiting();
        Self {
            task: Task {
                shared,
                running: Arc::new(running),
            },
            mode: Mode::Run,
            tasks: JoinSet::new(),
            active: HashMap::new(),
            verifying: None,
            small: Window::of(most),
            large: Window::of(Window::MOST),
            to_cancel: Window::of(Window::MOST),
            leftovers: Leftovers::default(),
            wake: None,
            look_now: false,
            stop,
            alone,
            speed: Speed::default(),
        }
    }

    /// Runs until everything is over, or is to wait.
    pub(super) async fn run(mut self) -> Result<Job, TransferError> {
        let result = self.work().await;
        // Whatever is still on its way ends at a safe place; nothing of it is lost if the journal cannot be written.
        self.hold_all(Wanted::Pause);
        self.cut_off();
        while self.tasks.join_next().await.is_some() {}
        let (shared, id) = (Arc::clone(&self.task.shared), self.task.running.kept.job.id);
        shared.watch.change(|snapshot| {
            snapshot.running.retain(|live| live.job != id);
            snapshot.revision += 1;
        });
        result?;
        let ended = shared.queue.job(id).await?;
        let left = ended.job.counts.waiting + ended.job.counts.running;
        if left == 0 && ended.job.ended_at.is_none() {
            let now = Timestamp::now();
            let journal = shared.queue.journal();
            journal.end_transfer(ended.number, Some(now.to_string())).await?;
            shared.watch.change(|snapshot| snapshot.revision += 1);
        }
        Ok(shared.queue.job(id).await?.job)
    }

    async fn work(&mut self) -> Result<(), TransferError> {
        self.leftovers.load(&self.task).await?;
        let (mut news, mut wishes) = (self.task.shared.news.listen(), self.task.shared.wishes.listen());
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.heed();
        self.look().await?;
        loop {
            if std::mem::take(&mut self.look_now) {
                self.look().await?;
            }
            self.fill().await?;
            if self.tasks.is_empty() && self.is_at_end().await? {
                return match std::mem::replace(&mut self.mode, Mode::Run) {
                    Mode::Stop(Some(error)) => Err(error),
                    _ => Ok(()),
                };
            }
            let wake = self.wake;
            let stopping = matches!(self.mode, Mode::Stop(_));
            tokio::select! {
                Some(ended) = self.tasks.join_next() => match ended {
                    Ok(ended) => self.take(ended),
                    Err(cut_off) if cut_off.is_cancelled() && stopping => {}
                    Err(_) => self.stop(Some(JournalError::Stopped.into())),
                },
                _ = look.tick() => self.look().await?,
                () = changed(&mut wishes) => {
                    self.forget_windows();
                    self.look().await?;
                }
                () = changed(&mut news) => {}
                Ok(()) = self.alone.changed() => self.heed(),
                () = until(wake) => {}
                () = self.stop.cancelled(), if !stopping => self.stop(None),
            }
        }
    }

    /// Takes in what a task has done.
    fn take(&mut self, ended: Ended) {
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => return self.stop(Some(error.into())),
        };
        for (item, after) in ended {
            if self.active.remove(&item.number).is_none() {
                self.verifying = None;
            }
            self.take_item(item, &after);
        }
    }

    fn take_item(&mut self, item: Item, after: &After) {
        match after {
            After::NotBegun => {
                self.forget_windows();
                self.look_now = true;
            }
            After::Doubtful => self.leftovers.add_doubtful(item),
            After::As => {
                self.task.shared.watch.item(ItemNews {
                    job: item.job,
                    number: item.number,
                    state: item.state.clone(),
                });
                match item.state {
                    ItemState::Landed => self.leftovers.add_landed(item),
                    ItemState::Waiting => self.forget_windows(),
                    _ => {}
                }
            }
        }
    }

    /// Looks what is wanted, and shows how far it is.
    async fn look(&mut self) -> Result<(), TransferError> {
        let (shared, number) = (Arc::clone(&self.task.shared), self.task.running.kept.number);
        shared.heed_throttles();
        self.heed_other_throttles();
        self.show().await?;
        if let (Some(patience), Some(waited)) = (shared.patience(), self.task.running.line.waited())
            && waited >= patience
        {
            let waiting = self.task.running.line.waiting();
            self.stop(Some(TransferError::GaveUp {
                minutes: waited.as_secs() / 60,
                what: waiting.map(|waiting| waiting.what.what).unwrap_or_default(),
            }));
        }
        if matches!(self.mode, Mode::Stop(_)) {
            return Ok(());
        }
        let wishes = shared.queue.wishes(number).await?;
        for (number, wanted) in wishes.items {
            if let Some(active) = self.active.get(&number) {
                active.say(wanted);
            }
        }
        let journal = shared.queue.journal();
        match (wishes.job, &self.mode) {
            (Wanted::Run, Mode::Run) => {}
            (Wanted::Run, _) => {
                self.mode = Mode::Run;
                self.forget_windows();
            }
            (Wanted::Pause, _) => {
                self.mode = Mode::Pause;
                self.forget_windows();
                self.hold_all(Wanted::Pause);
            }
            (Wanted::Cancel, _) => {
                self.mode = Mode::Cancel;
                self.forget_windows();
                self.hold_all(Wanted::Cancel);
                journal.cancel_untouched_transfer_items(number, true).await?;
            }
        }
        if wishes.to_cancel > 0 {
            journal.cancel_untouched_transfer_items(number, false).await?;
            self.to_cancel.forget();
        }
        if wishes.waiting > 0 {
            // Another process may have put something there.
            self.small.look_again();
            self.large.look_again();
        }
        Ok(())
    }

    /// As for the project's own server, of the other one.
    fn heed_other_throttles(&self) {
        let running = &self.task.running;
        if let Some(there) = &running.there {
            let now = super::throttled(there);
            if running.throttled_there.swap(now, Ordering::Relaxed) != now {
                self.task.shared.slots.throttled();
            }
        }
    }

    /// Takes notice of how long the http room leaves the project's server alone.
    fn heed(&mut self) {
        let projects = [Some(&self.task.shared.project), self.task.running.there.as_ref()];
        let origins: Vec<_> = projects
            .into_iter()
            .flatten()
            .map(|project| project.url().as_str())
            .collect();
        let until = self
            .alone
            .borrow_and_update()
            .iter()
            .filter(|alone| origins.contains(&alone.origin.as_str()) && alone.endpoint == "storage")
            .map(|alone| {
                let wait = Duration::try_from(alone.until.duration_since(Timestamp::now())).unwrap_or_default();
                Instant::now() + wait
            })
            .max();
        self.task.running.line.leave_alone(until);
    }

    async fn show(&mut self) -> Result<(), TransferError> {
        let (shared, running) = (&self.task.shared, &self.task.running);
        let mut job = shared.queue.job(running.kept.job.id).await?.job;
        job.state = JobState::Running;
        let live = Live {
            job: job.id,
            counts: job.counts,
            moving: running.moving.load(Ordering::Relaxed),
            rate: self.speed.now(running.moved.load(Ordering::Relaxed)),
            arrived: running.arrived(),
            waiting: running.there.as_ref().and_then(|_| running.line.waiting()),
        };
        shared.show();
        shared.watch.change(
            |snapshot| match snapshot.running.iter_mut().find(|other| other.job == live.job) {
                Some(other) => *other = live,
                None => snapshot.running.push(live),
            },
        );
        Ok(())
    }

    /// Whether there is nothing to do any more, or nothing that may be done now.
    async fn is_at_end(&mut self) -> Result<bool, TransferError> {
        let quiet = !self.leftovers.has_doubtful() && self.leftovers.landed() == 0;
        match self.mode {
            Mode::Stop(_) => return Ok(true),
            Mode::Pause => return Ok(quiet || self.task.running.line.waiting().is_some()),
            Mode::Run | Mode::Cancel => {}
        }
        if !quiet || !self.small.is_empty() || !self.large.is_empty() || !self.to_cancel.is_empty() {
            return Ok(false);
        }
        // What is in the journal counts: somebody may have put something there.
        self.forget_windows();
        self.look().await?;
        self.leftovers.load(&self.task).await?;
        if matches!(self.mode, Mode::Stop(_)) {
            return Ok(true);
        }
        let mut more = self.leftovers.has_doubtful() || self.leftovers.landed() > 0;
        if !matches!(self.mode, Mode::Pause) {
            let all = matches!(self.mode, Mode::Cancel);
            more |= self.refill(Kindred::ToCancel(all)).await?;
        }
        if matches!(self.mode, Mode::Run) {
            more |= self.refill(Kindred::Next(Class::Small)).await?;
            more |= self.refill(Kindred::Next(Class::Large)).await?;
        }
        if more {
            // There is news for whoever waits below.
            self.wake = Some(Instant::now());
        }
        Ok(!more)
    }

    fn stop(&mut self, error: Option<TransferError>) {
        if !matches!(self.mode, Mode::Stop(Some(_))) {
            self.mode = Mode::Stop(error);
        }
        self.hold_all(Wanted::Pause);
        self.cut_off();
    }

    fn hold_all(&self, wanted: Wanted) {
        for active in self.active.values() {
            active.say(wanted);
        }
    }

    /// Ends what takes no notice of its hold.
    fn cut_off(&self) {
        let abort = self.active.values().filter_map(|active| active.abort.as_ref());
        abort.chain(&self.verifying).for_each(AbortHandle::abort);
    }

    fn forget_windows(&mut self) {
        self.small.forget();
        self.large.forget();
        self.to_cancel.forget();
    }
}

impl Active {
    fn say(&self, wanted: Wanted) {
        match (&self.abort, wanted) {
            (None, wanted) => self.hold.say(wanted),
            // What is being found out is found out first.
            (Some(_), Wanted::Cancel) => self.hold.will_end(),
            (Some(_), Wanted::Run | Wanted::Pause) => {}
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Waits for news. Whoever tells them lives as long as who waits.
async fn changed(news: &mut watch::Receiver<()>) {
    if news.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
