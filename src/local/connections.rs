//! Connections: how many there may be, and how long each may keep a place without using it. Whoever listens on more than
//! this machine is found by clients that open connections and say nothing.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::{BoxError, Router};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;

/// What connections may take of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// How many are served at a time; others wait in the system's queue. A process may open 1,024 files on most systems,
    /// and an object that is read is one, too.
    pub most: usize,
    /// How long one may take for the head of a request, the time in which it is asked for nothing included. The real server
    /// closes idle connections after 61 s, and clients go by that.
    pub idle: Duration,
    /// How long the body of a request may bring nothing. There is no limit on the whole.
    pub silence: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            most: 512,
            idle: Duration::from_secs(61),
            silence: Duration::from_secs(60),
        }
    }
}

/// How long to wait when the system gives no connection, as when too many files are open.
const PAUSE: Duration = Duration::from_millis(200);

/// Serves until `stop`, and then until all requests have been answered. Dropped, it cuts them off.
pub(super) async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.idle);
    let routes = TowerToHyperService::new(router);
    let places = Arc::new(Semaphore::new(limits.most));
    let mut open = JoinSet::new();
    let next = async || {
        // Never closed.
        let place = Arc::clone(&places).acquire_owned().await;
        (accept(&listener).await, place)
    };
    while let Some((stream, place)) = stop.run_until_cancelled(next()).await {
        while open.try_join_next().is_some() {}
        let routes = routes.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            routes.call(request.map(|body| Watched::new(body, limits.silence)))
        });
        let connection = http.serve_connection(TokioIo::new(stream), answer);
        let stop = stop.clone();
        open.spawn(async move {
            let mut connection = pin!(connection);
            let ended = match stop.run_until_cancelled(connection.as_mut()).await {
                Some(ended) => ended,
                None => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// The next connection. Trouble of one connection is its own; trouble of the system may pass.
async fn accept(listener: &TcpListener) -> TcpStream {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Small answers do not wait for more to send. Without it they are only slower.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(PAUSE).await;
            }
        }
    }
}

/// The body of a request, which ends in an error if it brings nothing for a while. Only the client's silence counts: while
/// the server writes what came, it does not ask for more.
struct Watched {
    body: Incoming,
    silence: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
    has_broken_off: bool,
}

impl Watched {
    fn new(body: Incoming, silence: Duration) -> Self {
        Self {
            body,
            silence,
            timer: None,
            is_waiting: false,
            has_broken_off: false,
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if this.has_broken_off {
            // Who reads on to throw the rest away need not wait for it once more.
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.is_waiting = false;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let silence = this.silence;
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(silence)));
        if !std::mem::replace(&mut this.is_waiting, true) {
            timer.as_mut().reset(Instant::now() + silence);
        }
        ready!(timer.as_mut().poll(cx));
        this.has_broken_off = true;
        let silent = io::Error::new(io::ErrorKind::TimedOut, "the request's body brings nothing any more");
        Poll::Ready(Some(Err(silent.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.has_broken_off || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::post;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_millis(250);

    const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi";

    /// A server that says how many bytes came.
    async fn start(limits: ConnectionLimits) -> (std::net::SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let router = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }));
        let served = tokio::spawn(serve(listener, router, limits, stop.clone()));
        (address, stop, served)
    }

    fn limits(most: usize, idle: Duration, silence: Duration) -> ConnectionLimits {
        ConnectionLimits { most, idle, silence }
    }

    async fn sends(address: std::net::SocketAddr, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// Reads until the server closes.
    async fn rest(mut stream: TcpStream) -> String {
        let mut answer = Vec::new();
        // A connection that is closed on unread bytes is reset.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    async fn one_answer(stream: &mut TcpStream) -> String {
        let mut answer = vec![0; 1_000];
        let length = stream.read(&mut answer).await.unwrap();
        String::from_utf8(answer[..length].to_vec()).unwrap()
    }

    #[tokio::test]
    async fn who_does_not_come_to_the_end_of_a_head_is_left() {
        let (address, ..) = start(limits(4, SHORT, LONG)).await;
        for said in [&b""[..], b"POST / HTTP/1.1\r\nhost: "] {
            let answer = rest(sends(address, said).await).await;
            assert!(!answer.contains("200 OK"), "{answer}");
        }
        // The time in which nothing is asked counts as well.
        let answer = rest(sends(address, REQUEST).await).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("\r\n\r\n2"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn a_body_that_brings_nothing_any_more_has_broken_off() {
        let (address, ..) = start(limits(4, LONG, SHORT)).await;
        let answer = rest(sends(address, REQUEST.strip_suffix(b"i").unwrap()).await).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_waits_for_one() {
        let (address, ..) = start(limits(1, LONG, LONG)).await;
        let mut first = sends(address, REQUEST).await;
        assert!(one_answer(&mut first).await.starts_with("HTTP/1.1 200 OK"));
        let mut second = sends(address, REQUEST).await;
        let early = tokio::time::timeout(SHORT, one_answer(&mut second)).await;
        assert!(early.is_err(), "the only place is taken: {early:?}");
        drop(first);
        assert!(one_answer(&mut second).await.starts_with("HTTP/1.1 200 OK"));
    }

    #[tokio::test]
    async fn at_the_end_what_is_under_way_is_answered_and_nobody_else_is_let_in() {
        let (address, stop, served) = start(limits(4, LONG, LONG)).await;
        let mut idle = sends(address, REQUEST).await;
        one_answer(&mut idle).await;
        let mut working = sends(
            address,
            b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n",
        )
        .await;
        // The server asks for the body: it has begun.
        assert!(one_answer(&mut working).await.starts_with("HTTP/1.1 100"));
        stop.cancel();
        assert_eq!(rest(idle).await, "");
        working.write_all(b"hi").await.unwrap();
        assert!(rest(working).await.starts_with("HTTP/1.1 200 OK"));
        served.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
