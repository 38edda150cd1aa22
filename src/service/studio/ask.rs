//! One variant: asked of its engine, and kept.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::queue::EngineWait;
use crate::ai::{Ai, AiError, PaintProgress, Painted};
use crate::service::{Event, Problem, Service};
use crate::story::{DrawnFacts, Placement, StoryError, Variant, VariantId, VariantState, Wanted};
use crate::workspace::Money;

/// Times that a variant is asked for whose engine was busy or could not be reached.
pub(super) const TRIES: u32 = 4;

/// How long it is waited between attempts to keep what was paid for on a disk that is full.
const AGAIN: Duration = Duration::from_secs(2);

/// The longest wait between two attempts whose server asked for none.
const LONGEST: u32 = 60;

impl Service {
    /// Asks for a variant and keeps what comes. Whatever happens is in the journal when this ends.
    pub(super) async fn draw_variant(&self, variant: &Variant, give_up: &CancellationToken) {
        if let Err(problem) = self.try_to_draw(variant, give_up).await
            && !self.waits_for_project(variant, &problem).await
        {
            let state = VariantState::Failed {
                again: problem.retry,
                sentence: problem.what,
                hint: problem.advice,
            };
            self.ended(variant, &state, None).await;
        }
        self.inner
            .events
            .send(Event::Variants(variant.story.clone(), variant.scene.clone()));
    }

