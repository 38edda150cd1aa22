//! How many items are on their way at once: grows while that helps, halves when the server says that it is too much.
//!
//! Small and large items have places of their own, shared by all jobs, so that three videos do not hold up a thousand
//! pictures. Each kind has a controller (additive increase, multiplicative decrease): it measures a while at one number,
//! tries one more, keeps it if that moved at least 5 % more, else goes back and rests before it tries again. At the
//! beginning it tries half as many more instead of one, until that brings nothing: far from a server, where many are
//! needed, they are not found one by one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::News;

/// Why not more items are on their way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Growth {
    /// It is still growing.
    Growing,
    /// More at once moved no more.
    NoGain,
    /// The server said that it was too much.
    Throttled,
    /// It is as many as are allowed.
    LimitSet,
    /// There are not as many items.
    FewItems,
    /// The server is being waited for.
    Waiting,
}

impl Growth {
    /// In words, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Growing => "still growing",
            Self::NoGain => "more at once is no faster",
            Self::Throttled => "the server asked for less",
            Self::LimitSet => "the limit that is set",
            Self::FewItems => "few items are left",
            Self::Waiting => "waiting for the server",
        }
    }
}

/// Kinds of items by the places that they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Those of one request.
    Small,
    /// Those that go in pieces.
    Large,
}

/// How many items of a class are on their way, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct InUse {
    /// So many are.
    pub now: usize,
    /// So many may be.
    pub limit: usize,
    /// Why not more may be.
    pub growth: Growth,
}

/// The places of all jobs.
pub(super) struct Slots {
    small: Pool,
    large: Pool,
    news: News,
}

struct Pool {
    moved: AtomicU64,
    state: Mutex<State>,
}

struct State {
    used: usize,
    control: Control,
}

/// A place; free again when it is dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    class: Class,
}

/// Items on their way at the start.
const FIRST: usize = 6;
/// Large items on their way at the start.
const FIRST_LARGE: usize = 2;

impl Slots {
    pub(super) fn new(most: usize, most_large: usize, news: News) -> Self {
        let pool = |first, most| Pool {
            moved: AtomicU64::new(0),
            state: Mutex::new(State {
                used: 0,
                control: Control::new(first, most),
            }),
        };
        Self {
            small: pool(FIRST, most),
            large: pool(FIRST_LARGE, most_large),
            news,
        }
    }

    /// Sets how many may be on their way at most. Those that are, go on.
    pub(super) fn set_most(&self, most: usize, most_large: usize) {
        self.small.state().control.set_most(most);
        self.large.state().control.set_most(most_large);
        self.news.tell();
    }

    /// Takes a place, if one is free.
    pub(super) fn take(self: &Arc<Self>, class: Class) -> Option<Slot> {
        let mut state = self.pool(class).state();
        if state.used >= state.control.limit {
            return None;
        }
        state.used += 1;
        let used = state.used;
        state.control.used(used);
        Some(Slot {
            slots: Arc::clone(self),
            class,
        })
    }

    /// Whether a place is free.
    pub(super) fn is_free(&self, class: Class) -> bool {
        let state = self.pool(class).state();
        state.used < state.control.limit
    }

    /// The server said that it was too much.
    pub(super) fn throttled(&self) {
        for pool in [&self.small, &self.large] {
            pool.state().control.throttled(Instant::now());
        }
    }

    pub(super) fn in_use(&self, class: Class) -> InUse {
        let state = self.pool(class).state();
        InUse {
            now: state.used,
            limit: state.control.limit,
            growth: state.control.growth,
        }
    }

    fn pool(&self, class: Class) -> &Pool {
        match class {
            Class::Small => &self.small,
            Class::Large => &self.large,
        }
    }
}

impl Pool {
    fn state(&self) -> MutexGuard<'_, State> {
        // What is done under the lock cannot panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// So many bytes of what has this place have moved.
    pub(super) fn moved(&self, bytes: u64) {
        let pool = self.slots.pool(self.class);
        pool.moved.fetch_add(bytes, Ordering::Relaxed);
        if self.class == Class::Large {
            self.measure(0);
        }
    }

    /// What had this place has been carried out.
    pub(super) fn carried(&self) {
        self.measure(1);
    }

