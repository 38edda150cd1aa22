//! The steps from a brief to a published story.

use crate::story::Manuscript;

/// A step. Any of them can be gone to at any time; what is missing in one is said there, not forbidden elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Step {
    /// The words of the scenes.
    #[default]
    Draft,
    /// Who is in it.
    Cast,
    /// The pictures of the scenes.
    Pictures,
    /// Page by page as it will be.
    Review,
    /// Into the project.
    Publish,
}

impl Step {
    /// In order.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Cast, Self::Pictures, Self::Review, Self::Publish];

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Cast => "Cast",
            Self::Pictures => "Pictures",
            Self::Review => "Review",
            Self::Publish => "Publish",
        }
    }

    /// Its place from 0.
    pub fn place(self) -> usize {
        Self::ALL.iter().position(|step| *step == self).unwrap_or_default()
    }

    /// The step after it.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.place() + 1).copied()
    }

    /// The step before it.
    pub fn previous(self) -> Option<Self> {
        Self::ALL.get(self.place().checked_sub(1)?).copied()
    }

    /// Whether nothing of it is left to do.
    pub fn is_done(self, manuscript: &Manuscript) -> bool {
        let scenes = &manuscript.scenes;
        match self {
            Self::Draft => {
                let whole = |text: &str| !text.trim().is_empty();
                !scenes.is_empty()
                    && scenes
                        .iter()
                        .all(|scene| whole(&scene.text) && whole(&scene.image_prompt))
            }
            // Who is in a story may be nobody.
            Self::Cast => manuscript.cast.iter().all(|member| !member.name.trim().is_empty()),
            Self::Pictures => !scenes.is_empty() && scenes.iter().all(|scene| scene.chosen.is_some()),
            Self::Review => manuscript.is_approved(),
            Self::Publish => manuscript.state == crate::story::ManuscriptState::Published,
        }
    }
}
