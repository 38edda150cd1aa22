//! The bytes of objects, in plain files: `objects/ab/abcd….` by the id of the blob, `tmp/` while they arrive.
//!
//! A blob is never changed once it is there. Its id is random, so no name that a client sends is ever a path.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use md5::Digest as _;
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::StoreError;
use super::pool::After;
use crate::media::Md5;

/// Younger files may belong to an upload that some process is working on.
pub(super) const ORPHAN_AGE: Duration = Duration::from_secs(60 * 60);

/// The id of a file, a UUID in its usual form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BlobId(String);

impl BlobId {
    pub(super) fn random() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// One that sorts behind those that were made before, so that indexes of it grow at their end: for blobs in the database.
    fn ascending() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    /// The id that a row holds. A text that is no UUID gives `None`, so that a damaged row cannot name a path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(|id| Self(id.to_string()))
    }

    /// The id of no file: the nil UUID, which is never given to one.
    pub(super) fn none() -> Self {
        Self(Uuid::nil().to_string())
    }

    /// As it is kept in a row.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The two folders.
pub struct Blobs {
    objects: PathBuf,
    arriving: PathBuf,
    /// The folders of `objects` that are known to be on disk, not only made: by this process or another one.
    durable: Mutex<HashSet<PathBuf>>,
}

impl Blobs {
    pub(super) fn open(folder: &Path) -> Result<Self, StoreError> {
        let blobs = Self {
            objects: folder.join("objects"),
            arriving: folder.join("tmp"),
            durable: Mutex::default(),
        };
        fs::create_dir_all(&blobs.objects)?;
        fs::create_dir_all(&blobs.arriving)?;
        sync_folder(folder)?;
        Ok(blobs)
    }

    pub(super) fn path(&self, blob: &BlobId) -> PathBuf {
        self.objects.join(&blob.0[..2]).join(&blob.0)
    }

    /// Begins a blob of at most `limit` bytes.
    pub(super) fn begin(&self, limit: u64) -> Result<BlobWriter, StoreError> {
        Ok(BlobWriter {
            file: NamedTempFile::new_in(&self.arriving)?,
            digest: Md5::new(),
            size: 0,
            limit,
        })
    }

    /// Makes what `writer` holds durable and gives it its place. The blob goes away again unless
    /// [`PendingBlob::keep`] is called once a row uses it.
    pub(super) fn finish(&self, writer: BlobWriter) -> Result<PendingBlob, StoreError> {
        let BlobWriter { file, digest, size, .. } = writer;
        file.as_file().sync_all()?;
        let blob = BlobId::random();
        let (shard, target) = self.place(&blob)?;
        file.persist_noclobber(&target).map_err(|lost| lost.error)?;
        let pending = PendingBlob {
            place: Place::File(target),
            id: blob,
            size,
            etag: quoted_hex(&digest.finalize()),
        };
        sync_folder(&shard)?;
        Ok(pending)
    }

    /// Makes the file of a resumable upload durable and gives it its place as blob `id`. It stays there if no row comes to
    /// use it: the upload takes it back.
    pub(super) fn adopt(&self, file: &File, path: &Path, id: &BlobId) -> Result<(), StoreError> {
        file.sync_all()?;
        let (shard, target) = self.place(id)?;
        fs::rename(path, &target)?;
        sync_folder(&shard)?;
        Ok(())
    }

    /// The folder for a blob, made if it is not there, and the blob's path in it.
    fn place(&self, blob: &BlobId) -> Result<(PathBuf, PathBuf), StoreError> {
        let target = self.path(blob);
        let shard = target.parent().unwrap_or(&self.objects).to_owned();
        let known = || self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        // That it is there is not enough: whoever made it may not have come to the sync yet.
        if !known().contains(&shard) || !shard.is_dir() {
            fs::create_dir_all(&shard)?;
            sync_folder(&self.objects)?;
            known().insert(shard.clone());
        }
        Ok((shard, target))
    }

    /// Opens a blob for reading.
    pub(super) fn open_blob(&self, blob: &BlobId) -> io::Result<File> {
        File::open(self.path(blob))
    }

    /// Removes files whose rows are gone. A file that stays behind is no harm: the sweep takes it.
    pub(super) fn remove(&self, blobs: &[BlobId]) {
        for blob in blobs {
            if let Err(error) = fs::remove_file(self.path(blob))
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, "could not remove an unused file; it will be swept later");
            }
        }
    }

    /// The removal of files whose rows will be gone, if there are any.
    pub(super) fn removal(self: Arc<Self>, unused: Vec<BlobId>) -> Option<After> {
        if unused.is_empty() {
            return None;
        }
        Some(Box::new(move || self.remove(&unused)))
    }

    /// Removes old files that are arriving no more, and old blobs for which `is_used` says no. Returns how many.
    pub(super) fn sweep(
        &self,
        mut is_used: impl FnMut(&BlobId) -> Result<bool, StoreError>,
    ) -> Result<usize, StoreError> {
        let Some(horizon) = SystemTime::now().checked_sub(ORPHAN_AGE) else {
            return Ok(0);
        };
        let mut removed = 0;
        for file in old_files(&self.arriving, horizon)? {
            removed += usize::from(fs::remove_file(file).is_ok());
        }
        for shard in fs::read_dir(&self.objects)? {
            let shard = shard?.path();
            if !shard.is_dir() {
                continue;
            }
            for file in old_files(&shard, horizon)? {
                let blob = file.file_name().and_then(|n| n.to_str()).and_then(BlobId::parse);
                if let Some(blob) = blob
                    && !is_used(&blob)?
                {
                    removed += usize::from(fs::remove_file(file).is_ok());
                }
            }
        }
        Ok(removed)
    }
}

