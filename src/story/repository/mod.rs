//! Stories and scenes in a project's tables, whichever way the project keeps them.
//!
//! - [`shape`]: what the project has, found out by its own answers
//! - [`read`], [`document`]: from rows and from JSON to a [`Story`], and from a change back to the same JSON
//! - [`ask`]: from a [`StoryQuery`] to what PostgREST is asked
//! - [`mod@write`]: stories as a whole
//! - [`scenes`]: one scene, one title, one cover, each changed only if it is what somebody saw, by the conditions of [`still`]
//! - [`order`]: the scenes of a story among each other
//! - [`mod@column`]: the scenes as JSON, changed as a whole
//! - [`places`]: everything that points at an object
//! - [`mod@copies`]: public copies as rows of their own
//! - [`whole`]: rows as they are, read to be kept and written back

mod ask;
mod column;
mod copies;
mod document;
mod order;
mod places;
mod read;
mod scenes;
mod shape;
mod still;
mod whole;
mod write;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::error::StoryError;
use super::model::{Story, StoryId};
use super::query::{Counts, StoryPage, StoryQuery};
use crate::supabase::{Error as WireError, Order, Query, Supabase};
use crate::workspace::Tables;
use ask::Found;
pub(super) use copies::CopyRow;
pub use places::{Place, Pointing};
pub(super) use scenes::{Changed, SceneChange, SceneText};
pub(super) use shape::{Asker, Shape};
use shape::{Copies, SceneTable};
pub(super) use whole::Whole;

/// What a project has is asked again after so long.
const AGE: Duration = Duration::from_secs(5 * 60);

/// The rows of stories and scenes. Clones share what was learnt about the project.
#[derive(Clone)]
pub(super) struct Repository {
    supabase: Supabase,
    tables: Tables,
    known: Arc<Known>,
}

/// What was learnt about a project.
struct Known {
    shape: RwLock<Arc<Shape>>,
    /// Columns that a table lacks.
    absent: Mutex<BTreeSet<(String, String)>>,
    /// The public copies, and when somebody asked for them.
    copies: Mutex<Option<(Instant, Option<Copies>)>>,
    /// Whether the columns of scenes are such that the server finds its way in them, and when that was looked at.
    plain: Mutex<Option<(Instant, bool)>>,
    /// Held by whoever asks what the project has, so that all others wait for the same.
    asking: tokio::sync::Mutex<()>,
}

/// Runs `$work`, which knows the project as `$shape`. If the answer says that the project is another, what it has is found out and
/// the work is done once more.
macro_rules! shaped {
    ($self:ident, $shape:ident, $work:expr) => {{
        let mut again = true;
        loop {
            let $shape = $self.shape();
            // In a box of its own: what asks one thing after another would grow with each.
            match Box::pin(async { $work }).await {
                Err(StoryError::Wire(error)) if again && $self.is_other(&$shape, &error).await => again = false,
                result => break result,
            }
        }
    }};
}
use shaped;

impl Repository {
    pub(super) fn new(supabase: Supabase, tables: Tables) -> Self {
        let known = Known {
            shape: RwLock::new(Arc::new(Shape::usual(&tables))),
            absent: Mutex::default(),
            copies: Mutex::default(),
            plain: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        };
        Self {
            supabase,
            tables,
            known: Arc::new(known),
        }
    }

    /// A page of stories with their scenes, newest first.
    pub(super) async fn list(&self, offset: u64, limit: u64) -> Result<Vec<Story>, StoryError> {
        let query = StoryQuery::default();
        shaped!(self, shape, self.listed(&shape, &query, offset, limit).await)
    }

    /// A page of the stories that a question lists, and how many it lists in all.
    pub(super) async fn page(&self, query: &StoryQuery, offset: u64, limit: u64) -> Result<StoryPage, StoryError> {
        shaped!(self, shape, self.asked(&shape, query, (offset, limit), true).await)
    }

    /// The same page, and how many it lists in all only if that is known anyhow.
    pub(super) async fn uncounted_page(
        &self,
        query: &StoryQuery,
        offset: u64,
        limit: u64,
    ) -> Result<StoryPage, StoryError> {
        shaped!(self, shape, self.asked(&shape, query, (offset, limit), false).await)
    }

    /// How many stories a question lists; None if the project gave up counting.
    pub(super) async fn total(&self, query: &StoryQuery) -> Result<Option<u64>, StoryError> {
        shaped!(self, shape, self.total_of(&shape, query).await)
    }

    /// How many stories of each kind a question lists; broken links are for others to look for.
    pub(super) async fn counts(&self, query: &StoryQuery) -> Result<Counts, StoryError> {
        shaped!(self, shape, self.counted(&shape, query).await)
    }

    /// Those of the stories that are still there, with their scenes, in no order.
    pub(super) async fn of_ids(&self, ids: &[StoryId]) -> Result<Vec<Story>, StoryError> {
        shaped!(self, shape, self.read_ids(&shape, ids).await)
    }

    /// One story with its scenes.
    pub(super) async fn get(&self, id: &StoryId) -> Result<Story, StoryError> {
        let rows = shaped!(self, shape, self.read_story(&shape, id).await)?;
        rows.into_iter()
            .next()
            .ok_or_else(|| StoryError::NoSuchStory(id.clone()))
    }

    async fn read_story(&self, shape: &Shape, id: &StoryId) -> Result<Vec<Story>, StoryError> {
        let query = self.stories(shape).select(&shape.select()).eq(&shape.id, id);
        match self.read(shape, query.operation("Read story")).await {
            Err(StoryError::Wire(error)) if shape::is_no_value(&error) => Ok(Vec::new()),
            result => result,
        }
    }

