//! A column of scenes as JSON: read, changed and written whole, under conditions that it is what was read.

use serde_json::{Map, Value, json};

use super::document::{Document, NotScenes};
use super::read::{self, Field};
use super::scenes::Changed;
use super::shape::{Shape, is_no_value};
use super::still::{BEGINNING, TRIES, still, still_begins, unchanged};
use super::write::now;
use super::{Repository, StoryError};
use crate::story::model::StoryId;
use crate::supabase::{Class, Condition};

/// Bytes of an address that conditions may take. Gateways take some 8,000 in all.
const ADDRESS: usize = 4_500;
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

/// Bytes that a text takes in an address.
fn encoded(text: &str) -> usize {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { 1 } else { 3 }).sum()
}
