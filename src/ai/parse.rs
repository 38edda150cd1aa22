//! Finds a story in what a model wrote, whatever it wrapped around it.

use serde_json::Value;

use super::DraftScene;

/// Places at which an object may begin that are tried; a text full of braces must not take for ever.
const TRIES: usize = 64;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) title: Option<String>,
    pub(super) scenes: Vec<DraftScene>,
    pub(super) note: Option<String>,
}

/// The first JSON object with scenes in the text: alone, in a code fence, or after "Here is your story:".
/// Numbers are taken for texts. A scene without text is none; one without words for its picture is painted by its
/// text. The message says what is wrong, for the model to read.
pub(super) fn story(text: &str) -> Result<Found, &'static str> {
    let mut problem = None;
    for (start, _) in text.match_indices('{').take(TRIES) {
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        let Some(Ok(object)) = values.next() else { continue };
        match found(&object) {
            Ok(found) => return Ok(found),
            // The outermost object is the one that was meant to be the story.
            Err(why) => problem = problem.or(Some(why)),
        }
    }
    Err(problem.unwrap_or("there is no JSON object in it"))
}

fn found(object: &Value) -> Result<Found, &'static str> {
    // {"story":{…}} is what some make of the schema's name.
    let object = object.get("story").filter(|story| story.is_object()).unwrap_or(object);
    let rows = object
        .get("scenes")
        .and_then(Value::as_array)
        .ok_or("the object has no list called scenes")?;
    let scenes = rows.iter().enumerate().map(|(index, row)| {
        let text = words(row, "text").ok_or("a scene has no text")?;
        let image_prompt = words(row, "image_prompt").unwrap_or_else(|| text.clone());
        Ok(DraftScene {
            title: words(row, "title").unwrap_or_else(|| format!("Scene {}", index + 1)),
            alt_text: words(row, "alt_text").unwrap_or_else(|| image_prompt.clone()),
            text,
            image_prompt,
        })
    });
    Ok(Found {
        title: words(object, "title"),
        scenes: scenes.collect::<Result<_, &'static str>>()?,
        note: words(object, "note"),
    })
}

fn words(object: &Value, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str =
        r#"{"title":"Fox","scenes":[{"title":"One","text":"A fox.","image_prompt":"a fox","alt_text":"A red fox"}]}"#;

    #[test]
    fn finds_a_story_in_any_wrapping() {
        for text in [
            STORY.to_owned(),
            format!("```json\n{STORY}\n```"),
            format!("Here {{is}} your story:\n\n{STORY}\nEnjoy {{}}"),
            format!(r#"{{"story":{STORY}}}"#),
        ] {
            let found = story(&text).unwrap();
            assert_eq!((found.title.as_deref(), found.scenes.len()), (Some("Fox"), 1), "{text}");
            assert_eq!(found.scenes[0].alt_text, "A red fox");
        }
    }

    #[test]
    fn takes_numbers_for_texts_and_fills_what_can_be_filled() {
        let found = story(r#"{"title":1984,"scenes":[{"title":1,"text":"A fox."}]}"#).unwrap();
        assert_eq!(found.title.as_deref(), Some("1984"));
        let scene = &found.scenes[0];
        assert_eq!(
            (
                scene.title.as_str(),
                scene.image_prompt.as_str(),
                scene.alt_text.as_str()
            ),
            ("1", "A fox.", "A fox.")
        );
    }

    #[test]
    fn says_what_is_missing() {
        assert_eq!(story("I cannot do that."), Err("there is no JSON object in it"));
        assert_eq!(story("{}"), Err("the object has no list called scenes"));
        assert_eq!(story(r#"{"scenes":[{"text":" "}]}"#), Err("a scene has no text"));
        assert!(story(&"{".repeat(100_000)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_story_or_an_error(text in "[\\[\\]{}\":,a-z0-9 ]{0,200}") {
            let _ = story(&text);
        }
    }
}