pub(super) fn old_files(folder: &Path, horizon: SystemTime) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Another process may take the file away meanwhile.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if metadata.is_file() && metadata.modified()? < horizon {
            files.push(entry.path());
        }
    }
    Ok(files)
}

/// A rename is durable once its folder is on disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// An ETag as storage-api's file backend makes it: the MD5 in hex, in quotes.
pub(super) fn quoted_hex(digest: &[u8]) -> String {
    let mut etag = String::with_capacity(34);
    etag.push('"');
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    etag
}

/// Bytes on their way into a temporary file. Dropped, it leaves nothing.
pub struct BlobWriter {
    file: NamedTempFile,
    digest: Md5,
    size: u64,
    limit: u64,
}

impl BlobWriter {
    /// Appends. Blocks.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] as soon as the limit is passed; or that the disk failed.
    pub(super) fn append(&mut self, chunks: &[Bytes]) -> Result<(), StoreError> {
        for chunk in chunks {
            self.size += chunk.len() as u64;
            if self.size > self.limit {
                return Err(StoreError::TooLarge { limit: self.limit });
            }
            self.digest.update(chunk);
            self.file.write_all(chunk)?;
        }
        Ok(())
    }
}

/// A whole blob that no row uses yet. Dropped, its file goes away.
pub struct PendingBlob {
    place: Place,
    /// Its id.
    pub id: BlobId,
    /// In bytes.
    pub size: u64,
    /// In quotes.
    pub etag: String,
}

/// Where the bytes of a pending blob are.
enum Place {
    /// Durable already.
    File(PathBuf),
    /// In memory: they go into the database with the row.
    Memory(Bytes),
    /// Where a row uses them.
    Kept,
}

impl PendingBlob {
    /// A small blob.
    pub(super) fn small(bytes: Bytes) -> Self {
        Self {
            id: BlobId::ascending(),
            size: bytes.len() as u64,
            etag: quoted_hex(&Md5::digest(&bytes)),
            place: Place::Memory(bytes),
        }
    }

    /// The bytes that still have to go into the database.
    pub(super) fn bytes(&self) -> Option<&Bytes> {
        match &self.place {
            Place::Memory(bytes) => Some(bytes),
            Place::File(_) | Place::Kept => None,
        }
    }

    /// A row uses the blob now.
    pub(super) fn keep(mut self) {
        self.place = Place::Kept;
    }
}

impl Drop for PendingBlob {
    fn drop(&mut self) {
        if let Place::File(path) = &self.place {
            // If it stays, the sweep takes it.
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files_below(folder: &Path) -> usize {
        let mut count = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            count += if path.is_dir() { files_below(&path) } else { 1 };
        }
        count
    }

    fn written(blobs: &Blobs, bytes: &'static [u8]) -> PendingBlob {
        let mut writer = blobs.begin(1000).unwrap();
        writer.append(&[Bytes::from_static(bytes)]).unwrap();
        blobs.finish(writer).unwrap()
    }

    #[test]
    fn a_blob_that_no_row_uses_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        drop(written(&blobs, b"a"));
        assert_eq!(files_below(folder.path()), 0);
        written(&blobs, b"a").keep();
        assert_eq!(files_below(folder.path()), 1);
    }

    #[test]
    fn the_limit_holds_while_bytes_arrive() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let mut writer = blobs.begin(3).unwrap();
        writer.append(&[Bytes::from_static(b"abc")]).unwrap();
        let refused = writer.append(&[Bytes::from_static(b"d")]).unwrap_err();
        assert!(matches!(refused, StoreError::TooLarge { limit: 3 }));
        drop(writer);
        assert_eq!(files_below(folder.path()), 0);
    }

    #[test]
    fn the_sweep_takes_old_orphans_only() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let [used, old, young] = [b"u", b"o", b"y"].map(|bytes| {
            let pending = written(&blobs, bytes);
            let id = pending.id.clone();
            pending.keep();
            id
        });
        let long_ago = SystemTime::now() - 2 * ORPHAN_AGE;
        for blob in [&used, &old] {
            let file = File::options().write(true).open(blobs.path(blob)).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        let abandoned = folder.path().join("tmp/.tmpabc");
        File::create(&abandoned).unwrap().set_modified(long_ago).unwrap();
        let removed = blobs.sweep(|blob| Ok(*blob == used)).unwrap();
        assert_eq!(removed, 2);
        assert!(blobs.open_blob(&used).is_ok() && blobs.open_blob(&young).is_ok());
        assert!(blobs.open_blob(&old).is_err() && !abandoned.exists());
    }

    #[test]
    fn only_a_uuid_names_a_blob() {
        for text in ["", "../../etc/passwd", "ab/cd", "x"] {
            assert!(BlobId::parse(text).is_none(), "{text}");
        }
    }
}
