//! A service that runs models.

use crate::http::Secret;

/// A service and which of its models to use. Models come and go: there is no list of them here, and no default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// What people call it.
    pub name: String,
    /// Where its API begins: `https://api.openai.com/v1`.
    pub base_url: String,
    /// Its key; services on this machine often need none.
    pub key: Option<Secret>,
    /// The model that writes; empty if the service is not used for that.
    pub text_model: String,
    /// The model that paints; empty if the service is not used for that.
    pub image_model: String,
    /// How its image API is spoken.
    pub dialect: Dialect,
}

/// The ways in which services differ where they are all "OpenAI-compatible".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI itself, which refuses what it does not know: no seed, and sizes of its own.
    #[default]
    OpenAi,
    /// Servers that copy its API and take more: any size, a seed, and pictures inside the answer. LocalAI, Ollama,
    /// stable-diffusion.cpp, and the program's own illustrator.
    OpenAiLoose,
}
