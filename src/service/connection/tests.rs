//! A healthy project, and each way in which one is not.

use std::sync::Mutex;

use ::http::StatusCode;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::http::testing::serve;
use crate::workspace::{BaseUrl, Dialect, ProviderSecrets};

const CANARY: &str = "sb_secret_canary-0123456789abcdef";

/// What was asked: "GET /storage/v1/bucket", and whether a key came with it.
type Asked = Arc<Mutex<Vec<(String, bool)>>>;

fn answer(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

/// Storage's way to refuse: HTTP 400, and the truth in the body.
fn storage_error(status: &str, code: &str, message: &str) -> Response {
    answer(
        400,
        json!({"statusCode": status, "error": code, "code": code, "message": message}),
    )
}

fn row(columns: &[crate::story::layout::Column]) -> Value {
    columns
        .iter()
        .map(|column| (column.name.to_owned(), Value::Null))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn counted_rows(row: &Value, total: u64) -> Response {
    let mut answer = answer(200, json!([row]));
    let range = format!("0-0/{total}").parse().unwrap();
    answer.headers_mut().insert("content-range", range);
    answer
}

/// What a project answers where all is well.
fn healthy(line: &str) -> Response {
    let object = json!({"name": "a.png", "id": "1", "created_at": null, "updated_at": null,
        "metadata": {"size": 70, "mimetype": "image/png", "eTag": "\"x\""}});
    let bucket = |name: &str, public: bool| json!({"id": name, "name": name, "public": public});
    match line.split('?').next().unwrap_or_default() {
        "GET /storage/v1/version" => "1.28.0".into_response(),
        "OPTIONS /storage/v1/upload/resumable" => ([("tus-version", "1.0.0")], "").into_response(),
        "POST /storage/v1/object/list-v2/story-images" => {
            answer(200, json!({"hasNext": false, "folders": [], "objects": [object]}))
        }
        "GET /storage/v1/bucket" => answer(200, json!([bucket("story-images", true), bucket("private", false)])),
        "GET /rest/v1/stories" => counted_rows(&row(crate::story::layout::STORY_COLUMNS), 38),
        "GET /rest/v1/scenes" => counted_rows(&row(crate::story::layout::SCENE_COLUMNS), 1_261),
        "GET /storage/v1/render/image/authenticated/story-images/a.png" => {
            ([("content-type", "image/png")], "picture").into_response()
        }
        "GET /ai/v1/models" => answer(200, json!({"data": [{"id": "writer"}, {"id": "painter"}]})),
        other => answer(404, json!({"message": format!("Route {other} not found")})),
    }
}

/// Serves `script`, and what a healthy project answers where that says nothing.
async fn project(script: impl Fn(&str) -> Option<Response> + Send + Sync + 'static) -> (Draft, Asked) {
    let asked = Asked::default();
    let (log, script) = (Arc::clone(&asked), Arc::new(script));
    let url = serve(Router::new().fallback(any(move |request: Request| {
        let line = format!("{} {}", request.method(), request.uri());
        let with_key = request.headers().contains_key("apikey");
        log.lock().unwrap().push((line.clone(), with_key));
        let script = Arc::clone(&script);
        async move { script(&line).unwrap_or_else(|| healthy(&line)) }
    })))
    .await;
    let provider = ProviderProfile {
        name: "Example".to_owned(),
        text_model: "writer".to_owned(),
        image_model: "painter".to_owned(),
        dialect: Dialect::OpenAi,
        ..ProviderProfile::new(BaseUrl::parse(&format!("{url}/ai/v1")).unwrap())
    };
    let draft = Draft {
        url: ProjectUrl::parse(&url).unwrap(),
        key: ApiKey::parse(CANARY).unwrap(),
        access: Access::Key,
        password: None,
        session: None,
        bucket: "story-images".to_owned(),
        tables: Tables::default(),
        providers: vec![(provider, ProviderSecrets::default())],
    };
    (draft, asked)
}

async fn checked(draft: &Draft) -> Vec<Check> {
    let checks = test(draft, &Arc::default(), &|_| {}).await;
    for check in &checks {
        let text = format!("{check:?}");
        assert!(!text.contains("canary"), "{text}");
        assert!(
            !matches!(check.state, CheckState::Waiting | CheckState::Running),
            "{text}"
        );
        assert!(check.state != CheckState::Failed || !check.advice.is_empty(), "{text}");
    }
    checks
}

fn found(checks: &[Check], id: CheckId) -> (CheckState, &str) {
    let check = checks.iter().find(|check| check.id == id).unwrap();
    (check.state, check.words.as_str())
}

fn fix(checks: &[Check], id: CheckId) -> Option<&Fix> {
    checks.iter().find(|check| check.id == id).unwrap().fix.as_ref()
}

fn token(claims: &str) -> ApiKey {
    ApiKey::parse(&format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))).unwrap()
}

