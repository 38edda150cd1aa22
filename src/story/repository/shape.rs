//! What a project really has: which tables, by which keys, and where scenes are kept. Taken to be as this program makes them until an
//! answer says otherwise; then it is asked.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::story::model::Kept;
use crate::supabase::{Error as WireError, Supabase};
use crate::workspace::Tables;

/// How stories and scenes are kept in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::story) struct Shape {
    /// The table with a row a story.
    pub(in crate::story) stories: String,
    /// Its key.
    pub(in crate::story) id: String,
    /// Where the scenes of a new story go.
    pub(in crate::story) kept: Kept,
    /// Whether the table of stories has a column of scenes; None if nobody has seen a row of it yet.
    pub(in crate::story) column: Option<bool>,
    /// The table with a row a scene, if there is one.
    pub(in crate::story) scenes: Option<SceneTable>,
}

/// The table of scenes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::story) struct SceneTable {
    /// Its name.
    pub(in crate::story) name: String,
    /// Its key.
    pub(in crate::story) id: String,
    /// Its column for the number of a scene.
    pub(in crate::story) number: String,
    /// Whether the project can read it together with the stories.
    pub(in crate::story) joined: bool,
}

/// Public copies of stories, or the only stories that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Copies {
    /// Their key.
    pub(super) id: String,
    /// Whether they have covers.
    pub(super) cover: bool,
}

/// The columns of a table, as far as a row of it shows them.
enum Columns {
    Seen(BTreeSet<String>),
    /// There is no row to see.
    Unseen,
}

impl Shape {
    /// The column with scenes as JSON.
    pub(super) const COLUMN: &'static str = "scenes";
    /// The name under which the rows of scenes come with a story's row. Not `scenes`, which may be a column.
    pub(super) const SCENE_ROWS: &'static str = "scene_rows";
    /// The scene's column that names its story.
    pub(super) const STORY: &'static str = "story_id";
    /// Names that keys and numbers are known by.
    pub(in crate::story) const NAMES: [&'static str; 6] =
        ["story_id", "scene_id", "id", "sequence", "scene_number", "position"];
    /// The table of public copies.
    pub(in crate::story) const COPIES: &'static str = "public_stories";

    /// As this program makes them, under the workspace's names.
    pub(super) fn usual(tables: &Tables) -> Self {
        Self {
            stories: tables.stories.as_str().to_owned(),
            id: "story_id".to_owned(),
            kept: Kept::Rows,
            column: None,
            scenes: Some(SceneTable {
                name: tables.scenes.as_str().to_owned(),
                id: "scene_id".to_owned(),
                number: "sequence".to_owned(),
                joined: true,
            }),
        }
    }

    /// What to select of stories so that their scenes come with them.
    pub(super) fn select(&self) -> String {
        match &self.scenes {
            Some(scenes) if scenes.joined => format!("*,{}:{}(*)", Self::SCENE_ROWS, scenes.name),
            _ => "*".to_owned(),
        }
    }

    /// Whether some stories may have rows of scenes, and others a column.
    pub(super) fn is_mixed(&self) -> bool {
        self.scenes.is_some() && self.column == Some(true)
    }
}

/// Asks a project what it has.
pub(in crate::story) struct Asker<'a> {
    pub(in crate::story) supabase: &'a Supabase,
    pub(in crate::story) tables: &'a Tables,
}

