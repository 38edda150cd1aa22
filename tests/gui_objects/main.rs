//! What is asked about buckets and objects in the window, and what the inspector tells and changes, on the real embedded
//! server: each test clicks, and then looks what the server has.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod acts;
mod buckets;
mod inspector;
mod pictures;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::Value;
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectInfo, ObjectKey};
use storymimi_studio::transfer::Rules;
use storymimi_studio::transfer::plan::{BadNames, FileSource, KeyTarget, Links, Taken, UploadOrder};
use support::Click as _;
use support::studio::Studio;
use tokio_util::sync::CancellationToken;

/// The bucket of most tests.
const BUCKET: &str = "story-images";

fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).unwrap()
}

fn key(key: &str) -> ObjectKey {
    ObjectKey::parse(key).unwrap()
}

/// A window in its buckets' place, on a project with a public bucket that has these objects.
fn studio(keys: &[&str]) -> Studio {
    sized([1440.0, 900.0], Theme::Dark, keys)
}

fn sized(size: [f32; 2], look: Theme, keys: &[&str]) -> Studio {
    let mut studio = Studio::with(size, look, |_| {});
    make(&studio, BUCKET, true);
    for (at, key) in keys.iter().enumerate() {
        put(&studio, BUCKET, key, support::project::png(32 + at as u32, 24));
    }
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    says(&mut studio, BUCKET);
    studio
}

fn make(studio: &Studio, name: &str, public: bool) {
    let bucket = NewBucket {
        name: bucket(name),
        public,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    studio.runtime.block_on(studio.service.create_bucket(&bucket)).unwrap();
}

/// Stores bytes as a client does.
fn put(studio: &Studio, name: &str, at: &str, bytes: Vec<u8>) {
    let at = key(at);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(at.file_name());
    std::fs::write(&file, bytes).unwrap();
    let order = UploadOrder {
        sources: vec![FileSource::Named(file)],
        bucket: bucket(name),
        target: KeyTarget::Exact(at),
        bad_names: BadNames::Refuse,
        taken: Taken::Refuse,
        links: Links::Refuse,
        rules: Rules::default(),
    };
    let service = studio.service.clone();
    let done = studio.runtime.block_on(async {
        let plan = service
            .plan_upload(&order, &|_| {}, &CancellationToken::new())
            .await
            .unwrap();
        service.submit(plan).await.unwrap()
    });
    // The window runs what is submitted.
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let job = studio.runtime.block_on(studio.service.engine().job(done)).unwrap();
        if job.ended_at.is_some() {
            assert_eq!(job.counts.done, 1, "{job:?}");
            return;
        }
        assert!(Instant::now() < until, "not stored: {job:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The keys that a bucket has, without those of its trash.
fn keys(studio: &Studio, name: &str) -> Vec<String> {
    let rows = studio
        .runtime
        .block_on(studio.service.objects(&bucket(name), ""))
        .unwrap();
    let keys = rows.into_iter().map(|row| row.key);
    keys.filter(|key| !key.starts_with("_trash/")).collect()
}

fn info(studio: &Studio, at: &str) -> ObjectInfo {
    let (bucket, key) = (bucket(BUCKET), key(at));
    studio
        .runtime
        .block_on(studio.service.object_info(&bucket, &key))
        .unwrap()
}

fn metadata(studio: &Studio, at: &str, name: &str) -> Option<Value> {
    info(studio, at).metadata.get(name).cloned()
}

fn says(studio: &mut Studio, words: &str) {
    studio.until(words, |harness| {
        harness.query_all_by_label_contains(words).next().is_some()
    });
}

/// Waits until the server is as it should be.
fn comes_true(studio: &mut Studio, what: &str, is: impl Fn(&Studio) -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is(studio) {
        assert!(Instant::now() < until, "never: {what}");
        studio.harness.run_steps(2);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Clicks what is called so, as soon as it is there.
fn click(studio: &mut Studio, label: &str) {
    studio.until(label, |harness| harness.query_all_by_label(label).next().is_some());
    // A question that has just opened, or grew, finds its middle in the next frames.
    studio.harness.run_steps(4);
    studio
        .harness
        .click(|harness| harness.get_all_by_label(label).next().unwrap().rect());
    studio.harness.run_steps(3);
}

/// Chooses what is to be done with the selection: by its button, or in the menu where there is no room for it.
fn act(studio: &mut Studio, label: &str) {
    says(studio, "selected");
    if studio.harness.query_all_by_label(label).next().is_none() {
        click(studio, "More actions");
    }
    click_one(studio, label);
}

/// Waits until nothing moves any more, and clicks.
fn click_one(studio: &mut Studio, label: &str) {
    studio.until(label, |harness| harness.query_all_by_label(label).next().is_some());
    studio.harness.run_steps(3);
    studio
        .harness
        .click(|harness| harness.get_all_by_label(label).last().unwrap().rect());
    studio.harness.run_steps(3);
}

/// Picks one of the choices that a select has.
fn pick(studio: &mut Studio, select: &str, label: &str) {
    studio.until(select, |harness| {
        harness.query_by_role_and_label(Role::ComboBox, select).is_some()
    });
    studio.harness.run_steps(4);
    studio
        .harness
        .click(|harness| harness.get_by_role_and_label(Role::ComboBox, select).rect());
    let role = Role::MenuItemRadio;
    studio.until(label, |harness| harness.query_by_role_and_label(role, label).is_some());
    studio.harness.run_steps(3);
    studio
        .harness
        .click(|harness| harness.get_by_role_and_label(role, label).rect());
    studio.harness.run_steps(3);
}

/// Clicks the last button of that name as soon as it can be used: that of the question that lies over the rest.
fn confirm(studio: &mut Studio, label: &str) {
    studio.until(label, |harness| {
        let buttons = harness.query_all_by_role_and_label(Role::Button, label);
        buttons
            .last()
            .is_some_and(|button| !button.accesskit_node().is_disabled())
    });
    // What has just changed may still move by a line.
    studio.harness.run_steps(3);
    studio.harness.click(|harness| {
        let buttons = harness.get_all_by_role_and_label(Role::Button, label);
        buttons.last().unwrap().rect()
    });
    studio.harness.run_steps(3);
}

/// Whether the last button of that name cannot be used.
fn is_refused(studio: &Studio, label: &str) -> bool {
    let buttons = studio.harness.query_all_by_role_and_label(Role::Button, label);
    buttons
        .last()
        .is_some_and(|button| button.accesskit_node().is_disabled())
}

/// Chooses an object in the grid.
fn choose(studio: &mut Studio, name: &str) {
    let begins = format!("{name},");
    studio.until(name, |harness| {
        harness
            .query_by(|node| node.label().is_some_and(|label| label.starts_with(&begins)))
            .is_some()
    });
    let object =
        |node: &egui_kittest::kittest::AccessKitNode<'_>| node.label().is_some_and(|label| label.starts_with(&begins));
    studio.harness.click(|harness| harness.get_by(object).rect());
    says(studio, "1 selected");
}

/// Types into an empty field, or over what is in it.
fn retype(studio: &mut Studio, field: &str, text: &str) {
    studio.until(field, |harness| {
        harness
            .query_all_by_role_and_label(Role::TextInput, field)
            .next()
            .is_some()
    });
    studio
        .harness
        .get_all_by_role_and_label(Role::TextInput, field)
        .last()
        .unwrap()
        .focus();
    studio.harness.step();
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    studio.harness.step();
    studio
        .harness
        .get_all_by_role_and_label(Role::TextInput, field)
        .last()
        .unwrap()
        .type_text(text);
    studio.harness.run_steps(2);
}
