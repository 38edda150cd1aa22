//! What the local server promises about bytes: whole or not at all, inside its folder, whoever else writes at the same time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "wire/client.rs"]
mod client;
#[path = "wire/raw.rs"]
mod raw;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use client::{Client, LARGE, blobs, files_in, start, wait_until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use storymimi_studio::local::{Config, Secrets, Server, ServerError};

#[tokio::test(flavor = "multi_thread")]
async fn many_uploads_to_one_key_leave_one_of_them_whole() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let uploads = (0..24_u8).map(|n| client.put("b/same", vec![n; 300_000]));
    for reply in futures_util::future::join_all(uploads).await {
        assert_eq!(reply.status(), StatusCode::OK);
    }
    let kept = client.get("b/same").await;
    assert_eq!(kept.len(), 300_000);
    assert!(kept.iter().all(|byte| *byte == kept[0]), "bytes of one upload only");
    assert_eq!(blobs(folder.path()), 1, "what was replaced is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_uploads_without_upsert_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let uploads = (0..16_u8).map(|n| client.request(Method::POST, "/object/b/one").body(vec![n; 1000]).send());
    let replies = futures_util::future::join_all(uploads).await;
    let won = replies
        .into_iter()
        .filter(|r| r.as_ref().unwrap().status().is_success());
    assert_eq!(won.count(), 1);
    assert_eq!(blobs(folder.path()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_cut_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let address = client.url.trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /storage/v1/object/b/cut HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 9000000\r\n\r\n",
        client.key
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![7; 4_000_000]).unwrap();
    wait_until(|| blobs(folder.path()) == 1).await;
    drop(stream);
    wait_until(|| blobs(folder.path()) == 0).await;
    let listed = client.json(Method::POST, "/object/list/b", json!({"prefix": ""})).await;
    assert_eq!(listed, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    // Started together, as two programs on a fresh machine would be.
    let (one, two) = tokio::join!(start(folder.path()), start(folder.path()));
    let (first, second) = (Client::of(&one), Client::of(&two));
    first.bucket("b").await;
    let uploads = (0..20).map(|n| {
        let client = if n % 2 == 0 { &first } else { &second };
        // In files and in the database by turns.
        client.put("b/same", vec![n; if n % 3 == 0 { LARGE } else { 2000 }])
    });
    for reply in futures_util::future::join_all(uploads).await {
        assert_eq!(reply.status(), StatusCode::OK);
    }
    assert_eq!(first.get("b/same").await, second.get("b/same").await);
    assert_eq!(blobs(folder.path()), 1);
    let removed = second
        .json(Method::DELETE, "/object/b", json!({"prefixes": ["same"]}))
        .await;
    assert_eq!(removed.as_array().unwrap().len(), 1);
    assert_eq!(
        first.json(Method::POST, "/object/list/b", json!({"prefix": ""})).await,
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_keys_are_data_or_refused() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("data");
    let server = start(&folder).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let before = files_in(outside.path()).len();
    let address = client.url.trim_start_matches("http://").to_owned();
    let long = "x".repeat(3000);
    for (key, status) in [
        ("../../escape", 400),
        ("%2e%2e/%2e%2e/escape", 400),
        ("..%2f..%2fescape", 400),
        ("a/../../../escape", 400),
        (".", 400),
        ("a%00b", 400),
        ("%ff%fe", 400),
        ("C:%5Cescape", 400),
        ("%2Fetc%2Fpasswd", 200),
        ("//etc/passwd", 200),
        ("C:/escape", 200),
        ("CON", 200),
        (long.as_str(), 200),
    ] {
        let path = format!("/storage/v1/object/b/{key}");
        let headers = [("authorization".to_owned(), format!("Bearer {}", client.key))];
        let address = address.clone();
        let send = move || raw::send(&address, "POST", &path, &headers, Some(&[b'h'; LARGE]));
        let reply = tokio::task::spawn_blocking(send).await.unwrap();
        assert_eq!(reply.status, status, "{key}");
    }
    let listed = client.json(Method::POST, "/object/list-v2/b", json!({})).await;
    let keys: Vec<_> = listed["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(keys, ["//etc/passwd", "/etc/passwd", "C:/escape", "CON", &long]);
    assert_eq!(files_in(outside.path()).len(), before + keys.len());
    assert_eq!(blobs(&folder), keys.len(), "all of them in their folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_are_swept_at_start_and_objects_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let kept = vec![7; LARGE];
    client.put("b/kept", kept.clone()).await;
    client.put("b/small", b"small".to_vec()).await;
    server.shutdown().await;
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 60 * 60);
    for file in files_in(&folder.path().join("objects")) {
        let file = std::fs::File::options().write(true).open(file).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let orphan = folder.path().join("objects/00/00000000-0000-4000-8000-000000000000");
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::File::create(&orphan).unwrap().set_modified(long_ago).unwrap();
    let server = start(folder.path()).await;
    assert!(!orphan.exists());
    assert!(Client::of(&server).get("b/kept").await == kept);
    assert_eq!(Client::of(&server).get("b/small").await, b"small");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_objects_stream_and_resume_by_range() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    client.put("b/large", bytes.clone()).await;
    assert_eq!(client.get("b/large").await, bytes);
    let part = client
        .request(Method::GET, "/object/authenticated/b/large")
        .header("range", "bytes=1999990-")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes().await.unwrap(), bytes[1_999_990..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_holds_with_and_without_a_declared_length() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path(), Secrets::supabase_defaults());
    config.upload_limit = 1_000_000;
    let server = Server::start(config).await.unwrap();
    let client = Client::of(&server);
    client.bucket("b").await;
    let declared: Value = client.put("b/x", vec![0; 1_000_001]).await.json().await.unwrap();
    assert_eq!(declared["code"], "EntityTooLarge");
    let chunks = (0..20).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 100_000]));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let request = client.request(Method::POST, "/object/b/x").body(body);
    let streamed: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(streamed["statusCode"], "413");
    assert_eq!(blobs(folder.path()), 0);
    assert_eq!(client.put("b/x", vec![0; 1_000_000]).await.status(), StatusCode::OK);
}

/// The names at which the real server's listings lose rows: each is its neighbour and a character below the slash.
#[tokio::test(flavor = "multi_thread")]
async fn listings_lose_nothing_at_the_edges_of_pages() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let mut files: Vec<String> = (0..20)
        .flat_map(|n| [format!("f{n:02}"), format!("f{n:02}-x")])
        .collect();
    files.extend(["f03/in", "f03/deep/in", "f07-x/in", "F07/in", "a//b", "a/b", "z"].map(str::to_owned));
    let puts = files.iter().map(|file| client.put_owned(format!("b/{file}")));
    futures_util::future::join_all(puts).await;
    files.sort();
    let level: Vec<String> = {
        let mut names: Vec<_> = files
            .iter()
            .map(|file| file.find('/').map_or(file.as_str(), |slash| &file[..=slash]).to_owned())
            .collect();
        names.dedup();
        names
    };
    for column in ["name", "created_at", "updated_at"] {
        for order in ["asc", "desc"] {
            for limit in [1, 3, 7, 1000] {
                let sort = json!({"column": column, "order": order});
                let mut flat = client.walk(false, limit, &sort).await;
                let mut deep = client.walk(true, limit, &sort).await;
                if column == "name" {
                    let ascending = order == "asc";
                    assert!(flat.windows(2).all(|pair| (pair[0] < pair[1]) == ascending));
                }
                flat.sort();
                deep.sort();
                assert_eq!(flat, files, "flat, {column} {order}, {limit} a page");
                assert_eq!(deep, level, "folders, {column} {order}, {limit} a page");
            }
        }
    }
    for limit in [1, 3, 1000] {
        let mut names = Vec::new();
        loop {
            let body = json!({"prefix": "", "limit": limit, "offset": names.len()});
            let page = client.json(Method::POST, "/object/list/b", body).await;
            let page = page.as_array().unwrap();
            names.extend(page.iter().map(|row| row["name"].as_str().unwrap().to_owned()));
            if page.len() < limit {
                break;
            }
        }
        // Folders that differ in case alone are one, as on the real server.
        assert_eq!(names.len(), level.len(), "v1, {limit} a page: {names:?}");
    }
}

impl Client {
    async fn put_owned(&self, path: String) {
        let reply = self.put(&path, b"x".to_vec()).await;
        assert_eq!(reply.status(), StatusCode::OK, "{path}");
    }

    /// All names of a v2 listing, page by page.
    async fn walk(&self, folders: bool, limit: usize, sort: &Value) -> Vec<String> {
        let mut names = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let body = json!({"limit": limit, "with_delimiter": folders, "sortBy": sort, "cursor": cursor});
            let page = self.json(Method::POST, "/object/list-v2/b", body).await;
            for part in ["folders", "objects"] {
                let rows = page[part].as_array().unwrap();
                names.extend(rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()));
            }
            if page["hasNext"] == false {
                return names;
            }
            cursor = page["nextCursor"].clone();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_is_edited_by_a_copy_onto_itself() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    client.put("b/k", b"bytes".to_vec()).await;
    let copied = client
        .request(Method::POST, "/object/copy")
        .header("x-upsert", "true")
        .header("x-metadata", "eyJhIjoxfQ==")
        .json(&json!({
            "bucketId": "b", "sourceKey": "k", "destinationKey": "k", "copyMetadata": false,
            "metadata": {"cacheControl": "max-age=60"},
        }))
        .send()
        .await
        .unwrap();
    assert_eq!(copied.status(), StatusCode::OK);
    let info = client.request(Method::GET, "/object/info/b/k").send().await.unwrap();
    let info: Value = info.json().await.unwrap();
    assert_eq!(info["metadata"], json!({"a": 1}));
    assert_eq!(info["cache_control"], "max-age=60");
    assert_eq!(info["content_type"], "application/octet-stream");
    assert_eq!(client.get("b/k").await, b"bytes");
    assert_eq!(blobs(folder.path()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_outlives_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    for length in [5, LARGE] {
        client.put("b/source", vec![7; length]).await;
        let copy = json!({"bucketId": "b", "sourceKey": "source", "destinationKey": "copy"});
        client.json(Method::POST, "/object/copy", copy).await;
        client
            .json(Method::DELETE, "/object/b", json!({"prefixes": ["source"]}))
            .await;
        assert!(client.get("b/copy").await == vec![7; length]);
        assert_eq!(blobs(folder.path()), 1);
        client
            .json(Method::DELETE, "/object/b", json!({"prefixes": ["copy"]}))
            .await;
        assert_eq!(blobs(folder.path()), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_uploaded_does_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let upload = client.request(Method::POST, "/object/b/page.html");
    upload
        .header("content-type", "text/html; charset=utf-8")
        .body("<script>")
        .send()
        .await
        .unwrap();
    let url = format!("{}/storage/v1/object/public/b/page.html", client.url);
    let reply = client.http.get(url).send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "text/plain");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_and_a_bad_folder_are_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let secrets = Secrets::supabase_defaults();
    let mut config = Config::new(folder.path(), secrets.clone());
    config.listen = server.url().trim_start_matches("http://").parse().unwrap();
    let error = Server::start(config).await.err().unwrap();
    assert!(matches!(error, ServerError::PortInUse(_)));
    let port = server.url().rsplit(':').next().unwrap();
    assert!(error.to_string().contains(port), "{error}");
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Server::start(Config::new(file.join("data"), secrets))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, ServerError::DataFolder { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_frees_the_port_though_a_client_stays_connected() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let address = server.url().trim_start_matches("http://").to_owned();
    let mut idle = TcpStream::connect(&address).unwrap();
    idle.write_all(b"GET /auth/v1/health HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let mut some = [0; 16];
    assert_eq!(idle.read(&mut some).unwrap(), 16);
    server.shutdown().await;
    assert!(TcpStream::connect(&address).is_err());
}
