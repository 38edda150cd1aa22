//! The lines of the log: from events to what is shown. No egui here.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use super::requests_state::is_number;
use super::verdict::Verdict;
use crate::http::{Exchange, ExchangeId};
use crate::service::{Job, JobId, JobState, Problem};

/// Lines that are kept.
const KEPT: usize = 1_000;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It worked.
    Ok,
    /// It needs a look, or was tried again.
    Warn,
    /// It did not work.
    Error,
}

/// What opens below a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub advice: String,
    /// For those who look closer.
    pub technical: String,
    /// The part of `technical` that names the error; may be empty.
    pub code: String,
    /// Whether the job that failed is worth another try.
    pub retry: bool,
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Self {
        Self {
            what: problem.what.clone(),
            advice: problem.advice.clone(),
            technical: problem.technical.clone(),
            code: problem.code.clone().unwrap_or_default(),
            retry: problem.retry,
        }
    }
}

/// The number of a line, counted up while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u64);

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number.
    pub id: LineId,
    /// When what it tells of ended.
    pub at: Timestamp,
    /// How it is meant.
    pub level: Level,
    /// What was done: "Upload object".
    pub operation: String,
    /// To what, and for a job what is true now.
    pub target: String,
    /// How long it took.
    pub duration: Option<Duration>,
    /// "200", "400 · 413 in body", "failed".
    pub status: String,
    /// The request it tells of.
    pub exchange: Option<ExchangeId>,
    /// The job it tells of.
    pub job: Option<JobId>,
    /// What opens below it.
    pub failure: Option<Failure>,
}

impl Line {
    fn matches(&self, filter: &Filter) -> bool {
        let level = match self.level {
            _ if !filter.errors && !filter.warnings => true,
            Level::Error => filter.errors,
            Level::Warn => filter.warnings,
            Level::Ok => false,
        };
        level && self.has(&filter.text)
    }

    fn has(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        let within = |field: &str| field.to_lowercase().contains(&text);
        text.is_empty()
            || within(&self.operation)
            || within(&self.target)
            || within(&self.status)
            || self.exchange.is_some_and(|id| is_number(id, &text))
            || (self.failure.as_ref()).is_some_and(|failure| within(&failure.what) || within(&failure.technical))
    }
}

/// Which lines are let through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Errors only; with `warnings`, both.
    pub errors: bool,
    /// Warnings only; with `errors`, both.
    pub warnings: bool,
    /// A part of any text of the line.
    pub text: String,
}

/// The log.
#[derive(Debug, Default)]
pub struct Log {
    /// Oldest first; their numbers follow each other without gaps.
    lines: VecDeque<Line>,
    next: u64,
    /// Lines from this number on wait until the log goes on.
    paused: Option<u64>,
    open: Option<LineId>,
    /// The open line was chosen, so that a new error does not take its place.
    chosen: bool,
    /// When each job was last seen to end: jobs are told of more than once.
    ended: BTreeMap<JobId, Timestamp>,
    /// What passes `shown_for`, newest first.
    shown: Vec<LineId>,
    shown_for: Filter,
    stale: bool,
}

impl Log {
    /// Takes in an exchange. One that is under way tells that the attempt before it was not the last word.
    pub fn exchange(&mut self, exchange: &Exchange) {
        if exchange.attempt > 1 {
            self.was_repeated(exchange);
        }
        let Some(verdict) = Verdict::of(exchange) else {
            return;
        };
        if let Some(at) = self.index_of(exchange.id) {
            // Its job's failure arrived first.
            if let Some(line) = self.lines.get_mut(at) {
                exchange.target.clone_into(&mut line.target);
                exchange.operation.clone_into(&mut line.operation);
                line.duration = exchange.duration;
                line.status = verdict.status;
            }
            self.stale = true;
            return;
        }
        if verdict.quiet {
            return;
        }
        let opens = verdict.level == Level::Error && !verdict.may_repeat;
        let id = self.push(Line {
            id: LineId(0),
            at: ended_at(exchange),
            level: verdict.level,
            operation: exchange.operation.to_owned(),
            target: exchange.target.clone(),
            duration: exchange.duration,
            status: verdict.status,
            exchange: Some(exchange.id),
            job: None,
            failure: verdict.failure,
        });
        if opens {
            self.open_by_itself(id);
        }
    }

