//! A manuscript as it is being typed.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::{Saving, Step};
use crate::service::{Problem, Service};
use crate::story::{
    CastMember, Manuscript, ManuscriptScene, ManuscriptState, SceneId, Variant, VariantId, VariantState,
};

/// What was typed is saved when so long nothing more was.
const PAUSE: Duration = Duration::from_millis(700);

/// A manuscript on the screen.
pub struct Edit {
    /// As it is typed.
    manuscript: Manuscript,
    /// As it was read or saved last.
    saved: Manuscript,
    /// What the journal has that was saved by somebody else while this was being typed.
    theirs: Option<Manuscript>,
    changed: Option<Instant>,
    saving: Option<Saving>,
    problem: Option<Problem>,
    /// Scenes that get the next picture that is made for them, with the variants that were there before.
    awaiting: HashMap<SceneId, HashSet<VariantId>>,
    /// The step that is shown.
    pub step: Step,
    /// The page that is shown in the review, from 0.
    pub page: usize,
    /// The tick in the review: that each text and picture was looked at.
    pub looked: bool,
}

impl Edit {
    /// Begins with what was read.
    pub fn new(manuscript: Manuscript) -> Self {
        // What was just written is read first; who has chosen pictures goes on where something is left to do.
        let begun = manuscript.scenes.iter().any(|scene| scene.chosen.is_some());
        let open = |step: &Step| *step != Step::Cast && !step.is_done(&manuscript);
        let step = if begun {
            Step::ALL.into_iter().find(open)
        } else {
            Some(Step::Draft)
        };
        Self {
            step: step.unwrap_or(Step::Publish),
            looked: manuscript.is_approved(),
            saved: manuscript.clone(),
            manuscript,
            theirs: None,
            changed: None,
            saving: None,
            problem: None,
            awaiting: HashMap::new(),
            page: 0,
        }
    }

    /// As it is typed.
    pub fn get(&self) -> &Manuscript {
        &self.manuscript
    }

    /// Changes it. An approval is of what it was then: it counts no more once what will be published is another.
    pub fn change(&mut self, change: impl FnOnce(&mut Manuscript)) {
        let before = self.manuscript.clone();
        change(&mut self.manuscript);
        if self.manuscript != before {
            self.looked &= self.manuscript.is_approved();
            self.changed = Some(Instant::now());
        }
    }

    /// It is in the project now.
    pub fn published(&mut self) {
        self.manuscript.state = ManuscriptState::Published;
        self.saved.state = ManuscriptState::Published;
        self.changed = None;
        self.step = Step::Publish;
    }

    /// Whether something was typed that is not saved.
    pub fn is_dirty(&self) -> bool {
        self.changed.is_some() || self.saving.is_some()
    }

    /// Whether it is being saved.
    pub fn is_saving(&self) -> bool {
        self.saving.is_some()
    }

    /// Whether the journal knows who is in it, as it is typed here: whose names are kept from providers is read from there.
    pub fn is_cast_saved(&self) -> bool {
        let told = |manuscript: &Manuscript| -> Vec<(String, String, bool)> {
            let cast = manuscript.cast.iter();
            cast.map(|member| (member.name.clone(), member.look.clone(), member.is_child))
                .collect()
        };
        told(&self.manuscript) == told(&self.saved)
    }

    /// Why it could not be saved.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Whether somebody else saved it meanwhile, so that it has to be said which one counts.
    pub fn has_theirs(&self) -> bool {
        self.theirs.is_some()
    }

    /// What the other one saved counts; what was typed here since is lost.
    pub fn take_theirs(&mut self) {
        if let Some(theirs) = self.theirs.take() {
            self.manuscript = theirs.clone();
            self.saved = theirs;
            self.changed = None;
            self.problem = None;
            self.looked = self.manuscript.is_approved();
        }
    }

    /// What is typed here counts: it is saved over what the other one saved. A picture that they chose where nothing was chosen
    /// here meanwhile stays chosen: it was drawn, and perhaps paid for.
    pub fn keep_ours(&mut self) {
        if let Some(theirs) = self.theirs.take() {
            self.keep_their_pictures(&theirs);
            self.manuscript.version = theirs.version;
            self.manuscript.changed_at = theirs.changed_at;
            self.saved = theirs;
            self.problem = None;
            self.changed = Some(Instant::now());
        }
    }

