//! A brief to a story: asks a text model for scenes, in the strictest form that it knows, and checks what it wrote.

use ::http::Method;
use serde_json::{Value, json};

use super::client::{Ai, Answer};
use super::error::{AiError, Asked};
use super::parse::{self, Found};

/// What the story is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRequest {
    /// Its title; may be empty, then the model finds one.
    pub title: String,
    /// What it is about.
    pub prompt: String,
    /// How many scenes, exactly.
    pub scenes: usize,
    /// How many words a scene, about.
    pub words_per_scene: usize,
    /// The same number gives the same story again, where the service keeps that promise.
    pub seed: Option<u64>,
}

/// A story as the model wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    /// The title: the model's, or the one asked for.
    pub title: String,
    /// As many scenes as asked for.
    pub scenes: Vec<DraftScene>,
    /// The model that the service says it used.
    pub model: String,
    /// What the service wants known of how it was made.
    pub note: Option<String>,
    /// What it cost.
    pub usage: Usage,
}

/// One scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftScene {
    /// A few words.
    pub title: String,
    /// What is read out.
    pub text: String,
    /// What the picture shows, for a model that paints.
    pub image_prompt: String,
    /// What the picture shows, for people who cannot see it.
    pub alt_text: String,
}

/// Tokens, as the service counts them; both requests together if a second one was needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Read by the model.
    pub input_tokens: Option<u64>,
    /// Written by the model.
    pub output_tokens: Option<u64>,
}

/// How JSON is asked for, from the strictest form to the plainest. Not every service knows every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rung {
    Schema,
    Object,
    Words,
}

const LADDER: [Rung; 3] = [Rung::Schema, Rung::Object, Rung::Words];

const RULES: &str = "You write short illustrated stories for children of four to nine years.\n\
The user's message is a JSON object: title (may be empty), prompt, scenes (how many), words_per_scene (about how many).\n\
- Write exactly that many scenes: a beginning, a middle, and an end that is warm and safe.\n\
- Plain words, short sentences, things that can be seen and heard. Show a feeling by what someone does.\n\
- Nothing frightening, cruel, romantic, branded or about real people.\n\
- Everything in the language of the prompt, except image_prompt, which is in English.\n\
- image_prompt: one picture of the scene. Name who is in it with the same looks each time (kind, colours, clothes), what they do, \
where, the light. No text in the picture.\n\
- alt_text: one sentence that tells somebody who cannot see the picture what it shows.\n\
Answer with one JSON object and nothing else: {\"title\": \"…\", \"scenes\": [{\"title\": \"…\", \"text\": \"…\", \
\"image_prompt\": \"…\", \"alt_text\": \"…\"}]}";

impl Ai {
    /// Asks the text model for a story.
    ///
    /// What a service does not know of the strict form (a JSON schema) is asked for in a plainer one. A story in a wrong
    /// form or with a wrong number of scenes is sent back once, with what is wrong; that is a second paid request.
    ///
    /// # Errors
    /// As [`AiError`] says; nothing that may have been paid for is asked for again by itself.
    pub async fn draft(&self, request: &DraftRequest) -> Result<Drafted, AiError> {
        let asked = self.asked("Write story", true);
        let brief = json!({
            "title": request.title,
            "prompt": request.prompt,
            "scenes": request.scenes,
            "words_per_scene": request.words_per_scene,
        });
        let mut messages = vec![
            json!({ "role": "system", "content": RULES }),
            json!({ "role": "user", "content": brief.to_string() }),
        ];
        let first = self.ask(asked, request, &messages).await?;
        let text = written(asked, &first)?;
        let mut usage = Usage::of(&first);
        let problem = match check(&text, request.scenes) {
            Ok(found) => return Ok(drafted(self, request, &first, found, usage)),
            Err(problem) => problem,
        };
        let again = format!(
            "That cannot be used: {}. Send the whole story again as one JSON object.",
            problem.sentence()
        );
        messages.push(json!({ "role": "assistant", "content": text }));
        messages.push(json!({ "role": "user", "content": again }));
        let second = self.ask(asked, request, &messages).await?;
        let text = written(asked, &second)?;
        usage = usage.plus(Usage::of(&second));
        match check(&text, request.scenes) {
            Ok(found) => Ok(drafted(self, request, &second, found, usage)),
            Err(problem) => Err(problem.error(asked, &second, &text)),
        }
    }

