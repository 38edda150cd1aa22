//! Refusals of resumable uploads: the true HTTP status and a plain text, unlike everywhere else in the storage API. The texts
//! are those of `@tus/server`; some end in a line break, as there.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::local::storage_routes::error::StorageError;
use crate::local::store::StoreError;

/// The type of every answer that may have a body.
pub const TEXT: HeaderValue = HeaderValue::from_static("text/plain;charset=UTF-8");

/// A refusal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TusError {
    status: StatusCode,
    text: Cow<'static, str>,
}

impl TusError {
    /// No `Tus-Resumable` header.
    pub const VERSION_REQUIRED: Self = Self::new(StatusCode::PRECONDITION_FAILED, "Tus-Resumable Required\n");
    /// No upload has this URL.
    pub const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "The file for this url was not found\n");
    /// The upload has expired, or the object that it became is gone.
    pub const GONE: Self = Self::new(StatusCode::GONE, "The file for this url no longer exists\n");
    /// No `Upload-Offset` header.
    pub const OFFSET_REQUIRED: Self = Self::new(StatusCode::FORBIDDEN, "Upload-Offset header required\n");
    /// No `Content-Type` header.
    pub const TYPE_REQUIRED: Self = Self::new(StatusCode::FORBIDDEN, "Content-Type header required\n");
    /// The client is at another offset than the upload.
    pub const OFFSET_CONFLICT: Self = Self::new(StatusCode::CONFLICT, "Upload-Offset conflict\n");
    /// Both or none of the two headers, or a length that cannot be.
    pub const INVALID_LENGTH: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "Upload-Length or Upload-Defer-Length header required\n",
    );
    /// Above the bucket's or the server's limit.
    pub const TOO_LARGE: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Maximum size exceeded\n");
    /// More bytes than the upload was to have.
    pub const TOO_LONG: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "upload's size exceeded\n");
    /// No `Upload-Metadata` header: without it, nothing names the bucket and the key.
    pub const METADATA_REQUIRED: Self = Self::new(StatusCode::BAD_REQUEST, "Metadata header is required");
    /// The upload is an object already.
    pub const FINISHED: Self = Self::new(StatusCode::BAD_REQUEST, "Cannot terminate an already completed upload");
    /// Partial uploads that are put together are not supported, as on the real server.
    pub const NO_CONCATENATION: Self = Self::new(
        StatusCode::NOT_IMPLEMENTED,
        "Concatenation extension is not (yet) supported. Disable parallel uploads in the tus client.\n",
    );
    /// A method that is none of the protocol's.
    pub const NO_HANDLER: Self = Self::new(StatusCode::NOT_FOUND, "Not found\n");

    const fn new(status: StatusCode, text: &'static str) -> Self {
        Self {
            status,
            text: Cow::Borrowed(text),
        }
    }

    /// Headers whose values break the protocol.
    pub fn invalid_headers(names: &[&str]) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            text: format!("Invalid {}\n", names.join(" ")).into(),
        }
    }
}

impl From<StorageError> for TusError {
    fn from(error: StorageError) -> Self {
        let (status, text) = error.plain();
        Self {
            status,
            text: text.into(),
        }
    }
}

impl From<StoreError> for TusError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchUpload => Self::NOT_FOUND,
            StoreError::UploadGone => Self::GONE,
            other => StorageError::from(other).into(),
        }
    }
}

impl IntoResponse for TusError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.text.into_owned()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, TEXT);
        response
    }
}