    fn keep_their_pictures(&mut self, theirs: &Manuscript) {
        let seen = &self.saved;
        for scene in &mut self.manuscript.scenes {
            let of = |manuscript: &Manuscript| {
                let mut scenes = manuscript.scenes.iter();
                let found = scenes.find(|other| other.scene_id == scene.scene_id);
                found.map(|other| other.chosen)
            };
            if of(seen) == Some(scene.chosen)
                && let Some(chosen) = of(theirs)
            {
                scene.chosen = chosen;
            }
        }
        for member in &mut self.manuscript.cast {
            let of = |manuscript: &Manuscript| {
                let mut cast = manuscript.cast.iter();
                let found = cast.find(|other| other.portraits == member.portraits);
                found.map(|other| other.portrait)
            };
            if of(seen) == Some(member.portrait)
                && let Some(portrait) = of(theirs)
            {
                member.portrait = portrait;
            }
        }
    }

    /// Follows what was read, unless something was typed since.
    pub fn follow(&mut self, read: &Manuscript) {
        // A read that was begun before the publication ended tells of a time that is over.
        if self.manuscript.state == ManuscriptState::Published {
            return;
        }
        if self.saving.is_some() || read.version == self.saved.version {
            // What publishing says of itself is not what is typed.
            if !self.is_dirty() {
                self.manuscript.clone_from(read);
                self.saved.clone_from(read);
            }
            return;
        }
        if self.changed.is_none() {
            self.manuscript.clone_from(read);
            self.saved.clone_from(read);
            self.looked |= read.is_approved();
        } else if read.version > self.saved.version {
            self.theirs = Some(read.clone());
        }
    }

    /// In how long it is saved by itself.
    pub fn saves_in(&self) -> Option<Duration> {
        let waits = self.saving.is_none() && self.theirs.is_none();
        let changed = self.changed.filter(|_| waits)?;
        Some(PAUSE.saturating_sub(changed.elapsed()))
    }

    /// Saves as soon as it can.
    pub fn save_now(&mut self) {
        if let Some(changed) = &mut self.changed
            && let Some(long_ago) = Instant::now().checked_sub(PAUSE)
        {
            *changed = long_ago;
        }
        self.problem = None;
    }

    /// Saves what is due and takes in what was saved; true if something changed.
    pub fn poll(&mut self, service: &Service) -> bool {
        let mut any = false;
        if let Some(saving) = self.saving.take() {
            match saving.take() {
                Err(saving) => self.saving = Some(saving),
                Ok(result) => {
                    self.take_saved(result);
                    any = true;
                }
            }
        }
        let due = self.saves_in().is_some_and(|wait| wait.is_zero());
        if due && self.problem.is_none() {
            self.changed = None;
            let manuscript = self.manuscript.clone();
            self.saving = Some(service.load(move |service| async move { service.save_manuscript(&manuscript).await }));
            any = true;
        }
        // What is approved is what is kept: it is saved first.
        if self.looked && !self.manuscript.is_approved() && !self.is_dirty() && self.problem.is_none() {
            let manuscript = self.manuscript.clone();
            self.saving = Some(service.load(move |service| async move { service.approve(&manuscript).await }));
            any = true;
        }
        any
    }

    fn take_saved(&mut self, result: Result<Manuscript, Problem>) {
        match result {
            Ok(saved) => {
                self.manuscript.version = saved.version;
                self.manuscript.changed_at = saved.changed_at;
                self.manuscript.approved.clone_from(&saved.approved);
                if self.changed.is_none() {
                    self.manuscript.clone_from(&saved);
                }
                self.saved = saved;
                self.problem = None;
            }
            Err(problem) => {
                self.problem = Some(problem);
                self.looked = false;
                if self.manuscript != self.saved {
                    // It is still typed and not saved.
                    self.changed.get_or_insert_with(Instant::now);
                }
            }
        }
    }

    /// Adds an empty scene at a place.
    pub fn add_scene(&mut self, at: usize) {
        self.change(|manuscript| {
            let at = at.min(manuscript.scenes.len());
            manuscript.scenes.insert(at, empty_scene());
        });
    }

    /// Takes a scene out.
    pub fn remove_scene(&mut self, at: usize) {
        self.change(|manuscript| {
            if at < manuscript.scenes.len() {
                manuscript.scenes.remove(at);
            }
        });
    }

    /// Puts a scene at another place.
    pub fn move_scene(&mut self, from: usize, to: usize) {
        self.change(|manuscript| {
            let scenes = &mut manuscript.scenes;
            if from < scenes.len() && to < scenes.len() {
                let scene = scenes.remove(from);
                scenes.insert(to, scene);
            }
        });
    }

    /// Chooses the picture of a scene, or none.
    pub fn choose(&mut self, scene: &SceneId, variant: Option<VariantId>) {
        self.change(|manuscript| {
            if let Some(scene) = manuscript.scenes.iter_mut().find(|row| row.scene_id == *scene) {
                scene.chosen = variant;
            }
        });
        self.save_now();
    }

