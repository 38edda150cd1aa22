//! Something between the program and the embedded server that loses, changes and forges what passes through it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;

/// What passes.
pub struct Passing {
    pub method: Method,
    /// Path and query behind `/storage/v1/`.
    pub path: String,
    pub body: Bytes,
}

impl Passing {
    pub fn is(&self, method: &Method, begins: &str) -> bool {
        self.method == *method && self.path.starts_with(begins)
    }
}

/// What is done to it.
pub enum Deed {
    /// It passes.
    Pass,
    /// It does not reach the server.
    Refuse(u16, &'static str),
    /// It is carried out, and the answer is lost.
    DropReply,
    /// Another body reaches the server.
    Send(Bytes),
    /// The answer ends after so many bytes of its body, although more were promised.
    CutReply(usize),
    /// The answer says that it is whole after so many bytes.
    ShortenReply(usize),
    /// The answer's JSON is changed.
    Edit(fn(&mut Value)),
    /// The answer has this header.
    Header(&'static str, &'static str),
    /// A resumable upload is ended before this reaches it.
    Expire,
}

type Judge = Box<dyn FnMut(&Passing) -> Deed + Send>;

#[derive(Clone)]
struct Between {
    server: String,
    key: String,
    http: reqwest::Client,
    judge: Arc<Mutex<Judge>>,
    seen: Arc<Mutex<Vec<String>>>,
}

/// What stands between.
#[derive(Clone)]
pub struct Log {
    pub url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Log {
    /// Method and path of what passed since this was last asked for.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

/// Stands before the server at `server`.
pub async fn between(server: &str, key: &str, judge: impl FnMut(&Passing) -> Deed + Send + 'static) -> Log {
    #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
    let http = reqwest::Client::new();
    let between = Between {
        server: server.to_owned(),
        key: key.to_owned(),
        http,
        judge: Arc::new(Mutex::new(Box::new(judge))),
        seen: Arc::default(),
    };
    let seen = Arc::clone(&between.seen);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().fallback(pass).with_state(between);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Log { url, seen }
}

async fn pass(State(between): State<Between>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 64 << 20).await else {
        return broken();
    };
    let path = parts.uri.path_and_query().unwrap().as_str();
    let mut passing = Passing {
        method: parts.method.clone(),
        path: path.trim_start_matches("/storage/v1/").to_owned(),
        body,
    };
    between
        .seen
        .lock()
        .unwrap()
        .push(format!("{} {}", passing.method, passing.path));
    let deed = (between.judge.lock().unwrap())(&passing);
    match &deed {
        Deed::Refuse(status, body) => return answer(*status, &HeaderMap::new(), (*body).into()),
        Deed::Send(other) => passing.body = other.clone(),
        Deed::Expire => {
            let ended = between
                .http
                .delete(format!("{}{path}", between.server))
                .bearer_auth(&between.key)
                .header("tus-resumable", "1.0.0");
            ended.send().await.unwrap();
        }
        _ => {}
    }
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    let reply = between
        .http
        .request(parts.method, format!("{}{path}", between.server))
        .headers(headers)
        .body(passing.body)
        .send()
        .await
        .unwrap();
    let (status, mut headers) = (reply.status().as_u16(), reply.headers().clone());
    let body = reply.bytes().await.unwrap();
    match deed {
        Deed::DropReply => broken(),
        Deed::CutReply(after) => {
            let length = body.len().to_string();
            headers.insert(header::CONTENT_LENGTH, length.parse().unwrap());
            let pieces = [
                Ok(body.slice(..after.min(body.len()))),
                Err(std::io::Error::other("cut")),
            ];
            let mut reply = answer(status, &headers, Bytes::new());
            *reply.body_mut() = Body::from_stream(futures_util::stream::iter(pieces));
            reply
        }
        Deed::ShortenReply(after) => {
            headers.remove(header::CONTENT_LENGTH);
            answer(status, &headers, body.slice(..after.min(body.len())))
        }
        Deed::Edit(edit) => {
            let mut value = serde_json::from_slice(&body).unwrap();
            edit(&mut value);
            headers.remove(header::CONTENT_LENGTH);
            answer(status, &headers, value.to_string().into())
        }
        Deed::Header(name, value) => {
            headers.insert(name, value.parse().unwrap());
            answer(status, &headers, body)
        }
        _ => answer(status, &headers, body),
    }
}

fn answer(status: u16, headers: &HeaderMap, body: Bytes) -> Response {
    let mut reply = Response::new(Body::from(body));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap();
    *reply.headers_mut() = headers.clone();
    reply.headers_mut().remove(header::TRANSFER_ENCODING);
    reply.headers_mut().remove(header::CONNECTION);
    reply
}

/// An answer that begins and breaks off.
fn broken() -> Response {
    let pieces = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("cut off"))];
    Response::new(Body::from_stream(futures_util::stream::iter(pieces)))
}
