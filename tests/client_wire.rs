//! The client understands every answer of a real storage server: each recorded one becomes its type or its error.
//!
//! `wire/storage-v1.jsonl` holds exchanges with supabase/storage 4fa61fb (2026-08-21). A server on this machine gives
//! each recorded answer to the call that it belongs to.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and may talk")]

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, header};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::Digest as _;
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::supabase::{
    BucketName, BucketUpdate, Class, Error, ListApi, NewBucket, ObjectKey, Supabase, Upload,
};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};

const RECORDING: &str = include_str!("wire/storage-v1.jsonl");
const SERVICE_KEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2ln";

/// One recorded exchange.
struct Case {
    name: String,
    method: String,
    path: String,
    request: Value,
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    json: Value,
}

fn cases() -> Vec<Case> {
    let lines: Vec<Value> = RECORDING
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // Answers with pictures are recorded as hashes; the pictures are in the requests that stored them.
    let pictures: HashMap<String, Vec<u8>> = lines
        .iter()
        .filter_map(|line| line.pointer("/request/body/base64")?.as_str())
        .map(|encoded| STANDARD.decode(encoded).unwrap())
        .flat_map(|bytes| [bytes[..bytes.len().min(8)].to_vec(), bytes])
        .map(|bytes| {
            (
                sha2::Sha256::digest(&bytes)
                    .iter()
                    .map(|b| format!("{b:02x}"))
                    .collect(),
                bytes,
            )
        })
        .collect();
    let text = |value: &Value, path: &str| {
        value
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    lines
        .iter()
        .map(|line| {
            let body = &line["response"]["body"];
            let bytes = match (body.get("json"), body.get("text"), body.get("sha256")) {
                (Some(json), ..) => json.to_string().into_bytes(),
                (_, Some(text), _) => text.as_str().unwrap().as_bytes().to_vec(),
                (.., Some(hash)) => pictures[hash.as_str().unwrap()].clone(),
                _ => Vec::new(),
            };
            let headers = line["response"]["headers"].as_object().into_iter().flatten();
            Case {
                name: format!("{}: {}", text(line, "/group"), text(line, "/case")),
                method: text(line, "/request/method"),
                path: text(line, "/request/path")
                    .trim_start_matches("/storage/v1/")
                    .to_owned(),
                request: line.pointer("/request/body/json").cloned().unwrap_or_default(),
                status: u16::try_from(line["response"]["status"].as_u64().unwrap()).unwrap(),
                headers: headers
                    .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                    .collect(),
                body: bytes.into(),
                json: body.get("json").cloned().unwrap_or_default(),
            }
        })
        .collect()
}

impl Case {
    fn answer(&self) -> Response<Body> {
        let mut answer = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            if *name != header::CONTENT_LENGTH.as_str() {
                answer = answer.header(name, value);
            }
        }
        answer.body(Body::from(self.body.clone())).unwrap()
    }

    /// A project whose server gives this answer to everything, but for the questions that the client adds of itself:
    /// the second listing API is missing where the first was recorded, and whether a bucket exists is answered as the
    /// server did for the same key.
    async fn project(self: &Arc<Self>, http: &Http) -> Supabase {
        let case = Arc::clone(self);
        let answer = move |request: Request| async move {
            let path = request.uri().path().to_owned();
            let json = |status: u16, body: Value| {
                Response::builder()
                    .status(status)
                    .body(Body::from(body.to_string()))
                    .unwrap()
            };
            if path.contains("/object/list-v2/") && !case.path.starts_with("object/list-v2/") {
                return json(
                    404,
                    json!({"message": "Route POST:/object/list-v2/b not found", "error": "Not Found", "statusCode": 404}),
                );
            }
            if path.contains("/bucket/") && !case.path.starts_with("bucket") {
                return if case.name.contains("missing bucket") || case.name.contains("as anon") {
                    json(
                        400,
                        json!({"statusCode": "404", "error": "Bucket not found", "message": "Bucket not found", "code": "NoSuchBucket"}),
                    )
                } else {
                    json(200, json!({"id": "b", "name": "b"}))
                };
            }
            case.answer()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = ProjectUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let routes = Router::new().fallback(any(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Supabase::new(http.clone(), url, ApiKey::parse(SERVICE_KEY).unwrap())
    }

    /// Makes the call that the exchange was recorded of and looks at what came of it. None if the client has no such
    /// call; its errors are then read through another one.
    async fn call(self: &Arc<Self>, http: &Http) -> Option<Result<(), Error>> {
        let project = self.project(http).await;
        let bucket = BucketName::parse("b").unwrap();
        let objects = project.bucket(&bucket);
        let key = ObjectKey::parse("a.png").unwrap();
        let parts: Vec<&str> = self.path.split(['/', '?']).collect();
        Some(match (self.method.as_str(), parts.as_slice()) {
            ("GET", ["bucket"])
            | ("GET", ["bucket", "limit=2&offset=1&sortColumn=name&sortOrder=desc"])
            | ("GET", ["bucket", "search=art" | "sortColumn=nope"]) => project.buckets().list().await.map(|buckets| {
                let names: Vec<_> = buckets.iter().map(|bucket| bucket.name.as_str()).collect();
                assert_eq!(names, self.names(), "{}", self.name);
            }),
            ("GET", ["bucket", _]) => project.buckets().get(&bucket).await.map(|bucket| {
                assert_eq!(bucket.name, self.json["name"]);
                assert_eq!(bucket.public, self.json["public"]);
                assert_eq!(bucket.file_size_limit, self.json["file_size_limit"].as_u64());
                assert_eq!(json!(bucket.allowed_mime_types), self.json["allowed_mime_types"]);
            }),
            ("POST", ["bucket"]) => {
                let new = NewBucket {
                    name: bucket,
                    public: true,
                    file_size_limit: None,
                    allowed_mime_types: None,
                };
                project.buckets().create(&new).await
            }
            ("PUT", ["bucket", _]) => {
                let update = BucketUpdate {
                    public: Some(true),
                    ..BucketUpdate::default()
                };
                project.buckets().update(&bucket, &update).await
            }
            ("DELETE", ["bucket", _]) => project.buckets().delete(&bucket).await,
            ("POST", ["bucket", _, "empty"]) => project.buckets().empty(&bucket).await,
            ("POST", ["object", "list", _]) => {
                let mut listing = objects.list("");
                listing.next().await.map(|page| {
                    let page = page.unwrap();
                    assert_eq!(page.api, ListApi::V1);
                    let files = self.json.as_array().unwrap().iter().filter(|row| !row["id"].is_null());
                    assert_eq!(page.entries.len(), files.count(), "{}", self.name);
                })
            }
            ("POST", ["object", "list-v2", _]) => {
                let mut listing = objects.list("");
                listing.next().await.map(|page| {
                    let page = page.unwrap();
                    assert_eq!(page.api, ListApi::V2);
                    let keys: Vec<_> = page.entries.iter().map(|entry| entry.key.as_str()).collect();
                    let rows = self.json["objects"].as_array().unwrap();
                    assert_eq!(
                        keys,
                        rows.iter().map(|row| row["name"].as_str().unwrap()).collect::<Vec<_>>()
                    );
                    assert!(
                        page.entries
                            .iter()
                            .all(|entry| entry.size.is_some() && entry.content_type.is_some())
                    );
                })
            }
            ("POST", ["object", "sign" | "move" | "copy" | "upload", ..]) => return None,
            ("POST" | "PUT", ["object", bucket, ..]) if *bucket != "upload" => objects
                .upload(&key, Bytes::from_static(b"x"), &Upload::new("image/png"))
                .await
                .map(|stored| {
                    assert_eq!(json!(stored.id), self.json["Id"]);
                }),
            ("GET", ["object", "info", ..]) => objects.info(&key).await.map(|info| {
                assert_eq!(
                    (json!(info.name), json!(info.size)),
                    (self.json["name"].clone(), self.json["size"].clone())
                );
                assert_eq!(Value::Object(info.metadata), self.json["metadata"]);
                assert_eq!(json!(info.etag), self.json["etag"]);
            }),
            ("GET", ["object", ..]) => objects.download(&key).await.map(|download| {
                assert_eq!(download.bytes, self.body);
                assert_eq!(download.content_type.as_deref(), Some("image/png"));
                assert!(download.etag.is_some_and(|etag| etag.starts_with('"')));
            }),
            ("DELETE", ["object", _]) => {
                let asked = self.request["prefixes"].as_array().into_iter().flatten();
                let mut keys: Vec<_> = asked
                    .map(|key| ObjectKey::parse(key.as_str().unwrap()).unwrap())
                    .collect();
                if keys.is_empty() {
                    keys.push(key);
                }
                objects.remove(&keys).await.map(|removal| {
                    let removed: Vec<_> = removal.removed.iter().map(ObjectKey::as_str).collect();
                    let mut names = self.names();
                    names.sort_unstable();
                    let mut sorted = removed.clone();
                    sorted.sort_unstable();
                    assert_eq!(sorted, names);
                    assert_eq!(removed.len() + removal.missing.len(), keys.len());
                })
            }
            _ => return None,
        })
    }

    fn names(&self) -> Vec<&str> {
        self.json
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|row| row["name"].as_str())
            .collect()
    }
}

#[tokio::test]
async fn every_recorded_answer_becomes_its_type_or_its_error() {
    let http = Http::new(Arc::new(Transcript::default())).unwrap();
    let (mut called, mut errors, mut later) = (0, 0, 0);
    for case in cases() {
        let case = Arc::new(case);
        // No body, so there is nothing to read a reason from; the client asks with GET instead.
        if case.method == "HEAD" {
            later += 1;
            continue;
        }
        let result = match case.call(&http).await {
            Some(result) => result,
            None if case.status >= 400 => {
                let project = case.project(&http).await;
                // Any call reads errors in the same way; this one does not add questions of its own.
                let objects = project.bucket(&BucketName::parse("b").unwrap());
                objects.info(&ObjectKey::parse("a").unwrap()).await.map(drop)
            }
            None => {
                later += 1;
                continue;
            }
        };
        called += 1;
        let empty_answer =
            case.json == json!([]) && (case.name.contains("missing bucket") || case.name.contains("as anon"));
        match result {
            Ok(()) => assert!(
                case.status < 400 && !empty_answer || case.name == "bucket: list buckets as anon",
                "{}",
                case.name
            ),
            Err(error) if empty_answer => assert_eq!(error.class, Class::BucketNotFound, "{}", case.name),
            Err(error) => {
                errors += 1;
                assert!(case.status >= 400, "{}: {error}", case.name);
                assert_eq!(error.http_status, Some(case.status), "{}", case.name);
                assert_eq!(error.code.as_deref(), case.json["code"].as_str(), "{}", case.name);
                let status = &case.json["statusCode"];
                let status = status.as_u64().or_else(|| status.as_str()?.parse().ok());
                assert_eq!(error.status_in_body.map(u64::from), status, "{}", case.name);
                let said = case.json["message"]
                    .as_str()
                    .unwrap_or(std::str::from_utf8(&case.body).unwrap());
                assert_eq!(error.message, said.trim(), "{}", case.name);
                assert_eq!(error.class, expected_class(&case), "{}", case.name);
                assert!(!error.hint().is_empty() && error.exchange.is_some());
            }
        }
    }
    println!("{called} answers read, {errors} of them errors; {later} are of calls that the client does not make");
    assert!(called >= 150 && errors >= 70, "{called} {errors}");
}

/// The class by the real status and a few words, told without the client's own table.
fn expected_class(case: &Case) -> Class {
    let status = &case.json["statusCode"];
    let status = status
        .as_u64()
        .or_else(|| status.as_str()?.parse().ok())
        .unwrap_or(u64::from(case.status));
    let text = String::from_utf8_lossy(&case.body);
    let about_key = ["JWS", "signature", "exp\\\" claim", "InvalidJWT", "'authorization'"]
        .iter()
        .any(|words| text.contains(words));
    match status {
        400 | 403 if about_key => Class::BadKey,
        403 => Class::Forbidden,
        404 if text.contains("Bucket not found") => Class::BucketNotFound,
        404 => Class::NotFound,
        409 if text.contains("NotEmpty") => Class::NotEmpty,
        409 => Class::Exists,
        413 => Class::TooLarge,
        415 => Class::WrongType,
        _ => Class::Invalid,
    }
}
