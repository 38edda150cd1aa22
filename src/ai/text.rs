//! Scenes from a text model: OpenAI-compatible chat completions that answer with JSON.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Ai, AiError, json};
use crate::http::Reply;

/// What scenes are asked for with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRequest {
    /// The story's title.
    pub title: String,
    /// Who it is about and what happens.
    pub prompt: String,
    /// How many scenes.
    pub scenes: usize,
    /// Words a scene.
    pub words_per_scene: usize,
    /// Passed on to models that take one.
    pub seed: u64,
}

/// What the model wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    /// As many scenes as were asked for.
    pub scenes: Vec<DraftScene>,
    /// The model that answered, as the provider names it.
    pub model: String,
}

/// One scene as the model wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DraftScene {
    /// A few words.
    #[serde(default, deserialize_with = "text")]
    pub title: String,
    /// What is read aloud.
    #[serde(deserialize_with = "text")]
    pub text: String,
    /// What its picture shows, in words for an image model.
    #[serde(default, deserialize_with = "text")]
    pub image_prompt: String,
    /// What its picture shows, in words for those who cannot see it.
    #[serde(default, deserialize_with = "text")]
    pub alt_text: String,
}

#[derive(Deserialize)]
struct Scenes {
    scenes: Vec<DraftScene>,
}

/// How strictly the form of the answer is asked for. Many models offer only the looser ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `response_format: json_schema`, strict.
    Schema,
    /// `response_format: json_object`.
    Object,
    /// Only asked for in words.
    Words,
}

const RULES: &str = "You write picture books for children of three to eight years. Use short, warm, correct sentences. \
     Nothing frightening stays unresolved. Every image_prompt describes, in one paragraph, the same characters with the \
     same looks and clothes again, what they do, where, at what time of day and in what weather; no text in the \
     picture. alt_text says in one sentence what the picture shows. Answer with one JSON object and nothing else: \
     {\"title\": string, \"scenes\": [{\"title\": string, \"text\": string, \"image_prompt\": string, \"alt_text\": string}]}.";

impl Ai {
    /// Asks for the scenes of a story.
    ///
    /// # Errors
    /// If the provider fails, refuses, or does not send as many scenes as asked for, even when asked once more.
    pub async fn draft(&self, request: &DraftRequest) -> Result<Drafted, AiError> {
        let mut form = Form::Schema;
        let mut repeated = false;
        loop {
            let call = self
                .post("Write scenes", "/chat/completions", self.chat(request, form, repeated))
                .endpoint("text");
            let reply = match self.send(call).await {
                Err(error) => match looser(form, &error) {
                    Some(next) => {
                        form = next;
                        continue;
                    }
                    None => return Err(error),
                },
                Ok(reply) => reply,
            };
            match drafted(&reply, request.scenes) {
                // Asked once more and not again: each answer is paid for.
                Err(AiError::BadJson { .. }) if !repeated => repeated = true,
                result => return result,
            }
        }
    }

    fn chat(&self, request: &DraftRequest, form: Form, repeated: bool) -> Value {
        let brief = json!({
            "title": request.title, "prompt": request.prompt, "scenes": request.scenes,
            "words_per_scene": request.words_per_scene,
        });
        let mut rules = RULES.to_owned();
        if repeated {
            rules.push_str(&format!(
                " The answer must be valid JSON with exactly {} scenes.",
                request.scenes
            ));
        }
        let mut body = json!({
            "model": self.provider.text_model,
            "messages": [
                { "role": "system", "content": rules },
                { "role": "user", "content": format!("Write the story of this brief.\n{brief}") },
            ],
            "seed": request.seed,
        });
        match form {
            Form::Schema => body["response_format"] = schema(),
            Form::Object => body["response_format"] = json!({ "type": "json_object" }),
            Form::Words => {}
        }
        body
    }
}

/// The next looser form, if the error is about the form.
fn looser(form: Form, error: &AiError) -> Option<Form> {
    let AiError::BadRequest { message, param, .. } = error else {
        return None;
    };
    let about_form = param
        .as_deref()
        .is_some_and(|param| param.starts_with("response_format"))
        || ["response_format", "json_schema", "json_object"]
            .iter()
            .any(|word| message.contains(word));
    match form {
        Form::Schema if about_form => Some(Form::Object),
        Form::Object if about_form => Some(Form::Words),
        _ => None,
    }
}

fn schema() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "json_schema",
        "json_schema": {
            "name": "story",
            "strict": true,
            "schema": {
                "type": "object",
                "additionalProperties": false,
                "required": ["title", "scenes"],
                "properties": {
                    "title": text,
                    "scenes": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": ["title", "text", "image_prompt", "alt_text"],
                            "properties": { "title": text, "text": text, "image_prompt": text, "alt_text": text },
                        },
                    },
                },
            },
        },
    })
}

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    message: Message,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

