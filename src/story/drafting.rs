//! A manuscript from a text model. Names and ages of children go out in disguise and come back as they are.

use tokio_util::sync::CancellationToken;

use super::cast::CastMember;
use super::manuscript::{Manuscript, ManuscriptScene};
use super::model::SceneId;
use super::produce::WORDS_PER_SCENE;
use super::{Brief, Disguise, Stories, StoryError};
use crate::ai::{self, Ai, DraftRequest, Drafted};
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
        let request = DraftRequest {
            title: brief.title().to_owned(),
            prompt: brief.prompt().to_owned(),
            scenes: brief.scenes(),
            words_per_scene: WORDS_PER_SCENE,
            seed: u64::from(brief.seed()),
            cast: Vec::new(),
            model: None,
        };
        let drafted = ask_in_disguise(ai, request, cancel).await?;
        let mut manuscript = Manuscript::new(brief.clone());
        manuscript.engine = Some(engine);
        manuscript.scenes = drafted
            .scenes
            .into_iter()
            .map(|scene| ManuscriptScene {
                scene_id: SceneId::fresh(),
                title: scene.title,
                text: scene.text,
                image_prompt: scene.image_prompt,
                alt_text: scene.alt_text,
                chosen: None,
            })
            .collect();
        manuscript.cast = cast_of(drafted.cast);
        self.save_manuscript(&manuscript).await
    }
}

/// Asks a text model for scenes without telling it who the children of the brief are, and puts their names into what it wrote.
pub(super) async fn ask_in_disguise(
    ai: &Ai,
    request: DraftRequest,
    cancel: &CancellationToken,
) -> Result<Drafted, StoryError> {
    let provider = ai.provider();
    if !provider.mask_people || provider.is_built_in() {
        return ask(ai, &request, cancel).await;
    }
    let disguise = Disguise::of(&[&request.title, &request.prompt], &[]);
    let hidden = DraftRequest {
        title: disguise.apply(&request.title),
        prompt: disguise.apply(&request.prompt),
        ..request
    };
    let mut drafted = ask(ai, &hidden, cancel).await?;
    let restore = |text: &mut String| *text = disguise.restore(text);
    if let Some(title) = &mut drafted.title {
        restore(title);
    }
    for scene in &mut drafted.scenes {
        restore(&mut scene.title);
        restore(&mut scene.text);
        restore(&mut scene.image_prompt);
        restore(&mut scene.alt_text);
    }
    for member in &mut drafted.cast {
        restore(&mut member.name);
        restore(&mut member.look);
    }
    Ok(drafted)
}

async fn ask(ai: &Ai, request: &DraftRequest, cancel: &CancellationToken) -> Result<Drafted, StoryError> {
    tokio::select! {
        drafted = ai.draft(request) => Ok(drafted?),
        () = cancel.cancelled() => Err(StoryError::Cancelled),
    }
}

/// Those that a model tells of, none of them with a portrait yet.
pub(super) fn cast_of(members: Vec<ai::CastMember>) -> Vec<CastMember> {
    let member = |member: ai::CastMember| CastMember::new(member.name, member.look, member.is_child);
    members.into_iter().map(member).collect()
}
