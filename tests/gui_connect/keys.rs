//! Connecting with each kind of key, and with what was pasted in the place of one.

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::json;
use storymimi_studio::service::AdminState;

use crate::support::studio::Studio;
use crate::{
    Remote, click, contains, do_not_remember, field, filter_requests, go_local, has, open_connect, paste, primary,
    serve, token,
};

#[test]
fn each_kind_of_key_connects_and_says_what_it_is() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    let hosted = gateway(&studio, &remote);
    let direct = remote.server.url().to_owned();
    let keys = [
        (&direct, remote.server.service_key(), "service_role", "Legacy JWT"),
        (&direct, remote.server.anon_key(), "anon", "Legacy JWT"),
        (&hosted, "sb_secret_0123456789abcdefghij_x4Q", "service_role", "Secret"),
        (&hosted, "sb_publishable_0123456789abcdefghij", "anon", "Publishable"),
    ];
    for (url, key, role, kind) in keys {
        open_connect(&mut studio);
        paste(&mut studio, "Project URL", url);
        paste(&mut studio, "Key", key);
        assert!(has(&studio.harness, role), "the role {role} is shown");
        assert!(has(&studio.harness, kind), "the kind {kind} is shown");
        let warned = contains(&studio.harness, "This key skips every access rule");
        assert_eq!(warned, role == "service_role");
        do_not_remember(&mut studio);
        studio.until("the test has ended", |harness| {
            has(harness, "Test again")
                && ["waiting", "running"]
                    .iter()
                    .all(|state| !contains(harness, &format!(": {state}")))
        });
        studio.picture(&format!("tested-{kind}-{role}"));
        let connect = primary(&studio.harness);
        click(&mut studio, &connect);
        studio.until("the project is open", |harness| {
            let workspace = harness.state().service().workspace();
            workspace.url.as_str() == url && !has(harness, "Choose where your stories live")
        });
        let service = studio.harness.state().service().clone();
        assert_eq!(service.workspace().key.secret().expose(), key);
        assert_eq!(service.admin().state() == AdminState::Locked, role == "service_role");
        let answered = studio.runtime.block_on(service.buckets());
        assert!(answered.is_ok(), "{kind}: {answered:?}");
        // What the test of the connection asked is in the list of what was asked.
        filter_requests(&mut studio, "storage/v1/version");
        let asked = format!("GET {url}/storage/v1/version, Test connection, ");
        studio.until("the requests of the test", |harness| contains(harness, &asked));
        go_local(&mut studio);
    }
}

/// What stands before a hosted project: it knows the newer keys, which are no tokens, and passes requests on with the
/// token of the role that each acts as.
fn gateway(studio: &Studio, remote: &Remote) -> String {
    use axum::body::Bytes;
    use axum::extract::State;
    use axum::http::{HeaderMap, Method, StatusCode, Uri};
    use axum::response::IntoResponse as _;

    #[derive(Clone)]
    struct Upstream {
        url: String,
        service: String,
        anon: String,
        http: reqwest::Client,
    }
    async fn pass(
        State(upstream): State<Upstream>,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> axum::response::Response {
        let token = match headers.get("apikey").and_then(|key| key.to_str().ok()) {
            Some("sb_secret_0123456789abcdefghij_x4Q") => &upstream.service,
            Some("sb_publishable_0123456789abcdefghij") => &upstream.anon,
            // Who asks whether anybody is there shows no key.
            None if uri.path() == "/storage/v1/version" => &upstream.anon,
            _ => return StatusCode::UNAUTHORIZED.into_response(),
        };
        if headers.contains_key("authorization") {
            let wrong = json!({ "statusCode": "400", "error": "InvalidJWT", "message": "Invalid Compact JWS" });
            return (StatusCode::BAD_REQUEST, axum::Json(wrong)).into_response();
        }
        let mut request = upstream
            .http
            .request(method, format!("{}{uri}", upstream.url))
            .body(body);
        for name in ["content-type", "prefer", "range", "accept"] {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value);
            }
        }
        let answer = request.header("apikey", token).bearer_auth(token).send().await.unwrap();
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        // Of this connection, not of the answer.
        headers.remove("transfer-encoding");
        headers.remove("content-length");
        let mut response = (status, answer.bytes().await.unwrap()).into_response();
        response.headers_mut().extend(headers);
        response
    }
    #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
    let http = reqwest::Client::new();
    let upstream = Upstream {
        url: remote.server.url().to_owned(),
        service: remote.server.service_key().to_owned(),
        anon: remote.server.anon_key().to_owned(),
        http,
    };
    let router = axum::Router::new().fallback(pass).with_state(upstream);
    serve(studio, router)
}

#[test]
fn a_settings_file_fills_both_fields_and_leaves_the_service_key_out() {
    let mut studio = Studio::start();
    open_connect(&mut studio);
    let anon =
        token(&json!({ "iss": "supabase", "ref": "vqkzmdlrwsnhtyfpjxbe", "role": "anon", "exp": 2_065_392_000 }));
    let settings = format!(
        "NEXT_PUBLIC_SUPABASE_URL=https://vqkzmdlrwsnhtyfpjxbe.supabase.co/\n\
         NEXT_PUBLIC_SUPABASE_ANON_KEY={anon}\nSUPABASE_SERVICE_ROLE_KEY=sb_secret_canary-0123456789\n"
    );
    paste(&mut studio, "Project URL", &settings);
    assert!(has(&studio.harness, "https://vqkzmdlrwsnhtyfpjxbe.supabase.co"));
    assert!(has(&studio.harness, "anon") && has(&studio.harness, "matches URL"));
    assert!(contains(
        &studio.harness,
        "A service key was in it too and was left out"
    ));
    let shown = format!("{:?}", studio.harness.root());
    assert!(
        !shown.contains(&anon) && !shown.contains("canary"),
        "no key is told to assistive technology"
    );
}

