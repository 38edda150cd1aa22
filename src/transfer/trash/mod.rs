//! The trash of a project: what was deleted, replaced or moved can be taken back for a while.
//!
//! Objects go to `_trash/<date>/<job>/<original key>` of their own bucket by a move on the server, which keeps bytes,
//! headers and metadata. The journal has a [`Record`] of each before the request is made. Storage has no conditions on
//! writes, so each step looks before and after: what turns out to be another object than the one that was meant goes back.

mod edited;
mod keep;
mod key;
mod purge;
mod restore;
mod settle;

use jiff::{SignedDuration, Timestamp};

pub use crate::journal::{Successor, TrashKind, TrashRecord as Record, TrashState};
pub(in crate::transfer) use edited::{agree, facts_of, to_reach};
pub use key::{TRASH_PREFIX, is_in_trash};
pub use purge::{Kept, Purged};
pub use restore::{Recovered, Restored, Undone};

use super::JobId;
use crate::journal::{Journal, JournalError};
use crate::supabase::{BucketName, Class, Error as WireError, ObjectInfo, ObjectKey, Objects, Supabase};

/// The trash of a project, as the journal of this workspace knows it. Clones share it.
#[derive(Clone)]
pub struct Trash {
    project: Supabase,
    journal: Journal,
    retention: SignedDuration,
}

/// Why something did not go to the trash or come back.
#[derive(Debug, thiserror::Error)]
pub enum TrashError {
    /// The project refused or could not be reached. Nothing was changed.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The journal could not be written; nothing is asked of the project then.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There is no such object, or a policy hides it.
    #[error("there is no object {0}")]
    NotThere(String),
    /// The object is not the one that was meant.
    #[error("{0} was changed since it was looked at; it was left as it is")]
    Changed(String),
    /// The object turned out to be another than the one that was meant, and its place was taken before it could go back.
    #[error("{what} was changed at the same moment; what was there is kept at {kept}")]
    ChangedAndKept {
        /// What was meant.
        what: String,
        /// Where it is.
        kept: String,
    },
    /// Something else is in its place.
    #[error("something else is stored at {0} by now; it was left as it is")]
    Occupied(String),
    /// What was kept is not there any more.
    #[error("{0} is not in the trash any more")]
    Gone(String),
    /// It is in the trash already.
    #[error("{0} is in the trash already")]
    InTrash(String),
    /// The answer was lost, and looking did not tell what became of it. It is looked for again later.
    #[error("it is not known yet whether {what} was moved to {to}: {why}")]
    Unclear {
        /// What.
        what: String,
        /// Where it may be.
        to: String,
        /// What happened.
        why: String,
    },
    /// The journal has no such record.
    #[error("the trash has no record {0}")]
    NoRecord(i64),
}

impl Trash {
    /// How long what is deleted or replaced can be taken back, unless it is said otherwise.
    pub const RETENTION_DAYS: u32 = 30;

    /// For how long nobody else is taken to be at a record whose request has shown no effect. Longer than any request
    /// without a body lasts.
    const UNDER_WAY: SignedDuration = SignedDuration::from_mins(10);

    /// The trash of a project.
    #[must_use]
    pub fn new(project: Supabase, journal: Journal) -> Self {
        Self {
            project,
            journal,
            retention: days(Self::RETENTION_DAYS),
        }
    }

    /// The same, with another retention for what goes there from now on.
    #[must_use]
    pub fn keeping(mut self, for_days: u32) -> Self {
        self.retention = days(for_days);
        self
    }