    /// One question, on the highest rung of the ladder that the service knows.
    async fn ask(&self, asked: Asked<'_>, request: &DraftRequest, messages: &[Value]) -> Result<Answer, AiError> {
        let model = self.provider().text_model.trim();
        if model.is_empty() {
            let said = asked.said("no text model is chosen for this provider");
            return Err(AiError::BadRequest {
                param: Some("model".to_owned()),
                said,
            });
        }
        let mut rung = self.rung();
        loop {
            let form = LADDER.get(usize::from(rung)).copied().unwrap_or(Rung::Words);
            let mut body = json!({ "model": model, "messages": messages });
            if let Some(format) = form.response_format() {
                body["response_format"] = format;
            }
            if let Some(seed) = request.seed {
                body["seed"] = seed.into();
            }
            let call = self.call(asked, model, Method::POST, "chat/completions")?.json(body);
            match self.send(asked, call).await {
                Err(error) if form != Rung::Words && error.is_about_response_format() => rung += 1,
                result => {
                    if result.is_ok() {
                        self.remember_rung(rung);
                    }
                    return result;
                }
            }
        }
    }
}

impl Rung {
    fn response_format(self) -> Option<Value> {
        match self {
            // Every member required and nothing about lengths: what all services with schemas understand.
            Self::Schema => {
                let text = json!({ "type": "string" });
                let scene = json!({
                    "type": "object",
                    "properties": { "title": text, "text": text, "image_prompt": text, "alt_text": text },
                    "required": ["title", "text", "image_prompt", "alt_text"],
                    "additionalProperties": false,
                });
                Some(json!({
                    "type": "json_schema",
                    "json_schema": {
                        "name": "story",
                        "strict": true,
                        "schema": {
                            "type": "object",
                            "properties": { "title": text, "scenes": { "type": "array", "items": scene } },
                            "required": ["title", "scenes"],
                            "additionalProperties": false,
                        },
                    },
                }))
            }
            Self::Object => Some(json!({ "type": "json_object" })),
            Self::Words => None,
        }
    }
}

impl Usage {
    fn of(answer: &Answer) -> Self {
        let tokens = |name: &str| answer.body.pointer(&format!("/usage/{name}")).and_then(Value::as_u64);
        Self {
            input_tokens: tokens("prompt_tokens").or_else(|| tokens("input_tokens")),
            output_tokens: tokens("completion_tokens").or_else(|| tokens("output_tokens")),
        }
    }

    fn plus(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (one, other) => one.or(other),
        };
        Self {
            input_tokens: sum(self.input_tokens, other.input_tokens),
            output_tokens: sum(self.output_tokens, other.output_tokens),
        }
    }
}

/// The text that the model wrote, if it wrote to the end.
fn written(asked: Asked<'_>, answer: &Answer) -> Result<String, AiError> {
    let reply = &answer.reply;
    let choice = answer.body.pointer("/choices/0").unwrap_or(&Value::Null);
    let message = choice.get("message").unwrap_or(&Value::Null);
    let refused = |words: &str| AiError::Refused {
        stage: Some("output".to_owned()),
        categories: Vec::new(),
        said: asked.of(reply, words),
    };
    if let Some(refusal) = message
        .get("refusal")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
    {
        return Err(refused(refusal));
    }
    match choice.get("finish_reason").and_then(Value::as_str) {
        Some("length") => {
            return Err(AiError::Truncated(
                asked.of(reply, "the text ended before the story did"),
            ));
        }
        Some("content_filter") => return Err(refused("the service's filter held the text back")),
        _ => {}
    }
    let text = match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        // The form in parts: [{"type":"text","text":"…"}].
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    };
    if text.trim().is_empty() {
        let said = asked.of(reply, "the service answered without a text");
        return Err(AiError::BadJson {
            raw: answer.body.to_string().chars().take(2_000).collect(),
            said,
        });
    }
    Ok(text)
}

/// What is wrong with a story.
enum Problem {
    Form(&'static str),
    Count { asked: usize, got: usize },
}

impl Problem {
    fn sentence(&self) -> String {
        match self {
            Self::Form(why) => (*why).to_owned(),
            Self::Count { asked, got } => format!("it has {got} scenes, but exactly {asked} were asked for"),
        }
    }

