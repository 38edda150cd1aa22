//! Headers and metadata.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::{HeaderValue, Method};
use serde_json::json;
use storymimi_studio::journal::Journal;
use storymimi_studio::supabase::{ObjectEdit, Upload};
use storymimi_studio::transfer::plan::{EditOrder, HeaderEdit, KeySource, MetadataEdit};
use storymimi_studio::transfer::trash::Trash;
use storymimi_studio::transfer::{Action, FailureKind, ItemState, JobState, Kind, Plan, Proof, Target};

use storymimi_studio::workspace::Home;

use super::{World, acts, at, bad_gateway, bucket, dice, never};

/// Another type, another caching; one more in the metadata, one less, and one that stays.
fn edit() -> HeaderEdit {
    HeaderEdit {
        content_type: Some("image/webp".to_owned()),
        cache_control: Some("max-age=60".to_owned()),
        metadata: Some(MetadataEdit {
            replace: false,
            set: json!({"owner": "mimi"}).as_object().unwrap().clone(),
            unset: vec!["story".to_owned()],
        }),
    }
}

impl World {
    async fn plan_edit(&self, edit: HeaderEdit) -> Plan {
        let order = EditOrder {
            sources: vec![KeySource::Inside("k/".to_owned())],
            bucket: bucket(),
            edit,
        };
        self.service.plan_edit(&order, &|_| {}, &never()).await.unwrap()
    }

    async fn assert_edited(&self, key: &str) {
        let beside = self.beside(key).await;
        for told in [&beside.content_type, &beside.served_type] {
            assert_eq!(told.as_deref(), Some("image/webp"), "{key}");
        }
        for told in [&beside.cache_control, &beside.served_caching] {
            assert_eq!(told.as_deref(), Some("max-age=60"), "{key}");
        }
        assert_eq!(beside.metadata.get("owner"), Some(&json!("mimi")), "{key}");
        assert_eq!(beside.metadata.get("story"), None, "{key}");
        assert_eq!(beside.metadata.get("page"), Some(&json!(7)), "{key}");
        assert!(
            beside.metadata.contains_key("upload_id"),
            "{key}: what the program needs stays"
        );
        assert_eq!(beside.bytes, format!("bytes of {key}").into_bytes());
    }
}

#[tokio::test]
async fn many_are_edited_and_what_is_not_named_stays_and_all_of_it_can_be_taken_back() {
    let world = World::start().await;
    world.put_many(40).await;
    let before = world.all().await;
    let plan = world.plan_edit(edit()).await;
    assert_eq!((plan.kind, plan.items.len()), (Kind::Edit, 40));
    let report = world.run(plan.clone()).await;
    assert_eq!(report.job.state, JobState::Done, "{report:#?}");
    let done = ItemState::Done {
        proof: Proof::ServerHash,
    };
    assert!(report.items.iter().all(|item| item.state == done), "{report:#?}");
    for key in before.keys() {
        world.assert_edited(key).await;
    }
    // Planned once more, it would do nothing; carried out once more, it does nothing.
    let report = world.run(plan).await;
    assert!(
        report
            .items
            .iter()
            .all(|item| matches!(item.state, ItemState::Skipped { .. }))
    );
    let first = world.service.engine().jobs().await.unwrap()[0].id;
    let undoing = world.service.undo_transfer(first, &|_| {}).await.unwrap();
    assert_eq!((undoing.back.len(), undoing.left.len()), (40, 0), "{undoing:?}");
    assert_eq!(world.all().await, before);
}

#[tokio::test]
async fn headers_that_are_so_already_are_not_touched() {
    let world = World::start().await;
    world.put_many(3).await;
    let caching = HeaderEdit {
        cache_control: Some("max-age=3600".to_owned()),
        ..HeaderEdit::default()
    };
    let plan = world.plan_edit(caching).await;
    assert!(plan.items.iter().all(|item| item.action == Action::Identical));
    let refused = HeaderEdit {
        content_type: Some("nothing".to_owned()),
        ..HeaderEdit::default()
    };
    let order = EditOrder {
        sources: vec![KeySource::Inside("k/".to_owned())],
        bucket: bucket(),
        edit: refused,
    };
    let problem = world.service.plan_edit(&order, &|_| {}, &never()).await.unwrap_err();
    assert!(problem.what.contains("is no media type"), "{}", problem.what);
}

