//! What would go with a story that is deleted: its rows, its public copies, and those of its pictures that nothing else shows. Nothing is
//! changed by asking.

use std::collections::HashSet;

use serde::Serialize;

use super::model::{Story, StoryId};
use super::repository::CopyRow;
use super::{Place, Stories, StoryError};
use crate::supabase::{Class, ObjectKey};

/// What goes with a story.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deletion {
    /// The story.
    pub story: StoryId,
    /// Its title.
    pub title: String,
    /// Scenes whose rows go.
    pub scenes: usize,
    /// The objects that it points at, in the order of its scenes.
    pub objects: Vec<DeletedObject>,
    /// Its public copies.
    pub copies: Vec<PublicCopy>,
    /// Whether they go with it.
    pub with_copies: bool,
}

/// A public copy of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicCopy {
    /// The key of its row.
    pub id: StoryId,
    /// Its title.
    pub title: String,
    /// Its scenes.
    pub scenes: usize,
}

/// An object that a story points at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeletedObject {
    /// Its key in the bucket of pictures.
    pub key: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Whether it stays only if the public copies do: nothing but they and the story shows it.
    pub in_copies: bool,
}

impl Deletion {
    /// Lets the public copies go with the story, or stay; what they show stays with them.
    #[must_use]
    pub fn with_copies(mut self, with: bool) -> Self {
        self.with_copies = with;
        for object in self.objects.iter_mut().filter(|object| object.in_copies) {
            object.fate = if with { Fate::Trash } else { Fate::UsedElsewhere };
        }
        self
    }
}

/// What becomes of an object when a story that points at it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It goes to the trash.
    Trash,
    /// It stays, because another story or a public copy shows it.
    UsedElsewhere,
    /// It stays, because it was not stored as the picture of a story.
    NotAPicture,
    /// It stays, because this key does not see every row: others may show it.
    PerhapsUsed,
    /// It is not there.
    Missing,
}

impl Stories {
    /// What would go with a story.
    ///
    /// # Errors
    /// If the project cannot be read or has no such story.
    pub async fn plan_deletion(&self, id: &StoryId) -> Result<Deletion, StoryError> {
        let story = self.rows.get(id).await?;
        let keys = self.keys_shown(&story);
        let copies = self.copies_of(&story, &keys).await?;
        let ids: Vec<StoryId> = copies.iter().map(|copy| copy.id.clone()).collect();
        let mut objects = Vec::new();
        for key in keys {
            objects.push(self.deleted_object(id, &key, &ids).await?);
        }
        let copies = copies.into_iter().map(|copy| PublicCopy {
            id: copy.id,
            title: copy.story.title,
            scenes: copy.story.scenes.len(),
        });
        Ok(Deletion {
            story: story.story_id,
            title: story.title,
            scenes: story.scenes.len(),
            objects,
            copies: copies.collect(),
            with_copies: true,
        })
    }

    /// The objects of the bucket of pictures that a story shows, each once.
    pub(super) fn keys_shown(&self, story: &Story) -> Vec<ObjectKey> {
        let links = story.scenes.iter().filter_map(|scene| scene.image_url.as_deref());
        let mut seen = HashSet::new();
        links
            .chain(story.cover_image_url.as_deref())
            .filter_map(|link| self.own(link))
            .filter(|key| seen.insert(key.clone()))
            .collect()
    }

    pub(super) async fn copies_of(&self, story: &Story, keys: &[ObjectKey]) -> Result<Vec<CopyRow>, StoryError> {
        self.rows.copies_of(story, keys, &|link| self.own(link)).await
    }

    /// What becomes of an object if the story goes, and these copies with it.
    async fn deleted_object(
        &self,
        story: &StoryId,
        key: &ObjectKey,
        copies: &[StoryId],
    ) -> Result<DeletedObject, StoryError> {
        let of = |fate, in_copies| DeletedObject {
            key: key.to_string(),
            fate,
            in_copies,
        };
        let info = match self.supabase.bucket(&self.settings.bucket).info(key).await {
            Ok(info) => info,
            Err(error) if error.class == Class::NotFound => return Ok(of(Fate::Missing, false)),
            Err(error) => return Err(error.into()),
        };
        if !self.is_picture(key, &info) {
            return Ok(of(Fate::NotAPicture, false));
        }
        if !self.sees_every_row() {
            return Ok(of(Fate::PerhapsUsed, false));
        }
        let used = self.used_elsewhere(key, story).await?;
        let fate = if used.iter().all(|place| is_in(place, copies)) {
            Fate::Trash
        } else {
            Fate::UsedElsewhere
        };
        Ok(of(fate, fate == Fate::Trash && !used.is_empty()))
    }

    /// The places outside of a story that show an object.
    async fn used_elsewhere(&self, key: &ObjectKey, id: &StoryId) -> Result<Vec<Place>, StoryError> {
        let is = |other: &str| self.own(other).as_ref() == Some(key);
        let places = self
            .rows
            .places_of(key, &is)
            .await?
            .into_iter()
            .map(|found| found.place);
        let elsewhere = |place: &Place| match place {
            Place::Scene { story, .. } | Place::Cover { story } => story != id,
            Place::PublicScene { .. } | Place::PublicCover { .. } => true,
        };
        Ok(places.filter(elsewhere).collect())
    }

    /// Whether another story, or a public copy that stays, shows an object.
    pub(super) async fn is_used_elsewhere(
        &self,
        key: &ObjectKey,
        id: &StoryId,
        copies: &[StoryId],
    ) -> Result<bool, StoryError> {
        let used = self.used_elsewhere(key, id).await?;
        Ok(used.iter().any(|place| !is_in(place, copies)))
    }
}

/// Whether a place is in one of these public copies.
fn is_in(place: &Place, copies: &[StoryId]) -> bool {
    match place {
        Place::Scene { .. } | Place::Cover { .. } => false,
        Place::PublicScene { copy, .. } | Place::PublicCover { copy } => copies.contains(copy),
    }
}
