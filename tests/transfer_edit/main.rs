//! Headers and metadata that are edited, and buckets that are emptied, over a bad line to a bad server: what the report says
//! is what is there, whenever the program ends, and an edit can be taken back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/counting.rs"]
mod counting;
mod edits;
mod emptying;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use counting::{Asked, Proxy, Server as Behind};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::{Report, Service};
use storymimi_studio::supabase::{Access, BucketName, NewBucket, ObjectKey, Objects, Supabase, Upload};
use storymimi_studio::transfer::Plan;
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A workspace behind a line that misbehaves, and the same server by a good one.
struct World {
    service: Service,
    proxy: Proxy,
    good: Supabase,
    folder: TempDir,
    server: Server,
}

/// What is beside an object's bytes: as stored, and as served.
#[derive(Clone, Debug, PartialEq)]
struct Beside {
    content_type: Option<String>,
    cache_control: Option<String>,
    served_type: Option<String>,
    served_caching: Option<String>,
    metadata: Map<String, Value>,
    bytes: Vec<u8>,
}

impl World {
    async fn start() -> Self {
        Self::spoilt(|server, asked| Box::pin(async move { server.pass(&asked).await })).await
    }

    async fn spoilt(spoil: impl Fn(Behind, Asked) -> BoxFuture<'static, Response> + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path().join("server"), Secrets::supabase_defaults());
        let server = Server::start(config).await.unwrap();
        let proxy = Proxy::spoiling(server.url(), spoil).await;
        let http = Http::new(Arc::new(Transcript::default())).unwrap();
        let key = ApiKey::parse(server.service_key()).unwrap();
        let good = Supabase::new(http, ProjectUrl::parse(server.url()).unwrap(), key);
        let bucket = NewBucket {
            name: bucket(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        good.buckets().create(&bucket).await.unwrap();
        let service = open(&server, &proxy.url, &folder);
        Self {
            service,
            proxy,
            good,
            folder,
            server,
        }
    }

    /// The workspace as the next start of the program opens it.
    async fn again(&mut self) {
        self.service.close().await;
        self.service = open(&self.server, &self.proxy.url, &self.folder);
    }

    fn objects(&self) -> Objects {
        self.good.bucket(&bucket())
    }

    async fn put(&self, key: &str) {
        let mut how = Upload::new("image/png");
        how.metadata.insert("story".to_owned(), "fox".into());
        how.metadata.insert("page".to_owned(), 7.into());
        let bytes = format!("bytes of {key}").into_bytes();
        self.objects().upload(&at(key), bytes.into(), &how).await.unwrap();
    }

    async fn put_many(&self, count: usize) {
        for number in 0..count {
            self.put(&format!("k/{number:03}.png")).await;
        }
    }

    async fn beside(&self, key: &str) -> Beside {
        let (objects, key) = (self.objects(), at(key));
        let info = objects.info(&key).await.unwrap();
        let served = objects.head(&key, Access::Keyed).await.unwrap();
        Beside {
            content_type: info.content_type,
            cache_control: info.cache_control,
            served_type: served.content_type,
            served_caching: served.cache_control,
            metadata: info.metadata,
            bytes: objects.download(&key).await.unwrap().bytes.to_vec(),
        }
    }

    async fn all(&self) -> BTreeMap<String, Beside> {
        let mut all = BTreeMap::new();
        for key in self.keys().await {
            let beside = self.beside(&key).await;
            all.insert(key, beside);
        }
        all
    }

    async fn keys(&self) -> Vec<String> {
        let entries = self.objects().list_all("").await.unwrap();
        entries.into_iter().map(|entry| entry.key).collect()
    }

    /// Submits a plan and runs it to its end.
    async fn run(&self, plan: Plan) -> Report {
        let job = self.service.submit(plan).await.unwrap();
        self.service.run_transfer(job).await.unwrap()
    }
}

fn open(server: &Server, url: &str, folder: &TempDir) -> Service {
    let key = ApiKey::parse(server.service_key()).unwrap();
    let provider = Provider::built_in(server.ai_base_url(), key.secret().clone());
    let workspace = Workspace::local(ProjectUrl::parse(url).unwrap(), key, provider);
    let home = Home::at(&folder.path().join("home"));
    let (service, _) = Service::open(workspace, &home, tokio::runtime::Handle::current()).unwrap();
    service
}

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

fn at(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

fn never() -> CancellationToken {
    CancellationToken::new()
}

/// The same decisions in every run of a test.
fn dice(number: usize) -> u64 {
    let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
}

fn bad_gateway() -> Response {
    (
        StatusCode::BAD_GATEWAY,
        [("content-type", "text/html")],
        "<html>Bad gateway</html>",
    )
        .into_response()
}

/// A request that does something to objects or buckets.
fn acts(asked: &Asked) -> bool {
    let looks = asked.path.contains("/object/list") || asked.path.contains("/object/info");
    !looks && asked.method != Method::GET && asked.method != Method::HEAD
}
