//! Uploads in pieces that are broken in every way, and go on.

mod beginning;
mod certainty;
mod server;

use std::sync::Mutex;

use ::http::StatusCode;
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use self::server::{Fault, server};
use super::super::testing::{bucket, json, key, lines, project, storage_error};
use super::super::{Supabase, UPLOAD_MARK, Uploaded};
use super::*;

fn bytes() -> Bytes {
    (0..=255).cycle().take(1_000).collect()
}

fn upload(project: &Supabase) -> ResumableUpload {
    ResumableUpload::new(&project.bucket(&bucket("b")), &key("a"), &Upload::new("image/png")).in_pieces_of(300)
}

fn silent(_: Step<'_>) {}

fn stored(ended: &Ended) -> bool {
    matches!(ended, Ended::Stored(_))
}

#[tokio::test]
async fn pieces_arrive_one_after_the_other() {
    let (project, seen, store) = server(&[]).await;
    let steps = Mutex::new(Vec::new());
    let tell = |step: Step<'_>| {
        if let Step::Arrived(bytes, of) = step {
            steps.lock().unwrap().push((bytes, of));
        }
    };
    let ended = upload(&project).run(&mut bytes(), &tell).await.unwrap();
    let expected = Uploaded {
        key: key("a"),
        id: None,
        found: false,
    };
    assert_eq!(ended, Ended::Stored(expected));
    assert_eq!(store.lock().unwrap().object.as_ref().unwrap().0, bytes());
    assert_eq!(
        *steps.lock().unwrap(),
        [
            (300, Some(1_000)),
            (600, Some(1_000)),
            (900, Some(1_000)),
            (1_000, Some(1_000))
        ]
    );
    let address = format!("/storage/v1/upload/resumable/{}", URL_SAFE_NO_PAD.encode("b/a/v"));
    assert_eq!(lines(&seen)[0], "POST /storage/v1/upload/resumable");
    assert_eq!(
        lines(&seen)[1],
        format!("PATCH {address}"),
        "the server's own address is not used"
    );
    let seen = seen.lock().unwrap();
    assert!(seen.iter().all(|request| request.header("x-upsert") == Some("false")));
    assert_eq!(seen[1].header("content-type"), Some("application/offset+octet-stream"));
    assert_eq!(seen[0].header("upload-length"), Some("1000"));
}

#[tokio::test]
async fn any_break_is_gone_on_from() {
    for faults in [
        vec![Fault::Keep(0)],
        vec![Fault::Keep(7), Fault::Keep(300), Fault::Keep(299)],
        vec![Fault::Refuse(503, "acquiring lock timeout"), Fault::Keep(12)],
        vec![Fault::Refuse(423, "The resource is locked")],
        vec![Fault::Refuse(409, "Upload-Offset conflict\n"), Fault::Keep(300)],
        vec![Fault::Lie(5_000), Fault::Lie(0)],
        vec![Fault::Refuse(500, "Something went wrong\n")],
    ] {
        let (project, seen, store) = server(&[]).await;
        // The upload begins well: what fails is a later piece.
        let count = faults.len();
        let mut upload = upload(&project);
        let armed = Mutex::new(Some(faults));
        let arm = |step: Step<'_>| {
            if matches!(step, Step::Begun(_)) {
                store.lock().unwrap().faults = armed.lock().unwrap().take().unwrap().into();
            }
        };
        let ended = upload.run(&mut bytes(), &arm).await.unwrap();
        assert!(stored(&ended));
        assert_eq!(store.lock().unwrap().object.as_ref().unwrap().0, bytes());
        let heads = lines(&seen).iter().filter(|line| line.starts_with("HEAD")).count();
        assert!(heads >= count, "each break is followed by a look: {:?}", lines(&seen));
    }
}

#[tokio::test]
async fn a_lost_last_answer_is_found_out_about() {
    let (project, _, store) = server(&[]).await;
    let arm = |step: Step<'_>| {
        if matches!(step, Step::Arrived(900, _)) {
            store.lock().unwrap().faults.push_back(Fault::Keep(100));
        }
    };
    let ended = upload(&project).run(&mut bytes(), &arm).await.unwrap();
    // The fault keeps all bytes and loses the answer; the object is stored.
    assert!(
        matches!(ended, Ended::Stored(Uploaded { found: true, .. })),
        "{ended:?}"
    );
}

