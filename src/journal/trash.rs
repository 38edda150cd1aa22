//! What can be taken back: objects that went to the trash, copies of what was replaced, and moves. A record is written
//! before the request that it is about, and goes only when nothing of it is left on the server or it is back in its place.

use jiff::Timestamp;
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::words::words;
use super::{Journal, JournalError};

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrashRecord {
    /// Its number. Later ones are higher; none is given twice.
    pub id: i64,
    /// The job whose doing it was.
    pub job: String,
    /// What was done.
    pub kind: TrashKind,
    /// How far that is.
    pub state: TrashState,
    /// The bucket in which the object was.
    pub bucket: String,
    /// The key that it had there.
    pub key: String,
    /// The bucket in which it is kept.
    pub kept_bucket: String,
    /// The key that it has there.
    pub kept_key: String,
    /// Bytes.
    pub size: Option<u64>,
    /// Its ETag before.
    pub etag: Option<String>,
    /// Its ETag where it is kept. None: not looked at yet.
    pub kept_etag: Option<String>,
    /// What we put in its old place.
    pub successor: Successor,
    /// What was changed of it, where it was edited.
    pub edit: Option<EditRecord>,
    /// When it was done.
    pub made_at: Timestamp,
    /// Until when it can be taken back.
    pub due_at: Timestamp,
}

/// How to tell that what is in an object's old place is what we put there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Successor {
    /// The mark in its metadata.
    pub mark: Option<String>,
    /// Its ETag.
    pub etag: Option<String>,
}

/// What an edit changed of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditRecord {
    /// What was beside its bytes before.
    pub before: ObjectFacts,
    /// What the edit made of it.
    pub after: ObjectFacts,
}

/// What is beside the bytes of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectFacts {
    /// The media type that readers are told.
    pub content_type: Option<String>,
    /// How long readers may keep it.
    pub cache_control: Option<String>,
    /// What was kept beside it by whoever stored it.
    pub metadata: Map<String, Value>,
}

/// What was done to the object of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrashKind {
    /// It was moved to the trash.
    Deleted,
    /// It was replaced; it is in the trash.
    Replaced,
    /// It was given another key, and may have changed bucket.
    Moved,
    /// Its headers or metadata were edited; it is where it was.
    Edited,
}

/// How far that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrashState {
    /// A request is about to be made or was made; what became of it is not known yet.
    Sending,
    /// It is where the record says that it is kept.
    Kept,
    /// It is on its way back.
    Returning,
}

fn insert(db: &Connection, record: &TrashRecord) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO transfer_trash (job, kind, state, bucket, object_key, kept_bucket, kept_key, size, etag,
             kept_etag, successor_mark, successor_etag, made_at, due_at, edit)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .insert(params![
        record.job,
        record.kind,
        record.state,
        record.bucket,
        record.key,
        record.kept_bucket,
        record.kept_key,
        record.size.and_then(|size| i64::try_from(size).ok()),
        record.etag,
        record.kept_etag,
        record.successor.mark,
        record.successor.etag,
        record.made_at.as_millisecond(),
        record.due_at.as_millisecond(),
        // Texts and values of JSON: there is nothing in it without a form.
        record.edit.as_ref().and_then(|edit| serde_json::to_string(edit).ok()),
    ])
}

const COLUMNS: &str = "id, job, kind, state, bucket, object_key, kept_bucket, kept_key, size, etag, kept_etag,
    successor_mark, successor_etag, made_at, due_at, edit";

