//! Writing objects: `POST` and `PUT /object/{bucket}/{key}`, and `PUT /object/upload/sign/…`.
//!
//! A body goes straight into a file, or a small one with its row into the database. It is an object's bytes as they are, unless its type is `multipart/form-data`: then
//! the one file in the [form](super::form) is.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::error::StorageError;
use super::form::receive_form;
use super::request::{Caller, Target};
use super::sign::UploadToken;
use crate::local::jsonb;
use crate::local::names;
use crate::local::reply::ok;
use crate::local::server::App;
use crate::local::store::blob::PendingBlob;
use crate::local::store::bucket::Bucket;
use crate::local::store::object::{NewObject, Object};
use crate::local::store::small;

type Answer = Result<Response, StorageError>;

const X_UPSERT: HeaderName = HeaderName::from_static("x-upsert");
const X_METADATA: HeaderName = HeaderName::from_static("x-metadata");
const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");
/// The type that an object is stored with when the request says nothing.
pub const DEFAULT_TYPE: &str = "application/octet-stream";
/// The caching that an object is stored with when the request says nothing.
pub const DEFAULT_CACHING: &str = "no-cache";
/// The empty object by which the dashboard keeps a folder; its type is not checked.
const FOLDER_PLACEHOLDER: &str = ".emptyFolderPlaceholder";
/// A refused body is read to its end up to this size beyond the limit, so that the client gets to read the answer: a
/// connection closed on unread bytes is reset.
pub const DRAIN: u64 = 16 * 1024 * 1024;
/// How long a refused body may take.
pub const DRAIN_PATIENCE: Duration = Duration::from_secs(30);

/// `POST /object/{bucket}/{key}`
pub async fn create(State(app): State<Arc<App>>, caller: Caller, target: Target, request: Request) -> Answer {
    let upsert = wants_upsert(request.headers());
    let permission = caller.may_write(&target.bucket).map(|()| caller.owner());
    let object = receive(&app, target, upsert, permission, request).await?;
    Ok(ok(&json!({ "Key": full_key(&object), "Id": object.id })))
}

/// `PUT /object/{bucket}/{key}`: replaces, or creates what is not there.
pub async fn replace(State(app): State<Arc<App>>, caller: Caller, target: Target, request: Request) -> Answer {
    let permission = caller.may_write(&target.bucket).map(|()| caller.owner());
    let object = receive(&app, target, true, permission, request).await?;
    Ok(ok(&json!({ "Key": full_key(&object), "Id": object.id })))
}

/// `PUT /object/upload/sign/{bucket}/{key}?token=`: the token is all the permission that it takes.
pub async fn signed(State(app): State<Arc<App>>, target: Target, token: UploadToken, request: Request) -> Answer {
    let permission = token.check(&target).map(|()| token.owner.clone());
    let object = receive(&app, target, token.upsert, permission, request).await?;
    Ok(ok(&json!({ "Key": full_key(&object) })))
}

/// Whether the `x-upsert` header asks for replacement.
pub fn wants_upsert(headers: &HeaderMap) -> bool {
    headers.get(X_UPSERT).is_some_and(|value| value == "true")
}

/// The user metadata in the `x-metadata` header, as JSON text. As on the real server, what cannot be decoded is passed
/// over, and what is no object is refused.
pub fn header_metadata(headers: &HeaderMap) -> Result<Option<String>, StorageError> {
    let decoded = headers
        .get(X_METADATA)
        .and_then(|value| STANDARD.decode(value.as_bytes()).ok())
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    match decoded {
        None => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(jsonb::normal(Value::Object(fields)).to_string())),
        Some(_) => Err(StorageError::invalid_parameter("user_metadata")),
    }
}

fn full_key(object: &Object) -> String {
    format!("{}/{}", object.bucket_id, object.name)
}

/// What a body says about itself.
pub struct Declared {
    /// The type.
    pub mimetype: String,
    /// The caching.
    pub cache_control: String,
    /// A JSON object as text.
    pub user_metadata: Option<String>,
}

/// That the caller may write, and whose the object will be.
type Permission = Result<Option<String>, StorageError>;

