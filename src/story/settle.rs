//! Replacements that a program has left half-done: finished where the new picture is stored and proven, given up otherwise.

use serde_json::Value;

use super::model::{SceneId, StoryId};
use super::picture::differs;
use super::point::Certainty;
use super::replace::Replaced;
use super::replacement::{Replacement, Sent, Work};
use super::{Stories, StoryError};
use crate::journal::ReplacementStage;
use crate::supabase::{Class, ObjectKey, UPLOAD_MARK};

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
    pub(super) async fn settle_scene(&self, scene: &SceneId) -> Result<(), StoryError> {
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
}
