//! The local server's rest API answers as PostgREST over the tables of stories does: its grammar, its error codes, and what
//! row level security hides.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use storymimi_studio::local::{Config, Secrets, Server};

struct Project {
    server: Server,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

/// Status, `Content-Range` and JSON of an answer.
struct Answer {
    status: StatusCode,
    range: String,
    body: Value,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Project {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path(), Secrets::supabase_defaults());
        #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
        let http = reqwest::Client::new();
        Self {
            server: Server::start(config).await.unwrap(),
            http,
            _folder: folder,
        }
    }

    async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = self
            .http
            .request(method, format!("{}/rest/v1/{path}", self.server.url()))
            .header("apikey", self.server.service_key());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let range = response.headers().get("content-range");
        Answer {
            status: response.status(),
            range: range.map_or_else(String::new, |range| range.to_str().unwrap().to_owned()),
            body: serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    async fn insert(&self, table: &str, body: Value) -> Value {
        let headers = [("prefer", "return=representation")];
        let answer = self.call(Method::POST, table, &headers, Some(body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body
    }

    /// Three stories named a, b, c; the first with two scenes, inserted out of order.
    async fn with_stories(&self) -> Vec<String> {
        let rows = self
            .insert(
                "stories",
                json!([
                    {"title": "a", "prompt": "fox", "status": "completed", "user_id": "u1"},
                    {"title": "b", "prompt": "50% off", "status": "failed", "user_id": null},
                    {"title": "c, d", "prompt": "Fox", "status": "pending", "user_id": "u2"},
                ]),
            )
            .await;
        let ids: Vec<String> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["story_id"].as_str().unwrap().to_owned())
            .collect();
        self.insert(
            "scenes",
            json!([
                {"story_id": ids[0], "sequence": 1, "text": "later"},
                {"story_id": ids[0], "sequence": 0, "text": "first"},
            ]),
        )
        .await;
        ids
    }

    async fn titles(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("stories?select=title&order=title&{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        answer
            .body
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["title"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn an_inserted_row_comes_back_with_its_defaults() {
    let project = Project::start().await;
    let rows = project
        .insert(
            "stories",
            json!({"title": "a \"quoted\" \u{1F98A}", "prompt": "p", "story_metadata": {"long key": [1, {"b": 2}], "a": null}}),
        )
        .await;
    let row = &rows[0];
    assert_eq!(row["title"], "a \"quoted\" \u{1F98A}");
    assert_eq!(row["status"], "pending");
    assert_eq!(row["story_metadata"], json!({"a": null, "long key": [1, {"b": 2}]}));
    assert_eq!(row["cover_image_url"], Value::Null);
    let created = row["created_at"].as_str().unwrap();
    assert!(created.ends_with("+00:00") && created.contains('T'), "{created}");
    assert!(created.parse::<jiff::Timestamp>().is_ok());
    uuid::Uuid::try_parse(row["story_id"].as_str().unwrap()).unwrap();
}

#[tokio::test]
async fn filters_choose_rows() {
    let project = Project::start().await;
    let ids = project.with_stories().await;
    for (query, expected) in [
        ("title=eq.a", vec!["a"]),
        ("title=neq.a", vec!["b", "c, d"]),
        ("title=gt.a&title=lte.b", vec!["b"]),
        ("title=in.(a,%22c,%20d%22)", vec!["a", "c, d"]),
        ("title=in.()", vec![]),
        ("title=not.in.(a,b)", vec!["c, d"]),
        ("user_id=is.null", vec!["b"]),
        ("user_id=not.is.null", vec!["a", "c, d"]),
        ("user_id=neq.u1", vec!["c, d"]),
        ("prompt=like.*ox", vec!["a", "c, d"]),
        ("prompt=like.fo*", vec!["a"]),
        ("prompt=ilike.fO*", vec!["a", "c, d"]),
        ("prompt=like.50\\%25*", vec!["b"]),
        ("prompt=ilike.*5\\%25*", vec![]),
        (
            "or=(status.eq.failed,and(status.eq.completed,user_id.eq.u1))",
            vec!["a", "b"],
        ),
        ("not.or=(status.eq.failed,status.eq.pending)", vec!["a"]),
        ("created_at=gt.2020-01-01", vec!["a", "b", "c, d"]),
        ("created_at=lt.2020-01-01T00:00:00Z", vec![]),
        ("limit=1&offset=1", vec!["b"]),
    ] {
        assert_eq!(project.titles(query).await, expected, "{query}");
    }
    let upper = ids[0].to_uppercase();
    assert_eq!(project.titles(&format!("story_id=eq.{upper}")).await, ["a"]);
}

#[tokio::test]
async fn hostile_filters_are_values_or_errors() {
    let project = Project::start().await;
    project.with_stories().await;
    for (query, code) in [
        ("stories?title%22%20OR%201=1--=eq.a", "42703"),
        ("stories?select=title);DROP%20TABLE%20stories;--", "PGRST100"),
        ("stories?select=(select%20name%20from%20buckets)", "PGRST200"),
        ("stories?select=rowid", "42703"),
        ("stories?order=title;DROP%20TABLE%20stories", "42703"),
        ("stories?order=(select%201)", "42703"),
        ("stories?limit=1;DROP", "22P02"),
        ("stories?or=(title.eq.a", "PGRST100"),
        ("stories?title=eq.%00", "22P05"),
        ("stories?story_id=eq.' OR 1=1", "22P02"),
        ("buckets?select=*", "PGRST205"),
        ("sqlite_master", "PGRST205"),
        ("stories%22", "PGRST205"),
        ("scenes?sequence=eq.99999999999999999999", "22003"),
    ] {
        let answer = project.get(query).await;
        assert_eq!(answer.code(), code, "{query}: {}", answer.body);
    }
    let value = "eq.'; DROP TABLE stories; --";
    assert!(project.titles(&format!("title={value}")).await.is_empty());
    assert_eq!(project.titles("").await.len(), 3, "nothing was lost");
    let long = vec!["a"; 20_000].join(",");
    assert_eq!(project.titles(&format!("title=in.({long})")).await, ["a"]);
}

#[tokio::test]
async fn tables_are_embedded_both_ways() {
    let project = Project::start().await;
    let ids = project.with_stories().await;
    let answer = project
        .get("stories?select=name:title,scenes(sequence,text)&scenes.order=sequence&order=title")
        .await;
    assert_eq!(
        answer.body[0],
        json!({"name": "a", "scenes": [{"sequence": 0, "text": "first"}, {"sequence": 1, "text": "later"}]})
    );
    assert_eq!(answer.body[1], json!({"name": "b", "scenes": []}));
    let answer = project.get("scenes?select=text,stories(title)&sequence=eq.0").await;
    assert_eq!(answer.body, json!([{"text": "first", "stories": {"title": "a"}}]));
    let answer = project
        .get("stories?select=title,scenes!inner(text)&scenes.sequence=eq.1")
        .await;
    assert_eq!(answer.body, json!([{"title": "a", "scenes": [{"text": "later"}]}]));
    let answer = project
        .get(&format!("stories?select=*,scenes(*)&story_id=eq.{}", ids[0]))
        .await;
    assert_eq!(answer.body[0]["scenes"][0]["story_id"], ids[0].as_str());
}

#[tokio::test]
async fn whether_embedded_tables_have_rows_is_asked_about() {
    let project = Project::start().await;
    project.with_stories().await;
    let titles = |answer: &Answer| {
        let rows = answer.body.as_array().unwrap().iter();
        rows.map(|row| row["title"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // What is embedded without columns is not in the answer.
    let answer = project.get("stories?select=title,scenes()&scenes=not.is.null").await;
    assert_eq!(answer.body, json!([{"title": "a"}]));
    let answer = project
        .get("stories?select=title,scenes()&scenes=is.null&order=title")
        .await;
    assert_eq!(titles(&answer), ["b", "c, d"]);
    // One table under two names, each with conditions of its own.
    let query =
        "stories?select=title,all:scenes(text),late:scenes()&late.sequence=eq.7&or=(late.not.is.null,title.eq.b)";
    assert_eq!(project.get(query).await.body, json!([{"title": "b", "all": []}]));
    let query =
        "stories?select=title,all:scenes(text),late:scenes()&late.sequence=eq.1&late=not.is.null&all.order=sequence";
    let answer = project.get(query).await;
    assert_eq!(
        answer.body,
        json!([{"title": "a", "all": [{"text": "first"}, {"text": "later"}]}])
    );
    assert_eq!(
        project.get("stories?select=*,scenes()&scenes=eq.1").await.code(),
        "PGRST120"
    );
    assert_eq!(project.get("stories?select=*&scenes=is.null").await.code(), "42703");
}

#[tokio::test]
async fn parts_of_json_are_asked_about() {
    let project = Project::start().await;
    let scenes = json!([
        {"image_url": "a\"b", "n": 5, "none": null},
        {"image_url": "c", "deep": {"list": [1, {"x": "y"}]}},
    ]);
    for (title, scenes) in [
        ("one", scenes),
        ("none", json!([])),
        ("text", json!("[]")),
        ("null", Value::Null),
    ] {
        let row = json!({ "title": title, "scenes": scenes });
        let answer = project.call(Method::POST, "public_stories", &[], Some(row)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
    }
    for (question, found) in [
        ("scenes->0->>image_url=eq.a%22b", vec!["one"]),
        ("scenes->0->>n=eq.5", vec!["one"]),
        ("scenes->0->n=eq.5", vec!["one"]),
        ("scenes->1->deep->list->1->>x=like.*y", vec!["one"]),
        ("scenes->1->deep=eq.{\"list\":[1,{\"x\":\"y\"}]}", vec!["one"]),
        ("scenes->2=is.null", vec!["none", "null", "one", "text"]),
        ("scenes->0->none=is.null", vec!["none", "null", "text"]),
        ("scenes->0->>none=is.null", vec!["none", "null", "one", "text"]),
        ("and=(scenes->0.is.null,scenes.not.is.null,scenes.neq.[])", vec!["text"]),
        (
            "or=(scenes->0->>image_url.eq.\"a\\\"b\",title.eq.null)",
            vec!["null", "one"],
        ),
        ("scenes=eq.[]", vec!["none"]),
        ("scenes=eq.\"[]\"", vec!["text"]),
        ("scenes->$.x->>y=eq.1", vec!["PGRST100"]),
        ("title->0=is.null", vec!["42883"]),
        ("scenes=like.*a*", vec!["42883"]),
        ("scenes->0=eq.nonsense", vec!["22P02"]),
    ] {
        let answer = project
            .get(&format!("public_stories?select=title&order=title&{question}"))
            .await;
        let titles: Vec<&str> = match answer.body.as_array() {
            Some(rows) => rows.iter().map(|row| row["title"].as_str().unwrap()).collect(),
            None => vec![answer.code()],
        };
        assert_eq!(titles, found, "{question} {:?}", answer.body);
    }
    // A change is made where the part is what somebody saw.
    let change = |seen: &str| format!("public_stories?title=eq.one&scenes->1->>image_url=eq.{seen}&select=title");
    let rows = [("prefer", "return=representation")];
    for (seen, changed) in [("c", 1), ("c", 0)] {
        let patch = json!({ "scenes": [], "featured": true });
        let answer = project.call(Method::PATCH, &change(seen), &rows, Some(patch)).await;
        assert_eq!(answer.body.as_array().unwrap().len(), changed, "{:?}", answer.body);
    }
    let answer = project
        .get("public_stories?select=featured,published,view_count&title=eq.one&featured=is.true")
        .await;
    assert_eq!(
        answer.body,
        json!([{"featured": true, "published": false, "view_count": 0}])
    );
}

#[tokio::test]
async fn counts_ranges_and_single_objects() {
    let project = Project::start().await;
    project.with_stories().await;
    let count = [("prefer", "count=exact")];
    let answer = project
        .call(Method::GET, "stories?limit=2&order=title", &count, None)
        .await;
    assert_eq!(
        (answer.status, answer.range.as_str()),
        (StatusCode::PARTIAL_CONTENT, "0-1/3")
    );
    let ranged = [("prefer", "count=exact"), ("range-unit", "items"), ("range", "2-9")];
    let answer = project.call(Method::GET, "stories", &ranged, None).await;
    assert_eq!(answer.range, "2-2/3");
    let answer = project.call(Method::GET, "stories?offset=5", &count, None).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (416, "PGRST103"));
    let answer = project.get("stories?title=eq.nobody").await;
    assert_eq!((answer.status, answer.range.as_str()), (StatusCode::OK, "*/*"));
    let single = [("accept", "application/vnd.pgrst.object+json")];
    let answer = project
        .call(Method::GET, "stories?title=eq.a&select=title", &single, None)
        .await;
    assert_eq!(answer.body, json!({"title": "a"}));
    let answer = project.call(Method::GET, "stories", &single, None).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (406, "PGRST116"));
    assert_eq!(answer.body["details"], "The result contains 3 rows");
}

#[tokio::test]
async fn other_schemas_are_not_exposed() {
    let project = Project::start().await;
    let storage = [("accept-profile", "storage")];
    let answer = project.call(Method::GET, "objects", &storage, None).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (406, "PGRST106"));
    let public = [("accept-profile", "public")];
    let answer = project.call(Method::GET, "stories", &public, None).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn changes_are_counted_where_a_count_is_wanted() {
    let project = Project::start().await;
    project.with_stories().await;
    let count = [("prefer", "count=exact")];
    let rows = json!([{"title": "d", "prompt": "p"}, {"title": "e", "prompt": "p"}]);
    let inserted = project.call(Method::POST, "stories", &count, Some(rows.clone())).await;
    assert_eq!(inserted.range, "*/2");
    let path = "stories?title=in.(a,d,e)";
    let updated = project
        .call(Method::PATCH, path, &count, Some(json!({"prompt": "q"})))
        .await;
    assert_eq!(updated.range, "0-2/3");
    let none = project
        .call(
            Method::PATCH,
            "stories?title=eq.nobody",
            &count,
            Some(json!({"prompt": "q"})),
        )
        .await;
    assert_eq!(none.range, "*/0");
    let deleted = project.call(Method::DELETE, path, &count, None).await;
    assert_eq!(deleted.range, "*/3");
    let uncounted = project.call(Method::POST, "stories", &[], Some(rows)).await;
    assert_eq!(uncounted.range, "*/*");
}

#[tokio::test]
async fn changes_return_what_they_changed() {
    let project = Project::start().await;
    let ids = project.with_stories().await;
    let shown = [("prefer", "return=representation")];
    let path = format!("stories?story_id=eq.{}&select=title,status", ids[1]);
    let change = json!({"title": "new", "status": "processing"});
    let answer = project.call(Method::PATCH, &path, &shown, Some(change)).await;
    assert_eq!(answer.body, json!([{"title": "new", "status": "processing"}]));
    let answer = project
        .call(
            Method::PATCH,
            "stories?title=eq.nobody",
            &shown,
            Some(json!({"title": "x"})),
        )
        .await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, json!([])));
    let answer = project
        .call(Method::PATCH, "stories", &[], Some(json!({"title": "x"})))
        .await;
    assert_eq!(answer.code(), "21000", "a change of every row is refused");
    // Asked for one object, a change of two is undone.
    let single = [
        ("prefer", "return=representation"),
        ("accept", "application/vnd.pgrst.object+json"),
    ];
    let answer = project
        .call(
            Method::PATCH,
            "stories?title=neq.new",
            &single,
            Some(json!({"title": "x"})),
        )
        .await;
    assert_eq!(answer.code(), "PGRST116");
    assert_eq!(project.titles("title=eq.x").await.len(), 0);
    let path = format!("stories?story_id=eq.{}", ids[0]);
    let answer = project.call(Method::DELETE, &path, &shown, None).await;
    assert_eq!(answer.body[0]["title"], "a");
    assert_eq!(project.get("scenes").await.body, json!([]), "its scenes went with it");
    let answer = project.call(Method::DELETE, &path, &[], None).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn upserts_merge_or_ignore() {
    let project = Project::start().await;
    let ids = project.with_stories().await;
    let row = json!({"story_id": ids[0], "title": "merged", "prompt": "p"});
    let merge = [("prefer", "resolution=merge-duplicates,return=representation")];
    let answer = project
        .call(Method::POST, "stories?on_conflict=story_id", &merge, Some(row.clone()))
        .await;
    assert_eq!(
        (answer.status, answer.body[0]["title"].as_str()),
        (StatusCode::OK, Some("merged"))
    );
    assert_eq!(
        answer.body[0]["status"], "completed",
        "columns that were not sent are kept"
    );
    let ignore = [("prefer", "resolution=ignore-duplicates,return=representation")];
    let answer = project.call(Method::POST, "stories", &ignore, Some(row.clone())).await;
    assert_eq!(answer.body, json!([]));
    let answer = project.call(Method::POST, "stories", &[], Some(row)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "23505"));
}

#[tokio::test]
async fn bad_bodies_get_postgres_codes_and_change_nothing() {
    let project = Project::start().await;
    let nobody = uuid::Uuid::nil().to_string();
    for (table, body, status, code) in [
        (
            "stories",
            json!({"title": "a", "prompt": "p", "nope": 1}),
            400,
            "PGRST204",
        ),
        ("stories", json!({"title": "a"}), 400, "23502"),
        (
            "stories",
            json!({"title": "a", "prompt": "p", "story_id": "x"}),
            400,
            "22P02",
        ),
        (
            "stories",
            json!({"title": "a", "prompt": "p", "status": "COMPLETED"}),
            400,
            "23514",
        ),
        (
            "stories",
            json!([{"title": "a", "prompt": "p"}, {"title": "b"}]),
            400,
            "PGRST102",
        ),
        ("stories", json!("text"), 400, "PGRST102"),
        (
            "scenes",
            json!({"story_id": nobody, "sequence": 0, "text": "t"}),
            409,
            "23503",
        ),
        (
            "scenes",
            json!({"story_id": nobody, "sequence": "x", "text": "t"}),
            400,
            "22P02",
        ),
        ("users", json!({}), 404, "PGRST205"),
    ] {
        let answer = project.call(Method::POST, table, &[], Some(body.clone())).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{body}: {}",
            answer.body
        );
    }
    let half = json!([
        {"story_id": nobody, "title": "a", "prompt": "p"},
        {"story_id": nobody, "title": "b", "prompt": "p"},
    ]);
    assert_eq!(
        project.call(Method::POST, "stories", &[], Some(half)).await.code(),
        "23505"
    );
    assert_eq!(project.get("stories").await.body, json!([]), "all rows or none");
}

#[tokio::test]
async fn visitors_see_nothing_and_write_nothing() {
    let project = Project::start().await;
    project.with_stories().await;
    let anon = format!("Bearer {}", project.server.anon_key());
    let anon = [("authorization", anon.as_str()), ("prefer", "return=representation")];
    assert_eq!(project.call(Method::GET, "stories", &anon, None).await.body, json!([]));
    let row = json!({"title": "x", "prompt": "p"});
    let answer = project.call(Method::POST, "stories", &anon, Some(row)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (401, "42501"));
    let answer = project
        .call(Method::PATCH, "stories?title=eq.a", &anon, Some(json!({"title": "x"})))
        .await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, json!([])));
    let answer = project.call(Method::DELETE, "stories?title=neq.x", &anon, None).await;
    assert_eq!(answer.body, json!([]));
    assert_eq!(project.titles("").await, ["a", "b", "c, d"]);
    let forged = [("authorization", "Bearer not-a-jwt")];
    let answer = project.call(Method::GET, "stories", &forged, None).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (401, "PGRST301"));
    let url = format!("{}/rest/v1/stories", project.server.url());
    assert_eq!(
        project.http.get(url).send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}
