//! An index made of the pages of a listing, while they come.

use std::sync::Arc;

use jiff::Timestamp;

use super::change::merged;
use super::row::Row;
use super::segment::{Columns, ROWS, Segment, TEXT};
use super::{Changes, Coverage, Index};
use crate::supabase::{BucketName, Entry};

/// A part of a listing that can be kept on disk.
#[derive(Clone, Debug)]
pub struct Closed {
    pub(super) segments: Vec<Arc<Segment>>,
}

/// A listing that has come to its end.
#[derive(Clone, Debug)]
pub struct Finished {
    /// All objects.
    pub index: Index,
    /// Segments that are kept already.
    pub(super) given: usize,
}

/// A listing that is under way. Pages in the byte order of their keys are appended; others are merged, and then what was
/// known before is shown until all is there.
#[derive(Debug)]
pub struct Builder {
    bucket: BucketName,
    /// What was known before, if it was complete once.
    base: Option<Index>,
    segments: Vec<Arc<Segment>>,
    /// Segments before these were given out by [`Builder::closed`].
    given: usize,
    open: Columns,
    in_order: bool,
    may_miss: bool,
    listed: u64,
}

impl Builder {
    /// Begins to list a bucket of which `base` was known before.
    #[must_use]
    pub fn new(bucket: BucketName, base: Option<Index>) -> Self {
        Self {
            bucket,
            base: base.filter(|base| base.state().complete_at().is_some()),
            segments: Vec::new(),
            given: 0,
            open: Columns::default(),
            in_order: true,
            may_miss: false,
            listed: 0,
        }
    }

    /// Goes on where another listing broke off, which had these.
    #[must_use]
    pub fn go_on(bucket: BucketName, base: Option<Index>, listed: &Index) -> Self {
        let segments = listed.segments().to_vec();
        Self {
            given: segments.len(),
            listed: listed.len() as u64,
            segments,
            ..Self::new(bucket, base)
        }
    }

    /// Takes a page. `may_miss` if it is of an API that leaves objects out.
    pub fn page(&mut self, entries: Vec<Entry>, may_miss: bool) {
        self.listed += entries.len() as u64;
        self.may_miss |= may_miss;
        let ascends = entries.windows(2).all(|pair| pair[0].key < pair[1].key);
        let follows = match (self.last(), entries.first()) {
            (Some(last), Some(first)) => last < first.key.as_str(),
            _ => true,
        };
        if ascends && follows {
            for entry in &entries {
                // No server gives so many at once that one would have to end within a page.
                if self.open.len() >= 2 * ROWS || self.open.keys.text().len() >= 2 * TEXT {
                    self.close();
                }
                self.open.push(&Row::from(entry));
            }
            // Only between pages, so that what is kept of a listing ends where its cursor is.
            if self.open.len() >= ROWS || self.open.keys.text().len() >= TEXT {
                self.close();
            }
        } else {
            self.in_order = false;
            self.merge(entries);
        }
    }

    fn merge(&mut self, entries: Vec<Entry>) {
        self.close();
        let changes = Changes {
            put: entries,
            removed: Vec::new(),
        };
        self.segments = merged(&self.segments, changes);
        // What was given out may not be as it was.
        self.given = 0;
    }

    fn close(&mut self) {
        if self.open.len() > 0 {
            self.segments.push(Segment::new(std::mem::take(&mut self.open)));
        }
    }

    fn last(&self) -> Option<&str> {
        match self.open.len() {
            0 => self.segments.last().map(|segment| segment.last()),
            rows => Some(self.open.keys.get(rows - 1)),
        }
    }

    /// Objects listed so far.
    #[must_use]
    pub fn listed(&self) -> u64 {
        self.listed
    }

    /// Rows that it has: fewer than were listed, if pages overlap.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let closed: usize = self.segments.iter().map(|segment| segment.len()).sum();
        (closed + self.open.len()) as u64
    }

    /// Objects that are expected: as many as there were.
    #[must_use]
    pub fn expected(&self) -> Option<u64> {
        self.base.as_ref().map(|base| (base.len() as u64).max(self.listed))
    }

    /// What has to be kept of it since it was asked for last, if everything listed would be kept then, so that the listing
    /// can be gone on with from here.
    pub fn closed(&mut self) -> Option<Closed> {
        let is_new = self.given < self.segments.len() && self.open.len() == 0 && self.in_order;
        is_new.then(|| {
            let segments = self.segments[self.given..].to_vec();
            self.given = self.segments.len();
            Closed { segments }
        })
    }

    /// What was given out by [`Builder::closed`] was not kept.
    pub fn nothing_kept(&mut self) {
        self.given = 0;
    }

    /// How many segments were given out by [`Builder::closed`] and are as they were.
    pub(super) fn given(&self) -> usize {
        self.given
    }

    /// What there is by now: what was listed, and behind it what was known before.
    #[must_use]
    pub fn snapshot(&self, version: u64) -> Index {
        let listed = self.listed;
        let base = self
            .base
            .as_ref()
            .and_then(|base| Some((base, base.state().complete_at()?)));
        let Some((base, at)) = base else {
            let state = Coverage::Partial { listed, expected: None };
            return Index::of(self.bucket.clone(), version, state, self.may_miss, self.so_far());
        };
        let expected = (base.len() as u64).max(listed);
        let state = Coverage::Refreshing { at, listed, expected };
        if !self.in_order {
            return base.in_state(version, state);
        }
        let mut segments = self.so_far();
        if let Some(last) = self.last() {
            let from = base.lower(last);
            let from = from + usize::from(base.key(from as u32) == Some(last));
            let at = base.segment_of(from);
            if let Some((segment, row)) = base.place(from) {
                let mut rest = Columns::default();
                rest.extend(segment.columns(), row..segment.len());
                segments.push(Segment::new(rest));
                segments.extend_from_slice(&base.segments()[at + 1..]);
            }
        } else {
            segments = base.segments().to_vec();
        }
        Index::of(
            self.bucket.clone(),
            version,
            state,
            self.may_miss || base.may_miss(),
            segments,
        )
    }

    /// Everything, once the listing has ended; and how much of it was given out by [`Builder::closed`].
    #[must_use]
    pub fn finish(mut self, version: u64, at: Timestamp) -> Finished {
        self.close();
        let state = Coverage::Complete { at };
        Finished {
            given: self.given(),
            index: Index::of(self.bucket, version, state, self.may_miss, self.segments),
        }
    }

    fn so_far(&self) -> Vec<Arc<Segment>> {
        let mut segments = self.segments.clone();
        if self.open.len() > 0 {
            segments.push(Segment::new(self.open.clone()));
        }
        segments
    }
}
