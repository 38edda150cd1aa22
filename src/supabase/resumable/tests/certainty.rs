//! What is found out before an upload is given up, or said to be stored.

use super::*;

#[tokio::test]
async fn a_length_is_said_once_and_an_empty_object_is_known_again() {
    let (growing, _, store) = server(&[]).await;
    let arm = |step: Step<'_>| {
        if matches!(step, Step::Arrived(900, _)) {
            store.lock().unwrap().faults.push_back(Fault::Keep(50));
        }
    };
    let mut source = Seekable::growing(std::io::Cursor::new(bytes()));
    assert!(stored(&upload(&growing).run(&mut source, &arm).await.unwrap()));
    assert_eq!(store.lock().unwrap().object.as_ref().unwrap().0, bytes());

    // Its first answer is lost, or all four of the first call.
    for lost in [1, 4] {
        let (empty, _, _) = server(&vec![Fault::Keep(0); lost]).await;
        let ended = upload(&empty).run(&mut Bytes::new(), &silent).await.unwrap();
        assert!(
            matches!(ended, Ended::Stored(Uploaded { found: true, .. })),
            "{ended:?}"
        );
    }
}

#[tokio::test]
async fn an_upload_is_gone_only_if_that_is_certain() {
    // It became the object, and the answer that said so was lost.
    let (project, _, store) = server(&[]).await;
    let arm = |step: Step<'_>| {
        if matches!(step, Step::Arrived(900, _)) {
            store.lock().unwrap().faults.push_back(Fault::StoreAndForget);
        }
    };
    let ended = upload(&project).run(&mut bytes(), &arm).await.unwrap();
    assert!(
        matches!(ended, Ended::Stored(Uploaded { found: true, .. })),
        "{ended:?}"
    );

    // Somebody on the way refuses the look after a broken piece, once.
    let (project, seen, store) = server(&[]).await;
    let arm = |step: Step<'_>| {
        if matches!(step, Step::Arrived(600, _)) {
            let mut store = store.lock().unwrap();
            store.refused_looks = 1;
            store.faults.push_back(Fault::Keep(100));
        }
    };
    assert!(stored(&upload(&project).run(&mut bytes(), &arm).await.unwrap()));
    assert_eq!(lines(&seen).iter().filter(|line| line.starts_with("POST")).count(), 1);
}

#[tokio::test]
async fn trouble_while_looking_throws_nothing_away() {
    for look in [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST] {
        let (project, _, _) = server(&[]).await;
        let stop = CancellationToken::new();
        let cut = |step: Step<'_>| {
            if matches!(step, Step::Arrived(600, _)) {
                stop.cancel();
            }
        };
        let mut begun = upload(&project).of_content("hash").stopped_by(stop.clone());
        begun.run(&mut bytes(), &cut).await.unwrap_err();
        let (troubled, _) = super::super::super::testing::project(move |request| match request.method {
            Method::HEAD => look.into_response(),
            _ => storage_error("544", "DatabaseTimeout", "timeout"),
        })
        .await;
        let mut state = begun.state().unwrap().clone();
        state.project = troubled.url().to_string();
        let mut uploading = upload(&troubled)
            .of_content("hash")
            .continuing(state.clone(), Some(1_000))
            .unwrap();
        let error = uploading.run(&mut bytes(), &silent).await.unwrap_err();
        assert_eq!((error.class, uploading.state()), (Class::Busy, Some(&state)));
    }
}
