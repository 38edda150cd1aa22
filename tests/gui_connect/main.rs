//! Connecting from the window: the local workspace, projects with each kind of key, switching, sharing, admin mode.
//! Projects are real embedded servers; what only a broken server does is done by a scripted one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod checks;
mod pictures;
mod sign_in;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use base64::Engine as _;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::{Value, json};
use storymimi_studio::gui::app::App;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::{AdminState, Ending, NewSecrets, Subject};
use storymimi_studio::story::Brief;
use storymimi_studio::workspace::{ApiKey, Keep, Profile, ProfileId, ProjectUrl};
use support::studio::Studio;
use tokio_util::sync::CancellationToken;

type Harness = egui_kittest::Harness<'static, App>;

/// A second embedded server, which the window knows only by its address and keys.
struct Remote {
    server: Server,
    _folder: tempfile::TempDir,
}

impl Remote {
    fn start(studio: &Studio) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
        let config = Config::new(folder.path().join("data"), secrets);
        let server = studio.runtime.block_on(Server::start(config)).unwrap();
        Self {
            server,
            _folder: folder,
        }
    }

    fn url(&self) -> ProjectUrl {
        ProjectUrl::parse(self.server.url()).unwrap()
    }

    /// Saves it as a workspace, as the connect screen does.
    fn save(&self, studio: &Studio, name: &str, key: &str) -> ProfileId {
        let mut profile = Profile::new(ProfileId::fresh(name, &[]), self.url());
        name.clone_into(&mut profile.name);
        profile.keep = Keep::Session;
        let secrets = NewSecrets {
            key: Some(ApiKey::parse(key).unwrap()),
            ..NewSecrets::default()
        };
        let saved = studio
            .runtime
            .block_on(studio.workspaces.add(profile, secrets))
            .unwrap();
        saved.profile.id
    }
}

fn has(harness: &Harness, label: &str) -> bool {
    harness.query_all_by_label(label).next().is_some()
}

fn contains(harness: &Harness, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}

fn click(studio: &mut Studio, label: &str) {
    studio.harness.get_by_label(label).click();
    studio.harness.run_steps(3);
}

/// Opens the switcher's menu and waits for its list.
fn open_menu(studio: &mut Studio) {
    studio.harness.run_steps(2);
    studio.harness.get_by_label_contains("Workspace ").click();
    studio.harness.run_steps(3);
    studio.until("the menu", |harness| has(harness, "Add workspace…"));
}

fn open_connect(studio: &mut Studio) {
    open_menu(studio);
    click(studio, "Add workspace…");
    studio.until("the connect screen", |harness| {
        has(harness, "Choose where your stories live")
    });
}

/// The field of that name, whichever kind of field it is.
fn field<'a>(harness: &'a Harness, name: &'a str) -> egui_kittest::Node<'a> {
    let mut named = harness.query_all_by_label(name);
    named
        .find(|node| {
            matches!(
                node.accesskit_node().role(),
                egui::Role::TextInput | egui::Role::PasswordInput
            )
        })
        .unwrap()
}

/// Pastes a text into the field of that name.
fn paste(studio: &mut Studio, label: &str, text: &str) {
    field(&studio.harness, label).focus();
    studio.harness.step();
    studio.harness.event(Event::Paste(text.to_owned()));
    studio.harness.run_steps(3);
}

/// Turns the "remember" switch off: a test leaves nothing in anybody's keychain.
fn do_not_remember(studio: &mut Studio) {
    studio.until("what the vault is", |harness| contains(harness, "Remember in "));
    let is_on = |harness: &Harness| {
        let switch = harness.get_by_role(egui::Role::Switch);
        switch.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    };
    if is_on(&studio.harness) {
        studio.harness.get_by_role(egui::Role::Switch).click();
        studio.harness.run_steps(3);
    }
    assert!(!is_on(&studio.harness));
}

/// An HS256 token of a project, as its dashboard gives them out.
fn token(claims: &Value) -> String {
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({ "alg": "HS256", "typ": "JWT" }));
    format!("{head}.{}.c2lnbmF0dXJlLW9mLWEtdGVzdA", part(claims))
}

#[test]
fn a_fresh_start_shows_the_local_workspace_and_not_the_connect_screen() {
    let mut studio = Studio::start();
    studio.until("the empty place", |harness| has(harness, "No stories yet"));
    assert!(!has(&studio.harness, "Choose where your stories live"));
    open_connect(&mut studio);
    assert!(contains(&studio.harness, "A real storage server on 127.0.0.1:"));
    click(&mut studio, "Back to the local workspace");
    assert!(!has(&studio.harness, "Choose where your stories live"));
    assert_eq!(studio.harness.state().service().workspace().id, "local");
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

/// A scripted server on loopback.
fn serve(studio: &Studio, router: axum::Router) -> String {
    let listener = studio
        .runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    studio.runtime.spawn(async move { axum::serve(listener, router).await });
    url
}

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
        go_local(&mut studio);
    }
}

