//! Buckets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::Method;
use axum::response::IntoResponse as _;
use serde_json::{Value, json};
use storymimi_studio::service::BucketTotal;
use storymimi_studio::supabase::{Class, Upload};
use storymimi_studio::transfer::plan::{DeleteOrder, KeySource};
use storymimi_studio::transfer::{Action, FailureKind, ItemState, JobState, Kind, Proof, Rules};

use super::{World, at, bad_gateway, bucket, dice, never};

impl World {
    async fn plan_emptying(&self, then_delete: bool) -> storymimi_studio::transfer::Plan {
        let (service, stop) = (&self.service, never());
        service
            .plan_emptying(&bucket(), then_delete, &|_| {}, &stop)
            .await
            .unwrap()
    }

    async fn is_there(&self) -> bool {
        match self.good.buckets().get(&bucket()).await {
            Ok(_) => true,
            Err(error) if error.class == Class::BucketNotFound => false,
            Err(error) => panic!("{error}"),
        }
    }
}

fn failure(state: &ItemState) -> &storymimi_studio::transfer::Failure {
    let ItemState::Failed(failure) = state else {
        panic!("{state:?}")
    };
    failure
}

#[tokio::test]
async fn everything_goes_the_trash_too_and_then_the_bucket() {
    let world = World::start().await;
    world.put_many(30).await;
    let order = DeleteOrder {
        sources: vec![KeySource::Key(at("k/000.png"))],
        bucket: bucket(),
        rules: Rules::default(),
    };
    let trashed = world.service.plan_deletion(&order, &|_| {}, &never()).await.unwrap();
    assert_eq!(world.run(trashed).await.job.state, JobState::Done);
    world.service.new_folder(&bucket(), "empty/folder").await.unwrap();
    assert_eq!(world.keys().await.len(), 31, "29, one in the trash, and a folder");
    let bytes = 30 * "bytes of k/000.png".len() as u64;
    let total = world.service.bucket_total(&bucket()).await.unwrap();
    assert_eq!(total, BucketTotal { objects: 31, bytes });

    let plan = world.plan_emptying(false).await;
    assert!(plan.title.contains("31 objects"), "{}", plan.title);
    assert_eq!((plan.kind, plan.items[0].size), (Kind::Empty, Some(bytes)));
    assert_eq!(world.keys().await.len(), 31, "a plan changes nothing");
    let report = world.run(plan).await;
    assert_eq!(report.job.state, JobState::Done, "{report:#?}");
    let proof = Proof::ReadBack;
    assert_eq!(report.items[0].state, ItemState::Done { proof });
    assert!(world.keys().await.is_empty() && world.is_there().await);
    assert_eq!(world.plan_emptying(false).await.items[0].action, Action::Identical);

    world.put_many(2).await;
    let report = world.run(world.plan_emptying(true).await).await;
    assert_eq!(
        (report.job.kind, report.job.state),
        (Kind::DeleteBucket, JobState::Done)
    );
    assert!(!world.is_there().await);
    let gone = world
        .service
        .plan_emptying(&bucket(), true, &|_| {}, &never())
        .await
        .unwrap_err();
    assert_eq!(gone.code.as_deref(), Some("NoSuchBucket"));
}

