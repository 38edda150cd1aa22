//! Google's own API: words and pictures as parts of one message, and reasons instead of pictures.

use ::http::Method;
use serde_json::{Value, json};

use super::super::{Abilities, Ai, AiError, PaintRequest, Painted, Stage};
use super::{merge, openrouter, set};
use crate::http::{Call, Reply};

pub(in crate::ai) async fn paint(ai: &Ai, request: &PaintRequest) -> Result<Painted, AiError> {
    let (across, down) = Abilities::of(ai.provider())
        .sizes
        .nearest(request.width, request.height);
    let pictures = request
        .pictures()
        .map(|picture| json!({ "inlineData": { "mimeType": picture.media_type, "data": picture.base64() } }));
    let parts: Vec<Value> = pictures.chain([json!({ "text": request.prompt })]).collect();
    let mut body = json!({
        "contents": [{ "role": "user", "parts": parts }],
        "generationConfig": {
            "responseModalities": ["TEXT", "IMAGE"],
            "imageConfig": { "aspectRatio": format!("{across}:{down}") },
        },
    });
    let seed = request.seed.map(openrouter::seed);
    set(&mut body["generationConfig"], "seed", seed);
    merge(&mut body, &ai.extra());
    let model = ai.image_model(request);
    let model = model.strip_prefix("models/").unwrap_or(&model);
    let call = ai.drawing(native(ai, Method::POST, &format!("/models/{model}:generateContent"))?.json(body));
    let reply = ai.send(call).await?;
    let body: Value = serde_json::from_slice(&reply.body).map_err(|source| AiError::unreadable(&reply, source))?;
    if let Some(error) = ai.within(&reply, &body).or_else(|| refusal(&reply, &body)) {
        return Err(error);
    }
    let painted = ai.painted(&reply, request).await?;
    Ok(Painted {
        seed: painted.seed.or(seed),
        ..painted
    })
}

/// A call of the API itself, also where the address of the surface that is compatible with OpenAI is given.
pub(in crate::ai) fn native(ai: &Ai, method: Method, path: &str) -> Result<Call, AiError> {
    let base = ai.provider().base_url.trim_end_matches('/');
    let base = base.strip_suffix("/openai").unwrap_or(base);
    let call = ai.bare(method, format!("{base}{path}"))?;
    Ok(match &ai.provider().key {
        Some(key) => call.secret_header("x-goog-api-key", "", key),
        None => call,
    })
}

/// Why there is no picture in a success, in the API's own words: the prompt was blocked, or the candidate ended for
/// another reason than being done.
fn refusal(reply: &Reply, body: &Value) -> Option<AiError> {
    let exchange = Some(reply.exchange);
    let refused = |stage, reason: &str, words: Option<&str>| AiError::Refused {
        message: match words.map(str::trim).filter(|words| !words.is_empty()) {
            Some(words) => words.chars().take(400).collect(),
            None => reason.replace('_', " ").to_lowercase(),
        },
        stage: Some(stage),
        categories: vec![reason.to_owned()],
        exchange,
    };
    let feedback = &body["promptFeedback"];
    if let Some(reason) = feedback["blockReason"].as_str() {
        return Some(refused(Stage::Input, reason, feedback["blockReasonMessage"].as_str()));
    }
    let candidate = &body["candidates"][0];
    let parts = candidate["content"]["parts"].as_array();
    let has_picture = parts.into_iter().flatten().any(|part| {
        part["inlineData"].is_object()
            || part["inline_data"].is_object()
            || part["text"].as_str().is_some_and(|text| text.contains("data:image/"))
    });
    if has_picture {
        return None;
    }
    let said = || parts.into_iter().flatten().find_map(|part| part["text"].as_str());
    match candidate["finishReason"].as_str().unwrap_or_default() {
        reason @ ("SAFETY" | "PROHIBITED_CONTENT" | "BLOCKLIST" | "SPII" | "RECITATION") => Some(refused(
            Stage::Output,
            reason,
            candidate["finishMessage"].as_str().or_else(said),
        )),
        reason if reason.starts_with("IMAGE_") => Some(refused(
            Stage::Output,
            reason,
            candidate["finishMessage"].as_str().or_else(said),
        )),
        "MAX_TOKENS" => Some(AiError::BadJson {
            reason: "it ended before there was a picture".to_owned(),
            exchange,
        }),
        // NO_IMAGE, or words where a picture should be: the model talked instead of drawing.
        _ => match said() {
            Some(words) => Some(refused(Stage::Input, "NO_IMAGE", Some(words))),
            None => Some(AiError::NoImage { exchange }),
        },
    }
}
