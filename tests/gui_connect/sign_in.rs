//! Signing in as an editor: on a real embedded server, and on one whose tokens end at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use serde_json::json;
use storymimi_studio::http::Secret;
use storymimi_studio::local::{EditorBuckets, Policy};
use storymimi_studio::story::Brief;
use storymimi_studio::supabase::NewBucket;
use storymimi_studio::workspace::{ProfileId, WorkspaceId};
use tokio_util::sync::CancellationToken;

use super::support::Click as _;
use crate::support::studio::Studio;
use crate::{Remote, click, contains, do_not_remember, field, filter_requests, has, open_connect, paste, serve};

const EMAIL: &str = "you@example.org";
const PASSWORD: &str = "correct horse battery";

/// Fills the form of the tab "Sign in" and presses its button.
fn sign_in(studio: &mut Studio, url: &str, key: &str, password: &str) {
    open_connect(studio);
    click(studio, "Sign in");
    paste(studio, "Project URL", url);
    paste(studio, "Publishable key", key);
    field(&studio.harness, "E-mail").focus();
    studio.harness.step();
    studio.harness.event(egui::Event::Text(EMAIL.to_owned()));
    studio.harness.run_steps(2);
    paste(studio, "Password", password);
    do_not_remember(studio);
    press_sign_in(studio);
}

/// The button at the foot of the form; the tab above has the same words.
fn press_sign_in(studio: &mut Studio) {
    studio
        .harness
        .click(|harness| harness.query_all_by_label_contains("Sign in").last().unwrap().rect());
    studio.harness.run_steps(3);
}

#[test]
fn an_editor_signs_in_after_a_wrong_password_was_told() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    let password = Secret::exact(PASSWORD);
    let made = remote.server.ensure_user(EMAIL, &password);
    studio.runtime.block_on(made).unwrap();
    sign_in(
        &mut studio,
        remote.server.url(),
        remote.server.anon_key(),
        "wrong password",
    );
    studio.until("the refusal", |harness| contains(harness, "Sign in did not work"));
    assert_eq!(studio.harness.state().service().workspace().id, "local");
    studio.harness.run_steps(5);
    paste(&mut studio, "Password", PASSWORD);
    // What is pasted takes the place of what was typed.
    press_sign_in(&mut studio);
    studio.until("the project", |harness| {
        harness.state().service().workspace().url.as_str() == remote.server.url()
    });
    studio.harness.run_steps(3);
    assert!(has(&studio.harness, &format!("Signed in as {EMAIL}")));
    assert!(has(&studio.harness, "authenticated"));
    let user = studio.harness.state().service().user().unwrap();
    assert_eq!(user.email.as_deref(), Some(EMAIL));

    // How one got in is in the list of what was asked.
    let asked = |words: &str| {
        format!(
            "POST {}/auth/v1/token?grant_type=password, {words}",
            remote.server.url()
        )
    };
    // However much was asked since.
    filter_requests(&mut studio, "auth/v1/token");
    studio.until("both sign-ins in the list", |harness| {
        has(harness, &asked("Sign in, 400 · invalid_credentials")) && has(harness, &asked("Sign in, 200"))
    });
    click(&mut studio, &asked("Sign in, 200"));
    studio
        .harness
        .click(|harness| harness.get_by_label("Copy as curl").rect());
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
        copied.contains(EMAIL) && copied.contains(r#""password":"…""#),
        "{copied}"
    );
    let shown = format!("{:?}", studio.harness.root());
    assert!(
        !shown.contains(PASSWORD) && !shown.contains("wrong password"),
        "no password is shown"
    );
}

/// How often the project did what an address with `part` in it asks for.
fn answered(studio: &Studio, part: &str) -> usize {
    let service = studio.harness.state().service();
    let exchanges = service.transcript().exchanges();
    exchanges
        .iter()
        .filter(|exchange| exchange.url.contains(part) && exchange.status.is_some_and(|status| status.is_success()))
        .count()
}

