//! Which scenes show an object, where it comes from, folders, names, and links, as the window asks for them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/project.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod project;

use std::path::Path;
use std::time::Duration;

use project::Project;
use storymimi_studio::service::{Event, FOLDER_PLACEHOLDER, Renaming, Service, signed_csv};
use storymimi_studio::story::Brief;
use storymimi_studio::supabase::{BucketName, BucketUpdate, NewBucket, ObjectKey};
use storymimi_studio::transfer::plan::{
    BadNames, FileSource, HeaderEdit, KeySource, KeyTarget, Links, RelocateOrder, Taken, UploadOrder,
};
use storymimi_studio::transfer::{JobState, Kind, Proof, Rules};
use tokio_util::sync::CancellationToken;

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

fn at(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

async fn with_bucket() -> Project {
    let project = Project::start().await;
    let bucket = NewBucket {
        name: bucket(),
        public: false,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    project.service.create_bucket(&bucket).await.unwrap();
    project
}

async fn upload(service: &Service, folder: &Path, name: &str) {
    let path = folder.join(name);
    std::fs::write(&path, format!("bytes of {name}")).unwrap();
    let order = UploadOrder {
        sources: vec![FileSource::Named(path)],
        bucket: bucket(),
        target: KeyTarget::Under("a/".to_owned()),
        bad_names: BadNames::Refuse,
        taken: Taken::Replace,
        links: Links::Refuse,
        rules: Rules::default(),
    };
    let stop = CancellationToken::new();
    let plan = service.plan_upload(&order, &|_| {}, &stop).await.unwrap();
    let job = service.submit(plan).await.unwrap();
    assert_eq!(service.run_transfer(job).await.unwrap().job.state, JobState::Done);
}

/// Waits until what was started by the window has become a job, and runs it.
async fn run_last(project: &Project) -> Kind {
    loop {
        match project.events.next() {
            Some(Event::TransferPlanned) => break,
            Some(Event::TransferRefused(problem)) => panic!("{problem:?}"),
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    let service = &project.service;
    let jobs = service.engine().jobs().await.unwrap();
    let job = jobs.iter().find(|job| job.state == JobState::Waiting).unwrap();
    assert_eq!(service.run_transfer(job.id).await.unwrap().job.state, JobState::Done);
    job.kind
}

async fn keys(service: &Service) -> Vec<String> {
    let entries = service.objects(&bucket(), "").await.unwrap().into_iter();
    entries
        .map(|entry| entry.key)
        .filter(|key| !key.starts_with("_trash/"))
        .collect()
}

#[tokio::test]
async fn scenes_are_found_by_the_objects_that_they_show_until_a_story_changes() {
    let project = Project::start().await;
    let service = &project.service;
    assert!(service.known_uses().is_none());
    let none = service.uses().await.unwrap();
    assert_eq!(none.stories(), 0);
    let brief = Brief::new("Pip", "a fox by the sea", 2, 3).unwrap();
    let outcome = service
        .create_story(&brief, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let uses = service.uses().await.unwrap();
    assert_eq!(uses.stories(), 1, "a story that was made is seen at once");
    let story = outcome.story;
    let mut places = Vec::new();
    for scene in &story.scenes {
        let (bucket, key) = service.own_object(scene.image_url.as_deref().unwrap()).unwrap();
        let used = uses.of(&bucket, &key);
        assert!(
            used.iter()
                .all(|used| used.title == "Pip" && used.story == story.story_id)
        );
        let scenes = used.iter().filter_map(|used| used.scene.as_ref());
        places.extend(scenes.map(|used| (used.index, used.id.clone())));
        let covers = used.iter().filter(|used| used.scene.is_none()).count();
        assert_eq!(covers, usize::from(story.cover_image_url == scene.image_url));
        assert_eq!(uses.of(&BucketName::parse("other").unwrap(), &key), []);
    }
    let ours = story.scenes.iter().map(|scene| (scene.index, scene.scene_id.clone()));
    assert_eq!(places, ours.collect::<Vec<_>>());
    // Nothing has changed: nothing is read.
    let requests = service.transcript().exchanges().len();
    let again = service.uses().await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&uses, &again));
    assert_eq!(service.transcript().exchanges().len(), requests);
}

#[tokio::test]
async fn where_an_object_comes_from_is_known_until_it_is_another_one() {
    let project = with_bucket().await;
    let service = &project.service;
    upload(service, project.folder.path(), "one.txt").await;
    let known = service.provenance(&bucket(), &at("a/one.txt")).await.unwrap().unwrap();
    let stored = known.stored.clone().unwrap();
    assert_eq!((stored.kind, stored.proof), (Kind::Upload, Proof::ServerHash));
    assert!(stored.from.ends_with("one.txt") && known.mark.is_some() && known.edited.is_none());
    let hash = service.object_info(&bucket(), &at("a/one.txt")).await.unwrap().metadata["sha256"].clone();
    assert_eq!(known.sha256.as_deref(), hash.as_str());

    let edit = HeaderEdit {
        cache_control: Some("no-cache".to_owned()),
        ..HeaderEdit::default()
    };
    service.start_edit(bucket(), vec![KeySource::Inside("a/".to_owned())], edit);
    assert_eq!(run_last(&project).await, Kind::Edit);
    let known = service.provenance(&bucket(), &at("a/one.txt")).await.unwrap().unwrap();
    assert_eq!(known.stored, Some(stored));
    assert_eq!(known.edited.unwrap().kind, Kind::Edit);

    let to = Renaming::Object {
        from: at("a/one.txt"),
        to: at("a/two.txt"),
    };
    service.start_rename(bucket(), to).unwrap();
    assert_eq!(run_last(&project).await, Kind::Move);
    let known = service.provenance(&bucket(), &at("a/two.txt")).await.unwrap().unwrap();
    let moved = known.stored.unwrap();
    assert_eq!((moved.kind, moved.from.as_str()), (Kind::Move, "b/a/one.txt"));

    // Another object by now: what was done to the one before says nothing of it.
    upload(service, project.folder.path(), "two.txt").await;
    let replaced = service.provenance(&bucket(), &at("a/two.txt")).await.unwrap().unwrap();
    assert_eq!(replaced.stored.unwrap().kind, Kind::Upload);
    assert_eq!(replaced.edited, None);
    assert!(service.provenance(&bucket(), &at("a/none")).await.is_err());
    service.new_folder(&bucket(), "new").await.unwrap();
    let made = at(&format!("new/{FOLDER_PLACEHOLDER}"));
    let known = service.provenance(&bucket(), &made).await.unwrap().unwrap();
    assert!(
        known.stored.is_none() && known.mark.is_some(),
        "no transfer of the journal made it"
    );
}

#[tokio::test]
async fn folders_are_made_renamed_copied_and_saved() {
    let project = with_bucket().await;
    let service = &project.service;
    service.new_folder(&bucket(), "new/inner/").await.unwrap();
    for (folder, says) in [
        ("new", "already"),
        ("/new/inner", "already"),
        ("", "no name"),
        ("a//b", "no name"),
        ("../b", "no name"),
        ("ö", "not allowed"),
    ] {
        let problem = service.new_folder(&bucket(), folder).await.unwrap_err();
        assert!(problem.what.contains(says), "{folder}: {}", problem.what);
        assert_eq!(problem.field, Some("name"), "{folder}");
    }
    upload(service, project.folder.path(), "one.txt").await;
    let folder = |from: &str, to: &str| Renaming::Folder {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    assert!(service.start_rename(bucket(), folder("a", "a/")).is_err());
    assert!(service.start_rename(bucket(), folder("a", "/")).is_err());
    service.start_rename(bucket(), folder("a/", "z")).unwrap();
    assert_eq!(run_last(&project).await, Kind::Move);
    assert_eq!(keys(service).await, ["new/inner/.emptyFolderPlaceholder", "z/one.txt"]);
    service.start_relocation(RelocateOrder {
        copy: true,
        sources: vec![KeySource::Folder("z".to_owned())],
        bucket: bucket(),
        to_bucket: bucket(),
        target: KeyTarget::Under("new".to_owned()),
        bad_names: BadNames::Refuse,
        taken: Taken::Refuse,
        rules: Rules::default(),
    });
    assert_eq!(run_last(&project).await, Kind::Copy);
    assert!(keys(service).await.contains(&"new/z/one.txt".to_owned()));
    let to = project.folder.path().join("saved");
    std::fs::create_dir(&to).unwrap();
    let both = ["z", "new"].map(|folder| KeySource::Folder(folder.to_owned()));
    service.start_download(bucket(), both.to_vec(), to.clone());
    assert_eq!(run_last(&project).await, Kind::Download);
    assert_eq!(std::fs::read(to.join("z/one.txt")).unwrap(), b"bytes of one.txt");
    assert!(to.join(".storymimi-manifest.jsonl").exists());
    service.start_deletion_of(bucket(), vec![KeySource::Folder("new".to_owned())], false);
    assert_eq!(run_last(&project).await, Kind::Delete);
    assert_eq!(keys(service).await, ["z/one.txt"]);
}

#[tokio::test]
async fn links_have_an_outcome_each_and_the_bucket_changes_as_asked() {
    let project = with_bucket().await;
    let service = &project.service;
    upload(service, project.folder.path(), "one.txt").await;
    let wanted = [at("a/one.txt"), at("a/none.txt")];
    let hour = Duration::from_secs(3_600);
    let signed = service.sign(&bucket(), &wanted, hour, true).await.unwrap();
    let link = signed[0].link.as_ref().unwrap();
    assert!(link.ends.is_some() && link.expose().contains("download="));
    assert!(
        !format!("{signed:?}").contains("token="),
        "links are not shown by accident"
    );
    assert!(signed[1].link.is_err());
    let csv = signed_csv(&signed);
    assert!(csv.contains(link.expose()) && csv.lines().count() == 3, "{csv}");
    let missing = BucketName::parse("none").unwrap();
    assert!(service.sign(&missing, &wanted, hour, false).await.is_err());

    let update = BucketUpdate {
        public: Some(true),
        allowed_mime_types: Some(Some(vec!["image/*".to_owned()])),
        ..BucketUpdate::default()
    };
    let changed = service.update_bucket(&bucket(), &update).await.unwrap();
    assert!(changed.public && changed.allowed_mime_types == Some(vec!["image/*".to_owned()]));
    // Placeholders have no bytes, and go into any bucket.
    service.new_folder(&bucket(), "pictures").await.unwrap();
    for bad in ["*/*", "IMAGE/PNG", "image"] {
        let update = BucketUpdate {
            allowed_mime_types: Some(Some(vec![bad.to_owned()])),
            ..BucketUpdate::default()
        };
        assert!(service.update_bucket(&bucket(), &update).await.is_err(), "{bad}");
    }
}
