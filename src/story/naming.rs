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
        .replace("{story_id}", story.as_str())
        .replace("{index}", &index.to_string())
        .replace("{index1}", &(index + 1).to_string())
        .replace("{uuid}", &uuid::Uuid::new_v4().to_string())
        .replace("{ext}", extension);
    ObjectKey::parse(&name)
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
}
