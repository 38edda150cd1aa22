//! What the server really answers to the URLs of an object, without a key and with the workspace's.

use std::time::Duration;

use ::http::Method;
use futures_util::future::join_all;
use serde_json::Value;

use super::{Problem, Service};
use crate::http::{Call, ExchangeId, Retry};
use crate::supabase::{BucketName, ObjectKey, url};

/// One URL and its answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeRow {
    /// What the URL is for: "Public", "Authenticated", "Info", "As typed".
    pub route: &'static str,
    /// The URL.
    pub url: String,
    /// What a visitor gets.
    pub anonymous: ProbeAnswer,
    /// What this workspace's key gets; never asked for a URL that was typed, which may lead anywhere.
    pub with_key: Option<ProbeAnswer>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeAnswer {
    /// The status of HTTP; none if there was no answer.
    pub status: Option<u16>,
    /// The real status, where storage says another one in the body.
    pub status_in_body: Option<u16>,
    /// The server's own code, such as `NoSuchKey`.
    pub code: Option<String>,
    /// What the server or the network said went wrong.
    pub message: String,
    /// The type of the answer.
    pub content_type: Option<String>,
    /// Bytes of the answer.
    pub size: u64,
    /// How long it took, from the first byte sent to the last one received; zero if nothing was sent.
    pub duration: Duration,
    /// Where it is in the transcript.
    pub exchange: Option<ExchangeId>,
}

impl ProbeAnswer {
    /// Whether the object, or what is known of it, was handed out.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

impl Service {
    /// Reads the URLs of an object, all at the same time: public, authenticated and info, each without a key and with
    /// this workspace's, and `typed` as it stands, without a key. Only reads; nothing is tried twice but with other
    /// credentials, where the first ones had ended.
    ///
    /// # Errors
    /// Never: what fails is part of the answer. The type is that of a load.
    pub async fn probe(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        typed: Option<&str>,
    ) -> Result<Vec<ProbeRow>, Problem> {
        let project = &self.workspace().url;
        let target = format!("{bucket}/{key}");
        let routes = [
            ("Public", url::public_url(project, bucket, key)),
            ("Authenticated", url::authenticated_url(project, bucket, key)),
            ("Info", url::info_url(project, bucket, key)),
        ];
        let typed = typed
            .map(str::trim)
            .filter(|text| is_web(text) && routes.iter().all(|(_, url)| url != text));
        let own = routes.map(|(route, url)| {
            let target = &target;
            async move {
                let (anonymous, with_key) = tokio::join!(self.ask(target, &url, false), self.ask(target, &url, true));
                ProbeRow {
                    route,
                    url,
                    anonymous,
                    with_key: Some(with_key),
                }
            }
        });
        let (typed, own) = tokio::join!(
            async {
                let url = typed?;
                let anonymous = self.ask(&target, url, false).await;
                Some(ProbeRow {
                    route: "As typed",
                    url: url.to_owned(),
                    anonymous,
                    with_key: None,
                })
            },
            join_all(own),
        );
        Ok(typed.into_iter().chain(own).collect())
    }

    async fn ask(&self, target: &str, url: &str, with_key: bool) -> ProbeAnswer {
        // A repeated request would hide what is to be seen.
        let call = Call::new("Check URL", target, Method::GET, url)
            .classify(|_| Retry::Never)
            .idempotent(false);
        let result = if with_key {
            let reply = self.inner.supabase.reply_to(call).await;
            reply.map_err(|error| (error.message.clone(), error.exchange))
        } else {
            let reply = self.inner.http.send(call).await;
            reply.map_err(|error| (error.sentence.clone(), error.exchange))
        };
        // Of the answer alone: a session may have been refreshed before it.
        let lasted = |exchange| {
            self.inner
                .transcript
                .get(exchange)
                .and_then(|exchange| exchange.duration)
        };
        match result {
            Ok(reply) => {
                let fault = if reply.is_success() {
                    Fault::default()
                } else {
                    Fault::read(&reply.body)
                };
                let status = reply.status.as_u16();
                ProbeAnswer {
                    status: Some(status),
                    status_in_body: fault.status.filter(|inner| *inner != status),
                    code: fault.code,
                    message: fault.message,
                    content_type: reply.content_type().map(str::to_owned),
                    size: reply.body.len() as u64,
                    duration: lasted(reply.exchange).unwrap_or_default(),
                    exchange: Some(reply.exchange),
                }
            }
            Err((message, exchange)) => ProbeAnswer {
                status: None,
                status_in_body: None,
                code: None,
                message,
                content_type: None,
                size: 0,
                duration: exchange.and_then(lasted).unwrap_or_default(),
                exchange,
            },
        }
    }
}

fn is_web(text: &str) -> bool {
    ::url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// What storage says in the body of a refusal.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fault {
    status: Option<u16>,
    code: Option<String>,
    message: String,
}

impl Fault {
    fn read(body: &[u8]) -> Self {
        let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let text = |name: &str| match body.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        Self {
            // Storage writes the status as a string: {"statusCode":"404","error":"not_found",…}.
            status: text("statusCode").and_then(|status| status.parse().ok()),
            code: text("code").or_else(|| text("error")),
            message: text("message").or_else(|| text("msg")).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_real_status_and_code_of_a_refusal() {
        let fault =
            Fault::read(br#"{"statusCode":"404","error":"not_found","message":"Object not found","code":"NoSuchKey"}"#);
        assert_eq!((fault.status, fault.code.as_deref()), (Some(404), Some("NoSuchKey")));
        assert_eq!(
            Fault::read(br#"{"statusCode":400,"error":"Bad Request"}"#)
                .code
                .as_deref(),
            Some("Bad Request")
        );
        assert_eq!(Fault::read(b"<html>"), Fault::default());
    }

    #[test]
    fn only_addresses_of_the_web_are_asked_as_typed() {
        assert!(
            is_web("https://https://a.example/b"),
            "the server of the wrong host answers, which is to be seen"
        );
        for text in ["story-images/a.png", "file:///etc/passwd", "s3://bucket/key", ""] {
            assert!(!is_web(text), "{text}");
        }
    }
}
