//! A provider of models on loopback that speaks every dialect, does everything that real ones do wrong when it is told
//! to, and counts what it was paid for. No key of anybody's is needed.
//!
//! One program is one server; which dialect is meant is told by the path, see [`FakeProvider::provider`]. What it does is
//! told with [`FakeProvider::next`] (for the next request that would be paid for), [`FakeProvider::when`] (for each whose
//! words hold a word), [`FakeProvider::once`] (for the first of each of these) and [`FakeProvider::always`].

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fail;
mod form;
mod work;

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use storymimi_studio::http::Secret;
use storymimi_studio::workspace::{Dialect, Provider};
use tokio::sync::{Notify, Semaphore};

pub use fail::Wait;
#[allow(unused_imports, reason = "each test program uses its own part of this")]
pub use form::{Part, form};

/// The key that it is given; tests look for it where it must not be.
pub const KEY: &str = "sk-fake-CANARY-0123456789";
/// The only model that writes.
pub const WRITER: &str = "fake-writer";
/// The only model that draws.
pub const PAINTER: &str = "fake-painter";

/// What it does with a request that is paid for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Does {
    /// What it was asked for.
    Work,
    /// The same after a while, in which it can be stopped.
    After(Duration),
    /// The same once the test lets it: see [`FakeProvider::let_go`].
    Held,
    /// 429, with the time to wait in one of its forms.
    RateLimited(Wait),
    /// 429 that stays one: the quota is used up.
    InsufficientQuota,
    /// 402.
    NoCredit,
    /// Its rules forbid the words, or what was made of them.
    Moderated {
        /// What was made is refused, after the work was done.
        output: bool,
    },
    /// A refusal in the answer itself, with a status of success.
    Refusal,
    /// A text that its filter stopped.
    ContentFilter,
    /// A text that ends in the middle, as if it were whole; or an answer with a picture that does.
    TruncatedJson,
    /// A text that ran out of tokens.
    OutOfTokens,
    /// JSON within a code fence, with words around it.
    Fenced,
    /// One scene too many.
    WrongCount,
    /// Scenes that are the words of the brief, and a cast of one child: whoever the brief is about, by its first name.
    Retells,
    /// Prose instead of JSON.
    Prose,
    /// A picture as JPEG, whatever was asked for.
    Jpeg,
    /// A picture as WebP.
    Webp,
    /// Bytes that are no picture.
    NotAPicture,
    /// A success without a picture.
    EmptyData,
    /// An address on its own host instead of bytes.
    Url,
    /// An address on another host, without encryption.
    UrlElsewhere,
    /// A stream that nobody asked for, with an error in its middle.
    MidStreamError,
    /// A stream that nobody asked for, and nothing wrong with it.
    Streams,
    /// An error with a status of success.
    ErrorWithin,
    /// The connection ends before any work.
    DropBefore,
    /// The connection ends after the work.
    DropAfter,
    /// The line ends in the middle of the answer, after the work.
    CutOff,
    /// A picture at an address where nothing is any more.
    UrlGone,
    /// 502 of a gateway in the middle of the work.
    BadGateway,
    /// 408 of a gateway whose model took too long; the work goes on behind it.
    RequestTimeout,
    /// The model is no more.
    ModelGone,
    /// 401.
    Unauthorized,
    /// 403: the key may not do this.
    Forbidden,
    /// 403: the organisation must be verified.
    Unverified,
    /// A black picture, with the mark that says why.
    BlackFlagged,
    /// A black picture without a word.
    Black,
    /// 503.
    Overloaded,
    /// 500 in the middle of the work.
    ServerError,
    /// 504 of a gateway that gave up waiting; the work goes on behind it.
    GatewayTimeout,
    /// 400 about one field.
    BadField(&'static str),
    /// A workflow that the server does not know any more while it is waited for: it was started again.
    Forgets,
    /// 404 of another program at this address.
    NotThisApi,
    /// What is asked for fails while it is made: a workflow that breaks, a card without memory.
    Breaks,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// "POST".
    pub method: Method,
    /// With its query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as JSON; null if it is none.
    pub json: Value,
    /// Its body as it is.
    pub bytes: Bytes,
}

