//! Sorts what providers say when they do not do what they were asked: each in its own form, some of them with a
//! status of success.

use std::time::Duration;

use serde_json::Value;

use super::AiError;
use super::error::Stage;
use crate::http::{HttpError, Masker, NetworkClass, Reply, Retry};

/// The longest message that is repeated, in characters.
const LONGEST: usize = 400;

/// What an answer says about itself, whatever its form.
#[derive(Debug, Default)]
struct Said {
    /// The status: of the answer, or the one that a body with a status of success names.
    status: u16,
    message: String,
    /// Whether the message is the provider's own.
    spoken: bool,
    code: String,
    kind: String,
    param: Option<String>,
    stage: Option<Stage>,
    categories: Vec<String>,
    after: Option<Duration>,
}

impl AiError {
    /// Sorts an answer that is no success. The code in the body counts before the status.
    pub(super) fn from_reply(reply: &Reply, masker: &Masker) -> Self {
        sorted(Said::of(reply), Some(reply.exchange)).masked(masker)
    }

    /// The error that the body of a success holds, as some gateways have it: with the answer's status, or in a stream. It
    /// came after the work had begun, unless it says that the request itself was wrong.
    pub(super) fn within(reply: &Reply, body: &Value, masker: &Masker) -> Option<Self> {
        let error = body.get("error").filter(|error| !error.is_null())?;
        if error.as_str().is_some_and(str::is_empty) {
            return None;
        }
        let mut said = Said::read(body);
        let lower = said.message.to_lowercase();
        let blames_request = said.kind.contains("invalid")
            || said.code.contains("invalid")
            || said.param.is_some()
            || ["not supported", "unsupported", "response_format"]
                .iter()
                .any(|words| lower.contains(words));
        said.status = match said.status {
            0 if blames_request || body["node_errors"].as_object().is_some_and(|nodes| !nodes.is_empty()) => 400,
            0 => 500,
            status => status,
        };
        let error = match sorted(said, Some(reply.exchange)) {
            Self::Overloaded { message, exchange } => Self::Broke { message, exchange },
            error => error,
        };
        Some(error.masked(masker))
    }

