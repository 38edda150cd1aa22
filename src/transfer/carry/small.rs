//! A small object on its way down: its bytes are gathered first, and then the disk is used once for all that is to be done
//! there. Nothing that would be worth keeping is lost if that is broken off.
//!
//! Only what goes as planned goes this way: an item that is begun for the first time, whose object's MD5 is known. What is
//! found to be otherwise is left to [`super::download()`], with all bytes that came.

use std::io;
use std::path::Path;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::content::{etag_md5, same_etag};
use super::disk::Room;
use super::download::{broken, missing, replaced};
use super::failure::{blocking, unwritable};
use super::folder::Folder;
use super::kept::Kept;
use super::part::{self, GATHERED, Part};
use super::standing::{Look, Standing};
use super::target::Spot;
use super::{Carried, Carry};
use crate::transfer::job::{Content, Failure, JobId};

/// What is known of a small object before it is there.
pub(super) struct Small {
    size: u64,
    etag: String,
    md5: String,
    look: Look,
}

/// What came of it.
pub(super) enum Fetched {
    /// It is what its ETag says.
    Right(Box<Whole>),
    /// All that came is in the partial file, and is not what the ETag says, which is this.
    Doubtful(Box<Part>, Option<String>),
    /// It was stopped, or is there already.
    Over(Carried),
    /// More comes than was said. Nothing of it was kept.
    Larger,
}

/// A file that is on the disk, but for its name.
pub(super) struct Whole {
    pub(super) part: Part,
    pub(super) content: Content,
    pub(super) room: Room,
}

impl Small {
    /// None: it is no small one, or something may be there of it.
    pub(super) fn of(carry: &Carry<'_>, kept: &Kept) -> Option<Self> {
        let plan = &carry.item.plan;
        let size = plan.size.or(plan.seen.size)?;
        let etag = plan.seen.etag.clone()?;
        let first = carry.item.attempts <= 1 && *kept == Kept::default();
        (first && size <= GATHERED as u64).then_some(())?;
        Some(Self {
            size,
            md5: etag_md5(&etag)?,
            etag,
            look: Look::of(carry, kept),
        })
    }

    pub(super) async fn fetch(self, carry: &Carry<'_>, from: &Spot, path: &Path) -> Result<Fetched, Failure> {
        let opened = tokio::select! {
            biased;
            () = carry.stop.cancelled() => return Ok(Fetched::Over(Carried::Stopped)),
            opened = from.objects.open(&from.key, None, None) => opened,
        };
        let mut stream = opened.map_err(|error| missing(from, &error))?;
        let etag = stream.facts.etag.clone();
        if etag.as_deref().is_some_and(|etag| !same_etag(etag, &self.etag)) {
            return Err(replaced(from));
        }
        let (mut pieces, mut came) = (Vec::new(), 0);
        loop {
            let piece = tokio::select! {
                biased;
                () = carry.stop.cancelled() => return Ok(Fetched::Over(Carried::Stopped)),
                piece = stream.chunk() => piece,
            };
            let Some(bytes) = piece.map_err(|error| broken(from, &error))? else {
                break;
            };
            let count = bytes.len() as u64;
            if came + count > self.size {
                return Ok(Fetched::Larger);
            }
            tokio::select! {
                biased;
                () = carry.stop.cancelled() => return Ok(Fetched::Over(Carried::Stopped)),
                () = carry.way.admit(count) => {}
            }
            came += count;
            pieces.push(bytes);
            carry.way.arrived(came);
        }
        self.write(carry, path, pieces, etag).await
    }

    async fn write(
        self,
        carry: &Carry<'_>,
        path: &Path,
        pieces: Vec<Bytes>,
        etag: Option<String>,
    ) -> Result<Fetched, Failure> {
        let room = carry.disk.room().await?;
        let etag = etag.or_else(|| Some(self.etag.clone()));
        let (root, shown, job) = (carry.rules.root.clone(), path.to_owned(), carry.item.job);
        let (tell, told) = oneshot::channel();
        let writing = blocking(move || {
            let folder = Folder::open(root.as_deref(), &shown)?;
            self.write_all(folder, job, &pieces, tell)
        });
        // While the disk is waited for, the server can be asked for others.
        let right = async {
            if told.await.is_ok() {
                carry.way.received();
            }
        };
        let (written, ()) = tokio::join!(writing, right);
        match written?.map_err(|error| unwritable(path, &error))? {
            Written::Right(part, mut content) => {
                content.etag = etag;
                Ok(Fetched::Right(Box::new(Whole { part, content, room })))
            }
            Written::Doubtful(part) => Ok(Fetched::Doubtful(Box::new(part), etag)),
            Written::Not(standing) => match standing.carried(path)? {
                Some(found) => Ok(Fetched::Over(found)),
                None => Err(unwritable(path, &io::ErrorKind::AlreadyExists.into())),
            },
        }
    }

    /// Blocks. `right` is told as soon as the bytes are known to be.
    fn write_all(
        &self,
        folder: Folder,
        job: JobId,
        pieces: &[Bytes],
        right: oneshot::Sender<()>,
    ) -> io::Result<Written> {
        match self.look.at(&folder)? {
            Standing::Free => {}
            standing => return Ok(Written::Not(standing)),
        }
        let name = part::name(job, &folder);
        let mut part = Part::open(folder, name, 0)?;
        pieces.iter().try_for_each(|bytes| part.write(bytes))?;
        let content = part.content();
        if content.md5.as_deref() != Some(&self.md5) || content.size != Some(self.size) {
            return Ok(Written::Doubtful(part));
        }
        // Nobody may be waiting any more.
        let _ = right.send(());
        part.settle()?;
        Ok(Written::Right(part, content))
    }
}

enum Written {
    Right(Part, Content),
    Doubtful(Part),
    /// Something is at its name.
    Not(Standing),
}
