//! What is done with objects: moved, copied, renamed, their headers changed, their URLs taken, downloaded, deleted.

use storymimi_studio::service::NewSecrets;
use storymimi_studio::workspace::{ApiKey, Keep, Profile, ProfileId, ProjectUrl};

use super::*;

#[test]
fn a_folder_is_made() {
    let mut studio = studio(&["a.png"]);
    choose(&mut studio, "a.png");
    studio
        .harness
        .key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    retype(&mut studio, "Name", "..");
    says(&mut studio, "Web addresses take");
    retype(&mut studio, "Name", "winter");
    confirm(&mut studio, "Create folder");
    says(&mut studio, "Folder winter");
    assert_eq!(keys(&studio, BUCKET), ["a.png", "winter/.emptyFolderPlaceholder"]);
}

#[test]
fn what_is_moved_is_shown_before_it_moves_and_can_be_undone() {
    let mut studio = studio(&["a.png", "b.png", "winter/a.png"]);
    choose(&mut studio, "a.png");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    says(&mut studio, "2 selected");
    act(&mut studio, "Move…");
    says(&mut studio, "They are in this folder already");
    assert!(is_refused(&studio, "Move"));
    click(&mut studio, "Into folder winter");
    // One of them is in the way there.
    says(&mut studio, "1 new, 1 refused");
    studio.picture("move");
    confirm(&mut studio, "Move");
    comes_true(&mut studio, "b.png is moved", |studio| {
        keys(studio, BUCKET) == ["a.png", "winter/a.png", "winter/b.png"]
    });
    click(&mut studio, "Undo");
    comes_true(&mut studio, "b.png is back", |studio| {
        keys(studio, BUCKET) == ["a.png", "b.png", "winter/a.png"]
    });
}

