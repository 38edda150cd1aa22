//! The environment variables that choose a project and a provider for one run.

use super::{ApiKey, ApiKeyError, BaseUrl, Dialect, ProjectUrl, ProjectUrlError, Provider};
use crate::http::Secret;

/// What is wrong with the environment. The values of keys are never repeated.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// `SUPABASE_URL` is no address of a project.
    #[error("SUPABASE_URL: {0}")]
    Url(#[source] ProjectUrlError),
    /// `SUPABASE_KEY` is no key.
    #[error("SUPABASE_KEY: {0}")]
    Key(#[source] ApiKeyError),
    /// One of the two is missing.
    #[error("SUPABASE_URL and SUPABASE_KEY belong together; {0} is not set")]
    Missing(&'static str),
}

/// The project that `SUPABASE_URL` and `SUPABASE_KEY` name, if they are set. `read` looks a variable up.
///
/// # Errors
/// If only one of them is set, or one cannot be read.
pub fn project_from(read: impl Fn(&str) -> Option<String>) -> Result<Option<(ProjectUrl, ApiKey)>, EnvironmentError> {
    let value = |name| read(name).filter(|value| !value.trim().is_empty());
    match (value("SUPABASE_URL"), value("SUPABASE_KEY")) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(EnvironmentError::Missing("SUPABASE_URL")),
        (Some(_), None) => Err(EnvironmentError::Missing("SUPABASE_KEY")),
        (Some(url), Some(key)) => Ok(Some((
            ProjectUrl::parse(&url).map_err(EnvironmentError::Url)?,
            ApiKey::parse(&key).map_err(EnvironmentError::Key)?,
        ))),
    }
}

/// The provider that `STORYMIMI_AI_URL`, `STORYMIMI_AI_KEY`, `STORYMIMI_TEXT_MODEL` and `STORYMIMI_IMAGE_MODEL`
/// name, if an address and both models are set; otherwise the built-in engines stay. `STORYMIMI_AI_DIALECT` says how its
/// images are asked for, where the address does not tell.
#[must_use]
pub fn provider_from(read: impl Fn(&str) -> Option<String>) -> Option<Provider> {
    let value = |name| read(name).filter(|value| !value.trim().is_empty());
    let base_url = BaseUrl::parse(&value("STORYMIMI_AI_URL")?).ok()?.to_string();
    let name = url::Url::parse(&base_url).ok()?.host_str()?.to_owned();
    let dialect = value("STORYMIMI_AI_DIALECT").and_then(|word| word.parse().ok());
    Some(Provider {
        key: value("STORYMIMI_AI_KEY").map(|key| Secret::new(&key)),
        text_model: value("STORYMIMI_TEXT_MODEL")?,
        image_model: value("STORYMIMI_IMAGE_MODEL")?,
        dialect: dialect.unwrap_or_else(|| Dialect::of_address(&base_url)),
        ..Provider::new(name, base_url)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader<'a>(values: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| {
            values
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn needs_both_halves_of_a_project() {
        assert!(project_from(reader(&[])).unwrap().is_none());
        let error = project_from(reader(&[("SUPABASE_URL", "https://a.supabase.co")])).unwrap_err();
        assert!(error.to_string().contains("SUPABASE_KEY is not set"));
        let both = [("SUPABASE_URL", "a.supabase.co"), ("SUPABASE_KEY", "sb_secret_x")];
        let (url, key) = project_from(reader(&both)).unwrap().unwrap();
        assert_eq!(url.as_str(), "https://a.supabase.co");
        assert!(key.is_service());
    }

    #[test]
    fn does_not_repeat_a_key_that_cannot_be_read() {
        let error = project_from(reader(&[
            ("SUPABASE_URL", "https://a.supabase.co"),
            ("SUPABASE_KEY", "hunter2"),
        ]));
        assert!(!format!("{:?}", error.unwrap_err()).contains("hunter2"));
    }

    #[test]
    fn a_provider_needs_an_address_and_both_models() {
        let whole = [
            ("STORYMIMI_AI_URL", "https://api.example.com/v1/"),
            ("STORYMIMI_TEXT_MODEL", "text"),
            ("STORYMIMI_IMAGE_MODEL", "image"),
        ];
        let provider = provider_from(reader(&whole)).unwrap();
        assert_eq!(
            (provider.base_url.as_str(), provider.name.as_str()),
            ("https://api.example.com/v1", "api.example.com")
        );
        assert!(provider_from(reader(&whole[..2])).is_none());
    }
}
