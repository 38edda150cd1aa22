//! How long something is kept up that takes several calls: a download that goes on where it broke off, an upload in
//! parts.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Http, HttpError};

/// Counts failures in a row, by the rules for repeating requests: the same waits, the same number of attempts, the
/// same budget. Progress starts the count anew, so that a long transfer over a bad line ends by itself only when it
/// stands still.
#[derive(Debug)]
pub struct Persistence {
    http: Http,
    origin: String,
    /// In a row.
    failures: u32,
    /// What the waits since the last progress have taken from the budget.
    taken: u32,
}

impl Persistence {
    pub(super) fn new(http: Http, origin: String) -> Self {
        Self {
            http,
            origin,
            failures: 0,
            taken: 0,
        }
    }

    /// Something new has arrived, and is worth to be gone on from. What going on has cost so far was no waste: it goes
    /// back into the budget.
    pub fn progressed(&mut self) {
        self.failures = 0;
        self.http
            .budget()
            .give_back(&self.origin, std::mem::take(&mut self.taken));
    }

    /// Counts a failure that may pass, and says how long to wait before going on; the server's wish is a floor. None if it
    /// is not worth it: if there were as many in a row as a request is attempted, or if the server's budget for
    /// repetitions is spent.
    pub fn failed(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.failures += 1;
        let wait = self.http.retry_policy().wait(self.failures, asked)?;
        if !self.http.budget().take(&self.origin, false) {
            return None;
        }
        self.taken += 1;
        Some(wait)
    }

    /// After a failure: waits, if it is worth it as [`Persistence::failed`] says, and says whether to go on. It is not
    /// worth it either if the failure is one that stays, or if `cancel` is called meanwhile.
    pub async fn goes_on(&mut self, error: &HttpError, cancel: &CancellationToken) -> bool {
        if !error.class.is_transient() || error.retry_at.is_some() {
            return false;
        }
        let Some(wait) = self.failed(None) else {
            return false;
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => false,
            () = tokio::time::sleep(wait) => true,
        }
    }
}