#[tokio::test]
async fn a_healthy_project_passes_every_row() {
    let (draft, asked) = project(|_| None).await;
    let seen = Mutex::new(Vec::new());
    let checks = test(&draft, &Arc::default(), &|check| {
        seen.lock().unwrap().push((check.id, check.state));
    })
    .await;
    let words: Vec<_> = checks.iter().map(|check| (check.state, check.words.as_str())).collect();
    assert!(
        words[0].1.ends_with(" ms, on this computer, not encrypted"),
        "{words:?}"
    );
    assert_eq!(
        words[1..7],
        [
            (CheckState::Ok, "Version 1.28.0, resumable uploads, list v2"),
            (CheckState::Ok, "service_role, passes every access rule"),
            (CheckState::Ok, "2 buckets, 1 public and 1 private"),
            (CheckState::Ok, "public.stories, 38 rows, public.scenes, 1,261 rows"),
            (CheckState::Ok, "scenes.alt_text"),
            (CheckState::Ok, "Like the server's"),
        ]
    );
    assert!(words[7].1.starts_with("A 64 px preview in "), "{words:?}");
    assert_eq!(words[8], (CheckState::Ok, "2 models"));

    // Each row is told of as it waits, runs and ends, in order.
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen[..9], CheckId::ALL.map(|id| (id, CheckState::Waiting)));
    let running: Vec<_> = seen.iter().filter(|(_, state)| *state == CheckState::Running).collect();
    assert!(running.is_sorted_by_key(|(id, _)| *id) && running.len() > 4);

    // Nothing but questions was asked, and the first one without a key.
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0], ("GET /storage/v1/version".to_owned(), false));
    for (line, _) in asked.iter() {
        let reads = line.starts_with("GET ") || line.starts_with("OPTIONS ") || line.contains("/object/list");
        assert!(reads, "{line}");
    }
}

