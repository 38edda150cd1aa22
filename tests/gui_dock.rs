//! The dock: its pictures, its keys, and what its buttons ask for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use egui::{Key, Panel, Role, Theme, ViewportId};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotResults};
use http::{Method, StatusCode};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storymimi_studio::gui::action::Action;
use storymimi_studio::gui::shell::dock::{self, Dock, Tab};
use storymimi_studio::gui::theme::Tokens;
use storymimi_studio::gui::widget::frame;
use storymimi_studio::http::{BodyShown, Exchange, ExchangeId, Outcome};
use storymimi_studio::service::{Event, Job, JobId, JobState, Problem, Progress, Service, Subject};
use storymimi_studio::supabase::BucketName;
use support::project::Project;

/// The shell's part: the dock in its panel, and room above it.
struct Window {
    dock: Dock,
    service: Service,
    jobs: Vec<Job>,
    actions: Vec<Action>,
}

fn draw(ui: &mut egui::Ui, window: &mut Window) {
    ui.painter().rect_filled(ui.clip_rect(), 0, Tokens::of(ui).bg0);
    Panel::bottom("dock")
        .exact_size(if window.dock.open { 184.0 } else { dock::HEIGHT })
        .frame(frame::panel(ui))
        .show(ui, |ui| {
            dock::show(ui, &mut window.dock, &window.service, &window.jobs, &mut window.actions);
        });
}

/// 09:41 here, whatever the time zone, so that pictures are the same everywhere.
fn at(seconds: i64, millis: i64) -> Timestamp {
    let start = date(2025, 6, 3)
        .at(9, 41, 0, 0)
        .to_zoned_datetime(TimeZone::system())
        .unwrap()
        .timestamp();
    start + SignedDuration::from_millis(seconds * 1_000 + millis)
}

fn text(text: &str) -> BodyShown {
    BodyShown::Text {
        text: text.to_owned(),
        complete: true,
    }
}

fn exchange(id: u64, operation: &'static str, target: &str, status: u16, body: &str) -> Exchange {
    Exchange {
        id: ExchangeId(id),
        operation,
        target: target.to_owned(),
        method: Method::POST,
        url: format!("http://127.0.0.1:54321/storage/v1/object/{target}"),
        request_headers: vec![("apikey".to_owned(), "eyJ…abc".to_owned())],
        request_body: BodyShown::Binary,
        request_size: 6_800_000,
        status: Some(StatusCode::from_u16(status).unwrap()),
        response_headers: Vec::new(),
        response_body: text(body),
        response_size: body.len() as u64,
        started_at: at(i64::try_from(id).unwrap(), 459),
        waited: Duration::ZERO,
        first_byte: Some(Duration::from_millis(96)),
        duration: Some(Duration::from_millis(412)),
        attempt: 1,
        outcome: Outcome::Answered,
    }
}

fn job(id: JobId, title: &str, seconds: i64, state: JobState) -> Job {
    Job {
        id,
        title: title.to_owned(),
        target: "Pip and the Lost Star".to_owned(),
        subject: Subject::None,
        started: at(seconds, 0),
        ended: state.is_over().then(|| at(seconds + 4, 120)),
        progress: Progress {
            done: 2,
            total: Some(6),
            doing: "Drawing picture 3 of 6".to_owned(),
        },
        state,
    }
}

/// Requests, so that the transcript has those that the hand-made events speak of.
fn ask(runtime: &tokio::runtime::Runtime, service: &Service) {
    let bucket = BucketName::parse("not-there").unwrap();
    while service.transcript().exchanges().len() < 7 {
        runtime.block_on(service.objects(&bucket, "")).unwrap_err();
    }
}

/// The numbers of three jobs.
fn ids(service: &Service) -> [JobId; 3] {
    [(); 3].map(|()| (service.jobs()).start("Wait", "", Subject::None, |_| async { Err(Problem::stopped()) }))
}

fn refusal() -> Problem {
    Problem {
        technical: "HTTP 400 · EntityTooLarge (413) · request 0197f3c2-8a41-7c55-b1de-52e0a6".to_owned(),
        code: Some("EntityTooLarge".to_owned()),
        http_status: Some(400),
        exchange: Some(ExchangeId(6)),
        ..Problem::new(
            "The bucket refused a 6.8 MB picture. Scene 6 still shows its previous picture.",
            "story-images accepts files up to 5 MB. Save it as WebP, or raise the bucket's limit.",
        )
        .worth_a_retry()
    }
}

