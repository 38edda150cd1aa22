//! Stories and scenes: brief, draft, pictures, publish, resume, replace. Knows projects and models, not the window.
//!
//! The way of a story: its row is written first (status `processing`), then the text model writes the scenes, which
//! go into the journal and then into rows; then each scene's picture is made, kept in the journal, uploaded, proven
//! to be stored, and only then is its URL written into the scene's row. Every step can be interrupted: [`Stories::resume`]
//! looks at what is there and does what is missing, and asks no model twice for the same thing.
//!
//! A picture that is replaced stays in its place for a while, and then goes to the trash.

mod batch;
mod brief;
mod cast;
mod deletion;
mod deletion_plan;
pub mod disguise;
mod drafting;
mod edit;
mod error;
pub mod export;
mod fitting;
mod following;
mod found;
pub mod layout;
mod manuscript;
mod model;
mod naming;
mod numbering;
mod picture;
mod placing;
mod point;
mod pointer;
mod produce;
pub mod provenance;
mod publication;
mod query;
mod record;
mod replace;
mod replacement;
mod repository;
mod retire;
mod settle;
mod style;
mod variant;
mod variant_end;
mod variant_place;
mod variant_story;
mod variants;

pub use batch::{
    Batch, BatchId, BatchPlan, BatchSettings, BatchState, BatchWish, NotABatch, PlannedScene, VariantCounts,
};
pub use brief::{Brief, BriefError, BriefField};
pub use cast::CastMember;
pub use deletion::{DeletedStory, Undeleted};
pub use deletion_plan::{DeletedObject, Deletion, Fate, PublicCopy};
pub use disguise::{Disguise, Person};
pub use edit::SceneEdit;
pub use error::StoryError;
pub use fitting::{Likeness, Sought};
pub use manuscript::{Approval, Lack, Manuscript, ManuscriptScene, ManuscriptState};
pub use model::{Kept, MadeWith, NotAnId, Scene, SceneId, Status, Story, StoryId};
pub use naming::picture_key;
pub use numbering::scenes_of_names;
pub use pointer::Pointer;
pub use produce::{Failure, Outcome, Step};
pub use provenance::{DigitalSource, Foreign, Provenance};
pub use publication::PublishStep;
pub use query::{Counts, Show, Sort, StoryPage, StoryQuery};
pub use replace::{Replaced, Source};
pub use replacement::{Replacement, ReplacementId, ReplacementState};
pub use repository::{Place, Pointing};
pub use retire::Retirement;
pub use settle::Settled;
pub use style::{STYLES, Style};
pub use variant::{
    NotAVariant, Picture, PictureRef, Placement, Variant, VariantId, VariantSource, VariantState, Verdict, Wanted,
};
pub use variant_place::Filled;
pub use variant_story::{DrawnScene, DrawnStory};
pub(crate) use variants::since_began;
pub use variants::{DrawnFacts, Variants, counts, variant};

use tokio_util::sync::CancellationToken;

use crate::ai::Ai;
use crate::journal::{Held, Journal};
use crate::supabase::{BucketName, Supabase};
use crate::transfer::trash::Trash;
use crate::workspace::Tables;
use repository::Repository;

/// Width and height of the pictures asked for, in pixels.
pub const PICTURE_SIZE: (u32, u32) = (1024, 768);

/// How stories are made in a workspace.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where pictures go.
    pub bucket: BucketName,
    /// How their objects are named; see [`picture_key`].
    pub key_template: String,
    /// Whose the stories are.
    pub user_id: Option<String>,
    /// Who is at work, as the history shows it.
    pub operator: Option<String>,
    /// Pictures made and uploaded at the same time.
    pub concurrent_pictures: usize,
    /// Who writes, as it is shown and stored.
    pub text_engine: String,
    /// Who draws, as it is shown and stored.
    pub image_engine: String,
    /// Where the models are, as it goes into a picture's recipe.
    pub provider: String,
    /// The model that draws, as it goes into a picture's recipe.
    pub image_model: String,
    /// Where the rows are.
    pub tables: Tables,
}

/// The stories of a workspace.
#[derive(Clone)]
pub struct Stories {
    supabase: Supabase,
    ai: Ai,
    journal: Journal,
    settings: Settings,
    rows: Repository,
    trash: Trash,
}

