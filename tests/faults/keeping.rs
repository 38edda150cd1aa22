//! What is kept of a server from call to call: that it fails, how fast it may be asked, what its clock says.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use storymimi_studio::http::{Call, NetworkClass, Outcome, Rate, Retry};
use tokio_util::sync::CancellationToken;

use crate::client;
use crate::script::{Act, answer, serve};

fn read(url: &str) -> Call {
    Call::new("Test", "thing", Method::GET, url)
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_left_alone_and_says_until_when() {
    let (url, seen) = serve(vec![vec![Act::All, answer("503 Service Unavailable", "", "")]]).await;
    let http = client();
    let waiting = http.waiting();
    for _ in 0..10 {
        let reply = http.send(read(&format!("{url}/storage/v1/x"))).await.unwrap();
        assert_eq!(reply.status, 503);
    }
    let asked = seen.lock().unwrap().len();
    let error = http.send(read(&format!("{url}/storage/v1/x"))).await.unwrap_err();
    assert_eq!(
        (error.class, error.attempts, error.may_have_arrived),
        (NetworkClass::CircuitOpen, 0, false)
    );
    assert!(error.class.is_transient());
    let until = error.retry_at.unwrap();
    let left = until.duration_since(Timestamp::now());
    assert!(
        left > SignedDuration::ZERO && left <= SignedDuration::from_secs(5),
        "{left:?}"
    );
    let sentence = error.to_string();
    assert!(
        sentence.starts_with(&url) && sentence.contains(" waits until "),
        "{sentence}"
    );
    assert_eq!(seen.lock().unwrap().len(), asked, "nothing was sent");
    {
        let waiting = waiting.borrow();
        assert_eq!(
            (waiting.len(), waiting[0].origin.as_str(), waiting[0].endpoint.as_str()),
            (1, &*url, "storage")
        );
    }
    // Another kind of endpoint of the same host is not concerned.
    assert_eq!(http.send(read(&format!("{url}/rest/v1/x"))).await.unwrap().status, 503);
}

#[tokio::test]
async fn what_is_repeated_once_is_not_repeated_twice() {
    fn too_early(reply: &storymimi_studio::http::Reply) -> Retry {
        if reply.status == 401 {
            return Retry::Once {
                after: Duration::from_millis(100),
            };
        }
        Retry::Never
    }
    let refusal = answer(
        "401 Unauthorized",
        "",
        r#"{"code":"PGRST303","message":"JWT issued at future"}"#,
    );
    let good = answer("200 OK", "", "[]");
    for (scripts, expected) in [
        (vec![vec![Act::All, refusal.clone()], vec![Act::All, good]], (200, 2)),
        (vec![vec![Act::All, refusal]], (401, 2)),
    ] {
        let (url, _) = serve(scripts).await;
        let begun = Instant::now();
        let call = Call::new("Test", "thing", Method::POST, url).classify(too_early);
        let reply = client().send(call).await.unwrap();
        assert_eq!((reply.status.as_u16(), reply.attempts), expected);
        assert!(begun.elapsed() >= Duration::from_millis(100));
    }
}

#[tokio::test]
async fn a_rate_holds_requests_back_and_says_so() {
    let (url, seen) = serve(vec![vec![Act::All, answer("200 OK", "", "")]]).await;
    let http = client();
    let rate = |per_minute| Rate {
        per_minute: NonZeroU32::new(per_minute).unwrap(),
        burst: NonZeroU32::MIN,
    };
    http.set_rate(&format!("{url}/v1"), Some(rate(600)));
    let begun = Instant::now();
    for path in ["storage/v1/x", "rest/v1/x", "v1/images"] {
        http.send(read(&format!("{url}/{path}"))).await.unwrap();
    }
    assert!(begun.elapsed() >= Duration::from_millis(200), "{:?}", begun.elapsed());
    let waited: Vec<bool> = http
        .transcript()
        .exchanges()
        .iter()
        .map(|exchange| exchange.waited >= Duration::from_millis(20))
        .collect();
    assert!(!waited[0] && waited[2], "{waited:?}");

    // One a minute: the next call is not sent, and can be stopped.
    http.set_rate(&url, Some(rate(1)));
    http.send(read(&url)).await.unwrap();
    let asked = seen.lock().unwrap().len();
    let token = CancellationToken::new();
    let call = read(&url).cancel(token.clone());
    let mut news = http.transcript().subscribe();
    let task = tokio::spawn({
        let http = http.clone();
        async move { http.send(call).await }
    });
    assert_eq!(
        news.recv().await.unwrap().outcome,
        Outcome::Pending,
        "it is seen to wait"
    );
    token.cancel();
    let error = task.await.unwrap().unwrap_err();
    assert_eq!((error.class, error.may_have_arrived), (NetworkClass::Cancelled, false));
    assert_eq!(seen.lock().unwrap().len(), asked);
    http.set_rate(&url, None);
    http.send(read(&url)).await.unwrap();
}

#[tokio::test]
async fn the_clock_of_a_server_is_known_from_its_answers() {
    let date = (Timestamp::now() + SignedDuration::from_hours(1)).strftime("%a, %d %b %Y %H:%M:%S GMT");
    let (url, _) = serve(vec![vec![
        Act::All,
        answer("404 Not Found", &format!("date: {date}\r\n"), ""),
    ]])
    .await;
    let http = client();
    assert_eq!(http.clock_offset(&url), None);
    http.send(read(&format!("{url}/rest/v1/"))).await.unwrap();
    let clock = http.clock_offset(&url).unwrap();
    let wrong = (clock.offset - SignedDuration::from_hours(1)).abs();
    assert!(wrong <= clock.accuracy + SignedDuration::from_secs(1), "{clock:?}");
}
