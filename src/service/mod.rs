//! What both faces call: one handle to the work of a workspace, with jobs, loads and events.
//!
//! The command line awaits the methods; the window starts the same methods as [`Jobs`] (long work, with progress,
//! cancel and retry) or as [`Pending`] values (short reads), and learns of everything else through [`Event`]s.
//! Errors of the rooms below become a [`Problem`] here and nowhere else.

mod admin;
pub mod connection;
mod events;
mod files;
mod jobs;
mod loads;
mod objects;
mod pictures;
mod probe;
mod problem;
mod problems;
mod stories;
mod workspaces;

use std::future::Future;
use std::sync::Arc;

use tokio::sync::broadcast;

pub use admin::{AdminAction, AdminMode, AdminState};
pub use events::{Event, EventReceiver, SceneWork, Subject};
pub use files::{Existing, LocalFile, write_whole};
pub use jobs::{Ending, Job, JobContext, JobId, JobState, Jobs, Progress};
pub use loads::{Load, Pending, Wake};
pub use objects::Put;
pub use pictures::{Picture, PictureAt};
pub use probe::{ProbeAnswer, ProbeRow};
pub use problem::Problem;
pub use stories::STORIES_PAGE;
pub use workspaces::{List, Listed, LocalAccess, LocalServer, NewSecrets, Saved, VaultState, Workspaces};

use crate::ai::Ai;
use crate::http::{Exchange, Http, Transcript};
use crate::journal::Journal;
use crate::story::{Settings, Stories};
use crate::supabase::{BucketName, Supabase};
use crate::workspace::{Home, Workspace};
use events::EventSender;

/// The work of one workspace. Clones are handles to the same.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    workspace: Workspace,
    bucket: BucketName,
    http: Http,
    supabase: Supabase,
    stories: Stories,
    jobs: Jobs,
    admin: AdminMode,
    events: EventSender,
    transcript: Arc<Transcript>,
    runtime: tokio::runtime::Handle,
}

impl Service {
    /// Opens a workspace: its journal and its clients. Nothing is sent yet.
    ///
    /// # Errors
    /// If the journal cannot be opened or the workspace's settings are wrong.
    pub fn open(
        workspace: Workspace,
        home: &Home,
        runtime: tokio::runtime::Handle,
    ) -> Result<(Self, EventReceiver), Problem> {
        let (events, receiver) = events::channel();
        let transcript = Arc::new(Transcript::default());
        runtime.spawn(forward(transcript.subscribe(), events.clone()));
        let http = Http::new(transcript.clone()).map_err(Problem::from)?;
        let bucket = BucketName::parse(&workspace.bucket).map_err(Problem::from)?;
        let journal = Journal::open(&home.journal(&workspace.id)).map_err(Problem::from)?;
        let supabase = Supabase::new(http.clone(), workspace.url.clone(), workspace.key.clone());
        let ai = Ai::new(http.clone(), workspace.provider.clone());
        let settings = Settings {
            bucket: bucket.clone(),
            key_template: workspace.key_template.clone(),
            user_id: workspace.user_id.clone(),
            concurrent_pictures: workspace.concurrent_pictures,
            text_engine: workspace.provider.text_engine(),
            image_engine: workspace.provider.image_engine(),
            // The embedded server has another port at every start; its engines are the same.
            provider: if workspace.provider.is_built_in() {
                "built-in".to_owned()
            } else {
                workspace.provider.base_url.clone()
            },
            image_model: workspace.provider.image_model.clone(),
        };
        let stories = Stories::new(supabase.clone(), ai, journal, settings);
        let jobs = Jobs::new(runtime.clone(), events.clone());
        let admin = AdminMode::new(workspace.is_admin());
        let inner = Inner {
            admin,
            workspace,
            bucket,
            http,
            supabase,
            stories,
            jobs,
            events,
            transcript,
            runtime,
        };
        Ok((Self { inner: Arc::new(inner) }, receiver))
    }

    /// The workspace.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.inner.workspace
    }

    /// What may be done here with a key that passes every rule.
    #[must_use]
    pub fn admin(&self) -> &AdminMode {
        &self.inner.admin
    }

    /// The bucket that pictures of scenes go to.
    #[must_use]
    pub fn bucket(&self) -> &BucketName {
        &self.inner.bucket
    }

    /// The jobs of this workspace.
    #[must_use]
    pub fn jobs(&self) -> &Jobs {
        &self.inner.jobs
    }

    /// Every request of this run, with secrets masked.
    #[must_use]
    pub fn transcript(&self) -> &Transcript {
        &self.inner.transcript
    }

    /// Starts a short read. `work` gets a handle to this service.
    pub fn load<T, F>(&self, work: impl FnOnce(Self) -> F) -> Pending<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let events = self.inner.events.clone();
        Pending::spawn(&self.inner.runtime, Arc::new(move || events.wake()), work(self.clone()))
    }

    fn changed(&self, subject: Subject) {
        self.inner.events.send(Event::Changed(subject));
    }
}

/// Passes every exchange on as an event. A listener that is too slow misses the oldest; the transcript has them all.
async fn forward(mut exchanges: broadcast::Receiver<Arc<Exchange>>, events: EventSender) {
    loop {
        match exchanges.recv().await {
            Ok(exchange) => events.send(Event::Exchange(exchange)),
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}
