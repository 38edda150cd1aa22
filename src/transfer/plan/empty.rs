//! Buckets that are emptied, or deleted with everything in them. The plan has one row, the bucket: what is in it is looked at
//! again while it goes, so a plan of each object would neither be kept to nor fit into memory.

use super::request::counted;
use super::{Action, Kind, Place, Plan, PlanError, PlanItem, Planner, Rules, Seen, Step};
use crate::media::format_bytes;
use crate::supabase::BucketName;

/// Which bucket is to be emptied.
#[derive(Clone, Debug)]
pub struct EmptyOrder {
    /// Which.
    pub bucket: BucketName,
    /// Whether the bucket goes too.
    pub then_delete: bool,
}

impl Planner<'_> {
    /// Plans that everything in a bucket goes for good, and the bucket too if that is asked. Says how much that is now.
    ///
    /// # Errors
    /// If the bucket is not there, cannot be listed, or it was stopped.
    pub async fn empty(&self, order: &EmptyOrder) -> Result<Plan, PlanError> {
        let (_, objects) = self.bucket(&order.bucket).await?;
        let (mut count, mut bytes) = (0usize, 0u64);
        let mut listing = objects.list("");
        while let Some(page) = self.wait(listing.next()).await?? {
            count += page.entries.len();
            bytes = page
                .entries
                .iter()
                .filter_map(|entry| entry.size)
                .fold(bytes, u64::saturating_add);
            self.tell(Step::Listing, count, None);
        }
        let what = format!("{}, {}", counted(count, "object"), format_bytes(bytes));
        let bucket = order.bucket.as_str();
        let (kind, title) = if order.then_delete {
            (Kind::DeleteBucket, format!("Delete the bucket {bucket} with {what}"))
        } else {
            (Kind::Empty, format!("Delete everything in {bucket} for good: {what}"))
        };
        let needless = count == 0 && !order.then_delete;
        let item = PlanItem {
            from: Place::Bucket {
                bucket: bucket.to_owned(),
            },
            to: None,
            action: if needless { Action::Identical } else { Action::New },
            why: if needless {
                "It is empty already.".to_owned()
            } else {
                what
            },
            media_type: None,
            size: Some(bytes),
            dimensions: None,
            seen: Seen::default(),
            replaces: None,
            renamed_from: None,
        };
        let rules = Rules {
            keep_trash: false,
            ..Rules::default()
        };
        Ok(self.plan(kind, title, &rules, vec![item], Vec::new()))
    }
}
