//! Secrets put in through every door come out of none.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "secrets/doors.rs"]
mod doors;
#[path = "secrets/log.rs"]
mod log;
#[path = "secrets/programs.rs"]
mod programs;
mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use storymimi_studio::http::{Secret, Transcript};
use storymimi_studio::service::{
    Event, LocalAccess, LocalServer, NewSecrets, Problem, Service, Workspaces, connection,
};
use storymimi_studio::story::Brief;
use storymimi_studio::supabase::url::{Context, explain};
use storymimi_studio::workspace::{
    Access, ApiKey, BaseUrl, Home, Keep, PastedSettings, Profile, ProfileId, ProjectUrl, Provider, ProviderProfile,
    Vault, Workspace, WorkspaceId,
};
use support::project::Project;
use tokio_util::sync::CancellationToken;

/// All files of a folder but the one that keeps the local server's own secret.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.file_name().is_some_and(|name| name != "secrets.json") {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

fn holds(text: &[u8], secret: &str) -> bool {
    let secret = secret.as_bytes();
    let mut at = 0;
    // By the first byte: logs are long, and tests are not optimised.
    while let Some(next) = text[at..].iter().position(|byte| *byte == secret[0]) {
        at += next;
        if text[at..].starts_with(secret) {
            return true;
        }
        at += 1;
    }
    false
}

/// A failure as the program and as scripts see it.
fn both(problem: &Problem) -> Vec<String> {
    vec![format!("{problem:?}"), serde_json::to_string(problem).unwrap()]
}

fn assert_clean(service: &Service, secrets: &[&str], shown: &[String]) {
    assert_clean_transcript(service.transcript(), secrets, shown);
}

/// Looks through what was shown, the transcript in both its forms, and the log.
fn assert_clean_transcript(transcript: &Transcript, secrets: &[&str], shown: &[String]) {
    let mut texts: Vec<String> = shown.to_vec();
    for exchange in transcript.exchanges() {
        texts.push(exchange.curl());
        texts.push(format!("{exchange:?}"));
    }
    assert!(texts.len() > shown.len(), "the transcript is empty: nothing was tested");
    let log = log::heard();
    assert!(!log.is_empty(), "nobody listened to the log");
    for secret in secrets {
        if holds(&log, secret) {
            let log = String::from_utf8_lossy(&log).into_owned();
            let line = log.lines().find(|line| line.contains(secret)).unwrap_or_default();
            panic!("{secret} is in the log: {line}");
        }
        for text in &texts {
            assert!(!holds(text.as_bytes(), secret), "{secret} is in: {text}");
        }
    }
}

