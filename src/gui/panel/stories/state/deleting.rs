//! A story that is to be deleted: what goes with it is looked up before it is asked.

use crate::service::{Load, Service};
use crate::story::{Deletion, StoryId};

/// A deletion that is not confirmed yet.
pub struct Deleting {
    story: StoryId,
    /// What goes.
    pub plan: Load<Deletion>,
}

impl Deleting {
    /// Of this story.
    pub fn new(story: StoryId) -> Self {
        Self {
            story,
            plan: Load::default(),
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
