//! Folders made alike: what goes up, and what is certainly not here any more.

use std::fs;
use std::path::Path;

use storymimi_studio::transfer::plan::{BadNames, Links, PlanError, SyncOrder};
use storymimi_studio::transfer::{Action, Kind, Rules};

use super::project::{Local, bucket};
use super::{Planning, expect, folder, source};

fn sync(folder: &Path, prefix: &str, delete: bool) -> SyncOrder {
    SyncOrder {
        folder: folder.to_owned(),
        bucket: bucket("art"),
        prefix: prefix.to_owned(),
        delete,
        bad_names: BadNames::Refuse,
        links: Links::Refuse,
        rules: Rules::default(),
    }
}

#[tokio::test]
async fn a_sync_deletes_only_what_is_certainly_not_here() {
    let local = Local::start().await;
    for (key, bytes) in [
        ("w/same.txt", &b"same.txt"[..]),
        ("w/changed.txt", b"old"),
        ("w/gone.txt", b"x"),
        ("w/sub/gone too.txt", b"x"),
        ("w/sub/.emptyFolderPlaceholder", b""),
        ("w/M!oe!hre.txt", b"x"),
        ("w2/other.txt", b"x"),
        ("_trash/2026-01-01/x", b"x"),
    ] {
        local.put(key, bytes).await;
    }
    let files = folder(&["same.txt", "changed.txt", "new.txt", "Möhre.txt"]);
    let planning = Planning::of(&local.project);
    let plans = planning.planner().sync(&sync(files.path(), "w", true)).await.unwrap();
    expect(
        &plans.upload,
        &[
            ("", Action::Refuse),
            ("w/changed.txt", Action::Replace),
            ("w/new.txt", Action::New),
            ("w/same.txt", Action::Identical),
        ],
    );
    let delete = plans.delete.unwrap();
    planning.sound(&plans.upload);
    planning.sound(&delete);
    assert_eq!(delete.kind, Kind::Delete);
    let gone: Vec<String> = delete.items.iter().map(source).collect();
    assert_eq!(gone, ["w/gone.txt", "w/sub/gone too.txt"]);
    assert!(
        delete
            .items
            .iter()
            .all(|item| item.action == Action::New && item.seen.etag.is_some())
    );
    let kept = planning.planner().sync(&sync(files.path(), "w", false)).await.unwrap();
    assert_eq!((kept.delete, kept.upload.items.len()), (None, 4));
    // Nothing of the trash when it is the whole bucket.
    let all = planning.planner().sync(&sync(files.path(), "", true)).await.unwrap();
    assert!(
        all.delete
            .unwrap()
            .items
            .iter()
            .all(|item| !source(item).starts_with("_trash/"))
    );
    let empty = tempfile::tempdir().unwrap();
    let error = planning
        .planner()
        .sync(&sync(empty.path(), "w", true))
        .await
        .unwrap_err();
    assert!(matches!(error, PlanError::EmptyFolder(_)), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_sync_that_did_not_see_all_deletes_nothing() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let local = Local::start().await;
    local.put("w/gone.txt", b"x").await;
    local.put("w/link/behind.txt", b"x").await;
    let files = folder(&["a.txt"]);
    std::os::unix::fs::symlink("/tmp", files.path().join("link")).unwrap();
    let planning = Planning::of(&local.project);
    let plans = planning.planner().sync(&sync(files.path(), "w", true)).await.unwrap();
    let gone: Vec<String> = plans.delete.unwrap().items.iter().map(source).collect();
    assert_eq!(gone, ["w/gone.txt"], "what may lie behind a link stays");
    fs::create_dir(files.path().join(OsStr::from_bytes(b"d\xff"))).unwrap();
    let plans = planning.planner().sync(&sync(files.path(), "w", true)).await.unwrap();
    assert_eq!(plans.delete, None);
    assert_eq!(plans.upload.unseen.len(), 1);
    planning.sound(&plans.upload);
}
