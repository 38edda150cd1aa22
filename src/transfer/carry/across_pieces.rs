//! Large objects on their way into another workspace: read here piece by piece while they are stored there, and gone on with
//! where a break or the end of the program has left them.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use sha2::Sha256;

use super::Carry;
use super::across::{hash_source, is_source, occupied, open, wrong_source};
use super::beside::Beside;
use super::content::Hashes;
use super::failure::{failure, refused};
use super::kept::Kept;
use super::pieces::{AGAIN, PATIENCE, throw_away};
use super::target::{Spot, is_ours};
use crate::http;
use crate::media::Md5;
use crate::supabase::{
    Class, Ended, Error, ObjectInfo, ObjectStream, PieceSource, ResumableUpload, Step, Upload, UploadMetadata,
};
use crate::transfer::job::{Content, Failure};

/// An object that is read: where it is, what it was when it was looked at, and how large it is.
type Read<'a> = (&'a Spot, &'a ObjectInfo, u64);

/// Sends a large object. What it is known by, if all of it passed by here in this run.
pub(super) async fn send(
    carry: &Carry<'_>,
    kept: &mut Kept,
    read: Read<'_>,
    to: &Spot,
    how: &Upload,
) -> Result<Option<Content>, Failure> {
    // An upload in pieces cannot carry every `Cache-Control`.
    let content = if UploadMetadata::new(to.objects.bucket(), &to.key, how).is_ok() {
        in_pieces(carry, kept, read, to, how).await?
    } else {
        in_one_request(carry, read, to, how).await?
    };
    let (from, before, _) = read;
    match content {
        Some(content) if !is_source(before, &content) => {
            // The ETag may be no hash, as with stores that encrypt; then it is the same bytes once more.
            let again = hash_source(carry, from, before).await?;
            if again.sha256 == content.sha256 {
                Ok(Some(content))
            } else {
                remove_ours(carry, to).await?;
                Err(wrong_source(from))
            }
        }
        content => Ok(content),
    }
}

async fn in_pieces(
    carry: &Carry<'_>,
    kept: &mut Kept,
    (from, before, size): Read<'_>,
    to: &Spot,
    how: &Upload,
) -> Result<Option<Content>, Failure> {
    let identity = format!(
        "{}/{} {}",
        from.objects.project().url(),
        from.words(),
        before.etag.as_deref().unwrap_or_default()
    );
    let new = || {
        ResumableUpload::new(&to.objects, &to.key, how)
            .of_source(&identity)
            .stopped_by(carry.stop.clone())
    };
    let mut source = Passing::new(carry, from, before, size);
    let tell = |step: Step<'_>| {
        if let Step::Arrived(bytes, _) = step {
            carry.way.arrived(bytes);
        }
    };
    for _ in 0..=AGAIN {
        let mut upload = match kept.upload.take() {
            None => new(),
            Some(state) => match new().continuing(state.clone(), Some(size)) {
                Ok(upload) => upload,
                // Of another object or to another place: nobody goes on with it.
                Err(_) => {
                    throw_away(to, &state).await;
                    new()
                }
            },
        };
        if upload.state().is_none() {
            match upload.begin(Some(size)).await {
                Ok(state) => kept.upload = Some(state.clone()),
                Err(error) => return stored_after_all(carry, to, &error).await,
            }
            kept.keep(carry).await?;
        } else {
            kept.upload = upload.state().cloned();
        }
        match upload.run(&mut source, &tell).await {
            Ok(Ended::Stored(_)) => return Ok(source.content().await),
            Ok(Ended::Gone) => kept.upload = None,
            Err(error) => {
                let failed = source.failed.take().filter(|_| error.class == Class::Source);
                let is_other = failed
                    .as_ref()
                    .is_some_and(|failed| !super::proof::is_of_the_line(failed));
                // What can be gone on with stays; what nobody will is not left lying on the server.
                if is_other || error.class == Class::Exists {
                    let _ = tokio::time::timeout(PATIENCE, upload.discard()).await;
                    kept.upload = None;
                    kept.keep(carry).await?;
                }
                return match failed {
                    Some(failed) => Err(failed),
                    None => stored_after_all(carry, to, &error).await,
                };
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

/// The key is taken: by what an earlier attempt stored, of which nobody heard, or by another object.
async fn stored_after_all(carry: &Carry<'_>, to: &Spot, error: &Error) -> Result<Option<Content>, Failure> {
    if error.class != Class::Exists {
        return Err(failure(error));
    }
    let info = to.objects.info(&to.key).await.map_err(|error| failure(&error))?;
    if is_ours(&info, carry.item) {
        Ok(None)
    } else {
        Err(occupied(to))
    }
}

async fn remove_ours(carry: &Carry<'_>, to: &Spot) -> Result<(), Failure> {
    match to.objects.info(&to.key).await {
        Ok(info) if is_ours(&info, carry.item) => {
            let removed = to.objects.remove_one(&to.key).await;
            removed.map(drop).map_err(|error| failure(&error))
        }
        _ => Ok(()),
    }
}

/// An object whose bytes are read in the order of the pieces that are asked for. A piece that is asked for once more, because a
/// line broke, is not read again.
struct Passing<'a> {
    carry: &'a Carry<'a>,
    from: &'a Spot,
    before: &'a ObjectInfo,
    size: u64,
    stream: Option<ObjectStream>,
    /// What has come beyond the last piece.
    rest: Bytes,
    /// Where the next byte is that is neither in the last piece nor was handed out.
    at: u64,
    last: (u64, Bytes),
    md5: Beside,
    sha256: Beside,
    /// Why it could not be read.
    failed: Option<Failure>,
}

impl<'a> Passing<'a> {
    fn new(carry: &'a Carry<'a>, from: &'a Spot, before: &'a ObjectInfo, size: u64) -> Self {
        Self {
            carry,
            from,
            before,
            size,
            stream: None,
            rest: Bytes::new(),
            at: 0,
            last: (0, Bytes::new()),
            md5: Beside::begin::<Md5>(),
            sha256: Beside::begin::<Sha256>(),
            failed: None,
        }
    }

    /// What all of it is known by; None if not all of it passed.
    async fn content(self) -> Option<Content> {
        Some(Content {
            size: Some(self.size),
            md5: Some(self.md5.of_all(self.size).await?),
            sha256: Some(self.sha256.of_all(self.size).await?),
            etag: None,
        })
    }

    async fn read(&mut self, offset: u64, most: usize) -> Result<Bytes, Failure> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = most.min(left);
        let mut piece = BytesMut::with_capacity(wanted);
        let (begins, last) = &self.last;
        let known = offset.checked_sub(*begins).and_then(|skip| usize::try_from(skip).ok());
        if let Some(known) = known.and_then(|skip| last.get(skip..)) {
            piece.extend_from_slice(&known[..known.len().min(wanted)]);
        }
        let next = offset + piece.len() as u64;
        if next != self.at {
            (self.stream, self.rest, self.at) = (None, Bytes::new(), next);
        }
        while piece.len() < wanted {
            if self.rest.is_empty() {
                self.rest = self.chunk().await?;
            }
            let taken = self.rest.split_to(self.rest.len().min(wanted - piece.len()));
            self.at += taken.len() as u64;
            piece.extend_from_slice(&taken);
        }
        let piece = piece.freeze();
        self.last = (offset, piece.clone());
        Ok(piece)
    }

    async fn chunk(&mut self) -> Result<Bytes, Failure> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(open(self.from, self.before, self.at).await?),
        };
        match stream.chunk().await {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(super::across::other_source(self.from)),
            Err(error) => {
                self.stream = None;
                Err(match error.class {
                    // Within an object: it is not the one any more that it was when reading began.
                    Class::NotFound => super::across::other_source(self.from),
                    _ => failure(&error),
                })
            }
        }
    }
}

