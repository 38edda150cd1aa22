//! The answer to a query: folders skipped or walked through, texts found, filters applied, all of it sorted.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::search::{Field, Matcher};
use super::segment::{NO_SIZE, NO_TIME, Segment, micros};
use super::threads::{at_once, pieces};
use super::{Contents, Filters, Folder, Index, Order, PLACEHOLDER, Query, QueryError, SortBy, TRASH, natural};

impl Index {
    /// The answer to a query. It may take a while: not for the window's thread.
    ///
    /// # Errors
    /// If the text to look for is wrong in itself.
    pub fn answer(&self, query: &Query) -> Result<Contents, QueryError> {
        self.answer_unless(query, &AtomicBool::new(false))
    }

    /// As [`Index::answer`], which ends early when nobody waits for it any more.
    ///
    /// # Errors
    /// Also [`QueryError::Stopped`].
    pub fn answer_unless(&self, query: &Query, stopped: &AtomicBool) -> Result<Contents, QueryError> {
        let began = Instant::now();
        let matcher = Matcher::new(&query.text, query.mode)?;
        let ranges = self.ranges(query);
        let filter = Filter::new(query);
        let mut folders = Vec::new();
        let mut direct = Vec::new();
        if !query.deep {
            for range in &ranges {
                self.walk(range.clone(), &query.folder, &mut folders, &mut direct);
            }
            if let Some(matcher) = &matcher {
                folders.retain(|folder| matcher.matches(&folder.name).is_some());
            }
            sort_folders(&mut folders, query.order);
        }
        // In a folder of many, its own objects are judged; in one with many below, only these.
        let mut hits: Vec<(u32, i32)> = Vec::new();
        let mut objects: Vec<u32> = Vec::new();
        match (&matcher, query.deep) {
            (None, false) => objects = self.judged(direct, &filter),
            (Some(matcher), false) => {
                for range in consecutive(&direct) {
                    hits.extend(self.matching(range, query, Some(matcher), &filter, stopped));
                }
            }
            (matcher, true) => {
                for range in ranges {
                    hits.extend(self.matching(range, query, matcher.as_ref(), &filter, stopped));
                }
            }
        }
        if stopped.load(Ordering::Relaxed) {
            return Err(QueryError::Stopped);
        }
        let by_match = query.order.by == SortBy::Match && matches!(matcher, Some(Matcher::Fuzzy(_)));
        if !by_match {
            objects.extend(hits.iter().map(|(id, _)| *id));
        }
        let objects = if by_match {
            self.sort_by_match(hits, query.order.descending)
        } else if query.order.by == SortBy::UsedBy {
            self.sort_by_use(objects, &query.uses, query.order.descending)
        } else {
            self.sort(objects, query.order)
        };
        Ok(Contents {
            folders,
            total: self.total_of_each(objects.iter().copied()),
            objects: objects.into(),
            took: began.elapsed(),
        })
    }

    /// The rows that are asked about: those of the folder, without the trash.
    fn ranges(&self, query: &Query) -> Vec<Range<usize>> {
        let all = self.range_from(&query.folder, self.lower(&query.folder));
        if query.trash || query.folder.starts_with(TRASH) {
            return vec![all];
        }
        let trash = self.range_from(TRASH, self.lower(TRASH));
        let before = all.start..all.end.min(trash.start);
        let after = all.start.max(trash.end)..all.end;
        [before, after]
            .into_iter()
            .filter(|range| range.start < range.end)
            .collect()
    }

    /// The folders and the objects directly in a folder, of some of its rows.
    pub(super) fn walk(&self, range: Range<usize>, folder: &str, folders: &mut Vec<Folder>, objects: &mut Vec<u32>) {
        let mut at = range.start;
        while at < range.end {
            let Some((segment, row)) = self.place(at) else { return };
            // Within the segment for as long as there is no folder to skip.
            let rows = row..(row + range.end - at).min(segment.len());
            let mut skipped = None;
            for row in rows.clone() {
                let key = segment.key(row);
                let Some(length) = memchr::memchr(b'/', &key.as_bytes()[folder.len()..]) else {
                    objects.push((at + row - rows.start) as u32);
                    continue;
                };
                let start = at + row - rows.start;
                let prefix = &key[..=folder.len() + length];
                let end = self.range_from(prefix, start).end;
                folders.push(Folder {
                    name: prefix[folder.len()..prefix.len() - 1].to_owned(),
                    prefix: prefix.to_owned(),
                    total: self.total_of(start..end),
                });
                skipped = Some(end);
                break;
            }
            at = skipped.unwrap_or(at + rows.len());
        }
    }

