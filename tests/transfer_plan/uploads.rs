//! Uploads: what each file is, which key it gets, and what is there.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use storymimi_studio::supabase::Class;
use storymimi_studio::transfer::names::{Decoded, decode};
use storymimi_studio::transfer::plan::{
    BadNames, FileSource, KeyTarget, PlanError, Planner, Planning as Far, Step, Taken, UploadOrder,
};
use storymimi_studio::transfer::{Action, Kind, PlanItem};

use super::project::{Local, SERVICE_KEY, bucket, reply, scripted};
use super::{Planning, down, expect, folder, hostile_names, rows, source, target, up, write};

#[tokio::test]
async fn an_upload_says_what_each_file_is_and_what_is_there() {
    let local = Local::start().await;
    local.put("w/same.txt", b"same.txt").await;
    local.put("w/changed.txt", b"somethin else").await;
    local.put("w/size.txt", b"other sz").await;
    let files = folder(&["same.txt", "changed.txt", "size.txt", "sub/new.txt"]);
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(7, 5)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    write(files.path(), "picture.txt", png.get_ref());
    let planning = Planning::of(&local.project);
    let before = local.asked().len();
    let plan = planning.upload(&up(files.path(), "w/")).await;
    assert_eq!(local.asked().len() - before, 2, "the bucket and one page");
    expect(
        &plan,
        &[
            ("w/changed.txt", Action::Refuse),
            ("w/picture.txt", Action::New),
            ("w/same.txt", Action::Identical),
            ("w/size.txt", Action::Refuse),
            ("w/sub/new.txt", Action::New),
        ],
    );
    assert_eq!(plan.kind, Kind::Upload);
    assert_eq!(plan.title, "Upload 5 files to art/w");
    let picture = &plan.items[1];
    assert_eq!(
        (picture.media_type.as_deref(), picture.dimensions, picture.size),
        (Some("image/png"), Some((7, 5)), Some(png.get_ref().len() as u64))
    );
    assert!(picture.seen.modified.is_some());
    let changed = &plan.items[0];
    assert_eq!(changed.why, "Something else is there.");
    assert_eq!(changed.replaces.as_ref().unwrap().size, Some(13));
    assert_eq!(plan.summary().acting().0, 2);

    let replacing = UploadOrder {
        taken: Taken::Replace,
        ..up(files.path(), "w")
    };
    let plan = planning.upload(&replacing).await;
    assert_eq!(plan.summary().of(Action::Replace).items, 2);
    assert!(plan.items[0].replaces.as_ref().unwrap().etag.is_some());

    local.put("w/changed (2).txt", b"x").await;
    let renaming = UploadOrder {
        taken: Taken::Rename,
        ..up(files.path(), "w")
    };
    let plan = planning.upload(&renaming).await;
    assert_eq!(rows(&plan)[0], ("w/changed (3).txt".to_owned(), Action::Rename));
    assert_eq!(plan.items[0].renamed_from.as_deref(), Some("w/changed.txt"));
    assert_eq!(rows(&plan)[3], ("w/size (2).txt".to_owned(), Action::Rename));
}

#[tokio::test]
async fn planning_says_how_far_it_is() {
    let local = Local::start().await;
    local.put("a.txt", b"a.txt").await;
    let files = folder(&["a.txt", "b.txt", "c.txt", "d.txt"]);
    let told = std::sync::Mutex::new(Vec::new());
    let observe = |far: Far| told.lock().unwrap().push(far);
    let planning = Planning::of(&local.project);
    let planner = Planner {
        observe: &observe,
        ..planning.planner()
    };
    planner.upload(&up(files.path(), "")).await.unwrap();
    let told = told.into_inner().unwrap();
    for step in [Step::Looking, Step::Listing, Step::Comparing] {
        let last = told.iter().rev().find(|far| far.step == step).unwrap();
        assert!(last.done > 0 && last.of.is_none_or(|of| of == last.done), "{told:?}");
    }
}

#[tokio::test]
async fn one_file_goes_to_one_key() {
    let local = Local::start().await;
    let files = folder(&["a.png", "b.png"]);
    let planning = Planning::of(&local.project);
    let exact = UploadOrder {
        sources: vec![FileSource::Named(files.path().join("a.png"))],
        target: KeyTarget::typed("deep/key.png").unwrap(),
        ..up(files.path(), "")
    };
    expect(&planning.upload(&exact).await, &[("deep/key.png", Action::New)]);
    let both = UploadOrder {
        sources: vec![FileSource::typed(&files.path().join("*.png"))],
        ..exact.clone()
    };
    let error = planning.planner().upload(&both).await.unwrap_err();
    assert!(matches!(error, PlanError::OneTarget(2, _)), "{error}");
    let nowhere = UploadOrder {
        bucket: bucket("none"),
        ..exact
    };
    let error = planning.planner().upload(&nowhere).await.unwrap_err();
    assert!(
        matches!(error, PlanError::Wire(ref error) if error.class == Class::BucketNotFound),
        "{error}"
    );
}

