//! How the providers' image APIs differ in what they take.

use serde_json::{Value, json};

use super::PaintRequest;
use crate::workspace::{Dialect, Provider};

/// The body of an image generation.
pub(super) fn body(provider: &Provider, request: &PaintRequest) -> Value {
    let model = &provider.image_model;
    match provider.dialect {
        Dialect::BuiltIn => json!({
            "model": model, "prompt": request.prompt, "n": 1, "seed": request.seed,
            "size": format!("{}x{}", request.width, request.height),
            "output_format": "png", "response_format": "b64_json",
        }),
        // GPT image models refuse `response_format` and `seed`, and know three sizes.
        Dialect::OpenAi => json!({
            "model": model, "prompt": request.prompt, "n": 1,
            "size": nearest_size(request.width, request.height), "output_format": "png",
        }),
    }
}

fn nearest_size(width: u32, height: u32) -> &'static str {
    match width.cmp(&height) {
        std::cmp::Ordering::Greater => "1536x1024",
        std::cmp::Ordering::Less => "1024x1536",
        std::cmp::Ordering::Equal => "1024x1024",
    }
}
