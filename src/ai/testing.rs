//! A provider for tests: answers by the number of the request, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use ::http::StatusCode;
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use serde_json::{Value, json};

use super::{Ai, Dialect, Provider};
use crate::http::Secret;
use crate::http::testing::{impatient, serve};

pub(crate) const KEY: &str = "sk-canary-0123456789";

/// What a request asked for: path, `Authorization`, body.
pub(crate) type Seen = (String, Option<String>, Value);

pub(crate) type Log = Arc<Mutex<Vec<Seen>>>;

pub(crate) fn at(base_url: String) -> Ai {
    let provider = Provider {
        name: "Test provider".into(),
        base_url,
        key: Some(Secret::new(KEY)),
        text_model: "writer-1".into(),
        image_model: "painter-1".into(),
        dialect: Dialect::OpenAi,
    };
    Ai::new(impatient(), provider)
}

/// A provider under `/v1/`. The closure gets the number of the request, from 0, and what it asks for.
pub(crate) async fn provider(answer: impl Fn(usize, &Seen) -> Response + Send + Sync + 'static) -> (Ai, Log) {
    let (answer, log) = (Arc::new(answer), Log::default());
    let seen = Arc::clone(&log);
    let url = serve(Router::new().fallback(any(move |request: Request| {
        let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
        async move {
            let path = request.uri().path().to_owned();
            let key = request
                .headers()
                .get("authorization")
                .map(|value| value.to_str().unwrap().to_owned());
            let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
            let asked = (path, key, serde_json::from_slice(&body).unwrap_or_default());
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(asked.clone());
                seen.len() - 1
            };
            answer(number, &asked)
        }
    })))
    .await;
    (at(format!("{url}/v1/")), log)
}

pub(crate) fn answer(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

/// An error in OpenAI's form.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Response {
    answer(
        status,
        &json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code}}),
    )
}

/// A text in the form of a chat's answer.
pub(crate) fn chat(content: &str) -> Response {
    answer(
        200,
        &json!({
            "model": "writer-1-2026",
            "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 20},
        }),
    )
}

/// A story of so many scenes.
pub(crate) fn story(scenes: usize) -> String {
    let scene = |n: usize| json!({"title": format!("Scene {n}"), "text": "A fox runs.", "image_prompt": "a fox", "alt_text": "A fox"});
    json!({"title": "The fox", "scenes": (1..=scenes).map(scene).collect::<Vec<_>>()}).to_string()
}
