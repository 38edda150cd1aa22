//! Objects that the server moves or copies.

use axum::http::Method;
use storymimi_studio::supabase::UPLOAD_MARK;
use storymimi_studio::transfer::carry::{self, Carried};
use storymimi_studio::transfer::{FailureKind, Kind, Proof};

use crate::between::{Deed, Passing};
use crate::{Trial, World, at, bucket, content, object, once};

fn is_order(passing: &Passing) -> bool {
    passing.method == Method::POST && (passing.path == "object/move" || passing.path == "object/copy")
}

/// Carries it out to the end and proves it.
async fn proven(trial: &mut Trial, project: &storymimi_studio::supabase::Supabase) -> Proof {
    let Ok(Carried::Landed(known, proof)) = carry::relocate(&trial.carry(project)).await else {
        panic!("it did not land");
    };
    trial.item.content = known;
    match proof {
        Some(proof) => proof,
        None => carry::verify(project, &[&trial.item]).await[0].1.clone().unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_moved_and_copied_with_all_that_is_beside_them() {
    let world = World::start().await;
    let (project, log) = world.through(|_| Deed::Pass).await;
    for (kind, to_bucket, requests) in [
        (Kind::Move, "b", 2),
        (Kind::Copy, "b", 2),
        // The server does not check what another bucket takes: it is asked once, and known then.
        (Kind::Move, "other", 3),
        (Kind::Copy, "other", 2),
    ] {
        let key = format!("{kind:?}-{to_bucket}");
        world.put(&key, content(5_000)).await;
        let before = world.info(&key).await;
        let to = format!("to/{key}");
        let mut trial = Trial::relocation(&world, kind, &key, Some(object(to_bucket, &to))).await;
        assert_eq!(proven(&mut trial, &project).await, Proof::ServerHash);
        assert_eq!(log.take().len(), requests + 1, "{key}, and one to prove it");
        let there = world.project().bucket(&bucket(to_bucket)).info(&at(&to)).await.unwrap();
        assert_eq!((&there.etag, &there.metadata), (&before.etag, &before.metadata));
        assert_eq!(world.keys().await.contains(&key), kind == Kind::Copy);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_found_out_at_both_ends() {
    let world = World::start().await;
    for kind in [Kind::Move, Kind::Copy] {
        for deed in [|| Deed::DropReply, || Deed::Refuse(502, "")] {
            let key = format!("{kind:?}");
            world.put(&key, content(5_000)).await;
            let mut trial = Trial::relocation(&world, kind, &key, Some(object("b", "to"))).await;
            let (project, _) = world.through(once(is_order, deed())).await;
            let carried = match carry::relocate(&trial.carry(&project)).await {
                Ok(carried) => carried,
                // It had no effect: done again.
                Err(failed) => {
                    assert_eq!(failed.kind, FailureKind::Ambiguous, "{failed:?}");
                    assert_eq!(carry::reconcile(&trial.carry(&project)).await, Ok(None));
                    trial.next_run();
                    carry::relocate(&trial.carry(&project)).await.unwrap()
                }
            };
            assert!(matches!(carried, Carried::Landed(..)));
            // A run that never heard of it.
            let found = carry::reconcile(&trial.carry(&project)).await.unwrap();
            assert!(matches!(found, Some(Carried::Landed(..))), "{kind:?}");
            let again = carry::relocate(&trial.carry(&project)).await;
            assert!(matches!(again, Ok(Carried::Landed(..))), "{kind:?}: {again:?}");
            assert_eq!(world.bytes("to").await, content(5_000));
            for left in world.keys().await {
                world.objects().remove_one(&at(&left)).await.unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_what_was_planned_stays_where_it_is() {
    let world = World::start().await;
    let project = world.project();
    world.put("a", content(5_000)).await;
    let trial = Trial::relocation(&world, Kind::Move, "a", Some(object("b", "to"))).await;
    world.objects().remove_one(&at("a")).await.unwrap();
    let failed = carry::relocate(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed, "it is gone");
    world.put("a", content(5_004)).await;
    let failed = carry::relocate(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed, "it is another");
    assert_eq!(carry::reconcile(&trial.carry(&project)).await, Ok(None));

    // The target is taken by another object: nothing is replaced, and it is not taken for ours.
    world.put("to", content(4_000)).await;
    for kind in [Kind::Move, Kind::Copy] {
        let trial = Trial::relocation(&world, kind, "a", Some(object("b", "to"))).await;
        let failed = carry::relocate(&trial.carry(&project)).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::Changed);
        assert_eq!(carry::reconcile(&trial.carry(&project)).await, Ok(None));
    }
    assert_eq!(world.bytes("to").await, content(4_000));
    assert_eq!(world.bytes("a").await, content(5_004));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_room_can_be_taken_back_whatever_breaks() {
    let world = World::start().await;
    for kind in [Kind::Move, Kind::Copy] {
        for number in 0..6 {
            world.put("a", content(5_000)).await;
            world.put("to", content(3_000)).await;
            let mut trial = Trial::relocation(&world, kind, "a", Some(object("b", "to"))).await;
            trial = trial.replacing(world.seen("to").await);
            let mut count = 0;
            let (project, _) = world
                .through(move |_| {
                    count += 1;
                    if count == number + 1 {
                        Deed::DropReply
                    } else {
                        Deed::Pass
                    }
                })
                .await;
            let mut carried = carry::relocate(&trial.carry(&project)).await;
            if carried.is_err() {
                trial.next_run();
                carried = match carry::reconcile(&trial.carry(&project)).await.unwrap() {
                    Some(found) => Ok(found),
                    None => carry::relocate(&trial.carry(&project)).await,
                };
            }
            assert!(
                matches!(carried, Ok(Carried::Landed(..))),
                "{kind:?} {number}: {carried:?}"
            );
            assert_eq!(world.bytes("to").await, content(5_000));
            let aside = trial.way.asides.lock().unwrap().last().cloned().unwrap();
            assert!(aside.replaced && aside.key == at("to"));
            assert_eq!(world.bytes(aside.trash.as_str()).await, content(3_000));
            for left in world.keys().await {
                world.objects().remove_one(&at(&left)).await.unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_made_room_for_nothing_comes_back() {
    let world = World::start().await;
    world.put("a", content(5_000)).await;
    world.put("to", content(3_000)).await;
    let trial = Trial::relocation(&world, Kind::Move, "a", Some(object("b", "to"))).await;
    let trial = trial.replacing(world.seen("to").await);
    let refuse = |passing: &Passing| {
        let body = String::from_utf8_lossy(&passing.body).into_owned();
        if is_order(passing) && body.contains(r#""sourceKey":"a""#) {
            Deed::Refuse(
                400,
                r#"{"statusCode":"403","error":"AccessDenied","message":"no","code":"AccessDenied"}"#,
            )
        } else {
            Deed::Pass
        }
    };
    let (project, _) = world.through(refuse).await;
    let failed = carry::relocate(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Refused);
    assert_eq!(world.bytes("to").await, content(3_000));
    assert_eq!(world.keys().await, ["a", "to"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_made_room_for_a_move_that_nobody_wants_any_more_comes_back() {
    let world = World::start().await;
    world.put("a", content(5_000)).await;
    world.put("to", content(3_000)).await;
    let trial = Trial::relocation(&world, Kind::Move, "a", Some(object("b", "to"))).await;
    let mut trial = trial.replacing(world.seen("to").await);
    let stop = trial.stop.clone();
    let halt = move |passing: &Passing| {
        let body = String::from_utf8_lossy(&passing.body).into_owned();
        if is_order(passing) && body.contains(r#""sourceKey":"a""#) {
            stop.cancel();
            return Deed::Refuse(502, "");
        }
        Deed::Pass
    };
    let (project, _) = world.through(halt).await;
    assert_eq!(carry::relocate(&trial.carry(&project)).await, Ok(Carried::Stopped));
    assert!(!world.keys().await.contains(&"to".to_owned()));
    trial.next_run();
    carry::discard(&trial.carry(&project)).await.unwrap();
    assert_eq!(world.keys().await, ["a", "to"]);
    assert_eq!(world.bytes("to").await, content(3_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_goes_to_the_trash_and_comes_back() {
    let world = World::start().await;
    world.put("s/a.png", content(5_000)).await;
    let before = world.info("s/a.png").await;
    for lost in [false, true] {
        let mut trial = Trial::relocation(&world, Kind::Delete, "s/a.png", None).await;
        let which = move |passing: &Passing| lost && is_order(passing);
        let (project, _) = world.through(once(which, Deed::DropReply)).await;
        let carried = carry::relocate(&trial.carry(&project)).await.unwrap();
        assert!(matches!(carried, Carried::Landed(..)));
        trial.next_run();
        let found = carry::reconcile(&trial.carry(&project)).await.unwrap();
        assert!(
            matches!(found, Some(Carried::Landed(..))),
            "the key in the trash was kept"
        );
        let aside = trial.way.asides.lock().unwrap()[0].clone();
        assert_eq!((aside.replaced, &aside.etag), (false, &before.etag));
        let keys = world.keys().await;
        assert_eq!(keys, [aside.trash.to_string()]);
        assert!(keys[0].starts_with("_trash/") && keys[0].ends_with("/s/a.png"));

        let back = Some(object("b", "s/a.png"));
        let mut trial = Trial::relocation(&world, Kind::Restore, &keys[0], back).await;
        assert_eq!(proven(&mut trial, &project).await, Proof::ServerHash);
        let after = world.info("s/a.png").await;
        assert_eq!((after.etag, &after.metadata), (before.etag.clone(), &before.metadata));
        assert!(after.metadata.contains_key(UPLOAD_MARK));
    }
}
