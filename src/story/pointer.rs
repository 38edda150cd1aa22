//! Places that point at a scene's picture: the scene, the story's cover, and the same in public copies of the story.

use super::model::{SceneId, Story, StoryId};
use super::repository::Pointing;
use super::{Pointer, Stories, StoryError};

impl Pointer {
    /// Where it is stored.
    #[must_use]
    pub fn column(&self) -> &'static str {
        match self {
            Self::Scene { .. } => "scenes.image_url",
            Self::Cover { .. } => "stories.cover_image_url",
            Self::PublicScene { .. } => "public_stories.scenes",
            Self::PublicCover { .. } => "public_stories.cover_image_url",
        }
    }

    /// Whether it belongs to a story: its own rows, and public copies, which show a picture because the story does.
    pub(super) fn is_of(&self, id: &StoryId) -> bool {
        match self {
            Self::Scene { story, .. } | Self::Cover { story } => story == id,
            Self::PublicScene { .. } | Self::PublicCover { .. } => true,
        }
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
        Ok(found.into_iter().map(|pointing| pointing.place).collect())
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
        found.retain(|pointing| pointing.place.is_of(story));
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
        .map(|url| (Pointer::Cover { story: id() }, url));
    let scenes = story.scenes.iter().filter_map(|scene| {
        let place = Pointer::Scene {
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
