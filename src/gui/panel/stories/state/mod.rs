//! What the stories' place knows: plain data, without egui.

mod batch;
mod bench;
mod candidates;
mod choices;
mod deed;
mod deleting;
mod draft;
mod export;
mod facts;
mod filter;
mod finding;
mod form;
mod list;
mod manuscript;
mod pages;
mod reading;
#[cfg(test)]
mod samples;
mod scene_files;
mod scenes;
mod seed;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod work;

use std::collections::HashMap;
use std::path::PathBuf;

use crate::gui::action::{Action, Command};
use crate::service::{BatchScope, Event, JobId, JobState, Problem, Service, Subject};
use crate::story::{Brief, Scene, SceneId, Story, StoryId, Variant, VariantId, VariantState};
use crate::supabase::{BucketName, ObjectKey};
use crate::workspace::Money;

pub use batch::{Batches, Planning, has_failed, progress_words, share};
pub use bench::{Ask, Bench, BenchAct, Field, MOST_CANDIDATES, Part, Words, earlier, estimate};
pub use candidates::Candidates;
pub use choices::Choices;
pub use deed::Deed;
pub use deleting::{Deleting, Repairing};
pub use draft::Draft;
pub use export::ExportForm;
pub(super) use export::about;
pub use facts::Facts;
pub use filter::{SORTS, meaning, order, without_alt};
pub use finding::Finding;
pub use form::{FormField, NewStory};
pub use list::{Pages, StoryList};
pub use manuscript::{Edit, Manuscripts, Step, Warning, warnings};
pub use scene_files::{SceneFile, SceneFiles};
pub use scenes::{Only, SceneView, TitleEdit};
pub use work::{Creation, Failure, ScenePicture, Work};

/// What is shown in the middle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Nothing yet.
    #[default]
    None,
    /// A story.
    Story(StoryId),
    /// A story that is being written and has no manuscript yet.
    Creation(JobId),
    /// A story that is not published yet.
    Manuscript(StoryId),
}

/// The tabs of the inspector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The live picture beside its candidates.
    #[default]
    Variants,
    /// The scene's words.
    Text,
    /// Where the live picture comes from.
    Provenance,
    /// The pictures that the scene had.
    History,
}

/// A field that is to get the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The search above the list.
    Search,
    /// The prompt of the selected scene.
    Prompt,
    /// A field of the selected scene's words.
    Words(Field),
    /// The title of the new story.
    Title,
    /// The selected row of the list.
    Row,
    /// The selected card.
    Card,
}

/// A candidate that is put in the place of a scene's picture.
struct Placing {
    scene: SceneId,
    variant: VariantId,
    /// What the scene showed before.
    before: Option<String>,
    /// What it shows since, once that was told.
    now: Option<String>,
}

impl Placing {
    /// Whether this is how the scene's picture came to be. Until it is told where the candidate was stored, any other picture than
    /// the one before is taken for it.
    fn led_to(&self, scene: &Scene) -> bool {
        let is_it = match &self.now {
            Some(now) => scene.image_url.as_ref() == Some(now),
            None => scene.image_url != self.before,
        };
        self.scene == scene.scene_id && is_it
    }
}

