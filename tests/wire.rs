//! The local server answers as a real Supabase Storage server was recorded to (`tests/wire/storage-v1.jsonl`: 193
//! exchanges, in order, on an empty project). Status, the headers that clients read, and the body are compared; what differs
//! from run to run is a token on both sides.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "wire/raw.rs"]
mod raw;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use storymimi_studio::local::jwt::{self, Kind};
use storymimi_studio::local::{Config, Secrets, Server};

const RECORDING: &str = include_str!("wire/storage-v1.jsonl");
const JWT_SECRET: &str = "super-secret-jwt-token-with-at-least-32-characters-long";

/// Cases that deliberately differ.
const DIFFERENT: &[(&str, &str, &str)] = &[
    (
        "object",
        "upload key with dot dot",
        "the real server's message names its internal path; status and code are the same",
    ),
    (
        "object",
        "if-none-match",
        "the real server adds `content-length: 0` to a 304, which RFC 9110 forbids for an object of 70 bytes",
    ),
    (
        "list",
        "v2 sort by updated_at desc",
        "the cursor is longer: it holds microseconds, so that rows of one millisecond are not lost",
    ),
];

const HEADERS: &[&str] = &[
    "content-type",
    "content-length",
    "etag",
    "cache-control",
    "content-range",
    "accept-ranges",
    "content-disposition",
    "last-modified",
    "expires",
    "x-robots-tag",
    "location",
    "upload-offset",
    "upload-length",
    "tus-resumable",
    "tus-version",
    "tus-extension",
    "tus-max-size",
    "tus-complete",
    "upload-metadata",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// Fields whose values are random or a time.
const VOLATILE: &[&str] = &[
    "lastModified",
    "last_modified",
    "expires",
    "version",
    "id",
    "Id",
    "nextCursor",
];

struct Replay {
    server: Server,
    address: String,
    /// What the recording's `<jwt>` stands for in a path.
    token: String,
    /// The path that stands for each path of a resumable upload in the recording.
    uploads: BTreeMap<String, String>,
}

impl Replay {
    async fn start(folder: &std::path::Path) -> Self {
        let secrets = Secrets::supabase_defaults();
        let mut config = Config::new(folder, secrets);
        config.upload_limit = 50_000_000;
        config.resumable_limit = 524_288_000;
        let server = Server::start(config).await.unwrap();
        let address = server.url().trim_start_matches("http://").to_owned();
        Self {
            server,
            address,
            token: String::new(),
            uploads: BTreeMap::new(),
        }
    }

    /// The recording goes on with the uploads that it began.
    fn remember(&mut self, response: &Value, reply: &raw::Reply) {
        if let (Some(theirs), Some(ours)) = (response["headers"]["location"].as_str(), reply.header("location")) {
            self.uploads
                .insert(path_of(theirs).to_owned(), path_of(ours).to_owned());
        }
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        headers: Vec<(String, String)>,
        body: Option<Vec<u8>>,
    ) -> raw::Reply {
        let (address, method, path) = (self.address.clone(), method.to_owned(), path.to_owned());
        tokio::task::spawn_blocking(move || raw::send(&address, &method, &path, &headers, body.as_deref()))
            .await
            .unwrap()
    }

    fn service(&self) -> (String, String) {
        let value = format!("Bearer {}", self.server.service_key());
        ("authorization".into(), value)
    }

    /// What the recorder did between two recorded exchanges.
    async fn prepare(&self, group: &str, case: &str) {
        if (group, case) != ("list", "root") {
            return;
        }
        let png = ("content-type".to_owned(), "image/png".to_owned());
        for key in [
            "b/1.png",
            "b/2.png",
            "b/c/3.png",
            "b/c/d/4.png",
            "10.png",
            "2.png",
            "A.png",
            "zeta.png",
        ] {
            let path = format!("/storage/v1/object/private-art/{key}");
            let headers = vec![self.service(), png.clone()];
            let reply = self.call("POST", &path, headers, Some(picture())).await;
            assert_eq!(reply.status, 200);
        }
    }

    /// The recorder deleted each bucket that it had made only to see whether its name is allowed.
    async fn clean_up(&self, case: &str, request: &Value) {
        if !case.starts_with("create bucket: ") {
            return;
        }
        if let Some(id) = request["body"]["json"]["id"].as_str() {
            let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
            let path = format!("/storage/v1/bucket/{id}");
            self.call("DELETE", &path, vec![self.service()], None).await;
        }
    }

    async fn replay(&mut self, case: &str, request: &Value) -> raw::Reply {
        let path = request["path"]
            .as_str()
            .unwrap()
            .replace("<jwt>", &self.path_token(case));
        let path = self.uploads.get(&path).cloned().unwrap_or(path);
        let headers = request["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), self.header_value(case, value.as_str().unwrap())))
            .collect();
        let method = request["method"].as_str().unwrap();
        let reply = self.call(method, &path, headers, body_of(case, &request["body"])).await;
        let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        if let Some(url) = answer["signedURL"].as_str().or(answer["url"].as_str()) {
            self.token = url.rsplit("token=").next().unwrap().to_owned();
        }
        reply
    }

    /// The token of the last signed URL; for the expired one, a token that expired long ago instead of a wait.
    fn path_token(&self, case: &str) -> String {
        if case == "use an expired signed url" {
            let claims = json!({"url": "private-art/p.png", "scope": "download", "iat": 1, "exp": 2});
            return jwt::sign(JWT_SECRET, Kind::Url, &claims).unwrap();
        }
        self.token.clone()
    }

    fn header_value(&self, case: &str, value: &str) -> String {
        let token = match case {
            "token signed with another secret" => {
                let claims = json!({"role": "service_role", "exp": 4_000_000_000_i64});
                jwt::sign("another-secret-another-secret-another", Kind::Key, &claims)
            }
            _ => {
                let claims = json!({"role": "service_role", "exp": 1_000_000_000});
                jwt::sign(JWT_SECRET, Kind::Key, &claims)
            }
        };
        value
            .replace("<service-key>", self.server.service_key())
            .replace("<anon-key>", self.server.anon_key())
            .replace("<jwt>", &token.unwrap())
    }
}

fn picture() -> Vec<u8> {
    STANDARD
        .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
        .unwrap()
}

fn body_of(case: &str, body: &Value) -> Option<Vec<u8>> {
    if body.is_null() {
        return None;
    }
    if let Some(json) = body.get("json") {
        return Some(serde_json::to_vec(json).unwrap());
    }
    if let Some(text) = body["base64"].as_str() {
        return Some(STANDARD.decode(text).unwrap());
    }
    let bytes = match case {
        "upload above the bucket's size limit" => vec![b'x'; 2000],
        other => panic!("{other}: its body is not in the recording"),
    };
    assert_eq!(body["sha256"], hex(&Sha256::digest(&bytes)));
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An answer in the form of the recording, with tokens for what differs from run to run.
fn normal(status: u64, headers: &Map<String, Value>, body: &Value) -> Value {
    let mut kept = Map::new();
    for name in HEADERS {
        if let Some(value) = headers.get(*name).and_then(Value::as_str) {
            let value = match *name {
                "content-type" => value.replace(' ', "").to_lowercase(),
                "last-modified" | "expires" => "<http-date>".into(),
                "location" => without_id(value),
                // The same nothing: node sends an empty chunked body there, hyper says that it is empty.
                "content-length" if value == "0" && headers.contains_key("tus-resumable") => continue,
                _ => value.to_owned(),
            };
            kept.insert((*name).to_owned(), json!(value));
        }
    }
    json!({ "status": status, "headers": kept, "body": tokens(body) })
}

fn tokens(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            // Sorted: the order of fields is not part of JSON.
            let sorted: BTreeSet<&String> = fields.keys().collect();
            sorted
                .into_iter()
                .map(|name| {
                    let value = match &fields[name] {
                        Value::String(_) if VOLATILE.contains(&name.as_str()) => json!("*"),
                        other => tokens(other),
                    };
                    (name.clone(), value)
                })
                .collect()
        }
        Value::Array(items) => items.iter().map(tokens).collect(),
        Value::String(text) if text.starts_with("20") && is_time(text) => json!("<timestamp>"),
        Value::String(text) => json!(without_tokens(text)),
        other => other.clone(),
    }
}

fn is_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

fn without_tokens(text: &str) -> String {
    match text.split_once("eyJ") {
        Some((before, token)) if token.matches('.').count() == 2 => format!("{before}<jwt>"),
        _ => text.to_owned(),
    }
}

/// An upload's URL with its port and the random part of its id as tokens.
fn without_id(url: &str) -> String {
    let (before, segment) = url.rsplit_once('/').unwrap();
    let id = String::from_utf8(URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap();
    let (object, version) = id.rsplit_once('/').unwrap();
    uuid::Uuid::try_parse(version).unwrap();
    let (origin, path) = before.split_at(before.find("/storage/").unwrap());
    let host = origin.rsplit_once(':').unwrap().0;
    format!("{host}:<port>{path}/{object}/<uuid>")
}

fn path_of(url: &str) -> &str {
    &url[url.find("/storage/").unwrap()..]
}

fn got(reply: &raw::Reply) -> Value {
    let headers: Map<String, Value> = reply
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let content_type = reply.header("content-type").unwrap_or_default();
    let body = if reply.body.is_empty() {
        Value::Null
    } else if content_type.contains("json") {
        json!({ "json": serde_json::from_slice::<Value>(&reply.body).unwrap() })
    } else if content_type.starts_with("text/") {
        json!({ "text": String::from_utf8_lossy(&reply.body) })
    } else {
        json!({ "bytes": reply.body.len(), "sha256": hex(&Sha256::digest(&reply.body)) })
    };
    normal(u64::from(reply.status), &headers, &body)
}

fn expected(response: &Value) -> Value {
    normal(
        response["status"].as_u64().unwrap(),
        response["headers"].as_object().unwrap(),
        &response["body"],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_server_answers_as_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let mut replay = Replay::start(folder.path()).await;
    let mut failures = Vec::new();
    let (mut served, mut total) = (0, 0);
    for line in RECORDING.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let (group, case) = (record["group"].as_str().unwrap(), record["case"].as_str().unwrap());
        total += 1;
        replay.prepare(group, case).await;
        let reply = replay.replay(case, &record["request"]).await;
        replay.remember(&record["response"], &reply);
        replay.clean_up(case, &record["request"]).await;
        let (got, expected) = (got(&reply), expected(&record["response"]));
        let reason = DIFFERENT
            .iter()
            .find(|(g, c, _)| (*g, *c) == (group, case))
            .map(|(_, _, reason)| *reason);
        match (got == expected, reason) {
            (true, None) => served += 1,
            (true, Some(_)) => failures.push(format!("{group} | {case}: listed as different, but is the same")),
            (false, Some(_)) => {}
            (false, None) => failures.push(format!("{group} | {case}\n  expected {expected}\n  got      {got}")),
        }
    }
    println!("{served} of {total} recorded exchanges are served as recorded");
    replay.server.shutdown().await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
