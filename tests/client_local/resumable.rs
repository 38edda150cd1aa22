//! Uploads in pieces.

use std::sync::Mutex;

use axum::http::Method;
use bytes::Bytes;
use serde_json::{Map, Value};
use storymimi_studio::http::Outcome;
use storymimi_studio::supabase::{
    Class, Ended, FileSource, Objects, ResumableUpload, Seekable, Step, Supabase, UPLOAD_MARK, Upload, UploadState,
    sha256,
};
use tokio_util::sync::CancellationToken;

use crate::proxy::{self, Cut};
use crate::{Local, at, content, name};

const MIB: u32 = 1 << 20;

fn silent(_: Step<'_>) {}

fn replace() -> Upload {
    Upload {
        upsert: true,
        ..Upload::new("image/png")
    }
}

async fn stored(objects: &Objects, key: &str) -> Bytes {
    objects.download(&at(key)).await.unwrap().bytes
}

/// Methods and sizes of what was sent, and whether it was answered.
fn sent(project: &Supabase) -> Vec<(Method, u64, bool)> {
    let exchanges = project.http().transcript().exchanges();
    exchanges
        .iter()
        .map(|exchange| {
            let answered = exchange.outcome == Outcome::Answered;
            (exchange.method.clone(), exchange.request_size, answered)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_upload_is_cut_again_and_again_is_gone_on_with_by_another_process() {
    let local = Local::start().await;
    let whole = content(20 * MIB);
    let path = local.folder.path().join("picture.bin");
    std::fs::write(&path, &whole).unwrap();
    let cuts = [3, 8, 2, 9].map(|mib| Cut::up(mib << 20)).to_vec();
    let (way, connections) = proxy::before(local.server.url(), cuts).await;
    let state_file = local.folder.path().join("upload.json");

    // The first process: writes down what it has begun, and ends somewhere in the second half.
    let first = local.at(&way);
    let stop = CancellationToken::new();
    let reached = Mutex::new(0);
    let tell = |step: Step<'_>| match step {
        Step::Begun(state) => std::fs::write(&state_file, serde_json::to_vec(state).unwrap()).unwrap(),
        Step::Arrived(bytes, of) => {
            assert_eq!(of, Some(u64::from(20 * MIB)));
            *reached.lock().unwrap() = bytes;
            if bytes >= u64::from(10 * MIB) {
                stop.cancel();
            }
        }
        Step::Waiting(_, error) => assert!(
            matches!(error.class, Class::Ambiguous | Class::Network | Class::Busy),
            "{error}"
        ),
    };
    let mut source = FileSource::open(&path).await.unwrap();
    let hash = sha256(&mut source).await.unwrap();
    let new = |project: &Supabase| {
        ResumableUpload::new(
            &project.bucket(&name("b")),
            &at("a b/picture.bin"),
            &Upload::new("image/png"),
        )
        .of_content(&hash)
    };
    let error = new(&first)
        .stopped_by(stop.clone())
        .run(&mut source, &tell)
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Cancelled, "{error}");
    let reached = *reached.lock().unwrap();
    assert!(
        sent(&first)
            .iter()
            .any(|(method, _, answered)| method == Method::PATCH && !answered),
        "pieces were cut: {:?}",
        sent(&first)
    );
    drop((first, source));

    // The second one knows the file and what was written down, and sends what is missing.
    let state: UploadState = serde_json::from_slice(&std::fs::read(&state_file).unwrap()).unwrap();
    let second = local.at(&way);
    let mut source = FileSource::open(&path).await.unwrap();
    let length = Some(u64::from(20 * MIB));
    let ended = new(&second)
        .continuing(state, length)
        .unwrap()
        .run(&mut source, &silent)
        .await
        .unwrap();
    assert!(matches!(ended, Ended::Stored(_)), "{ended:?}");
    let requests = sent(&second);
    assert_eq!(requests[0].0, Method::HEAD, "it asks before it sends: {requests:?}");
    let answered: u64 = requests
        .iter()
        .filter(|request| request.2)
        .map(|request| request.1)
        .sum();
    assert_eq!(answered, u64::from(20 * MIB) - reached, "nothing is sent twice");
    assert!(
        connections.load(std::sync::atomic::Ordering::SeqCst) > 4,
        "all cuts were made"
    );

    let objects = local.objects();
    assert!(
        stored(&objects, "a b/picture.bin").await == whole,
        "the same bytes, once and in order"
    );
    let info = objects.info(&at("a b/picture.bin")).await.unwrap();
    assert_eq!(info.content_type.as_deref(), Some("image/png"));
    assert_eq!(info.cache_control.as_deref(), Some("max-age=3600"));
    assert_eq!(info.metadata["sha256"], hash.as_str());
    assert!(info.metadata.contains_key(UPLOAD_MARK));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_one_piece_is_one_request() {
    let local = Local::start().await;
    let project = local.project();
    let objects = project.bucket(&name("b"));
    for (key, whole) in [("small", content(MIB)), ("empty", Bytes::new())] {
        let mut upload = ResumableUpload::new(&objects, &at(key), &Upload::new("image/png"));
        let ended = upload.run(&mut whole.clone(), &silent).await.unwrap();
        assert!(matches!(ended, Ended::Stored(_)), "{key}: {ended:?}");
        assert_eq!(stored(&local.objects(), key).await, whole, "{key}");
    }
    assert_eq!(
        sent(&project),
        [(Method::POST, u64::from(MIB), true), (Method::POST, 0, true)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lost_answer_to_an_upload_in_one_piece_is_found_out_about() {
    let local = Local::start().await;
    let whole = content(MIB);
    let (way, _) = proxy::before(local.server.url(), vec![Cut::down(1)]).await;
    let project = local.at(&way);
    let mut upload = ResumableUpload::new(&project.bucket(&name("b")), &at("k"), &Upload::new("image/png"));
    let ended = upload.run(&mut whole.clone(), &silent).await.unwrap();
    assert!(
        matches!(ended, Ended::Stored(ref object) if object.found && object.id.is_some()),
        "{ended:?}"
    );
    let posts = sent(&project)
        .iter()
        .filter(|(method, ..)| method == Method::POST)
        .count();
    assert_eq!(posts, 1, "{:?}", sent(&project));
    assert_eq!(stored(&local.objects(), "k").await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_upload_is_gone_and_can_be_begun_anew() {
    let local = Local::with(|config| config.upload_lifetime = std::time::Duration::from_millis(200)).await;
    let objects = local.objects();
    let whole = content(MIB);
    let stop = CancellationToken::new();
    let stop_early = |step: Step<'_>| {
        if matches!(step, Step::Begun(_)) {
            stop.cancel();
        }
    };
    let hash = sha256(&mut whole.clone()).await.unwrap();
    let new = || ResumableUpload::new(&objects, &at("k"), &Upload::new("image/png")).of_content(&hash);
    let mut begun = new().in_pieces_of(1_000).stopped_by(stop.clone());
    begun.run(&mut whole.clone(), &stop_early).await.unwrap_err();
    let state = begun.state().unwrap().clone();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;

    let mut late = new().continuing(state, Some(u64::from(MIB))).unwrap();
    assert_eq!(late.run(&mut whole.clone(), &silent).await.unwrap(), Ended::Gone);
    assert_eq!(late.state(), None);
    assert!(!objects.exists(&at("k")).await.unwrap());
    // In one piece there is no time to expire in.
    let ended = late.run(&mut whole.clone(), &silent).await.unwrap();
    assert!(matches!(ended, Ended::Stored(_)), "{ended:?}");
    assert_eq!(stored(&objects, "k").await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_upload_that_may_replace_does() {
    let local = Local::start().await;
    local.put("b", "k", "image/png", content(2_000)).await;
    let objects = local.objects();
    let newer = content(3_000).slice(1_000..);
    for pieces in [1_000, 10_000] {
        let mut adding = ResumableUpload::new(&objects, &at("k"), &Upload::new("image/png")).in_pieces_of(pieces);
        let error = adding.run(&mut newer.clone(), &silent).await.unwrap_err();
        assert_eq!(error.class, Class::Exists, "{error}");
        assert_eq!(stored(&objects, "k").await, content(2_000));
    }
    for pieces in [1_000, 10_000] {
        let mut how = replace();
        how.metadata.insert("pieces".to_owned(), pieces.into());
        let mut replacing = ResumableUpload::new(&objects, &at("k"), &how).in_pieces_of(pieces);
        let ended = replacing.run(&mut newer.clone(), &silent).await.unwrap();
        assert!(matches!(ended, Ended::Stored(_)), "{ended:?}");
        assert_eq!(stored(&objects, "k").await, newer);
        assert_eq!(objects.info(&at("k")).await.unwrap().metadata["pieces"], pieces);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_object_that_comes_in_between_is_not_replaced() {
    let local = Local::start().await;
    let objects = local.objects();
    let theirs = Bytes::from_static(b"theirs");
    let stop = CancellationToken::new();
    let pause = |step: Step<'_>| {
        if matches!(step, Step::Arrived(1_000, _)) {
            stop.cancel();
        }
    };
    let whole = content(2_000);
    let mut upload = ResumableUpload::new(&objects, &at("k"), &Upload::new("image/png"))
        .in_pieces_of(1_000)
        .stopped_by(stop.clone());
    upload.run(&mut whole.clone(), &pause).await.unwrap_err();
    local.put("b", "k", "image/png", theirs.clone()).await;
    let mut upload = upload.stopped_by(CancellationToken::new());
    let error = upload.run(&mut whole.clone(), &silent).await.unwrap_err();
    assert_eq!(error.class, Class::Exists, "{error}");
    assert_eq!(stored(&objects, "k").await, theirs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_lets_anybody_upload_one_object_in_pieces() {
    let local = Local::start().await;
    let issuer = local.objects();
    let stranger = local.anybody().bucket(&name("b"));
    let whole = content(5_000);
    let refused = ResumableUpload::new(&stranger, &at("k"), &Upload::new("image/png"))
        .run(&mut whole.clone(), &silent)
        .await
        .unwrap_err();
    assert_eq!(refused.class, Class::Forbidden, "{refused}");

    let pass = issuer
        .sign_upload(&at("k"), false, &Map::<String, Value>::new())
        .await
        .unwrap();
    let by = |how: &Upload| ResumableUpload::by(&stranger, &pass, how).in_pieces_of(2_000);
    let ended = by(&Upload::new("image/png"))
        .run(&mut whole.clone(), &silent)
        .await
        .unwrap();
    assert!(matches!(ended, Ended::Stored(_)), "{ended:?}");
    assert_eq!(stored(&issuer, "k").await, whole);
    // It was good for one object, and whoever has it cannot say otherwise.
    let error = by(&replace()).run(&mut content(3_000), &silent).await.unwrap_err();
    assert_eq!(error.class, Class::Exists, "{error}");

    let pass = issuer.sign_upload(&at("k"), true, &Map::new()).await.unwrap();
    let mut replacing = ResumableUpload::by(&stranger, &pass, &replace()).in_pieces_of(2_000);
    replacing.run(&mut content(3_000), &silent).await.unwrap();
    assert_eq!(stored(&issuer, "k").await, content(3_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_length_nobody_knows_ends_where_its_source_does() {
    let local = Local::start().await;
    let objects = local.objects();
    for size in [0, 999, 1_000, 2_500] {
        let whole = content(4_000).slice(..size);
        let mut source = Seekable::growing(std::io::Cursor::new(whole.clone()));
        let mut upload = ResumableUpload::new(&objects, &at("k"), &replace()).in_pieces_of(1_000);
        let ended = upload.run(&mut source, &silent).await.unwrap();
        assert!(matches!(ended, Ended::Stored(_)), "{size}: {ended:?}");
        assert_eq!(stored(&objects, "k").await, whole);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_thrown_away_is_gone() {
    let local = Local::start().await;
    let objects = local.objects();
    let stop = CancellationToken::new();
    let cut = |_: Step<'_>| stop.cancel();
    let mut upload = ResumableUpload::new(&objects, &at("k"), &Upload::new("image/png"))
        .in_pieces_of(1_000)
        .stopped_by(stop.clone());
    upload.run(&mut content(2_000), &cut).await.unwrap_err();
    let id = upload.state().unwrap().upload.clone();
    let steps = objects.resumable();
    assert_eq!(steps.place(&id, &at("k")).await.unwrap().offset, 1_000);
    upload.discard().await.unwrap();
    assert_eq!(steps.place(&id, &at("k")).await.unwrap_err().class, Class::NotFound);
}
