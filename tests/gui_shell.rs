//! What is around the places: closing, what is remembered, finding, the top bar.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Toggled;
use egui::{Key, Modifiers, Theme, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::gui::app::{App, Options, Remembered};
use storymimi_studio::gui::picker::SystemPicker;
use storymimi_studio::service::{Ending, JobId, Service, Subject};
use storymimi_studio::story::Brief;
use storymimi_studio::workspace::{Home, ProjectUrl};
use support::Click as _;
use support::studio::Studio;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Makes a story of one scene.
fn make(studio: &Studio, title: &str) {
    let brief = Brief::new(title, "A fox in the snow", 1, 3).unwrap();
    let never = CancellationToken::new();
    let made = studio.service.create_story(&brief, &|_| {}, &never);
    studio.runtime.block_on(made).unwrap();
}

/// A job that ends when it is told to.
fn wait(studio: &mut Studio) -> (JobId, Arc<Notify>) {
    let told = Arc::new(Notify::new());
    let waiting = told.clone();
    let id = studio.service.jobs().start("Wait", "a while", Subject::None, move |_| {
        let waiting = waiting.clone();
        async move {
            waiting.notified().await;
            Ok(Ending::Done("Waited".to_owned()))
        }
    });
    studio.until("the job", |harness| {
        harness.query_all_by_label("1 job is running").next().is_some()
    });
    (id, told)
}

/// Closes the window as the window system does; answers what the window told it.
fn close(harness: &mut Harness<'static, App>) -> Vec<ViewportCommand> {
    let root = |harness: &mut Harness<'static, App>, events| {
        harness
            .input_mut()
            .viewports
            .entry(ViewportId::ROOT)
            .or_default()
            .events = events;
    };
    root(harness, vec![ViewportEvent::Close]);
    harness.step();
    root(harness, Vec::new());
    commands(harness)
}

fn commands(harness: &Harness<'static, App>) -> Vec<ViewportCommand> {
    harness.output().viewport_output[&ViewportId::ROOT].commands.clone()
}

/// Whether the row of that name is the selected one.
fn is_selected(harness: &Harness<'static, App>, name: &str) -> bool {
    harness
        .query_all_by_label(name)
        .any(|node| node.accesskit_node().toggled() == Some(Toggled::True))
}

#[test]
fn closing_asks_while_jobs_run_and_goes_on_when_they_have_ended() {
    let mut studio = Studio::start();
    assert!(!close(&mut studio.harness).contains(&ViewportCommand::CancelClose));
    let (_, told) = wait(&mut studio);
    assert!(close(&mut studio.harness).contains(&ViewportCommand::CancelClose));
    studio.harness.run_steps(3);
    assert!(
        studio.harness.get_by_label("Keep working").is_focused(),
        "Enter does no harm"
    );
    studio.picture("closing");
    studio
        .harness
        .click(|harness| harness.get_by_label("Keep working").rect());
    studio.harness.run_steps(3);
    assert!(studio.harness.query_by_label("Keep working").is_none());

    assert!(close(&mut studio.harness).contains(&ViewportCommand::CancelClose));
    told.notify_one();
    studio.until("the window closes by itself", |harness| {
        commands(harness).contains(&ViewportCommand::Close)
    });
}

#[test]
fn jobs_that_run_can_be_stopped_for_closing() {
    let mut studio = Studio::start();
    wait(&mut studio);
    close(&mut studio.harness);
    studio.harness.run_steps(3);
    studio
        .harness
        .click(|harness| harness.get_by_label("Stop it and close").rect());
    // It is said in one frame only, which may be that of the click.
    let deadline = Instant::now() + Duration::from_secs(60);
    while !commands(&studio.harness).contains(&ViewportCommand::Close) {
        assert!(Instant::now() < deadline, "the window does not close");
        studio.harness.step();
    }
    assert!(
        !close(&mut studio.harness).contains(&ViewportCommand::CancelClose),
        "it is not asked twice"
    );
}

