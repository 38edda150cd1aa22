//! What a person wants: waiting, going on, ending, trying again, order and limits.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{all, check, limits};
use crate::transfer::engine::script::{World, engine, plan};
use crate::transfer::engine::{Limits, Target};
use crate::transfer::error::TransferError;
use crate::transfer::job::{ItemState, JobState};
use crate::transfer::plan::Kind;

#[tokio::test(start_paused = true)]
async fn what_is_paused_waits_through_a_restart_and_what_is_cancelled_ends() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let first = engine(folder.path(), &world, limits(4));
    let job = first.submit(plan(Kind::Upload, 200)).await.unwrap();
    let run = tokio::spawn({
        let engine = first.clone();
        async move { engine.run(job).await }
    });
    sleep(Duration::from_millis(300)).await;
    first.pause(Target::Job(job)).await.unwrap();
    let paused = run.await.unwrap().unwrap();
    assert_eq!(
        (paused.state, paused.counts.running),
        (JobState::Paused, 0),
        "{paused:?}"
    );
    assert!(
        paused.counts.waiting > 100 && paused.counts.done > 10,
        "{:?}",
        paused.counts
    );
    drop(first);

    let second = engine(folder.path(), &world, limits(4));
    second.run_all().await.unwrap();
    assert_eq!(
        second.job(job).await.unwrap().counts,
        paused.counts,
        "it is still paused"
    );
    second.resume(Target::Job(job)).await.unwrap();
    second.pause(Target::Item(job, 150)).await.unwrap();
    second.cancel(Target::Item(job, 151)).await.unwrap();
    second.put_first(job, 199).await.unwrap();
    let before = world.order.lock().unwrap().len();
    second.run_all().await.unwrap();
    assert!(world.order.lock().unwrap()[before..][..4].contains(&199));
    let held = second.job(job).await.unwrap();
    assert_eq!(held.state, JobState::Paused);
    assert_eq!(
        (held.counts.done, held.counts.waiting, held.counts.cancelled),
        (198, 1, 1)
    );
    let items = all(&second, job).await;
    assert_eq!(items[151].state, ItemState::Cancelled);
    assert_eq!(world.truth(151).effects, 0);

    second.cancel(Target::Everything).await.unwrap();
    let ended = second.job(job).await.unwrap();
    assert_eq!((ended.state, ended.counts.cancelled), (JobState::Cancelled, 2));
    assert_eq!(second.retry(Target::Item(job, 151)).await.unwrap(), 1);
    assert!(matches!(
        second.retry(Target::Item(job, 0)).await,
        Err(TransferError::NoSuchItem { number: 0, .. })
    ));
    let last = second.run(job).await.unwrap();
    assert_eq!(last.counts.done, 199);
    check(&world);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_cancelled_while_it_runs_throws_away_what_has_not_arrived() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    *world.takes.lock().unwrap() = Some(Duration::from_secs(2));
    let first = engine(folder.path(), &world, limits(8));
    let job = first.submit(plan(Kind::Upload, 500)).await.unwrap();
    let run = tokio::spawn({
        let engine = first.clone();
        async move { engine.run(job).await }
    });
    sleep(Duration::from_secs(9)).await;
    // From another process.
    let other = engine(folder.path(), &world, limits(8));
    assert!(matches!(other.run(job).await, Err(TransferError::Busy(_))));
    assert_eq!(other.job(job).await.unwrap().state, JobState::Running);
    other.cancel(Target::Job(job)).await.unwrap();
    let ended = run.await.unwrap().unwrap();
    assert_eq!(ended.state, JobState::Cancelled);
    assert_eq!(ended.counts.done + ended.counts.cancelled, 500);
    for item in all(&first, job).await {
        let there = world.truth(item.number).effects;
        assert_eq!(item.state == ItemState::Cancelled, there == 0, "{item:?}");
    }
    check(&world);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_put_behind_the_next_that_is_not_over() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let engine = engine(folder.path(), &world, limits(4));
    let mut jobs = Vec::new();
    for _ in 0..4 {
        jobs.push(engine.submit(plan(Kind::Upload, 1)).await.unwrap());
    }
    // The second is over: nobody waits for it.
    engine.run(jobs[1]).await.unwrap();
    engine.put_later(jobs[0]).await.unwrap();
    let order = async || -> Vec<_> {
        let all = engine.jobs().await.unwrap();
        all.iter().map(|job| job.id).collect()
    };
    assert_eq!(order().await, [jobs[1], jobs[2], jobs[0], jobs[3]]);
    engine.put_later(jobs[3]).await.unwrap();
    assert_eq!(
        order().await,
        [jobs[1], jobs[2], jobs[0], jobs[3]],
        "the last one stays"
    );
    let unknown = crate::transfer::job::JobId(uuid::Uuid::new_v4());
    assert!(matches!(
        engine.put_later(unknown).await,
        Err(TransferError::NoSuchJob(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn jobs_run_in_their_order_and_stop_at_a_safe_place() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let first = engine(folder.path(), &world, limits(2));
    let mut jobs = Vec::new();
    for _ in 0..3 {
        jobs.push(first.submit(plan(Kind::Download, 40)).await.unwrap());
    }
    first.place(jobs[2], 0).await.unwrap();
    let order: Vec<_> = first.jobs().await.unwrap().iter().map(|job| job.id).collect();
    assert_eq!(order, [jobs[2], jobs[0], jobs[1]]);
    let run = tokio::spawn({
        let engine = first.clone();
        async move { engine.run_always().await }
    });
    sleep(Duration::from_millis(300)).await;
    let states: Vec<_> = first.jobs().await.unwrap().iter().map(|job| job.state).collect();
    assert_eq!(states, [JobState::Running, JobState::Running, JobState::Waiting]);
    first.stop();
    run.await.unwrap().unwrap();
    for job in first.jobs().await.unwrap() {
        assert_eq!(job.state, JobState::Waiting);
        let items = all(&first, job.id).await;
        assert!(items.iter().all(|item| item.state != ItemState::InFlight));
    }
    // The world tells items by their numbers, which these jobs have in common: it is not asked what was wrong.
}

#[tokio::test(start_paused = true)]
async fn the_limits_hold_for_all_jobs_together_and_can_be_set_while_they_run() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World {
        bytes: 1_000,
        ..World::default()
    });
    let slow = Limits {
        bytes_per_second: NonZeroU64::new(10_000),
        ..limits(5)
    };
    let engine = engine(folder.path(), &world, slow);
    let start = Instant::now();
    // Keys of two jobs are the same here; the world tells items by their numbers.
    let job = engine.submit(plan(Kind::Upload, 100)).await.unwrap();
    let (done, ()) = tokio::join!(engine.run(job), async {
        sleep(Duration::from_secs(5)).await;
        let moved = world.order.lock().unwrap().len();
        assert!((45..=51).contains(&moved), "{moved}");
        engine.set_limits(limits(5));
    });
    done.unwrap();
    assert!(
        (5.0..7.5).contains(&start.elapsed().as_secs_f64()),
        "{:?}",
        start.elapsed()
    );
    assert!(world.most_at_once.load(Ordering::Relaxed) <= 5);
    check(&world);
}
