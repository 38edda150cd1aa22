//! Text and image models behind one seam; one file a dialect. Knows HTTP, not stories and not the window.
//!
//! Two calls cover the market: chat completions that answer with JSON, and image generations. What differs between
//! providers is in [`dialect`]. A call that may have been paid for is never repeated blindly: a lost answer is
//! [`AiError::Ambiguous`].

mod dialect;
mod error;
mod image;
mod json;
mod text;

use std::sync::Arc;
use std::time::Duration;

use ::http::Method;
use serde::Deserialize;
use serde_json::Value;

pub use error::AiError;
pub use image::{PaintRequest, Painted};
pub use text::{DraftRequest, DraftScene, Drafted};

use crate::http::{Call, Http, Remembered, Reply, Retry};
use crate::workspace::Provider;

/// Models think for minutes without sending a byte.
const THINKING: Duration = Duration::from_secs(600);

/// The models of a provider.
#[derive(Clone)]
pub struct Ai {
    http: Http,
    provider: Provider,
    /// The key stays hidden in the transcript as long as it may be sent.
    _hidden: Option<Arc<Remembered>>,
}

impl Ai {
    /// Nothing is sent yet.
    #[must_use]
    pub fn new(http: Http, provider: Provider) -> Self {
        let hide = |key| Arc::new(http.transcript().masker().remember_while(key));
        Self {
            _hidden: provider.key.as_ref().map(hide),
            http,
            provider,
        }
    }

    /// Who answers.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The names of the models that the provider offers. Costs nothing, so it is also the test of a connection.
    ///
    /// # Errors
    /// If the provider cannot be reached or refuses the key.
    pub async fn models(&self) -> Result<Vec<String>, AiError> {
        #[derive(Deserialize)]
        struct Models {
            #[serde(default)]
            data: Vec<Model>,
        }
        #[derive(Deserialize)]
        struct Model {
            id: String,
        }
        let reply = self.send(self.call("List models", Method::GET, "/models")).await?;
        let models: Models =
            serde_json::from_slice(&reply.body).map_err(|source| AiError::unreadable(&reply, source))?;
        Ok(models.data.into_iter().map(|model| model.id).collect())
    }

    fn call(&self, operation: &'static str, method: Method, path: &str) -> Call {
        let url = format!("{}{path}", self.provider.base_url.trim_end_matches('/'));
        let call = Call::new(operation, self.provider.name.clone(), method, url)
            .stall_after(THINKING)
            .classify(repeat);
        match &self.provider.key {
            Some(key) => call.secret_header("authorization", "Bearer ", key),
            None => call,
        }
    }

    fn post(&self, operation: &'static str, path: &str, body: Value) -> Call {
        self.call(operation, Method::POST, path).json(body)
    }

    /// Sends, and turns every answer but success into its error.
    async fn send(&self, call: Call) -> Result<Reply, AiError> {
        let reply = self.http.send(call).await.map_err(|error| AiError::network(&error))?;
        if reply.is_success() {
            Ok(reply)
        } else {
            Err(AiError::from_reply(&reply))
        }
    }
}

/// What is tried again by itself: only refusals that cost nothing. Quota that is used up stays used up, and a server
/// that failed at a picture may have been paid for it.
fn repeat(reply: &Reply) -> Retry {
    match AiError::from_reply(reply) {
        AiError::RateLimited { .. } => Retry::Throttled {
            after: reply.retry_after(),
        },
        AiError::Overloaded { .. } => Retry::Transient,
        _ => Retry::Never,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use axum::extract::State;
    use axum::http::StatusCode;
    use axum::{Json, Router};
    use serde_json::{Value, json};

    use super::*;
    use crate::http::{Secret, Transcript};
    use crate::workspace::Dialect;

    /// A provider that answers as it is told, one answer after the other, and remembers what it was asked.
    #[derive(Clone)]
    pub(super) struct Script {
        answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
        sent: Arc<Mutex<Vec<Value>>>,
    }

    impl Script {
        pub(super) fn new<const N: usize>(answers: [(u16, Value); N]) -> Self {
            Self {
                answers: Arc::new(Mutex::new(answers.into())),
                sent: Arc::default(),
            }
        }

        pub(super) fn sent(&self) -> Vec<Value> {
            self.sent.lock().unwrap().clone()
        }
    }

    async fn answer(State(script): State<Script>, body: Option<Json<Value>>) -> (StatusCode, Json<Value>) {
        script
            .sent
            .lock()
            .unwrap()
            .push(body.map_or(Value::Null, |Json(body)| body));
        let next = script.answers.lock().unwrap().pop_front();
        let (status, body) = next.unwrap_or((418, json!({ "error": { "message": "the script has ended" } })));
        (StatusCode::from_u16(status).unwrap(), Json(body))
    }

    pub(super) async fn ai(script: &Script) -> Ai {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let provider = Provider {
            name: "test".into(),
            base_url,
            key: Some(Secret::new("sk-test")),
            text_model: "text".into(),
            image_model: "image".into(),
            dialect: Dialect::OpenAi,
        };
        Ai::new(Http::new(Arc::new(Transcript::default())).unwrap(), provider)
    }

    pub(super) fn request(scenes: usize) -> DraftRequest {
        DraftRequest {
            title: "T".into(),
            prompt: "P".into(),
            scenes,
            words_per_scene: 30,
            seed: 1,
        }
    }

    #[tokio::test]
    async fn lists_models_and_tells_a_wrong_key() {
        let script = Script::new([
            (
                200,
                json!({ "data": [{ "id": "a", "object": "model" }, { "id": "b" }] }),
            ),
            (
                401,
                json!({ "error": { "message": "Incorrect API key", "code": "invalid_api_key" } }),
            ),
        ]);
        let ai = ai(&script).await;
        assert_eq!(ai.models().await.unwrap(), ["a", "b"]);
        assert!(matches!(ai.models().await, Err(AiError::Auth { .. })));
    }
}
