//! The question what a story is made into, as an editor answers it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use serde_json::{Value, json};
use storymimi_studio::gui::action::Action;
use storymimi_studio::gui::panel::stories::Pages;
use storymimi_studio::gui::panel::{PanelContext, stories};
use storymimi_studio::gui::review::Thumbs;
use storymimi_studio::gui::texture::Pictures;
use storymimi_studio::service::Service;
use storymimi_studio::story::export::{ExportSettings, Format, PageSize};
use storymimi_studio::story::{Story, StoryId};
use storymimi_studio::supabase::Supabase;
use support::project::Project;

/// The place with one story, which the question is about.
struct Desk {
    state: stories::State,
    pictures: Pictures,
    actions: Vec<Action>,
    service: Service,
}

impl Desk {
    fn new(project: &Project, story: Story) -> Self {
        let mut state = stories::State::default();
        let id = story.story_id.clone();
        state.take_pages(Ok(Pages {
            stories: vec![story],
            more: false,
        }));
        state.ask_export(id);
        Self {
            state,
            pictures: Pictures::new(),
            actions: Vec::new(),
            service: project.service.clone(),
        }
    }

    fn frame(&mut self, ui: &mut egui::Ui) {
        let mut context = PanelContext {
            service: &self.service,
            pictures: &mut self.pictures,
            thumbs: &mut Thumbs::default(),
            jobs: &[],
            actions: &mut self.actions,
        };
        stories::view::show(ui, &mut self.state, &mut context);
    }
}

/// A story with two scenes, the second without a picture and the first without a description.
fn story(runtime: &tokio::runtime::Runtime, project: &Project) -> Story {
    let workspace = project.service.workspace();
    let http = storymimi_studio::http::Http::new(std::sync::Arc::default()).unwrap();
    let supabase = Supabase::new(http, workspace.url.clone(), workspace.key.clone());
    let id = StoryId::fresh();
    let row = json!([{ "story_id": id, "title": "Pip and the Lost Star", "prompt": "p", "status": "failed" }]);
    let scene = |at: usize| {
        json!({ "scene_id": uuid::Uuid::new_v4(), "story_id": id, "sequence": at, "title": "A scene", "text": "Words.",
            "image_url": (at == 0).then_some("https://example.com/a.png") })
    };
    runtime.block_on(async {
        let _: Vec<Value> = supabase.rest().from("stories").insert(&row).await.unwrap();
        let _: Vec<Value> = supabase
            .rest()
            .from("scenes")
            .insert(&[scene(0), scene(1)])
            .await
            .unwrap();
        project.service.story(&id).await.unwrap()
    })
}

fn harness(runtime: &tokio::runtime::Runtime, project: &Project, look: Theme) -> Harness<'static, Desk> {
    let desk = Desk::new(project, story(runtime, project));
    support::builder([1280.0, 800.0], look).build_ui_state(|ui, desk: &mut Desk| desk.frame(ui), desk)
}

fn start() -> (tokio::runtime::Runtime, Project) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let project = runtime.block_on(Project::start());
    (runtime, project)
}

fn answered(harness: &mut Harness<'_, Desk>) -> Option<ExportSettings> {
    let actions = std::mem::take(&mut harness.state_mut().actions);
    actions.into_iter().find_map(|action| match action {
        Action::Export(_, settings) => Some(settings),
        _ => None,
    })
}

fn is_open(harness: &Harness<'_, Desk>) -> bool {
    harness.query_by_label("Cancel").is_some()
}

/// The button of the question, which is over the one of the story that asks it.
fn press_export(harness: &Harness<'_, Desk>) {
    assert!(is_open(harness));
    harness.get_all_by_label("Export…").last().unwrap().click();
}

#[test]
fn the_question_says_what_is_missing_and_takes_an_answer() {
    let (runtime, project) = start();
    let mut harness = harness(&runtime, &project, Theme::Dark);
    harness.run_steps(4);
    harness.get_by_label("1 scene has no picture");
    harness.get_by_label("1 picture has no description");
    harness.get_by_label("A5").click();
    harness.run_steps(3);
    harness.get_by_label("Bleed and trim marks, for a printer").click();
    harness.run_steps(3);
    press_export(&harness);
    harness.run_steps(3);
    let settings = answered(&mut harness).unwrap();
    assert_eq!(
        (settings.format, settings.size, settings.bleed),
        (Format::Pdf, PageSize::A5, true)
    );
    assert!(!is_open(&harness), "it is closed");
    // The answers stay for the next time.
    let id = StoryId::fresh();
    harness.state_mut().state.ask_export(id);
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(3);
    assert_eq!(answered(&mut harness).unwrap().size, PageSize::A5);
}

#[test]
fn formats_without_pages_ask_for_no_size_and_esc_answers_nothing() {
    let (runtime, project) = start();
    let mut harness = harness(&runtime, &project, Theme::Light);
    harness.run_steps(4);
    harness.get_by_label("EPUB").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("A5").is_none());
    harness.get_by_label("Colouring pages").click();
    harness.run_steps(3);
    harness.get_by_label("A5");
    assert!(
        harness.query_by_label("1 scene has no picture").is_none(),
        "outlines are drawn anew"
    );
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(answered(&mut harness), None);
    assert!(!is_open(&harness));
}
