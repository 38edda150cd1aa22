//! One scene's picture: made or brought by the editor, stored, proven, and put in the place of the old one.

use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::model::{Scene, SceneId, Status, Story, StoryId};
use super::{PICTURE_SIZE, Stories, StoryError, picture_key};
use crate::ai::PaintRequest;
use crate::journal::{Made, Recipe, sha256};
use crate::media::{self, MediaType};
use crate::supabase::{Bucket, ObjectKey, Upload, url};

/// Where a new picture for a scene comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Drawn by the image model.
    Drawn {
        /// The words.
        prompt: String,
        /// The seed.
        seed: u32,
    },
    /// Brought by the editor.
    File {
        /// The picture as it is.
        bytes: Bytes,
        /// The file's name, for the record.
        name: String,
    },
}

/// What a replacement did, and what it takes to undo it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The story.
    pub story: StoryId,
    /// The scene.
    pub scene: SceneId,
    /// The picture that was there. Its object is left in its bucket.
    pub before: Option<String>,
    /// The picture that is there now.
    pub now: Option<String>,
}

/// An object that holds a picture, proven to be there.
struct Stored {
    key: ObjectKey,
    /// The public URL that rows point at.
    url: String,
    /// Whether it was uploaded just now, so that nothing else can point at it yet.
    fresh: bool,
}

impl Stories {
    /// Makes the picture of a scene that has none: from the journal if it was made before, else by the model.
    pub(super) async fn illustrate(
        &self,
        bucket: &Bucket,
        story: &StoryId,
        scene: &Scene,
        seed: u64,
        cancel: &CancellationToken,
    ) -> Result<String, StoryError> {
        let result = self
            .draw_and_store(bucket, story, scene, &scene.image_prompt, seed, cancel)
            .await;
        match result {
            Ok(stored) => {
                let patch = json!({ "image_url": stored.url, "image_error": null });
                self.rows.update_scene(&scene.scene_id, patch).await?;
                Ok(stored.url)
            }
            Err(error) => {
                if !matches!(error, StoryError::Cancelled) {
                    // The failure itself is what is told; a note that cannot be written changes nothing about it.
                    let patch = json!({ "image_error": error.to_string() });
                    let _ = self.rows.update_scene(&scene.scene_id, patch).await;
                }
                Err(error)
            }
        }
    }

    /// Puts a new picture in the place of a scene's picture. The old one stays until the new one is stored and
    /// proven; its object is kept, so that [`Stories::put_back`] can undo it.
    ///
    /// # Errors
    /// If the picture cannot be used, made or stored, or if somebody else replaced it meanwhile. The scene then
    /// still shows its previous picture.
    pub async fn replace(
        &self,
        story: &Story,
        scene: &SceneId,
        source: Source,
        cancel: &CancellationToken,
    ) -> Result<Replaced, StoryError> {
        let scene = story
            .scenes
            .iter()
            .find(|candidate| candidate.scene_id == *scene)
            .ok_or_else(|| StoryError::NoSuchScene {
                story: story.story_id.clone(),
                scene: scene.to_string(),
            })?;
        let (stored, mut patch) = match source {
            Source::Drawn { prompt, seed } => {
                let bucket = self.ensure_bucket().await?;
                let stored = self
                    .draw_and_store(&bucket, &story.story_id, scene, &prompt, u64::from(seed), cancel)
                    .await?;
                (stored, json!({ "image_prompt": prompt }))
            }
            Source::File { bytes, name } => (self.store_file(&story.story_id, scene, bytes, &name).await?, json!({})),
        };
        patch["image_url"] = json!(stored.url);
        patch["image_error"] = Value::Null;
        self.swap(&story.story_id, scene, patch, stored).await
    }

    /// Undoes a replacement.
    ///
    /// # Errors
    /// If the picture was replaced once more since.
    pub async fn put_back(&self, replaced: &Replaced) -> Result<Replaced, StoryError> {
        let patch = json!({ "image_url": replaced.before });
        if !self
            .rows
            .update_scene_if(&replaced.scene, replaced.now.as_deref(), patch)
            .await?
        {
            return Err(StoryError::Conflict);
        }
        if let (Some(before), Some(now)) = (&replaced.before, &replaced.now) {
            self.rows.move_cover(&replaced.story, now, before).await?;
        }
        let (before, now) = (replaced.now.clone(), replaced.before.clone());
        Ok(Replaced {
            before,
            now,
            story: replaced.story.clone(),
            scene: replaced.scene.clone(),
        })
    }

    async fn swap(&self, story: &StoryId, scene: &Scene, patch: Value, stored: Stored) -> Result<Replaced, StoryError> {
        if !self
            .rows
            .update_scene_if(&scene.scene_id, scene.image_url.as_deref(), patch)
            .await?
        {
            if stored.fresh {
                // Nothing points at what was just stored: it is ours to take away again. If that fails too, the
                // object is an orphan, which does no harm.
                let _ = self.supabase.bucket(&self.settings.bucket).remove(&[stored.key]).await;
            }
            return Err(StoryError::Conflict);
        }
        match &scene.image_url {
            Some(before) => _ = self.rows.move_cover(story, before, &stored.url).await?,
            None => self.complete(story).await?,
        }
        Ok(Replaced {
            story: story.clone(),
            scene: scene.scene_id.clone(),
            before: scene.image_url.clone(),
            now: Some(stored.url),
        })
    }

