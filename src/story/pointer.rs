//! Places that point at a scene's picture: the scene, the story's cover, and the same in public copies of the story.

use serde::Serialize;

use super::model::{SceneId, Story, StoryId};
use super::repository::{Place, Pointing};
use super::{Stories, StoryError};

/// A place of a story that points at a picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
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

impl From<Place> for Pointer {
    fn from(place: Place) -> Self {
        match place {
            Place::Scene { scene, index, .. } => Self::SceneRow { scene, index },
            Place::Cover { .. } => Self::Cover,
            Place::PublicScene { copy, index, .. } => Self::PublicScene { story: copy, index },
            Place::PublicCover { copy } => Self::PublicCover { story: copy },
        }
    }
}

/// Whether a place belongs to a story: its own rows, and public copies, which show a picture because the story does.
fn is_of(place: &Place, id: &StoryId) -> bool {
    match place {
        Place::Scene { story, .. } | Place::Cover { story } => story == id,
        Place::PublicScene { .. } | Place::PublicCover { .. } => true,
    }
}

impl Stories {
    /// Every place of a story and of its public copies that points at the picture behind a link, in whichever form of its URL: what a
    /// replacement leads to the new picture.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn pointers(&self, story: &StoryId, link: &str) -> Result<Vec<Pointer>, StoryError> {
        let found = self.pointing_at(story, link).await?;
        Ok(found.into_iter().map(|pointing| pointing.place.into()).collect())
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
        let Some(key) = self.own(link) else {
            // Of what is stored elsewhere only the text tells.
            return Ok(same_text(&self.rows.get(story).await?, link));
        };
        let is = |other: &str| self.own(other).as_ref() == Some(&key);
        let mut found = self.rows.places_of(&key, &is).await?;
        found.retain(|pointing| is_of(&pointing.place, story));
        Ok(found)
    }

    /// Leads a place from one link to another if that is what stands there; whether it was.
    pub(super) async fn lead(&self, from: &Pointing, to: &str) -> Result<bool, StoryError> {
        self.rows.swap_place(&from.place, Some(&from.url), Some(to)).await
    }
}

/// The places of a story's own rows that hold a link, the cover first.
fn same_text(story: &Story, link: &str) -> Vec<Pointing> {
    let id = || story.story_id.clone();
    let cover = story
        .cover_image_url
        .iter()
        .map(|url| (Place::Cover { story: id() }, url));
    let scenes = story.scenes.iter().filter_map(|scene| {
        let place = Place::Scene {
            story: id(),
            scene: scene.scene_id.clone(),
            index: scene.index,
        };
        Some((place, scene.image_url.as_ref()?))
    });
    cover
        .chain(scenes)
        .filter(|(_, url)| *url == link)
        .map(|(place, url)| Pointing {
            place,
            title: story.title.clone(),
            url: url.clone(),
        })
        .collect()
}
