//! What the filters and orders of the list are called, and what a story lacks.

use crate::story::{Scene, Show, Sort, Story};

/// The orders, as they are shown.
pub const SORTS: [Sort; 4] = [Sort::Created, Sort::Updated, Sort::Title, Sort::Status];

/// What a filter lists, for its tooltip.
#[must_use]
pub fn meaning(show: Show) -> &'static str {
    match show {
        Show::All => "Every story",
        Show::Failed => "Stories whose row says that something went wrong",
        Show::Missing => "Stories with a scene that has no picture",
        Show::NoAlt => "Stories with a picture that has no alternative text",
        Show::Stale => "Stories that have said for an hour that they are at work",
        Show::Broken => "Stories with a link to an object that is not there; a click looks at every link",
    }
}

/// The words of an order.
#[must_use]
pub fn order(sort: Sort) -> &'static str {
    match sort {
        Sort::Created => "Newest first",
        Sort::Updated => "Last changed first",
        Sort::Title => "By title",
        Sort::Status => "By status",
    }
}

/// Pictures of a story that have no alternative text.
#[must_use]
pub fn without_alt(story: &Story) -> usize {
    let bare = |scene: &&Scene| scene.image_url.is_some() && scene.alt_text.is_none();
    story.scenes.iter().filter(bare).count()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{scene, story};
    use super::*;

    #[test]
    fn a_scene_without_a_picture_needs_no_alternative_text_yet() {
        let mut story = story("Begun", 2);
        story.scenes[0] = scene(0, None);
        story.scenes[0].alt_text = None;
        assert_eq!(without_alt(&story), 0);
        story.scenes[1].alt_text = None;
        assert_eq!(without_alt(&story), 1);
    }
}
