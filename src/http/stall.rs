//! Tells a slow transfer from a dead one: what counts is the time since a byte moved, not the time in all.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use tokio::time::Instant;

/// How much of a body is handed to the connection at once; small enough that a slow line shows progress.
const PIECE: usize = 64 << 10;

/// When a byte last moved.
#[derive(Debug)]
pub(super) struct Activity {
    last: Mutex<Instant>,
}

/// Nothing moved for too long.
#[derive(Debug, thiserror::Error)]
#[error("nothing was sent or received for {0:?}")]
pub(super) struct Stalled(Duration);

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            last: Mutex::new(Instant::now()),
        })
    }

    /// Something moved just now.
    pub(super) fn touch(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the future as long as something moves.
    pub(super) async fn watch<F: Future>(&self, stall: Duration, future: F) -> Result<F::Output, Stalled> {
        let mut future = pin!(future);
        loop {
            let deadline = self.last() + stall;
            tokio::select! {
                biased;
                output = &mut future => {
                    self.touch();
                    return Ok(output);
                }
                () = tokio::time::sleep_until(deadline) => {
                    if self.last() + stall <= Instant::now() {
                        return Err(Stalled(stall));
                    }
                }
            }
        }
    }
}

/// The bytes as a request body whose progress is seen. The caller sets Content-Length: storage's raw uploads need it.
pub(super) fn body(bytes: Bytes, activity: Arc<Activity>) -> reqwest::Body {
    reqwest::Body::wrap_stream(stream::unfold((bytes, activity), |(mut rest, activity)| async move {
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to(rest.len().min(PIECE));
        activity.touch();
        Some((Ok::<_, std::convert::Infallible>(piece), (rest, activity)))
    }))
}
