//! A variant into a scene that has no picture. Replacing one that is there is another thing: see `replace.rs`.

use bytes::Bytes;
use serde_json::json;

use super::model::{Scene, SceneId, StoryId};
use super::picture::Stored;
use super::point::{Certainty, Pointed};
use super::variant::Variant;
use super::{Stories, StoryError};
use crate::journal::Made;
use crate::supabase::Bucket;

/// What became of putting a variant into a scene that had no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// The scene shows it, at this address.
    Shown(String),
    /// The scene shows another one, which somebody else put there.
    Taken,
}

impl Stories {
    /// Puts a variant into its scene, if that has no picture: stores it, proves that it is stored, and only then lets the row
    /// point at it. Interrupted and called again it goes on: what was stored before is not stored twice.
    ///
    /// # Errors
    /// If the variant has no picture, the bucket does not take it, or the project cannot be changed. The scene is then as it
    /// was.
    pub async fn fill(&self, variant: &Variant) -> Result<Filled, StoryError> {
        let bytes = self.variants().bytes(variant.id).await?;
        let story = self.rows.get(&variant.story).await?;
        let scene = story.scenes.iter().find(|scene| scene.scene_id == variant.scene);
        let scene = scene.ok_or_else(|| StoryError::NoSuchScene {
            story: variant.story.clone(),
            scene: variant.scene.to_string(),
        })?;
        if let Some(shown) = &scene.image_url {
            let filled = self.shows(variant, shown);
            if matches!(filled, Filled::Shown(_)) {
                // A run before this one may have ended between the scene's row and the story's.
                self.complete(&variant.story).await?;
            }
            return Ok(filled);
        }
        let bucket = self.ensure_bucket().await?;
        let stored = self
            .stored_variant(&bucket, &variant.story, scene, variant, bytes)
            .await?;
        let patch = json!({ "image_url": stored.url, "image_error": null });
        let pointed = self
            .point(&variant.story, &scene.scene_id, None, &patch, Certainty::PerhapsDone)
            .await?;
        match pointed {
            Pointed::Won => {
                self.placed(&stored).await?;
                self.complete(&variant.story).await?;
                Ok(Filled::Shown(stored.url))
            }
            Pointed::Lost { sure } => {
                self.withdraw(&stored, sure).await;
                Ok(Filled::Taken)
            }
        }
    }

    /// The bytes of what a scene shows now.
    ///
    /// # Errors
    /// If the scene shows nothing, or something that is not this project's.
    pub async fn live_picture(&self, story: &StoryId, scene: &SceneId) -> Result<Bytes, StoryError> {
        let shown = self
            .rows
            .scene_picture(story, scene)
            .await?
            .ok_or_else(|| StoryError::NoSuchScene {
                story: story.clone(),
                scene: scene.to_string(),
            })?;
        let shown = shown.ok_or(StoryError::NothingShown)?;
        let key = self.own(&shown).ok_or(StoryError::NothingShown)?;
        let objects = self.supabase.bucket(&self.settings.bucket);
        Ok(objects.download(&key).await?.bytes)
    }

    /// Says at a scene without a picture why it has none. That this cannot be written changes nothing about the reason.
    pub async fn note_failure(&self, story: &StoryId, scene: &SceneId, why: &str) {
        let _ = self
            .rows
            .update_scene_if(story, scene, None, json!({ "image_error": why }))
            .await;
    }

    /// Whether what a scene shows is this variant, put there by a run before this one.
    fn shows(&self, variant: &Variant, shown: &str) -> Filled {
        let stored = variant.stored_at.as_ref();
        let ours = stored.is_some_and(|(bucket, key)| {
            *bucket == self.settings.bucket.as_str() && self.own(shown).is_some_and(|own| own.as_str() == key)
        });
        if ours {
            Filled::Shown(shown.to_owned())
        } else {
            Filled::Taken
        }
    }

    /// A variant's object: the one that was stored before if it is still there, else a new one.
    async fn stored_variant(
        &self,
        bucket: &Bucket,
        story: &StoryId,
        scene: &Scene,
        variant: &Variant,
        bytes: Bytes,
    ) -> Result<Stored, StoryError> {
        let picture = variant.picture.as_ref().ok_or(StoryError::NoPictureYet(variant.id))?;
        let made = Made {
            bytes,
            sha256: picture.sha256.clone(),
            media_type: picture.media_type.clone(),
            note: None,
            stored_at: variant.stored_at.clone(),
        };
        if let Some(stored) = self.stored_before(story, scene, &made).await? {
            return Ok(stored);
        }
        let (prepared, _) = self
            .prepare_variant(bucket, (story, scene.index), variant.id, None)
            .await?;
        // Before it is sent: a program that ends just after that finds the object again.
        self.remember_variant(variant.id, &prepared.key).await?;
        self.store_prepared(story, &scene.scene_id, prepared).await
    }
}
