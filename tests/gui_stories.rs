//! The stories' place, against the real embedded server: what an editor sees and does there.

mod support;

use std::time::{Duration, Instant};

use egui::Theme;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::gui::action::Action;
use storymimi_studio::gui::panel::{PanelContext, stories};
use storymimi_studio::gui::texture::Pictures;
use storymimi_studio::service::{Event, Job, Problem, Service};
use storymimi_studio::story::{Brief, Story};
use support::project::Project;
use tokio_util::sync::CancellationToken;

/// The place with its project, as the shell holds them.
struct Desk {
    state: stories::State,
    pictures: Pictures,
    actions: Vec<Action>,
    jobs: Vec<Job>,
    project: Project,
    runtime: tokio::runtime::Runtime,
}

impl Desk {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let project = runtime.block_on(Project::start());
        Self {
            state: stories::State::default(),
            pictures: Pictures::new(),
            actions: Vec::new(),
            jobs: Vec::new(),
            project,
            runtime,
        }
    }

    fn service(&self) -> &Service {
        &self.project.service
    }

    /// Makes a story with the built-in engines.
    fn make(&self, title: &str, prompt: &str, scenes: usize) -> Story {
        let brief = Brief::new(title, prompt, scenes, 7).unwrap();
        let never = CancellationToken::new();
        let made = self.service().create_story(&brief, &|_| {}, &never);
        self.runtime.block_on(made).unwrap().story
    }

    /// What the shell does before a frame.
    fn logic(&mut self, ctx: &egui::Context) {
        let events: Vec<Event> = self.project.events.drain().collect();
        for event in &events {
            self.state.event(event, &self.project.service);
        }
        self.state.poll(&self.project.service);
        self.pictures.poll(ctx);
        self.jobs = self.project.service.jobs().list();
    }

    fn frame(&mut self, ui: &mut egui::Ui) {
        self.logic(ui);
        let mut context = PanelContext {
            service: &self.project.service,
            pictures: &mut self.pictures,
            jobs: &self.jobs,
            actions: &mut self.actions,
        };
        stories::view::show(ui, &mut self.state, &mut context);
    }

    fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }
}

fn window(desk: Desk, size: [f32; 2], look: Theme) -> Harness<'static, Desk> {
    support::builder(size, look).build_ui_state(|ui, desk: &mut Desk| desk.frame(ui), desk)
}

/// Frames until `done`, or a failure that says what is on the screen.
fn until(harness: &mut Harness<'_, Desk>, done: impl Fn(&Harness<'_, Desk>) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !done(harness) {
        assert!(Instant::now() < deadline, "not reached; on the screen:\n{harness:?}");
        harness.step();
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn settle(harness: &mut Harness<'_, Desk>) {
    let quiet = Instant::now() + Duration::from_millis(1500);
    while Instant::now() < quiet {
        harness.step();
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// For eyes: a picture of the place into the folder that `STORIES_PICTURES` names.
fn picture(harness: &mut Harness<'_, Desk>, name: &str) {
    let Ok(folder) = std::env::var("STORIES_PICTURES") else { return };
    settle(harness);
    harness.render().unwrap().save(std::path::Path::new(&folder).join(format!("{name}.png"))).unwrap();
}

#[test]
fn an_empty_place_leads_to_the_first_story() {
    let mut harness = window(Desk::new(), [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| harness.query_by_label("No stories yet").is_some());
    picture(&mut harness, "empty");
    harness.get_all_by_label("New story").last().unwrap().click();
    harness.run_steps(3);
    picture(&mut harness, "new-story");
    harness.get_by_label("Create story").click();
    harness.run_steps(2);
    assert!(harness.query_by_label("Give the story a title.").is_some());
    picture(&mut harness, "new-story-wrong");
    assert!(harness.state_mut().take_actions().is_empty());

    harness.get_by_label("Title").focus();
    harness.step();
    harness.get_by_label("Title").type_text("Pip and the Lost Star");
    harness.step();
    harness.get_by_label("Prompt").focus();
    harness.step();
    harness.get_by_label("Prompt").type_text("A small fox named Pip finds a star.");
    harness.step();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    harness.run_steps(2);
    let actions = harness.state_mut().take_actions();
    assert!(matches!(&actions[..], [Action::StartStory(brief)] if brief.title() == "Pip and the Lost Star"));

    // The shell starts it; the story is selected as soon as it has a row.
    let [Action::StartStory(brief)] = &actions[..] else { panic!() };
    let desk = harness.state_mut();
    let job = desk.project.service.start_story(brief.clone());
    desk.state.started(job, brief.clone());
    harness.step();
    harness.step();
    picture(&mut harness, "creating");
    until(&mut harness, |harness| harness.state().state.story().is_some_and(|story| story.pictures() == 6));
    until(&mut harness, |harness| harness.query_by_label("6 of 6 pictures live").is_some());
    picture(&mut harness, "created");
}

#[test]
fn stories_are_browsed_with_their_pictures() {
    let desk = Desk::new();
    desk.make("The Bear Who Read to the Moon", "A bear reads a book to the moon at night", 4);
    desk.make("Mira and the Patient Turtle", "A girl named Mira and a turtle at the sea", 3);
    desk.make("Pip and the Lost Star, which fell a very long way down into the snowy forest", "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest and carries it home over the mountains", 8);
    let mut harness = window(desk, [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| harness.query_by_label("8 of 8 pictures live").is_some());
    picture(&mut harness, "stories-dark");
    harness.key_press(egui::Key::ArrowRight);
    harness.run_steps(2);
    assert!(harness.query_by_label("Scene 2").is_some());
    picture(&mut harness, "stories-dark-2");
    harness.get_by_label("Text and alt").click();
    harness.run_steps(2);
    picture(&mut harness, "text-tab");
}

#[test]
fn a_project_that_cannot_be_read_says_so_and_offers_to_try_again() {
    let mut harness = window(Desk::new(), [1216.0, 732.0], Theme::Light);
    let mut problem = Problem::new("The project cannot be reached.", "Check the network, then try again.");
    problem.technical = "connection refused".to_owned();
    harness.state_mut().state.take_pages(Err(problem));
    harness.step();
    picture(&mut harness, "error-light");
}

#[test]
fn light() {
    let desk = Desk::new();
    desk.make("Mira and the Patient Turtle", "A girl named Mira and a turtle at the sea", 3);
    desk.make("Pip and the Lost Star", "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest", 8);
    let mut harness = window(desk, [1376.0, 832.0], Theme::Light);
    until(&mut harness, |harness| harness.query_by_label("8 of 8 pictures live").is_some());
    picture(&mut harness, "stories-light");
    harness.set_size(egui::vec2(1216.0, 732.0));
    harness.run_steps(2);
    picture(&mut harness, "stories-light-small");
    harness.set_size(egui::vec2(1056.0, 632.0));
    harness.run_steps(2);
    picture(&mut harness, "stories-light-narrow");
}
