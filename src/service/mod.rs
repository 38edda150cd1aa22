//! What both faces call: one handle to the work of a workspace, with jobs, loads and events.
//!
//! The command line awaits the methods; the window starts the same methods as [`Jobs`] (long work, with progress,
//! cancel and retry) or as [`Pending`] values (short reads), and learns of everything else through [`Event`]s.
//! Errors of the rooms below become a [`Problem`] here and nowhere else.

mod admin;
mod buckets;
mod catalog;
pub mod connection;
mod engines;
mod events;
mod export;
mod feed;
mod files;
mod finding;
mod folders;
mod history;
mod jobs;
mod keeping;
mod loads;
mod objects;
mod operator;
mod pasted;
mod peek;
mod pictures;
mod probe;
mod problem;
mod problems;
mod provenance;
mod publishing;
mod scene_files;
mod signing;
mod stories;
mod story_links;
mod story_rows;
mod studio;
mod transfers;
mod usage_csv;
mod uses;
mod workspaces;

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, broadcast, watch};
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

pub use admin::{AdminAction, AdminMode, AdminState};
pub use buckets::BucketTotal;
pub use catalog::{BucketUsage, Indexing};
pub use engines::Engine;
pub use events::{Event, EventReceiver, SceneWork, Subject};
pub use feed::{Arrived, Feed};
pub use files::{LocalFile, write_whole};
pub use finding::{Find, Finds};
pub use jobs::{Ending, Job, JobContext, JobId, JobState, Jobs, Progress};
pub use loads::{Load, Pending, Wake};
pub use objects::FOLDER_PLACEHOLDER;
pub use peek::Peek;
pub use pictures::{Picture, PictureAt, UNREADABLE_URL};
pub use probe::{ProbeAnswer, ProbeRow};
pub use problem::{Problem, SaveAs};
pub use provenance::{Provenance, Written};
pub use signing::{Signed, signed_csv};
pub use stories::STORIES_PAGE;
pub use story_links::{BrokenLink, BrokenLinks, LinkRepair};
pub use studio::{BatchScope, Drawing, EngineSpending, Estimate, MOST_VARIANTS, Spending};
pub use transfers::{Begun, Moving, MovingItem, MovingJob, Prepared, Proven, Renaming, Report, Undoing, Wish};
pub use usage_csv::usage_csv;
pub use uses::{SceneUse, UsedScene, Uses};
pub use workspaces::{List, Listed, LocalAccess, LocalServer, NewSecrets, RunningTest, Saved, VaultState, Workspaces};