    /// Takes in a job. `exchange` looks up the request that its failure came from.
    pub fn job(&mut self, job: &Job) {
        let Some(ended) = job.ended.filter(|_| job.state.is_over()) else {
            return;
        };
        if self.ended.insert(job.id, ended) == Some(ended) {
            return;
        }
        while self.ended.len() > KEPT {
            self.ended.pop_first();
        }
        match &job.state {
            JobState::Running | JobState::Cancelling => {}
            JobState::Done(summary) => {
                let target = joined(&job.target, summary);
                self.push(job_line(job, ended, Level::Ok, target, "done"));
            }
            JobState::Cancelled => {
                self.push(job_line(job, ended, Level::Warn, job.target.clone(), "stopped"));
            }
            JobState::Failed(problem) => self.failed(job, ended, problem),
        }
    }

    /// Takes in a failure that no job tells of: a file that cannot be read, a name that is refused.
    pub fn problem(&mut self, operation: &str, problem: &Problem, at: Timestamp) {
        self.fail(
            problem,
            Line {
                id: LineId(0),
                at,
                level: Level::Error,
                operation: operation.to_owned(),
                target: String::new(),
                duration: None,
                status: status_of(problem),
                exchange: problem.exchange,
                job: None,
                failure: None,
            },
        );
    }

    fn failed(&mut self, job: &Job, ended: Timestamp, problem: &Problem) {
        let mut line = job_line(job, ended, Level::Error, job.target.clone(), &status_of(problem));
        line.exchange = problem.exchange;
        self.fail(problem, line);
    }

    /// Puts a failure on the line of its request, or on `line` if that request has none.
    fn fail(&mut self, problem: &Problem, line: Line) {
        let known = problem.exchange.and_then(|id| self.index_of(id));
        let failure = Some(Failure::from(problem));
        let id = match known.and_then(|at| self.lines.get_mut(at)) {
            Some(known) => {
                known.level = Level::Error;
                known.job = line.job;
                known.failure = failure;
                known.id
            }
            None => self.push(Line { failure, ..line }),
        };
        self.stale = true;
        self.open_by_itself(id);
    }

    /// The attempt before `exchange` failed, and that is being mended.
    fn was_repeated(&mut self, exchange: &Exchange) {
        let earlier = self.lines.iter_mut().rev().find(|line| {
            line.operation == exchange.operation
                && line.target == exchange.target
                && line.exchange.is_some_and(|id| id < exchange.id)
        });
        let Some(line) = earlier.filter(|line| line.level == Level::Error && line.job.is_none()) else {
            return;
        };
        line.level = Level::Warn;
        if !line.status.contains(" · ") {
            line.status.push_str(" · tried again");
        }
        if self.open == Some(line.id) && !self.chosen {
            self.open = None;
        }
        self.stale = true;
    }

    fn push(&mut self, mut line: Line) -> LineId {
        line.id = LineId(self.next);
        self.next += 1;
        let id = line.id;
        self.lines.push_back(line);
        while self.lines.len() > KEPT {
            self.lines.pop_front();
        }
        self.stale = true;
        id
    }

    fn index_of(&self, exchange: ExchangeId) -> Option<usize> {
        self.lines.iter().rposition(|line| line.exchange == Some(exchange))
    }

    fn open_by_itself(&mut self, id: LineId) {
        if !self.chosen {
            self.open = Some(id);
        }
    }

    /// Opens a line, or closes it if it is the open one.
    pub fn toggle(&mut self, id: LineId) {
        self.chosen = self.open != Some(id);
        self.open = self.chosen.then_some(id);
    }

    /// The open line.
    #[must_use]
    pub fn open(&self) -> Option<LineId> {
        self.open
    }

    /// A line that is kept.
    #[must_use]
    pub fn line(&self, id: LineId) -> Option<&Line> {
        let first = self.lines.front()?.id.0;
        self.lines.get(usize::try_from(id.0.checked_sub(first)?).ok()?)
    }

    /// Chooses the lines to show. Cheap unless something changed.
    pub fn refresh(&mut self, filter: &Filter) {
        if !self.stale && self.shown_for == *filter {
            return;
        }
        let end = self.paused.unwrap_or(u64::MAX);
        self.shown.clear();
        let passing = (self.lines.iter().rev()).filter(|line| line.id.0 < end && line.matches(filter));
        self.shown.extend(passing.map(|line| line.id));
        self.shown_for.clone_from(filter);
        self.stale = false;
    }

