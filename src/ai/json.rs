//! JSON as models write it: in code fences, after a thought, with words around it, with a comma too many.

use serde::de::DeserializeOwned;

/// Objects that are tried in one text: prose may hold braces, too.
const TRIES: usize = 40;
/// What models that think aloud end their thought with.
const THOUGHT: &str = "</think>";

/// Reads a value from a model's text: the whole text if it is JSON, else the first object in it that is such a value.
///
/// # Errors
/// What the parser says about the text, in words for people who look closer.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let text = text.rsplit_once(THOUGHT).map_or(text, |(_, said)| said).trim();
    let mut first = None;
    let mut attempt = |text: &str| match serde_json::from_str(text) {
        Ok(value) => Some(value),
        Err(error) => {
            first.get_or_insert_with(|| error.to_string());
            None
        }
    };
    if let Some(value) = attempt(text) {
        return Ok(value);
    }
    let starts = text.match_indices('{').map(|(at, _)| at).take(TRIES);
    let mut after = 0;
    for start in starts {
        // What lies within an object that was no such value is none either.
        if start < after {
            continue;
        }
        let Some(object) = object_at(text, start) else { break };
        if let Some(value) = attempt(object).or_else(|| attempt(&mended(object))) {
            return Ok(value);
        }
        after = start + object.len();
    }
    Err(first.unwrap_or_default())
}

/// From the `{` at `start` to the `}` that closes it; braces inside strings do not count.
fn object_at(text: &str, start: usize) -> Option<&str> {
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

/// The same without commas before an end, and with line breaks inside strings escaped.
fn mended(object: &str) -> String {
    let mut mended = String::with_capacity(object.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in object.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '\n' if in_string => {
                mended.push_str("\\n");
                continue;
            }
            '\t' if in_string => {
                mended.push_str("\\t");
                continue;
            }
            '\r' if in_string => continue,
            '}' | ']' if !in_string => {
                let length = mended.trim_end().len();
                if mended[..length].ends_with(',') {
                    mended.truncate(length - 1);
                }
            }
            _ => {}
        }
        mended.push(c);
    }
    mended
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn finds_the_object_in_what_models_write() {
        let expected = json!({"a": "}{", "b": {"c": 1}});
        for text in [
            r#"{"a": "}{", "b": {"c": 1}}"#,
            "```json\n{\"a\": \"}{\", \"b\": {\"c\": 1}}\n```",
            "Here it is: {\"a\": \"}{\", \"b\": {\"c\": 1}} Enjoy {it}",
            "<think>Shall I say {\"a\": 1}? Yes.</think>{\"a\": \"}{\", \"b\": {\"c\": 1}}",
            "{\"a\": \"}{\", \"b\": {\"c\": 1,\n}, }",
        ] {
            assert_eq!(read::<Value>(text), Ok(expected.clone()), "{text}");
        }
        assert_eq!(read::<Value>("{\"a\": \"one\ntwo\",}"), Ok(json!({"a": "one\ntwo"})));
        assert!(read::<Value>("{\"a\": \"cut").is_err());
        assert!(read::<Value>("no").is_err());
    }

    #[test]
    fn braces_in_prose_are_passed_over() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Wanted {
            a: u8,
        }
        assert_eq!(read("In {braces}: {\"b\": 1} and {\"a\": 7}"), Ok(Wanted { a: 7 }));
        assert!(read::<Wanted>(&"{".repeat(100_000)).is_err(), "and takes no time");
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,200}", braces in "[{}\\[\\],\"\\\\ a\n]{0,60}") {
            let _ = read::<Value>(&text);
            let _ = read::<Value>(&braces);
        }
    }
}
