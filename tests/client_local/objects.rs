//! Objects on the move, folders, and what the server does not have.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Map, json};
use storymimi_studio::supabase::{
    Class, CopiedMetadata, CopyOptions, Destination, ListSort, NewBucket, ObjectEdit, Purge, Upload,
};

use crate::{Local, at, bucket, name};

fn to(bucket: &str, key: &str) -> Destination {
    Destination {
        bucket: Some(name(bucket)),
        key: at(key),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_moves_with_all_that_belongs_to_it() {
    let local = Local::start().await;
    local.make(bucket("other")).await;
    let objects = local.objects();
    let mut how = Upload::new("image/webp");
    how.cache_control = "max-age=60".to_owned();
    how.metadata.insert("prompt".to_owned(), "ein Fuchs, „rot“".into());
    objects.upload(&at("a b"), Bytes::from("fox"), &how).await.unwrap();

    objects
        .move_to(&at("a b"), &Destination::here(at("d/e+f")))
        .await
        .unwrap();
    objects.move_to(&at("d/e+f"), &to("other", "g?.webp")).await.unwrap();
    for gone in ["a b", "d/e+f"] {
        assert!(!objects.exists(&at(gone)).await.unwrap(), "{gone}");
    }
    let there = local.project().bucket(&name("other"));
    let info = there.info(&at("g?.webp")).await.unwrap();
    assert_eq!(there.download(&at("g?.webp")).await.unwrap().bytes, Bytes::from("fox"));
    assert_eq!(
        (info.content_type.as_deref(), info.cache_control.as_deref()),
        (Some("image/webp"), Some("max-age=60"))
    );
    assert_eq!(info.metadata["prompt"], "ein Fuchs, „rot“");

    // Nothing is replaced, and what is not there does not move.
    local.put("b", "theirs", "image/png", "theirs").await;
    let error = there.move_to(&at("g?.webp"), &to("b", "theirs")).await.unwrap_err();
    assert_eq!(error.class, Class::Exists, "{error}");
    assert_eq!(
        objects.download(&at("theirs")).await.unwrap().bytes,
        Bytes::from("theirs")
    );
    let error = objects
        .move_to(&at("nothing"), &Destination::here(at("x")))
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::NotFound, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_gets_nothing_that_it_does_not_take() {
    let local = Local::start().await;
    local
        .make(NewBucket {
            file_size_limit: Some(4),
            ..bucket("small")
        })
        .await;
    local
        .make(NewBucket {
            allowed_mime_types: Some(vec!["image/*".to_owned()]),
            ..bucket("pictures")
        })
        .await;
    let objects = local.objects();
    local.put("b", "text", "text/plain", "a longer text").await;
    let error = objects.move_to(&at("text"), &to("small", "x")).await.unwrap_err();
    assert_eq!(error.class, Class::TooLarge, "{error}");
    let copy = CopyOptions::default();
    let error = objects
        .copy_to(&at("text"), &to("pictures", "x"), &copy)
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::WrongType, "{error}");
    assert!(objects.exists(&at("text")).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_what_it_was_to_have() {
    let local = Local::start().await;
    let objects = local.objects();
    let mut how = Upload::new("image/png");
    how.metadata.insert("n".to_owned(), 1.into());
    objects.upload(&at("a"), Bytes::from("fox"), &how).await.unwrap();

    let row = objects
        .copy_to(&at("a"), &Destination::here(at("b")), &CopyOptions::default())
        .await
        .unwrap();
    assert_eq!(row.name, "b");
    let copy = objects.info(&at("b")).await.unwrap();
    assert_eq!((copy.size, copy.metadata["n"].as_i64()), (Some(3), Some(1)));

    let how = CopyOptions {
        metadata: CopiedMetadata::Instead(Map::from_iter([("n".to_owned(), json!(2))])),
        content_type: Some("image/webp".to_owned()),
        cache_control: Some("max-age=7".to_owned()),
        upsert: false,
    };
    let here = Destination::here(at("b"));
    let error = objects.copy_to(&at("a"), &here, &how).await.unwrap_err();
    assert_eq!(error.class, Class::Exists, "{error}");
    let how = CopyOptions { upsert: true, ..how };
    objects.copy_to(&at("a"), &here, &how).await.unwrap();
    let copy = objects.info(&at("b")).await.unwrap();
    assert_eq!(copy.metadata["n"], 2);
    assert_eq!(
        (copy.content_type.as_deref(), copy.cache_control.as_deref()),
        (Some("image/webp"), Some("max-age=7"))
    );
    assert_eq!(
        objects.info(&at("a")).await.unwrap().metadata["n"],
        1,
        "the source is as it was"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_changes_what_it_names_and_nothing_else() {
    let local = Local::start().await;
    let objects = local.objects();
    let mut how = Upload::new("image/png");
    how.metadata.insert("n".to_owned(), 1.into());
    objects.upload(&at("a"), Bytes::from("fox"), &how).await.unwrap();

    let edited = objects
        .edit(
            &at("a"),
            &ObjectEdit {
                content_type: Some("image/webp".to_owned()),
                ..ObjectEdit::default()
            },
        )
        .await
        .unwrap();
    assert!(edited.took_effect, "{edited:?}");
    let info = objects.info(&at("a")).await.unwrap();
    assert_eq!(
        (
            info.content_type.as_deref(),
            info.cache_control.as_deref(),
            info.metadata["n"].as_i64()
        ),
        (Some("image/webp"), Some("max-age=3600"), Some(1))
    );

    let empty = ObjectEdit {
        cache_control: Some("no-cache".to_owned()),
        metadata: Some(Map::new()),
        ..ObjectEdit::default()
    };
    assert!(objects.edit(&at("a"), &empty).await.unwrap().took_effect);
    let info = objects.info(&at("a")).await.unwrap();
    assert_eq!(
        (info.content_type.as_deref(), info.cache_control.as_deref()),
        (Some("image/webp"), Some("no-cache"))
    );
    assert!(info.metadata.is_empty(), "{:?}", info.metadata);
    assert_eq!(objects.download(&at("a")).await.unwrap().bytes, Bytes::from("fox"));
    let error = objects.edit(&at("nothing"), &empty).await.unwrap_err();
    assert_eq!(error.class, Class::NotFound, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_browsed_level_by_level() {
    let local = Local::start().await;
    let keys = [
        "a.png",
        "b c/d.png",
        "b c/e/f.png",
        "b c/e/g.png",
        "b+c/h.png",
        "b//i.png",
        "z/.keep",
    ];
    for key in keys {
        local.put("b", key, "image/png", "x").await;
    }
    for descending in [false, true] {
        let mut found = BTreeSet::new();
        let mut folders = vec![String::new()];
        let mut behind_slashes = Vec::new();
        while let Some(folder) = folders.pop() {
            let objects = local.objects();
            let mut browse = objects.browse(&folder, ListSort::Name, descending);
            while let Some(page) = browse.next().await.unwrap() {
                for entry in page.entries {
                    assert!(entry.key.starts_with(&folder), "{} in {folder}", entry.key);
                    assert!(found.insert(entry.key.clone()), "{} twice", entry.key);
                }
                folders.extend(page.folders);
                if page.behind_slashes {
                    behind_slashes.push(folder.clone());
                }
            }
        }
        let browsed: BTreeSet<String> = keys
            .iter()
            .filter(|key| !key.contains("//"))
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, browsed);
        assert_eq!(behind_slashes, ["b/"], "what cannot be browsed to is told of");
    }
    let mut nowhere = local
        .project()
        .bucket(&name("nowhere"))
        .browse("", ListSort::Name, false);
    assert_eq!(nowhere.next().await.unwrap_err().class, Class::BucketNotFound);
    let mut empty = local.objects().browse("no such folder", ListSort::Name, false);
    let page = empty.next().await.unwrap().unwrap();
    assert!(page.entries.is_empty() && page.folders.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_cdn_and_only_the_service_key_is_told_so() {
    let local = Local::start().await;
    let cdn = local.project().cdn();
    for result in [
        cdn.purge_all(Purge::Everything).await,
        cdn.purge_bucket(&name("b"), Purge::Rendered).await,
        cdn.purge_object(&name("b"), &at("d/k 1.png"), Purge::Everything).await,
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.code.as_deref(), Some("MissingParameter"), "{error}");
        assert_eq!(error.hint(), "This server has no CDN to purge.");
    }
    let error = local.anybody().cdn().purge_all(Purge::Everything).await.unwrap_err();
    assert_eq!(error.class, Class::Forbidden, "{error}");
}
