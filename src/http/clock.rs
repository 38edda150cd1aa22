//! How far a server's clock is from this computer's. A sign-in and a signed link live by the server's clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ::http::{HeaderMap, header};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

/// The difference between a server's clock and this computer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockOffset {
    /// Server minus computer: positive if the computer's clock is slow.
    pub offset: SignedDuration,
    /// How wrong that may be, in either direction.
    pub accuracy: SignedDuration,
    /// When it was measured, by this computer's clock.
    pub measured_at: Timestamp,
}

/// A better measurement is kept for so long before a worse one takes its place: clocks drift, and are set.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// The latest offsets by origin.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    all: Mutex<HashMap<String, ClockOffset>>,
}

impl Clocks {
    pub(super) fn get(&self, origin: &str) -> Option<ClockOffset> {
        self.lock().get(origin).copied()
    }

    /// Learns from an answer to a request that was sent at `sent`; its head came at `now`.
    pub(super) fn learn(&self, origin: &str, headers: &HeaderMap, sent: Timestamp, now: Timestamp) {
        let Some(measured) = measure(headers, sent, now) else {
            return;
        };
        let mut all = self.lock();
        let keep = all.get(origin).is_some_and(|known| {
            let age = now.duration_since(known.measured_at);
            known.accuracy < measured.accuracy && age >= SignedDuration::ZERO && age < FRESH
        });
        if !keep {
            all.insert(origin.to_owned(), measured);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, ClockOffset>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn measure(headers: &HeaderMap, sent: Timestamp, now: Timestamp) -> Option<ClockOffset> {
    // A cache gives the date at which it was filled.
    if headers.contains_key(header::AGE) {
        return None;
    }
    let date = headers.get(header::DATE)?.to_str().ok()?;
    let date = DateTimeParser::new().parse_timestamp(date.trim()).ok()?;
    // The date has whole seconds, cut off: on the average it is half a second later. It was written at some time
    // between the request and the answer.
    let half = SignedDuration::from_millis(500);
    let way = now.duration_since(sent).max(SignedDuration::ZERO) / 2;
    let server = date.checked_add(half).ok()?;
    let here = now.checked_sub(way).ok()?;
    Some(ClockOffset {
        offset: server.duration_since(here),
        accuracy: half + way,
        measured_at: now,
    })
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

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn tells_a_slow_clock_from_a_fast_one() {
        let clocks = Clocks::default();
        let learn = |date: &str, sent: &str, now: &str| {
            clocks.learn("https://x", &headers(&[("date", date)]), at(sent), at(now));
            let found = clocks.get("https://x").unwrap();
            (found.offset.as_millis(), found.accuracy.as_millis())
        };
        let date = "Wed, 25 Nov 2026 12:00:10 GMT";
        assert_eq!(
            learn(date, "2026-11-25T12:00:00Z", "2026-11-25T12:00:01Z"),
            (10_000, 1_000)
        );
        // A better one takes its place, a worse one does not until it is old.
        assert_eq!(
            learn(date, "2026-11-25T12:00:20.4Z", "2026-11-25T12:00:20.6Z"),
            (-10_000, 600)
        );
        assert_eq!(
            learn(date, "2026-11-25T12:00:00Z", "2026-11-25T12:00:30Z"),
            (-10_000, 600)
        );
        assert_eq!(
            learn(date, "2026-11-25T12:10:00Z", "2026-11-25T12:12:00Z"),
            (-649_500, 60_500)
        );
        assert_eq!(clocks.get("https://y"), None);
    }

    #[test]
    fn dates_of_caches_and_dates_that_are_none_teach_nothing() {
        let (sent, now) = (at("2026-11-25T12:00:00Z"), at("2026-11-25T12:00:01Z"));
        for pairs in [
            &[][..],
            &[("date", "")],
            &[("date", "soon")],
            &[("date", "Wed, 25 Nov 99999 12:00:10 GMT")],
            &[("date", "Wed, 25 Nov 2026 12:00:10 GMT"), ("age", "30")],
        ] {
            assert_eq!(measure(&headers(pairs), sent, now), None, "{pairs:?}");
        }
    }
}
