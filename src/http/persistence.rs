//! How long something is kept up that takes several calls: a download that goes on where it broke off, an upload in
//! parts.

use tokio_util::sync::CancellationToken;

use super::{Http, HttpError};

/// Counts failures in a row, by the rules for repeating requests: the same waits, the same number of attempts, the
/// same budget. Progress starts the count anew, so that a long transfer over a bad line ends by itself only when it
/// stands still.
#[derive(Debug)]
pub struct Persistence {
    http: Http,
    origin: String,
    failures: u32,
}

impl Persistence {
    pub(super) fn new(http: Http, origin: String) -> Self {
        Self {
            http,
            origin,
            failures: 0,
        }
    }

    /// Something new has arrived, and is worth to be gone on from.
    pub fn progressed(&mut self) {
        self.failures = 0;
    }

    /// After a failure: waits, if it is worth it, and says whether to go on. It is not if the failure is one that
    /// stays, if there were as many in a row as a request is attempted, if the server's budget for repetitions is
    /// spent, or if `cancel` is called meanwhile.
    pub async fn goes_on(&mut self, error: &HttpError, cancel: &CancellationToken) -> bool {
        self.failures += 1;
        if !error.class.is_transient() || error.retry_at.is_some() {
            return false;
        }
        let wait = self.http.retry_policy().wait(self.failures, None);
        let Some(wait) = wait.filter(|_| self.http.budget().take(&self.origin, false)) else {
            return false;
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => false,
            () = tokio::time::sleep(wait) => true,
        }
    }
}
