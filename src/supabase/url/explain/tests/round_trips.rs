//! Built, taken apart, built again: the same address, for every way in and every legal name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::*;
use crate::supabase::UploadId;
use crate::supabase::url::{
    Render, RenderFormat, Resize, authenticated_render_url, authenticated_url, resumable_url, signed_render_url,
    upload_url,
};

fn project() -> impl Strategy<Value = ProjectUrl> {
    prop_oneof![
        Just("https://abc.supabase.co"),
        Just("https://storage.example.org:8443"),
        Just("http://127.0.0.1:54321"),
        Just("http://[::1]:54321"),
    ]
    .prop_map(|url| ProjectUrl::parse(url).unwrap())
}

/// Any legal name; words of the API more often than chance would have them.
fn bucket() -> impl Strategy<Value = BucketName> {
    let word = prop_oneof![
        Just("public"),
        Just("authenticated"),
        Just("sign"),
        Just("info"),
        Just("upload"),
        Just("list"),
        Just("object"),
        Just("storage"),
        Just("v1"),
    ];
    prop_oneof![
        4 => "[A-Za-z0-9_!.*'() &$@=;:+,?-]{1,100}".prop_filter_map("blank", |text| BucketName::parse(&text).ok()),
        1 => word.prop_map(|word| BucketName::parse(word).unwrap()),
    ]
}

/// Any legal key; the strange ones more often than chance would have them.
fn key() -> impl Strategy<Value = ObjectKey> {
    let piece = prop_oneof![
        Just("/"),
        Just("//"),
        Just("."),
        Just(".."),
        Just(" "),
        Just("?"),
        Just("+"),
        Just("&token="),
        Just("object/public"),
        Just("a.png"),
        Just("https://x"),
        Just("='"),
    ];
    prop_oneof![
        6 => "[A-Za-z0-9_/!.*'() &$@=;:+,?-]{1,60}",
        1 => "[A-Za-z0-9_/!.*'() &$@=;:+,?-]{700,850}",
        3 => proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat()),
    ]
    // What looks like a key or a token in a path is told as one, and not read.
    .prop_filter("looks like a token", |text| !text.contains("eyJ"))
    .prop_map(|text| ObjectKey::parse(&text).unwrap())
}

fn render() -> impl Strategy<Value = Render> {
    let resize = prop_oneof![Just(Resize::Cover), Just(Resize::Contain), Just(Resize::Fill)];
    let format = prop_oneof![
        Just(RenderFormat::Origin),
        Just(RenderFormat::Avif),
        Just(RenderFormat::Webp)
    ];
    (
        proptest::option::of(1_u32..=2_500),
        proptest::option::of(1_u32..=2_500),
        proptest::option::of(resize),
        proptest::option::of(20_u8..=100),
        proptest::option::of(format),
    )
        .prop_map(|(width, height, resize, quality, format)| Render {
            width,
            height,
            resize,
            quality,
            format,
        })
}

/// What stands behind the object in an address.
#[derive(Debug)]
struct More {
    render: Render,
    token: String,
    save_as: Option<String>,
}

fn more() -> impl Strategy<Value = More> {
    let token = "eyJ[A-Za-z0-9_-]{10,80}\\.[A-Za-z0-9_-]{10,80}\\.[A-Za-z0-9_-]{43}";
    (render(), token, proptest::option::of("\\PC{0,20}")).prop_map(|(render, token, save_as)| More {
        render,
        token,
        save_as,
    })
}

/// The ways in that addresses are built for.
const WAYS: [Access; 9] = [
    Access::Direct,
    Access::Public,
    Access::Authenticated,
    Access::Info,
    Access::Signed,
    Access::SignedUpload,
    Access::RenderPublic,
    Access::RenderAuthenticated,
    Access::RenderSigned,
];

fn build(access: Access, project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey, more: &More) -> String {
    let save_as = more.save_as.as_deref();
    match access {
        Access::Direct => object_url(project, bucket, key),
        Access::Public if save_as.is_some() => download_url(project, bucket, key, save_as),
        Access::Public => public_url(project, bucket, key),
        Access::Authenticated => authenticated_url(project, bucket, key),
        Access::Info | Access::InfoAuthenticated => info_url(project, bucket, key),
        Access::Signed => signed_url(project, bucket, key, &more.token, save_as),
        Access::SignedUpload => upload_url(project, bucket, key, &more.token),
        Access::RenderPublic => render_url(project, bucket, key, &more.render),
        Access::RenderAuthenticated => authenticated_render_url(project, bucket, key, &more.render),
        Access::RenderSigned => signed_render_url(project, bucket, key, &more.token, save_as),
        Access::Bare | Access::InfoPublic | Access::Resumable | Access::S3 => unreachable!("nothing builds these"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_address_of_an_object_is_built_read_and_built_again(
        project in project(),
        bucket in bucket(),
        key in key(),
        more in more(),
    ) {
        for access in WAYS {
            // The route without a word for the way in takes such a bucket for one; nothing that must be right is built so.
            let is_word = ["public", "authenticated", "sign", "info", "upload"].contains(&bucket.as_str());
            if access == Access::Direct && is_word {
                continue;
            }
            let url = build(access, &project, &bucket, &key, &more);
            prop_assert!(url.is_ascii() && !url.contains(' '), "{url}");
            let read = MediaRef::parse(&url, &Context::default()).map_err(|problems| {
                TestCaseError::fail(format!("{url}: {problems:?}"))
            })?;
            prop_assert_eq!(read.object.origin.as_ref(), Some(&project), "{}", &url);
            prop_assert_eq!(&read.object.bucket, &bucket, "{}", &url);
            prop_assert_eq!(&read.object.key, &key, "{}", &url);
            let again = build(read.object.access, &project, &read.object.bucket, &read.object.key, &more);
            prop_assert_eq!(again, url);
        }
    }

    #[test]
    fn the_address_of_an_upload_under_way_names_its_object(
        project in project(),
        bucket in bucket(),
        key in key(),
        version in "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        signed in any::<bool>(),
    ) {
        let name = |bucket: &BucketName, key: &ObjectKey| URL_SAFE_NO_PAD.encode(format!("{bucket}/{key}/{version}"));
        let id = UploadId::parse(&name(&bucket, &key)).unwrap();
        let way = if signed { "/sign" } else { "" };
        let url = format!("{}{way}/{id}", resumable_url(&project));
        let read = MediaRef::parse(&url, &Context::default()).map_err(|problems| {
            TestCaseError::fail(format!("{url}: {problems:?}"))
        })?;
        prop_assert_eq!(read.object.access, Access::Resumable);
        prop_assert_eq!(&read.object.bucket, &bucket, "{}", &url);
        prop_assert_eq!(&read.object.key, &key, "{}", &url);
        prop_assert_eq!(name(&read.object.bucket, &read.object.key), id.as_str());
    }
}
