//! Hostile names from end to end on a real file system: files go up, keys come down, a manifest brings them back. Nothing is
//! written outside of the folder that was chosen, and every name is found again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/hostile_names.rs"]
mod hostile_names;
mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::StreamExt as _;
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::service::Report;
use storymimi_studio::supabase::{
    BucketName, CopyOptions, Destination, NewBucket, ObjectKey, Objects, Supabase, Upload,
};
use storymimi_studio::transfer::names::{Decoded, Manifest, ManifestEntry, decode};
use storymimi_studio::transfer::plan::{
    BadNames, DownloadOrder, FileSource, KeySource, KeyTarget, Links, ManifestOrder, Taken, UploadOrder,
};
use storymimi_studio::transfer::{Action, Place, Plan, Rules};
use support::project::Project;
use tokio_util::sync::CancellationToken;

fn bucket(name: &str) -> BucketName {
    BucketName::parse_new(name).unwrap()
}

async fn project_with(buckets: &[&str]) -> Project {
    let project = Project::start().await;
    for name in buckets {
        let new = NewBucket {
            name: bucket(name),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        project.service.create_bucket(&new).await.unwrap();
    }
    project
}

/// A client beside the program's own, for what its plans would refuse.
fn objects(project: &Project, name: &str) -> Objects {
    let workspace = project.service.workspace();
    let http = Http::new(Arc::new(Transcript::default())).unwrap();
    Supabase::new(http, workspace.url.clone(), workspace.key.clone()).bucket(&bucket(name))
}

async fn run(project: &Project, plan: Plan) -> Report {
    let job = project.service.submit(plan).await.unwrap();
    project.service.run_transfer(job).await.unwrap()
}

async fn download_all(project: &Project, from: &str, folder: &Path) -> Plan {
    let order = DownloadOrder {
        sources: vec![KeySource::Inside(String::new())],
        bucket: bucket(from),
        folder: folder.to_owned(),
        name: None,
        taken: Taken::Refuse,
        rules: Rules::default(),
    };
    let never = CancellationToken::new();
    let planned = project.service.plan_download(&order, &|_| {}, &never);
    planned.await.unwrap()
}

/// Restores a folder by its manifest, and expects every file to arrive.
async fn restore(project: &Project, folder: &Path, to: &str) -> Report {
    let order = ManifestOrder {
        folder: folder.to_owned(),
        bucket: bucket(to),
        prefix: String::new(),
        taken: Taken::Refuse,
        links: Links::Refuse,
        rules: Rules::default(),
    };
    let never = CancellationToken::new();
    let planned = project.service.plan_upload_by_manifest(&order, &|_| {}, &never);
    let plan = planned.await.unwrap();
    assert!(plan.unseen.is_empty(), "{:#?}", plan.unseen);
    let report = run(project, plan).await;
    assert!(report.is_done(), "{:#?}", report.not_done().collect::<Vec<_>>());
    report
}

/// Everything below a folder but one folder in it, with what is in the files and where links lead.
fn snapshot(folder: &Path, without: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let facts = path.symlink_metadata().unwrap();
            if path == without {
                continue;
            }
            let content = if facts.is_dir() {
                open.push(path.clone());
                b"folder".to_vec()
            } else if facts.is_symlink() {
                std::fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else {
                std::fs::read(&path).unwrap()
            };
            found.insert(path, content);
        }
    }
    found
}

/// The files below a folder, by their path with `/`, but its manifest.
fn files(folder: &Path) -> BTreeSet<String> {
    let all = snapshot(folder, Path::new(""));
    let plain = all
        .into_keys()
        .filter(|path| path.symlink_metadata().unwrap().is_file());
    plain
        .map(|path| {
            let below = path.strip_prefix(folder).unwrap();
            let names: Vec<&str> = below.iter().map(|name| name.to_str().unwrap()).collect();
            names.join("/")
        })
        .filter(|name| name != Manifest::FILE_NAME)
        .collect()
}

