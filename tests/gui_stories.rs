//! The stories' place, against the real embedded server: what an editor sees and does there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::{Duration, Instant};

use egui::Theme;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::gui::action::{Action, Command};
use storymimi_studio::gui::panel::stories::{Deed, Pages};
use storymimi_studio::gui::panel::{PanelContext, stories};
use storymimi_studio::gui::review::Thumbs;
use storymimi_studio::gui::texture::Pictures;
use storymimi_studio::service::{Event, Job, SceneWork, Service};
use storymimi_studio::story::{Brief, Source, Status, Story};
use storymimi_studio::workspace::{ProjectUrl, Workspace};
use support::Click as _;
use support::project::Project;
use tokio_util::sync::CancellationToken;

/// The place with its project, as the shell holds them.
struct Desk {
    state: stories::State,
    pictures: Pictures,
    actions: Vec<Action>,
    jobs: Vec<Job>,
    /// The project is not asked: what was given is all there is.
    frozen: bool,
    project: Project,
    runtime: tokio::runtime::Runtime,
}

impl Desk {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// A workspace whose project does not answer.
    fn unreachable() -> Self {
        Self::with(|workspace| workspace.url = ProjectUrl::parse("http://127.0.0.1:9").unwrap())
    }

    fn with(change: impl FnOnce(&mut Workspace)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let project = runtime.block_on(Project::with(change));
        Self {
            state: stories::State::default(),
            pictures: Pictures::new(),
            actions: Vec::new(),
            jobs: Vec::new(),
            frozen: false,
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

    /// Shows `story` as it is given, whatever the project says.
    fn freeze(&mut self, story: Story) {
        self.frozen = true;
        self.state.take_pages(Ok(Pages {
            stories: vec![story],
            more: false,
        }));
    }

    /// What the shell does before a frame.
    fn logic(&mut self, ctx: &egui::Context) {
        if !self.frozen {
            let events: Vec<Event> = self.project.events.drain().collect();
            for event in &events {
                self.state.event(event, &self.project.service);
            }
            self.state.poll(&self.project.service);
        }
        self.pictures.poll(ctx);
        self.jobs = self.project.service.jobs().list();
    }

    fn frame(&mut self, ui: &mut egui::Ui) {
        self.logic(ui);
        let mut context = PanelContext {
            service: &self.project.service,
            pictures: &mut self.pictures,
            thumbs: &mut Thumbs::default(),
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
    harness.step();
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
    let Ok(folder) = std::env::var("STORIES_PICTURES") else {
        return;
    };
    settle(harness);
    harness
        .render()
        .unwrap()
        .save(std::path::Path::new(&folder).join(format!("{name}.png")))
        .unwrap();
}

#[test]
fn an_empty_place_leads_to_the_first_story() {
    let mut harness = window(Desk::new(), [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| {
        harness.query_by_label("No stories yet").is_some()
    });
    picture(&mut harness, "empty");
    harness.click(|harness| harness.get_all_by_label("New story").last().unwrap().rect());
    harness.run_steps(3);
    picture(&mut harness, "new-story");
    harness.click(|harness| harness.get_by_label("Write the draft").rect());
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
    harness
        .get_by_label("Prompt")
        .type_text("A small fox named Pip finds a star.");
    harness.step();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    harness.run_steps(2);
    let actions = harness.state_mut().take_actions();
    let [Action::Do(deed)] = &actions[..] else {
        panic!("{actions:?}")
    };
    let Deed::Draft { brief, engine } = &**deed else {
        panic!("{deed:?}")
    };
    assert_eq!(brief.title(), "Pip and the Lost Star");

    // The shell starts it; the draft is shown as soon as it is written.
    let desk = harness.state_mut();
    let job = desk.project.service.start_draft(brief.clone(), engine.clone());
    desk.state.started(job, brief.clone());
    harness.step();
    harness.step();
    picture(&mut harness, "creating");
    until(&mut harness, |harness| harness.query_by_label("Scene 6 text").is_some());
    picture(&mut harness, "created");
}

#[test]
fn stories_are_browsed_with_their_pictures() {
    let desk = Desk::new();
    desk.make(
        "The Bear Who Read to the Moon",
        "A bear reads a book to the moon at night",
        4,
    );
    desk.make(
        "Mira and the Patient Turtle",
        "A girl named Mira and a turtle at the sea",
        3,
    );
    desk.make("Pip and the Lost Star, which fell a very long way down into the snowy forest", "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest and carries it home over the mountains", 8);
    let mut harness = window(desk, [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| {
        harness.query_by_label("8 of 8 pictures live").is_some()
    });
    picture(&mut harness, "stories-dark");
    harness.key_press(egui::Key::ArrowRight);
    harness.run_steps(2);
    assert!(harness.query_by_label("of 8").is_some());
    picture(&mut harness, "stories-dark-2");
    harness.click(|harness| harness.get_by_label("Text and alt").rect());
    harness.run_steps(2);
    picture(&mut harness, "text-tab");
}

#[test]
fn a_project_that_cannot_be_read_says_so_and_offers_to_try_again() {
    let mut harness = window(Desk::unreachable(), [1376.0, 832.0], Theme::Light);
    until(&mut harness, |harness| harness.query_by_label("Try again").is_some());
    picture(&mut harness, "error-light");
}

/// A story with one scene of each kind: whole, without alt text, without a picture, failed, with a link to nowhere.
fn mixed(desk: &Desk) -> Story {
    let mut story = desk.make(
        "Pip and the Lost Star",
        "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest",
        8,
    );
    let url = desk.service().workspace().url.as_str().to_owned();
    story.status = Status::Failed;
    story.scenes[1].alt_text = None;
    story.scenes[2].image_url = None;
    story.scenes[3].image_url = Some(format!("{url}/storage/v1/object/public/story-images/scene_3_gone.png"));
    story.scenes[5].image_url = None;
    story.scenes[5].image_error = Some("the model refused the prompt (moderation_blocked)".to_owned());
    story
}

fn replace(desk: &Desk, story: &Story, scene: usize) -> Job {
    let source = Source::File {
        bytes: bytes::Bytes::from_static(b"no picture"),
        name: "notes.txt".to_owned(),
    };
    let id = desk
        .service()
        .start_replace(story.clone(), story.scenes[scene].scene_id.clone(), source);
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let job = desk
            .service()
            .jobs()
            .list()
            .into_iter()
            .find(|job| job.id == id)
            .unwrap();
        if job.state.is_over() {
            return job;
        }
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn show_mixed(look: Theme, size: [f32; 2]) -> (Harness<'static, Desk>, Story) {
    let mut desk = Desk::new();
    let story = mixed(&desk);
    desk.freeze(story.clone());
    let job = replace(&desk, &story, 0);
    desk.state.take_event(&Event::Job(job));
    desk.state.take_event(&Event::Scene(
        story.story_id.clone(),
        story.scenes[4].scene_id.clone(),
        SceneWork::Drawing,
    ));
    let mut harness = window(desk, size, look);
    until(&mut harness, |harness| harness.query_by_label("Broken link").is_some());
    (harness, story)
}

#[test]
fn every_state_of_a_scene_says_what_it_is_and_offers_what_helps() {
    let (mut harness, story) = show_mixed(Theme::Dark, [1376.0, 1180.0]);
    for label in [
        "Not replaced",
        "No alt text",
        "No picture yet",
        "Picture not found",
        "Generate",
        // Two are missing, and one link leads nowhere.
        "5 of 8 pictures live",
        "1 broken link",
    ] {
        assert!(harness.query_all_by_label(label).next().is_some(), "{label}");
    }
    picture(&mut harness, "states-dark");
    harness.click(|harness| harness.get_by_label("Generate 2 missing").rect());
    harness.run_steps(2);
    let missing = Action::Command(Command::GenerateMissing);
    assert_eq!(harness.state_mut().take_actions(), [missing]);
    // The button is on the broken card, and its menu has more.
    assert!(harness.query_by_label("Find image").is_some());
    harness.click_secondary(|harness| harness.get_by_label("Scene 4").rect());
    harness.run_steps(3);
    // The inspector has one, too.
    harness.click(|harness| harness.query_all_by_label("Open in URL Lab").last().unwrap().rect());
    harness.run_steps(2);
    let explain = Action::ExplainUrl(story.scenes[3].image_url.clone().unwrap());
    assert_eq!(harness.state_mut().take_actions(), [explain]);
}

#[test]
fn the_inspector_is_as_wide_for_a_scene_without_a_picture_as_for_others() {
    let (mut harness, story) = show_mixed(Theme::Dark, [1376.0, 832.0]);
    let left = |harness: &Harness<'_, Desk>| harness.get_by_label("Text and alt").rect().left();
    let before = left(&harness);
    harness.state_mut().state.select_scene(&story.scenes[2].scene_id);
    until(&mut harness, |harness| {
        harness.query_by_label("Used in no place").is_some()
    });
    harness.run_steps(4);
    assert!((left(&harness) - before).abs() < 0.5, "{} and {before}", left(&harness));
}

#[test]
fn states_light() {
    let (mut harness, _) = show_mixed(Theme::Light, [1376.0, 1180.0]);
    picture(&mut harness, "states-light");
}

#[test]
fn a_regenerated_picture_can_be_put_back() {
    let desk = Desk::new();
    let story = desk.make("Pip and the Lost Star", "A small fox named Pip finds a star", 2);
    let before = story.scenes[0].image_url.clone();
    let mut harness = window(desk, [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| {
        harness.query_by_label("2 of 2 pictures live").is_some()
    });
    harness.click(|harness| harness.get_by_label("Regenerate scene 1").rect());
    harness.run_steps(2);
    let actions = harness.state_mut().take_actions();
    let [
        Action::Regenerate {
            scene, prompt, seed, ..
        },
    ] = &actions[..]
    else {
        panic!("{actions:?}")
    };
    let source = Source::Drawn {
        prompt: prompt.clone(),
        seed: *seed,
    };
    harness
        .state()
        .service()
        .start_replace(story.clone(), scene.clone(), source);
    until(&mut harness, |harness| {
        harness.query_by_label("Picture replaced").is_some()
    });
    assert_ne!(harness.state().state.scene().unwrap().image_url, before);
    picture(&mut harness, "replaced");
    harness.click(|harness| harness.get_all_by_label("Undo").last().unwrap().rect());
    harness.run_steps(2);
    let actions = harness.state_mut().take_actions();
    let [Action::PutBack(replaced)] = &actions[..] else {
        panic!("{actions:?}")
    };
    harness.state().service().start_put_back(replaced.clone());
    until(&mut harness, |harness| {
        harness.state().state.scene().unwrap().image_url == before
    });
    assert!(harness.query_by_label("Picture replaced").is_none());
}

#[test]
fn a_picture_is_shown_large_and_esc_closes_it() {
    let desk = Desk::new();
    desk.make("Pip and the Lost Star", "A small fox named Pip finds a star", 2);
    let mut harness = window(desk, [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| {
        harness.query_by_label("2 of 2 pictures live").is_some()
    });
    settle(&mut harness);
    harness.click(|harness| harness.get_by_label("Show scene 2 large").rect());
    harness.run_steps(3);
    assert!(harness.query_by_label("Scene 2 of 2").is_some());
    picture(&mut harness, "large");
    harness.key_press(egui::Key::ArrowLeft);
    harness.run_steps(3);
    assert!(harness.query_by_label("Scene 1 of 2").is_some());
    harness.key_press(egui::Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Scene 1 of 2").is_none());
}

#[test]
fn small_windows_keep_everything_reachable() {
    let desk = Desk::new();
    desk.make(
        "Mira and the Patient Turtle",
        "A girl named Mira and a turtle at the sea",
        3,
    );
    desk.make(
        "Pip and the Lost Star",
        "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest",
        8,
    );
    let mut harness = window(desk, [1376.0, 832.0], Theme::Light);
    until(&mut harness, |harness| {
        harness.query_by_label("8 of 8 pictures live").is_some()
    });
    picture(&mut harness, "stories-light");
    harness.set_size(egui::vec2(1280.0, 732.0));
    harness.run_steps(2);
    picture(&mut harness, "stories-light-small");
    harness.set_size(egui::vec2(1056.0, 632.0));
    harness.run_steps(2);
    assert!(harness.query_by_label("Replace live").is_none());
    harness.click(|harness| harness.get_all_by_label("Scene 2").next().unwrap().rect());
    harness.run_steps(2);
    assert!(
        harness.query_by_label("Replace live").is_some(),
        "the inspector comes over the scenes"
    );
    picture(&mut harness, "stories-light-narrow");
    harness.click(|harness| harness.get_by_label("Close inspector").rect());
    harness.run_steps(2);
    assert!(harness.query_by_label("Replace live").is_none());
}

#[test]
fn at_rest_nothing_asks_to_be_drawn_again() {
    let desk = Desk::new();
    desk.make("Pip and the Lost Star", "A small fox named Pip finds a star", 2);
    let mut harness = window(desk, [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| {
        harness.query_by_label("2 of 2 pictures live").is_some()
    });
    // What was made just now is counted once more, a moment later; then nothing is due any more.
    let next = |harness: &Harness<'_, Desk>| harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    until(&mut harness, |harness| next(harness) == Duration::MAX);
    settle(&mut harness);
    assert_eq!(next(&harness), Duration::MAX);
}

#[test]
fn a_dropped_file_replaces_the_picture_under_the_pointer() {
    let desk = Desk::new();
    let story = desk.make("Pip and the Lost Star", "A small fox named Pip finds a star", 3);
    let mut harness = window(desk, [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| {
        harness.query_by_label("3 of 3 pictures live").is_some()
    });
    settle(&mut harness);
    let over = harness.get_by_label("Show scene 2 large").rect().center() + egui::vec2(-20.0, 60.0);
    harness.hover_at(over);
    harness.step();
    harness.input_mut().hovered_files = vec![egui::HoveredFile::default()];
    harness.step();
    assert!(harness.query_by_label("Drop to replace scene 2").is_some());
    picture(&mut harness, "drop");
    let file = std::path::PathBuf::from("/pictures/pip.png");
    support::dropped::drop_files(&mut harness, std::slice::from_ref(&file));
    let (story, scene) = (story.story_id, story.scenes[1].scene_id.clone());
    assert_eq!(
        harness.state_mut().take_actions(),
        [Action::ReplacePicture {
            story,
            scene,
            path: file
        }]
    );
}

#[test]
fn filters_and_search_narrow_the_list_and_say_so_when_nothing_is_left() {
    let desk = Desk::new();
    desk.make(
        "Mira and the Patient Turtle",
        "A girl named Mira and a turtle at the sea",
        1,
    );
    desk.make("Pip and the Lost Star", "A small fox named Pip finds a star", 1);
    let mut harness = window(desk, [1376.0, 832.0], Theme::Dark);
    until(&mut harness, |harness| {
        harness
            .query_all_by_label("Mira and the Patient Turtle")
            .next()
            .is_some()
    });
    harness.get_by_label("Title or prompt").focus();
    harness.step();
    harness.get_by_label("Title or prompt").type_text("turtle");
    let listed = |harness: &Harness<'_, Desk>, title: &str| {
        harness
            .query_all_by_role_and_label(egui::accesskit::Role::ListBoxOption, title)
            .next()
            .is_some()
    };
    until(&mut harness, |harness| !listed(harness, "Pip and the Lost Star"));
    assert!(listed(&harness, "Mira and the Patient Turtle"));
    harness.click(|harness| harness.get_by_label("Failed").rect());
    until(&mut harness, |harness| {
        harness.query_by_label("No match for “turtle”").is_some()
    });
    harness.click(|harness| harness.get_by_label("Clear filters").rect());
    until(&mut harness, |harness| {
        listed(harness, "Mira and the Patient Turtle") && listed(harness, "Pip and the Lost Star")
    });
}