impl Journal {
    /// Writes a record together with what others write, and gives it its number.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn trash_add(&self, mut record: TrashRecord) -> Result<TrashRecord, JournalError> {
        (record.made_at, record.due_at) = (whole(record.made_at), whole(record.due_at));
        let change = self.writer.write(move |db| {
            record.id = insert(db, &record)?;
            Ok(record)
        });
        change.await
    }

    /// Writes a record together with what others write, unless the job has one of the same two places already, which is
    /// begun again then.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn trash_begin(&self, record: TrashRecord) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            let begun = db
                .prepare_cached(
                    "UPDATE transfer_trash INDEXED BY transfer_trash_key SET state = ?6
                     WHERE bucket = ?2 AND object_key = ?3 AND job = ?1 AND kept_bucket = ?4 AND kept_key = ?5",
                )?
                .execute(params![
                    record.job,
                    record.bucket,
                    record.key,
                    record.kept_bucket,
                    record.kept_key,
                    record.state,
                ])?;
            if begun == 0 {
                insert(db, &record)?;
            }
            Ok(())
        });
        change.await
    }

    /// Notes, together with what others write, that the object of a job's record is where it is kept. Of each place, bucket
    /// and key.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn trash_end(
        &self,
        job: String,
        (bucket, key): (String, String),
        (kept_bucket, kept_key): (String, String),
        kept_etag: String,
    ) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            // By where it was, for which there is an index: a job may have a record for each of a million objects.
            db.prepare_cached(
                "UPDATE transfer_trash INDEXED BY transfer_trash_key SET state = ?6, kept_etag = ?7
                 WHERE bucket = ?2 AND object_key = ?3 AND job = ?1 AND kept_bucket = ?4 AND kept_key = ?5
                     AND state = ?8",
            )?
            .execute(params![
                job,
                bucket,
                key,
                kept_bucket,
                kept_key,
                TrashState::Kept,
                kept_etag,
                TrashState::Sending,
            ])
        });
        change.await.map(drop)
    }

    /// Whether there is a record of a job.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trash_has_job(&self, job: &str) -> Result<bool, JournalError> {
        self.with(|db| {
            db.prepare_cached("SELECT 1 FROM transfer_trash WHERE job = ?1")?
                .exists([job])
        })
    }

    /// Writes, together with what others write, how far a record is, the ETag where its object is kept, and what is in its
    /// old place.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn trash_update(&self, record: TrashRecord) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            db.prepare_cached(
                "UPDATE transfer_trash SET state = ?2, kept_etag = ?3, successor_mark = ?4, successor_etag = ?5
                 WHERE id = ?1",
            )?
            .execute(params![
                record.id,
                record.state,
                record.kept_etag,
                record.successor.mark,
                record.successor.etag,
            ])
        });
        change.await.map(drop)
    }

    /// Removes records of which nothing is left to take back, together with what others write.
    ///
    /// # Errors
    /// If the database cannot be written; then all of them are still there.
    pub async fn trash_drop(&self, ids: Vec<i64>) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            let mut statement = db.prepare_cached("DELETE FROM transfer_trash WHERE id = ?1")?;
            for id in ids {
                statement.execute([id])?;
            }
            Ok(())
        });
        change.await
    }

    /// One record.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trash_record(&self, id: i64) -> Result<Option<TrashRecord>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM transfer_trash WHERE id = ?1"))?
                .query_row([id], read)
                .optional()
        })
    }

    /// All records, newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trash_list(&self) -> Result<Vec<TrashRecord>, JournalError> {
        self.trash_where("1", &[])
    }

    /// The records of a job, newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trash_of_job(&self, job: &str) -> Result<Vec<TrashRecord>, JournalError> {
        self.trash_where("job = ?1", &[&job])
    }

    /// The records of what was at a key, newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trash_of_key(&self, bucket: &str, key: &str) -> Result<Vec<TrashRecord>, JournalError> {
        self.trash_where("bucket = ?1 AND object_key = ?2", &[&bucket, &key])
    }

    /// The records whose time is over, newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trash_due(&self, now: Timestamp) -> Result<Vec<TrashRecord>, JournalError> {
        self.trash_where("due_at <= ?1", &[&now.as_millisecond()])
    }

    /// The records of which it is not known how far they are, newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trash_unsettled(&self) -> Result<Vec<TrashRecord>, JournalError> {
        self.trash_where("state <> ?1", &[&TrashState::Kept])
    }

    fn trash_where(&self, condition: &str, values: &[&dyn ToSql]) -> Result<Vec<TrashRecord>, JournalError> {
        self.with(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM transfer_trash WHERE {condition} ORDER BY id DESC"
            ))?
            .query_map(values, read)?
            .collect()
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<TrashRecord> {
    Ok(TrashRecord {
        id: row.get(0)?,
        job: row.get(1)?,
        kind: row.get(2)?,
        state: row.get(3)?,
        bucket: row.get(4)?,
        key: row.get(5)?,
        kept_bucket: row.get(6)?,
        kept_key: row.get(7)?,
        size: row.get::<_, Option<i64>>(8)?.and_then(|size| u64::try_from(size).ok()),
        etag: row.get(9)?,
        kept_etag: row.get(10)?,
        successor: Successor {
            mark: row.get(11)?,
            etag: row.get(12)?,
        },
        made_at: time(row, 13)?,
        due_at: time(row, 14)?,
        edit: row
            .get::<_, Option<String>>(15)?
            .and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// A time to the millisecond, as it is read again.
fn whole(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// A time as it is kept in the journal: milliseconds since 1970.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let milliseconds: i64 = row.get(column)?;
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, milliseconds))
}

words!(TrashKind {
    Self::Deleted => "deleted",
    Self::Replaced => "replaced",
    Self::Moved => "moved",
    Self::Edited => "edited",
});

words!(TrashState {
    Self::Sending => "sending",
    Self::Kept => "kept",
    Self::Returning => "returning",
});

#[cfg(test)]
mod tests {
    use super::*;

    fn record(job: &str, key: &str, due: i64) -> TrashRecord {
        TrashRecord {
            id: 0,
            job: job.into(),
            kind: TrashKind::Replaced,
            state: TrashState::Sending,
            bucket: "b".into(),
            key: key.into(),
            kept_bucket: "b".into(),
            kept_key: format!("_trash/{key}"),
            size: Some(7),
            etag: Some("\"e\"".into()),
            kept_etag: None,
            successor: Successor {
                mark: Some("m".into()),
                etag: None,
            },
            edit: Some(EditRecord {
                before: ObjectFacts::default(),
                after: ObjectFacts {
                    content_type: Some("image/png".into()),
                    cache_control: None,
                    metadata: serde_json::from_str("{\"a\": [1, null]}").unwrap(),
                },
            }),
            made_at: Timestamp::from_second(1).unwrap(),
            due_at: Timestamp::from_second(due).unwrap(),
        }
    }

    #[tokio::test]
    async fn records_are_found_by_what_is_asked_of_them_and_survive() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let first = journal.trash_add(record("j", "a", 10)).await.unwrap();
        let mut second = journal.trash_add(record("j", "a", 20)).await.unwrap();
        let third = journal.trash_add(record("k", "c", 30)).await.unwrap();
        second.state = TrashState::Kept;
        second.kept_etag = Some("\"k\"".into());
        second.successor.etag = Some("\"s\"".into());
        journal.trash_update(second.clone()).await.unwrap();
        drop(journal);

        let journal = Journal::open(folder.path()).unwrap();
        assert_eq!(journal.trash_of_job("j").unwrap(), [second.clone(), first.clone()]);
        assert_eq!(journal.trash_of_key("b", "a").unwrap().len(), 2);
        assert!(journal.trash_of_key("other", "a").unwrap().is_empty());
        let due = journal.trash_due(Timestamp::from_second(20).unwrap()).unwrap();
        assert_eq!(due, [second.clone(), first.clone()]);
        assert_eq!(journal.trash_unsettled().unwrap(), [third.clone(), first.clone()]);
        journal.trash_drop(vec![first.id, third.id]).await.unwrap();
        assert_eq!(journal.trash_list().unwrap(), [second.clone()]);
        assert_eq!(journal.trash_record(first.id).unwrap(), None);
        let fourth = journal.trash_add(record("k", "c", 30)).await.unwrap();
        assert!(fourth.id > third.id, "numbers are not given twice");
    }
}
