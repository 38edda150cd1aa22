//! One scene's picture: made or brought by the editor, stored and proven.

use std::time::Duration;

use bytes::Bytes;
use md5::Digest as _;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::model::{Scene, SceneId, StoryId};
use super::point::{Certainty, Pointed};
use super::variant::{VariantId, VariantState};
use super::variants::DrawnFacts;
use super::{Disguise, PICTURE_SIZE, Stories, StoryError, picture_key, record};
use crate::ai::{AiError, PaintRequest};
use crate::journal::{Made, Recipe, sha256};
use crate::media::{self, Md5, MediaError, MediaType};
use crate::supabase::{Bucket, ObjectInfo, ObjectKey, UPLOAD_MARK, Upload, url};
use crate::workspace::Money;

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

/// A picture that is to be stored, checked, under a name that nothing else has.
pub(super) struct Prepared {
    pub(super) key: ObjectKey,
    pub(super) media_type: &'static str,
    pub(super) bytes: Bytes,
    /// What is kept beside it, with the mark.
    pub(super) metadata: Map<String, Value>,
    /// By which it is known again, whoever stored it.
    pub(super) mark: String,
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
        let result = self.draw_and_store(bucket, story, scene, seed, cancel).await;
        match result {
            Ok(stored) => {
                let patch = json!({ "image_url": stored.url, "image_error": null });
                match self
                    .point(story, &scene.scene_id, None, &patch, Certainty::Fresh)
                    .await?
                {
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

    /// Makes and stores the picture of a scene as its row asks for it, unless that was done before and it is still there.
    async fn draw_and_store(
        &self,
        bucket: &Bucket,
        story: &StoryId,
        scene: &Scene,
        seed: u64,
        cancel: &CancellationToken,
    ) -> Result<Stored, StoryError> {
        let recipe = self.recipe(scene, &scene.image_prompt, seed);
        let made = self.made(story, &recipe, cancel).await?;
        if let Some(stored) = self.stored_before(story, scene, &made).await? {
            return Ok(stored);
        }
        let facts = self.facts_of(&recipe, story, scene.index, &made);
        let stored = self.store(bucket, story, scene, made.bytes, facts).await?;
        self.remember_stored(recipe, &stored.key).await?;
        Ok(stored)
    }

    /// All that decides how a picture of a scene turns out.
    pub(super) fn recipe(&self, scene: &Scene, prompt: &str, seed: u64) -> Recipe {
        Recipe {
            scene_id: scene.scene_id.to_string(),
            provider: self.settings.provider.clone(),
            model: self.settings.image_model.clone(),
            prompt: prompt.to_owned(),
            seed,
            size: PICTURE_SIZE,
        }
    }

    /// What is kept beside a picture that was made.
    pub(super) fn facts_of(&self, recipe: &Recipe, story: &StoryId, index: usize, made: &Made) -> Value {
        Value::Object(record::of_recipe(recipe, &self.settings, story, index, made).to_metadata())
    }

    /// Remembers where a recipe's picture was uploaded to.
    pub(super) async fn remember_stored(&self, recipe: Recipe, key: &ObjectKey) -> Result<(), StoryError> {
        let (bucket, key) = (self.settings.bucket.to_string(), key.to_string());
        let remembered = self
            .journal
            .run(move |journal| journal.picture_stored(&recipe, &bucket, &key));
        Ok(remembered.await?)
    }

    /// The recipe's picture: from the journal, else from the model and then into the journal, where it is a variant of its scene
    /// like any other.
    pub(super) async fn made(
        &self,
        story: &StoryId,
        recipe: &Recipe,
        cancel: &CancellationToken,
    ) -> Result<Made, StoryError> {
        if let Some(made) = self.made_before(recipe).await? {
            return Ok(made);
        }
        let provider = self.ai.provider();
        let turn = self
            .variants()
            .wait_for_turn(&provider.id(), provider.concurrent, cancel)
            .await?;
        // Whoever had it before may have made the very same.
        if let Some(made) = self.made_before(recipe).await? {
            return Ok(made);
        }
        let (width, height) = recipe.size;
        let (prompt, disguise) = self.hidden(story, &recipe.prompt).await?;
        let request = PaintRequest {
            seed: Some(recipe.seed),
            ..PaintRequest::new(prompt, width, height)
        };
        let variants = self.variants();
        let id = variants.begin_alone(story, recipe, self.ai.provider()).await?;
        let painted = tokio::select! {
            painted = self.ai.paint(&request, &|_| {}) => painted,
            () = cancel.cancelled() => Err(AiError::Cancelled),
        };
        drop(turn);
        match painted {
            Ok(painted) => {
                let facts = DrawnFacts {
                    seed: painted.seed.or(request.seed.filter(|_| self.ai.abilities().seed)),
                    cost: painted.cost.or(self.ai.provider().price),
                    model: painted.model,
                    note: painted.note.map(|note| disguise.restore(&note)),
                    recipe: Some(recipe.clone()),
                };
                self.keep_made(id, painted.bytes, facts, cancel).await?;
                self.made_before(recipe).await?.ok_or(StoryError::NoPictureYet(id))
            }
            Err(error) => {
                let provider = self.ai.provider();
                let free = provider.is_built_in() || provider.price == Some(Money::ZERO);
                let (state, cost) = VariantState::without_picture(&error, free, provider.price);
                variants.end(id, &state, cost).await?;
                Err(match error {
                    AiError::Cancelled => StoryError::Cancelled,
                    error => error.into(),
                })
            }
        }
    }

    /// Keeps what was paid for. A disk that is full may have room again in a moment: what came is not let go of at once.
    async fn keep_made(
        &self,
        id: VariantId,
        bytes: Bytes,
        facts: DrawnFacts,
        cancel: &CancellationToken,
    ) -> Result<(), StoryError> {
        const TRIES: u32 = 15;
        const AGAIN: Duration = Duration::from_secs(2);
        let mut tries = 1;
        loop {
            match self.variants().made(id, bytes.clone(), facts.clone()).await {
                Err(StoryError::Journal(error)) if tries < TRIES && !cancel.is_cancelled() => {
                    tracing::warn!(variant = %id, %error, "a picture is not kept yet");
                }
                result => return result,
            }
            tries += 1;
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                // Once more, and then no more.
                () = cancel.cancelled() => {}
            }
        }
    }

    async fn made_before(&self, recipe: &Recipe) -> Result<Option<Made>, StoryError> {
        let wanted = recipe.clone();
        Ok(self.journal.run(move |journal| journal.picture(&wanted)).await?)
    }

    /// Words as they may go out, and what puts the real names back.
    async fn hidden(&self, story: &StoryId, words: &str) -> Result<(String, Disguise), StoryError> {
        let provider = self.ai.provider();
        if !provider.mask_people || provider.is_built_in() {
            return Ok((words.to_owned(), Disguise::default()));
        }
        let disguise = self.drawn_story(story).await?.disguise();
        Ok((disguise.apply(words), disguise))
    }

    /// A picture that the journal says was uploaded, if its object is still there as it was sent.
    pub(super) async fn stored_before(
        &self,
        story: &StoryId,
        scene: &Scene,
        made: &Made,
    ) -> Result<Option<Stored>, StoryError> {
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

    /// A picture that an editor brought, checked and with a name of its own.
    pub(super) async fn prepare_file(
        &self,
        story: &StoryId,
        scene: &Scene,
        bytes: Bytes,
        name: &str,
        save_as: Option<MediaType>,
    ) -> Result<Prepared, StoryError> {
        let facts = Value::Object(record::of_file(story, scene.index, name, sha256(&bytes)).to_metadata());
        let bucket = self.supabase.buckets().get(&self.settings.bucket).await?;
        self.prepare(&bucket, (story, scene.index), bytes, facts, save_as).await
    }

    /// Checks a picture against what the bucket takes, and gives it a fresh name and a mark. With `save_as` it is made anew first, as a
    /// picture of that kind with as many of its pixels as the bucket takes.
    pub(super) async fn prepare(
        &self,
        bucket: &Bucket,
        (story, index): (&StoryId, usize),
        bytes: Bytes,
        mut facts: Value,
        save_as: Option<MediaType>,
    ) -> Result<Prepared, StoryError> {
        let (limit, allowed) = (bucket.file_size_limit, bucket.allowed_mime_types.clone());
        let made = tokio::task::spawn_blocking(move || made_to_fit(bytes, limit, allowed.as_deref(), save_as));
        let (media_type, bytes, size) = made.await.map_err(|_| StoryError::Cancelled)??;
        if let (Some(size), Some(facts)) = (size, facts.as_object_mut()) {
            // It is another picture than the one that the record is about.
            if let Some(parent) = facts.insert("sha256".to_owned(), sha256(&bytes).into()) {
                facts.insert("parent_sha256".to_owned(), parent);
            }
            facts.insert("width".to_owned(), size.0.into());
            facts.insert("height".to_owned(), size.1.into());
        }
        let key = picture_key(
            &self.settings.key_template,
            story,
            index,
            MediaType::extension(media_type),
        )?;
        let mut metadata = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        let mark = Uuid::new_v4().to_string();
        metadata.insert(UPLOAD_MARK.to_owned(), mark.clone().into());
        Ok(Prepared {
            key,
            media_type: media_type.mime(),
            bytes,
            metadata,
            mark,
        })
    }

    /// Uploads under a fresh name, and reads back that it is stored.
    async fn store(
        &self,
        bucket: &Bucket,
        story: &StoryId,
        scene: &Scene,
        bytes: Bytes,
        facts: Value,
    ) -> Result<Stored, StoryError> {
        let prepared = self.prepare(bucket, (story, scene.index), bytes, facts, None).await?;
        self.store_prepared(story, &scene.scene_id, prepared).await
    }

    /// Uploads what was prepared, and reads back that it is stored.
    pub(super) async fn store_prepared(
        &self,
        story: &StoryId,
        scene: &SceneId,
        prepared: Prepared,
    ) -> Result<Stored, StoryError> {
        let Prepared {
            key,
            media_type,
            bytes,
            metadata,
            ..
        } = prepared;
        // Should the program end before a row points at it, it does not stay for ever.
        let note = self.retire(story, scene, &key, None).await?;
        let upload = Upload {
            metadata,
            ..Upload::new(media_type)
        };
        let objects = self.supabase.bucket(&self.settings.bucket);
        objects.upload(&key, bytes.clone(), &upload).await?;
        let info = objects.info(&key).await?;
        let found = info.size.unwrap_or_default();
        if found != bytes.len() as u64 || differs(&info, &md5(&bytes)) {
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

    pub(super) fn url_of(&self, key: &ObjectKey) -> String {
        url::public_url(self.supabase.url(), &self.settings.bucket, key)
    }

    pub(super) fn stored(&self, key: ObjectKey, fresh: bool, note: String) -> Stored {
        let url = self.url_of(&key);
        Stored { key, url, fresh, note }
    }
}

/// What is uploaded: the kind and the bytes; and pixels across and down if they were made anew.
type Fitted = (MediaType, Bytes, Option<(u32, u32)>);

/// A picture as the bucket takes it: as it is, or made anew as another kind.
fn made_to_fit(
    bytes: Bytes,
    limit: Option<u64>,
    allowed: Option<&[String]>,
    save_as: Option<MediaType>,
) -> Result<Fitted, StoryError> {
    let (bytes, size) = match save_as {
        Some(kind) => {
            let made = media::refit(&bytes, kind, limit)?;
            (Bytes::from(made.bytes), Some(made.dimensions))
        }
        None => (bytes, None),
    };
    match media::check_upload(&bytes, limit, allowed) {
        Ok(facts) => Ok((facts.media_type, bytes, size)),
        Err(source @ (MediaError::LargerThanBucket { .. } | MediaError::NotAllowed { .. })) => {
            let takes = |kind: &MediaType| {
                let listed = allowed.filter(|allowed| !allowed.is_empty());
                listed.is_none_or(|allowed| allowed.iter().any(|entry| media::accepts(entry, kind.mime())))
            };
            let kinds = [MediaType::Webp, MediaType::Jpeg, MediaType::Png];
            Err(StoryError::NotTaken {
                source,
                save_as: kinds.into_iter().find(takes),
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// MD5 in lower-case hexadecimal, as the ETag of a plain upload has it.
pub(super) fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the ETag says that other bytes are stored. That of a plain upload is the MD5 of its bytes; other stores use other
/// ETags, where only the size tells.
pub(super) fn differs(info: &ObjectInfo, md5: &str) -> bool {
    let etag = info.etag.as_deref().map(|etag| etag.trim_matches('"'));
    etag.filter(|etag| is_md5(etag))
        .is_some_and(|etag| !etag.eq_ignore_ascii_case(md5))
}

fn is_md5(etag: &str) -> bool {
    etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}
