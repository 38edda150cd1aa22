//! Stories that are not published yet. What is written here is nowhere else: each save is synced, and none overwrites what
//! its writer had not seen.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, params};

use super::trash::time;
use super::{Journal, JournalError};

/// A manuscript as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManuscriptRow {
    /// The id that the story will have.
    pub story: String,
    /// Grows with each save; the first is 1.
    pub version: u64,
    /// The manuscript as JSON.
    pub body: String,
    /// How far its publication is, as JSON; None if there is none under way.
    pub publishing: Option<String>,
    /// When it was saved last.
    pub changed_at: Timestamp,
}

const COLUMNS: &str = "story_id, version, body, publishing, changed_at";

impl Journal {
    /// Saves a manuscript over the version that its writer had seen, 0 for a new one. Gives the new version, or None if the one
    /// that is kept is another, or is being published: nothing is changed then.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn save_manuscript(&self, story: &str, seen: u64, body: &str) -> Result<Option<u64>, JournalError> {
        let now = Timestamp::now().as_millisecond();
        self.with(|db| {
            let transaction = rusqlite::Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            let changed = if seen == 0 {
                transaction.execute(
                    "INSERT INTO manuscript (story_id, version, body, changed_at) VALUES (?1, 1, ?2, ?3)
                     ON CONFLICT DO NOTHING",
                    params![story, body, now],
                )?
            } else {
                transaction.execute(
                    "UPDATE manuscript SET version = version + 1, body = ?3, changed_at = ?4
                     WHERE story_id = ?1 AND version = ?2 AND publishing IS NULL",
                    params![story, whole(seen), body, now],
                )?
            };
            transaction.commit()?;
            Ok((changed > 0).then_some(seen + 1))
        })
    }

    /// Begins to publish the version that was seen; from now on it cannot be saved. False if it was changed since, or is being
    /// published.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn begin_publishing(&self, story: &str, seen: u64, publishing: &str) -> Result<bool, JournalError> {
        self.with(|db| {
            db.execute(
                "UPDATE manuscript SET publishing = ?3 WHERE story_id = ?1 AND version = ?2 AND publishing IS NULL",
                params![story, whole(seen), publishing],
            )
        })
        .map(|rows| rows > 0)
    }

    /// Notes how far a publication is.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn note_publishing(&self, story: &str, publishing: &str) -> Result<(), JournalError> {
        self.with(|db| {
            db.execute(
                "UPDATE manuscript SET publishing = ?2 WHERE story_id = ?1 AND publishing IS NOT NULL",
                params![story, publishing],
            )
        })?;
        Ok(())
    }

    /// Ends a publication, with what the manuscript is then, if that is another.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn end_publishing(&self, story: &str, body: Option<&str>) -> Result<(), JournalError> {
        let now = Timestamp::now().as_millisecond();
        self.with(|db| {
            db.execute(
                "UPDATE manuscript SET publishing = NULL, version = version + 1, changed_at = ?3,
                     body = ifnull(?2, body) WHERE story_id = ?1",
                params![story, body, now],
            )
        })?;
        Ok(())
    }

    /// One manuscript.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn manuscript(&self, story: &str) -> Result<Option<ManuscriptRow>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM manuscript WHERE story_id = ?1"))?
                .query_row([story], read)
                .optional()
        })
    }

    /// All manuscripts, the one that was saved last first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn manuscripts(&self) -> Result<Vec<ManuscriptRow>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM manuscript ORDER BY changed_at DESC, story_id"
            ))?
            .query_map([], read)?
            .collect()
        })
    }

    /// Forgets a manuscript, if it is still the version that was seen and is not being published; whether it was.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn drop_manuscript(&self, story: &str, seen: u64) -> Result<bool, JournalError> {
        self.with(|db| {
            db.execute(
                "DELETE FROM manuscript WHERE story_id = ?1 AND version = ?2 AND publishing IS NULL",
                params![story, whole(seen)],
            )
        })
        .map(|rows| rows > 0)
    }
}

fn whole(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> rusqlite::Result<ManuscriptRow> {
    Ok(ManuscriptRow {
        story: row.get(0)?,
        version: row.get::<_, i64>(1)?.unsigned_abs(),
        body: row.get(2)?,
        publishing: row.get(3)?,
        changed_at: time(row, 4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_over_what_was_not_seen_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let other = Journal::open(folder.path()).unwrap();
        assert_eq!(journal.save_manuscript("a", 0, "1").unwrap(), Some(1));
        assert_eq!(other.save_manuscript("a", 0, "x").unwrap(), None);
        assert_eq!(journal.save_manuscript("a", 1, "2").unwrap(), Some(2));
        assert_eq!(other.save_manuscript("a", 1, "x").unwrap(), None);
        assert_eq!(other.save_manuscript("b", 3, "x").unwrap(), None, "it is no new one");
        let kept = other.manuscript("a").unwrap().unwrap();
        assert_eq!((kept.version, kept.body.as_str(), kept.publishing), (2, "2", None));

        assert!(!other.drop_manuscript("a", 1).unwrap());
        assert!(other.drop_manuscript("a", 2).unwrap());
        assert!(journal.manuscript("a").unwrap().is_none());
    }
    #[test]
    fn what_is_being_published_is_neither_changed_nor_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        journal.save_manuscript("a", 0, "1").unwrap();
        journal.note_publishing("a", "x").unwrap();
        assert_eq!(
            journal.manuscript("a").unwrap().unwrap().publishing,
            None,
            "nobody began"
        );
        assert!(!journal.begin_publishing("a", 2, "x").unwrap());
        assert!(journal.begin_publishing("a", 1, "x").unwrap());
        assert!(!journal.begin_publishing("a", 1, "y").unwrap());
        assert_eq!(journal.save_manuscript("a", 1, "2").unwrap(), None);
        assert!(!journal.drop_manuscript("a", 1).unwrap());
        journal.note_publishing("a", "z").unwrap();
        let kept = &journal.manuscripts().unwrap()[0];
        assert_eq!((kept.publishing.as_deref(), kept.body.as_str()), (Some("z"), "1"));
        journal.end_publishing("a", None).unwrap();
        let kept = journal.manuscript("a").unwrap().unwrap();
        assert_eq!((kept.publishing, kept.version, kept.body.as_str()), (None, 2, "1"));
        journal.end_publishing("a", Some("3")).unwrap();
        assert_eq!(journal.manuscript("a").unwrap().unwrap().body, "3");
    }
}