#[tokio::test]
async fn somebody_elses_object_at_the_key_is_not_ours() {
    let (project, seen, store) = server(&[]).await;
    let theirs = || Some((vec![1; 1_000], json!({UPLOAD_MARK: "theirs"})));
    let come_between = |step: Step<'_>| {
        if matches!(step, Step::Arrived(900, _)) {
            store.lock().unwrap().object = theirs();
        }
    };
    let error = upload(&project).run(&mut bytes(), &come_between).await.unwrap_err();
    assert_eq!(error.class, Class::Exists);
    assert!(error.message.contains("as many bytes"), "{error}");
    assert_eq!(store.lock().unwrap().object.as_ref().unwrap().0, vec![1; 1_000]);
    // One that is there from the beginning is refused at once.
    seen.lock().unwrap().clear();
    let error = upload(&project).run(&mut bytes(), &silent).await.unwrap_err();
    assert_eq!((error.class, lines(&seen).len()), (Class::Exists, 1));
}

#[tokio::test]
async fn an_upload_that_the_server_forgot_is_begun_anew_by_the_caller() {
    let (project, _, _) = server(&[]).await;
    let (forgetting, _, store) = server(&[]).await;
    let mut uploading = upload(&forgetting);
    let arm = |step: Step<'_>| {
        if matches!(step, Step::Arrived(300, _)) {
            store.lock().unwrap().faults.push_back(Fault::Forget);
        }
    };
    assert_eq!(uploading.run(&mut bytes(), &arm).await.unwrap(), Ended::Gone);
    assert_eq!(uploading.state(), None);
    assert!(
        stored(&uploading.run(&mut bytes(), &silent).await.unwrap()),
        "begun anew"
    );

    // Known from an earlier run, but not to the server.
    let hash = sha256(&mut bytes()).await.unwrap();
    let mut begun = upload(&forgetting).of_content(&hash);
    let stop = CancellationToken::new();
    begun = begun.stopped_by(stop.clone());
    let cut = |step: Step<'_>| {
        if matches!(step, Step::Arrived(600, _)) {
            stop.cancel();
        }
    };
    store.lock().unwrap().object = None;
    assert_eq!(begun.run(&mut bytes(), &cut).await.unwrap_err().class, Class::Cancelled);
    let mut state = begun.state().unwrap().clone();
    state.project = project.url().to_string();
    let mut elsewhere = upload(&project)
        .of_content(&hash)
        .continuing(state, Some(1_000))
        .unwrap();
    assert_eq!(elsewhere.run(&mut bytes(), &silent).await.unwrap(), Ended::Gone);
}

#[tokio::test]
async fn another_run_goes_on_where_the_first_was_stopped() {
    let (project, seen, store) = server(&[]).await;
    let hash = sha256(&mut bytes()).await.unwrap();
    let stop = CancellationToken::new();
    let written = Mutex::new(String::new());
    let tell = |step: Step<'_>| match step {
        Step::Begun(state) => *written.lock().unwrap() = serde_json::to_string(state).unwrap(),
        Step::Arrived(600, _) => stop.cancel(),
        _ => {}
    };
    let mut first = upload(&project).of_content(&hash).stopped_by(stop.clone());
    let error = first.run(&mut bytes(), &tell).await.unwrap_err();
    assert_eq!(error.class, Class::Cancelled);
    drop(first);
    seen.lock().unwrap().clear();

    let state: UploadState = serde_json::from_str(&written.lock().unwrap()).unwrap();
    let other = upload(&project).of_content("00").continuing(state.clone(), Some(1_000));
    assert_eq!(other.unwrap_err(), NotTheSame::Content);
    let unknown = upload(&project).continuing(state.clone(), Some(1_000));
    assert_eq!(unknown.unwrap_err(), NotTheSame::Content, "bytes that nobody hashed");
    let replacing = Upload {
        upsert: true,
        ..Upload::new("image/png")
    };
    let replacing = ResumableUpload::new(&project.bucket(&bucket("b")), &key("a"), &replacing).of_content(&hash);
    assert_eq!(
        replacing.continuing(state.clone(), Some(1_000)).unwrap_err(),
        NotTheSame::Place
    );

    let mut second = upload(&project)
        .of_content(&hash)
        .continuing(state, Some(1_000))
        .unwrap();
    assert!(stored(&second.run(&mut bytes(), &silent).await.unwrap()));
    let (object, metadata) = store.lock().unwrap().object.clone().unwrap();
    assert_eq!(
        (object.as_slice(), metadata["sha256"].as_str()),
        (&bytes()[..], Some(hash.as_str()))
    );
    let sent: Vec<_> = seen.lock().unwrap().iter().map(|request| request.body.len()).collect();
    assert_eq!(sent, [0, 300, 100], "a look, and only what was missing");
}

