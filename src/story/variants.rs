//! The variants of a workspace, as its journal keeps them.

use std::time::Duration;

use bytes::Bytes;
use jiff::{Timestamp, ZonedDateTime};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::batch::{BatchId, PlannedScene, VariantCounts};
use super::variant::{Picture, Placement, Variant, VariantId, VariantSource, VariantState, Verdict, Wanted};
use super::{SceneId, StoryError, StoryId};
use crate::journal::{
    BatchRow, GenerationRow, Held, Journal, NewGeneration, NewPicture, PictureRow, Purged, Recipe, sha256,
};
use crate::media;
use crate::workspace::{EngineId, Money, Provider};

/// What a model answered with, beside the bytes.
#[derive(Clone, Debug, Default)]
pub struct DrawnFacts {
    /// The seed that was really used.
    pub seed: Option<u64>,
    /// What it cost.
    pub cost: Option<Money>,
    /// The model, as it calls itself.
    pub model: String,
    /// What it said about the picture.
    pub note: Option<String>,
    /// The recipe that the picture also answers.
    pub recipe: Option<Recipe>,
}

/// The variants of a workspace. Clones are handles to the same journal.
#[derive(Clone)]
pub struct Variants {
    journal: Journal,
}

/// Why a picture failed, as the journal keeps it.
#[derive(Serialize, Deserialize)]
struct Why {
    sentence: String,
    #[serde(default)]
    hint: String,
    #[serde(default)]
    again: bool,
}

impl Variants {
    /// Those of a journal.
    #[must_use]
    pub fn new(journal: Journal) -> Self {
        Self { journal }
    }

