//! Indexes on disk, in a file of their own beside the journal, so that the next start shows at once what was there. All of
//! it can be listed again: a file that is damaged is thrown away. Several processes may use it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::build::{Closed, Finished};
use super::encode::{decode, encode};
use super::segment::Segment;
use super::usage::{Scan, Summary};
use super::{Coverage, Index};
use crate::supabase::BucketName;

/// The form of the file. One of another form is thrown away.
const FORM: i64 = 1;

/// Scans of a bucket that are remembered.
const SCANS: i64 = 100;

const TABLES: &str = "
    CREATE TABLE bucket (
        name TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        begun_at INTEGER NOT NULL,
        complete_at INTEGER NOT NULL,
        may_miss INTEGER NOT NULL,
        objects INTEGER NOT NULL
    );
    CREATE TABLE listing (
        bucket TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        begun_at INTEGER NOT NULL,
        cursor TEXT NOT NULL,
        objects INTEGER NOT NULL
    );
    CREATE TABLE segment (
        bucket TEXT NOT NULL,
        generation INTEGER NOT NULL,
        first TEXT NOT NULL,
        data BLOB NOT NULL
    );
    CREATE UNIQUE INDEX segment_place ON segment (bucket, generation, first);
    CREATE TABLE scan (
        bucket TEXT NOT NULL,
        at INTEGER NOT NULL,
        objects INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        unknown INTEGER NOT NULL,
        summary TEXT NOT NULL,
        PRIMARY KEY (bucket, at)
    );";

/// Indexes could not be kept or found. Nothing is lost by it but time: buckets are listed again.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The folder or a file in it.
    #[error("cannot write to {}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database.
    #[error("the list of objects kept on disk cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
    /// The task that used it was stopped.
    #[error("the work on the list of objects was stopped")]
    Stopped,
}

/// The indexes of a workspace on disk. Clones share the same file; calls block, and belong on the blocking pool.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    connection: Arc<Mutex<Connection>>,
}

/// What is on disk of a bucket.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// What was listed whole.
    pub complete: Option<Whole>,
    /// What was listed since, and broke off.
    pub unfinished: Option<Unfinished>,
}

/// A listing that came to its end.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Its objects.
    pub index: Index,
    /// Which listing it was; what changes is changed of no other.
    pub generation: Generation,
}

/// A listing that broke off.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// What was listed.
    pub listed: Index,
    /// Where it goes on.
    pub cursor: String,
    /// Which one it is.
    pub generation: Generation,
}

/// One listing of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    id: i64,
    begun_at: Timestamp,
}

impl Generation {
    /// That of a listing that begins now.
    #[must_use]
    pub fn new(begun_at: Timestamp) -> Self {
        // A part of a random UUID: unlike all others of the bucket, in this process and in others.
        let id = (uuid::Uuid::new_v4().as_u128() & u128::from(u32::MAX)) as i64;
        Self { id, begun_at }
    }

    /// When it began.
    #[must_use]
    pub const fn begun_at(self) -> Timestamp {
        self.begun_at
    }
}

/// The right to keep an unfinished listing of a bucket; one process has it, and loses it with its end, whatever that is.
#[derive(Debug)]
pub struct Turn {
    _lock: File,
}

