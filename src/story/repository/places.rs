//! Everything in a project's tables that points at an object: scenes, covers, and the public copies of both.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::column::{ColumnOf, Step};
use super::read::{self, Field};
use super::scenes::picture_in;
use super::shape::{Copies, Shape};
use super::{Repository, StoryError, shaped};
use crate::story::model::{Kept, SceneId, Story, StoryId};
use crate::story::repository::scenes::Changed;
use crate::supabase::{Condition, Error as WireError, ObjectKey, Query};

/// A place of a project's tables that holds the link of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A scene's picture.
    Scene {
        /// Its story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// Its place from 0.
        index: usize,
    },
    /// A story's cover.
    Cover {
        /// The story.
        story: StoryId,
    },
    /// A scene's picture in a public copy.
    PublicScene {
        /// The copy's row.
        copy: StoryId,
        /// The scene in it.
        scene: SceneId,
        /// Its place from 0.
        index: usize,
    },
    /// The cover of a public copy.
    PublicCover {
        /// The copy's row.
        copy: StoryId,
    },
}

/// A place, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointing {
    /// Where.
    pub place: Place,
    /// The title of the story, or of its copy.
    pub title: String,
    /// The link as it is stored.
    pub url: String,
}

impl Place {
    /// What is shown for it: "Scene 3", "Cover", "Public copy, scene 3".
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Scene { index, .. } => format!("Scene {}", index + 1),
            Self::Cover { .. } => "Cover".to_owned(),
            Self::PublicScene { index, .. } => format!("Public copy, scene {}", index + 1),
            Self::PublicCover { .. } => "Public copy, cover".to_owned(),
        }
    }
}

/// Scenes of a column whose links are looked for by the server; rows with more of them are looked at here.
const PLACES: usize = 24;

/// Stories that are looked at for one object. What more of them show is a placeholder of somebody.
pub(super) const STORIES: u64 = 1_000;

/// Letters of a pattern at most; the end of a key tells most.
const PATTERN: usize = 100;

