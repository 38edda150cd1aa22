//! What could be shown of scenes: the variants that were asked for or brought, read again when they change.

use std::collections::{HashMap, HashSet};

use crate::service::{Event, Load, Service};
use crate::story::{Placement, SceneId, StoryId, Variant, VariantState, Verdict};

type Key = (StoryId, SceneId);

/// Variants by scene.
#[derive(Default)]
pub struct Candidates {
    of: HashMap<Key, Load<Vec<Variant>>>,
    stale: HashSet<Key>,
}

impl Candidates {
    /// Asks for the variants of these scenes, unless they are known, and forgets those of others.
    pub fn want<'a>(&mut self, story: &StoryId, scenes: impl Iterator<Item = &'a SceneId>) {
        let wanted: HashSet<Key> = scenes.map(|scene| (story.clone(), scene.clone())).collect();
        self.of.retain(|key, _| wanted.contains(key));
        for key in wanted {
            self.of.entry(key).or_default();
        }
    }

    /// Starts what is due and takes in what has arrived; true if something changed.
    pub fn poll(&mut self, service: &Service) -> bool {
        let mut changed = false;
        for (key, load) in &mut self.of {
            changed |= load.poll();
            if (load.is_idle() || self.stale.contains(key)) && !load.is_loading() {
                self.stale.remove(key);
                let (story, scene) = key.clone();
                load.start(service.load(move |service| async move { service.variants(&story, &scene).await }));
            }
        }
        self.stale.retain(|key| self.of.contains_key(key));
        changed
    }

    /// Takes in an event.
    pub fn take(&mut self, event: &Event) {
        if let Event::Variants(story, scene) = event {
            self.stale.insert((story.clone(), scene.clone()));
        }
    }

    /// What is known of a scene's, in the order of their letters.
    pub fn of(&self, story: &StoryId, scene: &SceneId) -> &[Variant] {
        let known = self.of.get(&(story.clone(), scene.clone())).and_then(Load::value);
        known.map_or(&[], Vec::as_slice)
    }

    /// How many pictures of a scene wait for somebody to say what is thought of them.
    pub fn open(&self, story: &StoryId, scene: &SceneId) -> usize {
        let open = |variant: &&Variant| is_open(variant);
        self.of(story, scene).iter().filter(open).count()
    }
}

fn is_open(variant: &Variant) -> bool {
    variant.state == VariantState::Made && variant.verdict != Verdict::Rejected && !was_shown(variant)
}

/// Whether it is or was its scene's picture. One that is made along with its story is stored without having been a candidate.
fn was_shown(variant: &Variant) -> bool {
    variant.is_placed() || variant.place == Placement::Candidate && variant.stored_at.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_the_middle_is_kept() {
        let mut candidates = Candidates::default();
        let story = StoryId::fresh();
        let (first, second) = (SceneId::fresh(), SceneId::fresh());
        candidates.want(&story, [&first, &second].into_iter());
        assert_eq!(candidates.of.len(), 2);
        candidates.take(&Event::Variants(story.clone(), first.clone()));
        candidates.take(&Event::Variants(StoryId::fresh(), first.clone()));
        assert!(candidates.stale.contains(&(story.clone(), first)));
        candidates.want(&story, [&second].into_iter());
        assert_eq!(candidates.of.len(), 1);
        assert!(candidates.of(&story, &second).is_empty());
    }
}
