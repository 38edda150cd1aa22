//! Many objects are moved, renamed, deleted to the trash and for good, while the server fails at random, other people change
//! objects, and some are refused: afterwards every object is where the report says, once, with its bytes, and what was moved
//! or deleted comes back by undoing it.
//!
//! 1,000 objects; `OBJECTS_AT_SCALE=100000` for all that was promised, `OBJECTS_AT_SCALE_SEED=7` for other faults,
//! `OBJECTS_AT_SCALE_FAULTS=1` for as many faults in a hundred requests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/counting.rs"]
mod counting;
#[path = "faults/proxy.rs"]
mod proxy;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use counting::{Asked, Proxy, Server as Behind};
use futures_util::{StreamExt as _, stream};
use md5::{Digest as _, Md5};
use proxy::Cut;
use storymimi_studio::http::Http;
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Objects, Supabase, Upload};
use storymimi_studio::transfer::engine::Limits;
use storymimi_studio::transfer::plan::{BadNames, DeleteOrder, KeySource, KeyTarget, Planner, RelocateOrder, Taken};
use storymimi_studio::transfer::trash::{TRASH_PREFIX, Trash};
use storymimi_studio::transfer::{Engine, Item, ItemState, JobId, JobState, Place, Plan, Rules};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What is done to an equal share of the objects each.
const DEEDS: [Deed; 5] = [
    Deed::Move,
    Deed::Rename,
    Deed::OtherBucket,
    Deed::Delete,
    Deed::DeleteForGood,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Move,
    Rename,
    OtherBucket,
    Delete,
    DeleteForGood,
}

impl Deed {
    fn folder(self) -> &'static str {
        match self {
            Self::Move => "move",
            Self::Rename => "rename",
            Self::OtherBucket => "other",
            Self::Delete => "delete",
            Self::DeleteForGood => "gone",
        }
    }
}

/// What others do to an object after it was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    Nothing,
    Overwrite,
    Remove,
    /// The server refuses each request that would change it.
    Refuse,
}

impl Others {
    fn of(number: usize) -> Self {
        match number % 211 {
            17 => Self::Overwrite,
            43 => Self::Remove,
            97 => Self::Refuse,
            _ => Self::Nothing,
        }
    }
}

fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Looks random, and is the same for the same numbers.
fn random(seed: usize, number: usize) -> u64 {
    // SplitMix64.
    let mut z = (seed as u64) << 40 ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).unwrap()
}

fn key_of(deed: Deed, number: usize) -> String {
    format!(
        "{}/{:03}/{number:06}-{:?}.txt",
        deed.folder(),
        number % 200,
        Others::of(number)
    )
}

