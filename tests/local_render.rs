//! Pictures that the local server turns into others.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "wire/client.rs"]
mod client;

use client::{Client, start};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use storymimi_studio::media::{Limits, MediaType, Pixels, decode, detect, encode};

fn picture(width: u32, height: u32, kind: MediaType) -> Vec<u8> {
    let rgba = (0..width * height)
        .flat_map(|at| [(at % width) as u8, (at / width) as u8, 60, 255])
        .collect();
    encode(&Pixels::new(width, height, rgba).unwrap(), kind, 90).unwrap()
}

impl Client {
    async fn render(&self, path: &str, accept: &str) -> Response {
        let url = format!("{}/storage/v1/render/image/{path}", self.url);
        self.http.get(url).header("accept", accept).send().await.unwrap()
    }
}

/// Kind, width and height.
async fn shown(reply: Response) -> (MediaType, u32, u32) {
    assert_eq!(reply.status(), StatusCode::OK);
    let declared = reply.headers()["content-type"].to_str().unwrap().to_owned();
    let bytes = reply.bytes().await.unwrap();
    let kind = detect(&bytes).unwrap();
    assert_eq!(kind.mime(), declared);
    let pixels = decode(&bytes, &Limits::default()).unwrap();
    (kind, pixels.width(), pixels.height())
}

