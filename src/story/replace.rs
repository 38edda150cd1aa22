//! A new picture in the place of a scene's picture, and the old one back again. Two editors at once do not lose one another's
//! pictures: whoever comes second is told. A program that ends in the middle of it leaves in the journal what was to be done,
//! and [`Stories::settle_replacements`] does the rest.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::model::{Scene, SceneId, Story, StoryId};
use super::picture::{Prepared, Stored, differs};
use super::point::{Certainty, Pointed};
use super::replacement::{Detail, Intent, Replacement, Sent, Work};
use super::{Stories, StoryError};
use crate::journal::{Recipe, ReplacementRow, ReplacementStage};
use crate::media::MediaType;
use crate::supabase::{Class, ObjectKey, UPLOAD_MARK};
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

/// What became of a replacement that a program had left half-done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is done now.
    Finished(Replaced),
    /// It is not done: the scene kept its picture, or shows somebody else's.
    TakenBack {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
    },
}

impl Settled {
    /// The story.
    #[must_use]
    pub fn story(&self) -> &StoryId {
        match self {
            Self::Finished(replaced) => &replaced.story,
            Self::TakenBack { story, .. } => story,
        }
    }
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

    /// Goes on with replacements that a program has left half-done: those whose new picture is stored and proven are finished, the
    /// others are given up. Those that somebody is at are left alone.
    ///
    /// # Errors
    /// If the journal or the project cannot be asked. What is left to do is done the next time.
    pub async fn settle_replacements(&self) -> Result<Vec<Settled>, StoryError> {
        let (mut settled, mut failed) = (Vec::new(), None);
        for Replacement { id, .. } in self.unfinished_replacements().await? {
            if let Some(work) = self.take_up(id.as_str()).await? {
                // One that cannot be settled yet keeps no other from it.
                match Box::pin(self.settle_one(work)).await {
                    Ok(done) => settled.push(done),
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
        }
        match failed {
            Some(error) if settled.is_empty() => Err(error),
            _ => Ok(settled),
        }
    }

    /// The same for one story, before something is done to what it shows. What somebody is at is waited for, for a while.
    ///
    /// # Errors
    /// If the journal or the project cannot be asked.
    pub async fn settle_story(&self, story: &StoryId) -> Result<Vec<Settled>, StoryError> {
        self.settle_those(|left| left.story == *story).await
    }

    /// The same for one scene.
    async fn settle_scene(&self, scene: &SceneId) -> Result<(), StoryError> {
        self.settle_those(|left| left.scene == *scene).await?;
        Ok(())
    }

    async fn settle_those(&self, concerned: impl Fn(&Replacement) -> bool) -> Result<Vec<Settled>, StoryError> {
        let mut settled = Vec::new();
        for _ in 0..Self::WAITS {
            let mut left = self.unfinished_replacements().await?;
            left.retain(&concerned);
            if left.is_empty() {
                break;
            }
            for left in left {
                match self.take_up(left.id.as_str()).await? {
                    Some(work) => settled.push(Box::pin(self.settle_one(work)).await?),
                    None => tokio::time::sleep(Self::WAIT).await,
                }
            }
        }
        Ok(settled)
    }

    async fn settle_one(&self, mut work: Work) -> Result<Settled, StoryError> {
        let (story, scene) = (work.story.clone(), work.scene.clone());
        let taken_back = Settled::TakenBack {
            story: story.clone(),
            scene: scene.clone(),
        };
        let result = if work.row.stage == ReplacementStage::Pointed {
            work.detail.left_behind = None;
            Box::pin(self.follow(work, None)).await
        } else {
            let mut stored = None;
            if let Some(sent) = work.detail.sent.clone() {
                let key = ObjectKey::parse(&sent.key).ok();
                let Some(key) = self.proven(key, &sent).await? else {
                    self.end(work, ReplacementStage::GivenUp).await?;
                    return Ok(taken_back);
                };
                // Its time begins anew: whoever was about to take it away is told by that.
                let note = self.retire(&story, &scene, &key, None).await?;
                stored = Some(self.stored(key, true, note));
            }
            Box::pin(self.carry_through(work, stored, Certainty::PerhapsDone)).await
        };
        match result {
            Ok(replaced) => Ok(Settled::Finished(replaced)),
            Err(StoryError::Wire(error)) => Err(error.into()),
            Err(StoryError::Journal(error)) => Err(error.into()),
            // It is at its end, and everything is as the rows say.
            Err(_) => Ok(taken_back),
        }
    }

    /// The key of what was to be stored, if it is stored.
    pub(super) async fn proven(&self, key: Option<ObjectKey>, sent: &Sent) -> Result<Option<ObjectKey>, StoryError> {
        let Some(key) = key else { return Ok(None) };
        match self.supabase.bucket(&self.settings.bucket).info(&key).await {
            Ok(info) => {
                let ours = info.metadata.get(UPLOAD_MARK).and_then(Value::as_str) == Some(sent.mark.as_str());
                let whole = info.size == Some(sent.size) && !differs(&info, &sent.md5);
                Ok((ours && whole).then_some(key))
            }
            Err(error) if matches!(error.class, Class::NotFound | Class::BucketNotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
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
    async fn follow(&self, mut work: Work, picture: Option<Stored>) -> Result<Replaced, StoryError> {
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