    /// The journal that they are in.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The variants of a scene, first asked for first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn of_scene(&self, story: &StoryId, scene: &SceneId) -> Result<Vec<Variant>, StoryError> {
        let rows = self
            .journal
            .generations_of(story.to_string(), scene.to_string())
            .await?;
        Ok(rows.into_iter().filter_map(variant).collect())
    }

    /// One variant.
    ///
    /// # Errors
    /// If the journal cannot be read or has no such variant.
    pub async fn get(&self, id: VariantId) -> Result<Variant, StoryError> {
        let row = self.journal.generation(id.uuid()).await?;
        row.and_then(variant).ok_or(StoryError::NoSuchVariant(id))
    }

    /// A variant's bytes as they came.
    ///
    /// # Errors
    /// If there is no such variant, it has no picture, or its bytes are gone or damaged.
    pub async fn bytes(&self, id: VariantId) -> Result<Bytes, StoryError> {
        let variant = self.get(id).await?;
        let picture = variant.picture.ok_or(StoryError::NoPictureYet(id))?;
        self.kept(&picture.sha256).await
    }

    /// The bytes of that hash, as the journal's folder holds them.
    ///
    /// # Errors
    /// If they are gone or damaged.
    pub async fn kept(&self, sha256: &str) -> Result<Bytes, StoryError> {
        let bytes = self.journal.generation_bytes(sha256.to_owned()).await?;
        bytes.ok_or_else(|| StoryError::BytesGone(sha256.to_owned()))
    }

    /// Keeps a batch: each of its variants waits for its turn. Gives back the number by which batches are ordered in time.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub async fn queue(
        &self,
        id: BatchId,
        title: String,
        items: &[PlannedScene],
        (free, price): (bool, Option<Money>),
    ) -> Result<i64, StoryError> {
        let mut generations = Vec::new();
        for item in items {
            for (at, wanted) in item.wanted.iter().enumerate() {
                generations.push(NewGeneration {
                    id: VariantId::fresh().uuid(),
                    story: item.story.to_string(),
                    scene: item.scene.to_string(),
                    engine: wanted.engine.to_string(),
                    free,
                    request: serde_json::to_string(wanted).unwrap_or_default(),
                    estimate: price.map(Money::micros),
                    place: item.place && at == 0,
                });
            }
        }
        Ok(self.journal.add_batch(id.uuid(), title, generations, now()).await?)
    }

    /// Keeps a picture that an editor brought for a scene, as a candidate.
    ///
    /// # Errors
    /// If it is no picture, is damaged, or cannot be kept.
    pub async fn bring(
        &self,
        story: &StoryId,
        scene: &SceneId,
        bytes: Bytes,
        file_name: &str,
    ) -> Result<VariantId, StoryError> {
        let id = VariantId::fresh();
        let picture = looked_at(bytes, DrawnFacts::default()).await?;
        let place = (story.to_string(), scene.to_string());
        self.journal
            .bring_generation(id.uuid(), place, file_name.to_owned(), picture, now())
            .await?;
        Ok(id)
    }

    /// Keeps a picture that others are to be made from, or like. Gives back the hash by which a
    /// [reference](super::PictureRef::Kept) names it.
    ///
    /// # Errors
    /// If it is no picture, is damaged, or cannot be kept.
    pub async fn keep_reference(&self, bytes: Bytes) -> Result<String, StoryError> {
        let picture = looked_at(bytes, DrawnFacts::default()).await?;
        self.keep_unseen(picture.bytes).await
    }

    /// Keeps bytes whatever they are. Gives back their hash.
    ///
    /// # Errors
    /// If they cannot be kept.
    pub async fn keep_unseen(&self, bytes: Bytes) -> Result<String, StoryError> {
        Ok(self.journal.keep_reference(bytes).await?)
    }

    /// Says what an editor thinks of a variant.
    ///
    /// # Errors
    /// If there is no such variant, or the journal cannot be written.
    pub async fn judge(&self, id: VariantId, verdict: Verdict) -> Result<(), StoryError> {
        let known = self.journal.judge_generation(id.uuid(), verdict.stored()).await?;
        known.then_some(()).ok_or(StoryError::NoSuchVariant(id))
    }

    /// Shows a variant no more. One that waits is not asked for; what one has cost stays in the sums.
    ///
    /// # Errors
    /// If there is no such variant, or a model is at it just now.
    pub async fn forget(&self, id: VariantId) -> Result<(), StoryError> {
        let gone = self.journal.forget_generation(id.uuid(), now()).await?;
        gone.then_some(()).ok_or(StoryError::NoSuchVariant(id))
    }

    /// Removes for good what was forgotten before a time: files and words. Whatever a scene was given, a draft has chosen, an editor
    /// has kept or another picture is made from stays. What all of it has cost stays in the sums. `only_look` removes nothing.
    ///
    /// # Errors
    /// If the journal cannot be written, or its folder cannot be read.
    pub async fn purge(&self, before: Timestamp, only_look: bool) -> Result<Purged, StoryError> {
        Ok(self
            .journal
            .purge_generations(before.as_millisecond(), only_look)
            .await?)
    }

    /// Says where a variant was uploaded to, before any row points at it.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub async fn stored(&self, id: VariantId, bucket: &str, key: &str) -> Result<(), StoryError> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        Ok(self.journal.generation_stored(id.uuid(), bucket, key).await?)
    }

    /// Says that a scene was given a variant.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub async fn placed(&self, id: VariantId) -> Result<(), StoryError> {
        self.settle_place(id, &Placement::Done).await
    }

    /// Says what became of putting a variant into its scene.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub async fn settle_place(&self, id: VariantId, place: &Placement) -> Result<(), StoryError> {
        let (place, detail) = match place {
            Placement::Candidate => ("no", None),
            Placement::Wanted => ("wanted", None),
            Placement::Done => ("done", None),
            Placement::Taken => ("taken", None),
            Placement::Failed { sentence, hint } => {
                let why = Why {
                    sentence: sentence.clone(),
                    hint: hint.clone(),
                    again: true,
                };
                ("failed", serde_json::to_string(&why).ok())
            }
        };
        Ok(self.journal.generation_placed(id.uuid(), place, detail).await?)
    }

    /// Says that a model is asked now, with what. False if it is not to be asked for any more.
    ///
    /// # Errors
    /// If the journal cannot be written; then nothing may be asked.
    pub async fn begin(&self, id: VariantId, sent: String) -> Result<bool, StoryError> {
        Ok(self.journal.begin_generation(id.uuid(), sent, now()).await?)
    }

    /// A turn for the queue to ask an engine for a picture, for as long as it is kept: no more than so many have one, whoever asks, in
    /// whichever process. None if all are taken, or if somebody [waits](Self::wait_for_turn) outside of the queue.
    ///
    /// # Errors
    /// If the journal's folder cannot be written.
    pub async fn turn(&self, engine: &EngineId, at_once: usize) -> Result<Option<Held>, StoryError> {
        let (name, waiting) = (turns(engine), waiting(engine));
        let taken = self.journal.run(move |journal| match journal.is_held(&waiting) {
            true => Ok(None),
            false => journal.hold_one_of(&name, at_once),
        });
        Ok(taken.await?)
    }

    /// Waits for a turn outside of the queue, which has many pictures to ask for and lets this one go first.
    ///
    /// # Errors
    /// If it is stopped before it has one, or the journal's folder cannot be written.
    pub async fn wait_for_turn(
        &self,
        engine: &EngineId,
        at_once: usize,
        stop: &CancellationToken,
    ) -> Result<Held, StoryError> {
        const AGAIN: Duration = Duration::from_millis(20);
        let mut waits = None;
        loop {
            if stop.is_cancelled() {
                return Err(StoryError::Cancelled);
            }
            let name = turns(engine);
            let taken = self.journal.run(move |journal| journal.hold_one_of(&name, at_once));
            if let Some(turn) = taken.await? {
                return Ok(turn);
            }
            if waits.is_none() {
                let name = waiting(engine);
                waits = self.journal.run(move |journal| journal.hold_with_others(&name)).await?;
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Notes a picture that is asked for now, outside of any batch, as a variant of its scene.
    ///
    /// # Errors
    /// If it would pass the provider's budget, or the journal cannot be written; then nothing may be asked.
    pub async fn begin_alone(
        &self,
        story: &StoryId,
        recipe: &Recipe,
        provider: &Provider,
    ) -> Result<VariantId, StoryError> {
        let id = VariantId::fresh();
        let wanted = Wanted {
            seed: u32::try_from(recipe.seed).ok(),
            width: recipe.size.0,
            height: recipe.size.1,
            ..Wanted::new(provider.id(), recipe.prompt.as_str())
        };
        let new = NewGeneration {
            id: id.uuid(),
            story: story.to_string(),
            scene: recipe.scene_id.clone(),
            engine: wanted.engine.to_string(),
            free: provider.is_built_in() || provider.price == Some(Money::ZERO),
            request: serde_json::to_string(&wanted).unwrap_or_default(),
            estimate: provider.price.map(Money::micros),
            place: false,
        };
        let budget = provider
            .budget
            .map(|budget| (since_began(jiff::Unit::Month), budget.micros()));
        match self.journal.begin_generation_alone(new, now(), budget).await? {
            None => Ok(id),
            Some(spent) => Err(StoryError::OverBudget {
                engine: provider.name.clone(),
                budget: provider.budget.unwrap_or_default(),
                spent: Money::from_micros(spent),
            }),
        }
    }

    /// Keeps what the model sent: bytes first.
    ///
    /// # Errors
    /// If it is damaged or cannot be kept.
    pub async fn made(&self, id: VariantId, bytes: Bytes, facts: DrawnFacts) -> Result<(), StoryError> {
        let picture = looked_at(bytes, facts).await?;
        self.journal.generation_made(id.uuid(), picture, now()).await?;
        Ok(())
    }

    /// Says how a variant ended without a picture, and what it has cost all the same, or that it waits again.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub async fn end(&self, id: VariantId, state: &VariantState, cost: Option<Money>) -> Result<(), StoryError> {
        let why = match state {
            VariantState::Refused { message: sentence } | VariantState::Uncertain { sentence } => Some(Why {
                sentence: sentence.clone(),
                hint: String::new(),
                again: false,
            }),
            VariantState::Failed { sentence, hint, again } => Some(Why {
                sentence: sentence.clone(),
                hint: hint.clone(),
                again: *again,
            }),
            _ => None,
        };
        let detail = why.and_then(|why| serde_json::to_string(&why).ok());
        Ok(self
            .journal
            .end_generation(id.uuid(), state.stored(), (detail, cost.map(Money::micros)), now())
            .await?)
    }
}

/// Now, as the journal counts time.
pub(super) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// When this day or month began, by the clock of this computer, in milliseconds since 1970.
pub(crate) fn since_began(unit: jiff::Unit) -> i64 {
    let now = ZonedDateTime::now();
    let began = match unit {
        jiff::Unit::Month => now.first_of_month().and_then(|day| day.start_of_day()),
        _ => now.start_of_day(),
    };
    began.map_or(0, |began| began.timestamp().as_millisecond())
}

/// Looks at a picture before it is kept; what cannot be shown is none.
async fn looked_at(bytes: Bytes, facts: DrawnFacts) -> Result<NewPicture, StoryError> {
    let looked = bytes.clone();
    let found = tokio::task::spawn_blocking(move || media::inspect(&looked))
        .await
        .map_err(|_| StoryError::Cancelled)??;
    Ok(NewPicture {
        bytes,
        media_type: found.media_type.mime().to_owned(),
        width: found.width,
        height: found.height,
        seed: facts.seed,
        cost: facts.cost.map(Money::micros),
        model: facts.model,
        note: facts.note,
        recipe: facts.recipe,
    })
}

/// An id as it was written.
fn id_of<T: DeserializeOwned>(text: String) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text)).ok()
}

