//! Stories as a whole: put in, said how far they are, taken out. What a project has no column for is left out.

use serde_json::{Map, Value, json};

use super::read::Field;
use super::scenes::stored_scene;
use super::shape::{Shape, is_no_value, missing_column, says_otherwise};
use super::{Repository, StoryError, shaped};
use crate::story::model::{Kept, MadeWith, Scene, SceneId, Status, Story, StoryId};
use crate::supabase::{Error as WireError, Query};

impl Repository {
    /// Puts in a story's row, without scenes. Its id, which is another than the story's where the project gives ids of its own.
    pub(in crate::story) async fn insert_story(&self, story: &Story) -> Result<StoryId, StoryError> {
        shaped!(self, shape, self.put_story(&shape, story, &[]).await)
    }

    /// Puts in the scenes of a story that has none. Their ids.
    pub(in crate::story) async fn insert_scenes(
        &self,
        story: &StoryId,
        scenes: &[Scene],
    ) -> Result<Vec<SceneId>, StoryError> {
        shaped!(self, shape, self.put_scenes(&shape, story, scenes).await)
    }

    /// Puts in a story with its scenes. Where they are rows of two tables and the scenes are refused, the story's row is taken out
    /// again. Its id and those of its scenes.
    pub(in crate::story) async fn insert_whole(&self, story: &Story) -> Result<(StoryId, Vec<SceneId>), StoryError> {
        shaped!(self, shape, self.put_whole(&shape, story).await)
    }

    /// Takes out a story's rows. How many rows of stories there were: none if somebody else had taken them out.
    pub(in crate::story) async fn delete_story(&self, id: &StoryId) -> Result<u64, StoryError> {
        shaped!(self, shape, self.take_out(&shape, id).await)
    }

    /// Says how far a story is, how it was made, and, if it is given, where its cover is.
    pub(in crate::story) async fn set_status(
        &self,
        id: &StoryId,
        status: Status,
        cover: Option<&str>,
        made_with: &MadeWith,
    ) -> Result<(), StoryError> {
        shaped!(self, shape, self.put_status(&shape, id, status, cover, made_with).await)
    }

    async fn put_story(&self, shape: &Shape, story: &Story, scenes: &[Scene]) -> Result<StoryId, StoryError> {
        let mut row = json!({
            "title": story.title, "prompt": story.prompt, "status": story.status.stored(), "user_id": story.user_id,
            "story_metadata": story.made_with,
        });
        if let Some(cover) = &story.cover_image_url {
            row["cover_image_url"] = json!(cover);
        }
        if shape.kept == Kept::Public {
            row["description"] = json!(story.prompt);
        }
        if shape.kept != Kept::Rows {
            let items: Vec<Value> = scenes
                .iter()
                .map(|scene| stored_scene(scene, Field::Number.name()))
                .collect();
            row[Shape::COLUMN] = Value::Array(items);
        }
        row[&shape.id] = json!(story.story_id);
        let essential = [shape.id.as_str(), "title", Shape::COLUMN];
        let put = self
            .write(
                &shape.stories,
                row.clone(),
                &essential,
                "Create story",
                |table, row| async move { table.insert::<Value>(&row).await },
            )
            .await;
        let rows = match put {
            // The project gives ids of its own, and ours is none of them. Nothing was written.
            Err(StoryError::Wire(error)) if is_no_value(&error) => {
                remove_column(&mut row, &shape.id);
                self.write(
                    &shape.stories,
                    row,
                    &essential,
                    "Create story",
                    |table, row| async move { table.insert::<Value>(&row).await },
                )
                .await?
            }
            put => put?,
        };
        let row = rows.first().ok_or(StoryError::NothingChanged { table: "stories" })?;
        let id = row.get(&shape.id).and_then(StoryId::stored);
        Ok(id.unwrap_or_else(|| story.story_id.clone()))
    }

