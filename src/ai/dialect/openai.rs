//! `POST /images/generations`, as OpenAI has it and as others copy it.

use serde_json::{Value, json};

use super::PaintRequest;

const PATH: &str = "images/generations";

/// OpenAI itself. It refuses members that it does not know for the model: `seed`, `width`, `response_format`, `style`.
pub(super) fn strict(model: &str, request: &PaintRequest) -> (&'static str, Value) {
    let body = json!({
        "model": model,
        "prompt": request.prompt,
        "n": 1,
        "size": size(model, request.width, request.height),
    });
    (PATH, body)
}

/// Servers that copy the API: the size as asked for, a seed, and the picture inside the answer, for what they call a
/// URL is often one that only they can reach.
pub(super) fn loose(model: &str, request: &PaintRequest) -> (&'static str, Value) {
    let mut body = json!({
        "model": model,
        "prompt": request.prompt,
        "n": 1,
        "size": format!("{}x{}", request.width, request.height),
        "response_format": "b64_json",
    });
    if let Some(seed) = request.seed {
        body["seed"] = seed.into();
    }
    (PATH, body)
}

/// The size nearest to the one asked for. The older models have three; gpt-image-2 and later take any multiple of 16
/// up to 3840×2160 in a ratio of at most 3:1. Models of other names get what was asked for.
fn size(model: &str, width: u32, height: u32) -> String {
    if ["gpt-image-1", "chatgpt-image"]
        .iter()
        .any(|name| model.starts_with(name))
    {
        let ratio = f64::from(width.max(1)) / f64::from(height.max(1));
        return match ratio {
            // Half way between square and 3:2, as ratios.
            ratio if ratio > 1.225 => "1536x1024",
            ratio if ratio < 1.0 / 1.225 => "1024x1536",
            _ => "1024x1024",
        }
        .to_owned();
    }
    if model.starts_with("gpt-image-") {
        let round = |pixels: u32, most: u32| (pixels.saturating_add(8) / 16 * 16).clamp(16, most);
        let long = round(width.max(height), 3_840);
        let short = round(width.min(height), 2_160).max((long / 3).next_multiple_of(16));
        return if width >= height {
            format!("{long}x{short}")
        } else {
            format!("{short}x{long}")
        };
    }
    format!("{width}x{height}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_sizes_that_the_model_has() {
        for (model, width, height, expected) in [
            ("gpt-image-1-mini", 1024, 768, "1536x1024"),
            ("gpt-image-1.5", 768, 1024, "1024x1536"),
            ("chatgpt-image-latest", 1024, 1000, "1024x1024"),
            ("gpt-image-2", 1000, 700, "1008x704"),
            ("gpt-image-2.5-flare", 9_000, 10, "3840x1280"),
            ("some-other", 1000, 700, "1000x700"),
        ] {
            assert_eq!(size(model, width, height), expected, "{model}");
        }
    }

    #[test]
    fn only_copies_are_sent_more_than_openai_takes() {
        let request = PaintRequest {
            prompt: "a fox".into(),
            width: 1024,
            height: 768,
            seed: Some(7),
        };
        let (_, strict) = strict("gpt-image-2", &request);
        assert!(strict.get("seed").is_none() && strict.get("response_format").is_none());
        let (_, loose) = loose("z-image-turbo", &request);
        assert_eq!((&loose["seed"], &loose["size"]), (&json!(7), &json!("1024x768")));
    }
}
