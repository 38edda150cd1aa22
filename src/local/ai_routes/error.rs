//! Errors as OpenAI writes them: `{"error": {message, type, param, code}}`, with a true HTTP status.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::local::illustrator::IllustratorError;
use crate::local::reply::json as reply;
use crate::local::storyteller::StorytellerError;

/// An error in OpenAI's shape.
#[derive(Debug)]
pub struct AiError {
    status: StatusCode,
    message: String,
    kind: &'static str,
    param: Option<&'static str>,
    code: Option<&'static str>,
}

impl AiError {
    /// The request is wrong; `param` says where.
    pub fn bad_request(message: impl Into<String>, param: Option<&'static str>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
            kind: "invalid_request_error",
            param,
            code: None,
        }
    }

    /// The engine failed, not the request.
    pub fn server_error(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "server_error",
            ..Self::bad_request(message, None)
        }
    }

    /// There is no model of this name.
    pub fn no_model(model: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: Some("model_not_found"),
            ..Self::bad_request(
                format!("The model '{model}' does not exist or you do not have access to it."),
                Some("model"),
            )
        }
    }

    /// No key, or none of this project.
    pub fn unauthorized(message: &str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: Some("invalid_api_key"),
            ..Self::bad_request(message, None)
        }
    }

    /// No route takes the path.
    pub fn unknown_url(method: &Method, path: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: Some("unknown_url"),
            ..Self::bad_request(format!("Unknown request URL: {method} {path}."), None)
        }
    }
}

impl From<StorytellerError> for AiError {
    fn from(error: StorytellerError) -> Self {
        let code = match error {
            // OpenAI's code for what it will not write about.
            StorytellerError::BlockedWord(_) => Some("content_policy_violation"),
            _ => None,
        };
        Self {
            code,
            ..Self::bad_request(sentence(&error), Some("messages"))
        }
    }
}

impl From<IllustratorError> for AiError {
    fn from(error: IllustratorError) -> Self {
        match error {
            IllustratorError::Size { .. } => Self::bad_request(sentence(&error), Some("size")),
            fault => Self::server_error(sentence(&fault)),
        }
    }
}

/// The text of an error as a sentence of its own.
fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

impl IntoResponse for AiError {
    fn into_response(self) -> Response {
        let body = json!({
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        });
        reply(self.status, &body)
    }
}
