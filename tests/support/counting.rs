//! A proxy that counts the requests that go through it, and can be told to spoil some of them.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::BoxFuture;

/// A request that came to the proxy, with its body.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How many came before it.
    pub number: usize,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What the proxy does with a request: pass it on by [`Server::pass`], or anything else.
pub type Spoil = Arc<dyn Fn(Server, Asked) -> BoxFuture<'static, Response> + Send + Sync>;

/// The server behind the proxy.
#[derive(Clone)]
pub struct Server {
    client: reqwest::Client,
    url: String,
}

impl Server {
    /// Gives a request to the server and its answer back, whole.
    pub async fn pass(&self, asked: &Asked) -> Response {
        let mut headers = asked.headers.clone();
        headers.remove("host");
        let sent = self
            .client
            .request(asked.method.clone(), format!("{}{}", self.url, asked.path))
            .headers(headers)
            .body(asked.body.clone())
            .send()
            .await;
        let Ok(answer) = sent else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        let Ok(body) = answer.bytes().await else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        let mut response = (status, body).into_response();
        *response.headers_mut() = headers;
        response
    }
}

/// A proxy on loopback.
pub struct Proxy {
    /// Its address.
    pub url: String,
    requests: Arc<AtomicUsize>,
}

impl Proxy {
    /// One that only counts.
    pub async fn counting(server: &str) -> Self {
        Self::spoiling(server, |server, asked| {
            Box::pin(async move { server.pass(&asked).await })
        })
        .await
    }

    /// One that does with requests what it is told.
    pub async fn spoiling(
        server: &str,
        spoil: impl Fn(Server, Asked) -> BoxFuture<'static, Response> + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let behind = Behind {
            server: Server {
                client,
                url: server.trim_end_matches('/').to_owned(),
            },
            requests: requests.clone(),
            spoil: Arc::new(spoil),
        };
        let router = Router::new().fallback(handle).with_state(behind);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, requests }
    }

    /// Requests so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
struct Behind {
    server: Server,
    requests: Arc<AtomicUsize>,
    spoil: Spoil,
}

async fn handle(
    State(behind): State<Behind>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    request: Request<Body>,
) -> Response {
    let number = behind.requests.fetch_add(1, Ordering::SeqCst);
    let Ok(body) = axum::body::to_bytes(request.into_body(), 64 << 20).await else {
        // Whoever sent it is gone.
        return StatusCode::BAD_REQUEST.into_response();
    };
    let path = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let asked = Asked {
        number,
        method,
        path,
        headers,
        body,
    };
    (behind.spoil)(behind.server.clone(), asked).await
}
