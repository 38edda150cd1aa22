//! Who calls, and what they may do.
//!
//! A fresh Supabase project has row level security switched on and no policies: the service key may do everything,
//! everybody else sees no rows and writes none, and only public buckets can be read without a key. With
//! [`Policy::Editors`] it has the policies that a team of editors needs.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde::Deserialize;

use super::jwt::{self, JwtError, Leeway};
use super::server::App;

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

/// The policies of the project: what users who are signed in may do. Visitors may do nothing in any case, and the service
/// key everything.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Policy {
    /// Nothing, as on a fresh project.
    #[default]
    ServiceOnly,
    /// See and change stories and scenes, and see and change objects and their buckets' rows; not make, change, empty or
    /// delete buckets.
    Editors(EditorBuckets),
}

/// The buckets that editors work in; they do not see any other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EditorBuckets {
    /// All that there are.
    All,
    /// Those with these ids.
    Named(BTreeSet<String>),
}

/// Who calls, as far as row level security wants to know.
#[derive(Clone, Debug)]
pub struct Caller {
    role: Role,
    /// The user's id, `sub` in the token.
    user: Option<String>,
    policy: Arc<Policy>,
}

#[derive(Deserialize)]
struct Claims {
    role: Option<String>,
    sub: Option<String>,
}

impl Caller {
    /// Reads a token.
    ///
    /// # Errors
    /// What is wrong with the token.
    pub fn from_token(app: &App, token: &str, leeway: Leeway) -> Result<Self, JwtError> {
        let now = jiff::Timestamp::now().as_second();
        let claims: Claims = jwt::verify(app.secrets.jwt_secret(), token, now, leeway)?;
        Ok(Self {
            role: match claims.role.as_deref() {
                Some("service_role") => Role::Service,
                Some("authenticated") => Role::Authenticated,
                _ => Role::Anon,
            },
            user: claims.sub,
            policy: Arc::clone(&app.policy),
        })
    }

    /// The role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether row level security does not apply.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.role == Role::Service
    }

    /// Whether stories and scenes can be seen and changed.
    #[must_use]
    pub fn works_on_stories(&self) -> bool {
        self.is_service() || (self.role == Role::Authenticated && *self.policy != Policy::ServiceOnly)
    }

    /// Whether a bucket's row and its objects can be seen, and its objects be made, changed and deleted: there is no
    /// policy that allows one and not the other, so that replacing an object needs no more than making one.
    #[must_use]
    pub fn works_in(&self, bucket: &str) -> bool {
        match (&*self.policy, self.role) {
            (_, Role::Service) => true,
            (Policy::Editors(EditorBuckets::All), Role::Authenticated) => true,
            (Policy::Editors(EditorBuckets::Named(names)), Role::Authenticated) => names.contains(bucket),
            _ => false,
        }
    }

    /// Whose the objects are that the caller stores: the user's id, and nobody's for keys.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.user.as_deref().filter(|_| self.role == Role::Authenticated)
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
