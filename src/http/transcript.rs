//! What was said on the network lately: a bounded list of exchanges, masked before they are kept.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use tokio::sync::broadcast;

use super::mask::{elide_base64, shorten};
use super::{Masker, NetworkClass, curl};

/// The number of an exchange, unique while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId(pub u64);

impl std::fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// One attempt of one request and what came of it. Every text in it is masked.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its number.
    pub id: ExchangeId,
    /// What the user did: "Upload picture".
    pub operation: &'static str,
    /// What it was done to: "story-images/scene_1.png".
    pub target: String,
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// Names and values of the request's headers, in the order sent.
    pub request_headers: Vec<(String, String)>,
    /// The request's body.
    pub request_body: BodyShown,
    /// The request body's size in bytes.
    pub request_size: u64,
    /// The status of the answer, once there is one.
    pub status: Option<StatusCode>,
    /// Names and values of the answer's headers.
    pub response_headers: Vec<(String, String)>,
    /// The answer's body.
    pub response_body: BodyShown,
    /// The answer body's size in bytes, as far as it was read.
    pub response_size: u64,
    /// When it was made. It is sent after the time that it [`waited`](Self::waited).
    pub started_at: Timestamp,
    /// How long it was held back before it was sent, because its server may be asked only so often a minute.
    pub waited: Duration,
    /// From sending it to the head of its answer, once that is here.
    pub first_byte: Option<Duration>,
    /// How long it took since it was sent, once it is over.
    pub duration: Option<Duration>,
    /// From 1; higher for a repetition.
    pub attempt: u32,
    /// Where it stands.
    pub outcome: Outcome,
}

/// What became of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Still under way.
    Pending,
    /// There is an answer, whatever it says.
    Answered,
    /// No answer, and why.
    Failed {
        /// The kind of trouble.
        class: NetworkClass,
        /// The trouble in plain words.
        sentence: String,
    },
    /// Stopped by the user.
    Cancelled,
}

/// As much of a body as is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyShown {
    /// There is none.
    Empty,
    /// Text.
    Text {
        /// The text, masked.
        text: String,
        /// Whether it is all of the body as it was sent, but for masks.
        complete: bool,
    },
    /// Bytes that are not shown.
    Binary,
}

impl Exchange {
    /// A command for a POSIX shell that makes the same request. Keys appear as `$SUPABASE_KEY` or `$API_KEY`, which
    /// the reader sets; a body that is not text, or not kept whole, is read from `FILE`.
    #[must_use]
    pub fn curl(&self) -> String {
        curl::command(self)
    }

    fn weight(&self) -> usize {
        let headers =
            |list: &[(String, String)]| list.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let body = |body: &BodyShown| match body {
            BodyShown::Text { text, .. } => text.len(),
            BodyShown::Empty | BodyShown::Binary => 0,
        };
        size_of::<Self>()
            + self.target.len()
            + self.url.len()
            + headers(&self.request_headers)
            + headers(&self.response_headers)
            + body(&self.request_body)
            + body(&self.response_body)
    }
}

/// How much a transcript keeps.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Exchanges at most.
    pub entries: usize,
    /// Bytes at most, about.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000,
            bytes: 8 << 20,
        }
    }
}

/// The latest exchanges, oldest first; older ones make room. Whoever subscribes is told of each start and end.
#[derive(Debug)]
pub struct Transcript {
    limits: Limits,
    masker: Masker,
    kept: Mutex<Kept>,
    news: broadcast::Sender<Arc<Exchange>>,
}

