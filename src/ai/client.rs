//! The handle to a provider: how every request to it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use ::http::Method;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::{Host, Url};

use super::error::{AiError, Asked, is_error_in_success, retry};
use super::provider::Provider;
use crate::http::{Call, Http, Reply};

/// A provider that can be asked. Clones are cheap and share what was learnt of it.
#[derive(Clone, Debug)]
pub struct Ai {
    shared: Arc<Shared>,
    cancel: CancellationToken,
}

#[derive(Debug)]
struct Shared {
    http: Http,
    provider: Provider,
    /// The rung of the ladder of JSON forms on which the text model last stood.
    rung: AtomicU8,
}

/// A success with its body read as JSON.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) reply: Reply,
    pub(super) body: Value,
}

impl Ai {
    /// How long a model may think without a word. Pictures take minutes.
    pub(super) const PATIENCE: Duration = Duration::from_secs(300);

    /// A handle. Nothing is sent. The key is hidden in the transcript from now on.
    #[must_use]
    pub fn new(http: Http, provider: Provider) -> Self {
        if let Some(key) = &provider.key {
            http.transcript().masker().remember(key);
        }
        Self {
            shared: Arc::new(Shared {
                http,
                provider,
                rung: AtomicU8::new(0),
            }),
            cancel: CancellationToken::new(),
        }
    }

    /// The same handle, whose requests end when the token is cancelled.
    #[must_use]
    pub fn cancelled_by(&self, cancel: CancellationToken) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            cancel,
        }
    }

    /// Who is asked.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.shared.provider
    }

    /// The models that the provider offers, for pickers, and for testing the address and key: it costs nothing.
    ///
    /// # Errors
    /// [`AiError::Auth`] for the key, [`AiError::Network`] for the address; [`AiError::ModelGone`] means here that
    /// there is no such list at the address.
    pub async fn models(&self) -> Result<Vec<String>, AiError> {
        let asked = self.asked("List models", false);
        let call = self.call(asked, "", Method::GET, "models")?.stall_after(Call::STALL);
        let answer = self.send(asked, call).await?;
        let rows = answer
            .body
            .get("data")
            .or_else(|| answer.body.get("models"))
            .unwrap_or(&answer.body);
        let Some(rows) = rows.as_array() else {
            let said = asked.of(
                &answer.reply,
                "the answer is not a list of models; is this the address of its API?",
            );
            return Err(AiError::BadRequest { param: None, said });
        };
        let name = |row: &Value| {
            ["id", "name"]
                .iter()
                .find_map(|key| Some(row.get(key)?.as_str()?.to_owned()))
        };
        let mut models: Vec<String> = rows.iter().filter_map(name).collect();
        models.sort();
        models.dedup();
        Ok(models)
    }

    pub(super) fn asked(&self, operation: &'static str, paid: bool) -> Asked<'_> {
        Asked {
            operation,
            provider: &self.shared.provider.name,
            paid,
            masker: self.shared.http.transcript().masker(),
        }
    }

    pub(super) fn rung(&self) -> u8 {
        self.shared.rung.load(Ordering::Relaxed)
    }

    pub(super) fn remember_rung(&self, rung: u8) {
        self.shared.rung.store(rung, Ordering::Relaxed);
    }

    /// A call of the provider's API, with its key. `path` has no slash at its beginning.
    pub(super) fn call(&self, asked: Asked<'_>, target: &str, method: Method, path: &str) -> Result<Call, AiError> {
        let provider = &self.shared.provider;
        let url = format!("{}/{path}", provider.base_url.trim().trim_end_matches('/'));
        let refuse = |why: &str| AiError::BadRequest {
            param: Some("base_url".to_owned()),
            said: asked.said(why),
        };
        let parsed = Url::parse(&url).map_err(|_| refuse("the provider's address is not a web address"))?;
        let mut call = self.bare_call(asked, target, method, url);
        if let Some(key) = &provider.key {
            if !may_carry_keys(&parsed) {
                return Err(refuse(
                    "the address is not encrypted; only this machine may be sent a key without https",
                ));
            }
            call = call.secret_header("authorization", "Bearer ", key);
        }
        Ok(call)
    }

    /// A call without the key.
    pub(super) fn bare_call(&self, asked: Asked<'_>, target: &str, method: Method, url: String) -> Call {
        Call::new(asked.operation, target, method, url)
            .stall_after(Self::PATIENCE)
            .classify(retry)
            .cancel(self.cancel.clone())
    }

    /// Sends a call whose answer is JSON.
    pub(super) async fn send(&self, asked: Asked<'_>, call: Call) -> Result<Answer, AiError> {
        let reply = self.send_raw(asked, call).await?;
        match serde_json::from_slice::<Value>(&reply.body) {
            Ok(body) if is_error_in_success(&body) => Err(asked.refused(&reply)),
            Ok(body) => Ok(Answer { reply, body }),
            Err(error) => {
                let raw = String::from_utf8_lossy(&reply.body)
                    .chars()
                    .take(2_000)
                    .collect::<String>();
                let said = asked.of(&reply, &format!("the service's answer is not JSON: {error}"));
                Err(AiError::BadJson {
                    raw: asked.masker.text(&raw),
                    said,
                })
            }
        }
    }

    /// Sends a call; any status that is no success is an error.
    pub(super) async fn send_raw(&self, asked: Asked<'_>, call: Call) -> Result<Reply, AiError> {
        let reply = self
            .shared
            .http
            .send(call)
            .await
            .map_err(|error| asked.no_answer(error))?;
        if reply.is_success() {
            Ok(reply)
        } else {
            Err(asked.refused(&reply))
        }
    }
}

