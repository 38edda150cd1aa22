//! What the local server promises about resumable uploads: an acknowledged byte is kept, a broken request keeps what came, one
//! request at a time works on an upload, and what the client says is data.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "wire/client.rs"]
mod client;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use client::{Client, blobs, files_in, start, wait_until};
use md5::{Digest as _, Md5};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use storymimi_studio::local::{Config, Secrets, Server};

const BYTES: &str = "application/offset+octet-stream";

fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name} {}", STANDARD.encode(value)))
        .collect();
    pairs.join(",")
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers[name].to_str().unwrap().to_owned()
}

impl Client {
    fn tus(&self, method: Method, url: &str) -> RequestBuilder {
        self.http
            .request(method, url)
            .bearer_auth(&self.key)
            .header("tus-resumable", "1.0.0")
    }

    fn creation(&self, bucket: &str, key: &str) -> RequestBuilder {
        let metadata = metadata(&[
            ("bucketName", bucket),
            ("objectName", key),
            ("contentType", "image/png"),
        ]);
        self.tus(Method::POST, &format!("{}/storage/v1/upload/resumable", self.url))
            .header("upload-metadata", metadata)
    }

    async fn begin(&self, key: &str, length: usize) -> String {
        let creation = self.creation("b", key).header("upload-length", length);
        let reply = creation.send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::CREATED);
        text(reply.headers(), "location")
    }

    async fn patch(&self, url: &str, offset: usize, bytes: &[u8]) -> Response {
        self.tus(Method::PATCH, url)
            .header("upload-offset", offset)
            .header("content-type", BYTES)
            .body(bytes.to_vec())
            .send()
            .await
            .unwrap()
    }

    async fn head(&self, url: &str) -> Response {
        self.tus(Method::HEAD, url).send().await.unwrap()
    }

    async fn offset(&self, url: &str) -> usize {
        let reply = self.head(url).await;
        assert_eq!(reply.status(), StatusCode::OK);
        text(reply.headers(), "upload-offset").parse().unwrap()
    }

    /// Begins a `PATCH` of `length` bytes on a socket of its own, sends `some` of them, and leaves it there.
    fn half_a_patch(&self, url: &str, offset: usize, some: &[u8], length: usize) -> TcpStream {
        let path = &url[url.find("/storage/").unwrap()..];
        let host = self.url.trim_start_matches("http://");
        let head = format!(
            "PATCH {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
             upload-offset: {offset}\r\ncontent-type: {BYTES}\r\ncontent-length: {length}\r\n\r\n",
            self.key
        );
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(some).unwrap();
        stream
    }
}

async fn said(reply: Response) -> (StatusCode, String) {
    let status = reply.status();
    (status, reply.text().await.unwrap())
}

