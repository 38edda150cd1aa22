//! The head of an answer: what is known of it before its body is read.

use std::time::Duration;

use ::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;

use super::ExchangeId;
use super::retry::retry_after;

/// The head of an answer, whatever its status. A [`Reply`](super::Reply) and a [`Streaming`](super::Streaming) are read
/// through to theirs.
#[derive(Clone)]
pub struct Head {
    /// The HTTP status. Storage says 400 for nearly everything; see the room's own error.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Where the exchange is in the transcript.
    pub exchange: ExchangeId,
    /// How often the request was made, this one included.
    pub attempts: u32,
}

impl Head {
    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// A header's value, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the body, as the server says.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        content_type(&self.headers)
    }

    /// How many bytes the server says the body has.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.header(header::CONTENT_LENGTH.as_str())?.trim().parse().ok()
    }

    /// The time the server asks to wait before the next attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers, Timestamp::now())
    }
}

/// The media type that headers tell, if it is text.
pub(super) fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}
