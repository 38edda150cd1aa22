//! What strangers cannot do to the local server: fill its memory, hold up its writer, or read its files on a shared machine.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "wire/client.rs"]
mod client;
#[path = "wire/raw.rs"]
mod raw;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client::{Client, blobs, start};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use storymimi_studio::local::{Config, Secrets, Server};

const FORM: &str = "multipart/form-data; boundary=edge";

/// What a form with this file and these fields around it is.
fn form(before: &str, file: &[u8], behind: &str) -> Vec<u8> {
    let head =
        "--edge\r\ncontent-disposition: form-data; name=\"\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n";
    let mut body = format!("{before}{head}").into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n{behind}--edge--\r\n").as_bytes());
    body
}

fn field(name: &str, text: &str) -> String {
    format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
}

impl Client {
    fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    fn send_form(&self, key: &str, body: &[u8]) -> (u16, Value) {
        let headers = [
            ("authorization".to_owned(), format!("Bearer {}", self.key)),
            ("content-type".to_owned(), FORM.to_owned()),
        ];
        let path = format!("/storage/v1/object/{key}");
        let reply = raw::send(self.address(), "POST", &path, &headers, Some(body));
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }
}

async fn code(reply: Response) -> (StatusCode, Value) {
    let status = reply.status();
    let body: Value = reply.json().await.unwrap();
    (status, body["code"].clone())
}

