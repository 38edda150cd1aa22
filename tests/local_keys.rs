//! Keys are data: whatever a key, a bucket, an upload's metadata or a signed path says, nothing is read or written outside
//! the server's folder, and inside it only under names of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "wire/client.rs"]
mod client;
#[path = "wire/raw.rs"]
mod raw;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client::{Client, LARGE, files_in, start};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, TestRunner};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

const CANARY: &[u8] = b"canary that must not be read";

/// Keys made of what has led astray before, and of anything.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "..", ".", "", "/", "//", "\\", "..\\", "%2e%2e", "%2f", "%5c", "%00", "\0", "~", "C:", "CON", "nul", "a", "b.png",
            "canary", "project.sqlite3", "objects", "tmp", "uploads", "secrets.json", "....", "..;", "\u{ff0e}\u{ff0e}",
            "\u{2215}", " ", "-", "|", "<", ":stream",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ];
    let separator = prop::sample::select(vec!["/", "/", "/", "", "\\", "%2f"]);
    prop::collection::vec((part, separator), 1..6)
        .prop_map(|parts| parts.into_iter().map(|(part, separator)| part + separator).collect())
}

/// How a key gets into a path: as it is, as far as a request line can hold it, or percent-encoded.
fn in_path(key: &str, encoded: bool) -> String {
    if encoded {
        return utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
    }
    key.bytes()
        .map(|byte| match byte {
            b'!'..=b'~' if !matches!(byte, b'?' | b'#' | b'"' | b'<' | b'>' | b'\\' | b'|') => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

struct Attack {
    client: Client,
    address: String,
    outside: tempfile::TempDir,
}

impl Attack {
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> raw::Reply {
        let mut all = vec![("authorization".to_owned(), format!("Bearer {}", self.client.key))];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let reply = raw::send(&self.address, method, &format!("/storage/v1{path}"), &all, body);
        assert!(reply.status < 500, "{method} {path}: {}", reply.status);
        let leaked = reply.body.windows(CANARY.len()).any(|window| window == CANARY);
        assert!(!leaked, "{method} {path} read the canary");
        reply
    }

    /// Every door that a key goes through.
    fn run(&self, key: &str, other: &str, encoded: bool) {
        let path = in_path(key, encoded);
        let png = [("content-type", "image/png"), ("x-upsert", "true")];
        self.send("POST", &format!("/object/b/{path}"), &png, Some(&[b'h'; LARGE]));
        self.send("PUT", &format!("/object/{path}/{path}"), &png, Some(&[b'h'; LARGE]));
        for read in [
            "/object/authenticated/b",
            "/object/public/b",
            "/object/info/b",
            "/render/image/public/b",
            "/render/image/authenticated/b",
            "/object/authenticated",
            "/object/b",
        ] {
            self.send("GET", &format!("{read}/{path}"), &[], None);
        }
        let json = [("content-type", "application/json")];
        let post = |path: &str, body: serde_json::Value| {
            let body = body.to_string();
            self.send("POST", path, &json, Some(body.as_bytes()))
        };
        for (from, to) in [(key, other), ("seed.png", key), (key, "seed-2.png")] {
            let route = json!({"bucketId": "b", "sourceKey": from, "destinationKey": to});
            post("/object/copy", route.clone());
            post("/object/move", route);
        }
        let route =
            json!({"bucketId": key, "sourceKey": "seed.png", "destinationKey": "x", "destinationBucket": other});
        post("/object/copy", route);
        post("/bucket", json!({"name": key, "id": other}));
        post("/object/list/b", json!({"prefix": key, "search": other}));
        post("/object/list-v2/b", json!({"prefix": key, "with_delimiter": true}));
        for signed in [
            post(
                &format!("/object/sign/b/{path}"),
                json!({"expiresIn": 60, "transform": {"width": 10}}),
            ),
            post("/object/sign/b", json!({"expiresIn": 60, "paths": [key, other]})),
        ] {
            let text = String::from_utf8_lossy(&signed.body).into_owned();
            if let Some((_, token)) = text.split_once("?token=") {
                let token = token.split('"').next().unwrap();
                for way in ["object", "render/image"] {
                    self.send("GET", &format!("/{way}/sign/b/{path}?token={token}"), &[], None);
                }
            }
        }
        let upload = post(&format!("/object/upload/sign/b/{path}"), json!({}));
        let upload: serde_json::Value = serde_json::from_slice(&upload.body).unwrap_or_default();
        if let Some(token) = upload["token"].as_str() {
            self.send(
                "PUT",
                &format!("/object/upload/sign/b/{path}?token={token}"),
                &png,
                Some(&[b'h'; LARGE]),
            );
        }
        self.resumable(key, other);
        let remove = json!({"prefixes": [key, other]}).to_string();
        self.send("DELETE", "/object/b", &json, Some(remove.as_bytes()));
        self.send("DELETE", &format!("/object/b/{path}"), &[], None);
        self.send("DELETE", &format!("/cdn/b/{path}"), &[], None);
    }

    fn resumable(&self, key: &str, other: &str) {
        for (bucket, key) in [("b", key), (key, other)] {
            let metadata = format!(
                "bucketName {},objectName {},contentType {},metadata {}",
                STANDARD.encode(bucket),
                STANDARD.encode(key),
                STANDARD.encode(other),
                STANDARD.encode(key)
            );
            let headers = [
                ("tus-resumable", "1.0.0"),
                ("upload-length", "7"),
                ("upload-metadata", metadata.as_str()),
                ("x-upsert", "true"),
            ];
            let begun = self.send("POST", "/upload/resumable", &headers, None);
            let Some(url) = begun.header("location") else { continue };
            let path = url.split_once("/storage/v1").unwrap().1;
            let patch = [
                ("tus-resumable", "1.0.0"),
                ("upload-offset", "0"),
                ("content-type", "application/offset+octet-stream"),
                ("x-upsert", "true"),
            ];
            self.send("PATCH", path, &patch, Some(b"hostile"));
            self.send("HEAD", path, &[("tus-resumable", "1.0.0")], None);
        }
    }

    fn look(&self) {
        let data = self.outside.path().join("data");
        for file in files_in(self.outside.path()) {
            let Ok(inside) = file.strip_prefix(&data) else {
                assert_eq!(file.file_name().unwrap(), "canary", "written outside");
                assert_eq!(std::fs::read(&file).unwrap(), CANARY);
                continue;
            };
            assert!(is_ours(inside), "{}", inside.display());
        }
    }
}

/// The database, blobs and parts by their ids, temporary files by the name that was drawn for them.
fn is_ours(file: &Path) -> bool {
    let names: Vec<&str> = file.iter().map(|name| name.to_str().unwrap()).collect();
    match names.as_slice() {
        [one] => one.starts_with("project.sqlite3"),
        ["objects", shard, id] => id.starts_with(shard) && Uuid::try_parse(id).is_ok(),
        ["uploads", id] => Uuid::try_parse(id).is_ok(),
        ["tmp", name] => name.starts_with(".tmp"),
        _ => false,
    }
}

#[test]
fn no_key_leads_out_of_the_folder() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("canary"), CANARY).unwrap();
    let server = runtime.block_on(start(&outside.path().join("data")));
    let client = Client::of(&server);
    runtime.block_on(async {
        client.bucket("b").await;
        client.put("b/seed.png", b"seed".to_vec()).await;
        let removed = client
            .json(Method::DELETE, "/object/b", json!({"prefixes": ["never"]}))
            .await;
        assert_eq!(removed, json!([]));
    });
    let attack = Attack {
        address: client.url.trim_start_matches("http://").to_owned(),
        client,
        outside,
    };
    let runs = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(48);
    let mut runner = TestRunner::new(Runs {
        cases: runs,
        failure_persistence: None,
        ..Runs::default()
    });
    let strategy = (hostile(), hostile(), any::<bool>());
    runner
        .run(&strategy, |(key, other, encoded)| {
            attack.run(&key, &other, encoded);
            attack.look();
            Ok(())
        })
        .unwrap();
}
