//! What the one way out promises, against servers that misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ::http::{Method, StatusCode};
use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::{any, get};
use bytes::Bytes;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::testing::{End, impatient, scripted, serve};
use super::{Body, Call, NetworkClass, Outcome, Secret};

fn read(url: &str) -> Call {
    Call::new("Test", "thing", Method::GET, url)
}

fn write(url: &str) -> Call {
    Call::new("Test", "thing", Method::POST, url).json(json!({"a": 1}))
}

/// Answers as told by the number of the request, from 0.
async fn counted(answer: fn(u32) -> axum::response::Response) -> (String, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&count);
    let url = serve(Router::new().fallback(any(move || {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        async move { answer(number) }
    })))
    .await;
    (url, count)
}

#[tokio::test]
async fn says_who_it_is_and_what_it_sends() {
    let url = serve(
        Router::new().fallback(any(|request: axum::extract::Request| async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            format!("{} {} {:?} {}", parts.method, parts.uri, parts.headers, body.len())
        })),
    )
    .await;
    let http = impatient();
    let bytes = Bytes::from(vec![7; 300_000]);
    let call = Call::new("Test", "", Method::POST, format!("{url}/a%20b?c=%2B"))
        .header("x-upsert", "true")
        .body(Body::Bytes {
            bytes,
            content_type: "image/png".into(),
        });
    let text = String::from_utf8(http.send(call).await.unwrap().body.to_vec()).unwrap();
    assert!(text.starts_with("POST /a%20b?c=%2B"), "{text}");
    assert!(
        text.ends_with(" 300000") && text.contains("\"content-length\": \"300000\""),
        "{text}"
    );
    assert!(text.contains(concat!("StoryMimiStudio/", env!("CARGO_PKG_VERSION"))) && text.contains("x-upsert"));
    let empty = http.send(Call::new("Test", "", Method::DELETE, url)).await.unwrap();
    assert!(
        !String::from_utf8(empty.body.to_vec()).unwrap().contains("content-type"),
        "no body, no type"
    );
}

#[tokio::test]
async fn any_status_is_an_answer_and_redirects_are_not_followed() {
    for status in [200, 204, 302, 304, 404, 418] {
        let status = StatusCode::from_u16(status).unwrap();
        let url = serve(Router::new().fallback(any(move || async move { (status, [("location", "/x")]) }))).await;
        assert_eq!(impatient().send(read(&url)).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn waits_as_long_as_a_throttled_server_asks_in_any_form() {
    for (name, value) in [
        ("retry-after", "0"),
        ("retry-after", "0.001"),
        ("retry-after-ms", "1"),
        ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("x-nothing", ""),
    ] {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        let url = serve(Router::new().fallback(any(move || {
            let first = counter.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                (
                    if first {
                        StatusCode::TOO_MANY_REQUESTS
                    } else {
                        StatusCode::OK
                    },
                    [(name, value)],
                )
            }
        })))
        .await;
        // Not idempotent: a throttled request was not carried out, so it is made again all the same.
        let http = impatient();
        let reply = http.send(write(&url)).await.unwrap();
        assert_eq!(
            (reply.status, reply.attempts, count.load(Ordering::SeqCst)),
            (StatusCode::OK, 2, 2),
            "{name} {value}"
        );
        // Whoever sends many at once can know of it.
        assert_eq!((http.throttled(&url), http.throttled("http://other")), (1, 0));
    }
    let (url, count) = counted(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "86400")]).into_response()).await;
    assert_eq!(
        impatient().send(read(&url)).await.unwrap().status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(count.load(Ordering::SeqCst), 1, "a day is not waited for");
}

