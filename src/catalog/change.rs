//! Rows put into an index and taken out of it. Segments that nothing happens to stay the same.

use std::sync::Arc;

use super::row::Row;
use super::segment::{Columns, ROWS, Segment, TEXT};
use crate::supabase::Entry;

/// What became of some objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Objects that are there now, as they are now. Of several with the same key the last one counts.
    pub put: Vec<Entry>,
    /// Keys of objects that are not there any more, unless they are put.
    pub removed: Vec<String>,
}

impl Changes {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.removed.is_empty()
    }
}

/// The segments with the changes.
pub(super) fn merged(segments: &[Arc<Segment>], changes: Changes) -> Vec<Arc<Segment>> {
    let Changes { mut put, mut removed } = changes;
    // Stable, so that the last of several is the last.
    put.sort_by(|a, b| a.key.cmp(&b.key));
    removed.sort_unstable();
    let (mut put, mut removed) = (put.as_slice(), removed.as_slice());
    let mut result = Vec::with_capacity(segments.len() + put.len() / ROWS + 1);
    for (at, segment) in segments.iter().enumerate() {
        // What lies between two segments goes into the one before; what lies before all, into the first.
        let end = segments.get(at + 1).map(|next| next.first());
        let split = |keys: usize, key: &dyn Fn(usize) -> bool| match end {
            Some(_) => partition(keys, key),
            None => keys,
        };
        let is_before = |key: &str| end.is_some_and(|end| key < end);
        let (here, rest) = put.split_at(split(put.len(), &|at| is_before(&put[at].key)));
        put = rest;
        let (gone, rest) = removed.split_at(split(removed.len(), &|at| is_before(&removed[at])));
        removed = rest;
        if here.is_empty() && gone.is_empty() {
            result.push(Arc::clone(segment));
        } else {
            rebuild(Some(segment), here, gone, &mut result);
        }
    }
    rebuild(None, put, &[], &mut result);
    result
}

/// The first of `many` for which it does not hold, if it holds for none after that.
fn partition(many: usize, holds: &dyn Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, many);
    while low < high {
        let middle = usize::midpoint(low, high);
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The rows of a segment with changes, as one segment or several.
fn rebuild(segment: Option<&Arc<Segment>>, mut put: &[Entry], mut removed: &[String], result: &mut Vec<Arc<Segment>>) {
    let old = segment.map_or(0, |segment| segment.len());
    // One that has grown a little is not split, or each of many small changes would make more.
    let parts = ((old + put.len()) / (2 * ROWS) + 1).max(put.len().div_ceil(ROWS).min(put.len()));
    let limit = (old + put.len()).div_ceil(parts.max(1)).max(1);
    let mut columns = Columns::default();
    let mut add = |row: &Row<'_>| {
        if columns.len() >= limit || columns.keys.text().len() > TEXT {
            result.push(Segment::new(std::mem::take(&mut columns)));
        }
        columns.push(row);
    };
    let mut next_put = move |before: Option<&str>| {
        while let Some((first, rest)) = put.split_first() {
            if before.is_some_and(|key| first.key.as_str() > key) {
                return None;
            }
            put = rest;
            // Of several with the same key, the last one.
            if rest.first().is_none_or(|next| next.key != first.key) {
                return Some(first);
            }
        }
        None
    };
    if let Some(segment) = segment {
        for row in 0..segment.len() {
            let key = segment.key(row);
            let mut is_replaced = false;
            while let Some(entry) = next_put(Some(key)) {
                is_replaced |= entry.key == key;
                add(&Row::from(entry));
            }
            while removed.first().is_some_and(|gone| gone.as_str() < key) {
                removed = &removed[1..];
            }
            let is_gone = removed.first().is_some_and(|gone| gone == key);
            if !is_replaced && !is_gone {
                add(&segment.row(row));
            }
        }
    }
    while let Some(entry) = next_put(None) {
        add(&Row::from(entry));
    }
    if columns.len() > 0 {
        result.push(Segment::new(columns));
    }
}
