//! Objects that go for good.

use axum::http::Method;
use bytes::Bytes;
use serde_json::{Value, json};
use storymimi_studio::transfer::carry::{self, Carried};
use storymimi_studio::transfer::{Failure, FailureKind, Item, Kind, Proof};

use crate::between::{Deed, Passing};
use crate::{Trial, World, at, bucket, content, once};

fn is_delete(passing: &Passing) -> bool {
    passing.method == Method::DELETE
}

async fn items(world: &World, keys: &[&str]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        world.put(key, content(1_000 + 4 * number)).await;
        let mut trial = Trial::relocation(world, Kind::Delete, key, None).await;
        trial.item.number = u32::try_from(number).unwrap();
        trial.rules.keep_trash = false;
        trials.push(trial);
    }
    trials
}

fn of(trials: &[Trial]) -> Vec<&Item> {
    trials.iter().map(|trial| &trial.item).collect()
}

fn by_number(mut ends: Vec<(u32, Result<Carried, Failure>)>) -> Vec<Result<Carried, Failure>> {
    ends.sort_by_key(|(number, _)| *number);
    ends.into_iter().map(|(_, end)| end).collect()
}

fn gone(end: &Result<Carried, Failure>) -> bool {
    matches!(end, Ok(Carried::Landed(_, Some(Proof::ReadBack))))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_to_be_gone_is_looked_for_again_in_bulk() {
    let world = World::start().await;
    let keys: Vec<String> = (0..40).map(|number| format!("s/{number:02}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let trials = items(&world, &keys).await;
    world.put("s/kept", content(10)).await;
    let (project, log) = world.through(|_| Deed::Pass).await;
    let ends = by_number(carry::delete_forever(&project, &bucket("b"), &of(&trials)).await);
    assert!(ends.len() == 40 && ends.iter().all(gone), "{ends:?}");
    assert_eq!(world.keys().await, ["s/kept"]);
    assert_eq!(
        log.take(),
        ["POST object/list-v2/b", "DELETE object/b", "POST object/list-v2/b"]
    );
    // Again, after a crash: gone is gone.
    let again = by_number(carry::delete_forever(&project, &bucket("b"), &of(&trials)).await);
    assert!(again.iter().all(|end| *end == Ok(Carried::Identical)), "{again:?}");
    let found = carry::reconcile(&trials[0].carry(&project)).await;
    assert!(matches!(found, Ok(Some(Carried::Landed(_, Some(Proof::ReadBack))))));
    let proofs = carry::verify(&project, &of(&trials)[..1]).await;
    assert_eq!(proofs[0].1, Ok(Proof::ReadBack));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_policy_hides_and_what_has_changed_is_not_called_deleted() {
    let world = World::start().await;
    let trials = items(&world, &["a/hidden", "a/changed", "a/plain", "a/gone"]).await;
    world.objects().remove_one(&at("a/changed")).await.unwrap();
    world.put("a/changed", content(2_000)).await;
    world.objects().remove_one(&at("a/gone")).await.unwrap();
    // A policy of the project leaves out without a word what this key may see and may not delete.
    let hide = |passing: &Passing| {
        if !is_delete(passing) {
            return Deed::Pass;
        }
        let asked: Value = serde_json::from_slice(&passing.body).unwrap();
        let mut keys = asked["prefixes"].as_array().unwrap().clone();
        keys.retain(|key| key != "a/hidden");
        Deed::Send(Bytes::from(json!({ "prefixes": keys }).to_string()))
    };
    let (project, _) = world.through(hide).await;
    let ends = by_number(carry::delete_forever(&project, &bucket("b"), &of(&trials)).await);
    let failed = ends[0].as_ref().unwrap_err();
    assert_eq!(failed.kind, FailureKind::Refused);
    assert!(
        failed.what.contains("not deleted: a policy hides it from this key"),
        "{failed:?}"
    );
    assert_eq!(ends[1].as_ref().unwrap_err().kind, FailureKind::Changed);
    assert!(gone(&ends[2]));
    assert_eq!(ends[3], Ok(Carried::Identical));
    assert_eq!(world.keys().await, ["a/changed", "a/hidden"]);
    assert_eq!(carry::reconcile(&trials[0].carry(&project)).await, Ok(None));
    let proofs = carry::verify(&project, &[&trials[0].item]).await;
    assert_eq!(proofs[0].1.as_ref().unwrap_err().kind, FailureKind::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_whose_answer_is_lost_is_looked_into() {
    let world = World::start().await;
    let trials = items(&world, &["a/1", "a/2"]).await;
    let (project, _) = world.through(once(is_delete, Deed::DropReply)).await;
    let ends = by_number(carry::delete_forever(&project, &bucket("b"), &of(&trials)).await);
    assert!(ends.iter().all(gone), "{ends:?}");

    // Never answered, but carried out; and never carried out.
    let trials = items(&world, &["a/1", "a/2"]).await;
    let (project, _) = world
        .through(|passing| {
            if is_delete(passing) {
                Deed::DropReply
            } else {
                Deed::Pass
            }
        })
        .await;
    let ends = by_number(carry::delete_forever(&project, &bucket("b"), &of(&trials)).await);
    assert!(ends.iter().all(gone), "{ends:?}");
    let trials = items(&world, &["a/1", "a/2"]).await;
    let forbidden = r#"{"statusCode":"403","error":"AccessDenied","message":"no","code":"AccessDenied"}"#;
    let (project, _) = world
        .through(move |passing| {
            if is_delete(passing) {
                Deed::Refuse(400, forbidden)
            } else {
                Deed::Pass
            }
        })
        .await;
    let ends = by_number(carry::delete_forever(&project, &bucket("b"), &of(&trials)).await);
    assert!(
        ends.iter()
            .all(|end| end.as_ref().is_err_and(|failed| failed.kind == FailureKind::Refused))
    );
    assert_eq!(world.keys().await, ["a/1", "a/2"]);
}
