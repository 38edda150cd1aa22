//! The one error of every call to a project: what failed, what the server said, and what can be done.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use jiff::Timestamp;

use super::codes::known;
use super::fault::{self, Fault};
use crate::http::{Call, ExchangeId, HttpError, Masker, NetworkClass, Reply, Retry};

/// Why a call to the project failed. A pointer to its [`ErrorDetails`], whose fields are read through it.
#[derive(Debug)]
pub struct Error(Box<ErrorDetails>);

/// What an [`Error`] knows.
#[derive(Debug)]
pub struct ErrorDetails {
    /// What was to be done: "Upload picture".
    pub operation: &'static str,
    /// To what: "story-images/scene_1.png".
    pub target: String,
    /// The kind of error; decides what can be done.
    pub class: Class,
    /// The server's own code, if it gave one: `NoSuchKey`, `PGRST116`, `23505`.
    pub code: Option<String>,
    /// The status inside the body: the real one, for storage.
    pub status_in_body: Option<u16>,
    /// What the server said, or what happened on the way. Secrets are masked.
    pub message: String,
    /// The status of HTTP, if there was an answer.
    pub http_status: Option<u16>,
    /// The server's number for the request, for its support.
    pub request_id: Option<String>,
    /// The exchange in the transcript.
    pub exchange: Option<ExchangeId>,
    /// How often the request was made; 0 if it was not sent.
    pub attempts: u32,
    /// Whether the same request may succeed a little later.
    pub retry_may_help: bool,
    /// How long the server asks to wait before that, if it says so.
    pub retry_after: Option<Duration>,
    /// The underlying error, if there is one.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kinds of errors, by what can be done about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The object, row, table or route is not there, or this key may not see it.
    NotFound,
    /// The bucket is not there, or this key may not see it.
    BucketNotFound,
    /// Something of that name is there already.
    Exists,
    /// It still holds or is held by something.
    NotEmpty,
    /// A policy refuses.
    Forbidden,
    /// The key or token is wrong, expired, or of a kind that the server does not take.
    BadKey,
    /// The request itself is wrong.
    Invalid,
    /// Over a size limit.
    TooLarge,
    /// A media type that the bucket does not allow.
    WrongType,
    /// Too many requests.
    Throttled,
    /// The server has trouble of its own.
    Busy,
    /// The project does not have this feature.
    Unsupported,
    /// What was to be sent cannot be read, or changed while it was sent.
    Source,
    /// No answer, and nothing was changed.
    Network,
    /// No usable answer to a request that may have been carried out: look before doing it again.
    Ambiguous,
    /// Stopped by the user.
    Cancelled,
    /// An answer that makes no sense.
    Unexpected,
}

impl Error {
    /// An error that was noticed before anything was sent.
    pub(super) fn refused(operation: &'static str, target: impl Into<String>, message: impl Into<String>) -> Self {
        Self::bare(operation, target.into(), Class::Invalid, message.into())
    }

    /// An answer that is an error.
    pub(super) fn from_reply(call: &Context, reply: &Reply, masker: &Masker) -> Self {
        let fault = Fault::read(reply);
        let status = fault.effective_status(reply);
        let class = match status {
            // It may have been carried out before the trouble began.
            500 | 502 | 504 | 520..=599 if !call.idempotent => Class::Ambiguous,
            300..=399 => Class::Unexpected,
            _ => fault.class(reply),
        };
        let message = match reply.header("location") {
            Some(elsewhere) if reply.status.is_redirection() => format!("the server redirects to {elsewhere}"),
            _ => fault.message,
        };
        let mut error = Self::bare(call.operation, call.target.clone(), class, masker.text(&message));
        error.0.code = fault.code.map(|code| masker.text(&code));
        error.0.status_in_body = fault.status;
        error.0.retry_may_help = match class {
            // Looking comes before repeating.
            Class::Ambiguous => false,
            _ => fault::retry(reply) != Retry::Never || matches!(class, Class::Throttled | Class::Busy),
        };
        error.0.retry_after = reply.retry_after();
        error.0.at(reply);
        error
    }

    /// A success whose body is not what it should be. A parser's words repeat parts of what it read.
    pub(super) fn unreadable(call: &Context, reply: &Reply, masker: &Masker, why: &str) -> Self {
        let why = masker.text(why);
        let message = if is_page(&reply.body) {
            "a web page came in the place of the server's answer".to_owned()
        } else {
            format!("the server's answer cannot be read: {why}")
        };
        // What it did, it did, whatever it says of that.
        let class = if call.changes {
            Class::Ambiguous
        } else {
            Class::Unexpected
        };
        let mut error = Self::bare(call.operation, call.target.clone(), class, message);
        error.0.at(reply);
        error.0.source = Some(why.into());
        error
    }

