//! `HEAD`, `PATCH` and `DELETE`: what is done with an upload that was begun.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::error::TusError;
use super::finish::{finish, take_in};
use super::headers::{
    TUS_COMPLETE, UPLOAD_DEFER_LENGTH, UPLOAD_EXPIRES, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET, read_number,
};
use super::id::UploadId;
use super::{Permit, empty, limit, put};
use crate::local::reply::http_date;
use crate::local::server::App;
use crate::local::store::blob::BlobId;
use crate::local::store::part::Held;

/// How long a request waits for another one that works on the same upload.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells how far the upload is.
pub async fn head(app: &App, parts: &Parts, permit: &Permit) -> Result<Response, TusError> {
    let id = UploadId::from_path(parts.uri.path())?;
    permit.check_view(&id.target)?;
    let held = hold(app, &id).await?;
    let row = &held.row;
    if row.finished && !app.store.is_upload_kept(row).await? {
        return Err(TusError::GONE);
    }
    let mut response = empty(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UPLOAD_OFFSET, HeaderValue::from(row.offset));
    match row.size {
        Some(size) => headers.insert(UPLOAD_LENGTH, HeaderValue::from(size)),
        None => headers.insert(UPLOAD_DEFER_LENGTH, HeaderValue::from_static("1")),
    };
    put(&mut response, UPLOAD_METADATA, &row.metadata);
    if !row.finished {
        put(&mut response, UPLOAD_EXPIRES, &http_date(row.expires_at));
    }
    Ok(response)
}

/// Goes on at the offset that both sides agree on.
pub async fn patch(app: &App, parts: &Parts, body: &mut Option<Body>, permit: &Permit) -> Result<Response, TusError> {
    let id = UploadId::from_path(parts.uri.path())?;
    let offset = read_number(&parts.headers, &UPLOAD_OFFSET).ok_or(TusError::OFFSET_REQUIRED)?;
    if !parts.headers.contains_key(CONTENT_TYPE) {
        return Err(TusError::TYPE_REQUIRED);
    }
    may_change(app, &id, permit).await?;
    let bucket = app.store.bucket(&id.target.bucket).await?;
    let most = limit(app, &bucket, &id.target.key);
    let mut held = hold(app, &id).await?;
    if held.row.offset != offset {
        return Err(TusError::OFFSET_CONFLICT);
    }
    if let Some(size) = read_number(&parts.headers, &UPLOAD_LENGTH) {
        declare(&mut held, size, most)?;
    }
    let told = body.as_ref().map_or(0, |body| body.size_hint().lower());
    if told > held.row.size.unwrap_or(most).saturating_sub(offset) {
        return Err(TusError::TOO_LONG);
    }
    let wanted = body.as_ref().and_then(|body| body.size_hint().exact());
    if let Some(bytes) = body.take()
        && !held.row.finished
    {
        held = take_in(app, held, bytes, most).await?;
    }
    let (reached, expires, complete) = (held.row.offset, held.row.expires_at, held.row.is_complete());
    if complete && !held.row.finished {
        finish(app, held, permit.upsert(), permit.owner()).await?;
    } else {
        drop(held);
    }
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(UPLOAD_OFFSET, HeaderValue::from(reached));
    if wanted.is_some_and(|wanted| offset + wanted != reached) {
        // The rest of the body will not be read: another request was let in.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if complete {
        headers.insert(TUS_COMPLETE, HeaderValue::from_static("1"));
    } else {
        put(&mut response, UPLOAD_EXPIRES, &http_date(expires));
    }
    Ok(response)
}

/// Takes the length of an upload that was begun without.
fn declare(held: &mut Held, size: u64, most: u64) -> Result<(), TusError> {
    if held.row.size.is_some() || size < held.row.offset {
        return Err(TusError::INVALID_LENGTH);
    }
    if size > most {
        return Err(TusError::TOO_LARGE);
    }
    held.row.size = Some(size);
    Ok(())
}

/// Ends the upload.
pub async fn delete(app: &App, parts: &Parts, permit: &Permit) -> Result<Response, TusError> {
    let id = UploadId::from_path(parts.uri.path())?;
    may_change(app, &id, permit).await?;
    let held = hold(app, &id).await?;
    if held.row.finished {
        return Err(TusError::FINISHED);
    }
    app.store.end_upload(held).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Whether there is such an upload, and then whether the caller may write its object.
async fn may_change(app: &App, id: &UploadId, permit: &Permit) -> Result<(), TusError> {
    permit.check_view(&id.target)?;
    let row = app.store.upload(version(id)?).await?;
    if !id.is_for(&row) {
        return Err(TusError::NOT_FOUND);
    }
    permit.check_write(app, &id.target).await
}

async fn hold(app: &App, id: &UploadId) -> Result<Held, TusError> {
    let held = app.store.hold_upload(version(id)?, PATIENCE).await?;
    if id.is_for(&held.row) {
        Ok(held)
    } else {
        Err(TusError::NOT_FOUND)
    }
}

fn version(id: &UploadId) -> Result<&BlobId, TusError> {
    id.version.as_ref().ok_or(TusError::NOT_FOUND)
}
