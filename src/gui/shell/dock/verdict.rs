//! What the log says of one finished exchange.

use serde_json::Value;

use super::log_state::{Failure, Level};
use crate::http::{BodyShown, Exchange, NetworkClass, Outcome};

/// Reads that panels make by themselves. They are in the list of requests; the log would drown in them.
const QUIET_READS: &[&str] = &[
    "Download object",
    "Fetch picture",
    "List buckets",
    "List models",
    "List objects",
    "List stories",
    "Look at bucket",
    "Look at object",
    "Read rows",
    "Read story",
];

/// Reads that ask whether something is there: "no" is an answer, not a failure.
const QUESTIONS: &[&str] = &["Look at bucket", "Look at object"];

/// Characters of a body that are shown as the technical line.
const EXCERPT: usize = 400;

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) level: Level,
    /// "200", "400 · 413 in body", "429 · rate_limit", "no connection".
    pub(super) status: String,
    pub(super) failure: Option<Failure>,
    /// Whether the log leaves it out.
    pub(super) quiet: bool,
    /// Whether the client is likely to send it again by itself.
    pub(super) may_repeat: bool,
}

impl Verdict {
    /// Judges an exchange; `None` while it is under way.
    pub(super) fn of(exchange: &Exchange) -> Option<Self> {
        match (&exchange.outcome, exchange.status) {
            (Outcome::Pending, _) => None,
            (Outcome::Cancelled, _) => Some(Self::stopped(exchange)),
            (Outcome::Failed { class, .. }, _) if *class == NetworkClass::Cancelled => Some(Self::stopped(exchange)),
            (Outcome::Failed { class, sentence }, _) => Some(Self {
                level: Level::Error,
                status: class_word(*class).to_owned(),
                failure: Some(Failure {
                    what: sentence.clone(),
                    technical: format!("{} {}", exchange.method, exchange.url),
                    ..Failure::default()
                }),
                quiet: false,
                may_repeat: class.is_transient(),
            }),
            (Outcome::Answered, Some(status)) if status.as_u16() < 400 => Some(Self {
                level: Level::Ok,
                status: status.as_u16().to_string(),
                failure: None,
                quiet: QUIET_READS.contains(&exchange.operation),
                may_repeat: false,
            }),
            (Outcome::Answered, status) => Some(Self::refused(exchange, status.map_or(0, |status| status.as_u16()))),
        }
    }

    fn stopped(exchange: &Exchange) -> Self {
        Self {
            level: Level::Warn,
            status: "stopped".to_owned(),
            failure: None,
            quiet: QUIET_READS.contains(&exchange.operation),
            may_repeat: false,
        }
    }

    fn refused(exchange: &Exchange, status: u16) -> Self {
        let said = Said::read(&exchange.response_body);
        // Storage answers 400 for nearly every refusal and puts the real status into the body.
        let real = said.status.filter(|real| *real >= 400).unwrap_or(status);
        let status_text = match (said.status.filter(|real| *real != status), &said.code) {
            (Some(real), _) => format!("{status} · {real} in body"),
            (None, Some(code)) => format!("{status} · {code}"),
            (None, None) => status.to_string(),
        };
        // HEAD has no body to say it in: storage's 400 may be a 404.
        let absent = real == 404 || (real == 400 && exchange.method == ::http::Method::HEAD);
        let message = said.message.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let what = match message {
            Some(message) => format!("{} did not work: {message}", exchange.operation),
            None => format!("{} did not work: the server answered {real}.", exchange.operation),
        };
        let excerpt = excerpt(&exchange.response_body);
        let technical = match excerpt.is_empty() {
            true => format!("HTTP {status} · no body"),
            false => format!("HTTP {status} · {excerpt}"),
        };
        Self {
            level: Level::Error,
            status: status_text,
            failure: Some(Failure {
                what,
                advice: advice(real).to_owned(),
                technical,
                code: said.code.unwrap_or_default(),
                retry: false,
            }),
            quiet: absent && QUESTIONS.contains(&exchange.operation),
            may_repeat: matches!(real, 408 | 425 | 429 | 500..),
        }
    }
}

/// What to do about a status, where the status alone says it.
fn advice(status: u16) -> &'static str {
    match status {
        401 => "Check the key of this workspace; it may be wrong or expired.",
        403 => "This key may not do that. Use one that may, or change the policy that refuses.",
        404 => "Check the name; it may have been moved or deleted.",
        413 => "Save the file smaller, or raise the bucket's limit.",
        429 => "Wait a moment, then try again.",
        500.. => "Try again in a moment. If it stays, look into the server's own log.",
        _ => "Show the request to see what was sent and what came back.",
    }
}

