//! OpenAI's images, and the embedded server's, which are the same with a seed.
//!
//! GPT image models refuse `response_format`, `seed`, `width` and `height`, and all of them know three sizes.

use serde_json::{Value, json};

use super::super::multipart::Form;
use super::super::{Abilities, Ai, AiError, PaintRequest, Painted};
use super::{merge, set};
use crate::workspace::Dialect;

/// The sizes that every model of OpenAI knows.
pub(in crate::ai) const SIZES: [(u32, u32); 3] = [(1024, 1024), (1536, 1024), (1024, 1536)];

pub(in crate::ai) async fn paint(ai: &Ai, request: &PaintRequest) -> Result<Painted, AiError> {
    let body = body(ai, request);
    let call = if request.pictures().next().is_some() {
        let mut form = Form::new();
        for (name, value) in body.as_object().into_iter().flatten() {
            match value {
                Value::String(text) => form.text(name, text),
                other => form.text(name, &other.to_string()),
            }
        }
        for (number, picture) in request.pictures().enumerate() {
            form.file(
                "image[]",
                &picture.file_name(number + 1),
                &picture.media_type,
                &picture.bytes,
            );
        }
        ai.drawing(ai.post_body("/images/edits", form.into_body())?)
    } else {
        ai.drawing(ai.post("/images/generations", body)?)
    };
    let reply = ai.send(call).await?;
    ai.painted(&reply, request).await
}

fn body(ai: &Ai, request: &PaintRequest) -> Value {
    let (width, height) = Abilities::of(ai.provider())
        .sizes
        .nearest(request.width, request.height);
    let mut body = json!({
        "model": ai.image_model(request), "prompt": request.prompt, "n": 1,
        "size": format!("{width}x{height}"), "output_format": "png",
    });
    if ai.provider().dialect == Dialect::BuiltIn {
        body["response_format"] = "b64_json".into();
        set(&mut body, "seed", request.seed);
    }
    merge(&mut body, &ai.extra());
    body
}
