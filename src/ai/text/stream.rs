//! Answers in pieces from providers that stream although nobody asked them to.

use serde_json::{Value, json};

/// The answer that a stream of events adds up to, in the form of a whole one; None if it is no stream. An error in its
/// middle is the error of the whole.
pub(super) fn whole(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?.trim_start();
    if !["data:", "event:", ":"].iter().any(|begin| text.starts_with(begin)) {
        return None;
    }
    let (mut content, mut refusal, mut finish) = (String::new(), String::new(), Value::Null);
    let (mut model, mut usage) = (Value::Null, Value::Null);
    for event in text.lines().filter_map(|line| line.strip_prefix("data:")) {
        // Comments, blank lines and "[DONE]" are no JSON.
        let Ok(event) = serde_json::from_str::<Value>(event) else {
            continue;
        };
        if event.get("error").is_some_and(|error| !error.is_null()) {
            return Some(event);
        }
        let choice = &event["choices"][0];
        content.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
        refusal.push_str(choice["delta"]["refusal"].as_str().unwrap_or_default());
        for (kept, new) in [
            (&mut finish, &choice["finish_reason"]),
            (&mut model, &event["model"]),
            (&mut usage, &event["usage"]),
        ] {
            if !new.is_null() {
                *kept = new.clone();
            }
        }
    }
    // A stream that ends without saying so was cut off.
    if finish.is_null() {
        finish = "length".into();
    }
    let refusal = Some(refusal).filter(|text| !text.is_empty());
    let message = json!({ "content": content, "refusal": refusal });
    Some(json!({ "model": model, "usage": usage, "choices": [{ "message": message, "finish_reason": finish }] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_and_an_error_counts_for_all() {
        let text = ": OPENROUTER PROCESSING\n\ndata: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"{\\\"a\\\"\"}}]}\n\n\
                    data: {\"choices\":[{\"delta\":{\"content\":\":1}\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n";
        let answer = whole(text.as_bytes()).unwrap();
        assert_eq!(answer["choices"][0]["message"]["content"], "{\"a\":1}");
        assert_eq!(
            (&answer["model"], &answer["choices"][0]["finish_reason"]),
            (&json!("m"), &json!("stop"))
        );

        let broken = text.replace("data: [DONE]", "data: {\"error\":{\"message\":\"gone\",\"code\":502}}");
        assert_eq!(whole(broken.as_bytes()).unwrap()["error"]["message"], "gone");
        let cut = &text[..text.find("\n\ndata: {\"choices\"").unwrap()];
        assert_eq!(whole(cut.as_bytes()).unwrap()["choices"][0]["finish_reason"], "length");
        assert_eq!(whole(b"{\"choices\":[]}"), None);
    }
}