/// The state of the stories' place.
pub struct State {
    pub(super) list: StoryList,
    pub(super) work: Work,
    pub(super) form: NewStory,
    pub(super) export: ExportForm,
    /// Files that are to be given to scenes.
    pub(super) files: Option<SceneFiles>,
    pub(super) facts: Facts,
    pub(super) drafts: HashMap<SceneId, Draft>,
    pub(super) bench: Bench,
    pub(super) words: Words,
    /// Links that were asked for and could not be shown, by their scene: one that was put right is not broken any more, whether its
    /// scene was drawn since or not.
    pub(super) broken: HashMap<SceneId, String>,
    /// The replacement that was asked for last on the bench.
    placing: Option<Placing>,
    selection: Selection,
    scene: Option<SceneId>,
    /// Whether the inspector is shown beside the scenes, where there is room for it.
    pub inspector_open: bool,
    /// Whether the inspector is shown over the scenes, where there is no room beside them.
    pub(super) inspector_over: bool,
    /// Whether there is room for it; the view says so.
    pub(super) is_narrow: bool,
    pub(super) tab: Tab,
    /// Whether the selected picture is shown as large as it can be.
    pub(super) enlarged: bool,
    /// Try again the pictures that could not be shown; taken by the view, which has them.
    pub(super) retry_pictures: bool,
    /// How the scenes are shown.
    pub(super) view: SceneView,
    /// Which of them are.
    pub(super) only: Only,
    /// The title that is being typed.
    pub(super) title: Option<TitleEdit>,
    /// A story that is to be deleted, if that is confirmed.
    pub(super) deleting: Option<Deleting>,
    /// The picture of a broken link, while it is looked for.
    pub(super) finding: Option<Finding>,
    /// Links that are to be put right, if that is confirmed.
    pub(super) repairing: Option<Repairing>,
    /// Stories that are not published yet.
    pub(super) manuscripts: Manuscripts,
    /// What could be shown of the scenes in the middle.
    pub(super) candidates: Candidates,
    /// Who draws, and how.
    pub(super) choices: Choices,
    /// Pictures that are made one after another.
    pub(super) batches: Batches,
    /// Taken by the view.
    pub(super) focus: Option<Focus>,
    /// Scroll to the selected row; taken by the view.
    pub(super) reveal_row: bool,
    /// Scroll to the selected card; taken by the view.
    pub(super) reveal_card: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            list: StoryList::default(),
            work: Work::default(),
            form: NewStory::default(),
            export: ExportForm::default(),
            files: None,
            facts: Facts::default(),
            drafts: HashMap::new(),
            bench: Bench::default(),
            words: Words::default(),
            broken: HashMap::new(),
            placing: None,
            selection: Selection::None,
            scene: None,
            inspector_open: true,
            inspector_over: false,
            is_narrow: false,
            tab: Tab::default(),
            enlarged: false,
            retry_pictures: false,
            view: SceneView::default(),
            only: Only::default(),
            title: None,
            deleting: None,
            repairing: None,
            finding: None,
            manuscripts: Manuscripts::default(),
            candidates: Candidates::default(),
            choices: Choices::default(),
            batches: Batches::default(),
            focus: None,
            reveal_row: false,
            reveal_card: false,
        }
    }
}

impl State {
    /// Starts reads that are due and takes in what has arrived. Called in the logic pass.
    pub fn poll(&mut self, service: &Service) {
        if self.list.poll(service) {
            self.settle();
        }
        if let Some(id) = self.list.take_chosen() {
            self.select(Selection::Story(id));
        }
        if self.manuscripts.poll(service) {
            self.settle();
        }
        self.want_candidates();
        self.candidates.poll(service);
        self.choose_awaited();
        self.batches.poll(&self.choices, service);
        if let Some(files) = &mut self.files {
            files.poll(self.list.get(&files.story), service);
        }
        if let Some(deleting) = &mut self.deleting {
            deleting.poll(service);
        }
        if let Some(repairing) = &mut self.repairing {
            repairing.poll(service);
        }
        if let Some(finding) = &mut self.finding {
            finding.poll(service);
        }
        let url = self.scene().and_then(|scene| scene.image_url.clone());
        self.facts.poll(url.as_deref(), service);
        let selected = self.selected();
        let scene = selected.as_ref().map(|(story, scene)| (story, scene));
        self.bench.poll(scene, url.as_deref(), service);
        if let Some(story) = self.words.poll(service) {
            self.list.reread(&story);
        }
    }

    /// Takes in the answer to a read of the whole list.
    pub fn take_pages(&mut self, result: Result<Pages, Problem>) {
        self.list.take_pages(result);
        self.settle();
    }

    /// Takes in an event, and starts the reads it makes necessary.
    pub fn event(&mut self, event: &Event, service: &Service) {
        self.take_event(event);
        self.poll(service);
    }

    /// Takes in an event without starting anything.
    pub fn take_event(&mut self, event: &Event) {
        self.work.take(event);
        self.bench.take(event);
        self.manuscripts.take(event);
        self.candidates.take(event);
        self.batches.take(event);
        match event {
            Event::Replaced(replaced) => {
                let placed = self.placing.as_mut().filter(|placing| placing.scene == replaced.scene);
                if let Some(placing) = placed.filter(|placing| placing.now.is_none()) {
                    placing.now.clone_from(&replaced.now);
                }
            }
            Event::Changed(subject) => {
                if let Some(story) = subject.story() {
                    self.list.changed(story);
                }
            }
            Event::Indexed(_) => {
                if let Some(finding) = &mut self.finding {
                    finding.indexed();
                }
            }
            Event::Job(job) => {
                if let Subject::Story(story) = &job.subject
                    && self.list.get(story).is_none()
                {
                    self.list.reread(story);
                }
                let is_not_done = matches!(job.state, JobState::Failed(_) | JobState::Cancelled);
                if let (Subject::Scene(_, scene), true) = (&job.subject, is_not_done) {
                    self.placing.take_if(|placing| placing.scene == *scene);
                }
                self.settle_creations();
            }
            _ => {}
        }
    }

