//! Any text as the URL of a stored object: never a panic, and what the explanation promises holds.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use storymimi_studio::supabase::BucketName;
use storymimi_studio::supabase::url::{Context, MediaRef, apply_all, explain};
use storymimi_studio::workspace::ProjectUrl;

fuzz_target!(|text: &str| {
    let project = ProjectUrl::parse("https://abcdefghijklmnopqrst.supabase.co").unwrap();
    let bucket = |name: &str| BucketName::parse(name).unwrap();
    let buckets = [(bucket("story-images"), true), (bucket("private art"), false)];
    let open = Context {
        project: Some(&project),
        buckets: &buckets,
        default_bucket: Some(&buckets[0].0),
        now: Timestamp::from_second(1_800_000_000).ok(),
    };
    let bare = Context {
        project: None,
        buckets: &[],
        default_bucket: None,
        now: None,
    };
    for context in [&open, &bare] {
        let explained = explain(text, context);
        // The parts cover the text without gaps, and each shows a part of itself.
        let mut end = 0;
        for segment in &explained.segments {
            assert_eq!(segment.range.start, end, "a gap in {text:?}");
            assert!(segment.core.start >= segment.range.start && segment.core.end <= segment.range.end);
            assert!(text.get(segment.core.clone()).is_some(), "a part of {text:?} cuts a character");
            end = segment.range.end;
        }
        assert!(explained.segments.is_empty() || end == text.len(), "{text:?} ends at {end}");
        // A link in a row is read as the URL lab reads it.
        match MediaRef::parse(text, context) {
            Ok(link) => assert_eq!(Some(link.object), explained.parsed),
            Err(problems) => assert!(!problems.is_empty(), "{text:?} is refused without a reason"),
        }
        // What is fixed stays fixed.
        let mended = apply_all(text, context);
        assert_eq!(apply_all(&mended, context), mended, "fixing {text:?} twice differs");
        for variant in &explained.variants {
            assert!(!variant.url.is_empty());
        }
    }
});
