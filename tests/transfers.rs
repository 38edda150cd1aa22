//! One file or object at a time through plans and jobs: larger than what may be in memory, in and out, and what an
//! overwrite leaves as it was.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::service::{Report, Wish};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Supabase, Upload};
use storymimi_studio::transfer::names::Manifest;
use storymimi_studio::transfer::plan::{
    BadNames, DeleteOrder, DownloadOrder, FileSource, KeySource, KeyTarget, Links, RelocateOrder, Taken, UploadOrder,
};
use storymimi_studio::transfer::{Action, JobState, Plan, Rules, Target};
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

async fn upload(project: &Project, path: &Path, bucket: &BucketName, key: &ObjectKey, taken: Taken) -> Plan {
    let order = UploadOrder {
        sources: vec![FileSource::Named(path.to_owned())],
        bucket: bucket.clone(),
        target: KeyTarget::Exact(key.clone()),
        bad_names: BadNames::Refuse,
        taken,
        links: Links::Refuse,
        rules: Rules::default(),
    };
    let never = CancellationToken::new();
    let planned = project.service.plan_upload(&order, &|_| {}, &never);
    planned.await.unwrap()
}

async fn download(project: &Project, bucket: &BucketName, key: &ObjectKey, folder: &Path, taken: Taken) -> Plan {
    let order = DownloadOrder {
        sources: vec![KeySource::Key(key.clone())],
        bucket: bucket.clone(),
        folder: folder.to_owned(),
        name: None,
        taken,
        rules: Rules::default(),
    };
    let never = CancellationToken::new();
    let planned = project.service.plan_download(&order, &|_| {}, &never);
    planned.await.unwrap()
}

async fn run(project: &Project, plan: Plan) -> Report {
    let job = project.service.submit(plan).await.unwrap();
    project.service.run_transfer(job).await.unwrap()
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
    let plan = upload(&project, &path, &bucket, &key, Taken::Refuse).await;
    let report = run(&project, plan).await;
    assert!(report.is_done(), "{report:#?}");
    assert_eq!(report.job.counts.bytes_done, LARGE as u64);
    let pieces = uploads(&project)
        .iter()
        .filter(|sent| sent.starts_with("PATCH "))
        .count();
    assert_eq!(pieces, 12, "that it is begun is on disk before its first piece goes");

    let folder = tempfile::tempdir().unwrap();
    let plan = download(&project, &bucket, &key, folder.path(), Taken::Refuse).await;
    let report = run(&project, plan).await;
    assert!(report.is_done(), "{report:#?}");
    assert!(std::fs::read(folder.path().join("large.bin")).unwrap() == std::fs::read(&path).unwrap());
    // The same once more is nothing to do, in either direction.
    for plan in [
        upload(&project, &path, &bucket, &key, Taken::Replace).await,
        download(&project, &bucket, &key, folder.path(), Taken::Replace).await,
    ] {
        assert_eq!(plan.items[0].action, Action::Identical, "{plan:#?}");
        let report = run(&project, plan).await;
        assert!(report.is_done() && report.identical == 1, "{report:#?}");
    }
}

#[tokio::test]
async fn a_file_that_is_there_is_kept_or_replaced_as_told() {
    let project = Project::start().await;
    let (bucket, key) = (bucket(&project).await, key("a.bin"));
    let path = file(&project, "a.bin", 1000);
    run(&project, upload(&project, &path, &bucket, &key, Taken::Refuse).await).await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.bin");
    std::fs::write(&target, "mine").unwrap();
    let report = run(
        &project,
        download(&project, &bucket, &key, folder.path(), Taken::Refuse).await,
    )
    .await;
    assert_eq!((report.refused, report.is_done()), (1, false), "{report:#?}");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine");
    // One that appears after the plan was made is kept as well, and so is one that changed since.
    std::fs::remove_file(&target).unwrap();
    let new = download(&project, &bucket, &key, folder.path(), Taken::Refuse).await;
    std::fs::write(&target, "mine").unwrap();
    let replacing = download(&project, &bucket, &key, folder.path(), Taken::Replace).await;
    assert!(!run(&project, new).await.is_done());
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine");
    std::fs::write(&target, "mine, and longer").unwrap();
    assert!(!run(&project, replacing).await.is_done());
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine, and longer");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half");
    let report = run(
        &project,
        download(&project, &bucket, &key, folder.path(), Taken::Replace).await,
    )
    .await;
    assert!(report.is_done(), "{report:#?}");
    assert_eq!(std::fs::read(&target).unwrap(), std::fs::read(&path).unwrap());
}