    /// A command for this place; what it asks of others comes back.
    pub fn command(&mut self, command: Command) -> Option<Action> {
        match command {
            Command::NewStory => self.new_story(),
            Command::Filter => self.focus = Some(Focus::Search),
            Command::Refresh => self.refresh(),
            Command::ToggleInspector => self.toggle_inspector(),
            Command::Previous => self.step(-1),
            Command::Next => self.step(1),
            Command::GenerateMissing => return self.generate_missing(),
            Command::Upload => return self.choose_candidate(),
            Command::Undo => return self.undo(),
            command if command.is_of_scenes() => return self.bench_command(command),
            _ => {}
        }
        None
    }

    /// Asks for everything shown again, pictures that could not be shown too.
    pub fn refresh(&mut self) {
        self.list.refresh();
        self.bench.refresh();
        self.manuscripts.refresh();
        self.retry_pictures = true;
    }

    /// The variants of the scenes in the middle are read.
    fn want_candidates(&mut self) {
        let (story, scenes): (StoryId, Vec<SceneId>) = match &self.selection {
            Selection::Story(_) => {
                let Some(story) = self.story() else { return };
                let scenes = story.scenes.iter().map(|scene| scene.scene_id.clone());
                (story.story_id.clone(), scenes.collect())
            }
            Selection::Manuscript(id) => {
                // Who was added just now has a portrait as well.
                let typed = self.manuscripts.opened(id).map(Edit::get);
                let Some(manuscript) = typed.or_else(|| self.manuscripts.get(id)) else {
                    return;
                };
                let scenes = manuscript.scenes.iter().map(|scene| &scene.scene_id);
                let portraits = manuscript.cast.iter().map(|member| &member.portraits);
                (id.clone(), scenes.chain(portraits).cloned().collect())
            }
            Selection::None | Selection::Creation(_) => return,
        };
        self.candidates.want(&story, scenes.iter());
    }

    /// A picture of a manuscript's scene, or a portrait, is being asked for: the first that comes is chosen if none is.
    pub fn await_picture(&mut self, story: &StoryId, scene: &SceneId) {
        if let Some(edit) = self.manuscripts.edit(story) {
            edit.await_picture(scene, self.candidates.of(story, scene));
        }
    }

    /// A manuscript's scene without a picture gets the first that was asked for.
    fn choose_awaited(&mut self) {
        if let Selection::Manuscript(id) = &self.selection
            && let Some(edit) = self.manuscripts.edit(id)
        {
            edit.choose_awaited(|scene| self.candidates.of(id, scene));
        }
    }

    /// A draft was asked for with `brief` and is written by `job`; called by whoever carried out [`Deed::Draft`].
    pub fn started(&mut self, job: JobId, brief: Brief) {
        self.work.begin(job, brief);
        self.select(Selection::Creation(job));
    }

    /// How many pictures engines are at, and how many wait for their turn.
    pub fn pictures_at_work(&self) -> (u64, u64) {
        self.batches.at_work()
    }

    /// What pictures have cost since midnight, if anything.
    pub fn spent_today(&self) -> Option<Money> {
        self.batches.spent_today()
    }

    /// What a scene's card shows: what an engine is making for it, or else what jobs and its row say.
    pub(super) fn picture<'a>(&'a self, story: &Story, scene: &'a Scene) -> ScenePicture<'a> {
        let shown = self.work.picture(story, scene);
        if matches!(shown, ScenePicture::Drawing { .. }) {
            return shown;
        }
        let variants = self.candidates.of(&story.story_id, &scene.scene_id);
        let drawing = variants.iter().find(|variant| variant.state == VariantState::Drawing);
        match drawing {
            Some(variant) => ScenePicture::Drawing {
                since: variant.asked_at.unwrap_or(variant.queued_at),
                job: None,
                doing: "Generating",
            },
            None if scene.image_url.is_none()
                && variants.iter().any(|variant| variant.state == VariantState::Queued) =>
            {
                ScenePicture::Waiting
            }
            None => shown,
        }
    }

    /// A candidate is about to be put in the place of a scene's picture.
    fn place(&mut self, scene: &Scene, variant: VariantId) {
        self.placing = Some(Placing {
            scene: scene.scene_id.clone(),
            variant,
            before: scene.image_url.clone(),
            now: None,
        });
    }

