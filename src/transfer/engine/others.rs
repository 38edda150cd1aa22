//! Jobs that go into another workspace: who gives its client, and what becomes of a job while it cannot be had.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::{Engine, Held, Shared};
use crate::supabase::Supabase;
use crate::transfer::error::TransferError;
use crate::transfer::job::{Failure, FailureKind, JobId, Wanted};
use crate::transfer::plan::OtherWorkspace;
use crate::transfer::queue::Kept;

/// Whoever knows the other workspaces of this user and their keys.
pub trait Others: Send + Sync {
    /// The client of a workspace.
    ///
    /// # Errors
    /// Why it cannot be opened now, and what helps: its key is not kept or is locked away, it is not there any more, it leads to
    /// another project.
    fn client<'a>(&'a self, other: &'a OtherWorkspace) -> BoxFuture<'a, Result<Supabase, Failure>>;

    /// News that a workspace which could not be opened may be opened now.
    fn news(&self) -> watch::Receiver<()>;
}

impl Engine {
    /// Says who knows the other workspaces. Without it, jobs that go into another one wait. Only the first call counts.
    pub fn know_others(&self, others: Arc<dyn Others>) {
        let _first = self.shared.others.set(others);
    }
}

impl Shared {
    /// The client of the workspace that a job goes into, if it goes into another one. A job that is to be cancelled does not
    /// wait for it.
    pub(super) async fn there(&self, kept: &Kept) -> Result<Option<Supabase>, TransferError> {
        let job = kept.job.id;
        let Some(other) = &kept.job.rules.elsewhere else {
            return Ok(None);
        };
        let found = match self.others.get() {
            Some(others) => others.client(other).await,
            None => Err(unknown(other)),
        };
        match found {
            Ok(client) => {
                self.hold(job, None);
                Ok(Some(client))
            }
            Err(_) if kept.job.wanted == Wanted::Cancel => {
                self.hold(job, None);
                Ok(None)
            }
            Err(why) => {
                self.hold(job, Some(why.clone()));
                Err(TransferError::OtherClosed {
                    what: why.what,
                    hint: why.hint,
                })
            }
        }
    }

    /// Shows that a job waits, or that it does not any more.
    fn hold(&self, job: JobId, why: Option<Failure>) {
        self.watch.change(|snapshot| {
            snapshot.held.retain(|held| held.job != job);
            snapshot.held.extend(why.map(|why| Held { job, why }));
        });
    }
}

/// Waits for news of other workspaces; for ever where nobody knows any.
pub(super) async fn opened(news: &mut Option<watch::Receiver<()>>) {
    if let Some(receiver) = news
        && receiver.changed().await.is_ok()
    {
        return;
    }
    // Whoever knew them is gone.
    *news = None;
    std::future::pending::<()>().await;
}

fn unknown(other: &OtherWorkspace) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        what: format!("The workspace “{}” is not known here.", other.workspace),
        hint: "Go on with it in the window or by a command on this workspace.".to_owned(),
    }
}