impl Asker<'_> {
    /// What there is; None if there are no stories at all, under any name that is known.
    pub(in crate::story) async fn shape(&self) -> Result<Option<Shape>, WireError> {
        let (stories, scenes) = (self.tables.stories.as_str(), self.tables.scenes.as_str());
        let (columns, scene_columns) = tokio::try_join!(self.look(stories), self.look(scenes))?;
        let Some(columns) = columns else {
            return self.only_copies().await;
        };
        let id = self.key(stories, &columns, &["story_id", "id"]).await?;
        let column = self.has(stories, &columns, Shape::COLUMN).await?;
        let scenes = match scene_columns {
            // A table of that name which is about something else.
            Some(columns) if !self.has(scenes, &columns, Shape::STORY).await? => None,
            Some(columns) => {
                let scene_id = self.key(scenes, &columns, &["scene_id", "id"]).await?;
                let number = self.number(scenes, &columns).await?;
                let joined = self.joined(&id, &scene_id).await?;
                Some(SceneTable {
                    name: scenes.to_owned(),
                    id: scene_id,
                    number,
                    joined,
                })
            }
            None => None,
        };
        Ok(Some(Shape {
            stories: stories.to_owned(),
            id,
            kept: match (&scenes, column) {
                (None, true) => Kept::Json,
                _ => Kept::Rows,
            },
            column: Some(column),
            scenes,
        }))
    }

    /// The public copies, if there are any.
    pub(super) async fn copies(&self) -> Result<Option<Copies>, WireError> {
        let Some(columns) = self.look(Shape::COPIES).await? else {
            return Ok(None);
        };
        if !self.has(Shape::COPIES, &columns, Shape::COLUMN).await? {
            return Ok(None);
        }
        Ok(Some(Copies {
            id: self.key(Shape::COPIES, &columns, &["id", "story_id"]).await?,
            cover: self.has(Shape::COPIES, &columns, "cover_image_url").await?,
        }))
    }

    async fn only_copies(&self) -> Result<Option<Shape>, WireError> {
        let copies = self.copies().await?;
        Ok(copies.map(|copies| Shape {
            stories: Shape::COPIES.to_owned(),
            id: copies.id,
            kept: Kept::Public,
            column: Some(true),
            scenes: None,
        }))
    }

    /// The columns of a table; None if there is no such table.
    async fn look(&self, table: &str) -> Result<Option<Columns>, WireError> {
        let query = self.supabase.rest().from(table).select("*").limit(1);
        match query.operation("Look at a table").fetch::<Value>().await {
            Ok(rows) => Ok(Some(match rows.first().and_then(Value::as_object) {
                Some(row) => Columns::Seen(row.keys().cloned().collect()),
                None => Columns::Unseen,
            })),
            Err(error) if is_no_table(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn has(&self, table: &str, columns: &Columns, column: &str) -> Result<bool, WireError> {
        if let Columns::Seen(columns) = columns {
            return Ok(columns.contains(column));
        }
        let query = self.supabase.rest().from(table).select(column).limit(1);
        match query
            .operation("Look for a column")
            .fetch::<serde::de::IgnoredAny>()
            .await
        {
            Ok(_) => Ok(true),
            Err(error) if error.code.as_deref() == Some("42703") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The first of the names that the table has; the last one if it has none of them.
    async fn key(&self, table: &str, columns: &Columns, names: &[&str]) -> Result<String, WireError> {
        for name in names {
            if self.has(table, columns, name).await? {
                return Ok((*name).to_owned());
            }
        }
        Ok(names.last().copied().unwrap_or_default().to_owned())
    }

    async fn number(&self, table: &str, columns: &Columns) -> Result<String, WireError> {
        for name in ["sequence", "scene_number", "position"] {
            if self.has(table, columns, name).await? {
                return Ok(name.to_owned());
            }
        }
        Ok("sequence".to_owned())
    }

    /// Whether scenes come with their stories when they are asked for.
    async fn joined(&self, story_id: &str, scene_id: &str) -> Result<bool, WireError> {
        let select = format!("{story_id},{}:{}({scene_id})", Shape::SCENE_ROWS, self.tables.scenes);
        let query = self.supabase.rest().from(self.tables.stories.as_str()).select(&select);
        let asked = query.limit(1).operation("Look for a relationship");
        match asked.fetch::<serde::de::IgnoredAny>().await {
            Ok(_) => Ok(true),
            // None, or several, of which none can be chosen by itself.
            Err(error) if matches!(error.code.as_deref(), Some("PGRST200" | "PGRST201")) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Whether the answer says that there is no such table (PostgREST: not in its cache; PostgreSQL: undefined_table).
pub(super) fn is_no_table(error: &WireError) -> bool {
    matches!(error.code.as_deref(), Some("PGRST205" | "42P01"))
}

/// Whether an answer says that the project is not as it was taken to be: a table, a relationship or a column is missing.
pub(super) fn says_otherwise(error: &WireError) -> bool {
    is_no_table(error)
        || matches!(
            error.code.as_deref(),
            Some("PGRST200" | "PGRST201" | "PGRST204" | "42703")
        )
}

/// Whether no row can have such an id: it is no value of the column's type.
pub(super) fn is_no_value(error: &WireError) -> bool {
    matches!(error.code.as_deref(), Some("22P02" | "22003"))
}

/// The column that an answer says is missing: "Could not find the 'x' column of 'scenes' in the schema cache", or "column
/// scenes_1.x does not exist".
pub(super) fn missing_column(error: &WireError) -> Option<String> {
    let message = error.message.as_str();
    let name = match error.code.as_deref()? {
        "PGRST204" => message.split('\'').nth(1)?,
        "42703" => {
            let named = message.strip_prefix("column ")?.split(" does not exist").next()?;
            named.rsplit('.').next()?.trim_matches('"')
        }
        _ => return None,
    };
    (!name.is_empty()).then(|| name.to_owned())
}
