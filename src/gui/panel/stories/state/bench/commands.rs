//! What is asked for on the bench, by keys, buttons and the palette alike.

use std::path::PathBuf;
use std::sync::Arc;

use super::super::{Draft, Focus, State, Tab};
use super::{BenchAct, Field};
use crate::gui::action::{Action, Command};
use crate::story::{PictureRef, SceneId, StoryId, Variant, VariantId, VariantState, Verdict};

impl State {
    /// A command about the pictures of the selected scene; what it asks of others comes back.
    pub(in crate::gui::panel::stories) fn bench_command(&mut self, command: Command) -> Option<Action> {
        self.scene()?;
        match command {
            Command::Generate => self.generate_candidates(),
            Command::Flip => {
                if self.shows_bench() && self.bench.chosen().is_some() {
                    self.bench.look.flip();
                }
                None
            }
            Command::Keep => self.judge(Verdict::Kept),
            Command::Reject => self.judge(Verdict::Rejected),
            Command::ReplaceLive => self.replace_live(),
            Command::LockSeed => {
                let draft = self.draft()?;
                draft.keep_seed = !draft.keep_seed;
                self.show_bench();
                None
            }
            Command::AltText => {
                self.show_words(Field::Alt);
                None
            }
            _ => None,
        }
    }

    /// Whether candidates can be seen, so that what is done to the chosen one is done to what is looked at.
    pub(in crate::gui::panel::stories) fn shows_bench(&self) -> bool {
        self.enlarged || self.is_inspector_open() && self.tab == Tab::Variants
    }

    /// Shows the candidates.
    pub(in crate::gui::panel::stories) fn show_bench(&mut self) {
        self.tab = Tab::Variants;
        self.inspector_open = true;
        self.inspector_over = self.is_narrow;
    }

    /// Shows the words of the scene, with the cursor in a field.
    pub(in crate::gui::panel::stories) fn show_words(&mut self, field: Field) {
        self.show_bench();
        self.tab = Tab::Text;
        self.focus = Some(Focus::Words(field));
    }

    /// What is about to be asked for, for the selected scene.
    pub(in crate::gui::panel::stories) fn draft(&mut self) -> Option<&mut Draft> {
        let scene = self.scene()?;
        let (id, fresh) = (scene.scene_id.clone(), Draft::new(scene));
        Some(self.drafts.entry(id).or_insert(fresh))
    }

    /// Why no candidates can be asked for now, as a tooltip says it.
    pub(in crate::gui::panel::stories) fn why_no_generation(&self) -> Option<String> {
        let scene = self.scene()?;
        let Some(engine) = self.bench.engine() else {
            return Some("No provider of this workspace draws".to_owned());
        };
        let fresh;
        let draft = match self.drafts.get(&scene.scene_id) {
            Some(draft) => draft,
            None => {
                fresh = Draft::new(scene);
                &fresh
            }
        };
        if let Err(why) = draft.checked() {
            return Some(why.to_owned());
        }
        super::estimate(engine, self.bench.ask.count, None).over
    }

    /// Asks for candidates with the words and the seed that are typed.
    pub(in crate::gui::panel::stories) fn generate_candidates(&mut self) -> Option<Action> {
        self.show_bench();
        let (story, scene) = self.selected()?;
        if self.why_no_generation().is_some() {
            self.focus = Some(Focus::Prompt);
            return None;
        }
        let engine = self.bench.engine()?.clone();
        let (ask, count) = (self.bench.ask.clone(), self.bench.ask.count);
        let draft = self.draft()?;
        let wanted = ask.wanted(draft, &engine).ok()?;
        draft.used();
        self.bench.expect(&scene);
        let asked = BenchAct::Generate {
            story,
            scene,
            wanted: Box::new(wanted),
            count,
        };
        Some(asked.into())
    }

    /// Asks once more for a candidate that was not made.
    pub(in crate::gui::panel::stories) fn ask_again(&mut self, id: &VariantId) -> Option<Action> {
        self.bench.find(id)?.wanted.as_ref()?;
        Some(BenchAct::Again(*id).into())
    }

