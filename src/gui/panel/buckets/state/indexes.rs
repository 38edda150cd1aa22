//! What is known of each bucket's index, and which buckets are read when.
//!
//! The open bucket is read first. The others follow one after the other, so that the list can say what they hold, and a
//! project with many of them is not asked for everything at once.

use std::collections::{HashMap, HashSet};

use super::State;
use crate::catalog::{Coverage, Total};
use crate::gui::words;
use crate::media;
use crate::service::{Indexing, Problem, Service};
use crate::supabase::BucketName;

/// What a bucket holds, as far as it is known.
#[derive(Clone, Debug)]
pub struct Held {
    /// Everything in its index.
    pub total: Total,
    /// Whether that is everything in the bucket.
    pub is_whole: bool,
}

impl Held {
    /// "12,408 objects" and "2.9 GB"; with "≥" while there may be more.
    pub fn words(&self) -> (String, String) {
        let more = if self.is_whole { "" } else { "≥ " };
        let objects = match self.total.objects {
            1 => "1 object".to_owned(),
            many => format!("{} objects", media::group_thousands(many)),
        };
        let partial = self.total.partial || !self.is_whole;
        let total = Total { partial, ..self.total };
        (format!("{more}{objects}"), total.size())
    }
}

/// What is known of the indexes.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    /// Buckets that are read and kept fresh.
    watched: HashSet<BucketName>,
    held: HashMap<BucketName, Held>,
    coverage: HashMap<BucketName, Coverage>,
    /// How far the reading of the open bucket is.
    now: Option<Indexing>,
    /// Buckets that somebody wants to be listed again.
    wanted: HashSet<BucketName>,
}

impl Indexes {
    /// A bucket is to be listed again, whatever is known of it. What has changed is listed without that.
    pub(super) fn list_again(&mut self, bucket: &BucketName) {
        self.wanted.insert(bucket.clone());
    }

    /// There is a newer index of a bucket.
    pub(super) fn indexed(&mut self, bucket: &BucketName, service: &Service) {
        let Some(index) = service.index(bucket) else { return };
        let held = Held {
            total: index.total(),
            is_whole: !matches!(index.state(), Coverage::Partial { .. }),
        };
        self.held.insert(bucket.clone(), held);
        self.coverage.insert(bucket.clone(), index.state().clone());
    }

    fn watch(&mut self, bucket: &BucketName, service: &Service) {
        if self.watched.insert(bucket.clone()) {
            service.watch_bucket(bucket);
            self.indexed(bucket, service);
        }
    }

    /// Whether nothing more is to be expected of a bucket just now.
    fn is_at_rest(bucket: &BucketName, service: &Service) -> bool {
        !matches!(service.indexing(bucket), Indexing::Listing { .. })
    }
}

impl State {
    pub(super) fn poll_indexes(&mut self, service: &Service) {
        let Some(open) = self.open.clone() else { return };
        self.indexes.watch(&open, service);
        let everywhere = self.is_everywhere();
        if let Some(rows) = self.buckets.value() {
            let next = rows
                .iter()
                .filter_map(|row| row.parsed.as_ref())
                .find(|bucket| !self.indexes.watched.contains(*bucket));
            let at_rest = || {
                let mut watched = self.indexes.watched.iter();
                watched.all(|bucket| Indexes::is_at_rest(bucket, service))
            };
            if let Some(next) = next.cloned().filter(|_| everywhere || at_rest()) {
                self.indexes.watch(&next, service);
            }
        }
        for bucket in self.indexes.wanted.drain() {
            service.refresh_bucket(&bucket);
        }
        self.indexes.now = Some(service.indexing(&open));
    }

    /// What a bucket holds, once anything of it is known.
    pub fn held(&self, bucket: &BucketName) -> Option<&Held> {
        self.indexes.held.get(bucket)
    }

    /// How far the reading of the open bucket is.
    pub fn indexing(&self) -> Option<&Indexing> {
        self.indexes.now.as_ref()
    }

    /// How much the index of the open bucket has.
    pub fn coverage(&self) -> Option<&Coverage> {
        self.indexes.coverage.get(self.open.as_ref()?)
    }

    /// Whether more may be in the open bucket than is known.
    pub fn is_partial(&self) -> bool {
        !matches!(
            self.coverage(),
            Some(Coverage::Complete { .. } | Coverage::Refreshing { .. })
        )
    }

    /// Whether the open bucket is being listed.
    pub fn is_listing(&self) -> bool {
        matches!(self.indexes.now, Some(Indexing::Listing { .. }))
    }

    /// Why the open bucket could not be listed.
    pub fn listing_problem(&self) -> Option<&Problem> {
        match &self.indexes.now {
            Some(Indexing::Failed(problem)) => Some(problem),
            _ => None,
        }
    }

    /// What all buckets come to, and what is missing of that; `None` before anything is known.
    pub fn used(&self) -> Option<(Total, String)> {
        let rows = self.buckets.value()?;
        let known = rows
            .iter()
            .filter_map(|row| row.parsed.as_ref())
            .filter_map(|bucket| self.held(bucket))
            .collect::<Vec<_>>();
        let mut total = known.iter().fold(Total::default(), |sum, held| sum.and(held.total));
        let whole = known.iter().filter(|held| held.is_whole).count();
        if known.is_empty() {
            return None;
        }
        let words = if whole == rows.len() {
            format!("In {}", words::count(whole, "bucket", "buckets"))
        } else {
            total.partial = true;
            format!("{} of {} listed", whole, words::count(rows.len(), "bucket", "buckets"))
        };
        Some((total, words))
    }

    /// What the status bar says of the indexes; nothing before anything is known.
    pub fn index_words(&self) -> Option<String> {
        let rows = self.buckets.value()?;
        let names = rows.iter().filter_map(|row| row.parsed.as_ref());
        let known: Vec<_> = names.filter_map(|bucket| self.indexes.coverage.get(bucket)).collect();
        let objects: u64 = self.indexes.held.values().map(|held| held.total.objects).sum();
        if known.is_empty() {
            return None;
        }
        let refreshing = known.iter().find_map(|coverage| match coverage {
            Coverage::Refreshing { listed, expected, .. } => Some((*listed, *expected)),
            _ => None,
        });
        let is_whole = |coverage: &&Coverage| !matches!(coverage, Coverage::Partial { .. });
        let grouped = media::group_thousands;
        let counted = |objects| {
            format!(
                "{} {}",
                grouped(objects),
                if objects == 1 { "object" } else { "objects" }
            )
        };
        Some(match refreshing {
            Some((listed, expected)) => {
                format!("Index {} of ≈ {} refreshed", grouped(listed), grouped(expected))
            }
            None if known.len() == rows.len() && known.iter().all(is_whole) => {
                format!("Index {}, complete", counted(objects))
            }
            None => format!("Index {} so far", counted(objects)),
        })
    }
}