    /// Those of some rows that pass.
    fn judged(&self, mut rows: Vec<u32>, filter: &Filter<'_>) -> Vec<u32> {
        if !filter.is_needed() {
            return rows;
        }
        let mut known: Option<(usize, Judge<'_>)> = None;
        rows.retain(|id| {
            let at = self.segment_of(*id as usize);
            let Some(segment) = self.segments().get(at) else {
                return false;
            };
            let judge = match known.take() {
                Some((of, judge)) if of == at => judge,
                _ => filter.judge(segment),
            };
            let passes = judge.passes(*id as usize - self.segment_start(at));
            known = Some((at, judge));
            passes
        });
        rows
    }

    /// The rows of a range that match and pass.
    fn matching(
        &self,
        range: Range<usize>,
        query: &Query,
        matcher: Option<&Matcher>,
        filter: &Filter<'_>,
        stopped: &AtomicBool,
    ) -> Vec<(u32, i32)> {
        if range.is_empty() {
            return Vec::new();
        }
        let first = self.segment_of(range.start);
        let last = self.segment_of(range.end - 1);
        let found = at_once(pieces(last + 1 - first), |part| {
            let mut found = Vec::new();
            for at in part {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let at = first + at;
                let (segment, start) = (&self.segments()[at], self.segment_start(at));
                let rows = range.start.saturating_sub(start)..(range.end - start).min(segment.len());
                let judge = filter.judge(segment);
                match matcher {
                    Some(matcher) => {
                        let field = Field {
                            segment,
                            rows,
                            folder: &query.folder,
                        };
                        matcher.search(&field, &mut |row, score| {
                            if judge.passes(row) {
                                found.push(((start + row) as u32, score));
                            }
                        });
                    }
                    None => found.extend(
                        rows.filter(|row| judge.passes(*row))
                            .map(|row| ((start + row) as u32, 0)),
                    ),
                }
            }
            found
        });
        let mut parts = found.into_iter();
        let mut all = parts.next().unwrap_or_default();
        parts.for_each(|part| all.extend(part));
        all
    }
}

/// Ascending ids as ranges of consecutive ones.
fn consecutive(ids: &[u32]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for id in ids {
        let id = *id as usize;
        match ranges.last_mut() {
            Some(last) if last.end == id => last.end += 1,
            _ => ranges.push(id..id + 1),
        }
    }
    ranges
}

/// What objects must be like, in the units of the columns.
struct Filter<'a> {
    filters: &'a Filters,
    kinds: Vec<String>,
    min_size: u64,
    max_size: u64,
    any_size: bool,
    after: i64,
    before: i64,
    any_time: bool,
    placeholders: bool,
}

impl<'a> Filter<'a> {
    fn new(query: &'a Query) -> Self {
        let filters = &query.filters;
        Self {
            kinds: filters
                .kinds
                .iter()
                .map(|kind| kind.trim().to_ascii_lowercase())
                .collect(),
            min_size: filters.min_size.unwrap_or(0),
            max_size: filters.max_size.unwrap_or(NO_SIZE - 1).min(NO_SIZE - 1),
            any_size: filters.min_size.is_none() && filters.max_size.is_none(),
            after: filters.after.map_or(NO_TIME + 1, |after| micros(Some(after))),
            before: filters.before.map_or(i64::MAX, |before| micros(Some(before))),
            any_time: filters.after.is_none() && filters.before.is_none(),
            placeholders: query.placeholders,
            filters,
        }
    }

    /// Whether anything has to be judged: nothing has, if everything is asked for.
    fn is_needed(&self) -> bool {
        !self.placeholders || !self.filters.is_empty()
    }

    fn judge<'s>(&'s self, segment: &'s Segment) -> Judge<'s> {
        let is_kind = |word: &str| {
            let word = word.to_ascii_lowercase();
            self.kinds.iter().any(|kind| match kind.strip_suffix('*') {
                Some(beginning) => word.starts_with(beginning),
                // `text/plain; charset=utf-8` is `text/plain`.
                None => word == *kind || word.split(';').next().is_some_and(|bare| bare.trim() == kind),
            })
        };
        let words = &segment.columns().words;
        Judge {
            kinds: (!self.kinds.is_empty()).then(|| words.iter().map(|word| is_kind(word)).collect()),
            filter: self,
            segment,
        }
    }
}

/// A filter for the rows of one segment.
struct Judge<'a> {
    filter: &'a Filter<'a>,
    segment: &'a Segment,
    /// Of each word of the segment, whether it is a type that passes.
    kinds: Option<Vec<bool>>,
}

impl Judge<'_> {
    fn passes(&self, row: usize) -> bool {
        let (filter, columns) = (self.filter, self.segment.columns());
        let size = columns.sizes[row];
        let modified = columns.modified[row];
        (filter.any_size || (filter.min_size <= size && size <= filter.max_size))
            && (filter.any_time || (filter.after <= modified && modified < filter.before))
            && self.kinds.as_ref().is_none_or(|kinds| {
                let kind = kinds.get(usize::from(columns.types[row]));
                kind.copied().unwrap_or(false)
            })
            && (filter.placeholders || !is_placeholder(self.segment.key(row)))
    }
}

/// Whether an object is there only to keep its folder alive.
fn is_placeholder(key: &str) -> bool {
    key.strip_suffix(PLACEHOLDER)
        .is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
}

/// Folders have no time and no type of their own: those orders leave them by name.
fn sort_folders(folders: &mut [Folder], order: Order) {
    let by_name = |a: &Folder, b: &Folder| natural::compare(&a.name, &b.name);
    match order.by {
        SortBy::Size => folders.sort_by(|a, b| a.total.bytes.cmp(&b.total.bytes).then_with(|| by_name(a, b))),
        _ => folders.sort_by(by_name),
    }
    if order.descending && matches!(order.by, SortBy::Name | SortBy::Size) {
        folders.reverse();
    }
}
