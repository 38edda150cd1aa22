//! Who may do what on the local server: every route, for the service key, a visitor's key, a user, and nobody; on a server
//! as a fresh project is, and on one whose editors may work.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use reqwest::{Method, Response};
use serde_json::{Value, json};
use storymimi_studio::http::Secret;
use storymimi_studio::local::{Config, EditorBuckets, Policy, Secrets, Server};

const STORY: &str = "6f1a2c1e-0000-4000-8000-000000000001";
const OTHER: &str = "6f1a2c1e-0000-4000-8000-000000000002";
const EMAIL: &str = "pip@example.org";
const PASSWORD: &str = "fox by the sea";
const TUS: &str = "/storage/v1/upload/resumable";

struct Project {
    server: Server,
    http: reqwest::Client,
    /// The access token of a user, and the user's id.
    user: String,
    user_id: String,
    _folder: tempfile::TempDir,
}

impl Project {
    /// Buckets `art` and `vault` (private), `open` (public), `scrap` and `empty`; a story with a scene; a user.
    async fn start(policy: Policy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            policy,
            ..Config::new(folder.path(), Secrets::supabase_defaults())
        };
        let server = Server::start(config).await.unwrap();
        server.ensure_user(EMAIL, &Secret::exact(PASSWORD)).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
        let http = reqwest::Client::new();
        let mut project = Self {
            server,
            http,
            user: String::new(),
            user_id: String::new(),
            _folder: folder,
        };
        let service = project.server.service_key().to_owned();
        let key = Some(service.as_str());
        for (bucket, public) in [
            ("art", false),
            ("vault", false),
            ("open", true),
            ("scrap", false),
            ("empty", false),
        ] {
            let body = json!({"name": bucket, "public": public});
            project.ok(key, "POST", "/storage/v1/bucket", body).await;
            if bucket != "empty" {
                let path = format!("/storage/v1/object/{bucket}/a.png");
                project.ok(key, "POST", &path, json!({"any": "bytes"})).await;
            }
        }
        project.ok(key, "POST", "/rest/v1/stories", story(STORY)).await;
        let scene = json!({"story_id": STORY, "sequence": 0, "text": "Pip."});
        project.ok(key, "POST", "/rest/v1/scenes", scene).await;
        let tokens = project
            .ok(
                None,
                "POST",
                "/auth/v1/token?grant_type=password",
                json!({"email": EMAIL, "password": PASSWORD}),
            )
            .await;
        project.user = tokens["access_token"].as_str().unwrap().to_owned();
        project.user_id = tokens["user"]["id"].as_str().unwrap().to_owned();
        project
    }

    async fn send(&self, token: Option<&str>, method: &str, path: &str, prefer: &str, body: &Value) -> Response {
        let url = format!("{}{path}", self.server.url());
        let mut request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        if let Some(token) = token {
            request = request.header("apikey", token).bearer_auth(token);
        }
        if !prefer.is_empty() {
            request = request.header("prefer", prefer);
        }
        if path == TUS {
            // `art` and `tus.png` in base64. An upload of nothing is an object as soon as it is begun.
            request = request
                .header("tus-resumable", "1.0.0")
                .header("upload-length", "0")
                .header("upload-metadata", "bucketName YXJ0,objectName dHVzLnBuZw==");
        }
        if !body.is_null() {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    async fn ok(&self, token: Option<&str>, method: &str, path: &str, body: Value) -> Value {
        let response = self.send(token, method, path, "", &body).await;
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// The outcome in short: the status, and the error's code or the number of rows.
    async fn outcome(&self, token: Option<&str>, case: &Case) -> String {
        let response = self.send(token, case.method, &case.path, case.prefer, &case.body).await;
        let status = response.status().as_u16();
        let is_json = response
            .headers()
            .get("content-type")
            .is_some_and(|kind| kind.to_str().unwrap().contains("json"));
        let body: Value = match is_json && case.method != "HEAD" {
            true => response.json().await.unwrap(),
            false => Value::Null,
        };
        let found = |row: &&Value| row.get("error").is_none_or(Value::is_null);
        match &body {
            Value::Array(rows) => format!("{status} {} rows", rows.iter().filter(found).count()),
            _ if status < 400 => match body.get("objects").and_then(Value::as_array) {
                Some(rows) => format!("{status} {} rows", rows.len()),
                None => status.to_string(),
            },
            _ => {
                let code = body.get("error_code").or(body.get("code")).and_then(Value::as_str);
                format!("{status} {}", code.unwrap_or_default()).trim_end().to_owned()
            }
        }
    }
}

fn story(id: &str) -> Value {
    json!({"story_id": id, "title": "Pip", "prompt": "a fox"})
}

struct Case {
    method: &'static str,
    path: String,
    prefer: &'static str,
    body: Value,
    /// Service key, visitor's key, user without a policy, nobody, user as an editor.
    expected: [&'static str; 5],
}

const SERVICE: usize = 0;
const ANON: usize = 1;
const USER: usize = 2;
const NOBODY: usize = 3;
const EDITOR: usize = 4;

fn case(method: &'static str, path: impl Into<String>, body: Value, expected: [&'static str; 5]) -> Case {
    Case {
        method,
        path: path.into(),
        prefer: "",
        body,
        expected,
    }
}

/// Storage without a token is refused by the schema.
const NO_TOKEN: &str = "400 InvalidRequest";
const DENIED: &str = "400 AccessDenied";
const NO_KEY: &str = "400 NoSuchKey";
const NO_BUCKET: &str = "400 NoSuchBucket";

/// Only the service key; others are answered alike.
fn service_only(ok: &'static str, refusal: &'static str) -> [&'static str; 5] {
    [ok, refusal, refusal, NO_TOKEN, refusal]
}

/// The service key and editors; others are answered alike.
fn editors(ok: &'static str, refusal: &'static str) -> [&'static str; 5] {
    [ok, refusal, refusal, NO_TOKEN, ok]
}

fn storage_cases() -> Vec<Case> {
    let storage = |method, path: &str, body, expected| case(method, format!("/storage/v1{path}"), body, expected);
    let bytes = || json!({"more": "bytes"});
    let route = |from: &str, to: &str| json!({"bucketId": "art", "sourceKey": from, "destinationKey": to});
    vec![
        storage("GET", "/bucket", Value::Null, editors("200 5 rows", "200 0 rows")),
        storage(
            "GET",
            "/bucket?limit=2&offset=4",
            Value::Null,
            editors("200 1 rows", "200 0 rows"),
        ),
        storage("GET", "/bucket/art", Value::Null, editors("200", NO_BUCKET)),
        storage("POST", "/bucket", json!({"name": "new"}), service_only("200", DENIED)),
        storage(
            "PUT",
            "/bucket/art",
            json!({"public": false}),
            service_only("200", NO_BUCKET),
        ),
        storage(
            "DELETE",
            "/bucket/art",
            Value::Null,
            service_only("400 ResourceNotEmpty", "400 ResourceNotEmpty"),
        ),
        storage(
            "DELETE",
            "/bucket/nowhere",
            Value::Null,
            service_only(NO_BUCKET, NO_BUCKET),
        ),
        storage("DELETE", "/bucket/empty", Value::Null, service_only("200", NO_BUCKET)),
        storage(
            "POST",
            "/bucket/scrap/empty",
            Value::Null,
            service_only("200", "403 AccessDenied"),
        ),
        storage("POST", "/object/art/b.png", bytes(), editors("200", DENIED)),
        storage("PUT", "/object/art/c.png", bytes(), editors("200", DENIED)),
        storage("PUT", "/object/art/a.png", bytes(), editors("200", DENIED)),
        storage("POST", "/object/open/b.png", bytes(), editors("200", DENIED)),
        storage(
            "POST",
            "/object/nowhere/b.png",
            bytes(),
            service_only(NO_BUCKET, NO_BUCKET),
        ),
        storage(
            "GET",
            "/object/authenticated/art/a.png",
            Value::Null,
            editors("200", NO_KEY),
        ),
        storage(
            "HEAD",
            "/object/authenticated/art/a.png",
            Value::Null,
            ["200", "400", "400", "400", "200"],
        ),
        storage(
            "GET",
            "/object/art/a.png",
            Value::Null,
            ["200", NO_KEY, NO_KEY, NO_BUCKET, "200"],
        ),
        storage("GET", "/object/open/a.png", Value::Null, ["200"; 5]),
        storage("GET", "/object/public/open/a.png", Value::Null, ["200"; 5]),
        storage("GET", "/object/public/art/a.png", Value::Null, [NO_BUCKET; 5]),
        storage("GET", "/object/info/art/a.png", Value::Null, editors("200", NO_KEY)),
        storage(
            "GET",
            "/object/info/authenticated/art/a.png",
            Value::Null,
            editors("200", NO_KEY),
        ),
        storage("GET", "/object/info/public/open/a.png", Value::Null, ["200"; 5]),
        storage("GET", "/object/info/public/art/a.png", Value::Null, [NO_BUCKET; 5]),
        storage(
            "POST",
            "/object/list/vault",
            json!({"prefix": ""}),
            editors("200 1 rows", "200 0 rows"),
        ),
        storage(
            "POST",
            "/object/list-v2/vault",
            json!({"prefix": ""}),
            editors("200 1 rows", "200 0 rows"),
        ),
        storage(
            "POST",
            "/object/sign/art/a.png",
            json!({"expiresIn": 60}),
            editors("200", NO_KEY),
        ),
        storage(
            "POST",
            "/object/sign/art",
            json!({"expiresIn": 60, "paths": ["a.png", "nowhere"]}),
            editors("200 1 rows", "200 0 rows"),
        ),
        storage(
            "GET",
            "/object/sign/art/a.png?token=x",
            Value::Null,
            ["400 InvalidJWT"; 5],
        ),
        storage(
            "POST",
            "/object/upload/sign/art/d.png",
            Value::Null,
            editors("200", DENIED),
        ),
        storage(
            "PUT",
            "/object/upload/sign/art/d.png?token=x",
            bytes(),
            ["400 InvalidJWT"; 5],
        ),
        storage("POST", "/object/copy", route("a.png", "e.png"), editors("200", NO_KEY)),
        storage("POST", "/object/move", route("a.png", "f.png"), editors("200", NO_KEY)),
        case("POST", TUS, Value::Null, ["201", "403", "403", DENIED, "201"]),
        storage(
            "DELETE",
            "/object/art/nowhere.png",
            Value::Null,
            service_only(NO_KEY, NO_KEY),
        ),
        storage("DELETE", "/object/open/a.png", Value::Null, editors("200", DENIED)),
        storage(
            "DELETE",
            "/object/vault",
            json!({"prefixes": ["a.png", "nowhere.png"]}),
            editors("200 1 rows", "200 0 rows"),
        ),
    ]
}

fn table_cases() -> Vec<Case> {
    let refused = ["401 42501", "403 42501"];
    let rows = |method, path: &str, body, ok: &'static str| Case {
        prefer: "return=representation",
        ..case(method, path, body, [ok, "200 0 rows", "200 0 rows", "401", ok])
    };
    let insert = |path: &str, prefer, body, ok: &'static str| Case {
        prefer,
        ..case("POST", path, body, [ok, refused[0], refused[1], "401", ok])
    };
    let one = format!("/rest/v1/stories?story_id=eq.{STORY}");
    vec![
        case("GET", "/rest/v1/", Value::Null, ["200", "200", "200", "401", "200"]),
        rows("GET", "/rest/v1/stories?select=*,scenes(*)", Value::Null, "200 1 rows"),
        rows("GET", "/rest/v1/scenes", Value::Null, "200 1 rows"),
        insert("/rest/v1/stories", "", story(OTHER), "201"),
        insert("/rest/v1/stories", "resolution=merge-duplicates", story(OTHER), "200"),
        insert(
            "/rest/v1/scenes",
            "",
            json!({"story_id": STORY, "sequence": 1, "text": "And then."}),
            "201",
        ),
        rows("PATCH", &one, json!({"title": "Pip and the sea"}), "200 1 rows"),
        case(
            "PATCH",
            one.clone(),
            json!({"title": "Pip"}),
            ["204", "204", "204", "401", "204"],
        ),
        rows("DELETE", "/rest/v1/scenes?sequence=eq.0", Value::Null, "200 1 rows"),
        rows("DELETE", &one, Value::Null, "200 1 rows"),
    ]
}

