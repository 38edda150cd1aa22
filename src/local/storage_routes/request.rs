//! What routes take from a request: who calls, which bucket and key, and a JSON body checked in the words of
//! storage-api's schema validator.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde_json::{Map, Value};

use super::error::StorageError;
use crate::local::access::{self, bearer};
use crate::local::jwt::Leeway;
use crate::local::server::App;

/// JSON bodies above this are refused. A bulk delete of 1,000 long keys is below 1 MB.
const JSON_LIMIT: usize = 4 * 1024 * 1024;

/// Who calls. Without an `Authorization` header the real server's schema refuses the request; it never looks at
/// `apikey`, which is the gateway's.
pub struct Caller(access::Caller);

impl Caller {
    /// Whether row level security does not apply: making, changing, emptying and deleting buckets.
    pub fn is_service(&self) -> bool {
        self.0.is_service()
    }

    /// Whether the bucket's row and the objects in it are visible.
    pub fn sees(&self, bucket: &str) -> bool {
        self.0.works_in(bucket)
    }

    /// Whether objects may be written into the bucket.
    pub fn may_write(&self, bucket: &str) -> Result<(), StorageError> {
        if self.0.works_in(bucket) {
            Ok(())
        } else {
            Err(StorageError::row_level_security())
        }
    }

    /// Whose the objects are that the caller stores; nobody's for keys.
    pub fn owner(&self) -> Option<String> {
        self.0.owner().map(str::to_owned)
    }

    /// Reads the header.
    pub fn from_headers(app: &App, headers: &HeaderMap) -> Result<Self, StorageError> {
        let token = bearer(headers)
            .ok_or_else(|| StorageError::schema("headers must have required property 'authorization'"))?;
        access::Caller::from_token(app, token, Leeway::NONE)
            .map(Self)
            .map_err(StorageError::access_denied)
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = StorageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        Self::from_headers(app, &parts.headers)
    }
}

/// The bucket and the key in a path, percent-decoded once. A path without a key has an empty one.
pub struct Target {
    /// The bucket's id.
    pub bucket: String,
    /// The key.
    pub key: String,
}

impl FromRequestParts<Arc<App>> for Target {
    type Rejection = StorageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| StorageError::framework("the path is not valid UTF-8"))?;
        let mut target = Self {
            bucket: String::new(),
            key: String::new(),
        };
        for (name, value) in &params {
            match name {
                "bucket" => target.bucket = value.to_owned(),
                "key" => target.key = value.to_owned(),
                _ => {}
            }
        }
        Ok(target)
    }
}

/// A JSON object out of a body. No body at all is an empty object, so that the schema can name what is missing.
pub struct JsonBody(pub Fields);

impl FromRequest<Arc<App>> for JsonBody {
    type Rejection = StorageError;

    async fn from_request(request: Request<Body>, _: &Arc<App>) -> Result<Self, Self::Rejection> {
        let declared_json = is_json(request.headers());
        let bytes = to_bytes(request.into_body(), JSON_LIMIT)
            .await
            .map_err(|_| StorageError::framework("Request body is too large"))?;
        if bytes.is_empty() {
            if declared_json {
                return Err(StorageError::framework(
                    "Body cannot be empty when content-type is set to 'application/json'",
                ));
            }
            return Ok(Self(Fields::default()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Self(Fields(fields))),
            Ok(_) => Err(StorageError::schema("body must be object")),
            Err(_) => Err(StorageError::framework(
                "Body is not valid JSON but content-type is set to 'application/json'",
            )),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"))
}

/// The fields of a JSON object, each read in the way its schema says. As the real server's validator does, numbers and
/// booleans may come as texts.
#[derive(Default)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The raw value of a field, `None` if it is left out.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text, if the field is there and not null.
    pub fn text(&self, name: &str) -> Result<Option<String>, StorageError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(StorageError::schema(format!("body/{name} must be string"))),
        }
    }

    /// A text that must be there.
    pub fn required_text(&self, name: &str) -> Result<String, StorageError> {
        self.text(name)?.ok_or_else(|| Self::missing(name))
    }

    /// That a field is missing, in the validator's words.
    pub fn missing(name: &str) -> StorageError {
        StorageError::schema(format!("body must have required property '{name}'"))
    }

    /// A boolean.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, StorageError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(StorageError::schema(format!("body/{name} must be boolean"))),
        }
    }

    /// An integer of at least `least`.
    pub fn integer(&self, name: &str, least: i64) -> Result<Option<u64>, StorageError> {
        let number = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let Some(number) = number else {
            return Err(StorageError::schema(format!("body/{name} must be integer")));
        };
        match u64::try_from(number) {
            Ok(value) if number >= least => Ok(Some(value)),
            _ => Err(StorageError::schema(format!("body/{name} must be >= {least}"))),
        }
    }

    /// An array of texts with at least one item.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, StorageError> {
        let items = match self.0.get(name) {
            None => return Err(Self::missing(name)),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(StorageError::schema(format!("body/{name} must be array"))),
        };
        if items.is_empty() {
            return Err(StorageError::schema(format!(
                "body/{name} must NOT have fewer than 1 items"
            )));
        }
        items
            .iter()
            .enumerate()
            .map(|(at, item)| {
                item.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| StorageError::schema(format!("body/{name}/{at} must be string")))
            })
            .collect()
    }

    /// A nested object; empty if it is left out.
    pub fn object(&self, name: &str) -> Result<Option<Fields>, StorageError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Fields(fields.clone()))),
            Some(_) => Err(StorageError::schema(format!("body/{name} must be object"))),
        }
    }
}
