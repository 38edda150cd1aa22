//! The token of a signed URL. Decoded, not verified: only the server has the secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

/// What a token says about itself.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::supabase) struct TokenFacts {
    /// When it ends.
    pub ends: Option<Timestamp>,
    /// `<bucket>/<key>` that it was signed for.
    pub object: Option<String>,
}

/// Only what is shown; storage puts more into it.
#[derive(Deserialize)]
struct Claims {
    exp: Option<f64>,
    url: Option<String>,
}

/// Reads the claims of a token. `None` if it is no JWT.
pub(in crate::supabase) fn read(token: &str) -> Option<TokenFacts> {
    let mut parts = token.split('.');
    let (_header, claims, _signature, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    Some(TokenFacts {
        // Saturates; a time beyond the calendar is no time.
        ends: claims
            .exp
            .and_then(|seconds| Timestamp::from_second(seconds as i64).ok()),
        object: claims.url,
    })
}

/// A time as a sentence shows it.
pub(super) fn show_time(time: Timestamp) -> String {
    time.strftime("%-d %b %Y %H:%M UTC").to_string()
}
