//! What goes wrong between two computers, and what the program makes of it: what is made again, what is not, what is
//! reported. Each row of the table is one fault.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod keeping;
mod proxy;
mod script;
mod streams;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Method;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use script::{Act, answer, serve};
use storymimi_studio::http::{
    Body, Call, Http, NetworkClass, Options, Outcome, RetryPolicy, Source, StreamBody, Transcript,
};

/// A client that adds nothing to the waits that it is told.
pub fn client() -> Http {
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

/// More bytes than the buffers of two sockets hold, made as they are needed.
const LARGE: u64 = 48 << 20;

fn large() -> Body {
    let source = Source::new(LARGE, || {
        let piece = Bytes::from(vec![7; 1 << 20]);
        Box::pin(futures_util::stream::iter(
            (0..LARGE >> 20).map(move |_| Ok(piece.clone())),
        ))
    });
    Body::Stream(StreamBody::new(source, "application/octet-stream"))
}

/// What is asked of the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    /// GET.
    Read,
    /// PUT of a few bytes: twice is once.
    Replace,
    /// POST of a few bytes: twice is twice.
    Add,
    /// POST of a large body.
    AddLarge,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// An answer of this status.
    Status(u16),
    /// No answer: the kind of trouble, and whether the request may have been carried out all the same.
    Fails(NetworkClass, Arrived),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Arrived {
    Maybe,
    No,
}

struct Fault {
    name: &'static str,
    ask: Ask,
    /// What the server does with each connection; the last one goes for all that follow.
    server: Vec<Vec<Act>>,
    end: End,
    /// How often the request is made.
    attempts: u32,
}

fn fault(name: &'static str, ask: Ask, server: Vec<Vec<Act>>, end: End, attempts: u32) -> Fault {
    Fault {
        name,
        ask,
        server,
        end,
        attempts,
    }
}

fn good() -> Vec<Act> {
    vec![Act::All, answer("200 OK", "", "ok")]
}

fn says(text: &str) -> Act {
    Act::Say(text.to_owned())
}

#[expect(clippy::too_many_lines, reason = "one row a fault")]
fn table() -> Vec<Fault> {
    use Act::{All, Head, Pause, Reset, Silence};
    use Arrived::{Maybe, No};
    use Ask::{Add, AddLarge, Read, Replace};
    use End::{Fails, Status};
    use NetworkClass::{Decode, Reset as Cut, Stalled, TooLarge};

    const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let busy = || answer("503 Service Unavailable", "", "<html><title>503</title>");
    let gateway = || answer("502 Bad Gateway", "content-type: text/html\r\n", "<html>");
    let refusal = || answer("413 Payload Too Large", "", r#"{"code":"EntityTooLarge"}"#);
    let some = Act::Some(256 << 10);
    vec![
        // The connection is cut …
        fault("before the request", Read, vec![vec![Reset], good()], Status(200), 2),
        fault(
            "before the request, always",
            Read,
            vec![vec![Reset]],
            Fails(Cut, Maybe),
            4,
        ),
        fault(
            "before a large body",
            AddLarge,
            vec![vec![Head, Reset], good()],
            Status(200),
            2,
        ),
        fault(
            "within a large body",
            AddLarge,
            vec![vec![Head, some.clone(), Reset], good()],
            Status(200),
            2,
        ),
        fault(
            "within a large body, always",
            AddLarge,
            vec![vec![Head, some.clone(), Reset]],
            Fails(Cut, No),
            4,
        ),
        fault(
            "after the body",
            Add,
            vec![vec![All, Reset], good()],
            Fails(Cut, Maybe),
            1,
        ),
        fault(
            "after the body",
            Replace,
            vec![vec![All, Reset], good()],
            Status(200),
            2,
        ),
        fault(
            "after a large body",
            AddLarge,
            vec![vec![All, Reset], good()],
            Fails(Cut, Maybe),
            1,
        ),
        fault(
            "within the answer",
            Read,
            vec![vec![All, says(HALF), Pause, Reset], good()],
            Status(200),
            2,
        ),
        fault(
            "within the answer",
            Add,
            vec![vec![All, says(HALF), Pause, Reset], good()],
            Fails(Cut, Maybe),
            1,
        ),
        // A success whose reply is lost.
        fault("the reply is lost", Replace, vec![vec![All], good()], Status(200), 2),
        fault("the reply is lost", Add, vec![vec![All], good()], Fails(Cut, Maybe), 1),
        // Nothing moves any more.
        fault(
            "silence after the request",
            Read,
            vec![vec![All, Silence], good()],
            Status(200),
            2,
        ),
        fault(
            "silence after the request",
            Add,
            vec![vec![All, Silence], good()],
            Fails(Stalled, Maybe),
            1,
        ),
        fault(
            "silence within the answer",
            Add,
            vec![vec![All, says(HALF), Silence]],
            Fails(Stalled, Maybe),
            1,
        ),
        fault(
            "silence within a large body",
            AddLarge,
            vec![vec![Head, Silence], good()],
            Status(200),
            2,
        ),
        fault(
            "silence within a large body, always",
            AddLarge,
            vec![vec![Head, Silence]],
            Fails(Stalled, No),
            4,
        ),
        // The server or something before it has trouble of its own.
        fault("503", Read, vec![vec![All, busy()], good()], Status(200), 2),
        fault("503", Add, vec![vec![All, busy()], good()], Status(503), 1),
        fault("503 for ever", Read, vec![vec![All, busy()]], Status(503), 4),
        fault("502 in HTML", Read, vec![vec![All, gateway()], good()], Status(200), 2),
        fault(
            "502 in HTML",
            Replace,
            vec![vec![All, gateway()], good()],
            Status(200),
            2,
        ),
        fault("502 in HTML", Add, vec![vec![All, gateway()], good()], Status(502), 1),
        fault(
            "503 with a time to come back",
            Add,
            vec![vec![All, answer("503 Later", "retry-after: 0\r\n", "")], good()],
            Status(200),
            2,
        ),
        // The server refuses before it has read the body, and hangs up on the rest of it.
        fault(
            "early 413, then the end",
            AddLarge,
            vec![vec![Head, refusal(), Pause]],
            Status(413),
            1,
        ),
        fault(
            "early 413, then a reset",
            AddLarge,
            vec![vec![Head, refusal(), Pause, Reset]],
            Status(413),
            1,
        ),
        fault(
            "early 413 within the body",
            AddLarge,
            vec![vec![Head, some.clone(), refusal(), Pause, Reset]],
            Status(413),
            1,
        ),
        fault(
            "early 413 with half of its reason",
            AddLarge,
            vec![vec![
                Head,
                says("HTTP/1.1 413 Too Large\r\ncontent-length: 99\r\n\r\n{"),
                Pause,
                Reset,
            ]],
            Status(413),
            1,
        ),
        fault(
            "early 413, and silence",
            AddLarge,
            vec![vec![
                Head,
                says("HTTP/1.1 413 Too Large\r\ncontent-length: 99\r\n\r\n{"),
                Silence,
            ]],
            Status(413),
            1,
        ),
        // The length of the answer is a lie, or no length at all.
        fault(
            "the body ends early",
            Read,
            vec![vec![All, says(HALF)], good()],
            Status(200),
            2,
        ),
        fault(
            "the body ends early",
            Add,
            vec![vec![All, says(HALF)], good()],
            Fails(Cut, Maybe),
            1,
        ),
        fault(
            "the body ends early, always",
            Read,
            vec![vec![All, says(HALF)]],
            Fails(Cut, Maybe),
            4,
        ),
        fault(
            "a chunk ends early",
            Read,
            vec![
                vec![
                    All,
                    says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nsix"),
                ],
                good(),
            ],
            Status(200),
            2,
        ),
        fault(
            "a length beyond all bounds",
            Read,
            vec![vec![
                All,
                says("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx"),
            ]],
            Fails(TooLarge, Maybe),
            1,
        ),
        fault(
            "a length that is no number",
            Read,
            vec![vec![All, says("HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\nx")]],
            Fails(Decode, Maybe),
            1,
        ),
        fault(
            "more than its length",
            Read,
            vec![vec![
                All,
                says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok and more"),
            ]],
            Status(200),
            1,
        ),
        fault(
            "no HTTP",
            Read,
            vec![vec![All, says("220 mail.example.com ESMTP\r\n")]],
            Fails(Decode, Maybe),
            1,
        ),
    ]
}

fn call(ask: Ask, url: &str) -> Call {
    let few = || Body::Bytes {
        bytes: Bytes::from_static(b"a few bytes"),
        content_type: "text/plain".to_owned(),
    };
    let (method, body) = match ask {
        Ask::Read => (Method::GET, Body::Empty),
        Ask::Replace => (Method::PUT, few()),
        Ask::Add => (Method::POST, few()),
        Ask::AddLarge => (Method::POST, large()),
    };
    Call::new("Test", "thing", method, format!("{url}/storage/v1/thing")).body(body)
}

#[tokio::test]
async fn each_fault_is_met_as_it_deserves() {
    let mut wrong = Vec::new();
    for fault in table() {
        let (url, seen) = serve(fault.server.clone()).await;
        let http = client();
        let mut call = call(fault.ask, &url);
        if fault.server.iter().flatten().any(|act| matches!(act, Act::Silence)) {
            call = call.stall_after(Duration::from_secs(1));
        }
        let (end, attempts) = match http.send(call).await {
            Ok(reply) => (End::Status(reply.status.as_u16()), reply.attempts),
            Err(error) => {
                let arrived = if error.may_have_arrived {
                    Arrived::Maybe
                } else {
                    Arrived::No
                };
                assert!(error.to_string().ends_with(['.', '?']), "a sentence: {error}");
                (End::Fails(error.class, arrived), error.attempts)
            }
        };
        let connections = u32::try_from(seen.lock().unwrap().len()).unwrap();
        let exchanges = http.transcript().exchanges();
        let numbers: Vec<u32> = exchanges.iter().map(|exchange| exchange.attempt).collect();
        if (end, attempts, connections) != (fault.end, fault.attempts, fault.attempts)
            || numbers != (1..=fault.attempts).collect::<Vec<_>>()
            || exchanges.iter().any(|exchange| exchange.outcome == Outcome::Pending)
        {
            wrong.push(format!(
                "{:?}, {}: {end:?} after {attempts} attempts on {connections} connections, in the transcript {numbers:?}; \
                 expected {:?} after {}",
                fault.ask, fault.name, fault.end, fault.attempts
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A server may hang up in the very moment in which it refuses. Its answer is seen then, or the upload, which cannot
/// have been carried out, is made again until it is.
#[tokio::test]
async fn a_refusal_that_is_followed_by_a_reset_at_once_is_not_lost() {
    for _ in 0..5 {
        let refusal = answer("413 Payload Too Large", "", "no");
        let (url, _) = serve(vec![vec![Act::Head, refusal, Act::Reset]]).await;
        match client().send(call(Ask::AddLarge, &url)).await {
            Ok(reply) => assert_eq!(reply.status, 413),
            Err(error) => assert!(!error.may_have_arrived && error.attempts == 4, "{error:?}"),
        }
    }
}

#[tokio::test]
async fn throttled_requests_come_back_when_they_may_and_not_before() {
    let fixed = |value: &'static str| move |_: Timestamp| value.to_owned();
    let date = |after: i64| {
        move |now: Timestamp| {
            let at = now + SignedDuration::from_secs(after);
            at.strftime("retry-after: %a, %d %b %Y %H:%M:%S GMT").to_string()
        }
    };
    type Header = Box<dyn Fn(Timestamp) -> String>;
    // The header, the least milliseconds that it takes, and whether it is waited for at all.
    let table: Vec<(Header, u64, bool)> = vec![
        (Box::new(fixed("retry-after: 1")), 1_000, true),
        (Box::new(fixed("retry-after: 0.3")), 300, true),
        (Box::new(fixed("retry-after-ms: 200")), 200, true),
        // Whole seconds: up to one of them is lost, and the time on the way is not waited for again.
        (Box::new(date(3)), 1_000, true),
        (Box::new(date(-60)), 0, true),
        (Box::new(fixed("x-nothing: at all")), 0, true),
        (Box::new(fixed("retry-after: soon")), 0, true),
        (Box::new(fixed("retry-after: -5")), 0, true),
        (Box::new(fixed("retry-after: 99999999999999999999")), 0, false),
        (Box::new(fixed("retry-after: 86400")), 0, false),
        (Box::new(date(86_400)), 0, false),
    ];
    for (header, least, comes_back) in table {
        let header = header(Timestamp::now());
        let begun = Instant::now();
        let throttle = answer("429 Too Many Requests", &format!("{header}\r\n"), "");
        let (url, _) = serve(vec![vec![Act::All, throttle], good()]).await;
        // Not idempotent: what was refused was not done, so it is made again all the same.
        let reply = client().send(call(Ask::Add, &url)).await.unwrap();
        let expected = if comes_back { (200, 2) } else { (429, 1) };
        assert_eq!((reply.status.as_u16(), reply.attempts), expected, "{header}");
        assert!(
            begun.elapsed() >= Duration::from_millis(least),
            "{header}: {:?}",
            begun.elapsed()
        );
    }
}
