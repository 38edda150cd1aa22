//! What a call shows to be let in: a key, or a key and the token of the user who is signed in.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::http::StatusCode;

use super::error::Error;
use super::fault::Fault;
use super::session::Session;
use crate::http::{Call, Reply, Secret};
use crate::workspace::ApiKey;

/// How long to wait before a token is shown again that the server says is from its future: its clock is a little behind
/// the auth server's.
const CLOCKS_MEET: Duration = Duration::from_millis(2500);

/// What calls are let in with.
#[derive(Debug)]
pub(super) struct Credentials {
    key: ApiKey,
    session: Option<Session>,
    /// Gateways that do not translate the newer keys want them in `Authorization` as well; learnt from the first
    /// such refusal.
    bearer_too: AtomicBool,
}

/// With what a call was sent.
#[derive(Clone, Debug)]
pub(super) enum Shown {
    /// The key in `apikey` alone.
    Key,
    /// The key in both headers.
    KeyTwice,
    /// The key, and a user's token.
    Token(Secret),
}

/// What a refusal asks for.
pub(super) enum Again {
    /// Nothing: it stands.
    No,
    /// The call once more, with this.
    With(Shown),
}

impl Credentials {
    pub(super) fn new(key: ApiKey, session: Option<Session>) -> Self {
        Self {
            key,
            session,
            bearer_too: AtomicBool::new(false),
        }
    }

    pub(super) fn key(&self) -> &ApiKey {
        &self.key
    }

    pub(super) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// What to show now.
    ///
    /// # Errors
    /// If the session has ended or cannot be refreshed.
    pub(super) async fn present(&self) -> Result<Shown, Error> {
        if let Some(session) = &self.session {
            return session.access_token().await.map(Shown::Token);
        }
        let twice = self.key.is_bearer() || self.bearer_too.load(Ordering::Relaxed);
        Ok(if twice { Shown::KeyTwice } else { Shown::Key })
    }

    /// The call with its headers.
    pub(super) fn authorize(&self, call: Call, shown: &Shown) -> Call {
        let call = call.secret_header("apikey", "", self.key.secret());
        match shown {
            Shown::Key => call,
            Shown::KeyTwice => call.secret_header("authorization", "Bearer ", self.key.secret()),
            Shown::Token(token) => call.secret_header("authorization", "Bearer ", token),
        }
    }

    /// Whether a refusal is one of the credentials that other ones may pass. Nothing was done yet, so that any call may
    /// be made again.
    ///
    /// # Errors
    /// If the session has ended or cannot be refreshed.
    pub(super) async fn after(&self, shown: &Shown, reply: &Reply) -> Result<Again, Error> {
        match (shown, &self.session) {
            (Shown::Key, None) if wants_authorization(reply) => Ok(Again::With(Shown::KeyTwice)),
            (Shown::Token(token), Some(session)) => match staleness(reply) {
                Stale::No => Ok(Again::No),
                Stale::Ended => Ok(match session.renewed(token).await? {
                    Some(renewed) => Again::With(Shown::Token(renewed)),
                    None => Again::No,
                }),
                Stale::NotYet => {
                    tokio::time::sleep(CLOCKS_MEET).await;
                    Ok(Again::With(Shown::Token(token.clone())))
                }
            },
            _ => Ok(Again::No),
        }
    }

    /// Learns from the answer to a call that was made again.
    pub(super) fn learn(&self, shown: &Shown, accepted: bool) {
        if matches!(shown, Shown::KeyTwice) && !self.key.is_bearer() {
            self.bearer_too.store(accepted, Ordering::Relaxed);
        }
    }
}

/// What a refusal says of a user's token.
#[derive(Debug, PartialEq, Eq)]
enum Stale {
    /// It is about something else.
    No,
    /// It has ended, or the server does not know its key any more.
    Ended,
    /// It begins in the server's future.
    NotYet,
}

fn staleness(reply: &Reply) -> Stale {
    if reply.status.as_u16() < 400 {
        return Stale::No;
    }
    let fault = Fault::read(reply);
    let code = fault.code.as_deref().unwrap_or_default();
    let message = fault.message.to_ascii_lowercase();
    match code {
        "PGRST303" if message.contains("issued at future") => Stale::NotYet,
        // storage and PostgREST 14 and older say it in words only; a policy's refusal has other words.
        "PGRST301" | "PGRST303" | "InvalidJWT" | "ExpiredToken" | "bad_jwt" => Stale::Ended,
        _ if message.contains("\"exp\" claim") || message.contains("jwt expired") => Stale::Ended,
        "" if reply.status == StatusCode::UNAUTHORIZED && !message.contains("api key") => Stale::Ended,
        _ => Stale::No,
    }
}

/// The storage server behind a gateway that passed the key on untranslated. Nothing was done yet.
fn wants_authorization(reply: &Reply) -> bool {
    reply.status == StatusCode::BAD_REQUEST && Fault::read(reply).message.contains("property 'authorization'")
}

#[cfg(test)]
mod tests {
    use ::http::HeaderMap;

    use super::*;
    use crate::http::{ExchangeId, Head};

    #[test]
    fn tells_a_stale_token_from_a_refusal() {
        for (status, body, expected) in [
            (
                400,
                r#"{"statusCode":"403","code":"AccessDenied","message":"\"exp\" claim timestamp check failed"}"#,
                Stale::Ended,
            ),
            (
                400,
                r#"{"statusCode":"400","code":"InvalidJWT","message":"jwt malformed"}"#,
                Stale::Ended,
            ),
            (401, r#"{"code":"PGRST301","message":"JWT expired"}"#, Stale::Ended),
            (401, r#"{"code":"PGRST303","message":"JWT expired"}"#, Stale::Ended),
            (
                401,
                r#"{"code":"PGRST303","message":"JWT issued at future"}"#,
                Stale::NotYet,
            ),
            (401, "", Stale::Ended),
            (401, r#"{"message":"Invalid API key"}"#, Stale::No),
            (
                401,
                r#"{"code":"42501","message":"permission denied for table stories"}"#,
                Stale::No,
            ),
            (
                400,
                r#"{"statusCode":"403","code":"AccessDenied","message":"new row violates row-level security policy"}"#,
                Stale::No,
            ),
            (
                400,
                r#"{"statusCode":"404","code":"NoSuchKey","message":"Object not found"}"#,
                Stale::No,
            ),
            (200, r#"{"message":"JWT expired"}"#, Stale::No),
        ] {
            let reply = Reply {
                head: Head {
                    status: StatusCode::from_u16(status).unwrap(),
                    headers: HeaderMap::new(),
                    exchange: ExchangeId(1),
                    attempts: 1,
                },
                body: body.into(),
            };
            assert_eq!(staleness(&reply), expected, "{body}");
        }
    }
}
