//! What the repository asks of a project, and what it makes of the answers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router};

use serde_json::json;

use super::places::any_form;
use super::write::has_column;
use super::*;
use crate::http::Http;
use crate::story::model::{Scene, SceneId};
use crate::supabase::ObjectKey;
use crate::workspace::{ApiKey, ProjectUrl};

type Bodies = Arc<Mutex<Vec<Value>>>;

/// A table as PostgREST shows it, without the columns `alt_text` and `title`.
async fn older_table(State(bodies): State<Bodies>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    bodies.lock().unwrap().push(body.clone());
    match ["alt_text", "title"]
        .into_iter()
        .find(|column| has_column(&body, column))
    {
        Some(column) => {
            let message = format!("Could not find the '{column}' column of 'scenes' in the schema cache");
            let error = json!({ "code": "PGRST204", "details": null, "hint": null, "message": message });
            (StatusCode::BAD_REQUEST, Json(error))
        }
        None => (StatusCode::CREATED, Json(body)),
    }
}

async fn repository(bodies: &Bodies, tables: Tables) -> Repository {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = ProjectUrl::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    let router = Router::new().fallback(older_table).with_state(bodies.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let http = Http::new(Arc::default()).unwrap();
    let supabase = Supabase::new(http, url, ApiKey::parse("sb_secret_test").unwrap());
    Repository::new(supabase, tables)
}

#[tokio::test]
async fn older_projects_get_what_they_have_columns_for() {
    let bodies = Bodies::default();
    let rows = repository(&bodies, Tables::default()).await;
    let scene = Scene {
        scene_id: SceneId::fresh(),
        index: 0,
        title: "T".into(),
        text: "Once.".into(),
        image_prompt: "a fox".into(),
        image_url: None,
        alt_text: Some("A fox".into()),
        image_error: None,
    };
    rows.insert_scenes(&StoryId::fresh(), std::slice::from_ref(&scene))
        .await
        .unwrap();
    rows.insert_scenes(&StoryId::fresh(), &[scene]).await.unwrap();
    let bodies = bodies.lock().unwrap();
    assert_eq!(bodies.len(), 4, "two tries to learn, then it is known");
    assert_eq!(bodies[3][0]["text"], "Once.");
    assert!(bodies[3][0].get("alt_text").is_none());
}

#[test]
fn every_form_of_a_link_is_found() {
    let key = ObjectKey::parse("a b/(1)_x.png").unwrap();
    assert_eq!(any_form(&key), "*a*b/*1*_x.png*");
    assert_eq!(any_form(&ObjectKey::parse("$*").unwrap()), "*");
}

#[tokio::test]
async fn tables_are_called_as_the_workspace_says() {
    let tables = Tables {
        stories: "tales".parse().unwrap(),
        scenes: "pages".parse().unwrap(),
    };
    let rows = repository(&Bodies::default(), tables).await;
    let _ = rows.list(0, 10).await;
    let _ = rows.set_cover_if(&StoryId::fresh(), Some("a"), Some("b")).await;
    let patch = json!({ "text": "Once." });
    let _ = rows
        .update_scene_if(&StoryId::fresh(), &SceneId::fresh(), None, patch)
        .await;
    let asked: Vec<String> = rows
        .supabase
        .http()
        .transcript()
        .exchanges()
        .iter()
        .map(|exchange| format!("{} {}", exchange.method, exchange.url))
        .collect();
    let asked_for = |method: &str, part: &str| {
        let mut lines = asked.iter();
        lines.any(|line| line.starts_with(method) && line.contains(part))
    };
    assert!(
        asked_for("GET", "/rest/v1/tales?select=*%2Cscene_rows%3Apages(*)"),
        "{asked:?}"
    );
    assert!(asked_for("PATCH", "/rest/v1/tales?"), "{asked:?}");
    assert!(asked_for("PATCH", "/rest/v1/pages?"), "{asked:?}");
}
