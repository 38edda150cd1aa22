//! What became of the pictures of scenes, and the places that show them.

use super::{Problem, Service, Subject};
use crate::story::{Pointer, Replacement, SceneId, Settled, StoryId};

impl Service {
    /// Every place of a story that points at a scene's picture, the scene itself among them: what a replacement changes. None if the
    /// scene has no picture.
    ///
    /// # Errors
    /// If the project cannot be read, or has no such scene.
    pub async fn pointers(&self, story: &StoryId, scene: &SceneId) -> Result<Vec<Pointer>, Problem> {
        let stories = &self.inner.stories;
        match stories.link_of(story, scene).await? {
            Some(link) => Ok(stories.pointers(story, &link).await?),
            None => Ok(Vec::new()),
        }
    }

    /// What became of the pictures of a scene, the latest first, also of earlier starts of the program. What it takes to put a
    /// picture back is [`Replacement::replaced`].
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn history(&self, scene: &SceneId) -> Result<Vec<Replacement>, Problem> {
        Ok(self.inner.stories.history(scene).await?)
    }

    /// The same of all scenes of a story.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn history_of_story(&self, story: &StoryId) -> Result<Vec<Replacement>, Problem> {
        Ok(self.inner.stories.history_of_story(story).await?)
    }

    /// Goes on with replacements of a story's pictures that a program has left half-done, and waits for whoever is at one: what the
    /// story shows is certain then.
    ///
    /// # Errors
    /// If the journal or the project cannot be asked; it is done later then.
    pub async fn settle_story(&self, story: &StoryId) -> Result<Vec<Settled>, Problem> {
        let settled = self.inner.stories.settle_story(story).await?;
        if !settled.is_empty() {
            self.changed(Subject::Story(story.clone()));
        }
        Ok(settled)
    }
}
