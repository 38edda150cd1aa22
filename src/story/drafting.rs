//! A manuscript from a text model. Names and ages of children go out in disguise and come back as they are.

use tokio_util::sync::CancellationToken;

use super::cast::CastMember;
use super::manuscript::{Manuscript, ManuscriptScene};
use super::model::SceneId;
use super::produce::WORDS_PER_SCENE;
use super::{Brief, Disguise, Stories, StoryError};
use crate::ai::{Ai, DraftRequest};
use crate::workspace::EngineId;

impl Stories {
    /// Asks a text model for the scenes of a story, and keeps what it wrote as a manuscript. Nothing is written to the project.
    ///
    /// # Errors
    /// If the model fails or refuses, or the journal cannot be written.
    pub async fn draft_manuscript(
        &self,
        ai: &Ai,
        engine: EngineId,
        brief: &Brief,
        cancel: &CancellationToken,
    ) -> Result<Manuscript, StoryError> {
        let provider = ai.provider();
        let disguise = match provider.mask_people && !provider.is_built_in() {
            true => Disguise::of(&[brief.title(), brief.prompt()], &[]),
            false => Disguise::default(),
        };
        let request = DraftRequest {
            title: disguise.apply(brief.title()),
            prompt: disguise.apply(brief.prompt()),
            scenes: brief.scenes(),
            words_per_scene: WORDS_PER_SCENE,
            seed: u64::from(brief.seed()),
            cast: Vec::new(),
            model: None,
        };
        let drafted = tokio::select! {
            drafted = ai.draft(&request) => drafted?,
            () = cancel.cancelled() => return Err(StoryError::Cancelled),
        };
        let mut manuscript = Manuscript::new(brief.clone());
        manuscript.engine = Some(engine);
        manuscript.scenes = drafted
            .scenes
            .into_iter()
            .map(|scene| ManuscriptScene {
                scene_id: SceneId::fresh(),
                title: disguise.restore(&scene.title),
                text: disguise.restore(&scene.text),
                image_prompt: disguise.restore(&scene.image_prompt),
                alt_text: disguise.restore(&scene.alt_text),
                chosen: None,
            })
            .collect();
        manuscript.cast = drafted
            .cast
            .into_iter()
            .map(|member| CastMember {
                name: disguise.restore(&member.name),
                look: disguise.restore(&member.look),
                is_child: member.is_child,
                portrait: None,
            })
            .collect();
        self.save_manuscript(&manuscript).await
    }
}
