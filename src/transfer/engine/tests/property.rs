//! Whatever an executor meets and a person wants, in whatever order: each item comes to one end, and nothing is done twice.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, sleep};

use super::{all, check, limits};
use crate::transfer::engine::script::{Move, World, engine, plan};
use crate::transfer::engine::{Engine, Target};
use crate::transfer::job::{FailureKind, ItemState, Wanted};
use crate::transfer::plan::Kind;

/// What happens from outside.
#[derive(Clone, Debug)]
enum Act {
    Crash { yields: u32 },
    Stop,
    PauseJob,
    ResumeJob,
    PauseItem(u32),
    ResumeItem(u32),
    CancelItem(u32),
    CancelJob,
    Retry,
    PutFirst(u32),
    Outage { millis: u64 },
}

const ITEMS: u32 = 24;

fn moves() -> impl Strategy<Value = Vec<(u32, Move)>> {
    let step = prop_oneof![
        3 => Just(Move::Lands),
        1 => Just(Move::LandsProven),
        1 => Just(Move::Identical),
        3 => Just(Move::LandsUnheard),
        2 => Just(Move::LostOnTheWay),
        1 => Just(Move::Panics),
        2 => Just(Move::Fails(FailureKind::Passing)),
        1 => Just(Move::Fails(FailureKind::Throttled)),
        1 => Just(Move::Fails(FailureKind::Changed)),
        2 => Just(Move::Fails(FailureKind::SourceChanged)),
        1 => Just(Move::Fails(FailureKind::Corrupt)),
        1 => Just(Move::Fails(FailureKind::Refused)),
    ];
    proptest::collection::vec((0..ITEMS, step), 0..40)
}

fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let act = prop_oneof![
        4 => (0..40u32).prop_map(|yields| Act::Crash { yields }),
        1 => Just(Act::Stop),
        1 => Just(Act::PauseJob),
        2 => Just(Act::ResumeJob),
        1 => (0..ITEMS).prop_map(Act::PauseItem),
        1 => (0..ITEMS).prop_map(Act::ResumeItem),
        2 => (0..ITEMS).prop_map(Act::CancelItem),
        1 => Just(Act::CancelJob),
        1 => Just(Act::Retry),
        1 => (0..ITEMS).prop_map(Act::PutFirst),
        1 => (0..20_000u64).prop_map(|millis| Act::Outage { millis }),
    ];
    proptest::collection::vec((0..80u64, act), 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_each_item_comes_to_one_end_and_none_is_done_twice(
        moves in moves(),
        acts in acts(),
        deletes in prop::bool::weighted(0.1),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(live(moves, acts, if deletes { Kind::Delete } else { Kind::Upload }));
    }
}

async fn live(moves: Vec<(u32, Move)>, acts: Vec<(u64, Act)>, kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    for (number, step) in &moves {
        world.moves.lock().unwrap().entry(*number).or_default().push_back(*step);
    }
    let open = || engine(folder.path(), &world, limits(5));
    let mut engine = open();
    let job = engine.submit(plan(kind, ITEMS)).await.unwrap();
    let start = |engine: &Engine| {
        let engine = engine.clone();
        tokio::spawn(async move { engine.run(job).await })
    };
    let mut run = start(&engine);
    let (mut crashes, mut retries, mut outages, mut stops) = (0, 0, 0, 0);
    for (wait, act) in acts {
        sleep(Duration::from_millis(wait)).await;
        match act {
            Act::Crash { yields } => {
                crashes += 1;
                for _ in 0..yields {
                    tokio::task::yield_now().await;
                }
                run.abort();
                let _ = run.await;
                engine = open();
                run = start(&engine);
                continue;
            }
            Act::Stop => {
                stops += 1;
                engine.stop();
                run.await.unwrap().unwrap();
                engine = open();
                run = start(&engine);
                continue;
            }
            Act::PauseJob => engine.pause(Target::Job(job)).await.unwrap(),
            Act::ResumeJob => engine.resume(Target::Job(job)).await.unwrap(),
            // Items may be over by now.
            Act::PauseItem(number) => drop(engine.pause(Target::Item(job, number)).await),
            Act::ResumeItem(number) => drop(engine.resume(Target::Item(job, number)).await),
            Act::CancelItem(number) => drop(engine.cancel(Target::Item(job, number)).await),
            Act::CancelJob => engine.cancel(Target::Job(job)).await.unwrap(),
            Act::Retry => retries += engine.retry(Target::Job(job)).await.unwrap(),
            Act::PutFirst(number) => drop(engine.put_first(job, number).await),
            Act::Outage { millis } => {
                outages += 1 + millis / 1_000;
                let now = Instant::now();
                *world.outage.lock().unwrap() = Some((now, now + Duration::from_millis(millis)));
            }
        }
        if run.is_finished() {
            run.await.unwrap().unwrap();
            run = start(&engine);
        }
    }
    // In the end everything is wanted that is not cancelled.
    let mut left = engine.job(job).await.unwrap();
    if left.wanted == Wanted::Pause {
        engine.resume(Target::Job(job)).await.unwrap();
    }
    for number in 0..ITEMS {
        let item = &engine.items(job, number..number + 1).await.unwrap()[0];
        if item.wanted == Wanted::Pause {
            drop(engine.resume(Target::Item(job, number)).await);
        }
    }
    run.await.unwrap().unwrap();
    for _ in 0..3 {
        left = engine.run(job).await.unwrap();
    }
    check(&world);
    let counts = left.counts;
    assert_eq!(counts.waiting + counts.running, 0, "{left:?}");
    let over = counts.done + counts.skipped + counts.failed + counts.undecided + counts.cancelled;
    assert_eq!(over, u64::from(ITEMS), "{counts:?}");
    assert!(left.ended_at.is_some());
    for item in all(&engine, job).await {
        let truth = world.truth(item.number);
        match &item.state {
            ItemState::Done { .. } => {
                assert_eq!(truth.effects, 1, "{item:?}");
                assert_eq!(item.plan.seen.size, world.size(item.number), "{item:?}");
            }
            ItemState::Skipped { .. } | ItemState::Cancelled => assert_eq!(truth.effects, 0, "{item:?}"),
            ItemState::Failed(_) | ItemState::Undecided { .. } => {
                assert_eq!(truth.effects, 0, "{item:?}");
            }
            state => panic!("{state:?} is no end"),
        }
    }
    // Each attempt, each look at what became of one, one for each proof and try of a server that is away.
    let requests = world.requests.load(Ordering::Relaxed);
    let most =
        u64::from(ITEMS) + 2 * moves.len() as u64 + 12 * (crashes + stops) + 2 * retries as u64 + 12 * outages + 40;
    assert!(requests <= most, "{requests} requests, {most} at most");
}
