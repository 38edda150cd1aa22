//! Plan → journal → run → verify, for every byte that moves between files and buckets.
//!
//! A [`Plan`] is a list of what is to be done, looked at before anything is. Running one makes a *job* of it in the
//! journal, whose items then go through [`ItemState`]s; each step is on disk before the request that follows from it. What
//! was in flight when the program died is looked for on the server and never blindly done again.
//!
//! Stories, windows and the command line use this room; it knows none of them, and no scene.

pub mod carry;
pub mod engine;
mod error;
mod job;
pub mod names;
pub mod plan;
mod queue;
pub mod trash;
mod whole;

pub use engine::{Engine, Growth, Held, Limits, Live, Others, Snapshot, Standing, Target};
pub use error::TransferError;
pub use job::{Content, Counts, Failure, FailureKind, Item, ItemState, Job, JobId, JobState, Proof, Wanted};
pub use plan::{Action, Kind, Place, Plan, PlanItem, Rules, Seen, Unseen};
