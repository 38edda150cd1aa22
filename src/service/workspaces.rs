//! All workspaces of this user: which there are, opening one, and looking after their profiles and secrets.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use super::connection::Draft;
use super::loads::Wake;
use super::{EventReceiver, Pending, Problem, Service};
use crate::http::Secret;
use crate::workspace::{
    Access, ApiKey, Colour, Home, Imported, Kept, Profile, ProfileId, Profiles, ProjectUrl, Provider, SecretName,
    Unreadable, Vault, Workspace, WorkspaceId,
};

/// The embedded server, as far as the service knows it: something that can be started.
pub trait LocalServer: Send + Sync {
    /// Starts it, or joins the one that another process runs on the same folder. Called once at most while it works.
    fn start(&self) -> BoxFuture<'_, Result<LocalAccess, Problem>>;
}

/// How the embedded server is reached.
#[derive(Clone, Debug)]
pub struct LocalAccess {
    /// Its address.
    pub url: ProjectUrl,
    /// Its service key.
    pub key: ApiKey,
}

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
    /// Its host, or what the local workspace says instead.
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
    /// The key of the AI provider.
    pub provider: Option<Secret>,
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
    /// The workspaces of a home. Nothing is read yet.
    #[must_use]
    pub fn new(home: Home, server: Arc<dyn LocalServer>, runtime: tokio::runtime::Handle) -> Self {
        Self {
            inner: Arc::new(Inner {
                profiles: Profiles::new(&home),
                vault: Vault::new(&home),
                home,
                server,
                local: OnceCell::new(),
                runtime,
                wake: OnceLock::new(),
                provider: None,
            }),
        }
    }

    /// Says whom [`Workspaces::load`] wakes. Only the first call counts.
    pub fn wake_with(&self, wake: Wake) {
        let _first = self.inner.wake.set(wake);
    }

    /// Starts a short piece of work, for the window. `work` gets a handle to this.
    pub fn load<T, F>(&self, work: impl FnOnce(Self) -> F) -> Pending<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let wake: Wake = Arc::new(move || {
            if let Some(wake) = inner.wake.get() {
                wake();
            }
        });
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
            name: "Local workspace".to_owned(),
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
                place: profile.url.host().to_owned(),
                access: profile.access.clone(),
                profile: Some(profile),
            }
        });
        Ok(List {
            workspaces: std::iter::once(local).chain(profiles).collect(),
            unreadable: registry.unreadable,
        })
    }

    /// Saves a new profile under an id made from its name, with its secrets.
    ///
    /// # Errors
    /// If the profile or a secret cannot be kept, or the password is refused.
    pub async fn add(&self, profile: Profile, secrets: NewSecrets) -> Result<Saved, Problem> {
        let profile = self.blocking(move |inner| Ok(inner.profiles.add(profile)?)).await?;
        let kept = self.keep(&profile, secrets).await?;
        Ok(Saved { profile, kept })
    }

    /// Saves a profile that is there already, with those of its secrets that were typed anew.
    ///
    /// # Errors
    /// As [`Workspaces::add`].
    pub async fn save(&self, profile: Profile, secrets: NewSecrets) -> Result<Saved, Problem> {
        let kept = self.keep(&profile, secrets).await?;
        let profile = self
            .blocking(move |inner| {
                inner.profiles.save(&profile)?;
                Ok(profile)
            })
            .await?;
        Ok(Saved { profile, kept })
    }

    /// Removes a profile and forgets its secrets. The project itself is not touched.
    ///
    /// # Errors
    /// If it is not there, or a place still has its secrets; the profile then stays.
    pub async fn remove(&self, id: &ProfileId) -> Result<(), Problem> {
        let id = id.clone();
        self.blocking(move |inner| {
            let profile = inner.profiles.get(&id)?;
            inner.vault.forget(&profile)?;
            inner.profiles.remove(&id)?;
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
        let workspace = self.workspace(id).await?;
        let opened = Service::open(workspace, &self.inner.home, self.inner.runtime.clone())?;
        let id = id.clone();
        self.blocking(move |inner| Ok(inner.profiles.set_last_used(&id)?))
            .await?;
        Ok(opened)
    }

    /// A form's fields with the secrets that are kept for it already, ready to be tested.
    ///
    /// # Errors
    /// If there is no key, neither typed nor kept.
    pub async fn draft(&self, profile: &Profile, secrets: NewSecrets) -> Result<Draft, Problem> {
        let key = match secrets.key {
            Some(key) => key,
            None => self.key(profile).await?,
        };
        let provider_key = match secrets.provider {
            Some(key) => Some(key),
            None => self.secret(profile, SecretName::Provider).await?,
        };
        Ok(Draft {
            url: profile.url.clone(),
            key,
            access: profile.access.clone(),
            password: secrets.password,
            bucket: profile.bucket.clone(),
            tables: profile.tables.clone(),
            provider: profile.provider.clone().map(|provider| (provider, provider_key)),
        })
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
        self.blocking(move |inner| Ok(inner.vault.unlock(&passphrase)?)).await
    }

    async fn workspace(&self, id: &WorkspaceId) -> Result<Workspace, Problem> {
        match id {
            WorkspaceId::Local => {
                let local = self.local().await?;
                let provider = self.built_in(&local);
                Ok(Workspace::local(local.url, local.key, provider))
            }
            WorkspaceId::Profile(id) => {
                let id = id.clone();
                let profile = self.blocking(move |inner| Ok(inner.profiles.get(&id)?)).await?;
                let key = self.key(&profile).await?;
                let provider = match (&self.inner.provider, &profile.provider) {
                    (Some(provider), _) => provider.clone(),
                    (None, Some(provider)) => Provider {
                        name: provider.name.clone(),
                        base_url: provider.base_url.clone(),
                        key: self.secret(&profile, SecretName::Provider).await?,
                        text_model: provider.text_model.clone(),
                        image_model: provider.image_model.clone(),
                        dialect: provider.dialect,
                    },
                    (None, None) => self.built_in(&self.local().await?),
                };
                Ok(Workspace::of_profile(profile, key, provider))
            }
        }
    }

    fn built_in(&self, local: &LocalAccess) -> Provider {
        let built_in = || Provider::built_in(format!("{}/ai/v1", local.url), local.key.secret().clone());
        self.inner.provider.clone().unwrap_or_else(built_in)
    }

    /// The embedded server; started by whoever asks first, while others wait for it.
    async fn local(&self) -> Result<LocalAccess, Problem> {
        let started = self.inner.local.get_or_try_init(|| self.inner.server.start()).await?;
        Ok(started.clone())
    }

    async fn key(&self, profile: &Profile) -> Result<ApiKey, Problem> {
        let secret = self.secret(profile, SecretName::Key).await?.ok_or_else(|| {
            Problem::new(
                format!("The key of “{}” is not kept on this computer.", profile.name),
                "Paste it to connect.",
            )
            .beside("key")
        })?;
        Ok(ApiKey::parse(secret.expose())?)
    }

    async fn secret(&self, profile: &Profile, name: SecretName) -> Result<Option<Secret>, Problem> {
        let profile = profile.clone();
        self.blocking(move |inner| Ok(inner.vault.get(&profile, name)?)).await
    }

    async fn keep(&self, profile: &Profile, secrets: NewSecrets) -> Result<Option<Kept>, Problem> {
        let profile = profile.clone();
        self.blocking(move |inner| {
            let mut kept = None;
            let key = secrets.key.map(|key| key.secret().clone());
            for (name, secret) in [(SecretName::Key, key), (SecretName::Provider, secrets.provider)] {
                if let Some(secret) = secret {
                    kept = Some(inner.vault.put(&profile, name, &secret)?);
                }
            }
            Ok(kept)
        })
        .await
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
