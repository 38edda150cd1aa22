//! `/studio/v1`: what no project has. A server proves that it holds a folder's secrets, so that another process of this
//! program can join it without showing a key to whoever happens to listen on the port.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::reply;
use super::server::App;

pub(super) const PREFIX: &str = "/studio/v1";

/// Where a server is asked for its proof: `?nonce=` with 16 to 128 letters and digits. It answers `{"proof": …}`; see
/// [`Secrets::is_proof`](super::Secrets::is_proof).
pub const CHALLENGE: &str = "/studio/v1/challenge";

pub(super) fn router() -> Router<Arc<App>> {
    Router::new().route("/challenge", get(challenge))
}

#[derive(Deserialize)]
struct Challenge {
    nonce: Option<String>,
}

async fn challenge(State(app): State<Arc<App>>, Query(query): Query<Challenge>) -> Response {
    let nonce = query.nonce.unwrap_or_default();
    if !(16..=128).contains(&nonce.len()) || !nonce.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let body = json!({ "message": "nonce must be 16 to 128 letters and digits" });
        return reply::json(StatusCode::BAD_REQUEST, &body);
    }
    reply::ok(&json!({ "proof": app.secrets.proof(&app.url, &nonce) }))
}
