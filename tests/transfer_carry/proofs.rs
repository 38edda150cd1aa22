//! What is proven, and by what.

use axum::http::Method;
use serde_json::Value;
use storymimi_studio::supabase::Upload;
use storymimi_studio::transfer::carry::{self, Carried};
use storymimi_studio::transfer::{FailureKind, Proof};

use crate::between::{Deed, Passing};
use crate::{Trial, World, a_moment, at, content};

/// Every ETag in a listing is of the right form, and none is right.
fn wrong_in_listing(page: &mut Value) {
    for row in page["objects"].as_array_mut().unwrap() {
        row["metadata"]["eTag"] = "\"00112233445566778899aabbccddeeff\"".into();
    }
}

fn wrong_in_info(info: &mut Value) {
    info["etag"] = "\"00112233445566778899aabbccddeeff\"".into();
}

fn lies(listing: bool, info: bool) -> impl Fn(&Passing) -> Deed {
    move |passing| match () {
        () if listing && passing.is(&Method::POST, "object/list-v2/") => Deed::Edit(wrong_in_listing),
        () if info && passing.is(&Method::GET, "object/info/") => Deed::Edit(wrong_in_info),
        () => Deed::Pass,
    }
}

async fn uploaded(world: &World, count: u32) -> Vec<Trial> {
    let project = world.project();
    let mut trials = Vec::new();
    for number in 0..count {
        let file = world.file(&number.to_string(), &content(1_000 + 4 * number as usize));
        let mut trial = Trial::upload(&file, &format!("s/{number}"));
        trial.item.number = number;
        let Ok(Carried::Landed(known, _)) = carry::upload(&trial.carry(&project)).await else {
            panic!("it did not land");
        };
        trial.item.content = known;
        trials.push(trial);
    }
    trials
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_etag_is_asked_after_and_the_bytes_have_the_last_word() {
    let world = World::start().await;
    let trials = uploaded(&world, 5).await;
    let items: Vec<_> = trials.iter().map(|trial| &trial.item).collect();
    let (project, _) = world.through(lies(true, false)).await;
    let proofs = carry::verify(&project, &items).await;
    assert!(
        proofs.iter().all(|(_, proof)| *proof == Ok(Proof::ServerHash)),
        "{proofs:?}"
    );

    // A store that encrypts: its ETags are no MD5s. That is found out once, and nothing is removed.
    let (project, log) = world.through(lies(true, true)).await;
    let mut proofs = carry::verify(&project, &items).await;
    proofs.sort_by_key(|(number, _)| *number);
    let proofs: Vec<_> = proofs.into_iter().map(|(_, proof)| proof.unwrap()).collect();
    assert_eq!(proofs.iter().filter(|proof| **proof == Proof::ReadBack).count(), 1);
    assert_eq!(proofs.iter().filter(|proof| **proof == Proof::SizeOnly).count(), 4);
    assert_eq!(
        log.take()
            .iter()
            .filter(|line| line.starts_with("GET object/authenticated"))
            .count(),
        1
    );
    assert_eq!(world.keys().await.len(), 5);

    // Read back, if that is asked for.
    assert_eq!(
        carry::read_back(&trials[3].carry(&project)).await,
        Ok(Some(Proof::ReadBack))
    );
    trials[3].stop.cancel();
    assert_eq!(carry::read_back(&trials[3].carry(&project)).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_object_is_neither_proof_nor_removed() {
    let world = World::start().await;
    let trials = uploaded(&world, 3).await;
    let items: Vec<_> = trials.iter().map(|trial| &trial.item).collect();
    let replace = Upload {
        upsert: true,
        ..Upload::new("image/png")
    };
    // Of another size, and of the same.
    world
        .objects()
        .upload(&at("s/0"), content(77).into(), &replace)
        .await
        .unwrap();
    let mut same_size = content(1_004);
    same_size.reverse();
    world
        .objects()
        .upload(&at("s/1"), same_size.into(), &replace)
        .await
        .unwrap();
    world.objects().remove_one(&at("s/2")).await.unwrap();
    let project = world.project();
    let proofs = carry::verify(&project, &items).await;
    assert_eq!(proofs.len(), 3);
    assert!(
        proofs
            .iter()
            .all(|(_, proof)| proof.as_ref().is_err_and(|failed| failed.kind == FailureKind::Changed)),
        "{proofs:?}"
    );
    assert_eq!(world.keys().await, ["s/0", "s/1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_down_proves_nothing_and_fails_nothing() {
    let world = World::start().await;
    let trials = uploaded(&world, 2).await;
    let items: Vec<_> = trials.iter().map(|trial| &trial.item).collect();
    let (project, _) = world.through(|_| Deed::Refuse(503, "")).await;
    let proofs = carry::verify(&project, &items).await;
    assert!(
        proofs
            .iter()
            .all(|(_, proof)| proof.as_ref().is_err_and(|failed| failed.kind == FailureKind::Passing))
    );
    for trial in &trials {
        assert_eq!(
            carry::reconcile(&trial.carry(&project)).await.unwrap_err().kind,
            FailureKind::Passing
        );
    }
    a_moment().await;
    assert_eq!(world.keys().await.len(), 2);
}