fn other_cases() -> Vec<Case> {
    const NO_SUB: &str = "403 bad_jwt";
    const NOT_ADMIN: &str = "403 not_admin";
    const NO_BEARER: &str = "401 no_authorization";
    let admin = |method, path: &str, body, ok: &'static str| {
        case(method, path, body, [ok, NOT_ADMIN, NOT_ADMIN, NO_BEARER, NOT_ADMIN])
    };
    let account =
        |method, path: &str, body, ok: &'static str| case(method, path, body, [NO_SUB, NO_SUB, ok, NO_BEARER, ok]);
    vec![
        case("GET", "/auth/v1/health", Value::Null, ["200"; 5]),
        case("GET", "/auth/v1/settings", Value::Null, ["200"; 5]),
        case(
            "POST",
            "/auth/v1/signup",
            json!({"email": "a@b.c", "password": "123456"}),
            ["422 signup_disabled"; 5],
        ),
        case(
            "POST",
            "/auth/v1/token?grant_type=password",
            json!({"email": EMAIL, "password": "wrong"}),
            ["400 invalid_credentials"; 5],
        ),
        case(
            "POST",
            "/auth/v1/token?grant_type=refresh_token",
            json!({"refresh_token": "made up"}),
            ["400 refresh_token_not_found"; 5],
        ),
        admin("GET", "/auth/v1/admin/users", Value::Null, "200"),
        admin(
            "POST",
            "/auth/v1/admin/users",
            json!({"email": "new@example.org"}),
            "200",
        ),
        admin(
            "GET",
            &format!("/auth/v1/admin/users/{STORY}"),
            Value::Null,
            "404 user_not_found",
        ),
        admin(
            "PUT",
            &format!("/auth/v1/admin/users/{STORY}"),
            json!({}),
            "404 user_not_found",
        ),
        admin(
            "DELETE",
            &format!("/auth/v1/admin/users/{STORY}"),
            Value::Null,
            "404 user_not_found",
        ),
        account("GET", "/auth/v1/user", Value::Null, "200"),
        account("PUT", "/auth/v1/user", json!({"data": {"name": "Pip"}}), "200"),
        case("GET", "/ai/v1/models", Value::Null, ["200", "200", "200", "401", "200"]),
        case(
            "GET",
            "/studio/v1/challenge?nonce=0123456789abcdef",
            Value::Null,
            ["200"; 5],
        ),
        case("GET", "/studio/v1/challenge?nonce=short", Value::Null, ["400"; 5]),
        // Last: the user's session ends here.
        account("POST", "/auth/v1/logout", Value::Null, "204"),
    ]
}

