//! The handle to a project: its address, its key, and how every request to it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::http::Method;
use serde::de::DeserializeOwned;

use super::BucketName;
use super::Objects;
use super::bucket::Buckets;
use super::error::{Context, Error};
use super::fault::{self, Fault};
use super::rest::Rest;
use crate::http::{Call, Http, Reply, Streaming};
use crate::workspace::{ApiKey, ProjectUrl};

/// A Supabase project. Clones are cheap and share everything.
#[derive(Clone, Debug)]
pub struct Supabase {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    http: Http,
    url: ProjectUrl,
    key: ApiKey,
    /// Gateways that do not translate the newer keys want them in `Authorization` as well; learnt from the first
    /// such refusal.
    bearer_too: AtomicBool,
}

/// A success with what an error about its body needs.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) reply: Reply,
    pub(super) context: Context,
}

/// A success whose body is still to be read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) answer: Streaming,
    pub(super) context: Context,
}

impl Supabase {
    /// A handle. Nothing is sent. The key is hidden in the transcript from now on.
    #[must_use]
    pub fn new(http: Http, url: ProjectUrl, key: ApiKey) -> Self {
        http.transcript().masker().remember(key.secret());
        Self {
            shared: Arc::new(Shared {
                http,
                url,
                key,
                bearer_too: AtomicBool::new(false),
            }),
        }
    }

    /// The project's address.
    #[must_use]
    pub fn url(&self) -> &ProjectUrl {
        &self.shared.url
    }

    /// The key in use.
    #[must_use]
    pub fn key(&self) -> &ApiKey {
        &self.shared.key
    }

    /// The way to the network, with the transcript.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.shared.http
    }

    /// All buckets.
    #[must_use]
    pub fn buckets(&self) -> Buckets {
        Buckets::new(self.clone())
    }

    /// The objects of one bucket.
    #[must_use]
    pub fn bucket(&self, name: &BucketName) -> Objects {
        Objects::new(self.clone(), name.clone())
    }

    /// The tables.
    #[must_use]
    pub fn rest(&self) -> Rest {
        Rest::new(self.clone())
    }

    /// A call of the Storage API. `path` is encoded already and has no slash at its beginning.
    pub(super) fn storage(
        &self,
        operation: &'static str,
        target: impl Into<String>,
        method: Method,
        path: &str,
    ) -> Call {
        let url = format!("{}/storage/v1/{path}", self.shared.url);
        Call::new(operation, target, method, url).classify(fault::retry)
    }

    /// Sends a call with the key. Any status below 400 but a redirect is a success.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, Error> {
        let context = Context::from(&call);
        let bearer = self.shared.key.is_bearer() || self.shared.bearer_too.load(Ordering::Relaxed);
        let mut result = self.shared.http.send(self.authorize(call.clone(), bearer)).await;
        if !bearer && result.as_ref().is_ok_and(wants_authorization) {
            result = self.shared.http.send(self.authorize(call, true)).await;
            let accepted = result.as_ref().is_ok_and(Reply::is_success);
            self.shared.bearer_too.store(accepted, Ordering::Relaxed);
        }
        let reply = result.map_err(|error| Error::from_network(&context, error))?;
        if reply.is_success() || reply.status == ::http::StatusCode::NOT_MODIFIED {
            return Ok(Answer { reply, context });
        }
        Err(Error::from_reply(
            &context,
            &reply,
            self.shared.http.transcript().masker(),
        ))
    }

    /// As [`Supabase::send`], but the body of a success is left to be read.
    pub(super) async fn open(&self, call: Call) -> Result<Opened, Error> {
        let context = Context::from(&call);
        let http = &self.shared.http;
        let network = |error| Error::from_network(&context, error);
        let bearer = self.shared.key.is_bearer() || self.shared.bearer_too.load(Ordering::Relaxed);
        let mut answer = http.open(self.authorize(call.clone(), bearer)).await.map_err(network)?;
        if answer.is_success() || answer.status == ::http::StatusCode::NOT_MODIFIED {
            return Ok(Opened { answer, context });
        }
        let mut reply = answer.into_reply(Call::MOST).await.map_err(network)?;
        if !bearer && wants_authorization(&reply) {
            answer = http.open(self.authorize(call, true)).await.map_err(network)?;
            self.shared.bearer_too.store(answer.is_success(), Ordering::Relaxed);
            if answer.is_success() {
                return Ok(Opened { answer, context });
            }
            reply = answer.into_reply(Call::MOST).await.map_err(network)?;
        }
        Err(Error::from_reply(&context, &reply, http.transcript().masker()))
    }

    fn authorize(&self, call: Call, bearer: bool) -> Call {
        let secret = self.shared.key.secret();
        let call = call.secret_header("apikey", "", secret);
        if bearer {
            call.secret_header("authorization", "Bearer ", secret)
        } else {
            call
        }
    }
}