    /// The lines to show as of the last [`Self::refresh`], newest first.
    #[must_use]
    pub fn shown(&self) -> &[LineId] {
        &self.shown
    }

    /// Whether there is no line at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Errors among the lines, shown or not.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.count(Level::Error)
    }

    /// Warnings among the lines, shown or not.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.count(Level::Warn)
    }

    fn count(&self, level: Level) -> usize {
        self.lines.iter().filter(|line| line.level == level).count()
    }

    /// Whether new lines wait.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    /// Holds new lines back, or lets them in again.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused.then_some(self.next);
        self.stale = true;
    }

    /// Forgets every line.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.open = None;
        self.chosen = false;
        self.stale = true;
    }
}

fn status_of(problem: &Problem) -> String {
    match (problem.http_status, &problem.code) {
        (Some(status), Some(code)) => format!("{status} · {code}"),
        (Some(status), None) => status.to_string(),
        (None, _) => "failed".to_owned(),
    }
}

fn job_line(job: &Job, ended: Timestamp, level: Level, target: String, status: &str) -> Line {
    Line {
        id: LineId(0),
        at: ended,
        level,
        operation: job.title.clone(),
        target,
        duration: Duration::try_from(ended.duration_since(job.started)).ok(),
        status: status.to_owned(),
        exchange: None,
        job: Some(job.id),
        failure: None,
    }
}

fn joined(target: &str, summary: &str) -> String {
    match (target.is_empty(), summary.is_empty()) {
        (true, _) => summary.to_owned(),
        (_, true) => target.to_owned(),
        _ => format!("{target} · {summary}"),
    }
}

