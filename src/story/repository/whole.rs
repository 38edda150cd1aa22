//! A story's rows as a whole, with every column that the project has: read to be kept, and written back as they were.

use serde_json::Value;

use super::shape::{Shape, is_no_value};
use super::{Repository, StoryError, shaped};
use crate::story::model::StoryId;

/// Rows as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::story) struct Whole {
    /// The story's row, if it is there.
    pub(in crate::story) story: Option<Value>,
    /// The rows of its scenes, where they are rows of their own.
    pub(in crate::story) scenes: Vec<Value>,
}

impl Repository {
    /// The rows of a story and of its scenes, as they are.
    pub(in crate::story) async fn whole(&self, id: &StoryId) -> Result<Whole, StoryError> {
        shaped!(self, shape, self.read_whole(&shape, id).await)
    }

    /// Writes those rows back that are not there.
    pub(in crate::story) async fn put_back(&self, id: &StoryId, kept: Whole) -> Result<(), StoryError> {
        shaped!(self, shape, self.write_whole(&shape, id, &kept).await)
    }

    async fn read_whole(&self, shape: &Shape, id: &StoryId) -> Result<Whole, StoryError> {
        let query = self.stories(shape).select("*").eq(&shape.id, id);
        let stories: Vec<Value> = match query.operation("Read whole story").fetch().await {
            Ok(rows) => rows,
            Err(error) if is_no_value(&error) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let mut scenes = Vec::new();
        if let Some(table) = &shape.scenes
            && !stories.is_empty()
        {
            let query = self.supabase.rest().from(&table.name).select("*").eq(Shape::STORY, id);
            scenes = query.operation("Read whole scenes").fetch().await?;
        }
        Ok(Whole {
            story: stories.into_iter().next(),
            scenes,
        })
    }

    async fn write_whole(&self, shape: &Shape, id: &StoryId, kept: &Whole) -> Result<(), StoryError> {
        let there = self.read_whole(shape, id).await?;
        if let (None, Some(story)) = (&there.story, &kept.story) {
            let query = self.stories(shape).operation("Put story back");
            if query.insert::<Value>(story).await?.is_empty() {
                return Err(StoryError::NothingChanged { table: "stories" });
            }
        }
        let Some(table) = &shape.scenes else { return Ok(()) };
        let has = |scene: &&Value| {
            there
                .scenes
                .iter()
                .any(|there| there.get(&table.id) == scene.get(&table.id))
        };
        let missing: Vec<&Value> = kept.scenes.iter().filter(|scene| !has(scene)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let query = self.supabase.rest().from(&table.name).operation("Put scenes back");
        match query.insert::<Value>(&missing).await?.len() {
            0 => Err(StoryError::NothingChanged { table: "scenes" }),
            _ => Ok(()),
        }
    }
}
