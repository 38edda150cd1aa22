//! Reading objects: the bytes, and what is known about them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES,
    HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use jiff::fmt::rfc2822::DateTimeParser;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::error::StorageError;
use super::request::{Caller, Target};
use super::row;
use super::sign::DownloadToken;
use super::upload::DEFAULT_TYPE;
use crate::local::access::bearer;
use crate::local::reply::{http_date, iso, ok};
use crate::local::server::App;
use crate::local::store::bucket::Bucket;
use crate::local::store::content::{Content, stream};
use crate::local::store::object::Object;

type Answer = Result<Response, StorageError>;

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");
/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// `?download`: empty to save under its own name, or with another name.
#[derive(Deserialize)]
pub struct Download {
    download: Option<String>,
}

/// `GET /object/authenticated/{bucket}/{key}`
pub async fn authenticated(
    State(app): State<Arc<App>>,
    caller: Caller,
    target: Target,
    Query(download): Query<Download>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    if !caller.sees(&target.bucket) {
        return Err(StorageError::no_such_key());
    }
    let view = View::plain(download, &method, headers);
    send(&app, &target, &view).await
}

/// `GET /object/public/{bucket}/{key}`: anybody, if the bucket is public.
pub async fn public(
    State(app): State<Arc<App>>,
    target: Target,
    Query(download): Query<Download>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    public_bucket(&app, &target).await?;
    let view = View::plain(download, &method, headers);
    send(&app, &target, &view).await
}

/// `GET /object/{bucket}/{key}`: as `authenticated` with a token, as `public` without.
pub async fn by_key_or_public(
    State(app): State<Arc<App>>,
    target: Target,
    Query(download): Query<Download>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    if bearer(&headers).is_none() {
        public_bucket(&app, &target).await?;
    } else if !Caller::from_headers(&app, &headers)?.sees(&target.bucket) {
        let bucket = app.store.bucket(&target.bucket).await?;
        if !bucket.public {
            return Err(StorageError::no_such_key());
        }
    }
    let view = View::plain(download, &method, headers);
    send(&app, &target, &view).await
}

/// `GET /object/sign/{bucket}/{key}?token=`
pub async fn signed(
    State(app): State<Arc<App>>,
    target: Target,
    token: DownloadToken,
    Query(download): Query<Download>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    token.check(&target)?;
    let mut view = View::plain(download, &method, headers);
    view.expires = Some(token.expires.saturating_mul(1_000_000));
    send(&app, &target, &view).await
}

/// `GET /object/info/{bucket}/{key}`
pub async fn info(State(app): State<Arc<App>>, caller: Caller, target: Target) -> Answer {
    if !caller.sees(&target.bucket) {
        return Err(StorageError::no_such_key());
    }
    tell(&app, &target).await
}

/// `GET /object/info/public/{bucket}/{key}`
pub async fn info_public(State(app): State<Arc<App>>, target: Target) -> Answer {
    public_bucket(&app, &target).await?;
    tell(&app, &target).await
}

/// A private bucket looks to the public like one that is not there.
pub async fn public_bucket(app: &App, target: &Target) -> Result<Bucket, StorageError> {
    let bucket = app.store.bucket(&target.bucket).await?;
    if bucket.public {
        Ok(bucket)
    } else {
        Err(StorageError::no_such_bucket())
    }
}

async fn tell(app: &App, target: &Target) -> Answer {
    let object = app.store.object(&target.bucket, &target.key).await?;
    let mut response = ok(&json!({
        "id": object.id,
        "name": object.name,
        "version": object.version,
        "bucket_id": object.bucket_id,
        "size": object.size,
        "content_type": object.mimetype,
        "cache_control": object.cache_control,
        "etag": object.etag,
        "metadata": row::user_metadata(&object),
        "last_modified": iso(object.last_modified),
        "created_at": iso(object.created_at),
    }));
    let headers = response.headers_mut();
    put(headers, ETAG, &object.etag);
    put(headers, LAST_MODIFIED, &http_date(object.last_modified));
    put(headers, CACHE_CONTROL, &object.cache_control);
    Ok(response)
}

/// How an object is asked for.
pub struct View {
    download: Option<String>,
    is_head: bool,
    headers: HeaderMap,
    /// Set by a signed URL: it takes the place of `Cache-Control`. In microseconds.
    pub expires: Option<i64>,
}

impl View {
    fn plain(download: Download, method: &Method, headers: HeaderMap) -> Self {
        Self::new(download.download, method, headers)
    }

    /// As a request asks; `download` is the name to save under.
    pub fn new(download: Option<String>, method: &Method, headers: HeaderMap) -> Self {
        Self {
            download,
            is_head: *method == Method::HEAD,
            headers,
            expires: None,
        }
    }

