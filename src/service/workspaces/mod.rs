//! All workspaces of this user: which there are, opening one, and looking after their profiles and secrets.

mod client;
mod keeper;
mod secrets;
mod testing;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{OnceCell, watch};

pub(super) use client::Clients;
pub use testing::RunningTest;

use super::connection::Draft;
use super::loads::Wake;
use super::{EventReceiver, Pending, Problem, Service};
use crate::http::{Limits, Secret, Transcript};
use crate::supabase::{Session, SessionKeeper, Tokens};
use crate::workspace::{
    Access, ApiKey, BaseUrl, Colour, DEFAULT_BUCKET, HeaderValues, Home, Imported, Kept, Profile, ProfileId, Profiles,
    ProjectUrl, Provider, SecretName, Tables, Unreadable, Vault, Workspace, WorkspaceId,
};

/// The embedded server, as far as the service knows it: something that can be started.
pub trait LocalServer: Send + Sync {
    /// Starts it, or joins the one that another process runs on the same folder. Called once at most while it works. What
    /// is said on the network for that goes into `transcript`.
    fn start(&self, transcript: Arc<Transcript>) -> BoxFuture<'_, Result<LocalAccess, Problem>>;
}

/// How the embedded server is reached.
#[derive(Clone, Debug)]
pub struct LocalAccess {
    /// Its address.
    pub url: ProjectUrl,
    /// Its service key.
    pub key: ApiKey,
}

/// How much is kept of what was said outside of any workspace: some twenty connection tests.
const KEPT: Limits = Limits {
    entries: 300,
    bytes: 2 << 20,
};

/// The name shown of the embedded workspace.
const LOCAL_NAME: &str = "Local workspace";

/// How long the removal of a workspace waits for its server.
const SIGN_OUT: Duration = Duration::from_secs(5);

/// The workspaces of this user. Clones share everything.
#[derive(Clone)]
pub struct Workspaces {
    inner: Arc<Inner>,
}

struct Inner {
    home: Home,
    profiles: Profiles,
    vault: Vault,
    server: Arc<dyn LocalServer>,
    local: OnceCell<LocalAccess>,
    runtime: tokio::runtime::Handle,
    wake: OnceLock<Wake>,
    transcript: Arc<Transcript>,
    /// News that there are secrets which were not to be had before.
    opened: watch::Sender<()>,
    /// A provider that the environment names stands in for those of all workspaces.
    provider: Option<Provider>,
}

/// A workspace in the switcher.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What opens it.
    pub id: WorkspaceId,
    /// The name shown.
    pub name: String,
    /// Its mark.
    pub colour: Colour,
    /// Its host and port, or what the local workspace says instead.
    pub place: String,
    /// How one gets in.
    pub access: Access,
    /// Whether it was the last one opened.
    pub last_used: bool,
    /// The profile; none for the local workspace.
    pub profile: Option<Profile>,
}

/// All workspaces, and what of the file could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// The local one first, then the profiles by name.
    pub workspaces: Vec<Listed>,
    /// Entries that this version cannot read. They stay in the file.
    pub unreadable: Vec<Unreadable>,
}

/// Secrets that were typed into a form; those that are absent stay as they are.
#[derive(Clone, Debug, Default)]
pub struct NewSecrets {
    /// The project's key.
    pub key: Option<ApiKey>,
    /// The user's password. It is used to sign in and never kept.
    pub password: Option<Secret>,
    /// The keys of AI providers, by their addresses.
    pub providers: Vec<(BaseUrl, Secret)>,
    /// The values of headers that are sent to them, by their addresses.
    pub headers: Vec<(BaseUrl, HeaderValues)>,
}

/// What came of saving a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The profile as it is in the file now.
    pub profile: Profile,
    /// Where its secrets are, and why not where it was asked for; none if no secret was given.
    pub kept: Option<Kept>,
}

/// What the places for secrets can do here, for the words beside the "remember" switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultState {
    /// Why there is no keychain, if there is none.
    pub no_keychain: Option<String>,
    /// Whether there is a file of secrets that waits for its passphrase.
    pub is_locked: bool,
    /// Whether the file of secrets is open.
    pub is_open: bool,
}

