//! How strictly a model is held to a form, and what else it takes. Many models offer only the looser ways.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::ai::AiError;
use crate::workspace::Dialect;

/// What has worked with the models of a provider so far, while the program runs.
#[derive(Debug, Default)]
pub(in crate::ai) struct Rungs {
    known: Mutex<HashMap<String, Rung>>,
}

impl Rungs {
    pub(super) fn of(&self, model: &str) -> Option<Rung> {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(model)
            .copied()
    }

    pub(super) fn worked(&self, model: &str, rung: Rung) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(model.to_owned(), rung);
    }
}

/// One way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rung {
    form: Form,
    limit: Limit,
    seed: bool,
}

/// How the form of the answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `response_format: json_schema`, strict.
    Schema,
    /// `response_format: json_object`.
    Object,
    /// Only in words.
    Words,
}

/// How the length of the answer is limited. OpenAI's models that think refuse the old name, and most others do not know
/// the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    Completion,
    Tokens,
    None,
}

impl Rung {
    /// The strictest.
    pub(super) fn first(dialect: Dialect) -> Self {
        Self {
            form: Form::Schema,
            limit: match dialect {
                Dialect::OpenAi => Limit::Completion,
                Dialect::BuiltIn => Limit::None,
                _ => Limit::Tokens,
            },
            seed: true,
        }
    }

    /// Whether a form is asked for that the provider has to keep to.
    pub(super) fn is_strict(self) -> bool {
        self.form == Form::Schema
    }

    /// Writes it into the body of a request.
    pub(super) fn put(self, body: &mut Value, seed: u64, tokens: usize) {
        match self.form {
            Form::Schema => body["response_format"] = schema(),
            Form::Object => body["response_format"] = json!({ "type": "json_object" }),
            Form::Words => {}
        }
        match self.limit {
            Limit::Completion => body["max_completion_tokens"] = tokens.into(),
            Limit::Tokens => body["max_tokens"] = tokens.into(),
            Limit::None => {}
        }
        if self.seed {
            // Some take 31 bits only.
            body["seed"] = (seed & 0x7fff_ffff).into();
        }
    }

    /// The next looser way, if the error is about this one. Each step takes something away, so there is an end.
    pub(super) fn looser(self, error: &AiError) -> Option<Self> {
        let (message, param) = match error {
            AiError::BadRequest { message, param, .. } => (message.to_lowercase(), param.as_deref().unwrap_or("")),
            // "No endpoints found that support the requested parameters", with a status of not found.
            AiError::ModelGone { message, .. } if message.contains("requested parameters") => {
                (message.to_lowercase(), "response_format")
            }
            _ => return None,
        };
        let about = |words: &[&str]| {
            words
                .iter()
                .any(|word| param.starts_with(word) || message.contains(word))
        };
        if self.limit != Limit::None && about(&["max_tokens", "max_completion_tokens"]) {
            let wants_new = message.contains("max_completion_tokens") && self.limit == Limit::Tokens;
            let limit = if wants_new { Limit::Completion } else { Limit::None };
            return Some(Self { limit, ..self });
        }
        if self.seed && (param == "seed" || about(&["'seed'", "`seed`", "\"seed\""])) {
            return Some(Self { seed: false, ..self });
        }
        let about_form = about(&[
            "response_format",
            "json_schema",
            "json_object",
            "json schema",
            "json mode",
            "structured output",
            "requested parameters",
        ]);
        match self.form {
            Form::Schema if about_form => Some(Self {
                form: Form::Object,
                ..self
            }),
            Form::Object if about_form => Some(Self {
                form: Form::Words,
                ..self
            }),
            _ => None,
        }
    }
}

/// Every property is required and nothing else allowed, without limits: what all that know schemas know.
fn schema() -> Value {
    let text = json!({ "type": "string" });
    let object = |properties: Value| {
        let names: Vec<&String> = properties.as_object().into_iter().flat_map(|all| all.keys()).collect();
        json!({ "type": "object", "additionalProperties": false, "required": names, "properties": properties })
    };
    let list = |items: Value| json!({ "type": "array", "items": items });
    let member = object(json!({ "name": text, "look": text, "is_child": { "type": "boolean" } }));
    let scene = object(json!({ "title": text, "text": text, "image_prompt": text, "alt_text": text }));
    let story = object(json!({ "title": text, "cast": list(member), "scenes": list(scene) }));
    json!({ "type": "json_schema", "json_schema": { "name": "story", "strict": true, "schema": story } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_looser_and_there_is_an_end() {
        let bad = |message: &str| AiError::BadRequest {
            message: message.to_owned(),
            param: None,
            exchange: None,
        };
        let mut rung = Rung::first(Dialect::OpenAi);
        let mut steps = 0;
        let all = "response_format, 'seed' and max_tokens are not supported; use max_completion_tokens";
        while let Some(next) = rung.looser(&bad(all)) {
            assert_ne!(next, rung);
            rung = next;
            steps += 1;
            assert!(steps < 10);
        }
        let mut body = json!({});
        rung.put(&mut body, 7, 100);
        assert_eq!(body, json!({}), "nothing is left that could be refused");
        assert_eq!(
            Rung::first(Dialect::OpenAi).looser(&bad("the prompt is too long")),
            None
        );
    }

    #[test]
    fn an_old_name_of_the_limit_becomes_the_new_one() {
        let error = AiError::BadRequest {
            message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.".to_owned(),
            param: Some("max_tokens".to_owned()),
            exchange: None,
        };
        let next = Rung::first(Dialect::OpenaiLoose).looser(&error).unwrap();
        assert_eq!(next.limit, Limit::Completion);
    }

    #[test]
    fn the_schema_requires_every_property() {
        let schema = schema();
        let story = &schema["json_schema"]["schema"];
        assert_eq!(story["required"], json!(["title", "cast", "scenes"]));
        let scene = &story["properties"]["scenes"]["items"];
        assert_eq!(scene["required"], json!(["title", "text", "image_prompt", "alt_text"]));
        assert_eq!(scene["additionalProperties"], false);
    }
}