fn etag_of(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn bytes_of(number: usize) -> String {
    format!("the bytes of {number}")
}

const OVERWRITTEN: &str = "what somebody else has put there";

/// A broken answer of which nobody can tell what it was.
fn broken() -> Response {
    let pieces = [Ok(bytes::Bytes::from_static(b"{")), Err(std::io::Error::other("cut"))];
    Response::new(Body::from_stream(stream::iter(pieces)))
}

/// How often the server fails, in which order, and how often it has.
#[derive(Clone)]
struct Faults {
    seed: usize,
    in_a_hundred: u64,
    failed: Arc<AtomicUsize>,
}

/// A server that fails at random.
async fn fail_at_random(server: Behind, asked: Asked, faults: Faults) -> Response {
    let changes = asked.method != axum::http::Method::GET && !asked.path.contains("/object/list");
    if changes && refuses(&asked) {
        let refusal =
            r#"{"statusCode":"403","error":"Unauthorized","message":"new row violates row-level security policy"}"#;
        return (StatusCode::BAD_REQUEST, [("content-type", "application/json")], refusal).into_response();
    }
    let dice = random(faults.seed, asked.number);
    if dice % 100 >= faults.in_a_hundred {
        return server.pass(&asked).await;
    }
    faults.failed.fetch_add(1, Ordering::Relaxed);
    let dice = dice / 100;
    match dice % 700 {
        // Somebody in front of the server has no time.
        0..150 => (
            StatusCode::SERVICE_UNAVAILABLE,
            [("content-type", "text/html")],
            "<html>503",
        )
            .into_response(),
        150..200 => StatusCode::BAD_GATEWAY.into_response(),
        // It is done, and nobody hears of it.
        200..350 => {
            let _ = server.pass(&asked).await;
            broken()
        }
        350..400 => {
            let _ = server.pass(&asked).await;
            (StatusCode::GATEWAY_TIMEOUT, "").into_response()
        }
        // It is not done, and nobody hears of that.
        400..550 => broken(),
        550..553 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")], "").into_response(),
        _ => {
            tokio::time::sleep(Duration::from_millis(50 + dice / 700 % 400)).await;
            server.pass(&asked).await
        }
    }
}

/// Whether an object of the request is one that nobody may change. A bulk deletion leaves such out without a word, as the real
/// server does; that is not for a proxy to do.
fn refuses(asked: &Asked) -> bool {
    let body = String::from_utf8_lossy(&asked.body);
    !body.contains("\"prefixes\"") && body.contains("-Refuse.txt")
}

/// Two buckets behind a bad line, and the same by a good one.
struct World {
    objects: usize,
    good: Supabase,
    bad: Supabase,
    engine: Engine,
    trash: Trash,
    faults: Faults,
    http: Proxy,
    _folder: TempDir,
    _server: Server,
}

impl World {
    async fn new(objects: usize, faults: Faults) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path().join("server"), Secrets::supabase_defaults());
        let server = Server::start(config).await.unwrap();
        let (seed, told) = (faults.seed, faults.clone());
        let http = Proxy::spoiling(server.url(), move |server, asked| {
            Box::pin(fail_at_random(server, asked, told.clone()))
        })
        .await;
        // Connections do not last either.
        let cuts = (0..20_000 + objects).map(|number| {
            let dice = usize::try_from(random(seed + 1, number) % 400_000).unwrap();
            match number % 3 {
                0 => Cut::up(20_000 + dice),
                1 => Cut::down(20_000 + dice),
                _ => Cut::NEVER,
            }
        });
        let (url, _) = proxy::before(&http.url, cuts.collect()).await;
        let project = |url: &str| {
            let key = ApiKey::parse(server.service_key()).unwrap();
            Supabase::new(Http::new(Arc::default()).unwrap(), ProjectUrl::parse(url).unwrap(), key)
        };
        let (good, bad) = (project(server.url()), project(&url));
        for name in ["b", "c"] {
            let new = NewBucket {
                name: bucket(name),
                public: false,
                file_size_limit: None,
                allowed_mime_types: None,
            };
            good.buckets().create(&new).await.unwrap();
        }
        let journal = Journal::open(&folder.path().join("journal")).unwrap();
        let world = Self {
            objects,
            engine: Engine::open(bad.clone(), journal.clone(), Limits::default()),
            trash: Trash::new(bad.clone(), journal),
            good,
            bad,
            faults,
            http,
            _folder: folder,
            _server: server,
        };
        world.fill().await;
        world
    }

    fn objects(&self, name: &str) -> Objects {
        self.good.bucket(&bucket(name))
    }

    fn share(&self) -> usize {
        self.objects / DEEDS.len()
    }

    /// Every object, as many of each deed.
    fn all(&self) -> impl Iterator<Item = (Deed, usize)> + use<> {
        let share = self.share();
        DEEDS
            .into_iter()
            .flat_map(move |deed| (0..share).map(move |number| (deed, number)))
    }

    async fn fill(&self) {
        let objects = self.objects("b");
        let how = Upload::new("text/plain");
        stream::iter(self.all())
            .for_each_concurrent(16, |(deed, number)| {
                let (objects, how) = (&objects, &how);
                async move {
                    let key = ObjectKey::parse(&key_of(deed, number)).unwrap();
                    objects.upload(&key, bytes_of(number).into(), how).await.unwrap();
                }
            })
            .await;
    }

    async fn plan(&self, deed: Deed) -> Plan {
        let stop = CancellationToken::new();
        // Planning is not what is tested: it goes by the good line.
        let planner = Planner {
            project: &self.good,
            stop: &stop,
            observe: &|_| {},
        };
        let sources = vec![KeySource::Inside(deed.folder().to_owned())];
        let rules = Rules::default();
        let mut plan = match deed {
            Deed::Move | Deed::Rename | Deed::OtherBucket => {
                let (to_bucket, target) = match deed {
                    Deed::Move => ("b", "moved/far/away/"),
                    Deed::Rename => ("b", "renamed/"),
                    _ => ("c", ""),
                };
                let order = RelocateOrder {
                    copy: false,
                    sources,
                    bucket: bucket("b"),
                    to_bucket: bucket(to_bucket),
                    target: KeyTarget::Under(target.to_owned()),
                    bad_names: BadNames::Refuse,
                    taken: Taken::Refuse,
                    rules,
                };
                planner.relocate(&order).await.unwrap()
            }
            Deed::Delete | Deed::DeleteForGood => {
                let order = DeleteOrder {
                    sources,
                    bucket: bucket("b"),
                    rules: Rules {
                        keep_trash: deed == Deed::Delete,
                        ..rules
                    },
                };
                planner.delete(&order).await.unwrap()
            }
        };
        assert_eq!(plan.items.len(), self.share());
        plan.project = self.bad.url().as_str().to_owned();
        plan
    }

    /// What others do between the plan and its being carried out.
    async fn meddle(&self) {
        let objects = self.objects("b");
        for (deed, number) in self.all() {
            let key = ObjectKey::parse(&key_of(deed, number)).unwrap();
            match Others::of(number) {
                Others::Overwrite => {
                    let how = Upload {
                        upsert: true,
                        ..Upload::new("text/plain")
                    };
                    objects.upload(&key, OVERWRITTEN.into(), &how).await.unwrap();
                }
                Others::Remove => assert!(objects.remove_one(&key).await.unwrap()),
                Others::Nothing | Others::Refuse => {}
            }
        }
    }

    /// All objects there are, by bucket and key, with the hash of each.
    async fn shelf(&self) -> BTreeMap<(String, String), String> {
        let mut shelf = BTreeMap::new();
        for name in ["b", "c"] {
            for entry in self.objects(name).list_all("").await.unwrap() {
                let etag = entry.etag.unwrap().trim_matches('"').to_owned();
                let twice = shelf.insert((name.to_owned(), entry.key), etag);
                assert_eq!(twice, None);
            }
        }
        shelf
    }

    async fn items(&self, job: JobId) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            let from = u32::try_from(items.len()).unwrap();
            let page = self.engine.items(job, from..from + 1_000).await.unwrap();
            if page.is_empty() {
                return items;
            }
            items.extend(page);
        }
    }
}

