//! JSON bodies of requests. GoTrue does not look at the content type.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use super::error::AuthError;
use crate::http::Secret;
use crate::local::server::App;

/// The largest body, in bytes.
pub const LIMIT: usize = 1 << 20;

/// The members of a JSON object.
pub struct Members(Map<String, Value>);

impl FromRequest<Arc<App>> for Members {
    type Rejection = AuthError;

    async fn from_request(request: Request<Body>, _: &Arc<App>) -> Result<Self, Self::Rejection> {
        let bytes = to_bytes(request.into_body(), LIMIT)
            .await
            .map_err(|_| AuthError::too_large(LIMIT))?;
        let refuse =
            |why: &str| AuthError::bad_request("bad_json", format!("Could not parse request body as JSON: {why}"));
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(Value::Null) => Ok(Self(Map::new())),
            Ok(_) => Err(refuse("the body must be an object")),
            Err(_) if bytes.is_empty() => Err(refuse("unexpected end of JSON input")),
            // The parser's own words may repeat what was sent: a password, for one.
            Err(error) => Err(refuse(&format!(
                "invalid JSON at line {}, column {}",
                error.line(),
                error.column()
            ))),
        }
    }
}

impl Members {
    /// The raw value of a member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text; empty if it is left out.
    pub fn text(&self, name: &str) -> Result<&str, AuthError> {
        match self.get(name) {
            None => Ok(""),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(wrong(name, "string")),
        }
    }

    /// A password, as it is.
    pub fn secret(&self, name: &str) -> Result<Option<Secret>, AuthError> {
        Ok(match self.get(name) {
            None => None,
            Some(_) => Some(Secret::exact(self.text(name)?)),
        })
    }

    /// A boolean; false if it is left out.
    pub fn boolean(&self, name: &str) -> Result<bool, AuthError> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(wrong(name, "bool")),
        }
    }

    /// An object; empty if it is left out.
    pub fn object(&self, name: &str) -> Result<Map<String, Value>, AuthError> {
        match self.get(name) {
            None => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members.clone()),
            Some(_) => Err(wrong(name, "object")),
        }
    }
}

fn wrong(name: &str, kind: &str) -> AuthError {
    AuthError::bad_request(
        "bad_json",
        format!("Could not parse request body as JSON: {name} must be of type {kind}"),
    )
}
