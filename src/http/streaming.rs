//! An answer whose body is read as it comes, however large it is.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::address::Address;
use super::attempt::{Attempt, Trouble};
use super::error::HttpError;
use super::record::Record;
use super::sending::Sending;
use super::{ExchangeId, Head, Http, NetworkClass, Reply};

/// An answer to [`Http::open`]. That of a success is read with [`Streaming::chunk`]; any other has been read already.
///
/// The exchange in the transcript ends when the body ends or this is dropped. A body that is not read holds its
/// connection; one that is read slowly slows the server down, and no more of it is in memory than a few pieces.
pub struct Streaming {
    /// Its head, whose fields are read through it.
    pub head: Head,
    body: Source,
}

enum Source {
    /// The next piece of an answer that is here whole.
    Here(Bytes),
    Live(Box<Live>),
    /// At its end, or broken off.
    Over,
}

/// A body on its way.
struct Live {
    http: Http,
    address: Address,
    response: reqwest::Response,
    /// Bytes that are still to come, if the server said how many there are.
    left: Option<u64>,
    /// Whether a byte of the body came.
    brought: bool,
    sending: Arc<Sending>,
    _end: DropGuard,
    record: Record,
    cancel: CancellationToken,
    stall: Duration,
}

impl Streaming {
    pub(super) fn new(attempt: &Attempt<'_>, record: Record, head: Head, response: reqwest::Response) -> Self {
        let live = Live {
            http: attempt.http.clone(),
            address: attempt.address.clone(),
            left: response.content_length(),
            brought: false,
            response,
            sending: Arc::clone(attempt.sending),
            _end: attempt.sending.end_on_drop(),
            record,
            cancel: attempt.call.cancel.clone(),
            stall: attempt.call.stall,
        };
        Self {
            head,
            body: Source::Live(Box::new(live)),
        }
    }

    /// The next piece of the body, None at its end. A body that is shorter than the server said ends in an error, not
    /// in None. The future may be dropped: no byte is lost.
    ///
    /// # Errors
    /// If the connection breaks, nothing comes for the call's stall time, or the call is stopped. It stays at its end
    /// then.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        let live = match &mut self.body {
            Source::Here(_) => {
                return Ok(match std::mem::replace(&mut self.body, Source::Over) {
                    Source::Here(bytes) if !bytes.is_empty() => Some(bytes),
                    _ => None,
                });
            }
            Source::Over => return Ok(None),
            Source::Live(live) => live,
        };
        match live.chunk().await {
            Ok(Some(chunk)) => return Ok(Some(chunk)),
            Ok(None) => live.record.ended(),
            Err(trouble) => {
                let error = live.failed(trouble, self.head.exchange, self.head.attempts);
                self.body = Source::Over;
                return Err(error);
            }
        }
        self.body = Source::Over;
        Ok(None)
    }

    /// The body as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, HttpError>> + Send {
        stream::unfold(self, |mut body| async move {
            let next = body.chunk().await.transpose()?;
            Some((next, body))
        })
    }

    /// All of it, if it is no longer than `most` bytes.
    ///
    /// # Errors
    /// As [`Streaming::chunk`]; [`NetworkClass::TooLarge`] if there is more.
    pub async fn into_reply(mut self, most: usize) -> Result<Reply, HttpError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > most
                && let Source::Live(live) = &mut self.body
            {
                let trouble = Trouble {
                    class: NetworkClass::TooLarge,
                    may_have_arrived: true,
                    source: None,
                };
                return Err(live.failed(trouble, self.head.exchange, self.head.attempts));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            head: self.head,
            body: body.freeze(),
        })
    }
}

impl Live {
    async fn chunk(&mut self) -> Result<Option<Bytes>, Trouble> {
        let next = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return Err(Trouble {
                class: NetworkClass::Cancelled,
                may_have_arrived: true,
                source: None,
            }),
            next = self.sending.activity.watch_from_now(self.stall, self.response.chunk()) => next,
        };
        match next {
            Ok(Ok(chunk)) => {
                if let Some(chunk) = &chunk {
                    self.record.received(chunk.len());
                    self.brought = true;
                    self.left = self.left.map(|left| left.saturating_sub(chunk.len() as u64));
                    // Who knows the length as well does not ask for the end.
                    if self.left == Some(0) {
                        self.record.ended();
                    }
                }
                Ok(chunk)
            }
            Ok(Err(error)) => Err(Trouble::lost(error, self.address.is_encrypted(), &self.sending)),
            Err(stalled) => Err(Trouble {
                class: NetworkClass::Stalled,
                may_have_arrived: true,
                source: Some(stalled.into()),
            }),
        }
    }

    fn failed(&mut self, trouble: Trouble, exchange: ExchangeId, attempts: u32) -> HttpError {
        // A server that brings something is slow or far away; it is not out of order.
        if trouble.class.is_transient() && !self.brought {
            self.http.failed_late(&self.address);
        }
        let masker = self.http.transcript().masker();
        let sentence = masker.text(&trouble.sentence(&self.address.origin));
        if trouble.class != NetworkClass::Cancelled {
            self.record.failed(trouble.class, sentence);
        }
        // The head of an answer was here, so the request was there.
        self.http.failed(trouble, true, &self.address, exchange, attempts)
    }
}

impl Deref for Streaming {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

impl From<Reply> for Streaming {
    fn from(reply: Reply) -> Self {
        Self {
            head: reply.head,
            body: Source::Here(reply.body),
        }
    }
}

// What comes back may hold secrets: it is not printed.
impl fmt::Debug for Streaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streaming")
            .field("status", &self.status)
            .field("exchange", &self.exchange)
            .finish_non_exhaustive()
    }
}
