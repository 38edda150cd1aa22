//! A file on its way down: written under a name of its own, hashed as it is written, and never to be seen under its real
//! name before it is whole.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::mpsc::sync_channel;

use bytes::Bytes;
use md5::Digest as _;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::content::Hashes;
use super::folder::Folder;
use crate::transfer::job::{Content, JobId};
use crate::transfer::plan::Seen;

/// Pieces that wait for the disk at most.
const QUEUE: usize = 16;
/// Bytes of a small file, which are written at once.
pub(super) const GATHERED: usize = 256 << 10;
/// Bytes of a large file after which the disk is asked to have them.
const SYNCED: u64 = 32 << 20;
/// Bytes that are read at a time.
const READ: usize = 1 << 20;

/// A partial file, open and locked.
pub(super) struct Part {
    folder: Folder,
    name: String,
    file: File,
    hashes: Hashes,
    /// All that was written is on the disk.
    settled: bool,
}

impl Part {
    /// Opens the partial file of an item. Of what is in it, the first `keep` bytes are gone on with, and hashed. Blocks.
    pub(super) fn open(folder: Folder, name: String, keep: u64) -> io::Result<Self> {
        let file = folder.part(&name)?;
        let mut part = Self {
            folder,
            name,
            file,
            hashes: Hashes::default(),
            settled: false,
        };
        let there = part.file.metadata()?.len();
        let keep = keep.min(there);
        if keep < there {
            part.file.set_len(keep)?;
        }
        // Most begin with nothing, and need no buffer for it.
        if keep > 0 {
            part.hash_what_is_there()?;
        }
        Ok(part)
    }

    fn hash_what_is_there(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; READ];
        loop {
            match self.file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => self.hashes.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Bytes that are in it.
    pub(super) fn size(&self) -> u64 {
        self.hashes.size()
    }

    /// What is in it.
    pub(super) fn content(&self) -> Content {
        self.hashes.clone().finish()
    }

    /// Begins anew. Blocks.
    pub(super) fn empty(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hashes = Hashes::default();
        self.settled = false;
        Ok(())
    }

    /// What was written is on the disk. Blocks.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.settled {
            return Ok(());
        }
        self.file.sync_all()
    }

    /// As [`Part::sync`], and is not asked for again. Blocks.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        self.sync()?;
        self.settled = true;
        Ok(())
    }

    /// Whether all that was written is known to be on the disk.
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Gives the whole file, of which all is on the disk, its name. `replaces` is what may have it. The folder knows of it
    /// for certain when it is synced. Blocks.
    pub(super) fn name_it(self, replaces: Option<&Seen>) -> io::Result<Folder> {
        // Some systems give no new name to an open file.
        drop(self.file);
        match replaces {
            Some(planned) => self.folder.replace(&self.name, planned),
            None => self.folder.put(&self.name),
        }?;
        Ok(self.folder)
    }

    /// Throws it away. Blocks.
    pub(super) fn remove(self) -> io::Result<()> {
        drop(self.file);
        self.folder.remove_part(&self.name)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.settled = false;
        self.file.write_all(bytes)?;
        self.hashes.update(bytes);
        Ok(())
    }
}

/// Writes and hashes a partial file while the next bytes are on their way: a small one at once when all of it is here, a
/// larger one on a thread of its own.
pub(super) enum Writer {
    /// What came so far.
    Gathering(Box<Part>, Vec<Bytes>, usize),
    /// Dropped, it ends with the bytes that it was given.
    Writing(mpsc::Sender<Bytes>, JoinHandle<Written>),
}

/// The file, and whether it has all that was given to it.
type Written = (Part, io::Result<()>);

impl Writer {
    pub(super) fn new(part: Part) -> Self {
        Self::Gathering(Box::new(part), Vec::new(), 0)
    }

    /// Gives it the next bytes; false if it has failed and [`Writer::end`] says why.
    pub(super) async fn give(self, bytes: Bytes) -> (Self, bool) {
        match self {
            Self::Gathering(part, mut pieces, gathered) => {
                let gathered = gathered + bytes.len();
                pieces.push(bytes);
                if gathered <= GATHERED {
                    return (Self::Gathering(part, pieces, gathered), true);
                }
                let (sender, waiting) = mpsc::channel::<Bytes>(QUEUE);
                let writing = tokio::task::spawn_blocking(move || write_all(*part, pieces, Some(waiting)));
                (Self::Writing(sender, writing), true)
            }
            Self::Writing(sender, writing) => {
                let taken = sender.send(bytes).await.is_ok();
                (Self::Writing(sender, writing), taken)
            }
        }
    }

    /// Waits until it has written all that it was given.
    pub(super) async fn end(self) -> Result<Written, tokio::task::JoinError> {
        match self {
            Self::Gathering(part, pieces, _) => {
                tokio::task::spawn_blocking(move || write_all(*part, pieces, None)).await
            }
            Self::Writing(sender, writing) => {
                drop(sender);
                writing.await
            }
        }
    }
}

fn write_all(mut part: Part, pieces: Vec<Bytes>, waiting: Option<mpsc::Receiver<Bytes>>) -> Written {
    let written = match waiting {
        Some(waiting) => write_large(&mut part, pieces, waiting),
        None => pieces.iter().try_for_each(|bytes| part.write(bytes)),
    };
    (part, written)
}

/// Writes what comes. The slower of the two hashes is made beside it, and the disk is not left to the end: it would be waited
/// for then.
fn write_large(part: &mut Part, pieces: Vec<Bytes>, mut waiting: mpsc::Receiver<Bytes>) -> io::Result<()> {
    part.settled = false;
    let (to_hash, hashed) = sync_channel::<Bytes>(QUEUE);
    let (to_sync, asked) = sync_channel::<()>(1);
    let (mut md5, disk) = (part.hashes.md5(), part.file.try_clone()?);
    std::thread::scope(|scope| {
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let hashing = thread("md5").spawn_scoped(scope, move || {
            hashed.iter().for_each(|bytes| md5.update(&bytes));
            md5
        })?;
        // Its errors count: the system tells them once.
        let syncing = thread("sync").spawn_scoped(scope, move || asked.iter().try_for_each(|()| disk.sync_data()))?;
        let mut next = part.size() + SYNCED;
        let mut pieces = pieces.into_iter();
        let written = loop {
            let Some(bytes) = pieces.next().or_else(|| waiting.blocking_recv()) else {
                break Ok(());
            };
            if let Err(error) = part.file.write_all(&bytes) {
                break Err(error);
            }
            part.hashes.update_but_md5(&bytes);
            if part.size() >= next {
                next = part.size() + SYNCED;
                // One that is behind has enough to do.
                let _ = to_sync.try_send(());
            }
            if to_hash.send(bytes).is_err() {
                break Err(io::Error::other("the thread that hashes has ended"));
            }
        };
        drop((to_hash, to_sync));
        match hashing.join() {
            Ok(md5) => part.hashes.set_md5(md5),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        let synced = syncing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        written.and(synced)
    })
}

/// The name of an item's partial file in its folder.
pub(super) fn name(job: JobId, folder: &Folder) -> String {
    super::folder::part_name(job, folder.name())
}
