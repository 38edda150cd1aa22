//! What is looked up before it is asked: what goes with a story that is to be deleted, and which of its links can be put right.

use crate::service::{LinkRepair, Load, Service};
use crate::story::{Deletion, StoryId};

/// A deletion that is not confirmed yet.
pub struct Deleting {
    story: StoryId,
    /// What goes.
    pub plan: Load<Deletion>,
    /// Whether its public copies go with it.
    pub with_copies: bool,
}

impl Deleting {
    /// Of this story.
    pub fn new(story: StoryId) -> Self {
        Self {
            story,
            plan: Load::default(),
            with_copies: true,
        }
    }

    /// Looks up what goes, and takes it in.
    pub fn poll(&mut self, service: &Service) -> bool {
        if self.plan.is_idle() {
            let story = self.story.clone();
            self.plan
                .start(service.load(move |service| async move { service.plan_story_deletion(&story).await }));
        }
        self.plan.poll()
    }
}

/// Links of a story that are to be put right, not confirmed yet.
pub struct Repairing {
    /// Whose.
    pub story: StoryId,
    /// What would be done.
    pub plan: Load<Vec<LinkRepair>>,
}

impl Repairing {
    /// Of this story.
    pub fn new(story: StoryId) -> Self {
        Self {
            story,
            plan: Load::default(),
        }
    }

    /// Looks up what can be put right, and takes it in.
    pub fn poll(&mut self, service: &Service) -> bool {
        if self.plan.is_idle() {
            let story = self.story.clone();
            self.plan
                .start(service.load(move |service| async move { service.links_to_repair(&story).await }));
        }
        self.plan.poll()
    }
}