    fn error(self, asked: Asked<'_>, answer: &Answer, raw: &str) -> AiError {
        let said = asked.of(
            &answer.reply,
            &format!("the model's story cannot be used: {}", self.sentence()),
        );
        match self {
            Self::Form(_) => AiError::BadJson {
                raw: asked.masker.text(raw),
                said,
            },
            Self::Count { asked, got } => AiError::WrongCount { asked, got, said },
        }
    }
}

fn check(text: &str, scenes: usize) -> Result<Found, Problem> {
    let found = parse::story(text).map_err(Problem::Form)?;
    match found.scenes.len() {
        got if got == scenes => Ok(found),
        got => Err(Problem::Count { asked: scenes, got }),
    }
}

fn drafted(ai: &Ai, request: &DraftRequest, answer: &Answer, found: Found, usage: Usage) -> Drafted {
    let text = |name: &str| answer.body.get(name).and_then(Value::as_str).map(str::to_owned);
    Drafted {
        title: found.title.unwrap_or_else(|| request.title.clone()),
        scenes: found.scenes,
        model: text("model").unwrap_or_else(|| ai.provider().text_model.clone()),
        note: found.note.or_else(|| text("note")),
        usage,
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::super::testing::{KEY, answer, at, chat, error, provider, story};
    use super::*;
    use crate::http::testing::{End, scripted};

    fn request(scenes: usize) -> DraftRequest {
        DraftRequest {
            title: "Fox".into(),
            prompt: "a \"fox\" {in} snow".into(),
            scenes,
            words_per_scene: 40,
            seed: Some(7),
        }
    }

    #[tokio::test]
    async fn asks_for_a_schema_and_gives_the_story() {
        let (ai, seen) = provider(|_, _| chat(&story(3))).await;
        let drafted = ai.draft(&request(3)).await.unwrap();
        assert_eq!(
            (drafted.title.as_str(), drafted.scenes.len(), drafted.model.as_str()),
            ("The fox", 3, "writer-1-2026")
        );
        assert_eq!(
            drafted.usage,
            Usage {
                input_tokens: Some(10),
                output_tokens: Some(20)
            }
        );
        let (path, key, body) = seen.lock().unwrap().remove(0);
        assert_eq!(
            (path.as_str(), key),
            ("/v1/chat/completions", Some(format!("Bearer {KEY}")))
        );
        assert_eq!((&body["model"], &body["seed"]), (&json!("writer-1"), &json!(7)));
        assert_eq!(body["response_format"]["json_schema"]["strict"], true);
        let brief: Value = serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
        assert_eq!(
            brief,
            json!({"title": "Fox", "prompt": "a \"fox\" {in} snow", "scenes": 3, "words_per_scene": 40})
        );
    }

    #[tokio::test]
    async fn steps_down_the_ladder_and_remembers_where_it_stood() {
        let (ai, seen) = provider(|_, (_, _, body)| match body["response_format"]["type"].as_str() {
            Some("json_schema") => answer(
                400,
                &json!({"error": {"message": "unsupported", "param": "response_format.type"}}),
            ),
            Some(_) => answer(
                422,
                &json!({"detail": "response_format is not supported by this model"}),
            ),
            None => chat(&format!("Of course!\n```json\n{}\n```", story(2))),
        })
        .await;
        ai.draft(&request(2)).await.unwrap();
        assert_eq!(seen.lock().unwrap().len(), 3);
        ai.clone().draft(&request(2)).await.unwrap();
        assert_eq!(seen.lock().unwrap().len(), 4);
    }

    #[tokio::test]
    async fn asks_once_for_a_repair_and_then_gives_up() {
        let (ai, seen) = provider(|number, _| chat(&story(if number == 0 { 5 } else { 3 }))).await;
        let drafted = ai.draft(&request(3)).await.unwrap();
        assert_eq!((drafted.scenes.len(), drafted.usage.output_tokens), (3, Some(40)));
        let repair = seen.lock().unwrap()[1].2["messages"][3]["content"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(repair.contains("it has 5 scenes, but exactly 3"), "{repair}");

        let (ai, seen) = provider(|_, _| chat(&story(5))).await;
        assert!(matches!(
            ai.draft(&request(3)).await.unwrap_err(),
            AiError::WrongCount { asked: 3, got: 5, .. }
        ));
        assert_eq!(seen.lock().unwrap().len(), 2);

        let (ai, seen) = provider(|_, _| chat(&format!("I would rather not. {KEY}"))).await;
        let error = ai.draft(&request(3)).await.unwrap_err();
        assert!(
            matches!(&error, AiError::BadJson { raw, .. } if raw.starts_with("I would") && !raw.contains(KEY)),
            "{error:?}"
        );
        assert_eq!(seen.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn tells_apart_why_there_is_no_story() {
        let stop = |reason: &str, content: Value, refusal: Value| {
            answer(
                200,
                &json!({"choices": [{"finish_reason": reason, "message": {"content": content, "refusal": refusal}}]}),
            )
        };
        type Test = fn(&AiError) -> bool;
        let cases: Vec<(axum::response::Response, Test)> = vec![
            (stop("length", json!("{\"title\":"), Value::Null), |e| {
                matches!(e, AiError::Truncated(_))
            }),
            (stop("stop", Value::Null, json!("I cannot help.")), |e| {
                matches!(e, AiError::Refused { .. })
            }),
            (stop("content_filter", json!(""), Value::Null), |e| {
                matches!(e, AiError::Refused { .. })
            }),
            (stop("stop", json!(""), Value::Null), |e| {
                matches!(e, AiError::BadJson { .. })
            }),
            (error(401, "invalid_api_key", "no"), |e| matches!(e, AiError::Auth(_))),
            (error(402, "", "no credits"), |e| matches!(e, AiError::NoCredit(_))),
            (error(429, "insufficient_quota", "pay"), |e| {
                matches!(e, AiError::NoCredit(_))
            }),
            (error(403, "", "Your organization must be verified"), |e| {
                matches!(e, AiError::Unverified(_))
            }),
            (error(404, "model_not_found", "gone"), |e| {
                matches!(e, AiError::ModelGone(_))
            }),
            (error(400, "context_length_exceeded", "long"), |e| {
                matches!(e, AiError::BadRequest { .. })
            }),
            (error(500, "", "oops"), |e| matches!(e, AiError::Overloaded(_))),
            (error(504, "", "late"), |e| matches!(e, AiError::Ambiguous(_))),
            // Aggregators send what went wrong later with a status of success.
            (
                answer(200, &json!({"error": {"code": 402, "message": "out of credits"}})),
                |e| matches!(e, AiError::NoCredit(_)),
            ),
            (
                answer(
                    403,
                    &json!({"error": {"code": 403, "message": "flagged", "metadata": {"reasons": ["violence"]}}}),
                ),
                |e| matches!(e, AiError::Refused { categories, .. } if categories == &["violence"]),
            ),
            ((::http::StatusCode::OK, "<html>").into_response(), |e| {
                matches!(e, AiError::BadJson { .. })
            }),
        ];
        for (response, is_right) in cases {
            let response = std::sync::Mutex::new(Some(response));
            let (ai, seen) = provider(move |_, _| response.lock().unwrap().take().unwrap()).await;
            let error = ai.draft(&request(1)).await.unwrap_err();
            assert!(is_right(&error), "{error:?}");
            assert!(!error.hint().is_empty() && error.said().exchange.is_some());
            assert_eq!(seen.lock().unwrap().len(), 1, "asked for once: {error}");
        }
    }

    #[tokio::test]
    async fn waits_where_waiting_helps_and_never_pays_twice() {
        let (ai, seen) = provider(|number, _| match number {
            0 => (::http::StatusCode::TOO_MANY_REQUESTS, [("retry-after-ms", "1")], "").into_response(),
            1 => error(503, "", "overloaded"),
            _ => chat(&story(1)),
        })
        .await;
        ai.draft(&request(1)).await.unwrap();
        assert_eq!(seen.lock().unwrap().len(), 3);

        let (url, seen) = scripted(&[("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", End::Reset)]).await;
        let error = at(url).draft(&request(1)).await.unwrap_err();
        assert!(
            matches!(error, AiError::Ambiguous(_)) && !error.retry_may_help(),
            "{error:?}"
        );
        assert_eq!(seen.lock().unwrap().len(), 1);

        let error = at("http://127.0.0.1:1".into()).draft(&request(1)).await.unwrap_err();
        assert!(
            matches!(error, AiError::Network(_)) && error.retry_may_help(),
            "{error:?}"
        );
    }
}
