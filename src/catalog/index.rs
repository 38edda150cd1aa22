//! All objects of a bucket at one time.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::change::merged;
use super::order::Orders;
use super::row::Row;
use super::segment::{Segment, Sum};
use super::{Changes, TRASH, Total};
use crate::supabase::{BucketName, Entry};

/// How much of a bucket an index has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Everything that was listed by then.
    Complete {
        /// When the listing ended.
        at: Timestamp,
    },
    /// What was listed so far, for the first time.
    Partial {
        /// Objects so far.
        listed: u64,
        /// Objects that are expected, if anything is known of the bucket.
        expected: Option<u64>,
    },
    /// Everything that was listed by then; some of it has been listed anew since.
    Refreshing {
        /// When the older listing ended.
        at: Timestamp,
        /// Objects that were listed anew.
        listed: u64,
        /// Objects that are expected.
        expected: u64,
    },
}

impl Coverage {
    /// When everything was listed last, if it ever was.
    #[must_use]
    pub const fn complete_at(&self) -> Option<Timestamp> {
        match self {
            Self::Complete { at } | Self::Refreshing { at, .. } => Some(*at),
            Self::Partial { .. } => None,
        }
    }
}

/// All objects of a bucket at one time, with ids from 0 in the byte order of their keys. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Index {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    bucket: BucketName,
    version: u64,
    state: Coverage,
    may_miss: bool,
    segments: Vec<Arc<Segment>>,
    /// The id of the first row of each segment, and of the one that would follow.
    starts: Vec<u32>,
    /// What the segments before each come to, and all.
    sums: Vec<Sum>,
    orders: Orders,
}

impl Index {
    /// An index of rows in any order. Of rows with the same key, the last one counts.
    #[must_use]
    pub fn new(bucket: BucketName, version: u64, state: Coverage, entries: Vec<Entry>) -> Self {
        let changes = Changes {
            put: entries,
            removed: Vec::new(),
        };
        Self::of(bucket, version, state, false, merged(&[], changes))
    }

    /// Of segments in order.
    pub(super) fn of(
        bucket: BucketName,
        version: u64,
        state: Coverage,
        may_miss: bool,
        mut segments: Vec<Arc<Segment>>,
    ) -> Self {
        let (mut starts, mut sums) = (vec![0], vec![Sum::default()]);
        let (mut rows, mut sum) = (0_u32, Sum::default());
        for (at, segment) in segments.iter().enumerate() {
            // Ids are 32 bits wide. Memory for so many rows is not there yet.
            let next = u32::try_from(segment.len())
                .ok()
                .and_then(|more| rows.checked_add(more));
            let Some(next) = next else {
                tracing::warn!("{bucket} has more objects than an index can hold");
                segments.truncate(at);
                break;
            };
            rows = next;
            sum = sum.and(segment.sum());
            starts.push(rows);
            sums.push(sum);
        }
        Self {
            inner: Arc::new(Inner {
                bucket,
                version,
                state,
                may_miss,
                segments,
                starts,
                sums,
                orders: Orders::default(),
            }),
        }
    }

    /// Whose objects these are.
    #[must_use]
    pub fn bucket(&self) -> &BucketName {
        &self.inner.bucket
    }

