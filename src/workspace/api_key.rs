//! The keys of a project: which kind, which role, and how each is sent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::ProjectUrl;
use crate::http::Secret;

/// A project's key with what can be told from its form alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    secret: Secret,
    kind: KeyKind,
    project: Option<String>,
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

/// Why a text is no key. The text itself is never repeated: it may be a password.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ApiKeyError {
    /// Nothing was given.
    #[error("the key is empty")]
    Empty,
    /// White space inside.
    #[error("the key has spaces or line breaks in it; copy it again in one piece")]
    Broken,
    /// Quotes around or inside.
    #[error("the key has quotation marks in it; copy it without them")]
    Quoted,
    /// Letters that no key has, as of a key that was shown shortened.
    #[error("the key was copied in its shortened form; use the copy button beside it")]
    Shortened,
    /// A JWT whose parts cannot be read.
    #[error("this key is cut off or damaged; copy it again")]
    Damaged,
    /// `sbp_…`, which speaks for a person to the dashboard's own API.
    #[error("this is a personal access token of the dashboard (sbp_…), not a key of the project")]
    AccessToken,
    /// The secret that a project's tokens are signed with.
    #[error("this looks like the JWT secret; it signs keys, but is none")]
    JwtSecret,
    /// The connection string of the database.
    #[error("this is the connection string of the database, not a key")]
    Database,
    /// Another address.
    #[error("this is an address, not a key")]
    Address,
    /// A key of the S3 protocol.
    #[error("this looks like an S3 access key; this program uses the project's API keys")]
    S3,
    /// A key of an AI provider.
    #[error("this is the key of an AI provider, not of the project")]
    Provider,
    /// None of the known forms.
    #[error("this is not a Supabase key; keys begin with eyJ, sb_publishable_ or sb_secret_")]
    Unknown,
}

impl ApiKey {
    /// Recognises a key by its form. Nothing is sent.
    ///
    /// # Errors
    /// If it has none of the known forms; where it can be told what it is instead, the error says so.
    pub fn parse(text: &str) -> Result<Self, ApiKeyError> {
        let secret = Secret::new(text);
        let value = secret.expose();
        // A header cannot carry anything else, and no key has such characters.
        if value.is_empty() || !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.=".contains(&b)) {
            return Err(instead(value));
        }
        let (kind, project) = if value.starts_with("sb_publishable_") {
            (KeyKind::Publishable, None)
        } else if value.starts_with("sb_secret_") {
            (KeyKind::Secret, None)
        } else {
            jwt(value).ok_or_else(|| instead(value))?
        };
        Ok(Self { secret, kind, project })
    }

    /// The reference of the project that a JWT was made for, if it names one.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// The key as it may be shown: what is the same in every key of its kind, dots, the last three characters.
    #[must_use]
    pub fn masked(&self) -> String {
        /// Characters of a JWT's header that say no more than how it is signed.
        const HEADER: usize = 20;
        let value = self.secret.expose();
        let shown = match self.kind {
            KeyKind::Publishable => "sb_publishable_".len(),
            KeyKind::Secret => "sb_secret_".len(),
            KeyKind::Jwt { .. } => value.find('.').unwrap_or_default().min(HEADER),
        };
        let (start, hidden) = value.split_at_checked(shown).unwrap_or(("", value));
        let end = match hidden.len() {
            12.. => hidden.get(hidden.len() - 3..).unwrap_or_default(),
            _ => "",
        };
        format!("{start}••••{end}")
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

fn jwt(value: &str) -> Option<(KeyKind, Option<String>)> {
    #[derive(Deserialize)]
    struct Claims {
        role: Option<String>,
        exp: Option<f64>,
        #[serde(rename = "ref")]
        reference: Option<String>,
        iss: Option<String>,
    }
    let mut parts = value.split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !header.starts_with("eyJ") {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    // A user's token names the server that gave it out: https://<ref>.supabase.co/auth/v1.
    let issuer = claims.iss.filter(|issuer| issuer.starts_with("https://"));
    let project = claims.reference.or_else(|| {
        let url = ProjectUrl::parse(&issuer?).ok()?;
        url.reference().map(str::to_owned)
    });
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds; the fraction that some issuers write is dropped"
    )]
    let expires_at = claims.exp.map(|seconds| seconds as i64);
    let role = claims.role.unwrap_or_else(|| "none".to_owned());
    Some((KeyKind::Jwt { role, expires_at }, project))
}

