//! Stories and scenes as the program works with them, and as the rows of a project hold them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The identity of a story: whatever its table has for one, be it a UUID, a number or a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoryId(String);

/// The identity of a scene. One that is kept as JSON without an id has one that follows from its story and its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SceneId(String);

/// A text that cannot be the id of a story.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error(
    "“{0}” is not the id of a story; ids look like 8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f, or like 42 in some projects"
)]
pub struct NotAnId(pub String);

/// Characters of an id at most; no service has longer ones.
const ID_MAX: usize = 200;

/// What ids that follow from a story and a place are made from; made once, for this.
const SPACE: uuid::Uuid = uuid::uuid!("5b7f6a52-0c1e-4f0e-9f0a-1f6f7f1f3a66");

/// Letters of a name that an id has in keys and files: those of a UUID.
const NAME_MAX: usize = 36;

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
    /// If no table could have it: it is empty, too long, or has signs that ids have not.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let refused = || NotAnId(text.chars().take(60).collect());
        let text = text.trim();
        if let Ok(id) = uuid::Uuid::parse_str(text) {
            return Ok(Self(id.to_string()));
        }
        let plain = |c: char| c.is_alphanumeric() || "-_.:@|~+=".contains(c);
        let is_id =
            !text.is_empty() && text.chars().count() <= ID_MAX && text.chars().all(plain) && !text.starts_with('.');
        is_id.then(|| Self(text.to_owned())).ok_or_else(refused)
    }

    /// The one that a row has; None if it has none.
    pub(super) fn stored(value: &Value) -> Option<Self> {
        stored_id(value).map(Self)
    }

    /// The id's text, as the table has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name for files and keys: the id itself where it is safe in one, else one that only this id has.
    #[must_use]
    pub fn name(&self) -> String {
        safe_name(&self.0)
    }
}

impl SceneId {
    /// Under which the portraits of somebody in a story are kept who was kept without a place for them, by their place in its
    /// cast, counted from 0. No scene has it.
    pub(super) fn of_portraits(story: &StoryId, place: usize) -> Self {
        let name = format!("{story}\nportraits\n{place}");
        Self(uuid::Uuid::new_v5(&SPACE, name.as_bytes()).to_string())
    }

    /// What stands for one that is not known yet.
    pub(super) fn none() -> Self {
        Self(String::new())
    }

    /// Whether it is not known yet.
    pub(super) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// One that a row or the journal holds.
    pub(crate) fn kept(text: String) -> Self {
        Self(text)
    }

    /// A fresh one.
    #[must_use]
    pub fn fresh() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// The one that a row or an item has; None if it has none.
    pub(super) fn stored(value: &Value) -> Option<Self> {
        stored_id(value).map(Self)
    }

    /// The one of a scene that has none of its own, at a place counted from 0; `again` counts up where that one is taken.
    pub(super) fn of_place(story: &StoryId, place: usize, again: usize) -> Self {
        let name = match again {
            0 => format!("{story}\n{place}"),
            again => format!("{story}\n{place}\n{again}"),
        };
        Self(uuid::Uuid::new_v5(&SPACE, name.as_bytes()).to_string())
    }

    /// The id's text, as the table has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name for files and keys, as [`StoryId::name`].
    #[must_use]
    pub fn name(&self) -> String {
        safe_name(&self.0)
    }
}

