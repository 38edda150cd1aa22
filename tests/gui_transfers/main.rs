//! Transfers in the window, on the real embedded server: what is moved, steered, tried again and taken back there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/counting.rs"]
mod counting;
mod pictures;
#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::gui::app::App;
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey};
use storymimi_studio::transfer::JobState;
use storymimi_studio::workspace::ProjectUrl;
use support::Click as _;
use support::project::png;
use support::studio::Studio;

/// What happens on the line between the window and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Weather {
    /// Everything passes.
    Good,
    /// The server is not there.
    Down,
    /// It refuses every upload whose key has "bad" in it.
    Refuses,
}

/// The line, and what happens on it.
#[derive(Clone, Default)]
struct Line(Arc<AtomicU8>);

impl Line {
    fn set(&self, weather: Weather) {
        self.0.store(weather as u8, Ordering::SeqCst);
    }

    fn is(&self, weather: Weather) -> bool {
        self.0.load(Ordering::SeqCst) == weather as u8
    }

    /// A window whose requests go over this line, in its buckets' place with one empty bucket.
    fn studio(&self) -> Studio {
        let line = self.clone();
        let mut studio = Studio::with([1440.0, 900.0], Theme::Dark, move |workspace| {
            let server = workspace.url.as_str().to_owned();
            let proxy = counting::Proxy::spoiling(&server, move |server, asked| {
                let line = line.clone();
                Box::pin(async move {
                    let refused = asked.method == Method::POST && asked.path.contains("bad");
                    if line.is(Weather::Down) {
                        StatusCode::SERVICE_UNAVAILABLE.into_response()
                    } else if line.is(Weather::Refuses) && refused {
                        let body = r#"{"statusCode":"403","error":"Unauthorized","message":"new row violates row-level security policy"}"#;
                        (StatusCode::BAD_REQUEST, [("content-type", "application/json")], body).into_response()
                    } else {
                        server.pass(&asked).await
                    }
                })
            });
            let proxy = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(proxy));
            workspace.url = ProjectUrl::parse(&proxy.url).unwrap();
        });
        let bucket = NewBucket {
            name: bucket(),
            public: true,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        // The project has it already if a story was ever made there.
        let _ = studio.runtime.block_on(studio.service.create_bucket(&bucket));
        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
        studio.until("the bucket", |harness| {
            harness.query_by_label_contains("Nothing here").is_some()
        });
        studio
    }
}

fn bucket() -> BucketName {
    BucketName::parse("story-images").unwrap()
}

/// Pictures of the test, one a name.
fn files(studio: &Studio, names: &[&str]) -> Vec<PathBuf> {
    let write = |(at, name): (usize, &&str)| {
        let path = studio.folder.join("files").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, png(32 + at as u32, 24)).unwrap();
        path
    };
    names.iter().enumerate().map(write).collect()
}

/// Chooses files in the dialog that "Upload" opens.
fn upload(studio: &mut Studio, names: &[&str]) {
    let files = files(studio, names);
    *studio.chosen.lock().unwrap() = files;
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::U);
    studio.harness.run_steps(2);
}

fn keys(studio: &Studio) -> Vec<String> {
    let until = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        match studio.runtime.block_on(studio.service.objects(&bucket(), "")) {
            Ok(rows) => return rows.into_iter().map(|row| row.key).collect(),
            // A server that was away is left alone for a little longer.
            Err(problem) => assert!(std::time::Instant::now() < until, "{problem:?}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn says(studio: &mut Studio, words: &str) {
    studio.until(words, |harness| {
        harness.query_all_by_label_contains(words).next().is_some()
    });
}

fn click(studio: &mut Studio, label: &str) {
    says(studio, label);
    studio
        .harness
        .click(|harness| harness.get_all_by_label(label).next().unwrap().rect());
    studio.harness.run_steps(3);
}

/// An object in the grid.
fn object_of<'a>(harness: &'a Harness<'static, App>, name: &'a str) -> Option<egui_kittest::Node<'a>> {
    let begins = format!("{name},");
    harness.query_by(move |node| node.label().is_some_and(|label| label.starts_with(&begins)))
}

