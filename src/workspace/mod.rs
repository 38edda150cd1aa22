//! Which project, which key, which providers, which limits.

mod api_key;
mod project_url;

pub use api_key::{ApiKey, ApiKeyError, KeyKind};
pub use project_url::{ProjectUrl, ProjectUrlError};
