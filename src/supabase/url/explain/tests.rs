mod properties;
mod round_trips;

use jiff::Timestamp;

use super::super::explained::{ProblemKind as Kind, Severity, VariantKind};
use super::super::{download_url, info_url, object_url, public_url, render_url, signed_url};
use super::*;
use crate::supabase::{BucketName, ObjectKey};

/// `{"url":"drafts/a.png","exp":1795943472}`, signed with nothing.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJ1cmwiOiJkcmFmdHMvYS5wbmciLCJleHAiOjE3OTU5NDM0NzJ9.c2lnbmF0dXJl";

struct Known {
    project: ProjectUrl,
    buckets: Vec<(BucketName, bool)>,
    default: BucketName,
}

impl Known {
    fn new() -> Self {
        let name = |name| BucketName::parse(name).unwrap();
        Self {
            project: ProjectUrl::parse("https://abc.supabase.co").unwrap(),
            buckets: vec![(name("story-images"), true), (name("drafts"), false)],
            default: name("story-images"),
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            project: Some(&self.project),
            buckets: &self.buckets,
            default_bucket: Some(&self.default),
            now: None,
        }
    }
}

fn kinds(problems: &[UrlProblem]) -> Vec<Kind> {
    problems.iter().map(|problem| problem.kind).collect()
}

/// What is wrong with a text, the bucket and key it means, and the URL after all fixes.
#[track_caller]
fn expect(text: &str, problems: &[Kind], object: Option<(&str, &str)>, fixed: Option<&str>) {
    let known = Known::new();
    let explained = explain(text, &known.context());
    assert_eq!(kinds(&explained.problems), problems, "problems of {text}");
    let parsed = explained.parsed.as_ref();
    assert_eq!(
        parsed.map(|object| (object.bucket.as_str(), object.key.as_str())),
        object,
        "object of {text}"
    );
    assert_eq!(explained.fixed.as_deref(), fixed, "fixed {text}");
}

const PUBLIC: &str = "https://abc.supabase.co/storage/v1/object/public/story-images/s1/scene_1.png";
const OBJECT: Option<(&str, &str)> = Some(("story-images", "s1/scene_1.png"));

#[test]
fn a_right_url_has_no_problem() {
    for text in [
        PUBLIC,
        "https://abc.supabase.co/storage/v1/object/public/story-images/s1/scene_1.png?v=3",
        "https://ABC.supabase.co:443/storage/v1/object/authenticated/story-images/s1/scene_1.png",
        "https://abc.supabase.co/storage/v1/object/story-images/s1/scene_1.png",
        "https://abc.supabase.co/storage/v1/object/info/story-images/s1/scene_1.png",
        "https://abc.supabase.co/storage/v1/render/image/public/story-images/s1/scene_1.png?width=640&quality=80",
    ] {
        expect(text, &[], OBJECT, Some(text));
    }
    let local = "http://127.0.0.1:54321/storage/v1/object/public/story-images/s1/scene_1.png";
    expect(local, &[Kind::OtherProject], OBJECT, Some(local));
}

