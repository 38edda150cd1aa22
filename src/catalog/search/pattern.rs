//! Keys in which a regular expression is found.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::{Field, Found};
use crate::catalog::QueryError;

/// Bytes that a regular expression may take when it is made, and as much again while it is looked for.
const SIZE: usize = 1 << 20;

/// A regular expression.
#[derive(Debug)]
pub(in crate::catalog) struct Pattern {
    regex: Regex,
    /// Whether it means the same in many lines as in one.
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
            by_line: stays_in_a_line(pattern),
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
            // It ends in the same key: nothing in it matches what is between two.
            row = keys.place_of(next.start(), row);
            let (_, last) = keys.bounds(row);
            found(row, 0);
            at = last + 1;
            row += 1;
        }
    }
}

/// Whether nothing in it matches a line break, or asks for the very beginning or end.
fn stays_in_a_line(pattern: &str) -> bool {
    fn stays(part: &Hir) -> bool {
        match part.kind() {
            HirKind::Empty => true,
            HirKind::Literal(literal) => !literal.0.contains(&b'\n'),
            HirKind::Class(Class::Unicode(class)) => !class
                .ranges()
                .iter()
                .any(|range| range.start() <= '\n' && '\n' <= range.end()),
            HirKind::Class(Class::Bytes(class)) => !class
                .ranges()
                .iter()
                .any(|range| range.start() <= b'\n' && b'\n' <= range.end()),
            HirKind::Look(look) => !matches!(look, Look::Start | Look::End),
            HirKind::Repetition(repeated) => stays(&repeated.sub),
            HirKind::Capture(group) => stays(&group.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(stays),
        }
    }
    let parsed = ParserBuilder::new().multi_line(true).utf8(false).build().parse(pattern);
    parsed.is_ok_and(|whole| stays(&whole))
}

/// Whether there is a capital letter that is meant as one: `\S` and `\p{Lu}` have none.
fn has_capital(pattern: &str) -> bool {
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let class = letters.next();
                let takes_one = matches!(class, Some('p' | 'P'));
                if letters.clone().next() == Some('{') && matches!(class, Some('p' | 'P' | 'x' | 'u' | 'U')) {
                    letters.by_ref().take_while(|letter| *letter != '}').for_each(drop);
                } else if takes_one {
                    letters.next();
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
    fn only_what_stays_in_a_line_is_looked_for_in_many_at_once() {
        for (pattern, stays) in [
            ("^a.*b$", true),
            (r"\d+_[a-z]", true),
            (r"(?i)a", true),
            ("[^/]", false),
            (r"a\sb", false),
            (r"\Aa", false),
            (r"a\z", false),
            ("(?s)a.b", false),
            ("(?-m)a$", false),
            (r"a\x0a", false),
        ] {
            assert_eq!(stays_in_a_line(pattern), stays, "{pattern}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_a_line() {
        let error = Pattern::new("a(b").unwrap_err().to_string();
        assert_eq!(error, "“a(b” is no regular expression: unclosed group");
        assert_eq!(Pattern::new(r"(\w{900}){900}").unwrap_err(), QueryError::RegexTooLarge);
    }
}
