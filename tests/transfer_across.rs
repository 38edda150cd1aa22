//! Objects that go from one workspace into another: two servers, bad lines, programs that end, workspaces that cannot be
//! opened. What moves leaves its place only when it is proven to be at the other one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/counting.rs"]
mod counting;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use counting::Proxy;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use storymimi_studio::http::{Http, Secret, Transcript};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::{LocalAccess, LocalServer, NewSecrets, Problem, Report, Service, Wish, Workspaces};
use storymimi_studio::supabase::{BucketName, Class, NewBucket, ObjectKey, Objects, Supabase, Upload};
use storymimi_studio::transfer::plan::{BadNames, KeySource, KeyTarget, RelocateOrder, Taken};
use storymimi_studio::transfer::{Action, ItemState, Kind, Place, Plan, Proof, Rules, Target};
use storymimi_studio::workspace::{ApiKey, Home, Keep, Profile, ProfileId, ProjectUrl, Vault, WorkspaceId};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// What the workspace "local" is in these tests: the other server.
struct There(LocalAccess);

impl LocalServer for There {
    fn start(&self, _: Arc<Transcript>) -> BoxFuture<'_, Result<LocalAccess, Problem>> {
        let access = self.0.clone();
        Box::pin(async move { Ok(access) })
    }
}

struct World {
    folder: TempDir,
    here: Server,
    there: Server,
    /// The address by which the other server is reached.
    way: String,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = |name: &str| Server::start(Config::new(folder.path().join(name), Secrets::supabase_defaults()));
        let (here, there) = (start("here").await.unwrap(), start("there").await.unwrap());
        let world = Self {
            way: there.url().to_owned(),
            folder,
            here,
            there,
        };
        for project in [client(&world.here), client(&world.there)] {
            let bucket = NewBucket {
                name: bucket(),
                public: false,
                file_size_limit: None,
                allowed_mime_types: None,
            };
            project.buckets().create(&bucket).await.unwrap();
        }
        world
    }

    fn workspaces(&self, home: &str) -> Workspaces {
        let home = Home::at(&self.folder.path().join(home));
        let access = LocalAccess {
            url: ProjectUrl::parse(&self.way).unwrap(),
            key: ApiKey::parse(self.there.service_key()).unwrap(),
        };
        let vault = Vault::without_keychain(&home);
        let runtime = tokio::runtime::Handle::current();
        Workspaces::with(home, vault, Arc::new(There(access)), None, runtime)
    }

    /// The workspace that things are moved from.
    async fn service(&self, workspaces: &Workspaces) -> Service {
        let url = ProjectUrl::parse(self.here.url()).unwrap();
        let key = ApiKey::parse(self.here.service_key()).unwrap();
        let (service, _) = workspaces.open_given(url, key).await.unwrap();
        service.admin().unlock();
        service
    }

    fn objects_here(&self) -> Objects {
        client(&self.here).bucket(&bucket())
    }

    fn objects_there(&self) -> Objects {
        client(&self.there).bucket(&bucket())
    }

    async fn put(&self, at: &str, size: usize, cache_control: &str) {
        let mut how = Upload::new("image/x-icon");
        cache_control.clone_into(&mut how.cache_control);
        how.metadata.insert("story".to_owned(), json!("fox"));
        self.objects_here()
            .upload(&key(at), content(size).into(), &how)
            .await
            .unwrap();
    }
}

fn client(server: &Server) -> Supabase {
    Supabase::new(
        Http::new(Arc::new(Transcript::default())).unwrap(),
        ProjectUrl::parse(server.url()).unwrap(),
        ApiKey::parse(server.service_key()).unwrap(),
    )
}

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 % 251) as u8).collect()
}

fn order(copy: bool, taken: Taken) -> RelocateOrder {
    RelocateOrder {
        copy,
        sources: vec![KeySource::Inside(String::new())],
        bucket: bucket(),
        to_bucket: bucket(),
        target: KeyTarget::Under("from/".to_owned()),
        bad_names: BadNames::Refuse,
        taken,
        // More than a thousand bytes go in pieces.
        rules: Rules {
            resumable_above: 1_000,
            ..Rules::default()
        },
    }
}

async fn planned_into(service: &Service, other: &WorkspaceId, order: &RelocateOrder) -> Result<Plan, Problem> {
    let stop = CancellationToken::new();
    service.plan_relocation_into(other, order, &|_| {}, &stop).await
}

