//! Keys in which a regular expression is found.

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::{Field, Found};
use crate::catalog::QueryError;

/// Bytes that a regular expression may take when it is made, and as much again while it is looked for.
const SIZE: usize = 1 << 20;

/// The shortest text that is looked for before the expression: shorter ones are in too many keys.
const WORTH: usize = 3;

/// A regular expression.
#[derive(Debug)]
pub(in crate::catalog) struct Pattern {
    regex: Regex,
    /// Whether it means the same in many lines as in one.
    by_line: bool,
    /// What every match has in it, in small ASCII letters. None if there is nothing of the kind, or if the expression begins
    /// with a text, which `regex` itself looks for first.
    inner: Option<Finder<'static>>,
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
        let parsed = ParserBuilder::new().multi_line(true).utf8(false).build().parse(pattern);
        let parsed = parsed.ok();
        let inner = parsed.as_ref().and_then(inner).map(<[u8]>::to_ascii_lowercase);
        Ok(Self {
            regex,
            by_line: parsed.as_ref().is_some_and(stays_in_a_line),
            inner: inner.map(|text| Finder::new(&text).into_owned()),
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
        // Other letters have more than one small form.
        if let Some(inner) = self.inner.as_ref().filter(|_| text.is_ascii()) {
            self.search_after(inner, field, found);
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

    /// Looks at the keys only that have the text in them. What repeats a class of letters would look at every letter of all keys,
    /// in a state for each of the repetitions that may have begun.
    fn search_after(&self, inner: &Finder<'_>, field: &Field<'_>, found: &mut Found<'_>) {
        let (keys, small) = (&field.segment.columns().keys, field.segment.folded());
        let text = keys.text().as_bytes();
        // Of ASCII, both have the same places.
        let end = keys.starts()[field.rows.end] as usize;
        let (mut at, mut row) = (keys.starts()[field.rows.start] as usize, field.rows.start);
        while row < field.rows.end {
            let Some(next) = inner.find(&small.text().as_bytes()[at..end]) else {
                break;
            };
            row = keys.place_of(at + next, row);
            let (first, last) = keys.bounds(row);
            if self.regex.is_match(&text[first..last]) {
                found(row, 0);
            }
            at = last + 1;
            row += 1;
        }
    }
}

/// Whether nothing in it matches a line break, or asks for the very beginning or end.
fn stays_in_a_line(part: &Hir) -> bool {
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
        HirKind::Repetition(repeated) => stays_in_a_line(&repeated.sub),
        HirKind::Capture(group) => stays_in_a_line(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(stays_in_a_line),
    }
}

/// The longest text that every match has in it, if it is one of ASCII, long enough and not the beginning.
fn inner(whole: &Hir) -> Option<&[u8]> {
    let HirKind::Concat(parts) = whole.kind() else {
        return None;
    };
    if matches!(parts.first()?.kind(), HirKind::Literal(_)) {
        return None;
    }
    longest(whole).filter(|text| text.len() >= WORTH && text.is_ascii())
}

fn longest(part: &Hir) -> Option<&[u8]> {
    match part.kind() {
        HirKind::Literal(literal) => Some(&literal.0),
        HirKind::Repetition(repeated) if repeated.min > 0 => longest(&repeated.sub),
        HirKind::Capture(group) => longest(&group.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(longest).max_by_key(|text| text.len()),
        _ => None,
    }
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
            assert_eq!(Pattern::new(pattern).unwrap().by_line, stays, "{pattern}");
        }
    }

    #[test]
    fn a_text_that_every_match_has_is_looked_for_first() {
        for (pattern, text) in [
            (r"[0-9a-f]{16}/drafts/p", Some("/drafts/p")),
            (r"^Stories/04.*sketch", Some("stories/04")),
            (r"\d+(_Cover)+\.png$", Some("_cover")),
            (r"\d(abcd|efgh)", None),
            (r"\d(abcd)?", None),
            (r"\d(abcd)*", None),
            (r"\d(?i:abcd)", None),
            (r"\dab", None),
            (r"\däöü", None),
            (r"abcd\d", None),
            (r"abcd", None),
        ] {
            let made = Pattern::new(pattern).unwrap();
            let found = made.inner.as_ref().map(Finder::needle);
            assert_eq!(found, text.map(str::as_bytes), "{pattern}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_a_line() {
        let error = Pattern::new("a(b").unwrap_err().to_string();
        assert_eq!(error, "“a(b” is no regular expression: unclosed group");
        assert_eq!(Pattern::new(r"(\w{900}){900}").unwrap_err(), QueryError::RegexTooLarge);
    }
}
