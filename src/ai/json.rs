//! JSON as models write it: in code fences, with words around it, with numbers as texts.

use serde::de::DeserializeOwned;

/// Reads a value from a model's text: the whole text if it is JSON, else the first object in it.
///
/// # Errors
/// What the parser says about the text, in words for the log.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let text = text.trim();
    let whole = serde_json::from_str(text);
    match whole {
        Ok(value) => Ok(value),
        Err(error) => first_object(text)
            .ok_or_else(|| error.to_string())
            .and_then(|object| serde_json::from_str(object).map_err(|error| error.to_string())),
    }
}

/// From the first `{` to the `}` that closes it; braces inside strings do not count.
fn first_object(text: &str) -> Option<&str> {
    let start = text.find('{')?;
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return text.get(start..=at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn finds_the_object_in_what_models_write() {
        let expected = json!({"a": "}{", "b": {"c": 1}});
        for text in [
            r#"{"a": "}{", "b": {"c": 1}}"#,
            "```json\n{\"a\": \"}{\", \"b\": {\"c\": 1}}\n```",
            "Here it is: {\"a\": \"}{\", \"b\": {\"c\": 1}} Enjoy {it}",
        ] {
            assert_eq!(read::<Value>(text), Ok(expected.clone()), "{text}");
        }
        assert!(read::<Value>("{\"a\": \"cut").is_err());
        assert!(read::<Value>("no").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,200}") {
            let _ = read::<Value>(&text);
        }
    }
}