#[tokio::test]
async fn names_that_are_no_keys_are_told_a_key_that_would_do() {
    let local = Local::start().await;
    local.put("TWIN.png", b"x").await;
    let files = folder(&["Möhre.png", "twin.png", "nul.txt", "100%.png", "ok.png", "M!oe!hre.png"]);
    let planning = Planning::of(&local.project);
    let plan = planning.upload(&up(files.path(), "")).await;
    let by_file: HashMap<String, &PlanItem> = plan
        .items
        .iter()
        .map(|item| {
            (
                Path::new(&source(item))
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned(),
                item,
            )
        })
        .collect();
    let moehre = by_file["Möhre.png"];
    assert_eq!((moehre.action, moehre.to.as_ref()), (Action::Refuse, None));
    assert_eq!(moehre.why, "“ö” is not allowed in keys. “M!oe!hre.png” would do.");
    assert_eq!(by_file["twin.png"].action, Action::New);
    assert!(
        by_file["twin.png"].why.contains("“TWIN.png” in the bucket"),
        "{}",
        by_file["twin.png"].why
    );
    assert_eq!(by_file["nul.txt"].action, Action::New);
    assert!(by_file["nul.txt"].why.contains("device on Windows"));

    let escaping = UploadOrder {
        bad_names: BadNames::Escape,
        taken: Taken::Rename,
        ..up(files.path(), "ö is not a prefix/")
    };
    let error = planning.planner().upload(&escaping).await.unwrap_err();
    assert!(matches!(error, PlanError::Unreachable { .. }), "{error}");
    let escaping = UploadOrder {
        target: KeyTarget::Under("p".to_owned()),
        ..escaping
    };
    let plan = planning.upload(&escaping).await;
    for item in &plan.items {
        assert!(item.action.acts(), "{item:?}");
        if let Some(name) = &item.renamed_from
            && !target(item).contains("(2)")
        {
            assert_eq!(decode(&target(item)), Decoded::Exact(name.clone()));
        }
    }
    // Two files whose keys would be the same are two objects.
    let keys: HashSet<String> = plan.items.iter().map(target).collect();
    assert_eq!(keys.len(), 6);
    assert!(
        keys.contains("p/M!oe!hre.png") && keys.contains("p/100!u25!.png"),
        "{keys:?}"
    );
}

#[tokio::test]
async fn what_the_bucket_does_not_take_is_refused_before_a_byte_is_sent() {
    let local = Local::start().await;
    local.bucket("small", Some(5), Some(&["image/*"])).await;
    let files = folder(&["long name.png", "a.txt", "b.png"]);
    let order = UploadOrder {
        bucket: bucket("small"),
        ..up(files.path(), "")
    };
    let plan = Planning::of(&local.project).upload(&order).await;
    expect(
        &plan,
        &[
            ("a.txt", Action::Refuse),
            ("b.png", Action::New),
            ("long name.png", Action::Refuse),
        ],
    );
    assert!(
        plan.items[0].why.contains("text/plain") && plan.items[2].why.contains("5 bytes"),
        "{plan:?}"
    );
}

