//! When a request is made again, and after how long. One place decides this for every room.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ::http::HeaderMap;
use jiff::Timestamp;

use super::Reply;

/// What a room says about an answer: may the same request be made again?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is a success, or an error that stays one.
    Never,
    /// The server had trouble of its own. The request may have been carried out, so only idempotent ones are repeated.
    Transient,
    /// The server refused before it did anything. Any request may be repeated, after the time it asked for.
    Throttled {
        /// The server's wish, if it had one.
        after: Option<Duration>,
    },
    /// The server refused before it did anything, for a reason that goes away by itself if at all. Any request may be
    /// repeated, but only once.
    Once {
        /// After about this time.
        after: Duration,
    },
}

/// How often and how fast requests are repeated.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Attempts in all, the first one included.
    pub attempts: u32,
    /// The longest first wait; it doubles with each attempt.
    pub base: Duration,
    /// No backoff is longer.
    pub cap: Duration,
    /// A server that asks for more than this is not waited for: its answer is handed up at once.
    pub patience: Duration,
    /// A number from 0 to below 1, new each time. Full jitter keeps clients that failed together from returning together.
    pub jitter: fn() -> f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(20),
            patience: Duration::from_secs(120),
            jitter: random,
        }
    }
}

impl RetryPolicy {
    /// Clients that were told the same time return within so much.
    const SPREAD: Duration = Duration::from_secs(5);

    /// How long to wait before the only repetition of a request that is to come after about that time.
    pub(super) fn wait_once(&self, after: Duration) -> Duration {
        after + Duration::from_secs(1).mul_f64((self.jitter)().clamp(0.0, 1.0))
    }

    /// How long to wait after attempt number `attempt` (from 1), or None if it is not worth it.
    ///
    /// The server's wish is a floor. Up to as much again is added, but no more than five seconds, so that not everybody
    /// returns in the same moment; a wish for no time at all gets the time of a first backoff.
    #[must_use]
    pub fn wait(&self, attempt: u32, asked: Option<Duration>) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let jitter = (self.jitter)().clamp(0.0, 1.0);
        match asked {
            Some(asked) if asked > self.patience => None,
            Some(asked) => Some(asked + asked.max(self.base).min(Self::SPREAD).mul_f64(jitter)),
            None => {
                let longest = self.base.saturating_mul(1 << (attempt - 1).min(16)).min(self.cap);
                Some(longest.mul_f64(jitter))
            }
        }
    }
}

/// 53 random bits as a number from 0 to below 1. Without a source of randomness the waits are simply the longest.
#[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds exactly")]
fn random() -> f64 {
    getrandom::u64().map_or(1.0, |bits| (bits >> 11) as f64 / (1u64 << 53) as f64)
}

/// The rule for servers that use HTTP's own statuses: 429 is a throttle, and so is 503 with a time to come back;
/// 408, 425, 500, 502, 503, 504 and the 52x and 544 of gateways are transient.
#[must_use]
pub fn by_status(reply: &Reply) -> Retry {
    let after = reply.retry_after();
    match reply.status.as_u16() {
        429 => Retry::Throttled { after },
        503 if after.is_some() => Retry::Throttled { after },
        408 | 425 | 500 | 502 | 503 | 504 | 520..=529 | 544 => Retry::Transient,
        _ => Retry::Never,
    }
}

/// The time a server asks to wait: `retry-after-ms`, or `Retry-After` in seconds (whole or not) or as a date.
/// A date in the past is no time at all; what cannot be read is no wish.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |text: &str| {
        let seconds = text.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0)?;
        // More than can be counted is longer than anybody waits.
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    };
    if let Some(wait) = text("retry-after-ms").and_then(seconds) {
        return Some(wait / 1000);
    }
    let asked = text("retry-after")?;
    seconds(asked).or_else(|| {
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(asked).ok()?;
        Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
    })
}