    /// No answer.
    pub(super) fn from_network(call: &Context, source: HttpError) -> Self {
        let class = match source.class {
            NetworkClass::Cancelled => Class::Cancelled,
            NetworkClass::Request => Class::Invalid,
            NetworkClass::Source => Class::Source,
            _ if source.may_have_arrived && call.changes => Class::Ambiguous,
            NetworkClass::TooLarge => Class::TooLarge,
            _ => Class::Network,
        };
        let mut error = Self::bare(call.operation, call.target.clone(), class, source.sentence.clone());
        error.0.exchange = source.exchange;
        error.0.attempts = source.attempts;
        error.0.retry_may_help = match class {
            Class::Network => source.class.is_transient(),
            // Looking comes before repeating, unless twice is the same as once.
            Class::Ambiguous => call.idempotent && source.class.is_transient(),
            _ => false,
        };
        error.0.retry_after = source
            .retry_at
            .map(|at| Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default());
        error.0.source = Some(source.into());
        error
    }

    /// What was to be sent cannot be read.
    pub(super) fn source(operation: &'static str, target: impl Into<String>, error: std::io::Error) -> Self {
        let message = format!("what was to be sent cannot be read: {error}");
        let mut failed = Self::bare(operation, target.into(), Class::Source, message);
        failed.0.source = Some(error.into());
        failed
    }

    /// The user stopped it.
    pub(super) fn stopped(operation: &'static str, target: impl Into<String>) -> Self {
        Self::bare(operation, target.into(), Class::Cancelled, "Stopped.".to_owned())
    }

    /// The same about one of the things that the call was about.
    pub(super) fn about(mut self, target: String) -> Self {
        self.0.target = target;
        self
    }

    /// The same under another class.
    pub(super) fn of_class(mut self, class: Class) -> Self {
        self.0.class = class;
        self
    }

    /// The same failure under another class, with words that say what was found out since.
    pub(super) fn found_to_be(mut self, class: Class, message: impl Into<String>) -> Self {
        self.0.class = class;
        self.0.message = message.into();
        self.0.retry_may_help = matches!(class, Class::Throttled | Class::Busy | Class::Network);
        self
    }

    /// Trouble with a session, noticed here.
    pub(super) fn session(
        operation: &'static str,
        class: Class,
        code: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        let mut error = Self::bare(operation, String::new(), class, message.into());
        error.0.code = code.map(str::to_owned);
        error
    }

    /// The same error for somebody else who waited for the same thing. Only the first has the underlying error.
    pub(super) fn again(&self) -> Self {
        let known = &*self.0;
        Self(Box::new(ErrorDetails {
            operation: known.operation,
            target: known.target.clone(),
            class: known.class,
            code: known.code.clone(),
            status_in_body: known.status_in_body,
            message: known.message.clone(),
            http_status: known.http_status,
            request_id: known.request_id.clone(),
            exchange: known.exchange,
            attempts: known.attempts,
            retry_may_help: known.retry_may_help,
            retry_after: known.retry_after,
            source: None,
        }))
    }

    /// An error of which no more is known.
    pub(super) fn bare(operation: &'static str, target: String, class: Class, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(ErrorDetails {
            operation,
            target,
            class,
            code: None,
            status_in_body: None,
            message,
            http_status: None,
            request_id: None,
            exchange: None,
            attempts: 0,
            retry_may_help: matches!(class, Class::Throttled | Class::Busy | Class::Network),
            retry_after: None,
            source: None,
        }))
    }
}

impl ErrorDetails {
    fn at(&mut self, reply: &Reply) {
        self.http_status = Some(reply.status.as_u16());
        self.request_id = ["sb-request-id", "x-request-id", "cf-ray"]
            .into_iter()
            .find_map(|name| reply.header(name))
            .map(str::to_owned);
        self.exchange = Some(reply.exchange);
        self.attempts = reply.attempts;
    }

    /// What to do about it, for the person who asked for it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        let code = self.code.as_deref();
        hint_for_message(code, &self.message)
            .or_else(|| Some(known(code?)?.hint))
            .unwrap_or_else(|| self.class.hint())
    }
}

