//! The connection test as it runs: its rows, and whether they are of what stands in the form now.

use std::sync::mpsc::{self, Receiver};

use crate::service::connection::{self, Check, CheckId, CheckState};
use crate::service::{NewSecrets, Pending, Wake, Workspaces};
use crate::workspace::Profile;

/// The rows of a test.
pub struct Test {
    /// One a check, in the order they run.
    pub rows: Vec<Check>,
    running: Option<Running>,
    /// Of which state of the form it is.
    of: Option<u64>,
}

struct Running {
    reports: Receiver<Check>,
    done: Pending<Vec<Check>>,
}

impl Default for Test {
    fn default() -> Self {
        Self {
            rows: CheckId::ALL.into_iter().map(Check::waiting).collect(),
            running: None,
            of: None,
        }
    }
}

impl Test {
    /// Begins it anew with what stands in the form, whose state is called `revision`.
    pub fn start(&mut self, workspaces: &Workspaces, wake: Wake, profile: Profile, secrets: NewSecrets, revision: u64) {
        let (sender, reports) = mpsc::channel();
        let done = workspaces.load(move |workspaces| async move {
            let draft = workspaces.draft(&profile, secrets).await?;
            let report = move |check: Check| {
                // Nobody listens any more when another test took its place.
                if sender.send(check).is_ok() {
                    wake();
                }
            };
            Ok(connection::test(&draft, &report).await)
        });
        *self = Self {
            running: Some(Running { reports, done }),
            of: Some(revision),
            ..Self::default()
        };
    }

    /// Stops it, if it runs: what it tests has changed.
    pub fn stop(&mut self) {
        if self.running.take().is_some() {
            *self = Self::default();
        }
    }

    /// Takes in what has arrived. Answers why the test could not be run, if it could not.
    pub fn poll(&mut self) -> Option<crate::service::Problem> {
        let running = self.running.take()?;
        for check in running.reports.try_iter() {
            put(&mut self.rows, check);
        }
        match running.done.take() {
            Err(done) => {
                self.running = Some(Running { done, ..running });
                None
            }
            Ok(Ok(checks)) => {
                for check in checks {
                    put(&mut self.rows, check);
                }
                None
            }
            Ok(Err(problem)) => {
                *self = Self::default();
                Some(problem)
            }
        }
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether its rows say something about the form in the state called `revision`.
    #[must_use]
    pub fn is_of(&self, revision: u64) -> bool {
        self.of == Some(revision)
    }

    /// Whether there is anything to show of it.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.of.is_some()
    }

    /// Rows in a state.
    #[must_use]
    pub fn count(&self, state: CheckState) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }

    /// "4 of 6 passed", of the rows that were asked at all.
    #[must_use]
    pub fn words(&self, revision: u64) -> String {
        if !self.has_begun() {
            return "Not run yet".to_owned();
        }
        if !self.is_of(revision) && !self.is_running() {
            return "Of what was typed before".to_owned();
        }
        let asked = self.rows.len() - self.count(CheckState::Skipped);
        format!("{} of {asked} passed", self.count(CheckState::Ok))
    }
}

fn put(rows: &mut [Check], check: Check) {
    if let Some(row) = rows.iter_mut().find(|row| row.id == check.id) {
        *row = check;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_was_asked() {
        let mut test = Test {
            of: Some(3),
            ..Test::default()
        };
        for (at, state) in [CheckState::Ok, CheckState::Warning, CheckState::Skipped].into_iter().enumerate() {
            test.rows[at].state = state;
        }
        assert_eq!(test.words(3), "1 of 8 passed");
        assert_eq!(test.words(4), "Of what was typed before");
        assert_eq!(Test::default().words(0), "Not run yet");
    }
}
