//! Which scenes show an object, for the table and the grid. It is not known before the stories were read.

use std::sync::Arc;

use super::State;
use crate::service::{Load, Service, Uses};
use crate::supabase::{BucketName, ObjectKey};

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct UsesOfAll {
    load: Load<Arc<Uses>>,
    stale: bool,
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