#[test]
fn three_files_are_uploaded_and_seen_to_be_verified() {
    let mut studio = Line::default().studio();
    upload(&mut studio, &["a.png", "b.png", "c.png"]);
    studio.until("all three verified", |harness| {
        harness.query_all_by_label("Verified, server hash").count() == 3
    });
    // The list shows them without being asked to read the bucket again.
    says(&mut studio, "3 objects");
    assert_eq!(keys(&studio), ["a.png", "b.png", "c.png"]);
    studio.picture("transfers-done");

    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    studio.harness.run_steps(3);
    assert!(studio.harness.query_by_label("Close transfers").is_none());
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    studio.harness.run_steps(3);
    assert!(studio.harness.query_by_label("Close transfers").is_some());
    studio.harness.key_press(Key::Escape);
    studio.harness.run_steps(3);
    assert!(studio.harness.query_by_label("Close transfers").is_none());
}

#[test]
fn a_large_job_says_how_far_it_is_proven_as_a_whole() {
    let mut studio = Line::default().studio();
    let names: Vec<String> = (0..9).map(|number| format!("{number}.png")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    upload(&mut studio, &names);
    says(&mut studio, "9 done");
    studio.until("one mark for all", |harness| {
        harness.query_all_by_label("Verified, server hash").count() == 1
    });
}

#[test]
fn folders_go_up_with_all_that_is_in_them_and_what_is_refused_is_told() {
    let mut studio = Line::default().studio();
    files(&studio, &["winter/fox.png", "winter/deep/owl.png", "taken.png"]);
    let folder = studio.folder.join("files/winter");
    *studio.chosen.lock().unwrap() = vec![folder];
    click(&mut studio, "Upload folders, or from a path");
    click(&mut studio, "Choose folders…");
    says(&mut studio, "Upload 2 files to story-images, done");
    assert_eq!(keys(&studio), ["winter/deep/owl.png", "winter/fox.png"]);

    // The same names with other bytes are not written over what is there.
    std::fs::write(studio.folder.join("files/winter/fox.png"), png(9, 9)).unwrap();
    *studio.chosen.lock().unwrap() = vec![studio.folder.join("files/winter")];
    click(&mut studio, "Upload folders, or from a path");
    click(&mut studio, "Choose folders…");
    says(&mut studio, "fox.png needs a choice before you can start");
    click(&mut studio, "Cancel");
    assert_eq!(keys(&studio), ["winter/deep/owl.png", "winter/fox.png"]);
}

#[test]
fn a_missing_server_is_waited_for_and_nothing_is_lost() {
    let line = Line::default();
    let mut studio = line.studio();
    upload(&mut studio, &["first.png"]);
    says(&mut studio, "Verified, server hash");
    plan_then_lose_the_server(&mut studio, &line);
    says(&mut studio, "Waiting for the server, 4 items are safe");
    says(&mut studio, "4 waiting to retry");
    studio.picture("transfers-waiting");

    // Paused, it stays as it is when the server is back.
    click(&mut studio, "Pause all");
    says(&mut studio, "Resume all");
    line.set(Weather::Good);
    studio.picture("transfers-paused");
    assert!(!keys(&studio).contains(&"n0.png".to_owned()));
    click(&mut studio, "Resume all");
    says(&mut studio, "Upload 4 files to story-images, done");
    assert_eq!(keys(&studio).len(), 5);
    studio.until("nothing more is said to wait", |harness| {
        harness.query_by_label_contains("waiting to retry").is_none()
    });
}

/// Four uploads that are planned while the server is there and begun when it is not.
fn plan_then_lose_the_server(studio: &mut Studio, line: &Line) {
    let plan = plan(studio, &["n0.png", "n1.png", "n2.png", "n3.png"]);
    line.set(Weather::Down);
    studio.runtime.block_on(studio.service.submit(plan)).unwrap();
}

fn plan(studio: &Studio, names: &[&str]) -> storymimi_studio::transfer::plan::Plan {
    use storymimi_studio::transfer::Rules;
    use storymimi_studio::transfer::plan::{BadNames, FileSource, KeyTarget, Links, Taken, UploadOrder};
    let sources = files(studio, names);
    let order = UploadOrder {
        sources: sources.into_iter().map(FileSource::Named).collect(),
        bucket: bucket(),
        target: KeyTarget::Under(String::new()),
        bad_names: BadNames::Refuse,
        taken: Taken::Refuse,
        links: Links::Refuse,
        rules: Rules::default(),
    };
    let never = tokio_util::sync::CancellationToken::new();
    let plan = studio
        .runtime
        .block_on(studio.service.plan_upload(&order, &|_| {}, &never));
    plan.unwrap()
}

#[test]
fn a_job_is_put_behind_the_next_from_its_menu() {
    let line = Line::default();
    let mut studio = line.studio();
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    says(&mut studio, "Nothing is moving");
    let (one, two) = (
        plan(&studio, &["a.png", "b.png"]),
        plan(&studio, &["c.png", "d.png", "e.png"]),
    );
    line.set(Weather::Down);
    let submit = |studio: &Studio, plan| studio.runtime.block_on(studio.service.submit(plan)).unwrap();
    let (first, second) = (submit(&studio, one), submit(&studio, two));
    let order = |studio: &Studio| -> Vec<_> {
        let jobs = studio.runtime.block_on(studio.service.engine().jobs()).unwrap();
        jobs.into_iter().map(|job| job.id).collect()
    };
    assert_eq!(order(&studio), [first, second]);
    // Until then rows come and go.
    says(&mut studio, "Waiting for the server, 5 items are safe");
    studio.harness.run_steps(4);
    let more = "More about Upload 2 files to story-images";
    click(&mut studio, more);
    click(&mut studio, "Put behind the next");
    for _ in 0..1_000 {
        if order(&studio) == [second, first] {
            break;
        }
        studio.harness.step();
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(order(&studio), [second, first]);
    // Now it is the last one, and the window knows.
    let top = |studio: &Studio, label: &str| studio.harness.get_by_label(label).rect().top();
    let other = "More about Upload 3 files to story-images";
    studio.until("the rows are in their new order", |harness| {
        let top = |label: &str| harness.get_by_label(label).rect().top();
        top(other) < top(more)
    });
    click(&mut studio, more);
    assert!(studio.harness.query_by_label("Put before all others").is_some());
    assert!(studio.harness.query_by_label("Put behind the next").is_none());
    assert!(top(&studio, other) < top(&studio, more));
    line.set(Weather::Good);
}

#[test]
fn what_waits_is_cancelled_from_its_menu() {
    let line = Line::default();
    let mut studio = line.studio();
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    says(&mut studio, "Nothing is moving");
    plan_then_lose_the_server(&mut studio, &line);
    says(&mut studio, "Waiting for the server, 4 items are safe");
    click(&mut studio, "More about n2.png");
    click(&mut studio, "Cancel");
    says(&mut studio, "Waiting for the server, 3 items are safe");
    click(&mut studio, "More about Upload 4 files to story-images");
    click(&mut studio, "Cancel all of it");
    line.set(Weather::Good);
    says(&mut studio, "Cancelled after 0 of 4");
    assert!(keys(&studio).is_empty());
}

#[test]
fn what_was_refused_says_why_and_is_tried_again() {
    let line = Line::default();
    let mut studio = line.studio();
    line.set(Weather::Refuses);
    upload(&mut studio, &["good.png", "bad.png"]);
    says(&mut studio, "1 of 2 not done");
    says(&mut studio, "row-level security");
    studio.picture("transfers-failed");
    line.set(Weather::Good);
    studio
        .harness
        .click(|harness| harness.get_all_by_label("Retry").next().unwrap().rect());
    studio.until("both verified", |harness| {
        harness.query_all_by_label("Verified, server hash").count() == 2
    });
    assert_eq!(keys(&studio), ["bad.png", "good.png"]);
}

#[test]
fn what_was_deleted_is_taken_back_with_undo() {
    let mut studio = Line::default().studio();
    upload(&mut studio, &["fox.png", "owl.png"]);
    says(&mut studio, "2 objects");
    studio.harness.key_press(Key::Escape);
    studio.harness.run_steps(2);
    studio
        .harness
        .click(|harness| object_of(harness, "fox.png").unwrap().rect());
    says(&mut studio, "1 selected");
    studio.harness.key_press(Key::Delete);
    says(&mut studio, "Restore for 30 days");
    studio.picture("trash-question");
    // The question's; that of the bar lies below it.
    studio.harness.click(|harness| {
        let buttons = harness.get_all_by_role_and_label(egui::Role::Button, "Move to trash");
        buttons.last().unwrap().rect()
    });
    says(&mut studio, "1 object is in the trash, for 30 days");
    says(&mut studio, "Undo");
    studio.until("the list without it", |harness| object_of(harness, "fox.png").is_none());
    // Its trash is no folder like others.
    assert!(studio.harness.query_by_label("Folder _trash").is_none());
    click(&mut studio, "Add filter");
    says(&mut studio, "Show trash");
    studio.harness.key_press(Key::Escape);
    studio.harness.run_steps(2);
    studio.until("the toast has gone", |harness| {
        harness.query_all_by_label("Undo").next().is_none()
    });
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    studio.harness.run_steps(3);
    click(&mut studio, "Undo");
    says(&mut studio, "fox.png is where it was before");
    studio.until("it is back", |harness| object_of(harness, "fox.png").is_some());
    assert_eq!(keys(&studio), ["fox.png", "owl.png"]);
    studio.until("it cannot be taken back twice", |harness| {
        harness.query_by_label("Undo").is_none()
    });
}

#[test]
fn an_object_is_saved_as_a_file() {
    let mut studio = Line::default().studio();
    upload(&mut studio, &["fox.png"]);
    says(&mut studio, "1 object");
    studio.harness.key_press(Key::Escape);
    studio.harness.run_steps(2);
    studio
        .harness
        .click(|harness| object_of(harness, "fox.png").unwrap().rect());
    let saved = studio.folder.join("saved as.png");
    *studio.chosen.lock().unwrap() = vec![saved.clone()];
    says(&mut studio, "ETag");
    studio.settle();
    click(&mut studio, "Save as…");
    says(&mut studio, "Verified, server hash");
    studio.until("the file", |_| saved.exists());
    assert_eq!(std::fs::read(saved).unwrap(), png(32, 24));
}

#[test]
fn the_next_start_goes_on_with_what_was_left_and_says_so() {
    let line = Line::default();
    let mut studio = line.studio();
    plan_then_lose_the_server(&mut studio, &line);
    studio.until("it begins", |_| line.is(Weather::Down));
    std::thread::sleep(Duration::from_millis(200));
    let begun = std::time::Instant::now();
    studio.start_again();
    // Not a bound for speed: it must not wait for a server that is not there.
    assert!(begun.elapsed() < Duration::from_secs(60));
    says(&mut studio, "Transfers go on, 4 items are left");
    line.set(Weather::Good);
    let done = |studio: &Studio| {
        let jobs = studio.runtime.block_on(studio.service.engine().jobs()).unwrap();
        jobs.iter().all(|job| job.state == JobState::Done)
    };
    while !done(&studio) {
        studio.harness.step();
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(keys(&studio), ["n0.png", "n1.png", "n2.png", "n3.png"]);
    let key = ObjectKey::parse("n2.png").unwrap();
    let stored = studio
        .runtime
        .block_on(studio.service.download(&bucket(), &key))
        .unwrap();
    assert_eq!(stored.bytes.to_vec(), png(34, 24));
}

#[test]
fn at_rest_nothing_is_drawn_with_the_transfers_open() {
    let mut studio = Line::default().studio();
    upload(&mut studio, &["a.png", "b.png"]);
    says(&mut studio, "2 objects");
    studio.settle();
    for _ in 0..20 {
        studio.harness.step();
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(
        !studio.harness.ctx.has_requested_repaint(),
        "something keeps the window awake"
    );
}
