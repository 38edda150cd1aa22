//! How an upload begins: with its first piece where that works, without it where it does not.

use super::*;

#[tokio::test]
async fn a_beginning_whose_answer_is_lost_is_made_again_without_the_piece() {
    let (project, seen, store) = server(&[Fault::Keep(200), Fault::Keep(0)]).await;
    assert!(stored(&upload(&project).run(&mut bytes(), &silent).await.unwrap()));
    assert_eq!(store.lock().unwrap().object.as_ref().unwrap().0, bytes());
    let requests: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|request| (request.method.to_string(), request.body.len()))
        .collect();
    let expected = [
        ("POST", 300),
        // What had arrived of it belongs to an upload that nobody knows the name of. Without bytes it can be begun again
        // and again.
        ("POST", 0),
        ("POST", 0),
        ("PATCH", 300),
        ("PATCH", 300),
        ("PATCH", 300),
        ("PATCH", 100),
    ];
    assert_eq!(requests, expected.map(|(method, bytes)| (method.to_owned(), bytes)));
}

#[tokio::test]
async fn an_object_that_went_along_with_a_beginning_whose_answer_is_lost_is_looked_for() {
    // (what is kept of it, whether it replaces, whether it is found)
    for (kept, upsert, found) in [
        (1_000, false, true),
        (0, false, false),
        (1_000, true, true),
        (0, true, false),
    ] {
        let (project, seen, store) = server(&[Fault::Keep(kept)]).await;
        if upsert {
            store.lock().unwrap().object = Some((vec![1; 1_000], json!({UPLOAD_MARK: "theirs"})));
        }
        let how = Upload {
            upsert,
            ..Upload::new("image/png")
        };
        let ended = ResumableUpload::new(&project.bucket(&bucket("b")), &key("a"), &how)
            .run(&mut bytes(), &silent)
            .await
            .unwrap();
        assert_eq!(
            ended,
            Ended::Stored(Uploaded {
                key: key("a"),
                id: found.then(|| "i".to_owned()),
                found,
            })
        );
        assert_eq!(store.lock().unwrap().object.as_ref().unwrap().0, bytes());
        let posts = lines(&seen).iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(posts, if found { 1 } else { 2 }, "{:?}", lines(&seen));
    }
}

#[tokio::test]
async fn an_upload_that_was_stopped_while_all_of_it_went_along_is_known_when_it_is_called_again() {
    let (project, _, store) = server(&[Fault::Keep(1_000)]).await;
    let mut uploading = ResumableUpload::new(&project.bucket(&bucket("b")), &key("a"), &Upload::new("image/png"));
    let stop = CancellationToken::new();
    // Stopped after the bytes had left, before anything was found out.
    let objects = project.bucket(&bucket("b"));
    uploading = uploading.stopped_by(stop.clone());
    let mut bytes = bytes();
    {
        let run = uploading.run(&mut bytes, &silent);
        let stopping = async {
            while store.lock().unwrap().object.is_none() {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        let (ended, ()) = tokio::join!(run, stopping);
        assert_eq!(ended.unwrap_err().class, Class::Cancelled);
    }
    let mut again = uploading.stopped_by(CancellationToken::new());
    let ended = again.run(&mut bytes, &silent).await.unwrap();
    assert!(
        matches!(ended, Ended::Stored(Uploaded { found: true, .. })),
        "{ended:?}"
    );
    assert!(objects.exists(&key("a")).await.unwrap());
}

#[tokio::test]
async fn a_server_that_takes_no_bytes_with_a_beginning_gets_them_afterwards() {
    let held = Mutex::new(Vec::<u8>::new());
    let (project, seen) = project(move |request| {
        let mut held = held.lock().unwrap();
        let place = ("location", "/storage/v1/upload/resumable/x".to_owned());
        if request.method == Method::POST {
            return (StatusCode::CREATED, [place]).into_response();
        }
        held.extend(&request.body);
        let done = if held.len() == 1_000 { "1" } else { "0" };
        let headers = [
            ("upload-offset", held.len().to_string()),
            ("tus-complete", done.to_owned()),
        ];
        (StatusCode::NO_CONTENT, headers).into_response()
    })
    .await;
    assert!(stored(&upload(&project).run(&mut bytes(), &silent).await.unwrap()));
    let sent: Vec<_> = seen.lock().unwrap().iter().map(|request| request.body.len()).collect();
    assert_eq!(sent, [300, 300, 300, 300, 100]);
}

#[tokio::test]
async fn an_upload_that_is_begun_apart_is_written_down_before_its_first_byte() {
    let (project, seen, store) = server(&[]).await;
    let mut upload = upload(&project);
    let begun = upload.begin(Some(1_000)).await.unwrap().clone();
    assert_eq!(begun.length, Some(1_000));
    assert_eq!(store.lock().unwrap().upload.as_deref(), Some(&[][..]));
    assert!(stored(&upload.run(&mut bytes(), &silent).await.unwrap()));
    assert_eq!(store.lock().unwrap().object.as_ref().unwrap().0, bytes());
    let methods: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|request| request.method.to_string())
        .collect();
    assert_eq!(
        methods,
        ["POST", "PATCH", "PATCH", "PATCH", "PATCH"],
        "where it is need not be asked"
    );

    // What is refused is refused at once, and an object without bytes is stored by its beginning.
    store
        .lock()
        .unwrap()
        .faults
        .push_back(Fault::Refuse(413, "Maximum size exceeded"));
    let mut refused = super::upload(&project);
    assert_eq!(refused.begin(Some(1_000)).await.unwrap_err().class, Class::TooLarge);
    assert!(refused.state().is_none());
}
