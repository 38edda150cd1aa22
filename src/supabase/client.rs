//! The handle to a project: its address, its key or session, and how every request to it is made.

use std::sync::Arc;

use ::http::Method;
use serde::de::DeserializeOwned;

use super::BucketName;
use super::Objects;
use super::auth::Auth;
use super::bucket::Buckets;
use super::credentials::{Again, Credentials};
use super::error::{Context, Error};
use super::fault;
use super::known_buckets::KnownBuckets;
use super::rest::Rest;
use super::session::Session;
use crate::http::{Call, Http, Remembered, Reply, Streaming, Transcript};
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
    credentials: Credentials,
    known_buckets: KnownBuckets,
    /// The key stays hidden in the transcript as long as it may be sent. A session sees to its tokens itself.
    _hidden: Remembered,
}

/// A success with what an error about its body needs.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) reply: Reply,
    pub(super) context: Context,
    pub(super) transcript: Arc<Transcript>,
}

/// A success whose body is still to be read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) answer: Streaming,
    pub(super) context: Context,
}

impl Supabase {
    /// A handle. Nothing is sent. The key is hidden in the transcript until the last clone is dropped.
    #[must_use]
    pub fn new(http: Http, url: ProjectUrl, key: ApiKey) -> Self {
        Self::with(http, url, Credentials::new(key, None))
    }

    /// A handle for somebody who is signed in: calls carry the key and the user's token, which is refreshed where it has
    /// to be. Nothing is sent.
    #[must_use]
    pub fn signed_in(http: Http, url: ProjectUrl, key: ApiKey, session: Session) -> Self {
        Self::with(http, url, Credentials::new(key, Some(session)))
    }

    fn with(http: Http, url: ProjectUrl, credentials: Credentials) -> Self {
        let hidden = http.transcript().masker().remember_while(credentials.key().secret());
        Self {
            shared: Arc::new(Shared {
                http,
                url,
                credentials,
                known_buckets: KnownBuckets::default(),
                _hidden: hidden,
            }),
        }
    }

    /// The project's address.
    #[must_use]
    pub fn url(&self) -> &ProjectUrl {
        &self.shared.url
    }

    /// The project's key.
    #[must_use]
    pub fn key(&self) -> &ApiKey {
        self.shared.credentials.key()
    }

    /// The session of the user who is signed in; none where a key does everything.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.shared.credentials.session()
    }

    /// The auth API.
    #[must_use]
    pub fn auth(&self) -> Auth {
        Auth::new(self.http().clone(), self.url().clone(), self.key().clone())
    }

    pub(super) fn known_buckets(&self) -> &KnownBuckets {
        &self.shared.known_buckets
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
        let call = Call::new(operation, target, method, url).classify(fault::retry);
        match own_endpoint(path) {
            Some(kind) => call.endpoint(kind),
            None => call,
        }
    }

    /// Sends a call with the credentials, and gives the answer as it is, whatever its status: for those who look at answers
    /// themselves.
    ///
    /// # Errors
    /// If there is no answer, the session has ended or cannot be refreshed, or the call is not one to this project: nobody
    /// else is shown its credentials.
    pub async fn reply_to(&self, call: Call) -> Result<Reply, Error> {
        let is_ours = call
            .url()
            .strip_prefix(self.url().as_str())
            .is_some_and(|path| path.starts_with('/'));
        if !is_ours {
            let message = "this address is not one of the project, and its key is sent to no other";
            return Err(Error::refused(call.operation(), call.target(), message));
        }
        let context = Context::from(&call);
        self.exchange(call, &context).await
    }

    /// Sends a call with the credentials. Any status below 400 but a redirect is a success.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, Error> {
        let http = self.http();
        let context = Context::from(&call);
        let reply = self.exchange(call, &context).await?;
        if reply.is_success() || reply.status == ::http::StatusCode::NOT_MODIFIED {
            let transcript = Arc::clone(http.transcript());
            return Ok(Answer {
                reply,
                context,
                transcript,
            });
        }
        Err(Error::from_reply(&context, &reply, http.transcript().masker()))
    }

    /// A call with the credentials, and once more with others where the answer asks for them.
    async fn exchange(&self, call: Call, context: &Context) -> Result<Reply, Error> {
        let Shared { http, credentials, .. } = &*self.shared;
        let shown = credentials.present().await?;
        let mut result = http.send(credentials.authorize(call.clone(), &shown)).await;
        if let Ok(refusal) = &result
            && !refusal.is_success()
            && let Again::With(other) = credentials.after(&shown, refusal).await?
        {
            result = http.send(credentials.authorize(call, &other)).await;
            credentials.learn(&other, result.as_ref().is_ok_and(|reply| reply.is_success()));
        }
        result.map_err(|error| Error::from_network(context, error))
    }

    /// As [`Supabase::send`], but the body of a success is left to be read.
    pub(super) async fn open(&self, call: Call) -> Result<Opened, Error> {
        let Shared { http, credentials, .. } = &*self.shared;
        let context = Context::from(&call);
        let network = |error| Error::from_network(&context, error);
        let is_usable = |answer: &Streaming| answer.is_success() || answer.status == ::http::StatusCode::NOT_MODIFIED;
        let shown = credentials.present().await?;
        let mut answer = http
            .open(credentials.authorize(call.clone(), &shown))
            .await
            .map_err(network)?;
        if is_usable(&answer) {
            return Ok(Opened { answer, context });
        }
        let mut reply = answer.into_reply(Call::MOST).await.map_err(network)?;
        if let Again::With(other) = credentials.after(&shown, &reply).await? {
            answer = http.open(credentials.authorize(call, &other)).await.map_err(network)?;
            credentials.learn(&other, answer.is_success());
            if is_usable(&answer) {
                return Ok(Opened { answer, context });
            }
            reply = answer.into_reply(Call::MOST).await.map_err(network)?;
        }
        Err(Error::from_reply(&context, &reply, http.transcript().masker()))
    }
}

