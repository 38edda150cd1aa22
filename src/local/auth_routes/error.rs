//! Errors as GoTrue writes them. Which of its two forms depends on a header of the request, so routes hand up the error
//! itself, and [`render`] writes it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::local::jwt::JwtError;
use crate::local::reply;
use crate::local::store::StoreError;
use crate::local::store::user::UserError;

const API_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");
const ERROR_CODE: HeaderName = HeaderName::from_static("x-sb-error-code");
/// The version from which on errors are `{code, message}` with the code as a word.
const WORDS_SINCE: jiff::civil::Date = jiff::civil::date(2024, 1, 1);

/// An error of the auth API.
#[derive(Clone, Debug)]
pub struct AuthError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// What a weak password lacks.
    reasons: Vec<&'static str>,
    /// In OAuth's form, which knows no versions.
    oauth: bool,
}

impl AuthError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            reasons: Vec::new(),
            oauth: false,
        }
    }

    /// 400.
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 403.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 404.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 422.
    pub fn unprocessable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// A value that cannot be used.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::bad_request("validation_failed", message)
    }

    /// Wrong password and unknown user alike, so that nobody learns which addresses have users.
    pub fn invalid_credentials() -> Self {
        Self::bad_request("invalid_credentials", "Invalid login credentials")
    }

    /// No token at all.
    pub fn no_authorization() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "no_authorization",
            "This endpoint requires a valid Bearer token",
        )
    }

    /// A token that does not verify; the words are those of GoTrue's library.
    pub fn bad_jwt(cause: JwtError) -> Self {
        let why = match cause {
            JwtError::Malformed => "token is malformed: token contains an invalid number of segments",
            JwtError::BadSignature => "token signature is invalid: signature is invalid",
            JwtError::NotYet => "token has invalid claims: token is not valid yet",
            JwtError::Expired => "token has invalid claims: token is expired",
        };
        Self::forbidden(
            "bad_jwt",
            format!("invalid JWT: unable to parse or verify signature, {why}"),
        )
    }

    /// Too many guesses.
    pub fn rate_limit() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "over_request_rate_limit",
            "Request rate limit reached",
        )
    }

    /// A body above the limit.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request_entity_too_large",
            format!("Request body too large (max {limit} bytes)"),
        )
    }

    /// A password that is too weak.
    pub fn weak_password(message: impl Into<String>, reason: &'static str) -> Self {
        Self {
            reasons: vec![reason],
            ..Self::unprocessable("weak_password", message)
        }
    }

    /// An error in the form of OAuth.
    pub fn oauth(error: &'static str, description: &'static str) -> Self {
        Self {
            oauth: true,
            ..Self::bad_request(error, description)
        }
    }

    /// Trouble of the server's own.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "the auth API failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "unexpected_failure",
            "Unexpected failure, please check server logs for more information",
        )
    }

    /// What it says to people.
    pub fn message(&self) -> &str {
        &self.message
    }

    fn body(&self, words: bool) -> Value {
        if self.oauth {
            return json!({ "error": self.code, "error_description": self.message });
        }
        let mut body = if words {
            json!({ "code": self.code, "message": self.message })
        } else {
            json!({ "code": self.status.as_u16(), "error_code": self.code, "msg": self.message })
        };
        if !self.reasons.is_empty() {
            body["weak_password"] = json!({ "reasons": self.reasons });
        }
        body
    }
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<UserError> for AuthError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NoSuchUser => Self::not_found("user_not_found", "User not found"),
            UserError::EmailTaken => Self::unprocessable(
                "email_exists",
                "A user with this email address has already been registered",
            ),
            UserError::PhoneTaken => {
                Self::unprocessable("phone_exists", "Phone number already registered by another user")
            }
            UserError::IdTaken => Self::internal(&error),
            UserError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for AuthError {
    /// Without a body: [`render`] writes it.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes errors in the form that the request's `X-Supabase-Api-Version` asks for.
pub async fn render(request: Request, next: Next) -> Response {
    let asked = request.headers().get(API_VERSION).and_then(|value| value.to_str().ok());
    let words = asked
        .and_then(|text| text.parse::<jiff::civil::Date>().ok())
        .is_some_and(|date| date >= WORDS_SINCE);
    let response = next.run(request).await;
    let Some(error) = response.extensions().get::<AuthError>() else {
        return response;
    };
    let mut rendered = reply::json(error.status, &error.body(words));
    let headers = rendered.headers_mut();
    if !error.oauth {
        headers.insert(ERROR_CODE, HeaderValue::from_static(error.code));
    }
    if words {
        headers.insert(API_VERSION, HeaderValue::from_static("2024-01-01"));
    }
    rendered
}
