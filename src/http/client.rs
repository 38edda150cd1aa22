//! Sends calls: one connection pool, repetitions, and a record of every attempt.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use url::{Host, Url};

use super::call::{Call, Reply};
use super::error::{HttpError, NetworkClass, NetworkFailure, classify};
use super::retry::{Budget, Retry, RetryPolicy, host_works};
use super::stall::{Activity, body};
use super::transcript::{BodyShown, Exchange, ExchangeId, Outcome, Transcript};

/// The client that everything shares. Clones are cheap and share connections, transcript and retry budget.
#[derive(Clone, Debug)]
pub struct Http {
    shared: Arc<Shared>,
}

/// What can be set when it is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How requests are repeated.
    pub retry: RetryPolicy,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            retry: RetryPolicy::default(),
            connect_timeout: Duration::from_secs(10),
        }
    }
}

#[derive(Debug)]
struct Shared {
    /// For other machines; by way of the system's proxy, if it has one.
    remote: reqwest::Client,
    /// For this machine: a proxy could not reach it.
    local: reqwest::Client,
    options: Options,
    budget: Budget,
    transcript: Arc<Transcript>,
}

/// Why one attempt brought no answer.
struct Trouble {
    class: NetworkClass,
    may_have_arrived: bool,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Http {
    /// What every request says of itself. Never like a browser: gateways refuse secret keys from those.
    pub const USER_AGENT: &str = concat!("StoryMimiStudio/", env!("CARGO_PKG_VERSION"));

    /// A client with the usual options.
    ///
    /// # Errors
    /// If TLS cannot be set up (no certificates on the system).
    pub fn new(transcript: Arc<Transcript>) -> Result<Self, HttpError> {
        Self::with_options(transcript, Options::default())
    }

    /// A client with options of its own.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn with_options(transcript: Arc<Transcript>, options: Options) -> Result<Self, HttpError> {
        let build = |proxy: bool| client(options, proxy).map_err(|source| setup_failed(source.into()));
        Ok(Self {
            shared: Arc::new(Shared {
                remote: build(true)?,
                local: build(false)?,
                options,
                budget: Budget::default(),
                transcript,
            }),
        })
    }

    /// What was said lately.
    #[must_use]
    pub fn transcript(&self) -> &Arc<Transcript> {
        &self.shared.transcript
    }

    /// Makes the request, and again where that is right, until there is an answer to hand up.
    ///
    /// # Errors
    /// If there is no answer: see [`NetworkClass`]. An answer of any status is a [`Reply`].
    pub async fn send(&self, call: Call) -> Result<Reply, HttpError> {
        let url = match Url::parse(&call.url) {
            Ok(url) if call.bad_header.is_none() && matches!(url.scheme(), "http" | "https") && !has_password(&url) => {
                url
            }
            url => return Err(self.not_a_request(&call, url.is_ok_and(|url| has_password(&url)))),
        };
        let host = url.authority().to_owned();
        let origin = url.origin().ascii_serialization();
        let mut retries = 0;
        loop {
            let attempt = retries + 1;
            let id = self.shared.transcript.next_id();
            let stopped = |may_have_arrived| Trouble {
                class: NetworkClass::Cancelled,
                may_have_arrived,
                source: None,
            };
            let result = if call.cancel.is_cancelled() {
                Err(stopped(retries > 0))
            } else {
                tokio::select! {
                    () = call.cancel.cancelled() => Err(stopped(true)),
                    result = self.attempt(&call, &url, id, attempt) => result,
                }
            };
            let (throttled, asked) = match &result {
                Ok(reply) => match (call.classify)(reply) {
                    Retry::Throttled { after } => (true, after),
                    Retry::Transient if call.idempotent => (false, reply.retry_after()),
                    Retry::Never | Retry::Transient => {
                        if host_works(reply.status) {
                            self.shared.budget.refund(&host, retries);
                        }
                        return result.map_err(|trouble| self.failed(trouble, &origin, id, attempt));
                    }
                },
                Err(trouble) if trouble.class.is_transient() && (call.idempotent || !trouble.may_have_arrived) => {
                    (false, None)
                }
                Err(_) => return result.map_err(|trouble| self.failed(trouble, &origin, id, attempt)),
            };
            let wait = self.shared.options.retry.wait(attempt, asked);
            let Some(wait) = wait.filter(|_| self.shared.budget.take(&host, throttled)) else {
                return result.map_err(|trouble| self.failed(trouble, &origin, id, attempt));
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = call.cancel.cancelled() => {}
            }
            retries += 1;
        }
    }

