//! From a row, however odd, to a story. Nothing that is wrong with one row hides another: what cannot be read is left out and said.

use serde_json::{Map, Value};

use super::document::Document;
use super::shape::Shape;
use crate::story::model::{Kept, MadeWith, Scene, SceneId, Status, Story, StoryId};

/// A field of a scene or a story, under whichever name services have given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// A scene's identity.
    SceneId,
    /// A scene's number.
    Number,
    /// A title.
    Title,
    /// What is read aloud.
    Text,
    /// What a picture was asked for with.
    ImagePrompt,
    /// Where a picture is.
    ImageUrl,
    /// What a picture shows.
    AltText,
    /// Why there is no picture.
    ImageError,
    /// What a story was asked for with.
    Prompt,
    /// How far a story is.
    Status,
    /// Where a cover is.
    Cover,
    /// When it was made.
    CreatedAt,
    /// When it was changed.
    UpdatedAt,
    /// Whose it is.
    UserId,
    /// How it was made.
    Metadata,
}

impl Field {
    /// Names it has been seen under, the one that is written first. Compared without case, `_` and `-`.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::SceneId => &["scene_id", "id", "uuid"],
            Self::Number => &[
                "sequence",
                "scene_number",
                "sequence_number",
                "index",
                "position",
                "order",
                "number",
            ],
            Self::Title => &["title", "heading", "story_title"],
            Self::Text => &["text", "content", "narration", "story_text", "description"],
            Self::ImagePrompt => &["image_prompt", "prompt", "visual_prompt", "picture_prompt"],
            Self::ImageUrl => &["image_url", "image", "picture_url", "picture", "url"],
            Self::AltText => &["alt_text", "alt", "image_alt"],
            Self::ImageError => &["image_error"],
            Self::Prompt => &["prompt", "description", "brief"],
            Self::Status => &["status", "state"],
            Self::Cover => &["cover_image_url", "cover_url", "cover_image", "cover"],
            Self::CreatedAt => &["created_at", "created", "inserted_at"],
            Self::UpdatedAt => &["updated_at", "updated", "modified_at"],
            Self::UserId => &["user_id", "owner_id", "author_id", "owner"],
            Self::Metadata => &["story_metadata", "metadata"],
        }
    }

    /// The name under which it is written where it was not there.
    pub(super) fn name(self) -> &'static str {
        self.names()[0]
    }
}

/// The name that an object has for a field.
pub(super) fn name_in(object: &Map<String, Value>, field: Field) -> Option<String> {
    let bare = |name: &str| -> String {
        let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
        letters.flat_map(char::to_lowercase).collect()
    };
    field.names().iter().find_map(|name| {
        if object.contains_key(*name) {
            return Some((*name).to_owned());
        }
        object.keys().find(|key| bare(key) == bare(name)).cloned()
    })
}

/// The value of a field, if the value has fields and this one.
pub(super) fn field(value: &Value, field: Field) -> Option<&Value> {
    let object = value.as_object()?;
    object.get(&name_in(object, field)?)
}

