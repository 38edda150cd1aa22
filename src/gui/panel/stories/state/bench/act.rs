//! What is asked for on the bench and carried out by [`crate::gui::app`].

use std::path::PathBuf;
use std::sync::Arc;

use crate::story::{SceneId, StoryId, VariantId, Verdict, Wanted};

/// One thing to do to the candidates of a scene.
#[derive(Clone, Debug, PartialEq)]
pub enum BenchAct {
    /// Ask for candidates.
    Generate {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// What they are wanted to be.
        wanted: Box<Wanted>,
        /// How many.
        count: u32,
    },
    /// Ask once more for a candidate that was not made.
    Again(VariantId),
    /// Call off a candidate that is not made yet.
    Cancel(VariantId),
    /// Say what is thought of a candidate.
    Judge(VariantId, Verdict),
    /// Forget a candidate and its picture.
    Forget(VariantId),
    /// Put a candidate in the place of the live picture.
    Place {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// The candidate.
        variant: VariantId,
    },
    /// Let the editor choose a file as a candidate.
    Choose {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
    },
    /// Take a file of this machine as a candidate.
    Bring {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// The file.
        path: PathBuf,
    },
    /// Take a picture of the clipboard as a candidate.
    Paste {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// The picture.
        picture: Arc<egui::ColorImage>,
    },
}

impl BenchAct {
    /// What is said when it was not done.
    #[must_use]
    pub fn failed_words(&self) -> &'static str {
        match self {
            Self::Generate { .. } => "No candidates were asked for",
            Self::Again(_) => "The candidate was not asked for",
            Self::Cancel(_) => "The candidate was not called off",
            Self::Judge(..) => "The judgement was not kept",
            Self::Forget(_) => "The candidate was not forgotten",
            Self::Place { .. } => "The picture was not replaced",
            Self::Choose { .. } | Self::Bring { .. } | Self::Paste { .. } => "The candidate was not taken",
        }
    }
}

impl From<BenchAct> for crate::gui::action::Action {
    fn from(act: BenchAct) -> Self {
        Self::Bench(Box::new(act))
    }
}