    fn measure(&self, ended: u64) {
        let pool = self.slots.pool(self.class);
        let moved = pool.moved.load(Ordering::Relaxed);
        pool.state().control.measure(Instant::now(), moved, ended);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.pool(self.class).state().used -= 1;
        self.slots.news.tell();
    }
}

/// Decides how many.
#[derive(Debug)]
struct Control {
    limit: usize,
    most: usize,
    growth: Growth,
    phase: Phase,
    /// Nothing has shown yet that there are enough.
    fast: bool,
    window: Option<Window>,
    cut_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Learns what this number moves.
    Measure,
    /// Sees whether this number moves more than so much a second, as that one did.
    Try(f64, usize),
    /// Leaves it for so many windows.
    Rest(u32),
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Instant,
    moved: u64,
    ended: u64,
    /// The most that were on their way.
    peak: usize,
}

impl Control {
    /// No window is shorter: shorter ones measure chance.
    const SHORTEST: Duration = Duration::from_millis(500);
    /// A window without many ends is not longer.
    const LONGEST: Duration = Duration::from_secs(5);
    /// Windows of rest after what brought nothing, or too much.
    const REST: u32 = 10;
    /// What more at once must bring.
    const GAIN: f64 = 1.05;
    /// An item costs as much as so many bytes, besides its own.
    const ITEM: u64 = 32 << 10;
    /// Those that were on their way together are throttled together, which counts once.
    const ONCE: Duration = Duration::from_secs(2);

    fn new(first: usize, most: usize) -> Self {
        let most = most.max(1);
        Self {
            limit: first.min(most),
            most,
            growth: Growth::Growing,
            phase: Phase::Measure,
            fast: true,
            window: None,
            cut_at: None,
        }
    }

    fn set_most(&mut self, most: usize) {
        self.most = most.max(1);
        if self.limit > self.most {
            self.limit = self.most;
            self.begin_anew(Phase::Measure);
        }
    }

    fn used(&mut self, used: usize) {
        if let Some(window) = &mut self.window {
            window.peak = window.peak.max(used);
        }
    }

    fn begin_anew(&mut self, phase: Phase) {
        self.phase = phase;
        self.window = None;
    }

    fn throttled(&mut self, now: Instant) {
        if self
            .cut_at
            .is_some_and(|at| now.saturating_duration_since(at) < Self::ONCE)
        {
            return;
        }
        self.cut_at = Some(now);
        self.limit = (self.limit / 2).max(1);
        self.growth = Growth::Throttled;
        self.fast = false;
        self.begin_anew(Phase::Rest(Self::REST));
    }

    fn measure(&mut self, now: Instant, moved: u64, ended: u64) {
        let limit = self.limit;
        let window = self.window.get_or_insert(Window {
            began: now,
            moved,
            ended: 0,
            peak: 0,
        });
        window.ended += ended;
        let took = now.saturating_duration_since(window.began);
        let enough = window.ended >= 3 * limit as u64 || took >= Self::LONGEST;
        if took < Self::SHORTEST || !enough {
            return;
        }
        let work = moved.saturating_sub(window.moved) + window.ended * Self::ITEM;
        #[expect(clippy::cast_precision_loss, reason = "a rate is no exact thing")]
        let rate = work as f64 / took.as_secs_f64();
        let full = window.peak >= limit;
        self.window = Some(Window {
            began: now,
            moved,
            ended: 0,
            peak: 0,
        });
        self.decide(rate, full);
    }

