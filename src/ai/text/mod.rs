//! Scenes from a text model: OpenAI-compatible chat completions that answer with JSON.
//!
//! Models differ in how strictly they can be held to a form and in what else they take. A request goes down from the
//! strictest form to the loosest; refusals of a form cost nothing, and what worked is remembered. An answer that cannot be
//! used is asked for once more, with what is wrong with it, and not again: each answer is paid for.

mod answer;
mod rung;
mod stream;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dialect::merge;
use super::{Ai, AiError};
use crate::http::Call;
use crate::workspace::{Dialect, Money};
use answer::Unusable;
use rung::Rung;
pub(super) use rung::Rungs;

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
    /// Who is known already, with the looks that they are to keep.
    pub cast: Vec<CastMember>,
    /// The model, if not the provider's usual one.
    pub model: Option<String>,
}

/// What the model wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    /// The title that it gives the story, if it gives one.
    pub title: Option<String>,
    /// As many scenes as were asked for.
    pub scenes: Vec<DraftScene>,
    /// Who is in it, where the model says so.
    pub cast: Vec<CastMember>,
    /// The model that answered, as the provider names it.
    pub model: String,
    /// What the provider says it cost, all answers together.
    pub cost: Option<Money>,
}

/// One scene as the model wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftScene {
    /// A few words.
    pub title: String,
    /// What is read aloud.
    pub text: String,
    /// What its picture shows, in words for an image model.
    pub image_prompt: String,
    /// What its picture shows, in words for those who cannot see it.
    pub alt_text: String,
}

/// Somebody in a story.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CastMember {
    /// The name that the story uses.
    pub name: String,
    /// What they look like, in words for an image model.
    pub look: String,
    /// Whether it is a child of a person, whose name is not for others.
    #[serde(default)]
    pub is_child: bool,
}

const RULES: &str = "You write picture books for children of three to eight years. Use short, warm, correct sentences. \
     Nothing frightening stays unresolved. Every image_prompt describes, in one paragraph, the same characters with the \
     same looks and clothes again, what they do, where, at what time of day and in what weather; no text in the \
     picture. alt_text says in one sentence what the picture shows. cast names everybody who appears more than once, with \
     a look that never changes; is_child is true for human children only. Answer with one JSON object and nothing else: \
     {\"title\": string, \"cast\": [{\"name\": string, \"look\": string, \"is_child\": boolean}], \"scenes\": [{\"title\": \
     string, \"text\": string, \"image_prompt\": string, \"alt_text\": string}]}.";

/// Where in what a provider is given besides is what belongs into requests for texts; the rest is for pictures.
pub(super) const EXTRA: &str = "text";

/// What models that think before they write may use up besides.
const THOUGHT_TOKENS: usize = 8_000;

impl Ai {
    /// Asks for the scenes of a story.
    ///
    /// # Errors
    /// If the provider fails, refuses, or does not send as many scenes as asked for, even when asked once more.
    pub async fn draft(&self, request: &DraftRequest) -> Result<Drafted, AiError> {
        let result = self.written(request).await;
        Box::pin(self.explained(result)).await
    }

    async fn written(&self, request: &DraftRequest) -> Result<Drafted, AiError> {
        let model = self.text_model(request)?;
        let mut rung = self
            .rungs
            .of(&model)
            .unwrap_or_else(|| Rung::first(self.provider.dialect));
        let mut repair: Option<Unusable> = None;
        let mut spent: Option<Money> = None;
        loop {
            let body = self.chat(request, &model, rung, repair.as_ref());
            let call = self.chat_call()?.json(body).doing("Write scenes").endpoint("text");
            let answer = match self.send(call).await {
                Ok(reply) => answer::read(&reply, self.http.transcript().masker()),
                Err(error) => Err(error),
            };
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => match rung.looser(&error) {
                    Some(next) => {
                        rung = next;
                        continue;
                    }
                    None => return Err(error),
                },
            };
            self.rungs.worked(&model, rung);
            spent = match (spent, answer.cost) {
                (Some(before), Some(now)) => Some(before + now),
                (before, now) => before.or(now),
            };
            match answer.drafted(request.scenes) {
                Ok(drafted) => {
                    return Ok(Drafted { cost: spent, ..drafted });
                }
                Err(unusable) if unusable.is_worth_another && repair.is_none() => repair = Some(unusable),
                Err(unusable) => return Err(unusable.error),
            }
        }
    }

    fn text_model(&self, request: &DraftRequest) -> Result<String, AiError> {
        let own = request.model.as_deref().filter(|model| !model.trim().is_empty());
        let model = own.unwrap_or(&self.provider.text_model).trim();
        if model.is_empty() {
            let name = &self.provider.name;
            return Err(AiError::NotAble(format!("no model that writes is named for {name}")));
        }
        Ok(model.to_owned())
    }

    /// Where chat is spoken: Google has a surface for it beside its own API, servers that draw one at their root.
    fn chat_call(&self) -> Result<Call, AiError> {
        const PATH: &str = "/chat/completions";
        match self.provider.dialect {
            Dialect::Gemini if !self.provider.base_url.trim_end_matches('/').ends_with("/openai") => {
                self.call(::http::Method::POST, &format!("/openai{PATH}"))
            }
            Dialect::Sdapi | Dialect::Comfy => self.at_root(::http::Method::POST, &format!("/v1{PATH}")),
            _ => self.call(::http::Method::POST, PATH),
        }
    }

    fn chat(&self, request: &DraftRequest, model: &str, rung: Rung, repair: Option<&Unusable>) -> Value {
        let mut brief = json!({
            "title": request.title, "prompt": request.prompt, "scenes": request.scenes,
            "words_per_scene": request.words_per_scene,
        });
        if !request.cast.is_empty() {
            brief["cast"] = json!(request.cast);
        }
        let mut messages = vec![
            json!({ "role": "system", "content": RULES }),
            json!({ "role": "user", "content": format!("Write the story of this brief.\n{brief}") }),
        ];
        if let Some(unusable) = repair {
            messages.push(json!({ "role": "assistant", "content": unusable.text }));
            let wish = format!(
                "That cannot be used: {}. Send the whole JSON object again, valid and with exactly {} scenes.",
                unusable.error, request.scenes
            );
            messages.push(json!({ "role": "user", "content": wish }));
        }
        let mut body = json!({ "model": model, "messages": messages });
        let tokens = request.scenes * (request.words_per_scene * 2 + 300) + 2_000 + THOUGHT_TOKENS;
        rung.put(&mut body, request.seed, tokens);
        if self.provider.dialect == Dialect::OpenRouter {
            // Stories of children are nothing to learn from; and a form that is not kept to is no form.
            body["provider"] = json!({ "data_collection": "deny", "require_parameters": rung.is_strict() });
        }
        if let Some(Value::Object(own)) = self.provider.extra.get(EXTRA) {
            merge(&mut body, own);
        }
        body
    }
}
