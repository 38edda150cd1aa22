//! All objects of a bucket at one time.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::row::name_of;
use super::{Contents, Folder, Mode, Order, PLACEHOLDER, Query, QueryError, Row, SortBy, TRASH, Total, natural};
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

/// All objects of a bucket at one time. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Index {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    bucket: BucketName,
    version: u64,
    state: Coverage,
    entries: Vec<Entry>,
    /// Sums of the sizes before each entry, and of the entries without a size.
    sums: Vec<(u64, u32)>,
}

impl Index {
    /// Makes an index of rows in any order.
    #[must_use]
    pub fn new(bucket: BucketName, version: u64, state: Coverage, mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        // Pages of a listing overlap if objects are added while it is read.
        entries.dedup_by(|a, b| a.key == b.key);
        let mut sums = Vec::with_capacity(entries.len() + 1);
        let mut sum = (0_u64, 0_u32);
        sums.push(sum);
        for entry in &entries {
            sum = (
                sum.0.saturating_add(entry.size.unwrap_or(0)),
                sum.1 + u32::from(entry.size.is_none()),
            );
            sums.push(sum);
        }
        Self {
            inner: Arc::new(Inner {
                bucket,
                version,
                state,
                entries,
                sums,
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

    /// Objects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.entries.len()
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
        let entry = self.inner.entries.get(id as usize)?;
        Some(Row {
            key: &entry.key,
            size: entry.size,
            content_type: entry.content_type.as_deref(),
            modified: entry.updated_at.or(entry.created_at),
            created: entry.created_at,
            cache_control: entry.cache_control.as_deref(),
            etag: entry.etag.as_deref().map(Cow::Borrowed),
        })
    }

    /// The id of an object in this index.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<u32> {
        let found = self.inner.entries.binary_search_by(|entry| entry.key.as_str().cmp(key));
        found.ok().map(|at| at as u32)
    }

    /// What is in the folder whose keys begin with `prefix`, at any depth.
    #[must_use]
    pub fn folder_total(&self, prefix: &str) -> Total {
        self.total_of(self.range(prefix, 0))
    }

    /// What some objects come to.
    #[must_use]
    pub fn total_of_each(&self, objects: impl IntoIterator<Item = u32>) -> Total {
        let sizes = objects.into_iter().filter_map(|id| self.inner.entries.get(id as usize));
        sizes.fold(Total::default(), |total, entry| total.with(entry.size))
    }

    /// The answer to a query. It may take a while: not for the window's thread.
    ///
    /// # Errors
    /// If the text to look for is wrong in itself.
    pub fn answer(&self, query: &Query) -> Result<Contents, QueryError> {
        let began = Instant::now();
        let words: Vec<String> = query.text.split_whitespace().map(str::to_lowercase).collect();
        let entries = &self.inner.entries;
        let range = self.range(&query.folder, 0);
        let shows_trash = query.trash || query.folder.starts_with(TRASH);
        let mut folders = Vec::new();
        let mut objects = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let entry = &entries[at];
            let rest = &entry.key[query.folder.len()..];
            if !query.deep
                && let Some(length) = rest.find('/')
            {
                let inside = &entry.key[..=query.folder.len() + length];
                let end = self.range(inside, at).end;
                let name = rest[..length].to_owned();
                if (shows_trash || inside != TRASH) && matches(&name, &words, query.mode) {
                    folders.push(Folder {
                        name,
                        prefix: inside.to_owned(),
                        total: self.total_of(at..end),
                    });
                }
                at = end;
                continue;
            }
            let shown = (shows_trash || !entry.key.starts_with(TRASH))
                && (query.placeholders || name_of(&entry.key) != PLACEHOLDER);
            if shown && matches(rest, &words, query.mode) && passes(entry, query) {
                objects.push(at as u32);
            }
            at += 1;
        }
        sort_folders(&mut folders, query.order);
        objects.sort_by(|a, b| compare(&entries[*a as usize], &entries[*b as usize], query.order.by));
        if query.order.descending {
            objects.reverse();
        }
        Ok(Contents {
            folders,
            total: self.total_of_each(objects.iter().copied()),
            objects: objects.into(),
            took: began.elapsed(),
        })
    }

    fn total_of(&self, range: Range<usize>) -> Total {
        let sums = &self.inner.sums;
        Total {
            objects: range.len() as u64,
            bytes: sums[range.end].0 - sums[range.start].0,
            partial: sums[range.end].1 > sums[range.start].1,
        }
    }

    /// The entries from `from` on whose key begins with `prefix`.
    fn range(&self, prefix: &str, from: usize) -> Range<usize> {
        let entries = &self.inner.entries;
        let start = from + entries[from..].partition_point(|entry| entry.key.as_str() < prefix);
        let length = entries[start..].partition_point(|entry| entry.key.starts_with(prefix));
        start..start + length
    }
}

fn matches(text: &str, words: &[String], mode: Mode) -> bool {
    let text = text.to_lowercase();
    words.iter().all(|word| match mode {
        Mode::Substring | Mode::Regex => text.contains(word.as_str()),
        Mode::Fuzzy => {
            let mut letters = text.chars();
            word.chars().all(|c| letters.any(|letter| letter == c))
        }
    })
}

fn passes(entry: &Entry, query: &Query) -> bool {
    let filters = &query.filters;
    let modified = entry.updated_at.or(entry.created_at);
    let is_kind = |kind: &String| {
        let declared = entry.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        let kind = kind.to_ascii_lowercase();
        match kind.strip_suffix('*') {
            Some(beginning) => declared.starts_with(beginning),
            None => declared == kind,
        }
    };
    filters
        .min_size
        .is_none_or(|min| entry.size.is_some_and(|size| size >= min))
        && filters
            .max_size
            .is_none_or(|max| entry.size.is_some_and(|size| size <= max))
        && filters.after.is_none_or(|after| modified.is_some_and(|at| at >= after))
        && filters
            .before
            .is_none_or(|before| modified.is_some_and(|at| at < before))
        && (filters.kinds.is_empty() || filters.kinds.iter().any(is_kind))
}

fn compare(a: &Entry, b: &Entry, by: SortBy) -> Ordering {
    let first = match by {
        SortBy::Name | SortBy::Match => Ordering::Equal,
        SortBy::Size => a.size.cmp(&b.size),
        SortBy::Type => a.content_type.cmp(&b.content_type),
        SortBy::Modified => a.updated_at.or(a.created_at).cmp(&b.updated_at.or(b.created_at)),
        SortBy::CacheControl => a.cache_control.cmp(&b.cache_control),
    };
    first
        .then_with(|| natural::compare(name_of(&a.key), name_of(&b.key)))
        .then_with(|| a.key.cmp(&b.key))
}

/// Folders have no time and no type of their own: those orders leave them by name.
fn sort_folders(folders: &mut [Folder], order: Order) {
    folders.sort_by(|a, b| match order.by {
        SortBy::Size => a
            .total
            .bytes
            .cmp(&b.total.bytes)
            .then_with(|| natural::compare(&a.name, &b.name)),
        _ => natural::compare(&a.name, &b.name),
    });
    if order.descending && matches!(order.by, SortBy::Name | SortBy::Size) {
        folders.reverse();
    }
}
