//! What takes the space of the open bucket, asked of its index off the window's thread. No egui.

use std::time::{Duration, Instant};

use crate::catalog::{Index, UsageQuery};
use crate::service::{BucketUsage, Load, Service};
use crate::supabase::BucketName;

/// While a bucket is listed it is not asked more often.
const AGAIN: Duration = Duration::from_secs(2);

/// By what the space is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// By folder.
    #[default]
    Folder,
    /// By declared type.
    Type,
    /// By when it was last written.
    Age,
}

/// An index, and what was found out of it: the ids of the one are those of the other.
#[derive(Debug)]
pub struct Known {
    /// What was asked.
    pub index: Index,
    /// What it said.
    pub usage: BucketUsage,
}

/// What is shown of the space.
#[derive(Debug, Default)]
pub struct UsagePane {
    /// Whether it is shown in the place of the inspector.
    pub open: bool,
    /// By what.
    pub by: By,
    known: Load<Known>,
    /// The bucket and the version of its index that were asked last, and when.
    asked: Option<(BucketName, u64, Instant)>,
}

impl UsagePane {
    /// Takes in what has arrived, and asks again where there is a newer index. Answers after which time it is to be called once
    /// more, if nothing else happens.
    pub fn poll(&mut self, bucket: Option<&BucketName>, service: &Service) -> Option<Duration> {
        self.known.poll();
        let bucket = bucket.filter(|_| self.open)?;
        let is_other = self.asked.as_ref().is_none_or(|(asked, ..)| asked != bucket);
        if is_other {
            self.known.clear();
            self.asked = None;
        }
        let index = service.index(bucket)?;
        if let Some((_, version, at)) = &self.asked {
            if *version == index.version() || self.known.is_loading() {
                return None;
            }
            if let Some(left) = AGAIN.checked_sub(at.elapsed()) {
                return Some(left);
            }
        }
        self.asked = Some((bucket.clone(), index.version(), Instant::now()));
        self.known.start(service.load(|service| async move {
            let query = UsageQuery {
                depth: 2,
                folders: 60,
                objects: 5,
                ..UsageQuery::default()
            };
            let usage = service.usage(index.clone(), query).await?;
            Ok(Known { index, usage })
        }));
        None
    }

    /// What is known, and whether it is being asked for anew.
    pub fn known(&self) -> &Load<Known> {
        &self.known
    }
}
