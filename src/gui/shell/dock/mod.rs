//! The dock at the bottom: the log, the jobs and the requests of this run.
//!
//! `log_state` and `requests_state` turn events into short lists that are tested without egui; `log_view`, `jobs_view`
//! and `requests_view` draw what can be seen of them. Headers and bodies stay in the transcript and are looked up when
//! a request is opened. What a line's buttons ask for goes out as an [`Action`].

mod head;
mod jobs_view;
mod log_state;
mod log_view;
mod request_text;
mod requests_state;
mod requests_view;
mod rows;
#[cfg(test)]
mod testing;
mod verdict;
mod words;

use std::time::Duration;

use egui::Ui;
use jiff::Timestamp;

use crate::gui::action::Action;
use crate::http::{Exchange, ExchangeId};
use crate::service::{Event, Job, Problem, Service};
use log_state::{Filter, Log};
use requests_state::Requests;

pub use head::HEIGHT;

/// What the dock shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    /// What was done and how it ended.
    #[default]
    Log,
    /// Long work.
    Jobs,
    /// What was said on the network.
    Requests,
}

/// The dock.
#[derive(Debug, Default)]
pub struct Dock {
    /// Whether more than its head is shown.
    pub open: bool,
    /// What it shows.
    pub tab: Tab,
    filter: Filter,
    log: Log,
    requests: Requests,
    requests_view: requests_view::View,
}

impl Dock {
    /// Takes in what happened.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Exchange(exchange) => {
                self.requests.exchange(exchange);
                self.log.exchange(exchange);
            }
            Event::Connecting(exchange) => self.requests.connecting(exchange),
            Event::Job(job) => self.log.job(job),
            _ => {}
        }
    }

    /// Takes in what a provider of models was asked. How long a picture takes says nothing of the project's server, nor does a
    /// provider that cannot be reached.
    pub fn engine(&mut self, exchange: &Exchange) {
        self.requests.connecting(exchange);
        self.log.exchange(exchange);
    }

    /// Takes in a failure that no job tells of.
    pub fn problem(&mut self, operation: &str, problem: &Problem) {
        self.log.problem(operation, problem, Timestamp::now());
    }

    /// Opens the dock on one request.
    pub fn show_request(&mut self, id: ExchangeId) {
        self.open_on(Tab::Requests);
        self.filter.text.clear();
        self.requests.show(id);
        self.requests_view.reveal = true;
    }

    /// Opens the dock.
    pub fn open_on(&mut self, tab: Tab) {
        self.open = true;
        self.tab = tab;
    }

    /// Errors in the log.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.log.errors()
    }

    /// Of the newest request that ended by itself: whether it was answered, and how long it took.
    #[must_use]
    pub fn last_answer(&self) -> Option<(bool, Duration)> {
        self.requests.last_answer()
    }
}

/// Draws the dock into a panel that is [`HEIGHT`] tall while the dock is closed.
pub fn show(ui: &mut Ui, dock: &mut Dock, service: &Service, jobs: &[Job], actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    head::show(ui, dock, jobs);
    if !dock.open {
        return;
    }
    match dock.tab {
        Tab::Log => log_view::show(ui, &mut dock.log, &mut dock.filter, service, jobs, actions),
        Tab::Jobs => jobs_view::show(ui, jobs, actions),
        Tab::Requests => requests_view::show(
            ui,
            &mut dock.requests,
            &mut dock.requests_view,
            &mut dock.filter.text,
            service,
            actions,
        ),
    }
}
