//! What buckets take, remembered for a little while: a thousand objects that go to another bucket ask for its limits once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Bucket, BucketName, Error, Supabase};

/// Limits that somebody else changes hold here so much later at most.
const FRESH: Duration = Duration::from_secs(30);

/// Buckets as they were a moment ago.
#[derive(Debug, Default)]
pub(super) struct KnownBuckets {
    known: Mutex<HashMap<BucketName, (Instant, Bucket)>>,
}

impl KnownBuckets {
    /// A bucket's limits, as they were half a minute ago or later.
    pub(super) async fn get(&self, project: &Supabase, name: &BucketName) -> Result<Bucket, Error> {
        if let Some((at, bucket)) = self.known().get(name)
            && at.elapsed() < FRESH
        {
            return Ok(bucket.clone());
        }
        let asked_at = Instant::now();
        let bucket = project.buckets().get(name).await?;
        self.known().insert(name.clone(), (asked_at, bucket.clone()));
        Ok(bucket)
    }

    /// It was changed or removed by this program.
    pub(super) fn forget(&self, name: &BucketName) {
        self.known().remove(name);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<BucketName, (Instant, Bucket)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
