//! The built-in engines answer in OpenAI's words.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use storymimi_studio::local::{Config, Secrets, Server};

struct Ai {
    server: Server,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Ai {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path(), Secrets::supabase_defaults());
        #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
        let http = reqwest::Client::new();
        Self {
            server: Server::start(config).await.unwrap(),
            http,
            _folder: folder,
        }
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.server.ai_base_url());
        let request = self.http.post(url).bearer_auth(self.server.anon_key()).json(&body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

fn chat(content: &str) -> Value {
    json!({
        "model": "builtin-storyteller",
        "seed": 7,
        "messages": [
            {"role": "system", "content": "You write for children."},
            {"role": "user", "content": content},
        ],
    })
}

#[tokio::test]
async fn a_story_of_the_wanted_length_is_told_the_same_again() {
    let ai = Ai::start().await;
    let brief = r#"Please: {"title":"Pip","prompt":"a fox in a green scarf at sea","scenes":3,"words_per_scene":40}"#;
    let (status, answer) = ai.post("/chat/completions", chat(brief)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["model"], "builtin-storyteller");
    let content = answer["choices"][0]["message"]["content"].as_str().unwrap();
    let story: Value = serde_json::from_str(content).unwrap();
    assert_eq!(story["title"], "Pip");
    let hero = &story["cast"][0];
    assert!(hero["look"].as_str().unwrap().contains("green scarf"), "{hero}");
    assert_eq!(hero["is_child"], false);
    let scenes = story["scenes"].as_array().unwrap();
    assert_eq!(scenes.len(), 3);
    for scene in scenes {
        for field in ["title", "text", "image_prompt", "alt_text"] {
            assert!(!scene[field].as_str().unwrap().is_empty(), "{field}");
        }
    }
    let (_, mia) = ai
        .post(
            "/chat/completions",
            chat(r#"{"prompt":"a girl named Mia and her dog","scenes":1}"#),
        )
        .await;
    let mia: Value = serde_json::from_str(mia["choices"][0]["message"]["content"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&mia["cast"][0]["name"], &mia["cast"][0]["is_child"]),
        (&json!("Mia"), &json!(true))
    );
    let (_, again) = ai.post("/chat/completions", chat(brief)).await;
    assert_eq!(again["choices"], answer["choices"]);
}

#[tokio::test]
async fn pictures_are_png_of_the_wanted_size_and_say_what_they_show() {
    let ai = Ai::start().await;
    let body = json!({
        "model": "builtin-illustrator", "prompt": "a fox in the snow and a xylogram", "n": 2, "seed": 1,
        "size": "512x384", "response_format": "b64_json", "output_format": "png",
    });
    let (status, answer) = ai.post("/images/generations", body.clone()).await;
    assert_eq!(status, 200, "{answer}");
    let pictures = answer["data"].as_array().unwrap();
    assert_eq!(pictures.len(), 2);
    assert_ne!(
        pictures[0]["b64_json"], pictures[1]["b64_json"],
        "each has a seed of its own"
    );
    for picture in pictures {
        assert!(picture["seed"].is_u64());
        let bytes = STANDARD.decode(picture["b64_json"].as_str().unwrap()).unwrap();
        let size = image::load_from_memory(&bytes).unwrap();
        assert_eq!((size.width(), size.height()), (512, 384));
        let said = picture["revised_prompt"].as_str().unwrap();
        assert!(said.starts_with("understood: ") && said.contains("fox"), "{said}");
        assert!(said.contains("not drawn: ") && said.contains("xylogram"), "{said}");
    }
    let (_, again) = ai.post("/images/generations", body).await;
    assert_eq!(again["data"], answer["data"]);
}

#[tokio::test]
async fn bad_requests_name_what_is_wrong() {
    let ai = Ai::start().await;
    let image = |change: Value| {
        let mut body = json!({"model": "builtin-illustrator", "prompt": "a fox"});
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        body
    };
    for (path, body, status, param, code) in [
        (
            "/images/generations",
            image(json!({"model": "dall-e-3"})),
            404,
            json!("model"),
            json!("model_not_found"),
        ),
        (
            "/images/generations",
            image(json!({"prompt": "  "})),
            400,
            json!("prompt"),
            Value::Null,
        ),
        (
            "/images/generations",
            image(json!({"size": "7x7"})),
            400,
            json!("size"),
            Value::Null,
        ),
        (
            "/images/generations",
            image(json!({"n": 5})),
            400,
            json!("n"),
            Value::Null,
        ),
        (
            "/images/generations",
            image(json!({"response_format": "url"})),
            400,
            json!("response_format"),
            Value::Null,
        ),
        ("/images/generations", json!({}), 400, Value::Null, Value::Null),
        (
            "/chat/completions",
            json!({"model": "gpt-9", "messages": []}),
            404,
            json!("model"),
            json!("model_not_found"),
        ),
        (
            "/chat/completions",
            json!({"model": "builtin-storyteller", "messages": []}),
            400,
            json!("messages"),
            Value::Null,
        ),
        ("/chat/completions", chat(" "), 400, json!("messages"), Value::Null),
        (
            "/chat/completions",
            chat(r#"{"prompt":"a fox","scenes":500}"#),
            400,
            json!("messages"),
            Value::Null,
        ),
        ("/nothing", json!({}), 404, Value::Null, json!("unknown_url")),
    ] {
        let (got, answer) = ai.post(path, body.clone()).await;
        let error = &answer["error"];
        assert_eq!(got, status, "{body}: {answer}");
        assert_eq!((&error["param"], &error["code"]), (&param, &code), "{body}: {answer}");
        assert!(error["message"].as_str().unwrap().ends_with('.'), "{answer}");
    }
}

#[tokio::test]
async fn a_key_of_the_project_is_needed() {
    let ai = Ai::start().await;
    let url = format!("{}/models", ai.server.ai_base_url());
    let refused = ai.http.get(&url).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 401);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "invalid_api_key");
    let listed = ai
        .http
        .get(&url)
        .bearer_auth(ai.server.service_key())
        .send()
        .await
        .unwrap();
    let listed: Value = listed.json().await.unwrap();
    assert_eq!(listed["data"][0]["id"], "builtin-storyteller");
}