/// A log with an attempt that was repeated, a failed upload, and what went well.
fn window(service: &Service) -> Window {
    let [failed, done, stopped] = ids(service);
    let jobs = vec![
        job(
            done,
            "Create story",
            0,
            JobState::Done("6 scenes, 6 pictures".to_owned()),
        ),
        job(stopped, "Finish story", 1, JobState::Cancelled),
        job(failed, "Replace picture", 2, JobState::Failed(refusal())),
    ];
    let limited = r#"{"error":{"code":"rate_limit","message":"Too many requests"}}"#;
    let too_large =
        r#"{"statusCode":"413","error":"Payload too large","message":"The object exceeded the maximum allowed size"}"#;
    let picture = |n: u64| format!("story-images/pip-lost-star/scene_{n}_e02d.png");
    let again = Exchange {
        attempt: 2,
        ..exchange(2, "Draw picture", "Scene 5", 200, "{}")
    };
    let mut dock = Dock::default();
    dock.open_on(Tab::Log);
    for event in [
        Event::Exchange(Arc::new(exchange(1, "Draw picture", "Scene 5", 429, limited))),
        Event::Exchange(Arc::new(again)),
        Event::Exchange(Arc::new(exchange(3, "List objects", "story-images", 200, "[]"))),
        Event::Exchange(Arc::new(exchange(6, "Upload object", &picture(6), 400, too_large))),
        Event::Job(jobs[2].clone()),
        Event::Exchange(Arc::new(exchange(7, "Upload object", &picture(2), 200, "{}"))),
    ] {
        dock.event(&event);
    }
    Window {
        dock,
        service: service.clone(),
        jobs,
        actions: Vec::new(),
    }
}

fn harness(window: Window, look: Theme) -> Harness<'static, Window> {
    support::builder([1020.0, 216.0], look).build_ui_state(draw, window)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

#[test]
fn pictures_of_the_dock() {
    let runtime = runtime();
    let project = runtime.block_on(Project::start());
    ask(&runtime, &project.service);
    let mut results = SnapshotResults::new();
    for (look, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let mut harness = harness(window(&project.service), look);
        harness.run();
        harness.snapshot(format!("dock_log_{name}"));
        harness.state_mut().dock.open_on(Tab::Jobs);
        harness.run();
        harness.snapshot(format!("dock_jobs_{name}"));
        harness.state_mut().dock.open_on(Tab::Requests);
        harness.run();
        harness.snapshot(format!("dock_requests_{name}"));
        harness.state_mut().dock.open = false;
        harness.run();
        harness.snapshot(format!("dock_closed_{name}"));
        results.extend(harness.take_snapshot_results());
    }
}

#[test]
fn a_failed_job_can_be_retried_from_its_line() {
    let runtime = runtime();
    let project = runtime.block_on(Project::start());
    let mut harness = harness(window(&project.service), Theme::Dark);
    harness.run();
    harness.get_by_label("Retry").click();
    harness.run();
    let failed = harness.state().jobs[2].id;
    assert_eq!(harness.state().actions, [Action::RetryJob(failed)]);

    // Once it runs again, there is nothing to retry.
    harness.state_mut().jobs[2].state = JobState::Running;
    harness.run_steps(2);
    assert!(harness.query_by_label("Retry").is_none());
}

#[test]
fn lines_open_and_close_with_the_keyboard_and_nothing_moves_at_rest() {
    let runtime = runtime();
    let project = runtime.block_on(Project::start());
    let mut harness = harness(window(&project.service), Theme::Dark);
    harness.run();
    let what = "The bucket refused a 6.8 MB picture. Scene 6 still shows its previous picture.";
    assert!(
        harness.query_by_label(what).is_some(),
        "the newest error opens by itself"
    );
    let name = "Error, Upload object, story-images/pip-lost-star/scene_6_e02d.png, 400 · 413 in body";
    harness.get_by_role_and_label(Role::ListBoxOption, name).focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.query_by_label(what).is_none());
    assert!(harness.get_by_role_and_label(Role::ListBoxOption, name).is_focused());
    assert_eq!(
        harness.output().viewport_output[&ViewportId::ROOT].repaint_delay,
        Duration::MAX
    );
}

#[test]
fn a_request_opens_with_what_was_sent_and_without_the_key() {
    let runtime = runtime();
    let project = runtime.block_on(Project::start());
    let bucket = BucketName::parse("not-there").unwrap();
    runtime.block_on(project.service.objects(&bucket, "")).unwrap_err();
    let newest = project.service.transcript().exchanges().pop().unwrap();
    let mut start = window(&project.service);
    start.dock = Dock::default();
    start.dock.event(&Event::Exchange(newest.clone()));
    start.dock.show_request(newest.id);
    let mut harness = harness(start, Theme::Dark);
    harness.run();
    assert!(harness.query_by_label_contains("apikey: ").is_some());
    let key = project.service.workspace().key.secret().expose().to_owned();
    assert!(harness.query_by_label_contains(&key).is_none());
    harness.get_by_label("Copy as curl").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::CopyCurl(newest.id)]);
}
