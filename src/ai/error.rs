//! What can go wrong with models, whoever they are from.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::http::{ExchangeId, HttpError, NetworkClass, Reply};

/// A failure of a model's API. The messages are the provider's own, where there are any.
#[derive(Debug, thiserror::Error)]
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
    /// A success without a picture: some providers refuse that way.
    #[error("the provider sent no picture")]
    NoImage {
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

/// The body of an error as OpenAI and those after it send it; `code` is a text, a number or null.
#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: Detail,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    message: Option<String>,
    r#type: Option<String>,
    param: Option<String>,
    code: Value,
}

impl AiError {
    /// Sorts an answer that is no success. The code in the body counts before the status.
    pub(super) fn from_reply(reply: &Reply) -> Self {
        let detail = serde_json::from_slice::<Body>(&reply.body).unwrap_or_default().error;
        let code = detail.code.as_str().unwrap_or_default().to_owned();
        let status = reply.status.as_u16();
        let message = detail.message.filter(|message| !message.trim().is_empty()).map_or_else(
            || format!("HTTP {status}"),
            |message| message.trim().chars().take(400).collect::<String>(),
        );
        let exchange = Some(reply.exchange);
        match (status, code.as_str()) {
            (_, "insufficient_quota") | (402, _) => Self::NoCredit { message, exchange },
            (_, "moderation_blocked" | "content_policy_violation") => Self::Refused { message, exchange },
            (400, _) if detail.r#type.as_deref() == Some("image_generation_user_error") => {
                Self::Refused { message, exchange }
            }
            (_, "model_not_found") | (404, _) => Self::ModelGone { message, exchange },
            (403, _) if message.contains("verified") => Self::Unverified { message, exchange },
            (401 | 403, _) => Self::Auth { message, exchange },
            (429, _) => Self::RateLimited {
                message,
                after: reply.retry_after(),
                exchange,
            },
            (500..=599, _) => Self::Overloaded { message, exchange },
            _ => Self::BadRequest {
                message,
                param: detail.param,
                exchange,
            },
        }
    }

    pub(super) fn network(error: &HttpError) -> Self {
        let (sentence, exchange) = (error.sentence.clone(), error.exchange);
        match error.class {
            NetworkClass::Cancelled => Self::Cancelled,
            _ if error.may_have_arrived => Self::Ambiguous { sentence, exchange },
            _ => Self::Network { sentence, exchange },
        }
    }

    pub(super) fn unreadable(reply: &Reply, source: impl std::fmt::Display) -> Self {
        Self::BadJson {
            reason: source.to_string(),
            exchange: Some(reply.exchange),
        }
    }

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
            | Self::NoImage { exchange }
            | Self::Ambiguous { exchange, .. }
            | Self::Network { exchange, .. } => *exchange,
            Self::Cancelled => None,
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
                | Self::Ambiguous { .. }
                | Self::Truncated { .. }
                | Self::BadJson { .. }
        )
    }

    /// What to do about it, for an editor.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Auth { .. } => "Check the provider's key in STORYMIMI_AI_KEY.".to_owned(),
            Self::NoCredit { .. } => "Add credit to the provider's account, or use the built-in engines.".to_owned(),
            Self::ModelGone { .. } => "Choose another model: providers retire them within months.".to_owned(),
            Self::Unverified { .. } => {
                "Verify the organisation in the provider's settings, or choose another model.".to_owned()
            }
            Self::Refused { .. } => {
                "Change the prompt. Harmless words are refused now and then; a plainer scene often passes.".to_owned()
            }
            Self::BadRequest { param: Some(param), .. } => format!("The provider objects to “{param}”."),
            Self::BadRequest { .. } => "Change the prompt or choose another model.".to_owned(),
            Self::RateLimited { after: Some(after), .. } => {
                format!("Try again in {} s.", after.as_secs_f64().ceil())
            }
            Self::RateLimited { .. } | Self::Overloaded { .. } => "Try again in a minute.".to_owned(),
            Self::Truncated { .. } => "Ask for fewer scenes, or try again.".to_owned(),
            Self::BadJson { .. } => "Try again; models do not always keep to the form they are asked for.".to_owned(),
            Self::NoImage { .. } => "Change the prompt; the provider may have refused it silently.".to_owned(),
            Self::Ambiguous { .. } => "Look at the provider's usage page before you try again.".to_owned(),
            Self::Network { .. } => "Check the provider's address and the internet connection.".to_owned(),
            Self::Cancelled => String::new(),
        }
    }
}