fn class_word(class: NetworkClass) -> &'static str {
    match class {
        NetworkClass::Request => "not sent",
        NetworkClass::Connect => "no connection",
        NetworkClass::Dns => "unknown host",
        NetworkClass::Tls => "no secure connection",
        NetworkClass::Timeout => "timed out",
        NetworkClass::Stalled => "went silent",
        NetworkClass::Reset => "connection closed",
        NetworkClass::Decode => "not HTTP",
        NetworkClass::TooLarge => "too large",
        NetworkClass::Source => "file not readable",
        NetworkClass::CircuitOpen => "server left alone",
        NetworkClass::Cancelled => "stopped",
    }
}

/// What the shown body of a refusal says. The wire's own reader needs the unmasked reply, which is gone by now.
#[derive(Default)]
struct Said {
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
}

impl Said {
    fn read(body: &BodyShown) -> Self {
        let BodyShown::Text { text, .. } = body else {
            return Self::default();
        };
        let Ok(Value::Object(body)) = serde_json::from_str(text) else {
            return Self::default();
        };
        let inner = body.get("error").and_then(Value::as_object);
        let word = |value: &Value| match value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let outer = |name: &str| body.get(name).and_then(word);
        let in_error = |name: &str| inner.and_then(|inner| inner.get(name)).and_then(word);
        Self {
            status: outer("statusCode").and_then(|status| status.parse().ok()),
            code: outer("code")
                .or_else(|| outer("error_code"))
                .or_else(|| in_error("code"))
                .or_else(|| in_error("type"))
                .filter(|code| code.len() <= 40),
            message: outer("message")
                .or_else(|| outer("msg"))
                .or_else(|| in_error("message"))
                .or_else(|| outer("error")),
        }
    }
}

/// The beginning of a body on one line.
fn excerpt(body: &BodyShown) -> String {
    match body {
        BodyShown::Empty => String::new(),
        BodyShown::Binary => "a body that is not text".to_owned(),
        BodyShown::Text { text, .. } => {
            let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if let Some((end, _)) = line.char_indices().nth(EXCERPT) {
                line.truncate(end);
                line.push('…');
            }
            line
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, refused};
    use super::*;

    fn status(body: &str, status: u16) -> String {
        Verdict::of(&refused(1, "Upload object", status, body)).unwrap().status
    }

    #[test]
    fn the_bodys_own_status_and_code_stand_beside_https() {
        let too_large =
            r#"{"statusCode":"413","error":"Payload too large","message":"Too large","code":"EntityTooLarge"}"#;
        assert_eq!(status(too_large, 400), "400 · 413 in body");
        assert_eq!(
            status(r#"{"error":{"code":"rate_limit","message":"m"}}"#, 429),
            "429 · rate_limit"
        );
        assert_eq!(status("<html>", 502), "502");
        assert_eq!(
            status(r#"{"statusCode":403,"code":"AccessDenied"}"#, 403),
            "403 · AccessDenied"
        );
    }

    #[test]
    fn a_refusal_shows_what_the_server_said() {
        let body = r#"{"statusCode":"403", "message":"new row violates row-level security policy"}"#;
        let failure = Verdict::of(&refused(1, "Upload object", 400, body))
            .unwrap()
            .failure
            .unwrap();
        assert_eq!(
            failure.what,
            "Upload object did not work: new row violates row-level security policy"
        );
        assert!(
            failure
                .technical
                .starts_with("HTTP 400 · {\"statusCode\":\"403\", \"message\"")
        );
        assert!(failure.advice.contains("policy"));
    }

    #[test]
    fn reads_that_succeed_are_quiet_and_failures_are_not() {
        let quiet = |exchange| Verdict::of(&exchange).unwrap().quiet;
        assert!(quiet(exchange(1, "List objects")));
        assert!(!quiet(exchange(1, "Upload object")));
        assert!(!quiet(refused(1, "List objects", 500, "")));
        assert!(!quiet(refused(1, "Look at bucket", 403, "")));
        let absent = r#"{"statusCode":"404","error":"Bucket not found","message":"Bucket not found"}"#;
        assert!(
            quiet(refused(1, "Look at bucket", 400, absent)),
            "an answer to a question"
        );
        assert!(!quiet(refused(1, "Download object", 400, absent)));
    }
}
