//! Whether all that is in a bucket is to go.

use crate::service::{BucketTotal, Load, Service};
use crate::supabase::BucketName;

/// A bucket that is to be emptied, and perhaps deleted.
#[derive(Debug)]
pub struct Clearing {
    /// The bucket.
    pub bucket: BucketName,
    /// Whether it goes, too.
    pub then_delete: bool,
    /// What was typed to confirm it.
    pub typed: String,
    /// Objects and bytes that would go, those in the trash included.
    pub count: Load<BucketTotal>,
}

impl Clearing {
    /// Nothing is counted yet.
    #[must_use]
    pub fn new(bucket: BucketName, then_delete: bool) -> Self {
        Self {
            bucket,
            then_delete,
            typed: String::new(),
            count: Load::default(),
        }
    }

    pub(super) fn poll(&mut self, service: &Service) {
        self.count.poll();
        if self.count.is_idle() {
            let bucket = self.bucket.clone();
            self.count
                .start(service.load(|service| async move { service.bucket_total(&bucket).await }));
        }
    }

    /// Counts again.
    pub fn count_again(&mut self) {
        self.count.clear();
    }

    /// Why it cannot be answered with yes.
    #[must_use]
    pub fn why_not(&self) -> Option<&'static str> {
        match self.count.value() {
            None => Some("What would go is not counted yet"),
            Some(BucketTotal { objects: 0, .. }) if !self.then_delete => Some("The bucket is empty"),
            // Nothing is lost with an empty bucket that could not be made again.
            Some(BucketTotal { objects: 0, .. }) => None,
            Some(_) => (self.typed.trim() != self.bucket.as_str()).then_some("Type the bucket's name first"),
        }
    }
}