#[tokio::test]
async fn failures_at_random_and_objects_that_come_meanwhile_leave_nothing_behind() {
    let came = Arc::new(AtomicUsize::new(0));
    let count = came.clone();
    let world = World::spoilt(move |server, asked| {
        let count = count.clone();
        Box::pin(async move {
            let removes = asked.method == Method::DELETE && asked.path.contains("/object/");
            let number = count.load(Ordering::SeqCst);
            if removes && number < 5 && count.fetch_add(1, Ordering::SeqCst) < 5 {
                // Somebody else goes on storing.
                let mut other = asked.clone();
                other.method = Method::POST;
                other.path = format!("/storage/v1/object/b/a/late-{number}-{}.png", asked.number);
                other.headers.remove("content-length");
                other.headers.remove("content-type");
                assert!(server.pass(&other).await.status().is_success());
            }
            match dice(asked.number) % 4 {
                0 => bad_gateway(),
                1 => {
                    let _ = server.pass(&asked).await;
                    bad_gateway()
                }
                _ => server.pass(&asked).await,
            }
        })
    })
    .await;
    world.put_many(60).await;
    let report = world.run(world.plan_emptying(true).await).await;
    assert_eq!(report.job.state, JobState::Done, "{report:#?}");
    assert!(!world.is_there().await);
    assert!(came.load(Ordering::SeqCst) > 1, "the test is one");
}

#[tokio::test]
async fn what_a_policy_hides_when_it_is_to_be_deleted_is_named_and_the_bucket_stays() {
    let world = World::spoilt(|server, mut asked| {
        Box::pin(async move {
            if asked.method == Method::DELETE && asked.path.ends_with("/object/b") {
                // As row level security does it: without a word.
                let mut body: Value = serde_json::from_slice(&asked.body).unwrap();
                let keys = body["prefixes"].as_array_mut().unwrap();
                keys.retain(|key| !key.as_str().unwrap().contains("/00"));
                if keys.is_empty() {
                    return axum::Json(json!([])).into_response();
                }
                asked.body = body.to_string().into();
                asked.headers.remove("content-length");
            }
            server.pass(&asked).await
        })
    })
    .await;
    world.put_many(30).await;
    for then_delete in [false, true] {
        let report = world.run(world.plan_emptying(then_delete).await).await;
        assert_eq!(report.job.state, JobState::Failed);
        let failure = failure(&report.items[0].state);
        assert_eq!(failure.kind, FailureKind::Refused);
        for part in ["10 objects", "“k/000.png”", "and 7 more", "A policy hides"] {
            assert!(failure.what.contains(part), "{part}: {}", failure.what);
        }
        assert_eq!(world.keys().await.len(), 10);
        assert!(world.is_there().await);
    }
}

#[tokio::test]
async fn a_bucket_that_only_seems_empty_is_not_said_to_be_deleted() {
    let world = World::spoilt(|server, asked| {
        Box::pin(async move {
            if asked.path.contains("/object/list") {
                return axum::Json(json!({"hasNext": false, "folders": [], "objects": []})).into_response();
            }
            server.pass(&asked).await
        })
    })
    .await;
    world.put_many(1).await;
    let report = world.run(world.plan_emptying(true).await).await;
    let failure = failure(&report.items[0].state);
    assert!(failure.what.contains("this key sees nothing in it"), "{}", failure.what);
    assert!(world.is_there().await && world.keys().await.len() == 1);
}

#[tokio::test]
async fn it_goes_on_after_the_program_ended() {
    let hangs = Arc::new(AtomicBool::new(false));
    let hang = hangs.clone();
    let mut world = World::spoilt(move |server, asked| {
        let hang = hang.clone();
        Box::pin(async move {
            let answer = server.pass(&asked).await;
            if hang.load(Ordering::SeqCst) && asked.method == Method::DELETE {
                std::future::pending::<()>().await;
            }
            answer
        })
    })
    .await;
    world.put_many(20).await;
    hangs.store(true, Ordering::SeqCst);
    let job = world.service.submit(world.plan_emptying(true).await).await.unwrap();
    let _ = tokio::time::timeout(Duration::from_secs(2), world.service.run_transfer(job)).await;
    hangs.store(false, Ordering::SeqCst);
    world.again().await;
    let how = Upload::new("image/png");
    world
        .objects()
        .upload(&at("late.png"), "late".into(), &how)
        .await
        .unwrap();
    let report = world.service.run_transfer(job).await.unwrap();
    assert_eq!(report.job.state, JobState::Done, "{report:#?}");
    assert!(!world.is_there().await);
}
