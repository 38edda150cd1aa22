//! Which object a broken link may have meant: what the link itself says, what is known of the picture that was there, and how the
//! layouts that are in use name the pictures of scenes.

use serde::Serialize;

use super::model::StoryId;

/// Letters of a word of a title from which a name is told by it.
const WORD: usize = 4;

/// What is known of a picture that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// The story.
    pub story: StoryId,
    /// Its title.
    pub title: String,
    /// The scene's place, counted from 0.
    pub index: usize,
    /// The key that its link names, if it names one.
    pub key: Option<String>,
    /// MD5 of the bytes that were there, as hexadecimal digits, if this computer knows it.
    pub md5: Option<String>,
}

/// Why an object may be the picture that is looked for; the best reason last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// Nothing tells.
    None,
    /// Its name has a word of the title.
    Title,
    /// Its name has the number of the scene, and says nothing of a story.
    Number,
    /// It is named for the story.
    Story,
    /// It is named for this scene of the story.
    Scene,
    /// It has the name of the file that is missing, in another folder or of another kind.
    Name,
    /// It has the very bytes that were there.
    Bytes,
}

impl Likeness {
    /// What is said of it, as in "Same file name"; empty if there is nothing to say.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Title => "Named like the title",
            Self::Number => "Same scene number",
            Self::Story => "Named for this story",
            Self::Scene => "Named for this scene",
            Self::Name => "Same file name",
            Self::Bytes => "The same picture",
        }
    }
}

impl Sought {
    /// How an object is like what is looked for; `etag` as a listing has it, quoted or not.
    #[must_use]
    pub fn likeness(&self, key: &str, etag: Option<&str>) -> Likeness {
        let tag = etag.map(|tag| tag.trim_matches('"'));
        if tag.is_some() && tag.map(str::to_ascii_lowercase) == self.md5.as_deref().map(str::to_ascii_lowercase) {
            return Likeness::Bytes;
        }
        let name = stem(key);
        let sought = self.key.as_deref().map(stem).filter(|name| tells(name));
        if sought.is_some_and(|sought| sought.eq_ignore_ascii_case(name)) {
            return Likeness::Name;
        }
        let number = number(name);
        if names(key, self.story.as_str()) {
            return if number.is_some_and(|number| self.numbers().contains(&number)) {
                Likeness::Scene
            } else {
                Likeness::Story
            };
        }
        if is_of_no_story(key) && number.is_some_and(|number| self.numbers().contains(&number)) {
            return Likeness::Number;
        }
        let lower = key.to_lowercase();
        let words = self.title.split(|letter: char| !letter.is_alphanumeric());
        let mut words = words.filter(|word| word.chars().count() >= WORD);
        if words.any(|word| lower.contains(&word.to_lowercase())) {
            return Likeness::Title;
        }
        Likeness::None
    }

    /// The numbers that a name of the scene's picture may have. The missing one tells which; else they are counted from 0 or from 1.
    fn numbers(&self) -> Vec<usize> {
        let known = self.key.as_deref().map(stem).and_then(number);
        known.map_or_else(|| vec![self.index, self.index + 1], |number| vec![number])
    }
}

/// The name of a file without its folders and its extension.
fn stem(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// Words that any picture may be called by.
const COMMON: [&str; 7] = ["scene", "page", "image", "img", "picture", "cover", "story"];

/// Whether a name tells one picture from others: `scene_3` and `cover` are names of one in every folder.
fn tells(stem: &str) -> bool {
    let lower = stem.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_alphanumeric());
    let telling = words.map(|word| {
        let rest = COMMON
            .iter()
            .find_map(|common| word.strip_prefix(common))
            .unwrap_or(word);
        let is_number = rest.len() <= 4 && rest.chars().all(|letter| letter.is_ascii_digit());
        if is_number { 0 } else { rest.chars().count() }
    });
    telling.sum::<usize>() >= 4
}

/// The number of a scene in a name: `scene_3_…`, `story_…_scene_3_…`, `3`.
fn number(stem: &str) -> Option<usize> {
    let digits = match stem.rfind("scene") {
        Some(at) => stem[at + "scene".len()..].trim_start_matches(['_', '-', ' ']),
        None => stem,
    };
    let end = digits.find(|letter: char| !letter.is_ascii_digit());
    let rest = end.map_or("", |end| &digits[end..]);
    // A name that only begins with digits, as a UUID may, has no number.
    if !rest.is_empty() && !rest.starts_with(['_', '-', ' ', '.']) {
        return None;
    }
    if end.is_some() && !stem.contains("scene") {
        return None;
    }
    digits[..end.unwrap_or(digits.len())].parse().ok()
}

