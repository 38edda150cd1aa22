//! Who writes the scenes and draws the pictures.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::project_url::is_loopback;
use super::{Dialect, HeaderValues, Money, ProviderProfile, ProviderSecrets};
use crate::http::Secret;

/// A server of text and image models with the names of the models to use. Names are data: providers retire models
/// within months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The name shown beside what it made.
    pub name: String,
    /// What the paths of the API are appended to, e.g. `https://api.openai.com/v1`.
    pub base_url: String,
    /// Sent as `Authorization: Bearer`, or as the dialect has it.
    pub key: Option<Secret>,
    /// The model that writes; empty if none does.
    pub text_model: String,
    /// The model that draws; empty if none does.
    pub image_model: String,
    /// How the image API is spoken.
    pub dialect: Dialect,
    /// What a picture costs, as whoever pays for it says.
    pub price: Option<Money>,
    /// What may be spent in a calendar month.
    pub budget: Option<Money>,
    /// Pictures that are asked for at the same time, at least one.
    pub concurrent: usize,
    /// Requests in a minute, if they are to be fewer than it takes.
    pub per_minute: Option<NonZeroU32>,
    /// Headers that are sent along.
    pub headers: Vec<(String, String)>,
    /// Headers that are sent along wherever the key is, and are as secret.
    pub secret_headers: HeaderValues,
    /// What is merged last into the bodies of requests for pictures, and from its object `text` into those for texts.
    /// ComfyUI finds its `workflow` here.
    pub extra: Map<String, Value>,
    /// Whether names and ages of people are replaced in what is sent, and put back in what comes.
    pub mask_people: bool,
}

/// Which provider of a workspace: what is stored beside a picture, typed in a command, and chosen in a list. It is the
/// provider's name, and [`EngineId::BUILT_IN`] for the engines of the embedded server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EngineId(String);

impl EngineId {
    /// The engines that are always there.
    pub const BUILT_IN: &str = "built-in";

    /// The engine of that name. Whether there is one is another question.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.trim().to_owned())
    }

    /// The built-in engines.
    #[must_use]
    pub fn built_in() -> Self {
        Self(Self::BUILT_IN.to_owned())
    }

    /// Whether it names the built-in engines.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.0.eq_ignore_ascii_case(Self::BUILT_IN)
    }

    /// Whether both name the same engine: letters are alike in both cases.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EngineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        url::Url::parse(&self.0).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    /// A provider that has neither key nor models yet, and the usual settings.
    #[must_use]
    pub fn new(name: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            base_url: base_url.into(),
            key: None,
            text_model: String::new(),
            image_model: String::new(),
            dialect: Dialect::OpenAi,
            price: None,
            budget: None,
            concurrent: 2,
            per_minute: None,
            headers: Vec::new(),
            secret_headers: HeaderValues::default(),
            extra: Map::new(),
            mask_people: true,
        }
    }

    /// The engines of the embedded server at `base_url`.
    #[must_use]
    pub fn built_in(base_url: String, key: Secret) -> Self {
        Self {
            key: Some(key),
            text_model: "builtin-storyteller".to_owned(),
            image_model: "builtin-illustrator".to_owned(),
            dialect: Dialect::BuiltIn,
            price: Some(Money::ZERO),
            mask_people: false,
            ..Self::new("Built-in (no AI)", base_url)
        }
    }

    /// The provider of a profile, with its key and with those headers that the profile names.
    #[must_use]
    pub fn of_profile(profile: &ProviderProfile, secrets: ProviderSecrets) -> Self {
        let ProviderSecrets { key, headers } = secrets;
        Self {
            name: profile.name.clone(),
            base_url: profile.base_url.as_str().to_owned(),
            key,
            text_model: profile.text_model.clone(),
            image_model: profile.image_model.clone(),
            dialect: profile.dialect,
            price: profile.price,
            budget: profile.budget,
            concurrent: profile.concurrent.clamp(1, ProviderProfile::MOST_CONCURRENT),
            per_minute: profile.per_minute,
            headers: profile.headers.clone(),
            secret_headers: headers.only(profile.secret_headers.iter().map(String::as_str)),
            extra: profile.extra.clone(),
            mask_people: profile.mask_people,
        }
    }

    /// By which it is chosen and remembered.
    #[must_use]
    pub fn id(&self) -> EngineId {
        if self.is_built_in() {
            EngineId::built_in()
        } else {
            EngineId::new(&self.name)
        }
    }

    /// Who writes, as it is shown and stored.
    #[must_use]
    pub fn text_engine(&self) -> String {
        self.engine("Built-in storyteller (no AI)", &self.text_model)
    }

    /// Who draws in the embedded server, as it is shown and stored.
    pub const BUILT_IN_ILLUSTRATOR: &str = "Built-in illustrator (no AI)";

    /// Who draws, as it is shown and stored.
    #[must_use]
    pub fn image_engine(&self) -> String {
        self.engine(Self::BUILT_IN_ILLUSTRATOR, &self.image_model)
    }

    fn engine(&self, built_in: &str, model: &str) -> String {
        match (self.is_built_in(), model) {
            (true, _) => built_in.to_owned(),
            (false, "") => self.name.clone(),
            (false, model) => format!("{} · {model}", self.name),
        }
    }

    /// Whether a model that writes is named.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.text_model.trim().is_empty()
    }

    /// Whether it draws: by a model that is named, or by a workflow.
    #[must_use]
    pub fn draws(&self) -> bool {
        !self.image_model.trim().is_empty() || self.dialect == Dialect::Comfy
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
