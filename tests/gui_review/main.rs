//! The review of an upload, in the window and on the real embedded server: what is told of each file, what is chosen, and
//! that exactly this is done.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod many;
#[path = "../support/mod.rs"]
mod support;
mod trouble;

use std::io::Cursor;
use std::path::{Path, PathBuf};

use egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use image::{ImageFormat, RgbImage};
use storymimi_studio::gui::app::{App, Remembered};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey};
use support::Click as _;
use support::studio::Studio;

fn bucket() -> BucketName {
    BucketName::parse("story-images").unwrap()
}

/// A window in its buckets' place with one bucket, which takes pictures of up to 40 KB.
fn studio(look: Theme, remembered: Remembered) -> Studio {
    let mut studio = Studio::remembering([1440.0, 900.0], look, remembered, |_| {});
    let bucket = NewBucket {
        name: bucket(),
        public: true,
        file_size_limit: Some(40_000),
        allowed_mime_types: Some(vec!["image/png".to_owned(), "image/jpeg".to_owned()]),
    };
    studio.runtime.block_on(studio.service.create_bucket(&bucket)).unwrap();
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    studio.until("the bucket", |harness| {
        harness.query_by_label_contains("Nothing here").is_some()
    });
    studio
}

fn asking() -> Studio {
    studio(Theme::Dark, Remembered::default())
}

