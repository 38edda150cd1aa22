//! What is asked for in this place besides what [`Action`](crate::gui::action::Action) names one by one: changes of stories,
//! manuscripts and batches, carried out by [`crate::gui::app`].

use std::path::PathBuf;

use crate::service::LinkRepair;
use crate::story::{BatchId, BatchPlan, BatchWish, Brief, Deletion, Manuscript, SceneId, Story, StoryId, Wanted};
use crate::supabase::ObjectKey;
use crate::workspace::EngineId;

/// One thing to do to a story, a manuscript or a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Give a story, as it was seen, another title.
    Rename {
        /// The story.
        story: Box<Story>,
        /// Its title.
        title: String,
    },
    /// Add an empty scene at the end of a story, as it was seen.
    AddScene(Box<Story>),
    /// Put a scene at another place of its story, as it was seen.
    MoveScene {
        /// The story.
        story: Box<Story>,
        /// The scene.
        scene: SceneId,
        /// Its place among the others, from 0.
        to: usize,
    },
    /// Delete a story as it was planned. The user has confirmed it.
    Delete(Box<Deletion>),
    /// Put links of a story right, as it was shown.
    RepairLinks {
        /// The story.
        story: StoryId,
        /// What is done.
        repairs: Vec<LinkRepair>,
    },
    /// Let a scene show an object of the bucket, if its link is still the one that was seen.
    PointAt {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// The link that leads nowhere.
        seen: Option<String>,
        /// The object.
        key: ObjectKey,
    },
    /// Write the draft of a story.
    Draft {
        /// What it is about.
        brief: Brief,
        /// Who writes.
        engine: EngineId,
    },
    /// Begin a story without a draft of an engine: the editor writes it.
    Begin(Brief),
    /// Throw a manuscript away, as it was seen. The user has confirmed it.
    Discard(Box<Manuscript>),
    /// Publish a manuscript, or go on with that.
    Publish(Box<Manuscript>),
    /// Remove what was stored of a publication that did not come to its end.
    TakeBack(StoryId),
    /// Ask for candidates of a scene.
    Generate {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// What they are to be.
        wanted: Box<Wanted>,
        /// How many.
        count: usize,
    },
    /// Let the user choose a file as a candidate of a scene.
    Bring {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
    },
    /// Take files as candidates of scenes, or put them in the places of the pictures that are there.
    BringFiles {
        /// The story.
        story: StoryId,
        /// The scenes and their files.
        files: Vec<(SceneId, PathBuf)>,
        /// Whether they are shown at once.
        replace: bool,
    },
    /// Begin a batch as it was planned.
    StartBatch(Box<BatchPlan>),
    /// What is wanted of a batch.
    Wish(BatchId, BatchWish),
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
            Self::RepairLinks { .. } => "The links were not put right",
            Self::PointAt { .. } => "The scene's link was not changed",
            Self::Draft { .. } | Self::Begin(_) => "The draft was not begun",
            Self::Discard(_) => "The draft was not discarded",
            Self::Publish(_) => "The story was not published",
            Self::TakeBack(_) => "What was stored was not removed",
            Self::Generate { .. } => "The pictures were not asked for",
            Self::Bring { .. } => "The picture was not taken",
            Self::BringFiles { .. } => "Not all pictures were taken",
            Self::StartBatch(_) => "The batch was not begun",
            Self::Wish(..) => "The batch goes on as before",
        }
    }
}
