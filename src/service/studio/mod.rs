//! The studio: variants of pictures, the queue in which engines are asked for them, and what they cost.
//!
//! A variant is a row of the journal before its engine is asked, and its bytes are on disk before the row says that it was
//! made. One process at a time runs the queue of a workspace; others add to it and see what becomes of it.

mod ask;
mod compose;
mod limits;
mod lock;
mod plan;
mod queue;
mod runner;
mod view;

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

pub use plan::{BatchScope, Estimate, MOST_VARIANTS};
pub use queue::Drawing;
pub(crate) use queue::Queue;
pub use view::{EngineSpending, Spending};

use super::{Event, Problem, Service};
use crate::journal::{Journal, Purged};
use crate::story::{
    Batch, BatchId, BatchPlan, BatchWish, PictureRef, PlannedScene, SceneId, StoryError, StoryId, Variant, VariantId,
    VariantState, Verdict, Wanted,
};
use crate::workspace::{EngineId, Money, Provider};
use runner::Run;

/// Variants of a batch that are shown at once.
const PAGE: u32 = 1_000;

/// Variants.
impl Service {
    /// The pictures that a scene could have, first asked for first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn variants(&self, story: &StoryId, scene: &SceneId) -> Result<Vec<Variant>, Problem> {
        Ok(self.inner.queue.variants.of_scene(story, scene).await?)
    }

    /// One variant.
    ///
    /// # Errors
    /// If the journal cannot be read or has no such variant.
    pub async fn variant(&self, id: &VariantId) -> Result<Variant, Problem> {
        Ok(self.inner.queue.variants.get(*id).await?)
    }

    /// A variant's bytes as they came.
    ///
    /// # Errors
    /// If it has no picture, or its bytes are gone or damaged.
    pub async fn variant_picture(&self, id: &VariantId) -> Result<Bytes, Problem> {
        Ok(self.inner.queue.variants.bytes(*id).await?)
    }

    /// Says what an editor thinks of a variant.
    ///
    /// # Errors
    /// If there is no such variant, or the journal cannot be written.
    pub async fn judge(&self, id: &VariantId, verdict: Verdict) -> Result<(), Problem> {
        let variant = self.variant(id).await?;
        self.inner.queue.variants.judge(*id, verdict).await?;
        self.tell_of_scene(&variant);
        Ok(())
    }

    /// Keeps a picture that an editor brought for a scene, as a candidate.
    ///
    /// # Errors
    /// If it is no picture, is damaged, or cannot be kept.
    pub async fn bring_candidate(
        &self,
        story: &StoryId,
        scene: &SceneId,
        bytes: Bytes,
        file_name: &str,
    ) -> Result<VariantId, Problem> {
        let id = self.inner.queue.variants.bring(story, scene, bytes, file_name).await?;
        self.inner.events.send(Event::Variants(story.clone(), scene.clone()));
        Ok(id)
    }

    /// Keeps a picture that others are to be made from, or like.
    ///
    /// # Errors
    /// If it is no picture, is damaged, or cannot be kept.
    pub async fn keep_reference(&self, bytes: Bytes) -> Result<PictureRef, Problem> {
        let sha256 = self.inner.queue.variants.keep_reference(bytes).await?;
        Ok(PictureRef::Kept(sha256))
    }

    /// Shows a variant no more. One that waits is not asked for; what one has cost stays in the sums.
    ///
    /// # Errors
    /// If an engine is at it just now.
    pub async fn forget_variant(&self, id: &VariantId) -> Result<(), Problem> {
        let variant = self.variant(id).await?;
        self.inner
            .queue
            .variants
            .forget(*id)
            .await
            .map_err(|error| match error {
                StoryError::NoSuchVariant(_) => Problem::new(
                    "An engine is drawing this variant just now.",
                    "Stop it first, or wait until it is there.",
                ),
                error => error.into(),
            })?;
        self.tell_of_scene(&variant);
        self.inner.queue.tell();
        Ok(())
    }

    /// Removes for good what was forgotten so many days ago, or as long ago as the workspace says: files and words. What a scene was
    /// given, a draft has chosen, an editor has kept or another picture is made from stays. `only_look` removes nothing.
    ///
    /// # Errors
    /// If the journal cannot be written, or its folder cannot be read.
    pub async fn purge_candidates(&self, days: Option<u32>, only_look: bool) -> Result<Purged, Problem> {
        let days = days.unwrap_or(self.workspace().keep_forgotten_days).max(1);
        let before = forgotten_before(jiff::Timestamp::now(), days);
        Ok(self.inner.queue.variants.purge(before, only_look).await?)
    }

    /// Stops one variant: one that waits is not asked for. One that an engine is at is given up, and may be charged for all
    /// the same.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub async fn cancel_variant(&self, id: &VariantId) -> Result<(), Problem> {
        let variant = self.variant(id).await?;
        self.journal().cancel_generation(id.uuid(), now()).await?;
        self.inner.queue.give_up_one(*id);
        self.inner.queue.tell();
        self.tell_of_scene(&variant);
        Ok(())
    }

    /// Asks once more for a variant that ended without a picture. One that has cost something, or may have, stays as it is
    /// with its cost, and another one is asked for.
    ///
    /// # Errors
    /// If it did not end so, or the journal cannot be written.
    pub async fn retry_variant(&self, id: &VariantId) -> Result<VariantId, Problem> {
        let variant = self.variant(id).await?;
        if self.journal().requeue_generation(id.uuid()).await? {
            self.inner.queue.tell();
            self.tell_of_scene(&variant);
            return Ok(*id);
        }
        let ended = variant.state.is_over() && variant.state != VariantState::Made;
        let Some(wanted) = variant.wanted.as_ref().filter(|_| ended) else {
            return Err(Problem::new(
                "This variant did not end without a picture.",
                "Ask for new variants instead.",
            ));
        };
        let batch = self
            .start_variants(&variant.story, &variant.scene, wanted.clone(), 1)
            .await?;
        let again = self.batch_variants(&batch).await?;
        again.first().map(|again| again.id).ok_or_else(Problem::stopped)
    }

    /// What engines are drawing just now, in this process. Never waits.
    #[must_use]
    pub fn drawing(&self) -> Vec<Drawing> {
        self.inner.queue.drawing()
    }

    fn tell_of_scene(&self, variant: &Variant) {
        let (story, scene) = (variant.story.clone(), variant.scene.clone());
        self.inner.events.send(Event::Variants(story, scene));
    }
}

