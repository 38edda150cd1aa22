//! Which project, which key, which providers, which limits.

mod api_key;
mod environment;
mod home;
mod project_url;
mod provider;

pub use api_key::{ApiKey, ApiKeyError, KeyKind};
pub use environment::{EnvironmentError, project_from, provider_from};
pub use home::{Home, NoHome};
pub use project_url::{ProjectUrl, ProjectUrlError};
pub use provider::{Dialect, Provider};

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
    /// Who writes and draws.
    pub provider: Provider,
    /// The bucket that pictures of scenes go to.
    pub bucket: String,
    /// How a picture's object is named; see [`crate::workspace::DEFAULT_KEY_TEMPLATE`].
    pub key_template: String,
    /// Whose stories are made, as the rows say it.
    pub user_id: Option<String>,
    /// Pictures made and uploaded at the same time, at least one.
    pub concurrent_pictures: usize,
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
            provider,
            bucket: DEFAULT_BUCKET.to_owned(),
            key_template: DEFAULT_KEY_TEMPLATE.to_owned(),
            user_id: Some("local".to_owned()),
            concurrent_pictures: 2,
        }
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