#[test]
fn mends_what_is_wrong_with_the_address() {
    let path = "storage/v1/object/public/story-images/s1/scene_1.png";
    for (text, problems) in [
        (format!("https://{PUBLIC}"), vec![Kind::DoubledScheme]),
        (
            format!("http://https://https://{}", &PUBLIC[8..]),
            vec![Kind::DoubledScheme],
        ),
        (format!("https://https//{}", &PUBLIC[8..]), vec![Kind::DoubledScheme]),
        (PUBLIC[8..].to_owned(), vec![Kind::MissingScheme]),
        (PUBLIC[6..].to_owned(), vec![Kind::MissingScheme]),
        (PUBLIC.replace("https", "http"), vec![Kind::NotEncrypted]),
        (PUBLIC.replace("https://", "https:/"), vec![Kind::MalformedScheme]),
        (PUBLIC.replace("abc.", "abc.storage."), vec![Kind::UploadHost]),
        (PUBLIC.replace("abc.", "me:secret@abc."), vec![Kind::UserInfo]),
        (
            PUBLIC.replace("abc.supabase.co", "abc supabase"),
            vec![Kind::InvalidHost],
        ),
        (path.to_owned(), vec![Kind::MissingHost]),
        (format!("/{path}"), vec![Kind::MissingHost]),
        (
            format!("https:///{path}"),
            vec![Kind::MissingHost, Kind::MalformedScheme],
        ),
        (PUBLIC.replace("/storage/v1", ""), vec![Kind::MissingApiRoot]),
        (
            PUBLIC.replace("/storage/v1", "/storage/v1/storage/v1"),
            vec![Kind::DoubledApiRoot],
        ),
        (PUBLIC.replace("/storage/v1", "/storage/v2"), vec![Kind::WrongApiRoot]),
        (PUBLIC.replace("/storage/v1", "//storage/v1"), vec![Kind::ExtraSlashes]),
        (
            PUBLIC.replace("public/story", "public//story"),
            vec![Kind::ExtraSlashes],
        ),
        (PUBLIC.replace("/object/public", "/public"), vec![Kind::MissingAccess]),
        (PUBLIC.replace("/object/public", ""), vec![Kind::MissingAccess]),
        (
            PUBLIC.replace("/storage/v1/object/public", ""),
            vec![Kind::MissingApiRoot, Kind::MissingAccess],
        ),
        (format!(" \"{PUBLIC}\"\n"), vec![Kind::Surroundings]),
        (PUBLIC.replace("/s1/", "\\s1\\"), vec![Kind::Backslash]),
        (format!("{PUBLIC}?"), vec![Kind::EmptyQuery]),
        (format!("{PUBLIC}#top"), vec![Kind::Fragment]),
        (format!("{PUBLIC}?token=abc"), vec![Kind::TokenUnused]),
        (format!("{PUBLIC}?apikey={TOKEN}"), vec![Kind::SecretInUrl]),
        (
            PUBLIC.replace("story-images", "Story-Images"),
            vec![Kind::UnknownBucket],
        ),
        ("story-images/s1/scene_1.png".to_owned(), vec![Kind::BarePath]),
        ("/story-images/s1/scene_1.png".to_owned(), vec![Kind::BarePath]),
        ("s1/scene_1.png".to_owned(), vec![Kind::BarePath]),
        ("s3://story-images/s1/scene_1.png".to_owned(), vec![Kind::S3Address]),
        (PUBLIC.replace("object/public", "s3"), vec![Kind::S3Address]),
    ] {
        let object = if problems == [Kind::UnknownBucket] {
            Some(("Story-Images", "s1/scene_1.png"))
        } else {
            OBJECT
        };
        let mut found = problems.clone();
        found.sort();
        let known = Known::new();
        let mut actual = kinds(&explain(&text, &known.context()).problems);
        actual.sort();
        assert_eq!(actual, found, "problems of {text}");
        let explained = explain(&text, &known.context());
        let parsed = explained.parsed.as_ref().map(|o| (o.bucket.as_str(), o.key.as_str()));
        assert_eq!(parsed, object, "object of {text}");
        assert_eq!(explained.fixed.as_deref(), Some(PUBLIC), "fixed {text}");
        assert_eq!(apply_all(&text, &known.context()), PUBLIC);
    }
}

#[test]
fn mends_how_names_are_encoded() {
    let at = "https://abc.supabase.co/storage/v1/object/public/story-images";
    for (path, problems, key, fixed) in [
        (
            "pip lost star/a.png",
            &[Kind::NotEncoded][..],
            "pip lost star/a.png",
            "pip%20lost%20star/a.png",
        ),
        ("a%2520b.png", &[Kind::DoubleEncoded], "a b.png", "a%20b.png"),
        ("s1%2Fa.png", &[Kind::EncodedSlash], "s1/a.png", "s1/a.png"),
        ("a+b.png", &[Kind::PlusSign], "a+b.png", "a%2Bb.png"),
        ("a%2Bb@c.png", &[], "a+b@c.png", "a%2Bb@c.png"),
    ] {
        let fixed = format!("{at}/{fixed}");
        expect(
            &format!("{at}/{path}"),
            problems,
            Some(("story-images", key)),
            Some(&fixed),
        );
    }
    expect(&format!("{at}/100%.png"), &[Kind::BrokenEncoding], None, None);
    expect(&format!("{at}/%ff.png"), &[Kind::BrokenEncoding], None, None);
    expect(&format!("{at}/a%252525252520.png"), &[Kind::BrokenEncoding], None, None);
    expect(
        &format!("{at}/Möhre.png"),
        &[Kind::NotEncoded, Kind::RefusedKey],
        None,
        None,
    );
    expect(&format!("{at}/M%C3%B6hre.png"), &[Kind::RefusedKey], None, None);
}