/// Whether a key names a story: in a folder, or in the name itself.
fn names(key: &str, story: &str) -> bool {
    !story.is_empty()
        && key.match_indices(story).any(|(at, _)| {
            let is_edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_ascii_alphanumeric());
            is_edge(key[..at].chars().next_back()) && is_edge(key[at + story.len()..].chars().next())
        })
}

/// Whether a key is of a layout that puts the pictures of all stories into one folder.
fn is_of_no_story(key: &str) -> bool {
    !key.contains('/') && stem(key).starts_with("scene")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_any_picture_may_have_tells_nothing() {
        for name in ["scene_3", "scene3", "cover", "image-01", "IMG_2210", "3", "page 12", ""] {
            assert!(!tells(name), "{name}");
        }
        for name in [
            "fox_winter",
            "scene_3_77af",
            "scene_0_5f3c9a1e-77aa",
            "DSC20981234",
            "Möhre",
        ] {
            assert!(tells(name), "{name}");
        }
    }

    const STORY: &str = "0b6c7a52-1f9e-4a33-8a54-6a3f0f6f1c11";
    const OTHER: &str = "77777777-1f9e-4a33-8a54-6a3f0f6f1c11";
    const FILE: &str = "scene_3_5d0f1d1e-57f5-4e0f-9a39-2d3a8e4e9a10";

    fn sought(key: Option<&str>) -> Sought {
        Sought {
            story: StoryId::parse(STORY).unwrap(),
            title: "Pip and the Lost Star".to_owned(),
            index: 3,
            key: key.map(str::to_owned),
            md5: Some("9e107d9d372bb6826bd81d3542a419d6".to_owned()),
        }
    }

    #[test]
    fn the_bytes_tell_most_and_then_the_name_of_the_file() {
        let sought = sought(Some(&format!("{FILE}.png")));
        let like = |key: &str, etag| sought.likeness(key, etag);
        assert_eq!(
            like("x.bin", Some("\"9E107D9D372BB6826BD81D3542A419D6\"")),
            Likeness::Bytes
        );
        assert_eq!(like(&format!("moved/2025/{FILE}.png"), None), Likeness::Name);
        assert_eq!(like(&format!("{FILE}.webp"), Some("\"abc\"")), Likeness::Name);
        assert_eq!(
            like("scene_3_77777777-57f5-4e0f-9a39-2d3a8e4e9a10.png", None),
            Likeness::Number
        );
        assert_eq!(
            like("scene_2_77777777-57f5-4e0f-9a39-2d3a8e4e9a10.png", None),
            Likeness::None
        );
        assert_eq!(
            like("art/pip-sketch.png", None),
            Likeness::None,
            "a word of three letters tells nothing"
        );
        assert_eq!(like("art/lost-fox.png", None), Likeness::Title);
        assert!(Likeness::Bytes > Likeness::Name && Likeness::Name > Likeness::Scene);
    }

    #[test]
    fn every_layout_in_use_names_scenes_and_stories() {
        let sought = sought(None);
        for key in [
            format!("{STORY}/3.png"),
            format!("{STORY}/scene_3.png"),
            format!("{STORY}/scene_4.png"),
            format!("stories/{STORY}/story_{STORY}_scene_3_20250615.png"),
            format!("{STORY}/scene-3_5d0f1d1e.png"),
        ] {
            assert_eq!(sought.likeness(&key, None), Likeness::Scene, "{key}");
        }
        assert_eq!(sought.likeness(&format!("{STORY}/scene_7.png"), None), Likeness::Story);
        assert_eq!(sought.likeness(&format!("{STORY}/cover.png"), None), Likeness::Story);
        for key in [
            format!("{OTHER}/scene_3.png"),
            format!("x{STORY}/scene_3.png"),
            "33.png".to_owned(),
        ] {
            assert_eq!(sought.likeness(&key, None), Likeness::None, "{key}");
        }
        assert_eq!(sought.likeness("scene_3_abc.png", None), Likeness::Number);
    }

    #[test]
    fn names_that_every_story_has_tell_by_their_folder_only() {
        let sought = sought(Some(&format!("old/{STORY}/scene_3.png")));
        assert_eq!(sought.likeness(&format!("{OTHER}/scene_3.png"), None), Likeness::None);
        assert_eq!(sought.likeness(&format!("{STORY}/scene_3.png"), None), Likeness::Scene);
        // The missing one was number 3, so that 4 is another scene.
        assert_eq!(sought.likeness(&format!("{STORY}/scene_4.png"), None), Likeness::Story);
    }

    #[test]
    fn odd_keys_are_taken_as_they_are() {
        let sought = sought(Some("日本/画像.png"));
        for key in [
            "",
            "/",
            ".",
            "a//b",
            "日本",
            "scene",
            "scene_",
            "scene_99999999999999999999999.png",
        ] {
            assert!(sought.likeness(key, None) <= Likeness::Title, "{key}");
        }
    }
}
