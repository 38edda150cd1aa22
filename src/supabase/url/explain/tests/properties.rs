//! What must hold for every text, not for examples alone.

use proptest::prelude::*;

use super::*;
use crate::supabase::url::{Render, authenticated_render_url, authenticated_url, encode_key};

fn bucket() -> impl Strategy<Value = BucketName> {
    "[A-Za-z0-9_!.*'() &$@=;:+,?-]{1,20}".prop_filter_map("no bucket", |text| {
        // The route without a word for the way in takes such a bucket for one.
        let name = BucketName::parse(&text).ok()?;
        (!["public", "authenticated", "sign", "info", "upload"].contains(&name.as_str())).then_some(name)
    })
}

fn key() -> impl Strategy<Value = ObjectKey> {
    "[A-Za-z0-9_/!.*'() &$@=;:+,?-]{1,40}".prop_filter_map("no key", |text| ObjectKey::parse(&text).ok())
}

/// Texts that look like storage URLs, more or less.
fn nearly_url() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("https://"),
        Just("http:/"),
        Just("s3://"),
        Just("abc.supabase.co"),
        Just("abc.storage.supabase.co"),
        Just("127.0.0.1:54321"),
        Just("me:pw@"),
        Just("/"),
        Just("//"),
        Just("\\"),
        Just("storage/v1"),
        Just("/object"),
        Just("/public"),
        Just("/sign"),
        Just("/render/image/public"),
        Just("/s3"),
        Just("/upload/resumable/"),
        Just("story-images"),
        Just("drafts"),
        Just("/a b"),
        Just("%2520"),
        Just("%2F"),
        Just("%"),
        Just("+"),
        Just("ü"),
        Just("🦊.png"),
        Just("?"),
        Just("?width=64"),
        Just("&quality=1"),
        Just("?token=x"),
        Just("&"),
        Just("="),
        Just("#"),
        Just(" "),
        Just("\""),
        Just("\u{0}"),
        Just(".."),
        Just("%ff"),
        Just("apikey="),
    ];
    prop_oneof![
        proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat()),
        ".{0,60}",
    ]
}

fn check_segments(text: &str, explained: &Explained) {
    let mut at = 0;
    for segment in &explained.segments {
        assert_eq!(segment.range.start, at, "{text:?}");
        assert!(segment.range.end > at, "{text:?}: {segment:?}");
        assert!(text.get(segment.range.clone()).is_some(), "{text:?}");
        assert!(
            text.get(segment.core.clone()).is_some_and(|core| !core.is_empty()),
            "{text:?}"
        );
        assert!(
            segment.range.start <= segment.core.start && segment.core.end <= segment.range.end,
            "{text:?}: {segment:?}"
        );
        at = segment.range.end;
    }
    assert_eq!(at, text.len(), "{text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_built_is_understood(bucket in bucket(), key in key()) {
        let project = ProjectUrl::parse("https://abc.supabase.co").unwrap();
        let context = Context::default();
        for url in [
            public_url(&project, &bucket, &key),
            authenticated_url(&project, &bucket, &key),
            object_url(&project, &bucket, &key),
            info_url(&project, &bucket, &key),
            download_url(&project, &bucket, &key, Some("a b?.png")),
            render_url(&project, &bucket, &key, &Render { width: Some(64), ..Render::default() }),
            authenticated_render_url(&project, &bucket, &key, &Render::default()),
            signed_url(&project, &bucket, &key, "…", Some("x")),
        ] {
            let explained = explain(&url, &context);
            check_segments(&url, &explained);
            let object = explained.parsed.unwrap();
            prop_assert_eq!(&object.bucket, &bucket);
            prop_assert_eq!(&object.key, &key);
            prop_assert_eq!(explained.fixed, Some(url));
        }
    }

    #[test]
    fn damage_is_mended(key in "[a-z0-9 (),&]{1,9}(/[a-z0-9 ]{1,6}){0,2}\\.png", damage in 0_usize..6) {
        let known = Known::new();
        let key = ObjectKey::parse(&key).unwrap();
        let right = public_url(&known.project, &known.default, &key);
        let encoded = encode_key(key.as_str());
        let damaged = match damage {
            0 => format!("https://{right}"),
            1 => right.replace("https://", ""),
            2 => right.replace(&encoded, &encoded.replace('%', "%25")),
            3 => right.replace("/storage/v1", ""),
            4 => right.replace("/object/public", ""),
            _ => format!("{right}?"),
        };
        let explained = explain(&damaged, &known.context());
        prop_assert_eq!(explained.parsed.map(|object| object.key), Some(key));
        prop_assert_eq!(explained.fixed, Some(right));
    }

    #[test]
    fn any_text_is_explained(text in nearly_url(), known_project in any::<bool>()) {
        let known = Known::new();
        let context = if known_project { known.context() } else { Context::default() };
        let explained = explain(&text, &context);
        check_segments(&text, &explained);
        for problem in &explained.problems {
            if let Some(fix) = &problem.fix {
                prop_assert!(apply(&text, fix) != text, "{} of {:?} changes nothing", problem.headline, text);
            }
        }
        let fixed = apply_all(&text, &context);
        for problem in &checked(&fixed, &context).problems {
            prop_assert!(problem.fix.is_none(), "{:?} is left of {:?} in {:?}", problem, text, fixed);
        }
        if let Some(shown) = &explained.fixed {
            for problem in &explain(shown, &context).problems {
                prop_assert!(problem.fix.is_none(), "{:?} is left in {:?}", problem, shown);
            }
        }
    }

    #[test]
    fn a_token_is_never_shown(
        before in nearly_url(),
        name in "token|TOKEN|%74oken|apikey|access_token|X-Amz-Signature",
        token in "Zq[A-Za-z0-9._-]{14,60}Zq",
        after in "(&v=1|&width=5|#x| |\"|\\?download=a)?",
    ) {
        let known = Known::new();
        let text = format!("{before}?{name}={token}{after}");
        let shown = format!("{:?}", explain(&text, &known.context()));
        prop_assert!(!shown.contains(&token), "{shown}");
    }
}

#[test]
fn long_texts_end_quickly() {
    let known = Known::new();
    for piece in ["%25", "a/", "https://", "?a=b&", "ü", "\\", "eyJ", "=token="] {
        let text = piece.repeat(50_000);
        let explained = explain(&text, &known.context());
        check_segments(&text, &explained);
        assert_eq!(kinds(&explained.problems), [Kind::NotAUrl]);
        let text = piece.repeat(16 * 1024 / piece.len());
        check_segments(&text, &explain(&text, &known.context()));
    }
}