/// The parts of storage that can be out of order while the others work: another server renders, uploads in pieces need
/// locks and a folder or S3's own pieces, and the CDN is somebody else's.
fn own_endpoint(path: &str) -> Option<&'static str> {
    match path.split(['/', '?']).next()? {
        "render" => Some("render"),
        "upload" => Some("resumable"),
        "cdn" => Some("cdn"),
        _ => None,
    }
}

impl Answer {
    /// The body as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.reply.body).map_err(|error| self.unreadable(&error.to_string()))
    }

    pub(super) fn unreadable(&self, why: &str) -> Error {
        Error::unreadable(&self.context, &self.reply, self.transcript.masker(), why)
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use serde_json::json;

    use super::super::testing::{SERVICE_KEY, json, project, project_with_key, storage_error};
    use super::super::{BucketName, Class};
    use super::{Call, Method};

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
    async fn an_answer_is_given_as_it_is_and_no_other_server_is_shown_the_key() {
        let (project, seen) = project(|_| storage_error("404", "NoSuchKey", "Object not found")).await;
        let url = format!("{}/storage/v1/object/b/k", project.url());
        let call = |url: &str| Call::new("Look", "b/k", Method::GET, url);
        let reply = project.reply_to(call(&url)).await.unwrap();
        assert_eq!(reply.status.as_u16(), 400);
        assert_eq!(seen.lock().unwrap().remove(0).header("apikey"), Some(SERVICE_KEY));
        for url in [
            "http://127.0.0.1:9/storage/v1/object/b/k".to_owned(),
            format!("{}9/storage/v1/object/b/k", project.url()),
            format!("{}@example.org/storage/v1/object/b/k", project.url()),
        ] {
            let error = project.reply_to(call(&url)).await.unwrap_err();
            assert_eq!((error.class, error.attempts), (Class::Invalid, 0), "{url}");
        }
        assert!(seen.lock().unwrap().is_empty());
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
    async fn what_a_parser_repeats_of_an_answer_is_masked() {
        let told = json!({ "public": SERVICE_KEY, "id": "b", "name": "b" });
        let (project, _) = project(move |_| json(200, told.clone())).await;
        let error = project.buckets().get(&name()).await.unwrap_err();
        assert!(error.message.contains("expected a boolean"), "{error}");
        assert!(!format!("{error} {error:?}").contains(SERVICE_KEY), "{error:?}");
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
