//! Projects that the rules are shown on: the embedded server, and one that answers as a test says.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Response};
use axum::routing::any;
use storymimi_studio::http::{Http, Options, RetryPolicy, Transcript};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Objects, Supabase, Upload};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};
use tempfile::TempDir;

pub const SERVICE_KEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2ln";

pub fn http() -> Http {
    let retry = RetryPolicy {
        jitter: || 0.0,
        ..RetryPolicy::default()
    };
    let options = Options {
        retry,
        ..Options::default()
    };
    Http::with_options(Arc::new(Transcript::default()), options).unwrap()
}

pub fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).unwrap()
}

pub fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

/// The embedded server with one bucket.
pub struct Local {
    pub server: Server,
    pub project: Supabase,
    _folder: TempDir,
}

impl Local {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path(), Secrets::supabase_defaults());
        let server = Server::start(config).await.unwrap();
        let url = ProjectUrl::parse(server.url()).unwrap();
        let project = Supabase::new(http(), url, ApiKey::parse(server.service_key()).unwrap());
        let local = Self {
            server,
            project,
            _folder: folder,
        };
        local.bucket("art", None, None).await;
        local
    }

    pub async fn bucket(&self, name: &str, file_size_limit: Option<u64>, types: Option<&[&str]>) {
        let new = NewBucket {
            name: bucket(name),
            public: true,
            file_size_limit,
            allowed_mime_types: types.map(|types| types.iter().map(ToString::to_string).collect()),
        };
        self.project.buckets().create(&new).await.unwrap();
    }

    pub fn objects(&self) -> Objects {
        self.project.bucket(&bucket("art"))
    }

    pub async fn put(&self, name: &str, bytes: &'static [u8]) {
        let bytes = Bytes::from_static(bytes);
        self.objects()
            .upload(&key(name), bytes, &Upload::new("image/png"))
            .await
            .unwrap();
    }

    /// Requests so far: method, and path with its query.
    pub fn asked(&self) -> Vec<String> {
        let exchanges = self.project.http().transcript().exchanges();
        let root = format!("{}/storage/v1", self.project.url());
        exchanges
            .iter()
            .map(|exchange| format!("{} {}", exchange.method, exchange.url.replace(&root, "")))
            .collect()
    }
}

pub type Answer = Response<Body>;
pub type Log = Arc<Mutex<Vec<(Method, String, HeaderMap, Bytes)>>>;

/// A server that answers as a closure says.
pub async fn scripted(
    secret: &str,
    answer: impl Fn(&Method, &str, &HeaderMap, &Bytes) -> Answer + Send + Sync + 'static,
) -> (Supabase, Log) {
    let log = Log::default();
    let (seen, answer) = (Arc::clone(&log), Arc::new(answer));
    let routes = Router::new().fallback(any(move |request: Request| {
        let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            let path = parts.uri.to_string();
            let reply = answer(&parts.method, &path, &parts.headers, &body);
            seen.lock().unwrap().push((parts.method, path, parts.headers, body));
            reply
        }
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = ProjectUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (Supabase::new(http(), url, ApiKey::parse(secret).unwrap()), log)
}

pub fn reply(status: u16, body: impl Into<Body>) -> Answer {
    Response::builder().status(status).body(body.into()).unwrap()
}
