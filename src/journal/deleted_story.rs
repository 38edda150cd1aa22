//! Stories that were deleted: their rows as they were, until they are back or can be had back no longer.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::trash::time;
use super::words::words;
use super::{Journal, JournalError};

/// A deleted story as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedStoryRow {
    /// The story.
    pub story: String,
    /// How far its deletion is.
    pub stage: DeletedStage,
    /// The job whose objects in the trash are its.
    pub job: String,
    /// When it was deleted.
    pub made_at: Timestamp,
    /// Until when it can be had back.
    pub due_at: Timestamp,
    /// Its rows, and which objects go with it, as JSON.
    pub detail: String,
}

/// How far a deletion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletedStage {
    /// It is to be deleted; some of it may be gone.
    Meant,
    /// It is gone.
    Gone,
    /// It is to be had back; some of it may be there.
    Returning,
}

words!(DeletedStage {
    Self::Meant => "meant",
    Self::Gone => "gone",
    Self::Returning => "returning",
});

const COLUMNS: &str = "story_id, stage, job, made_at, due_at, detail";

impl Journal {
    /// Writes what is to be deleted. A story that was deleted before, and is there again, is the new one from now on.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn keep_deleted_story(&self, row: &DeletedStoryRow) -> Result<(), JournalError> {
        self.with(|db| {
            db.execute(
                &format!(
                    "INSERT INTO deleted_story ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (story_id) DO UPDATE SET stage = excluded.stage, job = excluded.job,
                         made_at = excluded.made_at, due_at = excluded.due_at, detail = excluded.detail"
                ),
                params![
                    row.story,
                    row.stage,
                    row.job,
                    row.made_at.as_millisecond(),
                    row.due_at.as_millisecond(),
                    row.detail
                ],
            )
        })?;
        Ok(())
    }

    /// Writes how far a deletion is.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn move_deleted_story(&self, story: &str, stage: DeletedStage) -> Result<(), JournalError> {
        self.with(|db| {
            db.execute(
                "UPDATE deleted_story SET stage = ?2 WHERE story_id = ?1",
                params![story, stage],
            )
        })?;
        Ok(())
    }

    /// One deleted story.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn deleted_story(&self, story: &str) -> Result<Option<DeletedStoryRow>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM deleted_story WHERE story_id = ?1"))?
                .query_row([story], read)
                .optional()
        })
    }

    /// All deleted stories, the latest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn deleted_stories(&self) -> Result<Vec<DeletedStoryRow>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM deleted_story ORDER BY made_at DESC, number DESC"
            ))?
            .query_map([], read)?
            .collect()
        })
    }

    /// Forgets a deleted story: it is back, or was never deleted.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn forget_deleted_story(&self, story: &str) -> Result<(), JournalError> {
        self.with(|db| db.execute("DELETE FROM deleted_story WHERE story_id = ?1", [story]))?;
        Ok(())
    }

    /// Forgets stories that can be had back no longer.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn forget_deleted_stories(&self, now: Timestamp) -> Result<(), JournalError> {
        self.with(|db| {
            db.execute(
                "DELETE FROM deleted_story WHERE stage = 'gone' AND due_at <= ?1",
                [now.as_millisecond()],
            )
        })?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeletedStoryRow> {
    Ok(DeletedStoryRow {
        story: row.get(0)?,
        stage: row.get(1)?,
        job: row.get(2)?,
        made_at: time(row, 3)?,
        due_at: time(row, 4)?,
        detail: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(story: &str, due: i64) -> DeletedStoryRow {
        DeletedStoryRow {
            story: story.into(),
            stage: DeletedStage::Meant,
            job: "j".into(),
            made_at: Timestamp::from_second(1).unwrap(),
            due_at: Timestamp::from_second(due).unwrap(),
            detail: "{}".into(),
        }
    }

    #[test]
    fn only_what_is_gone_is_forgotten_when_its_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        for story in ["a", "b", "c"] {
            journal.keep_deleted_story(&row(story, 10)).unwrap();
        }
        journal.move_deleted_story("b", DeletedStage::Gone).unwrap();
        journal.move_deleted_story("c", DeletedStage::Returning).unwrap();
        journal
            .forget_deleted_stories(Timestamp::from_second(9).unwrap())
            .unwrap();
        assert_eq!(journal.deleted_stories().unwrap().len(), 3);
        journal
            .forget_deleted_stories(Timestamp::from_second(10).unwrap())
            .unwrap();
        let left: Vec<_> = journal.deleted_stories().unwrap();
        let left: Vec<&str> = left.iter().map(|row| row.story.as_str()).collect();
        assert_eq!(left, ["c", "a"]);
        journal.keep_deleted_story(&row("a", 20)).unwrap();
        assert_eq!(journal.deleted_story("a").unwrap(), Some(row("a", 20)));
        journal.forget_deleted_story("a").unwrap();
        assert_eq!(journal.deleted_story("a").unwrap(), None);
    }
}
