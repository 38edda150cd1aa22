//! Secrets put in through every door come out of none.

mod support;

use std::fs;
use std::path::Path;

use storymimi_studio::http::Secret;
use storymimi_studio::service::{Event, Service};
use storymimi_studio::story::Brief;
use storymimi_studio::supabase::url::{Context, explain};
use storymimi_studio::workspace::{ApiKey, Dialect, Home, ProjectUrl, Provider, Workspace};
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
    text.windows(secret.len()).any(|window| window == secret.as_bytes())
}

fn assert_clean(service: &Service, secrets: &[&str], shown: &[String]) {
    let mut texts: Vec<String> = shown.to_vec();
    for exchange in service.transcript().exchanges() {
        texts.push(exchange.curl());
        texts.push(format!("{exchange:?}"));
    }
    assert!(texts.len() > shown.len(), "the transcript is empty: nothing was tested");
    for secret in secrets {
        for text in &texts {
            assert!(!holds(text.as_bytes(), secret), "{secret} is in: {text}");
        }
    }
}

#[tokio::test]
async fn the_keys_of_a_working_project_stay_inside() {
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
    let folder = tempfile::tempdir().unwrap();
    let project_key = "sb_secret_CANARYproject0123456789";
    let provider_key = "sk-CANARYprovider0123456789";
    let nobody = ProjectUrl::parse("http://127.0.0.1:9").unwrap();
    let provider = Provider {
        name: "test".into(),
        base_url: "http://127.0.0.1:9/v1".into(),
        key: Some(Secret::new(provider_key)),
        text_model: "t".into(),
        image_model: "i".into(),
        dialect: Dialect::OpenAi,
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