#[test]
fn objects_are_copied_into_a_bucket_of_another_workspace() {
    let mut studio = studio(&["a.png", "b.png"]);
    let other = studio.runtime.block_on(support::project::Project::start());
    studio.runtime.block_on(async {
        let bucket = NewBucket {
            name: BucketName::parse("archive").unwrap(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        other.service.create_bucket(&bucket).await.unwrap();
        let profile = Profile {
            name: "Staging".to_owned(),
            keep: Keep::Session,
            ..Profile::new(
                ProfileId::parse("staging").unwrap(),
                ProjectUrl::parse(other.server.url()).unwrap(),
            )
        };
        let secrets = NewSecrets {
            key: Some(ApiKey::parse(other.server.service_key()).unwrap()),
            ..NewSecrets::default()
        };
        studio.workspaces.add(profile, secrets).await.unwrap();
    });
    studio.service.know_others(studio.workspaces.clone());
    choose(&mut studio, "a.png");
    click(&mut studio, "More actions");
    click(&mut studio, "Copy…");
    pick(&mut studio, "To workspace", "Staging");
    // The first of its buckets, because none of them is called as this one.
    retype(&mut studio, "To folder", "2026");
    says(&mut studio, "1 new");
    studio.picture("copy-elsewhere");
    confirm(&mut studio, "Copy");
    let archive = BucketName::parse("archive").unwrap();
    comes_true(&mut studio, "the copy is there", |studio| {
        let objects = studio.runtime.block_on(other.service.objects(&archive, ""));
        objects
            .unwrap()
            .iter()
            .map(|object| object.key.as_str())
            .eq(["2026/a.png"])
    });
    assert_eq!(keys(&studio, BUCKET), ["a.png", "b.png"]);
}

#[test]
fn objects_are_copied_into_a_new_folder_of_another_bucket() {
    let mut studio = Studio::start();
    make(&studio, BUCKET, true);
    make(&studio, "archive", false);
    put(&studio, BUCKET, "a.png", support::project::png(8, 8));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    choose(&mut studio, "a.png");
    click(&mut studio, "More actions");
    click(&mut studio, "Copy…");
    pick(&mut studio, "To bucket", "archive");
    retype(&mut studio, "To folder", "2026/spring");
    says(&mut studio, "1 new");
    confirm(&mut studio, "Copy");
    comes_true(&mut studio, "the copy is there", |studio| {
        keys(studio, "archive") == ["2026/spring/a.png"]
    });
    assert_eq!(keys(&studio, BUCKET), ["a.png"]);
}

#[test]
fn a_file_is_renamed_with_a_key() {
    let mut studio = studio(&["fox.png", "owl.png"]);
    choose(&mut studio, "fox.png");
    studio.harness.key_press(Key::F2);
    retype(&mut studio, "New name", "owl.png");
    says(&mut studio, "1 refused");
    assert!(is_refused(&studio, "Rename"));
    retype(&mut studio, "New name", "hare.jpg");
    says(&mut studio, "The end of the name changes");
    says(&mut studio, "1 new");
    studio.picture("rename");
    confirm(&mut studio, "Rename");
    comes_true(&mut studio, "it has its new name", |studio| {
        keys(studio, BUCKET) == ["hare.jpg", "owl.png"]
    });
}

#[test]
fn a_folder_is_renamed_with_all_that_is_in_it() {
    let mut studio = studio(&["old/a.png", "old/deep/b.png"]);
    says(&mut studio, "Folder old");
    studio
        .harness
        .click_secondary(|harness| harness.get_by_label("Folder old").rect());
    studio.harness.run_steps(3);
    click(&mut studio, "Rename…");
    retype(&mut studio, "New name", "new");
    says(&mut studio, "2 new");
    confirm(&mut studio, "Rename");
    comes_true(&mut studio, "the folder has its new name", |studio| {
        keys(studio, BUCKET) == ["new/a.png", "new/deep/b.png"]
    });
}

#[test]
fn headers_of_many_are_changed_without_their_bytes() {
    let mut studio = studio(&["a.png", "b.png"]);
    choose(&mut studio, "a.png");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    says(&mut studio, "2 selected");
    act(&mut studio, "Headers…");
    assert!(is_refused(&studio, "Change headers"));
    click(&mut studio, "Change how long it is kept by caches");
    retype(&mut studio, "Cache-Control", "max-age=60");
    click(&mut studio, "Add metadata");
    retype(&mut studio, "Name 1", "season");
    retype(&mut studio, "Value 1", "winter");
    says(&mut studio, "2 changed");
    studio.picture("headers");
    confirm(&mut studio, "Change headers");
    comes_true(&mut studio, "both are changed", |studio| {
        ["a.png", "b.png"].into_iter().all(|at| {
            info(studio, at).cache_control.as_deref() == Some("max-age=60")
                && metadata(studio, at, "season") == Some("winter".into())
                && metadata(studio, at, "upload_id").is_some()
        })
    });
    click(&mut studio, "Undo");
    says(&mut studio, "2 objects are as they were before");
    let now = info(&studio, "a.png");
    assert_eq!(now.cache_control.as_deref(), Some("max-age=3600"));
    assert_eq!(now.metadata.get("season"), None);
}

#[test]
fn urls_of_many_are_signed_and_saved_as_a_table() {
    let mut studio = studio(&["a.png", "b.png"]);
    choose(&mut studio, "a.png");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    says(&mut studio, "2 selected");
    act(&mut studio, "Copy URLs…");
    says(&mut studio, "2 URLs are ready");
    click(&mut studio, "Signed URLs");
    says(&mut studio, "Nothing is signed before you ask");
    assert!(is_refused(&studio, "Save CSV…"));
    confirm(&mut studio, "Sign URLs");
    says(&mut studio, "2 URLs are ready");
    studio.picture("urls");
    let file = studio.folder.join("urls.csv");
    *studio.chosen.lock().unwrap() = vec![file.clone()];
    confirm(&mut studio, "Save CSV…");
    says(&mut studio, "The URLs are in");
    let table = std::fs::read_to_string(&file).unwrap();
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(
        table.contains("\"a.png\",\"http") && table.contains("token="),
        "{table}"
    );
}

#[test]
fn a_folder_is_downloaded_to_a_path_that_is_chosen() {
    let mut studio = studio(&["winter/a.png", "winter/deep/b.png"]);
    says(&mut studio, "Folder winter");
    studio
        .harness
        .click_secondary(|harness| harness.get_by_label("Folder winter").rect());
    studio.harness.run_steps(3);
    click(&mut studio, "Download");
    let folder = studio.folder.join("downloads");
    *studio.chosen.lock().unwrap() = vec![folder.clone()];
    click(&mut studio, "Choose folder…");
    says(&mut studio, "2 new");
    studio.picture("download");
    confirm(&mut studio, "Download");
    comes_true(&mut studio, "both files are there", |_| {
        folder.join("winter/a.png").is_file() && folder.join("winter/deep/b.png").is_file()
    });
}

#[test]
fn nothing_is_deleted_for_good_before_a_word_was_typed() {
    let mut studio = studio(&["a.png", "b.png"]);
    choose(&mut studio, "a.png");
    studio.harness.key_press_modifiers(Modifiers::SHIFT, Key::Delete);
    says(&mut studio, "This cannot be undone.");
    assert!(is_refused(&studio, "Delete for good"));
    studio.picture("delete-for-good");
    retype(&mut studio, "Type “delete” to confirm", "delete");
    confirm(&mut studio, "Delete for good");
    comes_true(&mut studio, "it is gone", |studio| keys(studio, BUCKET) == ["b.png"]);
    let all = studio
        .runtime
        .block_on(studio.service.objects(&bucket(BUCKET), ""))
        .unwrap();
    assert_eq!(all.len(), 1, "not even the trash has it");
}

#[test]
fn the_bar_has_a_button_for_what_is_done_most() {
    let mut studio = studio(&["a.png", "b.png", "winter/c.png"]);
    choose(&mut studio, "a.png");
    studio.harness.run_steps(3);
    for act in ["Download", "Move…", "Copy URLs…", "Headers…", "Move to trash"] {
        let button = studio.harness.query_by_role_and_label(Role::Button, act);
        assert!(button.is_some(), "{act}");
    }
    // What chooses more gives way to them, and is in the menu.
    assert!(studio.harness.query_by_label("Select all 2").is_none());
    click(&mut studio, "More actions");
    click_one(&mut studio, "Select all 2");
    says(&mut studio, "2 selected");
}

#[test]
fn a_narrow_bar_keeps_everything_in_its_menu() {
    let mut studio = sized([1120.0, 700.0], Theme::Light, &["a.png"]);
    choose(&mut studio, "a.png");
    click(&mut studio, "More actions");
    for act in ["Copy…", "Rename…", "Delete for good…"] {
        assert!(studio.harness.query_all_by_label(act).next().is_some(), "{act}");
    }
    studio.picture("bar-narrow");
    for act in ["Headers…", "Move to trash", "Download", "Move…"] {
        assert!(
            studio.harness.query_all_by_label(act).next().is_some(),
            "{act} is in the bar or its menu"
        );
    }
}
