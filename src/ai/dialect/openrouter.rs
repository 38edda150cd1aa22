//! OpenRouter's images: `/images`, shapes instead of sizes, references as parts, and what it cost in the answer.

use serde_json::{Value, json};

use super::super::{Abilities, Ai, AiError, PaintRequest, Painted};
use super::{merge, set};

pub(in crate::ai) async fn paint(ai: &Ai, request: &PaintRequest) -> Result<Painted, AiError> {
    let (across, down) = Abilities::of(ai.provider())
        .sizes
        .nearest(request.width, request.height);
    let mut body = json!({
        "model": ai.image_model(request), "prompt": request.prompt, "n": 1,
        "aspect_ratio": format!("{across}:{down}"),
    });
    set(&mut body, "seed", request.seed.map(seed));
    let references: Vec<Value> = request
        .pictures()
        .map(|picture| json!({ "type": "image_url", "image_url": { "url": picture.data_url() } }))
        .collect();
    if !references.is_empty() {
        body["input_references"] = references.into();
    }
    merge(&mut body, &ai.extra());
    let reply = ai.send(ai.drawing(ai.post("/images", body)?)).await?;
    ai.painted(&reply, request).await
}

/// Models behind gateways take 31 bits at the least.
pub(in crate::ai) fn seed(seed: u64) -> u64 {
    seed & 0x7fff_ffff
}
