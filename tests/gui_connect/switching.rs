//! From one workspace to another and back; removing, exporting and importing them.

use egui::Key;
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::service::{Ending, Subject};
use storymimi_studio::story::Brief;
use tokio_util::sync::CancellationToken;

use super::support::Click as _;
use crate::support::studio::Studio;
use crate::{Remote, click, contains, go_local, has, open_menu, reopen};

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

#[test]
fn the_menu_opens_with_all_that_is_there_and_does_not_move() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    studio.settle();
    // As another process does: the window has not heard of it.
    remote.save(&studio, "Made elsewhere", remote.server.anon_key());
    studio
        .harness
        .click(|harness| harness.get_by_label_contains("Workspace ").rect());
    studio.until("the menu", |harness| has(harness, "Add workspace…"));
    assert!(has(&studio.harness, "Made elsewhere"));
    let place = |studio: &Studio| studio.harness.get_by_label("Add workspace…").rect();
    studio.harness.run_steps(2);
    let before = place(&studio);
    studio.settle();
    assert_eq!(place(&studio), before);

    // A click on what opened it closes it.
    studio
        .harness
        .click(|harness| harness.get_by_label_contains("Workspace ").rect());
    studio.until("no menu", |harness| !has(harness, "Add workspace…"));
    studio.settle();
    assert!(!has(&studio.harness, "Add workspace…"));
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
    studio.harness.click(|harness| {
        harness
            .get_by_role_and_label(egui::Role::ListBoxOption, "Far away")
            .rect()
    });
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
    studio.harness.click(|harness| {
        harness
            .get_by_role_and_label(egui::Role::ListBoxOption, "Far away")
            .rect()
    });
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
    studio.harness.click(|harness| {
        harness
            .get_by_role_and_label(egui::Role::ListBoxOption, "Far away")
            .rect()
    });
    studio.until("its form", |harness| {
        contains(harness, "The key of “Far away” is not kept")
    });
}
