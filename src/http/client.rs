//! Sends calls: one connection pool, repetitions, and a record of every attempt.

use std::sync::{Arc, OnceLock};
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
    /// For this machine in plain HTTP: no proxy, which could not reach it, and no certificates.
    local: reqwest::Client,
    /// For everything else; by way of the system's proxy, if it has one. Made when it is first needed: reading the
    /// system's certificates takes longer than all else that a start without a network needs.
    remote: OnceLock<reqwest::Client>,
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
    /// If TLS cannot be set up on this system.
    pub fn new(transcript: Arc<Transcript>) -> Result<Self, HttpError> {
        Self::with_options(transcript, Options::default())
    }

    /// A client with options of its own.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn with_options(transcript: Arc<Transcript>, options: Options) -> Result<Self, HttpError> {
        let local = builder(options)
            .no_proxy()
            .tls_certs_only([])
            .build()
            .map_err(|error| setup_failed(error.into()))?;
        Ok(Self {
            shared: Arc::new(Shared {
                local,
                remote: OnceLock::new(),
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
        let client = self.client(&url)?;
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
                    result = self.attempt(client, &call, &url, id, attempt) => result,
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

    async fn attempt(
        &self,
        client: &reqwest::Client,
        call: &Call,
        url: &Url,
        id: ExchangeId,
        attempt: u32,
    ) -> Result<Reply, Trouble> {
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

    fn client(&self, url: &Url) -> Result<&reqwest::Client, HttpError> {
        if url.scheme() == "http" && is_loopback(url) {
            return Ok(&self.shared.local);
        }
        if let Some(client) = self.shared.remote.get() {
            return Ok(client);
        }
        let client = builder(self.shared.options)
            .build()
            .map_err(|error| setup_failed(error.into()))?;
        Ok(self.shared.remote.get_or_init(|| client))
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
fn builder(options: Options) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(options.connect_timeout)
        // Storage closes idle connections after 61 s; a request sent into a closing one would be lost.
        .pool_idle_timeout(Duration::from_secs(55))
        // reqwest would carry the apikey header to whatever host a redirect names. None of the APIs redirects; if a
        // server does, its answer is shown.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
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
