//! A provider as it is remembered: everything but its key.

use std::collections::HashSet;
use std::num::NonZeroU32;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{BaseUrl, Dialect, EngineId, Money, ProfileError};

/// A provider without its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderProfile {
    /// The name shown beside what it made; unlike those of the workspace's other providers.
    pub name: String,
    /// What the paths of the API are appended to.
    pub base_url: BaseUrl,
    /// The model that writes; empty if none does.
    #[serde(default)]
    pub text_model: String,
    /// The model that draws; empty if none does.
    #[serde(default)]
    pub image_model: String,
    /// How the image API is spoken.
    #[serde(default)]
    pub dialect: Dialect,
    /// What a picture costs, as whoever pays for it says. What the provider says in an answer counts more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// What may be spent in a calendar month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Money>,
    /// Pictures that are asked for at the same time, 1 to [`ProviderProfile::MOST_CONCURRENT`].
    #[serde(default = "usual_concurrent")]
    pub concurrent: usize,
    /// Requests in a minute; as many as it takes unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<NonZeroU32>,
    /// Headers that are sent along. No secrets: they are in the file as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "headers")]
    pub headers: Vec<(String, String)>,
    /// Names of other headers that are sent along. Their values are kept as its key is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_headers: Vec<String>,
    /// What is merged into the bodies of requests last: an object of JSON, kept as its text.
    #[serde(default, skip_serializing_if = "Map::is_empty", with = "extra")]
    pub extra: Map<String, Value>,
    /// Whether names and ages of people are replaced in what is sent, and put back in what comes.
    #[serde(default = "yes")]
    pub mask_people: bool,
}

impl ProviderProfile {
    /// Pictures at the same time at most: more only queue at the provider.
    pub const MOST_CONCURRENT: usize = 16;
    /// The longest name, in characters.
    const LONGEST_NAME: usize = 60;

    /// A provider with the usual settings, named after its host. Its models are still to be chosen.
    #[must_use]
    pub fn new(base_url: BaseUrl) -> Self {
        let host = base_url.as_str().split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or(host);
        // The port is dropped, but for this machine, where it tells one server from another.
        let name = match host.rsplit_once(':') {
            Some((name, _)) if !base_url.is_local() => name,
            _ => host,
        };
        let dialect = Dialect::of_address(base_url.as_str());
        Self {
            name: name.strip_prefix("api.").unwrap_or(name).to_owned(),
            base_url,
            text_model: String::new(),
            image_model: String::new(),
            dialect,
            price: None,
            budget: None,
            concurrent: usual_concurrent(),
            per_minute: None,
            headers: Vec::new(),
            secret_headers: Vec::new(),
            extra: Map::new(),
            mask_people: true,
        }
    }

    /// What is wrong with it beside the others of its workspace, if anything is.
    ///
    /// # Errors
    /// If its name is missing, too long or taken, it has no model at all, or a header cannot be sent.
    pub fn check<'a>(&self, others: impl IntoIterator<Item = &'a Self>) -> Result<(), ProfileError> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > Self::LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(ProfileError::ProviderName);
        }
        let id = EngineId::new(name);
        if id.is_built_in() || others.into_iter().any(|other| EngineId::new(&other.name).is(&id)) {
            return Err(ProfileError::ProviderTaken(name.to_owned()));
        }
        // A workflow of ComfyUI names its models itself.
        let has_model = [&self.text_model, &self.image_model]
            .iter()
            .any(|model| !model.trim().is_empty());
        if !has_model && self.dialect != Dialect::Comfy {
            return Err(ProfileError::NoModel);
        }
        for (name, value) in &self.headers {
            Self::check_header(name, value)?;
        }
        let mut seen = HashSet::new();
        let plain = self.headers.iter().map(|(name, _)| name);
        for name in plain.chain(&self.secret_headers) {
            Self::check_header(name, "")?;
            if !seen.insert(name.to_ascii_lowercase()) {
                return Err(ProfileError::HeaderTwice(shown(name)));
            }
        }
        Ok(())
    }

    /// Whether a header can be sent along: it is one line of plain letters, and none that the program sets itself.
    ///
    /// # Errors
    /// If it cannot. The error repeats its name, and not its value.
    pub fn check_header(name: &str, value: &str) -> Result<(), ProfileError> {
        let fits = http::HeaderName::from_bytes(name.as_bytes()).is_ok() && http::HeaderValue::from_str(value).is_ok();
        if fits && !TAKEN.contains(&name.to_ascii_lowercase().as_str()) {
            Ok(())
        } else {
            Err(ProfileError::Header(shown(name)))
        }
    }
}

