//! Objects: a row each, whose bytes are a blob. Copies share the blob; it goes with the last row that uses it.

use std::sync::Arc;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use uuid::Uuid;

use super::blob::{BlobId, PendingBlob};
use super::bucket::Bucket;
use super::pool::After;
use super::{Micros, Store, StoreError, bucket, now, small};

/// Objects that one transaction removes when a bucket is emptied.
const EMPTY_BATCH: i64 = 1000;

/// An object's row.
#[derive(Clone, Debug)]
pub struct Object {
    /// Stays the same while the object is replaced or moved.
    pub id: String,
    /// The bucket's id.
    pub bucket_id: String,
    /// The key.
    pub name: String,
    /// Another one with each change.
    pub version: String,
    /// The user who stored it; empty for the service key.
    pub owner: String,
    /// The file with its bytes.
    pub(super) blob: BlobId,
    /// In bytes.
    pub size: u64,
    /// MD5 in quotes.
    pub etag: String,
    /// As the client declared it.
    pub mimetype: String,
    /// As the client sent it.
    pub cache_control: String,
    /// For `X-Robots-Tag`, if the client sent one.
    pub robots: Option<String>,
    /// What the client keeps with the object: a JSON object as text.
    pub user_metadata: Option<String>,
    /// When its bytes or headers last changed.
    pub last_modified: Micros,
    /// When it was made.
    pub created_at: Micros,
    /// When the row last changed.
    pub updated_at: Micros,
    /// The real server sets it with the row and never again.
    pub last_accessed_at: Micros,
}

/// What an upload says about its object.
#[derive(Debug)]
pub struct NewObject {
    /// The bucket's id.
    pub bucket_id: String,
    /// The key.
    pub name: String,
    /// The user whose it is; empty for a key.
    pub owner: String,
    /// The declared type.
    pub mimetype: String,
    /// The declared caching.
    pub cache_control: String,
    /// For `X-Robots-Tag`.
    pub robots: Option<String>,
    /// A JSON object as text.
    pub user_metadata: Option<String>,
}

/// What to copy where.
#[derive(Debug)]
pub struct Copy {
    /// From this bucket.
    pub source_bucket: String,
    /// This key.
    pub source: String,
    /// Into this bucket.
    pub target_bucket: String,
    /// Under this key.
    pub target: String,
    /// Replace what is there.
    pub upsert: bool,
    /// The user whose the copy is; empty for a key.
    pub owner: String,
    /// What the copy's headers and metadata are.
    pub metadata: CopyMetadata,
}

/// Where the metadata of a copy comes from.
#[derive(Debug)]
pub enum CopyMetadata {
    /// All from the source.
    Source,
    /// From the request; type and caching that it leaves out come from the source.
    Given {
        /// Another type.
        mimetype: Option<String>,
        /// Another caching.
        cache_control: Option<String>,
        /// Other user metadata. Left out, a copy onto itself keeps its own, and any other copy has none.
        user_metadata: Option<String>,
    },
}

impl Store {
    /// Gives received bytes a row: a new one, or with `upsert` the one that has the key.
    ///
    /// # Errors
    /// [`StoreError::NoSuchBucket`], or [`StoreError::KeyExists`] without `upsert`.
    pub async fn put_object(&self, new: NewObject, blob: PendingBlob, upsert: bool) -> Result<Object, StoreError> {
        self.put_object_if(new, blob, upsert, |_| Ok(())).await
    }