    /// Says so in the story's row if its last missing picture was just put in.
    async fn complete(&self, story: &StoryId) -> Result<(), StoryError> {
        let story = self.rows.get(story).await?;
        if story.status == Status::Completed || story.can_resume() {
            return Ok(());
        }
        let cover = story
            .scenes
            .iter()
            .find_map(|scene| scene.image_url.clone())
            .filter(|_| story.cover_image_url.is_none());
        self.rows
            .set_status(&story.story_id, Status::Completed, cover.as_deref(), &story.made_with)
            .await
    }

    async fn draw_and_store(
        &self,
        bucket: &Bucket,
        story: &StoryId,
        scene: &Scene,
        prompt: &str,
        seed: u64,
        cancel: &CancellationToken,
    ) -> Result<Stored, StoryError> {
        let recipe = Recipe {
            scene_id: scene.scene_id.to_string(),
            provider: self.settings.provider.clone(),
            model: self.settings.image_model.clone(),
            prompt: prompt.to_owned(),
            seed,
            size: PICTURE_SIZE,
        };
        let made = tokio::select! {
            made = self.made(&recipe) => made?,
            () = cancel.cancelled() => return Err(StoryError::Cancelled),
        };
        if let Some(stored) = self.stored_before(&made).await {
            return Ok(stored);
        }
        let facts = json!({
            "generator": self.settings.image_engine, "story_id": story, "scene": scene.index, "seed": seed,
            "model": self.settings.image_model, "prompt_sha256": sha256(prompt.as_bytes()), "sha256": made.sha256,
        });
        let stored = self.store(bucket, story, scene, made.bytes, facts).await?;
        let (bucket, key) = (self.settings.bucket.to_string(), stored.key.to_string());
        self.journal
            .run(move |journal| journal.picture_stored(&recipe, &bucket, &key))
            .await?;
        Ok(stored)
    }

    /// The recipe's picture: from the journal, else from the model and then into the journal.
    async fn made(&self, recipe: &Recipe) -> Result<Made, StoryError> {
        let wanted = recipe.clone();
        if let Some(made) = self.journal.run(move |journal| journal.picture(&wanted)).await? {
            return Ok(made);
        }
        let (width, height) = recipe.size;
        let request = PaintRequest {
            prompt: recipe.prompt.clone(),
            width,
            height,
            seed: recipe.seed,
        };
        let painted = self.ai.paint(&request).await?;
        let recipe = recipe.clone();
        let made = self
            .journal
            .run(move |journal| {
                journal.keep_picture(&recipe, painted.bytes, &painted.media_type, painted.note.as_deref())
            })
            .await?;
        Ok(made)
    }

    /// A picture that the journal says was uploaded, if its object is still there as it was sent.
    async fn stored_before(&self, made: &Made) -> Option<Stored> {
        let (bucket, key) = made.stored_at.as_ref()?;
        if bucket != self.settings.bucket.as_str() {
            return None;
        }
        let key = ObjectKey::parse(key).ok()?;
        let info = self.supabase.bucket(&self.settings.bucket).info(&key).await.ok()?;
        (info.size == Some(made.bytes.len() as u64)).then(|| self.stored(key, false))
    }

    async fn store_file(&self, story: &StoryId, scene: &Scene, bytes: Bytes, name: &str) -> Result<Stored, StoryError> {
        let facts = json!({
            "generator": "upload", "story_id": story, "scene": scene.index, "file_name": name,
            "sha256": sha256(&bytes),
        });
        let bucket = self.supabase.buckets().get(&self.settings.bucket).await?;
        self.store(&bucket, story, scene, bytes, facts).await
    }

    /// Checks, uploads under a fresh name, and reads back that it is stored.
    async fn store(
        &self,
        bucket: &Bucket,
        story: &StoryId,
        scene: &Scene,
        bytes: Bytes,
        facts: Value,
    ) -> Result<Stored, StoryError> {
        let checked = bytes.clone();
        let (limit, allowed) = (bucket.file_size_limit, bucket.allowed_mime_types.clone());
        let media_type = tokio::task::spawn_blocking(move || {
            media::check_upload(&checked, limit, allowed.as_deref()).map(|facts| facts.media_type)
        })
        .await
        .map_err(|_| StoryError::Cancelled)??;
        let key = picture_key(
            &self.settings.key_template,
            story,
            scene.index,
            MediaType::extension(media_type),
        )?;
        let metadata = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        let upload = Upload {
            metadata,
            ..Upload::new(media_type.mime())
        };
        let objects = self.supabase.bucket(&self.settings.bucket);
        objects.upload(&key, bytes.clone(), &upload).await?;
        let info = objects.info(&key).await?;
        let found = info.size.unwrap_or_default();
        // The ETag of a plain upload is the MD5 of its bytes; other stores use other ETags, where only the size tells.
        let differs = info
            .etag
            .as_deref()
            .map(|etag| etag.trim_matches('"'))
            .filter(|etag| is_md5(etag))
            .is_some_and(|etag| {
                let ours = Md5::digest(&bytes);
                !etag.eq_ignore_ascii_case(&ours.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
            });
        if found != bytes.len() as u64 || differs {
            let _ = objects.remove(std::slice::from_ref(&key)).await;
            return Err(StoryError::NotStored {
                bucket: self.settings.bucket.to_string(),
                key: key.to_string(),
                sent: bytes.len() as u64,
                found,
            });
        }
        Ok(self.stored(key, true))
    }

    fn stored(&self, key: ObjectKey, fresh: bool) -> Stored {
        let url = url::public_url(self.supabase.url(), &self.settings.bucket, &key);
        Stored { key, url, fresh }
    }
}

fn is_md5(etag: &str) -> bool {
    etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}
