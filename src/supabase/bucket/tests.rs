//! Buckets are made once, changed in part, and listed whole.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::IntoResponse as _;

use super::super::testing::{json, lines, no_bucket, project, storage_error};
use super::*;

fn new(name: &str) -> NewBucket {
    NewBucket {
        name: BucketName::parse(name).unwrap(),
        public: true,
        file_size_limit: Some(5_242_880),
        allowed_mime_types: Some(vec!["image/png".into()]),
    }
}

#[tokio::test]
async fn ensuring_looks_first_and_makes_only_what_is_missing() {
    let (there, seen) = project(|_| json(200, serde_json::json!({"id": "b", "name": "b", "public": false}))).await;
    assert!(matches!(
        there.buckets().ensure(&new("b")).await.unwrap(),
        Ensured::Existed(_)
    ));
    assert_eq!(seen.lock().unwrap().len(), 1);

    let made = AtomicBool::new(false);
    let (missing, seen) = project(move |request| {
        if request.method == Method::POST {
            made.store(true, Ordering::SeqCst);
            return json(200, serde_json::json!({"name": "b"}));
        }
        if made.load(Ordering::SeqCst) {
            json(200, serde_json::json!({"id": "b", "name": "b"}))
        } else {
            no_bucket()
        }
    })
    .await;
    assert!(matches!(
        missing.buckets().ensure(&new("b")).await.unwrap(),
        Ensured::Created(_)
    ));
    let seen = seen.lock().unwrap();
    let lines: Vec<_> = seen.iter().map(super::super::testing::Seen::line).collect();
    assert_eq!(
        lines,
        [
            "GET /storage/v1/bucket/b",
            "POST /storage/v1/bucket",
            "GET /storage/v1/bucket/b"
        ]
    );
    assert_eq!(seen[1].json()["public"], true);
}

#[tokio::test]
async fn ensuring_takes_a_race_for_success_and_reports_the_rest() {
    let raced = AtomicBool::new(false);
    let (project_raced, _) = project(move |request| {
        if request.method == Method::POST {
            raced.store(true, Ordering::SeqCst);
            return storage_error("409", "BucketAlreadyExists", "The resource already exists");
        }
        if raced.load(Ordering::SeqCst) {
            json(200, serde_json::json!({"id": "b", "name": "b"}))
        } else {
            no_bucket()
        }
    })
    .await;
    assert!(matches!(
        project_raced.buckets().ensure(&new("b")).await.unwrap(),
        Ensured::Existed(_)
    ));

    let (forbidden, _) = project(|request| {
        if request.method == Method::POST {
            storage_error("403", "AccessDenied", "new row violates row-level security policy")
        } else {
            no_bucket()
        }
    })
    .await;
    assert_eq!(
        forbidden.buckets().ensure(&new("b")).await.unwrap_err().class,
        Class::Forbidden
    );

    let (down, _) = project(|_| (::http::StatusCode::BAD_GATEWAY, "<html>").into_response()).await;
    assert_eq!(down.buckets().ensure(&new("b")).await.unwrap_err().class, Class::Busy);
}

