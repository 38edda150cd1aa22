//! Indexes of buckets for both faces: read in the background, asked off the window's thread.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::task::AbortOnDropHandle;

use super::{Event, Problem, Service};
use crate::catalog::{Contents, Coverage, Index, Query, QueryError};
use crate::supabase::{BucketName, Entry};

/// How often whoever shows a bucket is told of a newer index, at most.
const TELL: Duration = Duration::from_millis(100);

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
}

#[derive(Default)]
struct Known {
    index: Option<Index>,
    state: Option<Indexing>,
    /// What lists it. Ends with the workspace.
    task: Option<AbortOnDropHandle<()>>,
}

impl Catalogs {
    fn lock(&self) -> MutexGuard<'_, HashMap<BucketName, Known>> {
        // What is done under the lock cannot panic half-way.
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// The newest index of a bucket that is watched. Never waits.
    #[must_use]
    pub fn index(&self, bucket: &BucketName) -> Option<Index> {
        self.inner.catalogs.lock().get(bucket)?.index.clone()
    }

    /// Reads a bucket in the background, unless that was begun already, and keeps what is known of it fresh.
    /// [`Event::Indexed`] tells of each newer index.
    pub fn watch_bucket(&self, bucket: &BucketName) {
        let is_known = self.inner.catalogs.lock().contains_key(bucket);
        if !is_known {
            self.refresh_bucket(bucket);
        }
    }

    /// Lists a bucket again, now.
    pub fn refresh_bucket(&self, bucket: &BucketName) {
        let mut buckets = self.inner.catalogs.lock();
        let known = buckets.entry(bucket.clone()).or_default();
        known.state = Some(Indexing::Listing {
            listed: 0,
            expected: None,
        });
        let work = list(std::sync::Arc::downgrade(&self.inner), bucket.clone());
        known.task = Some(AbortOnDropHandle::new(self.inner.runtime.spawn(work)));
    }

    /// How far the reading of a bucket is.
    #[must_use]
    pub fn indexing(&self, bucket: &BucketName) -> Indexing {
        let buckets = self.inner.catalogs.lock();
        let state = buckets.get(bucket).and_then(|known| known.state.clone());
        state.unwrap_or(Indexing::Idle { at: None })
    }

    /// The answer to a question, found on the blocking pool.
    ///
    /// # Errors
    /// If the text to look for is wrong in itself.
    pub async fn answer(&self, index: Index, query: Query) -> Result<Contents, Problem> {
        let answer = tokio::task::spawn_blocking(move || index.answer(&query)).await;
        Ok(answer.map_err(|_| Problem::stopped())??)
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let mut what = error.to_string();
        if let Some(first) = what.get(..1) {
            what = first.to_uppercase() + &what[1..];
        }
        match error {
            QueryError::Stopped => Self::stopped(),
            _ => Self::new(format!("{what}."), "Change what to look for.").beside("search"),
        }
    }
}

/// Lists a bucket whole. Holds the workspace only while it puts something into it.
async fn list(inner: std::sync::Weak<super::Inner>, bucket: BucketName) {
    let Some(project) = inner.upgrade().map(|inner| inner.supabase.clone()) else {
        return;
    };
    let mut listing = project.bucket(&bucket).list("");
    let mut entries: Vec<Entry> = Vec::new();
    let mut told: Option<(Instant, usize)> = None;
    let end = loop {
        match listing.next().await {
            Ok(Some(page)) => entries.extend(page.entries),
            Ok(None) => break Ok(()),
            Err(error) => break Err(Problem::from(error)),
        }
        // Twice as many as were told of last, so that telling costs no more than listing.
        let due = told.is_none_or(|(at, of)| at.elapsed() >= TELL && entries.len() >= 2 * of);
        if due {
            told = Some((Instant::now(), entries.len()));
            let listed = entries.len() as u64;
            let state = Coverage::Partial { listed, expected: None };
            keep(
                &inner,
                &bucket,
                entries.clone(),
                state,
                Indexing::Listing { listed, expected: None },
            )
            .await;
        }
    };
    match end {
        Ok(()) => {
            let at = Timestamp::now();
            keep(
                &inner,
                &bucket,
                entries,
                Coverage::Complete { at },
                Indexing::Idle { at: Some(at) },
            )
            .await;
        }
        Err(problem) => {
            let listed = entries.len() as u64;
            let state = Coverage::Partial { listed, expected: None };
            keep(&inner, &bucket, entries, state, Indexing::Failed(problem)).await;
        }
    }
}

/// Makes an index of what was listed, unless one that has everything is there, and tells of it.
async fn keep(
    inner: &std::sync::Weak<super::Inner>,
    bucket: &BucketName,
    entries: Vec<Entry>,
    state: Coverage,
    indexing: Indexing,
) {
    let (older, is_whole) = match inner.upgrade() {
        Some(inner) => (
            inner.catalogs.lock().get(bucket).and_then(|known| known.index.clone()),
            matches!(state, Coverage::Complete { .. }),
        ),
        None => return,
    };
    let version = older.as_ref().map_or(1, |older| older.version() + 1);
    let replaces = is_whole || !older.is_some_and(|older| matches!(older.state(), Coverage::Complete { .. }));
    let index = if replaces {
        let bucket = bucket.clone();
        let made = tokio::task::spawn_blocking(move || Index::new(bucket, version, state, entries)).await;
        made.ok()
    } else {
        None
    };
    let Some(inner) = inner.upgrade() else { return };
    if let Some(known) = inner.catalogs.lock().get_mut(bucket) {
        known.state = Some(indexing);
        if index.is_some() {
            known.index = index;
        }
    }
    inner.events.send(Event::Indexed(bucket.clone()));
}