fn place(place: &Place) -> (String, String) {
    match place {
        Place::Object { bucket, key } => (bucket.clone(), key.clone()),
        Place::File { .. } | Place::Elsewhere { .. } | Place::Bucket { .. } => {
            panic!("only objects are in these plans")
        }
    }
}

fn number_of(key: &str) -> usize {
    let name = key.rsplit('/').next().unwrap();
    name.split('-').next().unwrap().parse().unwrap()
}

/// How many ended how.
type Ends = BTreeMap<&'static str, usize>;

/// Compares what a job says of its items with where their objects are. Takes off the shelf what it has accounted for.
async fn compare(world: &World, job: JobId, deed: Deed, shelf: &mut BTreeMap<(String, String), String>) -> Ends {
    let mut kept: BTreeMap<String, (String, String)> = BTreeMap::new();
    for record in world.trash.of_job(job).await.unwrap() {
        kept.insert(record.key, (record.kept_bucket, record.kept_key));
    }
    let mut ends = Ends::new();
    for item in world.items(job).await {
        let from = place(&item.plan.from);
        let number = number_of(&from.1);
        let to = item.plan.to.as_ref().map(place).or_else(|| kept.get(&from.1).cloned());
        let source = shelf.remove(&from);
        let target = to.and_then(|to| shelf.remove(&to));
        let (original, others) = (Some(etag_of(&bytes_of(number))), Others::of(number));
        let overwritten = Some(etag_of(OVERWRITTEN));
        let found = (&source, &target);
        let case = format!("{deed:?} {from:?} {:?}", item.state);
        let end = match &item.state {
            ItemState::Done { .. } => {
                assert!(
                    matches!(others, Others::Nothing | Others::Refuse),
                    "{case}: others have been there"
                );
                let expected = if deed == Deed::DeleteForGood { &None } else { &original };
                assert_eq!(found, (&None, expected), "{case}");
                "done"
            }
            ItemState::Skipped { .. } => {
                assert_eq!(
                    (deed, others, found),
                    (Deed::DeleteForGood, Others::Remove, (&None, &None)),
                    "{case}"
                );
                "skipped"
            }
            ItemState::Undecided { .. } => {
                let expected = match others {
                    Others::Overwrite => (&overwritten, &None),
                    Others::Remove => (&None, &None),
                    Others::Nothing | Others::Refuse => (&original, &None),
                };
                assert_eq!(found, expected, "{case}");
                assert!(
                    matches!(others, Others::Overwrite | Others::Remove),
                    "{case}: it could be found out"
                );
                "undecided"
            }
            ItemState::Failed(_) => {
                assert_eq!((others, found), (Others::Refuse, (&original, &None)), "{case}");
                "failed"
            }
            other => panic!("{case}: a job that has ended has an item that is {other:?}"),
        };
        *ends.entry(end).or_default() += 1;
    }
    ends
}

