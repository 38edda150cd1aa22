//! Resumable uploads: a row each, whose bytes gather in a file until they are an object's.
//!
//! A row's offset is what the client may rely on: it is committed only once the file is synced that far, together with the
//! state of the hash. The last offset is committed in the transaction that makes the object, so an upload never looks
//! complete without being one.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::blob::{BlobId, ORPHAN_AGE, old_files};
use super::object::{NewObject, Object, fresh, key_exists, place};
use super::part::{Grip, Held};
use super::pool::After;
use super::{Micros, Store, StoreError, bucket, now};

/// The table, a migration of [`schema`](super::schema).
pub(super) const TABLE: &str = "
    CREATE TABLE uploads (
        id TEXT PRIMARY KEY,
        bucket_id TEXT NOT NULL,
        name TEXT NOT NULL,
        metadata TEXT NOT NULL,
        size INTEGER,
        offset INTEGER NOT NULL DEFAULT 0,
        digest BLOB,
        finished INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX uploads_by_expiry ON uploads (expires_at);
";

/// How often a waiting request looks whether an upload is free.
const LOOK: Duration = Duration::from_millis(50);
/// Expired uploads that one pass of the sweep ends.
const SWEEP_BATCH: i64 = 1000;

/// An upload's row.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Names the file; later the object's blob and its version.
    pub id: BlobId,
    /// The bucket's id.
    pub bucket_id: String,
    /// The key of the object to be.
    pub name: String,
    /// What the client said at the start, as the routes keep it.
    pub metadata: String,
    /// In bytes; `None` until the client tells.
    pub size: Option<u64>,
    /// Bytes that are safe.
    pub offset: u64,
    /// The state of the hash at the offset.
    pub(super) digest: Option<Vec<u8>>,
    /// Whether it is an object now.
    pub finished: bool,
    /// When it ends if it is not finished.
    pub expires_at: Micros,
}

/// What begins an upload.
#[derive(Debug)]
pub struct NewUpload {
    /// The bucket's id.
    pub bucket_id: String,
    /// The key of the object to be.
    pub name: String,
    /// What the client said, as the routes keep it.
    pub metadata: String,
    /// In bytes, if it is known.
    pub size: Option<u64>,
    /// How long it may take.
    pub lifetime: Duration,
}

impl Upload {
    /// Whether all bytes are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.size == Some(self.offset)
    }
}

