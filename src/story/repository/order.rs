//! The scenes of a story among each other: put in, put in order, taken out, each only if they are those that somebody saw.

use serde_json::{Map, Value, json};

use super::column::Step;
use super::document::{Document, numbers_from};
use super::read::{self, Field};
use super::scenes::{Changed, picture_in, stored_scene};
use super::shape::{SceneTable, Shape, is_no_value};
use super::still::still;
use super::{Repository, StoryError, shaped};
use crate::story::model::{Scene, SceneId, StoryId};
use crate::supabase::{Condition, Order};

impl Repository {
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
            numbers = numbers_from(numbers.iter().min().copied(), rows.len()).collect();
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
        let mut spare = held
            .iter()
            .flatten()
            .chain(&numbers)
            .max()
            .map_or(0, |last| last.saturating_add(1));
        // Each ring of them takes one step more than it has scenes.
        for _ in 0..=2 * rows.len() {
            let off: Vec<usize> = (0..rows.len()).filter(|&at| held[at] != Some(target[at])).collect();
            // One whose number is free, or else the first of a ring of them, which steps aside.
            let free = off.iter().copied().find(|&at| !held.contains(&Some(target[at])));
            let Some(at) = free.or(off.first().copied()) else {
                return Ok(Changed::Done);
            };
            let number = if free.is_some() {
                target[at]
            } else {
                let aside = spare;
                spare = spare.saturating_add(1);
                aside
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
        Err(StoryError::NothingChanged { table: "scenes" })
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
}

impl Document {
    /// The scenes as they are told: their places in the list and their ids.
    fn told(&self, story: &StoryId) -> Vec<(usize, SceneId)> {
        let ids = self.ids(story);
        self.order().into_iter().map(|at| (at, ids[at].clone())).collect()
    }
}

fn number_in(row: &Value, column: &str) -> Option<i64> {
    row.get(column).and_then(Value::as_i64)
}

fn ids_of(table: &SceneTable, rows: &[Value]) -> Vec<SceneId> {
    let ids = rows.iter().filter_map(|row| row.get(&table.id));
    ids.filter_map(SceneId::stored).collect()
}
