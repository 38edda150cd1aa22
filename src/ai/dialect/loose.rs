//! What calls itself compatible with OpenAI: LocalAI, Ollama, stable-diffusion.cpp. They take a size and a few things
//! more, leave out what they do not know, and may answer with an address on their own host.

use serde_json::json;

use super::super::{Abilities, Ai, AiError, PaintRequest, Painted};
use super::{merge, openrouter, set};

/// The one model of stable-diffusion.cpp's server, which takes everything beyond OpenAI's fields within the prompt.
const SD_CPP: &str = "sd-cpp-local";

pub(in crate::ai) async fn paint(ai: &Ai, request: &PaintRequest) -> Result<Painted, AiError> {
    let (width, height) = Abilities::of(ai.provider())
        .sizes
        .nearest(request.width, request.height);
    let seed = request.seed.map(openrouter::seed);
    let model = ai.image_model(request);
    let mut body = json!({
        "model": model, "prompt": request.prompt, "n": 1,
        "size": format!("{width}x{height}"), "response_format": "b64_json",
    });
    if model == SD_CPP {
        let mut more = json!({});
        set(&mut more, "seed", seed);
        set(&mut more, "steps", request.steps);
        set(&mut more, "negative_prompt", request.negative.as_deref());
        body["prompt"] = format!("{} <sd_cpp_extra_args>{more}</sd_cpp_extra_args>", request.prompt).into();
    } else {
        set(&mut body, "seed", seed);
        // LocalAI's word, and everybody else's.
        set(&mut body, "step", request.steps);
        set(&mut body, "steps", request.steps);
        set(&mut body, "negative_prompt", request.negative.as_deref());
    }
    merge(&mut body, &ai.extra());
    let reply = ai.send(ai.drawing(ai.post("/images/generations", body)?)).await?;
    // Whether the seed was used is not told.
    ai.painted(&reply, request).await
}
