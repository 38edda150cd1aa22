//! Which stories are listed: the four filters, their counts, and the search in titles and prompts.

use crate::story::{Scene, Status, Story};

/// A filter of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Every story.
    #[default]
    All,
    /// Stories whose row says that something went wrong.
    Failed,
    /// Stories with scenes that lack a picture.
    Missing,
    /// Stories with pictures that nobody has described.
    NoAlt,
}

impl Filter {
    /// In the order shown.
    pub const ALL: [Self; 4] = [Self::All, Self::Failed, Self::Missing, Self::NoAlt];

    /// The word shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Failed => "Failed",
            Self::Missing => "Missing",
            Self::NoAlt => "No alt",
        }
    }

    /// Whether it lists `story`.
    #[must_use]
    pub fn lists(self, story: &Story) -> bool {
        match self {
            Self::All => true,
            Self::Failed => story.status == Status::Failed,
            Self::Missing => story.missing().next().is_some(),
            Self::NoAlt => without_alt(story) > 0,
        }
    }
}

/// How many stories each filter lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; 4]);

impl Counts {
    /// Counts the filters over `stories`.
    pub fn of(stories: &[Story]) -> Self {
        Self(Filter::ALL.map(|filter| stories.iter().filter(|story| filter.lists(story)).count()))
    }

    /// How many stories `filter` lists.
    #[must_use]
    pub fn get(self, filter: Filter) -> usize {
        self.0[filter as usize]
    }
}

/// Pictures of a story that have no alternative text.
#[must_use]
pub fn without_alt(story: &Story) -> usize {
    let bare = |scene: &&Scene| scene.image_url.is_some() && scene.alt_text.is_none();
    story.scenes.iter().filter(bare).count()
}

/// Whether the title or the prompt has `needle`, which is in lower case.
pub fn mentions(story: &Story, needle: &str) -> bool {
    needle.is_empty() || story.title.to_lowercase().contains(needle) || story.prompt.to_lowercase().contains(needle)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{scene, story};
    use super::*;

    #[test]
    fn each_filter_counts_what_it_lists() {
        let mut failed = story("Failed one", 3);
        failed.status = Status::Failed;
        failed.scenes[1].image_url = None;
        let mut bare = story("No words for it", 2);
        bare.scenes[0].alt_text = None;
        let stories = [story("Whole", 2), failed, bare];
        let counts = Counts::of(&stories);
        assert_eq!(Filter::ALL.map(|filter| counts.get(filter)), [3, 1, 1, 1]);
    }

    #[test]
    fn a_scene_without_a_picture_needs_no_alternative_text_yet() {
        let mut story = story("Begun", 1);
        story.scenes[0] = scene(0, None);
        story.scenes[0].alt_text = None;
        assert_eq!(without_alt(&story), 0);
        assert!(Filter::Missing.lists(&story));
    }

    #[test]
    fn the_search_reads_titles_and_prompts_in_any_case() {
        let mut story = story("Pip and the Lost Star", 1);
        story.prompt = "Eine FÜCHSIN im Schnee".to_owned();
        assert!(mentions(&story, "lost st") && mentions(&story, "füchsin") && mentions(&story, ""));
        assert!(!mentions(&story, "owl"));
    }
}
