//! What creating and going on share: bytes come in, and a complete upload becomes an object.

use axum::body::Body;
use serde_json::Value;

use super::error::TusError;
use super::metadata::Metadata;
use crate::local::jsonb;
use crate::local::server::App;
use crate::local::storage_routes::upload::{DEFAULT_CACHING, DEFAULT_TYPE};
use crate::local::store::object::NewObject;
use crate::local::store::part::Held;
use crate::local::store::resume::Ended;

/// Appends a body. `most` is the limit for the whole upload, if its length is not known yet.
pub async fn take_in(app: &App, held: Held, body: Body, most: u64) -> Result<Held, TusError> {
    let room = held.row.size.unwrap_or(most).saturating_sub(held.row.offset);
    let stream = body.into_data_stream();
    let (held, ended) = app.store.append_to_upload(held, stream, room).await?;
    match ended {
        Ended::TooLong => Err(TusError::TOO_LARGE),
        Ended::Body | Ended::Released => Ok(held),
    }
}

/// Makes the object.
pub async fn finish(app: &App, held: Held, upsert: bool, owner: Option<String>) -> Result<(), TusError> {
    let metadata = Metadata::parse(&held.row.metadata).unwrap_or_default();
    let text = |name: &str, default: &str| metadata.get(name).unwrap_or(default).to_owned();
    let new = NewObject {
        bucket_id: held.row.bucket_id.clone(),
        name: held.row.name.clone(),
        owner: owner.unwrap_or_default(),
        mimetype: text("contentType", DEFAULT_TYPE),
        cache_control: text("cacheControl", DEFAULT_CACHING),
        robots: None,
        // What cannot be read is passed over, as on the real server.
        user_metadata: metadata
            .get("metadata")
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
            .map(|value| jsonb::normal(value).to_string()),
    };
    app.store.finish_upload(held, new, upsert).await?;
    Ok(())
}
