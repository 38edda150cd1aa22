//! The server as a whole: opens the store, listens, serves, and ends cleanly.

use std::future::IntoFuture as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use axum::{Router, serve};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::ai_routes::{self, Studio};
use super::config::Config;
use super::error::ServerError;
use super::reply::json as reply;
use super::secrets::Secrets;
use super::store::{Store, StoreError};
use super::{rest, storage_routes};

/// How long requests may go on after [`Server::shutdown`].
const GRACE: Duration = Duration::from_secs(5);

/// What the routes share.
pub(super) struct App {
    pub(super) store: Store,
    pub(super) secrets: Secrets,
    pub(super) upload_limit: u64,
    pub(super) resumable_limit: u64,
    pub(super) upload_lifetime: Duration,
    pub(super) studio: Studio,
}

/// A running server. Dropped, it stops accepting and ends by itself; [`Server::shutdown`] waits for that.
pub struct Server {
    url: String,
    secrets: Secrets,
    stop: DropGuard,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Starts serving.
    ///
    /// # Errors
    /// [`ServerError`]: the port is taken, the data folder cannot be used, or the database is from a newer version.
    pub async fn start(config: Config) -> Result<Self, ServerError> {
        let folder = config.data.clone();
        let opened = tokio::task::spawn_blocking(move || Store::open(&folder)).await;
        let store = opened
            .unwrap_or_else(|stopped| Err(StoreError::Worker(stopped)))
            .map_err(|error| match error {
                StoreError::Io(source) => ServerError::DataFolder {
                    path: config.data.clone(),
                    source,
                },
                other => ServerError::Store(other),
            })?;
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|source| listen_error(config.listen, source))?;
        let address = listener
            .local_addr()
            .map_err(|source| listen_error(config.listen, source))?;
        let app = Arc::new(App {
            store,
            secrets: config.secrets.clone(),
            upload_limit: config.upload_limit,
            resumable_limit: config.resumable_limit.max(config.upload_limit),
            upload_lifetime: config.upload_lifetime,
            studio: Studio::new(),
        });
        let stop = CancellationToken::new();
        let task = tokio::spawn(
            serve(listener, router(app))
                .with_graceful_shutdown(stop.clone().cancelled_owned())
                .into_future(),
        );
        Ok(Self {
            url: format!("http://{address}"),
            secrets: config.secrets,
            stop: stop.drop_guard(),
            task,
        })
    }

    /// Where the server is: `http://127.0.0.1:PORT`, the URL of the project.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The base URL for OpenAI-compatible clients.
    #[must_use]
    pub fn ai_base_url(&self) -> String {
        format!("{}{}", self.url, ai_routes::PREFIX)
    }

    /// The key of a visitor.
    #[must_use]
    pub fn anon_key(&self) -> &str {
        self.secrets.anon_key()
    }

    /// The key that may do everything.
    #[must_use]
    pub fn service_key(&self) -> &str {
        self.secrets.service_key()
    }

    /// Stops accepting, lets requests end for a few seconds, and then cuts them off. What was acknowledged is kept either
    /// way.
    pub async fn shutdown(self) {
        drop(self.stop);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(GRACE, self.task).await.is_err() {
            abort.abort();
        }
    }
}

fn listen_error(address: SocketAddr, source: io::Error) -> ServerError {
    if source.kind() == io::ErrorKind::AddrInUse {
        ServerError::PortInUse(address)
    } else {
        ServerError::Listen { address, source }
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .nest(storage_routes::PREFIX, storage_routes::router())
        .nest(rest::PREFIX, rest::router())
        .nest(ai_routes::PREFIX, ai_routes::router())
        .route("/auth/v1/health", get(auth_health))
        .fallback(no_route)
        .with_state(app)
}

/// GoTrue's answer. Signing in is not served yet.
async fn auth_health() -> Response {
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "name": "GoTrue",
        "description": "GoTrue is a user registration and authentication API",
    });
    reply(StatusCode::OK, &body)
}

/// The gateway's answer to a path that belongs to no API.
async fn no_route(_: Method, _: Uri) -> Response {
    let body = json!({ "message": "no Route matched with those values" });
    reply(StatusCode::NOT_FOUND, &body)
}