use crate::ai::Ai;
use crate::http::{Exchange, ExchangeId, Http, Transcript, Waiting};
use crate::journal::Journal;
use crate::story::{Settings, Stories};
use crate::supabase::{Auth, BucketName, Session, SessionKeeper, Supabase, Tokens, User};
use crate::transfer::{self, Limits};
use crate::workspace::{Home, Workspace};
use catalog::Catalogs;
use engines::Engines;
use events::EventSender;
use transfers::Manifests;
use uses::UsesCache;

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
    engines: Engines,
    engine: transfer::Engine,
    manifests: Manifests,
    uses: UsesCache,
    broken: story_links::BrokenCache,
    /// The other workspaces of this user, where they are known.
    others: OnceLock<Workspaces>,
    /// Where files are that were made for uploads.
    prepared_root: PathBuf,
    /// What runs and shows transfers, in a window.
    transferring: Mutex<Option<JoinHandle<()>>>,
    /// What a transfer did was taken back: it cannot be once more.
    taken_back: Arc<Notify>,
    studio: pictures::Studio,
    jobs: Jobs,
    /// Pictures that engines are asked for.
    queue: Arc<studio::Queue>,
    catalogs: Arc<Catalogs>,
    /// Where lists of objects are kept.
    catalog_folder: std::path::PathBuf,
    admin: AdminMode,
    events: EventSender,
    transcript: Arc<Transcript>,
    connecting: Arc<Transcript>,
    /// Tells of what is in `connecting`, which outlives this.
    _told: AbortOnDropHandle<()>,
    runtime: tokio::runtime::Handle,
    /// Ends with the last handle.
    keeping: AbortOnDropHandle<()>,
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
        Self::open_as(workspace, None, Arc::default(), home, runtime)
    }

    /// Opens a workspace, as a user where there are tokens of one; new ones go to their keeper. What is said on the network
    /// outside of any workspace is in `connecting`, and is told of with the rest.
    pub(crate) fn open_as(
        mut workspace: Workspace,
        session: Option<(Tokens, Arc<dyn SessionKeeper>)>,
        connecting: Arc<Transcript>,
        home: &Home,
        runtime: tokio::runtime::Handle,
    ) -> Result<(Self, EventReceiver), Problem> {
        let (events, receiver) = events::channel();
        let transcript = Arc::new(Transcript::default());
        runtime.spawn(forward(transcript.subscribe(), events.clone(), Event::Exchange));
        let news = connecting.subscribe();
        for exchange in connecting.exchanges() {
            events.send(Event::Connecting(exchange));
        }
        let told = runtime.spawn(forward(news, events.clone(), Event::Connecting));
        let http = Http::new(transcript.clone()).map_err(Problem::from)?;
        runtime.spawn(tell_of_waiting(http.waiting(), events.clone()));
        let bucket = BucketName::parse(&workspace.bucket).map_err(Problem::from)?;
        let journal = Journal::open(&home.journal(&workspace.id)).map_err(Problem::from)?;
        let (url, key) = (workspace.url.clone(), workspace.key.clone());
        let supabase = match session {
            None => Supabase::new(http.clone(), url, key),
            Some((tokens, keeper)) => {
                workspace.user_id = Some(tokens.user.id.clone());
                let auth = Auth::new(http.clone(), url.clone(), key.clone());
                let session = Session::new(auth, tokens, keeper);
                Supabase::signed_in(http.clone(), url, key, session)
            }
        };
        if workspace.providers.first() != Some(&workspace.provider) {
            // Whoever changed the usual one meant it.
            workspace
                .providers
                .retain(|other| !other.id().is(&workspace.provider.id()));
            workspace.providers.insert(0, workspace.provider.clone());
        }
        let engines = Engines::new(&http, &workspace);
        let usual = engines.usual().cloned();
        let ai = usual.unwrap_or_else(|| Ai::new(http.clone(), workspace.provider.clone()));
        let settings = Settings {
            bucket: bucket.clone(),
            key_template: workspace.key_template.clone(),
            user_id: workspace.user_id.clone(),
            operator: operator::name(supabase.session().map(Session::user).as_ref()),
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
            tables: workspace.tables.clone(),
        };
        let engine = transfer::Engine::open(supabase.clone(), journal.clone(), Limits::default());
        let manifests = Manifests::new(engine.clone(), supabase.url().clone(), journal.folder());
        let catalog_folder = journal.folder().to_owned();
        let catalogs = Arc::new(Catalogs::default());
        let changed = Arc::clone(&catalogs);
        events.on_change(Box::new(move |subject| changed.changed(subject)));
        let prepared_root = transfers::prepared_root(journal.folder());
        let stories = Stories::new(supabase.clone(), ai, journal, settings);
        let queue = Arc::new(studio::Queue::new(stories.variants()));
        let keeping = AbortOnDropHandle::new(runtime.spawn(keeping::look_after(
            stories.clone(),
            events.clone(),
            workspace.keep_forgotten_days,
        )));
        let jobs = Jobs::new(runtime.clone(), events.clone());
        let admin = AdminMode::new(workspace.is_admin());
        let inner = Inner {
            admin,
            workspace,
            bucket,
            http,
            supabase,
            stories,
            engines,
            engine,
            manifests,
            uses: UsesCache::default(),
            broken: story_links::BrokenCache::default(),
            others: OnceLock::new(),
            prepared_root,
            transferring: Mutex::default(),
            taken_back: Arc::default(),
            studio: pictures::Studio::new(home),
            jobs,
            queue,
            catalogs,
            catalog_folder,
            events,
            transcript,
            connecting,
            _told: AbortOnDropHandle::new(told),
            runtime,
            keeping,
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

    /// Who is signed in; none where a key does everything.
    #[must_use]
    pub fn user(&self) -> Option<User> {
        self.inner.supabase.session().map(Session::user)
    }

    /// Whether the session of whoever was signed in has ended, so that only signing in again helps.
    #[must_use]
    pub fn session_ended(&self) -> bool {
        self.inner.supabase.session().is_some_and(Session::has_ended)
    }

    /// Signs out. The tokens are forgotten here in any case.
    ///
    /// # Errors
    /// If the server did not hear of it, or the kept tokens could not be removed.
    pub async fn sign_out(&self) -> Result<(), Problem> {
        match self.inner.supabase.session() {
            Some(session) => Ok(session.sign_out().await?),
            None => Ok(()),
        }
    }

    /// Ends the work on this workspace: jobs come to their safe ends, admin mode locks. With the last handle the
    /// transcript goes, and with it every secret that it was told to hide.
    pub async fn close(&self) {
        self.admin().lock();
        self.inner.keeping.abort();
        self.inner.catalogs.close();
        self.stop_transferring().await;
        self.stop_drawing().await;
        self.jobs().shut_down().await;
    }

    /// The jobs of this workspace.
    #[must_use]
    pub fn jobs(&self) -> &Jobs {
        &self.inner.jobs
    }

    /// Every request to this workspace, with secrets masked.
    #[must_use]
    pub fn transcript(&self) -> &Transcript {
        &self.inner.transcript
    }

    /// A request that an event told of, if it is still kept: one to this workspace, or one outside of any.
    #[must_use]
    pub fn exchange(&self, id: ExchangeId) -> Option<Arc<Exchange>> {
        let ours = self.inner.transcript.get(id);
        ours.or_else(|| self.inner.connecting.get(id))
    }

    /// The servers that are left alone for a while because they keep failing. A change wakes the window, and so does the
    /// end of that while.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        self.inner.http.waiting().borrow().clone()
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
        if subject.story().is_some() {
            self.inner.uses.story_changed();
        }
        if subject != Subject::None {
            self.inner.broken.changed();
        }
        self.inner.events.send(Event::Changed(subject));
    }
}

