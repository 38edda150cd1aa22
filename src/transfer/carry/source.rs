//! A file that is sent: opened once, and read through that one handle, so that a path that leads elsewhere a moment later
//! changes nothing. What is sent is what was planned, or nothing is.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::SystemTime;

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::content::{Hashes, hex};
use super::failure::{blocking, refused, source_changed, unreadable};
use crate::media::Md5;
use crate::transfer::job::{Content, Failure};
use crate::transfer::plan::{self, PlanItem, Seen};

/// Bytes that are read at a time.
const READ: usize = 1 << 20;
/// Parts that are read before they are hashed.
const AHEAD: usize = 2;

/// A file as it was when it was opened. Clones share the handle; reads name their place, so that one which nobody waits for
/// any more disturbs no other.
#[derive(Clone, Debug)]
pub(super) struct SourceFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    path: PathBuf,
    facts: Facts,
}

/// By what a change is noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Facts {
    size: u64,
    modified: Option<SystemTime>,
    /// Device and number of the file, where the system has such.
    identity: Option<(u64, u64)>,
}

impl Facts {
    fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
            identity: identity(metadata),
        }
    }

    fn is_as_planned(&self, seen: &Seen) -> bool {
        let modified = self.modified.and_then(|modified| Timestamp::try_from(modified).ok());
        let same_time = seen.modified.zip(modified).is_none_or(|(planned, now)| planned == now);
        seen.size.is_none_or(|planned| planned == self.size) && same_time
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such numbers")]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

impl SourceFile {
    /// Opens a file, if it still is what was planned.
    pub(super) async fn open(path: &Path, seen: &Seen) -> Result<Self, Failure> {
        let (path, seen) = (path.to_owned(), seen.clone());
        let inner = blocking(move || Inner::open(path, &seen)).await??;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// As [`SourceFile::open`]. Of a file of no more than `most` bytes, all of them come at once, with what they are known by.
    pub(super) async fn open_to_send(
        path: &Path,
        seen: &Seen,
        most: u64,
    ) -> Result<(Self, Option<(Bytes, Content)>), Failure> {
        let (path, seen) = (path.to_owned(), seen.clone());
        let opened = blocking(move || {
            let inner = Inner::open(path, &seen)?;
            let small = inner.facts.size <= most;
            let whole = small.then(|| inner.read_whole()).transpose()?;
            Ok((inner, whole))
        });
        let (inner, whole) = opened.await??;
        Ok((Self { inner: Arc::new(inner) }, whole))
    }

    pub(super) fn size(&self) -> u64 {
        self.inner.facts.size
    }

    pub(super) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Fails if the file was changed since it was opened, or another one has its name.
    pub(super) async fn unchanged(&self) -> Result<(), Failure> {
        let inner = Arc::clone(&self.inner);
        blocking(move || inner.unchanged().map_err(|_| other(&inner.path))).await?
    }

    /// What the bytes of a file of any size are known by before they are sent: size and SHA-256, which is more than twice as
    /// fast as MD5 where the processor helps. None if it was stopped.
    pub(super) async fn hash(&self, stop: &CancellationToken) -> Result<Option<Content>, Failure> {
        let sha256 = self.digest::<Sha256>(stop).await?;
        Ok(sha256.map(|sha256| Content {
            size: Some(self.size()),
            sha256: Some(sha256),
            ..Content::default()
        }))
    }

    /// As [`SourceFile::hash`], with the MD5.
    pub(super) async fn hash_both(&self, stop: &CancellationToken) -> Result<Option<Content>, Failure> {
        let (Some(content), md5) = (self.hash(stop).await?, self.md5(stop).await?) else {
            return Ok(None);
        };
        Ok(md5.map(|md5| Content {
            md5: Some(md5),
            ..content
        }))
    }

    /// The MD5 of all bytes; None if it was stopped.
    pub(super) async fn md5(&self, stop: &CancellationToken) -> Result<Option<String>, Failure> {
        self.digest::<Md5>(stop).await
    }

    async fn digest<D: Digest + Send + 'static>(&self, stop: &CancellationToken) -> Result<Option<String>, Failure> {
        let (inner, stop) = (Arc::clone(&self.inner), stop.clone());
        blocking(move || {
            let Some(digest) = inner.digest::<D>(&stop)? else {
                return Ok(None);
            };
            if inner.unchanged().is_err() {
                return Err(other(&inner.path));
            }
            Ok(Some(hex(&digest.finalize())))
        })
        .await?
    }

    /// Up to `most` bytes from `offset` on; fewer only at the end.
    pub(super) async fn read_at(&self, offset: u64, most: usize) -> io::Result<Bytes> {
        let inner = Arc::clone(&self.inner);
        let read = tokio::task::spawn_blocking(move || inner.read_at(offset, most)).await;
        read.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// As [`SourceFile::unchanged`], as an error of files.
    pub(super) async fn still_the_same(&self) -> io::Result<()> {
        let inner = Arc::clone(&self.inner);
        let look = tokio::task::spawn_blocking(move || inner.unchanged()).await;
        look.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

impl Inner {
    fn open(path: PathBuf, seen: &Seen) -> Result<Self, Failure> {
        let file = open(&path).map_err(|error| unreadable(&path, &error))?;
        let facts = Facts::of(&file.metadata().map_err(|error| unreadable(&path, &error))?);
        if !facts.is_as_planned(seen) {
            return Err(other(&path));
        }
        Ok(Self { file, path, facts })
    }

    /// All bytes of a small file, and what they are known by.
    fn read_whole(&self) -> Result<(Bytes, Content), Failure> {
        let size = usize::try_from(self.facts.size).unwrap_or(usize::MAX);
        // A byte more than it has would be a change, too.
        let read = self.read_at(0, size.saturating_add(1));
        let bytes = read.map_err(|error| unreadable(&self.path, &error))?;
        if bytes.len() != size || self.unchanged().is_err() {
            return Err(other(&self.path));
        }
        let content = Hashes::of(&bytes);
        Ok((bytes, content))
    }

    /// The hash of all bytes, each part read while the one before it is hashed; None if it was stopped.
    fn digest<D: Digest>(&self, stop: &CancellationToken) -> Result<Option<D>, Failure> {
        let (give, take) = sync_channel::<io::Result<Vec<u8>>>(AHEAD);
        // Buffers go round: fresh ones would cost the system as much as reading.
        let (back, used) = sync_channel::<Vec<u8>>(AHEAD + 2);
        std::thread::scope(|scope| {
            let reading = std::thread::Builder::new().name("read".to_owned());
            let reads = move || {
                let mut size = 0;
                loop {
                    let mut bytes = used.try_recv().unwrap_or_default();
                    let read = self.fill(&mut bytes, size, READ).map(|()| bytes);
                    let count = read.as_ref().map_or(0, |bytes| bytes.len() as u64);
                    size += count;
                    if give.send(read).is_err() || count == 0 {
                        return;
                    }
                }
            };
            let unreadable = |error: io::Error| unreadable(&self.path, &error);
            reading.spawn_scoped(scope, reads).map_err(unreadable)?;
            let (mut digest, mut size) = (D::new(), 0);
            // Dropped at the end of this: whoever reads ends then, too.
            let take = take;
            for read in &take {
                let bytes = read.map_err(unreadable)?;
                if stop.is_cancelled() {
                    return Ok(None);
                }
                digest.update(&bytes);
                size += bytes.len() as u64;
                let _ = back.try_send(bytes);
            }
            if size != self.facts.size {
                return Err(other(&self.path));
            }
            Ok(Some(digest))
        })
    }

    /// A byte more than the file had when it was opened, at most: one that grew is noticed, and is not read for ever.
    fn read_at(&self, offset: u64, most: usize) -> io::Result<Bytes> {
        let mut bytes = Vec::new();
        self.fill(&mut bytes, offset, most)?;
        Ok(bytes.into())
    }

    /// As [`Inner::read_at`], into a buffer that may be used again.
    fn fill(&self, bytes: &mut Vec<u8>, offset: u64, most: usize) -> io::Result<()> {
        let left = self.facts.size.saturating_add(1).saturating_sub(offset);
        let most = most.min(usize::try_from(left).unwrap_or(usize::MAX));
        bytes.clear();
        bytes.reserve_exact(most);
        while bytes.len() < most {
            let at = offset + bytes.len() as u64;
            match append_some(&self.file, bytes, most, at) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // A buffer may have more room than was asked for.
        bytes.truncate(most);
        Ok(())
    }

    fn unchanged(&self) -> io::Result<()> {
        let by_handle = Facts::of(&self.file.metadata()?);
        // A program that saves a file often writes another one and gives it the name.
        let by_name = Facts::of(&std::fs::metadata(&self.path)?);
        if by_handle == self.facts && by_name == self.facts {
            return Ok(());
        }
        Err(io::Error::other("the file was changed in the meantime"))
    }
}

/// Reads into the room that a buffer has, which need not be cleared for that.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn append_some(file: &File, bytes: &mut Vec<u8>, _most: usize, offset: u64) -> io::Result<usize> {
    Ok(rustix::io::pread(file, rustix::buffer::spare_capacity(bytes), offset)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn append_some(file: &File, bytes: &mut Vec<u8>, most: usize, offset: u64) -> io::Result<usize> {
    let before = bytes.len();
    bytes.resize(most, 0);
    #[cfg(unix)]
    let read = std::os::unix::fs::FileExt::read_at(file, &mut bytes[before..], offset);
    #[cfg(windows)]
    let read = std::os::windows::fs::FileExt::seek_read(file, &mut bytes[before..], offset);
    bytes.truncate(before + read.as_ref().map_or(0, |count| *count));
    read
}

/// Opens a plain file. Reading from a pipe or a device might never end, and opening a pipe already waits.
fn open(path: &Path) -> io::Result<File> {
    let no_file = || io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file");
    if !std::fs::metadata(path)?.is_file() {
        return Err(no_file());
    }
    let file = File::open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(no_file())
    }
}

/// Looks at the file of an upload that was changed, as it was looked at when it was planned: the row with what the file is
/// now. What is at the target is not looked at.
///
/// # Errors
/// If it is gone, or is nothing any more that is sent.
pub(in crate::transfer) async fn look_again(planned: &PlanItem) -> Result<PlanItem, Failure> {
    let planned = planned.clone();
    let looked = blocking(move || plan::look_again(&planned)).await?;
    looked.map_err(|why| refused(why, "Put it right and try again, or plan the upload anew."))
}

fn other(path: &Path) -> Failure {
    source_changed(
        format!(
            "{} was changed since the upload was planned; it was not sent.",
            path.display()
        ),
        "Wait until no other program writes to it, then plan the upload anew.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::job::FailureKind;

    fn seen(path: &Path) -> Seen {
        let metadata = std::fs::metadata(path).unwrap();
        Seen {
            size: Some(metadata.len()),
            modified: Some(metadata.modified().unwrap().try_into().unwrap()),
            etag: None,
        }
    }

    #[tokio::test]
    async fn what_was_planned_is_read_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"abc").unwrap();
        let planned = seen(&path);
        let source = SourceFile::open(&path, &planned).await.unwrap();
        let (_, whole) = SourceFile::open_to_send(&path, &planned, 3).await.unwrap();
        let (bytes, content) = whole.unwrap();
        assert_eq!((&bytes[..], content.size), (&b"abc"[..], Some(3)));
        let hashed = source.hash_both(&CancellationToken::new()).await.unwrap().unwrap();
        assert_eq!(hashed, content);
        let stopped = CancellationToken::new();
        stopped.cancel();
        assert_eq!(source.hash(&stopped).await.unwrap(), None);

        // Grown while it was open.
        std::fs::write(&path, b"abcd").unwrap();
        for failed in [
            source.inner.read_whole().map(drop).unwrap_err(),
            source.hash(&CancellationToken::new()).await.map(drop).unwrap_err(),
            source.unchanged().await.unwrap_err(),
            SourceFile::open(&path, &planned).await.map(drop).unwrap_err(),
        ] {
            assert_eq!(failed.kind, FailureKind::SourceChanged, "{failed:?}");
        }
    }

    #[tokio::test]
    async fn another_file_of_the_same_size_and_time_under_the_name_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"abc").unwrap();
        let source = SourceFile::open(&path, &seen(&path)).await.unwrap();
        let other = folder.path().join("b");
        std::fs::write(&other, b"xyz").unwrap();
        let time = std::fs::metadata(&path).unwrap().modified().unwrap();
        File::options()
            .write(true)
            .open(&other)
            .unwrap()
            .set_modified(time)
            .unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert_eq!(source.unchanged().await.is_err(), cfg!(unix));
    }

    #[tokio::test]
    async fn what_is_no_file_is_refused_and_what_is_gone_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let none = Seen::default();
        let failed = SourceFile::open(folder.path(), &none).await.map(drop).unwrap_err();
        assert_eq!(failed.kind, FailureKind::Refused);
        let failed = SourceFile::open(&folder.path().join("gone"), &none)
            .await
            .map(drop)
            .unwrap_err();
        assert_eq!(failed.kind, FailureKind::SourceChanged);
    }
}
