//! What goes to the trash comes back as it was, whatever is lost on the way; and nothing goes for good before its time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/gate.rs"]
mod gate;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex};

use bytes::Bytes;
use gate::{Asked, Judge, Verdict};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use storymimi_studio::http::Http;
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Objects, Supabase, UPLOAD_MARK, Upload};
use storymimi_studio::transfer::JobId;
use storymimi_studio::transfer::trash::{Recovered, TRASH_PREFIX, Trash, TrashError, TrashState};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Everything that readers get of a bucket, without the trash: bytes, type, caching, ETag and metadata by key.
type Shelf = BTreeMap<String, (Bytes, Option<String>, Option<String>, Option<String>, String)>;

struct Fixture {
    _server: Server,
    _folder: TempDir,
    journal: Journal,
    /// By way of the gate.
    trash: Trash,
    gated: Objects,
    /// Past the gate.
    direct: Supabase,
}

fn name(text: &str) -> BucketName {
    BucketName::parse(text).unwrap()
}

fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

fn job() -> JobId {
    JobId(Uuid::new_v4())
}

fn in_days(days: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24 * days)
}

impl Fixture {
    async fn start(judge: impl FnOnce(Supabase) -> Judge) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
        let server = Server::start(Config::new(folder.path().join("local"), secrets))
            .await
            .unwrap();
        let project = |url: &str| {
            let (url, key) = (
                ProjectUrl::parse(url).unwrap(),
                ApiKey::parse(server.service_key()).unwrap(),
            );
            Supabase::new(Http::new(Arc::default()).unwrap(), url, key)
        };
        let direct = project(server.url());
        for bucket in ["b", "c"] {
            let new = NewBucket {
                name: name(bucket),
                public: false,
                file_size_limit: None,
                allowed_mime_types: None,
            };
            direct.buckets().create(&new).await.unwrap();
        }
        let gated = project(&gate::before(server.url(), judge(direct.clone())).await);
        let journal = Journal::open(&folder.path().join("journal")).unwrap();
        Self {
            trash: Trash::new(gated.clone(), journal.clone()),
            gated: gated.bucket(&name("b")),
            _server: server,
            _folder: folder,
            journal,
            direct,
        }
    }

    async fn open() -> Self {
        Self::start(|_| gate::open()).await
    }

    fn objects(&self) -> Objects {
        self.direct.bucket(&name("b"))
    }

    async fn put(&self, at: &str, text: &str) {
        put(&self.objects(), at, text).await;
    }

    async fn shelf(&self) -> Shelf {
        let mut shelf = shelf(&self.objects()).await;
        for (key, value) in self::shelf(&self.direct.bucket(&name("c"))).await {
            shelf.insert(format!("c:{key}"), value);
        }
        shelf
    }

    async fn in_trash(&self) -> usize {
        self.objects().list_all(TRASH_PREFIX).await.unwrap().len()
    }
}

async fn put(objects: &Objects, at: &str, text: &str) {
    let mut how = Upload {
        upsert: true,
        cache_control: format!("max-age={}", 60 + text.len()),
        ..Upload::new("text/plain")
    };
    how.metadata.insert("words".to_owned(), json!(text));
    objects
        .upload(&key(at), Bytes::from(text.to_owned()), &how)
        .await
        .unwrap();
}

async fn shelf(objects: &Objects) -> Shelf {
    let mut shelf = Shelf::new();
    for entry in objects.list_all("").await.unwrap() {
        if entry.key.starts_with(TRASH_PREFIX) {
            continue;
        }
        let at = entry.object_key().unwrap();
        let (read, info) = (objects.download(&at).await.unwrap(), objects.info(&at).await.unwrap());
        let metadata = serde_json::to_string(&info.metadata).unwrap();
        shelf.insert(
            entry.key,
            (read.bytes, read.content_type, read.cache_control, read.etag, metadata),
        );
    }
    shelf
}

/// What a job does to one of six keys.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Delete(u8),
    Replace(u8),
    Move(u8, u8),
    MoveToOtherBucket(u8),
}