#[tokio::test]
async fn a_damaged_state_is_no_state() {
    for id in ["", "..", "a/b", "a?b", "ä"] {
        assert!(UploadId::parse(id).is_err(), "{id}");
        assert!(serde_json::from_value::<UploadId>(json!(id)).is_err());
    }
    assert_eq!(
        UploadId::from_location("http://h/upload/resumable/abc-_?x=1")
            .unwrap()
            .as_str(),
        "abc-_"
    );
    assert_eq!(UploadId::from_location("http://h/upload/../"), None);
}

#[tokio::test]
async fn empty_and_growing_sources_end_well() {
    let (project, seen, store) = server(&[]).await;
    assert!(stored(&upload(&project).run(&mut Bytes::new(), &silent).await.unwrap()));
    assert_eq!(lines(&seen).len(), 1, "nothing at all is stored when it begins");

    for size in [0, 299, 300, 1_000] {
        let (project, seen, store) = server(&[]).await;
        let content = bytes().slice(..size);
        let mut source = Seekable::growing(std::io::Cursor::new(content.clone()));
        assert!(
            stored(&upload(&project).run(&mut source, &silent).await.unwrap()),
            "{size}"
        );
        assert_eq!(store.lock().unwrap().object.as_ref().unwrap().0, content);
        assert_eq!(seen.lock().unwrap()[0].header("upload-defer-length"), Some("1"));
    }
    drop(store);
}

/// A source that is not what it said it was.
struct Shrinking;

impl PieceSource for Shrinking {
    fn length(&self) -> Option<u64> {
        Some(1_000)
    }

    async fn read_at(&mut self, offset: u64, most: usize) -> std::io::Result<Bytes> {
        bytes().slice(..500).read_at(offset, most).await
    }
}

#[tokio::test]
async fn a_source_that_changes_is_not_stored() {
    let (project, _, store) = server(&[]).await;
    let error = upload(&project).run(&mut Shrinking, &silent).await.unwrap_err();
    assert_eq!(error.class, Class::Source);
    assert!(store.lock().unwrap().object.is_none());
}

#[tokio::test]
async fn what_waiting_does_not_mend_is_reported_at_once() {
    for (status, words, class) in [
        (403, "new row violates row-level security policy", Class::Forbidden),
        (413, "Maximum size exceeded\n", Class::TooLarge),
        (415, "mime type text/plain is not supported", Class::WrongType),
        (404, "Bucket not found", Class::BucketNotFound),
        (400, "Invalid key: x", Class::Invalid),
        (409, "The resource already exists", Class::Exists),
        (412, "Tus-Resumable Required\n", Class::Invalid),
    ] {
        let (project, seen, _) = server(&[Fault::Refuse(status, words)]).await;
        let error = upload(&project).run(&mut bytes(), &silent).await.unwrap_err();
        assert_eq!((error.class, lines(&seen).len()), (class, 1), "{words}");
        assert_eq!(error.message, words.trim());
        assert!(!error.hint().is_empty());
    }
}

