//! `/ai/v1`: the part of OpenAI's API that writes stories and draws pictures, answered by the built-in engines.
//!
//! A chat request carries its brief as a JSON object in the last message of the user:
//! `{"title", "prompt", "scenes", "words_per_scene"}`; a message without one is taken as the prompt. The answer is JSON,
//! too: `{"title", "scenes": [{"title", "text", "image_prompt", "alt_text"}]}`. A picture request takes a `seed` besides
//! OpenAI's own fields, and what was understood of the prompt comes back as `revised_prompt`.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::access::{Role, bearer};
use super::illustrator::{self, IllustratorError, Options, Picture, SIDE, Style};
use super::lexicon;
use super::reply::{json as reply, ok};
use super::server::App;
use super::storyteller::{self, Brief, StorytellerError, Tale};

/// The ids by which clients ask for the engines.
const STORYTELLER: &str = "builtin-storyteller";
const ILLUSTRATOR: &str = "builtin-illustrator";

const DEFAULT_SCENES: usize = 5;
const DEFAULT_WORDS: usize = 60;
/// Words of a prompt that make its title, if the brief has none.
const TITLE_WORDS: usize = 6;
const DEFAULT_SIZE: (u32, u32) = (1024, 768);
/// Most pictures of one request.
const MOST_PICTURES: u64 = 4;
/// Longest prompt, as OpenAI has it.
const PROMPT_LENGTH: usize = 32_000;

/// Where the engines work: as many at a time as there are cores.
pub struct Studio {
    cores: Semaphore,
}

impl Studio {
    pub(super) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            cores: Semaphore::new(cores),
        }
    }

    /// Runs CPU work on the blocking pool, when a core is free for it.
    async fn run<T, E>(&self, work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, AiError>
    where
        T: Send + 'static,
        E: Into<AiError> + Send + 'static,
    {
        let _core = self.cores.acquire().await;
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done.map_err(Into::into),
            Err(stopped) => {
                tracing::error!(error = %stopped, "a built-in engine stopped");
                Err(AiError::server_error(
                    "The built-in engine stopped while it worked on this.",
                ))
            }
        }
    }
}

/// The routes below `/ai/v1`.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/models", get(models))
        .route("/models/{model}", get(model))
        .route("/chat/completions", post(chat))
        .route("/images/generations", post(images))
        .fallback(unknown_url)
        .method_not_allowed_fallback(unknown_url)
}

/// An error in OpenAI's shape.
struct AiError {
    status: StatusCode,
    message: String,
    kind: &'static str,
    param: Option<&'static str>,
    code: Option<&'static str>,
}

impl AiError {
    fn bad_request(message: impl Into<String>, param: Option<&'static str>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
            kind: "invalid_request_error",
            param,
            code: None,
        }
    }

    fn server_error(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "server_error",
            ..Self::bad_request(message, None)
        }
    }

    fn no_model(model: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: Some("model_not_found"),
            ..Self::bad_request(
                format!("The model '{model}' does not exist or you do not have access to it."),
                Some("model"),
            )
        }
    }

    fn unauthorized(message: &str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: Some("invalid_api_key"),
            ..Self::bad_request(message, None)
        }
    }
}

impl From<StorytellerError> for AiError {
    fn from(error: StorytellerError) -> Self {
        let code = match error {
            // OpenAI's code for what it will not write about.
            StorytellerError::BlockedWord(_) => Some("content_policy_violation"),
            _ => None,
        };
        Self {
            code,
            ..Self::bad_request(sentence(&error), Some("messages"))
        }
    }
}

impl From<IllustratorError> for AiError {
    fn from(error: IllustratorError) -> Self {
        match error {
            IllustratorError::Size { .. } => Self::bad_request(sentence(&error), Some("size")),
            fault => Self::server_error(sentence(&fault)),
        }
    }
}

/// The text of an error as a sentence of its own.
fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

impl IntoResponse for AiError {
    fn into_response(self) -> Response {
        let body = json!({
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        });
        reply(self.status, &body)
    }
}

type Answer = Result<Response, AiError>;

/// Whoever has one of the project's keys may use the engines.
struct KeyHolder;

impl FromRequestParts<Arc<App>> for KeyHolder {
    type Rejection = AiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let token = bearer(&parts.headers).ok_or_else(|| {
            AiError::unauthorized("No API key was provided. Send it in the Authorization header: Bearer KEY.")
        })?;
        Role::from_token(&app.secrets, token)
            .map(|_| Self)
            .map_err(|error| AiError::unauthorized(&format!("Incorrect API key: {error}.")))
    }
}

async fn unknown_url(method: Method, uri: Uri) -> AiError {
    AiError {
        status: StatusCode::NOT_FOUND,
        code: Some("unknown_url"),
        ..AiError::bad_request(format!("Unknown request URL: {method} {}.", uri.path()), None)
    }
}

fn model_row(id: &str) -> Value {
    json!({ "id": id, "object": "model", "created": 0, "owned_by": "builtin" })
}

async fn models(_: KeyHolder) -> Response {
    let rows = [STORYTELLER, ILLUSTRATOR].map(model_row);
    ok(&json!({ "object": "list", "data": rows }))
}

