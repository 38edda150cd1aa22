//! Stories that are not published yet: which there are, which step of each is shown, and what is being typed in them.
//!
//! What is typed is saved by itself, a moment after the last change; leaving a step saves at once. A save that would overwrite
//! somebody else's is refused by the journal: then both are kept until the editor says which one counts.

mod edit;
mod steps;
mod warnings;

use std::collections::HashMap;

use crate::service::{Event, Job, JobId, JobState, Load, Pending, Service};
use crate::story::{Brief, Manuscript, ManuscriptState, StoryId};

pub use edit::Edit;
pub use steps::Step;
pub use warnings::{Warning, warnings};

/// All manuscripts.
#[derive(Default)]
pub struct Manuscripts {
    list: Load<Vec<Manuscript>>,
    stale: bool,
    /// Just begun; no list has it yet.
    begun: Option<StoryId>,
    edits: HashMap<StoryId, Edit>,
    /// The jobs that publish.
    publishing: HashMap<StoryId, JobId>,
    /// A manuscript that is to be thrown away, if that is confirmed.
    pub(in crate::gui::panel::stories) discarding: Option<StoryId>,
}

impl Manuscripts {
    /// Starts what is due and takes in what has arrived; true if something changed.
    pub fn poll(&mut self, service: &Service) -> bool {
        let mut changed = self.list.poll();
        if changed {
            self.settle();
        }
        if (self.stale || self.list.is_idle()) && !self.list.is_loading() {
            self.stale = false;
            self.list
                .start(service.load(|service| async move { service.manuscripts().await }));
        }
        for edit in self.edits.values_mut() {
            changed |= edit.poll(service);
        }
        changed
    }

    /// Takes in an event.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Manuscript(_) => self.stale = true,
            Event::Job(job) => self.take_job(job),
            _ => {}
        }
    }

    fn take_job(&mut self, job: &Job) {
        let published = self.publishing.iter().find(|(_, publisher)| **publisher == job.id);
        let Some(id) = published.map(|(id, _)| id.clone()) else {
            return;
        };
        if let (JobState::Done(_), Some(edit)) = (&job.state, self.edits.get_mut(&id)) {
            edit.published();
        }
        self.stale = true;
    }

    /// Puts what was read beside what is being typed.
    fn settle(&mut self) {
        let Some(list) = self.list.value() else { return };
        self.begun
            .take_if(|id| list.iter().any(|manuscript| manuscript.id == *id));
        let publishing = &self.publishing;
        self.edits.retain(|id, edit| {
            let listed = list.iter().any(|manuscript| manuscript.id == *id);
            // How a publication ended is shown until somebody goes elsewhere.
            listed || edit.is_dirty() || publishing.contains_key(id)
        });
        for manuscript in list {
            if let Some(edit) = self.edits.get_mut(&manuscript.id) {
                edit.follow(manuscript);
            }
        }
    }

    /// Reads the list again.
    pub fn refresh(&mut self) {
        self.stale = true;
    }

    /// The manuscripts that are not published, the one that was changed last first.
    pub fn listed(&self) -> impl Iterator<Item = &Manuscript> {
        let list = self.list.value().into_iter().flatten();
        list.filter(|manuscript| manuscript.state != ManuscriptState::Published)
    }

    /// How many are listed.
    pub fn count(&self) -> usize {
        self.listed().count()
    }

    /// One of them, as it was read last.
    pub fn get(&self, id: &StoryId) -> Option<&Manuscript> {
        self.list.value()?.iter().find(|manuscript| manuscript.id == *id)
    }

    /// One of them as it is being typed.
    pub fn edit(&mut self, id: &StoryId) -> Option<&mut Edit> {
        if !self.edits.contains_key(id) {
            let edit = Edit::new(self.get(id)?.clone());
            self.edits.insert(id.clone(), edit);
        }
        self.edits.get_mut(id)
    }

    /// Whether it is known, be it published meanwhile.
    pub fn has(&self, id: &StoryId) -> bool {
        self.list.value().is_none()
            || self.begun.as_ref() == Some(id)
            || self.get(id).is_some()
            || self.edits.contains_key(id)
    }

    /// The manuscript that was written for a brief, the newest if there are several.
    pub fn of(&self, brief: &Brief) -> Option<&StoryId> {
        self.listed()
            .find(|manuscript| manuscript.brief == *brief)
            .map(|manuscript| &manuscript.id)
    }

    /// It is not shown any more: what was typed is saved at once, and how its publication ended was seen.
    pub fn leave(&mut self, id: &StoryId) {
        if let Some(edit) = self.edits.get_mut(id) {
            edit.save_now();
            if edit.get().state == ManuscriptState::Published {
                self.edits.remove(id);
                self.publishing.remove(id);
            }
        }
    }

    /// The same for reading only; none if nobody has opened it.
    pub fn opened(&self, id: &StoryId) -> Option<&Edit> {
        self.edits.get(id)
    }

    /// One was begun that no list has yet.
    pub fn begun(&mut self, id: StoryId) {
        self.begun = Some(id);
        self.stale = true;
    }

    /// A job publishes it.
    pub fn publishing(&mut self, id: StoryId, job: JobId) {
        self.publishing.insert(id, job);
    }

    /// The last job that published it, or tried to.
    pub fn publisher(&self, id: &StoryId) -> Option<JobId> {
        self.publishing.get(id).copied()
    }

    /// What the tests show without a service.
    #[cfg(test)]
    pub(in crate::gui::panel::stories) fn take_list(&mut self, list: Vec<Manuscript>) {
        self.list = Load::ready(list);
        self.settle();
    }
}

/// A save that is on its way.
type Saving = Pending<Manuscript>;
