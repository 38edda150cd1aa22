//! Tells a slow transfer from a dead one: what counts is the time since a byte moved, not the time in all.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

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
    pub(super) fn new() -> Self {
        Self {
            last: Mutex::new(Instant::now()),
        }
    }

    /// Something moved just now.
    pub(super) fn touch(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the future as long as something moves. That nothing was waited for until now is no silence.
    pub(super) async fn watch_from_now<F: Future>(&self, stall: Duration, future: F) -> Result<F::Output, Stalled> {
        self.touch();
        self.watch(stall, future).await
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