impl Store {
    /// Opens the file in a folder, making it if needed. A damaged one is thrown away.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(folder: &Path) -> Result<Self, CatalogError> {
        let file = |source| CatalogError::File {
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(file)?;
        let path = folder.join("catalog.sqlite3");
        let connection = match connect(&path) {
            Ok(Some(connection)) => connection,
            Err(error) if !is_damaged(&error) => return Err(error.into()),
            // Everything in it can be had again.
            Ok(None) | Err(_) => {
                for end in ["", "-wal", "-shm"] {
                    match std::fs::remove_file(folder.join(format!("catalog.sqlite3{end}"))) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file(error)),
                        _ => {}
                    }
                }
                connect(&path)?.ok_or(rusqlite::Error::InvalidQuery)?
            }
        };
        Ok(Self {
            folder: folder.to_owned(),
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs blocking work with it on the blocking pool.
    ///
    /// # Errors
    /// What `work` returns, or [`CatalogError::Stopped`] if the program ends meanwhile.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, CatalogError> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .unwrap_or(Err(CatalogError::Stopped))
    }

    /// Takes the turn to keep an unfinished listing of a bucket; None while another process has it.
    ///
    /// # Errors
    /// If the file that is locked cannot be made.
    pub fn turn(&self, bucket: &BucketName) -> Result<Option<Turn>, CatalogError> {
        let name = crate::journal::sha256(bucket.as_str().as_bytes());
        let path = self.folder.join(format!("catalog-{}.lock", &name[..16]));
        let opened = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = opened.map_err(|source| CatalogError::File { path, source })?;
        Ok(lock.try_lock().is_ok().then_some(Turn { _lock: lock }))
    }

    /// What is on disk of a bucket. What is not as it was written is not there.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn load(&self, bucket: &BucketName, version: u64) -> Result<Kept, CatalogError> {
        self.read(|db| {
            let complete = db
                .query_row(
                    "SELECT generation, begun_at, complete_at, may_miss, objects FROM bucket WHERE name = ?1",
                    [bucket.as_str()],
                    |row| {
                        Ok((
                            row.get(0)?,
                            row.get(1)?,
                            row.get::<_, i64>(2)?,
                            row.get(3)?,
                            row.get::<_, i64>(4)?,
                        ))
                    },
                )
                .optional()?;
            let unfinished = db
                .query_row(
                    "SELECT generation, begun_at, cursor, objects FROM listing WHERE bucket = ?1",
                    [bucket.as_str()],
                    |row| {
                        Ok((
                            row.get(0)?,
                            row.get(1)?,
                            row.get::<_, String>(2)?,
                            row.get::<_, i64>(3)?,
                        ))
                    },
                )
                .optional()?;
            let mut kept = Kept::default();
            if let Some((id, begun_at, at, may_miss, objects)) = complete
                && let (Some(generation), Ok(at)) = (generation(id, begun_at), Timestamp::from_microsecond(at))
                && let Some(segments) = segments(db, bucket, id, objects)?
            {
                let index = Index::of(bucket.clone(), version, Coverage::Complete { at }, may_miss, segments);
                kept.complete = Some(Whole { index, generation });
            }
            if let Some((id, begun_at, cursor, objects)) = unfinished
                && let Some(generation) = generation(id, begun_at)
                && kept
                    .complete
                    .as_ref()
                    .is_none_or(|whole| whole.generation.begun_at < generation.begun_at)
                && let Some(segments) = segments(db, bucket, id, objects)?
            {
                let state = Coverage::Partial {
                    listed: u64::try_from(objects).unwrap_or(0),
                    expected: kept.complete.as_ref().map(|whole| whole.index.len() as u64),
                };
                kept.unfinished = Some(Unfinished {
                    listed: Index::of(bucket.clone(), version, state, false, segments),
                    cursor,
                    generation,
                });
            }
            Ok(kept)
        })
    }

    /// The buckets of which something is kept, by name.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn buckets(&self) -> Result<Vec<BucketName>, CatalogError> {
        self.read(|db| {
            let mut statement = db.prepare("SELECT name FROM bucket UNION SELECT bucket FROM listing ORDER BY 1")?;
            let names = statement.query_map([], |row| row.get::<_, String>(0))?;
            let names: Vec<String> = names.collect::<rusqlite::Result<_>>()?;
            Ok(names.iter().filter_map(|name| BucketName::parse(name).ok()).collect())
        })
    }

    /// Keeps what was listed since, with the cursor that leads on. Whoever does it has the [`Turn`].
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn keep(
        &self,
        bucket: &BucketName,
        listing: Generation,
        closed: &Closed,
        listed: u64,
        cursor: &str,
    ) -> Result<(), CatalogError> {
        let blobs = blobs(bucket, &closed.segments);
        self.write(|db| {
            // What is left of another one that broke off is of no use any more.
            db.execute(
                "DELETE FROM segment WHERE bucket = ?1 AND generation IN
                 (SELECT generation FROM listing WHERE bucket = ?1 AND generation <> ?2)",
                params![bucket.as_str(), listing.id],
            )?;
            insert(db, bucket, listing.id, &blobs)?;
            db.execute(
                "INSERT OR REPLACE INTO listing (bucket, generation, begun_at, cursor, objects) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    bucket.as_str(),
                    listing.id,
                    listing.begun_at.as_microsecond(),
                    cursor,
                    i64::try_from(listed).unwrap_or(i64::MAX)
                ],
            )?;
            Ok(())
        })
    }

    /// Keeps a listing that has come to its end in the place of the one before, unless that one began later; and the scan
    /// in any case. Answers whether it did.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(&self, listing: Generation, finished: &Finished, scan: &Scan) -> Result<bool, CatalogError> {
        let index = &finished.index;
        let bucket = index.bucket();
        let summary = serde_json::to_string(&scan.summary).unwrap_or_default();
        let blobs = blobs(bucket, &index.segments()[finished.given..]);
        self.write(|db| {
            db.execute(
                "INSERT OR REPLACE INTO scan (bucket, at, objects, bytes, unknown, summary) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    bucket.as_str(),
                    scan.at.as_microsecond(),
                    i64::try_from(scan.total.objects).unwrap_or(i64::MAX),
                    i64::try_from(scan.total.bytes).unwrap_or(i64::MAX),
                    scan.total.partial,
                    summary
                ],
            )?;
            db.execute(
                "DELETE FROM scan WHERE bucket = ?1 AND at NOT IN
                 (SELECT at FROM scan WHERE bucket = ?1 ORDER BY at DESC LIMIT ?2)",
                params![bucket.as_str(), SCANS],
            )?;
            let known: Option<(i64, i64)> = db
                .query_row(
                    "SELECT generation, begun_at FROM bucket WHERE name = ?1",
                    [bucket.as_str()],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            if known.is_some_and(|(_, begun_at)| begun_at > listing.begun_at.as_microsecond()) {
                drop_listing(db, bucket, listing.id)?;
                return Ok(false);
            }
            if let Some((older, _)) = known {
                db.execute(
                    "DELETE FROM segment WHERE bucket = ?1 AND generation = ?2",
                    params![bucket.as_str(), older],
                )?;
            }
            if finished.given == 0 {
                db.execute(
                    "DELETE FROM segment WHERE bucket = ?1 AND generation = ?2",
                    params![bucket.as_str(), listing.id],
                )?;
            }
            insert(db, bucket, listing.id, &blobs)?;
            db.execute(
                "INSERT OR REPLACE INTO bucket (name, generation, begun_at, complete_at, may_miss, objects)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    bucket.as_str(),
                    listing.id,
                    listing.begun_at.as_microsecond(),
                    scan.at.as_microsecond(),
                    index.may_miss(),
                    i64::try_from(index.len()).unwrap_or(i64::MAX)
                ],
            )?;
            // Those that began earlier and broke off have nothing to tell any more.
            db.execute(
                "DELETE FROM segment WHERE bucket = ?1 AND generation IN
                 (SELECT generation FROM listing WHERE bucket = ?1 AND begun_at <= ?2 AND generation <> ?3)",
                params![bucket.as_str(), listing.begun_at.as_microsecond(), listing.id],
            )?;
            db.execute(
                "DELETE FROM listing WHERE bucket = ?1 AND begun_at <= ?2",
                params![bucket.as_str(), listing.begun_at.as_microsecond()],
            )?;
            Ok(true)
        })
    }

    /// Keeps what has changed from one index of a listing to the next, if that listing is still the one that is kept.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn change(&self, listing: Generation, before: &Index, after: &Index) -> Result<bool, CatalogError> {
        let bucket = after.bucket();
        let is_in = |index: &Index, segment: &Arc<Segment>| {
            let at = index
                .segments()
                .partition_point(|other| other.first() < segment.first());
            index
                .segments()
                .get(at)
                .is_some_and(|other| Arc::ptr_eq(other, segment))
        };
        let gone: Vec<&str> = before
            .segments()
            .iter()
            .filter(|s| !is_in(after, s))
            .map(|s| s.first())
            .collect();
        let new: Vec<Arc<Segment>> = after.segments().iter().filter(|s| !is_in(before, s)).cloned().collect();
        let blobs = blobs(bucket, &new);
        self.write(|db| {
            let changed = db.execute(
                "UPDATE bucket SET objects = ?3 WHERE name = ?1 AND generation = ?2 AND objects = ?4",
                params![
                    bucket.as_str(),
                    listing.id,
                    i64::try_from(after.len()).unwrap_or(i64::MAX),
                    i64::try_from(before.len()).unwrap_or(i64::MAX)
                ],
            )?;
            if changed == 0 {
                return Ok(false);
            }
            for first in gone {
                let removed = db.execute(
                    "DELETE FROM segment WHERE bucket = ?1 AND generation = ?2 AND first = ?3",
                    params![bucket.as_str(), listing.id, first],
                )?;
                if removed == 0 {
                    // Another process has changed it: what is there fits neither.
                    forget(db, bucket)?;
                    return Ok(false);
                }
            }
            insert(db, bucket, listing.id, &blobs)?;
            Ok(true)
        })
    }

    /// Forgets a bucket, but not how it has grown.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn forget(&self, bucket: &BucketName) -> Result<(), CatalogError> {
        self.write(|db| forget(db, bucket))
    }

    /// Forgets an unfinished listing, whose cursor is not known to the server any more.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn drop_unfinished(&self, bucket: &BucketName, listing: Generation) -> Result<(), CatalogError> {
        self.write(|db| drop_listing(db, bucket, listing.id))
    }

    /// The whole listings of a bucket so far, the newest first.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn scans(&self, bucket: &BucketName) -> Result<Vec<Scan>, CatalogError> {
        self.read(|db| {
            let mut statement =
                db.prepare("SELECT at, objects, bytes, unknown, summary FROM scan WHERE bucket = ?1 ORDER BY at DESC")?;
            let rows = statement.query_map([bucket.as_str()], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, bool>(3)?,
                    row.get::<_, String>(4)?,
                ))
            })?;
            let mut scans = Vec::new();
            for row in rows {
                let (at, objects, bytes, partial, summary) = row?;
                let summary: Option<Summary> = serde_json::from_str(&summary).ok();
                if let (Ok(at), Some(summary)) = (Timestamp::from_microsecond(at), summary) {
                    scans.push(Scan {
                        at,
                        total: super::Total {
                            objects: u64::try_from(objects).unwrap_or(0),
                            bytes: u64::try_from(bytes).unwrap_or(0),
                            partial,
                        },
                        summary,
                    });
                }
            }
            Ok(scans)
        })
    }

    fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, CatalogError> {
        // A panic while the lock was held left no half-done statement behind: SQLite rolled it back.
        let mut db = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = db.transaction_with_behavior(TransactionBehavior::Deferred)?;
        Ok(work(&transaction)?)
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, CatalogError> {
        let mut db = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}

/// A connection, if the file is of this form or new.
fn connect(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let mut db = Connection::open(path)?;
    db.busy_timeout(std::time::Duration::from_secs(10))?;
    // Counts only for a new file: segments are some hundred kilobytes.
    db.pragma_update(None, "page_size", 32_768)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // What a power cut takes is listed again.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let form: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match form {
        FORM => {}
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", FORM)?;
        }
        _ => return Ok(None),
    }
    transaction.commit()?;
    Ok(Some(db))
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    // Tables that are there although the form is none, or are not although it is ours, are an error of the statement.
    matches!(
        code,
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
    )
}

