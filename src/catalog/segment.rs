//! Some thousand rows of an index in columns, in the byte order of their keys. What does not change between two indexes of a
//! bucket is the same segment in both.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::Total;
use super::arena::Arena;
use super::etags::Etags;
use super::row::Row;

/// Rows after which a listing begins another segment.
pub(super) const ROWS: usize = 8_192;
/// Bytes of keys after which it does so sooner: places in them are 32 bits wide.
pub(super) const TEXT: usize = 64 << 20;
/// Rows that share a sum of sizes.
const BLOCK: usize = 64;
/// Stands for a size that is not known.
pub(super) const NO_SIZE: u64 = u64::MAX;
/// What says that it is larger is not believed: its size is not known. No storage takes objects of a hundredth of it.
pub(super) const LARGEST: u64 = 1 << 53;
/// Stands for a time that is not known.
pub(super) const NO_TIME: i64 = i64::MIN;
/// Stands for a word that is not known.
pub(super) const NO_WORD: u16 = u16::MAX;

/// What the rows before some row come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// Wide enough for any number of rows, so that differences are exact.
    bytes: u128,
    unknown: u32,
}

impl Sum {
    pub(super) fn with(self, size: u64) -> Self {
        if size == NO_SIZE {
            Self {
                unknown: self.unknown + 1,
                ..self
            }
        } else {
            Self {
                bytes: self.bytes + u128::from(size),
                ..self
            }
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            unknown: self.unknown + other.unknown,
        }
    }

    /// What comes between an earlier sum and this one.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(earlier.bytes),
            unknown: self.unknown.saturating_sub(earlier.unknown),
        }
    }

    pub(super) fn total(self, objects: u64) -> Total {
        Total {
            objects,
            bytes: u64::try_from(self.bytes).unwrap_or(u64::MAX),
            partial: self.unknown > 0,
        }
    }
}

/// The columns of a segment as they are on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) keys: Arena,
    pub(super) sizes: Vec<u64>,
    /// Microseconds since 1970.
    pub(super) modified: Vec<i64>,
    pub(super) created: Vec<i64>,
    /// Places in `words`.
    pub(super) types: Vec<u16>,
    pub(super) caches: Vec<u16>,
    pub(super) words: Vec<Box<str>>,
    pub(super) etags: Etags,
}

/// Rows in the byte order of their keys, each key once, at least one.
#[derive(Debug)]
pub(super) struct Segment {
    columns: Columns,
    /// Before each block of rows.
    sums: Vec<Sum>,
    sum: Sum,
    /// Whether a key has the line break in it that separates keys.
    has_breaks: bool,
    /// The keys without their case; None if that is what they are.
    folded: OnceLock<Option<Arena>>,
    /// The letters of each key without its case, a bit for each of some.
    bags: OnceLock<Vec<u64>>,
}

impl Segment {
    /// Of columns that are in order.
    pub(super) fn new(mut columns: Columns) -> Arc<Self> {
        columns.shrink();
        let mut sums = Vec::with_capacity(columns.sizes.len() / BLOCK + 1);
        let mut sum = Sum::default();
        for (at, size) in columns.sizes.iter().enumerate() {
            if at % BLOCK == 0 {
                sums.push(sum);
            }
            sum = sum.with(*size);
        }
        Arc::new(Self {
            has_breaks: columns.keys.has_breaks(),
            sums,
            sum,
            columns,
            folded: OnceLock::new(),
            bags: OnceLock::new(),
        })
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    pub(super) fn len(&self) -> usize {
        self.columns.sizes.len()
    }

    pub(super) fn key(&self, row: usize) -> &str {
        self.columns.keys.get(row)
    }

    pub(super) fn first(&self) -> &str {
        self.key(0)
    }

    pub(super) fn last(&self) -> &str {
        self.key(self.len() - 1)
    }

    pub(super) fn size(&self, row: usize) -> u64 {
        self.columns.sizes[row]
    }

    pub(super) fn row(&self, row: usize) -> Row<'_> {
        self.columns.row(row)
    }

    pub(super) fn sum(&self) -> Sum {
        self.sum
    }

    /// What the rows before one come to.
    pub(super) fn sum_before(&self, row: usize) -> Sum {
        if row >= self.len() {
            return self.sum;
        }
        let block = row / BLOCK;
        let rest = &self.columns.sizes[block * BLOCK..row];
        rest.iter().fold(self.sums[block], |sum, size| sum.with(*size))
    }