async fn model(_: KeyHolder, Path(id): Path<String>) -> Answer {
    if [STORYTELLER, ILLUSTRATOR].contains(&id.as_str()) {
        Ok(ok(&model_row(&id)))
    } else {
        Err(AiError::no_model(&id))
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a Bytes) -> Result<T, AiError> {
    serde_json::from_slice(body)
        .map_err(|error| AiError::bad_request(format!("The request's body cannot be read: {error}."), None))
}

/// A seed may be any 64-bit integer, with or without a sign; left out, it is a random one.
fn seed(given: Option<&Value>) -> Result<u64, AiError> {
    match given {
        None | Some(Value::Null) => Ok(Uuid::new_v4().as_u64_pair().0),
        Some(value) => value
            .as_u64()
            .or_else(|| value.as_i64().map(i64::cast_unsigned))
            .ok_or_else(|| AiError::bad_request("'seed' must be an integer.", Some("seed"))),
    }
}

// ── chat ──

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

async fn chat(_: KeyHolder, State(app): State<Arc<App>>, body: Bytes) -> Answer {
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

fn words(text: &str) -> usize {
    text.split_whitespace().count()
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
    json!({ "title": tale.title, "scenes": scenes })
}

// ── pictures ──

#[derive(Deserialize)]
struct ImageRequest {
    model: String,
    prompt: String,
    n: Option<u64>,
    size: Option<String>,
    seed: Option<Value>,
    output_format: Option<String>,
    response_format: Option<String>,
}

async fn images(_: KeyHolder, State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let request: ImageRequest = parse(&body)?;
    if request.model != ILLUSTRATOR {
        return Err(AiError::no_model(&request.model));
    }
    let prompt = request.prompt.trim();
    if prompt.is_empty() {
        return Err(AiError::bad_request(
            "The prompt is empty. Say what the picture shows.",
            Some("prompt"),
        ));
    }
    if prompt.chars().count() > PROMPT_LENGTH {
        return Err(AiError::bad_request(
            format!("The prompt is longer than {PROMPT_LENGTH} characters."),
            Some("prompt"),
        ));
    }
    let count = request.n.unwrap_or(1);
    if !(1..=MOST_PICTURES).contains(&count) {
        return Err(AiError::bad_request(
            format!("'n' must be between 1 and {MOST_PICTURES}."),
            Some("n"),
        ));
    }
    let (width, height) = size(request.size.as_deref())?;
    only("output_format", request.output_format.as_deref(), "png")?;
    only("response_format", request.response_format.as_deref(), "b64_json")?;
    let seed = seed(request.seed.as_ref())?;
    let drawings = (0..count).map(|nth| {
        let prompt = prompt.to_owned();
        let options = Options {
            seed: seed.wrapping_add(nth),
            width,
            height,
            style: Style::default(),
        };
        app.studio.run(move || {
            let reading = lexicon::read(&prompt);
            illustrator::draw_reading(&reading, &prompt, &options).map(|picture| picture_row(&picture))
        })
    });
    let data = try_join_all(drawings).await?;
    let input_tokens = words(prompt);
    Ok(ok(&json!({
        "created": jiff::Timestamp::now().as_second(),
        "model": ILLUSTRATOR,
        "system_fingerprint": illustrator::ENGINE,
        "data": data,
        "size": format!("{width}x{height}"),
        "output_format": "png",
        "usage": {
            "input_tokens": input_tokens,
            "output_tokens": 0,
            "total_tokens": input_tokens,
        },
    })))
}

fn picture_row(picture: &Picture) -> Value {
    let mut said = format!("understood: {}", picture.understood.join(", "));
    if !picture.not_drawn.is_empty() {
        said.push_str("; not drawn: ");
        said.push_str(&picture.not_drawn.join(", "));
    }
    json!({ "b64_json": STANDARD.encode(&picture.png), "revised_prompt": said })
}

fn only(param: &'static str, given: Option<&str>, allowed: &str) -> Result<(), AiError> {
    match given {
        Some(value) if value != allowed => Err(AiError::bad_request(
            format!("'{param}' must be '{allowed}': the built-in illustrator knows no other."),
            Some(param),
        )),
        _ => Ok(()),
    }
}

fn size(given: Option<&str>) -> Result<(u32, u32), AiError> {
    let Some(text) = given.filter(|text| *text != "auto") else {
        return Ok(DEFAULT_SIZE);
    };
    text.split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
        .filter(|(width, height)| SIDE.contains(width) && SIDE.contains(height))
        .ok_or_else(|| {
            AiError::bad_request(
                format!(
                    "'size' must be WIDTHxHEIGHT with sides from {} to {} pixels.",
                    SIDE.start(),
                    SIDE.end()
                ),
                Some("size"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief(text: &str) -> Brief {
        read_brief(text, 7).unwrap_or_else(|error| panic!("{}", error.message))
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

    #[test]
    fn sizes() {
        assert_eq!(size(Some("640x480")).ok(), Some((640, 480)));
        assert_eq!(size(None).ok(), Some(DEFAULT_SIZE));
        for bad in ["640", "0x0", "99999x99999", "-1x5", "axb", "640x480x2"] {
            assert!(size(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn seeds_are_any_integer() {
        assert_eq!(seed(Some(&json!(-1))).ok(), Some(u64::MAX));
        assert_eq!(seed(Some(&json!(7))).ok(), Some(7));
        assert!(seed(Some(&json!(1.5))).is_err());
    }
}