/// When an exchange was over.
pub(super) fn ended_at(exchange: &Exchange) -> Timestamp {
    exchange
        .duration
        .and_then(|duration| exchange.started_at.checked_add(duration).ok())
        .unwrap_or(exchange.started_at)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, job, refused};
    use super::*;

    fn shown(log: &mut Log, filter: &Filter) -> Vec<String> {
        log.refresh(filter);
        (log.shown().iter())
            .map(|id| {
                let line = log.line(*id).unwrap();
                format!("{:?} {} {}", line.level, line.operation, line.status)
            })
            .collect()
    }

    fn all(log: &mut Log) -> Vec<String> {
        shown(log, &Filter::default())
    }

    fn problem(exchange: Option<u64>) -> Problem {
        Problem {
            exchange: exchange.map(ExchangeId),
            ..Problem::new("The bucket refused a picture.", "Save it smaller.").worth_a_retry()
        }
    }

    #[test]
    fn reads_stay_out_and_failures_do_not() {
        let mut log = Log::default();
        log.exchange(&exchange(1, "List objects"));
        log.exchange(&exchange(2, "Upload object"));
        log.exchange(&refused(3, "List objects", 500, ""));
        assert_eq!(all(&mut log), ["Error List objects 500", "Ok Upload object 200"]);
        assert_eq!((log.errors(), log.warnings()), (1, 0));
    }

    #[test]
    fn a_jobs_problem_joins_the_line_of_its_request_whichever_comes_first() {
        let failed = |id| job(JobId(id), JobState::Failed(problem(Some(7))));
        let upload = refused(7, "Upload object", 400, r#"{"statusCode":"413"}"#);
        for exchange_first in [true, false] {
            let mut log = Log::default();
            if exchange_first {
                log.exchange(&upload);
                log.job(&failed(1));
            } else {
                log.job(&failed(1));
                log.exchange(&upload);
            }
            assert_eq!(all(&mut log), ["Error Upload object 400 · 413 in body"]);
            let line = log.line(log.open().expect("opens by itself")).unwrap();
            assert_eq!(line.job, Some(JobId(1)));
            assert_eq!(line.target, "story-images/scene_6.png");
            assert!(line.failure.as_ref().is_some_and(|failure| failure.retry));
        }
    }

    #[test]
    fn a_failure_without_a_job_has_a_line_of_its_own() {
        let mut log = Log::default();
        log.problem("The picture was not uploaded", &problem(None), Timestamp::UNIX_EPOCH);
        assert_eq!(log.errors(), 1);
        let line = log.open().and_then(|id| log.line(id)).unwrap();
        assert_eq!(
            (line.operation.as_str(), line.job),
            ("The picture was not uploaded", None)
        );
        assert_eq!(line.failure.as_ref().unwrap().what, problem(None).what);
    }

    #[test]
    fn an_answer_that_turns_out_to_matter_gets_its_line() {
        let mut log = Log::default();
        log.exchange(&refused(7, "Look at bucket", 404, ""));
        assert!(all(&mut log).is_empty());
        log.job(&job(JobId(1), JobState::Failed(problem(Some(7)))));
        assert_eq!(all(&mut log), ["Error Create story failed"]);
    }

    #[test]
    fn each_end_of_a_job_is_one_line() {
        let mut log = Log::default();
        log.job(&job(JobId(1), JobState::Running));
        let done = job(JobId(1), JobState::Done("6 pictures".to_owned()));
        log.job(&done);
        log.job(&done);
        log.job(&job(JobId(2), JobState::Failed(problem(None))));
        assert_eq!(all(&mut log), ["Error Create story failed", "Ok Create story done"]);
        let line = log.line(LineId(0)).unwrap();
        assert_eq!(line.target, "Pip and the Lost Star · 6 pictures");
        assert_eq!(line.duration, Some(Duration::from_secs(3)));
    }

    #[test]
    fn an_attempt_that_is_repeated_was_no_error() {
        let mut log = Log::default();
        log.exchange(&refused(1, "Draw picture", 429, r#"{"error":{"code":"rate_limit"}}"#));
        assert_eq!((log.errors(), log.open()), (1, None), "it may be repeated yet");
        let again = Exchange {
            attempt: 2,
            outcome: crate::http::Outcome::Pending,
            ..exchange(2, "Draw picture")
        };
        log.exchange(&again);
        assert_eq!(all(&mut log), ["Warn Draw picture 429 · rate_limit"]);
        assert_eq!((log.errors(), log.warnings()), (0, 1));
    }

    #[test]
    fn the_newest_error_opens_unless_a_line_was_chosen() {
        let mut log = Log::default();
        for id in 1..=2 {
            log.exchange(&refused(id, "Upload object", 403, ""));
        }
        assert_eq!(log.open(), Some(LineId(1)));
        log.toggle(LineId(0));
        log.exchange(&refused(3, "Upload object", 403, ""));
        assert_eq!(log.open(), Some(LineId(0)));
        log.toggle(LineId(0));
        log.exchange(&refused(4, "Upload object", 403, ""));
        assert_eq!(log.open(), Some(LineId(3)));
    }

    #[test]
    fn filters_by_level_text_and_number() {
        let mut log = Log::default();
        log.exchange(&exchange(41, "Upload object"));
        log.exchange(&refused(42, "Remove objects", 403, "AccessDenied"));
        let text = |text: &str| Filter {
            text: text.to_owned(),
            ..Filter::default()
        };
        let errors = Filter {
            errors: true,
            ..Filter::default()
        };
        assert_eq!(shown(&mut log, &errors), ["Error Remove objects 403"]);
        assert_eq!(shown(&mut log, &text("accessdenied")).len(), 1);
        assert_eq!(shown(&mut log, &text("#41")), ["Ok Upload object 200"]);
        assert_eq!(shown(&mut log, &text("scene_6")).len(), 2);
        let warnings = Filter {
            warnings: true,
            ..Filter::default()
        };
        assert!(shown(&mut log, &warnings).is_empty());
    }

    #[test]
    fn a_paused_log_keeps_what_comes_for_later() {
        let mut log = Log::default();
        log.exchange(&exchange(1, "Upload object"));
        log.pause(true);
        log.exchange(&exchange(2, "Create bucket"));
        assert_eq!(all(&mut log), ["Ok Upload object 200"]);
        log.pause(false);
        assert_eq!(all(&mut log).len(), 2);
    }

    #[test]
    fn the_oldest_lines_make_room() {
        let mut log = Log::default();
        for id in 0..KEPT as u64 + 10 {
            log.exchange(&exchange(id, "Upload object"));
        }
        assert_eq!(all(&mut log).len(), KEPT);
        assert!(log.line(LineId(9)).is_none());
        assert_eq!(log.line(LineId(10)).unwrap().exchange, Some(ExchangeId(10)));
        log.clear();
        assert!(all(&mut log).is_empty() && log.is_empty());
    }
}