impl Store {
    /// Begins an upload and holds it.
    ///
    /// # Errors
    /// That the disk or the database failed.
    pub async fn create_upload(&self, new: NewUpload) -> Result<Held, StoreError> {
        let created_at = now();
        let lifetime = i64::try_from(new.lifetime.as_micros()).unwrap_or(i64::MAX);
        let row = Upload {
            id: BlobId::random(),
            bucket_id: new.bucket_id,
            name: new.name,
            metadata: new.metadata,
            size: new.size,
            offset: 0,
            digest: None,
            finished: false,
            expires_at: created_at.saturating_add(lifetime),
        };
        let (parts, id) = (Arc::clone(&self.parts), row.id.clone());
        let file = tokio::task::spawn_blocking(move || parts.create(&id)).await??;
        let (parts, id) = (Arc::clone(&self.parts), row.id.clone());
        let inserted = self.write(move |transaction| {
            transaction.execute(
                "INSERT INTO uploads (id, bucket_id, name, metadata, size, created_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    row.id.as_str(),
                    row.bucket_id,
                    row.name,
                    row.metadata,
                    row.size.map(clamp),
                    created_at,
                    row.expires_at,
                ],
            )?;
            Ok::<_, StoreError>(row)
        });
        match inserted.await {
            Ok(row) => Ok(Held::new(row, Some(file))),
            Err(error) => {
                drop(file);
                // Without a row the file is nobody's; if the removal fails, too, the sweep takes it.
                let _ = tokio::task::spawn_blocking(move || parts.remove(&id)).await;
                Err(error)
            }
        }
    }

    /// Reads an upload's row. It may change at any time, unless the upload is held.
    ///
    /// # Errors
    /// [`StoreError::NoSuchUpload`].
    pub async fn upload(&self, id: &BlobId) -> Result<Upload, StoreError> {
        let id = id.clone();
        self.read(move |connection| find(connection, &id)).await
    }

    /// Gets hold of an upload. If another request has it, that one is asked to stop, and this one waits.
    ///
    /// # Errors
    /// [`StoreError::NoSuchUpload`], [`StoreError::UploadGone`] if it has expired or its bytes are gone,
    /// [`StoreError::UploadLocked`] if the other one does not stop within `patience`.
    pub async fn hold_upload(&self, id: &BlobId, patience: Duration) -> Result<Held, StoreError> {
        let until = Instant::now() + patience;
        loop {
            let (store, id) = (self.clone(), id.clone());
            if let Some(held) = tokio::task::spawn_blocking(move || store.try_hold(&id)).await?? {
                return Ok(held);
            }
            if Instant::now() >= until {
                return Err(StoreError::UploadLocked);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// `None` if another request has it; that one is asked to stop then. Blocks.
    fn try_hold(&self, id: &BlobId) -> Result<Option<Held>, StoreError> {
        let read = || self.pool.with_connection(|connection| find(connection, id));
        let row = read()?;
        if row.finished {
            return Ok(Some(Held::new(row, None)));
        }
        let file = match self.parts.grip(&self.blobs, id)? {
            Grip::Held(file) => file,
            Grip::Busy => {
                self.parts.ask_for_release(id)?;
                return Ok(None);
            }
            Grip::Missing => {
                // It was finished or ended meanwhile, or its file was taken away.
                let row = read()?;
                return if row.finished {
                    Ok(Some(Held::new(row, None)))
                } else {
                    Err(StoreError::UploadGone)
                };
            }
        };
        self.parts.clear_release(id);
        // Another request may have finished it before this one got the lock.
        let row = read()?;
        if row.finished {
            return Ok(Some(Held::new(row, None)));
        }
        if row.expires_at <= now() {
            return Err(StoreError::UploadGone);
        }
        self.parts.take_back(&self.blobs, id)?;
        if file.metadata()?.len() < row.offset {
            tracing::error!(upload = id.as_str(), "an upload's file is shorter than its row says");
            return Err(StoreError::UploadGone);
        }
        Ok(Some(Held::new(row, Some(file))))
    }

    /// Makes an upload's bytes durable and records how far they go.
    ///
    /// # Errors
    /// [`StoreError::NoSuchUpload`] if its row is gone, or that the disk or the database failed.
    pub async fn save_upload(&self, held: Held) -> Result<Held, StoreError> {
        let held = tokio::task::spawn_blocking(move || held.sync().map(|()| held)).await??;
        self.write(move |transaction| {
            let changed = transaction
                .prepare_cached(
                    "UPDATE uploads SET offset = ?2, digest = ?3, size = ?4 WHERE id = ?1 AND finished = 0",
                )?
                .execute(params![
                    held.row.id.as_str(),
                    clamp(held.row.offset),
                    held.digest.save(),
                    held.row.size.map(clamp),
                ])?;
            if changed == 0 {
                Err(StoreError::NoSuchUpload)
            } else {
                Ok(held)
            }
        })
        .await
    }

    /// Makes an object of a complete upload: sync → rename → row, as any other object is made.
    ///
    /// # Errors
    /// [`StoreError::KeyExists`] without `upsert`, [`StoreError::NoSuchBucket`]: then the upload has ended. Or that the
    /// disk or the database failed: then it goes on from its last offset.
    pub async fn finish_upload(&self, mut held: Held, new: NewObject, upsert: bool) -> Result<Object, StoreError> {
        let (blobs, parts) = (Arc::clone(&self.blobs), Arc::clone(&self.parts));
        let (etag, held) = tokio::task::spawn_blocking(move || {
            let file = held.file.as_mut().ok_or(StoreError::NoSuchUpload)?;
            // What a killed process wrote beyond the offset is not part of it.
            file.set_len(held.row.offset)?;
            let etag = held.digest.clone().etag(file)?;
            blobs.adopt(file, &parts.path(&held.row.id), &held.row.id)?;
            parts.clear_release(&held.row.id);
            Ok::<_, StoreError>((etag, held))
        })
        .await??;
        let blobs = Arc::clone(&self.blobs);
        let row = held.row.clone();
        let work = move |transaction: &Transaction<'_>| {
            let (result, unused) = match finish(transaction, &row, etag, new, upsert) {
                Ok((object, unused)) => (Ok(object), unused),
                Err(refused @ (StoreError::KeyExists | StoreError::NoSuchBucket)) => {
                    delete(transaction, &row.id)?;
                    (Err(refused), vec![row.id])
                }
                Err(failed) => return Err(failed),
            };
            let after: After = Box::new(move || {
                blobs.remove(&unused);
                // Whoever waits for the upload sees what became of it.
                drop(held);
            });
            Ok((result, Some(after)))
        };
        self.pool.write(work).await?
    }

    /// Ends an upload that is not finished.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn end_upload(&self, held: Held) -> Result<(), StoreError> {
        let parts = Arc::clone(&self.parts);
        let work = move |transaction: &Transaction<'_>| {
            delete(transaction, &held.row.id)?;
            let after: After = Box::new(move || parts.remove(&held.row.id));
            Ok::<_, StoreError>(((), Some(after)))
        };
        self.pool.write(work).await
    }

    /// Whether the object that an upload became is still there, under the same key and unchanged.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn is_upload_kept(&self, upload: &Upload) -> Result<bool, StoreError> {
        let upload = upload.clone();
        self.read(move |connection| {
            Ok(connection
                .prepare_cached("SELECT 1 FROM objects WHERE bucket_id = ?1 AND name = ?2 AND version = ?3")?
                .exists([&upload.bucket_id, &upload.name, upload.id.as_str()])?)
        })
        .await
    }

    /// Ends uploads that have expired, and removes old files that belong to none. Returns how many. Blocks.
    pub fn sweep_uploads(&self) -> Result<usize, StoreError> {
        let mut ended = 0;
        let expired: Vec<BlobId> = self.pool.with_connection(|connection| {
            let mut select = connection.prepare_cached("SELECT id FROM uploads WHERE expires_at <= ?1 LIMIT ?2")?;
            let rows = select.query_map(params![now(), SWEEP_BATCH], |row| row.get::<_, String>(0))?;
            let ids = rows.collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>(ids.iter().filter_map(|id| BlobId::parse(id)).collect())
        })?;
        for id in expired {
            let grip = self.parts.grip_own(&id)?;
            if matches!(grip, Grip::Busy) {
                continue;
            }
            self.pool.with_connection(|connection| {
                connection.execute("DELETE FROM uploads WHERE id = ?1", [id.as_str()])?;
                Ok::<_, StoreError>(())
            })?;
            self.parts.remove(&id);
            ended += 1;
        }
        Ok(ended + self.sweep_parts()?)
    }

    /// Files that a killed process left without a row.
    fn sweep_parts(&self) -> Result<usize, StoreError> {
        let Some(horizon) = std::time::SystemTime::now().checked_sub(ORPHAN_AGE) else {
            return Ok(0);
        };
        let mut removed = 0;
        for file in old_files(self.parts.folder(), horizon)? {
            let is_used = match named_id(&file) {
                Some(id) => self.pool.with_connection(|connection| match find(connection, &id) {
                    Ok(_) => Ok(true),
                    Err(StoreError::NoSuchUpload) => Ok(false),
                    Err(error) => Err(error),
                })?,
                None => false,
            };
            if !is_used {
                removed += usize::from(std::fs::remove_file(file).is_ok());
            }
        }
        Ok(removed)
    }
}