/// What was paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// Texts.
    pub texts: usize,
    /// Pictures.
    pub pictures: usize,
}

/// The provider. Clones are the same one.
#[derive(Clone)]
pub struct FakeProvider {
    state: Arc<State>,
    address: SocketAddr,
}

#[derive(Default)]
struct State {
    next: Mutex<VecDeque<Does>>,
    when: Mutex<Vec<(String, Does)>>,
    once: Mutex<Vec<(String, Does)>>,
    /// Words that were asked for before, and what they met then.
    met: Mutex<HashSet<String>>,
    takes: Mutex<Duration>,
    always: Mutex<Option<Does>>,
    asked: Mutex<Vec<Asked>>,
    /// The words and seeds of the pictures that were paid for.
    drawn: Mutex<Vec<(String, Option<u64>)>>,
    texts: AtomicUsize,
    pictures: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    interrupts: AtomicUsize,
    stop: Notify,
    let_go: LetGo,
    files: Mutex<HashMap<String, Vec<u8>>>,
    /// What was put where workflows load it, by the name that it was given there.
    uploads: Mutex<Vec<(String, Bytes)>>,
    /// Workflows of ComfyUI: what the history says, once they are over.
    workflows: Mutex<HashMap<String, Option<Value>>>,
}

/// How many of the pictures that are held may be made.
struct LetGo(Semaphore);