/// A variant as the journal keeps it. One that a newer program wrote in a way that this one cannot read is not shown.
pub fn variant(row: GenerationRow) -> Option<Variant> {
    let time = |at: i64| Timestamp::from_millisecond(at).ok();
    let id = VariantId::parse(&row.id).ok()?;
    let why = row
        .detail
        .as_deref()
        .and_then(|json| serde_json::from_str::<Why>(json).ok());
    let state = match row.state.as_str() {
        "queued" => VariantState::Queued,
        "drawing" => VariantState::Drawing,
        "made" => VariantState::Made,
        "refused" => VariantState::Refused {
            message: why.map(|why| why.sentence).unwrap_or_default(),
        },
        "failed" => {
            let why = why?;
            VariantState::Failed {
                sentence: why.sentence,
                hint: why.hint,
                again: why.again,
            }
        }
        "cancelled" => VariantState::Cancelled,
        "uncertain" => VariantState::Uncertain {
            sentence: why.map(|why| why.sentence).unwrap_or_default(),
        },
        _ => return None,
    };
    let (wanted, source) = match row.engine {
        Some(_) => (
            Some(serde_json::from_str::<Wanted>(&row.request).ok()?),
            VariantSource::Drawn,
        ),
        None => (None, VariantSource::Brought { file_name: row.request }),
    };
    let place = match row.place.as_str() {
        "wanted" => Placement::Wanted,
        "done" => Placement::Done,
        "taken" => Placement::Taken,
        "failed" => {
            let why = row
                .place_detail
                .as_deref()
                .and_then(|json| serde_json::from_str::<Why>(json).ok());
            let why = why.unwrap_or(Why {
                sentence: String::new(),
                hint: String::new(),
                again: true,
            });
            Placement::Failed {
                sentence: why.sentence,
                hint: why.hint,
            }
        }
        _ => Placement::Candidate,
    };
    let expected = match state {
        VariantState::Queued | VariantState::Drawing | VariantState::Uncertain { .. } => row.estimate,
        _ => None,
    };
    Some(Variant {
        id,
        story: id_of(row.story)?,
        scene: id_of(row.scene)?,
        ordinal: row.ordinal,
        wanted,
        verdict: match row.verdict.as_str() {
            "kept" => Verdict::Kept,
            "rejected" => Verdict::Rejected,
            _ => Verdict::Open,
        },
        picture: row.picture.map(picture),
        seed: row.seed,
        model: row.model,
        cost: row.cost.or(expected).map(Money::from_micros),
        queued_at: time(row.queued_at)?,
        asked_at: row.asked_at.and_then(time),
        ended_at: row.ended_at.and_then(time),
        attempts: row.attempts,
        note: row.note,
        source,
        place,
        stored_at: row.stored_at,
        batch: row.batch.and_then(|id| BatchId::parse(&id).ok()),
        state,
    })
}

