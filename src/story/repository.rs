//! Stories and scenes in a project's tables.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::StoryError;
use super::layout::{SCENE_COLUMNS, STORY_COLUMNS, is_optional};
use super::model::{MadeWith, Scene, SceneId, Status, Story, StoryId, StoryRow};
use crate::supabase::{Condition, Error as WireError, ObjectKey, Order, Query, Supabase};
use crate::workspace::Tables;

/// The rows of stories and scenes. Clones share what was learnt about the project's columns.
#[derive(Clone)]
pub(super) struct Repository {
    supabase: Supabase,
    tables: Tables,
    absent: Arc<Mutex<BTreeSet<(&'static str, &'static str)>>>,
}

impl Repository {
    pub(super) fn new(supabase: Supabase, tables: Tables) -> Self {
        Self {
            supabase,
            tables,
            absent: Arc::default(),
        }
    }

    /// A page of stories with their scenes, newest first.
    pub(super) async fn list(&self, offset: u64, limit: u64) -> Result<Vec<Story>, StoryError> {
        let rows: Vec<StoryRow> = self
            .supabase
            .rest()
            .from(self.tables.stories.as_str())
            .select(&self.with_scenes())
            .order("created_at", Order::Desc)
            .order("story_id", Order::Asc)
            .range(offset, offset + limit.saturating_sub(1))
            .operation("List stories")
            .fetch()
            .await?;
        Ok(rows.into_iter().map(Story::from).collect())
    }

    /// One story with its scenes.
    pub(super) async fn get(&self, id: &StoryId) -> Result<Story, StoryError> {
        let rows: Vec<StoryRow> = self
            .supabase
            .rest()
            .from(self.tables.stories.as_str())
            .select(&self.with_scenes())
            .eq("story_id", id.as_str())
            .operation("Read story")
            .fetch()
            .await?;
        rows.into_iter()
            .next()
            .map(Story::from)
            .ok_or_else(|| StoryError::NoSuchStory(id.clone()))
    }

    pub(super) async fn insert_story(&self, story: &Story) -> Result<(), StoryError> {
        let row = json!({
            "story_id": story.story_id, "title": story.title, "prompt": story.prompt,
            "status": story.status.stored(), "user_id": story.user_id, "story_metadata": story.made_with,
        });
        self.write("stories", row, "Create story", |table, row| async move {
            changed(table.insert(&row).await)
        })
        .await
    }

    pub(super) async fn insert_scenes(&self, story: &StoryId, scenes: &[Scene]) -> Result<(), StoryError> {
        let rows = scenes
            .iter()
            .map(|scene| {
                json!({
                    "scene_id": scene.scene_id, "story_id": story, "sequence": scene.index, "title": scene.title,
                    "text": scene.text, "image_prompt": scene.image_prompt, "image_url": scene.image_url,
                    "alt_text": scene.alt_text,
                })
            })
            .collect();
        self.write("scenes", Value::Array(rows), "Write scenes", |table, rows| async move {
            changed(table.insert(&rows).await)
        })
        .await
    }

    pub(super) async fn set_status(
        &self,
        id: &StoryId,
        status: Status,
        cover: Option<&str>,
        made_with: &MadeWith,
    ) -> Result<(), StoryError> {
        let mut patch = json!({ "status": status.stored(), "updated_at": now(), "story_metadata": made_with });
        if let Some(cover) = cover {
            patch["cover_image_url"] = json!(cover);
        }
        let id = id.as_str().to_owned();
        self.write("stories", patch, "Update story", move |table, patch| {
            let table = table.eq("story_id", &id);
            async move { changed(table.update(&patch).await) }
        })
        .await
    }

    /// Points the cover at a new picture if it still shows `old`; whether it did.
    pub(super) async fn move_cover(&self, id: &StoryId, old: &str, new: &str) -> Result<bool, StoryError> {
        let patch = json!({ "cover_image_url": new, "updated_at": now() });
        let (id, old) = (id.as_str().to_owned(), old.to_owned());
        let rows = self
            .write_counted("stories", patch, "Update cover", move |table, patch| {
                let table = table.eq("story_id", &id).eq("cover_image_url", &old);
                async move { changed(table.update(&patch).await) }
            })
            .await?;
        Ok(rows > 0)
    }

    /// Changes a scene only if its picture is still `expected`; whether it was. Two editors who replace the same
    /// picture cannot overwrite one another: the second one is told.
    pub(super) async fn update_scene_if(
        &self,
        id: &SceneId,
        expected: Option<&str>,
        patch: Value,
    ) -> Result<bool, StoryError> {
        let (id, expected) = (id.as_str().to_owned(), expected.map(str::to_owned));
        let rows = self
            .write_counted("scenes", stamped(patch), "Update scene", move |table, patch| {
                let table = table.eq("scene_id", &id);
                let table = match &expected {
                    Some(url) => table.eq("image_url", url),
                    // Some services write an empty text for none.
                    None => table.filter(Condition::any([
                        Condition::is_null("image_url"),
                        Condition::eq("image_url", ""),
                    ])),
                };
                async move { changed(table.update(&patch).await) }
            })
            .await?;
        Ok(rows > 0)
    }