impl Default for LetGo {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

/// The connection is to end without an answer.
#[derive(Debug, thiserror::Error)]
#[error("dropped")]
struct Dropped;

impl FakeProvider {
    /// Starts it. It ends with the runtime of the test.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<State>::default();
        let provider = Self { state, address };
        let serving = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let provider = serving.clone();
                let service = service_fn(move |request| {
                    let provider = provider.clone();
                    async move { provider.answer(request).await }
                });
                tokio::spawn(async move {
                    let connection = hyper::server::conn::http1::Builder::new();
                    // A connection that was dropped on purpose ends in an error.
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        provider
    }

    /// Where it is, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of one dialect's API.
    pub fn base_url(&self, dialect: Dialect) -> String {
        let path = match dialect {
            Dialect::BuiltIn | Dialect::OpenAi => "/openai/v1",
            Dialect::OpenRouter => "/api/v1",
            Dialect::Together => "/together/v1",
            Dialect::OpenaiLoose => "/v1",
            Dialect::Gemini => "/v1beta",
            Dialect::Sdapi | Dialect::Comfy => "",
        };
        format!("{}{path}", self.url())
    }

    /// The provider as a workspace has it.
    pub fn provider(&self, dialect: Dialect) -> Provider {
        let mut provider = Provider {
            key: Some(Secret::new(KEY)),
            text_model: WRITER.to_owned(),
            image_model: PAINTER.to_owned(),
            dialect,
            ..Provider::new(format!("Fake {dialect}"), self.base_url(dialect))
        };
        if dialect == Dialect::Comfy {
            provider.extra.insert("workflow".to_owned(), work::workflow());
        }
        provider
    }

    /// Says what it does with the requests after those that were told of already, one after the other.
    pub fn next(&self, does: impl IntoIterator<Item = Does>) {
        self.state.next.lock().unwrap().extend(does);
    }

    /// Says what it does whenever the words hold that word.
    pub fn when(&self, word: &str, does: Does) {
        self.state.when.lock().unwrap().push((word.to_owned(), does));
    }

    /// Says what it does the first time that certain words hold that word.
    pub fn once(&self, word: &str, does: Does) {
        self.state.once.lock().unwrap().push((word.to_owned(), does));
    }

    /// How long each picture takes, once it is paid for.
    pub fn takes(&self, time: Duration) {
        *self.state.takes.lock().unwrap() = time;
    }

    /// Says what it does from now on, unless told otherwise.
    pub fn always(&self, does: Does) {
        *self.state.always.lock().unwrap() = Some(does);
    }

    /// Makes so many of the pictures that are [held](Does::Held), or will be.
    pub fn let_go(&self, pictures: usize) {
        self.state.let_go.0.add_permits(pictures);
    }

    /// Does what it is asked for again.
    pub fn recover(&self) {
        self.state.next.lock().unwrap().clear();
        self.state.when.lock().unwrap().clear();
        self.state.once.lock().unwrap().clear();
        *self.state.always.lock().unwrap() = None;
    }

    /// What was paid for so far.
    pub fn paid(&self) -> Paid {
        Paid {
            texts: self.state.texts.load(Ordering::SeqCst),
            pictures: self.state.pictures.load(Ordering::SeqCst),
        }
    }

    /// The words and seeds of the pictures that were paid for, in their order.
    pub fn drawn(&self) -> Vec<(String, Option<u64>)> {
        self.state.drawn.lock().unwrap().clone()
    }

    /// How many pictures it was paid for whose words hold these.
    pub fn paid_for(&self, words: &str) -> usize {
        let drawn = self.state.drawn.lock().unwrap();
        drawn.iter().filter(|(drawn, _)| drawn.contains(words)).count()
    }

    /// The words of the pictures that were paid for, in their order.
    pub fn prompts(&self) -> Vec<String> {
        self.drawn().into_iter().map(|(words, _)| words).collect()
    }

    /// How often it was asked for a picture in OpenAI's way.
    pub fn asked_for_pictures(&self) -> usize {
        self.asked_of("/images/generations").len() + self.asked_of("/images/edits").len()
    }

    /// What was put where workflows of ComfyUI load it, with the names that it was given there.
    pub fn uploads(&self) -> Vec<(String, Bytes)> {
        self.state.uploads.lock().unwrap().clone()
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// The requests to a path that ends so.
    pub fn asked_of(&self, ending: &str) -> Vec<Asked> {
        let path = |asked: &Asked| asked.path.split('?').next().unwrap_or_default().to_owned();
        self.asked()
            .into_iter()
            .filter(|asked| path(asked).ends_with(ending))
            .collect()
    }

    /// How often it was told to stop.
    pub fn interrupts(&self) -> usize {
        self.state.interrupts.load(Ordering::SeqCst)
    }

    /// How many requests for pictures it had at the same time, at most.
    pub fn most_at_once(&self) -> usize {
        self.state.most_at_once.load(Ordering::SeqCst)
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Dropped> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(Body::new(body), 64 << 20).await.map_err(|_| Dropped)?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let asked = Asked {
            json: serde_json::from_slice(&bytes).unwrap_or_default(),
            method: parts.method,
            headers: parts.headers,
            path,
            bytes,
        };
        self.state.asked.lock().unwrap().push(asked.clone());
        work::answer(self, &asked).await
    }

    /// What it is to do with a request of these words.
    fn does(&self, words: &str) -> Does {
        if let Some(does) = self.state.next.lock().unwrap().pop_front() {
            return does;
        }
        let once = self.state.once.lock().unwrap();
        if let Some((_, does)) = once.iter().find(|(word, _)| words.contains(word.as_str()))
            && self.state.met.lock().unwrap().insert(words.to_owned())
        {
            return *does;
        }
        let when = self.state.when.lock().unwrap();
        if let Some((_, does)) = when.iter().find(|(word, _)| words.contains(word.as_str())) {
            return *does;
        }
        self.state.always.lock().unwrap().unwrap_or(Does::Work)
    }

    fn pay_for_text(&self) {
        self.state.texts.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts a picture, and gives back how many came before it.
    fn pay_for_picture(&self, words: &str, seed: Option<u64>) -> usize {
        self.state.drawn.lock().unwrap().push((words.to_owned(), seed));
        self.state.pictures.fetch_add(1, Ordering::SeqCst)
    }

    /// Waits until the test lets it go on.
    async fn held(&self) {
        self.state.let_go.0.acquire().await.unwrap().forget();
    }

    /// Waits; false if it was stopped meanwhile.
    async fn work_for(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = self.state.stop.notified() => false,
        }
    }
}

/// Counts a picture under way while it lives.
struct AtWork(Arc<State>);

impl AtWork {
    fn begin(provider: &FakeProvider) -> Self {
        let now = provider.state.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        provider.state.most_at_once.fetch_max(now, Ordering::SeqCst);
        Self(Arc::clone(&provider.state))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::SeqCst);
    }
}