fn generation(id: i64, begun_at: i64) -> Option<Generation> {
    let begun_at = Timestamp::from_microsecond(begun_at).ok()?;
    Some(Generation { id, begun_at })
}

fn blobs(bucket: &BucketName, segments: &[Arc<Segment>]) -> Vec<(Arc<Segment>, Vec<u8>)> {
    let blob = |segment: &Arc<Segment>| (Arc::clone(segment), encode(segment.columns(), bucket.as_str()));
    segments.iter().map(blob).collect()
}

fn insert(
    db: &Transaction<'_>,
    bucket: &BucketName,
    generation: i64,
    blobs: &[(Arc<Segment>, Vec<u8>)],
) -> rusqlite::Result<()> {
    let mut statement =
        db.prepare_cached("INSERT OR REPLACE INTO segment (bucket, generation, first, data) VALUES (?1, ?2, ?3, ?4)")?;
    for (segment, blob) in blobs {
        statement.execute(params![bucket.as_str(), generation, segment.first(), blob])?;
    }
    Ok(())
}

fn forget(db: &Transaction<'_>, bucket: &BucketName) -> rusqlite::Result<()> {
    for table in [
        "DELETE FROM segment WHERE bucket = ?1",
        "DELETE FROM listing WHERE bucket = ?1",
        "DELETE FROM bucket WHERE name = ?1",
    ] {
        db.execute(table, [bucket.as_str()])?;
    }
    Ok(())
}