/// Batches.
impl Service {
    /// Asks for so many variants of a scene, with seeds from the given one on, or fresh ones. They are kept when this answers,
    /// and stay candidates.
    ///
    /// # Errors
    /// If there is no such engine or style, the engine cannot do what is wanted, or the journal cannot be written.
    pub async fn start_variants(
        &self,
        story: &StoryId,
        scene: &SceneId,
        wanted: Wanted,
        count: usize,
    ) -> Result<BatchId, Problem> {
        let count = count.clamp(1, MOST_VARIANTS);
        let ai = self.drawing_engine(&wanted.engine)?;
        plan::check_style(wanted.style.as_deref())?;
        check_wanted(&wanted, &ai.abilities())?;
        let first = wanted.seed.filter(|_| ai.abilities().seed).unwrap_or_else(fresh_seed);
        let one = |at: usize| Wanted {
            seed: Some(first.wrapping_add(u32::try_from(at).unwrap_or(0))),
            ..wanted.clone()
        };
        let plan = BatchPlan {
            title: match count {
                1 => "1 variant".to_owned(),
                many => format!("{many} variants"),
            },
            items: vec![PlannedScene {
                story: story.clone(),
                story_title: String::new(),
                scene: scene.clone(),
                index: 0,
                place: false,
                wanted: (0..count).map(one).collect(),
            }],
            pictures: count,
            made_before: 0,
            uncertain: 0,
            cost: None,
            seconds: None,
            place: false,
            engine: wanted.engine.clone(),
            left_out: Vec::new(),
        };
        Ok(self.queue(&plan).await?.0)
    }

    /// Begins a batch. It is on disk when this answers.
    ///
    /// # Errors
    /// If nothing is to be done, the engine is gone, or the journal cannot be written.
    pub async fn start_batch(&self, plan: BatchPlan) -> Result<BatchId, Problem> {
        Ok(self.begin_batch(&plan).await?.0)
    }

    async fn begin_batch(&self, plan: &BatchPlan) -> Result<(BatchId, i64), Problem> {
        if plan.items.is_empty() {
            let advice = plan.left_out.first().cloned().unwrap_or_default();
            return Err(Problem::new("There is nothing to draw.", advice));
        }
        if plan.place {
            self.permit_bucket().await?;
        }
        self.queue(plan).await
    }

