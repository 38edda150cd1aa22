//! The engine against a scripted project, in stopped time.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::script::{Move, World, engine, failure, plan};
use super::*;
use crate::transfer::job::{FailureKind, Item, ItemState, Proof};
use crate::transfer::plan::{Action, Kind};

#[cfg(target_os = "linux")]
mod many;
mod property;
mod wishes;

async fn all(engine: &Engine, job: JobId) -> Vec<Item> {
    engine.items(job, 0..u32::MAX).await.unwrap()
}

fn check(world: &World) {
    let wrong = world.wrong.lock().unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn limits(at_once: usize) -> Limits {
    Limits {
        at_once: NonZeroUsize::new(at_once).unwrap(),
        ..Limits::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_is_done_with_a_request_an_item_and_one_for_the_proof_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let engine = engine(folder.path(), &world, Limits::default());
    let mut news = engine.news();
    let mut plan = plan(Kind::Upload, 300);
    plan.items[7].action = Action::Refuse;
    plan.items[7].why = "the name is not allowed".to_owned();
    let job = engine.submit(plan).await.unwrap();
    assert_eq!(engine.job(job).await.unwrap().state, JobState::Waiting);
    let done = engine.run(job).await.unwrap();
    assert_eq!(done.state, JobState::Done);
    assert_eq!(
        (done.counts.items, done.counts.done, done.counts.skipped),
        (300, 299, 1)
    );
    assert_eq!(done.counts.waiting + done.counts.running + done.counts.failed, 0);
    assert!(done.ended_at.is_some());
    assert_eq!(world.requests.load(Ordering::Relaxed), 300);
    assert_eq!(world.proofs.load(Ordering::Relaxed), 1);
    let items = all(&engine, job).await;
    assert_eq!(
        items[7].state,
        ItemState::Skipped {
            why: "the name is not allowed".to_owned()
        }
    );
    assert!(items.iter().all(|item| item.number == 7
        || item.state
            == ItemState::Done {
                proof: Proof::ServerHash
            }));
    assert_eq!(items[3].content.size, Some(3));
    check(&world);
    let mut told = 0;
    while let Ok(item) = news.try_recv() {
        told += u32::from(item.state.is_over());
    }
    assert_eq!(told, 299);
    assert!(engine.watch().borrow().running.is_empty());
    // It is over, for every engine.
    assert_eq!(engine.run(job).await.unwrap().counts, done.counts);
    assert_eq!(world.requests.load(Ordering::Relaxed), 300);
    engine.forget(job).await.unwrap();
    assert!(matches!(engine.job(job).await, Err(TransferError::NoSuchJob(_))));
}

#[tokio::test(start_paused = true)]
async fn what_the_server_tells_no_hash_of_is_read_back_if_that_is_wanted() {
    for wanted in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let world = Arc::new(World {
            sizes_only: true,
            ..World::default()
        });
        let engine = engine(folder.path(), &world, Limits::default());
        let mut plan = plan(Kind::Upload, 21);
        plan.rules.read_back = wanted;
        let job = engine.submit(plan).await.unwrap();
        assert_eq!(engine.run(job).await.unwrap().state, JobState::Done);
        for item in all(&engine, job).await {
            let proof = match (item.number % 2, wanted) {
                (0, _) => Proof::ServerHash,
                (_, true) => Proof::ReadBack,
                (_, false) => Proof::SizeOnly,
            };
            assert_eq!(item.state, ItemState::Done { proof });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn plans_for_other_projects_and_of_other_versions_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path(), &Arc::default(), Limits::default());
    let mut other = plan(Kind::Upload, 1);
    other.project = "https://other.supabase.co".to_owned();
    assert!(matches!(
        engine.submit(other).await,
        Err(TransferError::OtherProject { .. })
    ));
    let mut newer = plan(Kind::Upload, 1);
    newer.format += 1;
    assert!(matches!(engine.submit(newer).await, Err(TransferError::BadPlan(_))));
    assert!(matches!(
        engine.submit(plan(Kind::Upload, 0)).await,
        Err(TransferError::BadPlan(_))
    ));
    assert!(engine.jobs().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_without_the_server_cost_few_requests_and_work_goes_on_at_once_afterwards() {
    let clean = {
        let folder = tempfile::tempdir().unwrap();
        let world = Arc::new(World::default());
        let engine = engine(folder.path(), &world, Limits::default());
        let job = engine.submit(plan(Kind::Upload, 1_000)).await.unwrap();
        engine.run(job).await.unwrap();
        world.requests.load(Ordering::Relaxed)
    };
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let engine = engine(folder.path(), &world, Limits::default());
    let job = engine.submit(plan(Kind::Upload, 1_000)).await.unwrap();
    let from = Instant::now() + Duration::from_millis(400);
    let to = from + Duration::from_secs(600);
    *world.outage.lock().unwrap() = Some((from, to));
    let watch = engine.watch();
    let (done, ()) = tokio::join!(engine.run(job), async {
        sleep(Duration::from_secs(300)).await;
        let seen = watch.borrow();
        let waiting = seen.waiting.as_ref().expect("it says that it waits");
        assert_eq!(waiting.what, failure(FailureKind::Passing));
        let counts = seen.running[0].counts;
        assert_eq!(counts.failed, 0, "nothing fails");
        assert_eq!(seen.small.unwrap().growth, Growth::Waiting);
    });
    assert_eq!(done.unwrap().counts.done, 1_000);
    check(&world);
    let requests = world.requests.load(Ordering::Relaxed);
    assert!(
        requests as f64 <= clean as f64 * 1.2,
        "{requests} requests, {clean} without the outage"
    );
    let again = world.answered_again.lock().unwrap().expect("answered");
    assert!(again - to <= Duration::from_secs(10), "{:?}", again - to);
    assert!(engine.watch().borrow().waiting.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_waits_for_the_server_gives_up_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let now = Instant::now();
    *world.outage.lock().unwrap() = Some((now, now + Duration::from_secs(10_000)));
    let patient = Limits {
        patience: Some(Duration::from_secs(300)),
        ..Limits::default()
    };
    let engine = engine(folder.path(), &world, patient);
    let job = engine.submit(plan(Kind::Upload, 50)).await.unwrap();
    let error = engine.run(job).await.unwrap_err();
    assert!(
        matches!(&error, TransferError::GaveUp { minutes: 5, what } if what == "Passing happened."),
        "{error}"
    );
    let left = engine.job(job).await.unwrap();
    assert_eq!((left.state, left.counts.waiting), (JobState::Waiting, 50));
}

#[tokio::test(start_paused = true)]
async fn an_item_that_always_fails_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    world
        .moves
        .lock()
        .unwrap()
        .insert(3, VecDeque::from([Move::Fails(FailureKind::Passing); 1_000]));
    world
        .moves
        .lock()
        .unwrap()
        .insert(5, VecDeque::from([Move::LostOnTheWay; 1_000]));
    world
        .moves
        .lock()
        .unwrap()
        .insert(6, VecDeque::from([Move::Panics; 1_000]));
    let engine = engine(folder.path(), &world, Limits::default());
    let job = engine.submit(plan(Kind::Upload, 400)).await.unwrap();
    let begun = Instant::now();
    let ended = engine.run(job).await.unwrap();
    assert_eq!((ended.state, ended.counts.done), (JobState::Failed, 397));
    assert!(begun.elapsed() < Duration::from_secs(600), "{:?}", begun.elapsed());
    let items = all(&engine, job).await;
    assert!(
        matches!(&items[3].state, ItemState::Failed(failure) if failure.kind == FailureKind::Passing),
        "{:?}",
        items[3]
    );
    assert!(matches!(items[5].state, ItemState::Undecided { .. }), "{:?}", items[5]);
    assert!(matches!(items[6].state, ItemState::Undecided { .. }), "{:?}", items[6]);
    check(&world);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_is_alone_and_always_fails_ends_where_the_server_works_and_waits_where_it_does_not() {
    for (kind, step) in [
        (Kind::Upload, Move::Fails(FailureKind::Passing)),
        (Kind::Upload, Move::LostOnTheWay),
        (Kind::Delete, Move::Fails(FailureKind::Passing)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let world = Arc::new(World::default());
        let always = VecDeque::from([step; 1_000]);
        world.moves.lock().unwrap().insert(0, always.clone());
        let engine = engine(folder.path(), &world, Limits::default());
        let job = engine.submit(plan(kind, 1)).await.unwrap();
        let ended = engine.run(job).await.unwrap();
        assert_eq!(ended.state, JobState::Failed, "{step:?}");
        let requests = world.requests.load(Ordering::Relaxed);
        assert!((9..=40).contains(&requests), "{requests}");
        assert!(engine.watch().borrow().waiting.is_some(), "nothing has succeeded");

        // The same again, and the server is away.
        let now = Instant::now();
        let minutes = Duration::from_secs(20 * 60);
        *world.outage.lock().unwrap() = Some((now, now + minutes));
        world.moves.lock().unwrap().clear();
        // Whoever tries it again after that has looked.
        world.items.lock().unwrap().clear();
        engine.retry(Target::Job(job)).await.unwrap();
        let before = world.requests.load(Ordering::Relaxed);
        let ended = engine.run(job).await.unwrap();
        assert_eq!(ended.state, JobState::Done, "{step:?}");
        assert!((minutes..minutes + Duration::from_secs(20)).contains(&now.elapsed()));
        let requests = world.requests.load(Ordering::Relaxed) - before;
        assert!(requests <= 20 * 60 / 8 + 10, "{requests}: one at a time, seldom");
        check(&world);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_changed_is_planned_again_and_one_that_keeps_changing_is_left_to_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let changes = |times| VecDeque::from(vec![Move::Fails(FailureKind::SourceChanged); times]);
    for (number, times) in [(1, 1), (2, 3), (3, 4)] {
        world.moves.lock().unwrap().insert(number, changes(times));
    }
    let other = VecDeque::from([Move::Fails(FailureKind::Changed)]);
    world.moves.lock().unwrap().insert(4, other);
    world.gone.lock().unwrap().insert(5);
    let engine = engine(folder.path(), &world, limits(3));
    let job = engine.submit(plan(Kind::Upload, 20)).await.unwrap();
    let planned = all(&engine, job).await;
    let ended = engine.run(job).await.unwrap();
    assert_eq!(
        (ended.counts.done, ended.counts.undecided, ended.counts.failed),
        (17, 2, 1)
    );
    let items = all(&engine, job).await;
    for (number, changes) in [(1, Some(1)), (2, Some(3)), (7, None)] {
        let item = &items[number];
        assert!(matches!(item.state, ItemState::Done { .. }), "{item:?}");
        assert_eq!(item.plan.seen.size, changes, "{item:?}");
        assert_eq!(
            (&item.plan.to, item.plan.action, &item.mark),
            (
                &planned[number].plan.to,
                planned[number].plan.action,
                &planned[number].mark
            )
        );
    }
    assert!(
        matches!(&items[3].state, ItemState::Undecided { why } if why.contains("It keeps changing")),
        "{:?}",
        items[3]
    );
    assert_eq!(world.truth(3).attempts, 4);
    assert_eq!(items[4].plan.seen, planned[4].plan.seen, "what it goes to changed");
    assert!(matches!(items[5].state, ItemState::Failed(_)), "{:?}", items[5]);

    // Somebody has put all right.
    world.gone.lock().unwrap().clear();
    *world.changes.lock().unwrap().entry(5).or_default() += 1;
    assert_eq!(engine.retry(Target::Job(job)).await.unwrap(), 3);
    assert_eq!(engine.run(job).await.unwrap().counts.done, 20);
    let items = all(&engine, job).await;
    assert_eq!((items[3].plan.size, items[5].plan.size), (Some(4), Some(1)));
    check(&world);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_grew_large_takes_a_place_for_large_ones_and_who_waits_for_it_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let grows = VecDeque::from([Move::Fails(FailureKind::SourceChanged)]);
    world.moves.lock().unwrap().insert(0, grows);
    world.changes.lock().unwrap().insert(0, 7 << 20);
    let engine = engine(folder.path(), &world, limits(3));
    let job = engine.submit(plan(Kind::Upload, 2)).await.unwrap();
    let run = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run(job).await }
    });
    // It was written to a moment ago, and is left alone for a second.
    sleep(Duration::from_millis(300)).await;
    assert_eq!(all(&engine, job).await[0].state, ItemState::InFlight);
    engine.pause(Target::Item(job, 0)).await.unwrap();
    assert_eq!(run.await.unwrap().unwrap().state, JobState::Paused);
    assert_eq!(all(&engine, job).await[0].plan.seen.size, None, "not looked at");
    engine.resume(Target::Item(job, 0)).await.unwrap();
    let done = engine.run(job).await.unwrap();
    assert_eq!((done.state, done.counts.bytes_done), (JobState::Done, 1));
    assert_eq!(all(&engine, job).await[0].plan.seen.size, Some((7 << 20) + 1));
    check(&world);
}

#[tokio::test(start_paused = true)]
async fn fewer_are_on_their_way_once_the_server_asks_for_less() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    *world.throttles_above.lock().unwrap() = Some(10);
    let engine = engine(folder.path(), &world, Limits::default());
    let job = engine.submit(plan(Kind::Upload, 3_000)).await.unwrap();
    let done = engine.run(job).await.unwrap();
    assert_eq!(done.counts.done, 3_000);
    check(&world);
    let requests = world.requests.load(Ordering::Relaxed);
    assert!(requests < 3_300, "{requests}");
    assert!(world.most_at_once.load(Ordering::Relaxed) > 8, "it grew");
}

#[tokio::test(start_paused = true)]
async fn objects_are_deleted_five_hundred_at_once_and_bucket_by_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let refuses = VecDeque::from([Move::Fails(FailureKind::Refused)]);
    world.moves.lock().unwrap().insert(1_200, refuses);
    let engine = engine(folder.path(), &world, Limits::default());
    let job = engine.submit(plan(Kind::Delete, 2_500)).await.unwrap();
    let done = engine.run(job).await.unwrap();
    assert_eq!(
        (done.state, done.counts.done, done.counts.failed),
        (JobState::Failed, 2_499, 1)
    );
    let requests = world.requests.load(Ordering::Relaxed);
    assert!((5..=12).contains(&requests), "{requests}");
    assert_eq!(engine.retry(Target::Everything).await.unwrap(), 1);
    assert_eq!(engine.run(job).await.unwrap().state, JobState::Done);
    check(&world);
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_written_ends_the_run_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let first = engine(folder.path(), &world, limits(4));
    let job = first.submit(plan(Kind::Upload, 300)).await.unwrap();
    let file = folder.path().join("journal.sqlite3");
    let db = rusqlite::Connection::open(&file).unwrap();
    let (result, ()) = tokio::join!(first.run(job), async {
        sleep(Duration::from_millis(400)).await;
        db.execute_batch(
            "CREATE TRIGGER full BEFORE UPDATE ON transfer_item BEGIN SELECT raise(ABORT, 'disk is full'); END",
        )
        .unwrap();
    });
    let error = result.unwrap_err();
    assert!(error.to_string().contains("disk is full"), "{error}");
    db.execute_batch("DROP TRIGGER full").unwrap();
    let second = engine(folder.path(), &world, limits(4));
    assert_eq!(second.run(job).await.unwrap().counts.done, 300);
    check(&world);
}