impl PieceSource for Passing<'_> {
    fn length(&self) -> Option<u64> {
        Some(self.size)
    }

    async fn read_at(&mut self, offset: u64, most: usize) -> io::Result<Bytes> {
        let bytes = match self.read(offset, most).await {
            Ok(bytes) => bytes,
            Err(failed) => {
                let what = failed.what.clone();
                self.failed = Some(failed);
                return Err(io::Error::other(what));
            }
        };
        // They come and they go.
        self.carry.way.admit(2 * bytes.len() as u64).await;
        self.md5.pass(offset, &bytes).await;
        self.sha256.pass(offset, &bytes).await;
        Ok(bytes)
    }
}

/// As one body that is read while it is sent. It cannot be gone on with.
async fn in_one_request(
    carry: &Carry<'_>,
    (from, before, size): Read<'_>,
    to: &Spot,
    how: &Upload,
) -> Result<Option<Content>, Failure> {
    let passed: Arc<Mutex<Option<Content>>> = Arc::default();
    let (keep, spot, facts) = (Arc::clone(&passed), from.clone(), before.clone());
    let source = http::Source::new(size, move || {
        let begun = Body {
            spot: spot.clone(),
            before: facts.clone(),
            stream: None,
            hashes: Hashes::default(),
            keep: Arc::clone(&keep),
        };
        Box::pin(stream::try_unfold(begun, Body::next))
    });
    carry.way.admit(size).await;
    match to.objects.upload_from(&to.key, &source, how).await {
        Ok(_) => Ok(passed.lock().unwrap_or_else(PoisonError::into_inner).take()),
        Err(error) => stored_after_all(carry, to, &error).await,
    }
}

/// The object as the body of a request.
struct Body {
    spot: Spot,
    before: ObjectInfo,
    stream: Option<ObjectStream>,
    hashes: Hashes,
    keep: Arc<Mutex<Option<Content>>>,
}

impl Body {
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let opened = open(&self.spot, &self.before, 0).await;
                none.insert(opened.map_err(|failed| io::Error::other(failed.what))?)
            }
        };
        match stream.chunk().await.map_err(io::Error::other)? {
            Some(bytes) => {
                self.hashes.update(&bytes);
                Ok(Some((bytes, self)))
            }
            None => {
                *self.keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.hashes.finish());
                Ok(None)
            }
        }
    }
}
