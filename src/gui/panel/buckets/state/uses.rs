//! Which scenes show an object, for the table and the grid. It is not known before the stories were read.

use std::sync::Arc;

use super::State;
use crate::catalog::{SortBy, UseCounts};
use crate::service::{Load, Service, Uses};
use crate::supabase::{BucketName, ObjectKey};

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct UsesOfAll {
    load: Load<Arc<Uses>>,
    stale: bool,
    /// How often objects of a bucket are shown, of the uses that were loaded.
    counts: Option<(BucketName, Arc<Uses>, UseCounts)>,
    /// The bucket that pictures of scenes go to: of others nobody expects that scenes show them.
    home: Option<BucketName>,
}

/// How many scenes show an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedBy {
    /// Nobody knows.
    Unknown,
    /// None, though it lies where pictures of scenes are.
    Nobody,
    /// None, and nobody would expect any.
    Elsewhere,
    /// So many.
    Scenes(usize),
}

impl UsesOfAll {
    pub(super) fn changed(&mut self) {
        self.stale = true;
    }

    pub(super) fn poll(&mut self, service: &Service) {
        self.load.poll();
        if !self.load.is_loading() && (self.load.is_idle() || self.stale) {
            self.stale = false;
            self.home.get_or_insert_with(|| service.bucket().clone());
            self.load
                .start(service.load(|service| async move { service.uses().await }));
        }
    }
}

impl State {
    /// How often the objects of the open bucket are shown, where they are sorted by that and it is known.
    pub(super) fn use_counts(&self) -> UseCounts {
        match &self.uses.counts {
            Some((bucket, _, counts)) if self.order.by == SortBy::UsedBy && self.open.as_ref() == Some(bucket) => {
                counts.clone()
            }
            _ => UseCounts::default(),
        }
    }

    /// Counts the uses of the open bucket, if they are others than those that were counted last.
    pub(super) fn count_uses(&mut self) {
        let (Some(uses), Some(bucket)) = (self.uses.load.value(), &self.open) else {
            return;
        };
        let known = self.uses.counts.as_ref();
        if known.is_some_and(|(of, from, _)| of == bucket && Arc::ptr_eq(from, uses)) {
            return;
        }
        let counts = UseCounts::new(uses.counts(bucket));
        self.uses.counts = Some((bucket.clone(), Arc::clone(uses), counts));
    }

    /// How many scenes show an object of the open bucket.
    pub fn used_by(&self, key: &str) -> UsedBy {
        let (Some(uses), Some(bucket), Ok(key)) = (self.uses.load.value(), &self.open, ObjectKey::parse(key)) else {
            return UsedBy::Unknown;
        };
        match uses.of(bucket, &key).len() {
            // Without a story there is nothing yet that could show it.
            0 if self.uses.home.as_ref() == Some(bucket) && uses.stories() > 0 => UsedBy::Nobody,
            0 => UsedBy::Elsewhere,
            many => UsedBy::Scenes(many),
        }
    }
}
