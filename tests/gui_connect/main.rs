//! Connecting from the window: the local workspace, projects with each kind of key, switching, sharing, admin mode.
//! Projects are real embedded servers; what only a broken server does is done by a scripted one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin;
mod checks;
mod keys;
mod pictures;
mod providers;
mod screen;
mod sign_in;
#[path = "../support/mod.rs"]
mod support;
mod switching;

use base64::Engine as _;
use egui::Event;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::{Value, json};
use storymimi_studio::gui::app::App;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::NewSecrets;
use storymimi_studio::workspace::{ApiKey, Keep, Profile, ProfileId, ProjectUrl};
use support::Click as _;
use support::provider;
use support::studio::Studio;

type Harness = egui_kittest::Harness<'static, App>;

/// A second embedded server, which the window knows only by its address and keys.
struct Remote {
    server: Server,
    _folder: tempfile::TempDir,
}

impl Remote {
    fn start(studio: &Studio) -> Self {
        Self::with(studio, |_| {})
    }

    /// With settings that the test changes before it starts.
    fn with(studio: &Studio, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
        let mut config = Config::new(folder.path().join("data"), secrets);
        change(&mut config);
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
        self.save_in(studio, name, key, Keep::Session)
    }

    fn save_in(&self, studio: &Studio, name: &str, key: &str, keep: Keep) -> ProfileId {
        let mut profile = Profile::new(ProfileId::fresh(name, &[]), self.url());
        name.clone_into(&mut profile.name);
        profile.keep = keep;
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
    studio.harness.click(|harness| harness.get_by_label(label).rect());
    studio.harness.run_steps(3);
}

/// Opens the switcher's menu and waits for its list.
fn open_menu(studio: &mut Studio) {
    studio.harness.run_steps(2);
    studio
        .harness
        .click(|harness| harness.get_by_label_contains("Workspace ").rect());
    studio.harness.run_steps(3);
    studio.until("the menu", |harness| has(harness, "Add workspace…"));
    // It was measured in its first frame, and is where it stays in the next.
    studio.harness.run_steps(2);
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

/// Lists the requests with these words. What is still on its way into a window that was opened just now may put its own list in
/// the place, or take the keyboard; then a user does it again.
fn filter_requests(studio: &mut Studio, words: &str) {
    let is_chosen = |harness: &Harness| {
        let tab = harness.get_by_role_and_label(egui::Role::Tab, "Requests");
        let node = tab.accesskit_node();
        node.is_selected() == Some(true) || node.toggled() == Some(egui::accesskit::Toggled::True)
    };
    let is_filled = |harness: &Harness| field(harness, "Filter the list").value().as_deref() == Some(words);
    for _ in 0..40 {
        if !is_chosen(&studio.harness) {
            click(studio, "Requests");
        } else if !is_filled(&studio.harness) {
            paste(studio, "Filter the list", words);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        studio.harness.run_steps(5);
    }
    assert!(is_chosen(&studio.harness) && is_filled(&studio.harness));
}

/// Turns the "remember" switch off: a test leaves nothing in anybody's keychain.
fn do_not_remember(studio: &mut Studio) {
    studio.until("what the vault is", |harness| contains(harness, "Remember in "));
    let is_on = |harness: &Harness| {
        let switch = harness.get_by_role(egui::Role::Switch);
        switch.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    };
    if is_on(&studio.harness) {
        studio
            .harness
            .click(|harness| harness.get_by_role(egui::Role::Switch).rect());
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
    studio.harness.click(|harness| {
        harness
            .get_by_role_and_label(egui::Role::ListBoxOption, "Local workspace")
            .rect()
    });
    studio.until("the local workspace", |harness| {
        harness.state().service().workspace().id == "local"
    });
    studio.harness.run_steps(3);
}

/// Opens a saved workspace from the menu, which reads the list anew.
fn reopen(studio: &mut Studio, name: &str) {
    open_menu(studio);
    studio.until("the workspace is listed", |harness| has(harness, name));
    studio
        .harness
        .click(|harness| harness.get_by_role_and_label(egui::Role::ListBoxOption, name).rect());
    studio.until("it is open", |harness| {
        harness.state().service().workspace().name == name
    });
    studio.harness.run_steps(3);
}