const KEYS: [&str; 6] = ["a", "b/c", "b/d e", "f.png", "g(1)", "winter/h"];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let at = 0..6u8;
    let deed = prop_oneof![
        at.clone().prop_map(Deed::Delete),
        at.clone().prop_map(Deed::Replace),
        (at.clone(), at.clone()).prop_map(|(from, to)| Deed::Move(from, to)),
        at.prop_map(Deed::MoveToOtherBucket),
    ];
    prop::collection::vec(deed, 1..8)
}

async fn carry_out(all: &Fixture, job: JobId, number: usize, deed: Deed) -> Result<(), TrashError> {
    let (objects, other) = (&all.gated, all.direct.bucket(&name("c")));
    let at = |which: u8| key(KEYS[usize::from(which)]);
    match deed {
        Deed::Delete(which) => _ = all.trash.put(objects, &at(which), job, None).await?,
        Deed::Replace(which) => {
            let mark = Uuid::new_v4();
            all.trash.keep_copy(objects, &at(which), job, None, mark).await?;
            let mut how = Upload {
                upsert: true,
                ..Upload::new("text/markdown")
            };
            how.metadata.insert(UPLOAD_MARK.to_owned(), json!(mark));
            let bytes = Bytes::from(format!("new {number}"));
            objects.upload(&at(which), bytes, &how).await.unwrap();
        }
        Deed::Move(from, to) => {
            let (from, to) = (at(from), at(to));
            all.trash.relocate((objects, &from), (objects, &to), job, None).await?;
        }
        Deed::MoveToOtherBucket(which) => {
            let to = at(which);
            all.trash.relocate((objects, &to), (&other, &to), job, None).await?;
        }
    }
    Ok(())
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(16)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_job_and_its_undoing_leave_what_was_there(deeds in deeds(), there in prop::collection::vec(0..6usize, 1..6)) {
        RUNTIME.block_on(async {
            let all = Fixture::open().await;
            for at in there {
                all.put(KEYS[at], &format!("as it was: {at}")).await;
            }
            let before = all.shelf().await;
            let (job, undoing) = (job(), job());
            let mut only_redoable = true;
            for (number, deed) in deeds.into_iter().enumerate() {
                match carry_out(&all, job, number, deed).await {
                    Ok(()) => only_redoable &= !matches!(deed, Deed::Delete(_)),
                    Err(TrashError::NotThere(_) | TrashError::Occupied(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            let after = all.shelf().await;
            for undone in all.trash.undo(job, undoing, &|_| {}).await.unwrap() {
                undone.result.unwrap();
            }
            assert_eq!(all.shelf().await, before);
            assert_eq!(all.trash.of_job(job).await.unwrap(), []);
            if only_redoable {
                for undone in all.trash.undo(undoing, self::job(), &|_| {}).await.unwrap() {
                    undone.result.unwrap();
                }
                assert_eq!(all.shelf().await, after, "an undoing is undone");
            }
        });
    }
}

#[tokio::test]
async fn what_is_not_meant_is_left_as_it_is() {
    let all = Fixture::open().await;
    all.put("a", "1").await;
    let seen = all.objects().info(&key("a")).await.unwrap().etag.unwrap();
    all.put("a", "2").await;
    let changed = all.trash.put(&all.gated, &key("a"), job(), Some(&seen)).await;
    assert!(matches!(changed, Err(TrashError::Changed(_))));
    let missing = all.trash.put(&all.gated, &key("x"), job(), None).await;
    assert!(matches!(missing, Err(TrashError::NotThere(_))));
    assert_eq!(
        all.trash.list().await.unwrap(),
        [],
        "nothing was done, and nothing is written down"
    );

    let job = job();
    let first = all.trash.put(&all.gated, &key("a"), job, None).await.unwrap();
    assert_eq!(
        (first.state, first.kept_key.contains(&job.to_string())),
        (TrashState::Kept, true)
    );
    let again = all.trash.put(&all.gated, &key(&first.kept_key), job, None).await;
    assert!(matches!(again, Err(TrashError::InTrash(_))));
    // The same job and the same key once more.
    all.put("a", "3").await;
    let second = all.trash.put(&all.gated, &key("a"), job, None).await.unwrap();
    assert_ne!(second.kept_key, first.kept_key);
    all.trash.restore(second.id, job).await.unwrap();
    let occupied = all.trash.restore(first.id, job).await;
    assert!(matches!(occupied, Err(TrashError::Occupied(_))));
    assert_eq!(all.objects().download(&key("a")).await.unwrap().bytes, "3");
    assert_eq!(
        all.trash.list().await.unwrap(),
        std::slice::from_ref(&first),
        "and can be taken back later"
    );
    all.objects().remove(&[key("a")]).await.unwrap();
    all.trash.restore(first.id, job).await.unwrap();
    assert_eq!(all.objects().download(&key("a")).await.unwrap().bytes, "2");
    assert!(matches!(
        all.trash.restore(first.id, job).await,
        Err(TrashError::NoRecord(_))
    ));
}

/// Answers as the list says to moves and copies, and then lets everything pass.
fn losing(verdicts: impl IntoIterator<Item = Verdict>) -> Judge {
    let verdicts: Mutex<VecDeque<Verdict>> = Mutex::new(verdicts.into_iter().collect());
    Arc::new(move |asked: Asked| {
        let about = ["/object/move", "/object/copy"]
            .iter()
            .any(|path| asked.line.ends_with(path));
        let verdict = about.then(|| verdicts.lock().unwrap().pop_front()).flatten();
        Box::pin(async move { verdict.unwrap_or(Verdict::Pass) })
    })
}

#[tokio::test]
async fn an_answer_that_is_lost_loses_nothing_else() {
    use Verdict::{LoseAnswer, LoseRequest};
    let all = Fixture::start(|_| losing([LoseAnswer, LoseAnswer, LoseAnswer, LoseRequest])).await;
    all.put("a", "1").await;
    all.put("b", "2").await;
    let gone = all.trash.put(&all.gated, &key("a"), job(), None).await.unwrap();
    assert_eq!(gone.state, TrashState::Kept);
    let kept = all
        .trash
        .keep_copy(&all.gated, &key("b"), job(), None, Uuid::new_v4())
        .await
        .unwrap();
    assert_eq!((kept.state, all.in_trash().await), (TrashState::Kept, 2));
    all.trash.restore(gone.id, job()).await.unwrap();
    assert_eq!(all.objects().download(&key("a")).await.unwrap().bytes, "1");

    // Nobody can know that this one never arrived: it may still be on its way.
    let unclear = all.trash.put(&all.gated, &key("a"), job(), None).await;
    assert!(matches!(unclear, Err(TrashError::Unclear { .. })), "{unclear:?}");
    assert_eq!(all.trash.settle(Timestamp::now()).await.unwrap(), 0);
    let record = all.trash.list().await.unwrap().remove(0);
    assert_eq!(record.state, TrashState::Sending);
    assert_eq!(all.trash.settle(in_days(1)).await.unwrap(), 1);
    assert!(matches!(
        all.trash.restore(record.id, job()).await,
        Err(TrashError::NoRecord(_))
    ));
    assert!(all.objects().exists(&key("a")).await.unwrap());
}

#[tokio::test]
async fn a_program_that_ends_in_the_middle_leaves_no_place_empty() {
    let all = Fixture::open().await;
    all.put("a", "old").await;
    let job = job();
    carry_out(&all, job, 0, Deed::Replace(0)).await.unwrap();
    // As after a crash: what replaced it went to the trash, and what was replaced was about to come back.
    let mut record = all.trash.of_job(job).await.unwrap().remove(0);
    record.state = TrashState::Returning;
    all.journal.trash_update(record).await.unwrap();
    all.trash.put(&all.gated, &key("a"), self::job(), None).await.unwrap();
    assert_eq!(all.trash.settle(Timestamp::now()).await.unwrap(), 1);
    assert_eq!(all.objects().download(&key("a")).await.unwrap().bytes, "old");
    assert_eq!(all.trash.of_job(job).await.unwrap(), []);
}

#[tokio::test]
async fn what_somebody_stores_between_the_look_and_the_move_goes_back() {
    // Whenever something is about to be moved for the first time, somebody else replaces it.
    let judge = |direct: Supabase| -> Judge {
        let once = Arc::new(Mutex::new(true));
        Arc::new(move |asked: Asked| {
            let now = asked.line.ends_with("/object/move") && std::mem::take(&mut *once.lock().unwrap());
            let objects = direct.bucket(&name("b"));
            Box::pin(async move {
                if now {
                    put(&objects, "a", "theirs").await;
                }
                Verdict::Pass
            })
        })
    };
    let all = Fixture::start(judge).await;
    all.put("a", "ours").await;
    let result = all.trash.put(&all.gated, &key("a"), job(), None).await;
    assert!(matches!(result, Err(TrashError::Changed(_))), "{result:?}");
    assert_eq!(all.objects().download(&key("a")).await.unwrap().bytes, "theirs");
    assert_eq!((all.trash.list().await.unwrap(), all.in_trash().await), (Vec::new(), 0));
}

#[tokio::test]
async fn a_replacement_is_not_undone_over_somebody_elses_object() {
    let all = Fixture::open().await;
    all.put("a", "old").await;
    let job = job();
    carry_out(&all, job, 0, Deed::Replace(0)).await.unwrap();
    all.put("a", "somebody else's").await;
    let record = all.trash.of_job(job).await.unwrap().remove(0);
    let refused = all.trash.restore(record.id, job).await;
    assert!(matches!(refused, Err(TrashError::Occupied(_))));
    assert_eq!(
        all.objects().download(&key("a")).await.unwrap().bytes,
        "somebody else's"
    );
    assert_eq!(all.trash.list().await.unwrap(), [record]);
}

#[tokio::test]
async fn only_what_is_past_its_time_and_as_it_was_goes_for_good() {
    let all = Fixture::open().await;
    let job = job();
    for number in 0..12 {
        all.put(&format!("n{number}"), &format!("{number}")).await;
        let keeping = if number < 2 { 60 } else { 30 };
        let trash = all.trash.clone().keeping(keeping);
        trash
            .put(&all.gated, &key(&format!("n{number}")), job, None)
            .await
            .unwrap();
    }
    let records = all.trash.list().await.unwrap();
    // Somebody wrote over one in the trash, and somebody else removed another.
    put(&all.objects(), &records[0].kept_key, "written over").await;
    all.objects().remove(&[key(&records[1].kept_key)]).await.unwrap();

    let nothing = all.trash.purge_due(in_days(29)).await.unwrap();
    assert_eq!((nothing.removed, nothing.kept.len(), all.in_trash().await), (0, 0, 11));
    let purged = all.trash.purge_due(in_days(31)).await.unwrap();
    assert_eq!((purged.removed, purged.kept.len(), all.in_trash().await), (9, 1, 3));
    assert_eq!(purged.kept[0].record, records[0]);
    let left: Vec<String> = all
        .trash
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.key)
        .collect();
    assert_eq!(left, ["n11", "n1", "n0"]);
    let changed = all.trash.restore(records[0].id, job).await;
    assert!(matches!(changed, Err(TrashError::Changed(_))));
    // A few are looked at one by one.
    let purged = all.trash.purge_due(in_days(61)).await.unwrap();
    assert_eq!((purged.removed, all.in_trash().await), (2, 1));
}

#[tokio::test]
async fn what_another_journal_knows_of_is_found_in_the_trash() {
    let all = Fixture::open().await;
    all.put("b/d e", "1").await;
    let record = all.trash.put(&all.gated, &key("b/d e"), job(), None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let other = Trash::new(all.direct.clone(), Journal::open(folder.path()).unwrap());
    let objects = all.objects();
    assert_eq!(other.recover(&objects, &key("d e")).await.unwrap(), Recovered::Missing);
    assert_eq!(
        other.recover(&objects, &key("b/d e")).await.unwrap(),
        Recovered::Returned
    );
    assert_eq!(other.recover(&objects, &key("b/d e")).await.unwrap(), Recovered::There);
    // The one who put it there learns of it.
    all.trash.restore(record.id, job()).await.unwrap();
    assert_eq!(all.trash.list().await.unwrap(), []);
    assert_eq!(objects.download(&key("b/d e")).await.unwrap().bytes, "1");
}