    /// Grows with each newer index of a bucket.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.inner.version
    }

    /// How much of the bucket it has.
    #[must_use]
    pub fn state(&self) -> &Coverage {
        &self.inner.state
    }

    /// Whether it was listed by the first API, which may leave objects out: none should be called missing by this index.
    #[must_use]
    pub fn may_miss(&self) -> bool {
        self.inner.may_miss
    }

    /// Objects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.starts.last().map_or(0, |rows| *rows as usize)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything in it.
    #[must_use]
    pub fn total(&self) -> Total {
        self.total_of(0..self.len())
    }

    /// An object, by its id.
    #[must_use]
    pub fn row(&self, id: u32) -> Option<Row<'_>> {
        let (segment, row) = self.place(id as usize)?;
        Some(segment.row(row))
    }

    /// The key of an object, by its id.
    #[must_use]
    pub fn key(&self, id: u32) -> Option<&str> {
        let (segment, row) = self.place(id as usize)?;
        Some(segment.key(row))
    }

    /// All objects, in the byte order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let segments = self.inner.segments.iter();
        segments.flat_map(|segment| (0..segment.len()).map(|row| segment.row(row)))
    }

    /// The id of an object in this index.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<u32> {
        let at = self.lower(key);
        let (segment, row) = self.place(at)?;
        (segment.key(row) == key).then_some(at as u32)
    }

    /// The ids of all whose keys begin with `prefix`.
    #[must_use]
    pub fn range(&self, prefix: &str) -> Range<u32> {
        let range = self.range_from(prefix, self.lower(prefix));
        range.start as u32..range.end as u32
    }

    /// What is in the folder whose keys begin with `prefix`, at any depth.
    #[must_use]
    pub fn folder_total(&self, prefix: &str) -> Total {
        self.total_of(self.range_from(prefix, self.lower(prefix)))
    }

    /// What is not in the trash.
    #[must_use]
    pub fn total_without_trash(&self) -> Total {
        let trash = self.range_from(TRASH, self.lower(TRASH));
        self.total_of(0..trash.start).and(self.total_of(trash.end..self.len()))
    }

    /// What some objects come to.
    #[must_use]
    pub fn total_of_each(&self, objects: impl IntoIterator<Item = u32>) -> Total {
        let mut sum = Sum::default();
        let mut many = 0;
        // Neighbours are mostly in the same segment.
        let mut known = 0;
        for id in objects {
            if self.segment_start(known) > id as usize || self.segment_start(known + 1) <= id as usize {
                known = self.segment_of(id as usize);
            }
            let Some(segment) = self.inner.segments.get(known) else {
                continue;
            };
            sum = sum.with(segment.size(id as usize - self.segment_start(known)));
            many += 1;
        }
        sum.total(many)
    }

    /// The same objects, with some put and some removed.
    #[must_use]
    pub fn with(&self, changes: Changes) -> Self {
        let segments = merged(&self.inner.segments, changes);
        Self::of(
            self.inner.bucket.clone(),
            self.inner.version + 1,
            self.inner.state.clone(),
            self.inner.may_miss,
            segments,
        )
    }

    /// The same objects, where those whose keys begin with `prefix` are as they were just listed.
    #[must_use]
    pub fn with_folder(&self, prefix: &str, entries: Vec<Entry>) -> Self {
        self.with(self.changes_of_folder(prefix, entries))
    }

    /// What it takes to have those whose keys begin with `prefix` as they were just listed.
    #[must_use]
    pub fn changes_of_folder(&self, prefix: &str, mut entries: Vec<Entry>) -> Changes {
        entries.retain(|entry| entry.key.starts_with(prefix));
        let listed: std::collections::HashSet<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let known = self.range(prefix).filter_map(|id| self.key(id));
        let removed = known.filter(|key| !listed.contains(key)).map(str::to_owned).collect();
        entries.retain(|entry| !self.has(entry));
        Changes { put: entries, removed }
    }

    /// Whether it has this very row.
    fn has(&self, entry: &Entry) -> bool {
        let known = self.position(&entry.key).and_then(|id| self.row(id));
        known.is_some_and(|row| row == Row::from(entry).kept())
    }

    /// The same under another version.
    #[must_use]
    pub fn at_version(&self, version: u64) -> Self {
        self.in_state(version, self.inner.state.clone())
    }

    /// The same objects, of which something else is known.
    #[must_use]
    pub(super) fn in_state(&self, version: u64, state: Coverage) -> Self {
        let segments = self.inner.segments.clone();
        Self::of(self.inner.bucket.clone(), version, state, self.inner.may_miss, segments)
    }

    pub(super) fn segments(&self) -> &[Arc<Segment>] {
        &self.inner.segments
    }

    pub(super) fn orders(&self) -> &Orders {
        &self.inner.orders
    }

    /// The id of the first row of a segment, or behind all rows.
    pub(super) fn segment_start(&self, segment: usize) -> usize {
        let rows = self.inner.starts.get(segment);
        rows.map_or(self.len(), |rows| *rows as usize)
    }

    /// The segment that a row is in; behind all segments if it is in none.
    pub(super) fn segment_of(&self, id: usize) -> usize {
        if id >= self.len() {
            return self.inner.segments.len();
        }
        self.inner.starts.partition_point(|start| *start as usize <= id) - 1
    }

    /// The segment and the place in it of a row.
    pub(super) fn place(&self, id: usize) -> Option<(&Segment, usize)> {
        let at = self.segment_of(id);
        let segment = self.inner.segments.get(at)?;
        Some((segment.as_ref(), id - self.segment_start(at)))
    }

    /// The first row whose key is not less.
    pub(super) fn lower(&self, key: &str) -> usize {
        let segments = &self.inner.segments;
        let at = segments.partition_point(|segment| segment.last() < key);
        let inside = segments.get(at).map_or(0, |segment| segment.lower(key));
        self.segment_start(at) + inside
    }

    /// The rows whose keys begin with `prefix`, if they begin at `from`. Soon found if they are few.
    pub(super) fn range_from(&self, prefix: &str, from: usize) -> Range<usize> {
        let Some((segment, row)) = self
            .place(from)
            .filter(|(segment, row)| segment.key(*row).starts_with(prefix))
        else {
            return from..from;
        };
        let end = segment.end_of(prefix, row);
        if end < segment.len() {
            return from..from - row + end;
        }
        let segments = &self.inner.segments;
        let mut at = self.segment_of(from) + 1;
        at += segments[at..].partition_point(|segment| segment.last().starts_with(prefix));
        let inside = segments.get(at).filter(|segment| segment.first().starts_with(prefix));
        let end = self.segment_start(at) + inside.map_or(0, |segment| segment.end_of(prefix, 0));
        from..end
    }

    pub(super) fn total_of(&self, range: Range<usize>) -> Total {
        let before = |id: usize| match self.place(id) {
            Some((segment, row)) => {
                let sum = self.inner.sums[self.segment_of(id)];
                sum.and(segment.sum_before(row))
            }
            None => self.inner.sums.last().copied().unwrap_or_default(),
        };
        let (from, to) = (before(range.start), before(range.end));
        to.since(from).total(range.len() as u64)
    }
}
