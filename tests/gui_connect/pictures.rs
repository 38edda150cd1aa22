//! Pictures of the connect screen, of the same form in both themes.

use egui::Theme;
use egui_kittest::{Harness, SnapshotResults};
use jiff::Timestamp;
use serde_json::json;
use storymimi_studio::gui::action::Action;
use storymimi_studio::gui::panel::connect::{self, Facts, Field, Focus, State, Way};
use storymimi_studio::service::connection::{Check, CheckId, CheckState, Fix};
use storymimi_studio::service::{Problem, VaultState};
use storymimi_studio::workspace::Dialect;

use crate::{support, token};

struct Page {
    state: State,
    actions: Vec<Action>,
}

fn now() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

fn open(size: [f32; 2], look: Theme, state: State) -> Harness<'static, Page> {
    let page = Page {
        state,
        actions: Vec::new(),
    };
    let mut harness = support::builder(size, look).build_ui_state(
        |ui, page: &mut Page| {
            let facts = Facts {
                local_address: Some("127.0.0.1:54400"),
                folder: "/home/editor/.local/share/storymimi-studio",
                is_local_open: false,
                now: now(),
            };
            connect::show(ui, &mut page.state, &facts, &mut page.actions);
        },
        page,
    );
    harness.run_steps(3);
    harness
}

fn check(id: CheckId, state: CheckState, words: &str) -> Check {
    Check {
        state,
        words: words.to_owned(),
        ..Check::waiting(id)
    }
}

/// The form of the design's picture: a URL with too much in it, a service key, a test with a warning.
fn with_service_key() -> State {
    let mut state = State::new();
    state.focus = Some(Focus::on(Field::Key));
    state.set_vault(VaultState {
        no_keychain: None,
        is_locked: false,
        is_open: false,
    });
    state.form.url.text = "https://https://vqkzmdlrwsnhtyfpjxbe.supabase.co/rest/v1/".to_owned();
    state.url_changed();
    let key = token(&json!({
        "iss": "supabase", "ref": "vqkzmdlrwsnhtyfpjxbe", "role": "service_role", "exp": 2_065_392_000
    }));
    state.paste_key(&key, now());
    state.wants_test = false;
    let missing = Check {
        fix: Some(Fix::CopySql("alter table scenes add column alt_text text;".to_owned())),
        ..check(
            CheckId::AltText,
            CheckState::Warning,
            "scenes.alt_text is missing, alt text stays in object metadata",
        )
    };
    state.show_test(vec![
        check(
            CheckId::Reachable,
            CheckState::Ok,
            "84 ms, encrypted, certificate valid until 2 Feb 2027",
        ),
        check(
            CheckId::StorageApi,
            CheckState::Ok,
            "Version 1.28.0, resumable uploads, list v2",
        ),
        check(CheckId::Key, CheckState::Ok, "service_role, passes every access rule"),
        check(CheckId::Buckets, CheckState::Ok, "6 buckets, 3 public and 3 private"),
        check(
            CheckId::Stories,
            CheckState::Ok,
            "public.stories, 38 rows, public.scenes, 261 rows",
        ),
        missing,
        check(CheckId::Clock, CheckState::Ok, "Like the server's"),
        check(CheckId::Rendering, CheckState::Ok, "A 64 px preview in 310 ms"),
    ]);
    state
}

fn with_errors() -> State {
    let mut state = State::not_opened(
        None,
        Problem::new(
            "Far away could not be opened: its server did not answer.",
            "The local workspace is open in its place. Check the address and the network, then connect again.",
        ),
    );
    state.focus = None;
    state.set_vault(VaultState {
        no_keychain: Some(
            "the system's keychain cannot be used: there is no secret service on this desktop".to_owned(),
        ),
        is_locked: true,
        is_open: false,
    });
    state.form.url.text = "http://vqkzmdlrwsnhtyfpjxbe.supabase.co".to_owned();
    state.url_changed();
    state.left_url(false);
    state.paste_key("sbp_0123456789abcdef0123456789abcdef01234567", now());
    let refused = Check {
        advice:
            "Copy the key again from the project's settings; a key that was replaced there is refused from then on."
                .to_owned(),
        fix: Some(Fix::ChangeKey),
        ..check(CheckId::Key, CheckState::Failed, "The server refuses this key")
    };
    state.show_test(vec![
        check(
            CheckId::Reachable,
            CheckState::Ok,
            "84 ms, encrypted, certificate valid until 2 Feb 2027",
        ),
        check(
            CheckId::StorageApi,
            CheckState::Ok,
            "Version 1.28.0, resumable uploads, list v2",
        ),
        refused,
    ]);
    state
}

fn signing_in() -> State {
    let mut state = with_service_key();
    state.sign_in_instead();
    state.focus = None;
    state.paste_key("sb_publishable_0123456789abcdefghij", now());
    state.form.way = Way::SignIn;
    state.form.email = "editor@storymimi.example".to_owned();
    state.form.password.set("correct horse");
    state.form.advanced.open = true;
    state.wants_test = false;
    state
}

fn with_providers() -> State {
    let mut state = with_service_key();
    state.form.advanced.open = true;
    let providers = &mut state.form.providers;
    providers.add(Dialect::OpenaiLoose);
    "ollama".clone_into(&mut providers.list[0].name);
    "qwen3:8b".clone_into(&mut providers.list[0].text_model);
    providers.add(Dialect::Gemini);
    let gemini = &mut providers.list[1];
    gemini.key.set("AIzaSy-0123456789abcdefghijklmnop");
    "gemini-3.1-flash".clone_into(&mut gemini.text_model);
    "gemini-3.1-flash-image".clone_into(&mut gemini.image_model);
    "0.04".clone_into(&mut gemini.price);
    "twenty".clone_into(&mut gemini.budget);
    state
}

#[test]
fn pictures_of_the_connect_screen() {
    let mut results = SnapshotResults::new();
    let mut take = |name: &str, size: [f32; 2], look: Theme, state: State| {
        let mut harness = open(size, look, state);
        harness.snapshot(name);
        results.extend(harness.take_snapshot_results());
    };
    take("connect_dark", [1440.0, 900.0], Theme::Dark, with_service_key());
    take("connect_light", [1440.0, 900.0], Theme::Light, with_service_key());
    take("connect_errors", [1280.0, 800.0], Theme::Dark, with_errors());
    take("connect_small", [1120.0, 700.0], Theme::Light, with_service_key());
    take("connect_sign_in", [1280.0, 1100.0], Theme::Dark, signing_in());
    take("connect_providers", [1280.0, 1500.0], Theme::Dark, with_providers());
}
