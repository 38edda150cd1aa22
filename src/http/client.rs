//! Sends calls: one connection pool, repetitions, and a record of every attempt.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ::http::HeaderMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use url::Url;

use super::address::Address;
use super::attempt::{Answer, Attempt, Trouble};
use super::breaker::{Breakers, Health, Waiting};
use super::certificate::{CertificateFacts, Certificates};
use super::clock::{ClockOffset, Clocks};
use super::error::{HttpError, NetworkClass, NetworkFailure};
use super::persistence::Persistence;
use super::rate::{Rate, Rates};
use super::retry::{Budget, Retry, RetryPolicy};
use super::sending::Sending;
use super::streaming::Streaming;
use super::throttle::Throttles;
use super::transcript::{ExchangeId, Transcript};
use super::{Call, Reply};

/// The client that everything shares. Clones are cheap and share connections, transcript, retry budget,
/// circuit breakers and rates.
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
    breakers: Breakers,
    rates: Rates,
    throttles: Throttles,
    clocks: Clocks,
    certificates: Certificates,
    transcript: Arc<Transcript>,
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
                breakers: Breakers::default(),
                rates: Rates::default(),
                throttles: Throttles::default(),
                clocks: Clocks::default(),
                certificates: Certificates::default(),
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
        match Box::pin(self.run(&call, false)).await? {
            Answer::Whole(reply) => Ok(reply),
            Answer::Open(streaming) => streaming.into_reply(call.most).await,
        }
    }

    /// As [`Http::send`], but the body of a success is left to be read, however long it is. It is not repeated once it
    /// has begun: who reads it knows how to go on, see [`Http::persistence`].
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn open(&self, call: Call) -> Result<Streaming, HttpError> {
        match Box::pin(self.run(&call, true)).await? {
            Answer::Whole(reply) => Ok(reply.into()),
            Answer::Open(streaming) => Ok(streaming),
        }
    }

    /// Counts the failures of something that takes several calls to the server at `url`, and waits between them.
    #[must_use]
    pub fn persistence(&self, url: &str) -> Persistence {
        Persistence::new(self.clone(), origin(url))
    }

    /// Sends the server at `url` no more than so many requests a minute from now on, whoever sends them; None lifts it.
    /// Calls that have to wait do so before they are sent, and can be stopped.
    pub fn set_rate(&self, url: &str, rate: Option<Rate>) {
        self.shared.rates.set(&origin(url), rate);
    }

    /// The servers that are left alone for now because they keep failing. The receiver sees each change.
    #[must_use]
    pub fn waiting(&self) -> watch::Receiver<Vec<Waiting>> {
        self.shared.breakers.watch()
    }

    /// How often the server at `url` has said, since the program began, that it was sent too much. Requests that were made
    /// again and then succeeded count, too.
    #[must_use]
    pub fn throttled(&self, url: &str) -> u64 {
        self.shared.throttles.get(&origin(url))
    }

    /// How far the clock of the server at `url` is from this computer's, if it has answered lately.
    #[must_use]
    pub fn clock_offset(&self, url: &str) -> Option<ClockOffset> {
        self.shared.clocks.get(&origin(url))
    }

    /// What the certificate of the server at `url` says, if it was connected to by HTTPS.
    #[must_use]
    pub fn certificate(&self, url: &str) -> Option<CertificateFacts> {
        self.shared.certificates.get(&origin(url))
    }

    async fn run(&self, call: &Call, open: bool) -> Result<Answer, HttpError> {
        let mut address = Address::of(call).map_err(|sentence| self.refused(NetworkClass::Request, &sentence))?;
        // It is shown where the server is waited for.
        address.endpoint = self.shared.transcript.masker().text(&address.endpoint);
        let client = self.client(&address)?;
        let permit = self
            .shared
            .breakers
            .enter(&address.origin, &address.endpoint)
            .map_err(|until| self.left_alone(&address, until))?;
        let (policy, budget) = (self.shared.options.retry, &self.shared.budget);
        let body = call.body.outgoing();
        let (mut number, mut repeated_once, mut may_have_arrived) = (1, false, false);
        loop {
            let sending = Sending::new(body.as_ref().map_or(0, |body| body.source.length()));
            let end = sending.end_on_drop();
            let attempt = Attempt {
                http: self,
                client,
                call,
                address: &address,
                body: body.as_ref(),
                sending: &sending,
                id: self.shared.transcript.next_id(),
                number,
                open,
            };
            let id = attempt.id;
            let result = tokio::select! {
                biased;
                () = call.cancel.cancelled() => Err(Trouble {
                    class: NetworkClass::Cancelled,
                    may_have_arrived: sending.may_have_arrived(),
                    source: None,
                }),
                result = attempt.make() => result,
            };
            if matches!(result, Ok(Answer::Open(_))) {
                // It ends with its body.
                end.disarm();
            }
            let judgement = Judgement::of(&result, call);
            if matches!(judgement.retry, Retry::Throttled { .. }) {
                self.shared.throttles.count(&address.origin);
            }
            may_have_arrived |= judgement.may_have_arrived;
            let wait = match judgement.retry {
                Retry::Transient if judgement.may_repeat => policy.wait(number, judgement.asked),
                Retry::Throttled { after } => policy.wait(number, after),
                Retry::Once { after } if !repeated_once => {
                    repeated_once = true;
                    Some(policy.wait_once(after))
                }
                Retry::Never | Retry::Transient | Retry::Once { .. } => None,
            };
            let throttled = !matches!(judgement.retry, Retry::Transient);
            let Some(wait) = wait.filter(|_| permit.may_repeat() && budget.take(&address.origin, throttled)) else {
                if judgement.health == Health::Works {
                    budget.refund(&address.origin, number - 1);
                }
                permit.report(judgement.health);
                return result.map_err(|trouble| self.failed(trouble, may_have_arrived, &address, id, number));
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = call.cancel.cancelled() => {}
            }
            number += 1;
        }
    }

    fn client(&self, address: &Address) -> Result<&reqwest::Client, HttpError> {
        if address.is_local() {
            return Ok(&self.shared.local);
        }
        if let Some(client) = self.shared.remote.get() {
            return Ok(client);
        }
        let client = builder(self.shared.options)
            .tls_info(true)
            .build()
            .map_err(|error| setup_failed(error.into()))?;
        Ok(self.shared.remote.get_or_init(|| client))
    }

    /// Waits until the server may be sent a request.
    pub(super) async fn turn(&self, address: &Address) {
        self.shared.rates.turn(&address.origin).await;
    }

    /// Takes what an answer, its headers apart, says besides its meaning.
    pub(super) fn learn(&self, address: &Address, headers: &HeaderMap, response: &reqwest::Response, sent: Timestamp) {
        self.shared
            .clocks
            .learn(&address.origin, headers, sent, Timestamp::now());
        let tls = response.extensions().get::<reqwest::tls::TlsInfo>();
        if let Some(certificate) = tls.and_then(reqwest::tls::TlsInfo::peer_certificate) {
            self.shared.certificates.learn(&address.origin, certificate);
        }
    }

    /// Counts an answer that broke off before it brought anything, after its call had been counted as a success.
    pub(super) fn failed_late(&self, address: &Address) {
        self.shared.breakers.failed_late(&address.origin, &address.endpoint);
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.shared.budget
    }

    pub(super) fn retry_policy(&self) -> RetryPolicy {
        self.shared.options.retry
    }

    pub(super) fn failed(
        &self,
        trouble: Trouble,
        may_have_arrived: bool,
        address: &Address,
        exchange: ExchangeId,
        attempts: u32,
    ) -> HttpError {
        let sentence = trouble.sentence(&address.origin);
        HttpError::new(NetworkFailure {
            class: trouble.class,
            sentence: self.shared.transcript.masker().text(&sentence),
            // Stopped before it was sent: there is nothing to look at.
            exchange: self.shared.transcript.get(exchange).map(|exchange| exchange.id),
            attempts,
            may_have_arrived,
            retry_at: None,
            source: trouble.source,
        })
    }

    fn left_alone(&self, address: &Address, until: Timestamp) -> HttpError {
        let clock = until.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S");
        let sentence = format!(
            "{} keeps failing; the program waits until {clock} before it asks again.",
            address.origin
        );
        let mut failure = self.bare(NetworkClass::CircuitOpen, &sentence);
        failure.retry_at = Some(until);
        HttpError::new(failure)
    }

    fn refused(&self, class: NetworkClass, sentence: &str) -> HttpError {
        HttpError::new(self.bare(class, sentence))
    }

    /// A failure before anything was sent.
    fn bare(&self, class: NetworkClass, sentence: &str) -> NetworkFailure {
        NetworkFailure {
            class,
            sentence: self.shared.transcript.masker().text(sentence),
            exchange: None,
            attempts: 0,
            may_have_arrived: false,
            retry_at: None,
            source: None,
        }
    }
}

