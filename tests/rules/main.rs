//! The ten rules of the client, each shown on its own: against the embedded server where it has what the rule is about,
//! else against a server that answers as the real one was seen to.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod project;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Response};
use project::{Local, SERVICE_KEY, bucket, http, key, reply, scripted};
use serde_json::{Map, Value, json};
use storymimi_studio::supabase::{
    Access, Bucket, Class, Destination, Ended, ListSort, ObjectEdit, Read, Reading, ResumableUpload, Signing, Step,
    Supabase, Upload, UploadState, sha256, url,
};
use storymimi_studio::workspace::ApiKey;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn rule_1_errors_are_classified_by_their_body() {
    for (status, body, class) in [
        (
            400,
            r#"{"statusCode":"404","error":"x","message":"m","code":"NoSuchKey"}"#,
            Class::NotFound,
        ),
        (
            400,
            r#"{"statusCode":404,"error":"Bucket not found","message":"Bucket not found"}"#,
            Class::BucketNotFound,
        ),
        (
            400,
            r#"{"statusCode":"409","error":"Duplicate","message":"m"}"#,
            Class::Exists,
        ),
        (
            400,
            r#"{"statusCode":"413","error":"Payload too large","message":"m","code":"EntityTooLarge"}"#,
            Class::TooLarge,
        ),
        (
            400,
            r#"{"statusCode":"415","error":"invalid_mime_type","message":"m","code":"InvalidMimeType"}"#,
            Class::WrongType,
        ),
        (
            400,
            r#"{"statusCode":"429","error":"x","message":"m","code":"SlowDown"}"#,
            Class::Throttled,
        ),
        (
            400,
            r#"{"statusCode":"503","error":"x","message":"m","code":"LockTimeout"}"#,
            Class::Busy,
        ),
        (
            403,
            r#"{"statusCode":"403","error":"Unauthorized","message":"Access denied: Invalid role","code":"AccessDenied"}"#,
            Class::Forbidden,
        ),
        (413, "Maximum size exceeded\n", Class::TooLarge),
        (
            502,
            "<html><head><title>502 Bad Gateway</title></head></html>",
            Class::Busy,
        ),
        (400, "", Class::Invalid),
    ] {
        let (project, _) = scripted(SERVICE_KEY, move |_, _, _, _| reply(status, body)).await;
        let error = project.bucket(&bucket("b")).info(&key("a")).await.unwrap_err();
        assert_eq!((error.class, error.http_status), (class, Some(status)), "{body}");
        assert!(!error.message.is_empty() && !error.hint().is_empty());
    }
}

#[tokio::test]
async fn rule_2_every_legal_key_is_reached_by_every_call() {
    let local = Local::start().await;
    let objects = local.objects();
    let reader = Supabase::new(
        http(),
        local.project.url().clone(),
        ApiKey::parse(local.server.anon_key()).unwrap(),
    );
    // Each character that storage takes, alone and among others.
    for name in [
        "a b.png",
        "a+b.png",
        "a&b=c.png",
        "a?b.png",
        "a,b;c.png",
        "a@b:c.png",
        "$a*.png",
        "it's (1)!.png",
        "d/e//f.png",
        "/lead.png",
        "dir/",
        "100_.png",
        "what?token=no.png",
        "_!.*'() &$@=;:+,?-",
    ] {
        let content = Bytes::from(name.as_bytes().to_vec());
        let name = key(name);
        objects
            .upload(&name, content.clone(), &Upload::new("image/png"))
            .await
            .unwrap();
        assert_eq!(objects.download(&name).await.unwrap().bytes, content, "{name}");
        assert_eq!(objects.info(&name).await.unwrap().name, name.as_str());
        assert_eq!(
            objects.head(&name, Access::Keyed).await.unwrap().size,
            Some(content.len() as u64)
        );
        let how = Reading {
            access: Access::Public,
            ..Reading::default()
        };
        let public = reader.bucket(&bucket("art")).read(&name, &how).await.unwrap();
        assert!(
            matches!(public, Read::Bytes(download) if download.bytes == content),
            "{name}"
        );
        let link = objects
            .sign(&name, &Signing::lasting(Duration::from_secs(60)))
            .await
            .unwrap();
        let signed = reader.bucket(&bucket("art")).download_signed(&link).await.unwrap();
        assert_eq!(signed.bytes, content, "{name}");
        assert!(link.ends.is_some());
        let explained = url::explain(link.expose(), &url::Context::default());
        assert_eq!(explained.parsed.unwrap().key, name);
        assert!(objects.remove_one(&name).await.unwrap());
        assert!(!objects.exists(&name).await.unwrap());
    }
    let asked = local.asked();
    assert!(
        asked.iter().all(|line| !line.starts_with("GET /object/art/")),
        "reads name how they are allowed"
    );
}