/// The name of the turns to ask an engine.
fn turns(engine: &EngineId) -> String {
    format!("ask-{}", sha256(engine.as_str().to_lowercase().as_bytes()))
}

/// The name of waiting for one of them outside of the queue.
fn waiting(engine: &EngineId) -> String {
    format!("{}-waiting", turns(engine))
}

fn picture(row: PictureRow) -> Picture {
    Picture {
        sha256: row.sha256,
        media_type: row.media_type,
        width: row.width,
        height: row.height,
        bytes: row.size,
    }
}

/// Adds up where the variants of a batch stand.
#[must_use]
pub fn counts(row: &BatchRow) -> VariantCounts {
    let mut counts = VariantCounts::default();
    for count in &row.counts {
        let state = match count.state.as_str() {
            "queued" => &mut counts.queued,
            "drawing" => &mut counts.drawing,
            "made" => &mut counts.made,
            "refused" => &mut counts.refused,
            "failed" => &mut counts.failed,
            "uncertain" => &mut counts.uncertain,
            _ => &mut counts.cancelled,
        };
        *state += count.pictures;
        if count.state == "made" {
            match count.place.as_str() {
                "wanted" => counts.to_place += count.pictures,
                "done" => counts.placed += count.pictures,
                "failed" => counts.not_placed += count.pictures,
                _ => {}
            }
        }
    }
    counts
}
