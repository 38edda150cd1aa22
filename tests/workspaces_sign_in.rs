//! Signing in to a workspace: the session is kept, refreshed, found at the next start, and ended.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use storymimi_studio::http::{BodyShown, Exchange, Outcome, Secret, Transcript};
use storymimi_studio::service::connection::{CheckId, CheckState};
use storymimi_studio::service::{Event, EventReceiver, LocalAccess, LocalServer, NewSecrets, Problem, Workspaces};
use storymimi_studio::workspace::{Access, ApiKey, Home, Keep, Profile, ProfileId, ProjectUrl, Vault, WorkspaceId};

const KEY: &str = "sb_publishable_0123456789abcdef";
const PASSWORD: &str = " a password with spaces ";

/// A project with one user, whose refresh tokens are good once.
#[derive(Default)]
struct Server {
    /// The number of the present pair of tokens.
    pair: u64,
    /// How long an access token is good for, in seconds.
    lifetime: u64,
    signed_out: usize,
    /// How many refresh tokens came that were spent.
    spent: usize,
    /// The tokens that buckets were asked for with.
    seen: Vec<String>,
}

type Shared = Arc<Mutex<Server>>;

fn tokens(server: &Server) -> Response {
    let (pair, lifetime) = (server.pair, server.lifetime);
    Json(json!({
        "access_token": format!("access-{pair}-0123456789"), "refresh_token": format!("refresh-{pair}-0123456789"),
        "token_type": "bearer", "expires_in": lifetime,
        "user": {"id": "7c4b0c9e-7a39-4b36-9a5e-0d4f1d9a6f11", "email": "pip@example.org", "role": "authenticated"},
    }))
    .into_response()
}

