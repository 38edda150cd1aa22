//! A scene whose link leads nowhere is led to an object that is there.

use serde_json::{Value, json};

use super::fitting::Sought;
use super::model::{SceneId, StoryId};
use super::picture::md5;
use super::point::Certainty;
use super::replace::Replaced;
use super::replacement::{Detail, Intent};
use super::{Stories, StoryError};
use crate::supabase::ObjectKey;

impl Stories {
    /// What is known of the picture that a scene's link names, so that it can be found again.
    ///
    /// # Errors
    /// If the project or the journal cannot be read.
    pub async fn sought(&self, story: &StoryId, scene: &SceneId) -> Result<Sought, StoryError> {
        let whole = self.rows.get(story).await?;
        let row = whole.scenes.iter().find(|row| row.scene_id == *scene);
        let row = row.ok_or_else(|| StoryError::NoSuchScene {
            story: story.clone(),
            scene: scene.to_string(),
        })?;
        let key = row.image_url.as_deref().and_then(|link| self.own(link));
        let md5 = match &key {
            Some(key) => self.md5_of(story, scene, key).await?,
            None => None,
        };
        Ok(Sought {
            story: story.clone(),
            title: whole.title,
            index: row.index,
            key: key.map(|key| key.to_string()),
            md5,
        })
    }

    /// MD5 of what this computer has stored under a key for a scene: as the journal of replacements says, or of the bytes that are
    /// kept of the variant.
    async fn md5_of(&self, story: &StoryId, scene: &SceneId, key: &ObjectKey) -> Result<Option<String>, StoryError> {
        let id = scene.to_string();
        let rows = self.journal.run(move |journal| journal.replacements_of(&id)).await?;
        let sent = rows.iter().filter_map(|row| Detail::read(&row.detail).sent);
        if let Some(sent) = sent.into_iter().find(|sent| sent.key == key.as_str()) {
            return Ok(Some(sent.md5));
        }
        let at = (self.settings.bucket.as_str(), key.as_str());
        let variants = self.variants().of_scene(story, scene).await?;
        let stored = variants.into_iter().find(|variant| {
            let stored = variant.stored_at.as_ref();
            stored.is_some_and(|(bucket, key)| (bucket.as_str(), key.as_str()) == at)
        });
        let Some(stored) = stored else { return Ok(None) };
        match self.variants().bytes(stored.id).await {
            Ok(bytes) => Ok(Some(md5(&bytes))),
            // It was taken away from this computer; then its name has to do.
            Err(StoryError::BytesGone(_) | StoryError::NoPictureYet(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets a scene, and every other place of the story that shows the same, show an object that is in the bucket already, if the scene
    /// still has the link that was `seen`. Taken back like any replacement, except that the link which stood there need not lead
    /// anywhere.
    ///
    /// # Errors
    /// [`StoryError::Conflict`] if the scene has another link by now, [`StoryError::PictureGone`] if the object is not there.
    pub async fn point_at(
        &self,
        story: &StoryId,
        scene: &SceneId,
        seen: Option<&str>,
        key: &ObjectKey,
    ) -> Result<Replaced, StoryError> {
        let whole = self.rows.get(story).await?;
        self.scene_of(&whole, scene).await?;
        let url = self.url_of(key);
        let work = self
            .begin_replacement(Intent {
                story,
                scene,
                before: seen,
                now: Some(&url),
                undoes: None,
                detail: Detail {
                    patch: json!({ "image_url": url, "image_error": Value::Null }),
                    found: true,
                    ..Detail::default()
                },
            })
            .await?;
        Box::pin(self.carry_through(work, None, Certainty::Fresh)).await
    }
}