fn drop_listing(db: &Transaction<'_>, bucket: &BucketName, id: i64) -> rusqlite::Result<()> {
    // Only if it did not become the whole one.
    db.execute(
        "DELETE FROM segment WHERE bucket = ?1 AND generation = ?2 AND NOT EXISTS
         (SELECT 1 FROM bucket WHERE name = ?1 AND generation = ?2)",
        params![bucket.as_str(), id],
    )?;
    db.execute(
        "DELETE FROM listing WHERE bucket = ?1 AND generation = ?2",
        params![bucket.as_str(), id],
    )?;
    Ok(())
}

/// The segments of a listing, if they are all there, whole and in order.
fn segments(
    db: &Transaction<'_>,
    bucket: &BucketName,
    generation: i64,
    objects: i64,
) -> rusqlite::Result<Option<Vec<Arc<Segment>>>> {
    let mut statement =
        db.prepare_cached("SELECT data FROM segment WHERE bucket = ?1 AND generation = ?2 ORDER BY first")?;
    let mut rows = statement.query(params![bucket.as_str(), generation])?;
    let mut segments: Vec<Arc<Segment>> = Vec::new();
    let mut found = 0_i64;
    while let Some(row) = rows.next()? {
        let blob = row.get_ref(0)?.as_blob().unwrap_or_default();
        let Some(columns) = decode(blob, bucket.as_str()) else {
            tracing::warn!("the list of objects of {bucket} that was kept on disk is damaged; it is listed again");
            return Ok(None);
        };
        let segment = Segment::new(columns);
        if segments.last().is_some_and(|last| last.last() >= segment.first()) {
            return Ok(None);
        }
        found += i64::try_from(segment.len()).unwrap_or(0);
        segments.push(segment);
    }
    Ok((found == objects).then_some(segments))
}