#[tokio::test]
async fn rule_3_a_bucket_is_read_by_the_flat_api_and_folders_never_lead_into_themselves() {
    let local = Local::start().await;
    let names = ["cover", "cover-2", "cover.png", "k/1", "k//x", "k//y/z", "k/a/1", "z"];
    for name in names {
        local.put(name, b"x").await;
    }
    let objects = local.objects();
    let listed: BTreeSet<_> = objects
        .list_all("")
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.key)
        .collect();
    assert_eq!(listed, names.iter().map(ToString::to_string).collect());
    let mut folders = vec![String::new()];
    let mut walked = BTreeSet::new();
    let (mut found, mut hidden) = (BTreeSet::new(), false);
    while let Some(folder) = folders.pop() {
        assert!(walked.insert(folder.clone()), "{folder} is walked twice");
        let mut browse = objects.browse(&folder, ListSort::Name, false);
        while let Some(page) = browse.next().await.unwrap() {
            found.extend(page.entries.into_iter().map(|entry| entry.key));
            folders.extend(page.folders);
            hidden |= page.behind_slashes;
        }
    }
    assert!(hidden, "what lies behind two slashes is told of");
    assert_eq!(found.len(), names.len() - 2);
    let asked = local.asked();
    assert!(asked.iter().any(|line| line == "POST /object/list-v2/art"));
    assert!(!asked.iter().any(|line| line.starts_with("POST /object/list/")));
}

#[tokio::test]
async fn rule_4_what_is_kept_beside_an_object_survives_overwriting_and_editing() {
    let local = Local::start().await;
    let objects = local.objects();
    let mut how = Upload {
        upsert: true,
        cache_control: "max-age=60".into(),
        ..Upload::new("image/png")
    };
    how.metadata.insert("seed".into(), 7.into());
    for bytes in [&b"one"[..], b"two"] {
        objects
            .upload(&key("a"), Bytes::from_static(bytes), &how)
            .await
            .unwrap();
        let info = objects.info(&key("a")).await.unwrap();
        assert_eq!(
            (info.metadata["seed"].clone(), info.cache_control),
            (json!(7), Some("max-age=60".into()))
        );
    }
    let edit = ObjectEdit {
        cache_control: Some("max-age=5".into()),
        ..ObjectEdit::default()
    };
    let edited = objects.edit(&key("a"), &edit).await.unwrap();
    assert!(edited.took_effect, "{edited:?}");
    let info = objects.info(&key("a")).await.unwrap();
    assert_eq!(
        (info.metadata["seed"].clone(), info.cache_control.as_deref()),
        (json!(7), Some("max-age=5"))
    );
    assert_eq!((info.content_type.as_deref(), info.size), (Some("image/png"), Some(3)));
    let clear = ObjectEdit {
        metadata: Some(Map::new()),
        ..ObjectEdit::default()
    };
    objects.edit(&key("a"), &clear).await.unwrap();
    let info = objects.info(&key("a")).await.unwrap();
    assert!(info.metadata.is_empty());
    assert_eq!(info.cache_control.as_deref(), Some("max-age=5"));
}

#[tokio::test]
async fn rule_5_only_what_the_server_says_it_deleted_is_deleted() {
    let local = Local::start().await;
    local.put("k1", b"x").await;
    local.put("k499", b"x").await;
    local.put("k1000", b"x").await;
    let keys: Vec<_> = (0..1_001).map(|n| key(&format!("k{n}"))).collect();
    let removal = local.objects().remove(&keys).await.unwrap();
    assert_eq!(removal.removed, [key("k1"), key("k499"), key("k1000")]);
    assert_eq!((removal.missing.len(), removal.failed.is_none()), (998, true));
    let deletions = local
        .asked()
        .iter()
        .filter(|line| *line == "DELETE /object/art")
        .count();
    assert_eq!(deletions, 3, "500 at once at most");
}