    pub(super) fn network(error: &HttpError) -> Self {
        let (sentence, exchange) = (error.sentence.clone(), error.exchange);
        match error.class {
            NetworkClass::Cancelled => Self::Cancelled,
            NetworkClass::Stalled if error.may_have_arrived => Self::Timeout { sentence, exchange },
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

    fn masked(mut self, masker: &Masker) -> Self {
        match &mut self {
            Self::Auth { message, .. }
            | Self::NoCredit { message, .. }
            | Self::ModelGone { message, .. }
            | Self::Unverified { message, .. }
            | Self::Refused { message, .. }
            | Self::BadRequest { message, .. }
            | Self::RateLimited { message, .. }
            | Self::Overloaded { message, .. }
            | Self::Broke { message, .. } => *message = masker.text(message),
            _ => {}
        }
        self
    }
}

/// What is tried again by itself: only refusals that cost nothing. Quota that is used up stays used up, and a server
/// that failed in the middle of a picture may be paid for it.
pub(super) fn repeat(reply: &Reply) -> Retry {
    if reply.is_success() || reply.header("x-should-retry") == Some("false") {
        return Retry::Never;
    }
    let said = Said::of(reply);
    let (status, after) = (said.status, said.after);
    match sorted(said, None) {
        AiError::RateLimited { .. } => Retry::Throttled { after },
        // "No room just now" is said before any work.
        AiError::Overloaded { .. } if matches!(status, 503 | 529) => Retry::Throttled { after },
        AiError::Overloaded { .. } | AiError::Broke { .. } => Retry::Transient,
        _ => Retry::Never,
    }
}

fn sorted(said: Said, exchange: Option<crate::http::ExchangeId>) -> AiError {
    let lower = said.message.to_lowercase();
    let (code, kind, message) = (said.code.as_str(), said.kind.as_str(), said.message.clone());
    let is = |words: &[&str]| words.contains(&code) || words.contains(&kind);
    if is(&[
        "insufficient_quota",
        "billing_hard_limit_reached",
        "insufficient_credits",
    ]) || said.status == 402
    {
        return AiError::NoCredit { message, exchange };
    }
    let refuses = is(&[
        "moderation_blocked",
        "content_policy_violation",
        "content_filter",
        "image_generation_user_error",
        "PROHIBITED_CONTENT",
        "SAFETY",
    ]);
    let flagged = !said.categories.is_empty() && matches!(said.status, 400 | 403 | 422);
    let unsafe_words = matches!(said.status, 400 | 403 | 422)
        && ["nsfw", "content policy", "safety system", "moderation"]
            .iter()
            .any(|word| lower.contains(word));
    if refuses || flagged || unsafe_words {
        // "The image may contain NSFW content": there was one.
        let of_picture = lower.contains("the image may") || lower.contains("generated image");
        return AiError::Refused {
            message,
            stage: said.stage.or(of_picture.then_some(Stage::Output)),
            categories: said.categories,
            exchange,
        };
    }
    let gone = is(&["model_not_found", "model_not_available"])
        || (matches!(said.status, 404 | 410) && (said.spoken && lower.contains("model") || kind == "NOT_FOUND"));
    if gone {
        return AiError::ModelGone {
            message,
            offered: Vec::new(),
            exchange,
        };
    }
    if is(&["API_KEY_INVALID", "invalid_api_key"]) {
        return AiError::Auth { message, exchange };
    }
    match said.status {
        403 if lower.contains("verified") => AiError::Unverified { message, exchange },
        401 | 403 => AiError::Auth { message, exchange },
        status @ (404 | 405 | 410) if !said.spoken => AiError::NoSuchApi { status, exchange },
        429 => AiError::RateLimited {
            message,
            after: said.after,
            exchange,
        },
        // 408 is what gateways to models say when the model took too long (OpenRouter).
        408 | 504 | 524 => AiError::Timeout {
            sentence: format!("A gateway of the provider gave up waiting (HTTP {}).", said.status),
            exchange,
        },
        // "No room", "not made for this", and what Cloudflare says when nobody was reached: before any work.
        501 | 503 | 505 | 521..=523 | 525 | 526 | 529 | 530 => AiError::Overloaded { message, exchange },
        500..=599 => AiError::Broke { message, exchange },
        _ => AiError::BadRequest {
            message,
            param: said.param,
            exchange,
        },
    }
}

impl Said {
    fn of(reply: &Reply) -> Self {
        let mut said = serde_json::from_slice::<Value>(&reply.body)
            .map(|body| Self::read(&body))
            .unwrap_or_default();
        if !reply.is_success() || said.status == 0 {
            said.status = reply.status.as_u16();
        }
        said.after = said.after.or_else(|| reply.retry_after());
        if said.message.is_empty() {
            said.message = format!("HTTP {}", reply.status.as_u16());
        }
        said
    }

    /// Reads a body: OpenAI's, OpenRouter's, Google's (also within an array), FastAPI's, ComfyUI's, and that of RFC 9457.
    fn read(body: &Value) -> Self {
        let body = body.get(0).unwrap_or(body);
        let error = body.get("error").unwrap_or(body);
        let word = |value: &Value| match value {
            Value::String(text) => text.trim().to_owned(),
            _ => String::new(),
        };
        let code = &error["code"];
        let mut said = Self {
            status: code
                .as_u64()
                .or_else(|| code.as_str()?.parse().ok())
                .or_else(|| body["status"].as_u64())
                .and_then(|status| u16::try_from(status).ok())
                .filter(|status| (400..600).contains(status))
                .unwrap_or_default(),
            code: word(code),
            kind: [&error["type"], &error["status"]]
                .into_iter()
                .map(word)
                .find(|kind| !kind.is_empty())
                .unwrap_or_default(),
            param: Some(word(&error["param"])).filter(|param| !param.is_empty()),
            ..Self::default()
        };
        let mut messages = vec![word(error), word(&error["message"])];
        messages.extend([&body["detail"], &body["errors"], &body["message"], &body["title"]].map(word));
        // FastAPI: what is wrong with which field.
        messages.extend(list(&body["detail"]).map(|fault| word(&fault["msg"])));
        messages.extend(node_faults(&body["node_errors"]));
        messages.retain(|message| !message.is_empty());
        // "OutOfMemoryError" says less than the sentence beside it.
        let best = match messages.as_slice() {
            [first, second, ..] if !first.contains(' ') && second.contains(' ') => Some(second),
            messages => messages.first(),
        };
        let workflow = node_faults(&body["node_errors"]).next();
        let best = workflow.as_ref().or(best);
        said.spoken = best.is_some();
        said.message = best.map(|message| short(message)).unwrap_or_default();
        let moderation = &error["moderation_details"];
        said.stage = match moderation["moderation_stage"].as_str() {
            Some("input") => Some(Stage::Input),
            Some("output") => Some(Stage::Output),
            _ => None,
        };
        let reasons = list(&moderation["categories"]).chain(list(&error["metadata"]["reasons"]));
        said.categories = reasons.map(word).filter(|reason| !reason.is_empty()).take(10).collect();
        if error["metadata"]["flagged_input"].is_string() {
            said.stage = Some(Stage::Input);
        }
        for detail in list(&error["details"]) {
            if let Some(delay) = detail["retryDelay"].as_str().and_then(seconds) {
                said.after = Some(delay);
            }
            if detail["reason"].as_str() == Some("API_KEY_INVALID") {
                said.code = "API_KEY_INVALID".to_owned();
            }
        }
        said
    }
}

/// What ComfyUI says about the nodes of a workflow.
fn node_faults(nodes: &Value) -> impl Iterator<Item = String> + '_ {
    nodes.as_object().into_iter().flatten().filter_map(|(id, node)| {
        let fault = list(&node["errors"]).next()?;
        let class = node["class_type"].as_str().unwrap_or("node");
        let message = fault["message"].as_str().unwrap_or("it is not valid");
        let details = fault["details"].as_str().unwrap_or_default();
        Some(format!("{class} ({id}): {message} {details}").trim().to_owned())
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// "30s", "1.5s", as protobuf writes a duration.
fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.strip_suffix('s')?.parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// A message in one line, and not longer than anybody reads.
fn short(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect()
}
