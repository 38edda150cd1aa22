//! Admin mode: a key that passes every rule locks itself when nobody works, and refuses what cannot be undone.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::Problem;

/// What a workspace with a service key may do just now. Clones share the state.
///
/// It begins locked. Reading and adding always go on; what removes or replaces, and what makes a bucket, needs it
/// unlocked.
#[derive(Clone)]
pub struct AdminMode {
    inner: Arc<Inner>,
}

struct Inner {
    /// Whether the key is one at all; without, nothing is ever refused here.
    applies: bool,
    now: Clock,
    /// When somebody last did something, while unlocked.
    active: Mutex<Option<Moment>>,
}

/// The time by the two clocks of a computer. The first never jumps but stands still while the computer sleeps; the
/// second goes on, but can be set. Whichever says that more time has passed is believed.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// By the clock that never jumps.
    pub steady: Instant,
    /// By the clock on the wall.
    pub wall: SystemTime,
}

/// The time, for tests to set.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

impl Moment {
    fn now() -> Self {
        Self {
            steady: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    fn since(self, before: Self) -> Duration {
        let steady = self.steady.saturating_duration_since(before.steady);
        let wall = self.wall.duration_since(before.wall).unwrap_or_default();
        steady.max(wall)
    }
}

/// Where admin mode stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminState {
    /// The key is none that would need it, or the workspace is the local one.
    Off,
    /// Nothing may be removed or replaced.
    Locked,
    /// Everything may be done.
    Unlocked {
        /// The time until it locks itself, if nobody does anything.
        locks_in: Duration,
    },
}

/// What is refused while admin mode is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdminAction {
    /// Deleting objects.
    DeleteObjects,
    /// Storing over an object that is there, or putting another picture in the place of a scene's.
    Overwrite,
    /// Making a bucket.
    CreateBucket,
    /// Changing who may read a bucket, and what it takes.
    ChangeBucket,
    /// Deleting everything in a bucket for good, or the bucket itself.
    EmptyBucket,
}

impl AdminMode {
    /// It locks itself after so long without work.
    pub const IDLE: Duration = Duration::from_secs(15 * 60);

    /// Admin mode of a workspace; `applies` is whether its key passes every rule of a project that is not local.
    #[must_use]
    pub fn new(applies: bool) -> Self {
        Self::with_clock(applies, Arc::new(Moment::now))
    }

    /// The same with a clock of its own.
    #[must_use]
    pub fn with_clock(applies: bool, now: Clock) -> Self {
        Self {
            inner: Arc::new(Inner {
                applies,
                now,
                active: Mutex::default(),
            }),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> AdminState {
        if !self.inner.applies {
            return AdminState::Off;
        }
        let mut active = self.active();
        match *active {
            None => AdminState::Locked,
            Some(since) => {
                let idle = (self.inner.now)().since(since);
                match Self::IDLE.checked_sub(idle).filter(|left| !left.is_zero()) {
                    Some(locks_in) => AdminState::Unlocked { locks_in },
                    None => {
                        *active = None;
                        AdminState::Locked
                    }
                }
            }
        }
    }

    /// Unlocks it. The caller has asked first.
    pub fn unlock(&self) {
        if self.inner.applies {
            *self.active() = Some((self.inner.now)());
        }
    }

    /// Locks it at once.
    pub fn lock(&self) {
        *self.active() = None;
    }

    /// Somebody did something in the window: the time until it locks begins anew. A locked one stays locked.
    pub fn touch(&self) {
        if matches!(self.state(), AdminState::Unlocked { .. }) {
            *self.active() = Some((self.inner.now)());
        }
    }

    /// Whether `action` may be done now. Asking counts as work.
    ///
    /// # Errors
    /// If admin mode is locked.
    pub fn permit(&self, action: AdminAction) -> Result<(), Problem> {
        match self.state() {
            AdminState::Locked => Err(Problem::new(
                format!(
                    "Admin mode is locked, so {} is refused. Nothing was changed.",
                    action.words()
                ),
                "Unlock admin mode, then do it again.",
            )),
            AdminState::Off => Ok(()),
            AdminState::Unlocked { .. } => {
                self.touch();
                Ok(())
            }
        }
    }

    fn active(&self) -> std::sync::MutexGuard<'_, Option<Moment>> {
        self.inner.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for AdminMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AdminMode").field(&self.state()).finish()
    }
}

impl AdminAction {
    /// What it is, to be read before "is refused".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::DeleteObjects => "deleting files",
            Self::Overwrite => "replacing what is stored",
            Self::CreateBucket => "creating buckets",
            Self::ChangeBucket => "changing buckets",
            Self::EmptyBucket => "emptying or deleting buckets",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that moves when told to: while awake, and asleep.
    fn clock() -> (Clock, impl Fn(Duration), impl Fn(Duration)) {
        let start = Moment::now();
        let passed = Arc::new(Mutex::new((Duration::ZERO, Duration::ZERO)));
        let (read, wake, sleep) = (Arc::clone(&passed), Arc::clone(&passed), passed);
        let clock: Clock = Arc::new(move || {
            let (steady, wall) = *read.lock().unwrap();
            Moment {
                steady: start.steady + steady,
                wall: start.wall + wall,
            }
        });
        let awake = move |by| {
            let mut passed = wake.lock().unwrap();
            *passed = (passed.0 + by, passed.1 + by);
        };
        let asleep = move |by| sleep.lock().unwrap().1 += by;
        (clock, awake, asleep)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn begins_locked_and_locks_itself() {
        let (now, wait, _) = clock();
        let admin = AdminMode::with_clock(true, now);
        assert_eq!(admin.state(), AdminState::Locked);
        assert!(admin.permit(AdminAction::DeleteObjects).is_err());
        admin.unlock();
        assert_eq!(
            admin.state(),
            AdminState::Unlocked {
                locks_in: AdminMode::IDLE
            }
        );
        wait(14 * MINUTE);
        assert_eq!(admin.state(), AdminState::Unlocked { locks_in: MINUTE });
        wait(MINUTE);
        assert_eq!(admin.state(), AdminState::Locked);
        admin.touch();
        assert_eq!(admin.state(), AdminState::Locked, "moving the mouse unlocks nothing");
    }

    #[test]
    fn work_keeps_it_open() {
        let (now, wait, _) = clock();
        let admin = AdminMode::with_clock(true, now);
        admin.unlock();
        for _ in 0..4 {
            wait(10 * MINUTE);
            admin.permit(AdminAction::DeleteObjects).unwrap();
        }
        wait(10 * MINUTE);
        admin.touch();
        wait(10 * MINUTE);
        assert!(matches!(admin.state(), AdminState::Unlocked { .. }));
        admin.clone().lock();
        assert_eq!(admin.state(), AdminState::Locked, "clones share it");
    }

    #[test]
    fn a_computer_that_slept_wakes_up_locked() {
        let (now, _, sleep) = clock();
        let admin = AdminMode::with_clock(true, now);
        admin.unlock();
        sleep(8 * 60 * MINUTE);
        assert_eq!(admin.state(), AdminState::Locked);
    }

    #[test]
    fn other_keys_are_never_refused_here() {
        let admin = AdminMode::new(false);
        admin.unlock();
        assert_eq!(admin.state(), AdminState::Off);
        admin.lock();
        admin.permit(AdminAction::DeleteObjects).unwrap();
    }
}
