//! The list of requests: small facts; the transcript keeps the rest. No egui here.

use std::collections::VecDeque;
use std::time::Duration;

use ::http::Method;
use jiff::Timestamp;

use super::log_state::{Level, ended_at};
use super::verdict::Verdict;
use crate::http::{Exchange, ExchangeId, Outcome};

/// Requests that are kept, as many as the workspace's transcript keeps.
const KEPT: usize = 1_000;

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
        self.keep(request);
    }

    /// Takes in the start or the end of an exchange outside of the workspace. It says nothing of the workspace's server.
    pub fn connecting(&mut self, exchange: &Exchange) {
        self.keep(Request::from(exchange));
    }

    fn keep(&mut self, request: Request) {
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

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, refused};
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
    fn what_is_outside_of_the_workspace_is_listed_in_its_place_and_says_nothing_of_its_server() {
        let mut requests = Requests::default();
        requests.exchange(&exchange(1, "List objects"));
        requests.exchange(&exchange(3, "List objects"));
        let last = requests.last_answer();
        requests.connecting(&refused(2, "Sign in", 400, ""));
        requests.connecting(&pending(4));
        requests.refresh("");
        assert_eq!(requests.shown(), [4, 3, 2, 1].map(ExchangeId));
        assert_eq!(requests.last_answer(), last);
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
}