impl Workspaces {
    /// The workspaces of a home, with their secrets where this system keeps such. Nothing is read yet.
    #[must_use]
    pub fn new(home: Home, server: Arc<dyn LocalServer>, runtime: tokio::runtime::Handle) -> Self {
        let vault = Vault::new(&home);
        Self::with(home, vault, server, None, runtime)
    }

    /// The workspaces of a home, with their secrets in `vault`. A `provider` that the environment names for this run
    /// stands in for those of all workspaces.
    #[must_use]
    pub fn with(
        home: Home,
        vault: Vault,
        server: Arc<dyn LocalServer>,
        provider: Option<Provider>,
        runtime: tokio::runtime::Handle,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                profiles: Profiles::new(&home),
                vault,
                home,
                server,
                local: OnceCell::new(),
                runtime,
                wake: OnceLock::new(),
                transcript: Arc::new(Transcript::new(KEPT)),
                opened: watch::Sender::new(()),
                provider,
            }),
        }
    }

    /// What was said on the network lately outside of any workspace: signing in and out, connection tests, the search for
    /// the local server. Secrets are masked. Whoever opens a workspace is told of it by [`super::Event::Connecting`].
    #[must_use]
    pub fn transcript(&self) -> &Arc<Transcript> {
        &self.inner.transcript
    }

    /// Says whom [`Workspaces::load`] wakes. Only the first call counts.
    pub fn wake_with(&self, wake: Wake) {
        let _first = self.inner.wake.set(wake);
    }

    fn wake(&self) {
        if let Some(wake) = self.inner.wake.get() {
            wake();
        }
    }

    /// Starts a short piece of work, for the window. `work` gets a handle to this.
    pub fn load<T, F>(&self, work: impl FnOnce(Self) -> F) -> Pending<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let workspaces = self.clone();
        let wake: Wake = Arc::new(move || workspaces.wake());
        Pending::spawn(&self.inner.runtime, wake, work(self.clone()))
    }

    /// All workspaces.
    ///
    /// # Errors
    /// If the file of profiles is there and cannot be read.
    pub async fn list(&self) -> Result<List, Problem> {
        let registry = self.blocking(|inner| Ok(inner.profiles.read()?)).await?;
        let local = Listed {
            id: WorkspaceId::Local,
            name: LOCAL_NAME.to_owned(),
            colour: Colour::default(),
            place: "On this computer".to_owned(),
            access: Access::Key,
            last_used: registry.last_used == WorkspaceId::Local,
            profile: None,
        };
        let profiles = registry.profiles.into_iter().map(|profile| {
            let id = WorkspaceId::Profile(profile.id.clone());
            Listed {
                last_used: registry.last_used == id,
                id,
                name: profile.name.clone(),
                colour: profile.colour,
                place: profile.url.host_and_port().to_owned(),
                access: profile.access.clone(),
                profile: Some(profile),
            }
        });
        Ok(List {
            workspaces: std::iter::once(local).chain(profiles).collect(),
            unreadable: registry.unreadable,
        })
    }

    /// Saves a new profile under an id made from its name, with its secrets. A password is used to sign in first: if it
    /// is wrong, nothing is saved.
    ///
    /// # Errors
    /// If the profile or a secret cannot be kept, or the password is refused.
    pub async fn add(&self, profile: Profile, secrets: NewSecrets) -> Result<Saved, Problem> {
        let tokens = self.signed_in(&profile, &secrets).await?;
        let profile = self.blocking(move |inner| Ok(inner.profiles.add(profile)?)).await?;
        let id = profile.id.clone();
        match self.keep(profile, secrets, tokens).await {
            Ok(saved) => Ok(saved),
            Err(problem) => {
                // A workspace without its key would only be in the way; the form still has everything.
                let _ = self.blocking(move |inner| Ok(inner.profiles.remove(&id)?)).await;
                Err(problem)
            }
        }
    }

    /// Saves a profile that is there already, with those of its secrets that were typed anew. Where its address has
    /// changed, a key that was kept for the old one is not taken over.
    ///
    /// # Errors
    /// As [`Workspaces::add`].
    pub async fn save(&self, profile: Profile, secrets: NewSecrets) -> Result<Saved, Problem> {
        let tokens = self.signed_in(&profile, &secrets).await?;
        let (secrets, tokens) = self.moved(&profile, secrets, tokens).await?;
        self.keep(profile, secrets, tokens).await
    }

    /// Signs in again, as after a session has ended, and keeps the new one.
    ///
    /// # Errors
    /// If the password is refused, or there is no key.
    pub async fn sign_in(&self, id: &ProfileId, password: Secret) -> Result<(), Problem> {
        let profile = self.profile(id).await?;
        let secrets = NewSecrets {
            password: Some(password),
            ..NewSecrets::default()
        };
        let tokens = self.signed_in(&profile, &secrets).await?;
        self.keep(profile, NewSecrets::default(), tokens).await.map(|_| ())
    }

    /// Signs a profile's user out: on the server, and here in any case.
    ///
    /// # Errors
    /// If the profile is not there, the server did not hear of it, or a place still has the session.
    pub async fn sign_out(&self, id: &ProfileId) -> Result<(), Problem> {
        let profile = self.profile(id).await?;
        if let (Ok(key), Ok((tokens, keeper))) = (self.key(&profile).await, self.kept_session(&profile).await) {
            let session = Session::new(self.auth(&profile.url, &key)?, tokens, keeper);
            return Ok(session.sign_out().await?);
        }
        self.blocking(move |inner| Ok(inner.vault.forget_one(&profile, &SecretName::Session)?))
            .await
    }

    /// One profile.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn profile(&self, id: &ProfileId) -> Result<Profile, Problem> {
        let id = id.clone();
        self.blocking(move |inner| Ok(inner.profiles.get(&id)?)).await
    }

    /// Removes a profile and forgets its secrets; its user is signed out, if the server can be reached. The project
    /// itself is not touched.
    ///
    /// # Errors
    /// If it is not there, or a place still has its secrets; the profile then stays.
    pub async fn remove(&self, id: &ProfileId) -> Result<(), Problem> {
        let profile = self.profile(id).await?;
        if matches!(profile.access, Access::SignIn { .. })
            && let (Ok(key), Ok((tokens, keeper))) = (self.key(&profile).await, self.kept_session(&profile).await)
            && let Ok(auth) = self.auth(&profile.url, &key)
        {
            // Without the server the session ends by itself, and nobody has its tokens any more.
            let _ = tokio::time::timeout(SIGN_OUT, Session::new(auth, tokens, keeper).sign_out()).await;
        }
        let id = id.clone();
        self.blocking(move |inner| {
            inner.vault.forget(&profile)?;
            inner.profiles.remove(&id)?;
            // It is empty; left over, it would only be untidy.
            let _ = std::fs::remove_file(inner.home.session_lock(id.as_str()));
            Ok(())
        })
        .await
    }

    /// Opens a workspace and remembers it as the last one used.
    ///
    /// Where something must be typed first, the problem stands beside that field: `key`, `password`, or `passphrase`
    /// for the file of secrets.
    ///
    /// # Errors
    /// If it is not there, its key is not, or the embedded server cannot be started.
    pub async fn open(&self, id: &WorkspaceId) -> Result<(Service, EventReceiver), Problem> {
        let opened = self.open_for_command(id).await?;
        let id = id.clone();
        // That the next start begins elsewhere is no reason to close it again.
        let _ = self.blocking(move |inner| Ok(inner.profiles.set_last_used(&id)?)).await;
        Ok(opened)
    }

    /// Opens a workspace for one command; the window opens the one that it opened last all the same.
    ///
    /// # Errors
    /// As [`Workspaces::open`].
    pub async fn open_for_command(&self, id: &WorkspaceId) -> Result<(Service, EventReceiver), Problem> {
        match id {
            WorkspaceId::Local => {
                let local = self.local().await?;
                let (usual, all) = self.everybody(Vec::new()).await?;
                let workspace = Workspace::local(local.url, local.key, usual);
                self.open_service(workspace.with_providers(all), None)
            }
            WorkspaceId::Profile(id) => self.open_profile(self.profile(id).await?).await,
        }
    }

    /// The workspace that commands work on unless they name another.
    ///
    /// # Errors
    /// If the file of profiles cannot be read.
    pub async fn default_for_commands(&self) -> Result<WorkspaceId, Problem> {
        let registry = self.blocking(|inner| Ok(inner.profiles.read()?)).await?;
        Ok(registry.for_commands)
    }

    /// Makes commands work on that workspace unless they name another.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn use_for_commands(&self, id: &WorkspaceId) -> Result<(), Problem> {
        let id = id.clone();
        self.blocking(move |inner| {
            if let WorkspaceId::Profile(id) = &id {
                inner.profiles.get(id)?;
            }
            Ok(inner.profiles.set_for_commands(&id)?)
        })
        .await
    }

    /// The workspace that the window opened last.
    ///
    /// # Errors
    /// If the file of profiles cannot be read.
    pub async fn last_used(&self) -> Result<WorkspaceId, Problem> {
        let registry = self.blocking(|inner| Ok(inner.profiles.read()?)).await?;
        Ok(registry.last_used)
    }

    /// Finds a workspace by its id or, if no id is so, by its shown name in any case.
    ///
    /// # Errors
    /// If there is none, or the name is not the only one of its kind.
    pub async fn find(&self, name: &str) -> Result<WorkspaceId, Problem> {
        let list = self.list().await?.workspaces;
        if let Some(found) = list.iter().find(|listed| listed.id.as_str() == name) {
            return Ok(found.id.clone());
        }
        let mut named = list
            .iter()
            .filter(|listed| listed.name.to_lowercase() == name.to_lowercase());
        match (named.next(), named.next()) {
            (Some(found), None) => Ok(found.id.clone()),
            (Some(_), Some(_)) => Err(Problem::new(
                format!("More than one workspace is called “{name}”."),
                "Name it by its id; `workspace list` shows them.",
            )),
            (None, _) => Err(Problem::new(
                format!("There is no workspace “{name}”."),
                "`workspace list` shows which there are.",
            )),
        }
    }

    /// Opens a project that is not among the profiles, for this run only: the one that the environment names.
    ///
    /// # Errors
    /// If the embedded server is needed for its engines and cannot be started.
    pub async fn open_given(&self, url: ProjectUrl, key: ApiKey) -> Result<(Service, EventReceiver), Problem> {
        let (usual, all) = self.everybody(Vec::new()).await?;
        self.open_service(Workspace::project(url, key, usual).with_providers(all), None)
    }

    async fn open_profile(&self, profile: Profile) -> Result<(Service, EventReceiver), Problem> {
        let key = self.key(&profile).await?;
        let session = match profile.access {
            Access::Key => None,
            Access::SignIn { .. } => Some(self.kept_session(&profile).await?),
        };
        let own = self.with_keys(&profile, &NewSecrets::default()).await?;
        let own = own
            .into_iter()
            .map(|(provider, secrets)| Provider::of_profile(&provider, secrets));
        let (usual, all) = self.everybody(own.collect()).await?;
        let workspace = Workspace::of_profile(profile, key, usual);
        self.open_service(workspace.with_providers(all), session)
    }

    fn open_service(
        &self,
        workspace: Workspace,
        session: Option<(Tokens, Arc<dyn SessionKeeper>)>,
    ) -> Result<(Service, EventReceiver), Problem> {
        let (home, runtime) = (&self.inner.home, self.inner.runtime.clone());
        let opened = Service::open_as(workspace, session, Arc::clone(self.transcript()), home, runtime)?;
        opened.0.know_others(self.clone());
        Ok(opened)
    }

    /// A form's fields with the secrets that are kept for it already, ready to be tested.
    ///
    /// # Errors
    /// If there is no key, neither typed nor kept.
    pub async fn draft(&self, profile: &Profile, secrets: NewSecrets) -> Result<Draft, Problem> {
        let key = match &secrets.key {
            Some(key) => key.clone(),
            None => self.key(profile).await?,
        };
        let providers = self.with_keys(profile, &secrets).await?;
        let session = match profile.access {
            Access::SignIn { .. } if secrets.password.is_none() => {
                let kept = self.kept_session(profile).await.ok();
                let auth = self.auth(&profile.url, &key)?;
                kept.map(|(tokens, keeper)| Session::new(auth, tokens, keeper))
            }
            _ => None,
        };
        Ok(Draft {
            url: profile.url.clone(),
            key,
            access: profile.access.clone(),
            password: secrets.password,
            session,
            bucket: profile.bucket.clone(),
            tables: profile.tables.clone(),
            providers,
        })
    }

    /// A workspace as it is, ready to be tested.
    ///
    /// # Errors
    /// If it is not there, its key is not, or the embedded server cannot be started.
    pub async fn draft_of(&self, id: &WorkspaceId) -> Result<Draft, Problem> {
        match id {
            WorkspaceId::Profile(id) => {
                let profile = self.profile(id).await?;
                self.draft(&profile, NewSecrets::default()).await
            }
            WorkspaceId::Local => {
                let local = self.local().await?;
                Ok(Draft {
                    url: local.url,
                    key: local.key,
                    access: Access::Key,
                    password: None,
                    session: None,
                    bucket: DEFAULT_BUCKET.to_owned(),
                    tables: Tables::default(),
                    providers: Vec::new(),
                })
            }
        }
    }

    /// Those profiles as the text of a file to share; all if `ids` is empty. No secrets.
    ///
    /// # Errors
    /// If one of them is not there.
    pub async fn export(&self, ids: Vec<ProfileId>) -> Result<String, Problem> {
        self.blocking(move |inner| Ok(inner.profiles.export(&ids)?)).await
    }

    /// Saves the profiles of a shared file; it says which secrets it did not take.
    ///
    /// # Errors
    /// If the text is no such file.
    pub async fn import(&self, text: String) -> Result<Imported, Problem> {
        self.blocking(move |inner| Ok(inner.profiles.import(&text)?)).await
    }

    /// What the places for secrets can do here.
    ///
    /// # Errors
    /// If the program is closing.
    pub async fn vault_state(&self) -> Result<VaultState, Problem> {
        self.blocking(|inner| {
            Ok(VaultState {
                no_keychain: inner.vault.keychain().err().map(|error| error.to_string()),
                is_locked: inner.vault.is_locked(),
                is_open: inner.vault.is_open(),
            })
        })
        .await
    }

    /// Opens the file of secrets, or begins one with this passphrase.
    ///
    /// # Errors
    /// If the passphrase is another one, or too short for a new file.
    pub async fn unlock_vault(&self, passphrase: Secret) -> Result<(), Problem> {
        let unlocked = self.blocking(move |inner| Ok(inner.vault.unlock(&passphrase)?)).await;
        self.inner.opened.send_replace(());
        unlocked
    }

    /// Whether this is the passphrase of the file of secrets, for a second question before something dangerous.
    ///
    /// # Errors
    /// If it is another one, or there is no such file.
    pub async fn confirm_vault(&self, passphrase: Secret) -> Result<(), Problem> {
        self.blocking(move |inner| Ok(inner.vault.confirm(&passphrase)?)).await
    }

    /// Everybody who can write or draw in a workspace with these providers of its own, the usual one before all. A
    /// provider of the environment stands in for its own. The embedded server is started for its engines; where there are
    /// others, a workspace opens without them.
    async fn everybody(&self, own: Vec<Provider>) -> Result<(Provider, Vec<Provider>), Problem> {
        let mut all = self.inner.provider.clone().map_or(own, |provider| vec![provider]);
        let built_in = self.local().await.map(|local| built_in(&local));
        let usual = match (all.first(), &built_in) {
            (Some(first), _) => first.clone(),
            (None, Ok(built_in)) => built_in.clone(),
            (None, Err(problem)) => return Err(problem.clone()),
        };
        all.extend(built_in.ok());
        Ok((usual, all))
    }

    /// The embedded server; started by whoever asks first, while others wait for it.
    async fn local(&self) -> Result<LocalAccess, Problem> {
        let start = || self.inner.server.start(Arc::clone(self.transcript()));
        let started = self.inner.local.get_or_try_init(start).await?;
        Ok(started.clone())
    }

    /// Work on the disk or the keychain, off the threads that must not wait.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|_| Problem::stopped())?
    }
}

/// The engines of the embedded server.
fn built_in(local: &LocalAccess) -> Provider {
    Provider::built_in(format!("{}/ai/v1", local.url), local.key.secret().clone())
}