    /// Takes words, seed, style and engine of a candidate over into the fields.
    pub(in crate::gui::panel::stories) fn recall(&mut self, id: &VariantId) {
        let Some(wanted) = self.bench.find(id).and_then(|variant| variant.wanted.clone()) else {
            return;
        };
        let seed = self.bench.find(id).and_then(|variant| variant.seed);
        let ask = &mut self.bench.ask;
        ask.choose_engine(wanted.engine.clone());
        ask.model.clone_from(&wanted.model);
        ask.style.clone_from(&wanted.style);
        ask.negative = wanted.negative.clone().unwrap_or_default();
        if let Some(draft) = self.draft() {
            draft.prompt = wanted.prompt;
            let seed = wanted.seed.or_else(|| seed.and_then(|seed| u32::try_from(seed).ok()));
            if let Some(seed) = seed {
                draft.seed = seed.to_string();
                draft.keep_seed = true;
            }
        }
        self.focus = Some(Focus::Prompt);
    }

    /// Begins the next candidates from a picture, or no longer.
    pub(in crate::gui::panel::stories) fn begin_from(&mut self, base: Option<PictureRef>) {
        self.bench.ask.more = true;
        self.bench.ask.base = base;
    }

    fn judge(&mut self, verdict: Verdict) -> Option<Action> {
        if !self.shows_bench() {
            self.show_bench();
            return None;
        }
        self.bench.judge(verdict)
    }

    /// Why the live picture cannot be replaced by the chosen candidate now.
    pub(in crate::gui::panel::stories) fn why_not_replaced(&self) -> Option<&'static str> {
        let (story, scene) = self.story().zip(self.scene())?;
        match self.bench.chosen() {
            None => Some("Choose a candidate first"),
            Some(Variant {
                state: VariantState::Queued | VariantState::Drawing,
                ..
            }) => Some("It is not there yet"),
            Some(Variant { picture: None, .. }) => Some("This candidate has no picture"),
            Some(_) if self.work.is_busy(story, scene) => Some("A picture is being put in its place"),
            Some(_) => None,
        }
    }

    /// Puts the chosen candidate in the place of the live picture. Where it cannot be seen, it is shown first.
    pub(in crate::gui::panel::stories) fn replace_live(&mut self) -> Option<Action> {
        if !self.shows_bench() {
            self.show_bench();
            return None;
        }
        if self.why_not_replaced().is_some() {
            return None;
        }
        let (story, scene) = self.selected()?;
        let variant = self.bench.chosen()?.id;
        let row = self.scene()?.clone();
        self.place(&row, variant);
        Some(BenchAct::Place { story, scene, variant }.into())
    }

    /// Lets the editor choose a file as a candidate.
    pub(in crate::gui::panel::stories) fn choose_candidate(&mut self) -> Option<Action> {
        let (story, scene) = self.selected()?;
        self.bench.expect(&scene);
        Some(BenchAct::Choose { story, scene }.into())
    }

    /// Takes a picture of the clipboard as a candidate.
    pub fn paste_candidate(&mut self, picture: Arc<egui::ColorImage>) -> Option<Action> {
        let (story, scene) = self.selected()?;
        self.show_bench();
        self.bench.expect(&scene);
        Some(BenchAct::Paste { story, scene, picture }.into())
    }

    /// Takes a file as a candidate.
    pub(in crate::gui::panel::stories) fn bring_candidate(&mut self, path: PathBuf) -> Option<Action> {
        let (story, scene) = self.selected()?;
        self.show_bench();
        self.bench.expect(&scene);
        Some(BenchAct::Bring { story, scene, path }.into())
    }

    /// Undoes the last judgement, unless a picture was replaced after it and can be put back first.
    pub fn undo_judgement(&mut self, can_put_back: bool) -> Option<Action> {
        self.bench.undo(can_put_back)
    }

    /// Whether a judgement can be undone.
    pub fn can_undo_judgement(&self) -> bool {
        self.bench.has_judged()
    }

    /// The selected story and scene.
    pub fn selected(&self) -> Option<(StoryId, SceneId)> {
        let (story, scene) = self.story().zip(self.scene())?;
        Some((story.story_id.clone(), scene.scene_id.clone()))
    }
}
