//! Replacements as the journal keeps them: what was to be done, how far it is, and what it takes to finish it or to take it
//! back.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::following::Completed;
use super::model::{SceneId, StoryId};
use super::picture::{Prepared, md5};
use super::replace::Replaced;
use super::repository::Pointing;
use super::{Pointer, Stories, StoryError};
use crate::journal::{Held, ReplacementRow, ReplacementStage};

/// The identity of a replacement.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ReplacementId(String);

/// A replacement of a scene's picture, as the history of the scene shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replacement {
    /// Its identity.
    pub id: ReplacementId,
    /// The story.
    pub story: StoryId,
    /// The scene.
    pub scene: SceneId,
    /// When it was begun.
    pub at: Timestamp,
    /// By whom, if that is known.
    pub by: Option<String>,
    /// The picture that was there; None if there was none.
    pub before: Option<String>,
    /// The picture that came there; None if the scene was left without one.
    pub now: Option<String>,
    /// The places that followed the scene.
    pub pointers: Vec<Pointer>,
    /// What should have followed and could not, as a sentence.
    pub left_behind: Option<String>,
    /// How far it is.
    pub state: ReplacementState,
    /// The replacement that this one takes back.
    pub undoes: Option<ReplacementId>,
    /// Whether it was taken back.
    pub undone: bool,
}

/// How far a replacement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplacementState {
    /// It was begun and has not come to its end; it is gone on with at the next start at the latest.
    UnderWay,
    /// It is done.
    Done,
    /// It was not done: the scene kept its picture, or somebody else was faster.
    GivenUp,
}

/// What else it takes to finish a replacement.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    /// What the scene's row gets together with the new picture.
    pub(super) patch: Value,
    /// The object that is stored for it; None if the new picture is an earlier one.
    pub(super) sent: Option<Sent>,
    /// Whether the new picture is an object that was there before and was shown by nobody: it keeps its place, whatever comes.
    pub(super) found: bool,
    /// Whether the link that is put back need not lead anywhere: it did not when it was replaced.
    pub(super) unseen: bool,
    /// What the story's own row got because this was its last missing picture.
    pub(super) completed: Option<Completed>,
    /// The places that followed, with the links that stood in them.
    pub(super) moved: Vec<Pointing>,
    /// What did not follow.
    pub(super) left_behind: Option<String>,
}

/// An object that is stored for a replacement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sent {
    /// Its key in the bucket of pictures.
    pub(super) key: String,
    /// The mark beside it.
    pub(super) mark: String,
    /// Its bytes.
    pub(super) size: u64,
    /// MD5 of its bytes.
    pub(super) md5: String,
}

/// A replacement that somebody is at.
pub(super) struct Work {
    pub(super) row: ReplacementRow,
    pub(super) story: StoryId,
    pub(super) scene: SceneId,
    pub(super) detail: Detail,
    held: Held,
}

impl Sent {
    pub(super) fn of(prepared: &Prepared) -> Self {
        Self {
            key: prepared.key.to_string(),
            mark: prepared.mark.clone(),
            size: prepared.bytes.len() as u64,
            md5: md5(&prepared.bytes),
        }
    }
}

impl ReplacementId {
    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReplacementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Replacement {
    /// What it takes to take it back.
    #[must_use]
    pub fn replaced(&self) -> Replaced {
        Replaced {
            story: self.story.clone(),
            scene: self.scene.clone(),
            before: self.before.clone(),
            now: self.now.clone(),
            left_behind: self.left_behind.clone(),
        }
    }

    fn of(row: ReplacementRow) -> Self {
        let detail = Detail::read(&row.detail);
        Self {
            id: ReplacementId(row.id),
            story: StoryId::kept(row.story),
            scene: SceneId::kept(row.scene),
            at: row.made_at,
            by: row.made_by,
            before: row.before,
            now: row.now,
            pointers: detail.moved.into_iter().map(|moved| moved.place.into()).collect(),
            left_behind: detail.left_behind,
            state: match row.stage {
                ReplacementStage::Meant | ReplacementStage::Pointed => ReplacementState::UnderWay,
                ReplacementStage::Done => ReplacementState::Done,
                ReplacementStage::GivenUp => ReplacementState::GivenUp,
            },
            undoes: row.undoes.map(ReplacementId),
            undone: row.undone,
        }
    }
}

impl Detail {
    /// What is kept is what was written; a part that a newer program knows better is left out.
    pub(super) fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    fn text(&self) -> String {
        // Texts and values of JSON have a form.
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// What is to be done to which scene.
pub(super) struct Intent<'a> {
    pub(super) story: &'a StoryId,
    pub(super) scene: &'a SceneId,
    pub(super) before: Option<&'a str>,
    pub(super) now: Option<&'a str>,
    pub(super) undoes: Option<String>,
    pub(super) detail: Detail,
}

impl Stories {
    /// What became of the pictures of a scene, the latest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn history(&self, scene: &SceneId) -> Result<Vec<Replacement>, StoryError> {
        let scene = scene.to_string();
        let rows = self.journal.run(move |journal| journal.replacements_of(&scene)).await?;
        Ok(rows.into_iter().map(Replacement::of).collect())
    }

