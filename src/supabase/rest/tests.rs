//! Questions are written as PostgREST reads them, and writes touch what was named.

use ::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::Deserialize;
use serde_json::json;

use super::super::Class;
use super::super::testing::{json, lines, project};
use super::*;

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Row {
    id: u64,
}

fn decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .unwrap()
        .into_owned()
}

#[tokio::test]
async fn writes_questions_as_postgrest_reads_them() {
    let (project, seen) = project(|_| json(200, json!([{"id": 1, "unknown": true}]))).await;
    let rows: Vec<Row> = project
        .rest()
        .from("stories")
        .select("*,scenes(*)")
        .eq("story_id", "a&b=c d")
        .is_in("status", ["a,b", "say \"hi\"", "c)", "back\\slash"])
        .contains("title", "50%_*")
        .is_null("deleted_at")
        .order("created_at", Order::Desc)
        .range(0, 99)
        .fetch()
        .await
        .unwrap();
    assert_eq!(rows, [Row { id: 1 }]);
    let path = seen.lock().unwrap()[0].path.clone();
    assert!(path.contains("story_id=eq.a%26b%3Dc%20d"), "{path}");
    assert_eq!(
        decoded(&path),
        "/rest/v1/stories?select=*,scenes(*)&story_id=eq.a&b=c d&status=in.(\"a,b\",\"say \\\"hi\\\"\",\"c)\",\"back\\\\slash\")\
         &title=ilike.*50\\%\\__*&deleted_at=is.null&order=created_at.desc.nullslast&offset=0&limit=100"
    );
}

