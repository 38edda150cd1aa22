//! The connection test as it runs: its rows, and whether they are of what stands in the form now.

use crate::service::connection::{Check, CheckId, CheckState, Draft};
use crate::service::{NewSecrets, Pending, Problem, RunningTest, Workspaces};
use crate::workspace::Profile;

/// The rows of a test.
pub struct Test {
    /// One a check, in the order they run.
    pub rows: Vec<Check>,
    stage: Stage,
    /// Of which state of the form it is.
    of: Option<u64>,
}

enum Stage {
    /// Not begun, or ended.
    Rest,
    /// The secrets that are kept are looked up.
    Drafting(Box<Pending<Draft>>),
    Running(RunningTest),
}

impl Default for Test {
    fn default() -> Self {
        Self::ended(CheckId::ALL.into_iter().map(Check::waiting).collect(), None)
    }
}

impl Test {
    /// A test that has ended with these rows, of the form's state called `of`.
    #[must_use]
    pub fn ended(rows: Vec<Check>, of: Option<u64>) -> Self {
        Self {
            rows,
            stage: Stage::Rest,
            of,
        }
    }

    /// Begins it anew with what stands in the form, whose state is called `revision`.
    pub fn start(&mut self, workspaces: &Workspaces, profile: Profile, secrets: NewSecrets, revision: u64) {
        let draft = workspaces.load(move |workspaces| async move { workspaces.draft(&profile, secrets).await });
        *self = Self {
            stage: Stage::Drafting(Box::new(draft)),
            of: Some(revision),
            ..Self::default()
        };
    }

    /// Stops it, if it runs: what it tests has changed.
    pub fn stop(&mut self) {
        if self.is_running() {
            *self = Self::default();
        }
    }

    /// Takes in what has arrived. Answers why the test could not be run, if it could not.
    pub fn poll(&mut self, workspaces: &Workspaces) -> Option<Problem> {
        match std::mem::replace(&mut self.stage, Stage::Rest) {
            Stage::Rest => {}
            Stage::Drafting(draft) => match draft.take() {
                Err(draft) => self.stage = Stage::Drafting(Box::new(draft)),
                Ok(Ok(draft)) => self.stage = Stage::Running(workspaces.start_test(draft)),
                Ok(Err(problem)) => {
                    *self = Self::default();
                    return Some(problem);
                }
            },
            Stage::Running(mut test) => {
                let over = test.is_over();
                // Read after it is over, or the last row could be missed.
                self.rows = test.checks();
                if !over {
                    self.stage = Stage::Running(test);
                }
            }
        }
        None
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !matches!(self.stage, Stage::Rest)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_was_asked() {
        let mut test = Test::ended(CheckId::ALL.into_iter().map(Check::waiting).collect(), Some(3));
        for (at, state) in [CheckState::Ok, CheckState::Warning, CheckState::Skipped]
            .into_iter()
            .enumerate()
        {
            test.rows[at].state = state;
        }
        assert_eq!(test.words(3), "1 of 8 passed");
        assert_eq!(test.words(4), "Of what was typed before");
        assert_eq!(Test::default().words(0), "Not run yet");
    }
}
