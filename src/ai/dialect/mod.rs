//! How the providers' image APIs differ; one file a dialect.

pub(super) mod comfy;
pub(super) mod gemini;
pub(super) mod loose;
pub(super) mod openai;
pub(super) mod openrouter;
pub(super) mod sdapi;
pub(super) mod together;

use serde_json::{Map, Value};

/// Merges what the user wants sent into a body, last: objects into objects, everything else in the place of what was
/// there. Null takes a field away.
pub(super) fn merge(body: &mut Value, extra: &Map<String, Value>) {
    let Value::Object(fields) = body else { return };
    for (name, value) in extra {
        match (fields.get_mut(name), value) {
            (Some(there @ Value::Object(_)), Value::Object(inner)) => merge(there, inner),
            (_, Value::Null) => {
                fields.remove(name);
            }
            _ => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Sets a field if there is a value for it.
pub(super) fn set(body: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body[name] = value.into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn extras_are_merged_last_and_null_takes_away() {
        let mut body = json!({ "size": "1024x1024", "options": { "a": 1, "b": 2 }, "n": 1 });
        let extra = json!({ "size": null, "options": { "b": 3 }, "quality": "low" });
        merge(&mut body, extra.as_object().unwrap());
        assert_eq!(body, json!({ "options": { "a": 1, "b": 3 }, "n": 1, "quality": "low" }));
    }
}
