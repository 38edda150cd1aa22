//! Downloads: which file each object becomes, and what is there.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use storymimi_studio::transfer::names::{LocalPath, Manifest};
use storymimi_studio::transfer::plan::{DeleteOrder, DownloadOrder, KeySource, PlanError, Taken};
use storymimi_studio::transfer::{Action, Plan, Rules};

use super::project::{Local, SERVICE_KEY, bucket, reply, scripted};
use super::{Planning, down, hostile_names, rows, source, target, up, write};

#[tokio::test]
async fn a_download_says_where_each_object_goes() {
    let local = Local::start().await;
    for key in [
        "w/1.png",
        "w/A.png",
        "w/a.png",
        "w/x:y.png",
        "w/sub/2.png",
        "w/sub",
        "_trash/t.png",
        "top.png",
    ] {
        local.put(key, b"bytes").await;
    }
    let folder = tempfile::tempdir().unwrap();
    let planning = Planning::of(&local.project);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let plan = planning.download(&down(folder.path(), &["w/"])).await;
    let expected = [
        (at("1.png"), Action::New),
        (at("A.png"), Action::New),
        (at("a (2).png"), Action::Rename),
        (at("sub (2)"), Action::Rename),
        (at("sub/2.png"), Action::New),
        (at("x!u3a!y.png"), Action::Rename),
    ];
    assert_eq!(rows(&plan), expected);
    assert_eq!(plan.rules.root.as_deref(), Some(folder.path()));
    assert_eq!(plan.items[5].renamed_from.as_deref(), Some("x:y.png"));
    assert!(plan.items[2].why.contains("“A.png”"), "{}", plan.items[2].why);
    assert_eq!(plan.items[0].seen.size, Some(5));
    let manifest = plan.manifest().unwrap();
    assert_eq!(manifest.by_file()["x!u3a!y.png"].key, "w/x:y.png");
    assert_eq!(
        (manifest.entries.len(), manifest.by_file()["a (2).png"].size),
        (6, Some(5))
    );
    // What it says is no picture of the story, and does not go up.
    manifest.save(folder.path()).unwrap();
    assert_eq!(Manifest::open(folder.path()).unwrap().unwrap(), manifest);
    let back = planning.upload(&up(folder.path(), "")).await;
    assert_eq!(back.items[0].action, Action::Skip);

    let all = planning.download(&down(folder.path(), &[""])).await;
    assert!(all.items.iter().all(|item| source(item) != "_trash/t.png"));
    assert_eq!(all.items.len(), 7);
    let trash = planning.download(&down(folder.path(), &["_trash/"])).await;
    assert_eq!(rows(&trash), [(at("t.png"), Action::New)]);
    let pattern = planning
        .download(&down(folder.path(), &["w/**/*.png", "top.png", "w/1.png"]))
        .await;
    assert_eq!(pattern.items.len(), 6, "each object once: {:?}", rows(&pattern));
    let mut named = down(folder.path(), &[]);
    named.sources = vec![KeySource::Folder("w/sub/".to_owned())];
    assert_eq!(rows(&planning.download(&named).await), [(at("sub/2.png"), Action::New)]);
    named.name = Some(LocalPath::parse("other.png").unwrap());
    assert_eq!(
        rows(&planning.download(&named).await),
        [(at("other.png"), Action::Rename)].map(|(path, _)| (path, Action::New))
    );

    for missing in ["none.png", "none/", "none*"] {
        let error = planning
            .planner()
            .download(&down(folder.path(), &[missing]))
            .await
            .unwrap_err();
        assert!(
            matches!(error, PlanError::NoObject(_) | PlanError::NothingMatches(_)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn files_that_are_there_are_compared_and_stay() {
    let local = Local::start().await;
    for key in ["dir", "file/x", "other", "same", "size"] {
        local.put(key, b"bytes").await;
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "same", b"bytes");
    write(folder.path(), "size", b"bites");
    write(folder.path(), "other", b"something longer");
    write(folder.path(), "file", b"a file where a folder is needed");
    fs::create_dir(folder.path().join("dir")).unwrap();
    let planning = Planning::of(&local.project);
    let actions = |plan: &Plan| plan.items.iter().map(|item| item.action).collect::<Vec<_>>();
    use Action::{Identical, Refuse, Rename, Replace};
    let mut order = down(&folder.path().join("sub/.."), &[""]);
    fs::create_dir(folder.path().join("sub")).unwrap();
    let plan = planning.download(&order).await;
    assert_eq!(actions(&plan), [Refuse, Refuse, Refuse, Identical, Refuse]);
    assert_eq!(plan.items[0].why, "A folder of that name is there.");
    assert_eq!(plan.items[1].why, "A file is where a folder is needed for it.");
    assert_eq!(plan.items[2].why, "Another file is there.");
    order.taken = Taken::Replace;
    let plan = planning.download(&order).await;
    assert_eq!(actions(&plan), [Refuse, Refuse, Replace, Identical, Replace]);
    assert!(plan.items[2].replaces.as_ref().unwrap().modified.is_some());
    order.taken = Taken::Rename;
    write(folder.path(), "other (2)", b"");
    let plan = planning.download(&order).await;
    assert_eq!(actions(&plan), [Refuse, Refuse, Rename, Identical, Rename]);
    assert_eq!(
        target(&plan.items[2]),
        folder.path().join("other (3)").display().to_string()
    );
}

#[cfg(unix)]
#[tokio::test]
async fn links_in_the_folder_lead_nowhere() {
    let local = Local::start().await;
    for key in ["out/secret", "link"] {
        local.put(key, b"bytes").await;
    }
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(elsewhere.path(), "secret", b"bytes");
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("out")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("secret"), folder.path().join("link")).unwrap();
    let order = DownloadOrder {
        taken: Taken::Replace,
        ..down(folder.path(), &[""])
    };
    let plan = Planning::of(&local.project).download(&order).await;
    assert!(plan.items.iter().all(|item| item.action == Action::Refuse), "{plan:#?}");
}

#[tokio::test]
async fn a_hostile_listing_writes_nowhere_else() {
    let names = hostile_names::names();
    let all = names.clone();
    let (project, _) = scripted(SERVICE_KEY, move |method, _, _, _| {
        if method == "GET" {
            return reply(200, r#"{"id":"art","name":"art"}"#);
        }
        let objects: Vec<Value> = all
            .iter()
            .map(|name| {
                json!({"name": name, "id": "i", "metadata": {"size": u64::MAX, "mimetype": "a\r\nb: c", "eTag": "x\u{7}"}})
            })
            .collect();
        reply(200, json!({"hasNext": false, "objects": objects}).to_string())
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let planning = Planning::of(&project);
    let plan = planning.download(&down(folder.path(), &[""])).await;
    // All but those that are in a folder called like the trash.
    assert!(plan.items.len() + 1 >= names.len());
    let mut files = HashSet::new();
    for item in &plan.items {
        let file = target(item);
        let below = Path::new(&file)
            .strip_prefix(folder.path())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        LocalPath::parse(&below).unwrap();
        assert!(files.insert(below.to_lowercase()), "{below}");
    }
    assert!(plan.summary().acting().0 > 300, "{:?}", plan.summary());
    // Moving and deleting them is planned without an item that no address can carry.
    let delete = DeleteOrder {
        sources: vec![KeySource::Inside(String::new())],
        bucket: bucket("art"),
        rules: Rules::default(),
    };
    planning.sound(&planning.planner().delete(&delete).await.unwrap());
}
