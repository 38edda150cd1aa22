//! An editor's own picture as a candidate: chosen, typed, pasted, dropped.

use std::sync::Arc;

use egui::{Color32, ColorImage, Event};
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::story::VariantSource;

use super::support::dropped::drop_files;
use super::support::project::png;
use super::*;

fn sources(studio: &Studio) -> Vec<VariantSource> {
    variants(studio, 0).into_iter().map(|variant| variant.source).collect()
}

/// Uses a button that may be below what the window shows.
fn use_button(studio: &Studio, words: &str) {
    studio.harness.get_by_label(words).click_accesskit();
}

fn brought(name: &str) -> VariantSource {
    VariantSource::Brought {
        file_name: name.to_owned(),
    }
}

#[test]
fn a_file_is_a_candidate_and_replaces_when_it_is_wanted() {
    let mut studio = studio(1);
    let live = scene(&studio, 0).image_url;
    let own = studio.folder.join("own.png");
    std::fs::write(&own, png(640, 480)).unwrap();
    studio.chosen.lock().unwrap().push(own);
    use_button(&studio, "Upload picture…");
    until_told(&mut studio, "Candidate B, made");
    until_told(&mut studio, "Live and B");
    assert_eq!(scene(&studio, 0).image_url, live, "it is only a candidate");
    assert_eq!(sources(&studio), [brought("own.png")]);
    press(&mut studio, Key::R);
    until_told(&mut studio, "Picture replaced");
    let url = scene(&studio, 0).image_url.unwrap();
    let (bucket, key) = studio.service.own_object(&url).unwrap();
    let info = studio
        .runtime
        .block_on(studio.service.object_info(&bucket, &key))
        .unwrap();
    assert_eq!(info.metadata["generator"], "upload");
}

#[test]
fn a_pasted_picture_is_a_candidate() {
    let mut studio = studio(1);
    let picture = ColorImage::filled([640, 480], Color32::RED);
    studio.harness.event(Event::PasteImage(Arc::new(picture)));
    studio.harness.run_steps(2);
    until_told(&mut studio, "Candidate B, made");
    let [VariantSource::Brought { file_name }] = &sources(&studio)[..] else {
        panic!("{:?}", sources(&studio))
    };
    assert!(file_name.ends_with(".png"), "{file_name}");
    let kept = variants(&studio, 0)[0].picture.clone().unwrap();
    assert_eq!((kept.width, kept.height), (640, 480));
}

#[test]
fn a_typed_path_is_a_candidate_and_what_is_no_picture_is_none() {
    let mut studio = studio(1);
    let text = studio.folder.join("notes.png");
    std::fs::write(&text, "%PDF-1.7 this is no picture").unwrap();
    studio.type_into("Path of a picture file", text.to_str().unwrap());
    use_button(&studio, "Use file");
    studio.until("the refusal", |harness| {
        harness
            .query_all_by_label_contains("The candidate was not taken")
            .next()
            .is_some()
    });
    assert!(variants(&studio, 0).is_empty());
    let own = studio.folder.join("typed.png");
    std::fs::write(&own, png(64, 48)).unwrap();
    studio.type_into("Path of a picture file", own.to_str().unwrap());
    use_button(&studio, "Use file");
    until_told(&mut studio, "Candidate B, made");
    assert_eq!(sources(&studio), [brought("typed.png")]);
}

#[test]
fn several_dropped_files_find_their_scenes_and_are_candidates_or_live() {
    let mut studio = studio(3);
    let folder = studio.folder.join("pictures");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, width) in [
        ("scene-1.png", 64),
        ("scene-2.png", 96),
        ("scene-3.png", 128),
        ("cover.png", 32),
    ] {
        std::fs::write(folder.join(name), png(width, 48)).unwrap();
    }
    std::fs::write(folder.join("scene-2 notes.txt"), "not a picture").unwrap();
    let live = |studio: &Studio| -> Vec<Option<String>> {
        story(studio).scenes.into_iter().map(|scene| scene.image_url).collect()
    };
    let before = live(&studio);

    drop_files(&mut studio.harness, std::slice::from_ref(&folder));
    until_told(&mut studio, "scene-3.png, A candidate");
    assert!(has(&studio, "cover.png, Left out"));
    assert!(has(&studio, "scene-2 notes.txt, Not a picture that can be shown"));
    studio.settle();
    studio.picture("bench-scene-files");
    // The cover is wanted for the third scene: what had it is left out.
    studio
        .harness
        .click(|harness| harness.get_by_label("Scene of cover.png").rect());
    studio.harness.run_steps(3);
    let third = scene(&studio, 2);
    let words = format!("Scene 3 · {}", third.title);
    studio
        .harness
        .click(|harness| harness.query_all_by_label(&words).last().unwrap().rect());
    studio.harness.run_steps(3);
    until_told(&mut studio, "cover.png, A candidate");
    assert!(has(&studio, "scene-3.png, Left out"));
    studio
        .harness
        .click(|harness| harness.get_by_label("Bring 3 candidates").rect());
    let names = |studio: &Studio| -> Vec<VariantSource> {
        (0..3)
            .flat_map(|at| variants(studio, at).into_iter().map(|variant| variant.source))
            .collect()
    };
    let expected = ["scene-1.png", "scene-2.png", "cover.png"].map(brought);
    wait(&mut studio, |studio| names(studio) == expected);
    assert_eq!(live(&studio), before, "they are candidates");

    drop_files(
        &mut studio.harness,
        &[folder.join("scene-1.png"), folder.join("scene-3.png")],
    );
    until_told(&mut studio, "scene-3.png, A candidate");
    studio
        .harness
        .click(|harness| harness.get_by_label("Replace live pictures at once").rect());
    studio.harness.run_steps(3);
    assert!(has(&studio, "scene-3.png, Replaces the picture"));
    studio
        .harness
        .click(|harness| harness.get_by_label("Bring 2 pictures live").rect());
    wait(&mut studio, |studio| {
        let now = live(studio);
        now[0] != before[0] && now[1] == before[1] && now[2] != before[2]
    });
}

/// Frames until the project is so.
fn wait(studio: &mut Studio, done: impl Fn(&Studio) -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !done(studio) {
        assert!(std::time::Instant::now() < deadline, "it did not come to that");
        studio.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
