//! Places that point at a scene's picture: the scene, the story's cover, and the same in public copies of the story.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::{SceneId, Story, StoryId};
use super::{Stories, StoryError};
use crate::supabase::ObjectKey;

/// A place that points at a picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Pointer {
    /// A scene of the story.
    SceneRow {
        /// The scene.
        scene: SceneId,
        /// Its place, counted from 0.
        index: usize,
    },
    /// The story's cover.
    Cover,
    /// A scene of a public copy of the story.
    PublicScene {
        /// The copy.
        story: StoryId,
        /// The scene's place in it, counted from 0.
        index: usize,
    },
    /// The cover of a public copy of the story.
    PublicCover {
        /// The copy.
        story: StoryId,
    },
}

/// A place with what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pointing {
    /// The place.
    pub(super) at: Pointer,
    /// The link, as it is written there.
    pub(super) link: String,
}

impl Pointer {
    /// What it is called: "Scene 3", "Cover".
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::SceneRow { index, .. } => format!("Scene {}", index + 1),
            Self::Cover => "Cover".to_owned(),
            Self::PublicScene { index, .. } => format!("Scene {} of the public copy", index + 1),
            Self::PublicCover { .. } => "Cover of the public copy".to_owned(),
        }
    }

    /// Where it is stored.
    #[must_use]
    pub fn column(&self) -> &'static str {
        match self {
            Self::SceneRow { .. } => "scenes.image_url",
            Self::Cover => "stories.cover_image_url",
            Self::PublicScene { .. } => "public_stories.scenes",
            Self::PublicCover { .. } => "public_stories.cover_image_url",
        }
    }
}

impl Stories {
    /// Every place of a story that points at the picture behind a link, in whichever form of its URL: what a replacement leads
    /// to the new picture.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn pointers(&self, story: &StoryId, link: &str) -> Result<Vec<Pointer>, StoryError> {
        let found = self.pointing_at(story, link).await?;
        Ok(found.into_iter().map(|pointing| pointing.at).collect())
    }

    /// The link of a scene's picture, as its row has it.
    ///
    /// # Errors
    /// If the project cannot be read, or has no such scene.
    pub async fn link_of(&self, story: &StoryId, scene: &SceneId) -> Result<Option<String>, StoryError> {
        let link = self.rows.scene_picture(story, scene).await?;
        link.ok_or_else(|| StoryError::NoSuchScene {
            story: story.clone(),
            scene: scene.to_string(),
        })
    }

    /// As [`Stories::pointers`], with the link that stands in each place.
    pub(super) async fn pointing_at(&self, story: &StoryId, link: &str) -> Result<Vec<Pointing>, StoryError> {
        let story = self.rows.get(story).await?;
        Ok(places(&story, |other| self.is_same_picture(link, other)))
    }

    /// Leads a place from one link to another if that is what stands there; whether it was.
    pub(super) async fn lead(&self, story: &StoryId, from: &Pointing, to: &str) -> Result<bool, StoryError> {
        match &from.at {
            Pointer::SceneRow { scene, .. } => {
                let patch = json!({ "image_url": to });
                self.rows
                    .update_scene_if(story, scene, Some(from.link.as_str()), patch)
                    .await
            }
            Pointer::Cover => self.rows.move_cover(story, &from.link, to).await,
            Pointer::PublicScene { .. } | Pointer::PublicCover { .. } => Ok(false),
        }
    }

    /// Whether two links mean the same picture: the same text, or the same object of our bucket.
    fn is_same_picture(&self, one: &str, other: &str) -> bool {
        let own = |link: &str| -> Option<ObjectKey> { self.own(link) };
        one == other || own(one).is_some_and(|key| own(other) == Some(key))
    }
}

/// The places of a story's own rows whose link is meant, the cover first.
fn places(story: &Story, is_meant: impl Fn(&str) -> bool) -> Vec<Pointing> {
    let cover = story.cover_image_url.iter().map(|link| (Pointer::Cover, link));
    let scenes = story.scenes.iter().filter_map(|scene| {
        let at = Pointer::SceneRow {
            scene: scene.scene_id.clone(),
            index: scene.index,
        };
        Some((at, scene.image_url.as_ref()?))
    });
    cover
        .chain(scenes)
        .filter(|(_, link)| is_meant(link))
        .map(|(at, link)| Pointing { at, link: link.clone() })
        .collect()
}