#[tokio::test]
async fn lost_answers_and_refusals_at_random_do_not_make_the_report_wrong() {
    let world = World::spoilt(|server, asked| {
        Box::pin(async move {
            match dice(asked.number) % 12 {
                // Nothing was done.
                0 => bad_gateway(),
                // It was done, and nobody hears of it.
                1 => {
                    let _ = server.pass(&asked).await;
                    bad_gateway()
                }
                _ => server.pass(&asked).await,
            }
        })
    })
    .await;
    world.put_many(24).await;
    let before = world.all().await;
    let report = world.run(world.plan_edit(edit()).await).await;
    assert_eq!(report.job.state, JobState::Done, "{report:#?}");
    for item in &report.items {
        assert!(matches!(item.state, ItemState::Done { .. }), "{item:#?}");
    }
    for key in before.keys() {
        world.assert_edited(key).await;
    }
    let home = Home::at(&world.folder.path().join("home"));
    let journal = Journal::open(&home.journal(&world.service.workspace().id)).unwrap();
    let trash = Trash::new(world.good.clone(), journal);
    assert_eq!(trash.list().await.unwrap().len(), 24, "there is one record of each");
}

#[tokio::test]
async fn a_program_that_ends_at_any_moment_goes_on_and_everything_can_be_taken_back() {
    for stop_after in [3, 17, 40, 61, 90] {
        let acted = Arc::new(AtomicUsize::new(0));
        let hangs = Arc::new(AtomicBool::new(false));
        let (count, hang) = (acted.clone(), hangs.clone());
        let mut world = World::spoilt(move |server, asked| {
            let (count, hang) = (count.clone(), hang.clone());
            Box::pin(async move {
                let answer = server.pass(&asked).await;
                if hang.load(Ordering::SeqCst) && count.fetch_add(1, Ordering::SeqCst) >= stop_after {
                    // Done on the server, and the program ends before it hears of it.
                    std::future::pending::<()>().await;
                }
                answer
            })
        })
        .await;
        world.put_many(20).await;
        let before = world.all().await;
        let plan = world.plan_edit(edit()).await;
        hangs.store(true, Ordering::SeqCst);
        let job = world.service.submit(plan).await.unwrap();
        // What is dropped is as if the program had died.
        let _ = tokio::time::timeout(Duration::from_secs(2), world.service.run_transfer(job)).await;
        hangs.store(false, Ordering::SeqCst);
        world.again().await;
        let report = world.service.run_transfer(job).await.unwrap();
        assert_eq!(report.job.state, JobState::Done, "after {stop_after}: {report:#?}");
        assert_eq!(
            report.job.counts.done, 20,
            "after {stop_after}: none is taken for another's work"
        );
        for key in before.keys() {
            world.assert_edited(key).await;
        }
        let undoing = world.service.undo_transfer(job, &|_| {}).await.unwrap();
        assert_eq!((undoing.back.len(), undoing.left.len()), (20, 0), "{undoing:?}");
        assert_eq!(world.all().await, before, "after {stop_after}");
    }
}

