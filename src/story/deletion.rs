//! Deleting a story as it was planned: its pictures go to the trash, then its public copies unless they are to stay, then its rows, which
//! the journal keeps, so that all of it can be had back.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::deletion_plan::{Deletion, Fate};
use super::model::{Story, StoryId};
use super::repository::Whole;
use super::{Stories, StoryError, name_of};
use crate::journal::{DeletedStage, DeletedStoryRow, Held, Journal};
use crate::supabase::{Class, ObjectKey};
use crate::transfer::JobId;
use crate::transfer::trash::{Recovered, Trash, TrashError};

/// A story that was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeletedStory {
    /// The story.
    pub story: StoryId,
    /// Its title.
    pub title: String,
    /// When it was deleted.
    pub at: Timestamp,
    /// Until when it can be had back.
    pub until: Timestamp,
    /// Whether it is gone altogether; otherwise its deletion, or its return, was interrupted and is gone on with.
    pub whole: bool,
    /// Objects that are in the trash with it.
    pub objects: usize,
    /// Public copies that went with it.
    pub copies: usize,
}

/// A story that is back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Undeleted {
    /// It.
    pub story: Story,
    /// Objects that are not to be had any more.
    pub missing: Vec<String>,
}

/// What it takes to have a story back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Kept {
    title: String,
    /// Its row in the table of stories.
    story: Option<Value>,
    /// Its rows in the table of scenes.
    scenes: Vec<Value>,
    /// The keys of the objects that go.
    objects: Vec<String>,
    /// The keys of its public copies that go, and their rows.
    #[serde(default)]
    copies: Vec<(StoryId, Value)>,
}

impl Kept {
    fn copy_ids(&self) -> Vec<StoryId> {
        self.copies.iter().map(|(id, _)| id.clone()).collect()
    }

    fn copy_rows(&self) -> Vec<Value> {
        self.copies.iter().map(|(_, row)| row.clone()).collect()
    }
}

impl Stories {
    /// Deletes a story as it was planned: its objects go to the trash, then its rows. What was written by others meanwhile is in the rows
    /// that are kept. A deletion of it that a program has left half-done is gone on with as it was begun.
    ///
    /// # Errors
    /// If somebody is at it, or the project refuses: then the objects are put back. When the project cannot be reached, what is left to do
    /// is done at the next start.
    pub async fn delete_story(&self, deletion: &Deletion) -> Result<DeletedStory, StoryError> {
        let id = &deletion.story;
        let mut held = self.hold_deletion(id).await?;
        // What a program left half-done is known to its note alone: what is in the trash already, and the rows that are gone.
        match self.deleted_row(id).await? {
            Some(row) if row.stage == DeletedStage::Meant => return self.carry_deletion(row, held).await,
            Some(row) if row.stage == DeletedStage::Returning => {
                self.carry_return(row, held).await?;
                held = self.hold_deletion(id).await?;
            }
            _ => {}
        }
        let whole = self.rows.whole(id).await?;
        if whole.story.is_none() {
            return Err(StoryError::NoSuchStory(id.clone()));
        }
        // As they are now: what was written into them since the question was asked is kept too.
        let copies = if deletion.with_copies && !deletion.copies.is_empty() {
            let story = self.rows.get(id).await?;
            let mut copies = self.copies_of(&story, &self.keys_shown(&story)).await?;
            copies.retain(|copy| deletion.copies.iter().any(|planned| planned.id == copy.id));
            copies
        } else {
            Vec::new()
        };
        let going = deletion.objects.iter().filter(|object| object.fate == Fate::Trash);
        let kept = Kept {
            title: deletion.title.clone(),
            story: whole.story,
            scenes: whole.scenes,
            objects: going.map(|object| object.key.clone()).collect(),
            copies: copies.into_iter().map(|copy| (copy.id, copy.row)).collect(),
        };
        let now = Timestamp::now();
        let retention = SignedDuration::from_hours(24 * i64::from(Trash::RETENTION_DAYS));
        let row = DeletedStoryRow {
            story: id.to_string(),
            stage: DeletedStage::Meant,
            job: Uuid::new_v4().to_string(),
            made_at: now,
            due_at: now.checked_add(retention).unwrap_or(Timestamp::MAX),
            detail: serde_json::to_string(&kept).unwrap_or_default(),
        };
        let added = row.clone();
        self.journal
            .run(move |journal| journal.keep_deleted_story(&added))
            .await?;
        self.carry_deletion(row, held).await
    }

