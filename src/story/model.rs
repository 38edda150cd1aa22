//! Stories and scenes as the program works with them, and as the rows of a project hold them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The identity of a story, a UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoryId(String);

/// The identity of a scene, a UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SceneId(String);

/// A text that is no UUID where one is needed.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not the id of a story; ids look like 8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f")]
pub struct NotAnId(pub String);

impl StoryId {
    /// A fresh one. It is made here and not by the database, so that a lost reply can be told from a lost request.
    #[must_use]
    pub fn fresh() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// One that a row or the journal holds.
    pub(crate) fn kept(text: String) -> Self {
        Self(text)
    }

    /// Reads one that a person typed.
    ///
    /// # Errors
    /// If it is no UUID.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        uuid::Uuid::parse_str(text.trim())
            .map(|id| Self(id.to_string()))
            .map_err(|_| NotAnId(text.chars().take(60).collect()))
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SceneId {
    /// One that a row or the journal holds.
    pub(crate) fn kept(text: String) -> Self {
        Self(text)
    }

    /// A fresh one.
    #[must_use]
    pub fn fresh() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SceneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far a story is, as its row says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Asked for, nothing done yet.
    Pending,
    /// Being written or drawn; also what a story that was interrupted still says.
    Processing,
    /// Every scene has its picture.
    Completed,
    /// Something is missing; it can be resumed.
    Failed,
}

impl Status {
    /// The word shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Processing => "Processing",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
        }
    }

    /// The word stored.
    #[must_use]
    pub fn stored(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl<'de> Deserialize<'de> for Status {
    /// Services have written other cases and words ("COMPLETED", "COMPLETE"); an unknown word is shown as pending.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Option::<String>::deserialize(deserializer)?
            .unwrap_or_default()
            .to_ascii_lowercase();
        Ok(match word.as_str() {
            "processing" => Self::Processing,
            "completed" | "complete" => Self::Completed,
            "failed" | "error" => Self::Failed,
            _ => Self::Pending,
        })
    }
}

/// A story with its scenes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Story {
    /// Its identity.
    pub story_id: StoryId,
    /// Its title.
    pub title: String,
    /// What it was asked for with.
    pub prompt: String,
    /// How far it is.
    pub status: Status,
    /// In order.
    pub scenes: Vec<Scene>,
    /// Where its cover is, usually the first scene's picture.
    pub cover_image_url: Option<String>,
    /// As the project writes it (ISO 8601).
    pub created_at: Option<String>,
    /// As the project writes it (ISO 8601).
    pub updated_at: Option<String>,
    /// Whose it is.
    pub user_id: Option<String>,
    /// How it was made.
    pub made_with: MadeWith,
}

/// How a story was made; kept as JSON in `stories.story_metadata`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MadeWith {
    /// The seed of the brief.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// How many scenes were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenes: Option<usize>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_engine: Option<String>,
    /// Who drew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_engine: Option<String>,
    /// The style that its pictures are drawn in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// Who has looked at every text and picture before it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// When that was (ISO 8601).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    /// Why it stopped, if it did before there were scenes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One scene: a text and its picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scene {
    /// Its identity.
    pub scene_id: SceneId,
    /// Its place, counted from 0.
    pub index: usize,
    /// A few words.
    pub title: String,
    /// What is read aloud.
    pub text: String,
    /// What the picture was asked for with.
    pub image_prompt: String,
    /// Where the picture is.
    pub image_url: Option<String>,
    /// What the picture shows, for those who cannot see it.
    pub alt_text: Option<String>,
    /// Why it has no picture, if making one failed.
    pub image_error: Option<String>,
}

impl Story {
    /// How many scenes have a picture.
    #[must_use]
    pub fn pictures(&self) -> usize {
        self.scenes.iter().filter(|scene| scene.image_url.is_some()).count()
    }

    /// The scenes that lack a picture.
    pub fn missing(&self) -> impl Iterator<Item = &Scene> {
        self.scenes.iter().filter(|scene| scene.image_url.is_none())
    }

    /// Whether there is something left to do that [`crate::story::Stories::resume`] can do.
    #[must_use]
    pub fn can_resume(&self) -> bool {
        self.scenes.is_empty() || self.pictures() < self.scenes.len()
    }
}

/// A row of `stories`, with what may be missing.
#[derive(Debug, Deserialize)]
pub(super) struct StoryRow {
    #[serde(alias = "id")]
    story_id: StoryId,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    prompt: Option<String>,
    #[serde(default = "pending")]
    status: Status,
    #[serde(default)]
    cover_image_url: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    updated_at: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
    #[serde(default)]
    story_metadata: Value,
    #[serde(default)]
    scenes: Vec<SceneRow>,
}

/// A row of `scenes`.
#[derive(Debug, Deserialize)]
pub(super) struct SceneRow {
    #[serde(alias = "id")]
    scene_id: SceneId,
    #[serde(default)]
    sequence: i64,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    image_prompt: Option<String>,
    #[serde(default)]
    image_url: Option<String>,
    #[serde(default)]
    alt_text: Option<String>,
    #[serde(default)]
    image_error: Option<String>,
}

fn pending() -> Status {
    Status::Pending
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl From<StoryRow> for Story {
    fn from(row: StoryRow) -> Self {
        let mut rows = row.scenes;
        rows.sort_by_key(|scene| scene.sequence);
        // Some services count from 1; the place shown is the place in the order.
        let scenes = rows
            .into_iter()
            .enumerate()
            .map(|(index, scene)| scene.into_scene(index))
            .collect();
        Self {
            story_id: row.story_id,
            title: filled(row.title).unwrap_or_else(|| "Untitled".to_owned()),
            prompt: row.prompt.unwrap_or_default(),
            status: row.status,
            scenes,
            cover_image_url: filled(row.cover_image_url),
            created_at: row.created_at,
            updated_at: row.updated_at,
            user_id: row.user_id,
            made_with: serde_json::from_value(row.story_metadata).unwrap_or_default(),
        }
    }
}

impl SceneRow {
    fn into_scene(self, index: usize) -> Scene {
        Scene {
            scene_id: self.scene_id,
            index,
            title: self.title.unwrap_or_default(),
            text: self.text.unwrap_or_default(),
            image_prompt: self.image_prompt.unwrap_or_default(),
            image_url: filled(self.image_url),
            alt_text: filled(self.alt_text),
            image_error: filled(self.image_error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(json: Value) -> Story {
        serde_json::from_value::<StoryRow>(json).unwrap().into()
    }

    #[test]
    fn reads_sparse_and_foreign_rows() {
        let story = story(serde_json::json!({
            "id": "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f", "title": null, "status": "COMPLETED", "view_count": 7,
            "story_metadata": "not an object",
            "scenes": [
                {"scene_id": "b", "sequence": 2, "image_url": ""},
                {"scene_id": "a", "sequence": 1, "image_url": "https://x/y.png"},
            ],
        }));
        assert_eq!((story.title.as_str(), story.status), ("Untitled", Status::Completed));
        let places: Vec<_> = story
            .scenes
            .iter()
            .map(|scene| (scene.scene_id.as_str(), scene.index))
            .collect();
        assert_eq!(places, [("a", 0), ("b", 1)]);
        assert_eq!(story.pictures(), 1);
        assert!(story.can_resume());
    }

    #[test]
    fn ids_are_uuids() {
        assert!(StoryId::parse(" 8F2C1E90-4b7a-4d11-9c2f-0a1b2c3d4e5f ").is_ok());
        assert!(StoryId::parse("../1").unwrap_err().to_string().contains("“../1”"));
    }
}