fn refused(code: &str) -> Response {
    let body = json!({"code": 400, "error_code": code, "msg": code});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

async fn answer(State(server): State<Shared>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let bearer = request
        .headers()
        .get("authorization")
        .map(|value| value.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    if line.contains("grant_type=refresh_token") {
        // Long enough for others to ask meanwhile.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let mut server = server.lock().unwrap();
    match line.split('&').next().unwrap() {
        "POST /auth/v1/token?grant_type=password" if body["password"] == PASSWORD => {
            server.pair += 1;
            tokens(&server)
        }
        "POST /auth/v1/token?grant_type=password" => refused("invalid_credentials"),
        "POST /auth/v1/token?grant_type=refresh_token" => {
            if body["refresh_token"] != format!("refresh-{}-0123456789", server.pair) {
                server.spent += 1;
                return refused("refresh_token_not_found");
            }
            server.pair += 1;
            tokens(&server)
        }
        line if line.starts_with("POST /auth/v1/logout") => {
            server.signed_out += 1;
            StatusCode::NO_CONTENT.into_response()
        }
        line if line.starts_with("GET /storage/v1/bucket") => {
            server.seen.push(bearer.unwrap_or_default());
            Json(json!([{"id": "story-images", "name": "story-images", "public": true}])).into_response()
        }
        "GET /storage/v1/version" => "1.28.0".into_response(),
        _ => (StatusCode::NOT_FOUND, Json(json!({"message": "not found"}))).into_response(),
    }
}

struct NoServer;

impl LocalServer for NoServer {
    fn start(&self, _: Arc<Transcript>) -> BoxFuture<'_, Result<LocalAccess, Problem>> {
        Box::pin(async {
            Ok(LocalAccess {
                url: ProjectUrl::parse("127.0.0.1:9").unwrap(),
                key: ApiKey::parse(KEY).unwrap(),
            })
        })
    }
}

async fn project(lifetime: u64) -> (Profile, Shared) {
    let server = Shared::default();
    server.lock().unwrap().lifetime = lifetime;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = listener.local_addr().unwrap().to_string();
    let router = Router::new().fallback(answer).with_state(server.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut profile = Profile::new(ProfileId::parse("new").unwrap(), ProjectUrl::parse(&url).unwrap());
    profile.name = "Bedtime".to_owned();
    profile.keep = Keep::File;
    profile.access = Access::SignIn {
        email: "pip@example.org".to_owned(),
    };
    (profile, server)
}

/// As at a start of the program.
async fn start(folder: &Path) -> Workspaces {
    let home = Home::at(folder);
    let vault = Vault::without_keychain(&home);
    let runtime = tokio::runtime::Handle::current();
    let workspaces = Workspaces::with(home, vault, Arc::new(NoServer), None, runtime);
    workspaces.unlock_vault(Secret::new("three quiet foxes")).await.unwrap();
    workspaces
}

fn secrets(password: &str) -> NewSecrets {
    NewSecrets {
        key: Some(ApiKey::parse(KEY).unwrap()),
        password: Some(Secret::exact(password)),
        providers: Vec::new(),
        headers: Vec::new(),
    }
}

#[tokio::test]
async fn a_session_outlives_the_program_and_its_tokens_are_used_once() {
    let folder = tempfile::tempdir().unwrap();
    // Every token is near its end at once, so each start exchanges one.
    let (profile, server) = project(1).await;
    let workspaces = start(folder.path()).await;
    let saved = workspaces.add(profile, secrets(PASSWORD)).await.unwrap();
    let id = WorkspaceId::Profile(saved.profile.id.clone());
    for expected in 2..5 {
        let workspaces = start(folder.path()).await;
        let (service, _events) = workspaces.open(&id).await.unwrap();
        assert_eq!(service.user().unwrap().email.as_deref(), Some("pip@example.org"));
        assert_eq!(
            service.workspace().user_id.as_deref(),
            Some("7c4b0c9e-7a39-4b36-9a5e-0d4f1d9a6f11")
        );
        service.buckets().await.unwrap();
        let seen = server.lock().unwrap().seen.last().cloned().unwrap();
        assert_eq!(seen, format!("Bearer access-{expected}-0123456789"));
        for exchange in service.transcript().exchanges() {
            let text = format!("{exchange:?}");
            assert!(!text.contains("access-") && !text.contains("refresh-"), "{text}");
        }
    }
}

/// As two windows, or a window and a command: this server has no grace for a token that comes twice.
#[tokio::test(flavor = "multi_thread")]
async fn programs_that_share_a_session_exchange_its_tokens_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (profile, server) = project(1).await;
    let saved = start(folder.path())
        .await
        .add(profile, secrets(PASSWORD))
        .await
        .unwrap();
    let id = WorkspaceId::Profile(saved.profile.id);
    server.lock().unwrap().lifetime = 3_600;
    let mut opened = Vec::new();
    for _ in 0..4 {
        opened.push(start(folder.path()).await.open(&id).await.unwrap());
    }
    let asked = opened.iter().map(|(service, _)| service.buckets());
    for buckets in futures_util::future::join_all(asked).await {
        buckets.unwrap();
    }
    let server = server.lock().unwrap();
    assert_eq!(
        (server.pair, server.spent),
        (2, 0),
        "one exchange, which all of them found"
    );
}

#[tokio::test]
async fn whoever_is_removed_is_signed_out() {
    let folder = tempfile::tempdir().unwrap();
    let (profile, server) = project(3_600).await;
    let workspaces = start(folder.path()).await;
    let saved = workspaces.add(profile, secrets(PASSWORD)).await.unwrap();
    workspaces.remove(&saved.profile.id).await.unwrap();
    assert_eq!(server.lock().unwrap().signed_out, 1);
    assert_eq!(workspaces.list().await.unwrap().workspaces.len(), 1);
}

#[tokio::test]
async fn a_wrong_password_saves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (profile, _server) = project(3_600).await;
    let workspaces = start(folder.path()).await;
    let problem = workspaces.add(profile, secrets("another")).await.unwrap_err();
    assert_eq!(
        (problem.field, problem.code.as_deref()),
        (Some("password"), Some("invalid_credentials"))
    );
    assert_eq!(
        workspaces.list().await.unwrap().workspaces.len(),
        1,
        "only the local one"
    );
}

#[tokio::test]
async fn a_session_that_ended_asks_for_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let (profile, server) = project(1).await;
    let workspaces = start(folder.path()).await;
    let saved = workspaces.add(profile, secrets(PASSWORD)).await.unwrap();
    let (id, profile_id) = (WorkspaceId::Profile(saved.profile.id.clone()), saved.profile.id);
    // Somebody signed out of all sessions elsewhere.
    server.lock().unwrap().pair += 100;
    let (service, _events) = workspaces.open(&id).await.unwrap();
    service.buckets().await.unwrap_err();
    assert!(service.session_ended());
    assert_eq!(workspaces.open(&id).await.err().unwrap().field, Some("password"));

    workspaces.sign_in(&profile_id, Secret::exact(PASSWORD)).await.unwrap();
    let (service, _events) = workspaces.open(&id).await.unwrap();
    service.buckets().await.unwrap();
    service.sign_out().await.unwrap();
    assert_eq!(server.lock().unwrap().signed_out, 1);
    assert_eq!(workspaces.open(&id).await.err().unwrap().field, Some("password"));
}