    /// A header of the request.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the client has these bytes already. The real server does not look at that on HEAD.
    pub fn is_unchanged(&self, object: &Object) -> bool {
        if self.is_head {
            return false;
        }
        if let Some(known) = self.header(&IF_NONE_MATCH) {
            return known == object.etag;
        }
        self.header(&IF_MODIFIED_SINCE)
            .and_then(|date| DateTimeParser::new().parse_timestamp(date).ok())
            .is_some_and(|since| object.last_modified.div_euclid(1_000_000) <= since.as_second())
    }
}

async fn send(app: &App, target: &Target, view: &View) -> Answer {
    let (object, content) = app.store.open_object(&target.bucket, &target.key).await?;
    let mut response = Response::new(Body::empty());
    describe(response.headers_mut(), &object, view);
    if view.is_unchanged(&object) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let range = match view.header(&RANGE) {
        Some(text) if !view.is_head => Some(parse_range(text, object.size)?),
        _ => None,
    };
    let (first, length) = match range {
        Some((first, last)) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let text = format!("bytes {first}-{last}/{}", object.size);
            put(response.headers_mut(), CONTENT_RANGE, &text);
            (first, last - first + 1)
        }
        None => (0, object.size),
    };
    put(response.headers_mut(), CONTENT_LENGTH, &length.to_string());
    if !view.is_head {
        *response.body_mut() = part(content, first, length);
    }
    Ok(response)
}

/// The headers that an object has, however it is sent.
pub fn describe(headers: &mut HeaderMap, object: &Object, view: &View) {
    // Served as text, so that a page that somebody uploaded cannot run on the project's origin.
    let content_type = if object.mimetype.to_ascii_lowercase().contains("text/html") {
        Ok(HeaderValue::from_static("text/plain"))
    } else {
        HeaderValue::from_str(&object.mimetype)
    };
    put(headers, ACCEPT_RANGES, "bytes");
    // Without a type, browsers would look for a page in the bytes.
    headers.insert(
        CONTENT_TYPE,
        content_type.unwrap_or(HeaderValue::from_static(DEFAULT_TYPE)),
    );
    put(headers, ETAG, &object.etag);
    put(headers, X_ROBOTS_TAG, object.robots.as_deref().unwrap_or("none"));
    put(headers, LAST_MODIFIED, &http_date(object.last_modified));
    if let Some(expires) = view.expires {
        put(headers, EXPIRES, &http_date(expires));
    } else {
        let changed = view.header(&IF_NONE_MATCH).is_some_and(|known| known != object.etag);
        let stale = if changed { ", stale-while-revalidate=30" } else { "" };
        put(headers, CACHE_CONTROL, &format!("{}{stale}", object.cache_control));
    }
    match view.download.as_deref() {
        None => {}
        Some("") => put(headers, CONTENT_DISPOSITION, "attachment;"),
        Some(name) => {
            let name = utf8_percent_encode(name, COMPONENT);
            let text = format!("attachment; filename={name}; filename*=UTF-8''{name}");
            put(headers, CONTENT_DISPOSITION, &text);
        }
    }
}

/// Texts that cannot stand in a header are left out; they came in through headers, or are ASCII by construction.
pub fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

fn part(content: Content, first: u64, length: u64) -> Body {
    match content {
        Content::Inline(bytes) => {
            let first = usize::try_from(first).unwrap_or(usize::MAX).min(bytes.len());
            let last = usize::try_from(length)
                .unwrap_or(usize::MAX)
                .saturating_add(first)
                .min(bytes.len());
            Body::from(bytes.slice(first..last))
        }
        Content::File(file) => Body::from_stream(stream(file, first, length)),
    }
}

/// One range of bytes, as first and last. Several ranges, other units and ranges outside the object are refused, as a file
/// backend refuses them.
fn parse_range(text: &str, size: u64) -> Result<(u64, u64), StorageError> {
    let parse = || {
        let (first, last) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
        if first.is_empty() {
            let suffix: u64 = last.parse().ok()?;
            return (suffix > 0)
                .then(|| (size.saturating_sub(suffix), size.checked_sub(1)))
                .and_then(|(first, last)| Some((first, last?)));
        }
        let first: u64 = first.parse().ok()?;
        let last = match last {
            "" => size.checked_sub(1)?,
            last => last.parse::<u64>().ok()?.min(size.checked_sub(1)?),
        };
        (first <= last).then_some((first, last))
    };
    parse().ok_or_else(StorageError::invalid_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("bytes=0-7", Some((0, 7))),
            ("bytes=5-", Some((5, 9))),
            ("bytes=-3", Some((7, 9))),
            ("bytes=-30", Some((0, 9))),
            ("bytes=3-300", Some((3, 9))),
            ("bytes=10-", None),
            ("bytes=7-3", None),
            ("bytes=-0", None),
            ("bytes=0-1,3-4", None),
            ("items=0-1", None),
            ("bytes=a-b", None),
        ] {
            assert_eq!(parse_range(text, 10).ok(), expected, "{text}");
        }
        assert!(parse_range("bytes=0-", 0).is_err());
    }
}
