//! The one channel on which everything that changes comes back up.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, OnceLock, mpsc};

use crate::http::Exchange;
use crate::story::{BatchId, Replaced, SceneId, StoryId};
use crate::supabase::BucketName;

use super::loads::Wake;
use super::transfers::{Moving, Undoing};
use super::{Job, Problem};

/// Something changed.
#[derive(Clone, Debug)]
pub enum Event {
    /// A job began, moved on or ended.
    Job(Job),
    /// A request to the workspace was sent, was answered or failed.
    Exchange(Arc<Exchange>),
    /// The same of a request outside of any workspace: of signing in or out, of a connection test, of the search for the
    /// local server. It says nothing of the workspace that is open.
    Connecting(Arc<Exchange>),
    /// Something stored is not what it was; whoever shows it reads it again.
    Changed(Subject),
    /// More is known of a bucket that is watched: [`super::Service::index`] has it, or [`super::Service::indexing`] says
    /// why not. At most ten a second.
    Indexed(BucketName),
    /// Work on one scene's picture began or ended.
    Scene(StoryId, SceneId, SceneWork),
    /// A manuscript was written, saved, approved of, published or discarded.
    Manuscript(StoryId),
    /// A scene's picture was replaced; what it takes to undo it.
    Replaced(Replaced),
    /// The variants of a scene are not what they were.
    Variants(StoryId, SceneId),
    /// A batch of pictures began, moved on, waits or ended.
    Batch(BatchId),
    /// No engine is asked for what is queued any more until the program is started again.
    DrawingStopped(Problem),
    /// Transfers began, moved on or ended.
    Moving(Arc<Moving>),
    /// Planning that was begun by [`super::Service::start_transfer`] has come to its end, whatever that was.
    TransferPlanned,
    /// Something that was wanted of transfers was not done.
    TransferRefused(Problem),
    /// Some of what was wanted will not be done; the rest will.
    TransferLeftOut(Problem),
    /// Nothing has to be done: a sentence says why.
    TransferNeedless(String),
    /// A transfer was taken back.
    TransferUndone(Undoing),
    /// Nothing is transferred any more until the program is started again.
    TransfersStopped(Problem),
}

/// What happens to a scene's picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SceneWork {
    /// It is being made or uploaded.
    Drawing,
    /// Nothing more happens; the row says how it ended.
    Ended,
}

/// What an event or a job is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Nothing that is shown anywhere.
    None,
    /// A story as a whole.
    Story(StoryId),
    /// One scene of a story.
    Scene(StoryId, SceneId),
    /// A bucket and what is in it.
    Bucket(BucketName),
}

impl Subject {
    /// The story it is about, whole or in part.
    #[must_use]
    pub fn story(&self) -> Option<&StoryId> {
        match self {
            Self::Story(story) | Self::Scene(story, _) => Some(story),
            Self::None | Self::Bucket(_) => None,
        }
    }
}

/// Where events are sent; each one wakes the window, once there is one.
#[derive(Clone)]
pub struct EventSender {
    sender: Sender<Event>,
    wake: Arc<OnceLock<Wake>>,
    changes: Arc<OnceLock<OnChange>>,
}

/// Is told of what is not what it was, in the thread that says so.
type OnChange = Box<dyn Fn(&Subject) + Send + Sync>;

/// Where events arrive.
pub struct EventReceiver {
    receiver: Receiver<Event>,
    wake: Arc<OnceLock<Wake>>,
}

/// A channel with nobody to wake yet.
#[must_use]
pub fn channel() -> (EventSender, EventReceiver) {
    let (sender, receiver) = mpsc::channel();
    let wake = Arc::new(OnceLock::new());
    (
        EventSender {
            sender,
            wake: wake.clone(),
            changes: Arc::default(),
        },
        EventReceiver { receiver, wake },
    )
}

impl EventSender {
    /// Says who else in the service is told of changes. Only the first call counts.
    pub fn on_change(&self, tell: OnChange) {
        let _first = self.changes.set(tell);
    }

    /// Sends; if nobody listens any more, the event is dropped.
    pub fn send(&self, event: Event) {
        if let (Event::Changed(subject), Some(tell)) = (&event, self.changes.get()) {
            tell(subject);
        }
        if self.sender.send(event).is_ok() {
            self.wake();
        }
    }

    /// Wakes the window without an event.
    pub fn wake(&self) {
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }
}

impl EventReceiver {
    /// Says whom to wake. Only the first call counts.
    pub fn wake_with(&self, wake: Wake) {
        // A second window on the same workspace is not a thing; the first one stays.
        let _first = self.wake.set(wake);
    }

    /// The oldest event that was not taken yet. Never waits.
    #[must_use]
    pub fn next(&self) -> Option<Event> {
        self.receiver.try_recv().ok()
    }

    /// What has arrived. Never waits.
    pub fn drain(&self) -> impl Iterator<Item = Event> + '_ {
        self.receiver.try_iter()
    }
}
