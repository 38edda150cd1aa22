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
                    let now = Instant::now();
                    // The computer slept, or was too busy to look in time: silence that nobody listened to is none.
                    if now >= deadline + stall / 4 {
                        self.touch();
                    } else if self.last() + stall <= now {
                        return Err(Stalled(stall));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_ends_it_but_not_while_something_moves() {
        let activity = Activity::new();
        let stall = Duration::from_secs(30);
        let begun = Instant::now();
        assert!(activity.watch(stall, std::future::pending::<()>()).await.is_err());
        assert_eq!(begun.elapsed().as_secs(), 30);

        let moving = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_secs(20)).await;
                activity.touch();
            }
            tokio::time::sleep(Duration::from_secs(20)).await;
            "done"
        };
        assert_eq!(activity.watch_from_now(stall, moving).await.unwrap(), "done");
    }

    #[tokio::test(start_paused = true)]
    async fn a_computer_that_slept_listens_once_more() {
        let activity = Activity::new();
        let stall = Duration::from_secs(30);
        let begun = Instant::now();
        let watch = activity.watch(stall, std::future::pending::<()>());
        let sleep = async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            tokio::time::advance(Duration::from_secs(3_600)).await;
        };
        let (result, ()) = tokio::join!(watch, sleep);
        assert!(result.is_err());
        assert_eq!(begun.elapsed().as_secs(), 10 + 3_600 + 30);
    }
}
