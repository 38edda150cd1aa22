//! Why a model gave nothing, sorted by what can be done about it.

use std::time::Duration;

use serde_json::Value;

use crate::http::{ExchangeId, HttpError, Masker, NetworkClass, Reply, Retry};

/// Why there is no text or picture.
#[derive(Debug, thiserror::Error)]
pub enum AiError {
    /// The service refuses the key.
    #[error("{0}")]
    Auth(Box<Said>),
    /// The account has no money or quota left. Waiting does not help.
    #[error("{0}")]
    NoCredit(Box<Said>),
    /// There is no such model, or no more.
    #[error("{0}")]
    ModelGone(Box<Said>),
    /// The organisation must be verified for this model.
    #[error("{0}")]
    Unverified(Box<Said>),
    /// The service or the model does not want to make this.
    #[error("{said}")]
    Refused {
        /// `input` if the words were refused, `output` if what was made of them was.
        stage: Option<String>,
        /// What it was refused for.
        categories: Vec<String>,
        /// What was said.
        said: Box<Said>,
    },
    /// The request is not one that the service takes.
    #[error("{said}")]
    BadRequest {
        /// Which part of it.
        param: Option<String>,
        /// What was said.
        said: Box<Said>,
    },
    /// Too many requests; waiting helps.
    #[error("{said}")]
    RateLimited {
        /// How long, if the service says.
        after: Option<Duration>,
        /// What was said.
        said: Box<Said>,
    },
    /// The service has trouble of its own.
    #[error("{0}")]
    Overloaded(Box<Said>),
    /// The text ended before the story did.
    #[error("{0}")]
    Truncated(Box<Said>),
    /// The text is not the JSON that was asked for, even on the second try.
    #[error("{said}")]
    BadJson {
        /// The text, for the curious.
        raw: String,
        /// What was said.
        said: Box<Said>,
    },
    /// Another number of scenes than asked for, even on the second try.
    #[error("{said}")]
    WrongCount {
        /// Scenes asked for.
        asked: usize,
        /// Scenes written.
        got: usize,
        /// What was said.
        said: Box<Said>,
    },
    /// A success without a picture in it.
    #[error("{0}")]
    NoImage(Box<Said>),
    /// Nothing came back in time, and nothing was sent.
    #[error("{0}")]
    Timeout(Box<Said>),
    /// The user stopped it.
    #[error("{0}")]
    Cancelled(Box<Said>),
    /// The service cannot be reached.
    #[error("{0}")]
    Network(Box<Said>),
    /// No usable answer to a request that may have been carried out, and paid for.
    #[error("{0}")]
    Ambiguous(Box<Said>),
}

/// What is known of a failure, whatever its kind.
#[derive(Debug, Default)]
pub struct Said {
    /// What was to be done: "Write story".
    pub operation: &'static str,
    /// The service's name.
    pub provider: String,
    /// What it said, or what happened on the way. Secrets are masked.
    pub message: String,
    /// Its own code: `model_not_found`.
    pub code: Option<String>,
    /// The status of HTTP, if there was an answer.
    pub http_status: Option<u16>,
    /// The service's number for the request, for its support.
    pub request_id: Option<String>,
    /// The exchange in the transcript.
    pub exchange: Option<ExchangeId>,
    /// The trouble on the way, if that was it.
    pub source: Option<HttpError>,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.operation, self.provider, self.message)
    }
}

impl AiError {
    /// What is known of the failure, whatever its kind.
    #[must_use]
    pub fn said(&self) -> &Said {
        match self {
            Self::Auth(said)
            | Self::NoCredit(said)
            | Self::ModelGone(said)
            | Self::Unverified(said)
            | Self::Overloaded(said)
            | Self::Truncated(said)
            | Self::NoImage(said)
            | Self::Timeout(said)
            | Self::Cancelled(said)
            | Self::Network(said)
            | Self::Ambiguous(said)
            | Self::Refused { said, .. }
            | Self::BadRequest { said, .. }
            | Self::RateLimited { said, .. }
            | Self::BadJson { said, .. }
            | Self::WrongCount { said, .. } => said,
        }
    }

