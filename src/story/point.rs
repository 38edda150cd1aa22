//! A scene's row, led from one picture to another by compare-and-swap.

use serde_json::Value;

use super::model::{SceneId, StoryId};
use super::{Stories, StoryError};
use crate::supabase::Class;

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

/// Whether the same change may have been asked for before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Nobody has asked for it.
    Fresh,
    /// A program that ended may have: the new picture in the row is then the success of that.
    PerhapsDone,
}

impl Stories {
    /// Times that a change is tried whose condition seems to hold.
    pub(super) const TRIES: usize = 5;

    /// Lets a scene point at another picture if it points at `expected`, and finds out what became of it if the answer was lost.
    pub(super) async fn point(
        &self,
        story: &StoryId,
        scene: &SceneId,
        expected: Option<&str>,
        patch: &Value,
        certainty: Certainty,
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
            let sure = lost_answer.is_none() && certainty == Certainty::Fresh;
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
                Err(error) if lost_answer.is_none() => return Err(error),
                Err(_) => break,
            }
        }
        Err(match lost_answer {
            Some(error) => error.into(),
            None => StoryError::NothingChanged { table: "scenes" },
        })
    }
}
