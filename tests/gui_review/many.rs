//! Ten thousand files, and every name that ever did harm.

use std::path::PathBuf;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use image::ImageFormat;

use super::{asking, click, drop_files, noise, says, write};

#[path = "../support/hostile_names.rs"]
mod hostile;

#[test]
fn ten_thousand_files_are_reviewed_and_only_those_in_view_are_drawn() {
    let mut studio = asking();
    let picture = noise(8, 8, ImageFormat::Png);
    let folder = studio.folder.join("files/many");
    std::fs::create_dir_all(&folder).unwrap();
    for number in 0..10_000 {
        std::fs::write(folder.join(format!("{number:05}.png")), &picture).unwrap();
    }
    drop_files(&mut studio, &[folder]);
    says(&mut studio, "many/00000.png");
    says(&mut studio, "Review 10,000 files before uploading");
    says(&mut studio, "many/00003.png, Ready");
    says(&mut studio, "10,000 of 10,000 will upload");
    let drawn = studio.harness.query_all_by_label_contains(".png, Ready").count();
    assert!((5..40).contains(&drawn), "{drawn} rows are drawn");
    studio.picture("review-many");
    studio.harness.key_press(Key::Escape);
    studio.until("closed", super::is_closed);
}

#[test]
fn planning_can_be_cancelled_and_begun_again() {
    let mut studio = asking();
    let picture = noise(8, 8, ImageFormat::Png);
    let paths: Vec<PathBuf> = (0..500)
        .map(|number| write(&studio, &format!("some/{number}.png"), &picture))
        .collect();
    let folder = paths[0].parent().unwrap().to_owned();
    for _ in 0..3 {
        drop_files(&mut studio, std::slice::from_ref(&folder));
        says(&mut studio, "before uploading");
        click(&mut studio, "Cancel");
        studio.until("closed", super::is_closed);
    }
    drop_files(&mut studio, &[folder]);
    says(&mut studio, "500 of 500 will upload");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    studio.until("closed", super::is_closed);
}

#[test]
fn names_that_did_harm_are_shown_and_get_keys_or_are_left_out() {
    let mut studio = asking();
    let picture = noise(8, 8, ImageFormat::Png);
    let folder = studio.folder.join("files/hostile");
    std::fs::create_dir_all(&folder).unwrap();
    let mut written = 0;
    for name in hostile::names() {
        // What no file system takes is no file.
        let is_one = !name.contains('/') && !matches!(name.as_str(), "." | "..");
        if is_one && std::fs::write(folder.join(&name), &picture).is_ok() {
            written += 1;
        }
    }
    assert!(written > 300, "{written}");
    drop_files(&mut studio, &[folder]);
    studio.until("all of them are judged", |harness| {
        harness.query_all_by_label_contains("will upload").next().is_some()
            && harness.query_by_label_contains("still").is_none()
    });
    studio.picture("review-hostile");
    click(&mut studio, "Fixed for you");
    studio.picture("review-hostile-fixed");
}

#[test]
#[cfg(unix)]
fn a_name_with_a_line_break_stays_on_its_line() {
    let mut studio = asking();
    let file = write(&studio, "new\nline.png", &noise(8, 8, ImageFormat::Png));
    drop_files(&mut studio, &[file]);
    says(&mut studio, "1 of 1 will upload");
    studio.harness.run_steps(2);
    let name = studio.harness.get_by_label("new\\u{a}line.png").rect();
    assert!(name.height() < 20.0, "{name:?}");
}
