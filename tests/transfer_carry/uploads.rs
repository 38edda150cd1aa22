//! Files that become objects.

use axum::http::Method;
use bytes::Bytes;
use serde_json::Value;
use storymimi_studio::supabase::UPLOAD_MARK;
use storymimi_studio::transfer::carry::{self, Carried};
use storymimi_studio::transfer::{FailureKind, Proof};

use crate::between::{Deed, Passing};
use crate::{MIB, Trial, World, content, once};

fn is_put(passing: &Passing) -> bool {
    passing.is(&Method::POST, "object/b/")
}

fn proof(carried: &Carried) -> Option<Proof> {
    match carried {
        Carried::Landed(_, proof) => *proof,
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_is_one_request_and_many_are_proven_by_a_listing() {
    let world = World::start().await;
    let (project, log) = world.through(|_| Deed::Pass).await;
    let mut trials = Vec::new();
    for number in 0..30 {
        let file = world.file(&format!("{number}.png"), &content(1_000 + number));
        let mut trial = Trial::upload(&file, &format!("stories/{number:02}/scene.png"));
        trial.item.number = u32::try_from(number).unwrap();
        let Carried::Landed(known, None) = carry::upload(&trial.carry(&project)).await.unwrap() else {
            panic!("it has landed, unproven");
        };
        assert_eq!(
            (known.size, trial.way.arrived()),
            (Some(1_000 + number as u64), 1_000 + number as u64)
        );
        trial.item.content = known;
        trials.push(trial);
    }
    assert_eq!(log.take().len(), 30);
    let items: Vec<_> = trials.iter().map(|trial| &trial.item).collect();
    let proofs = carry::verify(&project, &items).await;
    assert_eq!(proofs.len(), 30);
    assert!(
        proofs.iter().all(|(_, proof)| *proof == Ok(Proof::ServerHash)),
        "{proofs:?}"
    );
    assert_eq!(log.take(), ["POST object/list-v2/b"]);

    let info = world.info("stories/07/scene.png").await;
    assert_eq!(info.metadata[UPLOAD_MARK], trials[7].item.mark.to_string());
    assert_eq!(
        info.metadata["sha256"].as_str(),
        trials[7].item.content.sha256.as_deref()
    );
    assert_eq!(info.content_type.as_deref(), Some("image/png"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_answer_is_lost_is_found_and_not_made_again() {
    let world = World::start().await;
    let file = world.file("a", &content(5_000));
    let (project, log) = world.through(once(is_put, Deed::DropReply)).await;
    let trial = Trial::upload(&file, "a");
    assert!(matches!(
        carry::upload(&trial.carry(&project)).await,
        Ok(Carried::Landed(..))
    ));
    assert_eq!(log.take(), ["POST object/b/a", "GET object/info/authenticated/b/a"]);

    // A program that died before it heard: the next one asks, or simply begins again, and finds its own.
    let (project, log) = world.through(|_| Deed::Pass).await;
    let found = carry::reconcile(&trial.carry(&project)).await.unwrap().unwrap();
    assert_eq!(proof(&found), Some(Proof::ServerHash));
    assert_eq!(log.take().len(), 1);
    let again = carry::upload(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&again), Some(Proof::ServerHash));
    assert_eq!(world.keys().await, ["a"]);
    assert_eq!(world.bytes("a").await, content(5_000));

    // A request that never arrived had no effect.
    let trial = Trial::upload(&file, "b");
    assert_eq!(carry::reconcile(&trial.carry(&project)).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_is_left_alone() {
    let world = World::start().await;
    let project = world.project();
    let file = world.file("a", &content(5_000));
    world.put("same", content(5_000)).await;
    world.put("other", content(5_004)).await;
    let same = Trial::upload(&file, "same");
    assert_eq!(carry::upload(&same.carry(&project)).await, Ok(Carried::Identical));
    assert_eq!(carry::reconcile(&same.carry(&project)).await, Ok(None));
    let other = Trial::upload(&file, "other");
    let failed = carry::upload(&other.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed, "{failed:?}");
    carry::discard(&other.carry(&project)).await.unwrap();
    assert_eq!(
        world.bytes("other").await,
        content(5_004),
        "what is not ours is not removed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replaced_goes_to_the_trash_first_whatever_breaks() {
    let world = World::start().await;
    let file = world.file("a", &content(5_000));
    // Where the program dies, or an answer is lost: at each request in turn.
    for (number, break_at) in (0..6).flat_map(|number| [(number, "lose"), (number, "refuse")]) {
        let key = format!("scene-{number}-{break_at}");
        world.put(&key, content(3_000)).await;
        let before = world.info(&key).await;
        let mut trial = Trial::upload(&file, &key).replacing(world.seen(&key).await);
        let mut count = 0;
        let (project, _) = world
            .through(move |_| {
                count += 1;
                match break_at {
                    _ if count != number + 1 => Deed::Pass,
                    "lose" => Deed::DropReply,
                    _ => Deed::Refuse(
                        403,
                        r#"{"statusCode":"403","error":"AccessDenied","message":"no","code":"AccessDenied"}"#,
                    ),
                }
            })
            .await;
        let mut carried = carry::upload(&trial.carry(&project)).await;
        if carried.is_err() {
            trial.next_run();
            let project = world.project();
            carried = match carry::reconcile(&trial.carry(&project)).await.unwrap() {
                Some(found) => Ok(found),
                None => carry::upload(&trial.carry(&project)).await,
            };
        }
        let Ok(Carried::Landed(known, proof)) = carried else {
            panic!("{key}: {carried:?}");
        };
        // A look that failed leaves the proof for later.
        assert!(matches!(proof, Some(Proof::ServerHash) | None), "{proof:?}");
        assert_eq!(known.size, Some(5_000));
        assert_eq!(world.bytes(&key).await, content(5_000), "{key}");
        let info = world.info(&key).await;
        assert_eq!(info.metadata["story"], "fox", "what was beside it is kept");
        assert_eq!(info.metadata[UPLOAD_MARK], trial.item.mark.to_string());
        let aside = trial.way.asides.lock().unwrap().last().cloned();
        if let Some(aside) = aside {
            assert!(aside.replaced && aside.etag == before.etag);
            let trashed = world.objects().info(&aside.trash).await.unwrap();
            assert_eq!(trashed.etag, before.etag);
            assert_eq!(world.bytes(aside.trash.as_str()).await, content(3_000));
        }
        let in_trash = world.keys().await;
        let in_trash = in_trash
            .iter()
            .filter(|found| found.starts_with("_trash/") && found.ends_with(&key));
        assert_eq!(in_trash.count(), 1, "{key}: once, whatever was repeated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_planned_object_any_more_is_not_replaced() {
    let world = World::start().await;
    let project = world.project();
    let file = world.file("a", &content(5_000));
    world.put("a", content(3_000)).await;
    let planned = world.seen("a").await;
    world.objects().remove_one(&crate::at("a")).await.unwrap();
    world.put("a", content(3_004)).await;
    let trial = Trial::upload(&file, "a").replacing(planned);
    let failed = carry::upload(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed);
    assert_eq!(world.keys().await, ["a"]);
    assert_eq!(world.bytes("a").await, content(3_004));
    assert!(trial.way.asides.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_on_in_another_run_where_it_broke_off() {
    let world = World::start().await;
    let whole = content(20 * MIB);
    let file = world.file("large", &whole);
    let (project, log) = world.through(|_| Deed::Pass).await;
    let mut trial = Trial::upload(&file, "large");
    let stop = trial.stop.clone();
    trial.way.on_admit = Some(Box::new(move |admitted| {
        if admitted >= 18 * MIB as u64 {
            stop.cancel();
        }
    }));
    assert_eq!(carry::upload(&trial.carry(&project)).await, Ok(Carried::Stopped));
    let first = log.take();
    assert_eq!(
        first[0], "POST upload/resumable",
        "begun, and noted, before any byte goes: {first:?}"
    );
    assert!(world.keys().await.is_empty());
    let reached = trial.way.arrived();
    assert!(reached >= 12 * MIB as u64 && reached < 20 * MIB as u64, "{reached}");

    trial.next_run();
    trial.way.on_admit = None;
    trial.way.admitted = 0.into();
    assert_eq!(carry::reconcile(&trial.carry(&project)).await, Ok(None));
    let carried = carry::upload(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    // What the server has of the piece whose answer was not waited for is not sent again either.
    let sent = trial.way.admitted.load(std::sync::atomic::Ordering::SeqCst);
    assert!(sent <= 20 * MIB as u64 - reached, "{sent} after {reached}");
    assert_eq!(trial.way.arrived(), 20 * MIB as u64);
    assert_eq!(world.bytes("large").await, whole);
    assert!(
        !log.take().contains(&"POST upload/resumable".to_owned()),
        "not begun anew"
    );

    // Another run that knows nothing of the end finds it.
    let again = carry::upload(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&again), Some(Proof::ServerHash));
    assert_eq!(world.keys().await, ["large"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_server_has_forgotten_begins_again_with_the_same_mark() {
    let world = World::start().await;
    let whole = content(14 * MIB);
    let file = world.file("large", &whole);
    let mut pieces = 0;
    let judge = move |passing: &Passing| {
        pieces += usize::from(passing.method == Method::PATCH);
        if passing.method == Method::PATCH && pieces == 2 {
            Deed::Expire
        } else {
            Deed::Pass
        }
    };
    let (project, log) = world.through(judge).await;
    let trial = Trial::upload(&file, "large");
    let carried = carry::upload(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    assert_eq!(world.bytes("large").await, whole);
    let begun = log
        .take()
        .iter()
        .filter(|line| *line == "POST upload/resumable")
        .count();
    assert_eq!(begun, 2);
    assert_eq!(
        world.info("large").await.metadata[UPLOAD_MARK],
        trial.item.mark.to_string()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_the_last_piece_is_found_out() {
    let world = World::start().await;
    let whole = content(8 * MIB);
    let file = world.file("large", &whole);
    let last = |passing: &Passing| passing.method == Method::PATCH && passing.body.len() < 6 * MIB;
    let (project, _) = world.through(once(last, Deed::DropReply)).await;
    let trial = Trial::upload(&file, "large");
    let carried = carry::upload(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    assert_eq!(world.keys().await, ["large"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_while_it_is_sent_is_not_stored() {
    let world = World::start().await;
    let (project, log) = world.through(|_| Deed::Pass).await;
    let file = world.file("large", &content(14 * MIB));
    let mut trial = Trial::upload(&file, "large");
    let changed = file.clone();
    trial.way.on_admit = Some(Box::new(move |admitted| {
        if admitted == 6 * MIB as u64 {
            let mut bytes = content(14 * MIB);
            bytes.reverse();
            std::fs::write(&changed, bytes).unwrap();
        }
    }));
    let failed = carry::upload(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::SourceChanged, "{failed:?}");
    assert!(world.keys().await.is_empty());
    assert!(
        log.take()
            .iter()
            .any(|line| line.starts_with("DELETE upload/resumable/")),
        "nothing is left lying"
    );
    assert_eq!(*trial.way.kept.lock().unwrap(), Some(None));

    // Before it is begun, and a small one.
    let file = world.file("small", b"before");
    let trial = Trial::upload(&file, "small");
    std::fs::write(&file, b"after!").unwrap();
    let failed = carry::upload(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::SourceChanged);
    std::fs::remove_file(&file).unwrap();
    let failed = carry::upload(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::SourceChanged);
    assert!(world.keys().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_change_on_the_way_are_noticed_and_removed() {
    let world = World::start().await;
    let sent = content(5_000);
    let file = world.file("a", &sent);
    let mut wrong = sent.clone();
    wrong[777] ^= 1;
    let (project, _) = world.through(once(is_put, Deed::Send(wrong.into()))).await;
    let mut trial = Trial::upload(&file, "a");
    let Ok(Carried::Landed(known, None)) = carry::upload(&trial.carry(&project)).await else {
        panic!("the server said that it is stored");
    };
    trial.item.content = known;
    let proofs = carry::verify(&project, &[&trial.item]).await;
    assert_eq!(
        proofs[0].1.as_ref().unwrap_err().kind,
        FailureKind::Corrupt,
        "{proofs:?}"
    );
    assert!(world.keys().await.is_empty(), "the bad object is removed");

    // Nor is a shorter one kept.
    let (project, _) = world
        .through(once(is_put, Deed::Send(Bytes::copy_from_slice(&sent[..100]))))
        .await;
    assert!(carry::upload(&trial.carry(&project)).await.is_ok());
    let found = carry::reconcile(&trial.carry(&project)).await;
    assert_eq!(found.unwrap_err().kind, FailureKind::Corrupt);
    assert!(world.keys().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_any_more_leaves_nothing() {
    let world = World::start().await;
    let (project, log) = world.through(|_| Deed::Pass).await;
    let file = world.file("large", &content(14 * MIB));
    let mut trial = Trial::upload(&file, "large");
    let stop = trial.stop.clone();
    trial.way.on_admit = Some(Box::new(move |_| stop.cancel()));
    assert_eq!(carry::upload(&trial.carry(&project)).await, Ok(Carried::Stopped));
    trial.next_run();
    log.take();
    carry::discard(&trial.carry(&project)).await.unwrap();
    assert!(log.take()[0].starts_with("DELETE upload/resumable/"));

    // One that was stored although nobody waited for the answer; and one that replaced another.
    let file = world.file("small", &content(5_000));
    let trial = Trial::upload(&file, "small");
    carry::upload(&trial.carry(&project)).await.unwrap();
    carry::discard(&trial.carry(&project)).await.unwrap();
    assert!(world.keys().await.is_empty());
    world.put("old", content(3_000)).await;
    let mut trial = Trial::upload(&file, "old").replacing(world.seen("old").await);
    carry::upload(&trial.carry(&project)).await.unwrap();
    trial.next_run();
    carry::discard(&trial.carry(&project)).await.unwrap();
    assert_eq!(world.bytes("old").await, content(3_000));
    let metadata: &Value = &world.info("old").await.metadata["story"];
    assert_eq!(metadata, "fox");
}

/// Who looked at once would not find it yet, and it would be there all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_small_upload_whose_bytes_are_on_the_line_is_not_left_behind_when_it_is_stopped() {
    let world = World::start().await;
    let file = world.file("small", &content(5_000));
    for lost in [false, true] {
        let trial = Trial::upload(&file, "small");
        let stop = trial.stop.clone();
        let judge = move |passing: &Passing| {
            if !is_put(passing) {
                return Deed::Pass;
            }
            stop.cancel();
            if lost { Deed::DropReply } else { Deed::Pass }
        };
        let (project, _) = world.through(judge).await;
        let carried = carry::upload(&trial.carry(&project)).await;
        assert_eq!(world.keys().await, ["small"]);
        // Also where the answer is lost, and the request asked again finds its own object.
        assert!(matches!(carried, Ok(Carried::Landed(..))), "{lost}: {carried:?}");
        let mut trial = trial;
        trial.next_run();
        carry::discard(&trial.carry(&project)).await.unwrap();
        assert!(world.keys().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_upload_in_pieces_cannot_carry_goes_in_one_request() {
    let world = World::start().await;
    let (project, log) = world.through(|_| Deed::Pass).await;
    let file = world.file("large", &content(7 * MIB));
    let mut trial = Trial::upload(&file, "large");
    trial.rules.cache_control = "max-age=60, immutable".into();
    assert!(matches!(
        carry::upload(&trial.carry(&project)).await,
        Ok(Carried::Landed(_, None))
    ));
    assert_eq!(log.take(), ["POST object/b/large"]);
    assert_eq!(
        world.info("large").await.cache_control.as_deref(),
        Some("max-age=60, immutable")
    );
}