async fn refused(reply: Response) -> (StatusCode, String) {
    let status = reply.status();
    let body: Value = reply.json().await.unwrap();
    (status, body["message"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_and_kinds_are_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    client.put("b/wide.png", picture(400, 200, MediaType::Png)).await;
    client.put("b/photo.jpg", picture(400, 200, MediaType::Jpeg)).await;
    for (path, accept, expected) in [
        ("wide.png?width=100&height=100", "*/*", (MediaType::Png, 100, 100)),
        (
            "wide.png?width=100&height=100&resize=contain",
            "*/*",
            (MediaType::Png, 100, 50),
        ),
        (
            "wide.png?width=100&height=100&resize=fill",
            "*/*",
            (MediaType::Png, 100, 100),
        ),
        ("wide.png?height=100", "image/webp,*/*", (MediaType::Webp, 200, 100)),
        (
            "wide.png?height=100&format=origin",
            "image/webp,*/*",
            (MediaType::Png, 200, 100),
        ),
        ("wide.png?width=9999", "*/*", (MediaType::Png, 400, 200)),
        (
            "photo.jpg?width=40&quality=30",
            "image/webp,*/*",
            (MediaType::Jpeg, 40, 20),
        ),
        ("photo.jpg?width=40&format=webp", "*/*", (MediaType::Webp, 40, 20)),
        ("photo.jpg", "*/*", (MediaType::Jpeg, 400, 200)),
    ] {
        for _ in 0..2 {
            let reply = client.render(&format!("public/b/{path}"), accept).await;
            assert_eq!(shown(reply).await, expected, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_and_conditions_are_those_of_an_object() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    let upload = client
        .request(Method::POST, "/object/b/p.png")
        .header("cache-control", "max-age=60");
    let upload = upload
        .header("content-type", "image/png")
        .body(picture(40, 40, MediaType::Png));
    assert_eq!(upload.send().await.unwrap().status(), StatusCode::OK);
    let reply = client
        .render("public/b/p.png?width=20&height=10&quality=70&download=x.png", "*/*")
        .await;
    let headers = reply.headers().clone();
    assert_eq!(
        headers["x-transformations"],
        "height:10,width:20,resizing_type:fill,quality:70"
    );
    assert_eq!(headers["cache-control"], "max-age=60");
    assert_eq!(headers["vary"], "accept");
    assert!(headers["content-disposition"].to_str().unwrap().contains("x.png"));
    let url = format!("{}/storage/v1/render/image/public/b/p.png?width=20", client.url);
    let again = client
        .http
        .get(url)
        .header("if-none-match", &headers["etag"])
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let head = client.http.head(format!(
        "{}/storage/v1/render/image/public/b/p.png?width=20",
        client.url
    ));
    let head = head.send().await.unwrap();
    assert_eq!(
        (head.status(), &head.headers()["content-type"]),
        (StatusCode::OK, &"image/png".parse().unwrap())
    );
    // Another picture under the key is rendered anew.
    client.put("b/p.png", picture(30, 60, MediaType::Png)).await;
    assert_eq!(
        shown(client.render("public/b/p.png?width=20", "*/*").await).await,
        (MediaType::Png, 20, 40)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_rendered_is_told_as_the_real_server_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    client.bucket("b").await;
    client.put("b/text.png", b"no picture".to_vec()).await;
    client.put("b/p.png", picture(40, 40, MediaType::Png)).await;
    let cut = picture(400, 400, MediaType::Png);
    client.put("b/cut.png", cut[..cut.len() / 2].to_vec()).await;
    // A header that claims 60,000 × 60,000 pixels.
    let mut bomb = picture(40, 40, MediaType::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let checksum = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
    client.put("b/bomb.png", bomb).await;
    client
        .put(
            "b/heavy.png",
            [picture(4, 4, MediaType::Png), vec![0; 25_000_001]].concat(),
        )
        .await;
    let invalid = "The source image is invalid or unsupported for rendering";
    for (path, message) in [
        ("text.png?width=10", invalid),
        ("cut.png?width=10", invalid),
        (
            "bomb.png?width=10",
            "The source image resolution is too large to process",
        ),
        ("heavy.png?width=10", "The source image file is too large to process"),
        ("missing.png?width=10", "Object not found"),
        ("p.png?width=ten", "querystring/width must be integer"),
        ("p.png?quality=10", "querystring/quality must be >= 20"),
        (
            "p.png?format=avif",
            "Invalid image request: this server makes no AVIF; ask for webp or origin",
        ),
    ] {
        let reply = client.render(&format!("public/b/{path}"), "*/*").await;
        assert_eq!(
            refused(reply).await,
            (StatusCode::BAD_REQUEST, message.to_owned()),
            "{path}"
        );
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            0xedb8_8320 ^ (crc >> 1)
        } else {
            crc >> 1
        }
    };
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_picture_is_what_was_signed() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    let made = client.json(Method::POST, "/bucket", json!({"name": "b"})).await;
    assert_eq!(made["name"], "b");
    client.put("b/p.png", picture(400, 200, MediaType::Png)).await;
    let body = json!({"expiresIn": 60, "transform": {"width": 100, "resize": "contain"}});
    let signed = client.json(Method::POST, "/object/sign/b/p.png", body).await;
    let path = signed["signedURL"]
        .as_str()
        .unwrap()
        .strip_prefix("/render/image/")
        .unwrap()
        .to_owned();
    assert_eq!(
        shown(client.render(&path, "*/*").await).await,
        (MediaType::Png, 100, 50)
    );
    let more = format!("{path}&width=400");
    assert_eq!(
        shown(client.render(&more, "*/*").await).await,
        (MediaType::Png, 100, 50),
        "the query asks for nothing"
    );
    let reply = client.render(&path.replace("p.png", "q.png"), "*/*").await;
    assert_eq!(refused(reply).await.1, "Invalid signature");
    assert_eq!(
        refused(client.render("public/b/p.png", "*/*").await).await.1,
        "Bucket not found"
    );
    let reply = client.render("authenticated/b/p.png", "*/*").await;
    assert_eq!(
        refused(reply).await.1,
        "headers must have required property 'authorization'"
    );
    let reply = client
        .request(Method::GET, "/render/image/authenticated/b/p.png?height=50")
        .send()
        .await
        .unwrap();
    assert_eq!(shown(reply).await, (MediaType::Png, 100, 50));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_answers_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let client = Client::of(&server);
    let get = |path: &str| client.http.get(format!("{}/storage/v1{path}", client.url)).send();
    assert_eq!(get("/status").await.unwrap().status(), StatusCode::OK);
    assert_eq!(
        get("/version").await.unwrap().text().await.unwrap(),
        env!("CARGO_PKG_VERSION")
    );
    let health: Value = get("/health").await.unwrap().json().await.unwrap();
    assert_eq!(health, json!({"healthy": true}));
    for path in ["/cdn", "/cdn/b", "/cdn/b/k/l.png", "/cdn/b?transformations=true"] {
        let reply = client.request(Method::DELETE, path).send().await.unwrap();
        let expected = "Missing Required Parameter CDN_PURGE_ENDPOINT_URL is not set";
        assert_eq!(
            refused(reply).await,
            (StatusCode::BAD_REQUEST, expected.to_owned()),
            "{path}"
        );
        let url = format!("{}/storage/v1{path}", client.url);
        let anon = client
            .http
            .delete(url)
            .bearer_auth(server.anon_key())
            .send()
            .await
            .unwrap();
        assert_eq!(
            refused(anon).await,
            (StatusCode::FORBIDDEN, "Access denied: Invalid role".to_owned())
        );
    }
}
