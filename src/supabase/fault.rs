//! Reads what a server says went wrong, in whatever form it says it: storage's JSON, PostgREST's, a gateway's,
//! plain text (resumable uploads), a web page (proxies), or nothing at all (HEAD).

use std::time::Duration;

use serde_json::Value;

use super::Class;
use super::codes::{Verdict, known};
use crate::http::{Reply, Retry};

/// Characters of a message that are kept.
const LONGEST: usize = 600;

/// What the body of an error says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    /// The server's own code: `NoSuchKey`, `PGRST116`, `23505`.
    pub(super) code: Option<String>,
    /// Storage's real status; HTTP says 400 for nearly all of them.
    pub(super) status: Option<u16>,
    /// What it says to people.
    pub(super) message: String,
}

impl Fault {
    /// Never fails: any bytes give some message.
    pub(super) fn read(reply: &Reply) -> Self {
        let mut fault = match serde_json::from_slice::<Value>(&reply.body) {
            Ok(Value::Object(object)) => {
                let text = |name: &str| match object.get(name)? {
                    Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
                    Value::Number(number) => Some(number.to_string()),
                    // {"error":{"message":…}}
                    Value::Object(inner) => inner.get("message")?.as_str().map(str::to_owned),
                    _ => None,
                };
                // Sign-in servers put the status where others put their code: {"code":400,"error_code":"bad_jwt","msg":…}
                let number = |text: &String| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
                let code = text("error_code").or_else(|| text("code").filter(|code| !number(code)));
                // The oldest form of all: {"error":"invalid_grant","error_description":…}
                let code = code.or_else(|| text("error").filter(|_| object.contains_key("error_description")));
                let status = text("statusCode").or_else(|| text("status"));
                let status = status.or_else(|| text("code").filter(number));
                let mut message = ["message", "msg", "error_description", "error"]
                    .into_iter()
                    .find_map(text)
                    .unwrap_or_default();
                // PostgREST says the useful part here: "Key (id)=(7) already exists."
                for more in ["details", "hint"].into_iter().filter_map(text) {
                    message = format!("{message} ({more})");
                }
                Self {
                    code,
                    status: status.and_then(|status| status.parse().ok()),
                    message,
                }
            }
            Ok(Value::String(message)) => Self {
                message,
                ..Self::default()
            },
            _ => Self {
                message: from_text(&String::from_utf8_lossy(&reply.body)),
                ..Self::default()
            },
        };
        if fault.message.is_empty() {
            fault.message = format!("the server gave no reason (HTTP {})", reply.status.as_u16());
        }
        if let Some((end, _)) = fault.message.char_indices().nth(LONGEST) {
            fault.message.truncate(end);
            fault.message.push('…');
        }
        fault
    }

    /// The status that counts: the body's, if it is one of an error, else HTTP's.
    pub(super) fn effective_status(&self, reply: &Reply) -> u16 {
        self.status
            .filter(|status| *status >= 400)
            .unwrap_or(reply.status.as_u16())
    }

    /// What kind of error it is.
    pub(super) fn class(&self, reply: &Reply) -> Class {
        let by_status = by_status(self.effective_status(reply), &self.message);
        let Some(code) = self.code.as_deref() else {
            return by_status;
        };
        match code {
            // A token whose user is gone; elsewhere an admin's question for a user that is not there.
            "user_not_found" if reply.status == ::http::StatusCode::FORBIDDEN => Class::BadKey,
            "AccessDenied" | "InvalidRequest" if is_about_the_key(&self.message) => Class::BadKey,
            "InvalidRequest" if by_status == Class::NotFound => Class::NotFound,
            _ => known(code).and_then(|known| known.class).unwrap_or(by_status),
        }
    }
}

fn by_status(status: u16, message: &str) -> Class {
    match status {
        400 | 406 | 411 | 412 | 416 | 422 if is_about_the_key(message) => Class::BadKey,
        // The two conflicts of resumable uploads are told apart by their words alone.
        409 if message.starts_with("Upload-Offset conflict") => Class::Busy,
        404 if message.eq_ignore_ascii_case("bucket not found") => Class::BucketNotFound,
        404 | 410 => Class::NotFound,
        401 => Class::BadKey,
        403 if is_about_the_key(message) => Class::BadKey,
        403 => Class::Forbidden,
        409 => Class::Exists,
        413 => Class::TooLarge,
        415 => Class::WrongType,
        429 => Class::Throttled,
        408 | 423 | 425 | 500..=599 => Class::Busy,
        400..=499 => Class::Invalid,
        _ => Class::Unexpected,
    }
}

