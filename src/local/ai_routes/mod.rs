//! `/ai/v1`: the part of OpenAI's API that writes stories and draws pictures, answered by the built-in engines.
//!
//! A chat request carries its brief as a JSON object in the last message of the user:
//! `{"title", "prompt", "scenes", "words_per_scene"}`; a message without one is taken as the prompt. The answer is JSON,
//! too: `{"title", "cast": [{"name", "look", "is_child"}], "scenes": [{"title", "text", "image_prompt", "alt_text"}]}`. A picture request takes a `seed` besides
//! OpenAI's own fields and says which one it was; what was understood of the prompt comes back as `revised_prompt`.
//!
//! - [`chat`]: `POST /chat/completions`
//! - [`images`]: `POST /images/generations`
//! - [`error`]: OpenAI's error shape

mod chat;
mod error;
mod images;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::access::{Caller, bearer};
use super::jwt::Leeway;
use super::reply::ok;
use super::server::App;
use error::AiError;

/// Where the API lives.
pub(super) const PREFIX: &str = "/ai/v1";

/// The ids by which clients ask for the engines.
const STORYTELLER: &str = "builtin-storyteller";
const ILLUSTRATOR: &str = "builtin-illustrator";
/// The illustrator again, with lines to colour in.
const OUTLINES: &str = "builtin-outlines";

/// Where the engines work: as many at a time as there are cores.
pub struct Studio {
    cores: Arc<Semaphore>,
}

impl Studio {
    pub(super) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
        }
    }

    /// Runs CPU work on the blocking pool, when a core is free for it.
    async fn run<T, E>(&self, work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, AiError>
    where
        T: Send + 'static,
        E: Into<AiError> + Send + 'static,
    {
        // The work keeps its core also if the client goes away meanwhile.
        let core = Arc::clone(&self.cores).acquire_owned().await;
        let on_core = move || {
            let _core = core;
            work()
        };
        match tokio::task::spawn_blocking(on_core).await {
            Ok(done) => done.map_err(Into::into),
            Err(stopped) => {
                tracing::error!(error = %stopped, "a built-in engine stopped");
                Err(AiError::server_error(
                    "The built-in engine stopped while it worked on this.",
                ))
            }
        }
    }
}

/// The routes below `/ai/v1`.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/models", get(models))
        .route("/models/{model}", get(model))
        .route("/chat/completions", post(chat::complete))
        .route("/images/generations", post(images::generate))
        .fallback(unknown_url)
        .method_not_allowed_fallback(unknown_url)
}

type Answer = Result<Response, AiError>;

/// Whoever has one of the project's keys may use the engines.
struct KeyHolder;

impl FromRequestParts<Arc<App>> for KeyHolder {
    type Rejection = AiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let token = bearer(&parts.headers).ok_or_else(|| {
            AiError::unauthorized("No API key was provided. Send it in the Authorization header: Bearer KEY.")
        })?;
        Caller::from_token(app, token, Leeway::NONE)
            .map(|_| Self)
            .map_err(|error| AiError::unauthorized(&format!("Incorrect API key: {error}.")))
    }
}

async fn unknown_url(method: Method, uri: Uri) -> AiError {
    AiError::unknown_url(&method, uri.path())
}

fn model_row(id: &str) -> Value {
    json!({ "id": id, "object": "model", "created": 0, "owned_by": "builtin" })
}

async fn models(_: KeyHolder) -> Response {
    let rows = [STORYTELLER, ILLUSTRATOR, OUTLINES].map(model_row);
    ok(&json!({ "object": "list", "data": rows }))
}

async fn model(_: KeyHolder, Path(id): Path<String>) -> Answer {
    if [STORYTELLER, ILLUSTRATOR, OUTLINES].contains(&id.as_str()) {
        Ok(ok(&model_row(&id)))
    } else {
        Err(AiError::no_model(&id))
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a Bytes) -> Result<T, AiError> {
    serde_json::from_slice(body)
        .map_err(|error| AiError::bad_request(format!("The request's body cannot be read: {error}."), None))
}

/// A seed may be any 64-bit integer, with or without a sign; left out, it is a random one.
fn seed(given: Option<&Value>) -> Result<u64, AiError> {
    match given {
        None | Some(Value::Null) => Ok(Uuid::new_v4().as_u64_pair().0),
        Some(value) => value
            .as_u64()
            .or_else(|| value.as_i64().map(i64::cast_unsigned))
            .ok_or_else(|| AiError::bad_request("'seed' must be an integer.", Some("seed"))),
    }
}

/// Words, which is what the built-in engines count as tokens.
fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_any_integer() {
        assert_eq!(seed(Some(&json!(-1))).ok(), Some(u64::MAX));
        assert_eq!(seed(Some(&json!(7))).ok(), Some(7));
        assert!(seed(Some(&json!(1.5))).is_err());
    }
}
