//! Errors as storage-api writes them: four texts, and HTTP 400 for nearly all of them. The real status is in the body.

use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::local::jwt::JwtError;
use crate::local::reply::json;
use crate::local::store::StoreError;

/// An error of the storage API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StorageError {
    http: StatusCode,
    status: u16,
    error: &'static str,
    message: String,
    code: &'static str,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "statusCode")]
    status: String,
    error: &'a str,
    message: &'a str,
    code: &'a str,
}

impl StorageError {
    fn new(status: u16, error: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            http: StatusCode::BAD_REQUEST,
            status,
            error,
            message: message.into(),
            code,
        }
    }

    /// The true status, and the sentence, for answers that are no JSON.
    pub fn plain(self) -> (StatusCode, String) {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.message)
    }

    fn with_http(mut self, http: StatusCode) -> Self {
        self.http = http;
        self
    }

    /// No bucket with this id, or none that the caller may see.
    pub fn no_such_bucket() -> Self {
        Self::new(404, "Bucket not found", "NoSuchBucket", "Bucket not found")
    }

    /// No object with this key, or none that the caller may see.
    pub fn no_such_key() -> Self {
        Self::new(404, "not_found", "NoSuchKey", "Object not found")
    }

    /// A row that the caller may not write.
    pub fn row_level_security() -> Self {
        Self::new(
            403,
            "Unauthorized",
            "AccessDenied",
            "new row violates row-level security policy",
        )
    }

    /// An object that is there, but that the caller may not delete.
    pub fn delete_denied() -> Self {
        Self::new(403, "Unauthorized", "AccessDenied", "Access denied")
    }

    /// Something that only the service key may do. The one error of its kind with a true HTTP status.
    pub fn role_required() -> Self {
        Self::new(403, "Unauthorized", "AccessDenied", "Access denied: Invalid role").with_http(StatusCode::FORBIDDEN)
    }

    /// A token in the `Authorization` header that does not verify.
    pub fn access_denied(cause: JwtError) -> Self {
        Self::new(403, "Unauthorized", "AccessDenied", cause.to_string())
    }

    /// The token of a signed URL that does not verify.
    pub fn invalid_jwt(cause: JwtError) -> Self {
        Self::new(400, "InvalidJWT", "InvalidJWT", cause.to_string())
    }

    /// A good token, but for something else.
    pub fn invalid_signature() -> Self {
        Self::new(400, "InvalidSignature", "InvalidSignature", "Invalid signature")
    }

    /// A bucket name that is not allowed.
    pub fn invalid_bucket_name() -> Self {
        Self::new(400, "Invalid Input", "InvalidBucketName", "Bucket name invalid")
    }

    /// A key that is not allowed.
    pub fn invalid_key(key: &str) -> Self {
        Self::new(400, "InvalidKey", "InvalidKey", format!("Invalid key: {key}"))
    }

    /// A type that the bucket does not allow, or that is no type.
    pub fn invalid_mime_type(mime_type: &str) -> Self {
        Self::new(
            415,
            "invalid_mime_type",
            "InvalidMimeType",
            format!("mime type {mime_type} is not supported"),
        )
    }

    /// A `Content-Type` header that cannot be read.
    pub fn invalid_content_type() -> Self {
        Self::new(
            415,
            "invalid_mime_type",
            "InvalidMimeType",
            "Invalid Content-Type header",
        )
    }

    /// A value that cannot be used.
    pub fn invalid_parameter(name: &str) -> Self {
        Self::new(
            400,
            "InvalidParameter",
            "InvalidParameter",
            format!("Invalid Parameter {name}"),
        )
    }

    /// Something that the request or the server's settings lack.
    pub fn missing_parameter(name: &str) -> Self {
        Self::new(
            400,
            "MissingParameter",
            "MissingParameter",
            format!("Missing Required Parameter {name}"),
        )
    }

    /// A picture that cannot be rendered.
    pub fn image_processing(message: &str) -> Self {
        Self::new(400, "InvalidRequest", "InvalidRequest", message)
    }

    /// A range that lies outside the object, or several.
    pub fn invalid_range() -> Self {
        Self::new(416, "invalid_range", "InvalidRange", "invalid range provided")
            .with_http(StatusCode::RANGE_NOT_SATISFIABLE)
    }

    /// Above the bucket's or the server's limit.
    pub fn too_large() -> Self {
        Self::new(
            413,
            "Payload too large",
            "EntityTooLarge",
            "The object exceeded the maximum allowed size",
        )
    }

    /// The key is taken (upload, copy, signed upload).
    pub fn key_exists() -> Self {
        Self::new(409, "Duplicate", "KeyAlreadyExists", "The resource already exists")
    }

    /// The key is taken (move).
    pub fn resource_exists() -> Self {
        Self::new(409, "Duplicate", "ResourceAlreadyExists", "The resource already exists")
    }

    /// The target bucket of a move, a copy or a signed upload is missing: there the database's foreign key answers.
    pub fn related_resource() -> Self {
        Self::new(
            404,
            "InvalidRequest",
            "InvalidRequest",
            "The related resource does not exist",
        )
    }

    /// A header of a signed resumable upload is missing.
    pub fn missing_signature() -> Self {
        Self::new(
            400,
            "InvalidSignature",
            "InvalidSignature",
            "Missing x-signature header",
        )
    }

    /// The id of a resumable upload that cannot be read.
    pub fn invalid_upload_id(message: &str) -> Self {
        Self::new(400, "InvalidUploadId", "InvalidUploadId", message)
    }

    /// Another request works on the resumable upload.
    pub fn lock_timeout() -> Self {
        Self::new(503, "acquiring_lock_timeout", "LockTimeout", "acquiring lock timeout")
    }

    /// A request that its schema refuses; `message` is in the words of the schema validator.
    pub fn schema(message: impl Into<String>) -> Self {
        Self::new(400, "Error", "InvalidRequest", message)
    }

    /// A body that the framework refuses before any schema.
    pub fn framework(message: impl Into<String>) -> Self {
        Self::new(400, "FastifyError", "InvalidRequest", message)
    }

    /// A path that no route of a known root takes.
    fn no_route(message: String) -> Self {
        Self::new(404, "Not Found", "InvalidRequest", message).with_http(StatusCode::NOT_FOUND)
    }

    fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "Internal", "InternalError", message).with_http(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<StoreError> for StorageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchBucket => Self::no_such_bucket(),
            StoreError::NoSuchKey => Self::no_such_key(),
            StoreError::KeyExists => Self::key_exists(),
            StoreError::TooLarge { .. } => Self::too_large(),
            StoreError::UploadLocked => Self::lock_timeout(),
            StoreError::BucketExists => {
                Self::new(409, "Duplicate", "BucketAlreadyExists", "The resource already exists")
            }
            StoreError::BucketNotEmpty => Self::new(
                409,
                "ResourceNotEmpty",
                "ResourceNotEmpty",
                "The bucket you tried to delete is not empty",
            ),
            StoreError::Interrupted(_) => Self::schema("the request's body broke off"),
            failure => {
                tracing::error!(error = %failure, "the store failed");
                Self::internal(failure.to_string())
            }
        }
    }
}

