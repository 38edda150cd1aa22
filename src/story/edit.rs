//! What editors change of a story: texts, the order of scenes, the title, the cover. Nothing is changed that is not as they saw it.

use super::model::{Scene, SceneId, Story, StoryId};
use super::repository::{Changed, Place, Pointing, SceneChange, SceneText};
use super::{Stories, StoryError};
use crate::supabase::ObjectKey;
use crate::supabase::url::{Context, MediaRef};

/// Texts of a scene as they are to be; what is None stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SceneEdit {
    /// [`Scene::title`]
    pub title: Option<String>,
    /// [`Scene::text`]
    pub text: Option<String>,
    /// [`Scene::image_prompt`]
    pub image_prompt: Option<String>,
    /// [`Scene::alt_text`]; an empty one is none.
    pub alt_text: Option<String>,
}

impl SceneEdit {
    /// Whether nothing is to be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn texts(&self) -> impl Iterator<Item = (SceneText, &String)> {
        let texts = [
            (SceneText::Title, &self.title),
            (SceneText::Text, &self.text),
            (SceneText::ImagePrompt, &self.image_prompt),
            (SceneText::AltText, &self.alt_text),
        ];
        texts
            .into_iter()
            .filter_map(|(text, value)| Some((text, value.as_ref()?)))
    }

    /// The change that it is of a scene as somebody saw it.
    fn change(&self, seen: &Scene) -> SceneChange {
        let now = |text: SceneText| match text {
            SceneText::Title => seen.title.clone(),
            SceneText::Text => seen.text.clone(),
            SceneText::ImagePrompt => seen.image_prompt.clone(),
            SceneText::AltText => seen.alt_text.clone().unwrap_or_default(),
        };
        SceneChange {
            seen: self.texts().map(|(text, _)| (text, now(text))).collect(),
            wanted: self.texts().map(|(text, value)| (text, value.clone())).collect(),
        }
    }
}

impl Stories {
    /// Changes texts of a scene of which `seen` is what the editor saw. Others may have changed other texts meanwhile.
    ///
    /// # Errors
    /// [`StoryError::Edited`] if somebody else changed one of the same texts; nothing is changed then.
    pub async fn edit_scene(
        &self,
        story: &StoryId,
        scene: &SceneId,
        edit: &SceneEdit,
        seen: &Scene,
    ) -> Result<(), StoryError> {
        if edit.is_empty() {
            return Ok(());
        }
        let changed = self.rows.edit_scene(story, scene, &edit.change(seen)).await?;
        told(changed, story, scene)
    }

