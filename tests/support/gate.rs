//! A gate before the embedded server: a test says of each request when it may pass, and whether its answer arrives.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(
    clippy::disallowed_methods,
    reason = "what passes the gate is not the program's own request"
)]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, oneshot};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It reaches the server, and the answer the client.
    Pass,
    /// It reaches the server, which does what it is asked, and the answer breaks off.
    LoseAnswer,
    /// It does not reach the server, and the client cannot tell.
    LoseRequest,
}

/// A request at the gate.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and path.
    pub line: String,
    /// Its body.
    pub body: String,
}

/// Decides about requests.
pub type Judge = Arc<dyn Fn(Asked) -> BoxFuture<'static, Verdict> + Send + Sync>;

/// Stands before the server at `server` (`http://127.0.0.1:PORT`); gives the address.
pub async fn before(server: &str, judge: Judge) -> String {
    let server = server.to_owned();
    let http = reqwest::Client::new();
    let router = Router::new().fallback(any(move |request: Request| {
        let (server, http, judge) = (server.clone(), http.clone(), Arc::clone(&judge));
        async move { pass(&server, &http, &judge, request).await }
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn pass(server: &str, http: &reqwest::Client, judge: &Judge, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let asked = Asked {
        line: format!("{} {}", parts.method, parts.uri),
        body: String::from_utf8_lossy(&body[..body.len().min(2_000)]).into_owned(),
    };
    let verdict = judge(asked).await;
    if verdict == Verdict::LoseRequest {
        return cut_off();
    }
    let mut headers = parts.headers;
    headers.remove("host");
    let answer = http
        .request(parts.method, format!("{server}{}", parts.uri))
        .headers(headers)
        .body(body)
        .send()
        .await
        .unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != "transfer-encoding" && name != "content-length" {
            response = response.header(name, value);
        }
    }
    let bytes = answer.bytes().await.unwrap();
    match verdict {
        Verdict::LoseAnswer => cut_off(),
        _ => response.body(Body::from(bytes)).unwrap(),
    }
}

/// An answer that breaks off.
fn cut_off() -> Response {
    let pieces = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("cut off"))];
    Response::new(Body::from_stream(futures_util::stream::iter(pieces)))
}

/// Everything passes.
pub fn open() -> Judge {
    Arc::new(|_| Box::pin(async { Verdict::Pass }))
}

/// Lets the requests of several actors pass one at a time, in an order that a test chooses. Each actor makes one request at a
/// time; the next one passes when every actor that is not done waits at the gate.
#[derive(Clone, Default)]
pub struct Turnstile {
    state: Arc<Mutex<State>>,
    news: Arc<Notify>,
}

#[derive(Default)]
struct State {
    /// None: everything passes.
    actors: Option<usize>,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Turnstile {
    /// As the gate asks it.
    pub fn judge(&self) -> Judge {
        let turnstile = self.clone();
        Arc::new(move |_| {
            let turn = turnstile.queue();
            Box::pin(async move {
                if let Some(turn) = turn {
                    let _ = turn.await;
                }
                Verdict::Pass
            })
        })
    }

    fn queue(&self) -> Option<oneshot::Receiver<()>> {
        let mut state = self.state.lock().unwrap();
        state.actors?;
        let (sender, receiver) = oneshot::channel();
        state.waiting.push(sender);
        drop(state);
        self.news.notify_one();
        Some(receiver)
    }

    /// An actor is done.
    pub fn done(&self) {
        let mut state = self.state.lock().unwrap();
        state.actors = state.actors.map(|actors| actors - 1);
        drop(state);
        self.news.notify_one();
    }

    /// From now on so many actors take turns. Call it before they begin.
    pub fn begin(&self, actors: usize) {
        *self.state.lock().unwrap() = State {
            actors: Some(actors),
            waiting: Vec::new(),
        };
    }

    /// Lets them pass until all are done: each number of the schedule chooses who is next, and when it is at its end the one
    /// who came first is.
    pub async fn run(&self, schedule: &[u8]) {
        let mut choices = schedule.iter();
        loop {
            let next = {
                let mut state = self.state.lock().unwrap();
                if state.actors == Some(0) {
                    state.actors = None;
                    return;
                }
                let all_wait = state.actors.is_some_and(|actors| state.waiting.len() >= actors);
                all_wait.then(|| {
                    let choice = usize::from(choices.next().copied().unwrap_or(0)) % state.waiting.len();
                    state.waiting.remove(choice)
                })
            };
            match next {
                Some(turn) => _ = turn.send(()),
                None => self.news.notified().await,
            }
        }
    }
}