impl IntoResponse for StorageError {
    fn into_response(self) -> Response {
        let body = Body {
            status: self.status.to_string(),
            error: self.error,
            message: &self.message,
            code: self.code,
        };
        json(self.http, &body)
    }
}

/// The first segments that storage-api knows. Below them an unknown route is answered in the API's own shape, elsewhere
/// in the framework's.
const ROOTS: [&str; 5] = ["bucket", "object", "render", "upload", "cdn"];

/// Answers what no route takes. `path` is what follows `/storage/v1`.
pub fn unknown_route(method: &Method, uri: &Uri) -> Response {
    #[derive(Serialize)]
    struct FrameworkBody<'a> {
        message: &'a str,
        error: &'a str,
        #[serde(rename = "statusCode")]
        status: u16,
    }
    let all = uri.path_and_query().map_or(uri.path(), |pq| pq.as_str());
    let path = all.strip_prefix(super::PREFIX).unwrap_or(all);
    let message = format!("Route {method}:{path} not found");
    let root = path.split(['/', '?']).nth(1).unwrap_or_default();
    if ROOTS.contains(&root) {
        return StorageError::no_route(message).into_response();
    }
    let body = FrameworkBody {
        message: &message,
        error: "Not Found",
        status: 404,
    };
    json(StatusCode::NOT_FOUND, &body)
}
