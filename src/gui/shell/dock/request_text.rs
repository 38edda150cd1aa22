//! One request as lines of text: headers and bodies as the transcript keeps them. No egui here.

use std::time::Duration;

use crate::http::{BodyShown, Exchange, ExchangeId, Outcome};
use crate::media::format_bytes;

/// Lines of one body that are shown.
const LINES: usize = 2_000;
/// A shorter wait for a server's rate is nothing to speak of.
const NOTICED: Duration = Duration::from_millis(50);

/// How a line of a request is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Begins a part.
    Heading,
    /// A header: its name ends at this byte.
    Header(usize),
    /// Goes on where the line before had no more room, or is a part of a body.
    Body,
    /// Says what is not shown.
    Note,
}

/// A line of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextLine {
    /// How it is shown.
    pub kind: TextKind,
    /// The text.
    pub text: String,
}

/// One request as lines, no longer than a number of characters.
#[derive(Debug)]
pub struct Detail {
    id: ExchangeId,
    columns: usize,
    finished: bool,
    /// The lines.
    pub lines: Vec<TextLine>,
}

impl Detail {
    /// Lays `exchange` out in `columns` characters.
    #[must_use]
    pub fn new(exchange: &Exchange, columns: usize) -> Self {
        let mut detail = Self {
            id: exchange.id,
            columns: columns.max(20),
            finished: exchange.outcome != Outcome::Pending,
            lines: Vec::new(),
        };
        let title = format!("{} {}", exchange.method, exchange.url);
        detail.add(TextKind::Heading, &title);
        let size = format_bytes(exchange.request_size);
        let again = match exchange.attempt {
            0 | 1 => String::new(),
            attempt => format!(" · attempt {attempt}"),
        };
        detail.part(
            &format!("Request {} · {size}{again}", exchange.id),
            &exchange.request_headers,
            &exchange.request_body,
        );
        if exchange.waited >= NOTICED {
            let waited = exchange.waited.as_secs_f64();
            detail.add(
                TextKind::Note,
                &format!("Held back for {waited:.1} s: this server may be asked only so often"),
            );
        }
        match (&exchange.outcome, exchange.status) {
            (Outcome::Pending, _) => detail.add(TextKind::Note, "No answer yet"),
            (Outcome::Failed { sentence, .. }, None) => detail.add(TextKind::Note, sentence),
            (Outcome::Cancelled, None) => detail.add(TextKind::Note, "Stopped before there was an answer"),
            (outcome, status) => {
                let status = status.map_or_else(String::new, |status| format!(" {status}"));
                let size = format_bytes(exchange.response_size);
                detail.part(
                    &format!("Answer{status} · {size}"),
                    &exchange.response_headers,
                    &exchange.response_body,
                );
                if let Outcome::Failed { sentence, .. } = outcome {
                    detail.add(TextKind::Note, sentence);
                }
            }
        }
        detail
    }

    /// Whether it is still right for `exchange` in `columns` characters.
    #[must_use]
    pub fn is_of(&self, exchange: &Exchange, columns: usize) -> bool {
        self.id == exchange.id
            && self.columns == columns.max(20)
            && self.finished == (exchange.outcome != Outcome::Pending)
    }

    fn part(&mut self, heading: &str, headers: &[(String, String)], body: &BodyShown) {
        self.add(TextKind::Heading, heading);
        for (name, value) in headers {
            self.add(TextKind::Header(name.len() + 1), &format!("{name}: {value}"));
        }
        match body {
            BodyShown::Empty => self.add(TextKind::Note, "No body"),
            BodyShown::Binary => self.add(TextKind::Note, "A body that is not text; it is not kept"),
            BodyShown::Text { text, complete } => {
                self.body(text);
                if !complete {
                    self.add(TextKind::Note, "The body is longer than what is kept of it");
                }
            }
        }
    }

    fn body(&mut self, text: &str) {
        let indented = indented(text);
        let text = indented.as_deref().unwrap_or(text);
        for (number, line) in text.lines().enumerate() {
            if number == LINES {
                self.add(TextKind::Note, "More lines are not shown");
                return;
            }
            self.add(TextKind::Body, line);
        }
    }

    /// Adds a text in as many lines as it needs.
    fn add(&mut self, kind: TextKind, text: &str) {
        let mut rest = text;
        let mut kind = kind;
        loop {
            let cut = rest.char_indices().nth(self.columns).map_or(rest.len(), |(at, _)| at);
            let (line, after) = rest.split_at(cut);
            self.lines.push(TextLine {
                kind,
                text: line.to_owned(),
            });
            if after.is_empty() {
                return;
            }
            rest = after;
            if matches!(kind, TextKind::Header(_)) {
                kind = TextKind::Body;
            }
        }
    }
}

/// JSON with a line for each of its values; `None` if it is none. Only white space is changed: numbers and the order
/// of names stay as they were sent.
fn indented(text: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_text {
            out.push(letter);
            in_text = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            '{' | '[' => {
                out.push(letter);
                while letters.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' => {
                out.push(letter);
                in_text = true;
            }
            letter if letter.is_ascii_whitespace() => {}
            letter => out.push(letter),
        }
    }
    Some(out)
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, text};
    use super::*;

    #[test]
    fn a_request_is_laid_out_in_lines_that_fit() {
        let exchange = Exchange {
            response_headers: vec![("x-long".to_owned(), "ö".repeat(90))],
            response_body: text(r#"{"b":1.10,"a":["x, \"y\": {z}",{}],"c":[]}"#),
            ..exchange(1, "Upload object")
        };
        let pending = Exchange {
            outcome: Outcome::Pending,
            ..exchange.clone()
        };
        let detail = Detail::new(&exchange, 40);
        assert!(detail.lines.iter().all(|line| line.text.chars().count() <= 40));
        let body: Vec<_> = (detail.lines.iter())
            .skip_while(|line| line.text != "{")
            .map(|line| line.text.as_str())
            .collect();
        assert_eq!(
            body,
            [
                "{",
                "  \"b\": 1.10,",
                "  \"a\": [",
                "    \"x, \\\"y\\\": {z}\",",
                "    {}",
                "  ],",
                "  \"c\": []",
                "}"
            ],
            "order and numbers as sent"
        );
        assert!(detail.is_of(&exchange, 40) && !detail.is_of(&exchange, 41));
        assert!(!detail.is_of(&pending, 40), "its end is laid out anew");
    }

    #[test]
    fn a_body_that_is_no_json_stays_as_it_was_sent() {
        assert_eq!(indented("<html>{}</html>"), None);
        let exchange = Exchange {
            response_body: text("<html>\n  {}\n</html>"),
            ..exchange(1, "Upload object")
        };
        let detail = Detail::new(&exchange, 80);
        assert!(detail.lines.iter().any(|line| line.text == "  {}"));
    }
}
