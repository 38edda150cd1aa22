//! The seam against a provider that answers as it is told. What each dialect sends and what each failure becomes is in
//! `tests/ai_dialects.rs` and `tests/ai_failures.rs`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::http::{Secret, Transcript};
use crate::workspace::{Dialect, Money};

/// A provider that answers as it is told, one answer after the other, and remembers what it was asked.
#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
    sent: Arc<Mutex<Vec<Value>>>,
}

impl Script {
    fn new<const N: usize>(answers: [(u16, Value); N]) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into())),
            sent: Arc::default(),
        }
    }

    fn sent(&self) -> Vec<Value> {
        self.sent.lock().unwrap().clone()
    }
}

async fn answer(State(script): State<Script>, body: Option<Json<Value>>) -> (StatusCode, Json<Value>) {
    script
        .sent
        .lock()
        .unwrap()
        .push(body.map_or(Value::Null, |Json(body)| body));
    let next = script.answers.lock().unwrap().pop_front();
    let (status, body) = next.unwrap_or((418, json!({ "error": { "message": "the script has ended" } })));
    (StatusCode::from_u16(status).unwrap(), Json(body))
}

async fn speaking(script: &Script, dialect: Dialect) -> Ai {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(script.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let provider = Provider {
        key: Some(Secret::new("sk-test0123456789")),
        text_model: "text".into(),
        image_model: "image".into(),
        dialect,
        ..Provider::new("test", base_url)
    };
    Ai::new(Http::new(Arc::new(Transcript::default())).unwrap(), provider)
}

async fn ai(script: &Script) -> Ai {
    speaking(script, Dialect::OpenAi).await
}

fn story(scenes: usize) -> DraftRequest {
    DraftRequest {
        title: "T".into(),
        prompt: "P".into(),
        scenes,
        words_per_scene: 30,
        seed: 1,
        cast: Vec::new(),
        model: None,
    }
}

fn picture() -> PaintRequest {
    PaintRequest {
        seed: Some(7),
        ..PaintRequest::new("a fox", 1024, 768)
    }
}

async fn painted(ai: &Ai) -> Result<Painted, AiError> {
    ai.paint(&picture(), &|_| {}).await
}

const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test]
async fn lists_models_and_tells_a_wrong_key() {
    let script = Script::new([
        (
            200,
            json!({ "data": [{ "id": "a", "object": "model" }, { "id": "b" }, { "id": "a" }] }),
        ),
        (
            401,
            json!({ "error": { "message": "Incorrect API key: sk-test0123456789", "code": "invalid_api_key" } }),
        ),
    ]);
    let ai = ai(&script).await;
    let ids: Vec<String> = ai.models().await.unwrap().into_iter().map(|model| model.id).collect();
    assert_eq!(ids, ["a", "b"]);
    let error = ai.models().await.unwrap_err();
    assert!(matches!(error, AiError::Auth { .. }));
    assert!(!error.to_string().contains("sk-test0123456789"), "{error}");
}

#[tokio::test]
async fn a_model_that_is_gone_is_told_of_with_those_that_are_there() {
    let gone = json!({ "error": { "message": "The model `image` does not exist", "code": "model_not_found" } });
    let script = Script::new([(404, gone), (200, json!({ "data": [{ "id": "painter-2" }] }))]);
    let error = painted(&ai(&script).await).await.unwrap_err();
    assert!(error.hint().contains("painter-2"), "{}", error.hint());
}

#[tokio::test]
async fn decodes_and_names_the_picture_by_its_content() {
    let script = Script::new([(
        200,
        json!({ "data": [{ "b64_json": PIXEL, "revised_prompt": "a red fox" }], "usage": { "cost": 0.0042 } }),
    )]);
    let painted = painted(&ai(&script).await).await.unwrap();
    assert_eq!(
        (painted.media_type.as_str(), painted.note.as_deref()),
        ("image/png", Some("a red fox"))
    );
    assert_eq!((painted.cost, painted.seed), (Some(Money::from_micros(4_200)), None));
    let sent = &script.sent()[0];
    assert_eq!(sent["size"], "1536x1024");
    assert!(sent.get("seed").is_none() && sent.get("response_format").is_none());
}

#[tokio::test]
async fn an_empty_success_is_no_picture() {
    for body in [json!({ "data": [] }), json!({ "data": [{}] }), json!({}), json!([])] {
        let script = Script::new([(200, body)]);
        assert!(matches!(
            painted(&ai(&script).await).await,
            Err(AiError::NoImage { .. })
        ));
    }
    let script = Script::new([(200, json!({ "data": [{ "b64_json": "aGVsbG8=" }] }))]);
    assert!(matches!(
        painted(&ai(&script).await).await,
        Err(AiError::BadJson { .. })
    ));
}

#[tokio::test]
async fn refusals_and_server_trouble_are_not_asked_again() {
    let blocked = json!({ "error": {
        "message": "blocked", "type": "image_generation_user_error", "code": "moderation_blocked",
        "moderation_details": { "moderation_stage": "output", "categories": ["violence"] },
    } });
    for (status, body, refused) in [(400, blocked, true), (500, json!({}), false)] {
        let script = Script::new([(status, body)]);
        let error = painted(&ai(&script).await).await.unwrap_err();
        match error {
            AiError::Refused { stage, categories, .. } if refused => {
                assert_eq!((stage, categories), (Some(Stage::Output), vec!["violence".to_owned()]));
            }
            AiError::Broke { .. } if !refused => {}
            other => panic!("{other}"),
        }
        assert_eq!(script.sent().len(), 1);
    }
}

