//! The words of a scene: saved when their field is left, and never over what somebody else wrote.

use egui_kittest::kittest::Queryable as _;
use storymimi_studio::story::SceneEdit;

use super::*;

fn open(scenes: usize) -> Studio {
    let mut studio = studio(scenes);
    studio
        .harness
        .click(|harness| harness.get_by_label("Text and alt").rect());
    studio.harness.run_steps(2);
    studio
}

/// Another editor changes the alternative text.
fn elsewhere(studio: &Studio, words: &str) {
    let story = story(studio);
    let seen = &story.scenes[0];
    let edit = SceneEdit {
        alt_text: Some(words.to_owned()),
        ..SceneEdit::default()
    };
    let saved = studio.service.edit_scene(&story.story_id, &seen.scene_id, edit, seen);
    studio.runtime.block_on(saved).unwrap();
}

fn leave(studio: &mut Studio) {
    press(studio, Key::Escape);
}

fn until_alt(studio: &mut Studio, words: &str) {
    studio.comes_true(words, |studio| {
        scene(studio, 0).alt_text.as_deref().unwrap_or_default() == words
    });
}

#[test]
fn a_field_is_saved_when_it_is_left() {
    let mut studio = open(1);
    let before = scene(&studio, 0);
    let alt = before.alt_text.clone().unwrap_or_default();
    studio.type_into("Alt text", " At night.");
    studio.harness.run_steps(4);
    assert_eq!(scene(&studio, 0).alt_text, before.alt_text, "not while it is typed in");
    assert!(has(&studio, "Saved when you leave the field"));
    leave(&mut studio);
    until_alt(&mut studio, &format!("{alt} At night."));
    assert_eq!(scene(&studio, 0).text, before.text);
}

#[test]
fn another_tab_or_scene_saves_what_was_typed() {
    let mut studio = open(2);
    let alt = scene(&studio, 0).alt_text.unwrap_or_default();
    studio.type_into("Alt text", " One.");
    studio.harness.click(|harness| harness.get_by_label("Variants").rect());
    studio.harness.run_steps(2);
    until_alt(&mut studio, &format!("{alt} One."));
}

#[test]
fn what_somebody_else_wrote_is_kept_beside_it_until_one_is_chosen() {
    let mut studio = open(1);
    let alt = scene(&studio, 0).alt_text.unwrap_or_default();
    studio.type_into("Alt text", " Mine.");
    elsewhere(&studio, "Theirs.");
    studio.until("both", |harness| {
        harness.query_by_label("Somebody else changed this alt text").is_some()
    });
    let theirs = studio.harness.query_by_role_and_label(egui::Role::Label, "Theirs.");
    assert!(theirs.is_some());
    leave(&mut studio);
    studio.settle();
    assert_eq!(
        scene(&studio, 0).alt_text.as_deref(),
        Some("Theirs."),
        "nothing is written over it"
    );
    studio.harness.click(|harness| harness.get_by_label("Keep mine").rect());
    studio.harness.run_steps(2);
    until_alt(&mut studio, &format!("{alt} Mine."));

    studio.type_into("Alt text", " More.");
    elsewhere(&studio, "Theirs again.");
    studio.until("both again", |harness| harness.query_by_label("Take theirs").is_some());
    studio
        .harness
        .click(|harness| harness.get_by_label("Take theirs").rect());
    studio.harness.run_steps(2);
    leave(&mut studio);
    studio.settle();
    assert_eq!(scene(&studio, 0).alt_text.as_deref(), Some("Theirs again."));
    assert!(!has(&studio, "Take theirs"));
}

#[test]
fn missing_alternative_text_is_said_and_begins_with_the_prompt() {
    let mut studio = open(1);
    elsewhere(&studio, "");
    studio.until("the note", |harness| {
        harness.query_by_label("Begin with the prompt").is_some()
    });
    let prompt = scene(&studio, 0).image_prompt;
    studio
        .harness
        .click(|harness| harness.get_by_label("Begin with the prompt").rect());
    studio.harness.run_steps(3);
    assert_eq!(scene(&studio, 0).alt_text, None, "a beginning is not saved by itself");
    leave(&mut studio);
    until_alt(&mut studio, prompt.trim());
}

#[test]
fn the_key_for_alternative_text_leads_into_its_field() {
    let mut studio = studio(1);
    press(&mut studio, Key::A);
    studio.harness.event(egui::Event::Text(" Typed.".to_owned()));
    studio.harness.run_steps(2);
    let alt = scene(&studio, 0).alt_text.unwrap_or_default();
    leave(&mut studio);
    studio.comes_true("it is saved", |studio| {
        let now = scene(studio, 0).alt_text.unwrap_or_default();
        now.contains("Typed.") && now.len() > alt.len()
    });
}

#[test]
fn a_long_prompt_scrolls_and_leaves_the_button_below_it_in_sight() {
    let mut studio = studio(1);
    let long = "A small fox in the snow, seen from afar. ".repeat(40);
    studio.type_into("Prompt", &long);
    studio.harness.run_steps(4);
    let generate = studio.harness.get_by_label("Generate 4").rect();
    // Above the status bar.
    assert!(generate.bottom() < 876.0, "{generate:?}");
    let prompt = studio
        .harness
        .get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Prompt");
    assert!(
        prompt.value().is_some_and(|words| words.contains(long.trim())),
        "all of it is there"
    );
}