/// The words of the button that connects, which name warnings.
fn primary(harness: &Harness) -> String {
    let buttons = harness.query_all_by_role(egui::Role::Button);
    let names = buttons.filter_map(|node| node.accesskit_node().label());
    names
        .into_iter()
        .find(|name| name == "Connect" || name.starts_with("Connect with "))
        .unwrap()
}

fn go_local(studio: &mut Studio) {
    open_menu(studio);
    studio
        .harness
        .get_by_role_and_label(egui::Role::ListBoxOption, "Local workspace")
        .click();
    studio.until("the local workspace", |harness| {
        harness.state().service().workspace().id == "local"
    });
    studio.harness.run_steps(3);
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

#[test]
fn everything_of_one_workspace_is_gone_in_the_other_and_back_again() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    let brief = Brief::new("Only here", "A fox in the snow", 1, 3).unwrap();
    let never = CancellationToken::new();
    let made = studio.service.create_story(&brief, &|_| {}, &never);
    studio.runtime.block_on(made).unwrap();
    studio.until("the story", |harness| has(harness, "Only here"));
    remote.save(&studio, "Far away", remote.server.anon_key());
    reopen(&mut studio, "Far away");
    studio.until("the other workspace has none", |harness| has(harness, "No stories yet"));
    assert!(!has(&studio.harness, "Only here"));
    // What the one that was left still does is nobody's news here.
    let bucket = new_bucket("late-news");
    let told = studio.service.create_bucket(&bucket);
    studio.runtime.block_on(told).unwrap();
    studio.harness.run_steps(10);
    assert!(!contains(&studio.harness, "late-news"));
    go_local(&mut studio);
    studio.until("the story again", |harness| has(harness, "Only here"));
}

fn new_bucket(name: &str) -> storymimi_studio::supabase::NewBucket {
    storymimi_studio::supabase::NewBucket {
        name: storymimi_studio::supabase::BucketName::parse(name).unwrap(),
        public: false,
        file_size_limit: None,
        allowed_mime_types: None,
    }
}

/// Opens a saved workspace from the menu, which reads the list anew.
fn reopen(studio: &mut Studio, name: &str) {
    open_menu(studio);
    studio.until("the workspace is listed", |harness| has(harness, name));
    studio
        .harness
        .get_by_role_and_label(egui::Role::ListBoxOption, name)
        .click();
    studio.until("it is open", |harness| {
        harness.state().service().workspace().name == name
    });
    studio.harness.run_steps(3);
}

#[test]
fn switching_asks_while_jobs_run() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    remote.save(&studio, "Far away", remote.server.anon_key());
    studio
        .service
        .jobs()
        .start("Wait", "a while", Subject::None, |context| async move {
            context.cancel().cancelled().await;
            Ok(Ending::Done("Stopped".to_owned()))
        });
    studio.until("the job", |harness| has(harness, "1 job is running"));
    open_menu(&mut studio);
    studio.until("the list", |harness| has(harness, "Far away"));
    studio
        .harness
        .get_by_role_and_label(egui::Role::ListBoxOption, "Far away")
        .click();
    studio.until("the question", |harness| has(harness, "Keep working"));
    studio.harness.run_steps(3);
    assert!(
        studio.harness.get_by_label("Keep working").is_focused(),
        "Enter does no harm"
    );
    studio.harness.key_press(Key::Enter);
    studio.harness.run_steps(3);
    assert_eq!(studio.harness.state().service().workspace().id, "local");
    open_menu(&mut studio);
    studio
        .harness
        .get_by_role_and_label(egui::Role::ListBoxOption, "Far away")
        .click();
    studio.until("the question again", |harness| has(harness, "Stop it and switch"));
    click(&mut studio, "Stop it and switch");
    studio.until("the other workspace", |harness| {
        harness.state().service().workspace().name == "Far away"
    });
}

#[test]
fn a_workspace_is_removed_after_a_question_and_its_project_stays() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    remote.save(&studio, "Far away", remote.server.service_key());
    reopen(&mut studio, "Far away");
    open_menu(&mut studio);
    click(&mut studio, "Remove this workspace…");
    studio.until("the question", |harness| has(harness, "Remove Far away?"));
    click(&mut studio, "Remove workspace");
    studio.until("the local workspace takes its place", |harness| {
        harness.state().service().workspace().id == "local"
    });
    let list = studio.runtime.block_on(studio.workspaces.list()).unwrap();
    assert_eq!(list.workspaces.len(), 1);
}

