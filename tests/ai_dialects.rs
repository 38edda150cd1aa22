//! What each dialect is sent: the fields that it knows and no others, the key where it belongs, and pictures that go along.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/provider/mod.rs"]
mod provider;

use std::sync::Arc;

use bytes::Bytes;
use provider::{Asked, FakeProvider, KEY, PAINTER, WRITER};
use serde_json::json;
use storymimi_studio::ai::{Ai, CastMember, DraftRequest, PaintRequest, Reference, Sizes};
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::workspace::{Dialect, Money, Provider};

fn ai(provider: Provider) -> Ai {
    Ai::new(Http::new(Arc::new(Transcript::default())).unwrap(), provider)
}

/// A request with every wish that there is.
fn everything(with_pictures: bool) -> PaintRequest {
    let picture = |byte: u8| Reference {
        bytes: Bytes::from(vec![0x89, b'P', b'N', b'G', byte]),
        media_type: "image/png".to_owned(),
    };
    PaintRequest {
        negative: Some("letters".to_owned()),
        seed: Some(7),
        steps: Some(4),
        strength: Some(0.5),
        base: with_pictures.then(|| picture(1)),
        ..PaintRequest::new("a fox", 1024, 768)
    }
}

/// What was sent to draw.
async fn sent(dialect: Dialect, with_pictures: bool, change: impl FnOnce(&mut Provider)) -> Asked {
    let fake = FakeProvider::start().await;
    let mut provider = fake.provider(dialect);
    change(&mut provider);
    ai(provider).paint(&everything(with_pictures), &|_| {}).await.unwrap();
    let draws = |asked: &Asked| {
        let path = asked.path.as_str();
        let ends = [
            "/generations",
            "/edits",
            "/images",
            ":generateContent",
            "2img",
            "/prompt",
        ];
        asked.method == "POST" && ends.iter().any(|end| path.ends_with(end))
    };
    fake.asked().into_iter().find(draws).unwrap()
}