fn manifest(folder: &Path) -> Vec<ManifestEntry> {
    Manifest::open(folder).unwrap().unwrap().entries
}

/// All objects of a bucket, whole.
async fn contents(objects: &Objects) -> BTreeMap<String, Vec<u8>> {
    let keys: Vec<String> = objects
        .list_all("")
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.key)
        .collect();
    let reads = futures_util::stream::iter(keys).map(|text| async move {
        let key = ObjectKey::parse(&text).unwrap();
        let bytes = objects.download(&key).await.unwrap().bytes.to_vec();
        (text, bytes)
    });
    reads.buffer_unordered(16).collect().await
}

#[tokio::test]
async fn files_with_hostile_names_go_up_come_down_and_are_found_by_their_names() {
    let project = project_with(&["art", "again"]).await;
    let here = tempfile::tempdir().unwrap();
    let source = here.path().join("source");
    let mut written = 0;
    for (number, name) in hostile_names::names().iter().enumerate() {
        // Each in a folder of its own: what a file system takes for one name are two names here.
        let folder = source.join(number.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let own = name.replace('/', "_");
        // The server keeps a placeholder only if there is nothing in it.
        let bytes = if own == ".emptyFolderPlaceholder" {
            String::new()
        } else {
            format!("{number}: {name}")
        };
        written += usize::from(std::fs::write(folder.join(own), bytes).is_ok());
    }
    assert!(written >= 500 || !cfg!(target_os = "linux"), "{written}");
    let originals = files(&source);

    let order = UploadOrder {
        sources: vec![FileSource::Inside(source.clone())],
        bucket: bucket("art"),
        target: KeyTarget::Under(String::new()),
        bad_names: BadNames::Escape,
        taken: Taken::Refuse,
        links: Links::Refuse,
        rules: Rules::default(),
    };
    let never = CancellationToken::new();
    let planned = project.service.plan_upload(&order, &|_| {}, &never);
    let plan = planned.await.unwrap();
    assert_eq!(plan.items.len(), originals.len());
    // What is too long for a key is in the plan, and in the journal that keeps it.
    let kept: HashMap<String, String> = plan
        .items
        .iter()
        .filter_map(|item| match &item.to {
            Some(Place::Object { key, .. }) => Some((key.clone(), item.renamed_from.clone().unwrap_or(key.clone()))),
            _ => None,
        })
        .collect();
    let report = run(&project, plan).await;
    assert!(report.is_done(), "{:#?}", report.not_done().collect::<Vec<_>>());
    assert_eq!(report.job.counts.done as usize, originals.len());
    let stored = contents(&objects(&project, "art")).await;
    assert_eq!(stored.len(), originals.len(), "each has a key of its own");

    let inner = here.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let back = inner.join("back");
    let before = snapshot(here.path(), &back);
    let report = run(&project, download_all(&project, "art", &back).await).await;
    assert!(report.is_done(), "{:#?}", report.not_done().collect::<Vec<_>>());
    assert_eq!(
        snapshot(here.path(), &back),
        before,
        "something was written outside of the folder"
    );

    let entries = manifest(&back);
    assert_eq!(entries.len(), originals.len());
    let mut found = BTreeSet::new();
    for entry in &entries {
        let name = match decode(&entry.key) {
            Decoded::Exact(name) => name,
            Decoded::Shortened => kept[&entry.key].clone(),
        };
        // A name that looks like an escape by itself, and is none, is what it is.
        let name = if originals.contains(&name) {
            name
        } else {
            kept[&entry.key].clone()
        };
        assert_eq!(
            std::fs::read(back.join(entry.local.to_path())).unwrap(),
            std::fs::read(source.join(&name)).unwrap(),
            "{entry:?}"
        );
        assert!(found.insert(name));
    }
    assert_eq!(found, originals, "every name is found again");
    assert_eq!(
        files(&back),
        entries.iter().map(|entry| entry.local.to_string()).collect()
    );

    restore(&project, &back, "again").await;
    assert_eq!(contents(&objects(&project, "again")).await, stored);
    println!("{written} names went up, down, and up again");
}

#[tokio::test]
async fn keys_that_are_hostile_to_files_come_down_into_their_folder_and_go_up_again_as_they_were() {
    let project = project_with(&["art", "again"]).await;
    let art = objects(&project, "art");
    let how = Upload::new("application/octet-stream");
    let mut stored = BTreeMap::new();
    let mut unaskable = BTreeSet::new();
    let seed = ObjectKey::parse("seed").unwrap();
    art.upload(&seed, "seed".into(), &how).await.unwrap();
    stored.insert("seed".to_owned(), b"seed".to_vec());
    for name in hostile_names::names() {
        let Ok(key) = ObjectKey::parse(&name) else { continue };
        if name.split('/').any(|segment| matches!(segment, "." | "..")) {
            // No address can name it; it is there all the same if somebody copies something to it.
            let to = Destination::here(key);
            if art.copy_to(&seed, &to, &CopyOptions::default()).await.is_ok() {
                unaskable.insert(name);
            }
        } else if art.upload(&key, name.clone().into(), &how).await.is_ok() {
            stored.insert(name.clone(), name.into_bytes());
        }
    }
    let listed: BTreeSet<String> = art
        .list_all("")
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.key)
        .collect();
    let sent: BTreeSet<String> = stored.keys().chain(&unaskable).cloned().collect();
    assert_eq!(listed, sent);
    assert!(stored.len() >= 400, "{}", stored.len());

    // What an escape would find: a file beside the folder, above it, and a link out of it.
    let here = tempfile::tempdir().unwrap();
    let folder = here.path().join("a/b/c/back");
    std::fs::create_dir_all(&folder).unwrap();
    for bait in ["bait", "a/begin", "a/b/x.png", "a/b/c/a"] {
        std::fs::write(here.path().join(bait), "bait").unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("../..", folder.join("out")).unwrap();
    let before = snapshot(here.path(), &folder);
    let plan = download_all(&project, "art", &folder).await;
    let refused: BTreeSet<String> = plan
        .items
        .iter()
        .filter(|item| item.action == Action::Refuse)
        .map(|item| match &item.from {
            Place::Object { key, .. } => key.clone(),
            Place::File { .. } | Place::Elsewhere { .. } | Place::Bucket { .. } => panic!("{item:?}"),
        })
        .collect();
    let in_trash = |key: &String| key.starts_with("_trash/");
    assert!(unaskable.is_superset(&refused), "{:?}", refused.difference(&unaskable));
    let report = run(&project, plan).await;
    assert_eq!(report.refused as usize, refused.len());
    assert_eq!(report.job.counts.failed + report.job.counts.undecided, 0, "{report:#?}");
    assert_eq!(
        snapshot(here.path(), &folder),
        before,
        "something was written outside of the folder"
    );
    #[cfg(unix)]
    std::fs::remove_file(folder.join("out")).unwrap();

    stored.retain(|key, _| !in_trash(key));
    let entries = manifest(&folder);
    let by_key: BTreeMap<String, Vec<u8>> = entries
        .iter()
        .map(|entry| {
            (
                entry.key.clone(),
                std::fs::read(folder.join(entry.local.to_path())).unwrap(),
            )
        })
        .collect();
    assert!(by_key == stored, "every key is found by the manifest, with its bytes");
    assert_eq!(
        files(&folder),
        entries.iter().map(|entry| entry.local.to_string()).collect()
    );

    restore(&project, &folder, "again").await;
    assert!(
        contents(&objects(&project, "again")).await == stored,
        "the same keys and bytes"
    );
    println!(
        "{} keys went down and up again, {} cannot be asked for",
        stored.len(),
        unaskable.len()
    );
}