#[tokio::test]
async fn an_object_that_was_changed_is_fetched_or_moved_as_it_is_when_somebody_tries_it_again() {
    let project = Project::start().await;
    let (bucket, key) = (bucket(&project).await, key("a.bin"));
    let path = file(&project, "a.bin", 1000);
    run(&project, upload(&project, &path, &bucket, &key, Taken::Refuse).await).await;
    let folder = tempfile::tempdir().unwrap();
    let fetch = download(&project, &bucket, &key, folder.path(), Taken::Refuse).await;
    let order = RelocateOrder {
        copy: false,
        sources: vec![KeySource::Key(key.clone())],
        bucket: bucket.clone(),
        to_bucket: bucket.clone(),
        target: KeyTarget::Exact(self::key("b.bin")),
        bad_names: BadNames::Refuse,
        taken: Taken::Refuse,
        rules: Rules::default(),
    };
    let never = CancellationToken::new();
    let rename = project.service.plan_relocation(&order, &|_| {}, &never).await.unwrap();
    let deletion = DeleteOrder {
        sources: order.sources.clone(),
        bucket: bucket.clone(),
        rules: Rules::default(),
    };
    let delete = project.service.plan_deletion(&deletion, &|_| {}, &never).await.unwrap();
    let path = file(&project, "a.bin", 2000);
    run(&project, upload(&project, &path, &bucket, &key, Taken::Replace).await).await;

    let mut jobs = Vec::new();
    for plan in [fetch, rename, delete] {
        let job = project.service.submit(plan).await.unwrap();
        let report = project.service.run_transfer(job).await.unwrap();
        assert_eq!(report.job.counts.undecided, 1, "{report:#?}");
        jobs.push(job);
    }
    let tried_again = async |job| {
        assert_eq!(project.service.engine().retry(Target::Job(job)).await.unwrap(), 1);
        project.service.run_transfer(job).await.unwrap().job.counts
    };
    // What is deleted has to be what somebody has looked at.
    assert_eq!(tried_again(jobs[2]).await.undecided, 1);
    assert_eq!(tried_again(jobs[0]).await.done, 1);
    assert_eq!(
        std::fs::read(folder.path().join("a.bin")).unwrap(),
        std::fs::read(&path).unwrap()
    );
    assert_eq!(tried_again(jobs[1]).await.done, 1);
    let moved = project.service.download(&bucket, &self::key("b.bin")).await.unwrap();
    assert_eq!(&moved.bytes[..], std::fs::read(&path).unwrap());
    let back = project.service.undo_transfer(jobs[1], &|_| {}).await.unwrap();
    assert_eq!((back.back.len(), back.left.len()), (1, 0));
}

#[tokio::test]
async fn an_upload_that_is_cancelled_leaves_nothing() {
    let project = Project::start().await;
    let (bucket, key) = (bucket(&project).await, key("large.bin"));
    let path = file(&project, "large.bin", 40 << 20);
    let plan = upload(&project, &path, &bucket, &key, Taken::Refuse).await;
    let service = &project.service;
    let job = service.submit(plan).await.unwrap();
    let mut watch = service.engine().watch();
    let cancelled = async {
        loop {
            let some = |live: &storymimi_studio::transfer::Live| live.moving > 0;
            if watch.borrow_and_update().running.iter().any(some) {
                break;
            }
            watch.changed().await.unwrap();
        }
        service.carry_out(Target::Job(job), Wish::Cancel).await.unwrap();
    };
    let (report, ()) = tokio::join!(service.run_transfer(job), cancelled);
    let report = report.unwrap();
    assert_eq!(report.job.state, JobState::Cancelled, "{report:#?}");
    assert!(
        uploads(&project).iter().any(|sent| sent.starts_with("DELETE ")),
        "thrown away"
    );
    assert!(service.objects(&bucket, "").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_overwrite_leaves_what_is_kept_beside_the_bytes_and_how_long_readers_keep_them() {
    let project = Project::start().await;
    let bucket = bucket(&project).await;
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
        let before = objects.info(&key).await.unwrap();
        let path = file(&project, name, size);
        let report = run(&project, upload(&project, &path, &bucket, &key, Taken::Replace).await).await;
        assert!(report.is_done(), "{report:#?}");
        let info = objects.info(&key).await.unwrap();
        assert_eq!(info.size, Some(size as u64), "{name}");
        assert_eq!(info.cache_control.as_deref(), Some(caching), "{name}");
        assert_eq!(info.metadata.get("prompt"), Some(&"a red fox".into()), "{name}");
        assert_ne!(
            info.metadata.get("sha256"),
            before.metadata.get("sha256"),
            "{name}: that was of other bytes"
        );
    }
}

#[tokio::test]
async fn the_window_writes_which_file_is_which_object_too() {
    let project = Project::start().await;
    let bucket = bucket(&project).await;
    let path = file(&project, "a.bin", 100);
    for name in ["a", "b"] {
        let plan = upload(&project, &path, &bucket, &key(name), Taken::Refuse).await;
        assert!(run(&project, plan).await.is_done());
    }
    let folders = tempfile::tempdir().unwrap();
    let (before, after) = (folders.path().join("before"), folders.path().join("after"));
    let service = &project.service;
    let plan = async |folder: &Path| {
        let order = DownloadOrder {
            sources: vec![KeySource::Inside(String::new())],
            bucket: bucket.clone(),
            folder: folder.to_owned(),
            name: None,
            taken: Taken::Refuse,
            rules: Rules::default(),
        };
        let never = CancellationToken::new();
        service.plan_download(&order, &|_| {}, &never).await.unwrap()
    };
    // A download whose program ended before it could write anything: only the engine was there.
    let job = service.submit(plan(&before).await).await.unwrap();
    service.engine().run(job).await.unwrap();
    assert!(Manifest::open(&before).unwrap().is_none());

    service.keep_transferring();
    service.submit(plan(&after).await).await.unwrap();
    for folder in [&before, &after] {
        let written = loop {
            if let Some(manifest) = Manifest::open(folder).unwrap() {
                break manifest;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        };
        let keys: Vec<&str> = written.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["a", "b"]);
        assert!(written.entries.iter().all(|entry| entry.sha256.is_some()));
    }
    service.close().await;
}
