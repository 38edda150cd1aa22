//! When the connect screen is shown, by keyboard alone, and its picture.

use base64::Engine as _;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use serde_json::{Value, json};

use crate::support::studio::Studio;
use crate::{Remote, click, contains, do_not_remember, field, has, open_connect, paste, primary};

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
    studio.until("the test has ended", |harness| !contains(harness, ": running"));
    studio.harness.run_steps(3);
    let connect = primary(&studio.harness);
    assert!(
        studio.harness.get_by_label(&connect).is_focused(),
        "rows that came to their end took the focus away"
    );
    studio.harness.key_press(Key::Enter);
    studio.until("the project is open", |harness| {
        harness.state().service().workspace().url.as_str() == remote.server.url()
    });
}

#[test]
fn the_keyboard_goes_through_the_form_in_the_order_in_which_it_is_read() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    open_connect(&mut studio);
    click(&mut studio, "Sign in");
    field(&studio.harness, "Project URL").focus();
    studio.harness.step();
    let texts = [
        ("Project URL", remote.server.url()),
        ("Publishable key", remote.server.anon_key()),
        ("E-mail", "you@example.org"),
        ("Password", "correct horse battery"),
    ];
    for (name, text) in texts {
        // Past the buttons of the field before.
        for _ in 0..3 {
            if field(&studio.harness, name).is_focused() {
                break;
            }
            studio.harness.key_press(Key::Tab);
            studio.harness.run_steps(2);
        }
        assert!(field(&studio.harness, name).is_focused(), "{name}");
        studio.harness.event(Event::Text(text.to_owned()));
        studio.harness.run_steps(2);
    }
    assert_eq!(
        field(&studio.harness, "E-mail").value().as_deref(),
        Some("you@example.org")
    );
}

#[test]
fn the_page_follows_the_keyboard() {
    let mut studio = Studio::with([1280.0, 800.0], egui::Theme::Dark, |_| {});
    open_connect(&mut studio);
    click(&mut studio, "Name, colour and more");
    for _ in 0..60 {
        studio.harness.key_press(Key::Tab);
        // The first frame says where to, the next ones go there.
        studio.harness.run_steps(6);
        let named = studio.harness.query_all_by_label("Add a provider");
        if let Some(button) = named.into_iter().find(egui_kittest::Node::is_focused) {
            let at = button.rect();
            let foot = studio.harness.get_by_label("Back").rect();
            assert!(
                at.top() >= 44.0 && at.bottom() <= foot.top(),
                "{at:?} is hidden, the foot is at {foot:?}"
            );
            return;
        }
    }
    panic!("the keyboard never came to the button");
}

#[test]
fn a_passphrase_that_is_too_short_is_told_beside_its_field() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    open_connect(&mut studio);
    paste(&mut studio, "Project URL", remote.server.url());
    paste(&mut studio, "Key", remote.server.anon_key());
    let name = "Passphrase of the encrypted file";
    studio.until("the passphrase is asked for", |harness| has(harness, name));
    paste(&mut studio, name, "short");
    studio.harness.key_press(Key::Enter);
    studio.until("the refusal", |harness| {
        contains(harness, "A passphrase has at least 10 characters")
    });
    studio.until("one can type at once", |harness| field(harness, name).is_focused());
    paste(&mut studio, name, "seven foxes in the snow");
    assert!(!contains(&studio.harness, "A passphrase has at least"));
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