#[test]
fn the_story_and_the_place_are_shown_again_at_the_next_start() {
    let mut studio = Studio::start();
    make(&studio, "The first story");
    make(&studio, "The second story");
    studio.until("both stories", |harness| {
        let listed = |title| harness.query_all_by_label(title).next().is_some();
        listed("The first story") && listed("The second story")
    });
    studio.harness.click(|harness| {
        harness
            .get_all_by_label("The first story")
            .find(|node| node.accesskit_node().toggled().is_some())
            .unwrap()
            .rect()
    });
    studio.until("the other story", |harness| is_selected(harness, "The first story"));
    let kept = serde_json::to_string(&studio.harness.state().remembered()).unwrap();

    let remembered: Remembered = serde_json::from_str(&kept).unwrap();
    let home = Home::at(&studio.folder);
    let workspace = studio.service.workspace().clone();
    let (service, events) = Service::open(workspace, &home, studio.runtime.handle().clone()).unwrap();
    let options = Options {
        picker: Arc::new(SystemPicker),
        home,
        remembered,
        workspaces: studio.workspaces.clone(),
        not_opened: None,
        left_open: Arc::default(),
    };
    studio.harness = support::builder([1440.0, 900.0], Theme::Dark)
        .build_eframe(move |context| App::new(&context.egui_ctx, service, events, options));
    studio.until("the story again", |harness| is_selected(harness, "The first story"));
}

#[test]
fn what_an_older_version_kept_is_read() {
    let remembered: Remembered = serde_json::from_str(r#"{"place":"Buckets","panes":3}"#).unwrap();
    assert!(
        serde_json::to_string(&remembered)
            .unwrap()
            .contains(r#""place":"Buckets""#)
    );
}

#[test]
fn the_palette_finds_objects_of_the_open_bucket() {
    let mut studio = Studio::start();
    make(&studio, "Pip");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    studio.until("the object", |harness| {
        harness.query_all_by_label_contains("scene_0_").next().is_some()
    });
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    studio.harness.run_steps(2);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    studio.harness.run_steps(3);
    studio.harness.event(egui::Event::Text("scene_0".to_owned()));
    studio.until("the object in the palette", |harness| {
        harness.query_by_label("Objects").is_some()
    });
    studio.picture("palette-objects");
    studio.harness.key_press(Key::Enter);
    studio.until("the object's facts", |harness| harness.query_by_label("Type").is_some());
}

#[test]
fn the_top_bar_changes_the_theme_and_has_no_button_without_a_use() {
    let mut studio = Studio::start();
    studio.until("the place", |harness| {
        harness.query_by_label("No stories yet").is_some()
    });
    studio
        .harness
        .click(|harness| harness.get_by_label("Light theme").rect());
    studio.harness.run_steps(3);
    assert_eq!(studio.harness.ctx.theme(), Theme::Light);
    studio
        .harness
        .click(|harness| harness.get_by_label("Dark theme").rect());
    studio.harness.run_steps(3);
    assert_eq!(studio.harness.ctx.theme(), Theme::Dark);

    studio.harness.click(|harness| harness.get_by_label("Settings").rect());
    studio.harness.run_steps(3);
    let inspector = studio.harness.get_by_label("Inspector");
    assert!(inspector.accesskit_node().is_disabled());
}

#[test]
fn a_server_that_is_left_alone_is_said_to_be_waited_for() {
    let mut studio = Studio::with([1440.0, 900.0], Theme::Dark, |workspace| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        workspace.url = ProjectUrl::parse(&url).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let routes = axum::Router::new().fallback(|| async { axum::http::StatusCode::SERVICE_UNAVAILABLE });
        tokio::spawn(async move { axum::serve(listener, routes).await });
    });
    for _ in 0..12 {
        let service = studio.service.clone();
        studio.runtime.spawn(async move { service.buckets().await.is_err() });
    }
    studio.until("what is waited for", |harness| {
        harness
            .query_by_label_contains("Waiting for the server until")
            .is_some()
    });
    assert!(!studio.service.waiting().is_empty());
}