/// What a text is that is no key, by its form.
fn instead(text: &str) -> ApiKeyError {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
    let all = |is: fn(char) -> bool| text.chars().all(is);
    let key = starts(&["eyJ", "sb_"]);
    if text.is_empty() {
        ApiKeyError::Empty
    } else if starts(&["postgres://", "postgresql://"]) {
        ApiKeyError::Database
    } else if text.contains("://") || text.ends_with(".supabase.co") {
        ApiKeyError::Address
    } else if text.contains(['"', '\'', '`', '“', '”', '‘', '’']) {
        ApiKeyError::Quoted
    } else if text.contains(['•', '…', '*', '·']) {
        ApiKeyError::Shortened
    } else if key && text.contains(char::is_whitespace) {
        ApiKeyError::Broken
    } else if starts(&["sbp_"]) {
        ApiKeyError::AccessToken
    } else if starts(&["eyJ"]) {
        ApiKeyError::Damaged
    } else if starts(&["sk-", "sk_", "hf_", "AIza", "gsk_"]) {
        ApiKeyError::Provider
    } else if starts(&["AKIA", "ASIA"]) || matches!(text.len(), 32 | 64) && all(|c| c.is_ascii_hexdigit()) {
        // The S3 protocol of Storage gives out 32 hexadecimal digits as id and 64 as secret.
        ApiKeyError::S3
    } else if text.len() >= 32 && all(|c| c.is_ascii_alphanumeric() || "+/=-_".contains(c)) {
        // 88 characters of base64 for hosted projects; "super-secret-jwt-token-…" for local ones.
        ApiKeyError::JwtSecret
    } else {
        ApiKeyError::Unknown
    }
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
    fn says_what_another_text_is_without_repeating_it() {
        let hex = "0123456789abcdef";
        for (text, expected) in [
            ("", ApiKeyError::Empty),
            (" \n", ApiKeyError::Empty),
            ("hunter2", ApiKeyError::Unknown),
            ("correct horse battery", ApiKeyError::Unknown),
            ("eyJ.x.y", ApiKeyError::Damaged),
            ("eyJ.e30.x.y", ApiKeyError::Damaged),
            ("eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5v", ApiKeyError::Damaged),
            ("sb_secret_a b", ApiKeyError::Broken),
            ("eyJhbGciOiJIUzI1NiJ9.\neyJyb2xlIjoiYW5vbiJ9.c2ln", ApiKeyError::Broken),
            ("\"sb_secret_abc\"", ApiKeyError::Quoted),
            ("sb_secret_abc••••••", ApiKeyError::Shortened),
            ("sb_secret_abc******", ApiKeyError::Shortened),
            ("sbp_0123456789abcdef0123456789abcdef01234567", ApiKeyError::AccessToken),
            (
                "super-secret-jwt-token-with-at-least-32-characters-long",
                ApiKeyError::JwtSecret,
            ),
            (
                "postgresql://postgres:hunter2@db.abc.supabase.co:5432/postgres",
                ApiKeyError::Database,
            ),
            ("https://abc.supabase.co", ApiKeyError::Address),
            ("abc.supabase.co", ApiKeyError::Address),
            (&hex.repeat(2), ApiKeyError::S3),
            (&hex.repeat(4), ApiKeyError::S3),
            ("sk-proj-0123456789abcdef0123456789abcdef", ApiKeyError::Provider),
            ("schlüssel", ApiKeyError::Unknown),
        ] {
            let error = ApiKey::parse(text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(text.trim().is_empty() || !error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn names_the_project_it_was_made_for() {
        let project = |claims: &str| ApiKey::parse(&token(claims)).unwrap().project().map(str::to_owned);
        assert_eq!(
            project(r#"{"iss":"supabase","ref":"abc","role":"anon"}"#).as_deref(),
            Some("abc")
        );
        assert_eq!(
            project(r#"{"iss":"https://abc.supabase.co/auth/v1","role":"authenticated"}"#).as_deref(),
            Some("abc")
        );
        assert_eq!(project(r#"{"iss":"supabase-demo","role":"anon"}"#), None);
    }

    proptest::proptest! {
        #[test]
        fn shows_no_more_than_the_last_three(hidden in "[A-Za-z0-9_-]{0,60}") {
            let key = ApiKey::parse(&format!("sb_secret_{hidden}")).unwrap();
            let shown = key.masked();
            let tail = shown.strip_prefix("sb_secret_••••").unwrap();
            proptest::prop_assert!(tail.len() <= 3 && hidden.ends_with(tail));
        }
    }
}