#[tokio::test]
async fn patience_ends_and_begins_anew_with_every_byte() {
    let stuck = [Fault::Refuse(500, "no\n"); 20];
    let (project, _, store) = server(&[]).await;
    let arm = |step: Step<'_>| {
        if matches!(step, Step::Begun(_)) {
            store.lock().unwrap().faults = stuck.iter().copied().collect();
        }
    };
    let mut uploading = upload(&project);
    let error = uploading.run(&mut bytes(), &arm).await.unwrap_err();
    assert_eq!(error.class, Class::Ambiguous);
    assert_eq!(store.lock().unwrap().faults.len(), 16, "four attempts in a row");
    store.lock().unwrap().faults = [Fault::Keep(1); 30].into_iter().collect();
    assert!(
        stored(&uploading.run(&mut bytes(), &silent).await.unwrap()),
        "thirty breaks, a byte further each time"
    );
}

#[tokio::test]
async fn an_upload_is_thrown_away_once() {
    let (project, seen, store) = server(&[]).await;
    let stop = CancellationToken::new();
    let cut = |_: Step<'_>| stop.cancel();
    let mut uploading = upload(&project).stopped_by(stop.clone());
    uploading.run(&mut bytes(), &cut).await.unwrap_err();
    uploading.discard().await.unwrap();
    uploading.discard().await.unwrap();
    assert!(store.lock().unwrap().upload.is_none() && uploading.state().is_none());
    let id = UploadId::parse("x").unwrap();
    let steps = project.bucket(&bucket("b")).resumable();
    steps.terminate(&id, &key("a"), false).await.unwrap();
    assert_eq!(lines(&seen).last().unwrap(), "DELETE /storage/v1/upload/resumable/x");
}

#[tokio::test]
async fn a_permission_uploads_without_a_key() {
    let (issuer, _) = project(|_| json(200, json!({"token": "t.o.k"}))).await;
    let pass = issuer
        .bucket(&bucket("b"))
        .sign_upload(&key("a"), false, &serde_json::Map::new())
        .await
        .unwrap();
    let (project, seen, _) = server(&[]).await;
    let objects = project.bucket(&bucket("b"));
    let mut uploading = ResumableUpload::by(&objects, &pass, &Upload::new("image/png")).in_pieces_of(600);
    assert!(stored(&uploading.run(&mut bytes(), &silent).await.unwrap()));
    let seen = seen.lock().unwrap();
    assert!(seen[1].path.starts_with("/storage/v1/upload/resumable/sign/"));
    for request in seen.iter() {
        assert_eq!(request.header("x-signature"), Some("t.o.k"));
        assert_eq!((request.header("apikey"), request.header("x-upsert")), (None, None));
    }
}

#[tokio::test]
async fn a_refusal_without_words_is_asked_about() {
    // A key that is no longer good, and an upload that the server cannot read: HEAD says 400 for both.
    for (code, ended) in [("AccessDenied", Err(Class::BadKey)), ("NoSuchKey", Ok(Ended::Gone))] {
        let (project, _) = project(move |request| match request.method {
            Method::HEAD => StatusCode::BAD_REQUEST.into_response(),
            _ if code == "NoSuchKey" => storage_error("404", code, "Object not found"),
            _ => storage_error("403", code, "\"exp\" claim timestamp check failed"),
        })
        .await;
        let state = UploadState {
            upload: UploadId::parse("unknown").unwrap(),
            project: project.url().to_string(),
            bucket: "b".into(),
            key: "a".into(),
            upsert: false,
            length: Some(1_000),
            sha256: Some("hash".into()),
            mark: "m".into(),
            began: Timestamp::now(),
            ends: None,
        };
        let mut uploading = upload(&project)
            .of_content("hash")
            .continuing(state, Some(1_000))
            .unwrap();
        let result = uploading.run(&mut bytes(), &silent).await;
        assert_eq!(result.map_err(|error| error.class), ended);
    }
}

#[tokio::test]
async fn what_a_server_can_do_is_read() {
    let (project, _) = project(|_| {
        let headers = [
            ("tus-version", "1.0.0"),
            ("tus-extension", "creation,creation-with-upload, termination"),
            ("tus-max-size", "524288000"),
        ];
        (StatusCode::NO_CONTENT, headers).into_response()
    })
    .await;
    let server = project.bucket(&bucket("b")).resumable().server().await.unwrap();
    assert_eq!((server.most, server.extensions.len()), (Some(524_288_000), 3));
    assert_eq!(server.versions, ["1.0.0"]);
}
