//! HS256 tokens (RFC 7519): the API keys, and the tokens of signed URLs. No other algorithm is accepted, so a
//! token cannot choose a weaker one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Why a token was refused. The texts are the ones storage-api passes on from its JWT library.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JwtError {
    /// Not three base64url parts with JSON in the first two, or not an HS256 token.
    #[error("Invalid Compact JWS")]
    Malformed,
    /// Signed with another secret, or changed after it was signed.
    #[error("signature verification failed")]
    BadSignature,
    /// The time of the `nbf` claim has not come.
    #[error("\"nbf\" claim timestamp check failed")]
    NotYet,
    /// The `exp` claim has passed.
    #[error("\"exp\" claim timestamp check failed")]
    Expired,
}

/// How far a token's clock may be from this one's, in seconds. storage-api (jose) and GoTrue allow nothing, PostgREST
/// allows 30 s on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leeway(pub i64);

impl Leeway {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// That of PostgREST (`allowedSkewSeconds`).
    pub const POSTGREST: Self = Self(30);
}

/// What a token is for. Supabase's keys name their type in the header, the tokens of its signed URLs do not.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A key of the API.
    Key,
    /// The token in a signed URL.
    Url,
}

impl Kind {
    fn header(self) -> &'static str {
        match self {
            Self::Key => r#"{"alg":"HS256","typ":"JWT"}"#,
            Self::Url => r#"{"alg":"HS256"}"#,
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Validity {
    nbf: Option<f64>,
    exp: Option<f64>,
}

/// The secret as a ready MAC: HMAC takes keys of any length, so this cannot fail for any secret.
#[expect(clippy::expect_used, reason = "HMAC accepts keys of every length")]
fn mac(secret: &str) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.as_bytes()).expect("HMAC accepts keys of every length")
}

/// Signs `claims` (which serialise to a JSON object) with `secret`.
///
/// # Errors
/// Only if `claims` cannot be written as JSON.
pub fn sign(secret: &str, kind: Kind, claims: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut token = URL_SAFE_NO_PAD.encode(kind.header());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
    let signature = mac(secret).chain_update(&token).finalize().into_bytes();
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// A signature over several texts, in base64url. Their lengths are signed, too: no two lists of texts run together to
/// the same.
pub(super) fn proof(secret: &str, parts: &[&str]) -> String {
    let mut mac = mac(secret);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Checks signature (in constant time), beginning and expiry, and reads the claims. `now` is in seconds since 1970.
///
/// # Errors
/// [`JwtError`], in the order in which storage-api checks: form, signature, beginning, expiry.
pub fn verify<T: DeserializeOwned>(secret: &str, token: &str, now: i64, leeway: Leeway) -> Result<T, JwtError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(JwtError::Malformed)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| JwtError::Malformed)?;
    if header.alg != "HS256" {
        return Err(JwtError::Malformed);
    }
    let claims = decode(claims)?;
    mac(secret)
        .chain_update(signed)
        .verify_slice(&decode(signature)?)
        .map_err(|_| JwtError::BadSignature)?;
    let validity: Validity = serde_json::from_slice(&claims).map_err(|_| JwtError::Malformed)?;
    #[expect(clippy::cast_precision_loss, reason = "seconds stay exact for 285 million years")]
    let (now, leeway) = (now as f64, leeway.0 as f64);
    if validity.nbf.is_some_and(|nbf| nbf > now + leeway) {
        return Err(JwtError::NotYet);
    }
    if validity.exp.is_some_and(|exp| exp <= now - leeway) {
        return Err(JwtError::Expired);
    }
    serde_json::from_slice(&claims).map_err(|_| JwtError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const SECRET: &str = "a-secret-of-thirty-two-characters";

    #[test]
    fn a_signed_token_reads_back_until_it_expires() {
        let token = sign(SECRET, Kind::Key, &json!({"role": "anon", "exp": 100})).unwrap();
        let read = |now| verify::<Value>(SECRET, &token, now, Leeway::NONE);
        assert_eq!(read(99).unwrap()["role"], "anon");
        assert_eq!(read(100).unwrap_err(), JwtError::Expired);
        let read = |now| verify::<Value>(SECRET, &token, now, Leeway::POSTGREST);
        assert!(read(129).is_ok());
        assert_eq!(read(130).unwrap_err(), JwtError::Expired);
    }

    #[test]
    fn a_token_is_good_from_the_time_on_that_it_names() {
        let token = sign(SECRET, Kind::Key, &json!({"role": "anon", "nbf": 100, "exp": 200})).unwrap();
        let read = |now, leeway| verify::<Value>(SECRET, &token, now, leeway).map(|claims| claims["role"].clone());
        assert_eq!(read(99, Leeway::NONE), Err(JwtError::NotYet));
        assert_eq!(read(100, Leeway::NONE), Ok("anon".into()));
        assert_eq!(read(69, Leeway::POSTGREST), Err(JwtError::NotYet));
        assert_eq!(read(70, Leeway::POSTGREST), Ok("anon".into()));
        // The beginning is looked at first, as the real library does.
        let never = sign(SECRET, Kind::Key, &json!({"nbf": 300, "exp": 200})).unwrap();
        let refused = verify::<Value>(SECRET, &never, 250, Leeway::NONE);
        assert_eq!(refused.unwrap_err(), JwtError::NotYet);
        let odd = sign(SECRET, Kind::Key, &json!({"nbf": "soon"})).unwrap();
        let refused = verify::<Value>(SECRET, &odd, 250, Leeway::NONE);
        assert_eq!(refused.unwrap_err(), JwtError::Malformed);
    }

    #[test]
    fn another_secret_or_a_changed_claim_is_refused() {
        let token = sign(SECRET, Kind::Key, &json!({"role": "anon"})).unwrap();
        let refused = |secret, token: &str| verify::<Value>(secret, token, 0, Leeway::NONE).unwrap_err();
        assert_eq!(refused("other", &token), JwtError::BadSignature);
        let parts: Vec<&str> = token.split('.').collect();
        let forged = URL_SAFE_NO_PAD.encode(r#"{"role":"service_role"}"#);
        let forged = format!("{}.{forged}.{}", parts[0], parts[2]);
        assert_eq!(refused(SECRET, &forged), JwtError::BadSignature);
    }

    #[test]
    fn an_unsigned_token_is_refused_whatever_it_says() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let claims = URL_SAFE_NO_PAD.encode(r#"{"role":"service_role"}"#);
        for token in [
            format!("{header}.{claims}."),
            "not-a-jwt".into(),
            "..".into(),
            String::new(),
        ] {
            let refused = verify::<Value>(SECRET, &token, 0, Leeway::NONE);
            assert_eq!(refused.unwrap_err(), JwtError::Malformed);
        }
    }
}