fn parts(folder: &Path) -> usize {
    files_in(&folder.join("uploads")).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_cut_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let whole = content(5_000_000);
    let url = client.begin("cut.png", whole.len()).await;
    let mut offset = 0;
    for some in [700_001, 1, 2_000_000] {
        let stream = client.half_a_patch(&url, offset, &whole[offset..offset + some], whole.len() - offset);
        // What is on its way in the socket counts when the server has read it.
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(stream);
        let kept = client.offset(&url).await;
        assert!(kept >= offset && kept <= offset + some, "{offset} + {some}: {kept}");
        offset = kept;
    }
    assert!(offset > 0, "nothing of three broken requests was kept");
    let reply = client.patch(&url, offset, &whole[offset..]).await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    assert_eq!(reply.headers()["tus-complete"], "1");
    assert_eq!(client.get("b/cut.png").await, whole);
    let info = client
        .request(Method::GET, "/object/info/b/cut.png")
        .send()
        .await
        .unwrap();
    let info: Value = info.json().await.unwrap();
    let md5: String = Md5::digest(&whole).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(info["etag"], format!("\"{md5}\""), "the hash went on, too");
    assert_eq!((blobs(folder.path()), parts(folder.path())), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_gets_the_upload_and_the_first_keeps_what_came() {
    let folder = tempfile::tempdir().unwrap();
    // Two servers on one folder are what two programs would be.
    let (one, two) = tokio::join!(start(folder.path()), start(folder.path()));
    let (first, second) = (Client::of(&one), Client::of(&two));
    first.bucket("b").await;
    let whole = content(300_000);
    let url = first.begin("k.png", whole.len()).await;
    for other in [&first, &second] {
        let url_there = url.replace(&first.url, &other.url);
        let offset = other.offset(&url_there).await;
        let mut stalled = first.half_a_patch(&url, offset, &whole[offset..offset + 100_000], whole.len() - offset);
        wait_until(|| {
            files_in(&folder.path().join("uploads"))
                .iter()
                .any(|file| !is_free(file))
        })
        .await;
        // What came may wait in the first one's memory: nothing outside of it tells that all of it is there.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let kept = other.offset(&url_there).await;
        assert_eq!(kept, offset + 100_000, "what the first one got is kept");
        // The first one is told how far it came, and that this was it.
        stalled.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut answer = String::new();
        stalled.read_to_string(&mut answer).unwrap();
        let answer = answer.to_lowercase();
        assert!(answer.starts_with("http/1.1 204"), "{answer}");
        assert!(answer.contains(&format!("upload-offset: {kept}")), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    let offset = second.offset(&url.replace(&first.url, &second.url)).await;
    let reply = first.patch(&url, offset, &whole[offset..]).await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    assert_eq!(second.get("b/k.png").await, whole);
}

fn is_free(file: &Path) -> bool {
    std::fs::File::open(file).is_ok_and(|file| file.try_lock_shared().is_ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_come_together_are_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let whole = content(200_000);
    let url = client.begin("k.png", whole.len()).await;
    let patches = (0..8).map(|_| client.patch(&url, 0, &whole));
    let replies = futures_util::future::join_all(patches).await;
    let complete = replies
        .iter()
        .filter(|r| r.headers().contains_key("tus-complete"))
        .count();
    let conflicts = replies.iter().filter(|r| r.status() == StatusCode::CONFLICT).count();
    let partial = replies.iter().filter(|r| r.status() == StatusCode::NO_CONTENT).count() - complete;
    assert_eq!(complete + conflicts + partial, 8, "{replies:?}");
    let offset = client.offset(&url).await;
    if complete == 0 {
        client.patch(&url, offset, &whole[offset..]).await;
    }
    assert!(complete <= 1);
    assert_eq!(client.get("b/k.png").await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_upload_is_gone_and_swept() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path(), Secrets::supabase_defaults());
    config.upload_lifetime = Duration::from_millis(1);
    let server = Server::start(config).await.unwrap();
    let client = Client::of(&server);
    client.bucket("b").await;
    let url = client.begin("late.png", 10).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(client.head(&url).await.status(), StatusCode::GONE);
    let refused = said(client.patch(&url, 0, b"0123456789").await).await;
    assert_eq!(
        refused,
        (StatusCode::GONE, "The file for this url no longer exists\n".to_owned())
    );
    assert_eq!(parts(folder.path()), 1);
    server.shutdown().await;
    let server = start(folder.path()).await;
    assert_eq!(parts(folder.path()), 0, "swept at start");
    let client = Client::of(&server);
    let url = format!("{}{}", server.url(), &url[url.find("/storage/").unwrap()..]);
    assert_eq!(client.head(&url).await.status(), StatusCode::NOT_FOUND);
    let fresh = client.begin("in-time.png", 10).await;
    let fresh = client.head(&fresh).await;
    assert!(fresh.headers().contains_key("upload-expires"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_is_taken_up_or_swept() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let whole = content(50_000);
    let url = client.begin("k.png", whole.len()).await;
    assert_eq!(
        client.patch(&url, 0, &whole[..20_000]).await.status(),
        StatusCode::NO_CONTENT
    );
    server.shutdown().await;
    // Killed between the rename and the row, with bytes beyond the recorded offset: both at once.
    let part = files_in(&folder.path().join("uploads")).pop().unwrap();
    let mut file = std::fs::File::options().append(true).open(&part).unwrap();
    file.write_all(b"never acknowledged").unwrap();
    drop(file);
    let name = part.file_name().unwrap().to_str().unwrap().to_owned();
    let among_objects = folder.path().join("objects").join(&name[..2]).join(&name);
    std::fs::create_dir_all(among_objects.parent().unwrap()).unwrap();
    std::fs::rename(&part, &among_objects).unwrap();
    let orphan = folder.path().join("uploads/0b0f9d0e-5a3c-4d0e-9d5f-0d4c3b2a1f00");
    std::fs::write(&orphan, "no row").unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 60 * 60);
    for file in [&orphan, &among_objects] {
        let file = std::fs::File::options().write(true).open(file).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    assert!(!orphan.exists());
    let url = format!("{}{}", server.url(), &url[url.find("/storage/").unwrap()..]);
    assert_eq!(client.offset(&url).await, 20_000);
    let reply = client.patch(&url, 20_000, &whole[20_000..]).await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    assert_eq!(client.get("b/k.png").await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_length_may_come_later_and_limits_hold() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path(), Secrets::supabase_defaults());
    config.upload_limit = 1000;
    config.resumable_limit = 2000;
    let server = Server::start(config).await.unwrap();
    let client = Client::of(&server);
    client.bucket("b").await;
    let begun = client
        .creation("b", "later.png")
        .header("upload-defer-length", "1")
        .send();
    let url = text(begun.await.unwrap().headers(), "location");
    assert_eq!(client.head(&url).await.headers()["upload-defer-length"], "1");
    assert_eq!(
        client.patch(&url, 0, &content(1500)).await.status(),
        StatusCode::NO_CONTENT
    );
    let over = said(client.patch(&url, 1500, &content(501)).await).await;
    assert_eq!(
        over,
        (StatusCode::PAYLOAD_TOO_LARGE, "upload's size exceeded\n".to_owned())
    );
    let length = |length: u64| {
        client
            .tus(Method::PATCH, &url)
            .header("upload-offset", 1500)
            .header("content-type", BYTES)
            .header("upload-length", length)
            .send()
    };
    assert_eq!(length(1499).await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(length(2001).await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    let done = length(1500).await.unwrap();
    assert_eq!(
        (done.status(), &done.headers()["tus-complete"]),
        (StatusCode::NO_CONTENT, &"1".parse().unwrap())
    );
    assert_eq!(
        client.get("b/later.png").await,
        content(1500),
        "above the limit of one request"
    );
    let large = client
        .creation("b", "large.png")
        .header("upload-length", "2001")
        .send()
        .await;
    assert_eq!(large.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    // A body that is longer than was said ends the request, not the upload.
    let url = client.begin("short.png", 10).await;
    assert_eq!(
        client.patch(&url, 0, &content(11)).await.status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(client.offset(&url).await, 0);
    let empty = client
        .creation("b", "empty.png")
        .header("upload-length", "0")
        .send()
        .await
        .unwrap();
    assert_eq!(empty.headers()["tus-complete"], "1");
    assert_eq!(client.get("b/empty.png").await, b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_uploads_to_one_key_one_wins_unless_it_may_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let (first, second) = (client.begin("k.png", 3).await, client.begin("k.png", 3).await);
    assert_eq!(client.patch(&first, 0, b"one").await.status(), StatusCode::NO_CONTENT);
    let late = said(client.patch(&second, 0, b"two").await).await;
    assert_eq!(late, (StatusCode::CONFLICT, "The resource already exists".to_owned()));
    let replace = client
        .tus(Method::PATCH, &second)
        .header("x-upsert", "true")
        .header("upload-offset", 0)
        .header("content-type", BYTES)
        .body("two");
    assert_eq!(replace.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(client.get("b/k.png").await, b"two");
    assert_eq!(blobs(folder.path()), 1);
    // The first upload's object is no more.
    assert_eq!(client.head(&first).await.status(), StatusCode::GONE);
    assert_eq!(client.offset(&second).await, 3);
    let ended = client
        .tus(Method::DELETE, &second)
        .header("x-upsert", "true")
        .send()
        .await
        .unwrap();
    assert_eq!(
        said(ended).await,
        (
            StatusCode::BAD_REQUEST,
            "Cannot terminate an already completed upload".to_owned()
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_is_asked_on_every_request() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let url = client.begin("k.png", 3).await;
    let anon = Client {
        key: server.anon_key().to_owned(),
        ..client.clone()
    };
    let rls = "new row violates row-level security policy".to_owned();
    assert_eq!(
        said(anon.patch(&url, 0, b"abc").await).await,
        (StatusCode::FORBIDDEN, rls.clone())
    );
    let ended = anon.tus(Method::DELETE, &url).send().await.unwrap();
    assert_eq!(said(ended).await, (StatusCode::FORBIDDEN, rls));
    let bad = Client {
        key: "sb_secret_x".into(),
        ..client.clone()
    };
    let refused = bad.patch(&url, 0, b"abc").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(
        (&refused["statusCode"], &refused["code"]),
        (&json!("403"), &json!("AccessDenied"))
    );
    let nobody = client
        .http
        .head(&url)
        .header("tus-resumable", "1.0.0")
        .send()
        .await
        .unwrap();
    assert_eq!(nobody.status(), StatusCode::BAD_REQUEST);
    assert_eq!(client.offset(&url).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_upload_needs_its_token_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let sign = async |key: &str| {
        let path = format!("/object/upload/sign/b/{key}");
        client.json(Method::POST, &path, json!({})).await
    };
    let token = sign("signed.png").await["token"].as_str().unwrap().to_owned();
    let other = sign("other.png").await["token"].as_str().unwrap().to_owned();
    let begin = |token: Option<&str>| {
        let request = client
            .http
            .post(format!("{}/storage/v1/upload/resumable/sign", client.url))
            .header("tus-resumable", "1.0.0")
            .header("upload-length", 6)
            .header(
                "upload-metadata",
                metadata(&[("bucketName", "b"), ("objectName", "signed.png")]),
            );
        match token {
            Some(token) => request.header("x-signature", token).send(),
            None => request.send(),
        }
    };
    let refused = said(begin(None).await.unwrap()).await;
    assert_eq!(
        refused,
        (StatusCode::BAD_REQUEST, "Missing x-signature header".to_owned())
    );
    let refused = said(begin(Some(&other)).await.unwrap()).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, "Invalid signature".to_owned()));
    let refused = said(begin(Some("broken")).await.unwrap()).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, "Invalid Compact JWS".to_owned()));
    let begun = begin(Some(&token)).await.unwrap();
    assert_eq!(begun.status(), StatusCode::CREATED);
    let url = text(begun.headers(), "location");
    assert!(url.contains("/upload/resumable/sign/"), "{url}");
    let patch = |token: &str, offset: usize, bytes: &'static str| {
        client
            .http
            .patch(&url)
            .header("tus-resumable", "1.0.0")
            .header("x-signature", token)
            .header("upload-offset", offset)
            .header("content-type", BYTES)
            .body(bytes)
            .send()
    };
    assert_eq!(patch(&other, 0, "abc").await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(patch(&token, 0, "abc").await.unwrap().status(), StatusCode::NO_CONTENT);
    let head = client.http.head(&url).header("tus-resumable", "1.0.0");
    assert_eq!(
        head.try_clone().unwrap().send().await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    let head = head.header("x-signature", &token).send().await.unwrap();
    assert_eq!(head.headers()["upload-offset"], "3");
    assert_eq!(patch(&token, 3, "def").await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(client.get("b/signed.png").await, b"abcdef");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_data_or_refused() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("data");
    let server = start(&folder).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let before = files_in(outside.path()).len();
    let long = "x".repeat(3000);
    let mut made = 0;
    for (bucket, key, status) in [
        ("b", "../../escape", 400),
        ("b", "a/../../../escape", 400),
        ("b", ".", 400),
        ("b", "a\0b", 400),
        ("b", "C:\\escape", 400),
        ("..", "x", 404),
        ("../b", "x", 400),
        ("", "x", 400),
        ("b", "", 400),
        ("b", "/etc/passwd", 201),
        ("b", "//etc/passwd", 201),
        ("b", "C:/escape", 201),
        ("b", "CON", 201),
        ("b", long.as_str(), 201),
    ] {
        let reply = client
            .creation(bucket, key)
            .header("upload-length", 4)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status().as_u16(), status, "{bucket:?} {key:?}");
        if status == 201 {
            made += 1;
            let url = text(reply.headers(), "location");
            assert_eq!(
                files_in(&folder.join("uploads")).len(),
                1,
                "in its folder, under a name of ours"
            );
            assert_eq!(client.patch(&url, 0, b"data").await.status(), StatusCode::NO_CONTENT);
        }
    }
    // An id that names another file, or another object than its upload.
    let url = client.begin("mine.png", 4).await;
    let (base, segment) = url.rsplit_once('/').unwrap();
    let id = String::from_utf8(URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap();
    let version = id.rsplit('/').next().unwrap();
    for id in [
        format!("b/theirs.png/{version}"),
        format!("b/../../mine.png/{version}"),
        "b/mine.png/../../project.sqlite3".to_owned(),
        format!("b/mine.png/{}", "0".repeat(36)),
    ] {
        let url = format!("{base}/{}", URL_SAFE_NO_PAD.encode(&id));
        for reply in [client.patch(&url, 0, b"data").await, client.head(&url).await] {
            assert!(matches!(reply.status().as_u16(), 400 | 404), "{id}: {}", reply.status());
        }
    }
    assert_eq!(
        client.tus(Method::DELETE, &url).send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(parts(&folder), 0);
    assert_eq!(files_in(outside.path()).len(), before + made);
    assert_eq!(blobs(&folder), made);
}
