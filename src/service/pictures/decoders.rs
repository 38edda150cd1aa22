//! Threads of their own for decoding: a picture that keeps its decoder busy takes nothing from the runtime, and what is asked
//! for last, which is what is looked at now, comes first.
//!
//! A thread cannot be stopped from outside. Who waits gives up when the time is over; the thread is *lost* until its decoder
//! comes to an end, another takes its place, and there are never more than [`MOST_LOST`] such places.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

/// Bytes of memory for all that is decoded at a time.
const MEMORY: u64 = 512_000_000;
/// Threads that stand in for lost ones.
const MOST_LOST: usize = 4;
/// How long a thread waits for work before it ends.
const IDLE: Duration = Duration::from_secs(10);

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfinished {
    /// The time was over; the decoder may still be at it.
    #[error("the decoder did not come to an end in time")]
    TooSlow,
    /// The decoder panicked.
    #[error("the decoder stopped at something that it did not expect")]
    Panicked,
    /// The workspace is closed, or no thread could be had.
    #[error("pictures are not decoded any more")]
    Closed,
}

/// The threads; clones share them. They end with the last one.
pub(super) struct Decoders {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Threads that work at the same time.
    most: usize,
}

#[derive(Default)]
struct State {
    /// The last one is the next one.
    waiting: Vec<Task>,
    threads: usize,
    idle: usize,
    lost: usize,
    /// Bytes that what is decoded now may take.
    memory: u64,
    closed: bool,
}

struct Task {
    memory: u64,
    life: Arc<Mutex<Life>>,
    work: Box<dyn FnOnce() + Send>,
    begun: oneshot::Sender<()>,
}

/// Where a task is, between the one who waits and the one who works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Open,
    /// It was too slow, and its thread is lost as long as it goes on.
    Lost,
    Over,
}

fn lock(life: &Mutex<Life>) -> MutexGuard<'_, Life> {
    life.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Decoders {
    /// As many as half the cores, at least one: the window and the network want the others.
    pub(super) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self::with(cores.div_ceil(2).max(2).min(cores))
    }

    fn with(most: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::default(),
                changed: Condvar::new(),
                most,
            }),
        }
    }

    /// Does `work`, which takes so many bytes of memory, before everything that waits already. Work that has not begun is
    /// forgotten when this future is dropped; work that has goes on to its end.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        memory: u64,
        time: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        let (answer, answered) = oneshot::channel();
        let (begun, has_begun) = oneshot::channel();
        let life = Arc::new(Mutex::new(Life::Open));
        let task = Task {
            memory: memory.min(MEMORY),
            life: Arc::clone(&life),
            work: Box::new(move || {
                // Whoever waited may have gone.
                _ = answer.send(panic::catch_unwind(AssertUnwindSafe(work)));
            }),
            begun,
        };
        self.shared.push(task);
        has_begun.await.map_err(|_| Unfinished::Closed)?;
        match tokio::time::timeout(time, answered).await {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(_))) => Err(Unfinished::Panicked),
            Ok(Err(_)) => Err(Unfinished::Closed),
            Err(_) => {
                self.shared.lose(&life);
                Err(Unfinished::TooSlow)
            }
        }
    }
}

impl Drop for Decoders {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        state.waiting.clear();
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Numbers and a list: nothing is half done when a panic passes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, task: Task) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        state.waiting.push(task);
        self.changed.notify_one();
        if state.waiting.len() > state.idle {
            self.hire(&mut state);
        }
    }

    /// Gives up what runs, and gets another thread for what waits.
    fn lose(self: &Arc<Self>, life: &Mutex<Life>) {
        let mut life = lock(life);
        if *life == Life::Open {
            *life = Life::Lost;
            let mut state = self.lock();
            state.lost += 1;
            self.hire(&mut state);
        }
    }

    /// Threads that may be there now.
    fn places(&self, state: &State) -> usize {
        self.most + state.lost.min(MOST_LOST)
    }

    fn hire(self: &Arc<Self>, state: &mut State) {
        if state.closed || state.waiting.is_empty() || state.threads >= self.places(state) {
            return;
        }
        let shared = Arc::clone(self);
        let spawned = thread::Builder::new()
            .name("pictures".to_owned())
            .spawn(move || shared.work());
        match spawned {
            Ok(_) => state.threads += 1,
            // With none at all nobody would ever come to it.
            Err(_) if state.threads == 0 => state.waiting.clear(),
            Err(_) => {}
        }
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            if state.closed || state.threads > self.places(&state) {
                break;
            }
            let Some(task) = next(&mut state) else {
                state.idle += 1;
                let (back, waited) = self
                    .changed
                    .wait_timeout(state, IDLE)
                    .unwrap_or_else(PoisonError::into_inner);
                state = back;
                state.idle -= 1;
                if waited.timed_out() && state.waiting.is_empty() {
                    break;
                }
                continue;
            };
            state.memory += task.memory;
            drop(state);
            if task.begun.send(()).is_ok() {
                (task.work)();
            }
            let mut life = lock(&task.life);
            let was_lost = *life == Life::Lost;
            *life = Life::Over;
            // As in `lose`: first the life, then the state.
            state = self.lock();
            drop(life);
            state.memory -= task.memory;
            if was_lost {
                state.lost = state.lost.saturating_sub(1);
            }
            // What did not fit may fit now.
            self.changed.notify_one();
        }
        state.threads -= 1;
    }
}

