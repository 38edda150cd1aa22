//! Servers for tests: well-behaved ones, and ones that misbehave byte by byte.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Http, Options, RetryPolicy, Transcript};

/// A client that never waits between attempts.
pub(crate) fn impatient() -> Http {
    let retry = RetryPolicy {
        jitter: || 0.0,
        ..RetryPolicy::default()
    };
    let options = Options {
        retry,
        ..Options::default()
    };
    Http::with_options(Arc::new(Transcript::default()), options).unwrap()
}

/// Serves the routes on a free port of this machine; gives the address without a slash at its end.
pub(crate) async fn serve(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

/// How a connection ends after its bytes.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// In good order.
    Close,
    /// With a reset, as when a cable is cut.
    Reset,
    /// Never: it stays open and silent.
    Silence,
}

/// Answers the first connection with the first script, and so on, the last one for ever; each is written as it is,
/// after the head of a request was read. Gives the address, and the requests as they came.
pub(crate) async fn scripted(scripts: &[(&'static str, End)]) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let scripts = scripts.to_vec();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((socket, _)) = listener.accept().await else {
                return;
            };
            let (answer, end) = scripts[number.min(scripts.len() - 1)];
            tokio::spawn(play(socket, answer, end, Arc::clone(&log)));
        }
    });
    (format!("http://{address}"), seen)
}

async fn play(mut socket: TcpStream, answer: &'static str, end: End, log: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let mut buffer = [0; 4096];
        match socket.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    log.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let _ = socket.write_all(answer.as_bytes()).await;
    let _ = socket.flush().await;
    match end {
        End::Close => {}
        End::Reset => {
            // The answer is to arrive before the reset throws away what is still on its way.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = socket.set_zero_linger();
        }
        End::Silence => std::future::pending().await,
    }
}
