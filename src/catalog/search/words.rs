//! Keys that have every word in them, whatever the case.

use memchr::memmem::Finder;

use super::{Field, Found};
use crate::catalog::arena::fold;

/// Words to look for, without their case.
#[derive(Debug)]
pub(in crate::catalog) struct Words {
    /// The longest one, which is the rarest, most likely.
    first: Finder<'static>,
    others: Vec<Finder<'static>>,
}

impl Words {
    pub(super) fn new(words: &[&str]) -> Self {
        let mut words = words.to_vec();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        let mut finders = words.into_iter().map(|word| Finder::new(word.as_bytes()).into_owned());
        let first = finders.next().unwrap_or_else(|| Finder::new(b"").into_owned());
        Self {
            first,
            others: finders.collect(),
        }
    }

    pub(super) fn matches(&self, text: &[u8]) -> bool {
        self.first.find(text).is_some() && self.others.iter().all(|word| word.find(text).is_some())
    }

    pub(super) fn search(&self, field: &Field<'_>, found: &mut Found<'_>) {
        let keys = field.segment.folded();
        let text = keys.text().as_bytes();
        let skip = fold(field.folder).len();
        // A word has no white space, so it is never found across the line break between two keys.
        let (mut at, end) = (
            keys.starts()[field.rows.start] as usize,
            keys.starts()[field.rows.end] as usize,
        );
        let mut row = field.rows.start;
        while let Some(next) = self.first.find(&text[at..end]) {
            row = keys.place_of(at + next, row);
            let (start, end) = keys.bounds(row);
            let inside = start + skip;
            if at + next < inside {
                // It is in the folder's name; it may be in the key's own part, too.
                at = inside;
                continue;
            }
            if self.others.iter().all(|word| word.find(&text[inside..end]).is_some()) {
                found(row, 0);
            }
            at = end + 1;
            row += 1;
            if row >= field.rows.end {
                break;
            }
        }
    }
}
