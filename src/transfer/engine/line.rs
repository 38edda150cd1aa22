//! Whether the server can be reached. While it cannot, all jobs wait together, and one item at a time is tried, seldom,
//! until something succeeds: no flood of failures, and nothing but time is lost.
//!
//! The http room repeats requests and leaves a server alone that keeps failing; what comes here is what is left after
//! that. When that room says until when it leaves the server alone, nothing is tried before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use super::News;
use crate::transfer::job::Failure;

/// That the server is being waited for, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingForServer {
    /// Since when.
    pub since: Timestamp,
    /// How often it was tried in vain since then.
    pub tried: u32,
    /// What happened last.
    pub what: Failure,
}

/// The wait before the first try; it doubles with each that fails.
const FIRST: Duration = Duration::from_secs(1);
/// No wait is longer, so that work goes on within ten seconds of the server's return.
const LONGEST: Duration = Duration::from_secs(8);

/// What is known of the server. All jobs share it.
pub(super) struct Line {
    state: Mutex<State>,
    news: News,
}

#[derive(Default)]
struct State {
    /// How often the server has done its work.
    successes: u64,
    trouble: Option<Trouble>,
    /// Nothing is tried before.
    not_before: Option<Instant>,
}

struct Trouble {
    since: Timestamp,
    began: Instant,
    tried: u32,
    next: Instant,
    /// Whether somebody tries.
    trying: bool,
    what: Failure,
}

/// The answer to who asks whether to send something.
pub(super) enum Leave {
    /// Do.
    Go,
    /// Do, alone, and see what comes of it.
    Try(Probe),
    /// Not before then.
    At(Instant),
    /// Somebody else tries; wait for news.
    Later,
}

/// The one try. Dropped without a report, it says nothing, and somebody else may try.
pub(super) struct Probe {
    line: Arc<Line>,
}

impl Line {
    pub(super) fn new(news: News) -> Self {
        Self {
            state: Mutex::default(),
            news,
        }
    }

    /// Asks to send something.
    pub(super) fn ask(self: &Arc<Self>) -> Leave {
        let mut state = self.state();
        let not_before = state.not_before;
        let now = Instant::now();
        let Some(trouble) = &mut state.trouble else {
            return Leave::Go;
        };
        if trouble.trying {
            return Leave::Later;
        }
        let next = not_before.map_or(trouble.next, |at| at.max(trouble.next));
        if now < next {
            return Leave::At(next);
        }
        trouble.trying = true;
        Leave::Try(Probe { line: Arc::clone(self) })
    }

    /// Something that was sent came to its end, whatever the end: the server works.
    pub(super) fn works(&self) {
        let mut state = self.state();
        state.successes += 1;
        if state.trouble.take().is_some() {
            drop(state);
            self.news.tell();
        }
    }

    /// The server answers, which is not all that is asked of it.
    pub(super) fn answers(&self) {
        self.state().successes += 1;
    }

    /// Something that was sent failed in a way that passes.
    pub(super) fn fails(&self, what: &Failure, by_probe: bool) {
        let mut state = self.state();
        let now = Instant::now();
        match &mut state.trouble {
            Some(trouble) => {
                if by_probe {
                    trouble.tried += 1;
                    trouble.next = now + (FIRST * (1 << trouble.tried.min(16))).min(LONGEST);
                }
                trouble.what = what.clone();
            }
            none => {
                *none = Some(Trouble {
                    since: Timestamp::now(),
                    began: now,
                    tried: 0,
                    next: now + FIRST,
                    trying: false,
                    what: what.clone(),
                });
            }
        }
        drop(state);
        self.news.tell();
    }

    /// The server is left alone until then, by whoever sends requests; None: not any more.
    pub(super) fn leave_alone(&self, until: Option<Instant>) {
        self.state().not_before = until;
        self.news.tell();
    }

    /// How often the server has done its work. It grows between two failures of an item only if the item is to blame.
    pub(super) fn successes(&self) -> u64 {
        self.state().successes
    }

    /// Since when the server is waited for, and why.
    pub(super) fn waiting(&self) -> Option<WaitingForServer> {
        let state = self.state();
        let trouble = state.trouble.as_ref()?;
        Some(WaitingForServer {
            since: trouble.since,
            tried: trouble.tried,
            what: trouble.what.clone(),
        })
    }

    /// How long the server has been waited for.
    pub(super) fn waited(&self) -> Option<Duration> {
        let state = self.state();
        state.trouble.as_ref().map(|trouble| trouble.began.elapsed())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is done under the lock cannot panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        if let Some(trouble) = &mut self.line.state().trouble {
            trouble.trying = false;
        }
        self.line.news.tell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::job::FailureKind;

    fn failure() -> Failure {
        Failure {
            kind: FailureKind::Passing,
            what: "no answer".to_owned(),
            hint: String::new(),
        }
    }

    fn probe(line: &Arc<Line>) -> Option<Probe> {
        match line.ask() {
            Leave::Try(probe) => Some(probe),
            _ => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_tries_at_a_time_ever_more_seldom_until_something_succeeds() {
        let line = Arc::new(Line::new(News::default()));
        assert!(matches!(line.ask(), Leave::Go));
        for _ in 0..6 {
            line.fails(&failure(), false);
        }
        for wait in [1, 2, 4, 8, 8, 8] {
            let Leave::At(next) = line.ask() else { panic!() };
            assert_eq!(next - Instant::now(), Duration::from_secs(wait));
            tokio::time::sleep_until(next).await;
            let probe = probe(&line).unwrap();
            assert!(matches!(line.ask(), Leave::Later));
            line.fails(&failure(), true);
            drop(probe);
        }
        assert_eq!(line.waiting().unwrap().tried, 6);
        assert_eq!(line.waited().unwrap().as_secs(), 31);
        line.works();
        assert!(line.waiting().is_none() && matches!(line.ask(), Leave::Go));
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_was_given_up_leaves_its_place_and_who_is_left_alone_is_not_tried() {
        let line = Arc::new(Line::new(News::default()));
        line.fails(&failure(), false);
        tokio::time::advance(FIRST).await;
        drop(probe(&line).unwrap());
        let until = Instant::now() + Duration::from_secs(5);
        line.leave_alone(Some(until));
        assert!(matches!(line.ask(), Leave::At(at) if at == until));
        line.leave_alone(None);
        assert!(probe(&line).is_some());
    }
}