    /// What to do about it, for the person who asked for it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Auth(_) => {
                "Check the provider's key in the settings; it may be mistyped, revoked or not allowed here."
            }
            Self::NoCredit(_) => {
                "The provider's account has no credit left. Add some there, or choose another provider."
            }
            Self::ModelGone(_) => "The provider no longer offers this model. Choose another one from its list.",
            Self::Unverified(_) => {
                "The provider wants the organisation verified for this model. Do that there, or choose another model."
            }
            Self::Refused { stage, .. } if stage.as_deref() == Some("output") => {
                "The provider's safety check held the result back. Change the words a little, then try again."
            }
            Self::Refused { .. } => "The provider's safety check refused these words. Change them, then try again.",
            Self::BadRequest { .. } => {
                "The provider does not take this request. Choose another model or size, or look at the exchange."
            }
            Self::RateLimited { .. } => "Too many requests for the provider's limit. Wait a moment, then try again.",
            Self::Overloaded(_) => "The provider has trouble of its own. Try again in a moment.",
            Self::Truncated(_) => "The story was cut off. Ask for fewer scenes or fewer words a scene.",
            Self::BadJson { .. } => {
                "The model did not answer in the form asked for. Try again, or choose a stronger model."
            }
            Self::WrongCount { .. } => "The model wrote another number of scenes. Try again, or ask for fewer.",
            Self::NoImage(_) => {
                "The provider answered without a picture. Change the words a little, or choose another model."
            }
            Self::Timeout(_) | Self::Network(_) => "Check the connection and the provider's address, then try again.",
            Self::Cancelled(_) => "Nothing more was done. What was under way may still be charged.",
            Self::Ambiguous(_) => {
                "It may have been made, and charged, although no answer came. Trying again may be charged again."
            }
        }
    }

    /// Whether the same request may succeed a little later without being paid for twice.
    #[must_use]
    pub fn retry_may_help(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Overloaded(_) | Self::Network(_) | Self::Timeout(_)
        )
    }

    /// Whether the service does not know the way in which JSON was asked for, so that a plainer one is worth a try.
    pub(super) fn is_about_response_format(&self) -> bool {
        let Self::BadRequest { param, said } = self else {
            return false;
        };
        let message = said.message.to_ascii_lowercase();
        param
            .as_deref()
            .is_some_and(|param| param.starts_with("response_format"))
            || [
                "response_format",
                "json_schema",
                "json_object",
                "structured output",
                "json mode",
                "guided_json",
            ]
            .iter()
            .any(|words| message.contains(words))
    }
}

/// Who was asked for what; errors are made from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) operation: &'static str,
    pub(super) provider: &'a str,
    /// Whether it costs money.
    pub(super) paid: bool,
    pub(super) masker: &'a Masker,
}

impl Asked<'_> {
    /// What to say where there is no answer to quote.
    pub(super) fn said(&self, message: impl Into<String>) -> Box<Said> {
        Box::new(Said {
            operation: self.operation,
            provider: self.provider.to_owned(),
            message: message.into(),
            ..Said::default()
        })
    }

    /// What to say of an answer.
    pub(super) fn of(&self, reply: &Reply, message: &str) -> Box<Said> {
        let mut said = self.said(self.masker.text(message));
        said.http_status = Some(reply.status.as_u16());
        said.request_id = reply.header("x-request-id").map(str::to_owned);
        said.exchange = Some(reply.exchange);
        said
    }

    /// No answer.
    pub(super) fn no_answer(&self, source: HttpError) -> AiError {
        let mut said = self.said(source.sentence.clone());
        said.exchange = source.exchange;
        let (class, arrived) = (source.class, source.may_have_arrived);
        said.source = Some(source);
        match class {
            NetworkClass::Cancelled => AiError::Cancelled(said),
            NetworkClass::Request => AiError::BadRequest { param: None, said },
            _ if arrived && self.paid => AiError::Ambiguous(said),
            NetworkClass::Timeout | NetworkClass::Stalled => AiError::Timeout(said),
            _ => AiError::Network(said),
        }
    }

    /// An answer that is an error: by its status, or by an `error` in a body of status 200, as aggregators send it.
    pub(super) fn refused(&self, reply: &Reply) -> AiError {
        let complaint = Complaint::read(reply);
        let mut said = self.of(reply, &complaint.message);
        said.code = complaint.code.as_deref().map(|code| self.masker.text(code));
        let status = complaint.status(reply);
        let is = |words: &[&str]| words.iter().any(|word| complaint.code.as_deref() == Some(*word));
        let mentions = |words: &str| complaint.message.to_ascii_lowercase().contains(words);
        if is(&[
            "moderation_blocked",
            "content_policy_violation",
            "content_filter",
            "image_generation_user_error",
        ]) || complaint.flagged
        {
            AiError::Refused {
                stage: complaint.stage,
                categories: complaint.categories,
                said,
            }
        } else if status == 402 || is(&QUOTA) {
            AiError::NoCredit(said)
        } else if status == 403 && mentions("verif") {
            AiError::Unverified(said)
        } else if matches!(status, 401 | 403) || is(&["invalid_api_key"]) {
            AiError::Auth(said)
        } else if matches!(status, 404 | 410) || is(&["model_not_found", "model_decommissioned"]) {
            AiError::ModelGone(said)
        } else {
            match status {
                429 => AiError::RateLimited {
                    after: reply.retry_after(),
                    said,
                },
                // A gateway that gave up waiting: whoever is behind it may have finished.
                408 | 502 | 504 | 520..=527 if self.paid => AiError::Ambiguous(said),
                408 => AiError::Timeout(said),
                409 | 500..=599 => AiError::Overloaded(said),
                _ => AiError::BadRequest {
                    param: complaint.param,
                    said,
                },
            }
        }
    }
}