/// Headers that the program sets itself; one of the user's in their place would break the request, or be a key.
const TAKEN: [&str; 8] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-goog-api-key",
];

fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}

fn usual_concurrent() -> usize {
    2
}

fn yes() -> bool {
    true
}

/// One provider, as earlier versions wrote it, or all of them.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ProviderProfile>, D::Error> {
    // Not "untagged", which would keep to itself what is wrong with an entry.
    let value = toml::Value::deserialize(deserializer)?;
    let error = |error: toml::de::Error| serde::de::Error::custom(error.message());
    match value {
        toml::Value::Array(entries) => entries
            .into_iter()
            .map(|entry| entry.try_into().map_err(error))
            .collect(),
        one => one.try_into().map(|one| vec![one]).map_err(error),
    }
}

/// Headers as a table of the file.
mod headers {
    use super::{Deserialize, Deserializer, Serializer};
    use serde::ser::SerializeMap as _;
    use std::collections::BTreeMap;

    pub(super) fn serialize<S: Serializer>(headers: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(headers.len()))?;
        for (name, value) in headers {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
        Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
    }
}

/// JSON within a file of TOML, which knows no null and no mixed order: as its text.
mod extra {
    use super::{Deserialize, Deserializer, Map, Serializer, Value};

    pub(super) fn serialize<S: Serializer>(extra: &Map<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Value::Object(extra.clone()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text).map_err(|_| serde::de::Error::custom("extra is no object of JSON"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(address: &str) -> ProviderProfile {
        ProviderProfile {
            text_model: "t".to_owned(),
            ..ProviderProfile::new(BaseUrl::parse(address).unwrap())
        }
    }

    #[test]
    fn a_provider_is_named_after_its_host() {
        for (address, name, dialect) in [
            ("https://api.openai.com/v1", "openai.com", Dialect::OpenAi),
            ("https://openrouter.ai/api/v1", "openrouter.ai", Dialect::OpenRouter),
            ("http://127.0.0.1:7860", "127.0.0.1:7860", Dialect::Sdapi),
            ("https://ai.example.com:8443/v1", "ai.example.com", Dialect::OpenAi),
        ] {
            let profile = profile(address);
            assert_eq!((profile.name.as_str(), profile.dialect), (name, dialect), "{address}");
        }
    }

    #[test]
    fn names_are_unlike_and_headers_can_be_sent() {
        let one = profile("https://api.openai.com/v1");
        assert_eq!(one.check([]), Ok(()));
        let other = ProviderProfile {
            name: "OpenAI.com".to_owned(),
            ..one.clone()
        };
        assert!(matches!(other.check([&one]), Err(ProfileError::ProviderTaken(_))));
        let named = |name: &str| ProviderProfile {
            name: name.to_owned(),
            ..one.clone()
        };
        assert!(matches!(
            named("Built-in").check([]),
            Err(ProfileError::ProviderTaken(_))
        ));
        for bad in ["", " ", "a\nb", &"x".repeat(61)] {
            assert_eq!(named(bad).check([]), Err(ProfileError::ProviderName), "{bad}");
        }
        for (name, value) in [
            ("Authorization", "x"),
            ("a b", "x"),
            ("", "x"),
            ("x-a", "line\nline"),
            ("Host", "evil.example.org"),
        ] {
            let mut with = one.clone();
            with.headers = vec![(name.to_owned(), value.to_owned())];
            assert!(matches!(with.check([]), Err(ProfileError::Header(_))), "{name}");
        }
        let mut twice = one.clone();
        twice.secret_headers = vec!["X-Org".to_owned(), "x-org".to_owned()];
        assert_eq!(twice.check([]), Err(ProfileError::HeaderTwice("x-org".to_owned())));
        twice.secret_headers = vec!["X-Goog-Api-Key".to_owned()];
        assert!(matches!(twice.check([]), Err(ProfileError::Header(_))));
        let mut silent = one.clone();
        silent.text_model.clear();
        assert_eq!(silent.check([]), Err(ProfileError::NoModel));
    }
}
