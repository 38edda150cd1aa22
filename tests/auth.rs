//! Signing in, from the client to the local server's database: tokens, sessions, and all that ends them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use storymimi_studio::http::{Http, Options, RetryPolicy, Secret, Transcript};
use storymimi_studio::local::jwt::{self, Kind};
use storymimi_studio::local::{Config, EditorBuckets, Policy, Secrets, Server};
use storymimi_studio::supabase::{
    BucketName, Class, Identity, ObjectKey, Session, SessionKeeper, SignIn, SignOut, Supabase, ThisRunOnly, Tokens,
    Upload,
};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};

const EMAIL: &str = "pip@example.org";
const PASSWORD: &str = " fox by the sea ";

/// A server with one user, and the folder that it lives in.
struct Place {
    server: Server,
    folder: tempfile::TempDir,
}

impl Place {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            policy: Policy::Editors(EditorBuckets::All),
            ..Config::new(folder.path(), Secrets::supabase_defaults())
        };
        change(&mut config);
        let server = Server::start(config).await.unwrap();
        server.ensure_user(EMAIL, &Secret::exact(PASSWORD)).await.unwrap();
        Self { server, folder }
    }

    /// A client with the visitor's key and a transcript of its own.
    fn project(&self) -> Supabase {
        let options = Options {
            retry: RetryPolicy {
                jitter: || 0.0,
                ..RetryPolicy::default()
            },
            ..Options::default()
        };
        let http = Http::with_options(Arc::new(Transcript::default()), options).unwrap();
        let key = ApiKey::parse(self.server.anon_key()).unwrap();
        Supabase::new(http, ProjectUrl::parse(self.server.url()).unwrap(), key)
    }

    async fn sign_in(&self, project: &Supabase) -> Tokens {
        project.auth().sign_in(EMAIL, &Secret::exact(PASSWORD)).await.unwrap()
    }

    /// Looks into the database as nobody else can.
    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("project.sqlite3")).unwrap()
    }

    /// How often the refresh tokens of the only session were exchanged.
    fn exchanges(&self) -> i64 {
        self.database()
            .query_row("SELECT counter FROM sessions", [], |row| row.get(0))
            .unwrap()
    }

    fn sessions(&self) -> i64 {
        self.database()
            .query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))
            .unwrap()
    }

    /// Lets the ten seconds pass in which older tokens are answered.
    fn forget_that_it_was_just_now(&self) {
        self.database()
            .execute("UPDATE sessions SET refreshed_at = refreshed_at - 11000000", [])
            .unwrap();
    }

    /// A call that the client does not have.
    async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> (u16, Value) {
        #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
        let http = reqwest::Client::new();
        let response = http
            .request(method.parse().unwrap(), format!("{}/auth/v1{path}", self.server.url()))
            .bearer_auth(token)
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default(),
        )
    }
}

fn requests(project: &Supabase, part: &str) -> usize {
    let exchanges = project.http().transcript().exchanges();
    exchanges
        .iter()
        .filter(|exchange| exchange.curl().contains(part))
        .count()
}

