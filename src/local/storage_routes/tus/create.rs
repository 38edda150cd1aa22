//! `POST`: begins an upload.

use axum::body::{Body, HttpBody as _};
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::error::TusError;
use super::finish::{finish, take_in};
use super::headers::{
    TUS_COMPLETE, UPLOAD_CONCAT, UPLOAD_DEFER_LENGTH, UPLOAD_EXPIRES, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET,
    brings_bytes, read_number,
};
use super::id::{UploadId, target};
use super::location::location;
use super::metadata::Metadata;
use super::{Permit, empty, limit, put};
use crate::local::reply::http_date;
use crate::local::server::App;
use crate::local::storage_routes::upload::{DEFAULT_CACHING, check_type};
use crate::local::store::upload::NewUpload;

/// The checks stand in the real server's order, so that of two mistakes the same one is told.
pub async fn post(app: &App, parts: &Parts, body: &mut Option<Body>, permit: &Permit) -> Result<Response, TusError> {
    let headers = &parts.headers;
    if headers.contains_key(UPLOAD_CONCAT) {
        return Err(TusError::NO_CONCATENATION);
    }
    let size = read_number(headers, &UPLOAD_LENGTH);
    if size.is_some() == headers.contains_key(UPLOAD_DEFER_LENGTH) {
        return Err(TusError::INVALID_LENGTH);
    }
    let mut metadata = metadata(headers)?;
    let target = target(
        metadata.get("bucketName").unwrap_or_default(),
        metadata.get("objectName").unwrap_or_default(),
    )?;
    let bucket = app.store.bucket(&target.bucket).await?;
    let most = limit(app, &bucket, &target.key);
    if size.is_some_and(|size| size > most) {
        return Err(TusError::TOO_LARGE);
    }
    permit.check_write(app, &target).await?;
    metadata.set("cacheControl", caching(metadata.get("cacheControl")));
    if let Some(mimetype) = metadata.get("contentType") {
        check_type(&bucket, &target.key, mimetype)?;
    }
    let told = body.as_ref().map_or(0, |body| body.size_hint().lower());
    if brings_bytes(headers) && told > size.unwrap_or(most) {
        return Err(TusError::TOO_LONG);
    }
    let bytes = if brings_bytes(headers) { body.take() } else { None };
    let new = NewUpload {
        bucket_id: target.bucket,
        name: target.key,
        metadata: metadata.to_header(),
        size,
        lifetime: app.upload_lifetime,
    };
    let mut held = app.store.create_upload(new).await?;
    let url = location(headers, permit.is_signed(), &UploadId::segment(&held.row));
    let mut response = empty(StatusCode::CREATED);
    put(&mut response, LOCATION, &url);
    if let Some(bytes) = bytes {
        held = take_in(app, held, bytes, most).await?;
        response
            .headers_mut()
            .insert(UPLOAD_OFFSET, HeaderValue::from(held.row.offset));
    }
    if held.row.is_complete() {
        finish(app, held, permit.upsert(), permit.owner()).await?;
        response
            .headers_mut()
            .insert(TUS_COMPLETE, HeaderValue::from_static("1"));
    } else {
        put(&mut response, UPLOAD_EXPIRES, &http_date(held.row.expires_at));
    }
    Ok(response)
}

fn metadata(headers: &HeaderMap) -> Result<Metadata, TusError> {
    headers
        .get(UPLOAD_METADATA)
        .and_then(|value| value.to_str().ok())
        .and_then(Metadata::parse)
        .ok_or(TusError::METADATA_REQUIRED)
}

/// Seconds become `max-age`; anything else is not cached.
fn caching(wanted: Option<&str>) -> String {
    let wanted = wanted.unwrap_or_default();
    let digits = wanted.strip_prefix('-').unwrap_or(wanted);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        format!("max-age={wanted}")
    } else {
        DEFAULT_CACHING.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_seconds_are_cached() {
        for (wanted, expected) in [
            (Some("3600"), "max-age=3600"),
            (Some("-1"), "max-age=-1"),
            (Some("max-age=3600"), "no-cache"),
            (Some("-"), "no-cache"),
            (Some(""), "no-cache"),
            (None, "no-cache"),
        ] {
            assert_eq!(caching(wanted), expected, "{wanted:?}");
        }
    }
}
