//! Stories that have their scenes and no picture, put into a project as any other program would.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::{Value, json};

/// Adds a story whose scenes have these prompts, and gives its id and those of its scenes.
pub async fn insert(url: &str, key: &str, title: &str, prompts: &[&str]) -> (String, Vec<String>) {
    let story = uuid::Uuid::new_v4().to_string();
    let row = json!({
        "story_id": story, "title": title, "prompt": "p", "status": "processing", "user_id": "local",
        "story_metadata": { "seed": 7, "scenes": prompts.len() },
    });
    post(url, key, "stories", &row).await;
    let scenes: Vec<String> = prompts.iter().map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let rows: Vec<Value> = prompts
        .iter()
        .zip(&scenes)
        .enumerate()
        .map(|(at, (prompt, id))| {
            json!({ "scene_id": id, "story_id": story, "sequence": at, "title": "t", "text": "x", "image_prompt": prompt })
        })
        .collect();
    post(url, key, "scenes", &json!(rows)).await;
    (story, scenes)
}

async fn post(url: &str, key: &str, table: &str, rows: &Value) {
    let reply = reqwest::Client::default()
        .post(format!("{url}/rest/v1/{table}"))
        .header("apikey", key)
        .header("authorization", format!("Bearer {key}"))
        .json(rows)
        .send()
        .await
        .unwrap();
    let status = reply.status();
    assert!(status.is_success(), "{table}: {status} {}", reply.text().await.unwrap());
}
