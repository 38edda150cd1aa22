//! Large files, in pieces that survive a break and the program itself.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinHandle;

use super::beside::Beside;
use super::failure::refused;
use super::kept::Kept;
use super::source::SourceFile;
use super::target::Spot;
use super::upload::{ended, gone_well};
use super::{Carried, Carry};
use crate::media::Md5;
use crate::supabase::{Class, Ended, Error, PieceSource, ResumableUpload, Step, Upload, UploadState};
use crate::transfer::job::{Content, Failure};

/// How often an upload that the server has forgotten is begun anew.
pub(super) const AGAIN: u32 = 2;
/// How long the end of an upload waits until the server has thrown away what had arrived.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The file, at the pace that is allowed. The next piece is read while one is on its way.
struct Paced<'a> {
    carry: &'a Carry<'a>,
    file: &'a SourceFile,
    md5: Beside,
    ahead: Option<Ahead>,
}

/// A piece that is read before it is asked for.
struct Ahead {
    offset: u64,
    most: usize,
    read: JoinHandle<io::Result<Bytes>>,
}

impl Paced<'_> {
    async fn read(&mut self, offset: u64, most: usize) -> io::Result<Bytes> {
        let bytes = match self.ahead.take() {
            Some(ahead) if (ahead.offset, ahead.most) == (offset, most) => {
                ahead.read.await.map_err(io::Error::other)?
            }
            _ => self.file.read_at(offset, most).await,
        }?;
        let next = offset + bytes.len() as u64;
        if next < self.file.size() && !bytes.is_empty() {
            let file = self.file.clone();
            self.ahead = Some(Ahead {
                offset: next,
                most,
                read: tokio::spawn(async move { file.read_at(next, most).await }),
            });
        }
        Ok(bytes)
    }
}

impl PieceSource for Paced<'_> {
    fn length(&self) -> Option<u64> {
        Some(self.file.size())
    }

    async fn read_at(&mut self, offset: u64, most: usize) -> io::Result<Bytes> {
        let bytes = self.read(offset, most).await?;
        self.carry.way.admit(bytes.len() as u64).await;
        self.md5.pass(offset, &bytes).await;
        Ok(bytes)
    }

    async fn unchanged(&mut self) -> io::Result<()> {
        self.file.still_the_same().await
    }
}

/// Sends a file in pieces, and goes on with what an earlier attempt began.
pub(super) async fn send(
    carry: &Carry<'_>,
    kept: &mut Kept,
    to: &Spot,
    file: &SourceFile,
    mut content: Content,
    how: &Upload,
) -> Result<Carried, Failure> {
    let size = Some(file.size());
    let sha256 = content.sha256.clone().unwrap_or_default();
    let new = || {
        ResumableUpload::new(&to.objects, &to.key, how)
            .of_content(&sha256)
            .stopped_by(carry.stop.clone())
    };
    let mut source = Paced {
        carry,
        file,
        md5: Beside::begin::<Md5>(),
        ahead: None,
    };
    let tell = |step: Step<'_>| {
        if let Step::Arrived(bytes, _) = step {
            carry.way.arrived(bytes);
        }
    };
    for _ in 0..=AGAIN {
        let mut upload = match kept.upload.take() {
            None => new(),
            Some(state) => match new().continuing(state.clone(), size) {
                Ok(upload) => upload,
                // Of other bytes or to another place: nobody goes on with it.
                Err(_) => {
                    throw_away(to, &state).await;
                    new()
                }
            },
        };
        if upload.state().is_none() {
            match upload.begin(size).await {
                Ok(state) => kept.upload = Some(state.clone()),
                Err(error) => {
                    content.md5 = known_by(&error, carry, file).await?;
                    return ended(carry, to, &content, how, &error).await;
                }
            }
            kept.keep(carry).await?;
        } else {
            kept.upload = upload.state().cloned();
        }
        match upload.run(&mut source, &tell).await {
            Ok(Ended::Stored(_)) => {
                content.md5 = match source.md5.of_all(file.size()).await {
                    // An earlier attempt sent the beginning.
                    None => file.md5(carry.stop).await?,
                    hash => hash,
                };
                return gone_well(carry, to, content, how).await;
            }
            Ok(Ended::Gone) => kept.upload = None,
            Err(error) => {
                // What can be gone on with stays; what nobody will is not left lying on the server.
                if matches!(error.class, Class::Source | Class::Exists) {
                    let _ = tokio::time::timeout(PATIENCE, upload.discard()).await;
                    kept.upload = None;
                    kept.keep(carry).await?;
                }
                content.md5 = known_by(&error, carry, file).await?;
                return ended(carry, to, &content, how, &error).await;
            }
        }
    }
    kept.keep(carry).await?;
    Err(refused(
        format!(
            "The server forgot the upload of {} each time before it was whole.",
            to.words()
        ),
        "Try again later; if it happens again, ask whoever looks after the server.",
    ))
}

/// The MD5, if an object that has taken the key is to be compared with the file.
async fn known_by(error: &Error, carry: &Carry<'_>, file: &SourceFile) -> Result<Option<String>, Failure> {
    match error.class {
        Class::Exists => file.md5(carry.stop).await,
        _ => Ok(None),
    }
}

/// Ends an upload that nobody goes on with. The server forgets it by itself some hours later if this fails.
pub(super) async fn throw_away(to: &Spot, state: &UploadState) {
    let steps = to.objects.resumable();
    let ending = steps.terminate(&state.upload, &to.key, state.upsert);
    if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, ending).await {
        tracing::debug!(%error, "an upload that nobody goes on with was not ended");
    }
}