async fn check(policy: Policy, callers: &[usize]) {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for &caller in callers {
        // A project of its own for each: what one may change, the next finds as it was.
        let project = Project::start(policy.clone()).await;
        let token = match caller {
            SERVICE => Some(project.server.service_key()),
            ANON => Some(project.server.anon_key()),
            NOBODY => None,
            _ => Some(project.user.as_str()),
        };
        for case in storage_cases().iter().chain(&table_cases()).chain(&other_cases()) {
            let (got, expected) = (project.outcome(token, case).await, case.expected[caller]);
            checked += 1;
            if got != expected {
                let who = ["service", "anon", "user", "nobody", "editor"][caller];
                wrong.push(format!("{who}: {} {} → {got}, not {expected}", case.method, case.path));
            }
        }
    }
    assert!(checked >= 60 * callers.len(), "only {checked} answers were looked at");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_fresh_project_only_the_service_key_works() {
    check(Policy::ServiceOnly, &[SERVICE, ANON, USER, NOBODY]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_policy_for_editors_users_work_and_nobody_else_gains() {
    check(Policy::Editors(EditorBuckets::All), &[SERVICE, ANON, NOBODY, EDITOR]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn editors_of_named_buckets_see_no_other() {
    let named = EditorBuckets::Named(["art".to_owned()].into());
    let project = Project::start(Policy::Editors(named)).await;
    let route = |from: &str, to: &str| json!({"bucketId": from, "sourceKey": "a.png", "destinationBucket": to, "destinationKey": "moved.png"});
    for (method, path, body, expected) in [
        ("GET", "/bucket", Value::Null, "200 1 rows"),
        ("GET", "/bucket?offset=1", Value::Null, "200 0 rows"),
        ("GET", "/bucket/art", Value::Null, "200"),
        ("GET", "/bucket/vault", Value::Null, NO_BUCKET),
        ("POST", "/object/vault/b.png", json!({}), DENIED),
        ("POST", "/object/art/b.png", json!({}), "200"),
        ("GET", "/object/authenticated/vault/a.png", Value::Null, NO_KEY),
        ("POST", "/object/list/vault", json!({"prefix": ""}), "200 0 rows"),
        ("POST", "/object/list/art", json!({"prefix": ""}), "200 2 rows"),
        (
            "POST",
            "/object/sign/vault",
            json!({"expiresIn": 9, "paths": ["a.png"]}),
            "200 0 rows",
        ),
        ("POST", "/object/upload/sign/vault/b.png", Value::Null, DENIED),
        ("POST", "/object/move", route("vault", "art"), NO_KEY),
        ("POST", "/object/move", route("art", "vault"), DENIED),
        ("POST", "/object/copy", route("vault", "art"), NO_KEY),
        ("POST", "/object/copy", route("art", "vault"), DENIED),
        ("POST", "/object/copy", route("art", "nowhere"), DENIED),
        ("DELETE", "/object/vault/a.png", Value::Null, DENIED),
        ("DELETE", "/object/vault", json!({"prefixes": ["a.png"]}), "200 0 rows"),
    ] {
        let case = case(method, format!("/storage/v1{path}"), body, [expected; 5]);
        assert_eq!(
            project.outcome(Some(&project.user), &case).await,
            expected,
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_stores_is_the_users() {
    let project = Project::start(Policy::Editors(EditorBuckets::All)).await;
    let (service, user) = (Some(project.server.service_key()), Some(project.user.as_str()));
    let bytes = json!({"a": 1});
    project
        .ok(user, "POST", "/storage/v1/object/art/mine.png", bytes.clone())
        .await;
    let copy = json!({"bucketId": "art", "sourceKey": "a.png", "destinationKey": "copied.png"});
    let row = project.ok(user, "POST", "/storage/v1/object/copy", copy).await;
    assert_eq!(
        (&row["owner"], &row["owner_id"]),
        (&json!(project.user_id), &json!(project.user_id))
    );
    let moved =
        json!({"bucketId": "vault", "sourceKey": "a.png", "destinationBucket": "art", "destinationKey": "moved.png"});
    project.ok(user, "POST", "/storage/v1/object/move", moved).await;
    let signed = project
        .ok(
            user,
            "POST",
            "/storage/v1/object/upload/sign/art/signed.png",
            Value::Null,
        )
        .await;
    let url = format!("/storage/v1{}", signed["url"].as_str().unwrap());
    project.ok(None, "PUT", &url, bytes.clone()).await;
    project
        .ok(service, "POST", "/storage/v1/object/art/theirs.png", bytes)
        .await;
    project.ok(user, "POST", TUS, Value::Null).await;
    let keys = json!({"prefixes": ["mine.png", "copied.png", "moved.png", "signed.png", "tus.png", "theirs.png"]});
    let rows = project.ok(service, "DELETE", "/storage/v1/object/art", keys).await;
    let owners: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["owner_id"].as_str().unwrap())
        .collect();
    let id = project.user_id.as_str();
    assert_eq!(owners, [id, id, id, id, id, ""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_url_of_a_user_works_without_the_user() {
    let project = Project::start(Policy::Editors(EditorBuckets::All)).await;
    let signed = project
        .ok(
            Some(&project.user),
            "POST",
            "/storage/v1/object/sign/art/a.png",
            json!({"expiresIn": 60}),
        )
        .await;
    let path = format!("/storage/v1{}", signed["signedURL"].as_str().unwrap());
    assert_eq!(
        project.ok(None, "GET", &path, Value::Null).await,
        json!({"any": "bytes"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_the_newer_kind_are_as_good_as_the_older_ones() {
    let project = Project::start(Policy::ServiceOnly).await;
    let secrets = Secrets::supabase_defaults();
    let get = |key: &str, bearer: Option<&str>| {
        let mut request = project
            .http
            .get(format!("{}/storage/v1/bucket", project.server.url()))
            .header("apikey", key);
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let secret = secrets.secret_key().unwrap();
    assert_eq!(get(secret, None).await.as_array().unwrap().len(), 5);
    assert_eq!(get(secret, Some(secret)).await.as_array().unwrap().len(), 5);
    let publishable = secrets.publishable_key().unwrap();
    assert_eq!(get(publishable, None).await, json!([]));
    // The user's token decides, whatever the key.
    assert_eq!(get(secret, Some(&project.user)).await, json!([]));
    assert_eq!(
        get("sb_secret_unknown", Some("sb_secret_unknown")).await["message"],
        "Invalid Compact JWS"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_may_call_only_a_server_that_was_started_for_it() {
    for browsers in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            browsers,
            ..Config::new(folder.path(), Secrets::supabase_defaults())
        };
        let server = Server::start(config).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
        let http = reqwest::Client::new();
        let url = format!("{}/storage/v1/object/art/a.png", server.url());
        let wanted = "apikey,authorization,x-client-info,x-upsert,tus-resumable,upload-offset";
        let asked = http
            .request(Method::OPTIONS, &url)
            .header("origin", "http://localhost:3000")
            .header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", wanted)
            .send()
            .await
            .unwrap();
        let read = http
            .get(&url)
            .header("origin", "http://localhost:3000")
            .send()
            .await
            .unwrap();
        let header = |response: &Response, name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let origin = "access-control-allow-origin";
        assert_eq!(header(&read, origin), browsers.then(|| "*".into()));
        assert_eq!(header(&asked, origin), browsers.then(|| "*".into()));
        if browsers {
            assert_eq!(asked.status(), 200);
            assert_eq!(header(&asked, "access-control-allow-headers").as_deref(), Some(wanted));
            assert!(
                header(&asked, "access-control-allow-methods")
                    .unwrap()
                    .contains("PATCH")
            );
            let exposed = header(&read, "access-control-expose-headers").unwrap();
            for name in ["location", "upload-offset", "tus-resumable", "content-range", "etag"] {
                assert!(
                    exposed.split(',').any(|other| other == name),
                    "{name} is not in {exposed}"
                );
            }
        }
    }
}
