//! The server as a whole: opens the store, listens, serves, and ends cleanly.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::access::Policy;
use super::ai_routes::{self, Studio};
use super::auth_routes::{self, Auth, NewUserError};
use super::config::Config;
use super::error::ServerError;
use super::reply::json as reply;
use super::secrets::Secrets;
use super::storage_routes::render::Renders;
use super::store::{Store, StoreError};
use super::{connections, gateway, rest, storage_routes, studio_routes};
use crate::http::Secret;

/// How long requests may go on after [`Server::shutdown`].
const GRACE: Duration = Duration::from_secs(5);

/// How often expired uploads are looked for.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// What the routes share.
pub(super) struct App {
    /// Where the server is, as its tokens name it.
    pub(super) url: String,
    pub(super) store: Store,
    pub(super) secrets: Secrets,
    pub(super) upload_limit: u64,
    pub(super) resumable_limit: u64,
    pub(super) upload_lifetime: Duration,
    pub(super) renders: Renders,
    pub(super) studio: Studio,
    pub(super) auth: Auth,
    pub(super) policy: Arc<Policy>,
    pub(super) access_token_lifetime: Duration,
    pub(super) browsers: bool,
    /// How the tables of stories are laid out.
    pub(super) tables: rest::TableLayout,
}

/// A running server. Dropped, it stops accepting and ends by itself; [`Server::shutdown`] waits for that.
pub struct Server {
    app: Arc<App>,
    stop: DropGuard,
    task: JoinHandle<()>,
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
        let tables = config.tables.sql();
        if !tables.is_empty() {
            let make =
                move |database: &rusqlite::Transaction<'_>| Ok::<_, StoreError>(database.execute_batch(&tables)?);
            store.write(make).await.map_err(ServerError::Store)?;
        }
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|source| listen_error(config.listen, source))?;
        let address = listener
            .local_addr()
            .map_err(|source| listen_error(config.listen, source))?;
        let app = Arc::new(App {
            url: format!("http://{address}"),
            store,
            secrets: config.secrets,
            upload_limit: config.upload_limit,
            resumable_limit: config.resumable_limit.max(config.upload_limit),
            upload_lifetime: config.upload_lifetime,
            renders: Renders::new(),
            studio: Studio::new(),
            auth: Auth::new(config.signup),
            policy: Arc::new(config.policy),
            access_token_lifetime: config.access_token_lifetime,
            browsers: config.browsers,
            tables: config.tables,
        });
        let stop = CancellationToken::new();
        tokio::spawn(sweep(app.store.clone(), stop.clone()));
        let router = router(Arc::clone(&app));
        let task = tokio::spawn(connections::serve(listener, router, config.connections, stop.clone()));
        Ok(Self {
            app,
            stop: stop.drop_guard(),
            task,
        })
    }

    /// Where the server is: `http://127.0.0.1:PORT`, the URL of the project.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// The base URL for OpenAI-compatible clients.
    #[must_use]
    pub fn ai_base_url(&self) -> String {
        format!("{}{}", self.url(), ai_routes::PREFIX)
    }

    /// The key of a visitor.
    #[must_use]
    pub fn anon_key(&self) -> &str {
        self.app.secrets.anon_key()
    }

    /// The key that may do everything.
    #[must_use]
    pub fn service_key(&self) -> &str {
        self.app.secrets.service_key()
    }

    /// Makes a user who may sign in with this address and password, or gives the one that is there this password.
    ///
    /// # Errors
    /// [`NewUserError`]: the address or the password is none, or the user could not be kept.
    pub async fn ensure_user(&self, email: &str, password: &Secret) -> Result<(), NewUserError> {
        auth_routes::ensure_user(&self.app, email, password).await
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

/// Ends expired uploads now and then.
async fn sweep(store: Store, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(SWEEP)).await.is_some() {
        let store = store.clone();
        match tokio::task::spawn_blocking(move || store.sweep_uploads()).await {
            Ok(Ok(0)) => {}
            Ok(Ok(uploads)) => tracing::info!(uploads, "ended expired uploads"),
            Ok(Err(error)) => tracing::warn!(%error, "could not end expired uploads; it will be tried again"),
            Err(error) => tracing::warn!(%error, "the sweep stopped"),
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
        .route(&format!("{}/", rest::PREFIX), rest::root())
        .nest(auth_routes::PREFIX, auth_routes::router())
        .nest(ai_routes::PREFIX, ai_routes::router())
        .nest(studio_routes::PREFIX, studio_routes::router())
        .fallback(no_route)
        .layer(from_fn_with_state(Arc::clone(&app), gateway::pass))
        .with_state(app)
}

/// The gateway's answer to a path that belongs to no API.
async fn no_route(_: Method, _: Uri) -> Response {
    let body = json!({ "message": "no Route matched with those values" });
    reply(StatusCode::NOT_FOUND, &body)
}
