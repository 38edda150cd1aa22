//! How the scenes of the selected story are shown: the view, which of them, and the title that is being typed.

use super::State;
use crate::story::{Brief, Scene, StoryId};

/// A view of the scenes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SceneView {
    /// Pictures as cards.
    #[default]
    Grid,
    /// A row a scene: picture, text, prompt and alternative text beside each other.
    Strip,
    /// A line a scene.
    Table,
}

/// Which scenes are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Only {
    /// Every scene.
    #[default]
    All,
    /// Those without a picture.
    Missing,
    /// Those whose picture was asked for and could not be shown.
    Broken,
    /// Those with a picture that nobody has described.
    NoAlt,
}

impl Only {
    /// The words of what is left out of sight.
    pub fn words(self) -> &'static str {
        match self {
            Self::All => "All scenes",
            Self::Missing => "Scenes without a picture",
            Self::Broken => "Scenes with a broken link",
            Self::NoAlt => "Scenes without alt text",
        }
    }
}

/// A title that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleEdit {
    /// Whose.
    pub story: StoryId,
    /// As typed.
    pub text: String,
    /// The field is to get the keyboard; taken by the view.
    pub focus: bool,
}

impl TitleEdit {
    /// The title to save; none if it is empty, too long or what it was.
    pub fn checked(&self, before: &str) -> Option<String> {
        let title = self.text.trim();
        let fits = !title.is_empty() && title.chars().count() <= Brief::TITLE_MAX;
        (fits && title != before).then(|| title.to_owned())
    }
}

impl State {
    /// The places of the scenes that are shown, in order.
    pub(in crate::gui::panel::stories) fn scenes_shown(&self) -> Vec<usize> {
        let Some(story) = self.story() else { return Vec::new() };
        let shown = |scene: &Scene| match self.only {
            Only::All => true,
            Only::Missing => scene.image_url.is_none(),
            Only::Broken => self.is_broken(scene),
            Only::NoAlt => scene.image_url.is_some() && scene.alt_text.is_none(),
        };
        let scenes = story.scenes.iter().enumerate();
        scenes.filter(|(_, scene)| shown(scene)).map(|(at, _)| at).collect()
    }

    /// Begins to type another title for the selected story.
    pub fn rename(&mut self) {
        if let Some(story) = self.story() {
            self.title = Some(TitleEdit {
                story: story.story_id.clone(),
                text: story.title.clone(),
                focus: true,
            });
        }
    }

    /// Shows only some scenes, or all of them if those are shown already.
    pub(in crate::gui::panel::stories) fn show_only(&mut self, only: Only) {
        self.only = if self.only == only { Only::All } else { only };
        self.reveal_card = true;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pages;
    use super::super::samples::story;
    use super::*;

    #[test]
    fn a_title_is_saved_only_if_it_is_one_and_another() {
        let typed = |text: &str| TitleEdit {
            story: StoryId::fresh(),
            text: text.to_owned(),
            focus: false,
        };
        assert_eq!(typed(" Pip ").checked("Pip and the Star").as_deref(), Some("Pip"));
        for (text, before) in [
            ("", "A"),
            ("  ", "A"),
            ("A ", "A"),
            (&"ä".repeat(Brief::TITLE_MAX + 1), "A"),
        ] {
            assert_eq!(typed(text).checked(before), None, "{text:?}");
        }
    }

    #[test]
    fn only_what_is_asked_for_is_shown_and_a_second_click_shows_all() {
        let mut row = story("A", 4);
        row.scenes[1].image_url = None;
        row.scenes[2].alt_text = None;
        let broken = row.scenes[3].scene_id.clone();
        let link = row.scenes[3].image_url.clone().unwrap();
        let mut state = State::default();
        state.take_pages(Ok(Pages {
            stories: vec![row],
            more: false,
        }));
        state.broken.insert(broken, link);
        let mut shown = |only| {
            state.show_only(only);
            let shown = state.scenes_shown();
            state.show_only(only);
            shown
        };
        assert_eq!(shown(Only::Missing), [1]);
        assert_eq!(shown(Only::NoAlt), [2]);
        assert_eq!(shown(Only::Broken), [3]);
        assert_eq!(state.scenes_shown(), [0, 1, 2, 3]);
    }
}