/// The upload that a file is named after. Notes are named after none: an old one is never needed.
fn named_id(file: &Path) -> Option<BlobId> {
    file.file_name().and_then(|name| name.to_str()).and_then(BlobId::parse)
}

fn finish(
    transaction: &Transaction<'_>,
    row: &Upload,
    etag: String,
    new: NewObject,
    upsert: bool,
) -> Result<(Object, Vec<BlobId>), StoreError> {
    bucket::find(transaction, &new.bucket_id)?;
    if !upsert && key_exists(transaction, &new.bucket_id, &new.name)? {
        return Err(StoreError::KeyExists);
    }
    let changed = transaction
        .prepare_cached(
            "UPDATE uploads SET finished = 1, offset = ?2, size = ?2, digest = NULL WHERE id = ?1 AND finished = 0",
        )?
        .execute(params![row.id.as_str(), clamp(row.offset)])?;
    if changed == 0 {
        return Err(StoreError::NoSuchUpload);
    }
    let object = Object {
        version: row.id.as_str().to_owned(),
        blob: row.id.clone(),
        size: row.offset,
        etag,
        ..fresh(new)
    };
    place(transaction, object, upsert)
}

fn delete(transaction: &Transaction<'_>, id: &BlobId) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM uploads WHERE id = ?1")?
        .execute([id.as_str()])?;
    Ok(())
}

fn find(connection: &Connection, id: &BlobId) -> Result<Upload, StoreError> {
    connection
        .prepare_cached(
            "SELECT id, bucket_id, name, metadata, size, offset, digest, finished, expires_at
             FROM uploads WHERE id = ?1",
        )?
        .query_row([id.as_str()], |row| read(row, id))
        .optional()?
        .ok_or(StoreError::NoSuchUpload)
}

fn read(row: &Row<'_>, id: &BlobId) -> rusqlite::Result<Upload> {
    Ok(Upload {
        id: id.clone(),
        bucket_id: row.get(1)?,
        name: row.get(2)?,
        metadata: row.get(3)?,
        size: row.get::<_, Option<i64>>(4)?.and_then(|size| u64::try_from(size).ok()),
        offset: u64::try_from(row.get::<_, i64>(5)?).unwrap_or_default(),
        digest: row.get(6)?,
        finished: row.get(7)?,
        expires_at: row.get(8)?,
    })
}

/// SQLite's integers end at 2^63.
fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