/// A picture that compresses badly, so that its size can be told.
fn noise(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut seed = width.wrapping_mul(31).wrapping_add(height);
    let picture = RgbImage::from_fn(width, height, |x, y| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (seed >> 26) as u8;
        image::Rgb([
            (x * 255 / width) as u8 ^ noise,
            (y * 255 / height) as u8,
            120_u8.wrapping_add(noise),
        ])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn write(studio: &Studio, name: &str, bytes: &[u8]) -> PathBuf {
    let path = studio.folder.join("files").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn drop_files(studio: &mut Studio, paths: &[PathBuf]) {
    support::dropped::drop_files(&mut studio.harness, paths);
    studio.harness.run_steps(2);
}

/// Stores an object that was there before.
fn store(studio: &mut Studio, name: &str, bytes: &[u8]) {
    use storymimi_studio::transfer::Rules;
    use storymimi_studio::transfer::plan::{BadNames, FileSource, KeyTarget, Links, Taken, UploadOrder};
    let path = studio.folder.join("before").join(name);
    let folder = name.rfind('/').map_or("", |slash| &name[..=slash]).to_owned();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    let order = UploadOrder {
        sources: vec![FileSource::Named(path)],
        bucket: bucket(),
        target: KeyTarget::Under(folder),
        bad_names: BadNames::Refuse,
        taken: Taken::Refuse,
        links: Links::Refuse,
        rules: Rules::default(),
    };
    let service = studio.service.clone();
    studio.runtime.block_on(async {
        let never = tokio_util::sync::CancellationToken::new();
        let plan = service.plan_upload(&order, &|_| {}, &never).await.unwrap();
        service.submit(plan).await.unwrap();
    });
    let key = name.to_owned();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !keys(studio).contains(&key) {
        studio.harness.step();
        assert!(std::time::Instant::now() < until, "{key} was not stored");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// What is stored, without what is in the trash.
fn keys(studio: &Studio) -> Vec<String> {
    let rows = studio.runtime.block_on(studio.service.objects(&bucket(), "")).unwrap();
    let keys = rows.into_iter().map(|row| row.key);
    keys.filter(|key| !key.starts_with("_trash/")).collect()
}

fn stored(studio: &Studio, key: &str) -> Vec<u8> {
    let key = ObjectKey::parse(key).unwrap();
    let object = studio.runtime.block_on(studio.service.download(&bucket(), &key));
    object.unwrap().bytes.to_vec()
}

fn says(studio: &mut Studio, words: &str) {
    studio.until(words, |harness| {
        harness.query_all_by_label_contains(words).next().is_some()
    });
}

fn says_not(studio: &mut Studio, words: &str) {
    studio.until(words, |harness| {
        harness.query_all_by_label_contains(words).next().is_none()
    });
}

fn click(studio: &mut Studio, label: &str) {
    studio.until(label, |harness| harness.query_all_by_label(label).next().is_some());
    studio
        .harness
        .click(|harness| harness.get_all_by_label(label).last().unwrap().rect());
    studio.harness.run_steps(3);
}

/// Chooses what is done about a file in the menu of its row.
fn choose(studio: &mut Studio, file: &str, fix: &str) {
    click(studio, &format!("What is done about {file}"));
    let is_item = |node: &egui_kittest::Node<'_>| {
        let role = node.accesskit_node().role();
        matches!(role, egui::Role::MenuItem | egui::Role::MenuItemRadio)
    };
    studio.until(fix, |harness| {
        harness.query_all_by_label(fix).any(|node| is_item(&node))
    });
    studio
        .harness
        .click(|harness| harness.query_all_by_label(fix).find(is_item).unwrap().rect());
    studio.harness.run_steps(3);
}

/// Begins, once nothing is looked at any more.
fn start(studio: &mut Studio) {
    studio.until("it can begin", |harness| {
        harness.query_all_by_label_contains(" still ").next().is_none()
    });
    click(studio, "Start upload");
}

fn is_closed(harness: &Harness<'static, App>) -> bool {
    harness.query_all_by_label_contains("before uploading").next().is_none()
}

fn until_stored(studio: &mut Studio, expected: &[&str]) {
    studio.until("the review is closed", is_closed);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while keys(studio) != expected {
        studio.harness.step();
        assert!(std::time::Instant::now() < until, "{:?}", keys(studio));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn plain_files_are_one_click_and_nothing_is_sent_before_it() {
    let mut studio = asking();
    let (fox, owl) = (noise(40, 30, ImageFormat::Png), noise(50, 30, ImageFormat::Png));
    let paths = [write(&studio, "fox.png", &fox), write(&studio, "owl.png", &owl)];
    *studio.chosen.lock().unwrap() = paths.to_vec();
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::U);
    says(&mut studio, "Review 2 files before uploading");
    says(&mut studio, "fox.png, Ready");
    says(&mut studio, "2 of 2 will upload");
    assert!(keys(&studio).is_empty(), "nothing is sent before it is wanted");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until_stored(&mut studio, &["fox.png", "owl.png"]);
    assert_eq!(stored(&studio, "owl.png"), owl);
}

#[test]
fn who_wants_no_review_of_what_is_ready_gets_none_and_one_of_everything_else() {
    let mut studio = studio(Theme::Dark, Remembered::default().sending_what_is_ready());
    let path = write(&studio, "fox.png", &noise(40, 30, ImageFormat::Png));
    drop_files(&mut studio, std::slice::from_ref(&path));
    until_stored(&mut studio, &["fox.png"]);
    drop_files(&mut studio, &[path]);
    says(&mut studio, "It is there already, with the same bytes");
    let other = write(&studio, "fox.png", &noise(44, 30, ImageFormat::Png));
    drop_files(&mut studio, &[other]);
    says(&mut studio, "fox.png needs a choice before you can start");
    choose(&mut studio, "fox.png", "Keep both");
    says(&mut studio, "1 of 1 will upload");
    start(&mut studio);
    until_stored(&mut studio, &["fox (2).png", "fox.png"]);
}

#[test]
fn cancelled_nothing_is_done_and_nothing_is_left_behind() {
    let mut studio = asking();
    let large = write(&studio, "large.png", &noise(300, 300, ImageFormat::Png));
    drop_files(&mut studio, &[large]);
    says(&mut studio, "large.png, Over 40 KB");
    // Its smaller copy has another size.
    says(&mut studio, ", was ");
    let prepared = prepared(&studio);
    assert_eq!(files_in(&prepared), 1, "the smaller one was made");
    studio.harness.key_press(Key::Escape);
    studio.until("closed", is_closed);
    studio.until("what was made is gone", |_| files_in(&prepared) == 0);
    assert!(keys(&studio).is_empty());
}

/// Where files are made for uploads.
fn prepared(studio: &Studio) -> PathBuf {
    studio
        .folder
        .join("journal")
        .join(&studio.service.workspace().id)
        .join("prepared")
}

/// Files anywhere in a folder, without locks.
fn files_in(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let count = |entry: std::fs::DirEntry| {
        let path = entry.path();
        if path.is_dir() {
            files_in(&path)
        } else {
            usize::from(path.extension().is_none_or(|extension| extension != "lock"))
        }
    };
    entries.flatten().map(count).sum()
}

#[test]
fn a_picture_of_the_clipboard_is_pasted_into_the_folder_that_is_shown() {
    let mut studio = asking();
    let pixels = vec![egui::Color32::LIGHT_BLUE; 20 * 10];
    let picture = egui::ColorImage::new([20, 10], pixels);
    let pasted = egui::Event::PasteImage(std::sync::Arc::new(picture));
    studio.harness.event(pasted);
    studio.harness.run_steps(2);
    says(&mut studio, "Review 1 file before uploading");
    says(&mut studio, ".png, Ready");
    says(&mut studio, "20 × 10");
    start(&mut studio);
    studio.until("closed", is_closed);
    studio.until("done", |harness| {
        harness.query_by_label("Verified, server hash").is_some()
    });
    let keys = keys(&studio);
    assert!(keys[0].starts_with("pasted-") && keys.len() == 1, "{keys:?}");
    // The job had a file of its own, which goes with it.
    let prepared = prepared(&studio);
    studio.until("what was made is gone", |_| files_in(&prepared) == 0);
}

#[test]
fn more_files_are_added_and_others_left_out_by_keyboard() {
    let mut studio = asking();
    let first = write(&studio, "a.png", &noise(20, 20, ImageFormat::Png));
    drop_files(&mut studio, &[first]);
    says(&mut studio, "a.png, Ready");
    let second = write(&studio, "b.png", &noise(21, 20, ImageFormat::Png));
    *studio.chosen.lock().unwrap() = vec![second];
    click(&mut studio, "Add files…");
    says(&mut studio, "b.png, Ready");
    let third = write(&studio, "c.png", &noise(22, 20, ImageFormat::Png));
    drop_files(&mut studio, &[third]);
    says(&mut studio, "Review 3 files before uploading");
    says(&mut studio, "c.png, Ready");
    studio.harness.get_by_label("b.png, Ready").focus();
    studio.harness.run_steps(1);
    studio.harness.key_press(Key::Space);
    studio.harness.run_steps(2);
    says(&mut studio, "b.png, Left out");
    says(&mut studio, "2 of 3 will upload");
    start(&mut studio);
    until_stored(&mut studio, &["a.png", "c.png"]);
}

#[test]
fn folder_template_and_rules_hold_for_all() {
    let mut studio = asking();
    store(&mut studio, "winter/1-fox.png", &noise(9, 9, ImageFormat::Png));
    let fox = noise(20, 20, ImageFormat::Png);
    let paths = [
        write(&studio, "fox.png", &fox),
        write(&studio, "owl.png", &noise(21, 20, ImageFormat::Png)),
    ];
    drop_files(&mut studio, &paths);
    says(&mut studio, "owl.png, Ready");
    studio.type_into("Folder", "wintär");
    says(&mut studio, "“ä” is not allowed in keys.");
    studio.harness.key_press(Key::Backspace);
    studio.harness.key_press(Key::Backspace);
    studio.harness.run_steps(1);
    studio.type_into("Folder", "er");
    studio.type_into("File name", "{index1}-{name}.{ext}");
    says(&mut studio, "winter/2-owl.png");
    says(&mut studio, "fox.png, Key already taken");
    click(&mut studio, "Replace, old one to trash");
    says(&mut studio, "2 of 2 will upload");
    says_not(&mut studio, "still checked");
    start(&mut studio);
    until_stored(&mut studio, &["winter/1-fox.png", "winter/2-owl.png"]);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while stored(&studio, "winter/1-fox.png") != fox {
        studio.harness.step();
        assert!(std::time::Instant::now() < until, "it was not replaced");
    }
}