#[test]
fn an_editor_works_on_while_tokens_end_and_are_refreshed() {
    let mut studio = Studio::start();
    let remote = Remote::with(&studio, |config| {
        config.policy = Policy::Editors(EditorBuckets::All);
        config.access_token_lifetime = Duration::from_secs(2);
    });
    let password = Secret::exact(PASSWORD);
    let made = remote.server.ensure_user(EMAIL, &password);
    studio.runtime.block_on(made).unwrap();
    // Buckets are for admins: this one was made by one.
    remote.save(&studio, "As admin", remote.server.service_key());
    let admin = WorkspaceId::Profile(ProfileId::fresh("As admin", &[]));
    let (admin, _events) = studio.runtime.block_on(studio.workspaces.open(&admin)).unwrap();
    admin.admin().unlock();
    let bucket = NewBucket {
        name: admin.bucket().clone(),
        public: true,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    studio.runtime.block_on(admin.create_bucket(&bucket)).unwrap();

    sign_in(&mut studio, remote.server.url(), remote.server.anon_key(), PASSWORD);
    studio.until("the project", |harness| {
        let workspace = harness.state().service().workspace();
        workspace.url.as_str() == remote.server.url() && !has(harness, "Choose where your stories live")
    });
    studio.until("no story yet", |harness| has(harness, "No stories yet"));
    // The token that came with the password has ended by then.
    std::thread::sleep(Duration::from_secs(3));
    let before = answered(&studio, "grant_type=refresh_token");
    let service = studio.harness.state().service().clone();
    let brief = Brief::new("Only for editors", "A small fox looks for a star in the snow", 6, 7).unwrap();
    let never = CancellationToken::new();
    studio
        .runtime
        .block_on(service.create_story(&brief, &|_| {}, &never))
        .unwrap();
    assert!(answered(&studio, "grant_type=refresh_token") > before);
    assert!(!studio.harness.state().service().session_ended());
    let stories = studio.runtime.block_on(admin.all_stories()).unwrap();
    assert_eq!(stories.len(), 1);
    assert!(stories[0].scenes.iter().all(|scene| scene.image_url.is_some()));
}

/// A project with one user, whose tokens are near their end as soon as they come.
#[derive(Clone, Default)]
struct Fleeting {
    pair: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
}

async fn answer(State(project): State<Fleeting>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let refused = |code: &str| {
        let body = json!({ "code": 400, "error_code": code, "msg": code });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    };
    if line.starts_with("POST /auth/v1/token") {
        if line.contains("grant_type=refresh_token") && project.ended.load(Ordering::SeqCst) {
            return refused("refresh_token_not_found");
        }
        let pair = project.pair.fetch_add(1, Ordering::SeqCst) + 1;
        return Json(json!({
            "access_token": format!("access-{pair}-0123456789"), "refresh_token": format!("refresh-{pair}-0123456789"),
            "token_type": "bearer", "expires_in": 1,
            "user": { "id": "7c4b0c9e-7a39-4b36-9a5e-0d4f1d9a6f11", "email": EMAIL, "role": "authenticated" },
        }))
        .into_response();
    }
    match line.split('?').next().unwrap_or_default() {
        "GET /storage/v1/version" => "1.28.0".into_response(),
        "GET /storage/v1/bucket" | "GET /rest/v1/stories" => Json(json!([])).into_response(),
        _ => (StatusCode::NOT_FOUND, Json(json!({ "message": "not found" }))).into_response(),
    }
}

#[test]
fn a_token_is_refreshed_and_the_end_of_a_session_is_told_with_the_way_back() {
    let mut studio = Studio::start();
    let project = Fleeting::default();
    let router = axum::Router::new().fallback(answer).with_state(project.clone());
    let url = serve(&studio, router);
    sign_in(&mut studio, &url, "sb_publishable_0123456789abcdefghij", PASSWORD);
    studio.until("the project", |harness| {
        harness.state().service().workspace().url.as_str() == url
    });
    studio.until("the token was refreshed", |_| project.pair.load(Ordering::SeqCst) > 1);
    assert!(!contains(&studio.harness, "has ended"));

    project.ended.store(true, Ordering::SeqCst);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the banner", |harness| has(harness, "Sign in again"));
    assert!(has(&studio.harness, &format!("The session of {EMAIL} has ended")));
    click(&mut studio, "Sign in again");
    studio.until("the form", |harness| has(harness, "Change a workspace"));
    studio.harness.run_steps(5);
    assert!(field(&studio.harness, "Password").is_focused());
    assert_eq!(field(&studio.harness, "E-mail").value().as_deref(), Some(EMAIL));
}
