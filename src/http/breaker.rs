//! Circuit breakers: a server that keeps failing is left alone for a while, and then asked by one call at a time.
//!
//! One breaker a host and kind of endpoint. It counts calls, not attempts: a call that succeeds when it is made again
//! has succeeded. More than half of at least ten calls in thirty seconds must fail to open it: a line that breaks once a
//! piece, with a look at what arrived in between, is no reason to stop.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

/// A server that is left alone after many failures, for windows that say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Scheme, host and port.
    pub origin: String,
    /// The kind of endpoint: `storage`, `rest`, `auth`, …
    pub endpoint: String,
    /// When one call is let through to see whether the server is back. In the past: that call is on its way, or the
    /// next one will be it.
    pub until: Timestamp,
}

/// What became of a call, as far as the server's health goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// The server works, whatever it said.
    Works,
    /// It does not answer, or has trouble of its own.
    Fails,
    /// Nothing was learnt: the call was stopped, or never made, or there were too many.
    Unknown,
}

/// How long the failures of a server are remembered.
const WINDOW: Duration = Duration::from_secs(30);
/// Fewer calls than these say nothing.
const CALLS: usize = 10;
/// Outcomes that are kept at most, the latest ones.
const KEPT: usize = 500;
/// The first pause; it doubles with each probe that fails.
const SHORTEST: Duration = Duration::from_secs(5);
/// No pause is longer: a probe is one request, and what waits for a server that is back goes on within ten seconds.
const LONGEST: Duration = Duration::from_secs(8);
/// More breakers than these are tidied up: addresses that a person looks into may be of any host.
const MANY: usize = 200;

type Key = (String, String);

/// All breakers. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Breakers {
    all: Arc<Mutex<HashMap<Key, Breaker>>>,
    waiting: watch::Sender<Vec<Waiting>>,
}

#[derive(Debug, Default)]
struct Breaker {
    /// When calls ended, and whether they failed; oldest first.
    calls: VecDeque<(Instant, bool)>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    until: Instant,
    /// The same for people.
    until_clock: Timestamp,
    pause: Duration,
    probing: bool,
}

/// The leave to make a call; what became of it must be reported. Dropped without a report, it says nothing.
#[derive(Debug)]
pub(super) struct Permit {
    breakers: Breakers,
    key: Key,
    probe: bool,
    reported: bool,
}

impl Default for Breakers {
    fn default() -> Self {
        Self {
            all: Arc::default(),
            waiting: watch::Sender::new(Vec::new()),
        }
    }
}

impl Breakers {
    /// Asks to make a call; the error is the time until which there are none.
    pub(super) fn enter(&self, origin: &str, endpoint: &str) -> Result<Permit, Timestamp> {
        let key = (origin.to_owned(), endpoint.to_owned());
        let mut all = self.lock();
        let mut probe = false;
        if let Some(open) = all.get_mut(&key).and_then(|breaker| breaker.open.as_mut()) {
            if open.probing || Instant::now() < open.until {
                return Err(open.until_clock);
            }
            open.probing = true;
            probe = true;
        }
        drop(all);
        Ok(Permit {
            breakers: self.clone(),
            key,
            probe,
            reported: false,
        })
    }

    /// The servers that are being waited for now, and from now on.
    pub(super) fn watch(&self) -> watch::Receiver<Vec<Waiting>> {
        self.waiting.subscribe()
    }

    /// Counts a failure that came after the call had been reported: an answer that broke off.
    pub(super) fn failed_late(&self, origin: &str, endpoint: &str) {
        self.report(&(origin.to_owned(), endpoint.to_owned()), false, Health::Fails);
    }

