//! Who is in a story, and what they look like on every page.

use serde::{Deserialize, Serialize};

use super::model::{SceneId, StoryId};
use super::variant::VariantId;

/// What a portrait shows besides whom it is of.
const ALONE: &str = "One figure alone, seen whole, on a plain light background";

/// Somebody in a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CastMember {
    /// What they are called in the text.
    pub name: String,
    /// What they look like, in words for an image model.
    #[serde(default)]
    pub look: String,
    /// Whether it is a child, whose name is kept from providers.
    #[serde(default)]
    pub is_child: bool,
    /// The picture of them that others are drawn after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portrait: Option<VariantId>,
    /// Under which the candidates of their portrait are kept, as variants are kept by scene: no scene has it.
    #[serde(default = "SceneId::none")]
    pub portraits: SceneId,
}

impl CastMember {
    /// Somebody without a portrait.
    #[must_use]
    pub fn new(name: impl Into<String>, look: impl Into<String>, is_child: bool) -> Self {
        Self {
            name: name.into(),
            look: look.into(),
            is_child,
            portrait: None,
            portraits: SceneId::fresh(),
        }
    }

    /// What a portrait is asked for with; nothing as long as neither a look nor a name is known. A look says more than a name,
    /// and a name that is not needed is not sent.
    #[must_use]
    pub fn portrait_prompt(&self) -> Option<String> {
        let whom = [&self.look, &self.name]
            .map(|words| words.trim())
            .into_iter()
            .find(|words| !words.is_empty())?;
        let whom = whom.trim_end_matches(['.', ',', ';']);
        Some(format!("{whom}. {ALONE}"))
    }
}

/// Gives those who were kept before portraits were a place for theirs; the same one each time they are read.
pub(super) fn settle_portraits(cast: &mut [CastMember], story: &StoryId) {
    for (at, member) in cast.iter_mut().enumerate() {
        if member.portraits.is_none() {
            member.portraits = SceneId::of_portraits(story, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portrait_is_of_a_look_and_of_a_name_only_without_one() {
        let member = |name: &str, look: &str| CastMember::new(name, look, true).portrait_prompt();
        let prompt = member("Maya", " A girl with black braids. ").unwrap();
        assert!(
            prompt.starts_with("A girl with black braids. One figure alone"),
            "{prompt}"
        );
        assert!(!prompt.contains("Maya"));
        assert!(member(" Maya ", "").unwrap().starts_with("Maya. One"));
        assert_eq!(member(" ", "\n"), None);
    }

    #[test]
    fn those_of_earlier_versions_have_the_same_place_each_time() {
        let story = StoryId::fresh();
        let read = || {
            let old = r#"[{"name":"Pip"},{"name":"Mira","look":"red dress","is_child":true}]"#;
            let mut cast: Vec<CastMember> = serde_json::from_str(old).unwrap();
            settle_portraits(&mut cast, &story);
            cast
        };
        assert_eq!(read(), read());
        assert!(!read()[0].portraits.is_none());
        assert_ne!(read()[0].portraits, read()[1].portraits);
        let kept = serde_json::to_string(&read()).unwrap();
        let mut again: Vec<CastMember> = serde_json::from_str(&kept).unwrap();
        again.remove(0);
        settle_portraits(&mut again, &story);
        assert_eq!(again[0].portraits, read()[1].portraits, "once kept, it stays");
    }
}
