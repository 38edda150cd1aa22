//! One scene's picture: made or brought by the editor, stored and proven.

use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::model::{Scene, StoryId};
use super::replace::Pointed;
use super::{PICTURE_SIZE, Stories, StoryError, picture_key};
use crate::ai::PaintRequest;
use crate::journal::{Made, Recipe, sha256};
use crate::media::{self, MediaType};
use crate::supabase::{Bucket, ObjectKey, Upload, url};

/// An object that holds a picture, proven to be there.
pub(super) struct Stored {
    pub(super) key: ObjectKey,
    /// The public URL that rows point at.
    pub(super) url: String,
    /// Whether it was uploaded just now, so that nothing else can point at it yet.
    pub(super) fresh: bool,
    /// The note that sees to it if no row ever points at it.
    pub(super) note: String,
}

/// Whether a picture that was stored before is stored again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// Only if its object is gone.
    IfGone,
    /// Always, under a fresh name: what somebody may be taking away is not pointed at again.
    Always,
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
            .draw_and_store(bucket, story, scene, &scene.image_prompt, seed, Again::IfGone, cancel)
            .await;
        match result {
            Ok(stored) => {
                let patch = json!({ "image_url": stored.url, "image_error": null });
                match self.point(story, &scene.scene_id, None, &patch).await? {
                    Pointed::Won => {
                        self.placed(&stored).await?;
                        Ok(stored.url)
                    }
                    // Somebody else gave it one meanwhile; theirs stays.
                    Pointed::Lost { sure } => {
                        self.withdraw(&stored, sure).await;
                        let theirs = self.rows.scene_picture(story, &scene.scene_id).await?.flatten();
                        theirs.ok_or(StoryError::Conflict)
                    }
                }
            }
            Err(error) => {
                if !matches!(error, StoryError::Cancelled) {
                    // The failure itself is what is told; a note that cannot be written changes nothing about it.
                    let patch = json!({ "image_error": error.to_string() });
                    let _ = self.rows.update_scene_if(story, &scene.scene_id, None, patch).await;
                }
                Err(error)
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "all that decides how a picture turns out, and where it goes"
    )]
    pub(super) async fn draw_and_store(
        &self,
        bucket: &Bucket,
        story: &StoryId,
        scene: &Scene,
        prompt: &str,
        seed: u64,
        again: Again,
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
        if again == Again::IfGone
            && let Some(stored) = self.stored_before(story, scene, &made).await?
        {
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
    async fn stored_before(&self, story: &StoryId, scene: &Scene, made: &Made) -> Result<Option<Stored>, StoryError> {
        let here = |(bucket, _): &&(String, String)| bucket == self.settings.bucket.as_str();
        let Some(key) = made
            .stored_at
            .as_ref()
            .filter(here)
            .and_then(|(_, key)| ObjectKey::parse(key).ok())
        else {
            return Ok(None);
        };
        // Its time begins anew: whoever was about to take it away is told by that.
        let note = self.retire(story, &scene.scene_id, &key, None).await?;
        let there = match self.supabase.bucket(&self.settings.bucket).info(&key).await {
            Ok(info) => info.size == Some(made.bytes.len() as u64),
            Err(_) => false,
        };
        Ok(there.then(|| self.stored(key, false, note)))
    }

    pub(super) async fn store_file(
        &self,
        story: &StoryId,
        scene: &Scene,
        bytes: Bytes,
        name: &str,
    ) -> Result<Stored, StoryError> {
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
        // Should the program end before a row points at it, it does not stay for ever.
        let note = self.retire(story, &scene.scene_id, &key, None).await?;
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
            let (bucket, name) = (self.settings.bucket.to_string(), key.to_string());
            self.withdraw(&self.stored(key, true, note), true).await;
            return Err(StoryError::NotStored {
                bucket,
                key: name,
                sent: bytes.len() as u64,
                found,
            });
        }
        Ok(self.stored(key, true, note))
    }

    fn stored(&self, key: ObjectKey, fresh: bool, note: String) -> Stored {
        let url = url::public_url(self.supabase.url(), &self.settings.bucket, &key);
        Stored { key, url, fresh, note }
    }
}

fn is_md5(etag: &str) -> bool {
    etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}