    /// Nothing was asked of an engine, because the project could not be reached: that is no fault of the picture, which stays in the
    /// queue and is tried again a little later. After some times its batch waits for somebody. Whether it is so.
    async fn waits_for_project(&self, variant: &Variant, problem: &Problem) -> bool {
        let (Some(wanted), Some(batch)) = (&variant.wanted, variant.batch) else {
            return false;
        };
        if !is_out_of_reach(problem) {
            return false;
        }
        let queue = &self.inner.queue;
        if queue.waits(&wanted.engine, Timestamp::now()).is_some() {
            return true;
        }
        let tries = queue.not_reached();
        if tries < TRIES {
            let after = pause(tries);
            let wait = EngineWait {
                until: later(SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX)),
                why: format!(
                    "Waits {}: the project cannot be reached. Attempt {} of {TRIES} comes then.",
                    seconds(after),
                    tries + 1
                ),
            };
            queue.wait(&wanted.engine, wait);
            self.tell_of_batch(variant);
        } else {
            queue.reached();
            self.hold(batch, problem.sentences()).await;
        }
        true
    }

    async fn try_to_draw(&self, variant: &Variant, give_up: &CancellationToken) -> Result<(), Problem> {
        let Some(wanted) = &variant.wanted else { return Ok(()) };
        let Some(ai) = self.engine_ai(&wanted.engine) else {
            let what = format!("There is no engine “{}” in this workspace any more.", wanted.engine);
            return Err(Problem::new(what, "Choose another engine."));
        };
        let composed = self.compose(&ai, variant, wanted).await?;
        self.inner.queue.reached();
        let variants = &self.inner.queue.variants;
        if !variants.begin(variant.id, composed.sent).await? {
            return Ok(());
        }
        // Its batch has one more at work.
        self.variant_changed(variant);
        // Somebody may have paid for the very same before.
        if let Some(recipe) = composed.recipe.clone() {
            let made = variants.journal().run(move |journal| journal.picture(&recipe)).await?;
            if let Some(made) = made {
                let facts = DrawnFacts {
                    seed: composed.request.seed.filter(|_| ai.abilities().seed),
                    cost: Some(Money::ZERO),
                    model: composed
                        .request
                        .model
                        .unwrap_or_else(|| ai.provider().image_model.clone()),
                    note: made.note,
                    recipe: None,
                };
                return Ok(variants.made(variant.id, made.bytes, facts).await?);
            }
        }
        let queue = &self.inner.queue;
        let progress = |progress: PaintProgress| queue.progressed(variant.id, progress.fraction, progress.left);
        let painted = tokio::select! {
            painted = ai.paint(&composed.request, &progress) => painted,
            () = give_up.cancelled() => Err(AiError::Cancelled),
        };
        match painted {
            Ok(painted) => {
                let price = self.price_of(&wanted.engine);
                let facts = DrawnFacts {
                    seed: painted.seed.or(composed.request.seed.filter(|_| ai.abilities().seed)),
                    cost: painted.cost.or(price),
                    model: painted.model.clone(),
                    note: painted.note.as_deref().map(|note| composed.disguise.restore(note)),
                    recipe: composed.recipe,
                };
                self.keep(variant, painted, facts).await;
            }
            Err(error) => self.failed(variant, wanted, &ai, error).await,
        }
        Ok(())
    }

    /// Keeps what was paid for, however long it takes until there is room for it.
    async fn keep(&self, variant: &Variant, painted: Painted, facts: DrawnFacts) {
        let queue = &self.inner.queue;
        loop {
            match queue
                .variants
                .made(variant.id, painted.bytes.clone(), facts.clone())
                .await
            {
                Ok(()) => return,
                Err(StoryError::Picture(error)) => {
                    // It was paid for; it is kept, though nobody can look at it here.
                    let sentence = match queue.variants.keep_unseen(painted.bytes.clone()).await {
                        Ok(sha256) => format!("{error} What came is kept as pictures/{sha256}."),
                        Err(_) => error.to_string(),
                    };
                    let hint = "Choose another engine or model, or another form of pictures for it.".to_owned();
                    let free = variant
                        .wanted
                        .as_ref()
                        .and_then(|wanted| self.engine_ai(&wanted.engine));
                    let state = match super::is_free(free.as_ref().map(Ai::provider)) {
                        true => VariantState::Failed {
                            sentence,
                            hint,
                            again: true,
                        },
                        false => VariantState::Uncertain {
                            sentence: format!("{sentence} {hint}"),
                        },
                    };
                    return self.ended(variant, &state, facts.cost).await;
                }
                Err(error) => {
                    let problem = Problem::from(error);
                    tracing::warn!(variant = %variant.id, "a picture is not kept yet: {}", problem.what);
                    if let Some(wanted) = &variant.wanted {
                        let wait = EngineWait {
                            until: later(SignedDuration::from_secs(4)),
                            why: format!("{} A picture that was made waits in memory.", problem.what),
                        };
                        queue.wait(&wanted.engine, wait);
                    }
                    self.tell_of_batch(variant);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                () = queue.stop.cancelled() => return,
            }
        }
    }

    /// Says in the journal what became of a request that brought no picture.
    async fn failed(&self, variant: &Variant, wanted: &Wanted, ai: &Ai, error: AiError) {
        let provider = ai.provider();
        let free = provider.is_built_in() || provider.price == Some(Money::ZERO);
        let tries = variant.attempts + 1;
        let waits = match &error {
            AiError::RateLimited { after, .. } if tries < TRIES => Some((*after, "the server asked for it")),
            AiError::Network { .. } if tries < TRIES => Some((None, "the server cannot be reached")),
            AiError::Overloaded { .. } | AiError::Broke { .. } if free && tries < TRIES => {
                Some((None, "the server has trouble of its own"))
            }
            _ => None,
        };
        if let Some((after, why)) = waits {
            let after = after.unwrap_or_else(|| Duration::from_secs(u64::from(LONGEST.min(5 << (tries - 1)))));
            let wait = EngineWait {
                until: later(SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX)),
                why: format!(
                    "Waits {}: {why}. Attempt {} of {TRIES} comes then.",
                    seconds(after),
                    tries + 1
                ),
            };
            self.inner.queue.wait(&wanted.engine, wait);
            return self.ended(variant, &VariantState::Queued, None).await;
        }
        // What is wrong with the account, the model or the line is wrong with all that come next.
        let holds = matches!(
            error,
            AiError::Auth { .. }
                | AiError::NoCredit { .. }
                | AiError::ModelGone { .. }
                | AiError::Unverified { .. }
                | AiError::NoSuchApi { .. }
                | AiError::RateLimited { .. }
                | AiError::Network { .. }
        );
        let (state, cost) = VariantState::without_picture(&error, free, self.price_of(&wanted.engine));
        if let (true, Some(batch), VariantState::Failed { sentence, hint, .. }) = (holds, variant.batch, &state) {
            self.hold(batch, format!("{sentence} {hint}").trim().to_owned()).await;
        }
        self.ended(variant, &state, cost).await;
    }

    /// Writes how a variant ended, until it is written; and into the row of a scene that was to show it.
    pub(super) async fn ended(&self, variant: &Variant, state: &VariantState, cost: Option<Money>) {
        let queue = &self.inner.queue;
        loop {
            match queue.variants.end(variant.id, state, cost).await {
                Ok(()) => break,
                Err(error) => tracing::warn!(variant = %variant.id, %error, "how a picture ended is not written yet"),
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                () = queue.stop.cancelled() => return,
            }
        }
        let why = match state {
            VariantState::Refused { message } => message,
            VariantState::Failed { sentence, .. } => sentence,
            VariantState::Uncertain { sentence } if !sentence.is_empty() => sentence,
            _ => return,
        };
        if variant.place == Placement::Wanted {
            self.inner
                .stories
                .note_failure(&variant.story, &variant.scene, why)
                .await;
        }
    }

    /// Notes that a batch waits for somebody.
    pub(super) async fn hold(&self, batch: crate::story::BatchId, why: String) {
        let journal = self.inner.queue.variants.journal();
        if let Err(error) = journal.hold_batch(batch.uuid(), why).await {
            tracing::warn!(%batch, %error, "that a batch waits is not written");
        }
        self.inner.events.send(Event::Batch(batch));
    }

    fn tell_of_batch(&self, variant: &Variant) {
        if let Some(batch) = variant.batch {
            self.inner.events.send(Event::Batch(batch));
        }
    }
}

/// Whether a request of the project had no answer at all.
pub(super) fn is_out_of_reach(problem: &Problem) -> bool {
    problem.exchange.is_some() && problem.http_status.is_none() && problem.retry
}

/// How long it is waited after so many times, from 1 on, that the project could not be reached.
pub(super) fn pause(tries: u32) -> Duration {
    Duration::from_secs(u64::from(5_u32 << tries.saturating_sub(1).min(4)))
}

pub(super) fn later(after: SignedDuration) -> Timestamp {
    Timestamp::now().checked_add(after).unwrap_or(Timestamp::MAX)
}

/// "2.0 s", "45 s", "3 min".
pub(super) fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

/// A variant that whoever runs the queue has in hand; dropped, it is let go.
pub(super) struct InHand {
    pub(super) queue: std::sync::Arc<super::queue::Queue>,
    pub(super) id: VariantId,
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.queue.let_go(self.id);
        self.queue.tell();
    }
}
