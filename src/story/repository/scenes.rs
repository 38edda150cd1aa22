//! One scene, one title, one cover: changed only if it is what somebody saw. Rows are guarded by conditions of the change itself.

use serde_json::{Map, Value, json};

use super::column::Step;
use super::read::{self, Field};
use super::shape::{SceneTable, Shape, is_no_value, missing_column};
use super::still::{TRIES, still, still_begins, unchanged};
use super::write::now;
use super::{Repository, StoryError, shaped};
use crate::story::model::{Scene, SceneId, StoryId};
use crate::supabase::{Class, Condition};

/// What is to be changed of a scene.
#[derive(Clone, Debug, Default)]
pub(in crate::story) struct SceneChange {
    /// Texts as somebody saw them; each must still be so.
    pub(in crate::story) seen: Vec<(SceneText, String)>,
    /// Texts as they are to be.
    pub(in crate::story) wanted: Vec<(SceneText, String)>,
}

/// A text of a scene that editors change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::story) enum SceneText {
    Title,
    Text,
    ImagePrompt,
    AltText,
}

impl SceneText {
    fn field(self) -> Field {
        match self {
            Self::Title => Field::Title,
            Self::Text => Field::Text,
            Self::ImagePrompt => Field::ImagePrompt,
            Self::AltText => Field::AltText,
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::story) enum Changed {
    /// It is as it was to be.
    Done,
    /// It is not what somebody saw any more.
    Otherwise,
    /// There is no such scene.
    Gone,
}

impl Repository {
    /// Changes a scene only if its picture is still `expected`; whether it was. Two editors who replace the same picture cannot overwrite
    /// one another: the second one is told.
    pub(in crate::story) async fn update_scene_if(
        &self,
        story: &StoryId,
        scene: &SceneId,
        expected: Option<&str>,
        patch: Value,
    ) -> Result<bool, StoryError> {
        let Value::Object(patch) = patch else { return Ok(false) };
        let changed = shaped!(
            self,
            shape,
            self.put_scene(&shape, story, scene, expected, &patch).await
        )?;
        Ok(changed == Changed::Done)
    }

    /// What a scene points at now; None if there is no such scene, or if policies hide it.
    pub(in crate::story) async fn scene_picture(
        &self,
        story: &StoryId,
        scene: &SceneId,
    ) -> Result<Option<Option<String>>, StoryError> {
        shaped!(self, shape, self.picture_of(&shape, story, scene).await)
    }

    /// Changes texts of a scene if those that somebody saw are still the same.
    pub(in crate::story) async fn edit_scene(
        &self,
        story: &StoryId,
        scene: &SceneId,
        change: &SceneChange,
    ) -> Result<Changed, StoryError> {
        shaped!(self, shape, self.edit(&shape, story, scene, change).await)
    }

    /// Changes a story's title if it is still what somebody saw; whether it was.
    pub(in crate::story) async fn rename(&self, story: &StoryId, seen: &str, title: &str) -> Result<bool, StoryError> {
        let set = async |shape: &Shape, seen| {
            let row = (shape.stories.as_str(), shape.id.as_str());
            self.set_text_if(row, story, "title", seen, Some(title)).await
        };
        let renamed = shaped!(self, shape, set(&shape, Some(seen)).await)?;
        if renamed || seen != "Untitled" {
            return Ok(renamed);
        }
        // That is how a story without a title is shown.
        shaped!(self, shape, set(&shape, None).await)
    }

    /// Points a story's cover at another picture if it still is what somebody saw; whether it was.
    pub(in crate::story) async fn set_cover_if(
        &self,
        story: &StoryId,
        seen: Option<&str>,
        wanted: Option<&str>,
    ) -> Result<bool, StoryError> {
        shaped!(self, shape, {
            let row = (shape.stories.as_str(), shape.id.as_str());
            self.set_text_if(row, story, "cover_image_url", seen, wanted).await
        })
    }

    async fn put_scene(
        &self,
        shape: &Shape,
        story: &StoryId,
        scene: &SceneId,
        expected: Option<&str>,
        patch: &Map<String, Value>,
    ) -> Result<Changed, StoryError> {
        if let Some(table) = &shape.scenes {
            let condition = still("image_url", expected);
            let rows = self
                .patch_scene(table, scene, patch.clone(), &["image_url"], &[condition])
                .await?;
            if rows > 0 {
                return Ok(Changed::Done);
            }
            if shape.column != Some(true) {
                return Ok(Changed::Otherwise);
            }
        }
        let fields = fields_of(patch);
        self.change_column(shape.row(story), |document| {
            let Some(at) = document.find(story, scene) else {
                return Step::Leave(Changed::Gone);
            };
            let now = picture_in(&document.items()[at]);
            let wanted = patch.get("image_url").map(Value::as_str);
            if now.as_deref() != expected {
                // An answer that was lost is told from a change that was not made.
                let done = wanted.is_some_and(|wanted| wanted == now.as_deref());
                return Step::Leave(if done { Changed::Done } else { Changed::Otherwise });
            }
            document.set(at, &fields);
            Step::Write
        })
        .await
    }

    async fn picture_of(
        &self,
        shape: &Shape,
        story: &StoryId,
        scene: &SceneId,
    ) -> Result<Option<Option<String>>, StoryError> {
        if let Some(table) = &shape.scenes {
            if let Some(row) = self.scene_row(table, scene, "Read scene").await? {
                return Ok(Some(picture_in(&row)));
            }
            if shape.column != Some(true) {
                return Ok(None);
            }
        }
        let Some((document, _)) = self.read_column(shape.row(story)).await? else {
            return Ok(None);
        };
        let at = document.find(story, scene);
        Ok(at.map(|at| picture_in(&document.items()[at])))
    }

    async fn edit(
        &self,
        shape: &Shape,
        story: &StoryId,
        scene: &SceneId,
        change: &SceneChange,
    ) -> Result<Changed, StoryError> {
        if let Some(table) = &shape.scenes {
            let changed = self.edit_row(table, scene, change).await?;
            if changed != Changed::Gone || shape.column != Some(true) {
                return Ok(changed);
            }
        }
        let fields: Vec<(Field, Value)> = change.fields();
        self.change_column(shape.row(story), |document| {
            let Some(at) = document.find(story, scene) else {
                return Step::Leave(Changed::Gone);
            };
            match change.compare(&document.items()[at]) {
                Some(changed) => Step::Leave(changed),
                None => {
                    document.set(at, &fields);
                    Step::Write
                }
            }
        })
        .await
    }

    async fn edit_row(&self, table: &SceneTable, scene: &SceneId, change: &SceneChange) -> Result<Changed, StoryError> {
        for _ in 0..TRIES {
            let Some(row) = self.scene_row(table, scene, "Read scene").await? else {
                return Ok(Changed::Gone);
            };
            if let Some(changed) = change.compare(&row) {
                return Ok(changed);
            }
            let mut guards = vec![unchanged(&row)];
            guards.extend(
                change
                    .seen
                    .iter()
                    .map(|(text, _)| still_begins(text.field().name(), row.get(text.field().name()))),
            );
            let patch: Map<String, Value> = change
                .fields()
                .into_iter()
                .map(|(field, value)| (field.name().to_owned(), value))
                .collect();
            let essential: Vec<&str> = change.wanted.iter().map(|(text, _)| text.field().name()).collect();
            let guards: Vec<Condition> = guards.into_iter().flatten().collect();
            match self.patch_scene(table, scene, patch, &essential, &guards).await {
                Ok(rows) if rows > 0 => return Ok(Changed::Done),
                Ok(_) => {}
                // Whether it arrived is seen in the row.
                Err(StoryError::Wire(error)) if error.class == Class::Ambiguous => {}
                Err(StoryError::Wire(error)) => {
                    let lacks = missing_column(&error).filter(|column| essential.contains(&column.as_str()));
                    let lacks = lacks.filter(|column| column != Field::Text.name());
                    return Err(lacks.map_or_else(|| error.into(), StoryError::NoColumn));
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoryError::NothingChanged { table: "scenes" })
    }

    /// The row of a scene.
    pub(super) async fn scene_row(
        &self,
        table: &SceneTable,
        scene: &SceneId,
        operation: &'static str,
    ) -> Result<Option<Value>, StoryError> {
        let query = self.supabase.rest().from(&table.name).select("*").eq(&table.id, scene);
        match query.operation(operation).fetch::<Value>().await {
            Ok(rows) => Ok(rows.into_iter().next()),
            Err(error) if is_no_value(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes the row of a scene under conditions; how many rows changed.
    pub(super) async fn patch_scene(
        &self,
        table: &SceneTable,
        scene: &SceneId,
        mut patch: Map<String, Value>,
        essential: &[&str],
        guards: &[Condition],
    ) -> Result<usize, StoryError> {
        patch.insert("updated_at".to_owned(), json!(now()));
        let written = self
            .write(
                &table.name,
                Value::Object(patch),
                essential,
                "Update scene",
                |query, patch| {
                    let query = query.eq(&table.id, scene);
                    let query = guards.iter().cloned().fold(query, crate::supabase::Query::filter);
                    async move { query.update::<Value>(&patch).await }
                },
            )
            .await;
        match written {
            Ok(rows) => Ok(rows.len()),
            Err(StoryError::Wire(error)) if is_no_value(&error) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

impl SceneChange {
    fn fields(&self) -> Vec<(Field, Value)> {
        let wanted = self.wanted.iter();
        wanted.map(|(text, value)| (text.field(), json!(value))).collect()
    }

    /// What becomes of the change where the scene is this; None if it is to be made.
    fn compare(&self, scene: &Value) -> Option<Changed> {
        let now = read::scene(SceneId::fresh(), 0, scene, &mut Vec::new());
        let now = |text: SceneText| match text {
            SceneText::Title => now.title.as_str(),
            SceneText::Text => &now.text,
            SceneText::ImagePrompt => &now.image_prompt,
            SceneText::AltText => now.alt_text.as_deref().unwrap_or_default(),
        };
        if self.wanted.iter().all(|(text, wanted)| now(*text) == *wanted) {
            return Some(Changed::Done);
        }
        let is_as_seen = self.seen.iter().all(|(text, seen)| now(*text) == *seen);
        (!is_as_seen).then_some(Changed::Otherwise)
    }
}

/// A scene as a new row or item; `number` is the name of its number.
pub(super) fn stored_scene(scene: &Scene, number: &str) -> Value {
    let mut row = json!({
        "scene_id": scene.scene_id, "title": scene.title, "text": scene.text, "image_prompt": scene.image_prompt,
        "image_url": scene.image_url, "alt_text": scene.alt_text,
    });
    if !number.is_empty() {
        row[number] = json!(scene.index);
    }
    row
}

/// The fields that a patch is about.
fn fields_of(patch: &Map<String, Value>) -> Vec<(Field, Value)> {
    let known = [
        Field::Title,
        Field::Text,
        Field::ImagePrompt,
        Field::ImageUrl,
        Field::AltText,
        Field::ImageError,
    ];
    let fields = known.into_iter();
    fields
        .filter_map(|field| Some((field, patch.get(field.name())?.clone())))
        .collect()
}

/// What a row or an item points at.
pub(super) fn picture_in(scene: &Value) -> Option<String> {
    let mut flaws = Vec::new();
    read::scene(SceneId::fresh(), 0, scene, &mut flaws).image_url
}
