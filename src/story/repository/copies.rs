//! The public copies of a story as rows of their own: found, taken out, and written back as they were.

use serde_json::Value;

use super::read;
use super::shape::{Copies, Shape, is_no_value};
use super::{Repository, StoryError};
use crate::story::model::{Story, StoryId};
use crate::supabase::ObjectKey;

/// Columns by which a copy may say whose it is, in the projects that have one.
const ORIGINAL: [&str; 3] = ["story_id", "source_story_id", "original_story_id"];

/// A public copy of a story.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::story) struct CopyRow {
    /// Its row's key.
    pub(in crate::story) id: StoryId,
    /// It, read like a story.
    pub(in crate::story) story: Story,
    /// Its row as it is.
    pub(in crate::story) row: Value,
}

impl Repository {
    /// The public copies of a story, which is known by its id and by the objects that it shows; `own` says which object a link names.
    /// What only shows one of the same pictures under another title is somebody else's.
    pub(in crate::story) async fn copies_of(
        &self,
        story: &Story,
        keys: &[ObjectKey],
        own: &(dyn Fn(&str) -> Option<ObjectKey> + Sync),
    ) -> Result<Vec<CopyRow>, StoryError> {
        let Some(copies) = self.copies(&self.shape()).await? else {
            return Ok(Vec::new());
        };
        let mut rows = self.copy_rows(&copies, &story.story_id).await?;
        for key in keys {
            let pattern = super::places::any_form(key);
            for row in self.rows_of_copies(&copies, &pattern, super::places::STORIES).await? {
                if !rows.iter().any(|known| known.get(&copies.id) == row.get(&copies.id)) {
                    rows.push(row);
                }
            }
        }
        let shape = copies.shape();
        let read = rows.into_iter().filter_map(|row| {
            let id = row.get(&copies.id).and_then(StoryId::stored)?;
            let copy = read::story(&shape, &row);
            is_copy(story, &copy, &row, keys, own).then_some(CopyRow { id, story: copy, row })
        });
        Ok(read.collect())
    }

    /// Takes copies out. Those that are gone already are as wanted.
    pub(in crate::story) async fn delete_copies(&self, ids: &[StoryId]) -> Result<(), StoryError> {
        if ids.is_empty() {
            return Ok(());
        }
        let Some(copies) = self.copies(&self.shape()).await? else {
            return Ok(());
        };
        for id in ids {
            let query = self.supabase.rest().from(Shape::COPIES).eq(&copies.id, id);
            let query = query.select(&copies.id).operation("Delete public copy");
            let gone = query.delete::<serde::de::IgnoredAny>().await?;
            if gone.is_empty() && !self.copy_rows(&copies, id).await?.is_empty() {
                return Err(StoryError::NothingChanged { table: Shape::COPIES });
            }
        }
        Ok(())
    }

    /// Writes those copies back that are not there.
    pub(in crate::story) async fn put_back_copies(&self, kept: &[Value]) -> Result<(), StoryError> {
        if kept.is_empty() {
            return Ok(());
        }
        let Some(copies) = self.copies(&self.shape()).await? else {
            return Err(StoryError::NothingChanged { table: Shape::COPIES });
        };
        for row in kept {
            let id = row.get(&copies.id).and_then(StoryId::stored);
            if let Some(id) = &id
                && !self.copy_rows(&copies, id).await?.is_empty()
            {
                continue;
            }
            let query = self
                .supabase
                .rest()
                .from(Shape::COPIES)
                .operation("Put public copy back");
            if query.insert::<Value>(row).await?.is_empty() {
                return Err(StoryError::NothingChanged { table: Shape::COPIES });
            }
        }
        Ok(())
    }

    /// The row of a copy, if it is there.
    async fn copy_rows(&self, copies: &Copies, id: &StoryId) -> Result<Vec<Value>, StoryError> {
        let query = self.supabase.rest().from(Shape::COPIES).select("*").eq(&copies.id, id);
        match query.operation("Look for a public copy").fetch().await {
            Ok(rows) => Ok(rows),
            Err(error) if is_no_value(&error) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a row is a copy of a story: by its key, by a column that says so, by a title and a picture of it, or because it shows
/// nothing but pictures of it.
fn is_copy(
    story: &Story,
    copy: &Story,
    row: &Value,
    keys: &[ObjectKey],
    own: &(dyn Fn(&str) -> Option<ObjectKey> + Sync),
) -> bool {
    let says = ORIGINAL.iter().filter_map(|column| StoryId::stored(row.get(column)?));
    let says: Vec<StoryId> = says.collect();
    if copy.story_id == story.story_id || says.contains(&story.story_id) {
        return true;
    }
    // It is said to be another story's.
    if says.iter().any(|original| *original != copy.story_id) {
        return false;
    }
    let links: Vec<&str> = copy.links().collect();
    let is_its = |link: &&&str| own(link).is_some_and(|key| keys.contains(&key));
    let its = links.iter().filter(is_its).count();
    let same_title = copy.title.trim().eq_ignore_ascii_case(story.title.trim());
    its > 0 && (same_title || its == links.len())
}
