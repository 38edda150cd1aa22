//! A request as the rooms describe it, and the answer as they get it.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::retry::{Retry, by_status};
use super::{Body, Head, Secret};

/// One request, with what is shown of it and how it may be repeated.
#[derive(Clone)]
pub struct Call {
    pub(super) operation: &'static str,
    pub(super) target: String,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    /// A header's value that no header can carry: the call is refused instead of sent without it.
    pub(super) bad_header: Option<&'static str>,
    pub(super) body: Body,
    pub(super) idempotent: bool,
    pub(super) changes: bool,
    pub(super) stall: Duration,
    pub(super) most: usize,
    pub(super) endpoint: Option<&'static str>,
    pub(super) classify: fn(&Reply) -> Retry,
    pub(super) cancel: CancellationToken,
}

/// An answer, whatever its status.
#[derive(Clone)]
pub struct Reply {
    /// Its head, whose fields are read through it.
    pub head: Head,
    /// The whole body.
    pub body: Bytes,
}

impl Call {
    /// Silence allowed by default: 30 s without a byte in either direction.
    pub const STALL: Duration = Duration::from_secs(30);
    /// Bytes of an answer allowed by default.
    pub const MOST: usize = 64 << 20;

    /// A call without headers or body. `operation` and `target` are for people: "Upload picture",
    /// "story-images/scene_1.png". Methods that HTTP calls idempotent may be repeated.
    #[must_use]
    pub fn new(operation: &'static str, target: impl Into<String>, method: Method, url: impl Into<String>) -> Self {
        Self {
            operation,
            target: target.into(),
            idempotent: method.is_idempotent(),
            changes: !method.is_safe(),
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            bad_header: None,
            body: Body::Empty,
            stall: Self::STALL,
            most: Self::MOST,
            endpoint: None,
            classify: by_status,
            cancel: CancellationToken::new(),
        }
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => {
                self.headers.insert(HeaderName::from_static(name), value);
            }
            Err(_) => self.bad_header = Some(name),
        }
        self
    }

    /// Sets a header whose name is not known before, as the user's own. None if no header can have that name or value.
    #[must_use]
    pub fn named_header(mut self, name: &str, value: &str) -> Option<Self> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        self.headers.insert(name, HeaderValue::from_str(value).ok()?);
        Some(self)
    }

    /// The same with a value that is a secret.
    #[must_use]
    pub fn named_secret_header(mut self, name: &str, secret: &Secret) -> Option<Self> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(secret.expose()).ok()?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Some(self)
    }

    /// Names what it does, where that is known later than where it goes.
    #[must_use]
    pub fn doing(mut self, operation: &'static str) -> Self {
        self.operation = operation;
        self
    }

    /// Sets a header whose value is a secret.
    #[must_use]
    pub fn secret_header(mut self, name: &'static str, prefix: &str, secret: &Secret) -> Self {
        match HeaderValue::from_str(&format!("{prefix}{}", secret.expose())) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.insert(HeaderName::from_static(name), value);
            }
            Err(_) => self.bad_header = Some(name),
        }
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, value: Value) -> Self {
        self.body(Body::Json(value))
    }

    /// Says whether doing it twice is the same as doing it once, where the method does not tell.
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    /// Says whether it changes anything that somebody may miss or find, where the method does not tell: a list that is asked
    /// for by POST changes nothing. If a call that does is not answered, nobody may say that nothing happened, however
    /// often it may be repeated.
    #[must_use]
    pub fn changes(mut self, changes: bool) -> Self {
        self.changes = changes;
        self
    }

    /// How long nothing may move in either direction, the server's thinking included. There is no limit on the whole.
    #[must_use]
    pub fn stall_after(mut self, stall: Duration) -> Self {
        self.stall = stall;
        self
    }

    /// How many bytes the answer may have.
    #[must_use]
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    /// Which kind of endpoint of its host it goes to, if the first segment of its path does not tell: trouble of one
    /// kind does not stop calls to another. See [`super::Waiting`].
    #[must_use]
    pub fn endpoint(mut self, kind: &'static str) -> Self {
        self.endpoint = Some(kind);
        self
    }

    /// How answers are judged, if not by HTTP's own statuses.
    #[must_use]
    pub fn classify(mut self, classify: fn(&Reply) -> Retry) -> Self {
        self.classify = classify;
        self
    }

    /// What stops the call from outside. Dropping the future stops it, too.
    #[must_use]
    pub fn cancel(mut self, token: CancellationToken) -> Self {
        self.cancel = token;
        self
    }

    /// What it does, for people.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// What it does it to, for people.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Where it goes.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it may be repeated after it may have been carried out.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// Whether it changes anything on the server.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        self.changes
    }
}

// What is sent and what comes back may hold secrets: neither is printed. The transcript shows both, masked.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("exchange", &self.exchange)
            .finish_non_exhaustive()
    }
}

impl Deref for Reply {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}
