//! A story's rows as a whole, with every column that the project has: read to be kept, deleted, and written back.

use serde_json::Value;

use super::StoryError;
use super::model::StoryId;
use super::repository::{Repository, any_form};
use crate::supabase::{Condition, Error as WireError, ObjectKey};

impl Repository {
    /// The rows of a story and of its scenes, as they are.
    pub(super) async fn whole(&self, id: &StoryId) -> Result<(Vec<Value>, Vec<Value>), StoryError> {
        let mut both = [Vec::new(), Vec::new()];
        for (table, rows) in ["stories", "scenes"].into_iter().zip(&mut both) {
            let query = self.table(table).select("*").eq("story_id", id.as_str());
            *rows = match query.operation("Read whole story").fetch().await {
                Ok(rows) => rows,
                Err(error) if table == "scenes" && is_no_table(&error) => Vec::new(),
                Err(error) => return Err(error.into()),
            };
        }
        let [stories, scenes] = both;
        Ok((stories, scenes))
    }

    /// Deletes the rows of a story, its scenes first. That there are none is no error.
    pub(super) async fn delete_rows(&self, id: &StoryId) -> Result<(), StoryError> {
        for table in ["scenes", "stories"] {
            let query = self.table(table).eq("story_id", id.as_str()).operation("Delete story");
            match query.delete::<Value>().await {
                Ok(_) => {}
                Err(error) if table == "scenes" && is_no_table(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Writes rows back as they were.
    pub(super) async fn insert_kept(&self, table: &'static str, rows: Vec<Value>) -> Result<(), StoryError> {
        let query = self.table(table).operation("Put story back");
        let back: Vec<Value> = query.insert(&rows).await?;
        match back.len() {
            0 => Err(StoryError::NothingChanged { table }),
            _ => Ok(()),
        }
    }

    /// Whether a scene or the cover of another story is this object, in whichever form of its URL. Rather yes than no.
    pub(super) async fn in_use_elsewhere(&self, key: &ObjectKey, story: &StoryId) -> Result<bool, StoryError> {
        let pattern = any_form(key);
        for (table, column) in [("scenes", "image_url"), ("stories", "cover_image_url")] {
            let rows = self
                .table(table)
                .select("story_id")
                .filter(Condition::like(column, &pattern))
                .filter(Condition::neq("story_id", story.as_str()))
                .limit(1)
                .operation("Look who else shows a picture")
                .fetch::<serde::de::IgnoredAny>()
                .await;
            match rows {
                Ok(rows) if rows.is_empty() => {}
                Ok(_) => return Ok(true),
                // An older project's stories have no covers (PostgreSQL: undefined_column).
                Err(error) if table == "stories" && error.code.as_deref() == Some("42703") => {}
                Err(error) if table == "scenes" && is_no_table(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}

/// PostgREST does not know the table, or PostgreSQL has none.
fn is_no_table(error: &WireError) -> bool {
    matches!(error.code.as_deref(), Some("PGRST205" | "42P01"))
}