    /// As [`Store::put_object`], for bytes that were received before anybody asked whether the bucket takes them: `admit`
    /// does, in the transaction that writes.
    ///
    /// # Errors
    /// Those, and what `admit` returns.
    pub async fn put_object_if<E>(
        &self,
        new: NewObject,
        blob: PendingBlob,
        upsert: bool,
        admit: impl FnOnce(&Bucket) -> Result<(), E> + Send + 'static,
    ) -> Result<Object, E>
    where
        E: From<StoreError> + Send + 'static,
    {
        let blobs = Arc::clone(&self.blobs);
        let work = move |transaction: &Transaction<'_>| {
            let bucket = bucket::find(transaction, &new.bucket_id)?;
            if !upsert && key_exists(transaction, &new.bucket_id, &new.name)? {
                return Err(StoreError::KeyExists.into());
            }
            admit(&bucket)?;
            let received = Object {
                blob: blob.id.clone(),
                size: blob.size,
                etag: blob.etag.clone(),
                ..fresh(new)
            };
            let (object, unused) = place(transaction, received, upsert)?;
            if let Some(bytes) = blob.bytes() {
                small::insert(transaction, &blob.id, bytes)?;
            }
            let after: Option<After> = if blob.bytes().is_some() {
                blobs.removal(unused)
            } else {
                Some(Box::new(move || {
                    blob.keep();
                    blobs.remove(&unused);
                }))
            };
            Ok((object, after))
        };
        self.pool.write(work).await
    }

    /// Reads one row.
    ///
    /// # Errors
    /// [`StoreError::NoSuchKey`].
    pub async fn object(&self, bucket: &str, name: &str) -> Result<Object, StoreError> {
        let (bucket, name) = (bucket.to_owned(), name.to_owned());
        self.read(move |connection| find(connection, &bucket, &name)).await
    }

    /// Reads a bucket, and whether it has this key: what an upload must know before its bytes.
    ///
    /// # Errors
    /// [`StoreError::NoSuchBucket`].
    pub async fn bucket_and_key(&self, bucket: &str, name: &str) -> Result<(Bucket, bool), StoreError> {
        let (bucket, name) = (bucket.to_owned(), name.to_owned());
        self.read(move |connection| {
            let found = bucket::find(connection, &bucket)?;
            let taken = key_exists(connection, &bucket, &name)?;
            Ok((found, taken))
        })
        .await
    }

    /// Which of these keys there are, in the order in which they were asked for.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn existing_keys(&self, bucket: &str, names: Vec<String>) -> Result<Vec<(String, bool)>, StoreError> {
        let bucket = bucket.to_owned();
        self.read(move |connection| {
            let mut select = connection.prepare_cached("SELECT 1 FROM objects WHERE bucket_id = ?1 AND name = ?2")?;
            names
                .into_iter()
                .map(|name| {
                    let exists = select.exists(params![bucket, name])?;
                    Ok((name, exists))
                })
                .collect()
        })
        .await
    }

    /// Removes the objects with these keys and returns their rows; keys that are not there are passed over.
    ///
    /// # Errors
    /// That the database failed; then none was removed.
    pub async fn remove_objects(&self, bucket: &str, names: Vec<String>) -> Result<Vec<Object>, StoreError> {
        let bucket = bucket.to_owned();
        self.write_releasing(move |transaction| {
            let mut removed = Vec::new();
            for name in &names {
                match find(transaction, &bucket, name) {
                    Ok(object) => {
                        delete(transaction, &object.id)?;
                        removed.push(object);
                    }
                    Err(StoreError::NoSuchKey) => {}
                    Err(error) => return Err(error),
                }
            }
            let unused = unused_among(transaction, removed.iter().map(|object| &object.blob))?;
            Ok((removed, unused))
        })
        .await
    }

    /// Removes all objects of a bucket, some at a time so that others get their turn.
    ///
    /// # Errors
    /// [`StoreError::NoSuchBucket`].
    pub async fn empty_bucket(&self, bucket: &str) -> Result<(), StoreError> {
        self.bucket(bucket).await?;
        loop {
            let id = bucket.to_owned();
            let names: Vec<String> = self
                .read(move |connection| {
                    let mut select =
                        connection.prepare_cached("SELECT name FROM objects WHERE bucket_id = ?1 LIMIT ?2")?;
                    let rows = select.query_map(params![id, EMPTY_BATCH], |row| row.get(0))?;
                    Ok::<_, StoreError>(rows.collect::<Result<_, _>>()?)
                })
                .await?;
            if names.is_empty() {
                return Ok(());
            }
            self.remove_objects(bucket, names).await?;
        }
    }

    /// Gives an object another key, and perhaps another bucket and owner. Its bytes stay where they are.
    ///
    /// # Errors
    /// [`StoreError::NoSuchKey`], [`StoreError::NoSuchBucket`] for the target, [`StoreError::KeyExists`].
    pub async fn move_object(
        &self,
        source: (String, String),
        target: (String, String),
        owner: Option<String>,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let object = find(transaction, &source.0, &source.1)?;
            if source == target {
                return Ok(());
            }
            bucket::find(transaction, &target.0)?;
            if key_exists(transaction, &target.0, &target.1)? {
                return Err(StoreError::KeyExists);
            }
            transaction.execute(
                "UPDATE objects SET bucket_id = ?2, name = ?3, version = ?4, updated_at = ?5, last_modified = ?5,
                     owner = coalesce(?6, owner)
                 WHERE id = ?1",
                params![object.id, target.0, target.1, random_id(), now(), owner],
            )?;
            Ok(())
        })
        .await
    }

    /// Copies an object, or edits its metadata by copying it onto itself. The bytes are shared.
    ///
    /// # Errors
    /// [`StoreError::NoSuchKey`], [`StoreError::NoSuchBucket`] for the target, [`StoreError::KeyExists`] without
    /// `upsert`.
    pub async fn copy_object(&self, copy: Copy) -> Result<Object, StoreError> {
        self.write_releasing(move |transaction| {
            let source = find(transaction, &copy.source_bucket, &copy.source)?;
            bucket::find(transaction, &copy.target_bucket)?;
            let onto_itself = copy.source_bucket == copy.target_bucket && copy.source == copy.target;
            let mut object = Object {
                bucket_id: copy.target_bucket,
                name: copy.target,
                owner: copy.owner,
                ..source
            };
            renew(&mut object);
            if let CopyMetadata::Given {
                mimetype,
                cache_control,
                user_metadata,
            } = copy.metadata
            {
                object.mimetype = mimetype.unwrap_or(object.mimetype);
                object.cache_control = cache_control.unwrap_or(object.cache_control);
                if user_metadata.is_some() || !onto_itself {
                    object.user_metadata = user_metadata;
                }
            }
            place(transaction, object, copy.upsert)
        })
        .await
    }
}