    /// The variant that a scene shows, if that is one of its own; its picture was stored as this object.
    pub(super) fn stored_as(
        &self,
        story: &Story,
        scene: &Scene,
        object: Option<(BucketName, ObjectKey)>,
    ) -> Option<VariantId> {
        if let Some(placing) = self.placing.as_ref().filter(|placing| placing.led_to(scene)) {
            // What the journal says of it may be read a little later than the scene's row.
            return Some(placing.variant);
        }
        let (bucket, key) = object?;
        let variants = self.candidates.of(&story.story_id, &scene.scene_id);
        let is_it = |variant: &&Variant| {
            let stored = variant.stored_at.as_ref();
            stored.is_some_and(|(of, at)| of == bucket.as_str() && at == key.as_str())
        };
        variants.iter().find(is_it).map(|variant| variant.id)
    }

    /// A manuscript is published by `job`; called by whoever carried out [`Deed::Publish`].
    pub fn publishing(&mut self, id: StoryId, job: JobId) {
        self.manuscripts.publishing(id, job);
    }

    /// Shows a manuscript that was just begun.
    pub fn show_manuscript(&mut self, id: StoryId) {
        self.manuscripts.begun(id.clone());
        self.select(Selection::Manuscript(id));
    }

    /// Shows a story, and one of its scenes.
    pub fn open(&mut self, story: StoryId, scene: Option<SceneId>) {
        if self.list.get(&story).is_none() {
            self.list.reread(&story);
        }
        self.select(Selection::Story(story));
        if scene.is_some() {
            self.scene = scene;
        }
    }

    /// Asks what a story is to be made into.
    pub fn ask_export(&mut self, story: StoryId) {
        self.export.ask(story);
    }

    /// A story that is loaded.
    pub fn find(&self, story: &StoryId) -> Option<&Story> {
        self.list.get(story)
    }

    /// All stories that are loaded, whatever the filter.
    pub fn all(&self) -> impl Iterator<Item = &Story> {
        self.list.all()
    }

    /// Whether the inspector is shown.
    pub fn is_inspector_open(&self) -> bool {
        if self.is_narrow {
            self.inspector_over
        } else {
            self.inspector_open
        }
    }

    /// Whether the inspector says itself what becomes of this scene's picture.
    pub fn tells_of(&self, scene: &SceneId) -> bool {
        let shown = self.is_inspector_open() && self.tab == Tab::Variants && !self.enlarged;
        shown && self.scene().is_some_and(|selected| selected.scene_id == *scene)
    }

    /// Shows the form of a new story.
    pub fn new_story(&mut self) {
        self.form.show();
        self.focus = Some(Focus::Title);
    }

    /// Whether there is no story to show, be it that there is none or that they cannot be read.
    pub fn has_nothing(&self) -> bool {
        let answered = self.list.is_loaded() || self.list.problem().is_some();
        answered && self.list.is_empty() && self.rows_above() == 0
    }

    /// How many rows of the list stand above the stories.
    pub(super) fn rows_above(&self) -> usize {
        self.work.creations().count() + self.manuscripts.count()
    }

    /// The place of what is selected among all rows of the list, if it was read.
    pub(super) fn selected_row(&self) -> Option<usize> {
        match &self.selection {
            Selection::Story(id) => self.list.place_of(id).map(|place| place + self.rows_above()),
            Selection::Creation(id) => self.work.creations().position(|creation| creation.id == *id),
            Selection::Manuscript(id) => {
                let at = self.manuscripts.listed().position(|manuscript| manuscript.id == *id)?;
                Some(self.work.creations().count() + at)
            }
            Selection::None => None,
        }
    }

    /// Pictures of a story that were asked for and could not be shown.
    pub(super) fn broken_of(&self, story: &Story) -> usize {
        story.scenes.iter().filter(|scene| self.is_broken(scene)).count()
    }

    /// Whether a scene's picture was asked for and could not be shown.
    pub(super) fn is_broken(&self, scene: &Scene) -> bool {
        scene.image_url.is_some() && self.broken.get(&scene.scene_id) == scene.image_url.as_ref()
    }

    /// How many scenes of a story show a picture, as far as is known: a link that leads nowhere is none.
    pub(super) fn live_of(&self, story: &Story) -> usize {
        story.pictures().saturating_sub(self.broken_of(story))
    }

