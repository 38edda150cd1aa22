//! Variants: the pictures that a scene could have. Each was asked of a model, or brought by an editor; one of them may be
//! shown. What a variant is wanted to be is kept before a model is asked, and its bytes before anything is done with them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::batch::BatchId;
use super::{PICTURE_SIZE, SceneId, StoryId};
use crate::workspace::{EngineId, Money};

/// The identity of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VariantId(Uuid);

/// A text that is no id of a variant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not the id of a variant; ids look like 8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f")]
pub struct NotAVariant(pub String);

impl VariantId {
    /// A fresh one.
    #[must_use]
    pub fn fresh() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads one that a person typed.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, NotAVariant> {
        Uuid::parse_str(text.trim())
            .map(Self)
            .map_err(|_| NotAVariant(text.chars().take(60).collect()))
    }

    /// As the journal knows it.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for VariantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A picture that another one is made from, or like.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureRef {
    /// What a scene shows when the model is asked.
    Live(StoryId, SceneId),
    /// A variant, of this scene or another one.
    Variant(VariantId),
    /// A picture that an editor brought for this, by the SHA-256 of its bytes; see [`super::Variants::keep_reference`].
    Kept(String),
}

/// What a picture is wanted to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// The words, as the editor knows them.
    pub prompt: String,
    /// The name of a [style](super::Style) whose words are added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// What it must not show, for engines that take that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negative: Option<String>,
    /// Who draws it.
    pub engine: EngineId,
    /// The model, if it is not the engine's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The seed. An engine that takes none draws another picture each time all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The picture that it begins from, where the engine can do that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<PictureRef>,
    /// How far it may go from that, from 0 (not at all) to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<f32>,
    /// Pictures of what is to be seen in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<PictureRef>,
}

impl Wanted {
    /// These words of this engine, at the usual size.
    #[must_use]
    pub fn new(engine: EngineId, prompt: impl Into<String>) -> Self {
        Self {
            prompt: prompt.into(),
            style: None,
            negative: None,
            engine,
            model: None,
            seed: None,
            width: PICTURE_SIZE.0,
            height: PICTURE_SIZE.1,
            base: None,
            strength: None,
            references: Vec::new(),
        }
    }
}

/// A picture that could be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variant {
    /// Its identity.
    pub id: VariantId,
    /// The story.
    pub story: StoryId,
    /// The scene.
    pub scene: SceneId,
    /// Its place among the scene's variants, from 0; it stays when others are forgotten.
    pub ordinal: u32,
    /// What it was wanted to be; none if an editor brought it.
    pub wanted: Option<Wanted>,
    /// Where it stands.
    pub state: VariantState,
    /// What the editor thinks of it.
    pub verdict: Verdict,
    /// The picture, once there is one.
    pub picture: Option<Picture>,
    /// The seed that was really used, where the engine takes one.
    pub seed: Option<u64>,
    /// The model that drew it, as it calls itself.
    pub model: Option<String>,
    /// What it cost, or is expected to cost while it is not made; unknown if nobody says.
    pub cost: Option<Money>,
    /// When the editor asked for it.
    pub queued_at: Timestamp,
    /// When the model was asked last.
    pub asked_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// How often the model was asked.
    pub attempts: u32,
    /// What the model said about it, such as the words that it understood.
    pub note: Option<String>,
    /// Where it is from.
    pub source: VariantSource,
    /// Whether it is to be put into its scene, and what became of that.
    pub place: Placement,
    /// Bucket and key, once it was uploaded.
    pub stored_at: Option<(String, String)>,
    /// The batch that it is of.
    pub batch: Option<BatchId>,
}

impl Variant {
    /// "A", "B", … "Z", "AA": what it is called beside the scene's others.
    #[must_use]
    pub fn letter(&self) -> String {
        letter(self.ordinal)
    }

    /// Whether its scene is to be given it as soon as it is made.
    #[must_use]
    pub fn is_on_its_way_to_its_scene(&self) -> bool {
        let comes = !self.state.is_over() || self.state == VariantState::Made;
        self.place == Placement::Wanted && comes
    }

    /// Whether a scene was given it.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        self.place == Placement::Done
    }
}

fn letter(ordinal: u32) -> String {
    let mut rest = ordinal;
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => return letters.iter().rev().collect(),
        }
    }
}

/// Where a variant stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum VariantState {
    /// Its turn has not come.
    Queued,
    /// The model is at it.
    Drawing,
    /// There is a picture.
    Made,
    /// The provider's rules forbid it. It is not asked for again unless somebody says so.
    Refused {
        /// The provider's words.
        message: String,
    },
    /// It could not be made.
    Failed {
        /// What happened.
        sentence: String,
        /// What to do about it.
        hint: String,
        /// Whether the same may succeed later.
        again: bool,
    },
    /// The editor did not want it any more.
    Cancelled,
    /// The model was asked and no picture is there: the program or the line ended before the answer, or the provider failed after
    /// the work may have begun. It may have been charged for, and is not asked for again by itself.
    Uncertain {
        /// What happened; empty if nobody saw it, because the program ended.
        #[serde(default)]
        sentence: String,
    },
}

impl VariantState {
    /// Whether nothing more happens by itself.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Queued | Self::Drawing)
    }

    /// As the journal's column holds it.
    pub(super) fn stored(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Drawing => "drawing",
            Self::Made => "made",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
            Self::Uncertain { .. } => "uncertain",
        }
    }
}

/// What an editor thinks of a variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing yet.
    #[default]
    Open,
    /// It is worth keeping.
    Kept,
    /// It is not wanted.
    Rejected,
}

impl Verdict {
    pub(super) fn stored(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Kept => "kept",
            Self::Rejected => "rejected",
        }
    }
}

/// The facts of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// Of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// By its content.
    pub media_type: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How many bytes.
    pub bytes: u64,
}

/// Where a variant is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VariantSource {
    /// An engine drew it, or is to.
    Drawn,
    /// An editor brought it.
    Brought {
        /// The file's name.
        file_name: String,
    },
}

/// Whether a variant is put into its scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// It is a candidate until somebody places it.
    Candidate,
    /// As soon as it is made, if the scene has no picture then.
    Wanted,
    /// The scene was given it.
    Done,
    /// The scene had another one by then; it stays a candidate.
    Taken,
    /// It is made, and could not be put there.
    Failed {
        /// What happened.
        sentence: String,
        /// What to do about it.
        hint: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        let letters: Vec<String> = [0, 1, 25, 26, 27, 51, 52, 701, 702].map(letter).into();
        assert_eq!(letters, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn ids_of_variants_are_uuids() {
        let id = VariantId::fresh();
        assert_eq!(VariantId::parse(&format!(" {id} ")), Ok(id));
        assert!(VariantId::parse("B").unwrap_err().to_string().contains("“B”"));
    }
}