/// Without a limit of its own, all of it would be in memory: there is no length to go by, and no boundary.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_never_begins_is_refused_before_it_fills_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let mut request = format!(
        "POST /storage/v1/object/b/endless HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: {FORM}\r\ntransfer-encoding: chunked\r\n\r\n",
        client.key
    )
    .into_bytes();
    for _ in 0..64 {
        request.extend_from_slice(b"10000\r\n");
        request.extend_from_slice(&[b'a'; 0x10000]);
        request.extend_from_slice(b"\r\n");
    }
    // One byte too much, and no end.
    request.extend_from_slice(b"1\r\na\r\n");
    let reply = raw::exchange(client.address(), &request, false);
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["code"], "EntityTooLarge", "{body}");
    assert_eq!(blobs(folder.path()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_form_the_first_file_counts_and_fields_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    // Larger than what a form may hold in memory.
    let file = vec![7; 9_000_000];
    let second = "--edge\r\ncontent-disposition: form-data; name=\"\"; filename=\"b.png\"\r\n\r\nother\r\n";
    let behind = format!("{second}{}", field("metadata", r#"{"seed":7}"#));
    let body = form(&field("cacheControl", "60"), &file, &behind);
    let (status, said) = client.send_form("b/one", &body);
    assert_eq!(status, 200, "{said}");
    assert!(client.get("b/one").await == file);
    let info = client.request(Method::GET, "/object/info/b/one").send().await.unwrap();
    let info: Value = info.json().await.unwrap();
    assert_eq!(info["cache_control"], "max-age=60");
    assert_eq!(info["content_type"], "image/png");
    assert_eq!(info["metadata"], json!({"seed": 7}));
    assert_eq!(blobs(folder.path()), 1);
}

/// A connection that is closed on unread bytes is reset, and then the client never learns why.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_large_for_its_bucket_is_told_so_also_in_a_form() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    let bucket = json!({"name": "small", "file_size_limit": 1000});
    client.json(Method::POST, "/bucket", bucket).await;
    let (status, said) = client.send_form("small/a", &form("", &vec![7; 12_000_000], ""));
    assert_eq!((status, said["code"].as_str()), (400, Some("EntityTooLarge")), "{said}");
    assert_eq!(blobs(folder.path()), 0);
}

/// The dashboard's empty object is exempt from the bucket's types, so it must be empty.
#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_folder_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    let bucket = json!({"name": "b", "allowed_mime_types": ["image/*"]});
    client.json(Method::POST, "/bucket", bucket).await;
    let full = client.put("b/art/.emptyFolderPlaceholder", b"<html>".to_vec()).await;
    assert_eq!(code(full).await, (StatusCode::BAD_REQUEST, json!("EntityTooLarge")));
    let empty = client.put("b/art/.emptyFolderPlaceholder", Vec::new()).await;
    assert_eq!(empty.status(), StatusCode::OK);
    let other = client.put("b/art/other", Vec::new()).await;
    assert_eq!(code(other).await, (StatusCode::BAD_REQUEST, json!("InvalidMimeType")));
}

#[tokio::test(flavor = "multi_thread")]
async fn very_many_keys_are_removed_in_the_order_in_which_they_were_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let kept = ["k3", "k700", "k1699"];
    for key in kept {
        client.put(&format!("b/{key}"), vec![1]).await;
    }
    let keys: Vec<String> = (0..1700).map(|n| format!("k{n}")).collect();
    let removed = client
        .json(Method::DELETE, "/object/b", json!({ "prefixes": keys }))
        .await;
    let names: Vec<&str> = removed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, kept);
    assert_eq!(blobs(folder.path()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_object_is_a_page_in_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let shout = client
        .request(Method::POST, "/object/b/shout")
        .header("content-type", "TEXT/HTML")
        .body("<script>");
    assert_eq!(shout.send().await.unwrap().status(), StatusCode::OK);
    let pair = |name: &str, value: &str| format!("{name} {}", STANDARD.encode(value));
    let metadata = [
        pair("bucketName", "b"),
        pair("objectName", "broken"),
        pair("contentType", "text/plain\nhtml"),
    ];
    let broken = client
        .request(Method::POST, "/upload/resumable")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", "8")
        .header("upload-metadata", metadata.join(","))
        .header("content-type", "application/offset+octet-stream")
        .body("<script>");
    assert_eq!(broken.send().await.unwrap().status(), StatusCode::CREATED);
    for (key, shown) in [("shout", "text/plain"), ("broken", "application/octet-stream")] {
        let path = format!("/object/public/b/{key}");
        let reply = client.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(reply.headers()["content-type"], shown, "{key}");
    }
}

/// Hashes of passwords, and private pictures.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn on_a_shared_machine_the_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    // A folder that was there before, open to all.
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let server = start(&data).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    client.put("b/a", vec![1; client::LARGE]).await;
    let unfinished = client
        .request(Method::POST, "/upload/resumable")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", "8")
        .header(
            "upload-metadata",
            format!(
                "bucketName {},objectName {}",
                STANDARD.encode("b"),
                STANDARD.encode("c")
            ),
        );
    assert_eq!(unfinished.send().await.unwrap().status(), StatusCode::CREATED);
    let files = client::files_in(&data);
    assert!(
        files.len() >= 4,
        "a database, its log, an object and an upload: {files:?}"
    );
    for file in files {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file:?} is {mode:o}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_stops_coming_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
    let mut config = Config::new(folder.path(), secrets);
    config.connections.silence = Duration::from_secs(1);
    let server = Server::start(config).await.unwrap();
    let client = Client::of(&server);
    client.bucket("b").await;
    let begun = form("", b"the beginning of a picture", "");
    for (kind, sent) in [("image/png", &b"the beginning of a picture"[..]), (FORM, &begun[..100])] {
        let mut request = format!(
            "POST /storage/v1/object/b/a.png HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {kind}\r\n\
             content-length: 100000\r\n\r\n",
            client.key
        )
        .into_bytes();
        request.extend_from_slice(sent);
        // The server closes the connection: whatever came on it now would be the rest of the body.
        let reply = raw::exchange(client.address(), &request, false);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            (reply.status, &body["code"]),
            (400, &json!("InvalidRequest")),
            "{kind}: {body}"
        );
        assert_eq!(blobs(folder.path()), 0, "{kind}");
    }
    assert_eq!(client.put("b/a.png", b"whole".to_vec()).await.status(), StatusCode::OK);
}
