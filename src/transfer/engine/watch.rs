//! What the faces see of the engine: one snapshot that is replaced a few times a second, however much happens, and the
//! items that came to an end, one by one, for those who want to write them down.

use serde::Serialize;
use tokio::sync::{broadcast, watch};

use super::concurrency::InUse;
use super::line::WaitingForServer;
use crate::transfer::job::{Counts, Failure, ItemState, JobId};

/// The engine at a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Snapshot {
    /// The jobs that run here.
    pub running: Vec<Live>,
    /// Small items on their way.
    pub small: Option<InUse>,
    /// Large items on their way.
    pub large: Option<InUse>,
    /// Bytes a second that may go, if there is a limit.
    pub bandwidth: Option<u64>,
    /// That the server is being waited for.
    pub waiting: Option<WaitingForServer>,
    /// Jobs that wait for a workspace that cannot be opened.
    pub held: Vec<Held>,
    /// Grows with each change to the list of jobs or what is wanted of them: a list that was read before is old.
    pub revision: u64,
}

/// A job that goes into another workspace, and waits until that can be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Which.
    pub job: JobId,
    /// Why it cannot be opened, and what helps.
    pub why: Failure,
}

/// A job that runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Live {
    /// Which.
    pub job: JobId,
    /// Its items by where they stand.
    pub counts: Counts,
    /// Bytes that have arrived of items that are on their way.
    pub moving: u64,
    /// Bytes a second, lately.
    pub rate: u64,
    /// That a server is being waited for which only this job needs: another workspace's, or both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<WaitingForServer>,
    /// Items that are on their way, with how many bytes of each have arrived.
    pub arrived: Vec<(u32, u64)>,
}

/// An item came to an end, or has arrived and is yet to be proven, or waits again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemNews {
    /// The job.
    pub job: JobId,
    /// The item.
    pub number: u32,
    /// Where it stands.
    #[serde(flatten)]
    pub state: ItemState,
}

/// Items that a slow receiver may fall behind by.
const BEHIND: usize = 4_096;

pub(super) struct Watch {
    snapshot: watch::Sender<Snapshot>,
    items: broadcast::Sender<ItemNews>,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            snapshot: watch::Sender::new(Snapshot::default()),
            items: broadcast::Sender::new(BEHIND),
        }
    }

    pub(super) fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.snapshot.subscribe()
    }

    pub(super) fn items(&self) -> broadcast::Receiver<ItemNews> {
        self.items.subscribe()
    }

    pub(super) fn item(&self, news: ItemNews) {
        // Nobody may be listening.
        let _ = self.items.send(news);
    }

    /// Changes the snapshot; who watches is woken only if it is another one.
    pub(super) fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        self.snapshot.send_if_modified(|snapshot| {
            let before = snapshot.clone();
            change(snapshot);
            *snapshot != before
        });
    }
}
