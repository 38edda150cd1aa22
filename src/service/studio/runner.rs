//! Whoever runs the queue: one process at a time. It asks engines for what waits, within their limits, and puts what was made
//! into scenes that are to have it. What it does is in the journal before and after, so that it can end at any moment.

use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::ask::InHand;
use super::lock::QueueLock;
use super::queue::Queue;
use crate::service::{Event, Inner, Problem, Service, Subject};
use crate::story::{BatchId, Filled, Placement, StoryError, Variant, VariantId, counts, variant};
use crate::workspace::Money;

/// How often it is looked whether another process wants something.
const LOOK_EVERY: Duration = Duration::from_millis(400);

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
        let spent = service.spent_since_month_began().await?;
        let mut held = HashSet::new();
        let now = Timestamp::now();
        for variant in rows.into_iter().filter_map(variant) {
            let Some(wanted) = &variant.wanted else { continue };
            if variant.batch.is_some_and(|batch| held.contains(&batch)) {
                continue;
            }
            let engine = wanted.engine.clone();
            if self.queue.waits(&engine, now).is_some() {
                continue;
            }
            let ai = service.engine_ai(&engine);
            let provider = ai.as_ref().map(crate::ai::Ai::provider);
            let (asked, expected) = self.queue.asked_of(&engine);
            if asked
                >= provider
                    .map_or(1, |provider| provider.concurrent.max(1))
                    .min(WINDOW as usize)
            {
                continue;
            }
            let price = provider.and_then(|provider| provider.price);
            if let (Some(provider), Some(batch)) = (provider, variant.batch)
                && let Some(budget) = provider.budget
            {
                let spent = spent
                    .get(&engine.as_str().to_lowercase())
                    .copied()
                    .unwrap_or(Money::ZERO);
                let next = spent + expected + price.unwrap_or(Money::ZERO);
                // Without a price, the picture that passes the budget is seen only when it is there.
                if next > budget || (price.is_none() && next >= budget) {
                    held.insert(batch);
                    let why = format!(
                        "The next picture would pass the budget of {budget} a month for {}: {} is spent or being spent. \
                         Raise the budget, or go on next month.",
                        provider.name,
                        spent + expected
                    );
                    service.hold(batch, why).await;
                    continue;
                }
            }
            let free = super::is_free(provider);
            let Some(give_up) = self.queue.take(&variant, price.unwrap_or(Money::ZERO), free, false) else {
                continue;
            };
            let (service, in_hand) = (service.clone(), self.in_hand(variant.id));
            self.tasks.spawn(async move {
                service.draw_variant(&variant, &give_up).await;
                service.variant_changed(&variant);
                drop(in_hand);
            });
        }
        Ok(())
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
    /// Puts a variant into its scene. What becomes of that is in the journal when this ends.
    async fn put(&self, variant: &Variant) {
        let place = match self.inner.stories.fill(variant).await {
            Ok(Filled::Shown(_)) => Placement::Done,
            Ok(Filled::Taken) => Placement::Taken,
            Err(StoryError::Cancelled) => return,
            Err(error) => {
                let problem = Problem::from(error);
                self.inner
                    .stories
                    .note_failure(&variant.story, &variant.scene, &problem.what)
                    .await;
                Placement::Failed {
                    sentence: problem.what,
                    hint: problem.advice,
                }
            }
        };
        if let Err(error) = self.inner.queue.variants.settle_place(variant.id, &place).await {
            // It is looked at again: what is there already is found then.
            tracing::warn!(variant = %variant.id, %error, "what became of a picture is not written");
        }
        self.changed(Subject::Story(variant.story.clone()));
        self.changed(Subject::Bucket(self.bucket().clone()));
    }

    /// Says that a variant is not what it was.
    fn variant_changed(&self, variant: &Variant) {
        let events = &self.inner.events;
        events.send(Event::Variants(variant.story.clone(), variant.scene.clone()));
        if let Some(batch) = variant.batch {
            events.send(Event::Batch(batch));
        }
    }
}

fn lock_problem(error: &std::io::Error) -> Problem {
    Problem::new(
        format!("It cannot be seen whether somebody else draws for this workspace: {error}."),
        "Check that the disk is not full and that this program may write to its folder.",
    )
}
