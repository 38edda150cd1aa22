//! The connection test: a healthy project, and each way in which one is not, with what to do about it.

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::{Value, json};

use super::support::Click as _;
use crate::support::studio::Studio;
use crate::{contains, has, open_connect, paste, primary, serve};

const SECRET: &str = "sb_secret_canary-0123456789abcdef";

fn answer(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

/// Storage's way to refuse: HTTP 400, and the truth in the body.
fn storage_error(status: &str, code: &str, message: &str) -> Response {
    answer(
        400,
        json!({ "statusCode": status, "error": code, "code": code, "message": message }),
    )
}

fn rows(columns: &[&str], total: u64) -> Response {
    let row: serde_json::Map<_, _> = columns.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let mut answer = answer(200, json!([row]));
    let range = format!("0-0/{total}").parse().unwrap();
    answer.headers_mut().insert("content-range", range);
    answer
}

const STORY: [&str; 11] = [
    "story_id",
    "title",
    "prompt",
    "status",
    "cover_image_url",
    "created_at",
    "updated_at",
    "user_id",
    "made_with",
    "error",
    "scene_count",
];
const SCENE: [&str; 10] = [
    "scene_id",
    "story_id",
    "scene_index",
    "title",
    "text",
    "image_prompt",
    "image_url",
    "image_error",
    "created_at",
    "updated_at",
];

/// What a project answers where all is well.
fn healthy(line: &str) -> Response {
    let object = json!({ "name": "a.png", "id": "1", "created_at": null, "updated_at": null,
        "metadata": { "size": 70, "mimetype": "image/png", "eTag": "\"x\"" } });
    let bucket = |name: &str, public: bool| json!({ "id": name, "name": name, "public": public });
    match line.split('?').next().unwrap_or_default() {
        "GET /storage/v1/version" => "1.28.0".into_response(),
        "OPTIONS /storage/v1/upload/resumable" => ([("tus-version", "1.0.0")], "").into_response(),
        "POST /storage/v1/object/list-v2/story-images" => {
            answer(200, json!({ "hasNext": false, "folders": [], "objects": [object] }))
        }
        "GET /storage/v1/bucket" => answer(200, json!([bucket("story-images", true), bucket("private", false)])),
        "GET /rest/v1/stories" => rows(&STORY, 38),
        "GET /rest/v1/scenes" => rows(&[&SCENE[..], &["alt_text"]].concat(), 261),
        "GET /storage/v1/render/image/authenticated/story-images/a.png" => {
            ([("content-type", "image/png")], "picture").into_response()
        }
        other => answer(404, json!({ "message": format!("Route {other} not found") })),
    }
}

type Script = fn(&str) -> Option<Response>;

/// A project that answers as the script says, and as a healthy one where that says nothing.
fn project(studio: &Studio, script: Script) -> String {
    let answer = move |request: Request| async move {
        let line = format!("{} {}", request.method(), request.uri());
        script(&line).unwrap_or_else(|| healthy(&line))
    };
    serve(studio, axum::Router::new().fallback(answer))
}

/// Fills the form and waits until the test that begins by itself has ended.
fn tested(studio: &mut Studio, url: &str) {
    open_connect(studio);
    paste(studio, "Project URL", url);
    paste(studio, "Key", SECRET);
    studio.until("the test has ended", |harness| {
        has(harness, "Test again")
            && ["waiting", "running"]
                .iter()
                .all(|state| !contains(harness, &format!(": {state}")))
    });
    studio.harness.run_steps(3);
    let shown = format!("{:?}", studio.harness.root());
    assert!(!shown.contains("canary"), "no key is shown");
}

#[test]
fn a_healthy_project_passes_and_says_what_was_found() {
    let mut studio = Studio::start();
    let url = project(&studio, |_| None);
    tested(&mut studio, &url);
    for row in [
        "Reachable",
        "Storage API",
        "Key accepted",
        "Buckets visible",
        "Clock",
        "Picture rendering",
    ] {
        assert!(has(&studio.harness, &format!("{row}: passed")), "{row}");
    }
    assert!(has(&studio.harness, "Version 1.28.0, resumable uploads, list v2"));
    assert!(has(&studio.harness, "2 buckets, 1 public and 1 private"));
}

#[test]
fn each_failure_is_told_in_its_row_and_nothing_is_connected() {
    let cases: [(Script, &str, Option<&str>); 5] = [
        (
            |line| {
                line.contains("/storage/")
                    .then(|| ([("content-type", "text/html")], "<html>Welcome</html>").into_response())
            },
            "A web page answers there",
            None,
        ),
        (
            |line| {
                line.contains("/storage/")
                    .then(|| StatusCode::from_u16(540).unwrap().into_response())
            },
            "The project is paused",
            None,
        ),
        (
            |line| {
                line.contains("/storage/")
                    .then(|| storage_error("400", "TenantNotFound", "Missing tenant config for tenant x"))
            },
            "There is no project at this address",
            None,
        ),
        (
            |line| {
                line.contains("/storage/v1/bucket")
                    .then(|| storage_error("403", "Unauthorized", "Invalid Compact JWS"))
            },
            "Key accepted: failed",
            Some("Use a legacy key"),
        ),
        (
            |line| {
                (line.contains("/storage/v1/bucket")).then(|| answer(401, json!({ "message": "Unregistered API key" })))
            },
            "Key accepted: failed",
            Some("Change key"),
        ),
    ];
    for (script, words, button) in cases {
        let mut studio = Studio::start();
        let url = project(&studio, script);
        tested(&mut studio, &url);
        assert!(contains(&studio.harness, words), "{words}");
        assert!(contains(&studio.harness, ": failed"), "{words}");
        if let Some(button) = button {
            assert!(has(&studio.harness, button), "{words}: {button}");
        }
        let connect = studio.harness.get_by_label("Connect");
        assert!(connect.accesskit_node().is_disabled(), "{words}");
    }
}

#[test]
fn a_host_that_does_not_answer_is_told() {
    let mut studio = Studio::start();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    tested(&mut studio, &url);
    assert!(has(&studio.harness, "Reachable: failed"));
}

#[test]
fn a_missing_column_is_a_warning_with_its_sql() {
    let mut studio = Studio::start();
    let url = project(&studio, |line| {
        line.contains("/rest/v1/scenes").then(|| rows(&SCENE, 261))
    });
    tested(&mut studio, &url);
    assert!(has(&studio.harness, "Alt text column: warning"));
    studio
        .harness
        .click(|harness| harness.get_all_by_label("Copy SQL").last().unwrap().rect());
    let copied = studio
        .harness
        .output()
        .platform_output
        .commands
        .iter()
        .find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
    let copied = copied.unwrap();
    assert!(
        copied.contains("alter table") && copied.contains("alt_text"),
        "{copied}"
    );
    assert!(
        primary(&studio.harness).starts_with("Connect with "),
        "it can be connected all the same"
    );
}

#[test]
fn what_is_changed_makes_the_test_old() {
    let mut studio = Studio::start();
    let url = project(&studio, |_| None);
    tested(&mut studio, &url);
    crate::field(&studio.harness, "Project URL").focus();
    studio.harness.step();
    studio.harness.event(egui::Event::Text("9".to_owned()));
    studio.harness.run_steps(2);
    assert!(has(&studio.harness, "Of what was typed before"));
}
