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
    /// There is another program at the provider's address, or another version of its API (404, 405).
    #[error("there is no such API at this address (HTTP {status})")]
    NoSuchApi {
        /// The status of the answer.
        status: u16,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The provider has no room just now, or is not there behind its gateway; it says so before any work (503, 529).
    #[error("the provider has trouble of its own: {message}")]
    Overloaded {
        /// The provider's words.
        message: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// The provider failed when the work may have been begun: another 5xx, or an error within a success.
    #[error("{} It may have done the work and charged for it", self.happened())]
    Broke {
        /// The provider's words.
        message: String,
        /// The exchange.
        exchange: Option<ExchangeId>,
    },
    /// A picture was made, and could not be had from where it lies.
    #[error("{} It may have been charged for", self.happened())]
    NotFetched {
        /// What happened on the way.
        reason: String,
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
            | Self::NoSuchApi { exchange, .. }
            | Self::Overloaded { exchange, .. }
            | Self::Broke { exchange, .. }
            | Self::NotFetched { exchange, .. }
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
                | Self::Broke { .. }
                | Self::NotFetched { .. }
                | Self::Network { .. }
                | Self::Timeout { .. }
                | Self::Ambiguous { .. }
                | Self::Truncated { .. }
                | Self::BadJson { .. }
                | Self::WrongCount { .. }
        )
    }

    /// Whether the work may have been done and charged, so that it must not be asked for again without a person who decides
    /// that. What a provider refuses before any work costs nothing; whatever comes after that may cost all of it, also an
    /// answer that cannot be used.
    #[must_use]
    pub fn may_be_charged(&self) -> bool {
        match self {
            Self::Refused { stage, .. } => *stage == Some(Stage::Output),
            Self::Broke { .. }
            | Self::NotFetched { .. }
            | Self::Truncated { .. }
            | Self::BadJson { .. }
            | Self::WrongCount { .. }
            | Self::NoImage { .. }
            | Self::Timeout { .. }
            | Self::Ambiguous { .. } => true,
            Self::Auth { .. }
            | Self::NoCredit { .. }
            | Self::ModelGone { .. }
            | Self::Unverified { .. }
            | Self::BadRequest { .. }
            | Self::NotAble(_)
            | Self::NoSuchApi { .. }
            | Self::RateLimited { .. }
            | Self::Overloaded { .. }
            | Self::Network { .. }
            | Self::Cancelled => false,
        }
    }

    /// What happened, as a whole sentence, and nothing about money: for providers that take none, and for those who say that
    /// apart from it.
    #[must_use]
    pub fn happened(&self) -> String {
        let said = match self {
            Self::Timeout { sentence, .. } | Self::Ambiguous { sentence, .. } => sentence.clone(),
            Self::Broke { message, .. } => format!("the provider broke off: {message}"),
            Self::NotFetched { reason, .. } => format!("the picture was made, and could not be fetched: {reason}"),
            other => other.to_string(),
        };
        let said = said.trim().trim_end_matches('.');
        let mut letters = said.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        let end = if said.ends_with(['!', '?', '…']) || said.is_empty() {
            ""
        } else {
            "."
        };
        format!("{first}{}{end}", letters.as_str())
    }

    /// The same error of a request that only prepares the work: whatever became of it, nothing was made yet.
    pub(super) fn before_work(self) -> Self {
        match self {
            Self::Timeout { sentence, exchange } | Self::Ambiguous { sentence, exchange } => {
                Self::Network { sentence, exchange }
            }
            Self::Broke { message, exchange } => Self::Overloaded { message, exchange },
            error => error,
        }
    }

    /// The same error of a request that looks after work which has begun: whatever is wrong now, that goes on and may be
    /// charged for.
    pub(super) fn once_begun(self) -> Self {
        match self {
            Self::Network { sentence, exchange } => Self::Ambiguous { sentence, exchange },
            Self::Cancelled => self,
            error if error.may_be_charged() => error,
            error => Self::Broke {
                exchange: error.exchange(),
                message: error.to_string(),
            },
        }
    }

    /// The same error of a request that fetches what was made.
    pub(super) fn not_fetched(self) -> Self {
        match self {
            Self::Cancelled => self,
            error => Self::NotFetched {
                exchange: error.exchange(),
                reason: error.happened(),
            },
        }
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
            Self::NotAble(_) => "Change what is asked for, or choose another engine.".to_owned(),
            Self::NoSuchApi { .. } => {
                "Check the provider's address and its kind of API in the workspace's settings.".to_owned()
            }
            Self::RateLimited { after: Some(after), .. } => {
                let seconds = after.as_secs_f64().ceil();
                match seconds < 300.0 {
                    true => format!("Try again in {seconds} s."),
                    false => format!("Try again in {} min.", (seconds / 60.0).ceil()),
                }
            }
            Self::RateLimited { .. } | Self::Overloaded { .. } => "Try again in a minute.".to_owned(),
            Self::Truncated { .. } => "Ask for fewer scenes, or try again.".to_owned(),
            Self::BadJson { .. } => "Try again; models do not always keep to the form they are asked for.".to_owned(),
            Self::WrongCount { .. } => "It was asked twice. Choose a model that keeps to what it is asked.".to_owned(),
            Self::NoImage { .. } => {
                "Change the prompt: some providers refuse without a word. It may have been charged all the same."
                    .to_owned()
            }
            Self::Broke { .. } | Self::NotFetched { .. } | Self::Timeout { .. } | Self::Ambiguous { .. } => {
                "Look at the provider's usage page before you try again.".to_owned()
            }
            Self::Network { .. } => "Check the provider's address and the internet connection.".to_owned(),
            Self::Cancelled => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> String {
        "it went away".to_owned()
    }

    #[test]
    fn the_same_trouble_costs_nothing_before_the_work_and_perhaps_everything_after_it() {
        let (message, exchange) = (words(), None);
        let broke = AiError::Broke { message, exchange };
        assert!(broke.may_be_charged() && !broke.clone().before_work().may_be_charged());
        let lost = AiError::Ambiguous {
            sentence: words(),
            exchange,
        };
        let before = lost.before_work();
        assert!(matches!(before, AiError::Network { .. }), "{before}");
        assert!(matches!(before.clone().once_begun(), AiError::Ambiguous { .. }));
        assert!(before.clone().not_fetched().may_be_charged());
        let wrong = AiError::BadRequest {
            message: words(),
            param: None,
            exchange,
        };
        assert!(!wrong.may_be_charged() && wrong.once_begun().may_be_charged());
        for step in [AiError::before_work, AiError::once_begun, AiError::not_fetched] {
            assert!(matches!(step(AiError::Cancelled), AiError::Cancelled));
        }
        assert_eq!(
            before.not_fetched().happened(),
            "The picture was made, and could not be fetched: It went away."
        );
    }
}