    /// The variants of a batch, in its order; the first thousand of them.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn batch_variants(&self, id: &BatchId) -> Result<Vec<Variant>, Problem> {
        let rows = self.journal().generations_of_batch(id.uuid(), 0, PAGE).await?;
        Ok(rows.into_iter().filter_map(crate::story::variant).collect())
    }

    /// Says what is wanted of a batch.
    ///
    /// # Errors
    /// If there is no such batch, or the journal cannot be written.
    pub async fn wish_batch(&self, id: &BatchId, wish: BatchWish) -> Result<(), Problem> {
        let journal = self.journal();
        let batch = journal.batch(id.uuid()).await?.ok_or(StoryError::NoSuchBatch(*id))?;
        match wish {
            BatchWish::Pause => drop(journal.want_batch(id.uuid(), "pause", now()).await?),
            BatchWish::Resume => drop(journal.want_batch(id.uuid(), "run", now()).await?),
            BatchWish::Cancel => {
                let again = matches!(batch.wanted.as_str(), "cancel" | "abandon");
                let wanted = if again { "abandon" } else { "cancel" };
                journal.want_batch(id.uuid(), wanted, now()).await?;
                // What was cancelled before an engine was asked is over, whether or not anybody runs the queue.
                journal.end_batches(now()).await?;
            }
            BatchWish::First => drop(journal.place_batch(id.uuid(), true).await?),
            BatchWish::Last => drop(journal.place_batch(id.uuid(), false).await?),
            BatchWish::Retry => drop(journal.retry_batch(id.uuid()).await?),
        }
        self.inner.queue.tell();
        self.inner.events.send(Event::Batch(*id));
        for variant in self.batch_variants(id).await? {
            self.tell_of_scene(&variant);
        }
        Ok(())
    }

    /// Begins a batch and waits until it has come to its end, or waits for somebody. `cancel` pauses it: what was asked for
    /// is waited for, because it is paid for.
    ///
    /// # Errors
    /// If it cannot be begun, or the journal cannot be written.
    pub async fn run_batch(
        &self,
        plan: &BatchPlan,
        observe: &(dyn Fn(&Batch) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Batch, Problem> {
        let (id, number) = self.begin_batch(plan).await?;
        self.follow_batch(id, number, observe, cancel).await
    }

    /// Goes on with a batch that was paused or left, and waits for it as [`Service::run_batch`] does.
    ///
    /// # Errors
    /// If there is no such batch, or the journal cannot be written.
    pub async fn resume_batch(
        &self,
        id: &BatchId,
        observe: &(dyn Fn(&Batch) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Batch, Problem> {
        self.wish_batch(id, BatchWish::Resume).await?;
        let row = self
            .journal()
            .batch(id.uuid())
            .await?
            .ok_or(StoryError::NoSuchBatch(*id))?;
        self.follow_batch(*id, row.number, observe, cancel).await
    }

    async fn follow_batch(
        &self,
        id: BatchId,
        number: i64,
        observe: &(dyn Fn(&Batch) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Batch, Problem> {
        let run = Run::of_batch(self, id, number).run();
        tokio::pin!(run);
        let mut paused = false;
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(200));
        loop {
            tokio::select! {
                ran = &mut run => {
                    ran?;
                    return self.batch(&id).await;
                }
                () = cancel.cancelled(), if !paused => {
                    paused = true;
                    self.wish_batch(&id, BatchWish::Pause).await?;
                }
                _ = tick.tick() => observe(&self.batch(&id).await?),
            }
        }
    }

    /// Runs what is queued and what comes, until this service is closed. For the window.
    pub fn keep_drawing(&self) {
        let run = Run::always(self);
        let events = self.inner.events.clone();
        let work = async move {
            if let Err(problem) = run.run().await {
                events.send(Event::DrawingStopped(problem));
            }
        };
        let mut task = self.inner.queue.task.lock().unwrap_or_else(PoisonError::into_inner);
        task.get_or_insert_with(|| self.inner.runtime.spawn(work));
    }

    /// Lets what was asked for come, and asks for nothing more. What is left goes on when the workspace is opened again.
    pub(super) async fn stop_drawing(&self) {
        let queue = Arc::clone(&self.inner.queue);
        queue.stop.cancel();
        let task = queue.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // It ends by itself; that it panicked has been told.
            let _ = task.await;
        }
    }

    /// What a picture of an engine costs, as far as it is known.
    fn price_of(&self, engine: &EngineId) -> Option<Money> {
        self.find_engine(engine).and_then(|engine| engine.price)
    }

    pub(super) fn journal(&self) -> &Journal {
        self.inner.queue.variants.journal()
    }
}

/// Says what an engine cannot do before it is asked: the picture would be another one.
fn check_wanted(wanted: &Wanted, abilities: &crate::ai::Abilities) -> Result<(), Problem> {
    if wanted.prompt.trim().is_empty() {
        return Err(Problem::new("There are no words to draw from.", "Write what is to be seen.").beside("prompt"));
    }
    if wanted.base.is_some() && !abilities.base {
        let what = format!("“{}” cannot begin from another picture.", wanted.engine);
        return Err(Problem::new(what, "Choose another engine, or begin from nothing."));
    }
    let (engine, from_picture) = (&wanted.engine, wanted.base.is_some());
    let most = abilities.references_beside(from_picture);
    if wanted.references.len() > most {
        let what = match (most, from_picture) {
            (0, false) => format!("“{engine}” takes no reference pictures."),
            (0, true) => format!("“{engine}” takes no reference pictures beside the one that it begins from."),
            (1, _) => format!("“{engine}” takes at most one reference picture here."),
            (most, _) => format!("“{engine}” takes at most {most} reference pictures here."),
        };
        return Err(Problem::new(what, "Take some away, or choose another engine."));
    }
    Ok(())
}

/// Whether pictures of a provider cost nothing, so that they may be asked for again after a crash.
fn is_free(provider: Option<&Provider>) -> bool {
    provider.is_some_and(|provider| provider.is_built_in() || provider.price == Some(Money::ZERO))
}

/// A seed of its own for each picture.
fn fresh_seed() -> u32 {
    uuid::Uuid::new_v4().as_fields().0
}

/// What was forgotten before this time has been kept for so many days.
pub(super) fn forgotten_before(now: jiff::Timestamp, days: u32) -> jiff::Timestamp {
    let kept = jiff::SignedDuration::from_hours(i64::from(days.max(1)) * 24);
    now.checked_sub(kept).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// Now, as the journal counts time.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
