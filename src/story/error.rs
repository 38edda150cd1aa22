//! What can go wrong with stories.

use crate::ai::AiError;
use crate::journal::JournalError;
use crate::media::{MediaError, MediaType};
use crate::supabase::{Error as WireError, NameError};
use crate::transfer::trash::TrashError;
use crate::workspace::Money;

use super::export::ExportError;
use super::manuscript::{Lack, ManuscriptState};
use super::{BatchId, BriefError, StoryId, VariantId};

/// A failure of the story service.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// The brief is not valid.
    #[error(transparent)]
    Brief(#[from] BriefError),
    /// The project refused or could not be reached.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A model failed.
    #[error(transparent)]
    Model(#[from] AiError),
    /// The journal could not be written; nothing is asked of a model then.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The picture cannot be used.
    #[error(transparent)]
    Picture(#[from] MediaError),
    /// The bucket does not take the picture as it is.
    #[error("{source}")]
    NotTaken {
        /// Why not.
        source: MediaError,
        /// What it can be saved as, so that the bucket takes it.
        save_as: Option<MediaType>,
    },
    /// The bucket's name or the template of names is wrong.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The provider has cost what it may cost in a month; nothing was asked of it.
    #[error("the next picture would pass the budget of {budget} a month for {engine}: {spent} is spent")]
    OverBudget {
        /// The provider's name.
        engine: String,
        /// What may be spent.
        budget: Money,
        /// What was, with what may have been.
        spent: Money,
    },
    /// No row has this id, or policies hide it.
    #[error("there is no story {0}")]
    NoSuchStory(StoryId),
    /// The story has no such scene.
    #[error("story {story} has no scene {scene}")]
    NoSuchScene {
        /// The story.
        story: StoryId,
        /// As it was asked for.
        scene: String,
    },
    /// The server said yes and changed no row: policies hide the row from this key.
    #[error("the {table} row was not changed; this key may not change it")]
    NothingChanged {
        /// The table.
        table: &'static str,
    },
    /// Somebody else changed the same text, or the scenes, meanwhile.
    #[error("somebody else changed this meanwhile")]
    Edited,
    /// The project's scenes have no column for what was to be written.
    #[error("the scenes of this project have no column {0}")]
    NoColumn(String),
    /// The scenes of a story are kept as something that is no list.
    #[error("the scenes of story {0} are kept in a form that cannot be read")]
    Unreadable(StoryId),
    /// Somebody else put another picture there meanwhile.
    #[error("somebody else replaced this picture meanwhile")]
    Conflict,
    /// What is stored is not what was sent.
    #[error("{bucket}/{key} holds {found} bytes where {sent} were sent")]
    NotStored {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// Bytes that were sent.
        sent: u64,
        /// Bytes that the server holds.
        found: u64,
    },
    /// The picture that is to be shown again is neither in its place nor in the trash.
    #[error("the picture {0} is neither in its place nor in the trash any more")]
    PictureGone(String),
    /// The journal has no such variant.
    #[error("there is no variant {0}")]
    NoSuchVariant(VariantId),
    /// The variant has no picture.
    #[error("variant {0} has no picture")]
    NoPictureYet(VariantId),
    /// The journal has no such batch.
    #[error("there is no batch {0}")]
    NoSuchBatch(BatchId),
    /// A picture's bytes are not in the journal's folder any more, or are damaged.
    #[error("the picture with SHA-256 {0} is gone from this computer, or damaged")]
    BytesGone(String),
    /// The scene shows no picture of this project.
    #[error("the scene shows no picture of this project")]
    NothingShown,
    /// The trash refused.
    #[error(transparent)]
    Trash(#[from] TrashError),
    /// No book could be made.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The journal has no manuscript of this id.
    #[error("there is no draft {0}")]
    NoSuchManuscript(StoryId),
    /// Somebody else saved or discarded it meanwhile.
    #[error("the draft {0} was changed by somebody else since it was read")]
    ManuscriptChanged(StoryId),
    /// It is being published, or was.
    #[error("the draft {0} {words}", words = words(*.1))]
    NotADraft(StoryId, ManuscriptState),
    /// It cannot be approved or published as it is.
    #[error("the draft is not ready: {}", list(.0))]
    Lacks(Vec<Lack>),
    /// Nobody has approved of it as it is.
    #[error("nobody has approved of the draft {0} as it is now")]
    NotApproved(StoryId),
    /// It was written by a newer program.
    #[error("the draft {0} was written by a newer version of StoryMimi Studio")]
    NewerManuscript(StoryId),
    /// Another window or program is at it.
    #[error("another window or program is working on {0}")]
    AtWork(StoryId),
    /// This journal knows of no deletion of this story.
    #[error("the story {0} was not deleted here, or its time in the trash is over")]
    NotDeleted(StoryId),
    /// Stopped because it was asked to.
    #[error("stopped")]
    Cancelled,
}

fn words(state: ManuscriptState) -> &'static str {
    match state {
        ManuscriptState::Draft => "is a draft",
        ManuscriptState::Publishing => "is being published",
        ManuscriptState::TakingBack => "was not published, and what was stored of it is being removed",
        ManuscriptState::Published => "is published",
    }
}

fn list(lacks: &[Lack]) -> String {
    lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
