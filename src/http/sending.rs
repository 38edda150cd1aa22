//! Hands the body of a request to its connection, piece by piece, and knows how far it came.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::body::{ByteStream, Source};
use super::stall::Activity;

/// How much of a body is handed to the connection at once; small enough that a slow line shows progress.
const PIECE: usize = 64 << 10;

/// One attempt's way out, shared by the attempt and by the body that its connection reads.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) activity: Activity,
    length: u64,
    sent: AtomicU64,
    started: AtomicBool,
    /// There is an answer already, and it is a refusal: no more is sent.
    held: AtomicBool,
    /// The attempt is over, so the connection of a body that was held is closed.
    over: CancellationToken,
    failure: Mutex<Option<io::Error>>,
}

impl Sending {
    /// For a body of `length` bytes; 0 also if there is none.
    pub(super) fn new(length: u64) -> Arc<Self> {
        Arc::new(Self {
            activity: Activity::new(),
            length,
            sent: AtomicU64::new(0),
            started: AtomicBool::new(false),
            held: AtomicBool::new(false),
            over: CancellationToken::new(),
            failure: Mutex::new(None),
        })
    }

    /// The request is given to a connection, or to one that is being made, from now on.
    pub(super) fn start(&self) {
        self.started.store(true, Ordering::Relaxed);
        self.activity.touch();
    }

    /// Whether the whole request may have reached the server. One whose body is shorter than announced is incomplete,
    /// and no server carries it out (RFC 9112, section 8).
    pub(super) fn may_have_arrived(&self) -> bool {
        self.started.load(Ordering::Relaxed) && !self.is_incomplete()
    }

    /// Whether a part of the body has not been handed over.
    pub(super) fn is_incomplete(&self) -> bool {
        self.sent.load(Ordering::Relaxed) < self.length
    }

    /// Sends no more: the server has refused the request without reading all of it. The connection stays open, so
    /// that the reason can be read, until the attempt is over.
    pub(super) fn hold(&self) {
        self.held.store(true, Ordering::Relaxed);
    }

    /// Whether the server refused before it had read all.
    pub(super) fn is_held(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    /// The attempt is over when what this gives is dropped.
    pub(super) fn end_on_drop(&self) -> DropGuard {
        self.over.clone().drop_guard()
    }

    /// Why the body's source failed, if it did.
    pub(super) fn take_failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The body for the connection. The caller sets Content-Length: storage's raw uploads need it.
    pub(super) fn body(self: &Arc<Self>, source: Source) -> reqwest::Body {
        let feed = Feed {
            bytes: source.open(),
            rest: Bytes::new(),
            done: false,
            source,
            sending: Arc::clone(self),
        };
        reqwest::Body::wrap_stream(stream::unfold(feed, Feed::step))
    }
}

/// The state of a body between two pieces.
struct Feed {
    bytes: ByteStream,
    rest: Bytes,
    done: bool,
    source: Source,
    sending: Arc<Sending>,
}

impl Feed {
    async fn step(mut self) -> Option<(io::Result<Bytes>, Self)> {
        if self.done {
            return None;
        }
        match self.piece().await {
            Ok(Some(piece)) => Some((Ok(piece), self)),
            Ok(None) => None,
            Err(error) => {
                self.done = true;
                // The connection is told that there is no more; the attempt asks for the reason.
                let told = io::Error::from(error.kind());
                *self.sending.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Some((Err(told), self))
            }
        }
    }

    async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        self.fill().await?;
        let sent = self.sending.sent.load(Ordering::Relaxed);
        let left = self.sending.length - sent;
        if self.rest.is_empty() {
            return if left == 0 {
                Ok(None)
            } else {
                Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!("it ended {left} bytes early"),
                ))
            };
        }
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        let size = piece.len() as u64;
        // The last piece is handed over only when it is known to be the last one, and all is well: without it the
        // server has no whole request.
        if size == left {
            self.fill().await?;
        }
        if size > left || (size == left && !self.rest.is_empty()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "there is more of it than before",
            ));
        }
        // The connection looks for an answer each time that the body has no piece ready. A server that refuses early
        // may close the connection at once, and what it said would be lost behind the failing writes. The first piece
        // goes out together with the head.
        if sent > 0 {
            tokio::task::yield_now().await;
        }
        if self.sending.is_held() {
            self.sending.over.cancelled().await;
            self.done = true;
            return Err(io::Error::new(io::ErrorKind::Interrupted, "the server had refused it"));
        }
        self.sending.sent.store(sent + size, Ordering::Relaxed);
        self.sending.activity.touch();
        self.source.report(sent + size);
        Ok(Some(piece))
    }

    /// Sees to it that there is a byte to send, unless there is none any more.
    async fn fill(&mut self) -> io::Result<()> {
        while self.rest.is_empty() {
            match self.bytes.next().await {
                Some(piece) => self.rest = piece?,
                None => break,
            }
        }
        Ok(())
    }
}

/// Whether a source of no bytes gives none: its body is never read by the connection.
pub(super) async fn is_empty(source: &Source) -> io::Result<bool> {
    let mut bytes = source.open();
    while let Some(piece) = bytes.next().await {
        if !piece?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}