fn random_id() -> String {
    Uuid::new_v4().to_string()
}

/// A row for an upload, still without its bytes.
pub(super) fn fresh(new: NewObject) -> Object {
    let mut object = Object {
        id: String::new(),
        bucket_id: new.bucket_id,
        name: new.name,
        version: String::new(),
        owner: new.owner,
        blob: BlobId::none(),
        size: 0,
        etag: String::new(),
        mimetype: new.mimetype,
        cache_control: new.cache_control,
        robots: new.robots,
        user_metadata: new.user_metadata,
        last_modified: 0,
        created_at: 0,
        updated_at: 0,
        last_accessed_at: 0,
    };
    renew(&mut object);
    object
}

/// Gives a row an id, a version and times of its own.
fn renew(object: &mut Object) {
    let now = now();
    object.id = random_id();
    object.version = random_id();
    object.last_modified = now;
    object.created_at = now;
    object.updated_at = now;
    object.last_accessed_at = now;
}

/// Writes `object` under its key. With `upsert` a row that has the key keeps its id and its birthday. Returns the row
/// as it is now, and the blob that lost its last user.
pub(super) fn place(
    transaction: &Transaction<'_>,
    mut object: Object,
    upsert: bool,
) -> Result<(Object, Vec<BlobId>), StoreError> {
    let previous = match find(transaction, &object.bucket_id, &object.name) {
        Ok(_) if !upsert => return Err(StoreError::KeyExists),
        Ok(previous) => Some(previous),
        Err(StoreError::NoSuchKey) => None,
        Err(error) => return Err(error),
    };
    if let Some(previous) = &previous {
        object.id.clone_from(&previous.id);
        object.created_at = previous.created_at;
        update(transaction, &object)?;
    } else {
        insert(transaction, &object)?;
    }
    let unused = unused_among(transaction, previous.iter().map(|previous| &previous.blob))?;
    Ok((object, unused))
}

