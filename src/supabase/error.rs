//! The one error of every call to a project: what failed, what the server said, and what can be done.

use std::fmt;
use std::ops::Deref;

use super::fault::Fault;
use crate::http::{Call, ExchangeId, HttpError, Masker, NetworkClass, Reply};

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
    /// Whether the same request may succeed a little later.
    pub retry_may_help: bool,
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
        error.0.at(reply);
        error
    }

    /// A success whose body is not what it should be.
    pub(super) fn unreadable(
        call: &Context,
        reply: &Reply,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let source = source.into();
        let mut error = Self::bare(
            call.operation,
            call.target.clone(),
            Class::Unexpected,
            format!("the server's answer cannot be read: {source}"),
        );
        error.0.at(reply);
        error.0.source = Some(source);
        error
    }

    /// No answer.
    pub(super) fn from_network(call: &Context, source: HttpError) -> Self {
        let class = match source.class {
            NetworkClass::Cancelled => Class::Cancelled,
            NetworkClass::Request | NetworkClass::Source => Class::Invalid,
            _ if source.may_have_arrived && !call.idempotent => Class::Ambiguous,
            NetworkClass::TooLarge => Class::TooLarge,
            _ => Class::Network,
        };
        let mut error = Self::bare(call.operation, call.target.clone(), class, source.sentence.clone());
        error.0.exchange = source.exchange;
        error.0.retry_may_help = class == Class::Network && source.class.is_transient();
        error.0.source = Some(source.into());
        error
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
            retry_may_help: matches!(class, Class::Throttled | Class::Busy | Class::Network),
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
    }

    /// What to do about it, for the person who asked for it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.code
            .as_deref()
            .and_then(|code| hint_for_code(code, &self.message))
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
            Self::Network => "Check the connection and the project's address, then try again.",
            Self::Ambiguous => "It may have worked although no answer came. Refresh and look before doing it again.",
            Self::Cancelled => "Nothing more was done. Start it again whenever you like.",
            Self::Unexpected => "Check that the address is that of a Supabase project, then look at the exchange.",
        }
    }
}

/// Where the code says more than the class.
fn hint_for_code(code: &str, message: &str) -> Option<&'static str> {
    Some(match code {
        "AccessDenied" if message.contains("Invalid Compact JWS") => {
            "This server takes only the older kind of keys, which begin with eyJ. Use the project's legacy anon or service_role key."
        }
        "AccessDenied" if message.contains("signature verification") => {
            "The key belongs to another project, or the project's keys were changed. Copy it again from the dashboard."
        }
        "AccessDenied" | "InvalidJWT" | "PGRST301" | "PGRST303" if message.contains("exp") => {
            "The key or link has expired. Sign in again, or make a new link."
        }
        "AccessDenied" | "42501" if message.contains("row-level security") => {
            "A security policy of the project forbids this for your role. An admin can add a policy for it, or use the service key."
        }
        "InvalidJWT" | "PGRST301" | "PGRST302" | "PGRST303" => {
            "The server does not accept the token. Sign in again, and check that this computer's clock is right."
        }
        "ExpiredToken" => "The token has expired. Sign in again.",
        "InvalidSignature" | "InvalidUploadSignature" | "SignatureDoesNotMatch" => {
            "The link was made for another object or by another project. Make a new link."
        }
        "InvalidAccessKeyId" | "MaximumCredentialsLimit" => "Check the project's S3 credentials in its dashboard.",
        "InvalidRequest" if message.contains("'authorization'") => {
            "The server got no key in a form it knows. Use the project's legacy anon or service_role key."
        }
        "InvalidKey" => {
            "The file's name has characters that storage refuses. Use letters without accents, digits, spaces and - _ . ( ) only."
        }
        "InvalidBucketName" => "Use 1 to 100 letters, digits, - _ or . for the bucket's name.",
        "InvalidRange" => {
            "The part asked for lies outside the file. It may have been replaced; load it again from the start."
        }
        "InvalidMimeType" => {
            "The bucket does not allow this type of file. Convert the picture, or add the type to the bucket's allowed types."
        }
        "EntityTooLarge" => {
            "The file is over the limit of the bucket or of the whole project. Make it smaller, or raise both limits."
        }
        "KeyAlreadyExists" => "An object of that name is there already. Choose another name, or replace it.",
        "BucketAlreadyExists" => "A bucket of that name is there already. Use it, or choose another name.",
        "ResourceNotEmpty" => "The bucket still has objects in it. Empty it first.",
        "ResourceReferenced" => "Something else still refers to it. Remove that first.",
        "NoSuchBucket" => "There is no such bucket, or this key may not see it. Check the name, or create it.",
        "NoSuchKey" => "There is no such object, or this key may not see it. Refresh the list.",
        "NoSuchUpload" | "InvalidUploadId" => "The upload has expired on the server. Start it again.",
        "TenantNotFound" => {
            "There is no project at this address. Check the project's URL; a paused project must be resumed first."
        }
        "SlowDown" => "Too many requests at once. Wait a moment, then try again.",
        "ResourceLocked" | "LockTimeout" => "Somebody else is changing the same object. Wait a moment, then try again.",
        "DatabaseTimeout" | "57014" => {
            "The project's database took too long. Try again; for large folders ask for fewer at once."
        }
        "DatabaseReadOnly" | "25006" => {
            "The project's database is read-only, usually because its disk is full. An admin can free space or add some."
        }
        "DatabaseSchemaMismatch" | "DatabaseInvalidObjectDefinition" => {
            "The project's storage tables are of another version than its server. An admin should update the project."
        }
        "FeatureNotEnabled" => "The project's plan does not include this feature.",
        "MissingParameter" if message.contains("CDN") => "This server has no CDN to purge.",
        "PGRST205" | "42P01" => {
            "The project has no such table. Create it with the SQL script, or choose another table in the settings."
        }
        "PGRST204" | "42703" => {
            "The table has no such column. Its layout differs from the one expected; check the settings."
        }
        "PGRST200" => "The tables are not connected by a foreign key. Check their layout.",
        "PGRST202" => "The project's database has no such function.",
        "PGRST106" => "The API does not expose this schema. An admin can do so in the project's API settings.",
        "PGRST116" => "Exactly one row was expected. It may have been deleted; refresh the list.",
        "PGRST000" | "PGRST001" | "PGRST002" | "PGRST003" => {
            "The API cannot reach its database. The project may be starting or paused; try again in a minute."
        }
        "23505" => "A row with the same value is there already.",
        "23503" => "It refers to a row that does not exist, or another row still refers to it.",
        "23502" => "A value that the table requires is missing.",
        "22P02" => "A value has the wrong form for its column.",
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
}

impl From<&Call> for Context {
    fn from(call: &Call) -> Self {
        Self {
            operation: call.operation(),
            target: call.target().to_owned(),
            idempotent: call.is_idempotent(),
        }
    }
}