    /// What a scene's row points at now; None if there is no such row, or if policies hide it.
    pub(super) async fn scene_picture(&self, id: &SceneId) -> Result<Option<Option<String>>, StoryError> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default)]
            image_url: Option<String>,
        }
        let rows: Vec<Row> = self
            .supabase
            .rest()
            .from(self.tables.scenes.as_str())
            .select("image_url")
            .eq("scene_id", id.as_str())
            .operation("Read scene")
            .fetch()
            .await?;
        let picture = |row: Row| row.image_url.filter(|url| !url.trim().is_empty());
        Ok(rows.into_iter().next().map(picture))
    }

    /// Whether the picture of any scene or the cover of any story is this object, in whichever form of its URL. Rather yes
    /// than no.
    pub(super) async fn in_use(&self, key: &ObjectKey) -> Result<bool, StoryError> {
        let pattern = any_form(key);
        for (table, id, column) in [
            ("scenes", "scene_id", "image_url"),
            ("stories", "story_id", "cover_image_url"),
        ] {
            let rows = self
                .supabase
                .rest()
                .from(self.called(table))
                .select(id)
                .filter(Condition::like(column, &pattern))
                .limit(1)
                .operation("Look who shows a picture")
                .fetch::<serde::de::IgnoredAny>()
                .await;
            match rows {
                Ok(rows) if rows.is_empty() => {}
                Ok(_) => return Ok(true),
                // An older project's stories have no covers (PostgreSQL: undefined_column).
                Err(error) if table == "stories" && error.code.as_deref() == Some("42703") => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }

    /// Writes that must change at least one row: an update that policies hide from changes none and says nothing.
    async fn write<F, W>(
        &self,
        table: &'static str,
        body: Value,
        operation: &'static str,
        write: W,
    ) -> Result<(), StoryError>
    where
        W: Fn(Query, Value) -> F,
        F: Future<Output = Result<u64, WireError>>,
    {
        match self.write_counted(table, body, operation, write).await? {
            0 => Err(StoryError::NothingChanged { table }),
            _ => Ok(()),
        }
    }

    async fn write_counted<F, W>(
        &self,
        table: &'static str,
        mut body: Value,
        operation: &'static str,
        write: W,
    ) -> Result<u64, StoryError>
    where
        W: Fn(Query, Value) -> F,
        F: Future<Output = Result<u64, WireError>>,
    {
        loop {
            for (_, column) in self.absent_columns(table) {
                remove_column(&mut body, column);
            }
            let query = self.supabase.rest().from(self.called(table)).operation(operation);
            match write(query, body.clone()).await {
                Err(error) => match missing_column(table, &error) {
                    // Nothing was written: PostgREST refuses the whole body. Each turn learns one more column.
                    Some(column) if has_column(&body, column) => self.learn(table, column),
                    _ => return Err(error.into()),
                },
                Ok(rows) => return Ok(rows),
            }
        }
    }

    /// A question about one of our two tables.
    pub(super) fn table(&self, table: &'static str) -> Query {
        self.supabase.rest().from(self.called(table))
    }

    /// The project's name for one of our two tables.
    fn called(&self, table: &'static str) -> &str {
        match table {
            "scenes" => self.tables.scenes.as_str(),
            _ => self.tables.stories.as_str(),
        }
    }

    /// All columns of a story with those of its scenes, which come under the name `scenes` whatever their table's is.
    fn with_scenes(&self) -> String {
        match self.tables.scenes.as_str() {
            "scenes" => "*,scenes(*)".to_owned(),
            other => format!("*,scenes:{other}(*)"),
        }
    }

    fn absent_columns(&self, table: &str) -> Vec<(&'static str, &'static str)> {
        let absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        absent.iter().filter(|(of, _)| *of == table).copied().collect()
    }

    fn learn(&self, table: &'static str, column: &'static str) {
        self.absent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((table, column));
    }
}

/// The optional column that PostgREST does not know: `PGRST204`, "Could not find the 'x' column of 'scenes' in the
/// schema cache".
fn missing_column(table: &str, error: &WireError) -> Option<&'static str> {
    if error.code.as_deref() != Some("PGRST204") {
        return None;
    }
    let columns = match table {
        "scenes" => SCENE_COLUMNS,
        _ => STORY_COLUMNS,
    };
    columns
        .iter()
        .map(|column| column.name)
        .filter(|name| is_optional(columns, name))
        .find(|name| error.message.contains(&format!("'{name}'")))
}

