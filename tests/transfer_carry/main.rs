//! One item on its way, between real files and the embedded server, with something in between that misbehaves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod between;
mod deletions;
mod downloads;
mod engine;
mod moves;
mod proofs;
mod uploads;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use storymimi_studio::http::{Http, Options, RetryPolicy, Transcript};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{BucketName, Entry, NewBucket, ObjectInfo, ObjectKey, Objects, Supabase, Upload};
use storymimi_studio::transfer::carry::{Aside, Carry, Disk, Way};
use storymimi_studio::transfer::{
    Action, Content, Failure, Item, ItemState, JobId, Kind, Place, PlanItem, Rules, Seen, Wanted,
};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use between::{Deed, Log, Passing};

const MIB: usize = 1 << 20;

/// The embedded server with two private buckets, and a folder for files.
struct World {
    server: Server,
    folder: TempDir,
}

impl World {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path().join("data"), Secrets::supabase_defaults());
        let server = Server::start(config).await.unwrap();
        let world = Self { server, folder };
        std::fs::create_dir(world.path("files")).unwrap();
        for name in ["b", "other"] {
            let bucket = NewBucket {
                name: bucket(name),
                public: false,
                file_size_limit: None,
                allowed_mime_types: None,
            };
            world.project().buckets().create(&bucket).await.unwrap();
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file with these bytes.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path("files").join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn project(&self) -> Supabase {
        project_at(self.server.url(), self.server.service_key())
    }

    /// The project by way of something that misbehaves.
    async fn through(&self, judge: impl FnMut(&Passing) -> Deed + Send + 'static) -> (Supabase, Log) {
        let log = between::between(self.server.url(), self.server.service_key(), judge).await;
        (project_at(&log.url, self.server.service_key()), log)
    }

    fn objects(&self) -> Objects {
        self.project().bucket(&bucket("b"))
    }

    /// Stores an object in the first bucket.
    async fn put(&self, key: &str, bytes: impl Into<Bytes>) {
        let mut how = Upload::new("image/png");
        how.metadata.insert("story".into(), "fox".into());
        self.objects().upload(&at(key), bytes.into(), &how).await.unwrap();
    }

    async fn info(&self, key: &str) -> ObjectInfo {
        self.objects().info(&at(key)).await.unwrap()
    }

    /// What an object looks like to a planner.
    async fn seen(&self, key: &str) -> Seen {
        let info = self.info(key).await;
        Seen {
            size: info.size,
            modified: None,
            etag: info.etag,
        }
    }

    async fn bytes(&self, key: &str) -> Bytes {
        self.objects().download(&at(key)).await.unwrap().bytes
    }

    async fn keys(&self) -> Vec<String> {
        let entries: Vec<Entry> = self.objects().list_all("").await.unwrap();
        entries.into_iter().map(|entry| entry.key).collect()
    }
}

fn project_at(url: &str, key: &str) -> Supabase {
    let retry = RetryPolicy {
        jitter: || 0.0,
        ..RetryPolicy::default()
    };
    let options = Options {
        retry,
        ..Options::default()
    };
    let http = Http::with_options(Arc::new(Transcript::default()), options).unwrap();
    Supabase::new(http, ProjectUrl::parse(url).unwrap(), ApiKey::parse(key).unwrap())
}

fn bucket(text: &str) -> BucketName {
    BucketName::parse(text).unwrap()
}

