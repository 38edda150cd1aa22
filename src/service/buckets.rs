//! Buckets for both faces: which there are, making one, changing one, and what is in one. That it is emptied or deleted is a
//! transfer: see [`Service::plan_emptying`].

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{AdminAction, Problem, Service, Subject};
use crate::supabase::{Bucket, BucketName, BucketUpdate, NewBucket};
use crate::transfer::Plan;
use crate::transfer::plan::{EmptyOrder, Planning};

/// What is in a bucket: everything, the trash and placeholders of folders included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BucketTotal {
    /// Objects that this key may see.
    pub objects: u64,
    /// Bytes of those whose size the server told.
    pub bytes: u64,
}

impl Service {
    /// All buckets that this key may see.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn buckets(&self) -> Result<Vec<Bucket>, Problem> {
        Ok(self.inner.supabase.buckets().list().await?)
    }

    /// One bucket.
    ///
    /// # Errors
    /// If it is not there, or this key may not see it.
    pub async fn bucket_facts(&self, bucket: &BucketName) -> Result<Bucket, Problem> {
        Ok(self.inner.supabase.buckets().get(bucket).await?)
    }

    /// Makes a bucket.
    ///
    /// # Errors
    /// If its name is taken or refused, its limits would refuse every upload, or admin mode is locked.
    pub async fn create_bucket(&self, bucket: &NewBucket) -> Result<(), Problem> {
        self.admin().permit(AdminAction::CreateBucket)?;
        self.inner.supabase.buckets().create(bucket).await?;
        self.changed(Subject::Bucket(bucket.name.clone()));
        Ok(())
    }

    /// Changes a bucket's settings, and says what they are now. Only what is given and is another than now is sent; if
    /// nothing is, nothing is.
    ///
    /// # Errors
    /// If the bucket is not there, its limits would refuse every upload, or admin mode is locked.
    pub async fn update_bucket(&self, bucket: &BucketName, update: &BucketUpdate) -> Result<Bucket, Problem> {
        self.admin().permit(AdminAction::ChangeBucket)?;
        let buckets = self.inner.supabase.buckets();
        let now = buckets.get(bucket).await?;
        let update = what_changes(&now, update);
        if update == BucketUpdate::default() {
            return Ok(now);
        }
        buckets.update(bucket, &update).await?;
        self.changed(Subject::Bucket(bucket.clone()));
        Ok(buckets.get(bucket).await?)
    }

    /// Counts what is in a bucket.
    ///
    /// # Errors
    /// If it is not there or cannot be listed.
    pub async fn bucket_total(&self, bucket: &BucketName) -> Result<BucketTotal, Problem> {
        self.bucket_facts(bucket).await?;
        let mut total = BucketTotal::default();
        let mut listing = self.inner.supabase.bucket(bucket).list("");
        while let Some(page) = listing.next().await? {
            total.objects += page.entries.len() as u64;
            let bytes: u64 = page.entries.iter().filter_map(|entry| entry.size).sum();
            total.bytes = total.bytes.saturating_add(bytes);
        }
        Ok(total)
    }

    /// Plans that everything in a bucket goes for good, the trash too, and then the bucket itself if `then_delete`. What the
    /// plan's one item says is how many objects and bytes there are now; whatever is there when it is carried out, goes.
    ///
    /// # Errors
    /// If the bucket is not there or cannot be listed, or it was stopped.
    pub async fn plan_emptying(
        &self,
        bucket: &BucketName,
        then_delete: bool,
        observe: &(dyn Fn(Planning) + Send + Sync),
        stop: &CancellationToken,
    ) -> Result<Plan, Problem> {
        let order = EmptyOrder {
            bucket: bucket.clone(),
            then_delete,
        };
        Ok(self.planner(observe, stop).empty(&order).await?)
    }

    /// Empties a bucket for good, and then deletes it if `then_delete`. Whoever calls this has asked first.
    pub fn start_emptying(&self, bucket: BucketName, then_delete: bool) {
        self.start_transfer(move |service| async move {
            let stop = CancellationToken::new();
            service.plan_emptying(&bucket, then_delete, &|_| {}, &stop).await
        });
    }
}

/// What of an update is another than it is now.
fn what_changes(now: &Bucket, update: &BucketUpdate) -> BucketUpdate {
    let types = |types: &Option<Vec<String>>| types.clone().unwrap_or_default();
    BucketUpdate {
        public: update.public.filter(|public| *public != now.public),
        file_size_limit: update.file_size_limit.filter(|limit| *limit != now.file_size_limit),
        allowed_mime_types: update
            .allowed_mime_types
            .clone()
            .filter(|wanted| types(wanted) != types(&now.allowed_mime_types)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_another_is_sent() {
        let now: Bucket = serde_json::from_value(serde_json::json!({
            "id": "b", "name": "b", "public": true, "file_size_limit": 5_000_000, "allowed_mime_types": null,
        }))
        .unwrap();
        let same = BucketUpdate {
            public: Some(true),
            file_size_limit: Some(Some(5_000_000)),
            // The server takes both for any type.
            allowed_mime_types: Some(Some(Vec::new())),
        };
        assert_eq!(what_changes(&now, &same), BucketUpdate::default());
        let other = BucketUpdate {
            public: Some(false),
            file_size_limit: Some(None),
            allowed_mime_types: None,
        };
        assert_eq!(what_changes(&now, &other), other);
    }
}