fn may_carry_keys(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{KEY, answer, at, chat, error, provider, story};
    use super::super::{DraftRequest, PaintRequest};
    use super::*;
    use crate::http::testing::{End, scripted};

    #[tokio::test]
    async fn lists_models_in_every_form() {
        for body in [
            json!({"data": [{"id": "b"}, {"id": "a"}, {"id": "b"}]}),
            json!([{"id": "a"}, {"id": "b", "type": "chat"}]),
            json!({"models": [{"name": "a"}, {"name": "b"}, {}]}),
        ] {
            let (ai, seen) = provider(move |_, _| answer(200, &body)).await;
            assert_eq!(ai.models().await.unwrap(), ["a", "b"]);
            assert_eq!(seen.lock().unwrap()[0].0, "/v1/models");
        }
        let (ai, _) = provider(|_, _| answer(200, &json!({"hello": "world"}))).await;
        assert!(matches!(ai.models().await.unwrap_err(), AiError::BadRequest { .. }));
        let (ai, seen) = provider(|number, _| {
            if number == 0 {
                error(502, "", "")
            } else {
                answer(200, &json!([]))
            }
        })
        .await;
        assert!(ai.models().await.unwrap().is_empty());
        assert_eq!(
            seen.lock().unwrap().len(),
            2,
            "asking for a list costs nothing and is repeated"
        );
    }

    #[tokio::test]
    async fn a_key_is_not_sent_in_the_clear_nor_shown() {
        for url in ["http://192.168.0.7:1234/v1", "http://models.example/v1", "no address"] {
            let error = at(url.into()).models().await.unwrap_err();
            assert!(
                matches!(&error, AiError::BadRequest { said, .. } if said.exchange.is_none()),
                "{error:?}"
            );
        }
        let (ai, _) =
            provider(|_, _| error(401, "invalid_api_key", &format!("Incorrect API key provided: {KEY}"))).await;
        let error = ai.models().await.unwrap_err();
        let shown = format!("{error} {error:?} {:?}", ai.shared.http.transcript().exchanges());
        assert!(
            matches!(error, AiError::Auth(_)) && !shown.contains("canary"),
            "{shown}"
        );
    }

    #[tokio::test]
    async fn no_model_is_a_question_for_the_user_and_not_for_the_provider() {
        let (ai, seen) = provider(|_, _| chat(&story(1))).await;
        let provider = Provider {
            text_model: " ".into(),
            image_model: String::new(),
            ..ai.provider().clone()
        };
        let ai = Ai::new(ai.shared.http.clone(), provider);
        let draft = DraftRequest {
            title: String::new(),
            prompt: String::new(),
            scenes: 1,
            words_per_scene: 1,
            seed: None,
        };
        assert!(matches!(
            ai.draft(&draft).await.unwrap_err(),
            AiError::BadRequest { .. }
        ));
        let paint = PaintRequest {
            prompt: String::new(),
            width: 1,
            height: 1,
            seed: None,
        };
        assert!(matches!(
            ai.paint(&paint).await.unwrap_err(),
            AiError::BadRequest { .. }
        ));
        assert!(seen.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn stops_when_told() {
        let (url, seen) = scripted(&[("", End::Silence)]).await;
        let token = CancellationToken::new();
        let ai = at(url).cancelled_by(token.clone());
        let task = tokio::spawn(async move { ai.models().await });
        while seen.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        token.cancel();
        assert!(matches!(task.await.unwrap().unwrap_err(), AiError::Cancelled(_)));
    }
}
