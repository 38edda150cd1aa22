//! The names under which pictures of scenes are stored.

use crate::supabase::{NameError, ObjectKey};

use super::StoryId;

/// Fills a template such as `scene_{index}_{uuid}.{ext}`. Known places: `{story_id}`, `{index}` (from 0), `{index1}`
/// (from 1), `{uuid}` (fresh each time, so that no cache shows an older picture) and `{ext}`.
///
/// # Errors
/// If the result is no key that storage accepts.
pub fn picture_key(template: &str, story: &StoryId, index: usize, extension: &str) -> Result<ObjectKey, NameError> {
    let name = template
        .replace("{story_id}", &story.name())
        .replace("{index}", &index.to_string())
        .replace("{index1}", &(index + 1).to_string())
        .replace("{uuid}", &uuid::Uuid::new_v4().to_string())
        .replace("{ext}", extension);
    ObjectKey::parse(&name)
}

/// Whether a key is one that [`picture_key`] gives by this template. Only a template with a fresh `{uuid}` tells: of another
/// one, any key may be somebody's own.
pub(super) fn is_picture_key(template: &str, key: &ObjectKey) -> bool {
    template.contains("{uuid}") && fits(template, key.as_str())
}

fn fits(template: &str, text: &str) -> bool {
    let place = template.split_once('{').and_then(|(before, rest)| {
        let (name, after) = rest.split_once('}')?;
        Some((before, name, after))
    });
    let Some((before, name, after)) = place else {
        return template == text;
    };
    let Some(text) = text.strip_prefix(before) else {
        return false;
    };
    let is_filled = |filled: &str| match name {
        "uuid" => filled.len() == 36 && uuid::Uuid::parse_str(filled).is_ok(),
        // As `StoryId::name` gives it.
        "story_id" => {
            !filled.is_empty()
                && filled
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        }
        "index" | "index1" => !filled.is_empty() && filled.bytes().all(|byte| byte.is_ascii_digit()),
        "ext" => !filled.is_empty() && filled.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        _ => false,
    };
    // No place takes more than a UUID does.
    (0..=text.len().min(36)).any(|end| is_filled(&text[..end]) && fits(after, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_services_own_layout() {
        let key = picture_key(crate::workspace::DEFAULT_KEY_TEMPLATE, &StoryId::fresh(), 3, "png").unwrap();
        let uuid = key
            .as_str()
            .strip_prefix("scene_3_")
            .and_then(|rest| rest.strip_suffix(".png"))
            .unwrap();
        assert!(uuid::Uuid::parse_str(uuid).is_ok());
    }

    #[test]
    fn names_are_fresh_and_legal() {
        let story = StoryId::fresh();
        let name = || picture_key("{story_id}/{index1}_{uuid}.{ext}", &story, 0, "webp").unwrap();
        assert_ne!(name(), name());
        assert!(name().as_str().starts_with(&format!("{story}/1_")));
        assert!(picture_key("{unknown}", &story, 0, "png").is_err());
    }

    #[test]
    fn own_names_are_known_again() {
        let story = StoryId::fresh();
        let number = StoryId::parse("42").unwrap();
        let key = picture_key("{story_id}/{uuid}.{ext}", &number, 0, "png").unwrap();
        assert!(key.as_str().starts_with("42/") && is_picture_key("{story_id}/{uuid}.{ext}", &key));
        for template in [
            crate::workspace::DEFAULT_KEY_TEMPLATE,
            "{story_id}/{index1}_{uuid}.{ext}",
            "p{index}{uuid}",
        ] {
            let key = picture_key(template, &story, 12, "jpg").unwrap();
            assert!(is_picture_key(template, &key), "{key}");
            let other = ObjectKey::parse(&format!("{key}x/")).unwrap();
            assert!(!is_picture_key(template, &other), "{other}");
        }
        for (template, key) in [
            ("{index}.{ext}", "1.png"),
            (crate::workspace::DEFAULT_KEY_TEMPLATE, "scene_1_logo.png"),
            (crate::workspace::DEFAULT_KEY_TEMPLATE, "logo.png"),
        ] {
            assert!(!is_picture_key(template, &ObjectKey::parse(key).unwrap()), "{key}");
        }
    }
}
