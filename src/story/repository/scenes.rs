//! One scene: changed only if it is what somebody saw, so that of two editors neither loses what the other wrote. Rows are guarded by
//! conditions of the change itself; a column of JSON is read, changed and written whole, under conditions that it is what was read.

use serde_json::{Map, Value, json};

use super::document::{Document, NotScenes};
use super::read::{self, Field};
use super::shape::{SceneTable, Shape, is_no_value, missing_column};
use super::write::now;
use super::{Repository, StoryError, shaped};
use crate::story::model::{Scene, SceneId, StoryId};
use crate::supabase::{Class, Condition, Order};

/// Times that a change is tried whose conditions seem to hold.
const TRIES: usize = 5;

/// Bytes of an address that conditions may take. Gateways take some 8,000 in all.
const ADDRESS: usize = 4_500;

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

/// A row with a column of scenes.
#[derive(Clone, Copy)]
pub(super) struct ColumnOf<'a> {
    pub(super) table: &'a str,
    /// The name of its key.
    pub(super) key: &'a str,
    pub(super) id: &'a StoryId,
}

/// What a change of a column led to.
pub(super) enum Step {
    /// The document was changed and is to be written.
    Write,
    /// Nothing is to be written.
    Leave(Changed),
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

    /// Puts a scene at a place among the others; `seen` are the scenes as somebody saw them. Its id, which is another than the scene's where
    /// the project gives ids of its own.
    pub(in crate::story) async fn add_scene(
        &self,
        story: &StoryId,
        seen: &[SceneId],
        at: usize,
        scene: &Scene,
    ) -> Result<(Changed, SceneId), StoryError> {
        shaped!(self, shape, self.put_among(&shape, story, seen, at, scene).await)
    }

    /// Puts the scenes that somebody saw in another order.
    pub(in crate::story) async fn reorder(
        &self,
        story: &StoryId,
        seen: &[SceneId],
        wanted: &[SceneId],
    ) -> Result<Changed, StoryError> {
        shaped!(self, shape, self.put_in_order(&shape, story, seen, wanted).await)
    }