#[test]
fn workspaces_are_exported_without_their_keys_and_imported_again() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    let id = remote.save(&studio, "Far away", remote.server.service_key());
    let file = studio.folder.join("shared.toml");
    studio.chosen.lock().unwrap().push(file.clone());
    open_menu(&mut studio);
    studio.until("the list", |harness| has(harness, "Far away"));
    click(&mut studio, "Export workspaces…");
    studio.until("the file", |harness| {
        contains(harness, "has the workspaces, without their keys")
    });
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("Far away") && !text.contains(remote.server.service_key()),
        "{text}"
    );

    studio.runtime.block_on(studio.workspaces.remove(&id)).unwrap();
    std::fs::write(&file, format!("{text}\nkey = \"sb_secret_canary-0123456789\"\n")).unwrap();
    studio.chosen.lock().unwrap().push(file);
    open_menu(&mut studio);
    click(&mut studio, "Import workspaces…");
    studio.until("it is there again", |harness| {
        contains(harness, "Secrets in the file were left out")
    });
    assert!(!contains(&studio.harness, "canary"));
    // Its key is nowhere: opening it asks for the key, with the reason on top.
    open_menu(&mut studio);
    studio.until("it is listed", |harness| has(harness, "Far away"));
    studio
        .harness
        .get_by_role_and_label(egui::Role::ListBoxOption, "Far away")
        .click();
    studio.until("its form", |harness| {
        contains(harness, "The key of “Far away” is not kept")
    });
}

#[test]
fn admin_mode_is_locked_until_it_is_unlocked_and_says_so() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    remote.save(&studio, "Far away", remote.server.service_key());
    reopen(&mut studio, "Far away");
    assert!(has(&studio.harness, "Admin mode, locked"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    studio.until("the buckets", |harness| has(harness, "New bucket"));
    let new = studio.harness.query_all_by_label("New bucket").next().unwrap();
    assert!(new.accesskit_node().is_disabled());
    click(&mut studio, "Unlock admin mode");
    assert!(has(&studio.harness, "Unlock admin mode?"));
    studio.harness.run_steps(2);
    assert!(
        studio.harness.get_by_label("Keep it locked").is_focused(),
        "Enter does no harm"
    );
    click(&mut studio, "Unlock");
    assert!(matches!(
        studio.harness.state().service().admin().state(),
        AdminState::Unlocked { locks_in } if locks_in > Duration::from_secs(800)
    ));
    assert!(has(&studio.harness, "Admin mode"));
    let new = studio.harness.query_all_by_label("New bucket").next().unwrap();
    assert!(!new.accesskit_node().is_disabled());
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    studio.harness.run_steps(3);
    assert_eq!(studio.harness.state().service().admin().state(), AdminState::Locked);
}

#[test]
fn the_palette_lists_workspaces_and_the_keyboard_alone_connects() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    studio.harness.run_steps(3);
    studio.harness.event(Event::Text("add work".to_owned()));
    studio.harness.run_steps(3);
    studio.harness.key_press(Key::Enter);
    studio.until("the connect screen", |harness| {
        has(harness, "Choose where your stories live")
    });
    studio.harness.run_steps(3);
    assert!(
        field(&studio.harness, "Project URL").is_focused(),
        "one can type at once"
    );
    studio.harness.event(Event::Text(remote.server.url().to_owned()));
    studio.harness.run_steps(2);
    // Over the button that clears the field, then into the key's.
    for _ in 0..4 {
        if field(&studio.harness, "Key").is_focused() {
            break;
        }
        studio.harness.key_press(Key::Tab);
        studio.harness.run_steps(2);
    }
    assert!(field(&studio.harness, "Key").is_focused());
    studio.harness.event(Event::Text(remote.server.anon_key().to_owned()));
    studio.harness.run_steps(2);
    studio.harness.key_press(Key::Enter);
    studio.harness.run_steps(3);
    assert!(has(&studio.harness, "anon"));
    do_not_remember(&mut studio);
    let connect = primary(&studio.harness);
    studio.harness.get_by_label(&connect).focus();
    studio.harness.step();
    studio.harness.key_press(Key::Enter);
    studio.until("the project is open", |harness| {
        harness.state().service().workspace().url.as_str() == remote.server.url()
    });
}

#[test]
fn the_picture_of_the_local_workspace_is_drawn_by_its_illustrator() {
    let studio = Studio::start();
    let remote = Remote::start(&studio);
    let body = json!({
        "model": "builtin-illustrator", "n": 1, "seed": 3, "size": "716x424",
        "response_format": "b64_json", "output_format": "png",
        "prompt": "Pip the fox in a green scarf with an owl, a fallen star in a snowy forest at night, mountains, snow falling",
    });
    #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
    let http = reqwest::Client::new();
    let answer: Value = studio.runtime.block_on(async {
        let url = format!("{}/images/generations", remote.server.ai_base_url());
        let request = http.post(url).bearer_auth(remote.server.anon_key()).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    });
    let drawn = base64::engine::general_purpose::STANDARD
        .decode(answer["data"][0]["b64_json"].as_str().unwrap())
        .unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/connect/local.png");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &drawn).unwrap();
    }
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
    let shipped = std::fs::read(path).unwrap();
    assert!(
        pixels(&drawn) == pixels(&shipped),
        "accept the new picture with UPDATE_SNAPSHOTS=1"
    );
}
