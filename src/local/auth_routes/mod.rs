//! `/auth/v1`: the part of GoTrue (supabase/auth) that signing in with a password needs, and the admin's list of users.
//! Statuses, error codes and bodies are those of its code at bc32168 (2026-08-20); what lies behind them is
//! [`store`](super::store).
//!
//! - [`sign_in`]: passwords and refresh tokens in, tokens out; signing up
//! - [`account`]: what the user who is signed in may ask: `/user`, `/logout`
//! - [`admin`]: `/admin/users`, for the service key
//! - [`token`]: access and refresh tokens; [`password`]: hashes; [`limit`]: guesses; [`caller`]: who asks
//!
//! Not served: everything that needs mail, telephone messages or other sites (magic links, codes, providers, single
//! sign-on), second factors, and soft deletion. An address is good as soon as it is given, as with `supabase start`.

mod account;
mod admin;
mod body;
mod caller;
mod error;
mod limit;
mod password;
mod sign_in;
mod token;
mod user;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header::CONTENT_TYPE};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Router, extract::DefaultBodyLimit};
use serde_json::json;

use error::AuthError;

use super::reply;
use super::server::App;
use super::store::user::UserError;
use crate::http::Secret;

/// Where the auth API lives.
pub(super) const PREFIX: &str = "/auth/v1";

/// What the routes keep in memory.
pub(super) struct Auth {
    hasher: password::Hasher,
    guesses: limit::Guesses,
    /// Whether anybody may sign up.
    signup: bool,
}

impl Auth {
    /// State for a fresh server.
    pub(super) fn new(signup: bool) -> Self {
        Self {
            hasher: password::Hasher::new(),
            guesses: limit::Guesses::default(),
            signup,
        }
    }
}

/// The routes below [`PREFIX`].
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(health))
        .route("/settings", get(settings))
        .route("/.well-known/jwks.json", get(public_keys))
        .route("/token", post(sign_in::token))
        .route("/signup", post(sign_in::sign_up))
        .route("/user", get(account::get).put(account::update))
        .route("/logout", post(account::sign_out))
        .route("/admin/users", get(admin::list).post(admin::create))
        .route(
            "/admin/users/{id}",
            get(admin::get).put(admin::update).delete(admin::delete),
        )
        .fallback(no_route)
        .layer(from_fn(error::render))
        .layer(DefaultBodyLimit::max(body::LIMIT))
}

/// Why a user that the program itself asked for was not made.
#[derive(Debug, thiserror::Error)]
pub enum NewUserError {
    /// Not an address.
    #[error("“{0}” is not an e-mail address")]
    Address(String),
    /// GoTrue takes no such password.
    #[error("{0}")]
    Password(String),
    /// The store failed, or another process made the user at the same time.
    #[error("the user could not be kept: {0}")]
    Store(#[from] UserError),
}

/// Makes a user who may sign in at once, or gives the one that is there this password.
///
/// # Errors
/// [`NewUserError`].
pub(super) async fn ensure_user(app: &App, email: &str, password: &Secret) -> Result<(), NewUserError> {
    let email = user::email(email).map_err(|_| NewUserError::Address(email.to_owned()))?;
    password::check_strength(password).map_err(|weak| NewUserError::Password(weak.message().to_owned()))?;
    admin::ensure(app, email, password).await
}

async fn health() -> Response {
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "name": "GoTrue",
        "description": "GoTrue is a user registration and authentication API",
    });
    reply::ok(&body)
}

/// There are none: tokens are signed with a secret. Clients then ask `/user` whether a token is good.
async fn public_keys() -> Response {
    reply::ok(&json!({ "keys": [] }))
}

/// Every way of signing in that GoTrue knows, and which are on.
async fn settings(State(app): State<Arc<App>>) -> Response {
    const OFF: [&str; 24] = [
        "anonymous_users",
        "apple",
        "azure",
        "bitbucket",
        "discord",
        "facebook",
        "snapchat",
        "figma",
        "fly",
        "github",
        "gitlab",
        "google",
        "keycloak",
        "kakao",
        "linkedin",
        "linkedin_oidc",
        "notion",
        "spotify",
        "slack",
        "slack_oidc",
        "workos",
        "twitch",
        "twitter",
        "zoom",
    ];
    let mut external: serde_json::Map<_, _> = OFF.iter().map(|name| ((*name).to_owned(), json!(false))).collect();
    external.insert("email".into(), json!(true));
    external.insert("phone".into(), json!(true));
    let body = json!({
        "external": external,
        "disable_signup": !app.auth.signup,
        "mailer_autoconfirm": true,
        "phone_autoconfirm": true,
        "sms_provider": "",
        "saml_enabled": false,
        "passkeys_enabled": false,
    });
    reply::ok(&body)
}

/// The first segments of what GoTrue has and this server has not.
const NOT_SERVED: [&str; 14] = [
    "admin",
    "authorize",
    "callback",
    "factors",
    "invite",
    "magiclink",
    "otp",
    "passkeys",
    "reauthenticate",
    "recover",
    "resend",
    "sso",
    "user",
    "verify",
];

/// What is not served is refused in words that clients understand; the rest as Go's router does it.
async fn no_route(uri: Uri) -> Response {
    let path = uri.path().strip_prefix(PREFIX).unwrap_or(uri.path());
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if NOT_SERVED.contains(&first) {
        let message =
            format!("This server does not serve {path}: it sends no mail and knows no other way in than passwords");
        return AuthError::unprocessable("feature_disabled", message).into_response();
    }
    let mut response = (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