/// What an attempt means for the next one.
struct Judgement {
    retry: Retry,
    /// Whether doing it again cannot do it twice.
    may_repeat: bool,
    may_have_arrived: bool,
    /// The server's wish for the time of a next attempt.
    asked: Option<Duration>,
    health: Health,
}

impl Judgement {
    fn of(result: &Result<Answer, Trouble>, call: &Call) -> Self {
        match result {
            Ok(Answer::Open(_)) => Self {
                retry: Retry::Never,
                may_repeat: false,
                may_have_arrived: true,
                asked: None,
                health: Health::Works,
            },
            Ok(Answer::Whole(reply)) => {
                let retry = (call.classify)(reply);
                Self {
                    retry,
                    may_repeat: call.idempotent,
                    may_have_arrived: retry == Retry::Transient,
                    asked: reply.retry_after(),
                    health: match retry {
                        Retry::Throttled { .. } => Health::Unknown,
                        Retry::Transient => Health::Fails,
                        Retry::Never | Retry::Once { .. } if reply.status.as_u16() == 429 => Health::Unknown,
                        Retry::Never | Retry::Once { .. } if reply.status.is_server_error() => Health::Fails,
                        Retry::Never | Retry::Once { .. } => Health::Works,
                    },
                }
            }
            Err(trouble) => Self {
                retry: if trouble.class.is_transient() {
                    Retry::Transient
                } else {
                    Retry::Never
                },
                may_repeat: call.idempotent || !trouble.may_have_arrived,
                may_have_arrived: trouble.may_have_arrived,
                asked: None,
                health: match trouble.class {
                    NetworkClass::Request
                    | NetworkClass::Source
                    | NetworkClass::CircuitOpen
                    | NetworkClass::Cancelled => Health::Unknown,
                    NetworkClass::TooLarge => Health::Works,
                    _ => Health::Fails,
                },
            },
        }
    }
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
        retry_at: None,
        source: Some(source),
    })
}

/// Scheme, host and port of an address; the text itself if it is none, which then is nobody's.
fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.origin().ascii_serialization())
}