    /// All records, newest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn list(&self) -> Result<Vec<Record>, TrashError> {
        Ok(self.journal.run(Journal::trash_list).await?)
    }

    /// The records of a job, newest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn of_job(&self, job: JobId) -> Result<Vec<Record>, TrashError> {
        let job = job.to_string();
        Ok(self.journal.run(move |journal| journal.trash_of_job(&job)).await?)
    }

    /// A record of something that is about to be done.
    fn record(&self, kind: TrashKind, job: JobId, from: &At, to: &At, info: &ObjectInfo) -> Record {
        let now = Timestamp::now();
        Record {
            id: 0,
            job: job.to_string(),
            kind,
            state: TrashState::Sending,
            bucket: from.objects.bucket().to_string(),
            key: from.key.to_string(),
            kept_bucket: to.objects.bucket().to_string(),
            kept_key: to.key.to_string(),
            size: info.size,
            etag: info.etag.clone(),
            kept_etag: None,
            successor: Successor::default(),
            edit: None,
            made_at: now,
            due_at: now.checked_add(self.retention).unwrap_or(Timestamp::MAX),
        }
    }

    /// Whether anything that a job did can be taken back.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn has_any_of(&self, job: JobId) -> Result<bool, TrashError> {
        let job = job.to_string();
        Ok(self.journal.run(move |journal| journal.trash_has_job(&job)).await?)
    }

    async fn add(&self, record: Record) -> Result<Record, TrashError> {
        Ok(self.journal.trash_add(record).await?)
    }

    async fn update(&self, record: &Record) -> Result<(), TrashError> {
        Ok(self.journal.trash_update(record.clone()).await?)
    }

    async fn drop_record(&self, id: i64) -> Result<(), TrashError> {
        Ok(self.journal.trash_drop(vec![id]).await?)
    }

    /// The places of a record. Its names were valid when it was written; if they no longer are, nothing is there.
    fn places(&self, record: &Record) -> Result<(At, At), TrashError> {
        let at = |bucket: &str, key: &str| {
            let place = || format!("{bucket}/{key}");
            let bucket = BucketName::parse(bucket).map_err(|_| TrashError::Gone(place()))?;
            let key = ObjectKey::parse(key).map_err(|_| TrashError::Gone(place()))?;
            Ok::<At, TrashError>(At {
                objects: self.project.bucket(&bucket),
                key,
            })
        };
        Ok((
            at(&record.bucket, &record.key)?,
            at(&record.kept_bucket, &record.kept_key)?,
        ))
    }
}

/// A place in a bucket.
#[derive(Clone, Debug)]
struct At {
    objects: Objects,
    key: ObjectKey,
}

impl At {
    fn new(objects: &Objects, key: &ObjectKey) -> Self {
        Self {
            objects: objects.clone(),
            key: key.clone(),
        }
    }

    /// What is there; None only if the server says that nothing is.
    async fn look(&self) -> Result<Option<ObjectInfo>, WireError> {
        match self.objects.info(&self.key).await {
            Ok(info) => Ok(Some(info)),
            Err(error) if error.class == Class::NotFound && error.code.as_deref() == Some("NoSuchKey") => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn name(&self) -> String {
        format!("{}/{}", self.objects.bucket(), self.key)
    }
}

fn days(count: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(count))
}

/// Whether an object that was moved or copied is the one that was looked at before. Stores on S3 may give a copy another
/// ETag, unless it is the MD5 of the bytes.
fn is_same(before: &ObjectInfo, after: &ObjectInfo) -> bool {
    before.size == after.size
        && before.metadata == after.metadata
        && same_etag(before.etag.as_deref(), after.etag.as_deref())
}

fn same_etag(one: Option<&str>, other: Option<&str>) -> bool {
    match (one.map(bare), other.map(bare)) {
        (Some(one), Some(other)) if is_md5(one) && is_md5(other) => one.eq_ignore_ascii_case(other),
        _ => true,
    }
}

fn is_md5(etag: &str) -> bool {
    etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An ETag without what differs between two ways of saying the same.
fn bare(etag: &str) -> &str {
    etag.trim_start_matches("W/").trim_matches('"')
}

/// Whether two ETags are equal, however they are written.
fn equal(one: &str, other: &str) -> bool {
    bare(one) == bare(other)
}
