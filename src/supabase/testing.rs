//! A project for tests: answers as a closure says, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use ::http::{HeaderMap, Method};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use bytes::Bytes;
use serde_json::Value;

use super::{BucketName, ObjectKey, Supabase};
use crate::http::testing::{impatient, serve};
use crate::workspace::{ApiKey, ProjectUrl};

pub(crate) const SERVICE_KEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl";

/// A request as the project saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// Path and query, as sent.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Method and path, for comparing with what was meant.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub(crate) type Log = Arc<Mutex<Vec<Seen>>>;

/// A project with the service key.
pub(crate) async fn project(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> (Supabase, Log) {
    project_with_key(SERVICE_KEY, answer).await
}

pub(crate) async fn project_with_key(
    key: &str,
    answer: impl Fn(&Seen) -> Response + Send + Sync + 'static,
) -> (Supabase, Log) {
    let log = Log::default();
    let (answer, seen) = (Arc::new(answer), Arc::clone(&log));
    let url = serve(Router::new().fallback(any(move |request: Request| {
        let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
        async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
            let request = Seen {
                method: parts.method,
                path: parts.uri.to_string(),
                headers: parts.headers,
                body,
            };
            seen.lock().unwrap().push(request.clone());
            answer(&request)
        }
    })))
    .await;
    let project = Supabase::new(
        impatient(),
        ProjectUrl::parse(&url).unwrap(),
        ApiKey::parse(key).unwrap(),
    );
    (project, log)
}

/// A JSON answer.
pub(crate) fn json(status: u16, body: Value) -> Response {
    (::http::StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

/// Storage's form of an error: HTTP 400, and the truth in the body.
pub(crate) fn storage_error(status: &str, code: &str, message: &str) -> Response {
    json(
        400,
        serde_json::json!({"statusCode": status, "error": code, "message": message, "code": code}),
    )
}

/// An answer that breaks off: the call may have been carried out, and nobody hears of it.
pub(crate) fn cut_off() -> Response {
    let pieces = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("cut off"))];
    Response::new(axum::body::Body::from_stream(futures_util::stream::iter(pieces)))
}

pub(crate) fn no_bucket() -> Response {
    storage_error("404", "NoSuchBucket", "Bucket not found")
}

/// The name of a bucket.
pub(crate) fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).unwrap()
}

/// The key of an object.
pub(crate) fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

/// Methods and paths in the order in which they were asked for.
pub(crate) fn lines(seen: &Log) -> Vec<String> {
    seen.lock().unwrap().iter().map(Seen::line).collect()
}
