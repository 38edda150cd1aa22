//! Who writes the scenes and draws the pictures.

use serde::{Deserialize, Serialize};

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
