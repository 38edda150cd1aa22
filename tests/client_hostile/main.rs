//! Any bytes as an answer to any call give a value or an error: never a panic, never a hang.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;

use std::sync::Arc;
use std::time::Duration;

use calls::calls;
use proptest::test_runner::{Config, TestRunner};
use storymimi_studio::http::{Http, Options, RetryPolicy, Transcript};
use storymimi_studio::supabase::Supabase;
use storymimi_studio::workspace::{ApiKey, ProjectUrl};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const SERVICE_KEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2ln";
/// No call may take longer, on however busy a machine.
const HANG: Duration = Duration::from_secs(60);

/// A server that gives these bytes to every request and hangs up.
async fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(give(socket, Arc::clone(&answer)));
        }
    });
    address
}

async fn give(mut socket: TcpStream, answer: Arc<Vec<u8>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 8192];
    let end = loop {
        match socket.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
        if let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().unwrap());
    while request.len() < end + length {
        match socket.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let _ = socket.write_all(&answer).await;
    let _ = socket.shutdown().await;
}

/// A client of its own for each call: breakers and budgets would otherwise answer in the server's place.
fn project(address: &str) -> Supabase {
    let options = Options {
        retry: RetryPolicy {
            jitter: || 0.0,
            attempts: 2,
            ..RetryPolicy::default()
        },
        ..Options::default()
    };
    let http = Http::with_options(Arc::new(Transcript::default()), options).unwrap();
    Supabase::new(
        http,
        ProjectUrl::parse(address).unwrap(),
        ApiKey::parse(SERVICE_KEY).unwrap(),
    )
}

async fn all_calls_end(answer: Vec<u8>, shown: &str) -> usize {
    let address = server(answer).await;
    let mut errors = 0;
    for (call, make) in calls() {
        let outcome = tokio::time::timeout(HANG, tokio::spawn(make(project(&address)))).await;
        match outcome {
            Err(_) => panic!("{call} hangs after {shown}"),
            Ok(Err(panicked)) => panic!("{call} panics after {shown}: {panicked}"),
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => {
                errors += 1;
                assert!(!error.message.is_empty() && !error.hint().is_empty(), "{call}, {shown}");
            }
        }
    }
    errors
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_bodies_are_values_or_errors() {
    let deep = "[".repeat(20_000);
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("another kind of JSON", b"7".to_vec()),
        ("null", b"null".to_vec()),
        ("empty rows", b"[{}, null, [], \"x\"]".to_vec()),
        (
            "an object of lists",
            br#"{"objects":[{"name":7}],"hasNext":"yes","name":[],"token":{},"signedURL":1}"#.to_vec(),
        ),
        (
            "a page that never ends",
            br#"{"objects":[],"folders":[],"hasNext":true,"nextCursor":"c"}"#.to_vec(),
        ),
        (
            "a web page",
            b"<!doctype html><title>Sign in to the hotel's network</title>".to_vec(),
        ),
        ("half of it", br#"[{"name":"a","id":"#.to_vec()),
        ("no text", vec![0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28]),
        (
            "text of another charset",
            b"{\"message\":\"Gr\xfc\xdfe\",\"code\":\"\xff\"}".to_vec(),
        ),
        ("depth", deep.into_bytes()),
    ];
    let mut errors = 0;
    for (shown, body) in &bodies {
        for head in [
            "200 OK",
            "206 Partial Content\r\ncontent-range: bytes 5-1/x",
            "400 Bad Request",
            "500 Oh",
        ] {
            let head = format!(
                "{head}\r\ncontent-type: application/json; charset=utf-16\r\ncontent-length: {}",
                body.len()
            );
            errors += all_calls_end(answer(&head, body), shown).await;
        }
    }
    assert!(
        errors > bodies.len() * calls().len() * 2,
        "most of these are errors: {errors}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_framings_are_values_or_errors() {
    for (shown, bytes) in [
        (
            "more promised than sent",
            answer("200 OK\r\ncontent-length: 900", b"[]"),
        ),
        (
            "less promised than sent",
            answer("200 OK\r\ncontent-length: 1", b"[] and more"),
        ),
        ("no length", answer("200 OK", b"[]")),
        (
            "two lengths",
            answer("200 OK\r\ncontent-length: 2\r\ncontent-length: 3", b"[]"),
        ),
        ("a length that is none", answer("200 OK\r\ncontent-length: -2", b"[]")),
        (
            "broken chunks",
            answer("200 OK\r\ntransfer-encoding: chunked", b"zz\r\n[]\r\n0\r\n\r\n"),
        ),
        (
            "unfinished chunks",
            answer("200 OK\r\ntransfer-encoding: chunked", b"2\r\n[]\r\n"),
        ),
        ("a success without words", answer("204 No Content", b"")),
        ("nothing new", answer("304 Not Modified", b"")),
        (
            "another place",
            answer("302 Found\r\nlocation: http://127.0.0.1:1/", b""),
        ),
        ("an unknown status", answer("799 What", b"")),
        (
            "an upload of nowhere",
            answer(
                "201 Created\r\nlocation: ///?#\r\nupload-offset: many\r\ncontent-length: 0",
                b"",
            ),
        ),
        (
            "an upload of too much",
            answer(
                "200 OK\r\nupload-offset: 99999999999999999999\r\ncontent-length: 2",
                b"{}",
            ),
        ),
        (
            "an upload that never moves",
            answer(
                "200 OK\r\nlocation: /x\r\nupload-offset: 0\r\nupload-length: 10\r\ncontent-length: 2",
                b"{}",
            ),
        ),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        ("half a head", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        ("silence", Vec::new()),
    ] {
        all_calls_end(bytes, shown).await;
    }
}

#[test]
fn any_bytes_are_a_value_or_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    });
    let bytes = proptest::collection::vec(proptest::num::u8::ANY, 0..200);
    // Some of it looks like JSON, so that more than the parser's first look is tried.
    let words = "[\\[\\]{},:\"a-z0-9 .-]{0,120}";
    let any = (
        100u16..600,
        proptest::prop_oneof![bytes, proptest::strategy::Strategy::prop_map(words, String::into_bytes)],
    );
    runner
        .run(&any, |(status, body)| {
            let head = format!("{status} x\r\ncontent-length: {}", body.len());
            runtime.block_on(all_calls_end(answer(&head, &body), &format!("{status} {body:?}")));
            Ok(())
        })
        .unwrap();
}