/// Checks what can be checked before the body, streams the body, and gives it its row.
async fn receive(
    app: &App,
    target: Target,
    upsert: bool,
    permission: Permission,
    request: Request,
) -> Result<Object, StorageError> {
    let checked = match check(app, &target, &request) {
        Ok(()) if permission.is_ok() && is_small(&request) => {
            return receive_small(app, target, upsert, permission?, request).await;
        }
        Ok(()) => admit(app, &target, upsert, permission).await,
        Err(refused) => Err(refused),
    };
    let (bucket, owner) = match checked {
        Ok(admitted) => admitted,
        Err(refused) => return Err(drained(request.into_body(), app.upload_limit, refused).await),
    };
    let robots = robots(request.headers());
    let (blob, declared) = if is_form(&request) {
        receive_form(app, &bucket, &target.key, request).await?
    } else {
        receive_raw(app, &bucket, &target.key, request).await?
    };
    let new = new_object(target, owner, robots, declared);
    Ok(app.store.put_object(new, blob, upsert).await?)
}

/// As [`receive`], for a body that is here as soon as its head, or nearly: then the database is asked once, when the object is
/// written, for what it has against it.
async fn receive_small(
    app: &App,
    target: Target,
    upsert: bool,
    owner: Option<String>,
    request: Request,
) -> Result<Object, StorageError> {
    let most = app.upload_limit;
    let robots = robots(request.headers());
    let declared = declared(request.headers())?;
    let body = request.into_body().into_data_stream();
    // What limit holds is known with the bucket.
    let blob = app.store.receive(body, small::MOST as u64).await?;
    let size = blob.size;
    let new = new_object(target, owner, robots, declared);
    let (key, mimetype) = (new.name.clone(), new.mimetype.clone());
    let admit = move |bucket: &Bucket| {
        if size > limit(most, bucket, &key) {
            return Err(StorageError::too_large());
        }
        check_type(bucket, &key, &mimetype)
    };
    app.store.put_object_if(new, blob, upsert, admit).await
}

/// Whether the client said that it sends so little, as it is.
fn is_small(request: &Request) -> bool {
    let size = request.body().size_hint().exact();
    size.is_some_and(|size| size <= small::MOST as u64) && !is_form(request)
}

/// Whether the body is a form around the object's bytes.
fn is_form(request: &Request) -> bool {
    content_type(request.headers()).is_ok_and(|mimetype| mimetype.starts_with("multipart/form-data"))
}

fn new_object(target: Target, owner: Option<String>, robots: Option<String>, declared: Declared) -> NewObject {
    NewObject {
        bucket_id: target.bucket,
        name: target.key,
        owner: owner.unwrap_or_default(),
        mimetype: declared.mimetype,
        cache_control: declared.cache_control,
        robots,
        // An upload without metadata wipes what a replaced object had, as on the real server.
        user_metadata: Some(declared.user_metadata.unwrap_or_else(|| "{}".to_owned())),
    }
}

fn robots(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(X_ROBOTS_TAG)?;
    value.to_str().ok().map(str::to_owned)
}

/// What the request alone shows to be wrong.
fn check(app: &App, target: &Target, request: &Request) -> Result<(), StorageError> {
    if !names::is_key(&target.key) {
        return Err(StorageError::invalid_key(&target.key));
    }
    if names::has_dot_segment(&target.key) {
        let message = format!("{} contains dot path segment", target.key);
        return Err(StorageError::invalid_key(&message));
    }
    content_type(request.headers())?;
    header_metadata(request.headers())?;
    // Exact if the client sent Content-Length. A form's envelope counts little against 16 MiB of leeway.
    let least = request.body().size_hint().lower();
    if least > app.upload_limit.saturating_add(DRAIN) {
        return Err(StorageError::too_large());
    }
    Ok(())
}

/// What the database shows to be wrong: no bucket, no permission, a key that is taken.
async fn admit(
    app: &App,
    target: &Target,
    upsert: bool,
    permission: Permission,
) -> Result<(Bucket, Option<String>), StorageError> {
    let (bucket, taken) = app.store.bucket_and_key(&target.bucket, &target.key).await?;
    let owner = permission?;
    if taken && !upsert {
        return Err(StorageError::key_exists());
    }
    Ok((bucket, owner))
}

/// The limit that holds for one key of a bucket, on a server with this one. What keeps a folder is empty.
pub fn limit(most: u64, bucket: &Bucket, key: &str) -> u64 {
    if is_placeholder(key) {
        return 0;
    }
    bucket.file_size_limit.map_or(most, |limit| limit.min(most))
}