    /// What became of the pictures of all scenes of a story, the latest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn history_of_story(&self, story: &StoryId) -> Result<Vec<Replacement>, StoryError> {
        let story = story.to_string();
        let rows = self.journal.run(move |journal| journal.replacements_in(&story)).await?;
        Ok(rows.into_iter().map(Replacement::of).collect())
    }

    /// Replacements that did not come to their end, here or in another program on the same journal, the oldest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn unfinished_replacements(&self) -> Result<Vec<Replacement>, StoryError> {
        let rows = self.journal.run(crate::journal::Journal::open_replacements).await?;
        Ok(rows.into_iter().map(Replacement::of).collect())
    }

    /// Writes down what is to be done. Nothing was asked of the project yet.
    pub(super) async fn begin_replacement(&self, intent: Intent<'_>) -> Result<Work, StoryError> {
        let row = ReplacementRow {
            id: Uuid::now_v7().to_string(),
            story: intent.story.to_string(),
            scene: intent.scene.to_string(),
            stage: ReplacementStage::Meant,
            before: intent.before.map(str::to_owned),
            now: intent.now.map(str::to_owned),
            made_at: Timestamp::now(),
            made_by: self.settings.operator.clone(),
            undoes: intent.undoes,
            undone: false,
            detail: intent.detail.text(),
        };
        let added = row.clone();
        let held = self
            .journal
            .run(move |journal| {
                // Held before it can be seen, so that nobody takes it for one that was left.
                let held = journal.hold(&added.id)?;
                journal.add_replacement(&added)?;
                Ok(held)
            })
            .await?;
        // Nobody else has this id.
        let held = held.ok_or(StoryError::Conflict)?;
        Ok(Work {
            row,
            story: intent.story.clone(),
            scene: intent.scene.clone(),
            detail: intent.detail,
            held,
        })
    }

    /// Takes up a replacement that was left; None if somebody is at it, or if it came to its end meanwhile.
    pub(super) async fn take_up(&self, id: &str) -> Result<Option<Work>, StoryError> {
        let id = id.to_owned();
        let taken = self
            .journal
            .run(move |journal| {
                let Some(held) = journal.hold(&id)? else {
                    return Ok(None);
                };
                let open =
                    |row: &ReplacementRow| matches!(row.stage, ReplacementStage::Meant | ReplacementStage::Pointed);
                let row = journal.replacement(&id)?.filter(open);
                Ok(row.map(|row| (row, held)))
            })
            .await?;
        Ok(taken.map(|(row, held)| Work {
            story: StoryId::kept(row.story.clone()),
            scene: SceneId::kept(row.scene.clone()),
            detail: Detail::read(&row.detail),
            row,
            held,
        }))
    }

    /// Writes how far a replacement is.
    pub(super) async fn note(&self, work: &mut Work, stage: ReplacementStage) -> Result<(), StoryError> {
        work.row.stage = stage;
        work.row.detail = work.detail.text();
        let (id, detail) = (work.row.id.clone(), work.row.detail.clone());
        let noted = self
            .journal
            .run(move |journal| journal.move_replacement(&id, stage, &detail));
        Ok(noted.await?)
    }

    /// Writes that a replacement has come to its end.
    pub(super) async fn end(&self, mut work: Work, stage: ReplacementStage) -> Result<(), StoryError> {
        self.note(&mut work, stage).await?;
        work.held.done();
        Ok(())
    }
}