impl Class {
    /// What to do about errors of this kind.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotFound => "It may have been moved or deleted, or this key may not see it. Refresh the list.",
            Self::BucketNotFound => "Create the bucket, choose another one, or use a key that may see it.",
            Self::Exists => "Choose another name, or replace what is there.",
            Self::NotEmpty => "Empty it first, then delete it.",
            Self::Forbidden => {
                "This key is not allowed to do that. Sign in with other rights, or ask an admin for a policy."
            }
            Self::BadKey => {
                "Check the project's key in the settings; it may be mistyped, expired or from another project."
            }
            Self::Invalid => "Correct the highlighted value, then try again.",
            Self::TooLarge => "Make the file smaller, or ask an admin to raise the bucket's size limit.",
            Self::WrongType => "Convert the file to a type that the bucket allows, or ask an admin to allow this one.",
            Self::Throttled => "The server asks for a pause. Wait a moment, then try again.",
            Self::Busy => "The server has trouble of its own. Try again in a moment.",
            Self::Unsupported => {
                "This project does not have that feature; it depends on its plan or its server's version."
            }
            Self::Source => {
                "Check that the file is still there and that no other program changes it, then upload it again."
            }
            Self::Network => "Check the connection and the project's address, then try again.",
            Self::Ambiguous => "It may have worked although no answer came. Refresh and look before doing it again.",
            Self::Cancelled => "Nothing more was done. Start it again whenever you like.",
            Self::Unexpected => "Check that the address is that of a Supabase project, then look at the exchange.",
        }
    }
}

/// Whether a body is a page for people, as a router, a proxy or a wrong address answers.
fn is_page(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"].iter().any(|tag| {
        start
            .get(..tag.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
    })
}

/// Where the message says more than the code: words of the servers, which have no codes of their own for these.
fn hint_for_message(code: Option<&str>, message: &str) -> Option<&'static str> {
    let says = |words: &str| message.contains(words);
    Some(match code {
        Some("AccessDenied" | "InvalidJWT") if says("Invalid Compact JWS") => {
            "The server does not know this key. Copy it again; a server that takes only the older kind needs the legacy anon or service_role key, which begins with eyJ."
        }
        Some("AccessDenied" | "InvalidJWT") if says("signature verification") => {
            "The key belongs to another project, or the project's keys were changed. Copy it again from the dashboard."
        }
        Some("PGRST303" | "PGRST301") if says("issued at future") => {
            "This computer's clock or the server's is wrong by some seconds. Set the clock by the network, then try again."
        }
        Some("AccessDenied" | "InvalidJWT" | "PGRST301" | "PGRST303") if says("\"exp\"") || says("expired") => {
            "The key, the sign-in or the link has expired. Copy the present key, sign in again, or make a new link."
        }
        Some("AccessDenied" | "42501") if says("row-level security") => {
            "A security policy of the project forbids this for your role. An admin can add a policy for it, or use the service key."
        }
        Some("AccessDenied") if says("Invalid role") => {
            "Only the service key may do that. Use it in admin mode, or ask an admin."
        }
        Some("InvalidRequest") if says("'authorization'") => {
            "The server got no key in a form it knows. Use the project's legacy anon or service_role key."
        }
        Some("InvalidRequest") if says("related resource does not exist") => {
            "The bucket that it should go to does not exist. Check its name, or create it."
        }
        Some("InvalidRequest") if says("source image is invalid") => {
            "The server cannot read this picture. Download it and save it anew as PNG, JPEG or WebP."
        }
        Some("MissingParameter") if says("CDN") => "This server has no CDN to purge.",
        // Resumable uploads: plain text under true statuses.
        None if says("Upload-Offset conflict") => {
            "Somebody else sends the same upload at this moment. Wait until they are done, then start it again."
        }
        None if says("file for this url was not found") || says("file for this url has expired") => {
            "The upload has expired on the server. Start it again."
        }
        None if says("Maximum size exceeded") => {
            "The file is over the limit of the bucket or of the whole project. Make it smaller, or raise both limits."
        }
        None if says("row-level security") => {
            "A security policy of the project forbids this for your role. An admin can add a policy for it, or use the service key."
        }
        None if says("Tus-Resumable Required") => {
            "A proxy on the way took a header out of the request. Try without it, or upload the file in one piece."
        }
        _ => return None,
    })
}

impl Deref for Error {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ErrorDetails {
            operation,
            target,
            message,
            ..
        } = &*self.0;
        if target.is_empty() {
            write!(f, "{operation}: {message}")
        } else {
            write!(f, "{operation} ({target}): {message}")
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// What an error needs to know of its call after the call is spent.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) operation: &'static str,
    pub(super) target: String,
    pub(super) idempotent: bool,
    pub(super) changes: bool,
}

impl From<&Call> for Context {
    fn from(call: &Call) -> Self {
        Self {
            operation: call.operation(),
            target: call.target().to_owned(),
            idempotent: call.is_idempotent(),
            changes: call.is_changing(),
        }
    }
}
