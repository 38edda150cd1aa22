//! Stories: a brief in a chat message, a story in the answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::AiError;
use super::{Answer, KeyHolder, STORYTELLER, parse, seed, words};
use crate::local::reply::ok;
use crate::local::server::App;
use crate::local::storyteller::{self, Brief, Tale};

const DEFAULT_SCENES: usize = 5;
const DEFAULT_WORDS: usize = 60;
/// Words of a prompt that make its title, if the brief has none.
const TITLE_WORDS: usize = 6;

#[derive(Deserialize)]
struct ChatRequest {
    model: String,
    messages: Vec<Message>,
    seed: Option<Value>,
    #[serde(default)]
    stream: bool,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    #[serde(default)]
    content: Value,
}

impl Message {
    /// The text, whether it is one string or parts.
    fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            Value::Array(parts) => {
                let texts: Vec<&str> = parts.iter().filter_map(|p| p["text"].as_str()).collect();
                texts.join("\n")
            }
            _ => String::new(),
        }
    }
}

/// The brief as a client writes it.
#[derive(Deserialize)]
struct BriefFields {
    title: Option<String>,
    prompt: Option<String>,
    scenes: Option<usize>,
    words_per_scene: Option<usize>,
}

/// `POST /chat/completions`
pub async fn complete(_: KeyHolder, State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let request: ChatRequest = parse(&body)?;
    if request.model != STORYTELLER {
        return Err(AiError::no_model(&request.model));
    }
    if request.stream {
        return Err(AiError::bad_request(
            "The built-in storyteller answers at once and does not stream.",
            Some("stream"),
        ));
    }
    let text = request
        .messages
        .iter()
        .rev()
        .find(|message| message.role == "user")
        .map(Message::text)
        .ok_or_else(|| AiError::bad_request("There is no user message.", Some("messages")))?;
    let brief = read_brief(&text, seed(request.seed.as_ref())?)?;
    let tale = app.studio.run(move || storyteller::tell(&brief)).await?;
    let prompt_tokens: usize = request.messages.iter().map(|m| words(&m.text())).sum();
    let content = tale_to_json(&tale).to_string();
    let completion_tokens = words(&content);
    Ok(ok(&json!({
        "id": format!("chatcmpl-{}", Uuid::new_v4().simple()),
        "object": "chat.completion",
        "created": jiff::Timestamp::now().as_second(),
        "model": STORYTELLER,
        "system_fingerprint": storyteller::ENGINE,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": content, "refusal": null },
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        },
    })))
}

fn read_brief(text: &str, seed: u64) -> Result<Brief, AiError> {
    let fields = first_object(text).unwrap_or_else(|| BriefFields {
        title: None,
        prompt: Some(text.to_owned()),
        scenes: None,
        words_per_scene: None,
    });
    let prompt = fields.prompt.unwrap_or_default().trim().to_owned();
    if prompt.is_empty() {
        return Err(AiError::bad_request(
            "The prompt is empty. Say what the story is about.",
            Some("messages"),
        ));
    }
    let title = match fields.title.map(|title| title.trim().to_owned()) {
        Some(title) if !title.is_empty() => title,
        _ => first_words(&prompt),
    };
    Ok(Brief {
        title,
        prompt,
        scenes: fields.scenes.unwrap_or(DEFAULT_SCENES),
        seed,
        words_per_scene: fields.words_per_scene.unwrap_or(DEFAULT_WORDS),
    })
}

/// The first JSON object in a text that says what to write about, whatever stands around it.
fn first_object(text: &str) -> Option<BriefFields> {
    text.match_indices('{').find_map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter();
        let fields: BriefFields = values.next()?.ok()?;
        (fields.prompt.is_some() || fields.title.is_some()).then_some(fields)
    })
}

fn first_words(prompt: &str) -> String {
    let words: Vec<&str> = prompt.split_whitespace().take(TITLE_WORDS).collect();
    let title = words.join(" ");
    title.trim_end_matches(|c: char| c.is_ascii_punctuation()).to_owned()
}

fn tale_to_json(tale: &Tale) -> Value {
    let scenes: Vec<Value> = tale
        .scenes
        .iter()
        .map(|page| {
            json!({
                "title": page.title,
                "text": page.text,
                "image_prompt": page.image_prompt,
                "alt_text": page.alt_text,
            })
        })
        .collect();
    let cast: Vec<Value> = tale
        .cast
        .iter()
        .map(|member| json!({ "name": member.name, "look": member.look, "is_child": member.is_child }))
        .collect();
    json!({ "title": tale.title, "cast": cast, "scenes": scenes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief(text: &str) -> Brief {
        read_brief(text, 7).unwrap()
    }

    #[test]
    fn a_brief_is_found_in_whatever_surrounds_it() {
        let read = brief(
            "Write {a story} like this:\n```json\n{\"title\":\"Pip\",\"prompt\":\"a fox\",\"scenes\":3,\"words_per_scene\":40}\n```",
        );
        assert_eq!((read.title.as_str(), read.prompt.as_str()), ("Pip", "a fox"));
        assert_eq!((read.scenes, read.words_per_scene, read.seed), (3, 40, 7));
    }

    #[test]
    fn plain_words_are_the_prompt_and_begin_the_title() {
        let read = brief("a fox in a green scarf, who is lost at sea");
        assert_eq!(read.title, "a fox in a green scarf");
        assert_eq!(read.scenes, DEFAULT_SCENES);
    }

    #[test]
    fn nothing_to_tell_is_an_error() {
        assert!(read_brief("  ", 0).is_err());
        assert!(read_brief(r#"{"title":"x","prompt":" "}"#, 0).is_err());
    }
}