/// The newest task that fits into what memory is left; anything fits where nothing else is decoded. What nobody waits for is
/// thrown away.
fn next(state: &mut State) -> Option<Task> {
    state.waiting.retain(|task| !task.begun.is_closed());
    let left = MEMORY - state.memory.min(MEMORY);
    let fits = state
        .waiting
        .iter()
        .rposition(|task| state.memory == 0 || task.memory <= left)?;
    Some(state.waiting.remove(fits))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn what_is_asked_for_last_comes_first_and_what_is_dropped_never() {
        let decoders = Arc::new(Decoders::with(1));
        let (open, gate) = mpsc::channel::<()>();
        let (told, order) = mpsc::channel();
        let first = tokio::spawn({
            let decoders = Arc::clone(&decoders);
            async move { decoders.run(1, LONG, move || gate.recv().is_ok()).await }
        });
        while decoders.shared.lock().memory == 0 {
            tokio::task::yield_now().await;
        }
        let mut others = Vec::new();
        for number in 1..=4 {
            let (decoders, told) = (Arc::clone(&decoders), told.clone());
            let waiting = number;
            let shared = Arc::clone(&decoders.shared);
            others.push(tokio::spawn(async move {
                decoders.run(1, LONG, move || told.send(number).is_ok()).await
            }));
            while shared.lock().waiting.len() < waiting {
                tokio::task::yield_now().await;
            }
        }
        others[2].abort();
        assert!((&mut others[2]).await.is_err());
        open.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(true));
        for other in [3, 1, 0] {
            assert_eq!((&mut others[other]).await.unwrap(), Ok(true));
        }
        drop(told);
        assert_eq!(order.iter().collect::<Vec<_>>(), [4, 2, 1]);
    }

    #[tokio::test]
    async fn one_that_hangs_is_given_up_and_does_not_keep_the_others_waiting() {
        let decoders = Decoders::with(1);
        let (open, gate) = mpsc::channel::<()>();
        let slow = decoders
            .run(1, Duration::from_millis(20), move || gate.recv().is_ok())
            .await;
        assert_eq!(slow, Err(Unfinished::TooSlow));
        assert_eq!(decoders.run(1, LONG, || 7).await, Ok(7));
        let counts = {
            let state = decoders.shared.lock();
            (state.lost, state.threads)
        };
        assert_eq!(counts, (1, 2));
        // The lost thread comes back, and one of the two is too many.
        open.send(()).unwrap();
        while decoders.shared.lock().lost > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(decoders.run(1, LONG, || 8).await, Ok(8));
        while decoders.shared.lock().threads > 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(decoders.shared.lock().memory, 0);
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_and_gives_its_memory_back() {
        let decoders = Decoders::with(1);
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let answer = decoders.run::<()>(MEMORY, LONG, || panic!("in a decoder")).await;
        panic::set_hook(hook);
        assert_eq!(answer, Err(Unfinished::Panicked));
        assert_eq!(decoders.run(u64::MAX, LONG, || 1).await, Ok(1));
    }

    #[tokio::test]
    async fn two_large_ones_are_not_decoded_at_once() {
        let decoders = Arc::new(Decoders::with(2));
        let mut running = Vec::new();
        let now = Arc::new(Mutex::new((0, 0)));
        for _ in 0..6 {
            let (decoders, now) = (Arc::clone(&decoders), Arc::clone(&now));
            running.push(tokio::spawn(async move {
                decoders
                    .run(MEMORY / 2 + 1, LONG, move || {
                        let mut at_once = now.lock().unwrap();
                        at_once.0 += 1;
                        at_once.1 = at_once.1.max(at_once.0);
                        drop(at_once);
                        thread::sleep(Duration::from_millis(2));
                        now.lock().unwrap().0 -= 1;
                    })
                    .await
            }));
        }
        for one in running {
            assert_eq!(one.await.unwrap(), Ok(()));
        }
        assert_eq!(now.lock().unwrap().1, 1);
    }

    #[tokio::test]
    async fn nothing_waits_for_threads_that_have_ended() {
        let decoders = Decoders::with(1);
        decoders.shared.lock().closed = true;
        assert_eq!(decoders.run(1, LONG, || 1).await, Err(Unfinished::Closed));
    }
}
