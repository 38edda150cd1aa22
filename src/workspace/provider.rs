//! Who writes the scenes and draws the pictures.

use serde::{Deserialize, Serialize};

use super::ProviderProfile;
use super::project_url::is_loopback;
use crate::http::Secret;

/// A server of text and image models with the names of the models to use. Names are data: providers retire models
/// within months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The name shown beside what it made.
    pub name: String,
    /// What the paths of the API are appended to, e.g. `https://api.openai.com/v1`.
    pub base_url: String,
    /// Sent as `Authorization: Bearer`.
    pub key: Option<Secret>,
    /// The model that writes.
    pub text_model: String,
    /// The model that draws.
    pub image_model: String,
    /// How the image API is spoken.
    pub dialect: Dialect,
}

/// The ways image APIs that call themselves OpenAI-compatible differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// The embedded server: OpenAI's wire, and a seed.
    BuiltIn,
    /// OpenAI itself: size and quality, no seed.
    #[default]
    OpenAi,
}

/// What the paths of a provider's API are appended to: an address without a password, a query or a slash at its end.
/// HTTPS only, but for this machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl(String);

/// Why a text is no address of a provider. The text is not repeated: a key may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not an address of the web.
    #[error("this is not the address of a provider; it begins with https://")]
    NotAnAddress,
    /// A name, a password, or something after a question mark.
    #[error("the address of a provider has no password and no ? in it; keys go into the key's field")]
    Secret,
    /// Plain HTTP to another machine.
    #[error("the provider's address is not encrypted; only this machine may be reached without https")]
    NotEncrypted,
}

impl BaseUrl {
    /// Reads an address; slashes at its end are dropped, and what names one call of the API.
    ///
    /// # Errors
    /// If it is none, or more than an address.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let text = text.trim().trim_end_matches('/');
        let text = ["/chat/completions", "/images/generations", "/models"]
            .iter()
            .find_map(|call| text.strip_suffix(call))
            .unwrap_or(text);
        let url = url::Url::parse(text).map_err(|_| BaseUrlError::NotAnAddress)?;
        let host = url.host().ok_or(BaseUrlError::NotAnAddress)?;
        match url.scheme() {
            _ if !url.username().is_empty() || url.password().is_some() => Err(BaseUrlError::Secret),
            "http" | "https" if url.query().is_some() || url.fragment().is_some() => Err(BaseUrlError::Secret),
            "https" => Ok(()),
            "http" if is_loopback(&host) => Ok(()),
            "http" => Err(BaseUrlError::NotEncrypted),
            _ => Err(BaseUrlError::NotAnAddress),
        }?;
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(text: String) -> Result<Self, BaseUrlError> {
        Self::parse(&text)
    }
}

impl From<BaseUrl> for String {
    fn from(url: BaseUrl) -> Self {
        url.0
    }
}

impl Provider {
    /// The engines of the embedded server at `base_url`.
    #[must_use]
    pub fn built_in(base_url: String, key: Secret) -> Self {
        Self {
            name: "Built-in (no AI)".to_owned(),
            base_url,
            key: Some(key),
            text_model: "builtin-storyteller".to_owned(),
            image_model: "builtin-illustrator".to_owned(),
            dialect: Dialect::BuiltIn,
        }
    }

    /// The provider of a profile, with its key.
    #[must_use]
    pub fn of_profile(profile: &ProviderProfile, key: Option<Secret>) -> Self {
        Self {
            name: profile.name.clone(),
            base_url: profile.base_url.as_str().to_owned(),
            key,
            text_model: profile.text_model.clone(),
            image_model: profile.image_model.clone(),
            dialect: profile.dialect,
        }
    }

    /// Who writes, as it is shown and stored.
    #[must_use]
    pub fn text_engine(&self) -> String {
        match self.dialect {
            Dialect::BuiltIn => "Built-in storyteller (no AI)".to_owned(),
            Dialect::OpenAi => format!("{} · {}", self.name, self.text_model),
        }
    }

    /// Who draws, as it is shown and stored.
    #[must_use]
    pub fn image_engine(&self) -> String {
        match self.dialect {
            Dialect::BuiltIn => "Built-in illustrator (no AI)".to_owned(),
            Dialect::OpenAi => format!("{} · {}", self.name, self.image_model),
        }
    }

    /// Whether the built-in engines answer, so that their work is never called AI.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.dialect == Dialect::BuiltIn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_provider_holds_no_secret() {
        for (text, expected) in [
            ("https://api.openai.com/v1/", Ok("https://api.openai.com/v1")),
            (
                " https://api.openai.com/v1/chat/completions",
                Ok("https://api.openai.com/v1"),
            ),
            ("http://127.0.0.1:11434/v1", Ok("http://127.0.0.1:11434/v1")),
            ("http://api.openai.com/v1", Err(BaseUrlError::NotEncrypted)),
            ("https://user:hunter2@api.openai.com", Err(BaseUrlError::Secret)),
            ("https://api.openai.com/v1?key=hunter2", Err(BaseUrlError::Secret)),
            ("sk-hunter2", Err(BaseUrlError::NotAnAddress)),
            ("file:///etc/passwd", Err(BaseUrlError::NotAnAddress)),
        ] {
            let parsed = BaseUrl::parse(text);
            assert_eq!(
                parsed.as_ref().map(BaseUrl::as_str),
                expected.as_ref().map(|url| *url),
                "{text}"
            );
        }
    }
}
