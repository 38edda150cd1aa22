//! `/upload/resumable`: resumable uploads, TUS 1.0.0 as `@tus/server` and storage-api serve it.
//!
//! - [`create`]: `POST` begins an upload, and may bring its first bytes or all of them
//! - [`resume`]: `HEAD` tells how far an upload is, `PATCH` goes on, `DELETE` ends it
//! - [`finish`]: a complete upload becomes an object
//! - [`headers`], [`metadata`], [`id`], [`location`], [`error`]: the protocol's parts
//!
//! Who may: a key, or below `/sign` the token of a signed upload in `x-signature`. What is refused before it is known who
//! calls is JSON, as elsewhere in the API; all other refusals are plain text with their true status.
//!
//! Deliberately unlike the real server: `Upload-Expires` is told with every unfinished upload, as only its S3 backend does;
//! a second request for an upload is let in as soon as the first one has saved what it got, not after three seconds more; of
//! two uploads to one key without `x-upsert` the second one to finish is refused.

mod create;
mod error;
mod finish;
mod headers;
mod id;
mod location;
pub(in crate::local) mod metadata;
mod resume;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};

use super::error::StorageError;
use super::request::{Caller, Target};
use super::sign::UploadToken;
use super::upload::{drain, is_placeholder, wants_upsert};
use crate::local::access::bearer;
use crate::local::jwt::JwtError;
use crate::local::server::App;
use crate::local::store::StoreError;
use crate::local::store::bucket::Bucket;
use error::TusError;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    let begin = MethodFilter::POST.or(MethodFilter::OPTIONS);
    let any = begin
        .or(MethodFilter::HEAD)
        .or(MethodFilter::PATCH)
        .or(MethodFilter::PUT)
        .or(MethodFilter::DELETE);
    let by_key = |filter| -> MethodRouter<Arc<App>> { on(filter, with_key) };
    let by_signature = |filter| -> MethodRouter<Arc<App>> { on(filter, with_signature) };
    Router::new()
        .route("/upload/resumable", by_key(begin))
        .route("/upload/resumable/", by_key(any))
        .route("/upload/resumable/{*id}", by_key(any))
        .route("/upload/resumable/sign", by_signature(begin))
        .route("/upload/resumable/sign/", by_signature(any))
        .route("/upload/resumable/sign/{*id}", by_signature(any))
}

async fn with_key(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let permit = match &parts.method {
        &Method::OPTIONS => Ok(Permit::Nobody),
        // These routes have no schema that would ask for the header: an absent token is a bad one.
        _ if bearer(&parts.headers).is_none() => Err(StorageError::access_denied(JwtError::Malformed)),
        _ => Caller::from_headers(&app, &parts.headers).map(|caller| Permit::Caller {
            caller,
            upsert: wants_upsert(&parts.headers),
        }),
    };
    match permit {
        Ok(permit) => answer(&app, &parts, body, &permit).await,
        Err(refused) => {
            drain(body, app.upload_limit).await;
            refused.into_response()
        }
    }
}

async fn with_signature(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let permit = match parts.headers.get(headers::X_SIGNATURE) {
        None => Permit::Nobody,
        Some(token) => Permit::Token(UploadToken::verify(&app, token.to_str().unwrap_or_default())),
    };
    answer(&app, &parts, body, &permit).await
}

/// What lets a request work on an upload.
enum Permit {
    /// A key or a signed-in user.
    Caller {
        /// Who.
        caller: Caller,
        /// What the request says: it says so again on each.
        upsert: bool,
    },
    /// The token of a signed upload, or why it is none.
    Token(Result<UploadToken, StorageError>),
    /// Nothing was shown.
    Nobody,
}

impl Permit {
    fn is_signed(&self) -> bool {
        !matches!(self, Self::Caller { .. })
    }

    /// Whether a replacement is allowed.
    fn upsert(&self) -> bool {
        match self {
            Self::Caller { upsert, .. } => *upsert,
            Self::Token(token) => token.as_ref().is_ok_and(|token| token.upsert),
            Self::Nobody => false,
        }
    }

    /// The user whose the object will be; nobody's for keys.
    fn owner(&self) -> Option<String> {
        match self {
            Self::Caller { caller, .. } => caller.owner(),
            Self::Token(token) => token.as_ref().ok().and_then(|token| token.owner.clone()),
            Self::Nobody => None,
        }
    }

    /// Whether the upload of this object may be looked at.
    fn check_view(&self, target: &Target) -> Result<(), TusError> {
        match self {
            Self::Caller { .. } => Ok(()),
            Self::Token(Ok(token)) => Ok(token.check(target)?),
            Self::Token(Err(refused)) => Err(refused.clone().into()),
            Self::Nobody => Err(StorageError::missing_signature().into()),
        }
    }

    /// Whether the object may be written, as the real server tries it before it takes any bytes.
    async fn check_write(&self, app: &App, target: &Target) -> Result<(), TusError> {
        self.check_view(target)?;
        let Self::Caller { caller, upsert } = self else {
            return Ok(());
        };
        caller.may_write(&target.bucket)?;
        if !upsert {
            match app.store.object(&target.bucket, &target.key).await {
                Ok(_) => return Err(StorageError::key_exists().into()),
                Err(StoreError::NoSuchKey) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// The most bytes that an upload to a key of a bucket may have.
fn limit(app: &App, bucket: &Bucket, key: &str) -> u64 {
    if is_placeholder(key) {
        return 0;
    }
    bucket
        .file_size_limit
        .map_or(app.resumable_limit, |limit| limit.min(app.resumable_limit))
}

async fn answer(app: &App, parts: &Parts, body: Body, permit: &Permit) -> Response {
    let mut body = Some(body);
    let mut response = match headers::check(&parts.method, &parts.headers) {
        Err(refused) => refused.into_response(),
        Ok(()) => {
            let answered = dispatch(app, parts, &mut body, permit).await;
            let mut response = answered.unwrap_or_else(TusError::into_response);
            headers::open_to_pages(response.headers_mut());
            response
        }
    };
    response.headers_mut().insert(headers::TUS_RESUMABLE, headers::VERSION);
    if let Some(unread) = body {
        drain(unread, app.upload_limit).await;
    }
    response
}

/// `body` is taken by what reads it.
async fn dispatch(app: &App, parts: &Parts, body: &mut Option<Body>, permit: &Permit) -> Result<Response, TusError> {
    match parts.method {
        Method::OPTIONS => {
            let mut response = empty(StatusCode::NO_CONTENT);
            headers::tell_options(response.headers_mut(), app.resumable_limit);
            Ok(response)
        }
        Method::POST => create::post(app, parts, body, permit).await,
        Method::HEAD => resume::head(app, parts, permit).await,
        Method::PATCH => resume::patch(app, parts, body, permit).await,
        Method::DELETE => resume::delete(app, parts, permit).await,
        _ => Err(TusError::NO_HANDLER),
    }
}

/// An answer without a body. All but "no content" name a type all the same.
fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if status != StatusCode::NO_CONTENT {
        response.headers_mut().insert(CONTENT_TYPE, error::TEXT);
    }
    response
}

/// A header of an answer, from text that was made here.
fn put(response: &mut Response, name: axum::http::HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(name, value);
    }
}
