//! Indexes of buckets for both faces: opened from disk, read in the background, asked off the window's thread.

mod list;
mod tend;
mod touched;
mod usage;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::{OnceCell, watch};
use tokio_util::task::AbortOnDropHandle;

pub use usage::BucketUsage;

use super::{Problem, Service, Subject};
use crate::catalog::{Contents, Generation, Index, Query, QueryError, Store};
use crate::supabase::BucketName;
use tend::Wishes;

/// How far the reading of a bucket is.
#[derive(Clone, Debug, PartialEq)]
pub enum Indexing {
    /// Nothing is read.
    Idle {
        /// When the bucket was last listed whole.
        at: Option<Timestamp>,
    },
    /// It is being listed.
    Listing {
        /// Objects so far.
        listed: u64,
        /// Objects that are expected, if anything is known of the bucket.
        expected: Option<u64>,
    },
    /// It could not be listed. What was known before still is.
    Failed(Problem),
}

/// The indexes of a workspace.
#[derive(Default)]
pub(super) struct Catalogs {
    buckets: Mutex<HashMap<BucketName, Known>>,
    /// What is kept on disk; None if it cannot be. Opened with the first bucket.
    store: OnceCell<Option<Store>>,
}

/// A bucket that is watched.
struct Known {
    index: Option<Index>,
    /// Which listing on disk the index is of.
    generation: Option<Generation>,
    versions: u64,
    state: watch::Sender<Indexing>,
    wishes: Arc<Wishes>,
    /// Looks after it until the workspace is closed.
    _task: AbortOnDropHandle<()>,
}

impl Catalogs {
    fn lock(&self) -> MutexGuard<'_, HashMap<BucketName, Known>> {
        // What is done under the lock cannot panic half-way.
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something of a bucket is not what it was.
    pub(super) fn changed(&self, subject: &Subject) {
        if let Subject::Bucket(bucket) = subject
            && let Some(known) = self.lock().get(bucket)
        {
            known.wishes.changed();
        }
    }

    /// Looks after no bucket any more.
    pub(super) fn close(&self) {
        let known = std::mem::take(&mut *self.lock());
        // Outside of the lock: what ends with it may want it.
        drop(known);
    }
}

impl Service {
    /// The newest index of a bucket that is watched. Never waits.
    #[must_use]
    pub fn index(&self, bucket: &BucketName) -> Option<Index> {
        self.inner.catalogs.lock().get(bucket)?.index.clone()
    }

    /// Opens what is kept of a bucket and reads it again in the background, unless that was done just now, and keeps what is
    /// known of it fresh from then on. [`super::Event::Indexed`] tells of each newer index. Once is enough.
    pub fn watch_bucket(&self, bucket: &BucketName) {
        let _wishes = self.watched(bucket);
    }

    /// Lists a bucket again, now. While it is being listed, that goes on.
    pub fn refresh_bucket(&self, bucket: &BucketName) {
        self.watched(bucket).refresh();
    }

    /// How far the reading of a bucket is.
    #[must_use]
    pub fn indexing(&self, bucket: &BucketName) -> Indexing {
        let buckets = self.inner.catalogs.lock();
        let state = buckets.get(bucket).map(|known| known.state.borrow().clone());
        state.unwrap_or(Indexing::Idle { at: None })
    }

