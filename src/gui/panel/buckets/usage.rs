//! What takes the space of the open bucket, asked of its index off the window's thread. No egui.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::state::State;
use crate::catalog::{Growth, Index, UsageQuery};
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
            if index.version() <= *version || self.known.is_loading() {
                return None;
            }
            if let Some(left) = AGAIN.checked_sub(at.elapsed()) {
                return Some(left);
            }
        }
        self.asked = Some((bucket.clone(), index.version(), Instant::now()));
        self.known.start(service.load(|service| async move {
            let usage = service.usage(index.clone(), query(Timestamp::now())).await?;
            Ok(Known { index, usage })
        }));
        None
    }

    /// What is known, and whether it is being asked for anew.
    pub fn known(&self) -> &Load<Known> {
        &self.known
    }
}

/// As much as the pane shows.
fn query(now: Timestamp) -> UsageQuery {
    UsageQuery {
        depth: 2,
        folders: 60,
        objects: 3,
        now,
        ..UsageQuery::default()
    }
}

impl State {
    /// What takes the space of the open bucket, as it is shown.
    #[must_use]
    pub fn usage_found(&self) -> Option<&BucketUsage> {
        Some(&self.usage.known.value()?.usage)
    }

    /// Shows what an index of the open bucket says at a time, at once and until another bucket is opened: for tests, whose
    /// bucket holds less.
    #[doc(hidden)]
    pub fn show_usage(&mut self, index: Index, growth: Option<Growth>, now: Timestamp) {
        let usage = index.usage(&query(now));
        let pane = &mut self.usage;
        pane.open = true;
        // No index is newer than that.
        pane.asked = Some((index.bucket().clone(), u64::MAX, Instant::now()));
        let usage = BucketUsage { usage, growth };
        pane.known = Load::ready(Known { index, usage });
    }
}