#[test]
fn what_was_pasted_by_mistake_is_named_and_not_sent() {
    let mut studio = Studio::start();
    open_connect(&mut studio);
    paste(
        &mut studio,
        "Project URL",
        "https://https://vqkzmdlrwsnhtyfpjxbe.supabase.co/rest/v1/",
    );
    assert!(contains(&studio.harness, "removed a second https:// and /rest/v1/"));
    for (text, words) in [
        (
            "sbp_0123456789abcdef0123456789abcdef01234567",
            "This is a personal access token",
        ),
        (
            "postgresql://postgres:hunter2@db.abc.supabase.co:5432/postgres",
            "This is the connection string",
        ),
        ("sb_secret_abc••••••", "The key was copied in its shortened form"),
    ] {
        paste(&mut studio, "Key", text);
        assert!(contains(&studio.harness, words), "{words}");
        assert!(studio.harness.get_by_label("Connect").accesskit_node().is_disabled());
    }
    let ended = token(&json!({ "ref": "vqkzmdlrwsnhtyfpjxbe", "role": "anon", "exp": 1_600_000_000 }));
    paste(&mut studio, "Key", &ended);
    assert!(contains(&studio.harness, "Ended 13 Sep 2020") && contains(&studio.harness, "This key has ended"));
    let other = token(&json!({ "ref": "abcdefghijklmnopqrst", "role": "anon", "exp": 2_065_392_000 }));
    paste(&mut studio, "Key", &other);
    assert!(contains(&studio.harness, "This key was made for another project"));
    assert!(studio.harness.get_by_label("Connect").accesskit_node().is_disabled());
    assert!(!contains(&studio.harness, "hunter2"));
}

#[test]
fn the_service_key_leads_to_signing_in_and_is_forgotten() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    open_connect(&mut studio);
    paste(&mut studio, "Project URL", remote.server.url());
    paste(&mut studio, "Key", remote.server.service_key());
    click(&mut studio, "Sign in instead");
    assert!(has(&studio.harness, "E-mail") && has(&studio.harness, "Password"));
    assert!(
        !has(&studio.harness, "service_role"),
        "the key is not in the form any more"
    );
    paste(&mut studio, "Publishable key", remote.server.service_key());
    let button = studio.harness.get_all_by_label("Sign in").last().unwrap();
    assert!(
        button.accesskit_node().is_disabled(),
        "signing in with a service key would be none"
    );
}

/// Types letter by letter, as a person or a keeper of passwords does.
fn type_letters(studio: &mut Studio, text: &str) {
    for letter in text.chars() {
        studio.harness.event(Event::Text(letter.to_string()));
        studio.harness.step();
    }
    studio.harness.run_steps(2);
}

#[test]
fn a_key_that_is_typed_after_a_wrong_one_is_whole() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    open_connect(&mut studio);
    paste(&mut studio, "Project URL", remote.server.url());
    paste(&mut studio, "Key", "sbp_0123");
    studio.until("what is wrong", |harness| {
        contains(harness, "personal access token of the dashboard")
    });
    // The first letters of a key are one themselves, and it was sealed with them.
    field(&studio.harness, "Key").focus();
    studio.harness.run_steps(2);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    studio.harness.step();
    let key = "sb_publishable_0123456789abcdefghij";
    type_letters(&mut studio, key);
    click(&mut studio, "Show key");
    assert_eq!(field(&studio.harness, "Key").value().as_deref(), Some(key));
    click(&mut studio, "Hide key");
    // A key that is sealed is replaced by typing another.
    field(&studio.harness, "Key").focus();
    studio.harness.run_steps(2);
    studio.harness.key_press(Key::Tab);
    studio.harness.run_steps(2);
    assert_ne!(
        field(&studio.harness, "Key").value().as_deref(),
        Some(key),
        "it is sealed once its field is left"
    );
    field(&studio.harness, "Key").focus();
    studio.harness.run_steps(2);
    let other = "sb_publishable_abcdefghij0123456789";
    type_letters(&mut studio, other);
    click(&mut studio, "Show key");
    assert_eq!(field(&studio.harness, "Key").value().as_deref(), Some(other));
}

#[test]
fn the_button_that_connects_is_to_be_seen_however_long_the_form_is() {
    for size in [[1440.0, 900.0], [1280.0, 800.0]] {
        let mut studio = Studio::with(size, egui::Theme::Dark, |_| {});
        let remote = Remote::start(&studio);
        open_connect(&mut studio);
        paste(&mut studio, "Project URL", remote.server.url());
        paste(&mut studio, "Key", remote.server.service_key());
        studio.until("the test has ended", |harness| {
            has(harness, "Test again") && !contains(harness, ": running") && !contains(harness, ": waiting")
        });
        studio.harness.run_steps(3);
        let connect = primary(&studio.harness);
        let at = studio.harness.get_by_label(&connect).rect();
        assert!(at.bottom() <= size[1], "at {size:?} it is at {at:?}");
        do_not_remember(&mut studio);
        let connect = primary(&studio.harness);
        click(&mut studio, &connect);
        studio.until("the project is open", |harness| {
            harness.state().service().workspace().url.as_str() == remote.server.url()
        });
    }
}
