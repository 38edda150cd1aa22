//! Which project, which key, which providers, which limits.

mod api_key;
mod dialect;
mod environment;
mod home;
mod key_facts;
mod money;
mod pasted;
mod profile;
mod profiles;
mod project_url;
mod provider;
mod provider_profile;
mod provider_secrets;
mod typed_url;
mod vault;

use std::num::NonZeroU32;

pub use api_key::{ApiKey, ApiKeyError, KeyKind};
pub use dialect::{Dialect, NotADialect};
pub use environment::{EnvironmentError, project_from, provider_from};
pub use home::{Home, NoHome};
pub use key_facts::{Belongs, KeyFacts, Lifetime};
pub use money::{Money, NotAnAmount};
pub use pasted::{PastedKey, PastedSettings};
pub use profile::{Access, Colour, Keep, Limits, Profile, ProfileError, ProfileId, TableName, Tables, WorkspaceId};
pub use profiles::{Imported, Profiles, ProfilesError, Registry, Unreadable};
pub use project_url::{ProjectUrl, ProjectUrlError};
pub use provider::{BaseUrl, BaseUrlError, EngineId, Provider};
pub use provider_profile::ProviderProfile;
pub use provider_secrets::{HeaderValues, ProviderSecrets};
pub use typed_url::{Removed, TypedUrl, UrlWarning};
#[cfg(test)]
pub(crate) use vault::Scripted;
pub use vault::{Kept, SecretName, Vault, VaultError};

/// A project to work on, with all that is needed to reach it.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// A name for files, the same at every start: `local`, or the project's host.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// Whether this is the embedded server of this program.
    pub is_local: bool,
    /// Where the project is.
    pub url: ProjectUrl,
    /// The key that everything is done with.
    pub key: ApiKey,
    /// Who writes and draws unless another one is chosen.
    pub provider: Provider,
    /// Everybody who can write or draw: `provider` first, and the built-in engines among them where they can be had.
    pub providers: Vec<Provider>,
    /// The bucket that pictures of scenes go to.
    pub bucket: String,
    /// How a picture's object is named; see [`crate::workspace::DEFAULT_KEY_TEMPLATE`].
    pub key_template: String,
    /// Whose stories are made, as the rows say it.
    pub user_id: Option<String>,
    /// Pictures made and uploaded at the same time, at least one.
    pub concurrent_pictures: usize,
    /// Requests to the provider in a minute, if they are to be fewer than it takes.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Days for which the files of candidates that were forgotten stay on this computer, at least one.
    pub keep_forgotten_days: u32,
    /// The mark that tells it from others.
    pub colour: Colour,
    /// How one gets in.
    pub access: Access,
    /// Where stories and scenes are.
    pub tables: Tables,
}

/// The bucket that the service's stories use.
pub const DEFAULT_BUCKET: &str = "story-images";

/// The name of a scene's picture: its place in the story, counted from 0 as in the stored rows, and a fresh UUID.
pub const DEFAULT_KEY_TEMPLATE: &str = "scene_{index}_{uuid}.{ext}";

impl Workspace {
    /// The embedded workspace, reached at `url`.
    #[must_use]
    pub fn local(url: ProjectUrl, key: ApiKey, provider: Provider) -> Self {
        Self {
            id: "local".to_owned(),
            name: "Local workspace".to_owned(),
            is_local: true,
            url,
            key,
            providers: vec![provider.clone()],
            provider,
            bucket: DEFAULT_BUCKET.to_owned(),
            key_template: DEFAULT_KEY_TEMPLATE.to_owned(),
            user_id: Some("local".to_owned()),
            concurrent_pictures: Limits::default().concurrent_pictures,
            requests_per_minute: None,
            keep_forgotten_days: Limits::USUAL_DAYS,
            colour: Colour::default(),
            access: Access::Key,
            tables: Tables::default(),
        }
    }

    /// The workspace of a profile, with the key that opens it and who writes and draws there.
    #[must_use]
    pub fn of_profile(profile: Profile, key: ApiKey, provider: Provider) -> Self {
        Self {
            id: profile.id.to_string(),
            name: profile.name,
            is_local: false,
            url: profile.url,
            key,
            providers: vec![provider.clone()],
            provider,
            bucket: profile.bucket,
            key_template: profile.key_template,
            user_id: None,
            concurrent_pictures: profile.limits.clamped().concurrent_pictures,
            requests_per_minute: profile.limits.requests_per_minute,
            keep_forgotten_days: profile.limits.clamped().keep_forgotten_days,
            colour: profile.colour,
            access: profile.access,
            tables: profile.tables,
        }
    }

    /// The same with all of these providers; the first one is the usual one. Of several with one name only the first can
    /// be chosen.
    #[must_use]
    pub fn with_providers(mut self, providers: Vec<Provider>) -> Self {
        if let Some(first) = providers.first() {
            self.provider = first.clone();
            self.providers = providers;
        }
        self
    }

    /// Whether a key that passes every rule is used on a project of others than this program: admin mode.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        !self.is_local && self.key.is_service() && self.access == Access::Key
    }

    /// A project of Supabase, or one that serves the same API.
    #[must_use]
    pub fn project(url: ProjectUrl, key: ApiKey, provider: Provider) -> Self {
        let host = url
            .as_str()
            .split_once("://")
            .map_or(url.as_str(), |(_, host)| host)
            .to_owned();
        let id = host
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .collect();
        Self {
            id,
            name: host,
            is_local: false,
            user_id: None,
            ..Self::local(url, key, provider)
        }
    }
}
