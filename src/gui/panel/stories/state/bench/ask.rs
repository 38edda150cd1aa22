//! How the next candidates are asked for: what stays the same from scene to scene.

use super::super::Draft;
use crate::service::Engine;
use crate::story::SceneId;
use crate::story::{PictureRef, StoryId, Wanted};
use crate::workspace::EngineId;

/// Candidates that the window asks for at once; more are hard to compare.
pub const MOST: u32 = 8;

/// What is asked for besides words and seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Who draws; none is the workspace's usual one.
    pub engine: Option<EngineId>,
    /// The model, if another than the engine's usual one.
    pub model: Option<String>,
    /// The name of a style.
    pub style: Option<String>,
    /// How many candidates.
    pub count: u32,
    /// What must not be seen, where the engine takes that.
    pub negative: String,
    /// The picture to begin from, where the engine can.
    pub base: Option<PictureRef>,
    /// How far to go from it, in percent.
    pub strength: u32,
    /// Pictures of what is to be seen, where the engine takes them.
    pub references: Vec<PictureRef>,
    /// Whether the fields that are seldom needed are shown.
    pub more: bool,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            engine: None,
            model: None,
            style: None,
            count: 4,
            negative: String::new(),
            base: None,
            strength: 60,
            references: Vec::new(),
            more: false,
        }
    }
}

impl Ask {
    /// The engine that is chosen, or the first that draws. One that is gone is as if none were chosen.
    pub fn engine_of<'a>(&self, engines: &'a [Engine]) -> Option<&'a Engine> {
        let draws = |engine: &&Engine| engine.draws;
        let chosen = self.engine.as_ref();
        let chosen = chosen.and_then(|id| engines.iter().filter(draws).find(|engine| engine.id.is(id)));
        chosen.or_else(|| engines.iter().find(draws))
    }

    /// Another engine: its models are others.
    pub fn choose_engine(&mut self, engine: EngineId) {
        if self.engine.as_ref() != Some(&engine) {
            self.engine = Some(engine);
            self.model = None;
        }
    }

    /// What belonged to the scene that was shown does not go along to the next.
    pub fn leave_scene(&mut self) {
        self.base = None;
    }

    /// Adds a picture of what is to be seen, or takes it out again.
    pub fn toggle_reference(&mut self, reference: PictureRef) {
        match self.references.iter().position(|known| *known == reference) {
            Some(at) => _ = self.references.remove(at),
            None => self.references.push(reference),
        }
    }

    /// The picture that is live in a scene.
    pub fn live(story: &StoryId, scene: &SceneId) -> PictureRef {
        PictureRef::Live(story.clone(), scene.clone())
    }

    /// What is asked of `engine`. What it cannot do is left out.
    ///
    /// # Errors
    /// What is wrong with the words, as a tooltip says it.
    pub fn wanted(&self, draft: &Draft, engine: &Engine) -> Result<Wanted, &'static str> {
        let (prompt, seed) = draft.checked()?;
        let can = &engine.abilities;
        let mut wanted = Wanted::new(engine.id.clone(), prompt);
        wanted.model.clone_from(&self.model);
        wanted.style.clone_from(&self.style);
        wanted.seed = can.seed.then_some(seed);
        let negative = self.negative.trim();
        wanted.negative = (can.negative && !negative.is_empty()).then(|| negative.to_owned());
        if can.base && self.base.is_some() {
            wanted.base.clone_from(&self.base);
            wanted.strength = can.strength.then(|| self.strength.min(100) as f32 / 100.0);
        }
        let most = can.references_beside(wanted.base.is_some());
        wanted.references = self.references.iter().take(most).cloned().collect();
        Ok(wanted)
    }
}