#[tokio::test]
async fn a_server_that_notes_and_does_not_serve_is_found_out() {
    let world = World::spoilt(|server, asked| {
        Box::pin(async move {
            let mut answer = server.pass(&asked).await;
            if asked.method == Method::HEAD {
                let old = HeaderValue::from_static("max-age=3600");
                answer.headers_mut().insert("cache-control", old);
            }
            answer
        })
    })
    .await;
    world.put_many(2).await;
    let report = world.run(world.plan_edit(edit()).await).await;
    assert_eq!(report.job.state, JobState::Failed);
    for item in &report.items {
        let ItemState::Failed(failure) = &item.state else {
            panic!("{item:#?}")
        };
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(failure.what.contains("goes on serving the old ones"), "{failure:?}");
    }
    // Tried once more, it is not taken for done because the server has noted it.
    let engine = world.service.engine();
    engine.retry(Target::Job(report.job.id)).await.unwrap();
    let report = world.service.run_transfer(report.job.id).await.unwrap();
    assert!(
        report
            .items
            .iter()
            .all(|item| matches!(item.state, ItemState::Failed(_))),
        "{report:#?}"
    );
}

#[tokio::test]
async fn what_is_another_object_by_now_is_left_alone() {
    let world = World::start().await;
    world.put_many(3).await;
    let plan = world.plan_edit(edit()).await;
    let objects = world.objects();
    let how = Upload {
        upsert: true,
        ..Upload::new("text/plain")
    };
    objects.upload(&at("k/000.png"), "others".into(), &how).await.unwrap();
    objects.remove_one(&at("k/001.png")).await.unwrap();
    let report = world.run(plan).await;
    let states: Vec<_> = report.items.iter().map(|item| &item.state).collect();
    for (state, says) in states.iter().zip(["not the object any more", "is not there any more"]) {
        let ItemState::Undecided { why } = state else {
            panic!("{state:?}")
        };
        assert!(why.contains(says), "{why}");
    }
    assert!(matches!(states[2], ItemState::Done { .. }));
    let others = world.beside("k/000.png").await;
    assert_eq!(others.content_type.as_deref(), Some("text/plain"));
    assert_eq!(others.metadata.get("owner"), None);
}

#[tokio::test]
async fn what_was_edited_once_more_since_is_not_put_back() {
    let world = World::start().await;
    world.put_many(2).await;
    let before = world.all().await;
    let report = world.run(world.plan_edit(edit()).await).await;
    let theirs = ObjectEdit {
        cache_control: Some("no-store".to_owned()),
        ..ObjectEdit::default()
    };
    world.objects().edit(&at("k/000.png"), &theirs).await.unwrap();
    let undoing = world.service.undo_transfer(report.job.id, &|_| {}).await.unwrap();
    assert_eq!(
        (undoing.back.as_slice(), undoing.left.len()),
        (["b/k/001.png".to_owned()].as_slice(), 1)
    );
    assert!(undoing.left[0].why.contains("was changed since"), "{undoing:?}");
    assert_eq!(
        world.beside("k/000.png").await.cache_control.as_deref(),
        Some("no-store")
    );
    assert_eq!(world.beside("k/001.png").await, before["k/001.png"]);
}

#[tokio::test]
async fn an_object_that_is_replaced_while_it_is_edited_is_told() {
    let replaced = Arc::new(AtomicBool::new(false));
    let once = replaced.clone();
    let world = World::spoilt(move |server, asked| {
        let once = once.clone();
        Box::pin(async move {
            if acts(&asked) && asked.path.ends_with("/object/copy") && !once.swap(true, Ordering::SeqCst) {
                // Between the look and the edit, somebody else stores something.
                let mut other = asked.clone();
                other.path = "/storage/v1/object/b/k/000.png".to_owned();
                other.headers.insert("x-upsert", HeaderValue::from_static("true"));
                other
                    .headers
                    .insert("content-type", HeaderValue::from_static("image/png"));
                other.headers.remove("content-length");
                other.headers.remove("x-metadata");
                other.body = bytes::Bytes::from_static(b"others");
                assert!(server.pass(&other).await.status().is_success());
            }
            server.pass(&asked).await
        })
    })
    .await;
    world.put_many(1).await;
    let report = world.run(world.plan_edit(edit()).await).await;
    assert!(replaced.load(Ordering::SeqCst));
    let ItemState::Undecided { why } = &report.items[0].state else {
        panic!("{report:#?}")
    };
    assert!(why.contains("was replaced by somebody else"), "{why}");
}