    /// A picture of a scene or a portrait was asked for: if nothing is chosen when the first comes that is not among `variants`,
    /// that one is. Who asks for one picture wants that picture, and who asks for more judges from the first on.
    pub fn await_picture(&mut self, scene: &SceneId, variants: &[Variant]) {
        let before = variants.iter().map(|variant| variant.id).collect();
        self.awaiting.insert(scene.clone(), before);
    }

    /// Chooses the awaited picture of each scene and portrait whose variants have one; true if one was chosen.
    pub fn choose_awaited<'a>(&mut self, variants: impl Fn(&SceneId) -> &'a [Variant]) -> bool {
        let mut come = Vec::new();
        let Manuscript { scenes, cast, .. } = &self.manuscript;
        self.awaiting.retain(|id, before| {
            let scene = scenes
                .iter()
                .any(|scene| scene.scene_id == *id && scene.chosen.is_none());
            let bare = scene
                || cast
                    .iter()
                    .any(|member| member.portraits == *id && member.portrait.is_none());
            let made = |variant: &&Variant| variant.state == VariantState::Made && !before.contains(&variant.id);
            let first = variants(id).iter().find(made);
            come.extend(first.filter(|_| bare).map(|variant| (id.clone(), variant.id)));
            bare && first.is_none()
        });
        for (of, variant) in &come {
            self.choose(of, Some(*variant));
            self.choose_portrait(of, Some(*variant));
        }
        !come.is_empty()
    }

    /// Chooses the portrait of somebody in the cast, or none.
    pub fn choose_portrait(&mut self, of: &SceneId, variant: Option<VariantId>) {
        self.change(|manuscript| {
            if let Some(member) = manuscript.cast.iter_mut().find(|member| member.portraits == *of) {
                member.portrait = variant;
            }
        });
        self.save_now();
    }

    /// Adds somebody to the cast.
    pub fn add_member(&mut self) {
        self.change(|manuscript| {
            manuscript.cast.push(CastMember::new("", "", false));
        });
    }

    /// Takes somebody out of the cast.
    pub fn remove_member(&mut self, at: usize) {
        self.change(|manuscript| {
            if at < manuscript.cast.len() {
                manuscript.cast.remove(at);
            }
        });
    }
}

