//! What the server keeps: rows in one SQLite file, bytes in plain files. Knows nothing of HTTP.
//!
//! Several processes may hold a store on the same folder. So nothing is remembered between two calls, but for what
//! [`recent`] asks the database about: each reads what it needs, and each change is made in a `BEGIN IMMEDIATE` transaction. An object is
//! written as: file in `tmp/` → fsync → rename into `objects/` → fsync of the folder → row; a small one as its row and its
//! bytes in one transaction. Whatever moment the program dies at, there is either a row with all its bytes, or no row; a file
//! without a row is swept later.
//!
//! - [`schema`]: tables and their migrations
//! - [`pool`]: connections, and where the blocking work runs
//! - [`blob`]: the files; [`small`]: bytes that take no file; [`content`]: bytes on their way into them and out
//! - [`upload`]: resumable uploads; [`part`]: their files; [`resume`]: bytes on their way into them; [`digest`]: their hash
//! - [`bucket`], [`object`], [`listing`]: what is kept; [`recent`]: what was read lately
//! - [`user`], [`session`]: who may sign in, and who has

pub mod blob;
pub mod bucket;
pub mod content;
mod digest;
pub mod listing;
pub mod object;
pub mod part;
mod pool;
mod recent;
pub mod resume;
mod schema;
pub mod session;
pub mod small;
pub mod upload;
pub mod user;

use std::io;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Transaction};

use blob::{BlobId, Blobs};
use part::Parts;
use pool::Pool;
use recent::Recent;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such bucket, or the caller may not see it.
    #[error("there is no such bucket")]
    NoSuchBucket,
    /// The id or the name is taken.
    #[error("the bucket exists already")]
    BucketExists,
    /// Only an empty bucket can be deleted.
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    /// There is no such object, or the caller may not see it.
    #[error("there is no such object")]
    NoSuchKey,
    /// The key is taken, and replacing was not asked for.
    #[error("the key exists already")]
    KeyExists,
    /// More bytes than the limit that applies.
    #[error("the object is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// There is no such resumable upload.
    #[error("there is no such upload")]
    NoSuchUpload,
    /// A resumable upload that has expired, or whose bytes are gone.
    #[error("the upload has expired or its bytes are gone")]
    UploadGone,
    /// Another request works on the upload and does not stop.
    #[error("another request is working on the upload")]
    UploadLocked,
    /// The client went away, or its body broke off.
    #[error("the request's body broke off: {0}")]
    Interrupted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The disk has no room left.
    #[error("there is no space left on the disk that holds the data folder")]
    DiskFull,
    /// The database was written by a newer version of the program.
    #[error("it was written by a newer version of this program (schema {found}, this one knows {known})")]
    NewerSchema {
        /// The version in the file.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Database(#[source] rusqlite::Error),
    /// A file could not be read or written.
    #[error("a file of the store failed: {0}")]
    Io(#[source] io::Error),
    /// The commit that would have kept a change failed, together with others.
    #[error("the change was not committed: {0}")]
    NotCommitted(String),
    /// The thread that writes ended, or what it was given to do ended without an answer.
    #[error("the store's writer stopped")]
    WriterStopped,
    /// A blocking task ended without an answer.
    #[error("the store's worker stopped: {0}")]
    Worker(#[from] tokio::task::JoinError),
}

impl StoreError {
    /// The same failure once more, for each of the changes that it befell.
    fn for_another(&self) -> Self {
        match self {
            Self::DiskFull => Self::DiskFull,
            other => Self::NotCommitted(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Database(error),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(error),
        }
    }
}

/// Microseconds since 1970, as all times of buckets and objects are kept.
pub type Micros = i64;

/// The present moment.
#[must_use]
pub fn now() -> Micros {
    jiff::Timestamp::now().as_microsecond()
}

/// A handle to the database and the files; clones share them.
#[derive(Clone)]
pub struct Store {
    pool: Arc<Pool>,
    blobs: Arc<Blobs>,
    parts: Arc<Parts>,
    recent: Arc<Recent>,
}

impl Store {
    /// Opens the store in `folder`, brings the database up to date, and sweeps what a killed process left.
    /// Blocks: call it off the async threads.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be used or the database is from a newer version.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        make_private_folder(folder)?;
        let blobs = Blobs::open(folder)?;
        let parts = Parts::open(folder)?;
        let file = folder.join("project.sqlite3");
        let pool = Pool::open(file.clone())?;
        let recent = Recent::open(&file)?;
        let store = Self {
            pool: Arc::new(pool),
            blobs: Arc::new(blobs),
            parts: Arc::new(parts),
            recent: Arc::new(recent),
        };
        store.sweep()?;
        Ok(store)
    }

    /// Runs `work` with a connection on the blocking pool. It must not write.
    ///
    /// # Errors
    /// What `work` returns, or that the worker failed.
    pub async fn read<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.pool.read(work).await
    }

    /// Runs `work` in an immediate transaction, and commits if it succeeds. Changes that come together are committed
    /// together.
    ///
    /// # Errors
    /// What `work` returns, in which case nothing was changed; or that the commit or the worker failed.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.pool.write(|transaction| Ok((work(transaction)?, None))).await
    }

    /// As [`Store::write`], for work that makes blobs unused: their files are removed after the commit.
    async fn write_releasing<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<(T, Vec<BlobId>), StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        let blobs = Arc::clone(&self.blobs);
        let work = move |transaction: &Transaction<'_>| {
            let (value, unused) = work(transaction)?;
            Ok((value, blobs.removal(unused)))
        };
        self.pool.write(work).await
    }

    /// Removes files that no row uses and that are old enough not to be some process's work in progress.
    fn sweep(&self) -> Result<(), StoreError> {
        let orphans = self.pool.with_connection(|connection| {
            // An upload whose last step broke off may have its file among the objects.
            let mut known = connection.prepare(
                "SELECT 1 FROM objects WHERE blob = ?1
                 UNION ALL SELECT 1 FROM uploads WHERE id = ?1 AND finished = 0",
            )?;
            self.blobs.sweep(|blob| Ok(known.exists([blob.as_str()])?))
        })?;
        let uploads = self.sweep_uploads()?;
        if orphans + uploads > 0 {
            tracing::info!(
                orphans,
                uploads,
                "removed files that no object uses, and expired uploads"
            );
        }
        Ok(())
    }
}

/// Makes the folder if it is not there; on Unix, for nobody but its owner.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
