//! Who draws the next pictures and how: chosen once, and the same in the manuscripts and in batches.

use crate::service::{Engine, Service};
use crate::workspace::EngineId;

/// The choices.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The engine; none for the workspace's first.
    pub chosen: Option<EngineId>,
    /// The name of a style.
    pub style: Option<String>,
    /// Variants a scene.
    pub variants: u32,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            chosen: None,
            style: None,
            variants: 1,
        }
    }
}

impl Choices {
    /// The engine that was chosen, if the workspace still has it; else its first that draws.
    pub fn engine(&self, service: &Service) -> Option<EngineId> {
        self.facts(service).map(|engine| engine.id)
    }

    /// The same with what is known of it.
    pub fn facts(&self, service: &Service) -> Option<Engine> {
        let engines: Vec<Engine> = service.engines().into_iter().filter(|engine| engine.draws).collect();
        let chosen = engines
            .iter()
            .position(|engine| Some(&engine.id) == self.chosen.as_ref());
        engines.into_iter().nth(chosen.unwrap_or(0))
    }
}
