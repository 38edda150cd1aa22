//! Tokens and keys inside a URL: where they are, and the text without them.

use std::ops::Range;

use super::encode::decode;

/// Query names whose values open something. Compared in lower case.
const NAMES: [&str; 12] = [
    "token",
    "access_token",
    "refresh_token",
    "apikey",
    "api_key",
    "secret",
    "password",
    "authorization",
    "signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
];
/// Shorter runs that begin like a JWT are words.
const JWT_LEAST: usize = 20;

/// The secrets of one text, as byte ranges in order.
pub(super) struct Secrets<'a> {
    text: &'a str,
    ranges: Vec<Range<usize>>,
}

impl<'a> Secrets<'a> {
    pub fn find(text: &'a str) -> Self {
        let mut ranges = named_values(text);
        ranges.extend(keys(text));
        ranges.extend(user_info(text));
        ranges.sort_by_key(|range| (range.start, range.end));
        Self { text, ranges }
    }

    /// Whether a secret lies in these bytes, in part at least.
    pub fn any_in(&self, range: &Range<usize>) -> bool {
        self.ranges
            .iter()
            .any(|secret| secret.start < range.end && range.start < secret.end)
    }

    /// These bytes as they may be shown.
    pub fn show(&self, range: Range<usize>) -> String {
        let mut shown = String::with_capacity(range.len());
        let mut at = range.start;
        for secret in &self.ranges {
            let (start, end) = (secret.start.max(at), secret.end.min(range.end));
            if start >= end {
                continue;
            }
            shown.push_str(&self.text[at..start]);
            shown.push_str(if self.text[secret.clone()].starts_with("eyJ") {
                "eyJ…"
            } else {
                "…"
            });
            at = end;
        }
        shown.push_str(&self.text[at..range.end]);
        shown
    }
}

/// Whether a text contains what looks like a key or a JWT.
pub(super) fn holds_key(text: &str) -> bool {
    keys(text).next().is_some()
}

fn keys(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    runs(text, "eyJ")
        .filter(|run| run.len() >= JWT_LEAST)
        .chain(runs(text, "sb_secret_"))
}

/// Whether a query parameter of this name holds a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    decode(name).is_some_and(|name| NAMES.contains(&name.trim().to_lowercase().as_str()))
}

/// Values behind a name that says so, wherever they stand: `token=…` also in a text that is no URL.
fn named_values(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for piece in text.split(['&', '?', '#', '\n']) {
        if let Some((name, value)) = piece.split_once('=') {
            let name_alone = name.rsplit(['/', ' ', ';']).next().unwrap_or(name);
            // A whole URL as a value can have a token of its own.
            let nested = || {
                decode(value).is_some_and(|value| {
                    let value = value.to_lowercase();
                    NAMES.iter().any(|name| value.contains(&format!("{name}=")))
                })
            };
            if !value.is_empty() && !is_hidden(value) && (is_secret_name(name_alone) || nested()) {
                found.push(start + name.len() + 1..start + piece.len());
            }
        }
        start += piece.len() + 1;
    }
    found
}

/// Whether a value was hidden already when the link was copied.
pub(super) fn is_hidden(value: &str) -> bool {
    matches!(value, "…" | "..." | "eyJ…" | "eyJ..." | "%E2%80%A6" | "eyJ%E2%80%A6")
}

/// Runs of the letters that tokens are made of, each from where `start` stands.
fn runs<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let mut end = 0;
    text.match_indices(start).filter_map(move |(at, _)| {
        if at < end {
            return None;
        }
        end = text[at..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .map_or(text.len(), |length| at + length);
        Some(at..end)
    })
}

/// `user:password` before the `@` of a host.
fn user_info(text: &str) -> Option<Range<usize>> {
    let start = ["://", ":\\\\"]
        .iter()
        .filter_map(|mark| text.rfind(mark).map(|at| at + 3))
        .max()?;
    let host = &text[start..];
    let host = &host[..host.find(['/', '\\', '?', '#']).unwrap_or(host.len())];
    host.rfind('@').filter(|at| *at > 0).map(|at| start..start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Secrets::find(text).show(0..text.len())
    }

    #[test]
    fn hides_what_opens_something() {
        for (text, expected) in [
            ("https://a.b/c?token=abc.def&v=1", "https://a.b/c?token=…&v=1"),
            ("?v=1?TOKEN=abc", "?v=1?TOKEN=…"),
            ("?%74oken=abc", "?%74oken=…"),
            ("?token=eyJhbGci.x.y", "?token=eyJ…"),
            ("read eyJhbGciOiJIUzI1NiJ9.e30.abc aloud", "read eyJ… aloud"),
            ("https://a.b/sb_secret_abc-d/c.png", "https://a.b/…/c.png"),
            ("https://me:pass@a.b/c", "https://…@a.b/c"),
            ("?next=https%3A%2F%2Fa%3Ftoken%3Dabc", "?next=…"),
            ("?token=eyJ…", "?token=eyJ…"),
            ("eyJ is a word", "eyJ is a word"),
            ("?download=key.png", "?download=key.png"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn shows_a_piece_of_a_secret_hidden_too() {
        let text = "?token=abcdefgh&x=1";
        let secrets = Secrets::find(text);
        assert_eq!(secrets.show(9..text.len()), "…&x=1");
        assert!(secrets.any_in(&(9..10)) && !secrets.any_in(&(0..7)));
    }
}
