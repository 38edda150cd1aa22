//! Everything that can be wrong with a file, at once and one by one; pictures of it in both themes.

use std::path::PathBuf;

use egui::Theme;
use egui_kittest::kittest::Queryable as _;
use image::ImageFormat;
use storymimi_studio::gui::app::Remembered;
use storymimi_studio::media;

use super::support::studio::Studio;
use super::{asking, choose, click, drop_files, keys, noise, says, start, store, stored, studio, until_stored, write};

/// A window with a review of everything that can be wrong.
fn everything(look: Theme) -> Studio {
    let mut studio = studio(look, Remembered::default());
    let same = noise(60, 40, ImageFormat::Png);
    store(&mut studio, "scene-06.png", &same);
    store(&mut studio, "cover.png", &noise(30, 30, ImageFormat::Png));
    let paths: Vec<PathBuf> = [
        ("scene-01.png", noise(80, 60, ImageFormat::Png)),
        ("scene-02.png", noise(82, 60, ImageFormat::Png)),
        ("scene-04.webp", noise(84, 60, ImageFormat::WebP)),
        ("scene-05 large.png", noise(400, 300, ImageFormat::Png)),
        ("scene-06.png", same),
        ("Möhre #7 [final].png", noise(86, 60, ImageFormat::Png)),
        ("scene-08.jpg", noise(88, 60, ImageFormat::Png)),
        ("cover.png", noise(90, 60, ImageFormat::Png)),
        ("empty.png", Vec::new()),
        ("notes for print.txt", b"notes".to_vec()),
    ]
    .iter()
    .map(|(name, bytes)| write(&studio, name, bytes))
    .collect();
    drop_files(&mut studio, &paths);
    says(&mut studio, "Review 10 files before uploading");
    says(&mut studio, "2 files need a choice before you can start");
    studio.until("everything is looked at", |harness| {
        harness.query_all_by_label_contains(", Checking").next().is_none()
            && harness.query_by_label_contains("6 of 10 will upload").is_some()
    });
    // The small pictures come last.
    studio.settle();
    studio
}

/// Compares the question, without the window around it and its own corners, through which that is seen.
fn looks_like(studio: &mut Studio, name: &str) {
    let window = studio.harness.render().unwrap();
    let (width, height) = (1160 - 24, 744 - 24);
    let (left, top) = ((window.width() - width) / 2, (window.height() - height) / 2);
    let question = image::imageops::crop_imm(&window, left, top, width, height).to_image();
    egui_kittest::image_snapshot(&question, name);
}

#[test]
fn everything_that_is_wrong_is_told_and_only_what_was_reviewed_is_done() {
    let mut studio = everything(Theme::Dark);
    studio.picture("review-dark");
    looks_like(&mut studio, "review_dark");
    for row in [
        "scene-01.png, Ready",
        "scene-04.webp, WebP not allowed",
        "scene-05 large.png, Over 40 KB",
        "scene-06.png, Already there",
        "Möhre #7 [final].png, ö # [ ] not valid",
        "scene-08.jpg, Wrong extension",
        "cover.png, Key already taken",
        "empty.png, Empty file",
    ] {
        assert!(studio.harness.query_by_label(row).is_some(), "{row}");
    }
    click(&mut studio, "Needs a choice");
    assert!(studio.harness.query_by_label("scene-01.png, Ready").is_none());
    studio.picture("review-choices");
    choose(&mut studio, "cover.png", "Keep both");
    choose(&mut studio, "empty.png", "Skip");
    click(&mut studio, "Fixed for you");
    studio.picture("review-fixed");
    click(&mut studio, "All");
    says(&mut studio, "7 of 10 will upload");
    studio.until("it can begin", |harness| {
        harness.query_by_label_contains("still checked").is_none()
    });
    start(&mut studio);
    let expected = [
        "Mohre-7-final.png",
        "cover (2).png",
        "cover.png",
        "scene-01.png",
        "scene-02.png",
        "scene-04.png",
        "scene-05 large.png",
        "scene-06.png",
        "scene-08.png",
    ];
    until_stored(&mut studio, &expected);
    assert_eq!(
        media::detect(&stored(&studio, "scene-04.png")),
        Some(media::MediaType::Png)
    );
    let resized = stored(&studio, "scene-05 large.png");
    assert!(resized.len() <= 40_000, "{}", resized.len());
    assert_eq!(stored(&studio, "scene-01.png"), noise(80, 60, ImageFormat::Png));
    assert_eq!(
        stored(&studio, "cover.png"),
        noise(30, 30, ImageFormat::Png),
        "what was there stays"
    );
}

