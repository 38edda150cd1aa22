//! x
use super::server::App;
use axum::Router;
use std::sync::Arc;
pub(super) const PREFIX: &str = "/rest/v1";
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
}
