//! What makes a whole call of this room fail. What happens to a single item is a [`Failure`](super::Failure).

use std::path::PathBuf;

use super::job::JobId;
use crate::journal::JournalError;

/// A transfer could not be kept, read or run.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What the journal holds cannot be understood: another program wrote to it.
    #[error("the journal holds something about transfer {job} that cannot be read: {why}")]
    Unreadable {
        /// The job.
        job: String,
        /// What.
        why: String,
    },
    /// There is no such job in this workspace.
    #[error("there is no transfer {0} in this workspace")]
    NoSuchJob(JobId),
    /// The job has no such item, or the item is over.
    #[error("transfer {job} has no item {number} that this could be done to")]
    NoSuchItem {
        /// The job.
        job: JobId,
        /// The item.
        number: u32,
    },
    /// Another window or command runs it.
    #[error("transfer {0} is being run by another window or command")]
    Busy(JobId),
    /// The job is not over.
    #[error("transfer {0} is not over")]
    NotOver(JobId),
    /// The plan is for another project. It is run nowhere else.
    #[error("the plan is for {planned}, and this workspace is {here}")]
    OtherProject {
        /// The plan's.
        planned: String,
        /// This one.
        here: String,
    },
    /// The plan cannot be carried out.
    #[error("the plan cannot be carried out: {0}")]
    BadPlan(String),
    /// The file that tells who runs a job.
    #[error("cannot use {}: {source}", path.display())]
    Lock {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The job goes into another workspace, which cannot be opened now. Everything that is left waits.
    #[error("{what}")]
    OtherClosed {
        /// Why, as a sentence.
        what: String,
        /// What helps, as a sentence.
        hint: String,
    },
    /// The server was waited for as long as is allowed. Everything that is left goes on with the next run.
    #[error("the server was not back after {minutes} minutes; everything that is left waits. The last it said: {what}")]
    GaveUp {
        /// How long was waited.
        minutes: u64,
        /// What happened last.
        what: String,
    },
}
