//! A new picture in the place of a scene's picture, and the old one back again. Two editors at once do not lose one another's
//! pictures: whoever comes second is told. A program that ends in the middle of it leaves in the journal what was to be done,
//! and [`Stories::settle_replacements`] does the rest.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::model::{Scene, SceneId, Story, StoryId};
use super::picture::{Prepared, Stored};
use super::point::{Certainty, Pointed};
use super::replacement::{Detail, Intent, Sent, Work};
use super::{Stories, StoryError};
use crate::journal::{Recipe, ReplacementRow, ReplacementStage};
use crate::media::MediaType;
use crate::supabase::Class;
use crate::transfer::trash::TrashError;

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

impl Stories {
    /// Puts a new picture in the place of a scene's picture, and in every other place of the story that shows the same one. The old
    /// picture stays until the new one is stored and proven; its object is kept, so that [`Stories::put_back`] can undo it.
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
        self.replace_as(story, scene, source, None, cancel).await
    }

    /// The same; with `save_as` the picture is made anew as one of that kind, no larger than the bucket takes.
    ///
    /// # Errors
    /// As [`Stories::replace`].
    pub async fn replace_as(
        &self,
        story: &Story,
        scene: &SceneId,
        source: Source,
        save_as: Option<MediaType>,
        cancel: &CancellationToken,
    ) -> Result<Replaced, StoryError> {
        let scene = self.scene_of(story, scene).await?;
        let id = &story.story_id;
        let (prepared, patch, recipe) = match source {
            Source::Drawn { prompt, seed } => {
                let bucket = self.ensure_bucket().await?;
                let recipe = self.recipe(scene, &prompt, u64::from(seed));
                let made = self.made(id, &recipe, cancel).await?;
                let facts = self.facts_of(&recipe, id, scene.index, &made);
                let at = (id, scene.index);
                let prepared = self.prepare(&bucket, at, made.bytes, facts, save_as).await?;
                (prepared, json!({ "image_prompt": prompt }), Some(recipe))
            }
            Source::File { bytes, name } => {
                let prepared = self.prepare_file(id, scene, bytes, &name, save_as).await?;
                (prepared, json!({}), None)
            }
        };
        Box::pin(self.replace_with(id, scene, prepared, patch, recipe)).await
    }

    /// A scene of a story, when nothing is left half-done with it.
    pub(super) async fn scene_of<'a>(&self, story: &'a Story, scene: &SceneId) -> Result<&'a Scene, StoryError> {
        let found = story.scenes.iter().find(|candidate| candidate.scene_id == *scene);
        let found = found.ok_or_else(|| StoryError::NoSuchScene {
            story: story.story_id.clone(),
            scene: scene.to_string(),
        })?;
        self.settle_scene(scene).await?;
        Ok(found)
    }

    /// Stores a picture and lets a scene show it, with the rest that its row gets.
    pub(super) async fn replace_with(
        &self,
        story: &StoryId,
        scene: &Scene,
        prepared: Prepared,
        mut patch: Value,
        recipe: Option<Recipe>,
    ) -> Result<Replaced, StoryError> {
        let url = self.url_of(&prepared.key);
        patch["image_url"] = json!(url);
        patch["image_error"] = Value::Null;
        let sent = Sent::of(&prepared);
        let work = self
            .begin_replacement(Intent {
                story,
                scene: &scene.scene_id,
                before: scene.image_url.as_deref(),
                now: Some(&url),
                undoes: None,
                detail: Detail {
                    patch,
                    sent: Some(sent),
                    ..Detail::default()
                },
            })
            .await?;
        let stored = match self.store_prepared(story, &scene.scene_id, prepared).await {
            Ok(stored) => stored,
            Err(error) => {
                // Whatever of it arrives after all is seen to by its note; no row will point at it.
                self.end(work, ReplacementStage::GivenUp).await?;
                return Err(error);
            }
        };
        if let Some(recipe) = recipe {
            self.remember_stored(recipe, &stored.key).await?;
        }
        Box::pin(self.carry_through(work, Some(stored), Certainty::Fresh)).await
    }

    /// Undoes a replacement, in every place that it changed. A picture that went to the trash meanwhile is fetched from there first.
    ///
    /// # Errors
    /// [`StoryError::Conflict`] if the picture was replaced once more since; [`StoryError::PictureGone`] if the previous one
    /// is not to be had any more. The scene then shows what it showed.
    pub async fn put_back(&self, replaced: &Replaced) -> Result<Replaced, StoryError> {
        self.settle_scene(&replaced.scene).await?;
        let undone = self.row_of(replaced).await?;
        let undone_detail = undone.as_ref().map(|row| Detail::read(&row.detail)).unwrap_or_default();
        let work = self
            .begin_replacement(Intent {
                story: &replaced.story,
                scene: &replaced.scene,
                before: replaced.now.as_deref(),
                now: replaced.before.as_deref(),
                undoes: undone.map(|row| row.id),
                detail: Detail {
                    patch: json!({ "image_url": replaced.before }),
                    found: undone_detail.unseen,
                    unseen: undone_detail.found,
                    ..Detail::default()
                },
            })
            .await?;
        Box::pin(self.carry_through(work, None, Certainty::Fresh)).await
    }

    /// The replacement that is to be taken back, if this journal knows it.
    async fn row_of(&self, replaced: &Replaced) -> Result<Option<ReplacementRow>, StoryError> {
        let scene = replaced.scene.to_string();
        let rows = self.journal.run(move |journal| journal.replacements_of(&scene)).await?;
        let is_it = |row: &ReplacementRow| {
            row.stage != ReplacementStage::GivenUp
                && !row.undone
                && row.before == replaced.before
                && row.now == replaced.now
        };
        Ok(rows.into_iter().find(is_it))
    }

    /// Lets the scene show the new picture, which is stored or is an earlier one.
    pub(super) async fn carry_through(
        &self,
        mut work: Work,
        stored: Option<Stored>,
        certainty: Certainty,
    ) -> Result<Replaced, StoryError> {
        let (before, now) = (work.row.before.clone(), work.row.now.clone());
        let mut earlier = None;
        if stored.is_none()
            && !work.detail.unseen
            && let Some(key) = now.as_deref().and_then(|url| self.own(url))
        {
            // If somebody else was faster, it has its time again; what was not shown before has none.
            let note = if work.detail.found {
                String::new()
            } else {
                self.retire(&work.story, &work.scene, &key, before.as_deref()).await?
            };
            if let Err(error) = self.ensure_there(&key).await {
                return self.not_done(work, None, true, error).await;
            }
            earlier = Some(self.stored(key, false, note));
        }
        if !work.detail.unseen
            && let Some(key) = before.as_deref().and_then(|url| self.own(url))
        {
            // Before the change, so that the old picture is not forgotten if the program ends just after it.
            self.retire(&work.story, &work.scene, &key, now.as_deref()).await?;
        }
        let pointed = self
            .point(
                &work.story,
                &work.scene,
                before.as_deref(),
                &work.detail.patch,
                certainty,
            )
            .await;
        match pointed {
            Ok(Pointed::Won) => {}
            Ok(Pointed::Lost { sure }) => {
                self.lead_on(&mut work, sure).await?;
                return self.not_done(work, stored.as_ref(), sure, StoryError::Conflict).await;
            }
            Err(error) => {
                let sure = certainty == Certainty::Fresh;
                return self.not_done(work, stored.as_ref(), sure, error).await;
            }
        }
        self.note(&mut work, ReplacementStage::Pointed).await?;
        Box::pin(self.follow(work, stored.or(earlier))).await
    }

    /// Ends what was not done, unless nobody knows yet whether it was.
    async fn not_done(
        &self,
        work: Work,
        stored: Option<&Stored>,
        sure: bool,
        error: StoryError,
    ) -> Result<Replaced, StoryError> {
        let unknown = match &error {
            StoryError::Wire(error) | StoryError::Trash(TrashError::Wire(error)) => {
                error.class == Class::Ambiguous || (!sure && error.class != Class::NotFound)
            }
            StoryError::Trash(TrashError::Unclear { .. }) => true,
            _ => false,
        };
        if unknown {
            // It is left as it is, and looked at again.
            return Err(error);
        }
        if let Some(stored) = stored {
            self.withdraw(stored, sure).await;
        }
        self.end(work, ReplacementStage::GivenUp).await?;
        Err(error)
    }

    /// The scene shows the new picture; everything else that showed the old one follows.
    pub(super) async fn follow(&self, mut work: Work, picture: Option<Stored>) -> Result<Replaced, StoryError> {
        if let Some(picture) = &picture
            && let Err(error) = self.placed(picture).await
        {
            work.detail.left_behind = Some(error.to_string());
            self.end(work, ReplacementStage::Done).await?;
            return Err(error);
        }
        let followed = match (work.row.before.clone(), work.row.now.clone()) {
            (Some(before), Some(now)) => self.lead_places(&mut work, &before, &now).await,
            (None, Some(_)) => self.first_came(&mut work).await,
            (Some(before), None) => self.first_went(&mut work, &before).await,
            (None, None) => Ok(()),
        };
        // The picture was replaced; that something else did not follow makes that no less true.
        work.detail.left_behind = followed.as_ref().err().map(ToString::to_string);
        let replaced = Replaced {
            story: work.story.clone(),
            scene: work.scene.clone(),
            before: work.row.before.clone(),
            now: work.row.now.clone(),
            left_behind: work.detail.left_behind.clone(),
        };
        match followed {
            // It follows at the next start, or before the next change.
            Err(StoryError::Wire(error)) if may_pass(error.class) => {
                self.note(&mut work, ReplacementStage::Pointed).await?;
            }
            _ => self.end(work, ReplacementStage::Done).await?,
        }
        Ok(replaced)
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
}

/// Whether the same request may succeed later.
fn may_pass(class: Class) -> bool {
    matches!(
        class,
        Class::Network | Class::Ambiguous | Class::Busy | Class::Throttled | Class::Cancelled
    )
}