/// Those of the blobs that no row uses any more and whose files are to be removed. Small ones are removed here.
fn unused_among<'a>(
    transaction: &Transaction<'_>,
    blobs: impl Iterator<Item = &'a BlobId>,
) -> Result<Vec<BlobId>, StoreError> {
    let mut used = transaction.prepare_cached("SELECT 1 FROM objects WHERE blob = ?1")?;
    let mut unused = Vec::new();
    for blob in blobs {
        if !used.exists([blob.as_str()])? && !small::remove(transaction, blob)? {
            unused.push(blob.clone());
        }
    }
    Ok(unused)
}

const COLUMNS: &str = "id, bucket_id, name, version, owner, blob, size, etag, mimetype, cache_control, robots, \
     user_metadata, last_modified, created_at, updated_at, last_accessed_at";

fn insert(transaction: &Transaction<'_>, object: &Object) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO objects ({COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    );
    write(transaction, &sql, object)
}

/// Writes what a replacement changes. A row that is written anew instead would be entered anew into every index, and each of
/// their pages goes through the log.
fn update(transaction: &Transaction<'_>, object: &Object) -> Result<(), StoreError> {
    let sql = "UPDATE objects SET version = ?4, owner = ?5, blob = ?6, size = ?7, etag = ?8, mimetype = ?9, cache_control = ?10,
         robots = ?11, user_metadata = ?12, last_modified = ?13, updated_at = ?15, last_accessed_at = ?16
         WHERE id = ?1";
    write(transaction, sql, object)
}

/// Runs a statement whose parameters are numbered as [`COLUMNS`]; it may leave some out, but not the last.
fn write(transaction: &Transaction<'_>, sql: &str, object: &Object) -> Result<(), StoreError> {
    transaction.prepare_cached(sql)?.execute(params![
        object.id,
        object.bucket_id,
        object.name,
        object.version,
        object.owner,
        object.blob.as_str(),
        i64::try_from(object.size).unwrap_or(i64::MAX),
        object.etag,
        object.mimetype,
        object.cache_control,
        object.robots,
        object.user_metadata,
        object.last_modified,
        object.created_at,
        object.updated_at,
        object.last_accessed_at,
    ])?;
    Ok(())
}

fn delete(transaction: &Transaction<'_>, id: &str) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM objects WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

pub(super) fn key_exists(connection: &Connection, bucket: &str, name: &str) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM objects WHERE bucket_id = ?1 AND name = ?2")?
        .exists([bucket, name])?)
}

/// Reads one row within a transaction.
pub(super) fn find(connection: &Connection, bucket: &str, name: &str) -> Result<Object, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM objects WHERE bucket_id = ?1 AND name = ?2");
    connection
        .prepare_cached(&sql)?
        .query_row([bucket, name], read)
        .optional()?
        .ok_or(StoreError::NoSuchKey)
}

/// As [`find`], with the bytes if they are in the database.
pub(super) fn find_with_bytes(
    connection: &Connection,
    bucket: &str,
    name: &str,
) -> Result<(Object, Option<Bytes>), StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, small_blobs.bytes FROM objects LEFT JOIN small_blobs ON small_blobs.blob_id = objects.blob
         WHERE bucket_id = ?1 AND name = ?2"
    );
    connection
        .prepare_cached(&sql)?
        .query_row([bucket, name], |row| {
            let bytes: Option<Vec<u8>> = row.get(16)?;
            Ok((read(row)?, bytes.map(Bytes::from)))
        })
        .optional()?
        .ok_or(StoreError::NoSuchKey)
}

/// Reads the columns of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Object> {
    let blob: String = row.get(5)?;
    Ok(Object {
        id: row.get(0)?,
        bucket_id: row.get(1)?,
        name: row.get(2)?,
        version: row.get(3)?,
        owner: row.get(4)?,
        blob: BlobId::parse(&blob).unwrap_or_else(BlobId::none),
        size: u64::try_from(row.get::<_, i64>(6)?).unwrap_or_default(),
        etag: row.get(7)?,
        mimetype: row.get(8)?,
        cache_control: row.get(9)?,
        robots: row.get(10)?,
        user_metadata: row.get(11)?,
        last_modified: row.get(12)?,
        created_at: row.get(13)?,
        updated_at: row.get(14)?,
        last_accessed_at: row.get(15)?,
    })
}

/// The columns of an object, for the listing.
pub(super) const fn columns() -> &'static str {
    COLUMNS
}