/// Passes every exchange on as an event. A listener that is too slow misses the oldest; the transcript has them all.
async fn forward(
    mut exchanges: broadcast::Receiver<Arc<Exchange>>,
    events: EventSender,
    event: fn(Arc<Exchange>) -> Event,
) {
    loop {
        match exchanges.recv().await {
            Ok(exchange) => events.send(event(exchange)),
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

/// Wakes the window when a server begins or ceases to be left alone, and when its time is over.
async fn tell_of_waiting(mut waiting: watch::Receiver<Vec<Waiting>>, events: EventSender) {
    loop {
        let now = Timestamp::now();
        let next = waiting
            .borrow_and_update()
            .iter()
            .filter_map(|waiting| Duration::try_from(waiting.until.duration_since(now)).ok())
            .filter(|left| !left.is_zero())
            .min();
        let over = async {
            match next {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = waiting.changed() => if changed.is_err() {
                return;
            },
            () = over => {}
        }
        events.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_window_is_woken_when_a_wait_begins_and_when_it_is_over_and_not_in_between() {
        let (sender, waiting) = watch::channel(Vec::new());
        let (events, receiver) = events::channel();
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        receiver.wake_with(Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        }));
        let told = tokio::spawn(tell_of_waiting(waiting, events));
        tokio::task::yield_now().await;
        let mut wakes = Vec::new();
        for change in [Some(5), None, Some(0), None, None] {
            if let Some(seconds) = change {
                sender.send_replace(vec![Waiting {
                    origin: "https://x".to_owned(),
                    endpoint: "rest".to_owned(),
                    until: Timestamp::now() + jiff::SignedDuration::from_secs(seconds),
                }]);
            }
            tokio::time::sleep(Duration::from_secs(4)).await;
            wakes.push(woken.load(Ordering::SeqCst));
        }
        assert_eq!(wakes, [1, 2, 3, 3, 3]);
        drop(sender);
        told.await.unwrap();
    }
}