async fn plan(service: &Service, order: &RelocateOrder) -> Plan {
    planned_into(service, &WorkspaceId::Local, order).await.unwrap()
}

async fn go(service: &Service, order: &RelocateOrder) -> Report {
    let plan = plan(service, order).await;
    let job = service.submit(plan).await.unwrap();
    service.run_transfer(job).await.unwrap()
}

async fn keys(objects: &Objects) -> Vec<String> {
    let all = objects.list_all("").await.unwrap();
    all.into_iter().map(|entry| entry.key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_copied_is_there_as_it_is_here() {
    let world = World::new().await;
    world.put("a/small.ico", 700, "max-age=60").await;
    world.put("a/large.ico", 9 << 20, "no-cache").await;
    // What an upload in pieces cannot say.
    world.put("a/fixed.ico", 5_000, "public, max-age=60, immutable").await;
    world.put("empty", 0, "max-age=60").await;
    let service = world.service(&world.workspaces("home")).await;
    let report = go(&service, &order(true, Taken::Refuse)).await;
    assert!(report.is_done(), "{report:?}");
    for (name, size, caching) in [
        ("a/small.ico", 700, "max-age=60"),
        ("a/large.ico", 9 << 20, "no-cache"),
        ("a/fixed.ico", 5_000, "public, max-age=60, immutable"),
        ("empty", 0, "max-age=60"),
    ] {
        let at = key(&format!("from/{name}"));
        let there = world.objects_there().download(&at).await.unwrap();
        assert!(there.bytes == content(size), "{name}");
        let info = world.objects_there().info(&at).await.unwrap();
        assert_eq!(info.content_type.as_deref(), Some("image/x-icon"), "{name}");
        assert_eq!(info.cache_control.as_deref(), Some(caching), "{name}");
        assert_eq!(info.metadata["story"], "fox", "{name}");
        assert!(world.objects_here().exists(&key(name)).await.unwrap(), "{name}");
    }
    for item in &report.items {
        let ItemState::Done { proof } = item.state else {
            panic!("{item:?}")
        };
        assert!(proof >= Proof::SizeOnly, "{item:?}");
        if item.plan.size != Some(9 << 20) {
            assert_eq!(proof, Proof::ServerHash, "{item:?}");
        }
    }
    // Nobody takes what is there for an object of this workspace.
    let items = service.engine().items(report.job.id, 0..9).await.unwrap();
    assert!(
        items
            .iter()
            .all(|item| item.plan.to.as_ref().unwrap().bucket().is_none())
    );

    // Once more: there is nothing to do.
    let again = plan(&service, &order(true, Taken::Refuse)).await;
    let actions: Vec<_> = again
        .items
        .iter()
        .filter(|item| item.size != Some(9 << 20))
        .map(|item| item.action)
        .collect();
    assert_eq!(actions, [Action::Identical; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_moved_is_in_the_trash_here_and_can_be_taken_back() {
    let world = World::new().await;
    world.put("a.ico", 700, "max-age=60").await;
    world.put("b.ico", 9 << 20, "max-age=60").await;
    let service = world.service(&world.workspaces("home")).await;
    let report = go(&service, &order(false, Taken::Refuse)).await;
    assert!(report.is_done(), "{report:?}");
    for item in &report.items {
        // A move is proven by a hash, or it is none.
        assert!(
            matches!(
                item.state,
                ItemState::Done {
                    proof: Proof::ServerHash | Proof::ReadBack
                }
            ),
            "{item:?}"
        );
    }
    assert_eq!(keys(&world.objects_there()).await, ["from/a.ico", "from/b.ico"]);
    let here = keys(&world.objects_here()).await;
    assert!(
        here.len() == 2 && here.iter().all(|key| key.starts_with("_trash/")),
        "{here:?}"
    );
    let undone = service.undo_transfer(report.job.id, &|_| {}).await.unwrap();
    assert_eq!((undone.back.len(), undone.left.len()), (2, 0), "{undone:?}");
    assert_eq!(keys(&world.objects_here()).await, ["a.ico", "b.ico"]);
    let back = world.objects_here().download(&key("b.ico")).await.unwrap();
    assert!(back.bytes == content(9 << 20));
    assert_eq!(keys(&world.objects_there()).await.len(), 2, "the copies stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_replaced_there() {
    let world = World::new().await;
    world.put("a.ico", 700, "max-age=60").await;
    let theirs = Upload::new("text/plain");
    let objects = world.objects_there();
    objects
        .upload(&key("from/a.ico"), "theirs".into(), &theirs)
        .await
        .unwrap();
    let service = world.service(&world.workspaces("home")).await;
    let refused = plan(&service, &order(false, Taken::Refuse)).await;
    assert_eq!(refused.items[0].action, Action::Refuse);
    let replace = order(false, Taken::Replace);
    let planned = planned_into(&service, &WorkspaceId::Local, &replace).await;
    let problem = planned.unwrap_err();
    assert!(
        problem.what.contains("Nothing is replaced in another workspace"),
        "{problem:?}"
    );

    // One that came after the plan was made.
    let mut late = plan(&service, &order(false, Taken::Rename)).await;
    assert_eq!(late.items[0].action, Action::Rename);
    let Some(Place::Elsewhere { key: to, .. }) = &mut late.items[0].to else {
        panic!()
    };
    "from/a.ico".clone_into(to);
    let job = service.submit(late).await.unwrap();
    let report = service.run_transfer(job).await.unwrap();
    assert!(
        matches!(report.items[0].state, ItemState::Undecided { .. }),
        "{report:?}"
    );
    let left = world.objects_there().download(&key("from/a.ico")).await.unwrap();
    assert_eq!(&left.bytes[..], b"theirs");
    assert_eq!(keys(&world.objects_here()).await, ["a.ico"]);

    let beside = go(&service, &order(false, Taken::Rename)).await;
    assert!(beside.is_done(), "{beside:?}");
    assert_eq!(keys(&world.objects_there()).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_replaced_is_left_alone() {
    let world = World::new().await;
    world.put("a.ico", 700, "max-age=60").await;
    let service = world.service(&world.workspaces("home")).await;
    let planned = plan(&service, &order(false, Taken::Refuse)).await;
    let mut other = Upload::new("image/x-icon");
    other.upsert = true;
    world
        .objects_here()
        .upload(&key("a.ico"), "other".into(), &other)
        .await
        .unwrap();
    let job = service.submit(planned).await.unwrap();
    let report = service.run_transfer(job).await.unwrap();
    assert!(
        matches!(report.items[0].state, ItemState::Undecided { .. }),
        "{report:?}"
    );
    assert!(keys(&world.objects_there()).await.is_empty());
    assert_eq!(keys(&world.objects_here()).await, ["a.ico"]);
}

/// Each kind of request loses its answer once after the server has carried it out, and fails once before it has.
#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_and_failures_end_in_one_copy() {
    let mut world = World::new().await;
    for number in 0..12 {
        world.put(&format!("{number}.ico"), 300 + number, "max-age=60").await;
    }
    world.put("large.ico", 20 << 20, "max-age=60").await;
    let turns = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&turns);
    let proxy = Proxy::spoiling(world.there.url(), move |server, asked| {
        let writes = asked.method == Method::POST || asked.method == Method::PATCH;
        let is_object = asked.path.contains("/object/b/") || asked.path.contains("/upload/resumable");
        let turn = if writes && is_object {
            count.fetch_add(1, Ordering::SeqCst)
        } else {
            usize::MAX
        };
        Box::pin(async move {
            match turn % 5 {
                1 if turn < 40 => {
                    let _carried_out = server.pass(&asked).await;
                    broken()
                }
                3 if turn < 40 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                _ => server.pass(&asked).await,
            }
        })
    })
    .await;
    world.way.clone_from(&proxy.url);
    let service = world.service(&world.workspaces("home")).await;
    let report = go(&service, &order(false, Taken::Refuse)).await;
    assert!(report.is_done(), "{report:?}");
    assert!(turns.load(Ordering::SeqCst) > 13);
    let there = world.objects_there().list_all("").await.unwrap();
    assert_eq!(there.len(), 13);
    for number in 0..12 {
        let at = key(&format!("from/{number}.ico"));
        assert!(world.objects_there().download(&at).await.unwrap().bytes == content(300 + number));
    }
    let large = world.objects_there().download(&key("from/large.ico")).await.unwrap();
    assert!(large.bytes == content(20 << 20));
    let here = keys(&world.objects_here()).await;
    assert!(here.iter().all(|key| key.starts_with("_trash/")), "{here:?}");
}

/// An answer that ends before it began.
fn broken() -> axum::response::Response {
    let body = Body::from_stream(futures_util::stream::once(async {
        Err::<axum::body::Bytes, _>(std::io::Error::other("the line broke"))
    }));
    body.into_response()
}

/// A line that changes bytes is found out, and nothing leaves its place.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_change_on_the_way_are_not_believed() {
    let mut world = World::new().await;
    world.put("a.ico", 700, "max-age=60").await;
    let proxy = Proxy::spoiling(world.there.url(), |server, mut asked| {
        Box::pin(async move {
            if asked.method == Method::POST && asked.path.contains("/object/b/") {
                let mut bytes = asked.body.to_vec();
                bytes[100] ^= 1;
                asked.body = bytes.into();
            }
            server.pass(&asked).await
        })
    })
    .await;
    world.way.clone_from(&proxy.url);
    let service = world.service(&world.workspaces("home")).await;
    let report = go(&service, &order(false, Taken::Refuse)).await;
    assert!(matches!(report.items[0].state, ItemState::Failed(_)), "{report:?}");
    assert!(
        keys(&world.objects_there()).await.is_empty(),
        "what is wrong is removed again"
    );
    assert_eq!(keys(&world.objects_here()).await, ["a.ico"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_workspace_is_waited_for_and_cancelling_does_not_wait() {
    let world = World::new().await;
    world.put("a.ico", 700, "max-age=60").await;
    let passphrase = || Secret::exact("correct horse battery staple");
    let id = ProfileId::parse("other").unwrap();
    {
        let workspaces = world.workspaces("home");
        workspaces.unlock_vault(passphrase()).await.unwrap();
        let profile = Profile {
            keep: Keep::File,
            ..Profile::new(id.clone(), ProjectUrl::parse(world.there.url()).unwrap())
        };
        let secrets = NewSecrets {
            key: Some(ApiKey::parse(world.there.service_key()).unwrap()),
            ..NewSecrets::default()
        };
        workspaces.add(profile, secrets).await.unwrap();
        let service = world.service(&workspaces).await;
        let others = service.other_workspaces().await.unwrap();
        let ids: Vec<_> = others.iter().map(|listed| listed.id.as_str()).collect();
        assert!(ids.contains(&"local") && others.len() == 2, "{ids:?}");
        let other = WorkspaceId::Profile(others[1].profile.clone().unwrap().id);
        let buckets = service.buckets_elsewhere(&other).await.unwrap();
        assert_eq!(buckets.len(), 1);
        for to in ["one/", "two/"] {
            let order = RelocateOrder {
                target: KeyTarget::Under(to.to_owned()),
                ..order(true, Taken::Refuse)
            };
            let planned = planned_into(&service, &other, &order).await.unwrap();
            assert_eq!(planned.kind, Kind::Copy);
            let text = serde_json::to_string(&planned).unwrap();
            assert!(!text.contains(world.there.service_key()), "a plan names no key");
            service.submit(planned).await.unwrap();
        }
        service.close().await;
    }
    // The next start: the file of secrets is locked.
    let workspaces = world.workspaces("home");
    let service = world.service(&workspaces).await;
    service.keep_transferring();
    let engine = service.engine();
    let mut watch = engine.watch();
    let held = watch.wait_for(|snapshot| snapshot.held.len() == 2);
    let held = tokio::time::timeout(Duration::from_secs(60), held)
        .await
        .unwrap()
        .unwrap()
        .held
        .clone();
    assert!(
        held.iter()
            .all(|held| !held.why.what.is_empty() && !held.why.hint.is_empty()),
        "{held:?}"
    );
    let jobs = engine.jobs().await.unwrap();
    assert!(jobs.iter().all(|job| job.counts.waiting == 1), "{jobs:?}");
    service.carry_out(Target::Job(jobs[1].id), Wish::Cancel).await.unwrap();
    until(|| async { engine.job(jobs[1].id).await.unwrap().counts.cancelled == 1 }).await;
    assert!(keys(&world.objects_there()).await.is_empty());
    workspaces.unlock_vault(passphrase()).await.unwrap();
    until(|| async { engine.job(jobs[0].id).await.unwrap().counts.done == 1 }).await;
    assert_eq!(keys(&world.objects_there()).await, ["one/a.ico"]);
    service.close().await;
}

async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_leads_elsewhere_by_now_gets_nothing() {
    let world = World::new().await;
    world.put("a.ico", 700, "max-age=60").await;
    let workspaces = world.workspaces("home");
    workspaces
        .unlock_vault(Secret::exact("correct horse battery staple"))
        .await
        .unwrap();
    let url = ProjectUrl::parse(world.there.url()).unwrap();
    let secrets = || NewSecrets {
        key: Some(ApiKey::parse(world.there.service_key()).unwrap()),
        ..NewSecrets::default()
    };
    let profile = Profile {
        keep: Keep::File,
        ..Profile::new(ProfileId::parse("other").unwrap(), url)
    };
    let mut saved = workspaces.add(profile, secrets()).await.unwrap().profile;
    let service = world.service(&workspaces).await;
    let other = WorkspaceId::Profile(saved.id.clone());
    let planned = planned_into(&service, &other, &order(true, Taken::Refuse))
        .await
        .unwrap();
    let job = service.submit(planned).await.unwrap();
    // The same server by another address: nobody knows that it is the same.
    let proxy = Proxy::counting(world.there.url()).await;
    saved.url = ProjectUrl::parse(&proxy.url).unwrap();
    workspaces.save(saved, secrets()).await.unwrap();
    let problem = service.run_transfer(job).await.unwrap_err();
    assert!(problem.what.contains("leads to"), "{problem:?}");
    assert_eq!(service.engine().job(job).await.unwrap().counts.waiting, 1);
    assert!(keys(&world.objects_there()).await.is_empty());
}

/// What somebody wrote into a plan by hand.
#[tokio::test(flavor = "multi_thread")]
async fn plans_that_mix_workspaces_are_not_read() {
    let world = World::new().await;
    world.put("a.ico", 700, "max-age=60").await;
    let service = world.service(&world.workspaces("home")).await;
    let good = plan(&service, &order(false, Taken::Refuse)).await;
    let path = world.folder.path().join("plan.json");
    good.save(&path).unwrap();
    assert_eq!(service.read_plans(&path).await.unwrap()[0].items, good.items);
    type Change = fn(&mut Plan);
    let changes: [(&str, Change); 5] = [
        ("another workspace than the plan", |plan| {
            let Some(Place::Elsewhere { workspace, .. }) = &mut plan.items[0].to else {
                panic!()
            };
            *workspace = WorkspaceId::parse("other").unwrap();
        }),
        ("another workspace than the plan", |plan| plan.rules.elsewhere = None),
        ("stays in this workspace", |plan| {
            plan.items[0].to = Some(Place::object("b", "x"));
        }),
        ("moves or copies nothing", |plan| plan.kind = Kind::Restore),
        ("replace an object of another", |plan| {
            plan.items[0].action = Action::Replace;
            plan.items[0].replaces = Some(plan.items[0].seen.clone());
        }),
    ];
    for (said, change) in changes {
        let mut plan = good.clone();
        change(&mut plan);
        plan.save(&path).unwrap();
        let problem = service.read_plans(&path).await.unwrap_err();
        assert!(problem.what.contains(said), "{said}: {problem:?}");
    }
}

/// A move is cancelled while its copy is stored: what was stored goes, what was there stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_cancelled_leaves_one_object() {
    let mut world = World::new().await;
    world.put("large.ico", 30 << 20, "max-age=60").await;
    let (begun, reached) = (Arc::new(AtomicBool::new(false)), Arc::new(tokio::sync::Notify::new()));
    let (seen, tell) = (Arc::clone(&begun), Arc::clone(&reached));
    let proxy = Proxy::spoiling(world.there.url(), move |server, asked| {
        let (seen, tell) = (Arc::clone(&seen), Arc::clone(&tell));
        Box::pin(async move {
            if asked.method == Method::PATCH && seen.swap(true, Ordering::SeqCst) {
                tell.notify_one();
                // Long enough for the wish to come; what is cut off is not waited for.
                tokio::time::sleep(Duration::from_millis(700)).await;
            }
            server.pass(&asked).await
        })
    })
    .await;
    world.way.clone_from(&proxy.url);
    let service = world.service(&world.workspaces("home")).await;
    let planned = plan(&service, &order(false, Taken::Refuse)).await;
    let job = service.submit(planned).await.unwrap();
    let (running, cancelling) = (service.clone(), service.clone());
    let run = tokio::spawn(async move { running.run_transfer(job).await });
    reached.notified().await;
    cancelling.carry_out(Target::Job(job), Wish::Cancel).await.unwrap();
    let report = run.await.unwrap().unwrap();
    assert!(begun.load(Ordering::SeqCst));
    assert_eq!(report.items[0].state, ItemState::Cancelled, "{report:?}");
    assert!(keys(&world.objects_there()).await.is_empty());
    assert_eq!(keys(&world.objects_here()).await, ["large.ico"]);
    let missing = world.objects_there().info(&key("from/large.ico")).await.unwrap_err();
    assert_eq!(missing.class, Class::NotFound);
}

const FILES: usize = 40;

/// Four times; `ACROSS_KILL_ROUNDS=100` for a night. The real program moves objects from a server into its own workspace and is killed with its server at random moments.
#[test]
fn killed_at_any_moment_a_move_loses_and_doubles_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let sizes: BTreeMap<String, usize> = (0..FILES)
        .map(|number| {
            (
                format!("{number:02}.ico"),
                if number == 7 { 14 << 20 } else { 100 + number },
            )
        })
        .collect();
    let mut dice = 12_345_u64;
    let mut roll = |sides: u64| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % sides
    };
    let mut took = Duration::from_millis(600);
    let mut in_the_middle = 0;
    let rounds = std::env::var("ACROSS_KILL_ROUNDS").map_or(4, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        runtime.block_on(async {
            for entry in world.objects_here().list_all("").await.unwrap() {
                world.objects_here().remove_one(&key(&entry.key)).await.unwrap();
            }
            for (name, size) in &sizes {
                world.put(name, *size, "max-age=60").await;
            }
        });
        let home = world.folder.path().join(format!("program {round}"));
        let command = |words: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
            command
                .args(words)
                .arg("--json")
                .env("STORYMIMI_HOME", &home)
                .env("SUPABASE_URL", world.here.url())
                .env("SUPABASE_KEY", world.here.service_key())
                .stdin(Stdio::null());
            command
        };
        let json = |words: &[&str]| -> Value {
            let output = command(words).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "round {round}: {words:?}: {said}");
            serde_json::from_slice(&output.stdout).unwrap_or_default()
        };
        json(&["--workspace", "local", "bucket", "create", "b"]);
        let moves = ["object", "mv", "b/", "b/from/", "--to-workspace", "local"];
        let begun = |json: &dyn Fn(&[&str]) -> Value| !json(&["transfer", "list"]).as_array().unwrap().is_empty();
        for _ in 0..3 {
            let words: &[&str] = if begun(&json) {
                &["transfer", "resume", "--all"]
            } else {
                &moves
            };
            let mut process = command(words)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(took.mul_f64(roll(1_000) as f64 / 1_000.0));
            let ended = process.try_wait().unwrap().is_some();
            process.kill().unwrap();
            process.wait().unwrap();
            in_the_middle += usize::from(!ended);
            took = took.mul_f64(if ended { 0.8 } else { 1.1 });
        }
        if begun(&json) {
            json(&["transfer", "resume", "--all"]);
        } else {
            json(&moves);
        }
        let listed = json(&["--workspace", "local", "object", "list", "b"]);
        let there: Vec<&str> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["key"].as_str().unwrap())
            .collect();
        let expected: Vec<String> = sizes.keys().map(|name| format!("from/{name}")).collect();
        assert_eq!(there, expected, "round {round}: lost or doubled");
        let files = home.join("files");
        json(&[
            "--workspace",
            "local",
            "object",
            "get",
            "b/from/",
            files.to_str().unwrap(),
        ]);
        for (name, size) in &sizes {
            assert!(
                std::fs::read(files.join(name)).unwrap() == content(*size),
                "round {round}: {name}"
            );
        }
        let left = runtime.block_on(keys(&world.objects_here()));
        assert!(
            left.iter().all(|key| key.starts_with("_trash/")),
            "round {round}: {left:?}"
        );
        assert_eq!(left.len(), FILES, "round {round}: each can be taken back");
        let jobs = json(&["transfer", "list"]);
        let jobs = jobs.as_array().unwrap();
        assert_eq!((jobs.len(), &jobs[0]["state"]), (1, &json!("done")), "round {round}");
    }
    assert!(
        in_the_middle >= rounds,
        "only {in_the_middle} kills came before the end"
    );
}