/// An id as JSON has it: a text or a number.
fn stored_id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn safe_name(id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !id.is_empty() && id.len() <= NAME_MAX && id.chars().all(plain) && !id.starts_with('.') && !id.ends_with('.') {
        return id.to_owned();
    }
    let beginning: String = id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(NAME_MAX - 17)
        .collect();
    let hash: String = Sha256::digest(id)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{beginning}-{hash}").trim_start_matches('-').to_owned()
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

impl Status {
    /// The words that mean it, in small letters.
    pub(super) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Pending => &["pending", "queued", "draft"],
            Self::Processing => &["processing", "in_progress", "running", "generating"],
            Self::Completed => &["completed", "complete", "done", "published"],
            Self::Failed => &["failed", "error", "failure"],
        }
    }

    /// The one that a word means. Services have written other cases and words ("COMPLETED", "COMPLETE"); an unknown word is
    /// shown as pending.
    pub(super) fn read(word: &str) -> Self {
        let word = word.trim().to_ascii_lowercase();
        let all = [Self::Pending, Self::Processing, Self::Completed, Self::Failed];
        all.into_iter()
            .find(|status| status.words().contains(&word.as_str()))
            .unwrap_or(Self::Pending)
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Option::<String>::deserialize(deserializer)?;
        Ok(Self::read(&word.unwrap_or_default()))
    }
}

/// Where a project keeps a story's scenes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// A row a scene.
    #[default]
    Rows,
    /// JSON in the story's row.
    Json,
    /// JSON in a row of `public_stories`, in a project without another table of stories.
    Public,
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
    /// Where its scenes are.
    pub kept: Kept,
    /// What of its rows could not be read, each a sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<String>,
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
    /// What others keep there.
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
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

    /// What its scenes and its cover point at.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        let scenes = self.scenes.iter().filter_map(|scene| scene.image_url.as_deref());
        self.cover_image_url.as_deref().into_iter().chain(scenes)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_tables_have_for_ids() {
        let upper = StoryId::parse(" 8F2C1E90-4b7a-4d11-9c2f-0a1b2c3d4e5f ").unwrap();
        assert_eq!(upper.as_str(), "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f");
        assert_eq!(StoryId::parse("42").unwrap().as_str(), "42");
        assert_eq!(
            StoryId::stored(&serde_json::json!(9_007_199_254_740_993_u64))
                .unwrap()
                .as_str(),
            "9007199254740993"
        );
        assert!(StoryId::parse("../1").unwrap_err().to_string().contains("“../1”"));
        for wrong in ["", " ", "a b", "a/b", "..", "a\nb", &"9".repeat(201)] {
            assert!(StoryId::parse(wrong).is_err(), "{wrong}");
        }
        for none in [
            Value::Null,
            serde_json::json!({}),
            serde_json::json!(" "),
            serde_json::json!([1]),
        ] {
            assert_eq!(StoryId::stored(&none), None);
        }
    }

    #[test]
    fn names_are_safe_and_of_one_id_each() {
        let name = |id: &str| StoryId::stored(&serde_json::json!(id)).unwrap().name();
        assert_eq!(name("42"), "42");
        assert_eq!(
            name("8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f"),
            "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f"
        );
        let odd = [
            "../../etc/passwd",
            "a/b",
            "a b",
            "é",
            "...",
            "日本",
            &"x".repeat(300),
            &"x".repeat(301),
            "a\\b",
            "con.",
        ];
        let names: std::collections::BTreeSet<String> = odd.iter().map(|id| name(id)).collect();
        assert_eq!(names.len(), odd.len());
        for name in names {
            assert!(name.len() <= NAME_MAX, "{name}");
            assert!(
                name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)),
                "{name}"
            );
            assert!(!name.starts_with('.') && !name.contains(".."), "{name}");
        }
    }

    #[test]
    fn a_scene_without_an_id_has_one_by_its_place() {
        let (one, other) = (StoryId::fresh(), StoryId::fresh());
        assert_eq!(SceneId::of_place(&one, 2, 0), SceneId::of_place(&one, 2, 0));
        assert_ne!(SceneId::of_place(&one, 2, 0), SceneId::of_place(&one, 3, 0));
        assert_ne!(SceneId::of_place(&one, 2, 0), SceneId::of_place(&other, 2, 0));
        assert_ne!(SceneId::of_place(&one, 2, 0), SceneId::of_place(&one, 2, 1));
    }
}
