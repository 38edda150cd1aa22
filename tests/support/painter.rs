//! An image provider on loopback that counts what it is paid for, and does what its prompts say.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use base64::Engine as _;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};
use storymimi_studio::workspace::Provider;

/// The provider. Words in a prompt decide what it does:
///
/// - `refused`: it refuses, as long as [`Painter::strict`] is set;
/// - `busy`: the first request of that prompt is told to come back in 50 ms;
/// - `tired`: every request of that prompt is told to come back after an hour, as long as it is strict;
/// - `lost`: it does the work, is paid, and the line ends before the answer;
/// - `broken`: what it sends is no picture.
#[derive(Clone, Default)]
pub struct Painter {
    paid: Arc<Mutex<Vec<String>>>,
    asked: Arc<AtomicUsize>,
    at_work: Arc<AtomicUsize>,
    most_at_work: Arc<AtomicUsize>,
    seen: Arc<Mutex<HashMap<String, usize>>>,
    lenient: Arc<AtomicBool>,
    takes: Arc<Mutex<Duration>>,
}

impl Painter {
    /// Starts it; its address is what a provider's paths are appended to.
    pub async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/images/generations", post(draw))
            .route("/v1/models", get(models))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        base_url
    }

    /// The same as a provider of a workspace.
    pub async fn provider(&self) -> Provider {
        Provider {
            text_model: "text".to_owned(),
            image_model: "image".to_owned(),
            ..Provider::new("Painter", self.start().await)
        }
    }

    /// How many pictures it was paid for.
    pub fn paid(&self) -> usize {
        self.paid.lock().unwrap().len()
    }

    /// How many of that prompt.
    pub fn paid_for(&self, prompt: &str) -> usize {
        let paid = self.paid.lock().unwrap();
        paid.iter().filter(|paid| paid.contains(prompt)).count()
    }

    /// The prompts that it was paid for.
    pub fn prompts(&self) -> Vec<String> {
        self.paid.lock().unwrap().clone()
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// How many it was at together, at most.
    pub fn most_at_work(&self) -> usize {
        self.most_at_work.load(Ordering::SeqCst)
    }

    /// From now on it draws everything.
    pub fn relent(&self) {
        self.lenient.store(true, Ordering::SeqCst);
    }

    /// How long a picture takes.
    pub fn takes(&self, time: Duration) {
        *self.takes.lock().unwrap() = time;
    }
}

fn answer(status: u16, body: &Value) -> Response<Body> {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

async fn models() -> Response<Body> {
    answer(200, &json!({ "data": [{ "id": "image" }, { "id": "text" }] }))
}

async fn draw(State(painter): State<Painter>, body: Bytes) -> Result<Response<Body>, Infallible> {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let prompt = body["prompt"].as_str().unwrap().to_owned();
    let says = |word: &str| {
        prompt
            .split(|letter: char| !letter.is_alphanumeric())
            .any(|other| other == word)
    };
    painter.asked.fetch_add(1, Ordering::SeqCst);
    let before = {
        let mut seen = painter.seen.lock().unwrap();
        let times = seen.entry(prompt.clone()).or_default();
        *times += 1;
        *times - 1
    };
    let lenient = painter.lenient.load(Ordering::SeqCst);
    if says("refused") && !lenient {
        return Ok(answer(
            400,
            &json!({ "error": { "message": "Not this one", "code": "moderation_blocked" } }),
        ));
    }
    if (says("busy") && before == 0) || (says("tired") && !lenient) {
        let mut answer = answer(
            429,
            &json!({ "error": { "message": "Slowly", "code": "rate_limit_exceeded" } }),
        );
        let after = if says("busy") { "50" } else { "3600000" };
        answer.headers_mut().insert("retry-after-ms", after.parse().unwrap());
        return Ok(answer);
    }
    let now = painter.at_work.fetch_add(1, Ordering::SeqCst) + 1;
    painter.most_at_work.fetch_max(now, Ordering::SeqCst);
    let takes = *painter.takes.lock().unwrap();
    painter.paid.lock().unwrap().push(prompt.clone());
    tokio::time::sleep(takes).await;
    painter.at_work.fetch_sub(1, Ordering::SeqCst);
    if says("lost") {
        let cut = stream::iter([Ok(Bytes::from_static(b"{\"data\":["))])
            .chain(stream::iter([Err(std::io::Error::other("the line ended"))]));
        return Ok(Response::new(Body::from_stream(cut)));
    }
    let bytes = if says("broken") {
        b"no picture at all".to_vec()
    } else {
        // Each one another picture: it is told apart by its bytes.
        picture(&prompt, painter.paid())
    };
    let picture = base64::engine::general_purpose::STANDARD.encode(bytes);
    Ok(answer(200, &json!({ "data": [{ "b64_json": picture }] })))
}

fn picture(prompt: &str, number: usize) -> Vec<u8> {
    let (red, green) = (prompt.len() as u8, number as u8);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(12, 9, |x, y| {
        image::Rgb([red ^ x as u8, green, (number >> 8) as u8 ^ y as u8])
    })
    .write_to(&mut bytes, image::ImageFormat::Png)
    .unwrap();
    bytes.into_inner()
}
