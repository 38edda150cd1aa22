//! The keys of a project: which kind, which role, and how each is sent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::http::Secret;

/// A project's key with what can be told from its form alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    secret: Secret,
    kind: KeyKind,
}

/// The kinds of keys that Supabase gives out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A legacy key or a user's token: a JWT with the role it acts as and, where it has one, its end.
    Jwt {
        /// `anon`, `service_role`, `authenticated` or a role of the project's own.
        role: String,
        /// Seconds since 1970.
        expires_at: Option<i64>,
    },
    /// `sb_publishable_…`, safe to show to visitors.
    Publishable,
    /// `sb_secret_…`, as powerful as the service key.
    Secret,
}

/// Why a text is no key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ApiKeyError {
    /// Nothing was given.
    #[error("the key is empty")]
    Empty,
    /// Neither a JWT nor one of the `sb_…` forms. The text itself is not repeated: it may be a password.
    #[error("this is not a Supabase key; keys begin with eyJ, sb_publishable_ or sb_secret_")]
    Unknown,
}

impl ApiKey {
    /// Recognises a key by its form. Nothing is sent.
    ///
    /// # Errors
    /// If it has none of the known forms.
    pub fn parse(text: &str) -> Result<Self, ApiKeyError> {
        let secret = Secret::new(text);
        let value = secret.expose();
        let kind = if value.is_empty() {
            return Err(ApiKeyError::Empty);
        } else if value.bytes().any(|b| !b.is_ascii_graphic()) {
            // A header cannot carry it, and no key has such characters.
            return Err(ApiKeyError::Unknown);
        } else if value.starts_with("sb_publishable_") {
            KeyKind::Publishable
        } else if value.starts_with("sb_secret_") {
            KeyKind::Secret
        } else {
            jwt(value).ok_or(ApiKeyError::Unknown)?
        };
        Ok(Self { secret, kind })
    }

    /// The kind, for the badge that says what a workspace may do.
    #[must_use]
    pub fn kind(&self) -> &KeyKind {
        &self.kind
    }

    /// The value, for headers and for the mask.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether the key passes every policy, so that the window shows its admin mode.
    #[must_use]
    pub fn is_service(&self) -> bool {
        match &self.kind {
            KeyKind::Jwt { role, .. } => role == "service_role",
            KeyKind::Publishable => false,
            KeyKind::Secret => true,
        }
    }

    /// Whether the key goes into `Authorization` too. The new `sb_…` keys are no tokens: gateways translate them
    /// from the `apikey` header, and a storage server that gets one as Bearer answers "Invalid Compact JWS".
    #[must_use]
    pub fn is_bearer(&self) -> bool {
        matches!(self.kind, KeyKind::Jwt { .. })
    }
}

fn jwt(value: &str) -> Option<KeyKind> {
    #[derive(Deserialize)]
    struct Claims {
        role: Option<String>,
        exp: Option<i64>,
    }
    let mut parts = value.split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !header.starts_with("eyJ") {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    Some(KeyKind::Jwt {
        role: claims.role.unwrap_or_else(|| "none".to_owned()),
        expires_at: claims.exp,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn recognises_each_kind() {
        let service = ApiKey::parse(&token(r#"{"role":"service_role","exp":2000000000}"#)).unwrap();
        assert!(service.is_service() && service.is_bearer());
        assert_eq!(
            *service.kind(),
            KeyKind::Jwt {
                role: "service_role".into(),
                expires_at: Some(2_000_000_000)
            }
        );
        assert!(!ApiKey::parse(&token(r#"{"role":"anon"}"#)).unwrap().is_service());
        assert!(ApiKey::parse("sb_secret_x").unwrap().is_service());
        assert!(!ApiKey::parse("sb_secret_x").unwrap().is_bearer());
        assert_eq!(
            *ApiKey::parse(" sb_publishable_x\n").unwrap().kind(),
            KeyKind::Publishable
        );
    }

    #[test]
    fn refuses_other_texts_without_repeating_them() {
        for text in ["", "hunter2", "eyJ.x.y", "sb_secret_a b", "eyJ.e30.x.y"] {
            let error = ApiKey::parse(text).unwrap_err();
            assert!(text.is_empty() || !error.to_string().contains(text), "{error}");
        }
    }
}
