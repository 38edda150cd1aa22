//! The bench of the selected scene: its candidates, which of them is chosen and how it is compared with the live picture, and
//! what was thought of them.

mod act;
mod ask;
mod commands;
mod estimate;
mod prompts;
mod record;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;

use crate::gui::action::Action;
use crate::gui::widget::CompareLook;
use crate::service::{Engine, Event, Load, Problem, Service};
use crate::story::{SceneId, StoryId, Variant, VariantId, VariantState, Verdict};

pub use act::BenchAct;
pub use ask::{Ask, MOST as MOST_CANDIDATES};
pub use estimate::estimate;
pub use prompts::earlier;
pub use record::{Part, Record};
pub use words::{Field, Words};

/// Undoable judgements that are remembered.
const ACTS: usize = 200;

/// Something that was done on the bench and can be undone.
#[derive(Clone, Debug, PartialEq)]
enum Act {
    /// A candidate was judged; what was thought of it before.
    Judged(StoryId, SceneId, VariantId, Verdict),
    /// A picture was replaced; the window remembers what it takes to undo that.
    Replaced,
}

/// The candidates of the selected scene, and what is being done with them.
#[derive(Default)]
pub struct Bench {
    of: Option<(StoryId, SceneId)>,
    variants: Vec<Variant>,
    /// Bucket and key of the live picture.
    live: Option<(String, String)>,
    /// The address they were found out from.
    live_url: Option<String>,
    reading: Load<Vec<Variant>>,
    stale: bool,
    /// Which candidate each scene was left with.
    chosen: HashMap<SceneId, VariantId>,
    /// Scenes whose next candidates are to be shown as soon as there is one: from this ordinal on.
    expected: HashMap<SceneId, u32>,
    acts: Vec<Act>,
    engines: Vec<Engine>,
    /// How live picture and candidate are compared.
    pub(in crate::gui::panel::stories) look: CompareLook,
    /// How pictures are asked for.
    pub(in crate::gui::panel::stories) ask: Ask,
    /// Where the live picture is used, and what is known of it.
    pub(in crate::gui::panel::stories) record: Record,
}

impl Bench {
    /// Follows the selected scene, and starts the reads that are due.
    pub fn poll(&mut self, scene: Option<(&StoryId, &SceneId)>, url: Option<&str>, service: &Service) {
        self.follow(scene);
        if self.live_url.as_deref() != url {
            self.live_url = url.map(str::to_owned);
            let object = url.and_then(|url| service.own_object(url));
            self.live = object.map(|(bucket, key)| (bucket.to_string(), key.to_string()));
        }
        if let Some((story, scene)) = &self.of
            && self.stale
            && !self.reading.is_loading()
        {
            self.stale = false;
            let (story, scene) = (story.clone(), scene.clone());
            self.reading
                .start(service.load(move |service| async move { service.variants(&story, &scene).await }));
            self.engines = service.engines();
        }
        if self.reading.poll()
            && let Some(variants) = self.reading.value()
        {
            let variants = variants.clone();
            self.settle(variants);
        }
        self.record.poll(self.of.as_ref(), url, service);
    }

    /// Another scene: its candidates are read, and nothing of the one before it is shown.
    fn follow(&mut self, scene: Option<(&StoryId, &SceneId)>) {
        let same = match (&self.of, scene) {
            (Some((story, scene)), Some((other, another))) => story == other && scene == another,
            (None, None) => true,
            _ => false,
        };
        if same {
            return;
        }
        self.of = scene.map(|(story, scene)| (story.clone(), scene.clone()));
        self.variants.clear();
        self.reading.clear();
        self.look.fit();
        self.ask.leave_scene();
        self.stale = true;
    }

    /// What was read of the scene's candidates.
    fn settle(&mut self, variants: Vec<Variant>) {
        self.variants = variants;
        let Some((_, scene)) = &self.of else { return };
        let made = |variant: &&Variant| variant.state == VariantState::Made && !self.is_live(variant);
        if let Some(from) = self.expected.get(scene)
            && let Some(first) = self
                .variants
                .iter()
                .filter(made)
                .find(|variant| variant.ordinal >= *from)
        {
            self.chosen.insert(scene.clone(), first.id);
            self.expected.remove(scene);
        }
    }

    fn is_about(&self, story: &StoryId, scene: &SceneId) -> bool {
        self.of
            .as_ref()
            .is_some_and(|(of, shown)| of == story && shown == scene)
    }

