//! What is asked of the service itself: whether it is there, which one it is, and to purge a cache that it has not.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use super::error::StorageError;
use super::request::Caller;
use crate::local::reply::ok;
use crate::local::server::App;
use crate::local::store::StoreError;

/// `GET /status`
pub async fn status() -> StatusCode {
    StatusCode::OK
}

/// `GET /version`: this program's.
pub async fn version() -> Response {
    env!("CARGO_PKG_VERSION").into_response()
}

/// `GET /health`: whether the database answers. The real server's status is 200 either way.
pub async fn health(State(app): State<Arc<App>>) -> Response {
    let looked = app.store.read(|connection| {
        connection.query_row("SELECT count(*) FROM (SELECT 1 FROM buckets LIMIT 1)", [], |_| Ok(()))?;
        Ok::<_, StoreError>(())
    });
    ok(&json!({ "healthy": looked.await.is_ok() }))
}

/// The query of a purge.
#[derive(Deserialize)]
pub struct Purge {
    transformations: Option<String>,
}

/// `DELETE /cdn`, `/cdn/{bucket}`, `/cdn/{bucket}/{key}`: there is no cache in front of this server, as in front of any
/// that one hosts oneself without one, and they say so like this.
pub async fn purge(caller: Caller, Query(purge): Query<Purge>) -> Result<Response, StorageError> {
    if !caller.is_service() {
        return Err(StorageError::role_required());
    }
    if !matches!(purge.transformations.as_deref(), None | Some("true" | "false")) {
        return Err(StorageError::schema("querystring/transformations must be boolean"));
    }
    Err(StorageError::missing_parameter("CDN_PURGE_ENDPOINT_URL is not set"))
}