/// A pattern of `like` for every text that names the object: what may be percent-encoded is any text.
pub(super) fn any_form(key: &ObjectKey) -> String {
    let mut pattern = String::from("*");
    for letter in key.as_str().chars() {
        match letter {
            // `_` is any one character.
            'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '_' | '.' | '/' => pattern.push(letter),
            _ if pattern.ends_with('*') => {}
            _ => pattern.push('*'),
        }
    }
    if !pattern.ends_with('*') {
        pattern.push('*');
    }
    pattern
}

/// How many rows came back: those that were really written.
fn changed(rows: Result<Vec<serde::de::IgnoredAny>, WireError>) -> Result<u64, WireError> {
    rows.map(|rows| rows.len() as u64)
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

fn has_column(body: &Value, column: &str) -> bool {
    match body {
        Value::Array(rows) => rows.iter().any(|row| row.get(column).is_some()),
        row => row.get(column).is_some(),
    }
}

fn stamped(mut patch: Value) -> Value {
    patch["updated_at"] = json!(now());
    patch
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::extract::State;
    use axum::http::StatusCode;
    use axum::{Json, Router};

    use super::*;
    use crate::http::Http;
    use crate::workspace::{ApiKey, ProjectUrl};

    type Bodies = Arc<Mutex<Vec<Value>>>;

    /// A table as PostgREST shows it, without the columns `alt_text` and `title`.
    async fn older_table(State(bodies): State<Bodies>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
        bodies.lock().unwrap().push(body.clone());
        match ["alt_text", "title"]
            .into_iter()
            .find(|column| has_column(&body, column))
        {
            Some(column) => {
                let message = format!("Could not find the '{column}' column of 'scenes' in the schema cache");
                let error = json!({ "code": "PGRST204", "details": null, "hint": null, "message": message });
                (StatusCode::BAD_REQUEST, Json(error))
            }
            None => (StatusCode::CREATED, Json(body)),
        }
    }

    async fn repository(bodies: &Bodies, tables: Tables) -> Repository {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = ProjectUrl::parse(&listener.local_addr().unwrap().to_string()).unwrap();
        let router = Router::new().fallback(older_table).with_state(bodies.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = Http::new(Arc::default()).unwrap();
        let supabase = Supabase::new(http, url, ApiKey::parse("sb_secret_test").unwrap());
        Repository::new(supabase, tables)
    }

    #[tokio::test]
    async fn older_projects_get_what_they_have_columns_for() {
        let bodies = Bodies::default();
        let rows = repository(&bodies, Tables::default()).await;
        let scene = Scene {
            scene_id: SceneId::fresh(),
            index: 0,
            title: "T".into(),
            text: "Once.".into(),
            image_prompt: "a fox".into(),
            image_url: None,
            alt_text: Some("A fox".into()),
            image_error: None,
        };
        rows.insert_scenes(&StoryId::fresh(), std::slice::from_ref(&scene))
            .await
            .unwrap();
        rows.insert_scenes(&StoryId::fresh(), &[scene]).await.unwrap();
        let bodies = bodies.lock().unwrap();
        assert_eq!(bodies.len(), 4, "two tries to learn, then it is known");
        assert_eq!(bodies[3][0]["text"], "Once.");
        assert!(bodies[3][0].get("alt_text").is_none());
    }

    #[test]
    fn every_form_of_a_link_is_found() {
        let key = ObjectKey::parse("a b/(1)_x.png").unwrap();
        assert_eq!(any_form(&key), "*a*b/*1*_x.png*");
        assert_eq!(any_form(&ObjectKey::parse("$*").unwrap()), "*");
    }

    #[tokio::test]
    async fn tables_are_called_as_the_workspace_says() {
        let tables = Tables {
            stories: "tales".parse().unwrap(),
            scenes: "pages".parse().unwrap(),
        };
        let rows = repository(&Bodies::default(), tables).await;
        let _ = rows.list(0, 10).await;
        let _ = rows.move_cover(&StoryId::fresh(), "a", "b").await;
        let patch = json!({ "text": "Once." });
        let _ = rows.update_scene_if(&SceneId::fresh(), None, patch).await;
        let asked: Vec<String> = rows
            .supabase
            .http()
            .transcript()
            .exchanges()
            .iter()
            .map(|exchange| format!("{} {}", exchange.method, exchange.url))
            .collect();
        let asked_for = |method: &str, part: &str| {
            let mut lines = asked.iter();
            lines.any(|line| line.starts_with(method) && line.contains(part))
        };
        assert!(
            asked_for("GET", "/rest/v1/tales?select=*%2Cscenes%3Apages(*)"),
            "{asked:?}"
        );
        assert!(asked_for("PATCH", "/rest/v1/tales?"), "{asked:?}");
        assert!(asked_for("PATCH", "/rest/v1/pages?"), "{asked:?}");
    }
}
