//! Together's images: width, height, steps and seed. Without being told otherwise it sends JPEG.

use serde_json::{Value, json};

use super::super::{Abilities, Ai, AiError, PaintRequest, Painted};
use super::{merge, openrouter, set};

pub(in crate::ai) async fn paint(ai: &Ai, request: &PaintRequest) -> Result<Painted, AiError> {
    let (width, height) = Abilities::of(ai.provider())
        .sizes
        .nearest(request.width, request.height);
    let mut body = json!({
        "model": ai.image_model(request), "prompt": request.prompt, "n": 1,
        "width": width, "height": height, "output_format": "png", "response_format": "base64",
    });
    let seed = request.seed.map(openrouter::seed);
    set(&mut body, "seed", seed);
    set(&mut body, "steps", request.steps);
    set(&mut body, "negative_prompt", request.negative.as_deref());
    set(
        &mut body,
        "image_url",
        request.base.as_ref().map(super::super::Reference::data_url),
    );
    let references: Vec<Value> = request.references.iter().map(|it| it.data_url().into()).collect();
    if !references.is_empty() {
        body["reference_images"] = references.into();
    }
    merge(&mut body, &ai.extra());
    let reply = ai.send(ai.drawing(ai.post("/images/generations", body)?)).await?;
    let painted = ai.painted(&reply, request).await?;
    Ok(Painted {
        seed: painted.seed.or(seed),
        ..painted
    })
}