    async fn put_whole(&self, shape: &Shape, story: &Story) -> Result<(StoryId, Vec<SceneId>), StoryError> {
        let id = self.put_story(shape, story, &story.scenes).await?;
        if shape.kept != Kept::Rows {
            return Ok((id, story.scenes.iter().map(|scene| scene.scene_id.clone()).collect()));
        }
        match self.put_scenes(shape, &id, &story.scenes).await {
            Ok(scenes) => Ok((id, scenes)),
            Err(error) => {
                // What could not be told whether it is there is left to be looked at.
                let refused =
                    matches!(&error, StoryError::Wire(wire) if wire.class != crate::supabase::Class::Ambiguous);
                if refused {
                    let _ = self.take_out(shape, &id).await;
                }
                Err(error)
            }
        }
    }

    async fn put_scenes(&self, shape: &Shape, story: &StoryId, scenes: &[Scene]) -> Result<Vec<SceneId>, StoryError> {
        let ours = || scenes.iter().map(|scene| scene.scene_id.clone()).collect();
        let Some(table) = &shape.scenes else {
            let added = scenes.iter().map(|scene| stored_scene(scene, Field::Number.name()));
            self.append_scenes(shape, story, added.collect()).await?;
            return Ok(ours());
        };
        if scenes.is_empty() {
            return Ok(Vec::new());
        }
        let row = |scene: &Scene| {
            let mut row = stored_scene(scene, &table.number);
            row[Shape::STORY] = json!(story);
            row[&table.id] = json!(scene.scene_id);
            if table.id != Field::SceneId.name() {
                remove_column(&mut row, Field::SceneId.name());
            }
            row
        };
        let mut rows = Value::Array(scenes.iter().map(row).collect());
        let essential = [Shape::STORY, table.id.as_str(), table.number.as_str(), "text"];
        let put = self
            .write(
                &table.name,
                rows.clone(),
                &essential,
                "Write scenes",
                |table, rows| async move { table.insert::<Value>(&rows).await },
            )
            .await;
        let rows = match put {
            Err(StoryError::Wire(error)) if is_no_value(&error) => {
                remove_column(&mut rows, &table.id);
                self.write(
                    &table.name,
                    rows,
                    &essential,
                    "Write scenes",
                    |table, rows| async move { table.insert::<Value>(&rows).await },
                )
                .await?
            }
            put => put?,
        };
        if rows.is_empty() {
            return Err(StoryError::NothingChanged { table: "scenes" });
        }
        let ids: Vec<SceneId> = rows
            .iter()
            .filter_map(|row| row.get(&table.id).and_then(SceneId::stored))
            .collect();
        Ok(if ids.len() == scenes.len() { ids } else { ours() })
    }

    async fn put_status(
        &self,
        shape: &Shape,
        id: &StoryId,
        status: Status,
        cover: Option<&str>,
        made_with: &MadeWith,
    ) -> Result<(), StoryError> {
        let mut patch = json!({ "status": status.stored(), "updated_at": now() });
        // What nobody could read is not written over.
        if *made_with != MadeWith::default() {
            patch["story_metadata"] = json!(made_with);
        }
        if let Some(cover) = cover {
            patch["cover_image_url"] = json!(cover);
        }
        let rows = self
            .write(&shape.stories, patch, &[], "Update story", |table, patch| {
                let table = table.eq(&shape.id, id);
                async move { table.update::<Value>(&patch).await }
            })
            .await?;
        match rows.len() {
            0 if self.lacks_all(shape) => Ok(()),
            0 => Err(StoryError::NothingChanged { table: "stories" }),
            _ => Ok(()),
        }
    }

    /// Whether a story's row has no place for how far the story is.
    fn lacks_all(&self, shape: &Shape) -> bool {
        ["status", "updated_at", "story_metadata"]
            .iter()
            .all(|column| self.lacks(&shape.stories, column))
    }

    async fn take_out(&self, shape: &Shape, id: &StoryId) -> Result<u64, StoryError> {
        let stories = || {
            self.stories(shape)
                .eq(&shape.id, id)
                .select(&shape.id)
                .operation("Delete story")
        };
        let taken = match stories().delete::<serde::de::IgnoredAny>().await {
            Ok(rows) => rows.len() as u64,
            // The scenes hang on it, and do not go with it by themselves.
            Err(error) if error.code.as_deref() == Some("23503") => {
                self.take_out_scenes(shape, id).await?;
                stories().delete::<serde::de::IgnoredAny>().await?.len() as u64
            }
            Err(error) if is_no_value(&error) => 0,
            Err(error) => return Err(error.into()),
        };
        if shape.scenes.as_ref().is_some_and(|scenes| !scenes.joined) {
            self.take_out_scenes(shape, id).await?;
        }
        Ok(taken)
    }