    /// Takes in an event.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Variants(story, scene) => self.stale |= self.is_about(story, scene),
            Event::Replaced(replaced) => {
                self.done(Act::Replaced);
                self.stale |= self.is_about(&replaced.story, &replaced.scene);
                self.record.stale();
            }
            Event::Changed(subject) => {
                let ours = self.of.as_ref().map(|(story, _)| story);
                if subject.story().is_some() && subject.story() == ours {
                    self.record.stale();
                }
            }
            _ => {}
        }
    }

    /// Reads all of it again.
    pub fn refresh(&mut self) {
        self.stale = true;
        self.record.stale();
    }

    /// The candidates that are shown, in their order. The one that is the live picture is not, nor are those that were called
    /// off before they were made.
    pub fn candidates(&self) -> impl Iterator<Item = &Variant> {
        self.variants
            .iter()
            .filter(|variant| variant.state != VariantState::Cancelled && !self.is_live(variant))
    }

    /// Whether it is what the scene shows: pictures are kept as variants, whoever asked for them and wherever they are.
    fn is_live(&self, variant: &Variant) -> bool {
        self.live.is_some() && variant.stored_at == self.live
    }

    /// The candidate that is compared with the live picture.
    pub fn chosen(&self) -> Option<&Variant> {
        let (_, scene) = self.of.as_ref()?;
        let id = self.chosen.get(scene)?;
        self.candidates().find(|variant| variant.id == *id)
    }

    /// The candidate of that identity, of the selected scene.
    pub fn find(&self, id: &VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == *id)
    }

    /// Why the candidates cannot be read, if they cannot.
    pub fn problem(&self) -> Option<&Problem> {
        self.reading.problem()
    }

    /// Compares another candidate; none shows the live picture alone.
    pub fn choose(&mut self, id: Option<VariantId>) {
        let Some((_, scene)) = &self.of else { return };
        match id {
            Some(id) => _ = self.chosen.insert(scene.clone(), id),
            None => _ = self.chosen.remove(scene),
        }
        // Whoever has chosen is not led elsewhere when others are ready.
        self.expected.remove(scene);
    }

    /// Compares the candidate at a place from 0 among those that are shown; whether there is one.
    pub fn choose_at(&mut self, place: usize) -> bool {
        let id = self.candidates().nth(place).map(|variant| variant.id);
        if id.is_some() {
            self.choose(id);
        }
        id.is_some()
    }

    /// Candidates were asked for: the first one that is made is shown, unless another is chosen meanwhile.
    pub fn expect(&mut self, scene: &SceneId) {
        let here = self.of.as_ref().is_some_and(|(_, shown)| shown == scene);
        let next = match self.variants.last() {
            Some(last) if here => last.ordinal + 1,
            _ => 0,
        };
        self.expected.insert(scene.clone(), next);
    }

    /// Judges the chosen candidate; the same judgement again takes it back. After a rejection the next candidate that
    /// is not rejected is compared.
    pub fn judge(&mut self, verdict: Verdict) -> Option<Action> {
        let variant = self.chosen()?;
        let (id, before) = (variant.id, variant.verdict);
        let after = if before == verdict { Verdict::Open } else { verdict };
        let action = self.set(id, after);
        if let Some((story, scene)) = self.of.clone() {
            self.done(Act::Judged(story, scene, id, before));
        }
        if after == Verdict::Rejected {
            let open = |variant: &&Variant| variant.verdict != Verdict::Rejected && variant.picture.is_some();
            let later = self.candidates().skip_while(|variant| variant.id != id);
            let next = later.filter(open).map(|variant| variant.id).next();
            if next.is_some() {
                self.choose(next);
            }
        }
        action
    }

    /// Shows a judgement at once; the journal has it when the action was carried out.
    fn set(&mut self, id: VariantId, verdict: Verdict) -> Option<Action> {
        if let Some(variant) = self.variants.iter_mut().find(|variant| variant.id == id) {
            variant.verdict = verdict;
        }
        Some(BenchAct::Judge(id, verdict).into())
    }

    fn done(&mut self, act: Act) {
        self.acts.push(act);
        if self.acts.len() > ACTS {
            self.acts.remove(0);
        }
    }

    /// Whether a judgement can be undone.
    pub fn has_judged(&self) -> bool {
        self.acts.iter().any(|act| matches!(act, Act::Judged(..)))
    }

    /// Undoes the last judgement, and compares the candidate it was about. None if a picture was replaced after it and that can
    /// be undone first.
    pub fn undo(&mut self, can_put_back: bool) -> Option<Action> {
        if !can_put_back {
            while self.acts.pop_if(|act| *act == Act::Replaced).is_some() {}
        }
        match self.acts.pop_if(|act| *act != Act::Replaced)? {
            Act::Judged(_, scene, id, before) => {
                self.chosen.insert(scene, id);
                self.set(id, before)
            }
            Act::Replaced => None,
        }
    }

    /// Who can draw, the usual one first.
    pub fn engines(&self) -> &[Engine] {
        &self.engines
    }

    /// Who will be asked.
    pub fn engine(&self) -> Option<&Engine> {
        self.ask.engine_of(&self.engines)
    }

    /// How long the engine took for a picture of this scene lately, in seconds: the middle one of those that are known.
    pub fn usual_seconds(&self) -> Option<f64> {
        let engine = &self.engine()?.id;
        let mut took: Vec<f64> = self
            .variants
            .iter()
            .filter(|variant| variant.state == VariantState::Made)
            .filter(|variant| variant.wanted.as_ref().is_some_and(|wanted| wanted.engine.is(engine)))
            .filter_map(|variant| {
                let took = variant.ended_at?.duration_since(variant.asked_at?);
                Some(took.as_secs_f64())
            })
            .filter(|seconds| *seconds >= 0.0)
            .collect();
        took.sort_by(f64::total_cmp);
        took.get(took.len() / 2).copied()
    }
}