    fn decide(&mut self, rate: f64, full: bool) {
        if !full {
            self.growth = Growth::FewItems;
            self.phase = Phase::Measure;
            return;
        }
        match self.phase {
            Phase::Rest(left) if left > 1 => self.phase = Phase::Rest(left - 1),
            Phase::Rest(_) => self.phase = Phase::Measure,
            Phase::Try(before, number) if rate < before * Self::GAIN => {
                // What brought nothing is given back.
                self.limit = number;
                self.growth = Growth::NoGain;
                // One more may bring what half as many more did not.
                self.phase = match std::mem::take(&mut self.fast) {
                    true => Phase::Measure,
                    false => Phase::Rest(Self::REST),
                };
            }
            Phase::Measure | Phase::Try(..) if self.limit >= self.most => {
                self.growth = Growth::LimitSet;
                self.phase = Phase::Measure;
            }
            Phase::Measure | Phase::Try(..) => {
                let more = if self.fast { self.limit.div_ceil(2) } else { 1 };
                self.phase = Phase::Try(rate, self.limit);
                self.limit = (self.limit + more).min(self.most);
                self.growth = Growth::Growing;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs items against a server that does so many at once at full speed, and more no faster.
    async fn run(slots: &Arc<Slots>, wide: usize, items: usize) {
        let mut tasks = tokio::task::JoinSet::new();
        let mut left = items;
        while left > 0 || !tasks.is_empty() {
            while left > 0
                && let Some(slot) = slots.take(Class::Small)
            {
                left -= 1;
                let busy = slots.in_use(Class::Small).now.max(wide);
                tasks.spawn(async move {
                    // Each of those beyond `wide` makes all slower.
                    let millis = (60 + left as u64 * 37 % 80) * busy as u64 / wide as u64;
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    slot.moved(10_000);
                    slot.carried();
                });
            }
            tasks.join_next().await;
        }
    }

    fn slots(most: usize) -> Arc<Slots> {
        Arc::new(Slots::new(most, 4, News::default()))
    }

    #[tokio::test(start_paused = true)]
    async fn grows_while_it_helps_and_then_says_that_it_does_not() {
        let slots = slots(64);
        assert_eq!(slots.in_use(Class::Small).limit, 6);
        let mut seen = Vec::new();
        for _ in 0..20 {
            run(&slots, 14, 500).await;
            seen.push(slots.in_use(Class::Small));
        }
        assert!(
            seen[3..].iter().all(|found| (11..=17).contains(&found.limit)),
            "{seen:?}"
        );
        assert!(seen.iter().any(|found| found.growth == Growth::NoGain), "{seen:?}");
        assert_eq!(slots.in_use(Class::Small).now, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn stops_at_the_limit_that_is_set_and_sees_when_there_is_little_to_do() {
        let slots = slots(8);
        run(&slots, 30, 1_000).await;
        let found = slots.in_use(Class::Small);
        assert_eq!((found.limit, found.growth), (8, Growth::LimitSet));
        slots.set_most(3, 1);
        assert_eq!(slots.in_use(Class::Small).limit, 3);
        slots.set_most(20, 1);
        for _ in 0..30 {
            run(&slots, 30, 2).await;
        }
        assert_eq!(slots.in_use(Class::Small).growth, Growth::FewItems);
        assert_eq!(slots.in_use(Class::Small).limit, 3, "what is not used does not grow");
    }

    #[tokio::test(start_paused = true)]
    async fn halves_once_for_those_that_are_throttled_together_and_recovers() {
        let slots = slots(64);
        run(&slots, 40, 4_000).await;
        let before = slots.in_use(Class::Small).limit;
        for _ in 0..before {
            slots.throttled();
        }
        let cut = slots.in_use(Class::Small);
        assert_eq!((cut.limit, cut.growth), (before / 2, Growth::Throttled));
        tokio::time::advance(Duration::from_secs(3)).await;
        slots.throttled();
        assert_eq!(slots.in_use(Class::Small).limit, before / 4);
        run(&slots, 40, 4_000).await;
        assert!(slots.in_use(Class::Small).limit > before / 4);
        for _ in 0..20 {
            tokio::time::advance(Duration::from_secs(3)).await;
            slots.throttled();
        }
        assert_eq!(slots.in_use(Class::Small).limit, 1, "one is always on its way");
    }

    #[tokio::test(start_paused = true)]
    async fn large_and_small_ones_do_not_take_each_others_places() {
        let slots = slots(6);
        let large: Vec<_> = std::iter::from_fn(|| slots.take(Class::Large)).collect();
        assert_eq!(large.len(), 2);
        let small: Vec<_> = std::iter::from_fn(|| slots.take(Class::Small)).collect();
        assert_eq!(small.len(), 6);
        drop(large);
        assert!(slots.take(Class::Small).is_none() && slots.take(Class::Large).is_some());
    }
}
