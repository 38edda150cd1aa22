//! What is asked for in this place besides what [`Action`](crate::gui::action::Action) names one by one: changes of stories,
//! manuscripts and batches, carried out by [`crate::gui::app`].

use crate::story::{SceneId, StoryId};

/// One thing to do to a story.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Give a story another title.
    Rename {
        /// The story.
        story: StoryId,
        /// Its title.
        title: String,
    },
    /// Add an empty scene at the end of a story.
    AddScene(StoryId),
    /// Put a scene at another place of its story.
    MoveScene {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// Its place among the others, from 0.
        to: usize,
    },
    /// Delete a story: its objects go to the trash, its rows after them. The user has confirmed it.
    Delete(StoryId),
}

impl Deed {
    /// What is said when it was not done.
    #[must_use]
    pub fn failed_words(&self) -> &'static str {
        match self {
            Self::Rename { .. } => "The title was not saved",
            Self::AddScene(_) => "The scene was not added",
            Self::MoveScene { .. } => "The scene was not moved",
            Self::Delete(_) => "The story was not deleted",
        }
    }
}
