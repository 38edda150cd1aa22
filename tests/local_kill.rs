//! A server that is killed at any moment has kept every object that it acknowledged, whole, and shows no half of one.
//!
//! For a resumable upload that means: it goes on at an offset that was acknowledged, or behind it, never behind what was sent.
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
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
    // Every other one is small enough for the database.
    let most = if number.is_multiple_of(2) { 30_000 } else { 600_000 };
    let length = 1000 + number * 7919 % most;
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

/// A resumable upload and how far both sides know it to be.
#[derive(Clone)]
struct Progress {
    path: String,
    number: usize,
    /// The offset that the server told last.
    acknowledged: usize,
    /// Bytes that were sent at all.
    sent: usize,
}

impl Client {
    fn tus(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.request(method, path).header("tus-resumable", "1.0.0")
    }

    async fn begin(&self, number: usize) -> Option<Progress> {
        let metadata = format!(
            "bucketName {},objectName {}",
            STANDARD.encode("b"),
            STANDARD.encode(format!("t{number}"))
        );
        let creation = self
            .tus(reqwest::Method::POST, "/upload/resumable")
            .header("upload-length", content(number).len())
            .header("upload-metadata", metadata);
        let reply = creation.send().await.ok()?;
        assert_eq!(reply.status().as_u16(), 201);
        let url = reply.headers()["location"].to_str().unwrap();
        let path = url.split_once("/storage/v1").unwrap().1.to_owned();
        Some(Progress {
            path,
            number,
            acknowledged: 0,
            sent: 0,
        })
    }

    /// Sends the next `length` bytes. Whether the server said how far it is then.
    async fn patch(&self, progress: &mut Progress, length: usize) -> bool {
        let whole = content(progress.number);
        let from = progress.acknowledged;
        let to = whole.len().min(from + length);
        progress.sent = progress.sent.max(to);
        let request = self
            .tus(reqwest::Method::PATCH, &progress.path)
            .header("upload-offset", from)
            .header("content-type", "application/offset+octet-stream")
            .body(whole[from..to].to_vec());
        let Ok(reply) = request.send().await else { return false };
        assert_eq!(reply.status().as_u16(), 204);
        progress.acknowledged = offset(&reply);
        true
    }
}

fn offset(reply: &reqwest::Response) -> usize {
    reply.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumable_upload_goes_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let next = Arc::new(AtomicUsize::new(1_000_000));
    let finished = Arc::new(Mutex::new(Vec::new()));
    for round in 0..ROUNDS {
        let victim = Victim::start(folder.path());
        let client = Client::new(&victim.url);
        client.post("/bucket", json!({"name": "b"})).await;
        let goal = (round + 1) * ACKNOWLEDGED / 2;
        let uploaders: Vec<_> = (0..UPLOADERS)
            .map(|_| tokio::spawn(resumably(client.clone(), Arc::clone(&finished), Arc::clone(&next))))
            .collect();
        while finished.lock().unwrap().len() < goal {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        victim.kill();
        let mut broken = Vec::new();
        for uploader in uploaders {
            broken.extend(uploader.await.unwrap());
        }
        let victim = Victim::start(folder.path());
        let client = Client::new(&victim.url);
        for mut progress in broken {
            let reply = client.tus(reqwest::Method::HEAD, &progress.path).send().await.unwrap();
            assert_eq!(reply.status().as_u16(), 200, "an upload that was acknowledged is there");
            let kept = offset(&reply);
            let Progress { acknowledged, sent, .. } = progress;
            assert!(acknowledged <= kept && kept <= sent, "{acknowledged} ≤ {kept} ≤ {sent}");
            progress.acknowledged = kept;
            while progress.acknowledged < content(progress.number).len() {
                assert!(client.patch(&mut progress, 200_000).await);
            }
            finished.lock().unwrap().push(progress.number);
        }
        let wanted: BTreeMap<String, usize> = finished
            .lock()
            .unwrap()
            .iter()
            .map(|number| (format!("t{number}"), *number))
            .collect();
        look(&client, &Mutex::new(wanted)).await;
        victim.kill();
    }
    // What is left are uploads whose beginning was not acknowledged. They end when their time is over.
    assert!(parts(folder.path()).len() <= ROUNDS * UPLOADERS);
    let database = rusqlite::Connection::open(folder.path().join("project.sqlite3")).unwrap();
    database.execute("UPDATE uploads SET expires_at = 0", []).unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 60 * 60);
    for part in parts(folder.path()) {
        let file = std::fs::File::options().write(true).open(part).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let victim = Victim::start(folder.path());
    assert_eq!(parts(folder.path()).len(), 0, "swept at start");
    let count = "SELECT count(*) FROM uploads";
    assert_eq!(database.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    look(&Client::new(&victim.url), &Mutex::new(BTreeMap::new())).await;
    victim.kill();
}

fn parts(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder.join("uploads")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Uploads piece by piece until the server is gone. Returns the upload that broke.
async fn resumably(client: Client, finished: Arc<Mutex<Vec<usize>>>, next: Arc<AtomicUsize>) -> Option<Progress> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let mut progress = client.begin(number).await?;
        let piece = 20_000 + number * 104_729 % 150_000;
        while progress.acknowledged < content(number).len() {
            if !client.patch(&mut progress, piece).await {
                return Some(progress);
            }
        }
        finished.lock().unwrap().push(number);
    }
}