#[tokio::test]
async fn only_what_may_be_done_twice_is_repeated_after_a_servers_trouble() {
    let (url, count) = counted(|_| (StatusCode::BAD_GATEWAY, "<html>").into_response()).await;
    let reply = impatient().send(read(&url)).await.unwrap();
    assert_eq!((reply.status, reply.attempts), (StatusCode::BAD_GATEWAY, 4));
    assert_eq!(count.swap(0, Ordering::SeqCst), 4);
    impatient().send(write(&url)).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn stops_repeating_when_the_budget_of_the_host_is_spent() {
    let (url, count) = counted(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()).await;
    let http = impatient();
    for number in 0..40 {
        // Each to an endpoint of its own, or the breaker of one would open first.
        http.send(read(&format!("{url}/{number}"))).await.unwrap();
    }
    // 35 retries cost 14 of 500 each; 40 first attempts are free.
    assert_eq!(count.load(Ordering::SeqCst), 75);
}

#[tokio::test]
async fn nobody_there_is_said_plainly_and_tried_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = impatient()
        .send(write(&format!("http://{address}/x")))
        .await
        .unwrap_err();
    assert_eq!(
        (error.class, error.attempts, error.may_have_arrived),
        (NetworkClass::Connect, 4, false)
    );
    assert_eq!(
        error.to_string(),
        format!("Nothing answers at http://{address}. Is the server running?")
    );
    assert!(error.exchange.is_some());
}

#[tokio::test]
async fn names_that_nobody_has_and_addresses_that_are_none() {
    let error = impatient()
        .send(read("https://no-such-host.invalid/"))
        .await
        .unwrap_err();
    assert_eq!(error.class, NetworkClass::Dns, "{:?}", error.source);
    for url in ["", "not an address", "ftp://x/y", "http://"] {
        let error = impatient().send(read(url)).await.unwrap_err();
        assert_eq!((error.class, error.attempts), (NetworkClass::Request, 0), "{url}");
    }
    let error = impatient()
        .send(read("http://127.0.0.1:1/").header("x-a", "line\nbreak"))
        .await
        .unwrap_err();
    assert_eq!(error.class, NetworkClass::Request);
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_one_that_is_not_there() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut socket, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = impatient()
        .send(read(&format!("https://{address}/")))
        .await
        .unwrap_err();
    assert_eq!(error.class, NetworkClass::Tls, "{:?}", error.source);
}

const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";

#[tokio::test]
async fn an_answer_cut_short_is_no_answer() {
    for end in [End::Reset, End::Close] {
        let (url, seen) = scripted(&[(HALF, end), (GOOD, End::Close)]).await;
        let reply = impatient().send(read(&url)).await.unwrap();
        assert_eq!((&reply.body[..], reply.attempts), (&b"ok"[..], 2));
        assert_eq!(seen.lock().unwrap().len(), 2);

        let (url, seen) = scripted(&[(HALF, end), (GOOD, End::Close)]).await;
        let error = impatient().send(write(&url)).await.unwrap_err();
        assert_eq!((error.class, error.may_have_arrived), (NetworkClass::Reset, true));
        assert_eq!(
            seen.lock().unwrap().len(),
            1,
            "a write whose answer was lost is not repeated"
        );
    }
}

