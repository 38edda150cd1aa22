//! Pictures: a prompt, a size and a seed in, PNG files in base64 out.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::AiError;
use super::{Answer, ILLUSTRATOR, KeyHolder, OUTLINES, parse, seed, words};
use crate::local::illustrator::{self, Options, Picture, SIDE, Style};
use crate::local::reply::ok;
use crate::local::server::App;

const DEFAULT_SIZE: (u32, u32) = (1024, 768);
/// Most pictures of one request.
const MOST_PICTURES: u64 = 4;
/// Longest prompt, as OpenAI has it.
const PROMPT_LENGTH: usize = 32_000;

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

/// `POST /images/generations`
pub async fn generate(_: KeyHolder, State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let request: ImageRequest = parse(&body)?;
    let (model, style) = match request.model.as_str() {
        ILLUSTRATOR => (ILLUSTRATOR, Style::Flat),
        OUTLINES => (OUTLINES, Style::Outlines),
        other => return Err(AiError::no_model(other)),
    };
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
            style,
        };
        app.studio.run(move || {
            illustrator::draw(&prompt, &options).map(|mut picture| {
                picture.png = illustrator::marked(picture.png, &prompt, &options, model);
                picture_row(&picture, options.seed)
            })
        })
    });
    let data = try_join_all(drawings).await?;
    let input_tokens = words(prompt);
    Ok(ok(&json!({
        "created": jiff::Timestamp::now().as_second(),
        "model": model,
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

fn picture_row(picture: &Picture, seed: u64) -> Value {
    let mut said = format!("understood: {}", picture.understood.join(", "));
    if !picture.not_drawn.is_empty() {
        said.push_str("; not drawn: ");
        said.push_str(&picture.not_drawn.join(", "));
    }
    json!({ "b64_json": STANDARD.encode(&picture.png), "revised_prompt": said, "seed": seed })
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

    #[test]
    fn sizes() {
        assert_eq!(size(Some("640x480")).ok(), Some((640, 480)));
        assert_eq!(size(None).ok(), Some(DEFAULT_SIZE));
        for bad in ["640", "0x0", "99999x99999", "-1x5", "axb", "640x480x2"] {
            assert!(size(Some(bad)).is_err(), "{bad}");
        }
    }
}