#[test]
fn it_looks_as_well_in_light() {
    let mut studio = everything(Theme::Light);
    studio.picture("review-light");
    looks_like(&mut studio, "review_light");
    click(&mut studio, "What is done about cover.png");
    studio.harness.run_steps(2);
    studio.picture("review-light-menu");
}

#[test]
fn what_helps_one_helps_all_that_are_alike() {
    let mut studio = asking();
    let mut paths = Vec::new();
    for name in ["a.png", "b.png", "c.png"] {
        store(&mut studio, name, &noise(9, 9, ImageFormat::Png));
        paths.push(write(&studio, name, &noise(20, 10, ImageFormat::Png)));
    }
    drop_files(&mut studio, &paths);
    says(&mut studio, "3 files need a choice before you can start");
    choose(&mut studio, "b.png", "Replace");
    says(&mut studio, "2 files need a choice before you can start");
    click(&mut studio, "Apply fix to all alike");
    says(&mut studio, "3 of 3 will upload");
    start(&mut studio);
    until_stored(&mut studio, &["a.png", "b.png", "c.png"]);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while stored(&studio, "c.png") != noise(20, 10, ImageFormat::Png) {
        studio.harness.step();
        assert!(std::time::Instant::now() < until, "it was not replaced");
    }
}

#[test]
fn a_file_that_changes_before_the_start_is_looked_at_again() {
    let mut studio = asking();
    let path = write(&studio, "fox.png", &noise(20, 20, ImageFormat::Png));
    drop_files(&mut studio, &[path]);
    says(&mut studio, "fox.png, Ready");
    let now = noise(31, 21, ImageFormat::Png);
    write(&studio, "fox.png", &now);
    start(&mut studio);
    says(
        &mut studio,
        "1 file was changed just now and looked at again; start once more",
    );
    says(&mut studio, "31 × 21");
    assert!(keys(&studio).is_empty());
    says(&mut studio, "fox.png, Ready");
    start(&mut studio);
    until_stored(&mut studio, &["fox.png"]);
    assert_eq!(stored(&studio, "fox.png"), now);
}

#[test]
fn what_is_gone_or_no_file_is_told_and_the_rest_goes() {
    let mut studio = asking();
    let there = write(&studio, "folder/fox.png", &noise(20, 20, ImageFormat::Png));
    let gone = write(&studio, "folder/gone.png", &noise(21, 20, ImageFormat::Png));
    let folder = there.parent().unwrap().to_owned();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", folder.join("link.png")).unwrap();
    drop_files(&mut studio, &[folder]);
    says(&mut studio, "folder/gone.png, Ready");
    std::fs::remove_file(gone).unwrap();
    start(&mut studio);
    says(&mut studio, "1 file was changed just now and looked at again");
    says(&mut studio, "folder/gone.png, It cannot be read");
    says(&mut studio, "1 of");
    start(&mut studio);
    until_stored(&mut studio, &["folder/fox.png"]);
}

#[test]
fn a_folder_that_is_not_there_any_more_is_a_sentence() {
    let mut studio = asking();
    let nowhere = studio.folder.join("nowhere");
    drop_files(&mut studio, &[nowhere]);
    says(&mut studio, "There is no file or folder");
    says(&mut studio, "No files yet");
    click(&mut studio, "Cancel");
}

#[test]
fn another_name_is_typed_and_judged_like_any_other() {
    let mut studio = asking();
    let path = write(&studio, "fox.jpg", &noise(20, 20, ImageFormat::Png));
    drop_files(&mut studio, &[path]);
    says(&mut studio, "fox.jpg, Wrong extension");
    choose(&mut studio, "fox.jpg", "Choose another name…");
    studio.harness.run_steps(2);
    studio.harness.get_by_label("Name in the bucket").focus();
    studio.harness.run_steps(1);
    studio
        .harness
        .key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    studio
        .harness
        .get_by_label("Name in the bucket")
        .type_text("red fox.png");
    studio.harness.run_steps(1);
    studio.harness.key_press(egui::Key::Enter);
    studio.harness.run_steps(2);
    says(&mut studio, "fox.jpg, Ready");
    start(&mut studio);
    until_stored(&mut studio, &["red fox.png"]);
}
