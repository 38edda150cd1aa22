//! Batches: variants that are asked for together, over many scenes and stories; what they will cost, and how far they are.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{SceneId, StoryId, Wanted};
use crate::workspace::{EngineId, Money};

/// The identity of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(Uuid);

/// A text that is no id of a batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not the id of a batch; ids look like 8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f")]
pub struct NotABatch(pub String);

impl BatchId {
    /// A fresh one.
    #[must_use]
    pub fn fresh() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads one that a person typed.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, NotABatch> {
        Uuid::parse_str(text.trim())
            .map(Self)
            .map_err(|_| NotABatch(text.chars().take(60).collect()))
    }

    /// As the journal knows it.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How the pictures of a batch are made.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchSettings {
    /// Who draws.
    pub engine: EngineId,
    /// The model, if it is not the engine's usual one.
    pub model: Option<String>,
    /// The name of a [style](super::Style).
    pub style: Option<String>,
    /// What no picture must show, for engines that take that.
    pub negative: Option<String>,
    /// The first variant's seed; the stories' own unless given.
    pub seed: Option<u32>,
    /// Variants a scene.
    pub per_scene: usize,
    /// Whether the first variant of a scene is put into it, if it has no picture then.
    pub place: bool,
    /// Whether only scenes without a picture are taken.
    pub missing_only: bool,
}

impl BatchSettings {
    /// One variant for each scene that has no picture, and into it.
    #[must_use]
    pub fn missing(engine: EngineId) -> Self {
        Self {
            engine,
            model: None,
            style: None,
            negative: None,
            seed: None,
            per_scene: 1,
            place: true,
            missing_only: true,
        }
    }
}

/// A scene in a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedScene {
    /// The story.
    pub story: StoryId,
    /// The story's title.
    pub story_title: String,
    /// The scene.
    pub scene: SceneId,
    /// Its place in the story, from 0.
    pub index: usize,
    /// Whether the first of its variants is put into it, if it has no picture then.
    pub place: bool,
    /// What each of its variants is wanted to be, in order.
    pub wanted: Vec<Wanted>,
}

/// What a batch will do. Nothing is kept or asked for yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BatchPlan {
    /// In words: "12 scenes × 2 variants".
    pub title: String,
    /// The scenes.
    pub items: Vec<PlannedScene>,
    /// Pictures in all.
    pub pictures: usize,
    /// Of these, pictures that were made before and are not paid for again.
    pub made_before: usize,
    /// Variants of these scenes that may have been charged for, though no picture came.
    pub uncertain: usize,
    /// What it will cost, as far as the engine's price is known.
    pub cost: Option<Money>,
    /// How long it will take, by what the engine took lately.
    pub seconds: Option<u64>,
    /// Whether the first variant of a scene is put into it.
    pub place: bool,
    /// Who draws.
    pub engine: EngineId,
    /// What is left out, and why, as sentences.
    pub left_out: Vec<String>,
}

/// How many variants stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VariantCounts {
    /// Not asked for yet.
    pub queued: u64,
    /// The model is at them.
    pub drawing: u64,
    /// Made.
    pub made: u64,
    /// Of those, put into their scenes.
    pub placed: u64,
    /// Of those, still to be put there.
    pub to_place: u64,
    /// Of those, those that could not be put there.
    pub not_placed: u64,
    /// Refused by the provider.
    pub refused: u64,
    /// Failed.
    pub failed: u64,
    /// Not wanted any more.
    pub cancelled: u64,
    /// Nobody knows.
    pub uncertain: u64,
}

impl VariantCounts {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.queued + self.over() + self.drawing
    }

    /// Those to which nothing more happens by itself, but for being put into their scenes.
    #[must_use]
    pub fn over(&self) -> u64 {
        self.made + self.refused + self.failed + self.cancelled + self.uncertain
    }
}

/// How far a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// It goes on, here or in another process.
    Running,
    /// It would go on, and nobody runs the queue just now.
    Waiting,
    /// Somebody has paused it.
    Paused,
    /// It waits by itself for something that a person has to decide, such as a budget.
    Held,
    /// It is being brought to an end.
    Cancelling,
    /// Nothing is left to do.
    Ended,
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Batch {
    /// Its identity.
    pub id: BatchId,
    /// In words.
    pub title: String,
    /// How far it is.
    pub state: BatchState,
    /// Its variants by where they stand.
    pub counts: VariantCounts,
    /// Why it waits just now, as a sentence: "Waits 2 s: the server asked for it."
    pub waiting: Option<String>,
    /// What it has cost, as far as known.
    pub cost: Money,
    /// What all of it is expected to cost, if that is known.
    pub estimate: Option<Money>,
    /// How long it will take, by what the engines took lately.
    pub left: Option<Duration>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When the last of it came to an end.
    pub ended_at: Option<Timestamp>,
}

impl Batch {
    /// Whether it is paused by somebody.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.state == BatchState::Paused
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state == BatchState::Ended
    }
}

/// What somebody wants of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchWish {
    /// Nothing more is asked for until it is to go on; what was asked for is waited for.
    Pause,
    /// It goes on.
    Resume,
    /// What was not asked for yet is not; what was, is waited for, because it is paid for. Wanted a second time, that is
    /// given up as well, and may have been charged for.
    Cancel,
    /// Before all others.
    First,
    /// Behind all others.
    Last,
    /// What failed or was cancelled is asked for again. What was refused, or may have been charged for, is not.
    Retry,
}
