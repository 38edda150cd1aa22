//! Whoever runs the queue: one process at a time. It asks engines for what waits, within their limits, and puts what was made
//! into scenes that are to have it. What it does is in the journal before and after, so that it can end at any moment.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use ::http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast;
use tokio::task::JoinSet;

use super::ask::{InHand, TRIES, is_out_of_reach, later, pause, seconds};
use super::limits::{Room, Turn};
use super::lock::QueueLock;
use super::queue::{EngineWait, Queue};
use crate::ai::Ai;
use crate::http::{Exchange, RetryPolicy, retry_after};
use crate::service::{Event, Inner, Problem, Service, Subject};
use crate::story::{BatchId, Filled, Placement, StoryError, Variant, VariantId, counts, variant};
use crate::workspace::{EngineId, Money};

/// How often it is looked whether another process wants something.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// How long an engine is left alone that draws for somebody outside of the queue.
const AGAIN: SignedDuration = SignedDuration::from_millis(200);

/// Variants of an engine that are looked at together; none is asked for more at once.
const WINDOW: u32 = 64;

/// A run of the queue.
pub(super) struct Run {
    inner: Weak<Inner>,
    queue: Arc<Queue>,
    /// Batches before this one are not run.
    from: i64,
    /// Ends with this batch.
    until: Option<BatchId>,
    lock: Option<QueueLock>,
    tasks: JoinSet<()>,
    /// As the journal was when it was looked at last.
    seen: Option<i64>,
    /// What engines answer.
    answers: broadcast::Receiver<Arc<Exchange>>,
}

impl Run {
    /// Of all that is queued, for as long as the workspace is open.
    pub(super) fn always(service: &Service) -> Self {
        Self::new(service, 0, None)
    }

    /// Until a batch has come to its end, by whomever; those that come later are run along with it.
    pub(super) fn of_batch(service: &Service, batch: BatchId, number: i64) -> Self {
        Self::new(service, number, Some(batch))
    }

    fn new(service: &Service, from: i64, until: Option<BatchId>) -> Self {
        Self {
            inner: Arc::downgrade(&service.inner),
            queue: Arc::clone(&service.inner.queue),
            from,
            until,
            lock: None,
            tasks: JoinSet::new(),
            seen: None,
            answers: service.transcript().subscribe(),
        }
    }

    /// Runs to its end, or until it is stopped: then what was asked for is waited for, because it is paid for.
    ///
    /// # Errors
    /// If the journal cannot be read or written.
    pub(super) async fn run(mut self) -> Result<(), Problem> {
        let mut again = true;
        loop {
            let Some(inner) = self.inner.upgrade() else {
                return Ok(());
            };
            let service = Service { inner };
            if self.queue.stop.is_cancelled() || self.is_over(&service).await? {
                drop(service);
                while self.tasks.join_next().await.is_some() {}
                return Ok(());
            }
            if self.lock.is_none() {
                again |= self.take_over(&service).await?;
            }
            if self.lock.is_some() && (again || self.is_stale(&service).await?) {
                self.once(&service).await?;
            }
            drop(service);
            again = self.rest().await;
            self.listen();
        }
    }

    /// Waits for something to happen. Whether something did.
    async fn rest(&mut self) -> bool {
        let now = Timestamp::now();
        let next = self.queue.next_wait();
        let due = next.map_or(LOOK_EVERY, |until| {
            Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
        });
        tokio::select! {
            Some(_) = self.tasks.join_next(), if !self.tasks.is_empty() => true,
            () = self.queue.news.notified() => true,
            () = tokio::time::sleep(due.clamp(Duration::from_millis(5), LOOK_EVERY)) => next.is_some_and(|until| until <= Timestamp::now()),
            () = self.queue.stop.cancelled() => true,
        }
    }