    /// The answer to a question, found on the blocking pool. It is not looked for any longer once nobody waits for it.
    ///
    /// # Errors
    /// If the text to look for is wrong in itself.
    pub async fn answer(&self, index: Index, query: Query) -> Result<Contents, Problem> {
        /// Stops what is looked for when it is dropped.
        struct Waits(Arc<AtomicBool>);
        impl Drop for Waits {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let stopped = Arc::new(AtomicBool::new(false));
        let _waits = Waits(Arc::clone(&stopped));
        let answer = tokio::task::spawn_blocking(move || index.answer_unless(&query, &stopped)).await;
        Ok(answer.map_err(|_| Problem::stopped())??)
    }

    /// What is known of a bucket, once it was listed whole and no longer ago than `fresh`; it is listed for it if need be.
    /// Meanwhile `observe` is told how far that is.
    ///
    /// # Errors
    /// If it could not be listed.
    pub async fn whole_index(
        &self,
        bucket: &BucketName,
        fresh: std::time::Duration,
        observe: &(dyn Fn(&Indexing) + Send + Sync),
    ) -> Result<Index, Problem> {
        self.watch_bucket(bucket);
        let mut asked = false;
        loop {
            let (index, mut state) = {
                let buckets = self.inner.catalogs.lock();
                let known = buckets.get(bucket).ok_or_else(Problem::stopped)?;
                (known.index.clone(), known.state.subscribe())
            };
            let now = state.borrow_and_update().clone();
            observe(&now);
            match now {
                Indexing::Failed(problem) if asked => return Err(problem),
                Indexing::Failed(_) => {
                    asked = true;
                    self.refresh_bucket(bucket);
                }
                Indexing::Idle { at: Some(at) } => {
                    let age = Timestamp::now().duration_since(at).unsigned_abs();
                    match index {
                        Some(index) if age <= fresh || asked => return Ok(index),
                        _ if !asked => {
                            asked = true;
                            self.refresh_bucket(bucket);
                        }
                        _ => {}
                    }
                }
                Indexing::Idle { at: None } => {}
                Indexing::Listing { .. } => asked = true,
            }
            if state.changed().await.is_err() {
                return Err(Problem::stopped());
            }
        }
    }

    /// What is kept on disk of a bucket, without asking the server for anything: complete, or as far as it was listed.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn kept_index(&self, bucket: &BucketName) -> Result<Option<Index>, Problem> {
        let Some(store) = self.inner.store().await else {
            return Ok(None);
        };
        let bucket = bucket.clone();
        let kept = store.run(move |store| store.load(&bucket, 1)).await?;
        let unfinished = kept.unfinished.map(|unfinished| unfinished.listed);
        Ok(kept.complete.map(|whole| whole.index).or(unfinished))
    }

    /// The buckets of which something is kept on disk, by name.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn kept_buckets(&self) -> Result<Vec<BucketName>, Problem> {
        match self.inner.store().await {
            Some(store) => Ok(store.run(Store::buckets).await?),
            None => Ok(Vec::new()),
        }
    }

    fn watched(&self, bucket: &BucketName) -> Arc<Wishes> {
        let mut buckets = self.inner.catalogs.lock();
        if let Some(known) = buckets.get(bucket) {
            return Arc::clone(&known.wishes);
        }
        let wishes = Arc::new(Wishes::default());
        let work = tend::tend(Arc::downgrade(&self.inner), bucket.clone(), Arc::clone(&wishes));
        let known = Known {
            index: None,
            generation: None,
            versions: 0,
            state: watch::Sender::new(Indexing::Idle { at: None }),
            wishes: Arc::clone(&wishes),
            _task: AbortOnDropHandle::new(self.inner.runtime.spawn(work)),
        };
        buckets.insert(bucket.clone(), known);
        wishes
    }
}

impl super::Inner {
    /// What is kept on disk, if it can be.
    async fn store(&self) -> Option<Store> {
        let open = || async {
            let folder = self.catalog_folder.clone();
            let opened = tokio::task::spawn_blocking(move || Store::open(&folder)).await;
            match opened {
                Ok(Ok(store)) => Some(store),
                Ok(Err(error)) => {
                    // Everything works without, only not at once.
                    tracing::warn!("lists of objects are not kept: {error}");
                    None
                }
                Err(_) => None,
            }
        };
        self.catalogs.store.get_or_init(open).await.clone()
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let advice = match &error {
            QueryError::Stopped => return Self::stopped(),
            QueryError::NotARegex { .. } => "Correct it, or look for the text as it is.",
            QueryError::RegexTooLarge => "Repeat less in it.",
            QueryError::TooLong(_) => "No key is so long: look for a part of it.",
        };
        let what = error.to_string();
        let mut letters = what.chars();
        let what: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(letters)
            .collect();
        Self::new(what + ".", advice).beside("search")
    }
}

impl From<crate::catalog::CatalogError> for Problem {
    fn from(error: crate::catalog::CatalogError) -> Self {
        match error {
            crate::catalog::CatalogError::Stopped => Self::stopped(),
            other => Self::new(
                format!("What is kept of buckets could not be read: {other}."),
                "Check that the disk has room and that the folder can be written. Buckets can be listed all the same.",
            ),
        }
    }
}