    async fn take_out_scenes(&self, shape: &Shape, id: &StoryId) -> Result<(), StoryError> {
        if let Some(scenes) = &shape.scenes {
            let query = self.supabase.rest().from(&scenes.name).eq(Shape::STORY, id);
            let query = query.select(&scenes.id).operation("Delete scenes");
            query.delete::<serde::de::IgnoredAny>().await?;
        }
        Ok(())
    }

    /// Writes a body, without the columns that the table lacks; those that are essential are never left out. The rows that were
    /// written: an update that policies hide from changes none and says nothing.
    pub(super) async fn write<F, W>(
        &self,
        table: &str,
        mut body: Value,
        essential: &[&str],
        operation: &'static str,
        write: W,
    ) -> Result<Vec<Value>, StoryError>
    where
        W: Fn(Query, Value) -> F,
        F: Future<Output = Result<Vec<Value>, WireError>>,
    {
        loop {
            let absent: Vec<String> = {
                let absent = self.absent();
                let of_table = absent.iter().filter(|(of, _)| of == table);
                of_table.map(|(_, column)| column.clone()).collect()
            };
            for column in absent.iter().filter(|column| !essential.contains(&column.as_str())) {
                remove_column(&mut body, column);
            }
            if matches!(&body, Value::Object(fields) if fields.is_empty()) {
                return Ok(Vec::new());
            }
            let query = self.supabase.rest().from(table).operation(operation);
            match write(query, body.clone()).await {
                // Nothing was written: PostgREST refuses the whole body. Each turn learns one more column.
                Err(error) if error.code.as_deref() == Some("PGRST204") => match missing_column(&error) {
                    Some(column) if has_column(&body, &column) && !essential.contains(&column.as_str()) => {
                        self.learn_absent(table, column);
                    }
                    _ => return Err(error.into()),
                },
                Err(error) => return Err(error.into()),
                Ok(rows) => return Ok(rows),
            }
        }
    }

    /// Changes one text of a story's row, or of the row of its public copy, if it is still what somebody saw; whether it was.
    pub(super) async fn set_text_if(
        &self,
        (table, id): (&str, &str),
        key: &StoryId,
        column: &str,
        seen: Option<&str>,
        wanted: Option<&str>,
    ) -> Result<bool, StoryError> {
        let mut patch = Map::new();
        patch.insert(column.to_owned(), json!(wanted));
        patch.insert("updated_at".to_owned(), json!(now()));
        let rows = self
            .write(
                table,
                Value::Object(patch),
                &[column],
                "Update story",
                |table, patch| {
                    let table = table.eq(id, key).filter(super::still::still(column, seen));
                    async move { table.update::<Value>(&patch).await }
                },
            )
            .await;
        match rows {
            Ok(rows) => Ok(!rows.is_empty()),
            // Where there is no such column, or no such id, it is not what somebody saw.
            Err(StoryError::Wire(error))
                if is_no_value(&error)
                    || (says_otherwise(&error) && missing_column(&error).as_deref() == Some(column)) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

fn rows_of(body: &mut Value) -> Vec<&mut Map<String, Value>> {
    match body {
        Value::Array(rows) => rows.iter_mut().filter_map(Value::as_object_mut).collect(),
        Value::Object(row) => vec![row],
        _ => Vec::new(),
    }
}

fn remove_column(body: &mut Value, column: &str) {
    for row in rows_of(body) {
        row.shift_remove(column);
    }
}

pub(super) fn has_column(body: &Value, column: &str) -> bool {
    match body {
        Value::Array(rows) => rows.iter().any(|row| row.get(column).is_some()),
        row => row.get(column).is_some(),
    }
}

/// The time as it is written into rows.
pub(super) fn now() -> String {
    jiff::Timestamp::now().to_string()
}
