//! Pictures that the server renders, as they really are.

use bytes::Bytes;
use storymimi_studio::media::{Limits, MediaType, Pixels, decode, detect, encode};
use storymimi_studio::supabase::url::{Render, RenderFormat, Resize};
use storymimi_studio::supabase::{Access, Class, Transform};

use crate::{Local, at, bucket, name};

/// A picture whose left half is red and whose right half is blue.
pub fn picture(width: u32, height: u32, kind: MediaType) -> Bytes {
    let rgba = (0..width * height)
        .flat_map(|at| {
            if at % width < width / 2 {
                [255, 0, 0, 255]
            } else {
                [0, 0, 255, 255]
            }
        })
        .collect();
    encode(&Pixels::new(width, height, rgba).unwrap(), kind, 90)
        .unwrap()
        .into()
}

fn asked(width: Option<u32>, height: Option<u32>, resize: Option<Resize>, format: Option<RenderFormat>) -> Transform {
    Transform::new(Render {
        width,
        height,
        resize,
        format,
        quality: None,
    })
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rendered_pictures_have_the_size_and_the_type_that_were_asked_for() {
    let local = Local::start().await;
    local.make(bucket("open")).await;
    for place in ["b", "open"] {
        local
            .put(place, "wide.png", "image/png", picture(400, 200, MediaType::Png))
            .await;
        local
            .put(place, "photo.jpg", "image/jpeg", picture(400, 200, MediaType::Jpeg))
            .await;
    }
    let webp = Some(RenderFormat::Webp);
    for (key, transform, expected) in [
        (
            "wide.png",
            asked(Some(100), None, None, None),
            (MediaType::Png, 100, 50),
        ),
        (
            "wide.png",
            asked(None, Some(100), None, None),
            (MediaType::Png, 200, 100),
        ),
        (
            "wide.png",
            asked(Some(100), Some(100), None, None),
            (MediaType::Png, 100, 100),
        ),
        (
            "wide.png",
            asked(Some(100), Some(100), Some(Resize::Cover), webp),
            (MediaType::Webp, 100, 100),
        ),
        (
            "wide.png",
            asked(Some(100), Some(100), Some(Resize::Contain), None),
            (MediaType::Png, 100, 50),
        ),
        (
            "wide.png",
            asked(Some(60), Some(90), Some(Resize::Fill), None),
            (MediaType::Png, 60, 90),
        ),
        (
            "photo.jpg",
            asked(Some(40), None, None, None),
            (MediaType::Jpeg, 40, 20),
        ),
        (
            "photo.jpg",
            asked(Some(40), None, None, webp),
            (MediaType::Webp, 40, 20),
        ),
        ("photo.jpg", Transform::default(), (MediaType::Jpeg, 400, 200)),
    ] {
        for (place, access) in [("b", Access::Keyed), ("open", Access::Public)] {
            let objects = local.project().bucket(&name(place));
            let read = objects.render(&at(key), &transform, access).await.unwrap();
            let kind = detect(&read.bytes).unwrap();
            assert_eq!(read.content_type.as_deref(), Some(kind.mime()), "{key} {transform:?}");
            let pixels = decode(&read.bytes, &Limits::default()).unwrap();
            assert_eq!((kind, pixels.width(), pixels.height()), expected, "{key} {transform:?}");
            // Neither mirrored nor emptied: red is left and blue is right, or was not cut away.
            let row = &pixels.rgba()[..pixels.width() as usize * 4];
            let (left, right) = (&row[..4], &row[row.len() - 4..]);
            assert!(left[0] > 150 && left[2] < 110, "{key} {transform:?}: {left:?}");
            assert!(right[2] > 150 && right[0] < 110, "{key} {transform:?}: {right:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_refused_with_what_to_do() {
    let local = Local::start().await;
    local.put("b", "text.png", "image/png", "no picture").await;
    let objects = local.objects();
    let small = asked(Some(10), None, None, None);
    let error = objects
        .render(&at("text.png"), &small, Access::Keyed)
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.hint().contains("save it anew"), "{}", error.hint());
    let error = objects
        .render(&at("missing.png"), &small, Access::Keyed)
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::NotFound, "{error}");
    local
        .put("b", "k.png", "image/png", picture(4, 4, MediaType::Png))
        .await;
    let error = objects.render(&at("k.png"), &small, Access::Public).await.unwrap_err();
    assert!(
        matches!(error.class, Class::BucketNotFound | Class::NotFound),
        "a private bucket: {error}"
    );
    // Nothing is made larger than it is.
    let read = objects.render(&at("k.png"), &small, Access::Keyed).await.unwrap();
    let pixels = decode(&read.bytes, &Limits::default()).unwrap();
    assert_eq!((pixels.width(), pixels.height()), (4, 4));
}