#[tokio::test]
async fn rule_6_limits_of_another_bucket_are_kept_although_the_server_ignores_them() {
    let local = Local::start().await;
    local.bucket("small", Some(2), None).await;
    local.bucket("webp", None, Some(&["image/webp"])).await;
    local.put("a", b"xyz").await;
    let objects = local.objects();
    for (there, class) in [("small", Class::TooLarge), ("webp", Class::WrongType)] {
        let to = Destination {
            bucket: Some(bucket(there)),
            key: key("a"),
        };
        assert_eq!(objects.move_to(&key("a"), &to).await.unwrap_err().class, class);
        let copied = objects.copy_to(&key("a"), &to, &Default::default()).await;
        assert_eq!(copied.unwrap_err().class, class);
        assert!(!local.project.bucket(&bucket(there)).exists(&key("a")).await.unwrap());
    }
    objects.move_to(&key("a"), &Destination::here(key("b"))).await.unwrap();
    assert!(objects.exists(&key("b")).await.unwrap() && !objects.exists(&key("a")).await.unwrap());
}

#[tokio::test]
async fn rule_7_a_resumable_upload_is_gone_on_with_at_our_own_address() {
    let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
    let store = Arc::clone(&kept);
    let (project, seen) = scripted(SERVICE_KEY, move |method, _, headers, body| {
        let mut store = store.lock().unwrap();
        let answer = Response::builder().header("tus-resumable", "1.0.0");
        let answer = match *method {
            // An address behind the gateway, which this machine could not reach.
            Method::POST => answer
                .status(201)
                .header("location", "https://storage.internal:5000/upload/resumable/aWQ"),
            Method::HEAD => answer.header("upload-offset", store.len()).header("upload-length", 10),
            _ => {
                assert_eq!(headers["upload-offset"], store.len().to_string().as_str());
                store.extend(body);
                let answer = answer.status(204).header("upload-offset", store.len());
                if store.len() == 10 {
                    answer.header("tus-complete", "1")
                } else {
                    answer
                }
            }
        };
        answer.body(Body::empty()).unwrap()
    })
    .await;
    let objects = project.bucket(&bucket("b"));
    let mut source = Bytes::from_static(b"0123456789");
    let hash = sha256(&mut source).await.unwrap();
    let how = Upload {
        upsert: true,
        ..Upload::new("image/png")
    };
    let new = || {
        ResumableUpload::new(&objects, &key("a"), &how)
            .of_content(&hash)
            .in_pieces_of(4)
    };
    let stop = CancellationToken::new();
    let written = Mutex::new(Value::Null);
    let tell = |step: Step<'_>| match step {
        Step::Begun(state) => *written.lock().unwrap() = serde_json::to_value(state).unwrap(),
        Step::Arrived(..) => stop.cancel(),
        Step::Waiting(..) => {}
    };
    let cut = new().stopped_by(stop.clone()).run(&mut source, &tell).await;
    assert_eq!(cut.unwrap_err().class, Class::Cancelled);
    // Another run of the program, which knows what was written down.
    let state: UploadState = serde_json::from_value(written.into_inner().unwrap()).unwrap();
    let mut again = new().continuing(state, Some(10)).unwrap();
    let ended = again.run(&mut source, &|_| {}).await.unwrap();
    assert!(matches!(ended, Ended::Stored(_)));
    assert_eq!(*kept.lock().unwrap(), source);
    let seen = seen.lock().unwrap();
    let lines: Vec<_> = seen
        .iter()
        .map(|(method, path, ..)| format!("{method} {path}"))
        .collect();
    let at = "/storage/v1/upload/resumable";
    assert_eq!(
        lines,
        [
            format!("POST {at}"),
            format!("PATCH {at}/aWQ"),
            format!("HEAD {at}/aWQ"),
            format!("PATCH {at}/aWQ"),
            format!("PATCH {at}/aWQ")
        ]
    );
    let patches = seen.iter().filter(|(method, ..)| *method == Method::PATCH);
    assert!(
        patches
            .into_iter()
            .all(|(_, _, headers, _)| headers["x-upsert"] == "true")
    );
}

