//! Pictures whose time is running out: those that were replaced, and those that no row points at yet. What becomes of
//! them is decided when the time is over, by what the rows then say.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::trash::time;
use super::{Journal, JournalError};

/// A picture whose time is running out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retired {
    /// The name of this note. Each retirement has a fresh one, so that whoever ends one ends no later one.
    pub note: String,
    /// The bucket of the picture's object.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its URL, as the row had it.
    pub url: String,
    /// The story.
    pub story: String,
    /// The scene.
    pub scene: String,
    /// The URL of what came into its place.
    pub replaced_by: Option<String>,
    /// When its time is over.
    pub due_at: Timestamp,
}

impl Journal {
    /// Notes that a picture's time is running. A picture that was noted before begins its time anew.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn retire(&self, retired: &Retired) -> Result<(), JournalError> {
        self.with(|db| {
            db.prepare_cached(
                "INSERT INTO retired_picture (bucket, object_key, note, story_id, scene_id, url, replaced_by, due_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (bucket, object_key) DO UPDATE SET note = excluded.note, story_id = excluded.story_id,
                     scene_id = excluded.scene_id, url = excluded.url, replaced_by = excluded.replaced_by,
                     going = 0, due_at = excluded.due_at",
            )?
            .execute(params![
                retired.bucket,
                retired.key,
                retired.note,
                retired.story,
                retired.scene,
                retired.url,
                retired.replaced_by,
                retired.due_at.as_millisecond(),
            ])
        })?;
        Ok(())
    }

    /// Takes a note back. False if there is none of that name any more, or if somebody is at it because its time is over.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn unretire(&self, note: &str) -> Result<bool, JournalError> {
        self.with(|db| {
            db.prepare_cached("DELETE FROM retired_picture WHERE note = ?1 AND going = 0")?
                .execute([note])
        })
        .map(|rows| rows > 0)
    }

    /// The notes whose time is over, oldest first, at most so many. They cannot be taken back from now on, only renewed.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn claim_retired(&self, now: Timestamp, most: usize) -> Result<Vec<Retired>, JournalError> {
        self.with(|db| {
            let mut claimed: Vec<Retired> = db
                .prepare_cached(
                    "UPDATE retired_picture SET going = 1 WHERE note IN (
                         SELECT note FROM retired_picture WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2)
                     RETURNING note, bucket, object_key, url, story_id, scene_id, replaced_by, due_at",
                )?
                .query_map(
                    params![now.as_millisecond(), i64::try_from(most).unwrap_or(i64::MAX)],
                    read,
                )?
                .collect::<Result<_, _>>()?;
            claimed.sort_by_key(|retired| retired.due_at);
            Ok(claimed)
        })
    }

    /// Whether a claimed note is still the one of its picture.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn is_claimed(&self, note: &str) -> Result<bool, JournalError> {
        self.with(|db| {
            db.prepare_cached("SELECT 1 FROM retired_picture WHERE note = ?1 AND going = 1")?
                .exists([note])
        })
    }

    /// Ends a note: what was to be done is done. One that was renewed meanwhile stays.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn end_retired(&self, note: &str) -> Result<(), JournalError> {
        self.with(|db| {
            db.prepare_cached("DELETE FROM retired_picture WHERE note = ?1")?
                .execute([note])
        })?;
        Ok(())
    }

    /// All notes, the one whose time is over first at the front.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn retired(&self) -> Result<Vec<Retired>, JournalError> {
        self.with(|db| {
            db.prepare_cached(
                "SELECT note, bucket, object_key, url, story_id, scene_id, replaced_by, due_at
                 FROM retired_picture ORDER BY due_at",
            )?
            .query_map([], read)?
            .collect()
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Retired> {
    Ok(Retired {
        note: row.get(0)?,
        bucket: row.get(1)?,
        key: row.get(2)?,
        url: row.get(3)?,
        story: row.get(4)?,
        scene: row.get(5)?,
        replaced_by: row.get(6)?,
        due_at: time(row, 7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(name: &str, key: &str, due: i64) -> Retired {
        Retired {
            note: name.into(),
            bucket: "b".into(),
            key: key.into(),
            url: format!("https://h/{key}"),
            story: "s".into(),
            scene: "c".into(),
            replaced_by: None,
            due_at: at(due),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_is_claimed_cannot_be_taken_back_but_renewed() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        for retired in [note("1", "a", 10), note("2", "b", 20), note("3", "c", 5)] {
            journal.retire(&retired).unwrap();
        }
        assert!(journal.unretire("2").unwrap());
        assert!(!journal.unretire("2").unwrap());
        assert_eq!(journal.claim_retired(at(4), 9).unwrap(), []);
        assert_eq!(journal.claim_retired(at(10), 1).unwrap(), [note("3", "c", 5)]);
        let both = [note("3", "c", 5), note("1", "a", 10)];
        assert_eq!(journal.claim_retired(at(10), 9).unwrap(), both);
        assert!(journal.is_claimed("1").unwrap() && !journal.unretire("1").unwrap());

        journal.retire(&note("4", "a", 30)).unwrap();
        assert!(!journal.is_claimed("1").unwrap());
        journal.end_retired("1").unwrap();
        journal.end_retired("3").unwrap();
        assert_eq!(
            journal.retired().unwrap(),
            [note("4", "a", 30)],
            "the renewed one stays"
        );
        assert!(journal.unretire("4").unwrap());
    }
}
