//! Rates: how many requests a minute a server is sent, whoever sends them.
//!
//! A leaky bucket a host (the generic cell rate algorithm: one moment is all its state). `governor` does the same, but
//! on a clock of its own, which tests cannot pause, and with five more crates; what it would save is the dozen lines
//! of [`Rates::turn`].

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How fast a server may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Requests a minute, repetitions included.
    pub per_minute: NonZeroU32,
    /// How many of them may follow each other at once after a pause.
    pub burst: NonZeroU32,
}

impl Rate {
    /// So many a minute, a tenth of them at once.
    #[must_use]
    pub fn per_minute(requests: NonZeroU32) -> Self {
        Self {
            per_minute: requests,
            burst: NonZeroU32::new(requests.get() / 10).unwrap_or(NonZeroU32::MIN),
        }
    }

    fn interval(self) -> Duration {
        Duration::from_secs(60) / self.per_minute.get()
    }
}

/// The rates of all hosts that have one.
#[derive(Debug, Default)]
pub(super) struct Rates {
    all: Mutex<HashMap<String, Arc<Bucket>>>,
}

#[derive(Debug)]
struct Bucket {
    rate: Rate,
    /// When the bucket will be full again, if nothing more is sent.
    full_at: Mutex<Option<Instant>>,
    /// The one at the head waits for its time, the others for the head, in the order in which they came. Whoever gives
    /// up leaves the queue and has used nothing.
    queue: Semaphore,
}

impl Rates {
    /// Sets or lifts the rate of a host. Those who wait already keep to the one they found.
    pub(super) fn set(&self, origin: &str, rate: Option<Rate>) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        match rate {
            None => {
                all.remove(origin);
            }
            Some(rate) if all.get(origin).is_some_and(|bucket| bucket.rate == rate) => {}
            Some(rate) => {
                let bucket = Bucket {
                    rate,
                    full_at: Mutex::new(None),
                    queue: Semaphore::new(1),
                };
                all.insert(origin.to_owned(), Arc::new(bucket));
            }
        }
    }

    /// Waits until a request may be sent. Dropped before, it has used nothing.
    pub(super) async fn turn(&self, origin: &str) {
        let bucket = self
            .all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(origin)
            .cloned();
        let Some(bucket) = bucket else { return };
        // The queue is never closed.
        let _head = bucket.queue.acquire().await;
        let (interval, burst) = (bucket.rate.interval(), bucket.rate.burst.get());
        let full_at = *bucket.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at) = full_at {
            // There is room for one more when the bucket lacks at most all but one of its burst.
            let room = interval * (burst - 1);
            let may_go = full_at.checked_sub(room).unwrap_or(full_at);
            tokio::time::sleep_until(may_go).await;
        }
        let now = Instant::now();
        let from = full_at.map_or(now, |at| at.max(now));
        *bucket.full_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(from + interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_minute: u32, burst: u32) -> Rate {
        Rate {
            per_minute: NonZeroU32::new(per_minute).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let rates = Rates::default();
        rates.set("https://x", Some(rate(60, 3)));
        let start = Instant::now();
        let mut at = Vec::new();
        for _ in 0..6 {
            rates.turn("https://x").await;
            at.push(start.elapsed().as_secs());
        }
        assert_eq!(at, [0, 0, 0, 1, 2, 3]);
        rates.turn("https://y").await;
        assert_eq!(start.elapsed().as_secs(), 3, "hosts do not share a rate");
        // After a long pause the burst is whole again, and no larger.
        tokio::time::advance(Duration::from_secs(600)).await;
        let start = Instant::now();
        for _ in 0..4 {
            rates.turn("https://x").await;
        }
        assert_eq!(start.elapsed().as_secs(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_give_up_have_used_nothing_and_the_others_keep_their_order() {
        let rates = Arc::new(Rates::default());
        rates.set("https://x", Some(rate(1, 1)));
        rates.turn("https://x").await;
        let start = Instant::now();
        let mut waiting = Vec::new();
        for number in 0..5 {
            let rates = Arc::clone(&rates);
            waiting.push(tokio::spawn(async move {
                rates.turn("https://x").await;
                (number, start.elapsed().as_secs())
            }));
            tokio::task::yield_now().await;
        }
        for given_up in &waiting[..3] {
            given_up.abort();
        }
        let mut done = Vec::new();
        for task in waiting {
            done.extend(task.await);
        }
        assert_eq!(done, [(3, 60), (4, 120)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_can_be_lifted_and_is_not_begun_anew_by_being_set_again() {
        let rates = Rates::default();
        let slow = Some(rate(1, 1));
        rates.set("https://x", slow);
        rates.turn("https://x").await;
        rates.set("https://x", slow);
        let start = Instant::now();
        rates.turn("https://x").await;
        assert_eq!(start.elapsed().as_secs(), 60);
        rates.set("https://x", None);
        rates.turn("https://x").await;
        assert_eq!(start.elapsed().as_secs(), 60);
        assert_eq!(Rate::per_minute(NonZeroU32::new(600).unwrap()).burst.get(), 60);
        assert_eq!(Rate::per_minute(NonZeroU32::new(5).unwrap()).burst.get(), 1);
    }
}
