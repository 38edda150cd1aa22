//! Who asks: the user of an access token, or an admin.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::Deserialize;
use uuid::Uuid;

use super::error::AuthError;
use crate::local::jwt::{self, Leeway};
use crate::local::server::App;
use crate::local::store::session::Session;
use crate::local::store::user::{By, User};

#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    role: Option<String>,
    session_id: Option<String>,
}

/// Somebody who is signed in: the token is good, the user is there and not kept out, and the session has not ended.
pub struct SignedIn {
    /// The user as of now, not as of the token.
    pub user: User,
    /// Tokens that were made elsewhere may have none.
    pub session: Option<Session>,
}

/// Somebody with the service key.
pub struct Admin;

fn claims(app: &App, headers: &HeaderMap) -> Result<Claims, AuthError> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value
        .and_then(|value| value.strip_prefix("Bearer ").or(value.strip_prefix("bearer ")))
        .filter(|token| !token.is_empty() && !token.contains(char::is_whitespace))
        .ok_or_else(AuthError::no_authorization)?;
    let now = jiff::Timestamp::now().as_second();
    jwt::verify(app.secrets.jwt_secret(), token, now, Leeway::NONE).map_err(AuthError::bad_jwt)
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let refuse = |message: &str| AuthError::forbidden("bad_jwt", message);
        let claims = claims(app, &parts.headers)?;
        let subject = claims
            .sub
            .filter(|sub| !sub.is_empty())
            .ok_or_else(|| refuse("invalid claim: missing sub claim"))?;
        if Uuid::try_parse(&subject).is_err() {
            return Err(AuthError::bad_request(
                "bad_jwt",
                "invalid claim: sub claim must be a UUID",
            ));
        }
        let Some(user) = app.store.user(By::Id(&subject)).await? else {
            return Err(AuthError::forbidden(
                "user_not_found",
                "User from sub claim in JWT does not exist",
            ));
        };
        let session = match claims.session_id.filter(|id| !id.is_empty()) {
            None => None,
            Some(id) => {
                let found = app.store.session(&id).await?.filter(|found| found.user_id == user.id);
                Some(found.ok_or_else(|| {
                    AuthError::forbidden(
                        "session_not_found",
                        "Session from session_id claim in JWT does not exist",
                    )
                })?)
            }
        };
        if user.is_banned() {
            return Err(AuthError::forbidden("user_banned", "User is banned"));
        }
        Ok(Self { user, session })
    }
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        match claims(app, &parts.headers)?.role.as_deref() {
            Some("service_role" | "supabase_admin") => Ok(Self),
            _ => Err(AuthError::forbidden("not_admin", "User not allowed")),
        }
    }
}
