//! Tokens: what a session's user presents for a while, and what a new one is had for.
//!
//! A refresh token is the session's id and a number, signed: the store keeps the present number, and what it says decides
//! what a token is worth. So no token is kept anywhere, and one that was exchanged can be answered with the present one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::error::AuthError;
use super::user;
use crate::local::jwt::{self, Kind};
use crate::local::server::App;
use crate::local::store::session::Session;
use crate::local::store::user::User;

/// Who a user's tokens are for.
pub const AUDIENCE: &str = "authenticated";
/// Bytes of a signature that a refresh token carries.
const SIGNATURE: usize = 16;

/// The claims, in GoTrue's order.
#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    email: &'a str,
    phone: &'a str,
    app_metadata: &'a Map<String, Value>,
    user_metadata: &'a Map<String, Value>,
    role: &'a str,
    aal: &'a str,
    amr: Value,
    session_id: &'a str,
    is_anonymous: bool,
}

/// The answer to whoever has signed in or refreshed.
///
/// # Errors
/// Only if the claims cannot be written as JSON.
pub fn grant(app: &App, session: &Session, user: &User) -> Result<Value, AuthError> {
    let now = jiff::Timestamp::now().as_second();
    let lifetime = i64::try_from(app.access_token_lifetime.as_secs()).unwrap_or(i64::from(i32::MAX));
    let claims = Claims {
        iss: format!("{}{}", app.url, super::PREFIX),
        sub: &user.id,
        aud: AUDIENCE,
        exp: now + lifetime,
        iat: now,
        email: user.email.as_deref().unwrap_or_default(),
        phone: user.phone.as_deref().unwrap_or_default(),
        app_metadata: &user.app_metadata,
        user_metadata: &user.user_metadata,
        role: &user.role,
        aal: "aal1",
        amr: json!([{ "method": "password", "timestamp": session.created_at.div_euclid(1_000_000) }]),
        session_id: &session.id,
        is_anonymous: false,
    };
    let access =
        jwt::sign(app.secrets.jwt_secret(), Kind::Key, &claims).map_err(|error| AuthError::internal(&error))?;
    let refresh = RefreshToken {
        session: Uuid::try_parse(&session.id).map_err(|error| AuthError::internal(&error))?,
        counter: session.counter,
    };
    Ok(json!({
        "access_token": access,
        "token_type": "bearer",
        "expires_in": lifetime,
        "expires_at": now + lifetime,
        "refresh_token": refresh.encode(app.secrets.jwt_secret()),
        "user": user::json(user),
    }))
}

/// Which session a refresh token is of, and which of its tokens it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session's id.
    pub session: Uuid,
    /// From 0.
    pub counter: i64,
}

impl RefreshToken {
    fn encode(self, secret: &str) -> String {
        let mut bytes = self.signed_part();
        let signature = self.mac(secret).finalize().into_bytes();
        bytes.extend_from_slice(&signature[..SIGNATURE]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token that was made with this secret; `None` for any other text.
    pub fn decode(secret: &str, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (session, rest) = bytes.split_first_chunk::<16>()?;
        let (counter, signature) = rest.split_first_chunk::<8>()?;
        let token = Self {
            session: Uuid::from_bytes(*session),
            counter: i64::from_be_bytes(*counter),
        };
        if signature.len() != SIGNATURE {
            return None;
        }
        token.mac(secret).verify_truncated_left(signature).ok()?;
        Some(token)
    }

    fn signed_part(self) -> Vec<u8> {
        let mut bytes = self.session.as_bytes().to_vec();
        bytes.extend_from_slice(&self.counter.to_be_bytes());
        bytes
    }

    #[expect(clippy::expect_used, reason = "HMAC accepts keys of every length")]
    fn mac(self, secret: &str) -> Hmac<Sha256> {
        // The words keep this signature from being one of anything else that is signed with the same secret.
        Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .expect("HMAC accepts keys of every length")
            .chain_update("storymimi refresh token\0")
            .chain_update(self.signed_part())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_reads_back_and_no_other_text_does() {
        let token = RefreshToken {
            session: Uuid::new_v4(),
            counter: 7,
        };
        let text = token.encode("secret");
        assert_eq!(RefreshToken::decode("secret", &text), Some(token));
        assert_eq!(RefreshToken::decode("another", &text), None);
        let next = RefreshToken { counter: 8, ..token }.encode("secret");
        let mixed = format!("{}{}", &next[..32], &text[32..]);
        for bad in ["", "x", &text[1..], &text[..40], &mixed, "%%%", &format!("{text}AAAA")] {
            assert_eq!(RefreshToken::decode("secret", bad), None, "{bad}");
        }
    }
}