#[tokio::test]
async fn rule_8_content_is_known_by_its_own_hash_and_an_etag_tells_only_whether_it_changed() {
    let local = Local::start().await;
    let objects = local.objects();
    let bytes = Bytes::from_static(b"abc");
    let how = Upload {
        upsert: true,
        ..Upload::new("image/png").with_hash_of(&bytes)
    };
    objects.upload(&key("a"), bytes.clone(), &how).await.unwrap();
    let info = objects.info(&key("a")).await.unwrap();
    // The published test vector of SHA-256 for "abc".
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(info.metadata["sha256"], hash);
    assert_eq!(sha256(&mut bytes.clone()).await.unwrap(), hash);
    let how = Reading {
        unless: info.etag,
        ..Reading::default()
    };
    assert_eq!(objects.read(&key("a"), &how).await.unwrap(), Read::Unchanged);
    let other = Upload {
        upsert: true,
        ..Upload::new("image/png")
    };
    objects
        .upload(&key("a"), Bytes::from_static(b"abd"), &other)
        .await
        .unwrap();
    let changed = objects.read(&key("a"), &how).await.unwrap();
    assert!(matches!(changed, Read::Bytes(download) if &download.bytes[..] == b"abd"));
}

#[tokio::test]
async fn rule_9_nothing_is_called_empty_or_deleted_of_a_bucket_that_is_not_there() {
    let local = Local::start().await;
    let gone = local.project.bucket(&bucket("gone"));
    let class = |error: storymimi_studio::supabase::Error| error.class;
    assert_eq!(gone.list_all("").await.map_err(class), Err(Class::BucketNotFound));
    let browsed = gone.browse("d", ListSort::Name, false).next().await;
    assert_eq!(browsed.map_err(class), Err(Class::BucketNotFound));
    assert_eq!(gone.search("", "a").await.map_err(class), Err(Class::BucketNotFound));
    assert_eq!(
        gone.remove(&[key("a")]).await.map(drop).map_err(class),
        Err(Class::BucketNotFound)
    );
    let link = gone.sign(&key("a"), &Signing::lasting(Duration::from_secs(9))).await;
    assert_eq!(link.map_err(class), Err(Class::BucketNotFound));
    // The same questions of one that is there.
    let there = local.objects();
    assert_eq!(there.list_all("").await.map_err(class), Ok(Vec::new()));
    assert_eq!(there.remove(&[key("a")]).await.unwrap().missing, [key("a")]);
    let link = there.sign(&key("a"), &Signing::lasting(Duration::from_secs(9))).await;
    assert_eq!(link.map_err(class), Err(Class::NotFound));
}

#[tokio::test]
async fn rule_10_keys_go_where_their_kind_belongs_and_service_work_is_told_as_such() {
    for (secret, bearer) in [
        ("sb_secret_0123456789", false),
        ("sb_publishable_0123456789", false),
        (SERVICE_KEY, true),
    ] {
        let (project, seen) = scripted(secret, |_, _, _, _| reply(200, "[]")).await;
        project.buckets().list().await.unwrap();
        let seen = seen.lock().unwrap();
        let headers = &seen[0].2;
        assert_eq!(headers["apikey"], secret);
        assert_eq!(headers.contains_key("authorization"), bearer, "{secret}");
        let agent = headers["user-agent"].to_str().unwrap();
        assert!(agent.starts_with("StoryMimiStudio/") && !agent.contains("Mozilla"));
    }
    let local = Local::start().await;
    let anon = Supabase::new(
        http(),
        local.project.url().clone(),
        ApiKey::parse(local.server.anon_key()).unwrap(),
    );
    let error = anon.buckets().empty(&bucket("art")).await.unwrap_err();
    assert_eq!(error.class, Class::Forbidden);
    assert!(error.hint().contains("service key"), "{}", error.hint());
    assert_eq!(anon.buckets().list().await.unwrap(), Vec::<Bucket>::new());
}