#[tokio::test]
async fn a_length_that_lies_is_noticed() {
    const MORE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nsmall";
    let (url, _) = scripted(&[(MORE, End::Close)]).await;
    let error = impatient().send(read(&url)).await.unwrap_err();
    assert_eq!((error.class, error.attempts), (NetworkClass::TooLarge, 1));

    let url = serve(Router::new().route("/", get(|| async { vec![0_u8; 100_000] }))).await;
    let error = impatient().send(read(&url).at_most(50_000)).await.unwrap_err();
    assert_eq!(error.class, NetworkClass::TooLarge);
    // Chunked: no length is announced.
    const CHUNKED: &str =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nsixsix\r\n6\r\nsixsix\r\n0\r\n\r\n";
    let (url, _) = scripted(&[(CHUNKED, End::Close)]).await;
    let error = impatient().send(read(&url).at_most(10)).await.unwrap_err();
    assert_eq!(error.class, NetworkClass::TooLarge);
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_none() {
    let (url, _) = scripted(&[("SSH-2.0-OpenSSH_9.6\r\n", End::Close)]).await;
    let error = impatient().send(read(&url)).await.unwrap_err();
    assert_eq!(error.class, NetworkClass::Decode, "{:?}", error.source);
}

#[tokio::test]
async fn silence_ends_a_call_before_and_within_the_answer() {
    for answer in ["", HALF] {
        let (url, _) = scripted(&[(answer, End::Silence)]).await;
        let error = impatient()
            .send(write(&url).stall_after(Duration::from_millis(60)))
            .await
            .unwrap_err();
        assert_eq!(
            (error.class, error.may_have_arrived, error.attempts),
            (NetworkClass::Stalled, true, 1)
        );
    }
}

#[tokio::test]
async fn can_be_stopped_from_outside() {
    let (url, seen) = scripted(&[("", End::Silence)]).await;
    let (http, token) = (impatient(), CancellationToken::new());
    let call = write(&url).cancel(token.clone());
    let task = tokio::spawn({
        let http = http.clone();
        async move { http.send(call).await }
    });
    while seen.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    token.cancel();
    let error = task.await.unwrap().unwrap_err();
    assert_eq!((error.class, error.may_have_arrived), (NetworkClass::Cancelled, true));
    assert_eq!(
        http.transcript().get(error.exchange.unwrap()).unwrap().outcome,
        Outcome::Cancelled
    );
    let error = http.send(write(&url).cancel(token)).await.unwrap_err();
    assert_eq!(
        (error.class, error.may_have_arrived, error.exchange),
        (NetworkClass::Cancelled, false, None)
    );
}

#[tokio::test]
async fn no_secret_is_seen_through_any_door() {
    const CANARY: &str = "c4n4ry+/0123456789=c4n4ry";
    let (url, _) = counted(|number| {
        let status = if number == 0 {
            StatusCode::BAD_GATEWAY
        } else {
            StatusCode::OK
        };
        let headers = [("x-echo", CANARY), ("set-cookie", CANARY)];
        (
            status,
            headers,
            axum::Json(json!({ "password": "sh0rt", "text": format!("it was {CANARY}") })),
        )
            .into_response()
    })
    .await;
    let http = impatient();
    let secret = Secret::new(CANARY);
    http.transcript().masker().remember(&secret);
    let mut news = http.transcript().subscribe();
    let encoded = percent_encoding::utf8_percent_encode(CANARY, percent_encoding::NON_ALPHANUMERIC);
    let call = Call::new(
        "Test",
        format!("target {CANARY}"),
        Method::PUT,
        format!("{url}/{encoded}?token=t0k3n&x={encoded}"),
    )
    .secret_header("apikey", "", &secret)
    .secret_header("authorization", "Bearer ", &secret)
    .header("x-other", CANARY)
    .json(json!({ "password": "sh0rt", "nested": { "a": CANARY } }));
    let reply = http.send(call).await.unwrap();
    assert_eq!(reply.attempts, 2);
    assert!(
        String::from_utf8_lossy(&reply.body).contains(CANARY),
        "the caller sees what came"
    );
    let mut shown = String::new();
    while let Ok(exchange) = news.try_recv() {
        shown += &format!("{exchange:?}\n{}\n", exchange.curl());
    }
    let dead = http
        .send(read(&format!("http://x:{encoded}@127.0.0.1:1/{encoded}")))
        .await
        .unwrap_err();
    shown += &format!("{dead:?} {dead}");
    let dead = http
        .send(read(&format!("http://127.0.0.1:1/{encoded}")))
        .await
        .unwrap_err();
    shown += &format!("{dead:?} {dead} {http:?}");
    for part in ["c4n4ry", "0123456789", "t0k3n", "sh0rt", "YzRuNHJ5"] {
        assert!(!shown.contains(part), "{part} in {shown}");
    }
    assert!(shown.contains("$SUPABASE_KEY"));
}
