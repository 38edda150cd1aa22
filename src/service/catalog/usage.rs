//! What takes the space of a bucket, and how it has grown.

use jiff::Timestamp;

use super::super::{Problem, Service};
use crate::catalog::{Growth, Index, Usage, UsageQuery};

/// What takes the space of a bucket or a folder of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketUsage {
    /// By folder, type and age.
    pub usage: Usage,
    /// How the whole bucket has grown since it was listed whole before; None if it was not.
    pub growth: Option<Growth>,
}

impl Service {
    /// What takes the space of a bucket, found out on the blocking pool.
    ///
    /// # Errors
    /// If the work was stopped.
    pub async fn usage(&self, index: Index, query: UsageQuery) -> Result<BucketUsage, Problem> {
        let store = self.inner.store().await;
        let found = tokio::task::spawn_blocking(move || {
            let usage = index.usage(&query);
            let at = index.state().complete_at();
            let scans = store
                .and_then(|store| store.scans(index.bucket()).ok())
                .unwrap_or_default();
            let older = scans.into_iter().find(|scan| at.is_some_and(|at| scan.at < micros(at)));
            let growth = older.map(|older| index.scan(at.unwrap_or(query.now)).since(&older));
            BucketUsage { usage, growth }
        });
        found.await.map_err(|_| Problem::stopped())
    }
}

/// As precise as scans are kept.
fn micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