/// Retries a host may still cost. When everything fails, each request is soon made only once, so that a server in
/// trouble is not beaten down by its own clients; successes fill the bucket again. Figures as in the AWS clients.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: Mutex<HashMap<String, u32>>,
}

impl Budget {
    const FULL: u32 = 500;
    const TROUBLE: u32 = 14;
    const THROTTLE: u32 = 5;
    const REFUND: u32 = 1;

    /// Takes one retry to the host out of the bucket; false if there is none left.
    pub(super) fn take(&self, host: &str, throttled: bool) -> bool {
        let cost = if throttled { Self::THROTTLE } else { Self::TROUBLE };
        let mut all = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = all.entry(host.to_owned()).or_default();
        if *spent + cost > Self::FULL {
            return false;
        }
        *spent += cost;
        true
    }

    /// A success: gives back what its retries had cost, or a little.
    pub(super) fn refund(&self, host: &str, retries: u32) {
        let mut all = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(spent) = all.get_mut(host) {
            *spent = spent.saturating_sub((retries * Self::THROTTLE).max(Self::REFUND));
        }
    }

    /// Puts retries after trouble back into the bucket: they have brought what they were made for.
    pub(super) fn give_back(&self, host: &str, retries: u32) {
        if retries == 0 {
            return;
        }
        let mut all = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(spent) = all.get_mut(host) {
            *spent = spent.saturating_sub(retries * Self::TROUBLE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (::http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn reads_every_form_of_retry_after() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let read = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs), now);
        assert_eq!(read(&[("retry-after", "3")]), Some(Duration::from_secs(3)));
        assert_eq!(read(&[("retry-after", "0.5")]), Some(Duration::from_millis(500)));
        assert_eq!(
            read(&[("retry-after", "9"), ("retry-after-ms", "250")]),
            Some(Duration::from_millis(250))
        );
        assert_eq!(
            read(&[("retry-after", "Tue, 24 Nov 2026 10:00:07 GMT")]),
            Some(Duration::from_secs(7))
        );
        assert_eq!(
            read(&[("retry-after", "Tue, 24 Nov 2026 09:00:00 GMT")]),
            Some(Duration::ZERO)
        );
        for bad in ["", "soon", "-4", "NaN", "1e400"] {
            assert_eq!(read(&[("retry-after", bad)]), None, "{bad}");
        }
    }

    #[test]
    fn backs_off_up_to_the_cap_and_not_for_ever() {
        let policy = RetryPolicy {
            attempts: 9,
            jitter: || 1.0,
            ..RetryPolicy::default()
        };
        let waits: Vec<_> = (1..9)
            .filter_map(|n| policy.wait(n, None))
            .map(|w| w.as_millis())
            .collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
        assert_eq!(policy.wait(9, None), None);
        assert_eq!(
            policy.wait(1, Some(Duration::from_secs(10))),
            Some(Duration::from_secs(15))
        );
        assert_eq!(
            policy.wait(1, Some(Duration::from_secs(2))),
            Some(Duration::from_secs(4))
        );
        assert_eq!(policy.wait(1, Some(Duration::ZERO)), Some(policy.base));
        assert_eq!(policy.wait(1, Some(Duration::from_secs(3_600))), None);
        assert!((0.0..1.0).contains(&random()));
    }

    #[test]
    fn a_budget_ends_and_successes_fill_it_again() {
        let budget = Budget::default();
        let granted = (0..1_000).filter(|_| budget.take("a", false)).count();
        assert_eq!(granted, 35);
        assert!(budget.take("b", false), "hosts do not share a budget");
        for _ in 0..3 {
            budget.refund("a", 0);
        }
        assert!(!budget.take("a", false));
        budget.refund("a", 3);
        assert!(budget.take("a", false));
        while budget.take("a", false) {}
        budget.give_back("a", 2);
        budget.give_back("never asked", 2);
        assert!(budget.take("a", false) && budget.take("a", false));
        assert!(!budget.take("a", false));
    }
}