    fn report(&self, key: &Key, probe: bool, health: Health) {
        let mut all = self.lock();
        let now = Instant::now();
        if all.len() > MANY {
            all.retain(|_, breaker| breaker.says_something(now));
        }
        let breaker = all.entry(key.clone()).or_default();
        match (&mut breaker.open, health) {
            (Some(open), Health::Fails) if probe => {
                *open = Open::pause((open.pause * 2).min(LONGEST), now);
            }
            (Some(open), Health::Unknown) if probe => open.probing = false,
            (Some(_), Health::Works) if probe => *breaker = Breaker::default(),
            // A call that began before the breaker opened says nothing about now.
            (Some(_), _) | (None, Health::Unknown) => return,
            (None, Health::Works | Health::Fails) => {
                if !breaker.count(now, health == Health::Fails) {
                    return;
                }
                breaker.open = Some(Open::pause(SHORTEST, now));
            }
        }
        let list = all
            .iter()
            .filter_map(|((origin, endpoint), breaker)| {
                let until = breaker.open.as_ref()?.until_clock;
                Some(Waiting {
                    origin: origin.clone(),
                    endpoint: endpoint.clone(),
                    until,
                })
            })
            .collect();
        drop(all);
        self.waiting.send_replace(list);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Breaker>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Breaker {
    fn says_something(&self, now: Instant) -> bool {
        self.open.is_some() || self.calls.back().is_some_and(|(at, _)| *at + WINDOW >= now)
    }

    /// Counts a call; true if it is one failure too many.
    fn count(&mut self, now: Instant, failed: bool) -> bool {
        while self.calls.len() >= KEPT || self.calls.front().is_some_and(|(at, _)| *at + WINDOW < now) {
            self.calls.pop_front();
        }
        self.calls.push_back((now, failed));
        let failures = self.calls.iter().filter(|(_, failed)| *failed).count();
        failed && self.calls.len() >= CALLS && failures * 2 > self.calls.len()
    }
}

impl Open {
    fn pause(pause: Duration, now: Instant) -> Self {
        let for_clock = SignedDuration::try_from(pause).unwrap_or_default();
        Self {
            until: now + pause,
            until_clock: Timestamp::now().saturating_add(for_clock).unwrap_or(Timestamp::MAX),
            pause,
            probing: false,
        }
    }
}

impl Permit {
    /// Whether the call may be made again if it fails: a probe is one request, and nobody insists on a server that has
    /// come to be left alone.
    pub(super) fn may_repeat(&self) -> bool {
        !self.probe
            && self
                .breakers
                .lock()
                .get(&self.key)
                .is_none_or(|breaker| breaker.open.is_none())
    }

    /// Says what became of the call.
    pub(super) fn report(mut self, health: Health) {
        self.reported = true;
        self.breakers.report(&self.key, self.probe, health);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.reported {
            self.breakers.report(&self.key, self.probe, Health::Unknown);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(breakers: &Breakers, health: Health) -> bool {
        breakers
            .enter("https://x", "rest")
            .map(|permit| permit.report(health))
            .is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn opens_when_most_of_ten_calls_fail_and_closes_when_a_probe_succeeds() {
        let breakers = Breakers::default();
        let mut watch = breakers.watch();
        for number in 0..9 {
            let health = if number % 2 == 0 { Health::Fails } else { Health::Works };
            assert!(call(&breakers, health), "{number}: too few calls say nothing");
        }
        assert!(call(&breakers, Health::Fails));
        assert!(!call(&breakers, Health::Works), "open");
        assert!(watch.has_changed().unwrap());
        {
            let waiting = watch.borrow_and_update();
            assert_eq!(
                (waiting[0].origin.as_str(), waiting[0].endpoint.as_str()),
                ("https://x", "rest")
            );
            let left = waiting[0].until.duration_since(Timestamp::now()).as_secs_f64();
            assert!((4.0..=5.0).contains(&left), "{left}");
        }
        assert!(
            breakers.enter("https://x", "storage").is_ok(),
            "another kind of endpoint"
        );
        assert!(breakers.enter("https://y", "rest").is_ok(), "another host");

        // Each probe that fails doubles the pause, up to the longest; only one is under way at a time.
        for pause in [5, 8, 8, 8] {
            tokio::time::advance(Duration::from_millis(pause * 1_000 - 10)).await;
            assert!(!call(&breakers, Health::Works), "{pause} s are not over");
            tokio::time::advance(Duration::from_millis(20)).await;
            let probe = breakers.enter("https://x", "rest").unwrap();
            assert!(!probe.may_repeat());
            assert!(!call(&breakers, Health::Works), "a probe is under way");
            probe.report(Health::Fails);
        }
        tokio::time::advance(LONGEST).await;
        // A probe that was stopped leaves its place to the next one.
        drop(breakers.enter("https://x", "rest").unwrap());
        assert!(call(&breakers, Health::Works));
        assert!(call(&breakers, Health::Fails), "closed, and all is forgotten");
        assert!(watch.borrow_and_update().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn stays_closed_while_half_of_the_calls_succeed_or_failures_are_long_ago() {
        let breakers = Breakers::default();
        for number in 0..200 {
            let health = if number % 2 == 1 { Health::Fails } else { Health::Works };
            assert!(call(&breakers, health));
        }
        for _ in 0..9 {
            tokio::time::advance(WINDOW * 2).await;
            assert!(call(&breakers, Health::Fails));
        }
        for _ in 0..50 {
            assert!(call(&breakers, Health::Unknown), "what says nothing opens nothing");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_began_before_it_opened_do_not_close_it() {
        let breakers = Breakers::default();
        let early = breakers.enter("https://x", "rest").unwrap();
        for _ in 0..CALLS {
            call(&breakers, Health::Fails);
        }
        assert!(!early.may_repeat());
        early.report(Health::Works);
        assert!(!call(&breakers, Health::Works));
    }
}