    /// What is shown in the middle.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The selected story.
    pub fn story(&self) -> Option<&Story> {
        match &self.selection {
            Selection::Story(id) => self.list.get(id),
            Selection::None | Selection::Creation(_) | Selection::Manuscript(_) => None,
        }
    }

    /// The selected scene.
    pub fn scene(&self) -> Option<&Scene> {
        let id = self.scene.as_ref()?;
        self.story()?.scenes.iter().find(|scene| scene.scene_id == *id)
    }

    /// Shows something else in the middle.
    pub fn select(&mut self, selection: Selection) {
        if self.selection != selection {
            if let Selection::Manuscript(id) = &self.selection {
                self.manuscripts.leave(id);
            }
            self.selection = selection;
            self.list.hold(match &self.selection {
                Selection::Story(id) => Some(id.clone()),
                Selection::None | Selection::Creation(_) | Selection::Manuscript(_) => None,
            });
            self.scene = None;
            self.enlarged = false;
            self.only = Only::All;
            self.title = None;
            (self.reveal_row, self.reveal_card) = (true, true);
            self.settle();
        }
    }

    /// Selects a scene of the selected story.
    pub fn select_scene(&mut self, scene: &SceneId) {
        if self.scene.as_ref() != Some(scene) {
            self.scene = Some(scene.clone());
            self.settle_draft();
        }
    }

    /// Moves the selection by `by` scenes; it stops at both ends.
    pub fn step(&mut self, by: isize) {
        let Some(story) = self.story() else { return };
        let last = story.scenes.len().saturating_sub(1);
        let at = self
            .scene()
            .map_or(0, |scene| scene.index.saturating_add_signed(by).min(last));
        if let Some(scene) = story.scenes.get(at).map(|scene| scene.scene_id.clone()) {
            self.select_scene(&scene);
            self.reveal_card = true;
        }
    }

    /// Moves the selection by `by` rows of the list.
    pub fn step_story(&mut self, by: isize) {
        let place = self.story().and_then(|story| self.list.place_of(&story.story_id));
        let to = place.map_or(0, |place| place.saturating_add_signed(by));
        let to = to.min(self.list.len().saturating_sub(1));
        if let Some(id) = self.list.choose(to) {
            self.select(Selection::Story(id));
        }
    }

    /// Gives the keyboard to the list: to the selected story if it is listed, else to the first one.
    pub fn enter_list(&mut self) {
        self.step_story(0);
        self.focus = Some(Focus::Row);
        self.reveal_row = true;
    }

    /// Opens or closes the inspector, beside the scenes or over them.
    pub fn toggle_inspector(&mut self) {
        let open = if self.is_narrow {
            &mut self.inspector_over
        } else {
            &mut self.inspector_open
        };
        *open = !*open;
    }

    /// Draws a scene's picture anew, with the words and the seed that its editor shows.
    pub fn regenerate(&mut self, scene: &SceneId) -> Option<Action> {
        let story = self.story()?;
        let row = story.scenes.iter().find(|row| row.scene_id == *scene)?;
        if self.work.is_busy(story, row) {
            return None;
        }
        let (story, fresh) = (story.story_id.clone(), Draft::new(row));
        let draft = self.drafts.entry(scene.clone()).or_insert(fresh);
        let Ok((prompt, seed)) = draft.checked() else {
            self.show_prompt(scene);
            return None;
        };
        draft.used();
        Some(Action::Regenerate {
            story,
            scene: scene.clone(),
            prompt,
            seed,
        })
    }

    /// Makes a picture that is missing, with the words and the seed of the story: if it was drawn before and only its
    /// upload failed, it is not drawn again.
    pub fn generate(&mut self, scene: &SceneId) -> Option<Action> {
        let story = self.story()?;
        let row = story.scenes.iter().find(|row| row.scene_id == *scene)?;
        if self.work.is_busy(story, row) {
            return None;
        }
        if row.image_prompt.trim().is_empty() {
            self.show_prompt(scene);
            return None;
        }
        let seed = story.made_with.seed.unwrap_or_default();
        let (story, prompt) = (story.story_id.clone(), row.image_prompt.clone());
        Some(Action::Regenerate {
            story,
            scene: scene.clone(),
            prompt,
            seed,
        })
    }

    /// Plans a batch of the pictures that the selected story lacks.
    pub fn generate_missing(&mut self) -> Option<Action> {
        let story = self.story()?;
        if story.missing().next().is_some() {
            let scope = BatchScope::Stories(vec![story.story_id.clone()]);
            self.batches.planning = Some(Planning::new(scope));
        }
        None
    }

