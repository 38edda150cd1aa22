//! A new picture in the place of a scene's picture, and the old one back again. Two editors at once do not lose one another's
//! pictures: whoever comes second is told.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::model::{Scene, SceneId, Status, Story, StoryId};
use super::picture::{Again, Stored};
use super::{Stories, StoryError};
use crate::supabase::Class;

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
    /// The picture that was there. Its object is kept for a while: in its place, and then in the trash.
    pub before: Option<String>,
    /// The picture that is there now.
    pub now: Option<String>,
    /// What should have changed with it and could not be changed, such as the cover, as a sentence.
    pub left_behind: Option<String>,
}

/// Whether a scene's row points at a new picture now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pointed {
    /// It does.
    Won,
    /// It points at another one, neither the old one nor the new one.
    Lost {
        /// Whether it never pointed at the new one.
        sure: bool,
    },
}

impl Stories {
    /// Times that a change is tried whose condition seems to hold.
    const TRIES: usize = 5;

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
                    .draw_and_store(
                        &bucket,
                        &story.story_id,
                        scene,
                        &prompt,
                        u64::from(seed),
                        Again::Always,
                        cancel,
                    )
                    .await?;
                (stored, json!({ "image_prompt": prompt }))
            }
            Source::File { bytes, name } => (self.store_file(&story.story_id, scene, bytes, &name).await?, json!({})),
        };
        patch["image_url"] = json!(stored.url);
        patch["image_error"] = Value::Null;
        self.swap(&story.story_id, scene, patch, stored).await
    }

    /// Undoes a replacement. A picture that went to the trash meanwhile is fetched from there first.
    ///
    /// # Errors
    /// [`StoryError::Conflict`] if the picture was replaced once more since; [`StoryError::PictureGone`] if the previous one
    /// is not to be had any more. The scene then shows what it showed.
    pub async fn put_back(&self, replaced: &Replaced) -> Result<Replaced, StoryError> {
        let (story, scene) = (&replaced.story, &replaced.scene);
        let (before, now) = (replaced.before.as_deref(), replaced.now.as_deref());
        let previous = before.and_then(|url| self.own(url));
        let mut note = None;
        if let Some(key) = &previous {
            // If somebody else was faster, it has its time again.
            note = Some(self.retire(story, scene, key, now).await?);
            self.ensure_there(key).await?;
        }
        if let Some(key) = now.and_then(|url| self.own(url)) {
            self.retire(story, scene, &key, before).await?;
        }
        match self.point(story, scene, now, &json!({ "image_url": before })).await? {
            Pointed::Won => {}
            Pointed::Lost { .. } => return Err(StoryError::Conflict),
        }
        if let (Some(key), Some(note)) = (&previous, note) {
            self.journal.run(move |journal| journal.unretire(&note)).await?;
            // Somebody who takes away what nothing points at looks again after that, and so does this.
            self.still_there(key).await?;
        }
        let mut left_behind = None;
        if let (Some(before), Some(now)) = (before, now) {
            left_behind = behind(self.lead_cover((story, scene), now, before).await);
        }
        Ok(Replaced {
            story: story.clone(),
            scene: scene.clone(),
            before: replaced.now.clone(),
            now: replaced.before.clone(),
            left_behind,
        })
    }

    async fn swap(&self, story: &StoryId, scene: &Scene, patch: Value, stored: Stored) -> Result<Replaced, StoryError> {
        let before = scene.image_url.as_deref();
        if let Some(key) = before.and_then(|url| self.own(url)) {
            // Before the change, so that the old picture is not forgotten if the program ends just after it.
            self.retire(story, &scene.scene_id, &key, Some(&stored.url)).await?;
        }
        if let Pointed::Lost { sure } = self.point(story, &scene.scene_id, before, &patch).await? {
            self.withdraw(&stored, sure).await;
            return Err(StoryError::Conflict);
        }
        self.placed(&stored).await?;
        let followed = match before {
            Some(before) => self.lead_cover((story, &scene.scene_id), before, &stored.url).await,
            None => self.complete(story).await,
        };
        Ok(Replaced {
            story: story.clone(),
            scene: scene.scene_id.clone(),
            before: scene.image_url.clone(),
            now: Some(stored.url),
            left_behind: behind(followed),
        })
    }

    /// Lets a scene point at another picture if it points at `expected`, and finds out what became of it if the answer was lost.
    pub(super) async fn point(
        &self,
        story: &StoryId,
        scene: &SceneId,
        expected: Option<&str>,
        patch: &Value,
    ) -> Result<Pointed, StoryError> {
        let wanted = patch["image_url"].as_str();
        let mut lost_answer = None;
        for _ in 0..Self::TRIES {
            match self.rows.update_scene_if(story, scene, expected, patch.clone()).await {
                Ok(true) => return Ok(Pointed::Won),
                Ok(false) => {}
                Err(StoryError::Wire(error)) if error.class == Class::Ambiguous => lost_answer = Some(error),
                Err(error) => return Err(error),
            }
            let sure = lost_answer.is_none();
            match self.rows.scene_picture(story, scene).await {
                Ok(None) => {
                    return Err(StoryError::NoSuchScene {
                        story: story.clone(),
                        scene: scene.to_string(),
                    });
                }
                Ok(Some(now)) if !sure && now.as_deref() == wanted => return Ok(Pointed::Won),
                // Somebody put it back just now, the request never arrived, or a policy hides the row from changes.
                Ok(Some(now)) if now.as_deref() == expected => {}
                Ok(Some(_)) => return Ok(Pointed::Lost { sure }),
                Err(_) if sure => return Ok(Pointed::Lost { sure }),
                Err(_) => break,
            }
        }
        Err(match lost_answer {
            Some(error) => error.into(),
            None => StoryError::NothingChanged { table: "scenes" },
        })
    }

    /// Lets the story's cover follow a scene's picture from `old` to `new`. If the scene went on meanwhile, whoever took it on found
    /// the cover still at `old`; so it is led on until it shows what the scene shows.
    async fn lead_cover(&self, (story, scene): (&StoryId, &SceneId), old: &str, new: &str) -> Result<(), StoryError> {
        let (mut old, mut new) = (old.to_owned(), new.to_owned());
        for _ in 0..Self::TRIES {
            if !self.rows.move_cover(story, &old, &new).await? {
                return Ok(());
            }
            match self.rows.scene_picture(story, scene).await?.flatten() {
                Some(now) if now != new => (old, new) = (new, now),
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// A row points at it now: its note is taken back. Somebody who had found its time to be over meanwhile is answered by
    /// looking whether it is still there.
    pub(super) async fn placed(&self, stored: &Stored) -> Result<(), StoryError> {
        let note = stored.note.clone();
        let untouched = self.journal.run(move |journal| journal.unretire(&note)).await;
        if stored.fresh && matches!(untouched, Ok(true)) {
            return Ok(());
        }
        self.still_there(&stored.key).await
    }

    /// Nothing points at what was just stored: it is ours to take away again. If that fails, or if it is not sure, its note
    /// sees to it later.
    pub(super) async fn withdraw(&self, stored: &Stored, sure: bool) {
        if !stored.fresh || !sure {
            return;
        }
        let objects = self.supabase.bucket(&self.settings.bucket);
        if matches!(objects.remove_one(&stored.key).await, Ok(true)) {
            let note = stored.note.clone();
            let _ = self.journal.run(move |journal| journal.unretire(&note)).await;
        }
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
}

/// The picture was replaced; that the story's own row did not follow makes that no less true.
fn behind(followed: Result<(), StoryError>) -> Option<String> {
    followed.err().map(|error| error.to_string())
}
