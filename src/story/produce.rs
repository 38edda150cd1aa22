//! From a brief, or from whatever is there of a story, to scenes with pictures.

use futures_util::StreamExt as _;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::cast::CastMember;
use super::drafting::{ask_in_disguise, cast_of};
use super::model::{Kept, MadeWith, Scene, SceneId, Status, Story, StoryId};
use super::{Brief, Stories, StoryError};
use crate::ai::DraftRequest;
use crate::media::MediaType;
use crate::supabase::{Bucket, NewBucket};

/// Words that a scene should have, for models that keep to it.
pub(super) const WORDS_PER_SCENE: usize = 45;

/// Scenes of a story whose row does not say how many it was asked for.
const USUAL_SCENES: usize = 5;

/// What is being done, as it happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Looking whether the bucket is there.
    Bucket,
    /// The story's row was written.
    Started(StoryId),
    /// The text model is at work.
    Writing,
    /// The scenes are written; so many lack a picture.
    Written {
        /// Scenes in all.
        scenes: usize,
        /// Scenes without a picture.
        missing: usize,
    },
    /// A scene's picture is being made.
    Drawing {
        /// Which scene.
        scene: SceneId,
        /// Its place from 0.
        index: usize,
    },
    /// A scene's picture is stored and its row points at it.
    Stored {
        /// Which scene.
        scene: SceneId,
        /// Its place from 0.
        index: usize,
    },
    /// A scene's picture failed; the reason is on the scene.
    Failed {
        /// Which scene.
        scene: SceneId,
        /// Its place from 0.
        index: usize,
    },
}

/// A story after work on it, as the project now holds it.
#[derive(Debug)]
pub struct Outcome {
    /// The story.
    pub story: Story,
    /// Pictures that failed.
    pub failures: Vec<Failure>,
    /// Whether the work was stopped before its end.
    pub cancelled: bool,
}

/// A picture that failed.
#[derive(Debug)]
pub struct Failure {
    /// The scene's place from 0.
    pub index: usize,
    /// Why.
    pub error: StoryError,
}

/// Scenes as they were written, with the ids that their rows have or will have.
#[derive(Serialize, Deserialize)]
struct Draft {
    scenes: Vec<DraftScene>,
    /// Who is in it, so that pictures are asked for without the names of its children.
    #[serde(default)]
    cast: Vec<CastMember>,
}

#[derive(Serialize, Deserialize)]
struct DraftScene {
    scene_id: SceneId,
    title: String,
    text: String,
    image_prompt: String,
    alt_text: String,
}

type Observe<'a> = &'a (dyn Fn(Step) + Send + Sync);

impl Stories {
    /// Makes sure the bucket is there, and tells what it accepts: public, since the URLs stored in rows are public ones.
    pub(super) async fn ensure_bucket(&self) -> Result<Bucket, StoryError> {
        let pictures = [MediaType::Png, MediaType::Jpeg, MediaType::Webp].map(|kind| kind.mime().to_owned());
        let bucket = NewBucket {
            name: self.settings.bucket.clone(),
            public: true,
            file_size_limit: Some(5_000_000),
            allowed_mime_types: Some(pictures.to_vec()),
        };
        Ok(self.supabase.buckets().ensure(&bucket).await?.into_bucket())
    }

    /// Writes the story's row. From here on the story can be resumed.
    pub(super) async fn begin(&self, brief: &Brief, observe: Observe<'_>) -> Result<Story, StoryError> {
        let story = Story {
            story_id: StoryId::fresh(),
            title: brief.title().to_owned(),
            prompt: brief.prompt().to_owned(),
            status: Status::Processing,
            scenes: Vec::new(),
            cover_image_url: None,
            created_at: None,
            updated_at: None,
            user_id: self.settings.user_id.clone(),
            made_with: MadeWith {
                seed: Some(brief.seed()),
                scenes: Some(brief.scenes()),
                text_engine: Some(self.settings.text_engine.clone()),
                image_engine: Some(self.settings.image_engine.clone()),
                ..MadeWith::default()
            },
            kept: Kept::default(),
            flaws: Vec::new(),
        };
        let story = Story {
            story_id: self.rows.insert_story(&story).await?,
            ..story
        };
        observe(Step::Started(story.story_id.clone()));
        Ok(story)
    }

    /// Writes scenes if there are none, makes the pictures that are missing, and says in the row how it ended.
    pub(super) async fn finish(
        &self,
        bucket: &Bucket,
        mut story: Story,
        observe: Observe<'_>,
        cancel: &CancellationToken,
    ) -> Result<Outcome, StoryError> {
        if story.status != Status::Processing {
            self.rows
                .set_status(&story.story_id, Status::Processing, None, &story.made_with)
                .await?;
        }
        if story.scenes.is_empty() {
            observe(Step::Writing);
            match self.write_scenes(&story, cancel).await {
                Ok(scenes) => {
                    story.scenes = scenes;
                    story.made_with.error = None;
                }
                Err(error) => {
                    let (status, reason) = match &error {
                        StoryError::Cancelled => (Status::Pending, None),
                        error => (Status::Failed, Some(error.to_string())),
                    };
                    story.made_with.error = reason;
                    // The first failure is the one to tell; that the row could not be updated follows from it.
                    let _ = self
                        .rows
                        .set_status(&story.story_id, status, None, &story.made_with)
                        .await;
                    return Err(error);
                }
            }
        }
        observe(Step::Written {
            scenes: story.scenes.len(),
            missing: story.missing().count(),
        });
        let failures = self.draw_missing(bucket, &mut story, observe, cancel).await;
        self.settle(story, failures, cancel.is_cancelled()).await
    }