#[tokio::test(flavor = "multi_thread")]
async fn every_object_is_where_the_report_says_however_the_server_fails() {
    let objects = setting("OBJECTS_AT_SCALE", 1_000);
    let faults = Faults {
        seed: setting("OBJECTS_AT_SCALE_SEED", 1),
        in_a_hundred: setting("OBJECTS_AT_SCALE_FAULTS", 7) as u64,
        failed: Arc::default(),
    };
    let began = Instant::now();
    let world = World::new(objects, faults).await;
    println!("{objects} objects stored in {:.1?}", began.elapsed());
    let began = Instant::now();
    let mut plans = Vec::new();
    for deed in DEEDS {
        plans.push((deed, world.plan(deed).await));
    }
    println!("planned in {:.1?}", began.elapsed());
    world.meddle().await;

    let mut jobs = Vec::new();
    for (deed, plan) in plans {
        let (began, requests, failed) = (
            Instant::now(),
            world.http.requests(),
            world.faults.failed.load(Ordering::Relaxed),
        );
        let job = world.engine.submit(plan).await.unwrap();
        let ended = world.engine.run(job).await.unwrap();
        assert_eq!(ended.state, JobState::Failed, "some are refused or were changed");
        assert_eq!(ended.counts.waiting + ended.counts.running, 0);
        println!(
            "{deed:?}: {:.1?}, {} requests, {} of them failed; {:?}",
            began.elapsed(),
            world.http.requests() - requests,
            world.faults.failed.load(Ordering::Relaxed) - failed,
            ended.counts
        );
        jobs.push((deed, job, ended.counts));
    }

    let mut shelf = world.shelf().await;
    for (deed, job, counts) in &jobs {
        let ends = compare(&world, *job, *deed, &mut shelf).await;
        let said = [
            ("done", counts.done),
            ("failed", counts.failed),
            ("skipped", counts.skipped),
            ("undecided", counts.undecided),
        ];
        for (name, count) in said {
            assert_eq!(ends.get(name).copied().unwrap_or(0) as u64, count, "{deed:?}: {name}");
        }
        assert!(counts.done * 100 >= counts.items * 95, "{counts:?}");
    }
    assert!(
        shelf.is_empty(),
        "there is what nobody knows of: {:?}",
        shelf.iter().next()
    );

    // All but what is gone for good comes back.
    for (deed, job, counts) in &jobs {
        if *deed == Deed::DeleteForGood {
            continue;
        }
        let (began, requests) = (Instant::now(), world.http.requests());
        let undone = undo(&world, *job).await;
        println!(
            "{deed:?} undone: {:.1?}, {} requests, {undone} objects",
            began.elapsed(),
            world.http.requests() - requests
        );
        assert_eq!(undone as u64, counts.done, "{deed:?}");
    }
    let shelf = world.shelf().await;
    let mut expected = BTreeMap::new();
    for (deed, number) in world.all() {
        let etag = match (Others::of(number), deed) {
            (Others::Remove, _) => continue,
            (Others::Overwrite, _) => etag_of(OVERWRITTEN),
            (_, Deed::DeleteForGood) => continue,
            _ => etag_of(&bytes_of(number)),
        };
        expected.insert(("b".to_owned(), key_of(deed, number)), etag);
    }
    let difference: Vec<_> = shelf
        .iter()
        .filter(|(key, etag)| expected.get(*key) != Some(*etag))
        .take(3)
        .collect();
    assert!(
        shelf == expected,
        "{} and {}: {difference:?}",
        shelf.len(),
        expected.len()
    );
    assert!(!shelf.keys().any(|(_, key)| key.starts_with(TRASH_PREFIX)));
    assert!(world.faults.failed.load(Ordering::Relaxed) > objects / 100);
}

/// Takes a job back, again and again as a person would, until nothing of it is left to take back. Gives how many came back.
async fn undo(world: &World, job: JobId) -> usize {
    let mut back = HashSet::new();
    for _ in 0..10 {
        let undone = world.trash.undo(job, JobId(Uuid::new_v4()), &|_| {}).await.unwrap();
        for one in &undone {
            if one.result.is_ok() {
                back.insert(one.record.id);
            }
        }
        if world.trash.of_job(job).await.unwrap().is_empty() {
            break;
        }
    }
    back.len()
}
