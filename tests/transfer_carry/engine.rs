//! The engine with its real executors, where one item's way is not all.

use std::io::Write as _;
use std::num::NonZeroU64;
use std::path::Path;

use axum::http::Method;
use jiff::Timestamp;
use storymimi_studio::journal::Journal;
use storymimi_studio::supabase::Supabase;
use storymimi_studio::transfer::{
    Action, Engine, Growth, Item, ItemState, JobId, JobState, Kind, Limits, Place, Plan, PlanItem, Rules, Target,
};

use crate::between::Deed;
use crate::{MIB, World, content, file_seen, object};

/// Uploads of the files of these names to keys of the same names.
fn uploads(world: &World, project: &Supabase, names: &[&str]) -> Plan {
    let item = |name: &&str| {
        let file = world.path("files").join(name);
        let seen = file_seen(&file);
        PlanItem {
            from: Place::file(&file),
            to: Some(object("b", name)),
            action: Action::New,
            why: String::new(),
            media_type: Some("application/octet-stream".to_owned()),
            size: seen.size,
            dimensions: None,
            seen,
            replaces: None,
            renamed_from: None,
        }
    };
    Plan {
        format: Plan::FORMAT,
        project: project.url().as_str().to_owned(),
        made_at: Timestamp::now(),
        kind: Kind::Upload,
        title: "Test".to_owned(),
        rules: Rules {
            resumable_above: MIB as u64,
            ..Rules::default()
        },
        items: names.iter().map(item).collect(),
        unseen: Vec::new(),
    }
}

fn engine(world: &World, project: Supabase, limits: Limits) -> Engine {
    let journal = Journal::open(&world.path("journal")).unwrap();
    Engine::open(project, journal, limits)
}

async fn items(engine: &Engine, job: JobId) -> Vec<Item> {
    engine.items(job, 0..u32::MAX).await.unwrap()
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::File::options().append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_grows_while_it_is_sent_is_planned_again_and_what_stands_in_its_way_is_not() {
    let world = World::start().await;
    let grows = world.file("grows", &content(3 * MIB));
    let (path, mut begun) = (grows.clone(), 0);
    let (project, log) = world
        .through(move |passing| {
            // When the first upload in pieces has been begun, and waits for its turn by the limit.
            if passing.is(&Method::POST, "upload/resumable") {
                begun += 1;
                if begun == 1 {
                    append(&path, b"and more");
                }
            }
            Deed::Pass
        })
        .await;
    let gone = world.file("gone", b"before");
    world.file("still", b"still");
    world.file("taken", b"mine");
    world.put("taken", "somebody else's").await;
    let plan = uploads(&world, &project, &["grows", "gone", "still", "taken"]);
    std::fs::remove_file(&gone).unwrap();
    let slow = Limits {
        bytes_per_second: NonZeroU64::new(4 * MIB as u64),
        ..Limits::default()
    };
    let engine = engine(&world, project, slow);
    let job = engine.submit(plan).await.unwrap();
    let ended = engine.run(job).await.unwrap();
    let found = items(&engine, job).await;
    assert!(
        matches!(found[0].state, ItemState::Done { .. }) && matches!(found[2].state, ItemState::Done { .. }),
        "{found:#?}"
    );
    assert!(
        matches!(&found[1].state, ItemState::Failed(failure) if failure.what.contains("is not there any more")),
        "{found:#?}"
    );
    assert!(matches!(found[3].state, ItemState::Undecided { .. }), "{found:#?}");
    assert_eq!(ended.state, JobState::Failed);
    let whole = [content(3 * MIB), b"and more".to_vec()].concat();
    assert_eq!(found[0].plan.seen, file_seen(&grows));
    assert_eq!(found[0].content.size, Some(whole.len() as u64));
    assert_eq!(world.bytes("grows").await, whole);
    assert!(
        log.take()
            .iter()
            .any(|line| line.starts_with("DELETE upload/resumable/")),
        "what had arrived of the file as it was is not left lying"
    );

    // The file is there again, and it is another one.
    world.file("gone", b"and after");
    assert_eq!(engine.retry(Target::Job(job)).await.unwrap(), 2);
    let ended = engine.run(job).await.unwrap();
    assert_eq!((ended.counts.done, ended.counts.undecided), (3, 1));
    assert_eq!(world.bytes("gone").await, &b"and after"[..]);
    assert_eq!(world.bytes("taken").await, &b"somebody else's"[..]);
    let mut keys = world.keys().await;
    keys.sort();
    assert_eq!(keys, ["gone", "grows", "still", "taken"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_are_on_their_way_also_where_a_refusal_was_waited_out_on_the_way() {
    let world = World::start().await;
    let mut left = 3;
    let (project, _) = world
        .through(move |passing| {
            if left > 0 && passing.is(&Method::POST, "object/b/") {
                left -= 1;
                return Deed::Refuse(429, "SlowDown");
            }
            Deed::Pass
        })
        .await;
    let names: Vec<_> = (0..20).map(|number| format!("{number:02}")).collect();
    for name in &names {
        world.file(name, name.as_bytes());
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let plan = uploads(&world, &project, &names);
    let engine = engine(&world, project, Limits::default());
    let job = engine.submit(plan).await.unwrap();
    assert_eq!(engine.run(job).await.unwrap().counts.done, 20);
    assert!(
        items(&engine, job).await.iter().all(|item| item.attempts == 1),
        "no item knows of it"
    );
    let small = engine.watch().borrow().small.unwrap();
    assert_eq!((small.limit, small.growth), (3, Growth::Throttled));
}
