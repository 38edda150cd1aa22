//! How providers say no, each in its own form.

use std::time::SystemTime;

use axum::body::Body;
use axum::http::{Response, header};
use serde_json::{Value, json};
use storymimi_studio::workspace::Dialect;

use super::Does;

/// The forms in which a provider says how long to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
    /// Not at all.
    Unsaid,
    /// `Retry-After` in seconds, whole or not.
    Seconds(f64),
    /// `retry-after-ms`.
    Millis(u64),
    /// `Retry-After` as a date so many seconds from now.
    Date(u64),
    /// `RetryInfo` in the body, as Google has it.
    Body(f64),
}

/// An answer of JSON.
pub(super) fn reply(status: u16, body: &Value) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// The refusal that a dialect has for what goes wrong; None for what is no refusal but another kind of answer.
pub(super) fn refusal(dialect: Dialect, does: Does) -> Option<Response<Body>> {
    let answer = |status: u16, code: &str, message: &str| Some(reply(status, &body(dialect, status, code, message)));
    match does {
        Does::RateLimited(wait) => Some(limited(dialect, wait)),
        Does::InsufficientQuota if dialect == Dialect::OpenRouter => answer(402, "402", "Insufficient credits"),
        Does::InsufficientQuota => answer(429, "insufficient_quota", "You exceeded your current quota"),
        Does::NoCredit => answer(402, "payment_required", "Add credits to go on"),
        Does::Moderated { output } => Some(moderated(dialect, output)),
        Does::ModelGone => answer(404, "model_not_found", "The model `fake-painter` does not exist"),
        // As a careless provider: with the key in its words.
        Does::Unauthorized => answer(
            401,
            "invalid_api_key",
            &format!("Incorrect API key provided: {}", super::KEY),
        ),
        Does::Forbidden => answer(403, "forbidden", "This key may not use this model"),
        Does::Unverified => answer(
            403,
            "unverified",
            "Your organization must be verified to use the model `fake-painter`",
        ),
        Does::Overloaded => answer(503, "overloaded", "All machines are busy"),
        Does::ServerError => answer(500, "server_error", "The server had an error"),
        Does::BadGateway => answer(502, "bad_gateway", "The model's machine went away"),
        Does::RequestTimeout => answer(408, "request_timeout", "The model took too long"),
        Does::GatewayTimeout => {
            let page = Body::from("<html><title>504 Gateway Time-out</title></html>");
            Some(Response::builder().status(504).body(page).unwrap())
        }
        Does::BadField(field) => {
            let mut body = body(
                dialect,
                400,
                "invalid_value",
                &format!("'{field}' is not supported with this model"),
            );
            body["error"]["param"] = field.into();
            Some(reply(400, &body))
        }
        Does::NotThisApi => {
            let page = Body::from("<html><title>404 Not Found</title></html>");
            Some(Response::builder().status(404).body(page).unwrap())
        }
        Does::ErrorWithin => Some(reply(200, &body(dialect, 502, "502", "The model's machine went away"))),
        Does::Breaks => match dialect {
            Dialect::Comfy => None,
            Dialect::Sdapi => Some(reply(
                500,
                &json!({ "error": "OutOfMemoryError", "detail": "", "body": "", "errors": "CUDA out of memory." }),
            )),
            _ => answer(500, "server_error", "The worker crashed"),
        },
        _ => None,
    }
}

/// The body of an error in the dialect's form.
fn body(dialect: Dialect, status: u16, code: &str, message: &str) -> Value {
    match dialect {
        Dialect::OpenRouter => json!({ "error": { "code": status, "message": message } }),
        Dialect::Gemini => {
            let word = match status {
                400 => "INVALID_ARGUMENT",
                401 | 403 => "PERMISSION_DENIED",
                404 => "NOT_FOUND",
                429 => "RESOURCE_EXHAUSTED",
                _ => "UNAVAILABLE",
            };
            let mut details = Vec::new();
            if code == "invalid_api_key" {
                details
                    .push(json!({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" }));
            }
            json!({ "error": { "code": status, "message": message, "status": word, "details": details } })
        }
        Dialect::Sdapi => json!({ "detail": message }),
        Dialect::Comfy => json!({ "error": { "type": code, "message": message, "details": "" }, "node_errors": {} }),
        _ => json!({ "error": { "message": message, "type": "invalid_request_error", "param": null, "code": code } }),
    }
}

fn limited(dialect: Dialect, wait: Wait) -> Response<Body> {
    let mut body = body(dialect, 429, "rate_limit_exceeded", "Too many requests");
    if let Wait::Body(seconds) = wait {
        let info = json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s") });
        body["error"]["details"] = json!([info]);
    }
    let mut response = reply(429, &body);
    let (name, value) = match wait {
        Wait::Unsaid | Wait::Body(_) => return response,
        Wait::Seconds(seconds) => ("retry-after", seconds.to_string()),
        Wait::Millis(millis) => ("retry-after-ms", millis.to_string()),
        Wait::Date(seconds) => {
            let at = SystemTime::now() + std::time::Duration::from_secs(seconds);
            let at = jiff::Timestamp::try_from(at).unwrap();
            (
                "retry-after",
                jiff::fmt::rfc2822::DateTimePrinter::new()
                    .timestamp_to_rfc9110_string(&at)
                    .unwrap(),
            )
        }
    };
    response.headers_mut().insert(name, value.parse().unwrap());
    response
}

fn moderated(dialect: Dialect, output: bool) -> Response<Body> {
    let stage = if output { "output" } else { "input" };
    match dialect {
        Dialect::OpenRouter => reply(
            403,
            &json!({ "error": { "code": 403, "message": "Your input was flagged",
                "metadata": { "reasons": ["violence"], "flagged_input": "a …" } } }),
        ),
        Dialect::Gemini if output => reply(
            200,
            &json!({ "candidates": [{ "content": { "parts": [] }, "finishReason": "IMAGE_SAFETY",
                "finishMessage": "Unable to show the picture" }] }),
        ),
        Dialect::Gemini => reply(
            200,
            &json!({ "promptFeedback": { "blockReason": "PROHIBITED_CONTENT" } }),
        ),
        Dialect::Together => reply(
            422,
            &json!({ "error": { "message": "The image may contain NSFW content", "type": "invalid_request_error",
                "param": null, "code": null } }),
        ),
        _ => reply(
            400,
            &json!({ "error": { "message": "Your request was rejected by the safety system",
                "type": "image_generation_user_error", "param": null, "code": "moderation_blocked",
                "moderation_details": { "moderation_stage": stage, "categories": ["violence"] } } }),
        ),
    }
}