fn fields(asked: &Asked) -> Vec<String> {
    let mut names: Vec<String> = asked
        .json
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn openai_is_sent_one_of_its_sizes_and_neither_seed_nor_form() {
    let asked = sent(Dialect::OpenAi, false, |_| {}).await;
    assert_eq!(
        asked.json,
        json!({ "model": PAINTER, "prompt": "a fox", "n": 1, "size": "1536x1024", "output_format": "png" })
    );
    assert_eq!(asked.headers["authorization"], format!("Bearer {KEY}"));
}

#[tokio::test]
async fn pictures_go_to_openai_in_a_form() {
    let asked = sent(Dialect::OpenAi, true, |_| {}).await;
    assert!(asked.path.ends_with("/images/edits"));
    let kind = asked.headers["content-type"].to_str().unwrap();
    assert!(kind.starts_with("multipart/form-data; boundary="), "{kind}");
    let body = String::from_utf8_lossy(&asked.bytes);
    for part in [
        "name=\"model\"",
        "name=\"prompt\"\r\n\r\na fox\r\n",
        "name=\"image[]\"; filename=\"picture-1.png\"",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert!(asked.bytes.windows(5).any(|bytes| bytes == [0x89, b'P', b'N', b'G', 1]));
}

#[tokio::test]
async fn openrouter_is_sent_a_shape_and_references_as_parts() {
    let asked = sent(Dialect::OpenRouter, true, |_| {}).await;
    assert!(asked.path.ends_with("/api/v1/images"));
    assert_eq!(
        fields(&asked),
        ["aspect_ratio", "input_references", "model", "n", "prompt", "seed"]
    );
    assert_eq!(asked.json["aspect_ratio"], "4:3");
    let url = asked.json["input_references"][0]["image_url"]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/png;base64,iVBOR"), "{url}");
}

#[tokio::test]
async fn together_is_asked_for_png_in_pixels() {
    let asked = sent(Dialect::Together, true, |_| {}).await;
    let picture = asked.json["image_url"].as_str().unwrap().to_owned();
    assert_eq!(
        asked.json,
        json!({
            "model": PAINTER, "prompt": "a fox", "n": 1, "width": 1024, "height": 768, "seed": 7, "steps": 4,
            "negative_prompt": "letters", "output_format": "png", "response_format": "base64", "image_url": picture,
        })
    );
}

#[tokio::test]
async fn loose_servers_are_sent_a_size_and_more() {
    let asked = sent(Dialect::OpenaiLoose, false, |_| {}).await;
    assert_eq!(
        asked.json,
        json!({
            "model": PAINTER, "prompt": "a fox", "n": 1, "size": "1024x768", "response_format": "b64_json",
            "seed": 7, "step": 4, "steps": 4, "negative_prompt": "letters",
        })
    );
}

#[tokio::test]
async fn sdapi_is_sent_numbers_and_a_checkpoint() {
    let asked = sent(Dialect::Sdapi, false, |_| {}).await;
    assert_eq!(asked.path, "/sdapi/v1/txt2img");
    assert_eq!((&asked.json["seed"], &asked.json["width"]), (&json!(7), &json!(1024)));
    assert_eq!(asked.json["override_settings"]["sd_model_checkpoint"], PAINTER);
    let asked = sent(Dialect::Sdapi, true, |provider| provider.base_url.push_str("/sdapi/v1")).await;
    assert_eq!(
        asked.path, "/sdapi/v1/img2img",
        "an address with the API in it is the same"
    );
    assert_eq!(asked.json["denoising_strength"], 0.5);
    assert!(asked.json["init_images"][0].as_str().unwrap().starts_with("iVBOR"));
}

#[tokio::test]
async fn gemini_is_sent_parts_and_its_own_header() {
    let asked = sent(Dialect::Gemini, true, |provider| provider.base_url.push_str("/openai")).await;
    assert_eq!(asked.path, format!("/v1beta/models/{PAINTER}:generateContent"));
    assert_eq!(asked.headers["x-goog-api-key"], KEY);
    assert!(!asked.headers.contains_key("authorization"));
    let parts = asked.json["contents"][0]["parts"].as_array().unwrap();
    assert_eq!(parts[0]["inlineData"]["mimeType"], "image/png");
    assert_eq!(parts[1]["text"], "a fox");
    let config = &asked.json["generationConfig"];
    assert_eq!(
        (&config["imageConfig"]["aspectRatio"], &config["seed"]),
        (&json!("4:3"), &json!(7))
    );
}

#[tokio::test]
async fn comfy_is_sent_the_users_workflow_with_everything_filled_in() {
    let asked = sent(Dialect::Comfy, true, |_| {}).await;
    let graph = &asked.json["prompt"];
    let sampler = &graph["3"]["inputs"];
    assert_eq!(
        (&sampler["seed"], &sampler["steps"], &sampler["denoise"]),
        (&json!(7), &json!(4), &json!(0.5))
    );
    assert_eq!(graph["4"]["inputs"]["ckpt_name"], PAINTER);
    assert_eq!(
        (&graph["5"]["inputs"]["width"], &graph["5"]["inputs"]["height"]),
        (&json!(1024), &json!(768))
    );
    assert_eq!(
        (&graph["6"]["inputs"]["text"], &graph["7"]["inputs"]["text"]),
        (&json!("a fox"), &json!("letters"))
    );
    assert_eq!(graph["8"]["inputs"]["image"], "uploaded-1.png");
    assert!(
        asked.json["workflow"].is_null(),
        "the workflow is not sent as a field as well"
    );

    let fake = FakeProvider::start().await;
    let mut without = fake.provider(Dialect::Comfy);
    without.extra.clear();
    let error = ai(without)
        .paint(&PaintRequest::new("a fox", 512, 512), &|_| {})
        .await
        .unwrap_err();
    assert!(error.to_string().contains("needs a workflow"), "{error}");
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn what_is_sent_besides_comes_last_and_headers_go_along() {
    for dialect in [Dialect::OpenAi, Dialect::Together, Dialect::OpenaiLoose, Dialect::Sdapi] {
        let asked = sent(dialect, false, |provider| {
            let extra = json!({ "quality": "low", "n": null, "prompt": "a bear", "text": { "temperature": 0.2 } });
            provider.extra = extra.as_object().unwrap().clone();
            provider.headers = vec![("x-title".to_owned(), "Bedtime".to_owned())];
        })
        .await;
        assert_eq!(
            (&asked.json["quality"], &asked.json["prompt"]),
            (&json!("low"), &json!("a bear")),
            "{dialect}"
        );
        assert!(
            asked.json.get("n").is_none() && asked.json.get("text").is_none(),
            "{dialect}"
        );
        assert_eq!(asked.headers["x-title"], "Bedtime", "{dialect}");
    }
}

#[tokio::test]
async fn abilities_are_what_the_dialect_is_really_sent() {
    for dialect in Dialect::OFFERED {
        let fake = FakeProvider::start().await;
        let abilities = ai(fake.provider(dialect)).abilities();
        let asked = sent(dialect, false, |_| {}).await;
        let body = asked.json.to_string();
        let names_seed = body.contains("\"seed\":7");
        assert_eq!(abilities.seed, names_seed, "{dialect}: {body}");
        assert_eq!(abilities.negative, body.contains("letters"), "{dialect}: {body}");
        let names_steps = body.contains("\"steps\":4");
        assert_eq!(abilities.steps, names_steps, "{dialect}: {body}");
    }
    let fake = FakeProvider::start().await;
    let sizes = ai(fake.provider(Dialect::OpenAi)).abilities().sizes;
    assert!(matches!(sizes, Sizes::Fixed(_)));
}

#[tokio::test]
async fn models_are_listed_in_every_dialect() {
    for dialect in Dialect::OFFERED {
        let fake = FakeProvider::start().await;
        let models = ai(fake.provider(dialect)).models().await.unwrap();
        assert!(!models.is_empty(), "{dialect}");
        let painter = models.iter().find(|model| model.is(PAINTER));
        match dialect {
            Dialect::OpenRouter => {
                let painter = painter.unwrap();
                assert_eq!(
                    (painter.draws, painter.price),
                    (Some(true), Some(Money::from_micros(39_000)))
                );
                let writer = models.iter().find(|model| model.is(WRITER)).unwrap();
                assert_eq!((writer.draws, writer.writes), (Some(false), Some(true)));
            }
            Dialect::Together | Dialect::Comfy => assert_eq!(painter.unwrap().draws, Some(true), "{dialect}"),
            Dialect::Gemini => assert!(models.iter().any(|model| model.draws == Some(true))),
            _ => {}
        }
        assert_eq!(
            fake.paid(),
            provider::Paid::default(),
            "{dialect}: a list costs nothing"
        );
    }
}

#[tokio::test]
async fn texts_are_asked_for_where_each_provider_writes() {
    for (dialect, path) in [
        (Dialect::OpenAi, "/openai/v1/chat/completions"),
        (Dialect::OpenRouter, "/api/v1/chat/completions"),
        (Dialect::Together, "/together/v1/chat/completions"),
        (Dialect::OpenaiLoose, "/v1/chat/completions"),
        (Dialect::Gemini, "/v1beta/openai/chat/completions"),
        (Dialect::Sdapi, "/v1/chat/completions"),
    ] {
        let fake = FakeProvider::start().await;
        let mut provider = fake.provider(dialect);
        provider.extra = json!({ "text": { "temperature": 0.2 }, "quality": "low" })
            .as_object()
            .unwrap()
            .clone();
        let request = DraftRequest {
            title: "Pip".to_owned(),
            prompt: "a fox".to_owned(),
            scenes: 2,
            words_per_scene: 30,
            seed: 7,
            cast: vec![CastMember {
                name: "Pip".to_owned(),
                look: "a red fox".to_owned(),
                is_child: false,
            }],
            model: None,
        };
        let drafted = ai(provider).draft(&request).await.unwrap();
        assert_eq!(drafted.scenes.len(), 2, "{dialect}");
        let asked = &fake.asked()[0];
        assert_eq!(asked.path, path, "{dialect}");
        assert_eq!(
            (&asked.json["model"], &asked.json["temperature"]),
            (&json!(WRITER), &json!(0.2)),
            "{dialect}"
        );
        assert!(asked.json.get("quality").is_none(), "{dialect}: what is for pictures");
        let said = asked.json["messages"][1]["content"].as_str().unwrap();
        assert!(said.contains("a red fox"), "{dialect}: {said}");
        let limit = if dialect == Dialect::OpenAi {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        assert!(asked.json[limit].is_u64(), "{dialect}");
        let private = asked.json["provider"]["data_collection"].as_str();
        assert_eq!(private, (dialect == Dialect::OpenRouter).then_some("deny"), "{dialect}");
    }
}