    pub(super) fn has_breaks(&self) -> bool {
        self.has_breaks
    }

    /// The keys without their case.
    pub(super) fn folded(&self) -> &Arena {
        let folded = self.folded.get_or_init(|| self.columns.keys.folded());
        folded.as_ref().unwrap_or(&self.columns.keys)
    }

    /// The letters of each key.
    pub(super) fn bags(&self) -> &[u64] {
        self.bags.get_or_init(|| {
            let keys = self.folded();
            (0..self.len()).map(|row| bag(keys.get(row).as_bytes())).collect()
        })
    }

    /// The first row whose key is not less.
    pub(super) fn lower(&self, key: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.key(middle) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The row after the last one, of those from `from` on, whose key begins with `prefix`, which that of `from` does. Soon
    /// found if it is near.
    pub(super) fn end_of(&self, prefix: &str, from: usize) -> usize {
        let (mut low, mut step) = (from, 1);
        let high = loop {
            let next = low + step;
            if next >= self.len() {
                break self.len();
            }
            if !self.key(next).starts_with(prefix) {
                break next;
            }
            low = next;
            step *= 2;
        };
        // The key of `low` begins with it, that of `high` does not or is none.
        let (mut low, mut high) = (low + 1, high);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.key(middle).starts_with(prefix) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The letters of a text without case: a bit for each of a to z and of the digits, and one for some others together.
pub(super) fn bag(text: &[u8]) -> u64 {
    text.iter().fold(0, |bag, byte| {
        bag | 1
            << match byte {
                b'a'..=b'z' => byte - b'a',
                b'0'..=b'9' => byte - b'0' + 26,
                other => other % 28 + 36,
            }
    })
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Adds a row whose key is greater than all others.
    pub(super) fn push(&mut self, row: &Row<'_>) {
        self.keys.push(row.key);
        self.sizes
            .push(row.size.filter(|size| *size <= LARGEST).unwrap_or(NO_SIZE));
        self.modified.push(micros(row.modified));
        self.created.push(micros(row.created));
        let (kind, cache) = (self.word(row.content_type), self.word(row.cache_control));
        self.types.push(kind);
        self.caches.push(cache);
        self.etags.push(row.etag.as_deref());
    }

    /// A copy of some rows of another.
    pub(super) fn extend(&mut self, other: &Self, rows: Range<usize>) {
        for row in rows {
            self.push(&other.row(row));
        }
    }

    fn word(&mut self, word: Option<&str>) -> u16 {
        let Some(word) = word else { return NO_WORD };
        // There are few of them, as a rule; where there are many, one that comes again may be kept again.
        let known = self.words.iter().rev().take(64).position(|known| **known == *word);
        let place = match known {
            Some(back) => self.words.len() - 1 - back,
            None => {
                self.words.push(word.into());
                self.words.len() - 1
            }
        };
        // A segment has at most two words a row, and never half as many rows as this type has values.
        u16::try_from(place).unwrap_or(NO_WORD)
    }

    pub(super) fn row(&self, row: usize) -> Row<'_> {
        let word = |place: u16| self.words.get(usize::from(place)).map(AsRef::as_ref);
        let size = self.sizes[row];
        Row {
            key: self.keys.get(row),
            size: (size != NO_SIZE).then_some(size),
            content_type: word(self.types[row]),
            modified: time(self.modified[row]),
            created: time(self.created[row]),
            cache_control: word(self.caches[row]),
            etag: self.etags.get(row).map(Cow::Owned),
        }
    }

    fn shrink(&mut self) {
        self.keys.shrink();
        self.sizes.shrink_to_fit();
        self.modified.shrink_to_fit();
        self.created.shrink_to_fit();
        self.types.shrink_to_fit();
        self.caches.shrink_to_fit();
        self.words.shrink_to_fit();
        self.etags.shrink();
    }
}

/// As it is kept: of the real server's times nothing is lost.
pub(super) fn micros(time: Option<Timestamp>) -> i64 {
    time.map_or(NO_TIME, Timestamp::as_microsecond)
}

fn time(micros: i64) -> Option<Timestamp> {
    // The value that stands for none is no time.
    Timestamp::from_microsecond(micros).ok()
}