fn empty_scene() -> ManuscriptScene {
    ManuscriptScene {
        scene_id: SceneId::fresh(),
        title: String::new(),
        text: String::new(),
        image_prompt: String::new(),
        alt_text: String::new(),
        chosen: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::{manuscript, variant};
    use super::*;

    fn texts(edit: &Edit) -> Vec<&str> {
        edit.get().scenes.iter().map(|scene| scene.title.as_str()).collect()
    }

    #[test]
    fn scenes_are_added_moved_and_removed_where_they_are() {
        let mut edit = Edit::new(manuscript(3));
        edit.move_scene(0, 2);
        assert_eq!(texts(&edit), ["Scene 2", "Scene 3", "Scene 1"]);
        edit.add_scene(1);
        edit.remove_scene(0);
        assert_eq!(texts(&edit), ["", "Scene 3", "Scene 1"]);
        edit.move_scene(0, 9);
        edit.remove_scene(9);
        assert_eq!(texts(&edit).len(), 3);
        assert!(edit.is_dirty());
    }

    #[test]
    fn what_is_typed_is_saved_when_the_typing_rests_or_the_step_is_left() {
        let mut edit = Edit::new(manuscript(1));
        assert_eq!(edit.saves_in(), None);
        edit.change(|manuscript| manuscript.title.push('!'));
        assert!(edit.saves_in().is_some_and(|wait| !wait.is_zero()));
        edit.save_now();
        assert_eq!(edit.saves_in(), Some(Duration::ZERO));
    }

    #[test]
    fn a_save_of_somebody_else_is_not_overwritten_and_loses_nothing() {
        let read = manuscript(1);
        let mut edit = Edit::new(read.clone());
        let mut theirs = read.clone();
        theirs.version = 2;
        theirs.title = "Theirs".to_owned();
        edit.follow(&theirs);
        assert_eq!(edit.get().title, "Theirs", "nothing was typed here");

        edit.change(|manuscript| manuscript.title = "Ours".to_owned());
        theirs.version = 3;
        edit.follow(&theirs);
        assert!(edit.has_theirs() && edit.saves_in().is_none());
        assert_eq!(edit.get().title, "Ours");
        edit.keep_ours();
        assert_eq!((edit.get().version, edit.get().title.as_str()), (3, "Ours"));
        assert!(edit.saves_in().is_some());

        theirs.version = 4;
        edit.follow(&theirs);
        edit.take_theirs();
        assert_eq!(edit.get().title, "Theirs");
        assert!(!edit.is_dirty());
    }

    #[test]
    fn a_read_that_was_begun_before_the_end_of_a_publication_does_not_take_it_back() {
        let mut publishing = manuscript(1);
        publishing.state = ManuscriptState::Publishing;
        let mut edit = Edit::new(publishing.clone());
        edit.published();
        edit.follow(&publishing);
        publishing.version += 1;
        edit.follow(&publishing);
        assert_eq!(edit.get().state, ManuscriptState::Published);
    }

    #[test]
    fn pictures_that_somebody_else_chose_stay_when_an_older_copy_is_saved() {
        let mut read = manuscript(2);
        read.cast = ["Pip", "Olo"].map(|name| CastMember::new(name, "", false)).into();
        let mut edit = Edit::new(read.clone());
        let (ours, olo) = (VariantId::fresh(), read.cast[1].portraits.clone());
        edit.change(|manuscript| manuscript.title = "Ours".to_owned());
        edit.choose_portrait(&olo, Some(ours));
        let (pip, scene) = (VariantId::fresh(), VariantId::fresh());
        let mut theirs = read.clone();
        theirs.version = 2;
        theirs.cast[0].portrait = Some(pip);
        theirs.cast[1].portrait = Some(VariantId::fresh());
        theirs.scenes[1].chosen = Some(scene);
        edit.follow(&theirs);
        assert_eq!(
            edit.get().cast[0].portrait,
            None,
            "nothing is mixed before it is said which one counts"
        );
        edit.keep_ours();
        let kept = edit.get();
        assert_eq!((kept.title.as_str(), kept.version), ("Ours", 2));
        assert_eq!([kept.cast[0].portrait, kept.cast[1].portrait], [Some(pip), Some(ours)]);
        assert_eq!(kept.scenes[1].chosen, Some(scene));
        assert_eq!(kept.scenes[0].chosen, read.scenes[0].chosen);
    }

    #[test]
    fn a_save_that_failed_is_said_and_what_was_typed_stays() {
        let mut edit = Edit::new(manuscript(1));
        edit.change(|manuscript| manuscript.title = "Ours".to_owned());
        edit.changed = None;
        edit.take_saved(Err(Problem::new("The disk is full.", "Make room.")));
        assert!(edit.problem().is_some() && edit.is_dirty());
        assert_eq!(edit.get().title, "Ours");
        let mut saved = edit.get().clone();
        saved.version = 2;
        edit.changed = None;
        edit.take_saved(Ok(saved));
        assert!(edit.problem().is_none() && !edit.is_dirty());
        assert_eq!(edit.get().version, 2);
    }

    #[test]
    fn typing_while_a_save_is_on_its_way_is_not_undone_by_its_answer() {
        let mut edit = Edit::new(manuscript(1));
        edit.change(|manuscript| manuscript.title = "First".to_owned());
        let mut saved = edit.get().clone();
        saved.version = 2;
        edit.change(|manuscript| manuscript.title = "Second".to_owned());
        edit.take_saved(Ok(saved));
        assert_eq!((edit.get().title.as_str(), edit.get().version), ("Second", 2));
        assert!(edit.is_dirty());
    }

    #[test]
    fn a_scene_without_a_picture_gets_the_first_that_was_asked_for() {
        let mut written = manuscript(2);
        written.scenes[0].chosen = None;
        let mut edit = Edit::new(written.clone());
        let scene = written.scenes[0].scene_id.clone();
        let of = |ordinal, state| variant(&written.id, &scene, ordinal, state);
        let mut known = vec![of(0, VariantState::Made)];
        edit.await_picture(&scene, &known);
        edit.await_picture(&written.scenes[1].scene_id, &known);
        assert!(
            !edit.choose_awaited(|_| &known),
            "what was there before was not asked for now"
        );

        known.extend([of(1, VariantState::Cancelled), of(2, VariantState::Drawing)]);
        assert!(!edit.choose_awaited(|_| &known));
        known[2].state = VariantState::Made;
        known.push(of(3, VariantState::Made));
        assert!(edit.choose_awaited(|_| &known));
        assert_eq!(edit.get().scenes[0].chosen, Some(known[2].id));
        assert_eq!(
            edit.get().scenes[1].chosen,
            written.scenes[1].chosen,
            "it has a picture"
        );

        edit.choose(&scene, None);
        assert!(!edit.choose_awaited(|_| &known), "who takes it back is not overruled");
        assert_eq!(edit.get().scenes[0].chosen, None);
    }

    #[test]
    fn the_first_step_with_something_to_do_is_shown() {
        let mut written = manuscript(2);
        assert_eq!(Edit::new(written.clone()).step, Step::Review);
        written.scenes[0].chosen = None;
        assert_eq!(Edit::new(written.clone()).step, Step::Pictures);
        written.scenes[1].chosen = None;
        assert_eq!(Edit::new(written.clone()).step, Step::Draft, "it was just written");
        written.scenes.clear();
        assert_eq!(Edit::new(written).step, Step::Draft);
    }
}