    /// Puts a new scene at a place from 0 among those of `seen`, behind the last one at most. Its id.
    ///
    /// # Errors
    /// [`StoryError::Edited`] if the scenes are others by now, or in another order.
    pub async fn add_scene(&self, seen: &Story, at: usize, edit: &SceneEdit) -> Result<SceneId, StoryError> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let scene = Scene {
            scene_id: SceneId::fresh(),
            index: at.min(seen.scenes.len()),
            title: text(&edit.title),
            text: text(&edit.text),
            image_prompt: text(&edit.image_prompt),
            image_url: None,
            alt_text: edit.alt_text.clone().filter(|alt| !alt.trim().is_empty()),
            image_error: None,
        };
        let (changed, id) = self.rows.add_scene(&seen.story_id, &ids(seen), at, &scene).await?;
        told(changed, &seen.story_id, &id).map(|()| id)
    }

    /// Moves a scene of `seen` to a place from 0, the last one at most.
    ///
    /// # Errors
    /// [`StoryError::Edited`] if the scenes are others by now, or in another order.
    pub async fn move_scene(&self, seen: &Story, scene: &SceneId, to: usize) -> Result<(), StoryError> {
        let now = ids(seen);
        let mut wanted = now.clone();
        let from = now
            .iter()
            .position(|id| id == scene)
            .ok_or_else(|| StoryError::NoSuchScene {
                story: seen.story_id.clone(),
                scene: scene.to_string(),
            })?;
        let id = wanted.remove(from);
        wanted.insert(to.min(wanted.len()), id);
        let changed = self.rows.reorder(&seen.story_id, &now, &wanted).await?;
        told(changed, &seen.story_id, scene)
    }

    /// Takes out a scene that shows what it shows in `seen`. Its picture's object stays where it is.
    ///
    /// # Errors
    /// [`StoryError::Edited`] if it shows another picture by now.
    pub async fn remove_scene(&self, story: &StoryId, seen: &Scene) -> Result<(), StoryError> {
        let picture = seen.image_url.as_deref();
        let changed = self.rows.remove_scene(story, &seen.scene_id, picture).await?;
        told(changed, story, &seen.scene_id)
    }

    /// Gives a story another title.
    ///
    /// # Errors
    /// [`StoryError::Edited`] if its title is not `seen` any more.
    pub async fn rename(&self, story: &StoryId, seen: &str, title: &str) -> Result<(), StoryError> {
        if self.rows.rename(story, seen, title).await? {
            return Ok(());
        }
        // A lost answer is told from somebody else's title.
        let now = self.rows.get(story).await?;
        if now.title == title {
            return Ok(());
        }
        Err(StoryError::Edited)
    }

    /// Gives a story another cover, or none.
    ///
    /// # Errors
    /// [`StoryError::Edited`] if its cover is not `seen` any more.
    pub async fn set_cover(&self, story: &StoryId, seen: Option<&str>, cover: Option<&str>) -> Result<(), StoryError> {
        if self.rows.set_cover_if(story, seen, cover).await? {
            return Ok(());
        }
        let now = self.rows.get(story).await?;
        if now.cover_image_url.as_deref() == cover {
            return Ok(());
        }
        Err(StoryError::Edited)
    }

    /// Every place of the project's tables that points at an object, in whichever form of its URL: scenes, covers, public copies.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn places_of(&self, key: &ObjectKey) -> Result<Vec<Pointing>, StoryError> {
        let is = |link: &str| self.own(link).as_ref() == Some(key);
        self.rows.places_of(key, &is).await
    }

    /// As [`Stories::places_of`], with the links that say that the object is of another project, or in another bucket.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn places_naming(&self, key: &ObjectKey) -> Result<Vec<Pointing>, StoryError> {
        let context = Context {
            project: Some(self.supabase.url()),
            default_bucket: Some(&self.settings.bucket),
            ..Context::default()
        };
        let is = |link: &str| MediaRef::parse(link, &context).is_ok_and(|media| media.object.key == *key);
        self.rows.places_of(key, &is).await
    }

    /// Points a place at another picture if it holds `seen`, as it is stored; whether it did.
    ///
    /// # Errors
    /// If the project cannot be changed.
    pub async fn swap_place(
        &self,
        place: &Place,
        seen: Option<&str>,
        wanted: Option<&str>,
    ) -> Result<bool, StoryError> {
        self.rows.swap_place(place, seen, wanted).await
    }

    /// What a place holds now; None if it is not there any more.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn link_at(&self, place: &Place) -> Result<Option<Option<String>>, StoryError> {
        self.rows.link_at(place).await
    }

    /// Puts in a story with its scenes at once, or as nearly so as the project's tables allow: nothing of it is left if its scenes are
    /// refused. Its id and those of its scenes, which are others where the project gives ids of its own.
    ///
    /// # Errors
    /// As the project says.
    pub async fn insert_story_whole(&self, story: &Story) -> Result<(StoryId, Vec<SceneId>), StoryError> {
        self.rows.insert_whole(story).await
    }

    /// Takes out the rows of a story and its scenes; whether there were any. Objects stay.
    ///
    /// # Errors
    /// As the project says.
    pub async fn delete_story_rows(&self, story: &StoryId) -> Result<bool, StoryError> {
        Ok(self.rows.delete_story(story).await? > 0)
    }
}

fn ids(story: &Story) -> Vec<SceneId> {
    story.scenes.iter().map(|scene| scene.scene_id.clone()).collect()
}

fn told(changed: Changed, story: &StoryId, scene: &SceneId) -> Result<(), StoryError> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Otherwise => Err(StoryError::Edited),
        Changed::Gone => Err(StoryError::NoSuchScene {
            story: story.clone(),
            scene: scene.to_string(),
        }),
    }
}
