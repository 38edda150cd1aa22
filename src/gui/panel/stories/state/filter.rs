//! What of all stories is listed, and in which order: the filters, their counts, and the search in titles and prompts.

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
    /// Stories that have said for long that they are at work.
    Stale,
    /// Stories with a picture whose object is not there.
    Broken,
}

impl Filter {
    /// In the order shown.
    pub const ALL: [Self; 6] = [
        Self::All,
        Self::Failed,
        Self::Missing,
        Self::NoAlt,
        Self::Stale,
        Self::Broken,
    ];

    /// The word shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Failed => "Failed",
            Self::Missing => "Missing",
            Self::NoAlt => "No alt",
            Self::Stale => "Stale",
            Self::Broken => "Broken",
        }
    }

    /// What it lists, for the tooltip.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::All => "Every story",
            Self::Failed => "Stories whose row says that something went wrong",
            Self::Missing => "Stories with a scene that has no picture",
            Self::NoAlt => "Stories with a picture that has no alternative text",
            Self::Stale => "Stories that have said for an hour that they are at work, and are not worked on here",
            Self::Broken => "Stories with a picture whose object is not in the bucket",
        }
    }

    /// Whether it lists `story`, as far as the story itself says that: how old it is and what is in buckets, the
    /// project knows.
    #[must_use]
    pub fn may_list(self, story: &Story) -> bool {
        match self {
            Self::All | Self::Broken => true,
            Self::Failed => story.status == Status::Failed,
            Self::Missing => story.missing().next().is_some(),
            Self::NoAlt => without_alt(story) > 0,
            Self::Stale => matches!(story.status, Status::Pending | Status::Processing),
        }
    }
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// What was made last comes first.
    #[default]
    Newest,
    /// What was made first comes first.
    Oldest,
    /// What was changed last comes first.
    Changed,
    /// By title.
    Title,
}

impl Sort {
    /// In the order shown.
    pub const ALL: [Self; 4] = [Self::Newest, Self::Oldest, Self::Changed, Self::Title];

    /// The words shown.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
            Self::Changed => "Last changed first",
            Self::Title => "By title",
        }
    }
}

/// What is asked of the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Looked for in titles and prompts.
    pub text: String,
    /// Which stories.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
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
    fn each_filter_knows_its_stories() {
        let mut failed = story("Failed one", 3);
        failed.status = Status::Failed;
        failed.scenes[1].image_url = None;
        let mut bare = story("No words for it", 2);
        bare.scenes[0].alt_text = None;
        let stories = [story("Whole", 2), failed, bare];
        let listed = Filter::ALL.map(|filter| stories.iter().filter(|story| filter.may_list(story)).count());
        assert_eq!(listed, [3, 1, 1, 1, 0, 3]);
    }

    #[test]
    fn a_scene_without_a_picture_needs_no_alternative_text_yet() {
        let mut story = story("Begun", 1);
        story.scenes[0] = scene(0, None);
        story.scenes[0].alt_text = None;
        assert_eq!(without_alt(&story), 0);
        assert!(Filter::Missing.may_list(&story));
    }

    #[test]
    fn the_search_reads_titles_and_prompts_in_any_case() {
        let mut story = story("Pip and the Lost Star", 1);
        story.prompt = "Eine FÜCHSIN im Schnee".to_owned();
        assert!(mentions(&story, "lost st") && mentions(&story, "füchsin") && mentions(&story, ""));
        assert!(!mentions(&story, "owl"));
    }
}