fn at(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

/// Bytes of which no two places look alike.
fn content(count: usize) -> Vec<u8> {
    let words = u32::try_from(count / 4 + 1).unwrap();
    (0..words).flat_map(u32::to_le_bytes).take(count).collect()
}

fn file_seen(path: &Path) -> Seen {
    let metadata = std::fs::metadata(path).unwrap();
    Seen {
        size: Some(metadata.len()),
        modified: Some(metadata.modified().unwrap().try_into().unwrap()),
        etag: None,
    }
}

fn object(bucket: &str, key: &str) -> Place {
    Place::Object {
        bucket: bucket.into(),
        key: key.into(),
    }
}

/// An item with all that an engine would put around it.
struct Trial {
    kind: Kind,
    item: Item,
    rules: Rules,
    stop: CancellationToken,
    way: Walk,
    disk: Disk,
}

impl Trial {
    fn new(kind: Kind, from: Place, to: Option<Place>, seen: Seen) -> Self {
        Self {
            kind,
            item: Item {
                job: JobId(Uuid::new_v4()),
                number: 0,
                plan: PlanItem {
                    from,
                    to,
                    action: Action::New,
                    why: String::new(),
                    media_type: Some("image/png".into()),
                    size: seen.size,
                    dimensions: None,
                    seen,
                    replaces: None,
                    renamed_from: None,
                },
                mark: Uuid::new_v4(),
                wanted: Wanted::Run,
                state: ItemState::InFlight,
                attempts: 1,
                resume: None,
                content: Content::default(),
            },
            rules: Rules::default(),
            stop: CancellationToken::new(),
            way: Walk::default(),
            disk: Disk::default(),
        }
    }

    fn upload(file: &Path, key: &str) -> Self {
        let from = Place::File { file: file.to_owned() };
        Self::new(Kind::Upload, from, Some(object("b", key)), file_seen(file))
    }

    async fn download(world: &World, key: &str, file: PathBuf) -> Self {
        let to = Place::File { file };
        let mut trial = Self::new(Kind::Download, object("b", key), Some(to), world.seen(key).await);
        trial.rules.root = Some(world.path("files"));
        trial
    }

    async fn relocation(world: &World, kind: Kind, key: &str, to: Option<Place>) -> Self {
        Self::new(kind, object("b", key), to, world.seen(key).await)
    }

    fn replacing(mut self, seen: Seen) -> Self {
        self.item.plan.action = Action::Replace;
        self.item.plan.replaces = Some(seen);
        self
    }

    fn carry<'a>(&'a self, project: &'a Supabase) -> Carry<'a> {
        Carry {
            project,
            there: None,
            kind: self.kind,
            item: &self.item,
            rules: &self.rules,
            stop: &self.stop,
            way: &self.way,
            disk: &self.disk,
        }
    }

    /// What another run of the program has: what was kept, and nothing else.
    fn next_run(&mut self) {
        if let Some(kept) = self.way.kept.lock().unwrap().take() {
            self.item.resume = kept;
        }
        self.stop = CancellationToken::new();
        self.item.attempts += 1;
    }
}

type Hook = Box<dyn Fn(u64) + Send + Sync>;

/// The surroundings of an item: remember what they are told, and do something in the middle.
#[derive(Default)]
struct Walk {
    arrived: AtomicU64,
    admitted: AtomicU64,
    kept: Mutex<Option<Option<String>>>,
    asides: Mutex<Vec<Aside>>,
    /// Called with the bytes that were admitted so far.
    on_admit: Option<Hook>,
}

impl Walk {
    fn arrived(&self) -> u64 {
        self.arrived.load(Ordering::SeqCst)
    }
}

impl Way for Walk {
    fn admit(&self, bytes: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let all = self.admitted.fetch_add(bytes, Ordering::SeqCst) + bytes;
        if let Some(hook) = &self.on_admit {
            hook(all);
        }
        Box::pin(std::future::ready(()))
    }

    fn arrived(&self, bytes: u64) {
        self.arrived.store(bytes, Ordering::SeqCst);
    }

    fn keep(&self, resume: Option<String>) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + '_>> {
        *self.kept.lock().unwrap() = Some(resume);
        Box::pin(std::future::ready(Ok(())))
    }

    fn aside<'a>(&'a self, aside: &'a Aside) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>> {
        self.asides.lock().unwrap().push(aside.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A judge that does `deed` to the first that `which` says, and lets all others pass.
fn once(
    which: impl Fn(&Passing) -> bool + Send + 'static,
    deed: Deed,
) -> impl FnMut(&Passing) -> Deed + Send + 'static {
    let mut deed = Some(deed);
    move |passing| match which(passing) {
        true => deed.take().unwrap_or(Deed::Pass),
        false => Deed::Pass,
    }
}

/// Waits for what somebody else does.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}
