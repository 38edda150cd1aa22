//! What can go wrong on the way, before there is an answer.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::ops::Deref;

use jiff::Timestamp;

use super::ExchangeId;

/// Trouble on the way to the server or back. Any answer, whatever its status, is a [`super::Reply`] instead.
///
/// A pointer to its [`NetworkFailure`], whose fields are read through it.
#[derive(Debug)]
pub struct HttpError(Box<NetworkFailure>);

/// What an [`HttpError`] knows.
#[derive(Debug)]
pub struct NetworkFailure {
    /// Which kind of trouble.
    pub class: NetworkClass,
    /// What happened and what to look at, in plain words; secrets masked.
    pub sentence: String,
    /// The attempt that failed last, in the transcript. None if nothing was tried.
    pub exchange: Option<ExchangeId>,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether the server may have received and carried out the request, in any attempt, although no answer came back.
    pub may_have_arrived: bool,
    /// When the server will be asked again, if it is left alone for now: [`NetworkClass::CircuitOpen`].
    pub retry_at: Option<Timestamp>,
    /// The underlying error.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of trouble between two computers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkClass {
    /// The address is none that can be called, or the request cannot be built.
    Request,
    /// No connection: nothing listens there, or a firewall drops it.
    Connect,
    /// The host's name is unknown.
    Dns,
    /// No encrypted connection: a certificate that is not trusted, or no TLS at all.
    Tls,
    /// No connection within the time for one.
    Timeout,
    /// Connected, but nothing moved for too long.
    Stalled,
    /// The connection ended in the middle.
    Reset,
    /// What came back is not HTTP.
    Decode,
    /// The answer is larger than the caller allows.
    TooLarge,
    /// What was to be sent could not be read, or was changed while it was sent.
    Source,
    /// Not tried: the server has failed too often lately, and is left alone for a while.
    CircuitOpen,
    /// The user stopped it.
    Cancelled,
}

impl NetworkClass {
    /// Whether the same request may well succeed a little later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Connect | Self::Dns | Self::Timeout | Self::Stalled | Self::Reset | Self::CircuitOpen
        )
    }

    /// The sentence for this trouble with a server at `origin` (scheme, host and port).
    pub(super) fn sentence(self, origin: &str) -> String {
        match self {
            Self::Request => format!("No request can be made to {origin}. Check the address."),
            Self::Connect => format!("Nothing answers at {origin}. Is the server running?"),
            Self::Dns => format!("The name in {origin} is unknown. Check the spelling and the internet connection."),
            Self::Tls => format!(
                "No secure connection to {origin}. Its certificate is not trusted, or it does not speak HTTPS at that port."
            ),
            Self::Timeout => {
                format!("No connection to {origin} in time. Check the internet connection, then try again.")
            }
            Self::Stalled => format!("{origin} went silent in the middle. Try again in a moment."),
            Self::Reset => format!("{origin} closed the connection in the middle. Try again in a moment."),
            Self::Decode => format!("What {origin} sent back is not HTTP. Is this the right port?"),
            Self::TooLarge => format!("The answer from {origin} is larger than allowed; it was not read to its end."),
            Self::Source => "What was to be sent could not be read to its end. Nothing was stored.".to_owned(),
            Self::CircuitOpen => format!("{origin} keeps failing and is left alone for a while."),
            Self::Cancelled => "Stopped.".to_owned(),
        }
    }
}

impl HttpError {
    pub(super) fn new(failure: NetworkFailure) -> Self {
        Self(Box::new(failure))
    }
}

impl Deref for HttpError {
    type Target = NetworkFailure;

    fn deref(&self) -> &NetworkFailure {
        &self.0
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.sentence)
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// Sorts reqwest's errors. `encrypted` is whether the address begins with https.
pub(super) fn classify(error: &reqwest::Error, encrypted: bool) -> NetworkClass {
    if error.is_builder() {
        NetworkClass::Request
    } else if error.is_dns() {
        NetworkClass::Dns
    } else if error.is_connect() {
        if error.is_timeout() {
            return NetworkClass::Timeout;
        }
        // rustls reports what it does not like as InvalidData, and a peer that hangs up on it as an early end.
        let tls = |kind| matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof);
        if encrypted && io_kinds(error).into_iter().any(tls) {
            NetworkClass::Tls
        } else {
            NetworkClass::Connect
        }
    } else if is_not_http(error) {
        NetworkClass::Decode
    } else {
        NetworkClass::Reset
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The kinds of all I/O errors in the chain, wrapped ones included: `source()` of one leaps over what it wraps.
fn io_kinds(error: &reqwest::Error) -> Vec<io::ErrorKind> {
    let mut kinds = Vec::new();
    for link in chain(error) {
        let mut wrapped = link.downcast_ref::<io::Error>();
        while let Some(error) = wrapped {
            kinds.push(error.kind());
            wrapped = error.get_ref().and_then(|inner| inner.downcast_ref());
        }
    }
    kinds
}

/// hyper keeps its parse errors to itself but for their words; a test below notices if those change.
fn is_not_http(error: &reqwest::Error) -> bool {
    chain(error).any(|e| {
        let text = e.to_string();
        [
            "invalid HTTP",
            "invalid content-length",
            "message head is too large",
            "unexpected transfer-encoding",
        ]
        .iter()
        .any(|words| text.starts_with(words))
    })
}
