//! One recorded exchange: the answer that is given again, and the call that it belongs to.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, header};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use sha2::Digest as _;
use storymimi_studio::http::Http;
use storymimi_studio::supabase::{
    Access, BucketName, BucketQuery, BucketSort, BucketUpdate, ByteRange, Class, Destination, Error, FlatQuery,
    LevelQuery, NewBucket, ObjectKey, Objects, Read, Reading, Signing, Supabase, Transform, Upload, UploadId,
};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};

const RECORDING: &str = include_str!("../wire/storage-v1.jsonl");
const SERVICE_KEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2ln";

/// One recorded exchange.
pub struct Case {
    pub name: String,
    pub method: String,
    path: String,
    sent: HashMap<String, String>,
    request: Value,
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Bytes,
    pub json: Value,
}

/// All of them.
pub fn cases() -> Vec<Case> {
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
                sent: line["request"]["headers"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                    .collect(),
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

/// A text that an answer of the server's own says when an object is not there.
fn no_such_key() -> Value {
    json!({"statusCode": "404", "error": "not_found", "message": "Object not found", "code": "NoSuchKey"})
}

impl Case {
    fn answer(&self) -> Response<Body> {
        let mut answer = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            // The length of what is not sent is kept where it is all that is told.
            if *name != header::CONTENT_LENGTH.as_str() || self.method == "HEAD" {
                answer = answer.header(name, value);
            }
        }
        answer.body(Body::from(self.body.clone())).unwrap()
    }

    /// What the client asks besides the recorded call: whether a bucket is there, whose object it is, and for the link
    /// or permission that a recorded request was made with.
    fn beside(&self, method: &str, path: &str) -> Option<Value> {
        let own = |root: &str| self.path.starts_with(root);
        if path.contains("/bucket/") && !own("bucket") && !own("nope") {
            return Some(
                if self.name.contains("missing bucket") || self.name.contains("as anon") {
                    json!({"statusCode": "404", "error": "Bucket not found", "message": "Bucket not found", "code": "NoSuchBucket"})
                } else {
                    json!({"id": "b", "name": "b"})
                },
            );
        }
        if path.contains("/object/info/") && !own("object/info") {
            let missing = self.method == "HEAD";
            return Some(if missing { no_such_key() } else { json!({"name": "a"}) });
        }
        if method == "POST" && self.method == "GET" && path.contains("/object/sign/") {
            let (_, key) = self.object();
            return Some(json!([{"error": null, "path": key.as_str(), "signedURL": "/object/sign/b/a?token=t"}]));
        }
        if method == "POST" && self.method == "PUT" && path.contains("/object/upload/sign/") {
            return Some(json!({"token": "t"}));
        }
        None
    }

    /// A project whose server gives this answer to everything but what is asked besides.
    async fn project(self: &Arc<Self>, http: &Http) -> Supabase {
        let case = Arc::clone(self);
        let answer = move |request: Request| async move {
            match case.beside(request.method().as_str(), request.uri().path()) {
                Some(body) => {
                    let status = if body.get("statusCode").is_some() { 400 } else { 200 };
                    Response::builder()
                        .status(status)
                        .body(Body::from(body.to_string()))
                        .unwrap()
                }
                None => case.answer(),
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = ProjectUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let routes = Router::new().fallback(any(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Supabase::new(http.clone(), url, ApiKey::parse(SERVICE_KEY).unwrap())
    }

    /// Bucket and key of the recorded path, or stand-ins where the client could not name them.
    fn object(&self) -> (BucketName, ObjectKey) {
        let path = self.path.split('?').next().unwrap();
        let path = percent_encoding::percent_decode_str(path).decode_utf8().unwrap();
        let rest = [
            "object/info/public/",
            "object/info/authenticated/",
            "object/info/",
            "object/upload/sign/",
            "object/authenticated/",
            "object/public/",
            "object/sign/",
            "object/",
        ]
        .iter()
        .find_map(|route| path.strip_prefix(route))
        .unwrap_or_default();
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let reachable = !key.split('/').any(|segment| segment == "..");
        (
            BucketName::parse(bucket).unwrap_or_else(|_| BucketName::parse("b").unwrap()),
            ObjectKey::parse(key)
                .ok()
                .filter(|_| reachable)
                .unwrap_or_else(|| ObjectKey::parse("a.png").unwrap()),
        )
    }

    fn says(&self, header: &str) -> Option<&str> {
        self.sent.get(header).map(String::as_str)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    fn number(&self, header: &str) -> Option<u64> {
        self.header(header).map(|text| text.parse().unwrap())
    }

    fn upload(&self) -> Upload {
        Upload {
            upsert: self.method == "PUT" || self.says("x-upsert") == Some("true"),
            ..Upload::new("image/png")
        }
    }

    /// Makes the call that the exchange was recorded of and looks at what came of it.
    pub async fn call(self: &Arc<Self>, http: &Http) -> Result<(), Error> {
        let project = self.project(http).await;
        let (bucket, key) = self.object();
        let objects = project.bucket(&bucket);
        let path = self.path.split('?').next().unwrap().trim_end_matches('/');
        let parts: Vec<&str> = path.split('/').collect();
        match (self.method.as_str(), parts.as_slice()) {
            ("GET", ["bucket"]) => self.list_buckets(&project).await,
            // Any call reads the answer of a route that is not there.
            ("GET", ["bucket", _] | ["nope"]) => project.buckets().get(&bucket).await.map(|bucket| {
                assert_eq!(bucket.name, self.json["name"]);
                assert_eq!(bucket.public, self.json["public"]);
                assert_eq!(bucket.file_size_limit, self.json["file_size_limit"].as_u64());
                assert_eq!(json!(bucket.allowed_mime_types), self.json["allowed_mime_types"]);
                assert!(bucket.owner.is_some());
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
            ("POST", ["object", "list" | "list-v2", _]) => self.list(&objects).await,
            ("POST", ["object", "move" | "copy"]) => self.journey(&project).await,
            ("POST" | "PUT" | "GET", ["object", "sign", ..] | ["object", "upload", ..]) => {
                self.signed(&objects, &key).await
            }
            ("POST" | "PUT", ["object", ..]) => objects
                .upload(&key, Bytes::from_static(b"x"), &self.upload())
                .await
                .map(|stored| assert_eq!(json!(stored.id), self.json["Id"])),
            ("GET" | "HEAD", ["object", ..]) => self.read(&objects, &key).await,
            ("DELETE", ["object", _]) => self.remove(&objects).await,
            ("DELETE", ["object", ..]) => objects
                .remove_one(&key)
                .await
                .map(|removed| assert_eq!(removed, self.status == 200)),
            (_, ["upload", "resumable", ..]) => self.resumable(&objects, &key).await,
            (method, parts) => panic!("{}: nothing asks {method} {parts:?}", self.name),
        }
    }

    async fn list_buckets(&self, project: &Supabase) -> Result<(), Error> {
        let query = match self.path.split_once('?') {
            Some((_, "limit=2&offset=1&sortColumn=name&sortOrder=desc")) => BucketQuery {
                sort: BucketSort::Name,
                descending: true,
                offset: 1,
                limit: Some(2),
                ..BucketQuery::default()
            },
            Some((_, "search=art")) => BucketQuery {
                search: Some("art".into()),
                ..BucketQuery::default()
            },
            // A column that the client has no word for.
            Some((_, "sortColumn=nope")) | None => BucketQuery::default(),
            Some((_, query)) => panic!("nothing asks {query}"),
        };
        let buckets = project.buckets().search(&query).await?;
        let names: Vec<_> = buckets.iter().map(|bucket| bucket.name.as_str()).collect();
        assert_eq!(names, self.names(), "{}", self.name);
        Ok(())
    }

    async fn list(&self, objects: &Objects) -> Result<(), Error> {
        if self.path.contains("/list-v2/") {
            let query = FlatQuery {
                by_folder: self.request["with_delimiter"] == true,
                ..FlatQuery::default()
            };
            let page = objects.flat_page(&query).await?;
            let keys: Vec<_> = page.entries.iter().map(|entry| entry.key.as_str()).collect();
            let names = |rows: &Value| -> Vec<String> {
                let rows = rows.as_array().unwrap().iter();
                rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
            };
            assert_eq!(keys, names(&self.json["objects"]));
            assert_eq!(page.folders, names(&self.json["folders"]));
            assert_eq!(json!(page.next), self.json["nextCursor"]);
            assert!(
                page.entries
                    .iter()
                    .all(|entry| entry.size.is_some() && entry.content_type.is_some())
            );
            return Ok(());
        }
        let query = LevelQuery {
            folder: self.request["prefix"]
                .as_str()
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
            search: self.request["search"].as_str().map(str::to_owned),
            ..LevelQuery::default()
        };
        let page = objects.level_page(&query).await?;
        let rows = self.json.as_array().unwrap();
        let (files, folders): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row["id"].is_null());
        assert_eq!((page.entries.len(), page.folders.len()), (files.len(), folders.len()));
        let inside = |key: &str| key.starts_with(&query.folder);
        assert!(page.entries.iter().all(|entry| inside(&entry.key)
            && entry.updated_at.is_none() == entry.id.is_none()
            || entry.id.as_deref() == Some("<uuid>")));
        assert!(
            page.folders
                .iter()
                .all(|folder| inside(folder) && folder.ends_with('/'))
        );
        Ok(())
    }

    async fn journey(&self, project: &Supabase) -> Result<(), Error> {
        let text = |name: &str| self.request[name].as_str().unwrap();
        let objects = project.bucket(&BucketName::parse(text("bucketId")).unwrap());
        let from = ObjectKey::parse(text("sourceKey")).unwrap();
        let to = Destination {
            bucket: self.request["destinationBucket"]
                .as_str()
                .map(|name| BucketName::parse(name).unwrap()),
            key: ObjectKey::parse(text("destinationKey")).unwrap(),
        };
        if self.path.ends_with("move") {
            return objects.move_to(&from, &to).await;
        }
        let row = objects
            .copy_to(&from, &to, &storymimi_studio::supabase::CopyOptions::default())
            .await?;
        assert_eq!(
            (json!(row.name), json!(row.bucket_id)),
            (self.json["name"].clone(), self.json["bucket_id"].clone())
        );
        assert_eq!(row.name, to.key.as_str());
        Ok(())
    }

    async fn signed(&self, objects: &Objects, key: &ObjectKey) -> Result<(), Error> {
        let how = Signing::lasting(Duration::from_secs(60));
        match (self.method.as_str(), self.path.contains("/upload/")) {
            ("POST", true) => {
                let pass = objects.sign_upload(key, self.upload().upsert, &Map::new()).await?;
                assert_eq!(pass.token().expose(), self.json["token"]);
            }
            ("PUT", _) => {
                let pass = objects.sign_upload(key, false, &Map::new()).await.unwrap();
                let bytes = Bytes::from_static(b"x");
                objects.upload_signed(&pass, bytes, &Upload::new("image/png")).await?;
            }
            ("GET", _) => {
                let link = objects.sign(key, &how).await.unwrap();
                let download = objects.download_signed(&link).await?;
                assert_eq!(download.bytes, self.body);
            }
            _ if self.request.get("paths").is_some() => {
                let rows = self.json.as_array().unwrap();
                let keys: Vec<_> = rows
                    .iter()
                    .map(|row| ObjectKey::parse(row["path"].as_str().unwrap()).unwrap())
                    .collect();
                let links = objects.sign_many(&keys, &how).await?;
                for (link, row) in links.iter().zip(rows) {
                    match link {
                        Ok(link) => assert!(link.expose().ends_with("?token=<jwt>")),
                        Err(error) => {
                            assert_eq!(
                                (error.class, json!(error.message)),
                                (Class::NotFound, row["error"].clone())
                            );
                        }
                    }
                }
            }
            // The client signs one object by the batch; what this form answers is read where a picture is rendered.
            _ => {
                let link = objects.sign_rendered(key, &Transform::default(), &how).await?;
                assert!(link.expose().ends_with("/p.png?token=<jwt>"), "{}", link.expose());
            }
        }
        Ok(())
    }

    async fn read(&self, objects: &Objects, key: &ObjectKey) -> Result<(), Error> {
        let access = if self.path.contains("/public/") {
            Access::Public
        } else {
            Access::Keyed
        };
        if self.method == "HEAD" {
            let facts = objects.head(key, access).await?;
            assert_eq!(
                (facts.size, facts.etag.as_deref()),
                (self.number("content-length"), self.header("etag"))
            );
            return Ok(());
        }
        if self.path.starts_with("object/info") {
            let info = objects.info_as(key, access).await?;
            assert_eq!(
                (json!(info.name), json!(info.size)),
                (self.json["name"].clone(), self.json["size"].clone())
            );
            assert_eq!(Value::Object(info.metadata), self.json["metadata"]);
            assert_eq!(json!(info.etag), self.json["etag"]);
            return Ok(());
        }
        let how = Reading {
            access,
            range: self.says("range").map(|range| match range {
                "bytes=0-7" => ByteRange::Between(0, 7),
                "bytes=9999-" => ByteRange::From(9_999),
                other => panic!("nothing asks for {other}"),
            }),
            unless: self.says("if-none-match").map(str::to_owned),
            save_as: self.path.split_once("?download=").map(|(_, name)| name.to_owned()),
        };
        match objects.read(key, &how).await? {
            Read::Unchanged => assert_eq!(self.status, 304),
            Read::Bytes(download) => {
                assert_eq!(download.bytes, self.body);
                assert_eq!(download.content_type.as_deref(), Some("image/png"));
                assert!(download.etag.is_some_and(|etag| etag.starts_with('"')));
                assert_eq!(download.part.is_some(), self.status == 206);
            }
        }
        Ok(())
    }

    async fn remove(&self, objects: &Objects) -> Result<(), Error> {
        let asked = self.request["prefixes"].as_array().into_iter().flatten();
        let mut keys: Vec<_> = asked
            .map(|key| ObjectKey::parse(key.as_str().unwrap()).unwrap())
            .collect();
        if keys.is_empty() {
            keys.push(ObjectKey::parse("a.png").unwrap());
        }
        let removal = objects.remove(&keys).await?;
        let mut removed: Vec<_> = removal.removed.iter().map(ObjectKey::as_str).collect();
        let mut names = self.names();
        names.sort_unstable();
        removed.sort_unstable();
        assert_eq!(removed, names);
        assert_eq!(removed.len() + removal.missing.len(), keys.len());
        Ok(())
    }

    async fn resumable(&self, objects: &Objects, key: &ObjectKey) -> Result<(), Error> {
        let steps = objects.resumable();
        let id = self.path.rsplit('/').next().map(UploadId::parse);
        let bytes = Bytes::from_static(b"0123456789");
        match self.method.as_str() {
            "OPTIONS" => {
                let server = steps.server().await?;
                assert_eq!((server.most, server.extensions.len()), (self.number("tus-max-size"), 5));
            }
            "POST" => {
                let length = self.says("upload-length").map(|length| length.parse().unwrap());
                let data = self.says("content-type").map(|_| bytes);
                let created = steps.create(key, length, &self.upload(), data).await?;
                assert!(self.header("location").unwrap().ends_with(created.id.as_str()));
                assert_eq!(created.offset, self.number("upload-offset").unwrap_or_default());
                assert_eq!(created.complete, self.header("tus-complete").is_some());
            }
            "PATCH" => {
                let appended = steps.append(&id.unwrap().unwrap(), key, 0, bytes, false, None).await?;
                assert_eq!(Some(appended.offset), self.number("upload-offset"));
                assert_eq!(appended.complete, self.header("tus-complete").is_some());
            }
            "HEAD" => {
                let place = steps.place(&id.unwrap().unwrap(), key).await?;
                assert_eq!(Some(place.offset), self.number("upload-offset"));
                assert_eq!(place.length, self.number("upload-length"));
                assert_eq!(place.metadata.get("objectName"), Some("tus/one.png"));
                assert_eq!(place.metadata.encode(), self.header("upload-metadata").unwrap());
            }
            "DELETE" => steps.terminate(&id.unwrap().unwrap(), key, false).await?,
            method => panic!("nothing asks {method}"),
        }
        Ok(())
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