#[derive(Debug, Default)]
struct Kept {
    exchanges: VecDeque<Arc<Exchange>>,
    bytes: usize,
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Transcript {
    /// Characters of a body that are kept.
    const SHOWN: usize = 16 << 10;
    /// Bytes of a body that are masked for those.
    const READ: usize = 32 << 10;
    /// No secret is longer: as much is dropped where a body was cut, for the cut may have left half of one.
    const LONGEST_SECRET: usize = 8 << 10;

    /// An empty transcript.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            masker: Masker::default(),
            kept: Mutex::default(),
            news: broadcast::Sender::new(1_024),
        }
    }

    /// What hides secrets here. Tell it every secret the program takes in.
    pub fn masker(&self) -> &Masker {
        &self.masker
    }

    /// Each exchange from now on, when it starts and when it ends. A receiver that falls behind by 1,024 misses some.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Exchange>> {
        self.news.subscribe()
    }

    /// All that are kept, oldest first.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.kept().exchanges.iter().cloned().collect()
    }

    /// One of them, if it is still kept.
    pub fn get(&self, id: ExchangeId) -> Option<Arc<Exchange>> {
        let kept = self.kept();
        let at = kept.exchanges.partition_point(|exchange| exchange.id < id);
        kept.exchanges.get(at).filter(|exchange| exchange.id == id).cloned()
    }

    pub(super) fn next_id(&self) -> ExchangeId {
        /// One count for all transcripts: a number in a problem never leads to another transcript's exchange.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        ExchangeId(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Keeps the exchange, in the place of an earlier state of it if there is one.
    pub(super) fn record(&self, exchange: Exchange) {
        let exchange = Arc::new(exchange);
        {
            let mut kept = self.kept();
            let at = kept.exchanges.partition_point(|other| other.id < exchange.id);
            kept.bytes += exchange.weight();
            match kept.exchanges.get_mut(at).filter(|other| other.id == exchange.id) {
                Some(place) => {
                    let before = std::mem::replace(place, Arc::clone(&exchange)).weight();
                    kept.bytes -= before;
                }
                // Either it is new, or its start was dropped already to make room.
                None => kept.exchanges.insert(at, Arc::clone(&exchange)),
            }
            while kept.exchanges.len() > self.limits.entries || kept.bytes > self.limits.bytes {
                let Some(oldest) = kept.exchanges.pop_front() else {
                    break;
                };
                kept.bytes -= oldest.weight();
            }
        }
        // Nobody listening is fine.
        let _ = self.news.send(exchange);
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn mask_headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        headers
            .iter()
            .map(|(name, value)| {
                let text = String::from_utf8_lossy(value.as_bytes());
                let shown = match self.masker.header(name.as_str(), &text) {
                    // Too short to be known by its value, and secret by its place.
                    shown if value.is_sensitive() && shown == text => shorten(&text),
                    shown => shown,
                };
                (name.to_string(), shown)
            })
            .collect()
    }

    /// What is shown of a body with this media type.
    pub(super) fn mask_body(&self, bytes: &[u8], content_type: Option<&str>) -> BodyShown {
        if bytes.is_empty() {
            return BodyShown::Empty;
        }
        let media = content_type.unwrap_or_default().to_ascii_lowercase();
        if [
            "image/",
            "audio/",
            "video/",
            "font/",
            "application/octet-stream",
            "application/offset+octet-stream",
        ]
        .iter()
        .any(|kind| media.starts_with(kind))
        {
            return BodyShown::Binary;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return BodyShown::Binary;
        };
        // Pictures in base64 go first, so that what follows them is seen, and their whole size.
        let (text, whole) = elide_base64(text, Self::READ + 1);
        let read = text.floor_char_boundary(Self::READ);
        let mut complete = whole && read == text.len();
        let mut shown = self.masker.elided(text[..read].into());
        let most = if complete {
            Self::SHOWN
        } else {
            Self::SHOWN.min(shown.len().saturating_sub(Self::LONGEST_SECRET))
        };
        if shown.len() > most {
            shown.truncate(shown.floor_char_boundary(most));
            complete = false;
        }
        // A picture shown as its size cannot be sent again from here.
        complete &= !shown.contains(" of base64>");
        BodyShown::Text { text: shown, complete }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Secret;

    fn exchange(transcript: &Transcript, body: usize) -> Exchange {
        Exchange {
            id: transcript.next_id(),
            operation: "Test",
            target: String::new(),
            method: Method::GET,
            url: "http://127.0.0.1/".into(),
            request_headers: Vec::new(),
            request_body: BodyShown::Empty,
            request_size: 0,
            status: None,
            response_headers: Vec::new(),
            response_body: BodyShown::Text {
                text: "x".repeat(body),
                complete: true,
            },
            response_size: 0,
            started_at: Timestamp::UNIX_EPOCH,
            waited: Duration::ZERO,
            first_byte: None,
            duration: None,
            attempt: 1,
            outcome: Outcome::Pending,
        }
    }

    #[test]
    fn keeps_the_latest_within_both_limits() {
        let transcript = Transcript::new(Limits {
            entries: 3,
            bytes: 10_000,
        });
        let mut made = Vec::new();
        for _ in 0..5 {
            let exchange = exchange(&transcript, 0);
            made.push(exchange.id);
            transcript.record(exchange);
        }
        let ids: Vec<_> = transcript.exchanges().iter().map(|e| e.id).collect();
        assert_eq!(ids, made[2..]);
        assert!(transcript.get(made[1]).is_none() && transcript.get(made[3]).is_some());
        transcript.record(exchange(&transcript, 9_500));
        assert_eq!(transcript.exchanges().len(), 1);
        transcript.record(exchange(&transcript, 20_000));
        assert_eq!((transcript.exchanges().len(), transcript.kept().bytes), (0, 0));
    }

    #[test]
    fn no_two_exchanges_of_the_program_have_the_same_number() {
        let (here, there) = (Transcript::default(), Transcript::default());
        let exchange = exchange(&here, 0);
        let id = exchange.id;
        here.record(exchange);
        assert!(there.next_id() > id && there.get(id).is_none() && here.get(id).is_some());
    }

    #[test]
    fn an_end_takes_the_place_of_its_start() {
        let transcript = Transcript::default();
        let mut news = transcript.subscribe();
        let start = exchange(&transcript, 0);
        transcript.record(start.clone());
        transcript.record(Exchange {
            outcome: Outcome::Answered,
            ..start
        });
        assert_eq!(transcript.exchanges().len(), 1);
        assert_eq!(news.try_recv().unwrap().outcome, Outcome::Pending);
        assert_eq!(news.try_recv().unwrap().outcome, Outcome::Answered);
    }

    #[test]
    fn no_half_secret_survives_a_cut() {
        let transcript = Transcript::default();
        let secret = "s3cr3t".repeat(20);
        transcript.masker().remember(&Secret::new(&secret));
        // Nothing but the secret, so that masking shrinks the text below what may be shown.
        let body = secret.repeat(Transcript::READ / secret.len() + 2);
        let BodyShown::Text { text, complete } = transcript.mask_body(body.as_bytes(), None) else {
            panic!("text expected");
        };
        assert!(!complete && !text.contains("s3cr3ts3"), "{text}");
    }

    #[test]
    fn tells_text_from_bytes() {
        let transcript = Transcript::default();
        assert_eq!(transcript.mask_body(b"", Some("image/png")), BodyShown::Empty);
        assert_eq!(transcript.mask_body(b"abc", Some("image/png")), BodyShown::Binary);
        assert_eq!(transcript.mask_body(b"\xff\xfe", None), BodyShown::Binary);
        let picture = format!(r#"{{"data":"{}","model":"m"}}"#, "A".repeat(4_000_000));
        assert_eq!(
            transcript.mask_body(picture.as_bytes(), Some("application/json")),
            BodyShown::Text {
                text: r#"{"data":"<3.0 MB of base64>","model":"m"}"#.into(),
                complete: false
            }
        );
        assert_eq!(
            transcript.mask_body("Möhre".as_bytes(), None),
            BodyShown::Text {
                text: "Möhre".into(),
                complete: true
            }
        );
    }
}
