//! What a text model sent back, and whether it can be used.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{CastMember, DraftScene, Drafted, stream};
use crate::ai::{AiError, Stage, json};
use crate::http::{ExchangeId, Masker, Reply};
use crate::workspace::Money;

/// The most people that are taken over from an answer.
const MOST_CAST: usize = 20;
/// The longest text of a scene, in characters; what is longer is no scene of a picture book.
const LONGEST: usize = 20_000;

/// An answer, not yet looked into.
pub(super) struct Answer {
    text: String,
    is_cut: bool,
    model: String,
    pub(super) cost: Option<Money>,
    exchange: ExchangeId,
}

/// An answer that cannot be used.
pub(super) struct Unusable {
    /// Why.
    pub(super) error: AiError,
    /// Whether the model may do better when it is told what is wrong.
    pub(super) is_worth_another: bool,
    /// What it wrote.
    pub(super) text: String,
}

#[derive(Deserialize)]
struct Story {
    #[serde(default, deserialize_with = "text")]
    title: String,
    #[serde(default)]
    cast: Value,
    scenes: Vec<Scene>,
}

#[derive(Deserialize)]
struct Scene {
    #[serde(default, deserialize_with = "text")]
    title: String,
    #[serde(deserialize_with = "text")]
    text: String,
    #[serde(default, deserialize_with = "text")]
    image_prompt: String,
    #[serde(default, deserialize_with = "text")]
    alt_text: String,
}

/// Reads the answer to a chat completion.
///
/// # Errors
/// If it is an error with a status of success, a refusal, or no answer of that kind at all.
pub(super) fn read(reply: &Reply, masker: &Masker) -> Result<Answer, AiError> {
    let exchange = reply.exchange;
    let body = match stream::whole(&reply.body) {
        Some(body) => body,
        None => serde_json::from_slice(&reply.body).map_err(|source| AiError::unreadable(reply, source))?,
    };
    let choice = &body["choices"][0];
    let nothing = choice["message"]["content"].is_null();
    if let Some(error) =
        AiError::within(reply, choice, masker).filter(|_| nothing || choice["finish_reason"] == "error")
    {
        return Err(error);
    }
    if let Some(error) = AiError::within(reply, &body, masker).filter(|_| nothing) {
        return Err(error);
    }
    let refused = |message: &str, stage| AiError::Refused {
        message: masker.text(&message.chars().take(400).collect::<String>()),
        stage,
        categories: Vec::new(),
        exchange: Some(exchange),
    };
    let refusal = choice["message"]["refusal"].as_str().map(str::trim);
    if let Some(refusal) = refusal.filter(|text| !text.is_empty()) {
        return Err(refused(refusal, None));
    }
    let finish = choice["finish_reason"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if matches!(
        finish.as_str(),
        "content_filter" | "safety" | "prohibited_content" | "recitation"
    ) {
        return Err(refused("the provider's filter stopped the text", Some(Stage::Output)));
    }
    if choice.is_null() {
        return Err(AiError::unreadable(reply, "the answer holds no choice"));
    }
    let cost = match &body["usage"]["cost"] {
        Value::Number(number) => number.as_f64().and_then(Money::from_dollars),
        Value::String(text) => Money::parse(text).ok(),
        _ => None,
    };
    Ok(Answer {
        text: content(&choice["message"]["content"]),
        is_cut: matches!(finish.as_str(), "length" | "max_tokens"),
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        cost,
        exchange,
    })
}

/// The text of a message, whether it is one or in parts.
fn content(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

impl Answer {
    /// The scenes, if there are as many as were wanted and each has a text.
    pub(super) fn drafted(self, wanted: usize) -> Result<Drafted, Unusable> {
        let exchange = Some(self.exchange);
        let story: Story = match json::read(&self.text) {
            Ok(story) => story,
            Err(_) if self.is_cut => {
                return Err(Unusable {
                    error: AiError::Truncated { exchange },
                    // It would be as long again.
                    is_worth_another: false,
                    text: self.text,
                });
            }
            Err(reason) => return Err(self.unusable(AiError::BadJson { reason, exchange })),
        };
        let got = story.scenes.len();
        if got != wanted {
            return Err(self.unusable(AiError::WrongCount { wanted, got, exchange }));
        }
        let without = |scene: &Scene| scene.text.trim().is_empty() || scene.text.chars().count() > LONGEST;
        if let Some(place) = story.scenes.iter().position(without) {
            let reason = format!("scene {} has no text that can be used", place + 1);
            return Err(self.unusable(AiError::BadJson { reason, exchange }));
        }
        let title = story.title.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Drafted {
            title: Some(title).filter(|title| !title.is_empty()),
            scenes: story.scenes.into_iter().map(Scene::complete).collect(),
            cast: cast(&story.cast),
            model: self.model,
            cost: self.cost,
        })
    }

    fn unusable(&self, error: AiError) -> Unusable {
        Unusable {
            error,
            is_worth_another: true,
            text: self.text.chars().take(LONGEST).collect(),
        }
    }
}

impl Scene {
    /// A model that forgot what the picture shows gets its own text drawn.
    fn complete(self) -> DraftScene {
        DraftScene {
            image_prompt: if self.image_prompt.trim().is_empty() {
                self.text.clone()
            } else {
                self.image_prompt
            },
            title: self.title,
            text: self.text,
            alt_text: self.alt_text,
        }
    }
}

/// Those who are described. A cast that cannot be read is none: the scenes are what was asked for.
fn cast(cast: &Value) -> Vec<CastMember> {
    let members = cast.as_array().into_iter().flatten().filter_map(|member| {
        let word = |name: &str| member[name].as_str().map(str::trim).unwrap_or_default().to_owned();
        let name = word("name");
        let is_child = match &member["is_child"] {
            Value::Bool(is) => *is,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        };
        (!name.is_empty()).then(|| CastMember {
            name: name.chars().take(120).collect(),
            look: word("look").chars().take(2_000).collect(),
            is_child,
        })
    });
    members.take(MOST_CAST).collect()
}

/// A text, also where a model wrote a number or nothing.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}
