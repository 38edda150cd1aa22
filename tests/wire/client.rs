//! A client of the local server that knows only HTTP, and what tests look at in its folder.

#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use storymimi_studio::local::{Config, Secrets, Server};

#[derive(Clone)]
pub struct Client {
    pub url: String,
    pub key: String,
    pub http: reqwest::Client,
}

impl Client {
    pub fn of(server: &Server) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
        let http = reqwest::Client::new();
        Self {
            url: server.url().to_owned(),
            key: server.service_key().to_owned(),
            http,
        }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}/storage/v1{path}", self.url))
            .bearer_auth(&self.key)
    }

    pub async fn json(&self, method: Method, path: &str, body: Value) -> Value {
        let response = self.request(method, path).json(&body).send().await.unwrap();
        response.json().await.unwrap()
    }

    pub async fn bucket(&self, name: &str) {
        let made = self
            .json(Method::POST, "/bucket", json!({"name": name, "public": true}))
            .await;
        assert_eq!(made["name"], name, "{made}");
    }

    pub async fn put(&self, path: &str, bytes: Vec<u8>) -> Response {
        self.request(Method::POST, &format!("/object/{path}"))
            .header("x-upsert", "true")
            .body(bytes)
            .send()
            .await
            .unwrap()
    }

    pub async fn get(&self, path: &str) -> Vec<u8> {
        let response = self
            .request(Method::GET, &format!("/object/authenticated/{path}"))
            .send();
        let response = response.await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.bytes().await.unwrap().to_vec()
    }
}

pub async fn start(folder: &Path) -> Server {
    let config = Config::new(folder, Secrets::supabase_defaults());
    Server::start(config).await.unwrap()
}

pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_in(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// More bytes than the database takes: they get a file.
pub const LARGE: usize = 40_000;

/// How many objects' bytes there are, arriving ones with them: in files, and small ones in the database.
pub fn blobs(folder: &Path) -> usize {
    let database = rusqlite::Connection::open(folder.join("project.sqlite3")).unwrap();
    let count = database.query_row("SELECT count(*) FROM small_blobs", [], |row| row.get::<_, i64>(0));
    let small = usize::try_from(count.unwrap()).unwrap();
    small + files_in(&folder.join("objects")).len() + files_in(&folder.join("tmp")).len()
}

pub async fn wait_until(condition: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < until, "it did not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