    /// Asks the text model, unless it was asked before, and writes the rows.
    async fn write_scenes(&self, story: &Story, cancel: &CancellationToken) -> Result<Vec<Scene>, StoryError> {
        let draft = match self.kept_draft(&story.story_id).await? {
            Some(draft) => draft,
            None => self.draft(story, cancel).await?,
        };
        let mut scenes: Vec<Scene> = draft
            .scenes
            .into_iter()
            .enumerate()
            .map(|(index, scene)| scene.into_scene(index))
            .collect();
        let ids = self.rows.insert_scenes(&story.story_id, &scenes).await?;
        for (scene, id) in scenes.iter_mut().zip(ids) {
            scene.scene_id = id;
        }
        Ok(scenes)
    }

    async fn kept_draft(&self, story: &StoryId) -> Result<Option<Draft>, StoryError> {
        let id = story.to_string();
        let kept = self.journal.run(move |journal| journal.draft(&id)).await?;
        Ok(kept.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// The names of those whom the text model called children when it wrote this story here.
    pub(super) async fn drafted_children(&self, story: &StoryId) -> Result<Vec<String>, StoryError> {
        let cast = self
            .kept_draft(story)
            .await?
            .map(|draft| draft.cast)
            .unwrap_or_default();
        let children = cast.into_iter().filter(|member| member.is_child);
        Ok(children.map(|member| member.name).collect())
    }

    async fn draft(&self, story: &Story, cancel: &CancellationToken) -> Result<Draft, StoryError> {
        let request = DraftRequest {
            title: story.title.clone(),
            prompt: story.prompt.clone(),
            scenes: story
                .made_with
                .scenes
                .unwrap_or(USUAL_SCENES)
                .clamp(*Brief::SCENES.start(), *Brief::SCENES.end()),
            words_per_scene: WORDS_PER_SCENE,
            seed: u64::from(story.made_with.seed.unwrap_or_default()),
            cast: Vec::new(),
            model: None,
        };
        let drafted = ask_in_disguise(&self.ai, request, cancel).await?;
        let scenes = drafted
            .scenes
            .into_iter()
            .map(|scene| DraftScene {
                scene_id: SceneId::fresh(),
                title: scene.title,
                text: scene.text,
                image_prompt: scene.image_prompt,
                alt_text: scene.alt_text,
            })
            .collect();
        let draft = Draft {
            scenes,
            cast: cast_of(drafted.cast),
        };
        let (id, json) = (story.story_id.to_string(), json!(draft).to_string());
        self.journal.run(move |journal| journal.keep_draft(&id, &json)).await?;
        Ok(draft)
    }

    /// Makes the pictures that are missing, some at a time. A picture that fails stops no other.
    async fn draw_missing(
        &self,
        bucket: &Bucket,
        story: &mut Story,
        observe: Observe<'_>,
        cancel: &CancellationToken,
    ) -> Vec<Failure> {
        let seed = u64::from(story.made_with.seed.unwrap_or_default());
        let missing: Vec<Scene> = story.missing().cloned().collect();
        let story_id = story.story_id.clone();
        let mut results = stream::iter(missing)
            .map(|scene| {
                let story_id = story_id.clone();
                async move {
                    if cancel.is_cancelled() {
                        return (scene, Err(StoryError::Cancelled));
                    }
                    observe(Step::Drawing {
                        scene: scene.scene_id.clone(),
                        index: scene.index,
                    });
                    let url = self.illustrate(bucket, &story_id, &scene, seed, cancel).await;
                    let (id, index) = (scene.scene_id.clone(), scene.index);
                    match &url {
                        Ok(_) => observe(Step::Stored { scene: id, index }),
                        Err(StoryError::Cancelled) => {}
                        Err(_) => observe(Step::Failed { scene: id, index }),
                    }
                    (scene, url)
                }
            })
            .buffer_unordered(self.settings.concurrent_pictures.max(1));
        let mut failures = Vec::new();
        while let Some((scene, result)) = results.next().await {
            let place = &mut story.scenes[scene.index];
            match result {
                Ok(url) => {
                    place.image_url = Some(url);
                    place.image_error = None;
                }
                Err(StoryError::Cancelled) => {}
                Err(error) => {
                    place.image_error = Some(error.to_string());
                    failures.push(Failure {
                        index: scene.index,
                        error,
                    });
                }
            }
        }
        failures.sort_by_key(|failure| failure.index);
        failures
    }

    /// Writes how it ended, and gives back what the project then holds.
    async fn settle(&self, mut story: Story, failures: Vec<Failure>, cancelled: bool) -> Result<Outcome, StoryError> {
        let whole = story.pictures() == story.scenes.len();
        let status = match (whole, cancelled) {
            (true, _) => Status::Completed,
            (false, true) => Status::Pending,
            (false, false) => Status::Failed,
        };
        if story.cover_image_url.is_none() {
            story.cover_image_url = story.scenes.iter().find_map(|scene| scene.image_url.clone());
        }
        self.rows
            .set_status(
                &story.story_id,
                status,
                story.cover_image_url.as_deref(),
                &story.made_with,
            )
            .await?;
        let story = self.rows.get(&story.story_id).await?;
        Ok(Outcome {
            story,
            failures,
            cancelled: cancelled && !whole,
        })
    }
}

impl DraftScene {
    fn into_scene(self, index: usize) -> Scene {
        Scene {
            scene_id: self.scene_id,
            index,
            title: self.title,
            text: self.text,
            image_prompt: self.image_prompt,
            image_url: None,
            alt_text: Some(self.alt_text).filter(|text| !text.trim().is_empty()),
            image_error: None,
        }
    }
}
