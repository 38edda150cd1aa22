//! How each kind of service wants a picture to be asked for.

mod openai;

use serde_json::Value;

use super::{Dialect, PaintRequest};

/// The path and body of the request for one picture.
pub(super) fn image_request(dialect: Dialect, model: &str, request: &PaintRequest) -> (&'static str, Value) {
    match dialect {
        Dialect::OpenAi => openai::strict(model, request),
        Dialect::OpenAiLoose => openai::loose(model, request),
    }
}
