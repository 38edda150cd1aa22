//! Text and image models behind one seam; one file a dialect. Knows HTTP, not stories and not the window.
//!
//! Two calls cover the market: chat completions that answer with JSON ([`Ai::draft`]), and pictures ([`Ai::paint`]).
//! What differs between providers is in [`dialect`], what they say when they do not do it in [`failure`]. A call that may
//! have been paid for is never repeated blindly: see [`AiError::may_be_charged`].

mod abilities;
mod dialect;
mod error;
mod failure;
mod interrupt;
mod json;
mod models;
mod multipart;
mod nearby;
mod paint;
mod picture;
mod request;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;
use std::time::Duration;

use ::http::Method;
use serde_json::Value;
use tokio::sync::Semaphore;
use url::Url;

pub use abilities::{Abilities, Sizes};
pub use error::{AiError, Stage};
pub use models::ModelInfo;
pub use nearby::{Nearby, nearby};
pub use request::{PaintProgress, PaintRequest, Painted, Reference};
pub use text::{CastMember, DraftRequest, DraftScene, Drafted};

use crate::http::{Body, Call, Http, Remembered, Reply};
use crate::workspace::{Dialect, Provider};
use interrupt::Interrupt;
use text::Rungs;

/// Models think for minutes without sending a byte.
const THINKING: Duration = Duration::from_secs(600);

/// The models of a provider. Clones share what was found out about them, and how many pictures are asked for at once.
#[derive(Clone)]
pub struct Ai {
    http: Http,
    provider: Provider,
    /// What the models that write have understood so far.
    rungs: Arc<Rungs>,
    /// Pictures that may be asked for at the same time.
    places: Arc<Semaphore>,
    /// The key, and what is as secret, stay hidden in the transcript as long as they may be sent.
    _hidden: Vec<Arc<Remembered>>,
}

impl Ai {
    /// Nothing is sent yet.
    #[must_use]
    pub fn new(http: Http, mut provider: Provider) -> Self {
        // These work one by one, and are stopped as a whole: a picture that is given up must be the one at work.
        if matches!(provider.dialect, Dialect::Sdapi | Dialect::Comfy) {
            provider.concurrent = 1;
        }
        let headers = provider.secret_headers.iter().map(|(_, value)| value);
        let hide = |key| Arc::new(http.transcript().masker().remember_while(key));
        Self {
            _hidden: provider.key.iter().chain(headers).map(hide).collect(),
            rungs: Arc::default(),
            places: Arc::new(Semaphore::new(provider.concurrent.max(1))),
            http,
            provider,
        }
    }

    /// Who answers.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// What a picture can be asked for with.
    #[must_use]
    pub fn abilities(&self) -> Abilities {
        Abilities::of(&self.provider)
    }

    /// A call below the provider's address, with its key.
    fn call(&self, method: Method, path: &str) -> Result<Call, AiError> {
        let call = self.bare(
            method,
            format!("{}{path}", self.provider.base_url.trim_end_matches('/')),
        )?;
        Ok(self.with_key(call))
    }

    /// A call below the server's address, where the provider's may name an API of it: `…:7860/v1`, `…:7860/sdapi/v1`.
    fn at_root(&self, method: Method, path: &str) -> Result<Call, AiError> {
        let base = self.provider.base_url.trim_end_matches('/');
        let root = base.strip_suffix("/v1").unwrap_or(base);
        let root = root.strip_suffix("/sdapi").unwrap_or(root);
        Ok(self.with_key(self.bare(method, format!("{root}{path}"))?))
    }

    fn with_key(&self, call: Call) -> Call {
        match &self.provider.key {
            Some(key) => call.secret_header("authorization", "Bearer ", key),
            None => call,
        }
    }

    /// A call without the key, with the headers that go along; to the provider's own address only.
    fn bare(&self, method: Method, url: String) -> Result<Call, AiError> {
        let call = Call::new("Ask the provider", self.provider.name.clone(), method, url)
            .stall_after(THINKING)
            .classify(failure::repeat);
        let refused = |name: &str| AiError::NotAble(format!("“{name}” is no header that can be sent along"));
        let mut plain = self.provider.headers.iter();
        let call = plain.try_fold(call, |call, (name, value)| {
            call.named_header(name, value).ok_or_else(|| refused(name))
        })?;
        let mut secret = self.provider.secret_headers.iter();
        secret.try_fold(call, |call, (name, value)| {
            call.named_secret_header(name, value).ok_or_else(|| refused(name))
        })
    }

    fn post(&self, path: &str, body: Value) -> Result<Call, AiError> {
        self.post_body(path, Body::Json(body))
    }

    fn post_body(&self, path: &str, body: Body) -> Result<Call, AiError> {
        Ok(self.call(Method::POST, path)?.body(body))
    }

    /// Sends, and turns every answer but success into its error.
    async fn send(&self, call: Call) -> Result<Reply, AiError> {
        let reply = self.http.send(call).await.map_err(|error| AiError::network(&error))?;
        if reply.is_success() {
            Ok(reply)
        } else {
            Err(AiError::from_reply(&reply, self.http.transcript().masker()))
        }
    }

    /// The error that a success holds, if it does.
    fn within(&self, reply: &Reply, body: &Value) -> Option<AiError> {
        AiError::within(reply, body, self.http.transcript().masker())
    }

    /// Where the provider's address begins: scheme, host and port.
    fn base(&self) -> Option<Url> {
        Url::parse(&self.provider.base_url).ok()
    }

    /// A model that is gone is told of together with those that are there, if the provider lists them. That costs nothing.
    async fn explained<T>(&self, result: Result<T, AiError>) -> Result<T, AiError> {
        /// Nobody reads more names.
        const MOST: usize = 200;
        match result {
            Err(AiError::ModelGone { message, exchange, .. }) => {
                let listed = self.models().await.unwrap_or_default();
                Err(AiError::ModelGone {
                    message,
                    offered: listed.into_iter().map(|model| model.id).take(MOST).collect(),
                    exchange,
                })
            }
            result => result,
        }
    }
}