#[tokio::test]
async fn does_not_make_buckets_that_cannot_be_used() {
    let (project, seen) = project(|_| json(200, serde_json::json!({}))).await;
    for name in ["list", "list-v2", "sign", ".."] {
        assert_eq!(
            project.buckets().create(&new(name)).await.unwrap_err().class,
            Class::Invalid,
            "{name}"
        );
    }
    let all = NewBucket {
        allowed_mime_types: Some(vec!["*/*".into()]),
        ..new("b")
    };
    assert_eq!(project.buckets().create(&all).await.unwrap_err().class, Class::Invalid);
    assert_eq!(
        project
            .buckets()
            .update(&new("b").name, &BucketUpdate::default())
            .await
            .unwrap_err()
            .class,
        Class::Invalid
    );
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_change_leaves_alone_what_it_does_not_name() {
    let (project, seen) = project(|_| json(200, serde_json::json!({"message": "Successfully updated"}))).await;
    let update = BucketUpdate {
        file_size_limit: Some(None),
        ..BucketUpdate::default()
    };
    project
        .buckets()
        .update(&BucketName::parse("my bucket").unwrap(), &update)
        .await
        .unwrap();
    let request = seen.lock().unwrap().remove(0);
    assert_eq!(request.line(), "PUT /storage/v1/bucket/my%20bucket");
    assert_eq!(request.json(), serde_json::json!({"file_size_limit": null}));
}

#[tokio::test]
async fn lists_all_pages_and_is_not_fooled_by_servers_without_pages() {
    let bucket = |n: usize| serde_json::json!({"id": format!("b{n:05}"), "name": format!("b{n:05}")});
    let (paged, seen) = project(move |request| {
        let offset: usize = request
            .path
            .split("offset=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        json(200, (offset..(offset + 1_000).min(1_500)).map(bucket).collect())
    })
    .await;
    assert_eq!(paged.buckets().list().await.unwrap().len(), 1_500);
    assert_eq!(seen.lock().unwrap().len(), 2);
    let (old, seen) = project(move |_| json(200, (0..1_500).map(bucket).collect())).await;
    assert_eq!(old.buckets().list().await.unwrap().len(), 1_500);
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn searches_sorts_and_stops_at_what_was_asked_for() {
    let bucket = |n: usize| serde_json::json!({"id": format!("b{n}"), "name": format!("b{n}"), "type": "ANALYTICS", "owner": ""});
    let (project, seen) = project(move |_| json(200, (0..3).map(bucket).collect())).await;
    let query = BucketQuery {
        search: Some("50% a&b".into()),
        sort: BucketSort::Updated,
        descending: true,
        offset: 7,
        limit: Some(2),
    };
    let buckets = project.buckets().search(&query).await.unwrap();
    // A server that gives more than was asked for.
    assert_eq!((buckets.len(), buckets[0].kind), (2, BucketKind::Analytics));
    assert_eq!(
        lines(&seen),
        ["GET /storage/v1/bucket?limit=2&offset=7&sortColumn=updated_at&sortOrder=desc&search=50%25%20a%26b"]
    );
}

#[test]
fn reads_what_servers_spell_in_more_than_one_way() {
    let read = |value| serde_json::from_value::<Bucket>(value).unwrap();
    let bucket = read(
        serde_json::json!({"id": "b", "name": "b", "file_size_limit": "1.5MB", "type": "VECTOR", "allowed_mime_types": ["image/png", 7], "new": {}}),
    );
    assert_eq!(
        (bucket.file_size_limit, bucket.kind),
        (Some(1_500_000), BucketKind::Other)
    );
    assert_eq!(bucket.allowed_mime_types, Some(vec!["image/png".to_owned()]));
    let bucket = read(serde_json::json!({"id": "b", "name": "b", "file_size_limit": null, "allowed_mime_types": null}));
    assert_eq!((bucket.file_size_limit, bucket.kind), (None, BucketKind::Standard));
}

#[test]
fn limits_are_numbers_with_decimal_units() {
    for (text, bytes) in [
        ("1KB", 1_000),
        ("20 mb", 20_000_000),
        ("1.5GB", 1_500_000_000),
        ("7b", 7),
        ("12", 12),
        ("0.5b", 0),
    ] {
        assert_eq!(SizeLimit::parse(text), Some(SizeLimit(bytes)), "{text}");
    }
    for bad in [
        "",
        "MB",
        "-1MB",
        "1.MB",
        "1 TB",
        "five",
        "1e3",
        "99999999999999999999",
        "99999999999GB",
    ] {
        assert_eq!(SizeLimit::parse(bad), None, "{bad}");
    }
}

#[test]
fn says_what_it_does_not_take() {
    let bucket = Bucket {
        id: "b".into(),
        name: "b".into(),
        kind: BucketKind::Standard,
        owner: None,
        public: true,
        file_size_limit: Some(1_000),
        allowed_mime_types: Some(vec!["image/*".into()]),
        created_at: None,
        updated_at: None,
    };
    assert!(bucket.takes(Some("image/png"), Some(1_000)).is_ok());
    assert!(bucket.takes(None, None).is_ok());
    assert_eq!(
        bucket.takes(Some("image/png"), Some(1_001)).unwrap_err().0,
        Class::TooLarge
    );
    assert_eq!(
        bucket.takes(Some("IMAGE/png"), Some(1)).unwrap_err().0,
        Class::WrongType
    );
}
