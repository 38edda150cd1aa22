//! What is known of the live picture: where it is used, where it comes from, and what was there before it.

use crate::service::{Load, Service};
use crate::story::{Pointer, Provenance, Replacement, SceneId, StoryId};

/// What is known of a scene's picture. Each part is read when it is first looked at, and again when something changed.
#[derive(Default)]
pub struct Record {
    of: Option<(StoryId, SceneId, Option<String>)>,
    pointers: Load<Vec<Pointer>>,
    history: Load<Vec<Replacement>>,
    provenance: Load<Provenance>,
    stale: [bool; 3],
    wanted: [bool; 3],
}

/// The parts of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Where it is used.
    Pointers,
    /// Earlier pictures.
    History,
    /// Where it comes from.
    Provenance,
}

impl Record {
    /// Follows the selected scene, and starts the reads that are due.
    pub fn poll(&mut self, of: Option<&(StoryId, SceneId)>, url: Option<&str>, service: &Service) {
        let of = of.map(|(story, scene)| (story.clone(), scene.clone(), url.map(str::to_owned)));
        if self.of != of {
            let same_scene = match (&self.of, &of) {
                (Some((story, scene, _)), Some((other, another, _))) => story == other && scene == another,
                _ => false,
            };
            if !same_scene {
                self.pointers.clear();
                self.history.clear();
                self.provenance.clear();
            }
            self.of = of;
            self.stale();
        }
        let Some((story, scene, url)) = self.of.clone() else {
            return;
        };
        if self.due(Part::Pointers, self.pointers.is_loading()) {
            let (story, scene) = (story.clone(), scene.clone());
            self.pointers
                .start(service.load(move |service| async move { service.pointers(&story, &scene).await }));
        }
        if self.due(Part::History, self.history.is_loading()) {
            let scene = scene.clone();
            self.history
                .start(service.load(move |service| async move { service.history(&scene).await }));
        }
        if self.due(Part::Provenance, self.provenance.is_loading()) && url.is_some() {
            self.provenance.start(service.load(move |service| async move {
                let story = service.story(&story).await?;
                service.picture_provenance(&story, &scene).await
            }));
        }
        self.pointers.poll();
        self.history.poll();
        self.provenance.poll();
    }

    fn due(&mut self, part: Part, loading: bool) -> bool {
        let at = part as usize;
        !loading && self.wanted[at] && std::mem::take(&mut self.stale[at])
    }

    /// What was read may not be so any more.
    pub fn stale(&mut self) {
        self.stale = [true; 3];
    }

    /// It is looked at.
    pub fn want(&mut self, part: Part) {
        self.wanted[part as usize] = true;
    }

    /// Where the live picture is used.
    pub fn pointers(&self) -> &Load<Vec<Pointer>> {
        &self.pointers
    }

    /// Earlier pictures of the scene.
    pub fn history(&self) -> &Load<Vec<Replacement>> {
        &self.history
    }

    /// Where the live picture comes from.
    pub fn provenance(&self) -> &Load<Provenance> {
        &self.provenance
    }
}