/// The storage server behind a gateway that passed the key on untranslated. Nothing was done yet.
fn wants_authorization(reply: &Reply) -> bool {
    reply.status == ::http::StatusCode::BAD_REQUEST && Fault::read(reply).message.contains("property 'authorization'")
}

impl Answer {
    /// The body as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.reply.body).map_err(|error| Error::unreadable(&self.context, &self.reply, error))
    }

    pub(super) fn unreadable(&self, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::unreadable(&self.context, &self.reply, why)
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use serde_json::json;

    use super::super::testing::{SERVICE_KEY, json, project, project_with_key, storage_error};
    use super::super::{BucketName, Class};

    fn name() -> BucketName {
        BucketName::parse("b").unwrap()
    }

    #[tokio::test]
    async fn keys_go_where_their_kind_belongs() {
        let (jwt, seen) = project(|_| json(200, json!([]))).await;
        jwt.buckets().list().await.unwrap();
        let request = seen.lock().unwrap().remove(0);
        assert_eq!(request.header("apikey"), Some(SERVICE_KEY));
        assert_eq!(
            request.header("authorization"),
            Some(format!("Bearer {SERVICE_KEY}").as_str())
        );
        assert!(request.header("user-agent").unwrap().starts_with("StoryMimiStudio/"));

        let (secret, seen) = project_with_key("sb_secret_0123456789", |_| json(200, json!([]))).await;
        secret.buckets().list().await.unwrap();
        let request = seen.lock().unwrap().remove(0);
        assert_eq!(
            (request.header("apikey"), request.header("authorization")),
            (Some("sb_secret_0123456789"), None)
        );
    }

    #[tokio::test]
    async fn a_gateway_that_passes_new_keys_on_gets_them_as_bearer_from_then_on() {
        let (project, seen) = project_with_key("sb_secret_0123456789", |request| {
            match request.header("authorization") {
                Some(_) => json(200, json!([])),
                None => storage_error(
                    "400",
                    "InvalidRequest",
                    "headers must have required property 'authorization'",
                ),
            }
        })
        .await;
        project.buckets().list().await.unwrap();
        project.buckets().list().await.unwrap();
        let with: Vec<bool> = seen
            .lock()
            .unwrap()
            .iter()
            .map(|r| r.header("authorization").is_some())
            .collect();
        assert_eq!(with, [false, true, true]);
    }

    #[tokio::test]
    async fn an_error_says_all_that_is_known() {
        let (project, _) = project(|_| {
            let mut answer = storage_error("404", "NoSuchBucket", &format!("Bucket not found for {SERVICE_KEY}"));
            answer.headers_mut().insert("sb-request-id", "r-1".parse().unwrap());
            answer
        })
        .await;
        let error = project.buckets().get(&name()).await.unwrap_err();
        assert_eq!(
            (error.operation, error.target.as_str(), error.class),
            ("Look at bucket", "b", Class::BucketNotFound)
        );
        assert_eq!(
            (error.code.as_deref(), error.status_in_body, error.http_status),
            (Some("NoSuchBucket"), Some(404), Some(400))
        );
        assert_eq!(error.request_id.as_deref(), Some("r-1"));
        assert!(!error.to_string().contains(SERVICE_KEY), "{error}");
        assert!(project.http().transcript().get(error.exchange.unwrap()).is_some());
        assert!(!error.retry_may_help);
    }

    #[tokio::test]
    async fn retries_what_the_body_says_is_transient() {
        let (project, seen) = project(|_| storage_error("544", "DatabaseTimeout", "timeout")).await;
        let error = project.buckets().get(&name()).await.unwrap_err();
        assert_eq!(
            (error.class, error.retry_may_help, seen.lock().unwrap().len()),
            (Class::Busy, true, 4)
        );
    }

    #[tokio::test]
    async fn strange_answers_are_errors() {
        for (status, body) in [
            (200, ""),
            (200, "<html>"),
            (200, "{}"),
            (200, "[{}]"),
            (302, ""),
            (502, "<html>"),
            (200, "\u{0}"),
        ] {
            let (project, _) = project(move |_| {
                (
                    ::http::StatusCode::from_u16(status).unwrap(),
                    [("location", "https://elsewhere/")],
                    body,
                )
                    .into_response()
            })
            .await;
            let error = project.buckets().list().await.unwrap_err();
            let expected = if status == 502 { Class::Busy } else { Class::Unexpected };
            assert_eq!(error.class, expected, "{status} {body}: {error}");
        }
    }
}
