//! Who calls, and what they may do.
//!
//! A fresh Supabase project has row level security switched on and no policies: the service key may do
//! everything, everybody else sees no rows and writes none, and only public buckets can be read without a key.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde::Deserialize;

use super::jwt::{self, JwtError};
use super::secrets::Secrets;

/// The database role that a token stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// `service_role`: row level security does not apply.
    Service,
    /// `authenticated`: somebody who signed in.
    Authenticated,
    /// `anon`, and any role that is not known here.
    Anon,
}

#[derive(Deserialize)]
struct RoleClaim {
    role: Option<String>,
}

impl Role {
    /// The role in a verified token.
    ///
    /// # Errors
    /// What is wrong with the token.
    pub fn from_token(secrets: &Secrets, token: &str) -> Result<Self, JwtError> {
        let now = jiff::Timestamp::now().as_second();
        let claim: RoleClaim = jwt::verify(secrets.jwt_secret(), token, now)?;
        Ok(match claim.role.as_deref() {
            Some("service_role") => Self::Service,
            Some("authenticated") => Self::Authenticated,
            _ => Self::Anon,
        })
    }

    /// Whether the role's rows are not filtered by row level security.
    #[must_use]
    pub fn bypasses_rls(self) -> bool {
        self == Self::Service
    }
}

/// The token after `Bearer` in the `Authorization` header, or the whole header where that word is missing
/// (storage-api strips the word if it is there). `None` if there is no such header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().unwrap_or_default();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        _ => Some(value),
    }
}