#[tokio::test]
async fn what_is_no_project_gets_no_key() {
    type Script = fn() -> Response;
    let cases: [(Script, &str); 6] = [
        (
            || ([("content-type", "text/html")], "<html>Welcome</html>").into_response(),
            "A web page answers there",
        ),
        (
            || (StatusCode::NOT_FOUND, [("content-type", "text/html")], "<html>").into_response(),
            "A web page answers there",
        ),
        (
            || {
                (
                    StatusCode::FOUND,
                    [("location", "https://elsewhere.example/x?token=canary")],
                )
                    .into_response()
            },
            "It sends on to https://elsewhere.example",
        ),
        (
            || StatusCode::from_u16(540).unwrap().into_response(),
            "The project is paused",
        ),
        (
            || storage_error("400", "TenantNotFound", "Missing tenant config for tenant x"),
            "There is no project at this address",
        ),
        (
            || (StatusCode::from_u16(521).unwrap(), "<html>").into_response(),
            "The gateway answers 521",
        ),
    ];
    for (script, words) in cases {
        let (draft, asked) = project(move |line| (!line.contains("/ai/")).then(script)).await;
        let checks = checked(&draft).await;
        let (state, said) = found(&checks, CheckId::Reachable);
        assert!(state == CheckState::Failed && said.starts_with(words), "{said}");
        assert_eq!(found(&checks, CheckId::Key).0, CheckState::Skipped);
        assert_eq!(
            found(&checks, CheckId::Provider).0,
            CheckState::Ok,
            "asked all the same"
        );
        assert!(asked.lock().unwrap().iter().all(|(_, with_key)| !with_key));
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_or_speaks_no_tls_is_told() {
    let (mut draft, _) = project(|_| None).await;
    draft.providers.clear();
    draft.url = ProjectUrl::parse(&draft.url.as_str().replace("http:", "https:")).unwrap();
    let checks = checked(&draft).await;
    let (state, words) = found(&checks, CheckId::Reachable);
    assert!(
        state == CheckState::Failed && words.contains("secure connection"),
        "{words}"
    );
    assert_eq!(fix(&checks, CheckId::Reachable), Some(&Fix::ChangeUrl));

    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    draft.url = ProjectUrl::parse(&free.local_addr().unwrap().to_string()).unwrap();
    drop(free);
    let checks = checked(&draft).await;
    let (state, words) = found(&checks, CheckId::Reachable);
    assert!(
        state == CheckState::Failed && words.starts_with("Nothing answers"),
        "{words}"
    );
    assert_eq!(
        found(&checks, CheckId::Provider),
        (CheckState::Skipped, "Built-in engines, no AI")
    );
}

#[tokio::test]
async fn a_key_that_says_itself_that_it_is_wrong_is_never_sent() {
    let (mut draft, asked) = project(|_| None).await;
    draft.key = token(r#"{"role":"anon","exp":1}"#);
    let checks = checked(&draft).await;
    assert_eq!(
        found(&checks, CheckId::Key),
        (CheckState::Failed, "This key ended on 1 Jan 1970")
    );
    assert_eq!(fix(&checks, CheckId::Key), Some(&Fix::ChangeKey));
    assert!(asked.lock().unwrap().iter().all(|(_, with_key)| !with_key));

    let of_another = token(r#"{"role":"anon","ref":"aaaaaaaaaaaaaaaaaaaa"}"#);
    draft.url = ProjectUrl::parse("bbbbbbbbbbbbbbbbbbbb.supabase.co").unwrap();
    draft.key = of_another;
    let wrong = entry::wrong_key(&draft, Timestamp::now()).unwrap();
    assert!(wrong.words.contains("aaaaaaaaaaaaaaaaaaaa"), "{}", wrong.words);
}

#[tokio::test]
async fn a_refused_key_says_why() {
    type Case = (fn() -> Response, &'static str, Fix);
    let cases: [Case; 4] = [
        (
            || storage_error("403", "AccessDenied", "Invalid Compact JWS"),
            "The server does not know this key",
            Fix::UseLegacyKey,
        ),
        (
            || storage_error("403", "AccessDenied", "signature verification failed"),
            "The key was signed by another project",
            Fix::ChangeKey,
        ),
        (
            || storage_error("403", "AccessDenied", "\"exp\" claim timestamp check failed"),
            "The key has ended",
            Fix::ChangeKey,
        ),
        (
            || answer(401, json!({"message": "Invalid API key", "hint": "Double check"})),
            "The key is not accepted",
            Fix::ChangeKey,
        ),
    ];
    for (script, words, expected) in cases {
        let open = |line: &str| line.contains("/version") || line.contains("/ai/");
        let (draft, _) = project(move |line| (!open(line)).then(script)).await;
        let checks = checked(&draft).await;
        let (state, said) = found(&checks, CheckId::Key);
        assert!(state == CheckState::Failed && said.starts_with(words), "{said}");
        assert_eq!(fix(&checks, CheckId::Key), Some(&expected));
        assert_eq!(found(&checks, CheckId::Stories).0, CheckState::Skipped);
    }
}

#[tokio::test]
async fn a_server_without_storage_is_told() {
    let (draft, _) = project(|line| {
        line.contains("/storage/")
            .then(|| answer(404, json!({"message": "no Route matched with those values"})))
    })
    .await;
    let checks = checked(&draft).await;
    assert_eq!(
        found(&checks, CheckId::StorageApi),
        (CheckState::Failed, "No Storage API")
    );
}

#[tokio::test]
async fn buckets_that_cannot_be_seen_or_read_are_told() {
    let with = |buckets: Value| {
        move |line: &str| (line.starts_with("GET /storage/v1/bucket")).then(|| answer(200, buckets.clone()))
    };
    let bucket = |name: &str, public: bool| json!({"id": name, "name": name, "public": public});
    for (key, buckets, words) in [
        ("sb_publishable_0123456789", json!([]), "No bucket is visible"),
        (CANARY, json!([]), "There are no buckets yet"),
        (
            CANARY,
            json!([bucket("other", true)]),
            "1 bucket, 1 public and 0 private; story-images is not among them",
        ),
        (
            CANARY,
            json!([bucket("story-images", false)]),
            "1 bucket, 0 public and 1 private; story-images is private",
        ),
    ] {
        let (mut draft, _) = project(with(buckets)).await;
        draft.key = ApiKey::parse(key).unwrap();
        assert_eq!(
            found(&checked(&draft).await, CheckId::Buckets),
            (CheckState::Warning, words)
        );
    }
}

#[tokio::test]
async fn tables_that_are_not_as_expected_come_with_the_sql() {
    let missing = |line: &str| {
        line.starts_with("GET /rest/v1/").then(|| {
            let message = "Could not find the table 'public.x' in the schema cache";
            answer(
                404,
                json!({"code": "PGRST205", "details": null, "hint": null, "message": message}),
            )
        })
    };
    let (draft, _) = project(missing).await;
    let checks = checked(&draft).await;
    assert_eq!(
        found(&checks, CheckId::Stories),
        (CheckState::Failed, "There is no table public.stories")
    );
    assert!(matches!(fix(&checks, CheckId::Stories), Some(Fix::CopySql(sql)) if sql.contains("create table")));
    assert_eq!(found(&checks, CheckId::AltText).0, CheckState::Skipped);

    let (draft, _) = project(move |line| {
        let other = line.starts_with("GET /rest/v1/public_stories");
        if other {
            let row = json!({"id": null, "title": null, "scenes": [], "cover_image_url": null});
            Some(counted_rows(&row, 3))
        } else {
            missing(line)
        }
    })
    .await;
    let checks = checked(&draft).await;
    let (state, words) = found(&checks, CheckId::Stories);
    assert!(
        state == CheckState::Ok && words.starts_with("public.public_stories, 3 rows, scenes as JSON in each"),
        "{words}"
    );
    assert_eq!(
        found(&checks, CheckId::AltText),
        (CheckState::Ok, "In the JSON of each scene")
    );

    let (draft, _) = project(move |line| {
        let other = line.starts_with("GET /rest/v1/public_stories");
        // It has the name, and is about something else.
        other
            .then(|| counted_rows(&json!({"id": 1, "views": 2}), 3))
            .or_else(|| missing(line))
    })
    .await;
    let checks = checked(&draft).await;
    assert_eq!(
        found(&checks, CheckId::Stories),
        (CheckState::Failed, "There is no table public.stories")
    );

    let (draft, _) = project(|line| {
        let message = "Could not find a relationship between 'stories' and 'scenes' in the schema cache";
        line.contains("scenes(")
            .then(|| answer(400, json!({"code": "PGRST200", "message": message})))
    })
    .await;
    let checks = checked(&draft).await;
    assert!(
        found(&checks, CheckId::Stories)
            .1
            .ends_with("no foreign key connects them")
    );
    assert_eq!(found(&checks, CheckId::Stories).0, CheckState::Warning);
    assert!(matches!(fix(&checks, CheckId::Stories), Some(Fix::CopySql(sql)) if sql.contains("foreign key")));

    let (draft, _) = project(|line| {
        let message = "permission denied for table stories";
        line.contains("/rest/v1/stories")
            .then(|| answer(403, json!({"code": "42501", "message": message})))
    })
    .await;
    let checks = checked(&draft).await;
    assert_eq!(
        found(&checks, CheckId::Stories),
        (CheckState::Failed, "This key may not read public.stories")
    );
}

#[tokio::test]
async fn an_older_layout_is_told_column_by_column() {
    // With a row, its columns can be seen.
    let (draft, _) = project(|line| {
        line.starts_with("GET /rest/v1/scenes").then(|| {
            let older = json!({"scene_id": null, "story_id": null, "sequence": 0, "text": "", "image_url": null,
                "title": null, "image_prompt": null, "updated_at": null});
            counted_rows(&older, 3)
        })
    })
    .await;
    let checks = checked(&draft).await;
    let (state, words) = found(&checks, CheckId::Stories);
    assert!(
        state == CheckState::Warning && words.ends_with("an older layout, without scenes.image_error"),
        "{words}"
    );
    let (state, words) = found(&checks, CheckId::AltText);
    assert!(
        state == CheckState::Warning && words.starts_with("scenes.alt_text is missing"),
        "{words}"
    );
    assert!(matches!(fix(&checks, CheckId::AltText), Some(Fix::CopySql(sql)) if sql.contains("alt_text text;")));

    // Without, they are asked for until the server has nothing left to miss.
    let (draft, _) = project(|line| {
        let empty = line.starts_with("GET /rest/v1/scenes?select=*");
        let lacks = ["alt_text", "sequence", "scene_number", "position"]
            .into_iter()
            .find(|column| line.contains(column));
        match lacks {
            _ if empty => {
                let mut none = answer(200, json!([]));
                none.headers_mut().insert("content-range", "*/0".parse().unwrap());
                Some(none)
            }
            Some(column) if line.starts_with("GET /rest/v1/scenes") => {
                let message = format!("column scenes.{column} does not exist");
                Some(answer(400, json!({"code": "42703", "message": message})))
            }
            _ if line.starts_with("GET /rest/v1/scenes") => Some(answer(200, json!([]))),
            _ => None,
        }
    })
    .await;
    let checks = checked(&draft).await;
    let (state, words) = found(&checks, CheckId::Stories);
    assert!(
        state == CheckState::Failed && words.ends_with("another layout, without scenes.sequence"),
        "{words}"
    );
    assert_eq!(found(&checks, CheckId::AltText).0, CheckState::Warning);
}

#[tokio::test]
async fn a_clock_that_is_off_is_told() {
    for (minutes, words) in [
        (-10, "10 min ahead of the server's"),
        (10, "10 min behind the server's"),
    ] {
        let (draft, _) = project(move |line| {
            let at = Timestamp::now() + jiff::SignedDuration::from_mins(minutes);
            let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let mut answer = healthy(line);
            answer.headers_mut().insert("date", date.parse().unwrap());
            Some(answer)
        })
        .await;
        assert_eq!(
            found(&checked(&draft).await, CheckId::Clock),
            (CheckState::Warning, words)
        );
    }
}

#[tokio::test]
async fn rendering_and_provider_say_what_they_lack() {
    let render = "GET /storage/v1/render/";
    for (status, body, words) in [
        (
            403,
            json!({"code": "FeatureNotEnabled", "message": "feature not enabled"}),
            "Not part of this project's plan",
        ),
        (
            404,
            json!({"message": "Route GET:/render not found"}),
            "This server does not scale pictures",
        ),
        (200, json!({}), "The answer is no picture"),
    ] {
        let (draft, _) = project(move |line| line.starts_with(render).then(|| answer(status, body.clone()))).await;
        assert_eq!(
            found(&checked(&draft).await, CheckId::Rendering),
            (CheckState::Warning, words)
        );
    }
    for (status, state, words) in [
        (401, CheckState::Failed, "The key is not accepted"),
        (200, CheckState::Warning, "1 model; not among them: painter"),
    ] {
        let (draft, _) = project(move |line| {
            line.contains("/ai/v1/models").then(|| {
                let body = json!({"data": [{"id": "models/writer"}], "error": {"message": "Incorrect API key"}});
                answer(status, body)
            })
        })
        .await;
        assert_eq!(found(&checked(&draft).await, CheckId::Provider), (state, words));
    }
    let (mut draft, _) = project(|_| None).await;
    let (provider, _) = &mut draft.providers[0];
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    provider.base_url = BaseUrl::parse(&format!("http://{}", free.local_addr().unwrap())).unwrap();
    drop(free);
    let checks = checked(&draft).await;
    let (state, words) = found(&checks, CheckId::Provider);
    assert!(
        state == CheckState::Failed && words.starts_with("Nothing answers"),
        "{words}"
    );
    assert_eq!(found(&checks, CheckId::Reachable).0, CheckState::Ok);
}
