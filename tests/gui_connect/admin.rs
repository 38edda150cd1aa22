//! Admin mode: locked, unlocked by who confirms it, and locked again.

use std::time::Duration;

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::http::Secret;
use storymimi_studio::service::AdminState;
use storymimi_studio::story::Brief;
use storymimi_studio::workspace::Keep;
use tokio_util::sync::CancellationToken;

use crate::support::studio::Studio;
use crate::{Remote, click, contains, field, has, paste, reopen};

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
fn a_key_in_the_encrypted_file_is_unlocked_by_its_passphrase() {
    const PASSPHRASE: &str = "seven foxes in the snow";
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    let opened = studio.workspaces.unlock_vault(Secret::exact(PASSPHRASE));
    studio.runtime.block_on(opened).unwrap();
    remote.save_in(&studio, "Far away", remote.server.service_key(), Keep::File);
    reopen(&mut studio, "Far away");
    click(&mut studio, "Unlock admin mode");
    studio.until("the question", |harness| has(harness, "Unlock admin mode?"));
    studio.harness.run_steps(3);
    assert!(studio.harness.get_by_label("Unlock").accesskit_node().is_disabled());
    let name = "Passphrase of the encrypted file";
    assert!(field(&studio.harness, name).is_focused(), "one can type at once");
    studio.harness.event(Event::Text("seven foxes in the sand".to_owned()));
    studio.harness.run_steps(3);
    studio.harness.key_press(Key::Enter);
    studio.until("the refusal", |harness| contains(harness, "This is not the passphrase"));
    studio.picture("unlock-refused");
    assert_eq!(studio.harness.state().service().admin().state(), AdminState::Locked);
    studio.harness.run_steps(3);
    paste(&mut studio, name, PASSPHRASE);
    click(&mut studio, "Unlock");
    studio.until("it is unlocked", |harness| {
        matches!(harness.state().service().admin().state(), AdminState::Unlocked { .. })
    });
    studio.harness.run_steps(3);
    assert!(!has(&studio.harness, "Unlock admin mode?"));
    assert!(!format!("{:?}", studio.harness.root()).contains("foxes"));
}

#[test]
fn while_it_is_locked_a_story_makes_no_bucket() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    remote.save(&studio, "Far away", remote.server.service_key());
    reopen(&mut studio, "Far away");
    let service = studio.harness.state().service().clone();
    let brief = Brief::new("A bucket of one's own", "A fox in the snow", 1, 3).unwrap();
    let never = CancellationToken::new();
    let create = || studio.runtime.block_on(service.create_story(&brief, &|_| {}, &never));
    let problem = create().unwrap_err();
    assert!(
        problem.what.contains("is not there yet. Admin mode is locked"),
        "{problem:?}"
    );
    assert!(studio.runtime.block_on(service.buckets()).unwrap().is_empty());
    assert!(studio.runtime.block_on(service.all_stories()).unwrap().is_empty());
    service.admin().unlock();
    create().unwrap();
    // Once it is there, stories are made while it is locked as well: they only add.
    service.admin().lock();
    create().unwrap();
}
