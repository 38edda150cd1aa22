//! The files of unfinished resumable uploads: `uploads/<id>`, one each, and who may write to them.
//!
//! Whoever works on an upload holds the system's lock on its file, so one at a time does, in whichever process, and a killed
//! one holds nothing. A second one leaves a note, `uploads/<id>.release`, that the first one looks for.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::StoreError;
use super::blob::{BlobId, Blobs, sync_folder};
use super::digest::RunningDigest;
use super::upload::Upload;

/// The folder of unfinished uploads.
pub struct Parts {
    folder: PathBuf,
}

/// What came of an attempt to get hold of a file.
pub(super) enum Grip {
    /// Nobody else has it now.
    Held(File),
    /// Somebody else works on it.
    Busy,
    /// There is no such file.
    Missing,
}

impl Parts {
    pub(super) fn open(folder: &Path) -> Result<Self, StoreError> {
        let parts = Self {
            folder: folder.join("uploads"),
        };
        fs::create_dir_all(&parts.folder)?;
        Ok(parts)
    }

    /// The folder, for the sweep.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn path(&self, id: &BlobId) -> PathBuf {
        self.folder.join(id.as_str())
    }

    fn note(&self, id: &BlobId) -> PathBuf {
        self.folder.join(format!("{}.release", id.as_str()))
    }

    /// Makes the file of a new upload and locks it.
    pub(super) fn create(&self, id: &BlobId) -> Result<File, StoreError> {
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.path(id))?;
        file.lock()?;
        sync_folder(&self.folder)?;
        Ok(file)
    }

    /// Tries to get hold of an upload's file. A process that died while it made an object of the upload may have left the
    /// file among the objects: then it is taken back.
    pub(super) fn grip(&self, blobs: &Blobs, id: &BlobId) -> Result<Grip, StoreError> {
        let path = self.path(id);
        let file = match open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match open(&blobs.path(id)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Grip::Missing),
                opened => opened?,
            },
            opened => opened?,
        };
        lock(file)
    }

    /// As [`Parts::grip`], but never looks among the objects.
    pub(super) fn grip_own(&self, id: &BlobId) -> Result<Grip, StoreError> {
        match open(&self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Grip::Missing),
            opened => lock(opened?),
        }
    }

    /// Takes the file of an unfinished upload back from among the objects, if it is there. Only under its lock.
    pub(super) fn take_back(&self, blobs: &Blobs, id: &BlobId) -> io::Result<()> {
        let path = self.path(id);
        if path.exists() {
            return Ok(());
        }
        fs::rename(blobs.path(id), path)
    }

    /// Asks whoever works on an upload to stop.
    pub(super) fn ask_for_release(&self, id: &BlobId) -> io::Result<()> {
        File::create(self.note(id)).map(drop)
    }

    /// Whether somebody waits for an upload.
    pub(super) fn is_release_asked(&self, id: &BlobId) -> bool {
        self.note(id).exists()
    }

    /// Forgets that somebody waited.
    pub(super) fn clear_release(&self, id: &BlobId) {
        // Usually there is none; one that stays behind makes a request stop early, and the sweep takes it.
        let _ = fs::remove_file(self.note(id));
    }

    /// Removes an upload's files.
    pub(super) fn remove(&self, id: &BlobId) {
        let _ = fs::remove_file(self.note(id));
        if let Err(error) = fs::remove_file(self.path(id))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "could not remove an ended upload's file; it will be swept later");
        }
    }
}

fn lock(file: File) -> Result<Grip, StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(Grip::Held(file)),
        Err(TryLockError::WouldBlock) => Ok(Grip::Busy),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).open(path)
}

/// An upload that nobody else works on, until this is dropped.
pub struct Held {
    /// Its row, with what was appended since.
    pub row: Upload,
    /// `None` once it is finished: then its bytes are an object's.
    pub(super) file: Option<File>,
    pub(super) digest: RunningDigest,
    /// Whether the file ends at the row's offset, and writing goes on there.
    positioned: bool,
}

impl Held {
    pub(super) fn new(row: Upload, file: Option<File>) -> Self {
        let digest = match row.offset {
            0 => RunningDigest::new(),
            _ => RunningDigest::resume(row.digest.as_deref()),
        };
        Self {
            row,
            file,
            digest,
            positioned: false,
        }
    }

    /// Appends. What a killed process wrote beyond the offset that it had recorded is cut off first. Blocks.
    pub(super) fn append(&mut self, chunks: &[Bytes]) -> Result<(), StoreError> {
        let Some(file) = &mut self.file else {
            return Err(StoreError::NoSuchUpload);
        };
        if !self.positioned {
            file.set_len(self.row.offset)?;
            file.seek(SeekFrom::Start(self.row.offset))?;
            self.positioned = true;
        }
        for chunk in chunks {
            file.write_all(chunk)?;
            self.digest.update(chunk);
            self.row.offset += chunk.len() as u64;
        }
        Ok(())
    }

    /// Makes what was appended durable. Blocks.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        if let Some(file) = &self.file {
            file.sync_data()?;
        }
        Ok(())
    }
}