#[tokio::test]
async fn a_write_without_a_filter_is_refused() {
    let (project, seen) = project(|_| json(200, json!([]))).await;
    let table = project.rest().from("stories");
    assert_eq!(
        table.update::<Row>(&json!({"a": 1})).await.unwrap_err().class,
        Class::Invalid
    );
    assert_eq!(table.delete::<Row>().await.unwrap_err().class, Class::Invalid);
    assert_eq!(
        table
            .clone()
            .eq("id", 1)
            .limit(1)
            .delete::<Row>()
            .await
            .unwrap_err()
            .class,
        Class::Invalid
    );
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_write_tells_which_rows_it_changed() {
    let (project, seen) = project(|_| json(200, json!([]))).await;
    let table = project.rest().from("stories");
    // Hidden by a policy: a success that changed nothing.
    assert!(
        table
            .clone()
            .eq("id", 1)
            .update::<Row>(&json!({"title": "x"}))
            .await
            .unwrap()
            .is_empty()
    );
    table.clone().eq("id", 1).delete::<Row>().await.unwrap();
    table.insert::<Row>(&[json!({"id": 1})]).await.unwrap();
    table.upsert::<Row>(&json!({"id": 1}), "id").await.unwrap();
    let seen = seen.lock().unwrap();
    let lines: Vec<_> = seen.iter().map(super::super::testing::Seen::line).collect();
    assert_eq!(
        lines,
        [
            "PATCH /rest/v1/stories?id=eq.1",
            "DELETE /rest/v1/stories?id=eq.1",
            "POST /rest/v1/stories",
            "POST /rest/v1/stories?on_conflict=id"
        ]
    );
    assert!(
        seen.iter()
            .all(|request| request.header("prefer").unwrap().contains("return=representation"))
    );
}

#[tokio::test]
async fn a_change_found_by_what_it_changes_is_not_repeated() {
    let (project, seen) = project(|_| StatusCode::BAD_GATEWAY.into_response()).await;
    let row = project.rest().from("scenes").eq("id", 1);
    let error = row
        .clone()
        .eq("image_url", "old")
        .update::<Row>(&json!({"image_url": "new"}))
        .await
        .unwrap_err();
    assert_eq!((error.class, seen.lock().unwrap().len()), (Class::Ambiguous, 1));
    let error = row.update::<Row>(&json!({"image_url": "new"})).await.unwrap_err();
    assert_eq!((error.class, seen.lock().unwrap().len()), (Class::Busy, 5));
}

#[tokio::test]
async fn reads_all_rows_of_a_project_that_gives_few_at_once() {
    let (project, seen) = project(|request| {
        let offset: u64 = request
            .path
            .split("offset=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let rows: Vec<_> = (offset..(offset + 400).min(1_000))
            .map(|id| json!({"id": id}))
            .collect();
        let range = format!("{offset}-{}/1000", offset + rows.len() as u64 - 1);
        (
            StatusCode::PARTIAL_CONTENT,
            [("content-range", range)],
            axum::Json(rows),
        )
            .into_response()
    })
    .await;
    let rows: Vec<Row> = project
        .rest()
        .from("scenes")
        .order("id", Order::Asc)
        .fetch_all()
        .await
        .unwrap();
    assert_eq!((rows.len(), rows[999].id, seen.lock().unwrap().len()), (1_000, 999, 3));
}

#[tokio::test]
async fn a_range_after_the_last_row_is_no_rows() {
    let (project, _) = project(|request| {
        if request.path.contains("offset=0") {
            (StatusCode::OK, [("content-range", "*/7")], "[]").into_response()
        } else {
            json(
                416,
                json!({"code": "PGRST103", "message": "Requested range not satisfiable"}),
            )
        }
    })
    .await;
    let counted: Counted<Row> = project
        .rest()
        .from("scenes")
        .range(100, 199)
        .fetch_counted()
        .await
        .unwrap();
    assert_eq!(
        counted,
        Counted {
            rows: Vec::new(),
            total: 7
        }
    );
}

#[tokio::test]
async fn errors_of_the_database_are_understood() {
    let (project, _) = project(|_| {
        json(404, json!({"code": "PGRST205", "details": null, "hint": "Perhaps you meant the table 'public.stories'", "message": "Could not find the table"}))
    })
    .await;
    let error = project.rest().from("storys").fetch::<Row>().await.unwrap_err();
    assert_eq!(
        (error.class, error.code.as_deref()),
        (Class::NotFound, Some("PGRST205"))
    );
    assert!(error.message.contains("Perhaps you meant") && error.hint().contains("no such table"));
}

#[tokio::test]
async fn asks_about_embedded_rows_groups_and_schemas() {
    let (project, seen) = project(|_| json(200, json!([]))).await;
    let query = project
        .rest()
        .schema("studio")
        .from("stories")
        .select("*,scenes!inner(*)")
        .filter(Condition::any([
            Condition::eq("status", "failed"),
            Condition::is_null("cover"),
        ]))
        .filter(Condition::any([]))
        .filter_embedded("scenes", Condition::is_null("image_url").not())
        .order_embedded("scenes", "sequence", Order::AscAbsentFirst)
        .limit_embedded("scenes", 1);
    query.fetch::<Row>().await.unwrap();
    let request = seen.lock().unwrap().remove(0);
    assert_eq!(
        decoded(&request.path),
        "/rest/v1/stories?select=*,scenes!inner(*)&or=(status.eq.\"failed\",cover.is.null)&scenes.image_url=not.is.null\
         &scenes.order=sequence.asc.nullsfirst&scenes.limit=1"
    );
    assert_eq!(request.header("accept-profile"), Some("studio"));
    // What is asked of embedded rows does not choose which rows are changed.
    let embedded = project
        .rest()
        .from("stories")
        .filter_embedded("scenes", Condition::eq("id", 1));
    assert_eq!(embedded.delete::<Row>().await.unwrap_err().class, Class::Invalid);
    let nothing = project.rest().from("stories").filter(Condition::any([]));
    assert_eq!(nothing.delete::<Row>().await.unwrap_err().class, Class::Invalid);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn one_row_none_and_many_are_told_apart() {
    let (project, seen) = project(|request| match request.header("accept") {
        Some("application/vnd.pgrst.object+json") if request.path.contains("eq.1") => json(200, json!({"id": 1})),
        Some("application/vnd.pgrst.object+json") => json(
            406,
            json!({"code": "PGRST116", "details": "The result contains 0 rows", "hint": null, "message": "Cannot coerce the result to a single JSON object"}),
        ),
        _ if request.path.contains("eq.1") => json(200, json!([{"id": 1}])),
        _ if request.path.contains("eq.2") => json(200, json!([{"id": 2}, {"id": 2}])),
        _ => json(200, json!([])),
    })
    .await;
    let row = |id: u64| project.rest().from("stories").eq("id", id);
    assert_eq!(row(1).fetch_one::<Row>().await.unwrap(), Row { id: 1 });
    let error = row(3).fetch_one::<Row>().await.unwrap_err();
    assert_eq!(
        (error.class, error.code.as_deref()),
        (Class::NotFound, Some("PGRST116"))
    );
    assert_eq!(row(1).fetch_optional::<Row>().await.unwrap(), Some(Row { id: 1 }));
    assert_eq!(row(3).fetch_optional::<Row>().await.unwrap(), None);
    assert_eq!(row(2).fetch_optional::<Row>().await.unwrap_err().class, Class::Invalid);
    assert_eq!(lines(&seen)[2], "GET /rest/v1/stories?id=eq.1&offset=0&limit=2");
}

#[tokio::test]
async fn counts_without_reading() {
    let (project, seen) = project(|request| {
        let range = if request.path.contains("eq.1") {
            "0-24/3573"
        } else {
            "*/*"
        };
        [("content-range", range)].into_response()
    })
    .await;
    let table = project.rest().from("stories");
    assert_eq!(table.clone().eq("id", 1).count(Count::Planned).await.unwrap(), 3_573);
    let error = table.count(Count::Estimated).await.unwrap_err();
    assert_eq!(error.class, Class::Unexpected);
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].line(), "HEAD /rest/v1/stories?id=eq.1");
    assert_eq!(seen[0].header("prefer"), Some("count=planned"));
}

#[tokio::test]
async fn says_how_rows_are_written() {
    let (project, seen) = project(|_| json(200, json!([]))).await;
    let table = project.rest().schema("studio").from("stories").missing_default();
    table.insert_missing::<Row>(&[json!({"id": 1})], "id").await.unwrap();
    table.eq("id", 1).at_most(1).delete::<Row>().await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(
        seen[0].header("prefer"),
        Some("resolution=ignore-duplicates,return=representation,missing=default")
    );
    assert_eq!(seen[0].header("content-profile"), Some("studio"));
    assert_eq!(
        seen[1].header("prefer"),
        Some("return=representation,missing=default,handling=strict,max-affected=1")
    );
}
