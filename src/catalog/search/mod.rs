//! Keys that match a text: by words, by letters in order, or by a regular expression.

mod fuzzy;
mod pattern;
mod words;

use std::ops::Range;

use fuzzy::Fuzzy;
use pattern::Pattern;
use words::Words;

use super::arena::fold;
use super::segment::Segment;
use super::{Mode, QueryError};

/// The longest text that can be looked for. No key is longer on a real server.
const LONGEST: usize = 1_024;

/// What is looked for.
#[derive(Debug)]
pub(super) enum Matcher {
    Words(Box<Words>),
    Fuzzy(Fuzzy),
    Regex(Box<Pattern>),
}

/// Where in a segment something is looked for.
pub(super) struct Field<'a> {
    pub(super) segment: &'a Segment,
    pub(super) rows: Range<usize>,
    /// The folder that all of these keys begin with; what is looked for has to be behind it.
    pub(super) folder: &'a str,
}

/// Is told each row that matches, in order, and how well it does.
pub(super) type Found<'a> = dyn FnMut(usize, i32) + 'a;

impl Matcher {
    /// Of what was typed; None if that is nothing, so that everything matches.
    pub(super) fn new(text: &str, mode: Mode) -> Result<Option<Self>, QueryError> {
        if text.len() > LONGEST {
            return Err(QueryError::TooLong(LONGEST));
        }
        let folded = fold(text);
        let words: Vec<&str> = folded.split_whitespace().collect();
        if words.is_empty() {
            return Ok(None);
        }
        Ok(Some(match mode {
            Mode::Substring => Self::Words(Box::new(Words::new(&words))),
            Mode::Fuzzy => Self::Fuzzy(Fuzzy::new(&words)),
            Mode::Regex => Self::Regex(Box::new(Pattern::new(text.trim())?)),
        }))
    }

    /// Finds what matches of a segment.
    pub(super) fn search(&self, field: &Field<'_>, found: &mut Found<'_>) {
        match self {
            Self::Words(words) => words.search(field, found),
            Self::Fuzzy(fuzzy) => fuzzy.search(field, found),
            Self::Regex(pattern) => pattern.search(field, found),
        }
    }

    /// How well a single text matches; None if it does not.
    pub(super) fn matches(&self, text: &str) -> Option<i32> {
        match self {
            Self::Words(words) => words.matches(fold(text).as_bytes()).then_some(0),
            Self::Fuzzy(fuzzy) => fuzzy.matches(fold(text).as_bytes()),
            Self::Regex(pattern) => pattern.matches(text.as_bytes()).then_some(0),
        }
    }
}