impl Repository {
    /// Every place whose link names an object, in whichever form; `is` says whether a link really does.
    pub(in crate::story) async fn places_of(
        &self,
        key: &ObjectKey,
        is: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Vec<Pointing>, StoryError> {
        let pattern = any_form(key);
        let mut found = shaped!(self, shape, self.in_stories(&shape, &pattern, is).await)?;
        let shape = self.shape();
        if let Some(copies) = self.copies(&shape).await? {
            found.extend(self.in_copies(&copies, &pattern, is).await?);
        }
        Ok(found)
    }

    /// Whether any place names an object, in whichever form of its URL. Rather yes than no.
    pub(in crate::story) async fn in_use(&self, key: &ObjectKey) -> Result<bool, StoryError> {
        let pattern = any_form(key);
        let in_stories = shaped!(self, shape, {
            let rows = self.ids_of_stories(&shape, &pattern, 1).await;
            rows.map(|ids| !ids.is_empty())
        })?;
        if in_stories {
            return Ok(true);
        }
        let shape = self.shape();
        match self.copies(&shape).await? {
            Some(copies) => Ok(!self.rows_of_copies(&copies, &pattern, 1).await?.is_empty()),
            None => Ok(false),
        }
    }

    /// Points a place at another picture if it holds `seen`; whether it did.
    pub(in crate::story) async fn swap_place(
        &self,
        place: &Place,
        seen: Option<&str>,
        wanted: Option<&str>,
    ) -> Result<bool, StoryError> {
        match place {
            Place::Scene { story, scene, .. } => {
                let patch = serde_json::json!({ "image_url": wanted });
                self.update_scene_if(story, scene, seen, patch).await
            }
            Place::Cover { story } => self.set_cover_if(story, seen, wanted).await,
            Place::PublicCover { copy } => {
                let Some(copies) = self.copies(&self.shape()).await? else {
                    return Ok(false);
                };
                let row = (Shape::COPIES, copies.id.as_str());
                self.set_text_if(row, copy, "cover_image_url", seen, wanted).await
            }
            Place::PublicScene { copy, scene, .. } => {
                let Some(copies) = self.copies(&self.shape()).await? else {
                    return Ok(false);
                };
                let changed = self.change_column(copies.row(copy), |document| {
                    let Some(at) = document.find(copy, scene) else {
                        return Step::Leave(Changed::Gone);
                    };
                    let now = picture_in(&document.items()[at]);
                    if now.as_deref() != seen {
                        let done = now.as_deref() == wanted;
                        return Step::Leave(if done { Changed::Done } else { Changed::Otherwise });
                    }
                    document.set(at, &[(Field::ImageUrl, serde_json::json!(wanted))]);
                    Step::Write
                });
                Ok(changed.await? == Changed::Done)
            }
        }
    }

    /// What a place holds now; None if there is no such place any more.
    pub(in crate::story) async fn link_at(&self, place: &Place) -> Result<Option<Option<String>>, StoryError> {
        match place {
            Place::Scene { story, scene, .. } => self.scene_picture(story, scene).await,
            Place::Cover { story } => match self.get(story).await {
                Ok(story) => Ok(Some(story.cover_image_url)),
                Err(StoryError::NoSuchStory(_)) => Ok(None),
                Err(error) => Err(error),
            },
            Place::PublicScene { copy, .. } | Place::PublicCover { copy } => {
                let Some(copies) = self.copies(&self.shape()).await? else {
                    return Ok(None);
                };
                let Some((document, row)) = self.read_column(copies.row(copy)).await? else {
                    return Ok(None);
                };
                Ok(match place {
                    Place::PublicScene { scene, .. } => {
                        document.find(copy, scene).map(|at| picture_in(&document.items()[at]))
                    }
                    _ => Some(read::story(&copies.shape(), &row).cover_image_url),
                })
            }
        }
    }

    async fn in_stories(
        &self,
        shape: &Shape,
        pattern: &str,
        is: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Vec<Pointing>, StoryError> {
        let ids: Vec<StoryId> = self
            .ids_of_stories(shape, pattern, STORIES)
            .await?
            .into_iter()
            .collect();
        let stories = self.read_ids(shape, &ids).await?;
        Ok(stories.iter().flat_map(|story| pointing(story, false, is)).collect())
    }

    async fn in_copies(
        &self,
        copies: &Copies,
        pattern: &str,
        is: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Vec<Pointing>, StoryError> {
        let shape = copies.shape();
        let rows = self.rows_of_copies(copies, pattern, STORIES).await?;
        let stories = rows.iter().map(|row| read::story(&shape, row));
        Ok(stories.flat_map(|story| pointing(&story, true, is)).collect())
    }

    /// The ids of stories with a link like the pattern.
    async fn ids_of_stories(&self, shape: &Shape, pattern: &str, most: u64) -> Result<BTreeSet<StoryId>, StoryError> {
        let mut ids = BTreeSet::new();
        if let Some(scenes) = &shape.scenes {
            let query = self.supabase.rest().from(&scenes.name).select(Shape::STORY);
            let query = query.filter(Condition::like("image_url", pattern)).limit(most);
            let rows: Vec<Value> = query.operation("Look who shows a picture").fetch().await?;
            ids.extend(rows.iter().filter_map(|row| StoryId::stored(row.get(Shape::STORY)?)));
        }
        if ids.len() as u64 >= most {
            return Ok(ids);
        }
        let query = self.stories(shape).select(&shape.id);
        let covers = query.clone().filter(Condition::like("cover_image_url", pattern));
        ids.extend(self.ids_by(shape, covers.limit(most)).await?);
        if shape.scenes.is_none() || shape.column == Some(true) {
            let query = self.stories(shape).select("*");
            let rows = self.rows_with(query, pattern, most, &shape.id).await?;
            ids.extend(rows.iter().filter_map(|row| StoryId::stored(row.get(&shape.id)?)));
        }
        Ok(ids)
    }

    async fn ids_by(&self, shape: &Shape, query: Query) -> Result<Vec<StoryId>, StoryError> {
        match query.operation("Look who shows a picture").fetch::<Value>().await {
            Ok(rows) => Ok(rows
                .iter()
                .filter_map(|row| StoryId::stored(row.get(&shape.id)?))
                .collect()),
            // An older project's stories have no covers (PostgreSQL: undefined_column).
            Err(error) if names(&error, "cover_image_url") => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn rows_of_copies(
        &self,
        copies: &Copies,
        pattern: &str,
        most: u64,
    ) -> Result<Vec<Value>, StoryError> {
        let query = || self.supabase.rest().from(Shape::COPIES).select("*");
        let mut rows = self.rows_with(query(), pattern, most, &copies.id).await?;
        if copies.cover {
            let covers = query().filter(Condition::like("cover_image_url", pattern)).limit(most);
            let covers: Vec<Value> = covers.operation("Look who shows a picture").fetch().await?;
            for cover in covers {
                if !rows.iter().any(|row| row.get(&copies.id) == cover.get(&copies.id)) {
                    rows.push(cover);
                }
            }
        }
        Ok(rows)
    }

    /// The rows of a query whose column of scenes has a link like the pattern, and those that only looking at tells of: what is not a
    /// plain list, and what has more scenes than are looked at by the server.
    async fn rows_with(&self, query: Query, pattern: &str, most: u64, id: &str) -> Result<Vec<Value>, StoryError> {
        let place = |at: usize| format!("{}->{at}", Shape::COLUMN);
        let at_place = |at: usize| Condition::like(&format!("{}->>image_url", place(at)), pattern);
        let odd = [
            Condition::all([
                Condition::is_null(&place(0)),
                Condition::is_null(Shape::COLUMN).not(),
                Condition::neq(Shape::COLUMN, "[]"),
            ]),
            Condition::is_null(&place(PLACES)).not(),
        ];
        let query = query.operation("Look who shows a picture");
        let plain = query
            .clone()
            .filter(Condition::any((0..PLACES).map(at_place)))
            .limit(most);
        let rows = async {
            let mut rows: Vec<Value> = plain.fetch().await?;
            let mut odd_rows: Vec<Value> = Vec::new();
            if (rows.len() as u64) < most {
                let odd = query
                    .clone()
                    .filter(Condition::any(odd))
                    .order(id, crate::supabase::Order::Asc);
                odd_rows = odd.fetch_all().await?;
            }
            odd_rows.retain(|row| shows(row, pattern) && !rows.iter().any(|other| other.get(id) == row.get(id)));
            rows.extend(odd_rows);
            Ok::<_, WireError>(rows)
        };
        match rows.await {
            // A column without paths, or one that cannot be compared: all rows are looked at.
            Err(error) if matches!(error.code.as_deref(), Some("42883" | "42804" | "22P02" | "PGRST100")) => {
                let all = query.order(id, crate::supabase::Order::Asc);
                let mut rows: Vec<Value> = all.fetch_all().await?;
                rows.retain(|row| shows(row, pattern));
                Ok(rows)
            }
            rows => Ok(rows?),
        }
    }
}

impl Copies {
    /// How a copy is read: as a story that is kept in its row.
    pub(super) fn shape(&self) -> Shape {
        Shape {
            stories: Shape::COPIES.to_owned(),
            id: self.id.clone(),
            kept: Kept::Public,
            column: Some(true),
            scenes: None,
        }
    }

    fn row<'a>(&'a self, copy: &'a StoryId) -> ColumnOf<'a> {
        ColumnOf {
            table: Shape::COPIES,
            key: &self.id,
            id: copy,
        }
    }
}

/// The places of a story, or of a public copy, whose link is meant.
fn pointing(story: &Story, is_copy: bool, is: &dyn Fn(&str) -> bool) -> Vec<Pointing> {
    let id = || story.story_id.clone();
    let cover = story.cover_image_url.as_ref().map(|url| {
        let place = if is_copy {
            Place::PublicCover { copy: id() }
        } else {
            Place::Cover { story: id() }
        };
        (place, url)
    });
    let scenes = story.scenes.iter().filter_map(|scene| {
        let (index, id_of_scene) = (scene.index, scene.scene_id.clone());
        let place = if is_copy {
            Place::PublicScene {
                copy: id(),
                scene: id_of_scene,
                index,
            }
        } else {
            Place::Scene {
                story: id(),
                scene: id_of_scene,
                index,
            }
        };
        Some((place, scene.image_url.as_ref()?))
    });
    let all = scenes.chain(cover).filter(|(_, url)| is(url));
    all.map(|(place, url)| Pointing {
        place,
        title: story.title.clone(),
        url: url.clone(),
    })
    .collect()
}

/// Whether an answer says that this column is missing.
fn names(error: &WireError, column: &str) -> bool {
    error.code.as_deref() == Some("42703") && super::shape::missing_column(error).as_deref() == Some(column)
}

/// Whether anything in a row's scenes is like the pattern.
fn shows(row: &Value, pattern: &str) -> bool {
    let text = row.get(Shape::COLUMN).unwrap_or(&Value::Null).to_string();
    let mut rest = text.as_str();
    pattern.split('*').filter(|part| !part.is_empty()).all(|part| {
        let at = find(rest, part);
        if let Some(end) = at {
            rest = &rest[end..];
        }
        at.is_some()
    })
}

/// The end of the first place at which a text has a part of a pattern, where `_` is any letter.
fn find(text: &str, part: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).find_map(|start| {
        let mut letters = text[start..].char_indices();
        let mut end = start;
        for wanted in part.chars() {
            let (at, letter) = letters.next()?;
            if wanted != '_' && wanted != letter {
                return None;
            }
            end = start + at + letter.len_utf8();
        }
        Some(end)
    })
}

/// A pattern of `like` for every text that names the object: what may be percent-encoded is any text.
pub(super) fn any_form(key: &ObjectKey) -> String {
    let mut pattern = String::from("*");
    let skipped = key.as_str().chars().count().saturating_sub(PATTERN);
    for letter in key.as_str().chars().skip(skipped) {
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
