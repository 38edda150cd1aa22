//! A server that is killed at any moment has kept every object that it acknowledged, whole, and shows no half of one.
//!
//! The test starts itself as another process that only serves, uploads to it, kills it, starts it again on the same folder and
//! looks.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use storymimi_studio::local::{Config, Secrets, Server};

const DATA: &str = "STORYMIMI_TEST_KILL_DATA";
const ROUNDS: usize = 3;
const UPLOADERS: usize = 4;
/// Acknowledged uploads before the kill; others are on their way then.
const ACKNOWLEDGED: usize = 25;

/// The process that is killed. Run as a test of its own, it has nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn serves_until_it_is_killed() {
    let Ok(folder) = std::env::var(DATA) else { return };
    let config = Config::new(folder, Secrets::supabase_defaults());
    let server = Server::start(config).await.unwrap();
    println!("\nURL {}", server.url());
    std::future::pending::<()>().await;
}

struct Victim {
    process: Child,
    url: String,
}

impl Victim {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "serves_until_it_is_killed", "--nocapture"])
            .env(DATA, folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines
            .find_map(|line| line.unwrap().strip_prefix("URL ").map(str::to_owned))
            .expect("it serves");
        Self { process, url }
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Bytes that tell whether they are whole: a length and a filling that follow from the number.
fn content(number: usize) -> Vec<u8> {
    let length = 1000 + number * 7919 % 600_000;
    let mut bytes = vec![u8::try_from(number % 251).unwrap(); length];
    bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
    bytes
}

fn is_whole(bytes: &[u8]) -> bool {
    let number = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    bytes == content(usize::try_from(number).unwrap())
}

#[derive(Clone)]
struct Client {
    url: String,
    http: reqwest::Client,
}

impl Client {
    fn new(url: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
        let http = reqwest::Client::new();
        Self {
            url: format!("{url}/storage/v1"),
            http,
        }
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let key = Secrets::supabase_defaults().service_key().to_owned();
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(key)
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.request(reqwest::Method::POST, path).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn get(&self, key: &str) -> Vec<u8> {
        let path = format!("/object/authenticated/b/{key}");
        let reply = self.request(reqwest::Method::GET, &path).send().await.unwrap();
        assert_eq!(reply.status().as_u16(), 200, "{key} was acknowledged");
        reply.bytes().await.unwrap().to_vec()
    }

    /// Whether the server said that it has it.
    async fn put(&self, key: &str, bytes: Vec<u8>) -> bool {
        let request = self
            .request(reqwest::Method::PUT, &format!("/object/b/{key}"))
            .body(bytes);
        matches!(request.send().await, Ok(reply) if reply.status().is_success())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_whole_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    let next = Arc::new(AtomicUsize::new(0));
    for round in 0..ROUNDS {
        let victim = Victim::start(folder.path());
        let client = Client::new(&victim.url);
        client.post("/bucket", json!({"name": "b"})).await;
        let goal = (round + 1) * ACKNOWLEDGED;
        let uploaders: Vec<_> = (0..UPLOADERS)
            .map(|_| tokio::spawn(upload(client.clone(), Arc::clone(&acknowledged), Arc::clone(&next))))
            .collect();
        while acknowledged.lock().unwrap().len() < goal {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        victim.kill();
        for uploader in uploaders {
            uploader.await.unwrap();
        }
        let victim = Victim::start(folder.path());
        look(&Client::new(&victim.url), &acknowledged).await;
        victim.kill();
    }
}

/// Uploads new keys, and one that all share, until the server is gone.
async fn upload(client: Client, acknowledged: Arc<Mutex<BTreeMap<String, usize>>>, next: Arc<AtomicUsize>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let key = format!("k{number}");
        if !client.put(&key, content(number)).await {
            return;
        }
        acknowledged.lock().unwrap().insert(key, number);
        if !client.put("shared", content(number)).await {
            return;
        }
    }
}

async fn look(client: &Client, acknowledged: &Mutex<BTreeMap<String, usize>>) {
    let kept = acknowledged.lock().unwrap().clone();
    for (key, number) in kept {
        assert_eq!(client.get(&key).await, content(number), "{key}");
    }
    let listed = client.post("/object/list-v2/b", json!({})).await;
    for object in listed["objects"].as_array().unwrap() {
        let key = object["name"].as_str().unwrap();
        let bytes = client.get(key).await;
        assert_eq!(json!(bytes.len()), object["metadata"]["size"], "{key}");
        assert!(is_whole(&bytes), "{key}");
    }
}