fn drafted(reply: &Reply, wanted: usize) -> Result<Drafted, AiError> {
    let exchange = Some(reply.exchange);
    // Some gateways answer 200 and put the error into the body.
    if let Ok(value) = serde_json::from_slice::<Value>(&reply.body)
        && value.get("error").is_some_and(|error| !error.is_null())
        && value.get("choices").is_none()
    {
        return Err(AiError::from_reply(reply));
    }
    let completion: Completion =
        serde_json::from_slice(&reply.body).map_err(|source| AiError::unreadable(reply, source))?;
    let bad = |reason: String| AiError::BadJson { reason, exchange };
    let choice = completion
        .choices
        .into_iter()
        .next()
        .ok_or_else(|| bad("the answer holds no choice".to_owned()))?;
    if let Some(refusal) = choice.message.refusal.filter(|text| !text.is_empty()) {
        return Err(AiError::Refused {
            message: refusal,
            exchange,
        });
    }
    match choice.finish_reason.as_deref() {
        Some("length") => return Err(AiError::Truncated { exchange }),
        Some("content_filter") => {
            return Err(AiError::Refused {
                message: "the provider's filter stopped the text".to_owned(),
                exchange,
            });
        }
        _ => {}
    }
    let content = choice.message.content.unwrap_or_default();
    let Scenes { scenes } = json::read(&content).map_err(bad)?;
    if scenes.len() != wanted {
        return Err(bad(format!(
            "{} scenes came back where {wanted} were asked for",
            scenes.len()
        )));
    }
    if let Some(place) = scenes.iter().position(|scene| scene.text.trim().is_empty()) {
        return Err(bad(format!("scene {} has no text", place + 1)));
    }
    let scenes = scenes.into_iter().map(DraftScene::complete).collect();
    Ok(Drafted {
        scenes,
        model: completion.model.unwrap_or_default(),
    })
}

impl DraftScene {
    /// A model that forgot what the picture shows gets its own text drawn.
    fn complete(mut self) -> Self {
        if self.image_prompt.trim().is_empty() {
            self.image_prompt.clone_from(&self.text);
        }
        self
    }
}

/// A text, also where a model wrote a number or nothing.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::tests::{Script, ai, request};

    fn answer(content: &str) -> Value {
        json!({ "model": "m", "choices": [{ "message": { "content": content }, "finish_reason": "stop" }] })
    }

    fn scenes(count: usize) -> String {
        let scene = json!({ "title": 1, "text": "Once.", "image_prompt": "", "alt_text": null });
        json!({ "title": "T", "scenes": vec![scene; count] }).to_string()
    }

    #[tokio::test]
    async fn reads_a_fenced_answer_and_fills_what_is_missing() {
        let script = Script::new([(200, answer(&format!("```json\n{}\n```", scenes(2))))]);
        let drafted = ai(&script).await.draft(&request(2)).await.unwrap();
        assert_eq!(drafted.scenes.len(), 2);
        assert_eq!(drafted.scenes[0].image_prompt, "Once.");
        assert_eq!(drafted.scenes[0].title, "1");
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
    async fn asks_less_strictly_where_schemas_are_not_known() {
        let refusal = |word: &str| json!({ "error": { "message": format!("{word} is not supported"), "code": null } });
        let script = Script::new([
            (400, refusal("response_format json_schema")),
            (400, refusal("response_format")),
            (200, answer(&scenes(1))),
        ]);
        ai(&script).await.draft(&request(1)).await.unwrap();
        let kinds: Vec<Value> = script
            .sent()
            .iter()
            .map(|body| body["response_format"]["type"].clone())
            .collect();
        assert_eq!(kinds, [json!("json_schema"), json!("json_object"), Value::Null]);
    }

    #[tokio::test]
    async fn asks_once_more_for_a_wrong_count_and_then_gives_up() {
        let script = Script::new([(200, answer(&scenes(3))), (200, answer(&scenes(3)))]);
        let error = ai(&script).await.draft(&request(2)).await.unwrap_err();
        assert!(matches!(error, AiError::BadJson { .. }), "{error}");
        assert_eq!(script.sent().len(), 2);
    }

    #[tokio::test]
    async fn tells_refusals_and_cut_texts_apart() {
        let refused = json!({ "choices": [{ "message": { "refusal": "No." } }] });
        let cut = json!({ "choices": [{ "message": { "content": "{" }, "finish_reason": "length" }] });
        let hidden = json!({ "error": { "message": "No credits", "code": "insufficient_quota" } });
        for (body, expected) in [(refused, "refused"), (cut, "ended before"), (hidden, "credit")] {
            let script = Script::new([(200, body)]);
            let error = ai(&script).await.draft(&request(1)).await.unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(script.sent().len(), 1, "nothing is asked twice");
        }
    }
}
