//! Objects that are larger than what may be in memory, in and out, and what an overwrite leaves as it was.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::service::{Existing, Transferred};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Supabase, Upload};
use support::project::Project;
use tokio_util::sync::CancellationToken;

/// More than a download in memory may have, and than an upload could have at once.
const LARGE: usize = (66 << 20) + 7;

async fn bucket(project: &Project) -> BucketName {
    let name = BucketName::parse_new("art").unwrap();
    let new = NewBucket {
        name: name.clone(),
        public: true,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    project.service.create_bucket(&new).await.unwrap();
    name
}

fn file(project: &Project, name: &str, size: usize) -> PathBuf {
    let path = project.folder.path().join(name);
    let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

/// The requests that sent an upload, and not what was looked up before and afterwards.
fn uploads(project: &Project) -> Vec<String> {
    let exchanges = project.service.transcript().exchanges();
    let sent = exchanges.iter().filter(|exchange| exchange.method != "GET");
    sent.map(|exchange| format!("{} {}", exchange.method, exchange.url))
        .collect()
}

#[tokio::test]
async fn what_is_larger_than_memory_may_be_goes_in_by_pieces_and_comes_out_whole() {
    let project = Project::start().await;
    let (bucket, key) = (bucket(&project).await, key("large.bin"));
    let path = file(&project, "large.bin", LARGE);
    let seen = Mutex::new(Vec::new());
    let observe = |far: Transferred| seen.lock().unwrap().push(far);
    let put = project
        .service
        .put_object(&path, (&bucket, &key), false, &observe, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(put.size, LARGE as u64);
    let pieces = uploads(&project)
        .iter()
        .filter(|sent| sent.starts_with("PATCH "))
        .count();
    assert_eq!(pieces, 11, "the first piece goes with the beginning");
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let all = Some(LARGE as u64);
    assert!(seen.iter().all(|far| far.of == all) && seen.is_sorted_by_key(|far| far.bytes));
    assert!(seen.len() > 10 && seen.last().unwrap().bytes == LARGE as u64);

    let target = project.folder.path().join("back.bin");
    let size = project
        .service
        .save_object((&bucket, &key), &target, Existing::Kept, &|_| {})
        .await
        .unwrap();
    assert_eq!(size, LARGE as u64);
    assert!(std::fs::read(&target).unwrap() == std::fs::read(&path).unwrap());
}

#[tokio::test]
async fn a_download_keeps_what_is_to_be_kept_and_leaves_nothing_when_it_fails() {
    let project = Project::start().await;
    let (bucket, key) = (bucket(&project).await, key("a.bin"));
    let path = file(&project, "a.bin", 1000);
    let never = CancellationToken::new();
    let service = &project.service;
    service
        .put_object(&path, (&bucket, &key), false, &|_| {}, &never)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("kept");
    std::fs::write(&target, "mine").unwrap();
    let requests = service.transcript().exchanges().len();
    let kept = service
        .save_object((&bucket, &key), &target, Existing::Kept, &|_| {})
        .await
        .unwrap_err();
    assert!(kept.what.contains("is there already"), "{}", kept.what);
    assert_eq!(
        service.transcript().exchanges().len(),
        requests,
        "told before it is read"
    );
    // One that appears while the object is on its way is kept as well.
    let late = folder.path().join("late");
    let appears = |far: Transferred| {
        if far.of == Some(far.bytes) || far.bytes == 0 {
            std::fs::write(&late, "mine").unwrap();
        }
    };
    service
        .save_object((&bucket, &key), &late, Existing::Kept, &appears)
        .await
        .unwrap_err();
    assert_eq!(std::fs::read_to_string(&late).unwrap(), "mine");
    let missing = ObjectKey::parse("missing").unwrap();
    service
        .save_object((&bucket, &missing), &target, Existing::Replaced, &|_| {})
        .await
        .unwrap_err();
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing half");
    service
        .save_object((&bucket, &key), &target, Existing::Replaced, &|_| {})
        .await
        .unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), std::fs::read(&path).unwrap());
}

#[tokio::test]
async fn an_upload_that_is_stopped_or_refused_leaves_nothing() {
    let project = Project::start().await;
    let (bucket, key) = (bucket(&project).await, key("large.bin"));
    let path = file(&project, "large.bin", 20 << 20);
    let stop = CancellationToken::new();
    let observe = |far: Transferred| {
        if far.bytes > 0 {
            stop.cancel();
        }
    };
    project
        .service
        .put_object(&path, (&bucket, &key), false, &observe, &stop)
        .await
        .unwrap_err();
    assert!(uploads(&project).last().unwrap().starts_with("DELETE "), "thrown away");
    assert!(project.service.objects(&bucket, "").await.unwrap().is_empty());
    let stopped = CancellationToken::new();
    stopped.cancel();
    let small = file(&project, "small.bin", 0);
    project
        .service
        .put_object(&small, (&bucket, &key), false, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let folder = project.folder.path().to_owned();
    let refused = project
        .service
        .put_object(&folder, (&bucket, &key), true, &|_| {}, &stopped)
        .await
        .unwrap_err();
    assert!(refused.what.contains("is not a file"), "{}", refused.what);
}

#[tokio::test]
async fn an_overwrite_leaves_what_is_kept_beside_the_bytes_and_how_long_readers_keep_them() {
    let project = Project::start().await;
    let bucket = bucket(&project).await;
    let never = CancellationToken::new();
    let direct = Supabase::new(
        Http::new(Arc::new(Transcript::default())).unwrap(),
        project.service.workspace().url.clone(),
        project.service.workspace().key.clone(),
    );
    // Of one piece, and of several; with caching that pieces can carry, and with such as they cannot.
    for (name, size, caching) in [
        ("small.bin", 1000, "max-age=60, immutable"),
        ("large.bin", 7 << 20, "max-age=60"),
        ("forever.bin", 7 << 20, "max-age=60, immutable"),
    ] {
        let key = key(name);
        let mut how = Upload::new("application/octet-stream").with_hash_of(b"before");
        caching.clone_into(&mut how.cache_control);
        how.metadata.insert("prompt".into(), "a red fox".into());
        let objects = direct.bucket(&bucket);
        objects.upload(&key, "before".into(), &how).await.unwrap();
        let path = file(&project, name, size);
        project
            .service
            .put_object(&path, (&bucket, &key), true, &|_| {}, &never)
            .await
            .unwrap();
        let info = objects.info(&key).await.unwrap();
        assert_eq!(info.size, Some(size as u64), "{name}");
        assert_eq!(info.cache_control.as_deref(), Some(caching), "{name}");
        assert_eq!(info.metadata.get("prompt"), Some(&"a red fox".into()), "{name}");
        assert!(!info.metadata.contains_key("sha256"), "{name}: that was of other bytes");
    }
    let new = key("new.bin");
    let path = file(&project, "new.bin", 10);
    project
        .service
        .put_object(&path, (&bucket, &new), true, &|_| {}, &never)
        .await
        .unwrap();
}
