//! What can go wrong with models, whoever they are from.

use std::time::Duration;

use crate::http::ExchangeId;

/// A failure of a model's API. The messages are the provider's own, where there are any; secrets in them are masked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AiError {
    /// The key is missing, wrong or not allowed here (401, 403).
    #[error("the provider does not accept the key: {message}")]
    Auth {
        /// The provider's words.
        message: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The account has no credit or quota left (402, `insufficient_quota`).
    #[error("the provider's credit is used up: {message}")]
    NoCredit {
        /// The provider's words.
        message: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The model does not exist, or not any more (404, `model_not_found`).
    #[error("the provider has no such model: {message}")]
    ModelGone {
        /// The provider's words.
        message: String,
        /// The models that it has instead, as far as it lists them.
        offered: Vec<String>,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The organisation must be verified before it may use the model.
    #[error("the provider wants the organisation verified first: {message}")]
    Unverified {
        /// The provider's words.
        message: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The provider's rules forbid the words or the result. Never tried again unchanged.
    #[error("the provider refused this prompt: {message}")]
    Refused {
        /// The provider's words.
        message: String,
        /// Whether the words were refused, or what was made of them; None if the provider does not say.
        stage: Option<Stage>,
        /// What it objects to, in the provider's words.
        categories: Vec<String>,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The request is wrong.
    #[error("the provider does not accept the request: {message}")]
    BadRequest {
        /// The provider's words.
        message: String,
        /// Which parameter, if it says so.
        param: Option<String>,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// What is asked for is nothing that this provider can do. Nothing was sent.
    #[error("{0}")]
    NotAble(String),
    /// Too many requests.
    #[error("the provider asks to wait: {message}")]
    RateLimited {
        /// The provider's words.
        message: String,
        /// How long, if it says so.
        after: Option<Duration>,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The provider has trouble of its own (5xx).
    #[error("the provider has trouble of its own: {message}")]
    Overloaded {
        /// The provider's words.
        message: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The text ended before it was whole: the model ran out of tokens.
    #[error("the model's text ended before it was whole")]
    Truncated {
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The answer is not what was asked for.
    #[error("the model's answer cannot be used: {reason}")]
    BadJson {
        /// What is wrong with it.
        reason: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// Another number of scenes than was asked for, also when asked once more.
    #[error("the model wrote {got} scenes where {wanted} were asked for")]
    WrongCount {
        /// Scenes that were asked for.
        wanted: usize,
        /// Scenes that came.
        got: usize,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// A success without a picture: some providers refuse that way.
    #[error("the provider sent no picture")]
    NoImage {
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The provider, or what stands before it, was silent for longer than anybody waits. It may still be at work.
    #[error("{sentence} The provider may have done the work and charged for it")]
    Timeout {
        /// What happened on the way.
        sentence: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// No answer came, and the work may have been done and charged.
    #[error("{sentence} The provider may have done the work and charged for it")]
    Ambiguous {
        /// What happened on the way.
        sentence: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The provider was not reached.
    #[error("{sentence}")]
    Network {
        /// What happened on the way.
        sentence: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// Stopped by the user.
    #[error("stopped")]
    Cancelled,
}

/// What a provider refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The words; nothing was made.
    Input,
    /// What was made of them; it may have been charged.
    Output,
}

impl AiError {
    /// The exchange it came from.
    #[must_use]
    pub fn exchange(&self) -> Option<ExchangeId> {
        match self {
            Self::Auth { exchange, .. }
            | Self::NoCredit { exchange, .. }
            | Self::ModelGone { exchange, .. }
            | Self::Unverified { exchange, .. }
            | Self::Refused { exchange, .. }
            | Self::BadRequest { exchange, .. }
            | Self::RateLimited { exchange, .. }
            | Self::Overloaded { exchange, .. }
            | Self::Truncated { exchange }
            | Self::BadJson { exchange, .. }
            | Self::WrongCount { exchange, .. }
            | Self::NoImage { exchange }
            | Self::Timeout { exchange, .. }
            | Self::Ambiguous { exchange, .. }
            | Self::Network { exchange, .. } => *exchange,
            Self::NotAble(_) | Self::Cancelled => None,
        }
    }

    /// Whether the same request may succeed later without anybody changing anything.
    #[must_use]
    pub fn retry_may_help(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Overloaded { .. }
                | Self::Network { .. }
                | Self::Timeout { .. }
                | Self::Ambiguous { .. }
                | Self::Truncated { .. }
                | Self::BadJson { .. }
                | Self::WrongCount { .. }
        )
    }

    /// Whether nobody knows if the work was done and is charged, so that it must not be asked for again without a
    /// person who decides that.
    #[must_use]
    pub fn may_be_charged(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Ambiguous { .. })
    }

    /// What to do about it, for an editor.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Auth { .. } => "Check the provider's key in the workspace's settings.".to_owned(),
            Self::NoCredit { .. } => "Add credit to the provider's account, or use the built-in engines.".to_owned(),
            Self::ModelGone { offered, .. } if !offered.is_empty() => {
                const NAMED: usize = 5;
                let more = if offered.len() > NAMED { ", …" } else { "" };
                let names = offered.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>();
                format!("Choose another model; it offers {}{more}.", names.join(", "))
            }
            Self::ModelGone { .. } => "Choose another model: providers retire them within months.".to_owned(),
            Self::Unverified { .. } => {
                "Verify the organisation in the provider's settings, or choose another model.".to_owned()
            }
            Self::Refused { .. } => {
                "Change the prompt, or take another engine. Harmless words are refused now and then; a plainer scene \
                 often passes."
                    .to_owned()
            }
            Self::BadRequest { param: Some(param), .. } => format!("The provider objects to “{param}”."),
            Self::BadRequest { .. } => "Change the prompt or choose another model.".to_owned(),
            Self::NotAble(_) => "Choose another engine for this.".to_owned(),
            Self::RateLimited { after: Some(after), .. } => {
                format!("Try again in {} s.", after.as_secs_f64().ceil())
            }
            Self::RateLimited { .. } | Self::Overloaded { .. } => "Try again in a minute.".to_owned(),
            Self::Truncated { .. } => "Ask for fewer scenes, or try again.".to_owned(),
            Self::BadJson { .. } => "Try again; models do not always keep to the form they are asked for.".to_owned(),
            Self::WrongCount { .. } => "It was asked twice. Choose a model that keeps to what it is asked.".to_owned(),
            Self::NoImage { .. } => "Change the prompt; the provider may have refused it silently.".to_owned(),
            Self::Timeout { .. } | Self::Ambiguous { .. } => {
                "Look at the provider's usage page before you try again.".to_owned()
            }
            Self::Network { .. } => "Check the provider's address and the internet connection.".to_owned(),
            Self::Cancelled => String::new(),
        }
    }
}