/// What the payload of a token says. Not verified: that is the server's part.
fn claims(token: &Secret) -> Value {
    use base64::Engine as _;
    let payload = token.expose().split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// A file beside the server's folder, as a vault would be.
struct InFile(Mutex<std::path::PathBuf>);

impl InFile {
    fn at(path: &Path) -> Arc<Self> {
        Arc::new(Self(Mutex::new(path.to_owned())))
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.lock().unwrap().clone()
    }
}

impl SessionKeeper for InFile {
    fn load(&self) -> io::Result<Option<Tokens>> {
        match std::fs::read_to_string(self.path()) {
            Ok(text) => Tokens::from_stored(&Secret::exact(&text))
                .map(Some)
                .map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn keep(&self, tokens: &Tokens) -> io::Result<()> {
        std::fs::write(self.path(), tokens.to_stored().expose())
    }

    fn forget(&self) -> io::Result<()> {
        std::fs::remove_file(self.path())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_signs_in_and_works() {
    let place = Place::start().await;
    let project = place.project();
    let tokens = place.sign_in(&project).await;
    let claims = claims(&tokens.access);
    assert_eq!(claims["iss"], format!("{}/auth/v1", place.server.url()));
    for (name, expected) in [
        ("aud", json!("authenticated")),
        ("role", json!("authenticated")),
        ("email", json!(EMAIL)),
        ("aal", json!("aal1")),
        ("is_anonymous", json!(false)),
        ("sub", json!(tokens.user.id)),
        ("app_metadata", json!({"provider": "email", "providers": ["email"]})),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert_eq!(claims["amr"][0]["method"], "password");
    let user = project.auth().user(&tokens.access).await.unwrap();
    assert_eq!(user, tokens.user);

    let admin = Supabase::new(
        project.http().clone(),
        project.url().clone(),
        ApiKey::parse(place.server.service_key()).unwrap(),
    );
    let bucket = BucketName::parse("story-images").unwrap();
    let new = storymimi_studio::supabase::NewBucket {
        name: bucket.clone(),
        public: true,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    admin.buckets().create(&new).await.unwrap();
    let session = Session::new(project.auth(), tokens, Arc::new(ThisRunOnly));
    let editor = Supabase::signed_in(
        project.http().clone(),
        project.url().clone(),
        project.key().clone(),
        session,
    );
    assert_eq!(editor.buckets().list().await.unwrap().len(), 1);
    assert_eq!(editor.buckets().create(&new).await.unwrap_err().class, Class::Forbidden);
    assert_eq!(
        project.buckets().list().await.unwrap().len(),
        0,
        "a visitor sees nothing"
    );
    let key = ObjectKey::parse("a.png").unwrap();
    let bytes = bytes::Bytes::from_static(b"png");
    editor
        .bucket(&bucket)
        .upload(&key, bytes, &Upload::new("image/png"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_and_unknown_users_are_told_alike_and_end() {
    let place = Place::start().await;
    let auth = place.project().auth();
    let try_as = async |email: &str, password: &str| auth.sign_in(email, &Secret::exact(password)).await.unwrap_err();
    let wrong = try_as(EMAIL, "fox by the sea").await;
    let unknown = try_as("nobody@example.org", PASSWORD).await;
    for error in [&wrong, &unknown] {
        assert_eq!(
            (error.class, error.code.as_deref()),
            (Class::BadKey, Some("invalid_credentials"))
        );
    }
    assert_eq!(wrong.message, unknown.message);
    for _ in 0..9 {
        try_as(EMAIL, "guess").await;
    }
    assert_eq!(try_as(EMAIL, "guess").await.class, Class::Throttled);
    assert_eq!(
        try_as(EMAIL, PASSWORD).await.class,
        Class::Throttled,
        "the right one comes too late"
    );
    assert_eq!(place.sessions(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_need_a_new_token_make_the_server_exchange_one() {
    let place = Place::start().await;
    let project = place.project();
    let mut tokens = place.sign_in(&project).await;
    tokens.expires_at = jiff::Timestamp::now().as_second() + 5;
    let session = Session::new(project.auth(), tokens, Arc::new(ThisRunOnly));
    let editor = Supabase::signed_in(
        project.http().clone(),
        project.url().clone(),
        project.key().clone(),
        session.clone(),
    );
    let calls = (0..50).map(|_| {
        let editor = editor.clone();
        tokio::spawn(async move { editor.buckets().list().await.unwrap().len() })
    });
    futures_util::future::join_all(calls).await;
    assert_eq!(
        (place.exchanges(), requests(&project, "grant_type=refresh_token")),
        (1, 1)
    );
    assert!(!session.has_ended());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_in_the_middle_of_work_is_exchanged_and_the_call_made_again() {
    let place = Place::start().await;
    let project = place.project();
    let mut tokens = place.sign_in(&project).await;
    // This computer believes that the token is good; the server knows better.
    let over = json!({"role": "authenticated", "sub": tokens.user.id, "exp": 1_000_000_000});
    tokens.access = Secret::exact(&jwt::sign(Secrets::supabase_defaults().jwt_secret(), Kind::Key, &over).unwrap());
    let session = Session::new(project.auth(), tokens, Arc::new(ThisRunOnly));
    let editor = Supabase::signed_in(
        project.http().clone(),
        project.url().clone(),
        project.key().clone(),
        session,
    );
    let rows: Vec<Value> = editor.rest().from("stories").fetch().await.unwrap();
    assert!(rows.is_empty());
    editor.buckets().list().await.unwrap();
    assert_eq!(place.exchanges(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_its_time_a_token_is_refused_by_each_api_in_its_own_words() {
    let place = Place::start().await;
    let token = |wait: i64| {
        let begins = jiff::Timestamp::now().as_second() + wait;
        let claims = json!({"role": "service_role", "sub": "7c4b0c9e-7a39-4b36-9a5e-0d4f1d9a6f11", "nbf": begins});
        jwt::sign(Secrets::supabase_defaults().jwt_secret(), Kind::Key, &claims).unwrap()
    };
    let ask = async |path: &str, wait: i64| {
        place
            .call("GET", &format!("/../..{path}"), &token(wait), json!({}))
            .await
    };
    let (status, body) = ask("/storage/v1/bucket", 3_600).await;
    assert_eq!(
        (status, &body["message"]),
        (400, &json!("\"nbf\" claim timestamp check failed"))
    );
    let (status, body) = ask("/rest/v1/stories", 3_600).await;
    assert_eq!((status, &body["message"]), (401, &json!("JWT not yet valid")));
    let (status, body) = ask("/auth/v1/user", 3_600).await;
    let said = body["msg"].as_str().unwrap();
    assert!(
        said.ends_with("token has invalid claims: token is not valid yet"),
        "{said}"
    );
    assert_eq!((status, &body["error_code"]), (403, &json!("bad_jwt")));
    // PostgREST allows clocks to differ by half a minute.
    assert_eq!(ask("/rest/v1/stories", 20).await.0, 200);
    assert_eq!(ask("/storage/v1/bucket", 0).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_given_again_and_a_stolen_token_ends_the_session() {
    let place = Place::start().await;
    let auth = place.project().auth();
    let first = place.sign_in(&place.project()).await;
    let second = auth.refresh(&first.refresh).await.unwrap();
    // The answer was lost: the token before the present one gets the present one, now and later.
    assert_eq!(auth.refresh(&first.refresh).await.unwrap().refresh, second.refresh);
    place.forget_that_it_was_just_now();
    assert_eq!(auth.refresh(&first.refresh).await.unwrap().refresh, second.refresh);
    let third = auth.refresh(&second.refresh).await.unwrap();
    // Several processes that ask within ten seconds get the present one, too.
    assert_eq!(auth.refresh(&first.refresh).await.unwrap().refresh, third.refresh);
    assert_eq!(place.exchanges(), 2);
    // Later, somebody has a copy: nobody can go on with any token of this session.
    place.forget_that_it_was_just_now();
    let reused = auth.refresh(&first.refresh).await.unwrap_err();
    assert_eq!(
        (reused.class, reused.code.as_deref()),
        (Class::BadKey, Some("refresh_token_already_used"))
    );
    let ended = auth.refresh(&third.refresh).await.unwrap_err();
    assert_eq!(ended.code.as_deref(), Some("refresh_token_not_found"));
    assert_eq!(
        auth.user(&third.access).await.unwrap_err().code.as_deref(),
        Some("session_not_found")
    );
    assert_eq!(place.sessions(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_survives_restarts_of_both_sides() {
    let mut place = Place::start().await;
    let kept = place.folder.path().join("kept");
    {
        let project = place.project();
        let tokens = place.sign_in(&project).await;
        InFile::at(&kept).keep(&tokens).unwrap();
    }
    place.server.shutdown().await;
    place.server = Server::start(Config::new(place.folder.path(), Secrets::supabase_defaults()))
        .await
        .unwrap();
    let project = place.project();
    let mut stored = InFile::at(&kept).load().unwrap().unwrap();
    stored.expires_at = 0;
    let session = Session::new(project.auth(), stored.clone(), InFile::at(&kept));
    assert_eq!(session.user().email.as_deref(), Some(EMAIL));
    session.access_token().await.unwrap();
    let now = InFile::at(&kept).load().unwrap().unwrap();
    assert_ne!(now.refresh, stored.refresh, "the new token is kept");

    // Two processes with the same stored session, both with old tokens in memory: one exchange serves both.
    let mut old = now.clone();
    old.expires_at = 0;
    InFile::at(&kept).keep(&old).unwrap();
    let one = Session::new(place.project().auth(), old.clone(), InFile::at(&kept));
    let two = Session::new(place.project().auth(), old, InFile::at(&kept));
    let first = one.access_token().await.unwrap();
    assert_eq!(two.access_token().await.unwrap(), first);
    assert_eq!(place.exchanges(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_what_it_says() {
    let place = Place::start().await;
    let project = place.project();
    let (one, two, three) = (
        place.sign_in(&project).await,
        place.sign_in(&project).await,
        place.sign_in(&project).await,
    );
    let auth = project.auth();
    assert_eq!(place.sessions(), 3);
    let kept = place.folder.path().join("kept");
    InFile::at(&kept).keep(&one).unwrap();
    let session = Session::new(auth.clone(), one, InFile::at(&kept));
    session.sign_out().await.unwrap();
    assert!(session.has_ended() && !kept.exists());
    assert_eq!(place.sessions(), 2, "this one only");
    auth.sign_out_of(&two.access, SignOut::Others).await.unwrap();
    assert!(auth.refresh(&three.refresh).await.is_err());
    let two = auth.refresh(&two.refresh).await.unwrap();
    auth.sign_out_of(&two.access, SignOut::All).await.unwrap();
    assert_eq!(place.sessions(), 0);
    auth.sign_out(&two.access).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_changes_the_password_and_other_sessions_end() {
    let place = Place::start().await;
    let project = place.project();
    let (here, there) = (place.sign_in(&project).await, place.sign_in(&project).await);
    let put = async |body: Value| place.call("PUT", "/user", here.access.expose(), body).await;
    assert_eq!(
        put(json!({"password": PASSWORD})).await.1["error_code"],
        "same_password"
    );
    let (status, weak) = put(json!({"password": "12345"})).await;
    assert_eq!((status, &weak["weak_password"]["reasons"][0]), (422, &json!("length")));
    assert_eq!(
        put(json!({"app_metadata": {"role": "admin"}})).await.1["error_code"],
        "not_admin"
    );
    let (status, user) = put(json!({"password": "another fox", "data": {"name": "Pip", "gone": null}})).await;
    assert_eq!((status, &user["user_metadata"]), (200, &json!({"name": "Pip"})));
    let auth = project.auth();
    assert!(
        auth.refresh(&there.refresh).await.is_err(),
        "the other session has ended"
    );
    auth.refresh(&here.refresh).await.unwrap();
    assert!(auth.sign_in(EMAIL, &Secret::exact(PASSWORD)).await.is_err());
    auth.sign_in(EMAIL, &Secret::exact("another fox")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_looks_after_users() {
    let place = Place::start().await;
    let service = place.server.service_key().to_owned();
    let admin = async |method: &str, path: &str, body: Value| {
        place.call(method, &format!("/admin/users{path}"), &service, body).await
    };
    let new = json!({
        "email": "Editor@Example.org", "phone": "+41 79 123 45 67", "password": "a password", "email_confirm": true,
        "phone_confirm": true, "user_metadata": {"name": "E"}, "app_metadata": {"team": 7},
    });
    let (status, user) = admin("POST", "", new.clone()).await;
    assert_eq!(
        (status, &user["email"], &user["phone"]),
        (200, &json!("editor@example.org"), &json!("41791234567"))
    );
    assert_eq!(
        user["app_metadata"],
        json!({"team": 7, "provider": "email", "providers": ["email", "phone"]})
    );
    assert_eq!(user["identities"].as_array().unwrap().len(), 2);
    assert_eq!(admin("POST", "", new).await.1["error_code"], "email_exists");
    let path = format!("/{}", user["id"].as_str().unwrap());
    assert_eq!(admin("GET", &path, Value::Null).await.1, user);
    let auth = place.project().auth();
    let by_phone = SignIn {
        identity: Identity::Phone("+41 79 123 45 67".into()),
        password: Secret::exact("a password"),
        captcha: None,
    };
    let tokens = auth.sign_in_with(&by_phone).await.unwrap();

    let (status, page) = admin("GET", "?page=1&per_page=1", Value::Null).await;
    assert_eq!(
        (status, page["users"].as_array().unwrap().len(), &page["aud"]),
        (200, 1, &json!("authenticated"))
    );
    assert_eq!(
        admin("GET", "?filter=EDITOR", Value::Null).await.1["users"][0]["id"],
        user["id"]
    );

    let (_, banned) = admin("PUT", &path, json!({"ban_duration": "24h"})).await;
    assert!(banned["banned_until"].is_string());
    assert_eq!(auth.refresh(&tokens.refresh).await.unwrap_err().class, Class::Forbidden);
    assert_eq!(
        auth.sign_in_with(&by_phone).await.unwrap_err().code.as_deref(),
        Some("user_banned")
    );
    admin("PUT", &path, json!({"ban_duration": "none", "password": "another one"})).await;
    assert!(
        auth.refresh(&tokens.refresh).await.is_err(),
        "a new password ends sessions"
    );
    assert_eq!(
        admin("PUT", &path, json!({"ban_duration": "1d"})).await.1["error_code"],
        "validation_failed"
    );
    assert_eq!(admin("DELETE", &path, json!({"should_soft_delete": true})).await.0, 422);
    assert_eq!(
        admin("DELETE", &path, json!({"should_soft_delete": false})).await,
        (200, json!({}))
    );
    assert_eq!(admin("GET", &path, Value::Null).await.1["error_code"], "user_not_found");
    assert_eq!(admin("GET", "/no-uuid", Value::Null).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_works_only_where_it_is_allowed() {
    let new = json!({"email": "new@example.org", "password": "a password", "data": {"name": "New"}});
    let place = Place::with(|config| config.signup = true).await;
    let anon = place.server.anon_key().to_owned();
    assert!(!place.project().auth().settings().await.unwrap().signup_disabled);
    let (status, granted) = place.call("POST", "/signup", &anon, new.clone()).await;
    assert_eq!(
        (status, &granted["user"]["user_metadata"]["name"]),
        (200, &json!("New"))
    );
    assert!(granted["access_token"].is_string() && granted["refresh_token"].is_string());
    assert_eq!(
        place.call("POST", "/signup", &anon, new.clone()).await.1["error_code"],
        "user_already_exists"
    );
    let closed = Place::start().await;
    let settings = closed.project().auth().settings().await.unwrap();
    assert!(settings.signup_disabled && settings.email);
    assert_eq!(closed.call("POST", "/signup", &anon, new).await.0, 422);
    let (status, mail) = closed.call("POST", "/recover", &anon, json!({"email": EMAIL})).await;
    assert_eq!((status, &mail["error_code"]), (422, &json!("feature_disabled")));
    assert_eq!(closed.call("POST", "/nothing", &anon, json!({})).await.0, 404);
    assert_eq!(closed.project().auth().health().await.unwrap().name, "GoTrue");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_form_that_was_asked_for() {
    let place = Place::start().await;
    #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
    let http = reqwest::Client::new();
    for (version, expected) in [
        (
            None,
            json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}),
        ),
        (
            Some("2023-12-31"),
            json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}),
        ),
        (
            Some("2024-01-01"),
            json!({"code": "invalid_credentials", "message": "Invalid login credentials"}),
        ),
        (
            Some("2026-05-05"),
            json!({"code": "invalid_credentials", "message": "Invalid login credentials"}),
        ),
    ] {
        let mut request = http
            .post(format!("{}/auth/v1/token?grant_type=password", place.server.url()))
            .body(r#"{"email":"pip@example.org","password":"wrong"}"#);
        if let Some(version) = version {
            request = request.header("x-supabase-api-version", version);
        }
        let response = request.send().await.unwrap();
        let echoed = response
            .headers()
            .get("x-supabase-api-version")
            .map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(response.headers()["x-sb-error-code"], "invalid_credentials");
        assert_eq!(response.json::<Value>().await.unwrap(), expected);
        assert_eq!(
            echoed.as_deref(),
            version.filter(|v| *v >= "2024").map(|_| "2024-01-01")
        );
    }
    let bad = http
        .post(format!("{}/auth/v1/token?grant_type=refresh_token", place.server.url()))
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(
        bad.json::<Value>().await.unwrap(),
        json!({"error": "invalid_request", "error_description": "refresh_token required"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bodies_are_errors_that_repeat_nothing() {
    let place = Place::start().await;
    #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
    let http = reqwest::Client::new();
    let long = format!(r#"{{"email":"a@b.c","password":"{}"}}"#, "CANARY".repeat(200_000));
    for body in [
        "",
        "[]",
        "{",
        r#"{"email": "a@b.c", "password": "CANARY"#,
        r#"{"email": {"CANARY": 1}, "password": "x"}"#,
        r#"{"email": "a@b.c", "password": ["CANARY"]}"#,
        r#"{"email": "a@b.c' OR 1=1 --", "password": "CANARY"}"#,
        r#"{"email": "a@b.c", "phone": "1", "password": "CANARY"}"#,
        "{\"email\": \"\\u0000\", \"password\": \"\\u0000\"}",
        &long,
    ] {
        let response = http
            .post(format!("{}/auth/v1/token?grant_type=password", place.server.url()))
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert!((400..500).contains(&status), "{status}: {text}");
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_and_no_token_is_in_any_file_or_exchange() {
    let place = Place::start().await;
    let project = place.project();
    let tokens = place.sign_in(&project).await;
    let again = project.auth().refresh(&tokens.refresh).await.unwrap();
    let session = Session::new(project.auth(), again.clone(), Arc::new(ThisRunOnly));
    let editor = Supabase::signed_in(
        project.http().clone(),
        project.url().clone(),
        project.key().clone(),
        session,
    );
    editor.buckets().list().await.unwrap();
    let mut shown = format!("{editor:?} {tokens:?} {:?}", editor.session());
    for exchange in project.http().transcript().exchanges() {
        shown.push_str(&format!("{exchange:?} {}", exchange.curl()));
    }
    let secrets = [
        PASSWORD.trim(),
        again.refresh.expose(),
        tokens.refresh.expose(),
        again.access.expose(),
    ];
    for secret in secrets {
        assert!(!shown.contains(secret), "a secret is in what is shown");
        for entry in std::fs::read_dir(place.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "a secret is in {}", path.display());
            }
        }
    }
}