    /// Lets the editor choose a file for a scene, unless a picture for it is being made.
    pub fn choose_picture(&self, scene: &SceneId) -> Option<Action> {
        let story = self.story_if_free(scene)?;
        Some(Action::ChoosePicture {
            story,
            scene: scene.clone(),
        })
    }

    /// Puts a file in the place of a scene's picture, unless one for it is being made.
    pub fn replace_picture(&self, scene: &SceneId, path: PathBuf) -> Option<Action> {
        let story = self.story_if_free(scene)?;
        Some(Action::ReplacePicture {
            story,
            scene: scene.clone(),
            path,
        })
    }

    fn story_if_free(&self, scene: &SceneId) -> Option<StoryId> {
        let story = self.story()?;
        let row = story.scenes.iter().find(|row| row.scene_id == *scene)?;
        (!self.work.is_busy(story, row)).then(|| story.story_id.clone())
    }

    /// Undoes the last replacement of the selected scene, or else the last one of all.
    fn undo(&mut self) -> Option<Action> {
        let here = self
            .scene()
            .filter(|scene| self.work.replaced(scene).is_some())
            .map(|scene| scene.scene_id.clone());
        self.work.take_replaced(here.as_ref()).map(Action::PutBack)
    }

    fn show_prompt(&mut self, scene: &SceneId) {
        self.select_scene(scene);
        self.show_bench();
        self.focus = Some(Focus::Prompt);
    }

    /// After rows changed: what was selected stays selected, by its id; what is gone is replaced by what is first.
    fn settle(&mut self) {
        self.settle_creations();
        let gone = match &self.selection {
            Selection::None => true,
            Selection::Story(id) => self.list.get(id).is_none() && !self.list.expects(id),
            Selection::Creation(id) => self.work.creation(*id).is_none(),
            Selection::Manuscript(id) => !self.manuscripts.has(id),
        };
        if let Selection::Manuscript(id) = &self.selection
            && gone
            && self.list.get(id).is_some()
        {
            // It was published elsewhere.
            self.select(Selection::Story(id.clone()));
            return;
        }
        if gone && self.list.is_loaded() {
            let first = self.list.at(0).map(|story| Selection::Story(story.story_id.clone()));
            let first = first.unwrap_or_default();
            if self.selection != first {
                self.select(first);
                return;
            }
        }
        if self.scene().is_none() {
            self.scene = self
                .story()
                .and_then(|story| story.scenes.first())
                .map(|scene| scene.scene_id.clone());
        }
        self.settle_draft();
    }

    fn settle_draft(&mut self) {
        let Some(scene) = self.scene() else { return };
        let (id, fresh) = (scene.scene_id.clone(), Draft::new(scene));
        // The borrow of the row has to end before the drafts are changed.
        let row = scene.clone();
        self.drafts.entry(id).or_insert(fresh).follow(&row);
    }

    /// Turns what is being written into manuscripts once it is written, and what failed back into the form.
    fn settle_creations(&mut self) {
        let done = |creation: &Creation| {
            let job = creation.job.as_ref();
            job.is_some_and(|job| matches!(job.state, JobState::Done(_)))
                && self.manuscripts.of(&creation.brief).is_some()
        };
        for creation in self.work.take_creations(done) {
            if self.selection == Selection::Creation(creation.id)
                && let Some(id) = self.manuscripts.of(&creation.brief).cloned()
            {
                self.select(Selection::Manuscript(id));
            }
        }
        // Only an unused form: what is being typed there is not overwritten, and the row says that it failed.
        let ended = self.work.creations().find(|creation| has_ended(creation));
        if let Some(id) = ended.map(|creation| creation.id)
            && self.form.is_unused()
        {
            self.edit_creation(id);
        }
    }

    /// Takes a story that could not be begun back into the form.
    pub fn edit_creation(&mut self, id: JobId) {
        for creation in self.work.take_creations(|creation| creation.id == id) {
            match creation.problem() {
                Some(problem) => self.form.bring_back(&creation.brief, problem.clone()),
                // Cancelled: the words stay for the next time the form is opened.
                None => self.form.typed = (&creation.brief).into(),
            }
        }
        self.settle();
    }
}

/// Whether nothing more will happen to it by itself.
fn has_ended(creation: &Creation) -> bool {
    creation
        .job
        .as_ref()
        .is_some_and(|job| matches!(job.state, JobState::Failed(_) | JobState::Cancelled))
}