impl Stories {
    /// How often it is looked whether somebody else is done with something, and how long it is waited in between.
    const WAITS: usize = 50;
    const WAIT: std::time::Duration = std::time::Duration::from_millis(200);

    /// Takes a piece of work about a story; waits a while for whoever is at it.
    async fn hold(&self, name: String, story: &StoryId) -> Result<Held, StoryError> {
        for _ in 0..Self::WAITS {
            let name = name.clone();
            if let Some(held) = self.journal.run(move |journal| journal.hold(&name)).await? {
                return Ok(held);
            }
            tokio::time::sleep(Self::WAIT).await;
        }
        Err(StoryError::AtWork(story.clone()))
    }

    /// Puts the parts together; nothing is asked of the project yet.
    #[must_use]
    pub fn new(supabase: Supabase, ai: Ai, journal: Journal, settings: Settings) -> Self {
        let rows = Repository::new(supabase.clone(), settings.tables.clone());
        let trash = Trash::new(supabase.clone(), journal.clone());
        Self {
            supabase,
            ai,
            journal,
            settings,
            rows,
            trash,
        }
    }

    /// Where pictures go that are shown no more.
    #[must_use]
    pub fn trash(&self) -> &Trash {
        &self.trash
    }

    /// The pictures that scenes could have.
    #[must_use]
    pub fn variants(&self) -> Variants {
        Variants::new(self.journal.clone())
    }

    /// How stories are made here.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A page of stories with their scenes, newest first.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn list(&self, offset: u64, limit: u64) -> Result<Vec<Story>, StoryError> {
        self.rows.list(offset, limit).await
    }

    /// A page of the stories that a question lists, with how many it lists in all. Of [`Show::Broken`], the stories that have links:
    /// whether these lead anywhere is for others to look at.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn page(&self, query: &StoryQuery, offset: u64, limit: u64) -> Result<StoryPage, StoryError> {
        self.rows.page(query, offset, limit).await
    }

    /// The same page, and how many it lists in all only if that is known anyhow: counting takes longer than reading a page.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn uncounted_page(&self, query: &StoryQuery, offset: u64, limit: u64) -> Result<StoryPage, StoryError> {
        self.rows.uncounted_page(query, offset, limit).await
    }

    /// How many stories a question lists; None if the project gave up counting, as large ones do.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn total(&self, query: &StoryQuery) -> Result<Option<u64>, StoryError> {
        self.rows.total(query).await
    }

    /// How many stories of each kind a question lists.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn counts(&self, query: &StoryQuery) -> Result<Counts, StoryError> {
        self.rows.counts(query).await
    }

    /// Those of the stories that are still there, in no order.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn of_ids(&self, ids: &[StoryId]) -> Result<Vec<Story>, StoryError> {
        self.rows.of_ids(ids).await
    }

    /// One story with its scenes.
    ///
    /// # Errors
    /// If the project cannot be read or has no such story.
    pub async fn get(&self, id: &StoryId) -> Result<Story, StoryError> {
        self.rows.get(id).await
    }

    /// Makes a story from a brief: row, scenes, pictures.
    ///
    /// # Errors
    /// If not even its scenes could be written. Pictures that failed are in the [`Outcome`], and on their scenes.
    pub async fn create(
        &self,
        brief: &Brief,
        observe: &(dyn Fn(Step) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Outcome, StoryError> {
        observe(Step::Bucket);
        let bucket = self.ensure_bucket().await?;
        let story = self.begin(brief, observe).await?;
        self.finish(&bucket, story, observe, cancel).await
    }

    /// Does what is missing of a story.
    ///
    /// # Errors
    /// As [`Stories::create`].
    pub async fn resume(
        &self,
        id: &StoryId,
        observe: &(dyn Fn(Step) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Outcome, StoryError> {
        observe(Step::Bucket);
        let bucket = self.ensure_bucket().await?;
        let story = self.rows.get(id).await?;
        self.finish(&bucket, story, observe, cancel).await
    }
}

/// A name for files. Ids of foreign projects are any text; names of files are not.
fn name_of(story: &StoryId) -> String {
    crate::journal::sha256(story.as_str().as_bytes())
}
