//! How often a password may be guessed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

/// Wrong passwords for one address within [`WINDOW`].
const FOR_ONE: u32 = 10;
/// Wrong passwords in all within [`WINDOW`]: one guess for each of many addresses is guessing, too.
const FOR_ALL: u32 = 100;
const WINDOW: Duration = Duration::from_secs(5 * 60);
/// Addresses remembered at most.
const REMEMBERED: usize = 10_000;

/// Counts wrong passwords. Each process counts its own.
#[derive(Default)]
pub struct Guesses {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    all: Option<Count>,
    /// By the hash of the name: what strangers type as a name may be a megabyte long, or a password.
    by_name: HashMap<[u8; 32], Count>,
}

#[derive(Clone, Copy)]
struct Count {
    since: Instant,
    guesses: u32,
}

impl Guesses {
    /// Takes one guess for this name; false if there is none left. Counted before the password is looked at, so that
    /// guesses made at once do not slip through together.
    pub fn take(&self, name: &str) -> bool {
        self.take_at(name, Instant::now())
    }

    fn take_at(&self, name: &str, now: Instant) -> bool {
        let name = hash(name);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.by_name.len() >= REMEMBERED {
            counts.by_name.retain(|_, count| !count.is_over(now));
            if counts.by_name.len() >= REMEMBERED && !counts.by_name.contains_key(&name) {
                return false;
            }
        }
        let mut all = Count::present(counts.all, now);
        let mut one = Count::present(counts.by_name.get(&name).copied(), now);
        if all.guesses >= FOR_ALL || one.guesses >= FOR_ONE {
            return false;
        }
        all.guesses += 1;
        one.guesses += 1;
        counts.all = Some(all);
        counts.by_name.insert(name, one);
        true
    }

    /// The password was right: its guess does not count, and neither do the ones before.
    pub fn was_right(&self, name: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.by_name.remove(&hash(name));
        if let Some(all) = &mut counts.all {
            all.guesses = all.guesses.saturating_sub(1);
        }
    }
}

fn hash(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}

impl Count {
    fn is_over(self, now: Instant) -> bool {
        now.duration_since(self.since) >= WINDOW
    }

    fn present(found: Option<Self>, now: Instant) -> Self {
        found
            .filter(|count| !count.is_over(now))
            .unwrap_or(Self { since: now, guesses: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_for_one_name_end_and_come_back() {
        let guesses = Guesses::default();
        let now = Instant::now();
        let taken = (0..20).filter(|_| guesses.take_at("a", now)).count();
        assert_eq!(taken, 10);
        assert!(guesses.take_at("b", now), "another name has guesses of its own");
        assert!(guesses.take_at("a", now + WINDOW));
    }

    #[test]
    fn one_guess_for_each_of_many_names_is_guessing_too() {
        let guesses = Guesses::default();
        let now = Instant::now();
        let taken = (0..300).filter(|n| guesses.take_at(&n.to_string(), now)).count();
        assert_eq!(taken, 100);
    }

    #[test]
    fn right_passwords_cost_nothing() {
        let guesses = Guesses::default();
        for _ in 0..500 {
            assert!(guesses.take("a"));
            guesses.was_right("a");
        }
    }
}
