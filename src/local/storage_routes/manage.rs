//! Moving, copying and removing objects.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::error::StorageError;
use super::request::{Caller, Fields, JsonBody, Target};
use super::row;
use super::upload::{header_metadata, wants_upsert};
use crate::local::names;
use crate::local::reply::{message, ok};
use crate::local::server::App;
use crate::local::store::StoreError;
use crate::local::store::object::{Copy, CopyMetadata};

type Answer = Result<Response, StorageError>;

/// Keys that one transaction removes, as on the real server: a body may name a million, and others write meanwhile.
const REMOVE_BATCH: usize = 500;

/// Where from and where to, as move and copy name them.
struct Route {
    source_bucket: String,
    source: String,
    target_bucket: String,
    target: String,
}

impl Route {
    fn read(fields: &Fields) -> Result<Self, StorageError> {
        let source_bucket = fields.required_text("bucketId")?;
        let source = fields.required_text("sourceKey")?;
        let target = fields.required_text("destinationKey")?;
        let target_bucket = fields
            .text("destinationBucket")?
            .unwrap_or_else(|| source_bucket.clone());
        if !names::is_key(&target) || names::has_dot_segment(&target) {
            return Err(StorageError::invalid_key(&target));
        }
        Ok(Self {
            source_bucket,
            source,
            target_bucket,
            target,
        })
    }
}

/// In both calls it is the database's foreign key that finds the target bucket missing.
fn target_missing(error: StoreError) -> StorageError {
    match error {
        StoreError::NoSuchBucket => StorageError::related_resource(),
        other => other.into(),
    }
}

/// Whether the caller sees the source, which comes first, and may write to the target.
async fn admit(app: &App, caller: &Caller, route: &Route) -> Result<(), StorageError> {
    if !caller.sees(&route.source_bucket) {
        return Err(StorageError::no_such_key());
    }
    if caller.sees(&route.target_bucket) {
        return Ok(());
    }
    app.store.object(&route.source_bucket, &route.source).await?;
    Err(StorageError::row_level_security())
}

/// `POST /object/move`. As on the real server, the target bucket's limits are not applied.
pub async fn move_object(State(app): State<Arc<App>>, caller: Caller, JsonBody(fields): JsonBody) -> Answer {
    let route = Route::read(&fields)?;
    admit(&app, &caller, &route).await?;
    let moved = app.store.move_object(
        (route.source_bucket, route.source),
        (route.target_bucket, route.target),
        caller.owner(),
    );
    match moved.await {
        Err(StoreError::KeyExists) => Err(StorageError::resource_exists()),
        Err(error) => Err(target_missing(error)),
        Ok(()) => Ok(message("Successfully moved")),
    }
}

/// `POST /object/copy`. Also the way to edit metadata: a copy onto itself with `x-upsert` and `copyMetadata: false`.
pub async fn copy(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(fields): JsonBody,
) -> Answer {
    let route = Route::read(&fields)?;
    let metadata = if fields.boolean("copyMetadata")?.unwrap_or(true) {
        CopyMetadata::Source
    } else {
        let given = fields.object("metadata")?.unwrap_or_default();
        CopyMetadata::Given {
            mimetype: given.text("mimetype")?,
            cache_control: given.text("cacheControl")?,
            user_metadata: header_metadata(&headers)?,
        }
    };
    admit(&app, &caller, &route).await?;
    let copy = Copy {
        source_bucket: route.source_bucket,
        source: route.source,
        target_bucket: route.target_bucket,
        target: route.target,
        upsert: wants_upsert(&headers),
        owner: caller.owner().unwrap_or_default(),
        metadata,
    };
    let object = app.store.copy_object(copy).await.map_err(target_missing)?;
    let mut answer = serde_json::Map::new();
    let full_key = format!("{}/{}", object.bucket_id, object.name);
    answer.insert("Key".into(), json!(full_key));
    answer.insert("Id".into(), json!(object.id));
    answer.extend(row::full(&object));
    Ok(ok(&answer))
}

/// `DELETE /object/{bucket}/{key}`. The real server looks for the object before row level security has a say.
pub async fn remove_one(State(app): State<Arc<App>>, caller: Caller, target: Target) -> Answer {
    if !caller.sees(&target.bucket) {
        app.store.object(&target.bucket, &target.key).await?;
        return Err(StorageError::delete_denied());
    }
    let removed = app.store.remove_objects(&target.bucket, vec![target.key]).await?;
    if removed.is_empty() {
        return Err(StorageError::no_such_key());
    }
    Ok(message("Successfully deleted"))
}

/// `DELETE /object/{bucket}` with `{"prefixes": […]}`, which are whole keys. Answers with the rows that are gone: what is
/// not there, or not visible, is silently absent, and so is everything in a bucket that does not exist.
pub async fn remove_many(
    State(app): State<Arc<App>>,
    caller: Caller,
    target: Target,
    JsonBody(fields): JsonBody,
) -> Answer {
    let keys = fields.texts("prefixes")?;
    if !caller.sees(&target.bucket) {
        return Ok(ok(&json!([])));
    }
    let mut rows: Vec<Value> = Vec::new();
    for batch in keys.chunks(REMOVE_BATCH) {
        let removed = app.store.remove_objects(&target.bucket, batch.to_vec()).await?;
        rows.extend(removed.iter().map(|object| Value::Object(row::full(object))));
    }
    Ok(ok(&rows))
}