    async fn read_ids(&self, shape: &Shape, ids: &[StoryId]) -> Result<Vec<Story>, StoryError> {
        let mut stories = Vec::with_capacity(ids.len());
        for ids in ids.chunks(Self::IDS) {
            let query = self.stories(shape).select(&shape.select()).is_in(&shape.id, ids);
            stories.extend(self.read(shape, query.operation("Read stories")).await?);
        }
        Ok(stories)
    }

    /// Ids in one address at most: with a UUID each, some 5 KB of the 8 that gateways take.
    const IDS: usize = 100;

    /// The stories that a query on their table gives, with their scenes.
    async fn read(&self, shape: &Shape, query: Query) -> Result<Vec<Story>, StoryError> {
        let rows: Vec<Value> = query.fetch().await?;
        self.stories_of(shape, rows).await
    }

    async fn stories_of(&self, shape: &Shape, mut rows: Vec<Value>) -> Result<Vec<Story>, StoryError> {
        if let Some(scenes) = &shape.scenes
            && !scenes.joined
        {
            self.join(shape, scenes, &mut rows).await?;
        }
        if shape.column.is_none()
            && let Some(row) = rows.first()
        {
            self.learn_column(row.get(Shape::COLUMN).is_some());
        }
        Ok(rows.iter().map(|row| read::story(shape, row)).collect())
    }

    /// Puts scenes into the rows of their stories, where the project knows of no relationship between them.
    async fn join(&self, shape: &Shape, scenes: &SceneTable, rows: &mut [Value]) -> Result<(), StoryError> {
        let ids: Vec<StoryId> = rows
            .iter()
            .filter_map(|row| row.get(&shape.id).and_then(StoryId::stored))
            .collect();
        let mut found: Vec<Value> = Vec::new();
        for ids in ids.chunks(Self::IDS) {
            let query = self.supabase.rest().from(&scenes.name).select("*");
            let query = query.is_in(Shape::STORY, ids).order(&scenes.id, Order::Asc);
            found.extend(query.operation("List scenes").fetch_all::<Value>().await?);
        }
        let mut by_story: std::collections::HashMap<StoryId, Vec<Value>> = std::collections::HashMap::new();
        for scene in found {
            if let Some(story) = scene.get(Shape::STORY).and_then(StoryId::stored) {
                by_story.entry(story).or_default().push(scene);
            }
        }
        for row in rows {
            let scenes = row.get(&shape.id).and_then(StoryId::stored);
            let scenes = scenes.and_then(|id| by_story.remove(&id)).unwrap_or_default();
            if let Some(row) = row.as_object_mut() {
                row.insert(Shape::SCENE_ROWS.to_owned(), Value::Array(scenes));
            }
        }
        Ok(())
    }

    async fn listed(
        &self,
        shape: &Shape,
        query: &StoryQuery,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<Story>, StoryError> {
        Ok(match self.find(shape, query, offset, limit, false).await? {
            Found::Rows(page) => page.stories,
            Found::NotByServer => Vec::new(),
        })
    }

    /// A query on the table of stories.
    fn stories(&self, shape: &Shape) -> Query {
        self.supabase.rest().from(&shape.stories)
    }

    fn shape(&self) -> Arc<Shape> {
        Arc::clone(&self.known.shape.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the project has another shape than it was taken to have, now that an answer says so; it is known from then on.
    async fn is_other(&self, shape: &Arc<Shape>, error: &WireError) -> bool {
        if !shape::says_otherwise(error) {
            return false;
        }
        let _turn = self.known.asking.lock().await;
        if self.shape() != *shape {
            return true;
        }
        let asker = Asker {
            supabase: &self.supabase,
            tables: &self.tables,
        };
        // That it cannot be found out is no reason to hide the answer itself.
        let Ok(Some(found)) = asker.shape().await else {
            return false;
        };
        let is_other = found != **shape;
        if is_other {
            self.absent().clear();
            *self.known.plain.lock().unwrap_or_else(PoisonError::into_inner) = None;
            *self.known.shape.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        }
        is_other
    }

    /// The public copies of stories, if the project has them besides its stories.
    async fn copies(&self, shape: &Shape) -> Result<Option<Copies>, StoryError> {
        // A table that holds the stories or scenes themselves holds no copies of them.
        if shape.kept == super::model::Kept::Public || self.tables.are_called(Shape::COPIES) {
            return Ok(None);
        }
        let asker = Asker {
            supabase: &self.supabase,
            tables: &self.tables,
        };
        let known = self.known.copies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, copies)) = known
            && at.elapsed() < AGE
        {
            return Ok(copies);
        }
        let copies = asker.copies().await?;
        let found = Some((Instant::now(), copies.clone()));
        *self.known.copies.lock().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(copies)
    }

    fn learn_column(&self, has: bool) {
        let mut shape = self.known.shape.write().unwrap_or_else(PoisonError::into_inner);
        if shape.column.is_none() {
            let seen = Shape {
                column: Some(has),
                ..(**shape).clone()
            };
            *shape = Arc::new(seen);
        }
    }

    fn absent(&self) -> std::sync::MutexGuard<'_, BTreeSet<(String, String)>> {
        self.known.absent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lacks(&self, table: &str, column: &str) -> bool {
        self.absent().contains(&(table.to_owned(), column.to_owned()))
    }

    fn learn_absent(&self, table: &str, column: String) {
        self.absent().insert((table.to_owned(), column));
    }
}

#[cfg(test)]
mod tests;
