//! The ways in which servers of models are spoken to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a provider's API is spoken. All but the last three write by OpenAI's chat completions; how they draw differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// The embedded server: OpenAI's wire, and a seed.
    BuiltIn,
    /// OpenAI itself: size and quality, no seed.
    #[default]
    #[serde(rename = "openai", alias = "open-ai")]
    OpenAi,
    /// OpenRouter: `/images`, references, and the cost in the answer.
    #[serde(rename = "openrouter", alias = "open-router")]
    OpenRouter,
    /// Together: width, height, steps and seed.
    Together,
    /// What calls itself compatible with OpenAI: LocalAI, Ollama, stable-diffusion.cpp.
    OpenaiLoose,
    /// The API of AUTOMATIC1111, which Forge, SD.Next and KoboldCpp speak as well.
    Sdapi,
    /// Google's own API.
    Gemini,
    /// ComfyUI, with a workflow of the user's.
    Comfy,
}

/// A text that names no dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no dialect; there are openai, openrouter, together, openai-loose, sdapi, gemini and comfy")]
pub struct NotADialect(String);

impl Dialect {
    /// Those that a provider can be given, in the order they are offered.
    pub const OFFERED: [Self; 7] = [
        Self::OpenAi,
        Self::OpenRouter,
        Self::Together,
        Self::Gemini,
        Self::OpenaiLoose,
        Self::Sdapi,
        Self::Comfy,
    ];

    /// Its word in files and commands.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::OpenAi => "openai",
            Self::OpenRouter => "openrouter",
            Self::Together => "together",
            Self::OpenaiLoose => "openai-loose",
            Self::Sdapi => "sdapi",
            Self::Gemini => "gemini",
            Self::Comfy => "comfy",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::BuiltIn => "Built-in (no AI)",
            Self::OpenAi => "OpenAI",
            Self::OpenRouter => "OpenRouter",
            Self::Together => "Together",
            Self::OpenaiLoose => "Like OpenAI (LocalAI, Ollama, sd.cpp)",
            Self::Sdapi => "AUTOMATIC1111, Forge, KoboldCpp",
            Self::Gemini => "Google Gemini",
            Self::Comfy => "ComfyUI",
        }
    }

    /// The address that such a provider usually has.
    #[must_use]
    pub fn usual_address(self) -> &'static str {
        match self {
            Self::BuiltIn => "",
            Self::OpenAi => "https://api.openai.com/v1",
            Self::OpenRouter => "https://openrouter.ai/api/v1",
            Self::Together => "https://api.together.xyz/v1",
            Self::OpenaiLoose => "http://127.0.0.1:8080/v1",
            Self::Sdapi => "http://127.0.0.1:7860",
            Self::Gemini => "https://generativelanguage.googleapis.com/v1beta",
            Self::Comfy => "http://127.0.0.1:8188",
        }
    }

    /// The dialect that a server at that address most likely speaks.
    #[must_use]
    pub fn of_address(address: &str) -> Self {
        let host = url::Url::parse(address)
            .ok()
            .and_then(|url| url.host_str().map(str::to_ascii_lowercase));
        let host = host.unwrap_or_default();
        let is = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
        if is("openrouter.ai") {
            Self::OpenRouter
        } else if is("together.xyz") || is("together.ai") {
            Self::Together
        } else if is("generativelanguage.googleapis.com") {
            Self::Gemini
        } else if address.contains(":7860") {
            Self::Sdapi
        } else if address.contains(":8188") {
            Self::Comfy
        } else if host == "localhost" || host.starts_with("127.") || host == "[::1]" {
            Self::OpenaiLoose
        } else {
            Self::OpenAi
        }
    }

    /// What should be known before children's stories are sent there. Terms change; whoever runs the service decides.
    #[must_use]
    pub fn notice(self) -> Option<&'static str> {
        match self {
            Self::Gemini => Some(
                "Google's terms for this API ask for users of 18 years and forbid services that are directed towards \
                 people under 18. Read the present terms before you publish with it.",
            ),
            Self::OpenAi => Some(
                "OpenAI asks that personal data of children under 13 is not sent. Its pictures carry signed marks of \
                 their origin, which are kept as they are.",
            ),
            Self::OpenRouter | Self::Together => {
                Some("The models belong to several makers, and each has terms of its own.")
            }
            Self::BuiltIn | Self::OpenaiLoose | Self::Sdapi | Self::Comfy => None,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Dialect {
    type Err = NotADialect;

    fn from_str(text: &str) -> Result<Self, NotADialect> {
        let word = text.trim().to_ascii_lowercase();
        Self::OFFERED
            .into_iter()
            .find(|dialect| dialect.word() == word)
            .ok_or_else(|| NotADialect(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_files_and_commands_are_the_same() {
        for dialect in Dialect::OFFERED {
            assert_eq!(dialect.word().parse(), Ok(dialect));
            assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.word());
            assert_eq!(Dialect::of_address(dialect.usual_address()), dialect, "{dialect}");
        }
        assert!("built-in".parse::<Dialect>().is_err(), "nobody can be given that one");
        // As earlier versions wrote it.
        assert_eq!(serde_json::from_str::<Dialect>("\"open-ai\"").unwrap(), Dialect::OpenAi);
    }
}
