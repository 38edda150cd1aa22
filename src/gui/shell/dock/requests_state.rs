//! The list of requests, and one of them as lines of text. No egui here.

use std::collections::VecDeque;
use std::time::Duration;

use ::http::Method;
use jiff::Timestamp;

use super::log_state::{Level, ended_at};
use super::verdict::Verdict;
use crate::http::{BodyShown, Exchange, ExchangeId, Outcome};
use crate::media::format_bytes;

/// Requests that are kept, as many as the transcript keeps.
const KEPT: usize = 1_000;

/// Lines of one body that are shown.
const LINES: usize = 2_000;

/// The small facts of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Its number in the transcript.
    pub id: ExchangeId,
    /// When it was over, or sent while it is not.
    pub at: Timestamp,
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// What it was for.
    pub operation: &'static str,
    /// How it ended; `None` while it is under way.
    pub ended: Option<(Level, String)>,
    /// How long it took.
    pub duration: Option<Duration>,
    /// Bytes of the larger of both bodies.
    pub size: u64,
    reached: bool,
}

/// The requests of this run.
#[derive(Debug, Default)]
pub struct Requests {
    /// By number.
    kept: VecDeque<Request>,
    /// Later ones wait until the list goes on.
    paused: Option<ExchangeId>,
    open: Option<ExchangeId>,
    shown: Vec<ExchangeId>,
    shown_for: String,
    stale: bool,
    last_answer: Option<(bool, Duration)>,
}

impl Requests {
    /// Takes in the start or the end of an exchange.
    pub fn exchange(&mut self, exchange: &Exchange) {
        let request = Request::from(exchange);
        if let (true, Some(duration)) = (exchange.outcome != Outcome::Cancelled, exchange.duration)
            && request.ended.is_some()
        {
            self.last_answer = Some((request.reached, duration));
        }
        let at = self.kept.partition_point(|other| other.id < request.id);
        match self.kept.get_mut(at).filter(|other| other.id == request.id) {
            Some(known) => *known = request,
            None => self.kept.insert(at, request),
        }
        while self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        self.stale = true;
    }

    /// A request that is kept.
    #[must_use]
    pub fn get(&self, id: ExchangeId) -> Option<&Request> {
        let at = self.kept.partition_point(|other| other.id < id);
        self.kept.get(at).filter(|other| other.id == id)
    }

    /// Chooses the requests to show. Cheap unless something changed.
    pub fn refresh(&mut self, text: &str) {
        if !self.stale && self.shown_for == text {
            return;
        }
        let wanted = text.trim().to_lowercase();
        let last = self.paused.unwrap_or(ExchangeId(u64::MAX));
        self.shown.clear();
        let passing = (self.kept.iter().rev()).filter(|request| request.id <= last && request.has(&wanted));
        self.shown.extend(passing.map(|request| request.id));
        text.clone_into(&mut self.shown_for);
        self.stale = false;
    }

    /// The requests to show as of the last [`Self::refresh`], newest first.
    #[must_use]
    pub fn shown(&self) -> &[ExchangeId] {
        &self.shown
    }

    /// Whether there is no request at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The open request.
    #[must_use]
    pub fn open(&self) -> Option<ExchangeId> {
        self.open
    }

    /// Opens a request.
    pub fn show(&mut self, id: ExchangeId) {
        self.open = Some(id);
    }

    /// Opens a request, or closes it if it is the open one.
    pub fn toggle(&mut self, id: ExchangeId) {
        self.open = (self.open != Some(id)).then_some(id);
    }

    /// Holds new requests back, or lets them in again.
    pub fn pause(&mut self, paused: bool) {
        let last = self.kept.back().map_or(ExchangeId(0), |request| request.id);
        self.paused = paused.then_some(last);
        self.stale = true;
    }

    /// Forgets every request here; the transcript keeps them.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.open = None;
        self.stale = true;
    }

    /// Whether the newest finished request got an answer, and how long it took.
    #[must_use]
    pub fn last_answer(&self) -> Option<(bool, Duration)> {
        self.last_answer
    }
}