#[tokio::test]
async fn the_keys_of_a_working_project_stay_inside() {
    log::listen();
    let project = Project::start().await;
    let brief = Brief::new("Pip", "a fox", 1, 1).unwrap();
    project
        .service
        .create_story(&brief, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let key = project.service.workspace().key.secret().expose().to_owned();
    let signature = key.rsplit('.').next().unwrap().to_owned();
    let events: Vec<String> = project
        .events
        .drain()
        .map(|event: Event| format!("{event:?}"))
        .chain([format!("{:?}", project.service.workspace())])
        .collect();
    assert_clean(&project.service, &[&key, &signature], &events);
    for (name, bytes) in files(project.folder.path()) {
        assert!(!holds(&bytes, &signature), "the key is in {name}");
    }
}

#[tokio::test]
async fn keys_of_failing_projects_and_providers_are_in_no_error() {
    log::listen();
    let folder = tempfile::tempdir().unwrap();
    let project_key = "sb_secret_CANARYproject0123456789";
    let provider_key = "sk-CANARYprovider0123456789";
    let nobody = ProjectUrl::parse("http://127.0.0.1:9").unwrap();
    let provider = Provider {
        key: Some(Secret::new(provider_key)),
        text_model: "t".into(),
        image_model: "i".into(),
        ..Provider::new("test", "http://127.0.0.1:9/v1")
    };
    let workspace = Workspace::project(nobody, ApiKey::parse(project_key).unwrap(), provider);
    let (service, events) =
        Service::open(workspace, &Home::at(folder.path()), tokio::runtime::Handle::current()).unwrap();
    let brief = Brief::new("Pip", "a fox", 1, 1).unwrap();
    let mut shown = Vec::new();
    shown.push(format!("{:?}", service.buckets().await.unwrap_err()));
    shown.push(format!(
        "{:?}",
        service
            .create_story(&brief, &|_| {}, &CancellationToken::new())
            .await
            .unwrap_err()
    ));
    shown.extend(events.drain().map(|event| format!("{event:?}")));
    assert_clean(&service, &["CANARY"], &shown);
    for (name, bytes) in files(folder.path()) {
        assert!(!holds(&bytes, "CANARY"), "a key is in {name}");
    }
}

#[test]
fn tokens_in_urls_are_not_repeated() {
    let url = "https://abc.supabase.co/storage/v1/object/sign/b/k.png?token=eyJhbGciOiJIUzI1NiJ9.eyJ1cmwiOiJiL2sucG5nIn0.CANARYsignature";
    let explained = format!("{:?}", explain(url, &Context::default()));
    assert!(!explained.contains("CANARY"), "{explained}");
}

/// A server that refuses everything and repeats what it was sent, as careless ones do.
async fn parrot() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(|request: axum::extract::Request| async move {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let said = format!("{parts:?} {}", String::from_utf8_lossy(&body));
        let error = serde_json::json!({ "statusCode": "403", "error": "Unauthorized", "message": said, "msg": said });
        (axum::http::StatusCode::BAD_REQUEST, axum::Json(error))
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// No embedded server: the doors that are tried here do not need one.
struct NoServer;

impl LocalServer for NoServer {
    fn start(&self, _: Arc<Transcript>) -> futures_util::future::BoxFuture<'_, Result<LocalAccess, Problem>> {
        Box::pin(async { Err(Problem::new("There is no embedded server here.", "")) })
    }
}

#[tokio::test]
async fn secrets_of_a_workspace_are_in_no_file_error_or_export() {
    log::listen();
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let url = parrot().await;
    let vault = Vault::without_keychain(&home);
    let workspaces = Workspaces::with(home, vault, Arc::new(NoServer), None, tokio::runtime::Handle::current());
    workspaces.unlock_vault(Secret::new("CANARY passphrase")).await.unwrap();
    let mut shown: Vec<String> = Vec::new();

    // A URL with a password in it, and everything else in its own field.
    let with_password = url.replace("http://", "http://pip:CANARYpassword@");
    let typed = storymimi_studio::workspace::TypedUrl::read(&with_password);
    shown.push(format!("{typed:?}"));
    let mut profile = Profile::new(ProfileId::parse("a").unwrap(), typed.url.unwrap());
    profile.keep = Keep::File;
    let provider_url = BaseUrl::parse(&format!("{url}/v1")).unwrap();
    profile.providers = vec![ProviderProfile {
        text_model: "t".into(),
        image_model: "i".into(),
        secret_headers: vec!["X-Org".into()],
        ..ProviderProfile::new(provider_url.clone())
    }];
    let secrets = || NewSecrets {
        key: Some(ApiKey::parse("sb_secret_CANARYkey0123456789").unwrap()),
        password: Some(Secret::new("CANARY secret password")),
        providers: vec![(provider_url.clone(), Secret::new("sk-CANARYprovider0123456789"))],
        headers: vec![(
            provider_url.clone(),
            [("X-Org".to_owned(), Secret::new("CANARYheader0123456789"))]
                .into_iter()
                .collect(),
        )],
    };
    shown.push(format!("{:?}", secrets()));
    let saved = workspaces.add(profile.clone(), secrets()).await.unwrap();
    shown.push(format!("{saved:?}"));

    // Signing in is refused by a server that repeats the password.
    profile.access = Access::SignIn {
        email: "pip@example.org".into(),
    };
    shown.push(format!(
        "{:?}",
        workspaces.add(profile.clone(), secrets()).await.unwrap_err()
    ));

    // The connection test, with the key and with the password.
    for access in [Access::Key, profile.access.clone()] {
        profile.access = access;
        let draft = workspaces.draft(&profile, secrets()).await.unwrap();
        shown.push(format!("{draft:?}"));
        let checks = workspaces.test(&draft, &|_| {}).await;
        assert!(checks.iter().any(|check| check.state == connection::CheckState::Failed));
        shown.push(format!("{checks:?}"));
    }

    // The workspace at work, its transcript and its exports.
    let id = WorkspaceId::Profile(saved.profile.id.clone());
    let (service, events) = workspaces.open(&id).await.unwrap();
    shown.push(format!("{:?}", service.buckets().await.unwrap_err()));
    shown.push(format!("{:?}", service.all_stories().await.unwrap_err()));
    let brief = Brief::new("Pip", "a fox", 1, 1).unwrap();
    let cancel = CancellationToken::new();
    shown.push(format!(
        "{:?}",
        service.create_story(&brief, &|_| {}, &cancel).await.unwrap_err()
    ));
    shown.push(format!("{:?}", service.workspace()));
    shown.extend(events.drain().map(|event| format!("{event:?}")));
    shown.push(workspaces.export(Vec::new()).await.unwrap());
    let pasted = "SUPABASE_URL=https://pip:CANARYpassword@abc.supabase.co\nSUPABASE_SECRET_KEY=sb_secret_CANARYkey0123456789\n\
        SUPABASE_KEY=sbp_CANARYtoken0123456789\n";
    shown.push(format!("{:?}", PastedSettings::read(pasted).unwrap()));
    let shared =
        format!("[workspaces.b]\nname = \"B\"\nurl = \"{with_password}\"\nkey = \"sb_secret_CANARYkey0123456789\"\n");
    shown.push(format!("{:?}", workspaces.import(shared).await.unwrap()));
    shown.push(format!(
        "{:?}",
        workspaces
            .import("key = \"sb_secret_CANARY".to_owned())
            .await
            .unwrap_err()
    ));
    shown.push(format!("{:?}", workspaces.list().await.unwrap()));

    assert_clean(&service, &["CANARY"], &shown);
    // What was asked before it was open.
    let outside = workspaces.transcript();
    let asked = outside.exchanges();
    for operation in ["Sign in", "Test connection", "List models"] {
        let was_asked = asked.iter().any(|exchange| exchange.operation == operation);
        assert!(was_asked, "{operation}: nothing was tested");
    }
    assert_clean_transcript(outside, &["CANARY"], &[]);
    service.close().await;
    let kept = files(folder.path());
    assert!(kept.iter().any(|(name, _)| name.ends_with("workspaces.toml")));
    for (name, bytes) in kept {
        assert!(!holds(&bytes, "CANARY"), "a secret is in {name}");
    }
}