/// Codes that mean "pay first", although the status is that of "wait".
const QUOTA: [&str; 3] = [
    "insufficient_quota",
    "billing_hard_limit_reached",
    "insufficient_credits",
];

/// Whether a request may be made again, for [`crate::http::Call::classify`].
pub(super) fn retry(reply: &Reply) -> Retry {
    if reply.header("x-should-retry") == Some("false") {
        return Retry::Never;
    }
    match reply.status.as_u16() {
        429 if Complaint::read(reply)
            .code
            .is_some_and(|code| QUOTA.contains(&code.as_str())) =>
        {
            Retry::Never
        }
        // Refused before anything was made.
        429 | 503 | 529 => Retry::Throttled {
            after: reply.retry_after(),
        },
        408 | 409 | 500 | 502 | 504 | 520..=527 => Retry::Transient,
        _ => Retry::Never,
    }
}

/// Whether a body of status 200 is an error all the same.
pub(super) fn is_error_in_success(body: &Value) -> bool {
    body.get("error").is_some_and(|error| !error.is_null())
        && body.get("choices").is_none()
        && body.get("data").is_none()
}

/// The body of an error, in any of the forms in use.
#[derive(Debug, Default)]
struct Complaint {
    message: String,
    code: Option<String>,
    param: Option<String>,
    stage: Option<String>,
    categories: Vec<String>,
    flagged: bool,
    status_in_body: Option<u16>,
}

impl Complaint {
    fn read(reply: &Reply) -> Self {
        let mut complaint = match serde_json::from_slice::<Value>(&reply.body) {
            Ok(body) => Self::from_json(&body),
            Err(_) => Self::default(),
        };
        if complaint.message.is_empty() {
            let text = String::from_utf8_lossy(&reply.body);
            let text = text.trim();
            complaint.message = if text.is_empty() || text.starts_with(['<', '{', '[']) {
                format!("the service gave no reason (HTTP {})", reply.status.as_u16())
            } else {
                text.chars().filter(|c| !c.is_control()).take(600).collect()
            };
        }
        complaint
    }

    fn from_json(body: &Value) -> Self {
        // Some wrap it in a list.
        let body = body.get(0).unwrap_or(body);
        let error = match body.get("error") {
            Some(error @ Value::Object(_)) => error,
            _ => body,
        };
        let text = |value: &Value, name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let texts = |value: Option<&Value>| -> Vec<String> {
            let list = value.and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let details = error.get("moderation_details");
        let reasons = error.pointer("/metadata/reasons");
        Self {
            message: ["message", "error", "detail", "title"]
                .iter()
                .find_map(|name| text(error, name))
                .unwrap_or_default(),
            code: text(error, "code").or_else(|| text(error, "type")),
            param: text(error, "param"),
            stage: details.and_then(|details| text(details, "moderation_stage")),
            categories: texts(details.and_then(|details| details.get("categories")).or(reasons)),
            flagged: details.is_some() || reasons.is_some(),
            status_in_body: error
                .get("code")
                .and_then(Value::as_u64)
                .and_then(|code| u16::try_from(code).ok()),
        }
    }

    /// The status that counts: errors during generation come with HTTP 200 from some.
    fn status(&self, reply: &Reply) -> u16 {
        let http = reply.status.as_u16();
        if http >= 400 {
            http
        } else {
            self.status_in_body
                .filter(|status| (400..600).contains(status))
                .unwrap_or(500)
        }
    }
}