/// The requests outside of any workspace that events told of, as they stand now.
fn told(events: &EventReceiver) -> Vec<Arc<Exchange>> {
    let exchanges = events.drain().filter_map(|event| match event {
        Event::Connecting(exchange) => Some(exchange),
        _ => None,
    });
    let mut told: Vec<_> = exchanges
        .filter(|exchange| exchange.outcome != Outcome::Pending)
        .collect();
    told.sort_by_key(|exchange| exchange.id);
    told
}

fn text(body: &BodyShown) -> &str {
    match body {
        BodyShown::Text { text, .. } => text,
        BodyShown::Empty | BodyShown::Binary => "",
    }
}

#[tokio::test]
async fn whatever_was_asked_before_a_workspace_was_open_is_in_its_list_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let (profile, _server) = project(3_600).await;
    let workspaces = start(folder.path()).await;
    workspaces.add(profile.clone(), secrets("another")).await.unwrap_err();
    let saved = workspaces.add(profile.clone(), secrets(PASSWORD)).await.unwrap();
    let draft = workspaces.draft(&profile, secrets(PASSWORD)).await.unwrap();
    workspaces.test(&draft, &|_| {}).await;

    let id = WorkspaceId::Profile(saved.profile.id.clone());
    let (service, events) = workspaces.open(&id).await.unwrap();
    let before = told(&events);
    let signed_in = before.iter().filter(|exchange| exchange.operation == "Sign in");
    let signed_in: Vec<_> = signed_in.collect();
    let statuses: Vec<_> = signed_in.iter().map(|exchange| exchange.status.unwrap()).collect();
    assert_eq!(statuses, [400, 200, 200]);
    for exchange in &signed_in {
        assert_eq!(exchange.method, "POST");
        assert!(exchange.url.ends_with("/auth/v1/token?grant_type=password"));
        let sent = text(&exchange.request_body);
        assert!(
            sent.contains("pip@example.org") && sent.contains(r#""password":"…""#),
            "{sent}"
        );
        assert_eq!(service.exchange(exchange.id).unwrap().id, exchange.id);
    }
    let granted = text(&signed_in[1].response_body);
    assert!(
        granted.contains("expires_in") && !granted.contains("-0123456789"),
        "{granted}"
    );
    let asked: Vec<_> = before.iter().map(|exchange| exchange.operation).collect();
    for row in [
        "Test connection",
        "Test resumable uploads",
        "List objects",
        "List buckets",
        "Sign out",
    ] {
        assert!(asked.contains(&row), "{row}: {asked:?}");
    }
    assert!(
        service.transcript().exchanges().is_empty(),
        "this workspace was asked nothing"
    );

    // What comes while it is open comes by itself.
    workspaces
        .sign_in(&saved.profile.id, Secret::exact(PASSWORD))
        .await
        .unwrap();
    let later = async {
        loop {
            match told(&events).pop() {
                Some(exchange) => return exchange,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    let later = tokio::time::timeout(Duration::from_secs(20), later).await.unwrap();
    assert_eq!((later.operation, later.status.unwrap().as_u16()), ("Sign in", 200));
    let (next, events) = workspaces.open(&id).await.unwrap();
    assert_eq!(
        told(&events).len(),
        before.len() + 1,
        "and is in the list of the next one"
    );
    assert!(next.exchange(later.id).is_some());
}

#[tokio::test]
async fn the_connection_test_signs_in_and_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let (profile, server) = project(3_600).await;
    let workspaces = start(folder.path()).await;
    let test = async |secrets: NewSecrets| {
        let draft = workspaces.draft(&profile, secrets).await.unwrap();
        let checks = workspaces.test(&draft, &|_| {}).await;
        let key = checks.into_iter().find(|check| check.id == CheckId::Key).unwrap();
        (key.state, key.words)
    };
    let (state, words) = test(secrets(PASSWORD)).await;
    assert_eq!(
        (state, words.as_str()),
        (CheckState::Ok, "Signed in as pip@example.org")
    );
    assert_eq!(server.lock().unwrap().signed_out, 1, "nothing is left behind");
    let (state, words) = test(secrets("another")).await;
    assert_eq!(
        (state, words.as_str()),
        (CheckState::Failed, "E-mail or password is wrong")
    );
    let without = NewSecrets {
        password: None,
        ..secrets("")
    };
    let (state, words) = test(without).await;
    assert_eq!(
        (state, words.as_str()),
        (CheckState::Skipped, "Type the password to test signing in")
    );
}