/// Whether the key is the one by which the dashboard keeps a folder.
pub fn is_placeholder(key: &str) -> bool {
    key.rsplit('/').next() == Some(FOLDER_PLACEHOLDER)
}

/// Whether the bucket takes the type. The empty object by which the dashboard keeps a folder is exempt.
pub fn check_type(bucket: &Bucket, key: &str, mimetype: &str) -> Result<(), StorageError> {
    if is_placeholder(key) || bucket.allows_mime_type(mimetype) {
        Ok(())
    } else {
        Err(StorageError::invalid_mime_type(mimetype))
    }
}

async fn receive_raw(
    app: &App,
    bucket: &Bucket,
    key: &str,
    request: Request,
) -> Result<(PendingBlob, Declared), StorageError> {
    let declared = declared(request.headers())?;
    let limit = limit(app.upload_limit, bucket, key);
    let fits = match request.body().size_hint().lower() {
        size if size > limit => Err(StorageError::too_large()),
        _ => check_type(bucket, key, &declared.mimetype),
    };
    let body = request.into_body();
    if let Err(refused) = fits {
        return Err(drained(body, app.upload_limit, refused).await);
    }
    let mut stream = body.into_data_stream();
    match app.store.receive(&mut stream, limit).await {
        Ok(blob) => Ok((blob, declared)),
        Err(refused) => {
            let rest = Body::from_stream(stream);
            Err(drained(rest, app.upload_limit, refused.into()).await)
        }
    }
}

/// What the headers say of a body that is no form.
fn declared(headers: &HeaderMap) -> Result<Declared, StorageError> {
    Ok(Declared {
        mimetype: content_type(headers)?,
        cache_control: headers
            .get(CACHE_CONTROL)
            .and_then(|value| value.to_str().ok())
            .unwrap_or(DEFAULT_CACHING)
            .to_owned(),
        user_metadata: header_metadata(headers)?,
    })
}

/// The declared type, as it was sent. It must at least look like `kind/type`.
fn content_type(headers: &HeaderMap) -> Result<String, StorageError> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(DEFAULT_TYPE.to_owned());
    };
    let text = value.to_str().map_err(|_| StorageError::invalid_content_type())?;
    let essence = text.split(';').next().unwrap_or_default().trim();
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
    };
    match essence.split_once('/') {
        Some((kind, sub)) if token(kind) && token(sub) => Ok(text.to_owned()),
        _ => Err(StorageError::invalid_content_type()),
    }
}

/// Reads on what is left of a refused body, within bounds, and hands the refusal back.
async fn drained(body: Body, limit: u64, refused: StorageError) -> StorageError {
    drain(body, limit).await;
    refused
}

/// Reads on what is left of a refused body, so that the client gets to read the answer. Within bounds: not more than
/// `limit` and some leeway, and not for ever.
pub async fn drain(body: Body, limit: u64) {
    let bound = limit.saturating_add(DRAIN);
    if body.size_hint().lower() > bound {
        return;
    }
    let read = async {
        let mut seen = 0;
        let mut stream = body.into_data_stream();
        while let Some(Ok(chunk)) = stream.next().await {
            seen += chunk.len() as u64;
            if seen > bound {
                break;
            }
        }
    };
    // A client that stops sending does not read either.
    let _ = tokio::time::timeout(DRAIN_PATIENCE, read).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn metadata_is_an_object_or_nothing() {
        let read = |json: &str| {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_str(&STANDARD.encode(json)).unwrap();
            headers.insert(X_METADATA, value);
            header_metadata(&headers)
        };
        assert_eq!(
            read(r#"{"prompt":"a fox","seed":7}"#).unwrap().unwrap(),
            r#"{"seed":7,"prompt":"a fox"}"#
        );
        assert_eq!(read("no json").unwrap(), None);
        assert!(read("[1]").is_err());
    }

    #[test]
    fn types_are_kept_as_they_were_sent() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_str(text).unwrap());
            content_type(&headers)
        };
        assert_eq!(read("text/plain;charset=UTF-8").unwrap(), "text/plain;charset=UTF-8");
        for bad in ["png", "image/", "/png", "a b/c", ""] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(content_type(&HeaderMap::new()).unwrap(), DEFAULT_TYPE);
    }
}
