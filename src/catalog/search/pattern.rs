//! Keys in which a regular expression is found.

use regex::bytes::{Regex, RegexBuilder};

use super::{Field, Found};
use crate::catalog::QueryError;

/// Bytes that a regular expression may take when it is made, and as much again while it is looked for.
const SIZE: usize = 1 << 20;

/// A regular expression.
#[derive(Debug)]
pub(in crate::catalog) struct Pattern {
    regex: Regex,
    /// Whether it means the same in many lines as in one: nothing in it asks for the very beginning or end, or sets how
    /// lines are taken.
    by_line: bool,
}

impl Pattern {
    pub(super) fn new(pattern: &str) -> Result<Self, QueryError> {
        let made = RegexBuilder::new(pattern)
            .case_insensitive(!has_capital(pattern))
            .multi_line(true)
            .size_limit(SIZE)
            .dfa_size_limit(SIZE)
            .build();
        let regex = made.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => QueryError::RegexTooLarge,
            other => QueryError::NotARegex {
                pattern: pattern.to_owned(),
                why: in_a_line(&other.to_string()),
            },
        })?;
        Ok(Self {
            regex,
            by_line: !["\\A", "\\z", "(?"].iter().any(|special| pattern.contains(special)),
        })
    }

    pub(super) fn matches(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    pub(super) fn search(&self, field: &Field<'_>, found: &mut Found<'_>) {
        let keys = &field.segment.columns().keys;
        let text = keys.text().as_bytes();
        let own = |row| {
            let (start, end) = keys.bounds(row);
            &text[start + field.folder.len()..end]
        };
        if !self.by_line || !field.folder.is_empty() || field.segment.has_breaks() {
            for row in field.rows.clone() {
                if self.regex.is_match(own(row)) {
                    found(row, 0);
                }
            }
            return;
        }
        let end = keys.starts()[field.rows.end] as usize;
        let (mut at, mut row) = (keys.starts()[field.rows.start] as usize, field.rows.start);
        while row < field.rows.end {
            // What is before stays in sight, for the beginnings of lines and words.
            let Some(next) = self.regex.find_at(&text[..end], at) else {
                break;
            };
            if next.start() >= end {
                break;
            }
            row = keys.place_of(next.start(), row);
            let (_, last) = keys.bounds(row);
            // It may have gone on into the next key; then only the key alone can tell.
            if next.end() <= last || self.regex.is_match(own(row)) {
                found(row, 0);
            }
            at = last + 1;
            row += 1;
        }
    }
}

/// Whether there is a capital letter that is meant as one: `\S` and `\p{Lu}` have none.
fn has_capital(pattern: &str) -> bool {
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                if matches!(letters.next(), Some('p' | 'P' | 'x' | 'u' | 'U')) && letters.clone().next() == Some('{') {
                    letters.by_ref().take_while(|letter| *letter != '}').for_each(drop);
                }
            }
            letter if letter.is_uppercase() => return true,
            _ => {}
        }
    }
    false
}

/// What is wrong, without the drawing of where.
fn in_a_line(error: &str) -> String {
    let last = error.lines().rev().find(|line| !line.trim().is_empty());
    let last = last.unwrap_or(error).trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_letter_makes_case_count() {
        for (pattern, counts) in [
            ("abc", false),
            ("aBc", true),
            (r"\S\W\p{Lu}\pL\x{AB}", false),
            (r"\\A", true),
            ("É", true),
        ] {
            assert_eq!(has_capital(pattern), counts, "{pattern}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_a_line() {
        let error = Pattern::new("a(b").unwrap_err().to_string();
        assert_eq!(error, "“a(b” is no regular expression: unclosed group");
        assert_eq!(Pattern::new(r"(\w{900}){900}").unwrap_err(), QueryError::RegexTooLarge);
    }
}
