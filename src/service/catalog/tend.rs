//! One task a bucket: opens what is kept, lists it, and then waits for what is wanted or has changed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::super::{Event, Inner, Problem};
use super::Indexing;
use super::list::{Outcome, list};
use super::touched::{Touched, touched};
use crate::catalog::{Generation, Index, Kept, Store, Unfinished};
use crate::supabase::BucketName;

/// What was listed so short a time ago is not listed again only because the bucket is opened.
const FRESH: Duration = Duration::from_secs(30);
/// A bucket of so many objects is listed whole when something has changed: that is a handful of requests.
const SMALL: usize = 5_000;
/// A large one is not listed whole more often than this because something has changed, nor for more than a twentieth of
/// the time.
const PAUSE: Duration = Duration::from_secs(30);
const SHARE: u32 = 20;
/// An index of so many objects has its search and its order made before somebody asks.
const WARM: usize = 50_000;
/// Changes that come within this time are looked at together.
const TOGETHER: Duration = Duration::from_millis(250);

/// What is wanted of a bucket's task.
#[derive(Default)]
pub(super) struct Wishes {
    refresh: AtomicBool,
    changed: AtomicBool,
    news: Notify,
}

impl Wishes {
    /// List it whole.
    pub(super) fn refresh(&self) {
        self.refresh.store(true, Ordering::SeqCst);
        self.news.notify_one();
    }

    /// Something in it is not what it was.
    pub(super) fn changed(&self) {
        self.changed.store(true, Ordering::SeqCst);
        self.news.notify_one();
    }
}

/// A bucket's task. Holds the workspace only for moments, so that it ends with its last handle.
pub(super) struct Tending {
    pub(super) inner: Weak<Inner>,
    pub(super) bucket: BucketName,
    pub(super) store: Option<Store>,
}

/// Looks after a bucket.
pub(super) async fn tend(inner: Weak<Inner>, bucket: BucketName, wishes: Arc<Wishes>) {
    let store = match inner.upgrade() {
        Some(inner) => inner.store().await,
        None => return,
    };
    let tending = Tending { inner, bucket, store };
    let mut unfinished = tending.open().await;
    let is_fresh = |at: Timestamp| Timestamp::now().duration_since(at).unsigned_abs() < FRESH;
    let complete_at = || tending.index().and_then(|index| index.state().complete_at());
    let mut whole = !complete_at().is_some_and(is_fresh);
    if !whole {
        tending.tell(Indexing::Idle { at: complete_at() });
    }
    // When a large bucket may be listed whole again because of changes.
    let mut not_before = Instant::now();
    // From when on changes are not in what is known.
    let mut since = Timestamp::now();
    let mut is_due = false;
    loop {
        if whole {
            // What changes from now on may be missed by the listing, and comes again as a change.
            wishes.refresh.store(false, Ordering::SeqCst);
            wishes.changed.store(false, Ordering::SeqCst);
            is_due = false;
            let begun = Instant::now();
            let at = Timestamp::now();
            match list(&tending, unfinished.take()).await {
                Outcome::Done => since = at,
                Outcome::Failed => unfinished = tending.load().await.and_then(|kept| kept.unfinished),
                Outcome::Closed => return,
            }
            not_before = Instant::now() + PAUSE.max(begun.elapsed() * SHARE);
            wishes.refresh.store(false, Ordering::SeqCst);
        }
        if !wishes.refresh.load(Ordering::SeqCst) && !wishes.changed.load(Ordering::SeqCst) {
            tokio::select! {
                () = wishes.news.notified() => {}
                () = tokio::time::sleep_until(not_before), if is_due => {}
            }
        }
        whole = wishes.refresh.load(Ordering::SeqCst) || (is_due && Instant::now() >= not_before);
        if whole || !wishes.changed.load(Ordering::SeqCst) {
            continue;
        }
        tokio::time::sleep(TOGETHER).await;
        wishes.changed.store(false, Ordering::SeqCst);
        let Some(index) = tending.index() else {
            whole = true;
            continue;
        };
        if index.len() <= SMALL || index.state().complete_at().is_none() {
            whole = true;
            continue;
        }
        let at = Timestamp::now();
        match touched(&tending, &index, since).await {
            Touched::Read => since = at,
            Touched::Unknown => is_due = true,
            Touched::Closed => return,
        }
    }
}

impl Tending {
    /// Shows what is on disk.
    async fn open(&self) -> Option<Unfinished> {
        let kept = self.load().await?;
        let shown = match (&kept.complete, &kept.unfinished) {
            (Some(whole), _) => Some((whole.index.clone(), Some(whole.generation))),
            (None, Some(unfinished)) => Some((unfinished.listed.clone(), None)),
            (None, None) => None,
        };
        if let Some((index, generation)) = shown {
            self.put(index, generation);
            self.announce();
            self.warm();
        }
        kept.unfinished
    }

    async fn load(&self) -> Option<Kept> {
        let (store, bucket) = (self.store.clone()?, self.bucket.clone());
        match store.run(move |store| store.load(&bucket, 1)).await {
            Ok(kept) => Some(kept),
            Err(error) => {
                tracing::warn!("what is kept of {} cannot be read: {error}", self.bucket);
                None
            }
        }
    }

    pub(super) fn index(&self) -> Option<Index> {
        self.inner.upgrade()?.catalogs.lock().get(&self.bucket)?.index.clone()
    }

    pub(super) fn generation(&self) -> Option<Generation> {
        self.inner.upgrade()?.catalogs.lock().get(&self.bucket)?.generation
    }

    /// The version of the next index.
    pub(super) fn next_version(&self) -> u64 {
        let Some(inner) = self.inner.upgrade() else { return 0 };
        let mut buckets = inner.catalogs.lock();
        buckets.get_mut(&self.bucket).map_or(0, |known| {
            known.versions = known.versions.max(known.index.as_ref().map_or(0, Index::version)) + 1;
            known.versions
        })
    }

    /// Puts an index in the place of the one before.
    pub(super) fn put(&self, index: Index, generation: Option<Generation>) {
        let Some(inner) = self.inner.upgrade() else { return };
        let before = {
            let mut buckets = inner.catalogs.lock();
            let Some(known) = buckets.get_mut(&self.bucket) else {
                return;
            };
            known.generation = generation;
            known.index.replace(index)
        };
        // It may be the last handle to a million rows: not under the lock.
        drop(before);
    }

    /// Says how far it is.
    pub(super) fn tell(&self, state: Indexing) {
        let Some(inner) = self.inner.upgrade() else { return };
        if let Some(known) = inner.catalogs.lock().get(&self.bucket) {
            known.state.send_replace(state);
        }
        drop(inner);
        self.announce();
    }

    pub(super) fn announce(&self) {
        if let Some(inner) = self.inner.upgrade() {
            inner.events.send(Event::Indexed(self.bucket.clone()));
        }
    }

    /// Makes what the first search would wait for, meanwhile, if that is worth it.
    pub(super) fn warm(&self) {
        let index = self
            .index()
            .filter(|index| index.len() > WARM && index.state().complete_at().is_some());
        if let (Some(index), Some(inner)) = (index, self.inner.upgrade()) {
            inner.runtime.spawn_blocking(move || index.warm());
        }
    }

    pub(super) fn fail(&self, problem: Problem) {
        self.tell(Indexing::Failed(problem));
    }
}
