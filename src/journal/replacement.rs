//! Pictures that take the place of others. The intent is written before anything is asked of a project, so that whatever
//! moment a program ends at, the next one knows what was to be done and how far it came.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::trash::time;
use super::words::words;
use super::{Journal, JournalError};

/// A replacement as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacementRow {
    /// Its identity.
    pub id: String,
    /// The story.
    pub story: String,
    /// The scene.
    pub scene: String,
    /// How far it is.
    pub stage: ReplacementStage,
    /// The URL that the scene had; None if it had no picture.
    pub before: Option<String>,
    /// The URL that it gets; None if its picture is taken away.
    pub now: Option<String>,
    /// When it was begun.
    pub made_at: Timestamp,
    /// By whom, if that is known.
    pub made_by: Option<String>,
    /// The replacement that this one takes back.
    pub undoes: Option<String>,
    /// Whether it was taken back.
    pub undone: bool,
    /// What else it takes to finish it, as JSON.
    pub detail: String,
}

/// How far a replacement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplacementStage {
    /// It is to be done; the scene may show either picture.
    Meant,
    /// The scene shows the new picture; other places may not follow yet.
    Pointed,
    /// Everything shows the new picture, but for what the detail says.
    Done,
    /// It was not done: the scene shows another picture, or the new one was never stored.
    GivenUp,
}

const COLUMNS: &str = "id, story_id, scene_id, stage, url_before, url_now, made_at, made_by, undoes, undone, detail";

impl Journal {
    /// Writes what is to be done.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn add_replacement(&self, row: &ReplacementRow) -> Result<(), JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!(
                "INSERT INTO replacement ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
            ))?
            .execute(params![
                row.id,
                row.story,
                row.scene,
                row.stage,
                row.before,
                row.now,
                row.made_at.as_millisecond(),
                row.made_by,
                row.undoes,
                row.undone,
                row.detail,
            ])
        })?;
        Ok(())
    }

    /// Writes how far it is. From the moment on that the scene shows the new picture, the replacement that this one takes back
    /// counts as taken back, and the one which that had taken back does not any more.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn move_replacement(&self, id: &str, stage: ReplacementStage, detail: &str) -> Result<(), JournalError> {
        self.with(|db| {
            let transaction = db.unchecked_transaction()?;
            transaction.execute(
                "UPDATE replacement SET stage = ?2, detail = ?3 WHERE id = ?1",
                params![id, stage, detail],
            )?;
            if stage == ReplacementStage::Pointed {
                transaction.execute(
                    "UPDATE replacement SET undone = 0 WHERE id = (SELECT undoes FROM replacement
                         WHERE id = (SELECT undoes FROM replacement WHERE id = ?1))",
                    [id],
                )?;
                transaction.execute(
                    "UPDATE replacement SET undone = 1 WHERE id = (SELECT undoes FROM replacement WHERE id = ?1)",
                    [id],
                )?;
            }
            transaction.commit()
        })
    }

    /// One replacement.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn replacement(&self, id: &str) -> Result<Option<ReplacementRow>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM replacement WHERE id = ?1"))?
                .query_row([id], read)
                .optional()
        })
    }

    /// What became of the pictures of a scene, the latest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn replacements_of(&self, scene: &str) -> Result<Vec<ReplacementRow>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM replacement WHERE scene_id = ?1 ORDER BY number DESC"
            ))?
            .query_map([scene], read)?
            .collect()
        })
    }

    /// What became of the pictures of all scenes of a story, the latest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn replacements_in(&self, story: &str) -> Result<Vec<ReplacementRow>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM replacement WHERE story_id = ?1 ORDER BY number DESC"
            ))?
            .query_map([story], read)?
            .collect()
        })
    }

    /// Those that did not come to their end, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn open_replacements(&self) -> Result<Vec<ReplacementRow>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM replacement WHERE stage IN ('meant', 'pointed') ORDER BY number"
            ))?
            .query_map([], read)?
            .collect()
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ReplacementRow> {
    Ok(ReplacementRow {
        id: row.get(0)?,
        story: row.get(1)?,
        scene: row.get(2)?,
        stage: row.get(3)?,
        before: row.get(4)?,
        now: row.get(5)?,
        made_at: time(row, 6)?,
        made_by: row.get(7)?,
        undoes: row.get(8)?,
        undone: row.get(9)?,
        detail: row.get(10)?,
    })
}

words!(ReplacementStage {
    Self::Meant => "meant",
    Self::Pointed => "pointed",
    Self::Done => "done",
    Self::GivenUp => "given_up",
});

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, undoes: Option<&str>) -> ReplacementRow {
        ReplacementRow {
            id: id.into(),
            story: "s".into(),
            scene: "c".into(),
            stage: ReplacementStage::Meant,
            before: Some("x".into()),
            now: Some(format!("y{id}")),
            made_at: Timestamp::from_millisecond(5).unwrap(),
            made_by: Some("me".into()),
            undoes: undoes.map(str::to_owned),
            undone: false,
            detail: "{}".into(),
        }
    }

    #[test]
    fn what_was_meant_is_known_after_a_crash_until_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        journal.add_replacement(&row("1", None)).unwrap();
        drop(journal);
        let journal = Journal::open(folder.path()).unwrap();
        assert_eq!(journal.open_replacements().unwrap(), [row("1", None)]);
        journal
            .move_replacement("1", ReplacementStage::Done, "{\"a\":1}")
            .unwrap();
        assert_eq!(journal.open_replacements().unwrap(), []);
        let done = journal.replacement("1").unwrap().unwrap();
        assert_eq!(
            (done.stage, done.detail.as_str()),
            (ReplacementStage::Done, "{\"a\":1}")
        );
        assert!(journal.replacement("2").unwrap().is_none());
    }

    #[test]
    fn taking_back_is_noted_when_it_is_so_and_can_itself_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let undone = || {
            let rows = journal.replacements_of("c").unwrap();
            rows.iter().rev().map(|row| row.undone).collect::<Vec<_>>()
        };
        journal.add_replacement(&row("1", None)).unwrap();
        journal.add_replacement(&row("2", Some("1"))).unwrap();
        assert_eq!(undone(), [false, false], "it is only meant");
        journal.move_replacement("2", ReplacementStage::Pointed, "{}").unwrap();
        assert_eq!(undone(), [true, false]);
        journal.add_replacement(&row("3", Some("2"))).unwrap();
        journal.move_replacement("3", ReplacementStage::Pointed, "{}").unwrap();
        assert_eq!(undone(), [false, true, false]);
        assert_eq!(journal.replacements_in("s").unwrap().len(), 3);
    }
}