/// A scene's number, also as a text.
pub(super) fn number(scene: &Value) -> Option<i64> {
    match field(scene, Field::Number)? {
        Value::Number(number) => number.as_i64().or_else(|| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a number of scenes; larger ones end at the end"
            )]
            number.as_f64().map(|number| number as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// What a field says as a text; None for nothing, or if it is no text.
fn text(value: &Value, wanted: Field, flaws: &mut Vec<String>, of: &str) -> Option<String> {
    let found = field(value, wanted)?;
    let said = match found {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Array(parts) if parts.iter().all(Value::is_string) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            Some(parts.join(" "))
        }
        // A picture with what belongs to it.
        Value::Object(inner) if matches!(wanted, Field::ImageUrl | Field::Cover) => {
            inner.get("url").and_then(Value::as_str).map(str::to_owned)
        }
        _ => None,
    };
    if said.is_none() && !found.is_null() {
        flaws.push(format!("{of}: {} is no text", wanted.name()));
    }
    said
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// A scene from its row or its item.
pub(super) fn scene(scene_id: SceneId, index: usize, value: &Value, flaws: &mut Vec<String>) -> Scene {
    let of = format!("Scene {}", index + 1);
    let mut say = |wanted| text(value, wanted, flaws, &of);
    let mut scene = Scene {
        scene_id,
        index,
        title: say(Field::Title).unwrap_or_default(),
        text: say(Field::Text).unwrap_or_default(),
        image_prompt: say(Field::ImagePrompt).unwrap_or_default(),
        image_url: filled(say(Field::ImageUrl)),
        alt_text: filled(say(Field::AltText)),
        image_error: filled(say(Field::ImageError)),
    };
    match value {
        Value::Object(_) => {}
        Value::String(text) => scene.text.clone_from(text),
        _ => flaws.push(format!("{of} is no scene")),
    }
    scene
}

/// A story from its row, which has the rows of its scenes in it where the project keeps them in a table.
pub(super) fn story(shape: &Shape, row: &Value) -> Story {
    let mut flaws = Vec::new();
    let known_id = row.get(shape.id.as_str()).and_then(StoryId::stored);
    let story_id = known_id.unwrap_or_else(|| {
        flaws.push(format!(
            "The row has no {}, so it can be looked at and not changed",
            shape.id
        ));
        // The same row is the same story while it is shown.
        let text = row.to_string();
        let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes()).to_string();
        StoryId::stored(&Value::String(format!("without-{id}"))).unwrap_or_else(StoryId::fresh)
    });
    let (scenes, kept) = scenes(shape, &story_id, row, &mut flaws);
    let of = "The story";
    let mut say = |wanted| text(row, wanted, &mut flaws, of);
    let title = filled(say(Field::Title));
    let prompt = say(Field::Prompt).unwrap_or_default();
    let status = filled(say(Field::Status));
    let (cover_image_url, user_id) = (filled(say(Field::Cover)), say(Field::UserId));
    let (created_at, updated_at) = (say(Field::CreatedAt), say(Field::UpdatedAt));
    let whole = !scenes.is_empty() && scenes.iter().all(|scene| scene.image_url.is_some());
    Story {
        title: title.unwrap_or_else(|| "Untitled".to_owned()),
        prompt,
        status: match status {
            Some(word) => Status::read(&word),
            // A table without it has stories that were published.
            None if whole => Status::Completed,
            None => Status::Pending,
        },
        scenes,
        cover_image_url,
        created_at,
        updated_at,
        user_id,
        made_with: made_with(field(row, Field::Metadata)),
        story_id,
        kept,
        flaws,
    }
}

/// The scenes of a story: its rows, or, if it has none, what is in its own row.
fn scenes(shape: &Shape, story: &StoryId, row: &Value, flaws: &mut Vec<String>) -> (Vec<Scene>, Kept) {
    let rows = match row.get(Shape::SCENE_ROWS) {
        Some(Value::Array(rows)) => rows.as_slice(),
        _ => &[],
    };
    if !rows.is_empty() {
        let mut told: Vec<&Value> = rows.iter().collect();
        // Some services count from 1; the place shown is the place in the order.
        told.sort_by_key(|scene| number(scene).unwrap_or(i64::MAX));
        let scenes = told.into_iter().enumerate().map(|(index, row)| {
            let id = shape.scenes.as_ref().and_then(|scenes| row.get(scenes.id.as_str()));
            let id = id.and_then(SceneId::stored).unwrap_or_else(|| {
                flaws.push(format!(
                    "Scene {} has no id, so it can be looked at and not changed",
                    index + 1
                ));
                SceneId::of_place(story, index, 0)
            });
            scene(id, index, row, flaws)
        });
        return (scenes.collect(), Kept::Rows);
    }
    match Document::read(row.get(Shape::COLUMN).unwrap_or(&Value::Null)) {
        Ok(document) if document.items().is_empty() => (Vec::new(), shape.kept),
        Ok(document) => {
            let kept = if shape.kept == Kept::Public {
                Kept::Public
            } else {
                Kept::Json
            };
            (document.scenes(story, flaws), kept)
        }
        Err(_) => {
            flaws.push("Its scenes are no list and cannot be read".to_owned());
            (Vec::new(), shape.kept)
        }
    }
}

/// How a story was made, as far as that can be read, and all else that is kept with it.
fn made_with(metadata: Option<&Value>) -> MadeWith {
    let parsed = match metadata {
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        other => other.cloned(),
    };
    let Some(Value::Object(mut fields)) = parsed else {
        return MadeWith::default();
    };
    // A field of another type is one of somebody else.
    let mut take = |name: &str, fits: fn(&Value) -> bool| {
        let ours = fields.get(name).is_some_and(fits);
        ours.then(|| fields.shift_remove(name)).flatten()
    };
    let small = |value: &Value| value.as_u64().is_some_and(|number| u32::try_from(number).is_ok());
    let number = |value: Option<Value>| value.as_ref().and_then(Value::as_u64);
    let words = |value: Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
    MadeWith {
        seed: number(take("seed", small)).and_then(|seed| u32::try_from(seed).ok()),
        scenes: number(take("scenes", small)).and_then(|scenes| usize::try_from(scenes).ok()),
        text_engine: words(take("text_engine", Value::is_string)),
        image_engine: words(take("image_engine", Value::is_string)),
        style: words(take("style", Value::is_string)),
        approved_by: words(take("approved_by", Value::is_string)),
        approved_at: words(take("approved_at", Value::is_string)),
        error: words(take("error", Value::is_string)),
        other: fields,
    }
}