    async fn attempt(&self, call: &Call, url: &Url, id: ExchangeId, attempt: u32) -> Result<Reply, Trouble> {
        let encoded = call.body.encode();
        let mut headers = call.headers.clone();
        headers.insert(header::USER_AGENT, header::HeaderValue::from_static(Self::USER_AGENT));
        if let Some((bytes, content_type)) = &encoded {
            headers.insert(header::CONTENT_LENGTH, bytes.len().into());
            let content_type = header::HeaderValue::from_str(content_type).map_err(|error| Trouble {
                class: NetworkClass::Request,
                may_have_arrived: false,
                source: Some(error.into()),
            })?;
            headers.insert(header::CONTENT_TYPE, content_type);
        }
        let mut record = Record::start(
            &self.shared.transcript,
            call,
            url,
            id,
            attempt,
            &headers,
            encoded.as_ref(),
        );
        let activity = Activity::new();
        let client = if is_loopback(url) {
            &self.shared.local
        } else {
            &self.shared.remote
        };
        let mut request = client.request(call.method.clone(), url.clone()).headers(headers);
        if let Some((bytes, _)) = encoded {
            request = request.body(body(bytes, Arc::clone(&activity)));
        }
        let result = exchange(request, call, url.scheme() == "https", &activity, &mut record).await;
        match result {
            Ok((status, headers, body)) => {
                record.answered(&body);
                Ok(Reply {
                    status,
                    headers,
                    body,
                    exchange: id,
                    attempts: attempt,
                })
            }
            Err(trouble) => {
                record.failed(trouble.class, &url.origin().ascii_serialization());
                Err(trouble)
            }
        }
    }

    fn failed(&self, trouble: Trouble, origin: &str, exchange: ExchangeId, attempts: u32) -> HttpError {
        HttpError::new(NetworkFailure {
            class: trouble.class,
            sentence: self.shared.transcript.masker().text(&trouble.class.sentence(origin)),
            // Stopped before it was sent: there is nothing to look at.
            exchange: self.shared.transcript.get(exchange).map(|exchange| exchange.id),
            attempts,
            may_have_arrived: trouble.may_have_arrived,
            source: trouble.source,
        })
    }

    fn not_a_request(&self, call: &Call, password: bool) -> HttpError {
        let sentence = match call.bad_header {
            Some(name) => format!("The header {name} has characters that cannot be sent."),
            None if password => "An address must not have a name or password in it.".to_owned(),
            None => NetworkClass::Request.sentence(&self.shared.transcript.masker().text(&call.url)),
        };
        HttpError::new(NetworkFailure {
            class: NetworkClass::Request,
            sentence,
            exchange: None,
            attempts: 0,
            may_have_arrived: false,
            source: None,
        })
    }
}

/// One request and its whole answer, without repetition.
async fn exchange(
    request: reqwest::RequestBuilder,
    call: &Call,
    encrypted: bool,
    activity: &Activity,
    record: &mut Record,
) -> Result<(::http::StatusCode, HeaderMap, Bytes), Trouble> {
    let lost = |error: reqwest::Error| Trouble {
        class: classify(&error, encrypted),
        may_have_arrived: !error.is_connect() && !error.is_builder(),
        source: Some(error.without_url().into()),
    };
    let stalled = |error: super::stall::Stalled| Trouble {
        class: NetworkClass::Stalled,
        may_have_arrived: true,
        source: Some(error.into()),
    };
    let too_large = || Trouble {
        class: NetworkClass::TooLarge,
        may_have_arrived: true,
        source: None,
    };

    let mut response = activity
        .watch(call.stall, request.send())
        .await
        .map_err(stalled)?
        .map_err(lost)?;
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    record.head(status, &headers);
    let announced = response.content_length().unwrap_or_default();
    if announced > call.most as u64 {
        return Err(too_large());
    }
    // A server's word for the size is not worth memory before the bytes are here.
    let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default().min(1 << 20));
    while let Some(chunk) = activity
        .watch(call.stall, response.chunk())
        .await
        .map_err(stalled)?
        .map_err(lost)?
    {
        if body.len() + chunk.len() > call.most {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, headers, body.freeze()))
}

