//! The client against the embedded server: what each promises, the other one keeps.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../wire/client.rs"]
mod client;
mod links;
mod objects;
mod pictures;
#[path = "../faults/proxy.rs"]
mod proxy;
mod resumable;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use storymimi_studio::http::{Http, Options, RetryPolicy, Transcript};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Objects, Supabase, Upload};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};
use tempfile::TempDir;

/// The embedded server with one private bucket.
struct Local {
    server: Server,
    folder: TempDir,
}

impl Local {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(folder.path().join("data"), Secrets::supabase_defaults());
        change(&mut config);
        let server = Server::start(config).await.unwrap();
        let local = Self { server, folder };
        local
            .make(NewBucket {
                public: false,
                ..bucket("b")
            })
            .await;
        local
    }

    async fn make(&self, bucket: NewBucket) {
        self.project().buckets().create(&bucket).await.unwrap();
    }

    /// A program of its own that knows the service key.
    fn project(&self) -> Supabase {
        self.at(self.server.url())
    }

    /// The same by way of another address.
    fn at(&self, url: &str) -> Supabase {
        supabase(url, self.server.service_key())
    }

    /// A program that knows only the key of everybody.
    fn anybody(&self) -> Supabase {
        supabase(self.server.url(), self.server.anon_key())
    }

    fn objects(&self) -> Objects {
        self.project().bucket(&name("b"))
    }

    async fn put(&self, bucket: &str, key: &str, kind: &str, bytes: impl Into<Bytes>) {
        let objects = self.project().bucket(&name(bucket));
        objects
            .upload(&at(key), bytes.into(), &Upload::new(kind))
            .await
            .unwrap();
    }
}

fn supabase(url: &str, key: &str) -> Supabase {
    let retry = RetryPolicy {
        base: Duration::from_millis(20),
        ..RetryPolicy::default()
    };
    let options = Options {
        retry,
        ..Options::default()
    };
    let http = Http::with_options(Arc::new(Transcript::default()), options).unwrap();
    Supabase::new(http, ProjectUrl::parse(url).unwrap(), ApiKey::parse(key).unwrap())
}

/// A public bucket that takes everything.
fn bucket(named: &str) -> NewBucket {
    NewBucket {
        name: name(named),
        public: true,
        file_size_limit: None,
        allowed_mime_types: None,
    }
}

fn name(text: &str) -> BucketName {
    BucketName::parse(text).unwrap()
}

fn at(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

/// Bytes of which no two places look alike.
fn content(count: u32) -> Bytes {
    (0..count / 4).flat_map(u32::to_le_bytes).collect::<Vec<u8>>().into()
}