    /// Deleted stories that can be had back, the latest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn deleted_stories(&self) -> Result<Vec<DeletedStory>, StoryError> {
        let rows = self.journal.run(Journal::deleted_stories).await?;
        Ok(rows.iter().map(deleted).collect())
    }

    /// Has a deleted story back: its objects from the trash, then its rows.
    ///
    /// # Errors
    /// If it was not deleted here, somebody is at it, or the project refuses or cannot be reached: what is left to do is done the next
    /// time.
    pub async fn undelete_story(&self, id: &StoryId) -> Result<Undeleted, StoryError> {
        let known = self.deleted_row(id).await?;
        let held = self.hold_deletion(id).await?;
        // Whoever was at it meanwhile may have brought it back; then all of it is there, and that is what this finds.
        let row = self.deleted_row(id).await?.or(known);
        let row = row.ok_or_else(|| StoryError::NotDeleted(id.clone()))?;
        self.carry_return(row, held).await
    }

    /// Goes on with deletions and returns that a program has left half-done. Gives the stories that were gone on with.
    ///
    /// # Errors
    /// If the journal or the project cannot be asked. What is left to do is done the next time.
    pub async fn settle_deletions(&self, now: Timestamp) -> Result<Vec<StoryId>, StoryError> {
        self.journal
            .run(move |journal| journal.forget_deleted_stories(now))
            .await?;
        let mut settled = Vec::new();
        for row in self.journal.run(Journal::deleted_stories).await? {
            let id = StoryId::kept(row.story.clone());
            if row.stage == DeletedStage::Gone {
                continue;
            }
            let held = match self.hold_deletion(&id).await {
                Err(StoryError::AtWork(_)) => continue,
                held => held?,
            };
            // Somebody may have come to its end just before.
            match self.deleted_row(&id).await? {
                Some(row) if row.stage == DeletedStage::Meant => _ = self.carry_deletion(row, held).await?,
                Some(row) if row.stage == DeletedStage::Returning => _ = self.carry_return(row, held).await?,
                _ => continue,
            }
            settled.push(id);
        }
        Ok(settled)
    }

    /// The same for one story, before something is done to it. What became of it if it is gone then.
    ///
    /// # Errors
    /// If somebody is at it for long, or the journal or the project cannot be asked.
    pub async fn settle_deletion(&self, id: &StoryId) -> Result<Option<DeletedStory>, StoryError> {
        let is_left = |row: &DeletedStoryRow| row.stage != DeletedStage::Gone;
        if !self.deleted_row(id).await?.as_ref().is_some_and(is_left) {
            return Ok(None);
        }
        let held = self.hold_deletion(id).await?;
        match self.deleted_row(id).await? {
            Some(row) if row.stage == DeletedStage::Meant => Ok(Some(self.carry_deletion(row, held).await?)),
            Some(row) if row.stage == DeletedStage::Returning => {
                self.carry_return(row, held).await?;
                Ok(None)
            }
            // Somebody has come to its end just before.
            row => Ok(row.as_ref().map(deleted)),
        }
    }

    async fn hold_deletion(&self, id: &StoryId) -> Result<Held, StoryError> {
        self.hold(format!("delete-{}", name_of(id)), id).await
    }

    async fn deleted_row(&self, id: &StoryId) -> Result<Option<DeletedStoryRow>, StoryError> {
        let id = id.to_string();
        Ok(self.journal.run(move |journal| journal.deleted_story(&id)).await?)
    }

    async fn carry_deletion(&self, row: DeletedStoryRow, held: Held) -> Result<DeletedStory, StoryError> {
        let id = StoryId::kept(row.story.clone());
        let job = JobId(Uuid::parse_str(&row.job).unwrap_or_else(|_| Uuid::new_v4()));
        let objects = self.supabase.bucket(&self.settings.bucket);
        let copies = kept_of(&row).copy_ids();
        for key in keys_of(&row) {
            match self.trash.put(&objects, &key, job, None).await {
                Ok(_) | Err(TrashError::NotThere(_) | TrashError::InTrash(_) | TrashError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
            // Whoever let another story show it meanwhile looks again after that, and so does this.
            if self.is_used_elsewhere(&key, &id, &copies).await? {
                self.trash.recover(&objects, &key).await?;
            }
        }
        let taken_out = match self.rows.delete_copies(&copies).await {
            Ok(()) => self.rows.delete_story(&id).await,
            Err(error) => Err(error),
        };
        let refused = match taken_out {
            Ok(0) => StoryError::NothingChanged { table: "stories" },
            Ok(_) => return self.gone(row, held).await,
            Err(StoryError::Wire(error)) if may_pass(error.class) => return Err(error.into()),
            Err(error) => error,
        };
        // A refusal is believed only of a row that is there.
        if self.rows.whole(&id).await?.story.is_none() {
            return self.gone(row, held).await;
        }
        let kept = kept_of(&row);
        self.rows.put_back_copies(&kept.copy_rows()).await?;
        self.rows.put_back(&id, whole_of(kept)).await?;
        // The rows stay, so what they show has to be there.
        for key in keys_of(&row) {
            self.trash.recover(&objects, &key).await?;
        }
        let story = row.story;
        self.journal
            .run(move |journal| journal.forget_deleted_story(&story))
            .await?;
        held.done();
        Err(refused)
    }

    async fn gone(&self, mut row: DeletedStoryRow, held: Held) -> Result<DeletedStory, StoryError> {
        row.stage = DeletedStage::Gone;
        let story = row.story.clone();
        self.journal
            .run(move |journal| journal.move_deleted_story(&story, DeletedStage::Gone))
            .await?;
        held.done();
        Ok(deleted(&row))
    }

    async fn carry_return(&self, row: DeletedStoryRow, held: Held) -> Result<Undeleted, StoryError> {
        let id = StoryId::kept(row.story.clone());
        let story = row.story.clone();
        self.journal
            .run(move |journal| journal.move_deleted_story(&story, DeletedStage::Returning))
            .await?;
        let objects = self.supabase.bucket(&self.settings.bucket);
        let mut missing = Vec::new();
        for key in keys_of(&row) {
            if self.trash.recover(&objects, &key).await? == Recovered::Missing {
                missing.push(key.to_string());
            }
        }
        let kept = kept_of(&row);
        let copies = kept.copy_rows();
        self.rows.put_back(&id, whole_of(kept)).await?;
        self.rows.put_back_copies(&copies).await?;
        let story = row.story;
        self.journal
            .run(move |journal| journal.forget_deleted_story(&story))
            .await?;
        held.done();
        Ok(Undeleted {
            story: self.rows.get(&id).await?,
            missing,
        })
    }
}

fn kept_of(row: &DeletedStoryRow) -> Kept {
    serde_json::from_str(&row.detail).unwrap_or_default()
}

fn whole_of(kept: Kept) -> Whole {
    Whole {
        story: kept.story,
        scenes: kept.scenes,
    }
}

fn keys_of(row: &DeletedStoryRow) -> Vec<ObjectKey> {
    let keys = kept_of(row).objects.into_iter();
    keys.filter_map(|key| ObjectKey::parse(&key).ok()).collect()
}

fn deleted(row: &DeletedStoryRow) -> DeletedStory {
    let kept = kept_of(row);
    DeletedStory {
        story: StoryId::kept(row.story.clone()),
        title: kept.title,
        at: row.made_at,
        until: row.due_at,
        whole: row.stage == DeletedStage::Gone,
        objects: kept.objects.len(),
        copies: kept.copies.len(),
    }
}

/// Whether the same request may succeed later.
fn may_pass(class: Class) -> bool {
    matches!(
        class,
        Class::Network | Class::Ambiguous | Class::Busy | Class::Throttled | Class::BadKey
    )
}