#[test]
fn reports_what_only_a_person_can_decide() {
    let at = "https://abc.supabase.co/storage/v1/object";
    for (text, problems, object) in [
        (
            format!("{at}/public/story-images//a.png"),
            &[Kind::EmptyFolder][..],
            Some("/a.png"),
        ),
        (
            format!("{at}/public/story-images/a//b.png"),
            &[Kind::EmptyFolder],
            Some("a//b.png"),
        ),
        (
            format!("{at}/public/story-images/s1/"),
            &[Kind::FolderOnly],
            Some("s1/"),
        ),
        (
            format!("{at}/public/story-images/../a.png"),
            &[Kind::DotSegment],
            Some("../a.png"),
        ),
        (
            format!("{at}/public/story-images/story-images/a.png"),
            &[Kind::BucketTwice],
            Some("story-images/a.png"),
        ),
        (
            format!("{at}/sign/story-images/a.png"),
            &[Kind::MissingToken],
            Some("a.png"),
        ),
        (
            format!("{at}/sign/story-images/a.png?token=eyJ…"),
            &[Kind::TokenHidden],
            Some("a.png"),
        ),
        (
            format!("{at}/sign/story-images/a.png?token=abc"),
            &[Kind::TokenUnreadable],
            Some("a.png"),
        ),
        (
            format!("{at}/upload/sign/story-images/a.png?token={TOKEN}"),
            &[Kind::UploadAddress, Kind::TokenForOther],
            Some("a.png"),
        ),
        (
            "https://abc.supabase.co/storage/v1/upload/resumable/c3RvcnktaW1hZ2VzL2EucG5nL3Yx".to_owned(),
            &[Kind::UploadAddress],
            Some("a.png"),
        ),
    ] {
        let object = object.map(|key| ("story-images", key));
        expect(
            &text,
            problems,
            object,
            Some(&text.replace(TOKEN, "eyJ…").replace("=abc", "=…")),
        );
    }
    for (text, problems) in [
        ("", &[Kind::Empty][..]),
        (" \n", &[Kind::Empty]),
        ("null", &[Kind::Empty]),
        ("a red fox in the snow", &[Kind::NotAUrl]),
        ("data:image/png;base64,iVBORw0KGgo=", &[Kind::NotAUrl]),
        ("C:\\pictures\\a.png", &[Kind::NotAUrl]),
        ("ftp://example.com/a.png", &[Kind::NotAUrl]),
        ("https://example.com/a.png", &[Kind::NotStorage]),
        (
            "https://supabase.com/dashboard/project/abcdefghijklmnopqrst/storage/buckets/x",
            &[Kind::DashboardLink],
        ),
        ("https://abc.supabase.co/rest/v1/stories", &[Kind::NotAnObject]),
        ("https://abc.supabase.co/storage/v1/bucket/x", &[Kind::NotAnObject]),
        ("https://abc.supabase.co", &[Kind::MissingBucket]),
        ("https://abc.supabase.co/storage/v1/", &[Kind::MissingBucket]),
        (
            "https://abc.supabase.co/storage/v1/object/public",
            &[Kind::MissingBucket],
        ),
        (
            "https://abc.supabase.co/storage/v1/object/public/story-images",
            &[Kind::MissingKey],
        ),
        (
            "https://abc.supabase.co/storage/v1/object/public/story-images/",
            &[Kind::MissingKey],
        ),
        (
            "https://abc.supabase.co/storage/v1/object/public/b%C3%BCro/a.png",
            &[Kind::InvalidBucket],
        ),
    ] {
        expect(text, problems, None, None);
    }
}

