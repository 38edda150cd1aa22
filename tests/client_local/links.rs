//! Links and permissions that need no key.

use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use serde_json::{Map, json};
use storymimi_studio::media::{Limits, MediaType, decode, detect};
use storymimi_studio::supabase::url::{Render, Resize};
use storymimi_studio::supabase::{Class, Signing, Transform, Upload};

use crate::client::Client;
use crate::pictures::picture;
use crate::{Local, at, content, name};

fn hour() -> Signing {
    Signing::lasting(Duration::from_secs(3_600))
}

/// What somebody gets who has nothing but a link.
async fn followed(local: &Local, link: &str) -> (StatusCode, Option<String>, Bytes) {
    let reply = Client::of(&local.server).http.get(link).send().await.unwrap();
    let disposition = reply.headers().get("content-disposition");
    let disposition = disposition.map(|value| value.to_str().unwrap().to_owned());
    (reply.status(), disposition, reply.bytes().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_its_object_and_no_other() {
    let local = Local::start().await;
    let objects = local.objects();
    for key in ["a b+c&d=e?.png", "(1)/!*'@$;:,.png", "plain.png"] {
        local.put("b", key, "image/png", key.to_owned()).await;
        let link = objects.sign(&at(key), &hour()).await.unwrap();
        assert!(link.ends.is_some() && !format!("{link:?}").contains("eyJ"));
        let anybody = local.anybody().bucket(&name("b"));
        let read = anybody.download_signed(&link).await.unwrap();
        assert_eq!(
            (read.bytes, read.content_type.as_deref()),
            (Bytes::from(key), Some("image/png"))
        );
        let (status, disposition, bytes) = followed(&local, link.expose()).await;
        assert_eq!((status, disposition, bytes), (StatusCode::OK, None, Bytes::from(key)));
    }
    let link = objects.sign(&at("plain.png"), &hour()).await.unwrap();
    local.put("b", "other.png", "image/png", "other").await;
    let elsewhere = link.expose().replace("plain.png", "other.png");
    let (status, _, body) = followed(&local, &elsewhere).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(String::from_utf8_lossy(&body).contains("InvalidSignature"), "{body:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_saves_under_the_name_that_was_asked_for() {
    let local = Local::start().await;
    let objects = local.objects();
    local.put("b", "s1/scene.png", "image/png", "x").await;
    for (save_as, expected) in [
        ("", "attachment"),
        ("Pip & Co.png", "filename=Pip%20%26%20Co.png"),
        ("ein Fuchs ü.png", "filename*=UTF-8''ein%20Fuchs%20%C3%BC.png"),
    ] {
        let how = Signing {
            save_as: Some(save_as.to_owned()),
            ..hour()
        };
        let link = objects.sign(&at("s1/scene.png"), &how).await.unwrap();
        let (status, disposition, _) = followed(&local, link.expose()).await;
        let disposition = disposition.unwrap();
        assert_eq!(status, StatusCode::OK);
        assert!(
            disposition.starts_with("attachment") && disposition.contains(expected),
            "{save_as}: {disposition}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_when_it_says() {
    let local = Local::start().await;
    let objects = local.objects();
    local.put("b", "k", "image/png", "x").await;
    let short = Signing::lasting(Duration::from_secs(1));
    let link = objects.sign(&at("k"), &short).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let error = objects.download_signed(&link).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InvalidJWT"), "{error}");
    assert!(error.hint().contains("expired"), "{}", error.hint());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_links_has_an_outcome_of_its_own() {
    let local = Local::start().await;
    let objects = local.objects();
    local.put("b", "one", "image/png", "1").await;
    local.put("b", "three", "image/png", "3").await;
    let keys = ["one", "two", "three"].map(at);
    let links = objects.sign_many(&keys, &hour()).await.unwrap();
    let outcomes: Vec<_> = links
        .iter()
        .map(|link| link.as_ref().map(|link| link.key.clone()).map_err(|error| error.class))
        .collect();
    assert_eq!(outcomes, [Ok(at("one")), Err(Class::NotFound), Ok(at("three"))]);
    let read = objects.download_signed(links[2].as_ref().unwrap()).await.unwrap();
    assert_eq!(read.bytes, Bytes::from("3"));
    let nowhere = local.project().bucket(&name("nowhere"));
    let error = nowhere.sign_many(&keys, &hour()).await.unwrap_err();
    assert_eq!(error.class, Class::BucketNotFound, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_rendered_picture_gives_that_picture() {
    let local = Local::start().await;
    let objects = local.objects();
    local
        .put("b", "a b.png", "image/png", picture(400, 200, MediaType::Png))
        .await;
    let transform = Transform::new(Render {
        width: Some(100),
        height: Some(100),
        resize: Some(Resize::Contain),
        ..Render::default()
    })
    .unwrap();
    let link = objects
        .sign_rendered(&at("a b.png"), &transform, &hour())
        .await
        .unwrap();
    let read = local.anybody().bucket(&name("b")).download_signed(&link).await.unwrap();
    assert_eq!(detect(&read.bytes), Some(MediaType::Png));
    let pixels = decode(&read.bytes, &Limits::default()).unwrap();
    assert_eq!((pixels.width(), pixels.height()), (100, 50));
    // What was signed counts, not what the address asks for.
    let (_, _, bytes) = followed(&local, &format!("{}&width=300", link.expose())).await;
    assert_eq!(bytes, read.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_stores_one_object_once_unless_it_may_replace() {
    let local = Local::start().await;
    let objects = local.objects();
    let anybody = local.anybody().bucket(&name("b"));
    let mut how = Upload::new("image/webp");
    how.metadata.insert("by".to_owned(), "permission".into());
    let kept = Map::from_iter([("story".to_owned(), json!("pip"))]);

    let pass = objects.sign_upload(&at("a b?.png"), false, &kept).await.unwrap();
    assert!(!format!("{pass:?}").contains("eyJ"));
    anybody.upload_signed(&pass, content(1_000), &how).await.unwrap();
    let read = objects.download(&at("a b?.png")).await.unwrap();
    assert_eq!(
        (read.bytes, read.content_type.as_deref()),
        (content(1_000), Some("image/webp"))
    );
    let error = anybody.upload_signed(&pass, content(2_000), &how).await.unwrap_err();
    assert_eq!(error.class, Class::Exists, "{error}");
    let error = objects.sign_upload(&at("a b?.png"), false, &kept).await.unwrap_err();
    assert_eq!(error.class, Class::Exists, "{error}");

    let pass = objects.sign_upload(&at("a b?.png"), true, &kept).await.unwrap();
    let replacing = Upload { upsert: true, ..how };
    for size in [2_000, 3_000] {
        anybody.upload_signed(&pass, content(size), &replacing).await.unwrap();
        let read = objects.download(&at("a b?.png")).await.unwrap();
        assert_eq!(read.bytes, content(size));
    }
}
