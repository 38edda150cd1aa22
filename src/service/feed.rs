//! Things that are found one after the other, for a window that shows the first while the last are still looked for.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Problem;
use super::loads::Wake;

/// What arrives little by little. Dropping it stops the work.
pub struct Feed<T, E> {
    shared: Arc<Mutex<Inner<T, E>>>,
    task: AbortHandle,
    _stop: DropGuard,
}

struct Inner<T, E> {
    found: Vec<T>,
    end: Option<Result<E, Problem>>,
}

/// Where what was found goes in.
pub(super) struct Found<T, E> {
    shared: Arc<Mutex<Inner<T, E>>>,
    wake: Wake,
}

/// What has arrived since the last time.
pub struct Arrived<T, E> {
    /// In the order in which it was found.
    pub found: Vec<T>,
    /// How the work ended, once, after everything that was found.
    pub end: Option<Result<E, Problem>>,
}

impl<T: Send + 'static, E: Send + 'static> Feed<T, E> {
    /// Starts `work`, which is told when it is to stop.
    pub(super) fn spawn<F>(
        runtime: &tokio::runtime::Handle,
        wake: Wake,
        work: impl FnOnce(Arc<Found<T, E>>, CancellationToken) -> F,
    ) -> Self
    where
        F: Future<Output = Result<E, Problem>> + Send + 'static,
    {
        let shared = Arc::new(Mutex::new(Inner {
            found: Vec::new(),
            end: None,
        }));
        let found = Arc::new(Found {
            shared: Arc::clone(&shared),
            wake,
        });
        let stop = CancellationToken::new();
        let work = work(Arc::clone(&found), stop.clone());
        // It ends also if the work panics or is dropped.
        let ending = Ending(found);
        let task = runtime.spawn(async move {
            let end = work.await;
            ending.0.end(end);
        });
        Self {
            shared,
            task: task.abort_handle(),
            _stop: stop.drop_guard(),
        }
    }

    /// What has arrived. Never waits.
    #[must_use]
    pub fn take(&self) -> Arrived<T, E> {
        let mut inner = lock(&self.shared);
        Arrived {
            found: std::mem::take(&mut inner.found),
            end: inner.end.take(),
        }
    }
}

impl<T, E> Drop for Feed<T, E> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T, E> Found<T, E> {
    /// Adds what was found; wakes the window unless it is awake for something already.
    pub(super) fn add(&self, more: Vec<T>) {
        if more.is_empty() {
            return;
        }
        let mut inner = lock(&self.shared);
        let was_empty = inner.found.is_empty();
        inner.found.extend(more);
        drop(inner);
        if was_empty {
            (self.wake)();
        }
    }

    fn end(&self, end: Result<E, Problem>) {
        lock(&self.shared).end.get_or_insert(end);
        (self.wake)();
    }
}

struct Ending<T, E>(Arc<Found<T, E>>);

impl<T, E> Drop for Ending<T, E> {
    fn drop(&mut self) {
        // After an end that was told, nobody looks for another one.
        self.0.end(Err(Problem::stopped()));
    }
}

fn lock<T, E>(shared: &Mutex<Inner<T, E>>) -> MutexGuard<'_, Inner<T, E>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn until_ended(feed: &Feed<u32, ()>) -> (Vec<u32>, Result<(), Problem>) {
        let mut all = Vec::new();
        for _ in 0..2_000 {
            let arrived = feed.take();
            all.extend(arrived.found);
            if let Some(end) = arrived.end {
                return (all, end);
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        panic!("no end");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_found_arrives_in_order_and_then_the_end() {
        let woken = Arc::new(AtomicUsize::new(0));
        let wake: Wake = {
            let woken = Arc::clone(&woken);
            Arc::new(move || _ = woken.fetch_add(1, Ordering::SeqCst))
        };
        let runtime = tokio::runtime::Handle::current();
        let feed = Feed::spawn(&runtime, wake.clone(), |found, _| async move {
            for part in 0..10 {
                found.add(vec![part * 2, part * 2 + 1]);
                tokio::task::yield_now().await;
            }
            Ok(())
        });
        let (all, end) = until_ended(&feed);
        assert_eq!(all, (0..20).collect::<Vec<u32>>());
        assert_eq!(end, Ok(()));
        assert!(woken.load(Ordering::SeqCst) >= 2);

        let feed: Feed<u32, ()> = Feed::spawn(&runtime, wake, |_, _| async { panic!("in a task") });
        assert!(until_ended(&feed).1.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_dropped_is_stopped() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let runtime = tokio::runtime::Handle::current();
        let feed: Feed<u32, ()> = Feed::spawn(&runtime, Arc::new(|| ()), |_, stop| {
            tokio::spawn(async move {
                stop.cancelled().await;
                sender.send(()).unwrap();
            });
            std::future::pending()
        });
        drop(feed);
        receiver.await.unwrap();
    }
}
