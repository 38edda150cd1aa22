//! Short reads that the window waits for without blocking.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use poll_promise::{Promise, Sender};

use super::Problem;

/// Wakes whoever draws: called from any thread whenever something new can be shown.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// One value that is on its way. Dropping it stops the work, so a late answer to a replaced question is never seen.
pub struct Pending<T: Send + 'static> {
    promise: Option<Promise<Result<T, Problem>>>,
    task: tokio::task::AbortHandle,
}

/// Answers exactly once, also if the task panics or the runtime goes away: a promise whose sender was lost would
/// panic in the window.
struct Reply<T: Send + 'static> {
    sender: Option<Sender<Result<T, Problem>>>,
    wake: Wake,
}

impl<T: Send + 'static> Reply<T> {
    fn send(&mut self, result: Result<T, Problem>) {
        if let Some(sender) = self.sender.take() {
            sender.send(result);
            (self.wake)();
        }
    }
}

impl<T: Send + 'static> Drop for Reply<T> {
    fn drop(&mut self) {
        self.send(Err(Problem::stopped()));
    }
}

impl<T: Send + 'static> Pending<T> {
    /// Starts `work` on `runtime`.
    pub fn spawn(
        runtime: &tokio::runtime::Handle,
        wake: Wake,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Self {
        let (sender, promise) = Promise::new();
        let mut reply = Reply {
            sender: Some(sender),
            wake,
        };
        let task = runtime.spawn(async move {
            let result = work.await;
            reply.send(result);
        });
        Self {
            promise: Some(promise),
            task: task.abort_handle(),
        }
    }

    /// The result, once it is there. Never waits.
    ///
    /// # Errors
    /// Gives itself back while the value is still on its way.
    pub fn take(mut self) -> Result<Result<T, Problem>, Self> {
        // The type has a `Drop`, so the promise is taken out of it and put back if it is not ready.
        let Some(promise) = self.promise.take() else {
            return Ok(Err(Problem::stopped()));
        };
        promise.try_take().map_err(|promise| {
            self.promise = Some(promise);
            self
        })
    }
}

impl<T: Send + 'static> Drop for Pending<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A value that is read again and again: what was there before stays visible while it is refreshed or after a
/// refresh failed.
pub struct Load<T: Send + 'static> {
    value: Option<T>,
    problem: Option<Problem>,
    pending: Option<Pending<T>>,
}

impl<T: Send + 'static> Default for Load<T> {
    fn default() -> Self {
        Self {
            value: None,
            problem: None,
            pending: None,
        }
    }
}

impl<T: Send + 'static> fmt::Debug for Load<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load")
            .field("has_value", &self.value.is_some())
            .field("problem", &self.problem)
            .field("loading", &self.pending.is_some())
            .finish()
    }
}

impl<T: Send + 'static> Load<T> {
    /// A value that is known without being asked for.
    #[must_use]
    pub fn ready(value: T) -> Self {
        Self {
            value: Some(value),
            problem: None,
            pending: None,
        }
    }

    /// Replaces whatever is on its way.
    pub fn start(&mut self, pending: Pending<T>) {
        self.pending = Some(pending);
    }

    /// Takes in what has arrived; true if something changed.
    pub fn poll(&mut self) -> bool {
        let Some(pending) = self.pending.take() else {
            return false;
        };
        match pending.take() {
            Err(pending) => {
                self.pending = Some(pending);
                false
            }
            Ok(Ok(value)) => {
                self.value = Some(value);
                self.problem = None;
                true
            }
            Ok(Err(problem)) => {
                self.problem = Some(problem);
                true
            }
        }
    }

    /// The newest value that arrived.
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Why the last read failed, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Whether something is on its way.
    pub fn is_loading(&self) -> bool {
        self.pending.is_some()
    }

    /// Neither asked for nor failed yet.
    pub fn is_idle(&self) -> bool {
        self.value.is_none() && self.problem.is_none() && self.pending.is_none()
    }

    /// Forgets everything and stops what is on its way.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn wait<T: Send>(load: &mut Load<T>) {
        for _ in 0..500 {
            if load.poll() {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("nothing arrived");
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    }

    #[test]
    fn keeps_the_previous_value_when_a_refresh_fails_or_panics() {
        let runtime = runtime();
        let woken = Arc::new(AtomicUsize::new(0));
        let wake: Wake = {
            let woken = woken.clone();
            Arc::new(move || {
                woken.fetch_add(1, Ordering::SeqCst);
            })
        };
        let mut load = Load::default();
        load.start(Pending::spawn(runtime.handle(), wake.clone(), async { Ok(1) }));
        wait(&mut load);
        assert_eq!((load.value(), load.problem()), (Some(&1), None));

        load.start(Pending::spawn(runtime.handle(), wake.clone(), async {
            panic!("in a task")
        }));
        wait(&mut load);
        assert_eq!(load.value(), Some(&1));
        assert!(load.problem().unwrap().retry);
        assert_eq!(woken.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_replaced_question_is_stopped() {
        let runtime = runtime();
        let mut load = Load::default();
        let dropped = Arc::new(());
        let held = dropped.clone();
        load.start(Pending::spawn(runtime.handle(), Arc::new(|| ()), async move {
            let _held = held;
            std::future::pending::<()>().await;
            Ok(1)
        }));
        load.start(Pending::spawn(runtime.handle(), Arc::new(|| ()), async { Ok(2) }));
        wait(&mut load);
        assert_eq!(load.value(), Some(&2));
        for _ in 0..500 {
            if Arc::strong_count(&dropped) == 1 {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("the first task still runs");
    }
}