    /// Leaves an engine alone that has said that it is asked too much. Who asked it asks again by itself; others are not to be
    /// told the same.
    fn listen(&mut self) {
        while let Some(answer) = next(&mut self.answers) {
            let throttled = answer.status == Some(StatusCode::TOO_MANY_REQUESTS);
            let Some(inner) = self.inner.upgrade().filter(|_| throttled) else {
                continue;
            };
            let engines = Service { inner }.engines();
            let engine = engines
                .iter()
                .find(|engine| engine.draws && engine.name == answer.target);
            if let (Some(engine), Some(after)) = (engine, asked_to_wait(&answer)) {
                let why = format!(
                    "Waits {}: the server asked for it. Attempt {} of {} comes then.",
                    seconds(after),
                    answer.attempt + 1,
                    RetryPolicy::default().attempts
                );
                let until = later(SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX));
                // Whoever asked may have given up meanwhile, and said for how long.
                if self.queue.waits(&engine.id, Timestamp::now()).is_none() {
                    self.queue.wait(&engine.id, EngineWait { until, why });
                    self.queue.batches_of(&engine.id).into_iter().for_each(|batch| {
                        if let Some(inner) = self.inner.upgrade() {
                            inner.events.send(Event::Batch(batch));
                        }
                    });
                }
            }
        }
    }

    /// Whether somebody else has written to the journal since it was looked at.
    async fn is_stale(&mut self, service: &Service) -> Result<bool, Problem> {
        let version = service.journal().data_version().await?;
        Ok(self.seen.replace(version) != Some(version))
    }

    /// Takes the queue if nobody has it, and finds out what whoever had it left.
    async fn take_over(&mut self, service: &Service) -> Result<bool, Problem> {
        let folder = service.journal().folder().to_owned();
        let taken = tokio::task::spawn_blocking(move || QueueLock::take(&folder))
            .await
            .map_err(|_| Problem::stopped())?;
        let Some(lock) = taken.map_err(|error| lock_problem(&error))? else {
            return Ok(false);
        };
        let left = service.journal().reconcile_generations(super::now()).await?;
        self.lock = Some(lock);
        for left in left.into_iter().filter_map(variant) {
            service.variant_changed(&left);
        }
        service.sum_up().await?;
        Ok(true)
    }

    /// Begins what can be begun.
    async fn once(&mut self, service: &Service) -> Result<(), Problem> {
        self.seen = Some(service.journal().data_version().await?);
        self.heed(service).await?;
        self.place(service).await?;
        self.ask(service).await?;
        for ended in service.journal().end_batches(super::now()).await? {
            if let Ok(id) = BatchId::parse(&ended) {
                service.inner.events.send(Event::Batch(id));
            }
        }
        service.sum_up().await
    }

    /// Gives up what is not wanted any more.
    async fn heed(&self, service: &Service) -> Result<(), Problem> {
        for batch in service.journal().open_batches().await? {
            let Ok(id) = BatchId::parse(&batch.id) else { continue };
            match batch.wanted.as_str() {
                "cancel" => self.queue.give_up(id, true),
                "abandon" => self.queue.give_up(id, false),
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts what was made into its scenes.
    async fn place(&mut self, service: &Service) -> Result<(), Problem> {
        let most = service.workspace().concurrent_pictures.max(1);
        let mut room = most.saturating_sub(self.queue.placing());
        if room == 0 {
            return Ok(());
        }
        let rows = service.journal().generations_to_place(self.from, WINDOW).await?;
        for variant in rows.into_iter().filter_map(variant) {
            if room == 0 {
                break;
            }
            if self.queue.take(&variant, Money::ZERO, true, true).is_none() {
                continue;
            }
            room -= 1;
            let (service, in_hand) = (service.clone(), self.in_hand(variant.id));
            self.tasks.spawn(async move {
                service.put(&variant).await;
                service.variant_changed(&variant);
                drop(in_hand);
            });
        }
        Ok(())
    }

    /// Asks engines for what waits, as far as they are to be asked.
    async fn ask(&mut self, service: &Service) -> Result<(), Problem> {
        let rows = service.journal().generations_due(self.from, WINDOW).await?;
        // First what is under way, then what was spent: a picture that comes in between is in both and not in neither.
        let mut rooms = HashMap::new();
        for variant in rows.iter().filter_map(|row| row.engine.as_deref()) {
            let engine = EngineId::new(variant);
            rooms
                .entry(engine.as_str().to_lowercase())
                .or_insert_with(|| service.room(&engine));
        }
        let spent = service.spent_since_month_began().await?;
        for (engine, room) in &mut rooms {
            room.spent = spent.get(engine).copied().unwrap_or(Money::ZERO);
        }
        let mut held = HashSet::new();
        for variant in rows.into_iter().filter_map(variant) {
            let Some(wanted) = &variant.wanted else { continue };
            let Some(room) = rooms.get_mut(&wanted.engine.as_str().to_lowercase()) else {
                continue;
            };
            let is_held = variant.batch.is_some_and(|batch| held.contains(&batch));
            if is_held || self.queue.waits(&wanted.engine, Timestamp::now()).is_some() {
                continue;
            }
            match (room.turn(), variant.batch) {
                (Turn::Now, _) => {}
                (Turn::Held(why), Some(batch)) => {
                    held.insert(batch);
                    service.hold(batch, why).await;
                    continue;
                }
                (Turn::Later | Turn::Held(_), _) => continue,
            }
            let Some(turn) = self.queue.variants.turn(&wanted.engine, room.concurrent).await? else {
                self.leave_to_others(service, &variant, &wanted.engine);
                continue;
            };
            let free = super::is_free(service.engine_ai(&wanted.engine).as_ref().map(Ai::provider));
            let price = room.price.unwrap_or(Money::ZERO);
            let Some(give_up) = self.queue.take(&variant, price, free, false) else {
                continue;
            };
            room.ask();
            let (service, in_hand) = (service.clone(), self.in_hand(variant.id));
            self.tasks.spawn(async move {
                service.draw_variant(&variant, &give_up).await;
                drop(turn);
                service.variant_changed(&variant);
                drop(in_hand);
            });
        }
        Ok(())
    }

    /// Somebody outside of the queue asks an engine, or waits for it: for one story, or one picture.
    fn leave_to_others(&self, service: &Service, variant: &Variant, engine: &EngineId) {
        let wait = EngineWait {
            until: later(AGAIN),
            why: "Waits: this engine draws for a story that is made beside the queue.".to_owned(),
        };
        self.queue.wait(engine, wait);
        if let Some(batch) = variant.batch {
            service.inner.events.send(Event::Batch(batch));
        }
    }

    fn in_hand(&self, id: VariantId) -> InHand {
        InHand {
            queue: Arc::clone(&self.queue),
            id,
        }
    }

    /// Whether the batch that this is about has come to its end, or is to wait for somebody.
    async fn is_over(&self, service: &Service) -> Result<bool, Problem> {
        let Some(id) = self.until else { return Ok(false) };
        let batch = service.journal().batch(id.uuid()).await?;
        Ok(batch.is_none_or(|batch| {
            // What another process has asked for is waited for, too.
            let theirs = self.lock.is_none() && counts(&batch).drawing > 0;
            batch.ended_at.is_some() || (!theirs && (batch.wanted == "pause" || batch.held.is_some()))
        }))
    }
}

impl Service {
    /// What an engine may be asked for, but for what was spent. One that is gone may be asked: that fails, and is told.
    fn room(&self, engine: &EngineId) -> Room {
        let (asked, expected) = self.inner.queue.asked_of(engine);
        let ai = self.engine_ai(engine);
        let provider = ai.as_ref().map(Ai::provider);
        Room {
            name: provider.map_or_else(|| engine.to_string(), |provider| provider.name.clone()),
            concurrent: provider.map_or(1, |provider| provider.concurrent),
            price: self.price_of(engine),
            budget: provider.and_then(|provider| provider.budget),
            asked,
            expected,
            spent: Money::ZERO,
        }
    }

    /// Puts a variant into its scene. What becomes of that is in the journal when this ends.
    async fn put(&self, variant: &Variant) {
        let mut tries = 0;
        let place = loop {
            let error = match self.inner.stories.fill(variant).await {
                Ok(Filled::Shown(_)) => break Placement::Done,
                Ok(Filled::Taken) => break Placement::Taken,
                Err(StoryError::Cancelled) => return,
                Err(error) => error,
            };
            let problem = Problem::from(error);
            tries += 1;
            if is_out_of_reach(&problem) && tries < TRIES {
                // What is made is on this computer, and can wait for its project a little.
                tokio::select! {
                    () = tokio::time::sleep(pause(tries)) => continue,
                    () = self.inner.queue.stop.cancelled() => return,
                }
            }
            self.inner
                .stories
                .note_failure(&variant.story, &variant.scene, &problem.what)
                .await;
            break Placement::Failed {
                sentence: problem.what,
                hint: problem.advice,
            };
        };
        if let Err(error) = self.inner.queue.variants.settle_place(variant.id, &place).await {
            // It is looked at again: what is there already is found then.
            tracing::warn!(variant = %variant.id, %error, "what became of a picture is not written");
        }
        self.changed(Subject::Story(variant.story.clone()));
        self.changed(Subject::Bucket(self.bucket().clone()));
    }

    /// Says that a variant is not what it was.
    pub(super) fn variant_changed(&self, variant: &Variant) {
        let events = &self.inner.events;
        events.send(Event::Variants(variant.story.clone(), variant.scene.clone()));
        if let Some(batch) = variant.batch {
            events.send(Event::Batch(batch));
        }
    }
}

/// The next answer, if there is one. Those that were missed are of no use any more.
fn next(answers: &mut broadcast::Receiver<Arc<Exchange>>) -> Option<Arc<Exchange>> {
    loop {
        match answers.try_recv() {
            Ok(answer) => return Some(answer),
            Err(broadcast::error::TryRecvError::Lagged(_)) => {}
            Err(_) => return None,
        }
    }
}

/// How long a server asks to be left alone, if it is a time that is waited for.
fn asked_to_wait(answer: &Exchange) -> Option<Duration> {
    let headers = answer
        .response_headers
        .iter()
        .filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)))
        .collect::<HeaderMap>();
    let policy = RetryPolicy::default();
    retry_after(&headers, Timestamp::now())
        .filter(|after| *after <= policy.patience && answer.attempt < policy.attempts)
}

fn lock_problem(error: &std::io::Error) -> Problem {
    Problem::new(
        format!("It cannot be seen whether somebody else draws for this workspace: {error}."),
        "Check that the disk is not full and that this program may write to its folder.",
    )
}