#[test]
fn the_example_of_the_design_is_explained() {
    let text = "https://https://abc.supabase.co/storage/v1/object/public/drafts/pip lost star/scene_3.png?width=640";
    let known = Known::new();
    let explained = explain(text, &known.context());
    let lines: Vec<String> = explained
        .problems
        .iter()
        .map(|problem| {
            let label = problem.fix.as_ref().unwrap().label;
            format!(
                "{:?}: {} — {} [{label}]",
                problem.severity, problem.headline, problem.detail
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "Error: https:// appears twice — The project URL already had a scheme when this link was built [Remove one]",
            "Error: drafts is private, the URL is public — Visitors get 404 Bucket not found [Use authenticated]",
            "Warning: 2 spaces are not encoded — pip lost star becomes pip%20lost%20star [Encode]",
            "Note: width does nothing on /object/ — Resizing needs the /render/image/ route [Use render]",
        ]
    );
    let shown: Vec<_> = explained
        .segments
        .iter()
        .map(|s| (s.kind.label(), s.text.as_str(), s.severity))
        .collect();
    assert_eq!(
        shown,
        [
            ("Scheme", "https://https://", Some(Severity::Error)),
            ("Host", "abc.supabase.co", None),
            ("API root", "/storage/v1", None),
            ("Access", "/object/public", Some(Severity::Error)),
            ("Bucket", "drafts", None),
            ("Folder", "pip lost star", Some(Severity::Warning)),
            ("File", "scene_3.png", None),
            ("Query", "width=640", Some(Severity::Note)),
        ]
    );
    assert_eq!(
        explained.fixed.unwrap(),
        "https://abc.supabase.co/storage/v1/render/image/authenticated/drafts/pip%20lost%20star/scene_3.png?width=640"
    );
    let encoded = apply(text, explained.problems[2].fix.as_ref().unwrap());
    assert_eq!(encoded, text.replace("pip lost star", "pip%20lost%20star"));
    let public = &explained.variants[0];
    assert_eq!((public.kind, public.works), (VariantKind::Public, false));
    assert_eq!(public.note, "Bucket is private");
}

#[test]
fn reads_the_token_and_hides_it() {
    let text = format!("https://abc.supabase.co/storage/v1/object/sign/drafts/a.png?token={TOKEN}&download=a.png");
    let known = Known::new();
    let mut context = known.context();
    context.now = Some(Timestamp::from_second(1_795_943_471).unwrap());
    let explained = explain(&text, &context);
    assert_eq!(explained.problems, []);
    let query = explained.segments.last().unwrap();
    assert_eq!(query.text, "token=eyJ…&download=a.png");
    assert_eq!(
        query.meaning,
        "token opens the link until 29 Nov 2026 09:11 UTC; download saves the file instead of showing it."
    );
    context.now = Some(Timestamp::from_second(1_795_943_472).unwrap());
    assert_eq!(kinds(&explain(&text, &context).problems), [Kind::TokenExpired]);
    let other = text.replace("a.png?", "b.png?");
    assert_eq!(
        kinds(&explain(&other, &known.context()).problems),
        [Kind::TokenForOther]
    );
    // The text of the field keeps its token when something else is fixed.
    let doubled = format!("https://{text}");
    assert_eq!(apply_all(&doubled, &context), text);
}

#[test]
fn mends_queries() {
    let render = PUBLIC.replace("object/public", "render/image/public");
    expect(
        &format!("{render}?width=wide&quality=80"),
        &[Kind::BadTransform],
        OBJECT,
        Some(&format!("{render}?quality=80")),
    );
    expect(
        &format!("{PUBLIC}?v=1?download=a"),
        &[Kind::SecondQuestionMark],
        OBJECT,
        Some(&format!("{PUBLIC}?v=1&download=a")),
    );
    expect(
        &format!("{PUBLIC}?download=my file?.png"),
        &[Kind::QueryNotEncoded],
        OBJECT,
        Some(&format!("{PUBLIC}?download=my%20file?.png")),
    );
    let signed = "https://abc.supabase.co/storage/v1/object/sign/drafts/a.png";
    expect(
        &format!("{signed}?width=64&token={TOKEN}&height=64"),
        &[Kind::TransformIgnored],
        Some(("drafts", "a.png")),
        Some(&format!("{signed}?token=eyJ…")),
    );
}

#[test]
fn works_without_any_context() {
    let context = Context::default();
    let explained = explain("bucket/a b.png", &context);
    assert_eq!(kinds(&explained.problems), [Kind::BarePath]);
    assert_eq!((explained.fixed, explained.variants.len()), (None, 0));
    let media = MediaRef::parse(&format!("https://{PUBLIC}?"), &context).unwrap();
    assert!(media.has(Kind::DoubledScheme) && media.has(Kind::EmptyQuery));
    assert_eq!(media.object.origin.unwrap().as_str(), "https://abc.supabase.co");
    assert_eq!(
        kinds(&MediaRef::parse("scene_1.png", &context).unwrap_err()),
        [Kind::BarePath, Kind::MissingBucket]
    );
    assert!(MediaRef::parse("null", &context).is_err());
}

#[test]
fn a_fix_for_another_text_changes_nothing() {
    let known = Known::new();
    let explained = explain(&format!("{PUBLIC}?"), &known.context());
    let fix = explained.problems[0].fix.as_ref().unwrap();
    assert_eq!(apply("short", fix), "short");
}