/// Storage tells keys that it cannot use by nothing but its message.
fn is_about_the_key(message: &str) -> bool {
    [
        "Invalid Compact JWS",
        "signature verification failed",
        "\"exp\" claim",
        "property 'authorization'",
        "Invalid API key",
        "jwt ",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// Whether the request may be made again, for [`crate::http::Call::classify`].
pub(super) fn retry(reply: &Reply) -> Retry {
    // 206 and 304 are successes, 3xx are reported.
    if reply.status.as_u16() < 400 {
        return Retry::Never;
    }
    let fault = Fault::read(reply);
    let after = reply.retry_after();
    let code = fault.code.as_deref();
    let status = fault.effective_status(reply);
    let verdict = code.and_then(known).map_or(Verdict::ByStatus, |known| known.verdict);
    match (verdict, status) {
        // A clock that is a second slow: the token is good in a moment (github.com/supabase/supabase/issues/50651).
        _ if code == Some("PGRST303") && fault.message.contains("issued at future") => Retry::Once {
            after: Duration::from_secs(2),
        },
        (Verdict::Stays, _) => Retry::Never,
        (Verdict::Refused, _) | (_, 423 | 429) => Retry::Throttled { after },
        (_, 503) if after.is_some() => Retry::Throttled { after },
        // Storage's own 500 is a defect that stays; that of the store behind it passes.
        (Verdict::ByStatus, 500..=599) if code == Some("S3Error") => Retry::Transient,
        (Verdict::Transient, _) | (_, 408 | 425 | 502..=504 | 520..=529 | 544) => Retry::Transient,
        _ => Retry::Never,
    }
}

fn from_text(text: &str) -> String {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if !lower.starts_with("<!doctype") && !lower.starts_with("<html") && !lower.starts_with("<?xml") {
        // Error pages and binaries are not messages; a line or two is.
        return text
            .chars()
            .filter(|c| !c.is_control() || *c == '\n')
            .take(LONGEST)
            .collect();
    }
    let title = lower
        .find("<title>")
        .and_then(|start| Some((start + 7, start + 7 + lower[start + 7..].find("</title>")?)))
        .map(|(start, end)| text[start..end].trim())
        .filter(|title| !title.is_empty());
    match title {
        Some(title) => format!("a gateway answered with a web page: “{title}”"),
        None => "a gateway answered with a web page".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use ::http::{HeaderMap, StatusCode};
    use bytes::Bytes;

    use super::*;
    use crate::http::{ExchangeId, Head};

    fn reply(status: u16, body: impl Into<Bytes>) -> Reply {
        Reply {
            head: Head {
                status: StatusCode::from_u16(status).unwrap(),
                headers: HeaderMap::new(),
                exchange: ExchangeId(1),
                attempts: 1,
            },
            body: body.into(),
        }
    }

    fn read(status: u16, body: &'static str) -> (Option<String>, u16, String, Class) {
        let reply = reply(status, body);
        let fault = Fault::read(&reply);
        (
            fault.code.clone(),
            fault.effective_status(&reply),
            fault.message.clone(),
            fault.class(&reply),
        )
    }

    #[test]
    fn reads_every_form_of_error() {
        for (status, body, code, real, class) in [
            (
                400,
                r#"{"statusCode":"404","error":"not_found","message":"Object not found","code":"NoSuchKey"}"#,
                Some("NoSuchKey"),
                404,
                Class::NotFound,
            ),
            (
                400,
                r#"{"statusCode":"404","error":"Bucket not found","message":"Bucket not found"}"#,
                None,
                404,
                Class::BucketNotFound,
            ),
            (
                404,
                r#"{"message":"Route GET:/nope not found","error":"Not Found","statusCode":404}"#,
                None,
                404,
                Class::NotFound,
            ),
            (
                400,
                r#"{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}"#,
                None,
                409,
                Class::Exists,
            ),
            (
                400,
                r#"{"statusCode":"403","error":"Unauthorized","message":"Invalid Compact JWS","code":"AccessDenied"}"#,
                Some("AccessDenied"),
                403,
                Class::BadKey,
            ),
            (
                400,
                r#"{"statusCode":"403","error":"Unauthorized","message":"new row violates row-level security policy","code":"AccessDenied"}"#,
                Some("AccessDenied"),
                403,
                Class::Forbidden,
            ),
            (413, "Maximum size exceeded\n", None, 413, Class::TooLarge),
            (409, "Upload-Offset conflict\n", None, 409, Class::Busy),
            (409, "The resource already exists", None, 409, Class::Exists),
            (410, "The file for this url has expired\n", None, 410, Class::NotFound),
            (
                400,
                r#"{"code":400,"error_code":"invalid_credentials","msg":"Invalid login credentials"}"#,
                Some("invalid_credentials"),
                400,
                Class::BadKey,
            ),
            (
                429,
                r#"{"code":429,"error_code":"over_request_rate_limit","msg":"Request rate limit reached"}"#,
                Some("over_request_rate_limit"),
                429,
                Class::Throttled,
            ),
            (
                400,
                r#"{"code":"refresh_token_already_used","message":"Invalid Refresh Token: Already Used"}"#,
                Some("refresh_token_already_used"),
                400,
                Class::BadKey,
            ),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"Invalid login credentials"}"#,
                Some("invalid_grant"),
                400,
                Class::BadKey,
            ),
            (
                400,
                r#"{"statusCode":"409","error":"TransactionError","message":"deadlock","code":"TransactionError"}"#,
                Some("TransactionError"),
                409,
                Class::Busy,
            ),
            (404, "Bucket not found", None, 404, Class::BucketNotFound),
            (
                409,
                r#"{"code":"23505","details":"Key (id)=(7) already exists.","hint":null,"message":"duplicate key"}"#,
                Some("23505"),
                409,
                Class::Exists,
            ),
            (
                401,
                r#"{"message":"Invalid API key","hint":"Double check your key."}"#,
                None,
                401,
                Class::BadKey,
            ),
            (
                502,
                "<html><head><title>502 Bad Gateway</title></head></html>",
                None,
                502,
                Class::Busy,
            ),
            (400, "", None, 400, Class::Invalid),
        ] {
            let (found_code, found_status, message, found_class) = read(status, body);
            assert_eq!(
                (found_code.as_deref(), found_status, found_class),
                (code, real, class),
                "{body}"
            );
            assert!(!message.is_empty());
        }
        assert_eq!(
            read(502, "<html><title> 502 Bad Gateway </title>").2,
            "a gateway answered with a web page: “502 Bad Gateway”"
        );
        assert_eq!(
            read(409, r#"{"message":"duplicate key","details":"Key (id)=(7)."}"#).2,
            "duplicate key (Key (id)=(7).)"
        );
    }

    #[test]
    fn retries_by_the_body_not_by_the_status() {
        let retry = |status, body: &'static str| retry(&reply(status, body));
        assert_eq!(
            retry(400, r#"{"statusCode":"429","code":"SlowDown"}"#),
            Retry::Throttled { after: None }
        );
        assert_eq!(
            retry(400, r#"{"statusCode":"544","code":"DatabaseTimeout"}"#),
            Retry::Transient
        );
        assert_eq!(
            retry(400, r#"{"statusCode":"409","code":"TransactionError"}"#),
            Retry::Transient
        );
        assert_eq!(retry(400, r#"{"statusCode":"503","code":"S3Error"}"#), Retry::Transient);
        assert_eq!(retry(500, r#"{"statusCode":"500","code":"S3Error"}"#), Retry::Transient);
        assert_eq!(retry(400, r#"{"statusCode":"403","code":"S3Error"}"#), Retry::Never);
        assert_eq!(retry(409, "Upload-Offset conflict\n"), Retry::Never);
        assert_eq!(
            retry(401, r#"{"code":"PGRST303","message":"JWT issued at future"}"#),
            Retry::Once {
                after: Duration::from_secs(2)
            }
        );
        assert_eq!(retry(400, r#"{"statusCode":"404","code":"NoSuchKey"}"#), Retry::Never);
        assert_eq!(retry(502, "<html>"), Retry::Transient);
        assert_eq!(
            retry(500, r#"{"statusCode":"500","code":"InternalError"}"#),
            Retry::Never
        );
        assert_eq!(retry(200, ""), Retry::Never);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_some_error(status in 400u16..600, body in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let reply = reply(status, body);
            let fault = Fault::read(&reply);
            proptest::prop_assert!(!fault.message.is_empty());
            let _ = (fault.class(&reply), super::retry(&reply));
        }

        #[test]
        fn any_json_is_some_error(status in 400u16..600, body in r#"\{"(code|statusCode|message|error|details)":("[a-z<>&]{0,9}"|[0-9]{1,9}|null|\[\]|\{"message":[0-9"]{1,3}\})\}"#) {
            let reply = reply(status, body);
            proptest::prop_assert!(!Fault::read(&reply).message.is_empty());
        }
    }
}