#[tokio::test]
async fn unencrypted_addresses_of_other_hosts_are_not_fetched() {
    let script = Script::new([(200, json!({ "data": [{ "url": "http://192.0.2.1/x.png" }] }))]);
    let error = painted(&ai(&script).await).await.unwrap_err();
    assert!(error.to_string().contains("not encrypted"), "{error}");
}

#[tokio::test]
async fn what_an_engine_cannot_do_is_told_before_anything_is_sent() {
    let script = Script::new([]);
    let reference = Reference {
        bytes: bytes::Bytes::from_static(b"x"),
        media_type: "image/png".into(),
    };
    let with_base = PaintRequest {
        base: Some(reference.clone()),
        ..picture()
    };
    let loose = speaking(&script, Dialect::OpenaiLoose).await;
    let error = loose.paint(&with_base, &|_| {}).await.unwrap_err();
    assert!(matches!(error, AiError::NotAble(_)), "{error}");
    let many = PaintRequest {
        references: vec![reference; 17],
        ..picture()
    };
    let error = ai(&script).await.paint(&many, &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("at most 16"), "{error}");
    let wordless = PaintRequest::new(" ", 1, 1);
    assert!(matches!(
        ai(&script).await.paint(&wordless, &|_| {}).await,
        Err(AiError::NotAble(_))
    ));
    assert!(script.sent().is_empty());
}

fn said(content: &str) -> Value {
    json!({ "model": "m", "choices": [{ "message": { "content": content }, "finish_reason": "stop" }] })
}

fn scenes(count: usize) -> String {
    let scene = json!({ "title": 1, "text": "Once.", "image_prompt": "", "alt_text": null });
    let cast = json!([{ "name": "Mia", "look": "a girl in a red coat", "is_child": true }, { "look": "nobody" }]);
    json!({ "title": " The \n fox ", "cast": cast, "scenes": vec![scene; count] }).to_string()
}

#[tokio::test]
async fn reads_a_fenced_answer_and_fills_what_is_missing() {
    let script = Script::new([(200, said(&format!("```json\n{}\n```", scenes(2))))]);
    let drafted = ai(&script).await.draft(&story(2)).await.unwrap();
    assert_eq!(drafted.scenes.len(), 2);
    assert_eq!(drafted.scenes[0].image_prompt, "Once.");
    assert_eq!(drafted.scenes[0].title, "1");
    assert_eq!(drafted.title.as_deref(), Some("The fox"));
    let mia = CastMember {
        name: "Mia".into(),
        look: "a girl in a red coat".into(),
        is_child: true,
    };
    assert_eq!(drafted.cast, [mia]);
    let sent = script.sent();
    assert_eq!(sent[0]["response_format"]["type"], "json_schema");
    assert!(
        sent[0]["messages"][1]["content"]
            .as_str()
            .unwrap()
            .contains(r#""scenes":2"#)
    );
}

#[tokio::test]
async fn asks_less_strictly_where_schemas_are_not_known_and_remembers_it() {
    let refusal = |word: &str| json!({ "error": { "message": format!("{word} is not supported"), "code": null } });
    let script = Script::new([
        (400, refusal("response_format json_schema")),
        (400, refusal("response_format")),
        (200, said(&scenes(1))),
        (200, said(&scenes(1))),
    ]);
    let ai = ai(&script).await;
    ai.draft(&story(1)).await.unwrap();
    ai.clone().draft(&story(1)).await.unwrap();
    let kinds: Vec<Value> = script
        .sent()
        .iter()
        .map(|body| body["response_format"]["type"].clone())
        .collect();
    assert_eq!(
        kinds,
        [json!("json_schema"), json!("json_object"), Value::Null, Value::Null]
    );
}

#[tokio::test]
async fn asks_once_more_for_a_wrong_count_and_then_gives_up() {
    let script = Script::new([(200, said(&scenes(3))), (200, said(&scenes(3)))]);
    let error = ai(&script).await.draft(&story(2)).await.unwrap_err();
    assert!(
        matches!(error, AiError::WrongCount { wanted: 2, got: 3, .. }),
        "{error}"
    );
    let sent = script.sent();
    assert_eq!(sent.len(), 2);
    let wish = sent[1]["messages"][3]["content"].as_str().unwrap();
    assert!(wish.contains("exactly 2 scenes"), "{wish}");
}

#[tokio::test]
async fn tells_refusals_and_cut_texts_apart() {
    let refused = json!({ "choices": [{ "message": { "refusal": "No." } }] });
    let cut = json!({ "choices": [{ "message": { "content": "{" }, "finish_reason": "length" }] });
    let hidden = json!({ "error": { "message": "No credits", "code": "insufficient_quota" } });
    let broken =
        json!({ "choices": [{ "error": { "code": 502, "message": "provider went away" }, "finish_reason": "error" }] });
    for (body, expected) in [
        (refused, "refused"),
        (cut, "ended before"),
        (hidden, "credit"),
        (
            broken,
            "broke off: provider went away. It may have done the work and charged for it",
        ),
    ] {
        let script = Script::new([(200, body)]);
        let error = ai(&script).await.draft(&story(1)).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(script.sent().len(), 1, "nothing is asked twice");
    }
}