impl From<&Exchange> for Request {
    fn from(exchange: &Exchange) -> Self {
        Self {
            id: exchange.id,
            at: ended_at(exchange),
            method: exchange.method.clone(),
            url: exchange.url.clone(),
            operation: exchange.operation,
            ended: Verdict::of(exchange).map(|verdict| (verdict.level, verdict.status)),
            duration: exchange.duration,
            size: exchange.response_size.max(exchange.request_size),
            reached: exchange.outcome == Outcome::Answered,
        }
    }
}

impl Request {
    /// `wanted` in small letters.
    fn has(&self, wanted: &str) -> bool {
        let within = |field: &str| field.to_lowercase().contains(wanted);
        wanted.is_empty()
            || within(&self.url)
            || within(self.operation)
            || within(self.method.as_str())
            || self.ended.as_ref().is_some_and(|(_, status)| within(status))
            || is_number(self.id, wanted)
    }
}

/// Whether `wanted` is a request's number, or begins like it: "#12".
pub(super) fn is_number(id: ExchangeId, wanted: &str) -> bool {
    wanted.starts_with('#') && id.to_string().starts_with(wanted)
}

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
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
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
    use super::super::testing::{exchange, refused, text};
    use super::*;
    use crate::http::NetworkClass;

    fn pending(id: u64) -> Exchange {
        Exchange {
            status: None,
            duration: None,
            outcome: Outcome::Pending,
            ..exchange(id, "Upload object")
        }
    }

    #[test]
    fn an_end_takes_the_place_of_its_start() {
        let mut requests = Requests::default();
        requests.exchange(&pending(2));
        requests.exchange(&exchange(1, "List objects"));
        assert_eq!(requests.get(ExchangeId(2)).unwrap().ended, None);
        requests.exchange(&refused(2, "Upload object", 403, ""));
        requests.refresh("");
        assert_eq!(requests.shown(), [ExchangeId(2), ExchangeId(1)]);
        let ended = requests.get(ExchangeId(2)).unwrap().ended.clone();
        assert_eq!(ended, Some((Level::Error, "403".to_owned())));
    }

    #[test]
    fn keeps_the_latest_and_filters_them() {
        let mut requests = Requests::default();
        for id in 0..KEPT as u64 + 5 {
            requests.exchange(&exchange(id, "List objects"));
        }
        requests.exchange(&refused(9_000, "Upload object", 403, ""));
        requests.refresh("");
        assert_eq!(requests.shown().len(), KEPT);
        requests.refresh("403");
        assert_eq!(requests.shown(), [ExchangeId(9_000)]);
        requests.pause(true);
        requests.exchange(&refused(9_001, "Upload object", 403, ""));
        requests.refresh("403");
        assert_eq!(requests.shown(), [ExchangeId(9_000)]);
    }

    #[test]
    fn the_last_answer_is_of_what_ended_by_itself() {
        let mut requests = Requests::default();
        assert_eq!(requests.last_answer(), None);
        requests.exchange(&exchange(1, "List objects"));
        requests.exchange(&pending(2));
        let took = Duration::from_millis(412);
        assert_eq!(requests.last_answer(), Some((true, took)));
        requests.exchange(&Exchange {
            status: None,
            outcome: Outcome::Failed {
                class: NetworkClass::Connect,
                sentence: "Nothing answers.".to_owned(),
            },
            ..exchange(3, "List objects")
        });
        assert_eq!(requests.last_answer(), Some((false, took)));
        requests.exchange(&Exchange {
            outcome: Outcome::Cancelled,
            ..exchange(4, "List objects")
        });
        assert_eq!(
            requests.last_answer(),
            Some((false, took)),
            "stopping says nothing of the server"
        );
    }

    #[test]
    fn a_request_is_laid_out_in_lines_that_fit() {
        let exchange = Exchange {
            response_headers: vec![("x-long".to_owned(), "ö".repeat(90))],
            response_body: text(r#"{"b":1.10,"a":["x, \"y\": {z}",{}],"c":[]}"#),
            ..exchange(1, "Upload object")
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
        assert!(!detail.is_of(&pending(1), 40), "its end is laid out anew");
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
