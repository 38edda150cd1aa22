//! `/storage/v1`: the routes of Supabase Storage, with the statuses, headers, bodies and error codes that a real server
//! was recorded to give (`tests/wire.rs` replays them). What lies behind them is [`store`](super::store).

mod bucket;
mod download;
mod error;
mod form;
mod list;
mod manage;
pub mod render;
mod request;
mod row;
mod service;
mod sign;
pub(super) mod tus;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::routing::{delete, get, post};

use super::server::App;

pub(super) use error::unknown_route;

/// Where the storage API lives.
pub const PREFIX: &str = "/storage/v1";

/// The routes below [`PREFIX`].
pub(super) fn router() -> Router<Arc<App>> {
    let objects = post(upload::create)
        .put(upload::replace)
        .get(download::by_key_or_public)
        .delete(manage::remove_one);
    Router::new()
        .route("/bucket", post(bucket::create).get(bucket::list))
        .route("/bucket/", post(bucket::create).get(bucket::list))
        .route(
            "/bucket/{bucket}",
            get(bucket::get).put(bucket::update).delete(bucket::delete),
        )
        .route("/bucket/{bucket}/empty", post(bucket::empty))
        .route("/object/list/{bucket}", post(list::v1))
        .route("/object/list-v2/{bucket}", post(list::v2))
        .route("/object/move", post(manage::move_object))
        .route("/object/copy", post(manage::copy))
        .route("/object/sign/{bucket}", post(sign::many))
        .route("/object/sign/{bucket}/{*key}", post(sign::one).get(download::signed))
        .route(
            "/object/upload/sign/{bucket}/{*key}",
            post(sign::upload).put(upload::signed),
        )
        .route("/object/public/{bucket}/{*key}", get(download::public))
        .route("/object/authenticated/{bucket}/{*key}", get(download::authenticated))
        .route("/object/info/{bucket}/{*key}", get(download::info))
        .route("/object/info/authenticated/{bucket}/{*key}", get(download::info))
        .route("/object/info/public/{bucket}/{*key}", get(download::info_public))
        .route("/object/{bucket}", delete(manage::remove_many))
        .route(
            "/object/{bucket}/",
            post(upload::create).put(upload::replace).delete(manage::remove_many),
        )
        .route("/object/{bucket}/{*key}", objects)
        .route("/render/image/public/{bucket}/{*key}", get(render::public))
        .route(
            "/render/image/authenticated/{bucket}/{*key}",
            get(render::authenticated),
        )
        .route("/render/image/sign/{bucket}/{*key}", get(render::signed))
        .route("/cdn", delete(service::purge))
        .route("/cdn/", delete(service::purge))
        .route("/cdn/{bucket}", delete(service::purge))
        .route("/cdn/{bucket}/{*key}", delete(service::purge))
        .route("/status", get(service::status))
        .route("/version", get(service::version))
        .route("/health", get(service::health))
        .route("/health/", get(service::health))
        .merge(tus::routes())
        .fallback(no_route)
        .method_not_allowed_fallback(no_route)
        // Uploads have limits of their own, checked while they stream.
        .layer(DefaultBodyLimit::disable())
}

async fn no_route(method: Method, uri: Uri) -> axum::response::Response {
    unknown_route(&method, &uri)
}