    /// Takes out a scene if its picture is still what somebody saw.
    pub(in crate::story) async fn remove_scene(
        &self,
        story: &StoryId,
        scene: &SceneId,
        picture: Option<&str>,
    ) -> Result<Changed, StoryError> {
        shaped!(self, shape, self.take_out_scene(&shape, story, scene, picture).await)
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

    async fn put_among(
        &self,
        shape: &Shape,
        story: &StoryId,
        seen: &[SceneId],
        at: usize,
        scene: &Scene,
    ) -> Result<(Changed, SceneId), StoryError> {
        let at = at.min(seen.len());
        let Some(table) = &shape.scenes else {
            let changed = self.add_to_column(shape, story, seen, at, scene).await?;
            return Ok((changed, scene.scene_id.clone()));
        };
        let rows = self.scene_rows(table, story).await?;
        if shape.column == Some(true) && rows.is_empty() && !seen.is_empty() {
            let changed = self.add_to_column(shape, story, seen, at, scene).await?;
            return Ok((changed, scene.scene_id.clone()));
        }
        if ids_of(table, &rows) != seen {
            return Ok((Changed::Otherwise, scene.scene_id.clone()));
        }
        // At the end first, where it disturbs no other; then it is moved.
        let last = rows.iter().filter_map(|row| number_in(row, &table.number)).max();
        let number = last.map_or(0, |last| last.saturating_add(1));
        let scene = Scene {
            index: usize::try_from(number).unwrap_or_default(),
            ..scene.clone()
        };
        let ids = Box::pin(self.insert_scenes(story, std::slice::from_ref(&scene))).await?;
        let id = ids.into_iter().next().unwrap_or(scene.scene_id);
        if at == seen.len() {
            return Ok((Changed::Done, id));
        }
        let mut now = seen.to_vec();
        now.push(id.clone());
        let mut wanted = seen.to_vec();
        wanted.insert(at, id.clone());
        Ok((self.put_in_order(shape, story, &now, &wanted).await?, id))
    }

    async fn add_to_column(
        &self,
        shape: &Shape,
        story: &StoryId,
        seen: &[SceneId],
        at: usize,
        scene: &Scene,
    ) -> Result<Changed, StoryError> {
        self.change_column(shape.row(story), |document| {
            let mut told = document.told(story);
            if told.iter().any(|(_, id)| *id == scene.scene_id) {
                return Step::Leave(Changed::Done);
            }
            if !told.iter().map(|(_, id)| id).eq(seen) {
                return Step::Leave(Changed::Otherwise);
            }
            let end = document.items().len();
            told.insert(at, (end, scene.scene_id.clone()));
            let order: Vec<usize> = told.into_iter().map(|(place, _)| place).collect();
            let number = if document.items().is_empty() {
                Field::Number.name()
            } else {
                ""
            };
            document.rearrange(story, vec![stored_scene(scene, number)], &order);
            Step::Write
        })
        .await
    }

    async fn put_in_order(
        &self,
        shape: &Shape,
        story: &StoryId,
        seen: &[SceneId],
        wanted: &[SceneId],
    ) -> Result<Changed, StoryError> {
        if let Some(table) = &shape.scenes {
            let rows = self.scene_rows(table, story).await?;
            if !(rows.is_empty() && shape.column == Some(true)) {
                return self.renumber(table, &rows, seen, wanted).await;
            }
        }
        self.change_column(shape.row(story), |document| {
            let told = document.told(story);
            let ids = || told.iter().map(|(_, id)| id);
            if ids().eq(wanted) {
                return Step::Leave(Changed::Done);
            }
            if !ids().eq(seen) {
                return Step::Leave(Changed::Otherwise);
            }
            let place = |id: &SceneId| told.iter().find(|(_, other)| other == id).map(|(place, _)| *place);
            let order: Vec<usize> = wanted.iter().filter_map(place).collect();
            document.rearrange(story, Vec::new(), &order);
            Step::Write
        })
        .await
    }

    /// Gives the rows of scenes their numbers in another order. One row after the other, since PostgREST has no change of several rows
    /// with a value each: a scene that moves waits behind the last one meanwhile, so that no two ever have the same number, and whatever
    /// interrupts this leaves an order of all scenes.
    async fn renumber(
        &self,
        table: &SceneTable,
        rows: &[Value],
        seen: &[SceneId],
        wanted: &[SceneId],
    ) -> Result<Changed, StoryError> {
        let now = ids_of(table, rows);
        if now == wanted {
            return Ok(Changed::Done);
        }
        if now != seen {
            return Ok(Changed::Otherwise);
        }
        let mut held: Vec<Option<i64>> = rows.iter().map(|row| number_in(row, &table.number)).collect();
        let mut numbers: Vec<i64> = held.iter().flatten().copied().collect();
        let distinct = numbers.windows(2).all(|pair| pair[0] < pair[1]) && numbers.len() == rows.len();
        if !distinct {
            let first = numbers.iter().min().copied().unwrap_or_default();
            numbers = (first..).take(rows.len()).collect();
        }
        let target: Vec<i64> = now
            .iter()
            .map(|id| {
                wanted
                    .iter()
                    .position(|other| other == id)
                    .map_or(i64::MAX, |place| numbers[place])
            })
            .collect();
        let mut spare = held.iter().flatten().chain(&numbers).max().map_or(0, |last| last + 1);
        loop {
            let off: Vec<usize> = (0..rows.len()).filter(|&at| held[at] != Some(target[at])).collect();
            // One whose number is free, or else the first of a ring of them, which steps aside.
            let free = off.iter().copied().find(|&at| !held.contains(&Some(target[at])));
            let Some(at) = free.or(off.first().copied()) else {
                return Ok(Changed::Done);
            };
            let number = if free.is_some() {
                target[at]
            } else {
                spare += 1;
                spare - 1
            };
            let mut patch = Map::new();
            patch.insert(table.number.clone(), json!(number));
            let guard = match held[at] {
                Some(number) => Condition::eq(&table.number, number),
                None => Condition::is_null(&table.number),
            };
            if self
                .patch_scene(table, &now[at], patch, &[table.number.as_str()], &[guard])
                .await?
                == 0
            {
                return Ok(Changed::Otherwise);
            }
            held[at] = Some(number);
        }
    }

    async fn take_out_scene(
        &self,
        shape: &Shape,
        story: &StoryId,
        scene: &SceneId,
        picture: Option<&str>,
    ) -> Result<Changed, StoryError> {
        if let Some(table) = &shape.scenes {
            let query = self
                .supabase
                .rest()
                .from(&table.name)
                .eq(&table.id, scene)
                .select(&table.id);
            let query = query.filter(still("image_url", picture)).operation("Delete scene");
            match query.delete::<serde::de::IgnoredAny>().await {
                Ok(rows) if !rows.is_empty() => return Ok(Changed::Done),
                Ok(_) => {}
                Err(error) if is_no_value(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if self.scene_row(table, scene, "Read scene").await?.is_some() {
                return Ok(Changed::Otherwise);
            }
            if shape.column != Some(true) {
                return Ok(Changed::Gone);
            }
        }
        self.change_column(shape.row(story), |document| {
            let Some(at) = document.find(story, scene) else {
                return Step::Leave(Changed::Gone);
            };
            if picture_in(&document.items()[at]).as_deref() != picture {
                return Step::Leave(Changed::Otherwise);
            }
            let order: Vec<usize> = document.order().into_iter().filter(|&place| place != at).collect();
            document.rearrange(story, Vec::new(), &order);
            Step::Write
        })
        .await
    }

    /// Puts scenes into the column of a story that has none.
    pub(super) async fn append_scenes(
        &self,
        shape: &Shape,
        story: &StoryId,
        added: Vec<Value>,
    ) -> Result<(), StoryError> {
        let changed = self
            .change_column(shape.row(story), |document| {
                if !document.items().is_empty() {
                    let same = document.items() == added.as_slice();
                    return Step::Leave(if same { Changed::Done } else { Changed::Otherwise });
                }
                let order: Vec<usize> = (0..added.len()).collect();
                document.rearrange(story, added.clone(), &order);
                Step::Write
            })
            .await?;
        match changed {
            Changed::Done => Ok(()),
            Changed::Otherwise => Err(StoryError::Conflict),
            Changed::Gone => Err(StoryError::NoSuchStory(story.clone())),
        }
    }

    /// The row of a scene.
    async fn scene_row(
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

    /// The rows of a story's scenes, in the order in which they are told.
    async fn scene_rows(&self, table: &SceneTable, story: &StoryId) -> Result<Vec<Value>, StoryError> {
        let query = self
            .supabase
            .rest()
            .from(&table.name)
            .select("*")
            .eq(Shape::STORY, story);
        let query = query.order(&table.number, Order::Asc).order(&table.id, Order::Asc);
        let mut rows: Vec<Value> = match query.operation("Read scenes").fetch_all().await {
            Ok(rows) => rows,
            Err(error) if is_no_value(&error) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        rows.sort_by_key(|row| read::number(row).unwrap_or(i64::MAX));
        Ok(rows)
    }

    /// Changes the row of a scene under conditions; how many rows changed.
    async fn patch_scene(
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

    /// Reads the column of scenes of a row, with the whole row; None if there is no such row.
    pub(super) async fn read_column(&self, of: ColumnOf<'_>) -> Result<Option<(Document, Value)>, StoryError> {
        let query = self.supabase.rest().from(of.table).select("*").eq(of.key, of.id);
        let rows = match query.operation("Read scenes").fetch::<Value>().await {
            Ok(rows) => rows,
            Err(error) if is_no_value(&error) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let column = row.get(Shape::COLUMN).unwrap_or(&Value::Null);
        let document = Document::read(column).map_err(|NotScenes| StoryError::Unreadable(of.id.clone()))?;
        Ok(Some((document, row)))
    }

    /// Changes the column of scenes of a row: reads it, lets `change` change it, and writes it whole if it still is what was read. What
    /// others wrote meanwhile is read again, and `change` decides anew.
    pub(super) async fn change_column(
        &self,
        of: ColumnOf<'_>,
        change: impl Fn(&mut Document) -> Step,
    ) -> Result<Changed, StoryError> {
        let mut exact = true;
        for _ in 0..TRIES {
            let Some((before, row)) = self.read_column(of).await? else {
                return Ok(Changed::Gone);
            };
            let mut after = before.clone();
            match change(&mut after) {
                Step::Leave(changed) => return Ok(changed),
                Step::Write if after == before => return Ok(Changed::Done),
                Step::Write => {}
            }
            let guards = self.guards(&before, &row, exact);
            let mut patch = Map::new();
            patch.insert(Shape::COLUMN.to_owned(), after.column());
            patch.insert("updated_at".to_owned(), json!(now()));
            let written = self
                .write(
                    of.table,
                    Value::Object(patch),
                    &[Shape::COLUMN],
                    "Update scenes",
                    |query, patch| {
                        let query = query.eq(of.key, of.id);
                        let query = guards.iter().cloned().fold(query, crate::supabase::Query::filter);
                        async move { query.update::<Value>(&patch).await }
                    },
                )
                .await;
            match written {
                Ok(rows) if !rows.is_empty() => return Ok(Changed::Done),
                Ok(_) => {}
                Err(StoryError::Wire(error)) => match error.class {
                    // Whether it arrived is seen in the column.
                    Class::Ambiguous => {}
                    // A column of type `json` cannot be compared as a whole, and one of type `text` has no paths.
                    _ if matches!(error.code.as_deref(), Some("42883" | "42804" | "22P02")) && exact => exact = false,
                    _ => return Err(error.into()),
                },
                Err(error) => return Err(error),
            }
        }
        Err(StoryError::NothingChanged { table: "stories" })
    }

    /// Conditions that a row still has the scenes that were read: the whole column where an address has room for it, else its time, how
    /// many scenes there are, where each points, and how each begins.
    fn guards(&self, document: &Document, row: &Value, exact: bool) -> Vec<Condition> {
        let column = row.get(Shape::COLUMN).unwrap_or(&Value::Null);
        let mut guards: Vec<Condition> = unchanged(row).into_iter().collect();
        let whole = match column {
            Value::Null => return [guards, vec![Condition::is_null(Shape::COLUMN)]].concat(),
            // A text column has it as it is; JSON has a text in quotes.
            Value::String(text) => {
                Condition::any([Condition::eq(Shape::COLUMN, text), Condition::eq(Shape::COLUMN, column)])
            }
            column => Condition::eq(Shape::COLUMN, column),
        };
        if exact && encoded(&column.to_string()) < ADDRESS {
            guards.push(whole);
        } else if document.is_plain() {
            let path = document.path(Shape::COLUMN);
            let items = document.items();
            guards.push(Condition::is_null(&format!("{path}->{}", items.len())));
            let mut left = ADDRESS;
            let mut room = |condition: Condition, value: &str| {
                let takes = encoded(value) + 60;
                let fits = takes <= left;
                left = left.saturating_sub(takes);
                fits.then_some(condition)
            };
            let mut push = |field: Field, beginning: bool| {
                for (at, item) in items.iter().enumerate() {
                    let Some(name) = item.as_object().and_then(|item| read::name_in(item, field)) else {
                        continue;
                    };
                    let value = item.get(&name);
                    let text = value.and_then(Value::as_str);
                    let name = format!("{path}->{at}->>{name}");
                    let condition = if beginning {
                        still_begins(&name, value)
                    } else {
                        Some(still(&name, text))
                    };
                    let short: String = text.unwrap_or_default().chars().take(BEGINNING).collect();
                    guards.extend(condition.and_then(|condition| room(condition, &short)));
                }
            };
            push(Field::ImageUrl, false);
            push(Field::Text, true);
        }
        guards
    }
}

impl Shape {
    /// A story's row, for its column of scenes.
    pub(super) fn row<'a>(&'a self, story: &'a StoryId) -> ColumnOf<'a> {
        ColumnOf {
            table: &self.stories,
            key: &self.id,
            id: story,
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

impl Document {
    /// The scenes as they are told: their places in the list and their ids.
    fn told(&self, story: &StoryId) -> Vec<(usize, SceneId)> {
        let ids = self.ids(story);
        self.order().into_iter().map(|at| (at, ids[at].clone())).collect()
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

fn number_in(row: &Value, column: &str) -> Option<i64> {
    row.get(column).and_then(Value::as_i64)
}

fn ids_of(table: &SceneTable, rows: &[Value]) -> Vec<SceneId> {
    let ids = rows.iter().filter_map(|row| row.get(&table.id));
    ids.filter_map(SceneId::stored).collect()
}

/// The column still is what somebody saw. Some services write an empty text for none.
pub(super) fn still(column: &str, seen: Option<&str>) -> Condition {
    match seen {
        Some(text) => Condition::eq(column, text),
        None => Condition::any([Condition::is_null(column), Condition::eq(column, "")]),
    }
}

/// Characters of a text that a condition compares: a whole one may be longer than an address.
const BEGINNING: usize = 80;

/// The column still begins as it was read. None if there is nothing to compare.
fn still_begins(column: &str, read: Option<&Value>) -> Option<Condition> {
    let text = match read? {
        Value::Null => return Some(Condition::is_null(column)),
        Value::String(text) => text,
        _ => return None,
    };
    if text.chars().count() <= BEGINNING {
        return Some(Condition::eq(column, text));
    }
    let beginning: String = text.chars().take(BEGINNING).collect();
    Some(Condition::begins_exactly(column, &beginning))
}

/// The row was not changed since it was read, as far as it keeps the time of that.
fn unchanged(row: &Value) -> Option<Condition> {
    match row.get("updated_at")? {
        Value::String(time) => Some(Condition::eq("updated_at", time)),
        Value::Null => Some(Condition::is_null("updated_at")),
        _ => None,
    }
}

/// Bytes that a text takes in an address.
fn encoded(text: &str) -> usize {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { 1 } else { 3 }).sum()
}
