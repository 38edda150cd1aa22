//! What the engine deletes, moves and replaces can be taken back: afterwards everything is as it was.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use storymimi_studio::http::Http;
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Objects, Supabase, Upload};
use storymimi_studio::transfer::engine::Limits;
use storymimi_studio::transfer::trash::{Trash, TrashState};
use storymimi_studio::transfer::{
    Action, Engine, ItemState, JobId, JobState, Kind, Place, Plan, PlanItem, Proof, Rules, Seen,
};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};
use tempfile::TempDir;
use uuid::Uuid;

const OBJECTS: usize = 25;

/// Bytes, type, caching and metadata by key, without what is in the trash.
type Shelf = BTreeMap<String, (Bytes, Option<String>, Option<String>, String)>;

struct Fixture {
    _server: Server,
    folder: TempDir,
    project: Supabase,
    engine: Engine,
    trash: Trash,
}

fn place(key: &str) -> Place {
    Place::Object {
        bucket: "b".to_owned(),
        key: key.to_owned(),
    }
}

impl Fixture {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path().join("data"), Secrets::supabase_defaults());
        let server = Server::start(config).await.unwrap();
        let (url, key) = (
            ProjectUrl::parse(server.url()).unwrap(),
            ApiKey::parse(server.service_key()).unwrap(),
        );
        let project = Supabase::new(Http::new(Arc::default()).unwrap(), url, key);
        let bucket = NewBucket {
            name: BucketName::parse("b").unwrap(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        project.buckets().create(&bucket).await.unwrap();
        let journal = Journal::open(&folder.path().join("journal")).unwrap();
        let fixture = Self {
            engine: Engine::open(project.clone(), journal.clone(), Limits::default()),
            trash: Trash::new(project.clone(), journal),
            _server: server,
            folder,
            project,
        };
        for number in 0..OBJECTS {
            let (key, bytes) = (format!("k/{number}"), format!("bytes of {number}"));
            let key = ObjectKey::parse(&key).unwrap();
            let how = Upload::new("text/plain");
            fixture.objects().upload(&key, bytes.into(), &how).await.unwrap();
        }
        fixture
    }

    fn objects(&self) -> Objects {
        self.project.bucket(&BucketName::parse("b").unwrap())
    }

    fn keys(&self) -> impl Iterator<Item = String> + use<> {
        (0..OBJECTS).map(|number| format!("k/{number}"))
    }

    /// The objects at these keys, where there are any.
    async fn shelf(&self, keys: impl IntoIterator<Item = String>) -> Shelf {
        let mut shelf = Shelf::new();
        for key in keys {
            let parsed = ObjectKey::parse(&key).unwrap();
            let Ok(info) = self.objects().info(&parsed).await else {
                continue;
            };
            let bytes = self.objects().download(&parsed).await.unwrap().bytes;
            let metadata = serde_json::to_string(&info.metadata).unwrap();
            shelf.insert(key, (bytes, info.content_type, info.cache_control, metadata));
        }
        shelf
    }

    async fn seen(&self, key: &str) -> Seen {
        let info = self.objects().info(&ObjectKey::parse(key).unwrap()).await.unwrap();
        Seen {
            size: info.size,
            modified: None,
            etag: info.etag,
        }
    }

    async fn run(&self, kind: Kind, items: Vec<PlanItem>) -> JobId {
        let plan = Plan {
            format: Plan::FORMAT,
            project: self.project.url().to_string(),
            made_at: Timestamp::now(),
            kind,
            title: "Test".to_owned(),
            rules: Rules::default(),
            items,
            unseen: Vec::new(),
        };
        let job = self.engine.submit(plan).await.unwrap();
        let ended = self.engine.run(job).await.unwrap();
        let items = self.engine.items(job, 0..u32::MAX).await.unwrap();
        assert_eq!(ended.state, JobState::Done, "{items:#?}");
        for item in items {
            let proven = matches!(item.state, ItemState::Done { proof } if proof > Proof::Unverified);
            assert!(proven, "{item:#?}");
        }
        job
    }

    async fn undo(&self, job: JobId) {
        for undone in self.trash.undo(job, JobId(Uuid::new_v4()), &|_| {}).await.unwrap() {
            undone.result.unwrap();
        }
    }
}

fn item(from: Place, to: Option<Place>, seen: Seen) -> PlanItem {
    PlanItem {
        from,
        to,
        action: Action::New,
        why: String::new(),
        media_type: None,
        size: seen.size,
        dimensions: None,
        seen,
        replaces: None,
        renamed_from: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_comes_back_as_it_was() {
    let fixture = Fixture::start().await;
    let before = fixture.shelf(fixture.keys()).await;
    assert_eq!(before.len(), OBJECTS);
    let mut items = Vec::new();
    for key in fixture.keys() {
        items.push(item(place(&key), None, fixture.seen(&key).await));
    }
    let job = fixture.run(Kind::Delete, items).await;
    assert!(fixture.shelf(fixture.keys()).await.is_empty());
    let records = fixture.trash.of_job(job).await.unwrap();
    assert_eq!(records.len(), OBJECTS);
    for record in &records {
        assert_eq!(record.state, TrashState::Kept, "{record:?}");
        assert!(record.kept_key.starts_with("_trash/") && record.kept_etag.is_some());
    }
    fixture.undo(job).await;
    assert_eq!(fixture.shelf(fixture.keys()).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_moved_goes_back() {
    let fixture = Fixture::start().await;
    let before = fixture.shelf(fixture.keys()).await;
    let mut items = Vec::new();
    for key in fixture.keys() {
        let to = place(&format!("moved/{key}"));
        items.push(item(place(&key), Some(to), fixture.seen(&key).await));
    }
    let job = fixture.run(Kind::Move, items).await;
    assert!(fixture.shelf(fixture.keys()).await.is_empty());
    let moved = fixture.shelf(fixture.keys().map(|key| format!("moved/{key}"))).await;
    assert_eq!(moved.len(), OBJECTS);
    fixture.undo(job).await;
    assert_eq!(fixture.shelf(fixture.keys()).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_comes_back_in_the_place_of_what_replaced_it() {
    let fixture = Fixture::start().await;
    let before = fixture.shelf(fixture.keys()).await;
    let mut items = Vec::new();
    for (number, key) in fixture.keys().enumerate() {
        let file: PathBuf = fixture.folder.path().join(format!("new-{number}"));
        std::fs::write(&file, format!("other bytes of {number}")).unwrap();
        let metadata = std::fs::metadata(&file).unwrap();
        let seen = Seen {
            size: Some(metadata.len()),
            modified: Some(metadata.modified().unwrap().try_into().unwrap()),
            etag: None,
        };
        items.push(PlanItem {
            action: Action::Replace,
            replaces: Some(fixture.seen(&key).await),
            media_type: Some("text/plain".to_owned()),
            ..item(Place::File { file }, Some(place(&key)), seen)
        });
    }
    let job = fixture.run(Kind::Upload, items).await;
    let replaced = fixture.shelf(fixture.keys()).await;
    assert!(replaced.values().all(|(bytes, ..)| bytes.starts_with(b"other bytes")));
    assert_eq!(fixture.trash.of_job(job).await.unwrap().len(), OBJECTS);
    fixture.undo(job).await;
    assert_eq!(fixture.shelf(fixture.keys()).await, before);
}
