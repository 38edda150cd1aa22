//! An object in a form: `multipart/form-data` with one file, as the official clients send it from a browser.
//!
//! The file goes straight to the disk. What is around it has to be gathered in memory until it is understood, so there is a
//! limit for it: a body that never comes to its first boundary is not kept.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::error::StorageError;
use super::upload::{
    DEFAULT_CACHING, DEFAULT_TYPE, DRAIN, DRAIN_PATIENCE, Declared, check_type, header_metadata, limit,
};
use crate::local::jsonb;
use crate::local::server::App;
use crate::local::store::blob::PendingBlob;
use crate::local::store::bucket::Bucket;

/// Largest text field.
const FIELD_LIMIT: usize = 1024 * 1024;
/// Most bytes of a form that are no file's, or have come in and were not read yet.
const ENVELOPE: u64 = 4 * 1024 * 1024;

/// Counts the bytes that a form holds in memory.
#[derive(Clone, Default)]
struct Envelope {
    held: Arc<AtomicU64>,
    /// What is left to be thrown away, once the form is refused.
    drain: Arc<AtomicU64>,
}

impl Envelope {
    /// The request with a body that ends in an error when it holds too much.
    fn around(&self, request: Request) -> Request {
        let envelope = self.clone();
        let (parts, body) = request.into_parts();
        let counted = body.into_data_stream().map(move |chunk| {
            let chunk = chunk.map_err(io::Error::other)?;
            envelope.take(chunk.len() as u64)?;
            Ok::<Bytes, io::Error>(chunk)
        });
        Request::from_parts(parts, Body::from_stream(counted))
    }

    fn take(&self, bytes: u64) -> io::Result<()> {
        let drain = self.drain.load(Ordering::Relaxed);
        if drain > 0 {
            // To the last byte of it, and then an error, too.
            self.drain.store(drain.saturating_sub(bytes).max(1), Ordering::Relaxed);
            return if drain > bytes { Ok(()) } else { Err(too_much()) };
        }
        let held = self.held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if held > ENVELOPE { Err(too_much()) } else { Ok(()) }
    }

    /// These bytes were the file's.
    fn release(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn is_overdrawn(&self) -> bool {
        self.held.load(Ordering::Relaxed) > ENVELOPE
    }
}

fn too_much() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "the form is too large")
}

/// Receives the file of a form, and what its fields say. The fields may stand before or behind the file; of several files the
/// first one counts.
pub async fn receive_form(
    app: &App,
    bucket: &Bucket,
    key: &str,
    request: Request,
) -> Result<(PendingBlob, Declared), StorageError> {
    let headers = request.headers().clone();
    let envelope = Envelope::default();
    let mut form = Multipart::from_request(envelope.around(request), &())
        .await
        .map_err(|error| broken(&error))?;
    match read(app, bucket, key, &headers, &mut form, &envelope).await {
        Err(_) if envelope.is_overdrawn() => Err(StorageError::too_large()),
        Err(refused) => {
            drain(form, &envelope, app.upload_limit).await;
            Err(refused)
        }
        received => received,
    }
}

async fn read(
    app: &App,
    bucket: &Bucket,
    key: &str,
    headers: &HeaderMap,
    form: &mut Multipart,
    envelope: &Envelope,
) -> Result<(PendingBlob, Declared), StorageError> {
    let mut declared_type = None;
    let mut part_type = None;
    let mut cache_control = None;
    let mut user_metadata = None;
    let mut blob = None;
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        if field.file_name().is_some() && blob.is_none() {
            part_type = field.content_type().map(str::to_owned);
            let bytes = field.inspect_ok(|chunk| envelope.release(chunk.len() as u64));
            blob = Some(app.store.receive(bytes, limit(app.upload_limit, bucket, key)).await?);
            continue;
        }
        let name = field.name().unwrap_or_default().to_owned();
        let text = small_text(field).await?;
        match name.as_str() {
            "cacheControl" => cache_control = Some(format!("max-age={text}")),
            "contentType" => declared_type = Some(text),
            "metadata" | "userMetadata" => {
                user_metadata = serde_json::from_str::<Value>(&text)
                    .ok()
                    .filter(Value::is_object)
                    .map(|fields| jsonb::normal(fields).to_string());
            }
            _ => {}
        }
    }
    let blob = blob.ok_or_else(|| StorageError::schema("No content provided"))?;
    let mimetype = declared_type.or(part_type).unwrap_or_else(|| DEFAULT_TYPE.to_owned());
    check_type(bucket, key, &mimetype)?;
    let declared = Declared {
        mimetype,
        cache_control: cache_control.unwrap_or_else(|| DEFAULT_CACHING.to_owned()),
        user_metadata: match user_metadata {
            Some(fields) => Some(fields),
            None => header_metadata(headers)?,
        },
    };
    Ok((blob, declared))
}

fn broken(error: &dyn std::fmt::Display) -> StorageError {
    StorageError::schema(error.to_string())
}

async fn small_text(mut field: Field<'_>) -> Result<String, StorageError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > FIELD_LIMIT {
            return Err(StorageError::too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads on what is left of a refused form, so that the client gets to read the answer; within the bounds of
/// [`drain`](super::upload::drain).
async fn drain(mut form: Multipart, envelope: &Envelope, limit: u64) {
    envelope.drain.store(limit.saturating_add(DRAIN), Ordering::Relaxed);
    let read = async {
        while let Ok(Some(mut field)) = form.next_field().await {
            while let Ok(Some(_)) = field.chunk().await {}
        }
    };
    // A client that stops sending does not read either.
    let _: Result<(), _> = tokio::time::timeout(DRAIN_PATIENCE, read).await;
}
