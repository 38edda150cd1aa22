//! Whether objects are to go: to the trash, or for good.

use super::Chosen;
use crate::service::{Load, Problem, SceneUse, Service};

/// Objects that are to go.
#[derive(Debug)]
pub struct Deletion {
    /// Which.
    pub chosen: Chosen,
    /// The scenes and covers that show any of it.
    pub shown_by: Load<Vec<SceneUse>>,
    /// Without the trash: they cannot be taken back.
    pub for_good: bool,
    /// What was typed to confirm it.
    pub typed: String,
    /// Whether the safe answer has got the keyboard.
    pub focused: bool,
}

impl Deletion {
    /// What has to be typed before anything is deleted for good.
    pub const WORD: &'static str = "delete";

    /// Nothing is confirmed yet.
    #[must_use]
    pub fn new(chosen: Chosen, for_good: bool) -> Self {
        Self {
            chosen,
            shown_by: Load::default(),
            for_good,
            typed: String::new(),
            focused: false,
        }
    }

    pub(super) fn poll(&mut self, service: &Service) {
        if self.shown_by.is_idle() {
            let chosen = self.chosen.clone();
            self.shown_by.start(service.load(|service| async move {
                let uses = service.uses().await?;
                // The keys of a large selection are found off the window's thread.
                let found = tokio::task::spawn_blocking(move || uses.of_all(&chosen.bucket, &chosen.sources()));
                found.await.map_err(|_| Problem::stopped())
            }));
        }
        self.shown_by.poll();
    }

    /// Why it cannot be answered with yes.
    #[must_use]
    pub fn why_not(&self) -> Option<&'static str> {
        let confirmed = !self.for_good || self.typed.trim().eq_ignore_ascii_case(Self::WORD);
        (!confirmed).then_some("Type “delete” first")
    }
}