#[expect(clippy::disallowed_methods, reason = "this is the one way out")]
fn client(options: Options, proxy: bool) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .connect_timeout(options.connect_timeout)
        // Storage closes idle connections after 61 s; a request sent into a closing one would be lost.
        .pool_idle_timeout(Duration::from_secs(55))
        // reqwest would carry the apikey header to whatever host a redirect names. None of the APIs redirects; if a
        // server does, its answer is shown.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if proxy {
        builder.build()
    } else {
        builder.no_proxy().build()
    }
}

fn setup_failed(source: Box<dyn std::error::Error + Send + Sync>) -> HttpError {
    HttpError::new(NetworkFailure {
        class: NetworkClass::Tls,
        sentence: "Secure connections cannot be set up on this computer. Are its root certificates installed?"
            .to_owned(),
        exchange: None,
        attempts: 0,
        may_have_arrived: false,
        source: Some(source),
    })
}

fn has_password(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The record of an attempt while it is under way. If the future is dropped in the middle, it says so.
struct Record {
    transcript: Arc<Transcript>,
    exchange: Option<Exchange>,
    started: Instant,
}

impl Record {
    fn start(
        transcript: &Arc<Transcript>,
        call: &Call,
        url: &Url,
        id: ExchangeId,
        attempt: u32,
        headers: &HeaderMap,
        body: Option<&(Bytes, String)>,
    ) -> Self {
        let masker = transcript.masker();
        let exchange = Exchange {
            id,
            operation: call.operation,
            target: masker.text(&call.target),
            method: call.method.clone(),
            url: masker.text(url.as_str()),
            request_headers: transcript.mask_headers(headers),
            request_body: body.map_or(BodyShown::Empty, |(bytes, kind)| {
                transcript.mask_body(bytes, Some(kind))
            }),
            request_size: body.map_or(0, |(bytes, _)| bytes.len() as u64),
            status: None,
            response_headers: Vec::new(),
            response_body: BodyShown::Empty,
            response_size: 0,
            started_at: Timestamp::now(),
            duration: None,
            attempt,
            outcome: Outcome::Pending,
        };
        transcript.record(exchange.clone());
        Self {
            transcript: Arc::clone(transcript),
            exchange: Some(exchange),
            started: Instant::now(),
        }
    }

    fn head(&mut self, status: ::http::StatusCode, headers: &HeaderMap) {
        if let Some(exchange) = &mut self.exchange {
            exchange.status = Some(status);
            exchange.response_headers = self.transcript.mask_headers(headers);
        }
    }

    fn answered(&mut self, body: &Bytes) {
        if let Some(exchange) = &mut self.exchange {
            let kind = exchange
                .response_headers
                .iter()
                .find(|(name, _)| name == "content-type");
            exchange.response_body = self.transcript.mask_body(body, kind.map(|(_, value)| value.as_str()));
            exchange.response_size = body.len() as u64;
        }
        self.end(Outcome::Answered);
    }

    fn failed(&mut self, class: NetworkClass, origin: &str) {
        let sentence = self.transcript.masker().text(&class.sentence(origin));
        self.end(Outcome::Failed { class, sentence });
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(mut exchange) = self.exchange.take() {
            exchange.duration = Some(self.started.elapsed());
            exchange.outcome = outcome;
            tracing::debug!(
                id = exchange.id.0,
                operation = exchange.operation,
                target = exchange.target,
                status = exchange.status.map(|status| status.as_u16()),
                attempt = exchange.attempt,
                duration = ?exchange.duration,
                outcome = ?exchange.outcome,
                "exchange"
            );
            self.transcript.record(exchange);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use ::http::{Method, StatusCode};
    use axum::Router;
    use axum::response::IntoResponse as _;
    use axum::routing::{any, get};
    use serde_json::json;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::http::testing::{End, impatient, scripted, serve};
    use crate::http::{Body, Secret};

    fn read(url: &str) -> Call {
        Call::new("Test", "thing", Method::GET, url)
    }

    fn write(url: &str) -> Call {
        Call::new("Test", "thing", Method::POST, url).json(json!({"a": 1}))
    }

    /// Answers as told by the number of the request, from 0.
    async fn counted(answer: fn(u32) -> axum::response::Response) -> (String, Arc<AtomicU32>) {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        let url = serve(Router::new().fallback(any(move || {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            async move { answer(number) }
        })))
        .await;
        (url, count)
    }

    #[tokio::test]
    async fn says_who_it_is_and_what_it_sends() {
        let url = serve(
            Router::new().fallback(any(|request: axum::extract::Request| async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
                format!("{} {} {:?} {}", parts.method, parts.uri, parts.headers, body.len())
            })),
        )
        .await;
        let http = impatient();
        let bytes = Bytes::from(vec![7; 300_000]);
        let call = Call::new("Test", "", Method::POST, format!("{url}/a%20b?c=%2B"))
            .header("x-upsert", "true")
            .body(Body::Bytes {
                bytes,
                content_type: "image/png".into(),
            });
        let text = String::from_utf8(http.send(call).await.unwrap().body.to_vec()).unwrap();
        assert!(text.starts_with("POST /a%20b?c=%2B"), "{text}");
        assert!(
            text.ends_with(" 300000") && text.contains("\"content-length\": \"300000\""),
            "{text}"
        );
        assert!(text.contains(concat!("StoryMimiStudio/", env!("CARGO_PKG_VERSION"))) && text.contains("x-upsert"));
        let empty = http.send(Call::new("Test", "", Method::DELETE, url)).await.unwrap();
        assert!(
            !String::from_utf8(empty.body.to_vec()).unwrap().contains("content-type"),
            "no body, no type"
        );
    }

    #[tokio::test]
    async fn any_status_is_an_answer_and_redirects_are_not_followed() {
        for status in [200, 204, 302, 304, 404, 418] {
            let status = StatusCode::from_u16(status).unwrap();
            let url = serve(Router::new().fallback(any(move || async move { (status, [("location", "/x")]) }))).await;
            assert_eq!(impatient().send(read(&url)).await.unwrap().status, status);
        }
    }

    #[tokio::test]
    async fn waits_as_long_as_a_throttled_server_asks_in_any_form() {
        for (name, value) in [
            ("retry-after", "0"),
            ("retry-after", "0.001"),
            ("retry-after-ms", "1"),
            ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("x-nothing", ""),
        ] {
            let count = Arc::new(AtomicU32::new(0));
            let counter = Arc::clone(&count);
            let url = serve(Router::new().fallback(any(move || {
                let first = counter.fetch_add(1, Ordering::SeqCst) == 0;
                async move {
                    (
                        if first {
                            StatusCode::TOO_MANY_REQUESTS
                        } else {
                            StatusCode::OK
                        },
                        [(name, value)],
                    )
                }
            })))
            .await;
            // Not idempotent: a throttled request was not carried out, so it is made again all the same.
            let reply = impatient().send(write(&url)).await.unwrap();
            assert_eq!(
                (reply.status, reply.attempts, count.load(Ordering::SeqCst)),
                (StatusCode::OK, 2, 2),
                "{name} {value}"
            );
        }
        let (url, count) =
            counted(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "86400")]).into_response()).await;
        assert_eq!(
            impatient().send(read(&url)).await.unwrap().status,
            StatusCode::TOO_MANY_REQUESTS
        );
        assert_eq!(count.load(Ordering::SeqCst), 1, "a day is not waited for");
    }

    #[tokio::test]
    async fn only_what_may_be_done_twice_is_repeated_after_a_servers_trouble() {
        let (url, count) = counted(|_| (StatusCode::BAD_GATEWAY, "<html>").into_response()).await;
        let reply = impatient().send(read(&url)).await.unwrap();
        assert_eq!((reply.status, reply.attempts), (StatusCode::BAD_GATEWAY, 4));
        assert_eq!(count.swap(0, Ordering::SeqCst), 4);
        impatient().send(write(&url)).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn stops_repeating_when_the_budget_of_the_host_is_spent() {
        let (url, count) = counted(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()).await;
        let http = impatient();
        for _ in 0..40 {
            http.send(read(&url)).await.unwrap();
        }
        // 35 retries cost 14 of 500 each; 40 first attempts are free.
        assert_eq!(count.load(Ordering::SeqCst), 75);
    }

    #[tokio::test]
    async fn nobody_there_is_said_plainly_and_tried_again() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = impatient()
            .send(write(&format!("http://{address}/x")))
            .await
            .unwrap_err();
        assert_eq!(
            (error.class, error.attempts, error.may_have_arrived),
            (NetworkClass::Connect, 4, false)
        );
        assert_eq!(
            error.to_string(),
            format!("Nothing answers at http://{address}. Is the server running?")
        );
        assert!(error.exchange.is_some());
    }

    #[tokio::test]
    async fn names_that_nobody_has_and_addresses_that_are_none() {
        let error = impatient()
            .send(read("http://no-such-host.invalid/"))
            .await
            .unwrap_err();
        assert_eq!(error.class, NetworkClass::Dns, "{:?}", error.source);
        for url in ["", "not an address", "ftp://x/y", "http://"] {
            let error = impatient().send(read(url)).await.unwrap_err();
            assert_eq!((error.class, error.attempts), (NetworkClass::Request, 0), "{url}");
        }
        let error = impatient()
            .send(read("http://127.0.0.1:1/").header("x-a", "line\nbreak"))
            .await
            .unwrap_err();
        assert_eq!(error.class, NetworkClass::Request);
    }

    #[tokio::test]
    async fn a_server_without_tls_is_told_from_one_that_is_not_there() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut socket, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            }
        });
        let error = impatient()
            .send(read(&format!("https://{address}/")))
            .await
            .unwrap_err();
        assert_eq!(error.class, NetworkClass::Tls, "{:?}", error.source);
    }

    const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
    const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";

    #[tokio::test]
    async fn an_answer_cut_short_is_no_answer() {
        for end in [End::Reset, End::Close] {
            let (url, seen) = scripted(&[(HALF, end), (GOOD, End::Close)]).await;
            let reply = impatient().send(read(&url)).await.unwrap();
            assert_eq!((&reply.body[..], reply.attempts), (&b"ok"[..], 2));
            assert_eq!(seen.lock().unwrap().len(), 2);

            let (url, seen) = scripted(&[(HALF, end), (GOOD, End::Close)]).await;
            let error = impatient().send(write(&url)).await.unwrap_err();
            assert_eq!((error.class, error.may_have_arrived), (NetworkClass::Reset, true));
            assert_eq!(
                seen.lock().unwrap().len(),
                1,
                "a write whose answer was lost is not repeated"
            );
        }
    }

    #[tokio::test]
    async fn a_length_that_lies_is_noticed() {
        const MORE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nsmall";
        let (url, _) = scripted(&[(MORE, End::Close)]).await;
        let error = impatient().send(read(&url)).await.unwrap_err();
        assert_eq!((error.class, error.attempts), (NetworkClass::TooLarge, 1));

        let url = serve(Router::new().route("/", get(|| async { vec![0_u8; 100_000] }))).await;
        let error = impatient().send(read(&url).at_most(50_000)).await.unwrap_err();
        assert_eq!(error.class, NetworkClass::TooLarge);
        // Chunked: no length is announced.
        const CHUNKED: &str =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nsixsix\r\n6\r\nsixsix\r\n0\r\n\r\n";
        let (url, _) = scripted(&[(CHUNKED, End::Close)]).await;
        let error = impatient().send(read(&url).at_most(10)).await.unwrap_err();
        assert_eq!(error.class, NetworkClass::TooLarge);
    }

    #[tokio::test]
    async fn what_is_not_http_is_said_to_be_none() {
        let (url, _) = scripted(&[("SSH-2.0-OpenSSH_9.6\r\n", End::Close)]).await;
        let error = impatient().send(read(&url)).await.unwrap_err();
        assert_eq!(error.class, NetworkClass::Decode, "{:?}", error.source);
    }

    #[tokio::test]
    async fn silence_ends_a_call_before_and_within_the_answer() {
        for answer in ["", HALF] {
            let (url, _) = scripted(&[(answer, End::Silence)]).await;
            let error = impatient()
                .send(write(&url).stall_after(Duration::from_millis(60)))
                .await
                .unwrap_err();
            assert_eq!(
                (error.class, error.may_have_arrived, error.attempts),
                (NetworkClass::Stalled, true, 1)
            );
        }
    }

    #[tokio::test]
    async fn can_be_stopped_from_outside() {
        let (url, seen) = scripted(&[("", End::Silence)]).await;
        let (http, token) = (impatient(), CancellationToken::new());
        let call = write(&url).cancel(token.clone());
        let task = tokio::spawn({
            let http = http.clone();
            async move { http.send(call).await }
        });
        while seen.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        token.cancel();
        let error = task.await.unwrap().unwrap_err();
        assert_eq!((error.class, error.may_have_arrived), (NetworkClass::Cancelled, true));
        assert_eq!(
            http.transcript().get(error.exchange.unwrap()).unwrap().outcome,
            Outcome::Cancelled
        );
        let error = http.send(write(&url).cancel(token)).await.unwrap_err();
        assert_eq!(
            (error.class, error.may_have_arrived, error.exchange),
            (NetworkClass::Cancelled, false, None)
        );
    }

    #[tokio::test]
    async fn no_secret_is_seen_through_any_door() {
        const CANARY: &str = "c4n4ry+/0123456789=c4n4ry";
        let (url, _) = counted(|number| {
            let status = if number == 0 {
                StatusCode::BAD_GATEWAY
            } else {
                StatusCode::OK
            };
            let headers = [("x-echo", CANARY), ("set-cookie", CANARY)];
            (
                status,
                headers,
                axum::Json(json!({ "password": "sh0rt", "text": format!("it was {CANARY}") })),
            )
                .into_response()
        })
        .await;
        let http = impatient();
        let secret = Secret::new(CANARY);
        http.transcript().masker().remember(&secret);
        let mut news = http.transcript().subscribe();
        let encoded = percent_encoding::utf8_percent_encode(CANARY, percent_encoding::NON_ALPHANUMERIC);
        let call = Call::new(
            "Test",
            format!("target {CANARY}"),
            Method::PUT,
            format!("{url}/{encoded}?token=t0k3n&x={encoded}"),
        )
        .secret_header("apikey", "", &secret)
        .secret_header("authorization", "Bearer ", &secret)
        .header("x-other", CANARY)
        .json(json!({ "password": "sh0rt", "nested": { "a": CANARY } }));
        let reply = http.send(call).await.unwrap();
        assert_eq!(reply.attempts, 2);
        assert!(
            String::from_utf8_lossy(&reply.body).contains(CANARY),
            "the caller sees what came"
        );
        let mut shown = String::new();
        while let Ok(exchange) = news.try_recv() {
            shown += &format!("{exchange:?}\n{}\n", exchange.curl());
        }
        let dead = http
            .send(read(&format!("http://x:{encoded}@127.0.0.1:1/{encoded}")))
            .await
            .unwrap_err();
        shown += &format!("{dead:?} {dead}");
        let dead = http
            .send(read(&format!("http://127.0.0.1:1/{encoded}")))
            .await
            .unwrap_err();
        shown += &format!("{dead:?} {dead} {http:?}");
        for part in ["c4n4ry", "0123456789", "t0k3n", "sh0rt", "YzRuNHJ5"] {
            assert!(!shown.contains(part), "{part} in {shown}");
        }
        assert!(shown.contains("$SUPABASE_KEY"));
    }
}