#[tokio::test]
async fn ten_thousand_files_take_ten_requests() {
    let files = tempfile::tempdir().unwrap();
    for number in 0..10_000 {
        fs::write(files.path().join(format!("{number:05}.txt")), "x").unwrap();
    }
    // All of them are there; every third one with other bytes of the same size.
    let md5 = |other: bool| {
        if other {
            "\"00000000000000000000000000000000\""
        } else {
            "\"9dd4e461268c8034f5c8564e155c67a6\""
        }
    };
    let (project, log) = scripted(SERVICE_KEY, move |method, _, _, body| {
        if method == "GET" {
            return reply(200, r#"{"id":"art","name":"art"}"#);
        }
        let body: Value = serde_json::from_slice(body).unwrap();
        let from: usize = body["cursor"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
        let objects: Vec<Value> = (from..from + 1_000)
            .map(|number| {
                json!({"name": format!("p/{number:05}.txt"), "id": "i",
                    "metadata": {"size": 1, "mimetype": "text/plain", "eTag": md5(number.is_multiple_of(3))}})
            })
            .collect();
        let next = from + 1_000;
        reply(
            200,
            json!({"hasNext": next < 10_000, "nextCursor": next.to_string(), "objects": objects}).to_string(),
        )
    })
    .await;
    let plan = Planning::of(&project).upload(&up(files.path(), "p/")).await;
    assert_eq!(log.lock().unwrap().len(), 11);
    let summary = plan.summary();
    assert_eq!(
        (summary.of(Action::Identical).items, summary.of(Action::Refuse).items),
        (6_666, 3_334)
    );
}

#[tokio::test]
async fn a_few_files_do_not_list_a_huge_bucket() {
    let files = folder(&["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]);
    let (project, log) = scripted(SERVICE_KEY, |method, path, _, body| {
        if method == "GET" && path.contains("/object/info/") {
            return reply(
                400,
                r#"{"statusCode":"404","error":"not_found","message":"Object not found","code":"NoSuchKey"}"#,
            );
        }
        if method == "GET" {
            return reply(200, r#"{"id":"art","name":"art"}"#);
        }
        let body: Value = serde_json::from_slice(body).unwrap();
        let page = body["cursor"]
            .as_str()
            .map_or(0, |cursor| cursor.parse::<u32>().unwrap())
            + 1;
        let objects = [json!({"name": format!("z{page}"), "id": "i", "metadata": {}})];
        reply(
            200,
            json!({"hasNext": true, "nextCursor": page.to_string(), "objects": objects}).to_string(),
        )
    })
    .await;
    let planning = Planning::of(&project);
    let plan = planning.upload(&up(files.path(), "")).await;
    assert_eq!(plan.summary().of(Action::New).items, 5);
    assert!(log.lock().unwrap().len() <= 11, "{}", log.lock().unwrap().len());
    log.lock().unwrap().clear();
    let one = UploadOrder {
        sources: vec![FileSource::Named(files.path().join("a.txt"))],
        ..up(files.path(), "")
    };
    planning.upload(&one).await;
    assert_eq!(log.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_has_no_hash_is_compared_by_the_hash_beside_it() {
    let files = folder(&["big.bin", "odd.bin", "unknown.bin"]);
    let sha256 = |text: &str| {
        use sha2::Digest as _;
        let hash = sha2::Sha256::digest(text.as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (same, other) = (sha256("big.bin"), sha256("x"));
    let (project, _) = scripted(SERVICE_KEY, move |_, path, _, _| {
        if path.contains("/object/info/") {
            let (size, metadata) = match path.rsplit('/').next().unwrap() {
                "big.bin" => (7, json!({"sha256": same})),
                "odd.bin" => (7, json!({"sha256": other})),
                _ => (11, json!({})),
            };
            return reply(
                200,
                json!({"name": "n", "size": size, "etag": "\"abc-2\"", "metadata": metadata}).to_string(),
            );
        }
        reply(200, r#"{"id":"art","name":"art"}"#)
    })
    .await;
    let plan = Planning::of(&project).upload(&up(files.path(), "")).await;
    let whys: Vec<&str> = plan.items.iter().map(|item| item.why.as_str()).collect();
    assert_eq!(
        (plan.items[0].action, &whys[1..]),
        (
            Action::Identical,
            &[
                "Something else is there.",
                "Something of the same size is there, and the server tells no hash of it."
            ][..]
        )
    );
}

#[tokio::test]
async fn planning_stops_and_fails_without_half_a_plan() {
    let files = folder(&["a.txt", "b.txt", "c.txt", "d.txt"]);
    let (project, _) = scripted(SERVICE_KEY, |method, _, _, _| {
        if method == "GET" {
            return reply(200, r#"{"id":"art","name":"art"}"#);
        }
        reply(
            400,
            r#"{"statusCode":"403","error":"Unauthorized","message":"no","code":"AccessDenied"}"#,
        )
    })
    .await;
    let planning = Planning::of(&project);
    let error = planning.planner().upload(&up(files.path(), "")).await.unwrap_err();
    assert!(
        matches!(error, PlanError::Wire(ref error) if error.class == Class::Forbidden),
        "{error}"
    );
    planning.stop.cancel();
    let error = planning.planner().upload(&up(files.path(), "")).await.unwrap_err();
    assert!(matches!(error, PlanError::Stopped), "{error}");
    let error = planning
        .planner()
        .download(&down(files.path(), &[""]))
        .await
        .unwrap_err();
    assert!(matches!(error, PlanError::Stopped), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_corpus_becomes_keys_from_which_its_names_come_back() {
    let local = Local::start().await;
    let files = tempfile::tempdir().unwrap();
    let mut written = 0;
    for (number, name) in hostile_names::names().iter().enumerate() {
        // Each in a folder of its own: what a file system takes as one name.
        let segment = name.replace('/', "_");
        let path = files.path().join(number.to_string());
        fs::create_dir(&path).unwrap();
        if fs::write(path.join(&segment), name).is_ok() {
            written += 1;
        }
    }
    assert!(written >= 500, "{written}");
    let order = UploadOrder {
        bad_names: BadNames::Escape,
        ..up(files.path(), "corpus")
    };
    let plan = Planning::of(&local.project).upload(&order).await;
    assert_eq!(plan.items.len(), written);
    for item in &plan.items {
        assert!(item.action.acts(), "{item:?}");
        let own = Path::new(&source(item))
            .strip_prefix(files.path())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        match decode(&target(item)) {
            Decoded::Exact(name) if item.renamed_from.is_some() => assert_eq!(name, format!("corpus/{own}")),
            Decoded::Exact(_) => assert_eq!(target(item), format!("corpus/{own}")),
            // The plan keeps what the key is too short for.
            Decoded::Shortened => assert_eq!(item.renamed_from.as_deref(), Some(format!("corpus/{own}").as_str())),
        }
    }
}
