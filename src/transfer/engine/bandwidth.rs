//! The limit on bandwidth: one bucket for all jobs, whose rate can be set while they run.

use std::num::NonZeroU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

/// Who comes late, because the clock is coarse or the machine busy, may make up for so much.
const LATE: Duration = Duration::from_millis(50);

/// Bytes a second that may go, up and down together.
#[derive(Debug)]
pub(super) struct Bandwidth {
    rate: watch::Sender<Option<NonZeroU64>>,
    /// Until when what has been let through takes at the rate.
    taken_until: Mutex<Option<Instant>>,
    /// One waits for the clock, the others for it, in the order in which they came.
    queue: Semaphore,
}

impl Bandwidth {
    pub(super) fn new(rate: Option<NonZeroU64>) -> Self {
        Self {
            rate: watch::Sender::new(rate),
            taken_until: Mutex::new(None),
            queue: Semaphore::new(1),
        }
    }

    /// Sets or lifts the limit, also for those who wait.
    pub(super) fn set(&self, rate: Option<NonZeroU64>) {
        self.rate.send_replace(rate);
    }

    pub(super) fn rate(&self) -> Option<NonZeroU64> {
        *self.rate.borrow()
    }

    /// Waits until so many bytes have had their time. Never more than the rate allows has been let through, whatever the
    /// size of the pieces.
    pub(super) async fn admit(&self, bytes: u64) {
        if self.rate().is_none() {
            return;
        }
        // The queue is never closed.
        let _head = self.queue.acquire().await;
        let mut rates = self.rate.subscribe();
        #[expect(clippy::cast_precision_loss, reason = "a rate is no exact thing")]
        let mut left = bytes as f64;
        loop {
            let Some(rate) = *rates.borrow_and_update() else {
                self.take_until(Instant::now());
                return;
            };
            #[expect(clippy::cast_precision_loss, reason = "a rate is no exact thing")]
            let rate = rate.get() as f64;
            let now = Instant::now();
            let earliest = now.checked_sub(LATE).unwrap_or(now);
            let from = self.taken_until().map_or(now, |until| until.max(earliest));
            let until = from + Duration::try_from_secs_f64(left / rate).unwrap_or(FOREVER);
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(until) => {
                    self.take_until(until);
                    return;
                }
                // The sender lives as long as this.
                _ = rates.changed() => {
                    let now = Instant::now();
                    left = (left - now.saturating_duration_since(from).as_secs_f64() * rate).max(0.0);
                    self.take_until(now);
                }
            }
        }
    }

    fn taken_until(&self) -> Option<Instant> {
        *self.taken_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_until(&self, until: Instant) {
        *self.taken_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

/// Longer than anybody waits, and not so long that a clock overflows.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3_600);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn rate(bytes: u64) -> Option<NonZeroU64> {
        NonZeroU64::new(bytes)
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_is_held_exactly_by_all_together_whatever_the_pieces() {
        let bandwidth = Arc::new(Bandwidth::new(rate(1_000_000)));
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for piece in [1, 100, 65_536, 3_000_000] {
            let bandwidth = Arc::clone(&bandwidth);
            tasks.spawn(async move {
                let mut sent = 0;
                while sent < 3_000_000 {
                    let bytes = if piece < 1_000 { 10_000 } else { piece };
                    bandwidth.admit(bytes).await;
                    sent += bytes;
                }
                sent
            });
        }
        let sent: u64 = tasks.join_all().await.into_iter().sum();
        let took = start.elapsed().as_secs_f64();
        let right = sent as f64 / 1e6;
        assert!((right - 0.06..right + 0.06).contains(&took), "{took} for {right}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_limit_holds_at_once_also_for_who_waits() {
        let bandwidth = Arc::new(Bandwidth::new(rate(1_000)));
        let start = Instant::now();
        let waiting = tokio::spawn({
            let bandwidth = Arc::clone(&bandwidth);
            async move {
                bandwidth.admit(100_000).await;
                start.elapsed()
            }
        });
        tokio::time::sleep(Duration::from_secs(50)).await;
        bandwidth.set(rate(10_000));
        let took = waiting.await.unwrap().as_secs_f64();
        assert!(
            (54.9..55.1).contains(&took),
            "50 s at 1,000 and the other half at 10,000: {took}"
        );

        let waiting = tokio::spawn({
            let bandwidth = Arc::clone(&bandwidth);
            async move { bandwidth.admit(u64::MAX).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        bandwidth.set(None);
        waiting.await.unwrap();
        bandwidth.admit(u64::MAX).await;
        assert!((55.9..56.2).contains(&start.elapsed().as_secs_f64()));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_lets_the_next_one_through() {
        let bandwidth = Bandwidth::new(rate(10));
        let start = Instant::now();
        let gave_up = tokio::time::timeout(Duration::from_secs(1), bandwidth.admit(1_000)).await;
        assert!(gave_up.is_err());
        bandwidth.admit(10).await;
        assert!((1.9..2.1).contains(&start.elapsed().as_secs_f64()));
    }
}
