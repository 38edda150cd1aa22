//! The bench of a scene's pictures in the window: what is compared, drawn, judged, put in the place of the live picture, and said
//! in words beside it. Through accessible labels, on the real embedded server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod compare;
mod judging;
mod keyboard;
mod own;
mod pictures;
mod record;
#[path = "../support/mod.rs"]
mod support;
mod trouble;
mod words;

use egui::{Key, Theme};
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::story::{Brief, Scene, Status, Story, Variant};
use support::Click as _;
use support::studio::Studio;
use tokio_util::sync::CancellationToken;

const PROMPT: &str =
    "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest and carries it home";

/// A window on a project with one story of so many scenes, its first scene selected.
fn studio(scenes: usize) -> Studio {
    sized([1440.0, 900.0], Theme::Dark, scenes)
}

fn sized(size: [f32; 2], look: Theme, scenes: usize) -> Studio {
    let mut studio = Studio::with(size, look, |_| {});
    make(&mut studio, scenes);
    studio
}

/// Makes the story and waits until the window shows it.
fn make(studio: &mut Studio, scenes: usize) {
    let brief = Brief::new("Pip and the Lost Star", PROMPT, scenes, 11).unwrap();
    let never = CancellationToken::new();
    let made = studio.service.create_story(&brief, &|_| {}, &never);
    assert_eq!(studio.runtime.block_on(made).unwrap().story.status, Status::Completed);
    // The list may have been read before there was a story.
    studio.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::R);
    studio.harness.run_steps(2);
    let words = format!("{scenes} of {scenes} pictures live");
    studio.until("the story", |harness| harness.query_by_label(&words).is_some());
    // What is known later moves what is below it.
    studio.until("the bench", |harness| {
        harness.query_all_by_label_contains(" places").next().is_some()
            || harness.query_by_label("Used in 1 place").is_some()
    });
}

/// The story as the project has it.
fn story(studio: &Studio) -> Story {
    let stories = studio.runtime.block_on(studio.service.all_stories()).unwrap();
    stories.into_iter().next().unwrap()
}

fn scene(studio: &Studio, at: usize) -> Scene {
    story(studio).scenes[at].clone()
}

/// The candidates of a scene as the journal has them. Its live picture, which was made with the story, is the first of them: A.
fn variants(studio: &Studio, at: usize) -> Vec<Variant> {
    let story = story(studio);
    let read = studio.service.variants(&story.story_id, &story.scenes[at].scene_id);
    let mut all = studio.runtime.block_on(read).unwrap();
    assert!(all.remove(0).stored_at.is_some());
    all
}

/// Until a candidate is told with these words: "Candidate A, made".
fn until_told(studio: &mut Studio, words: &str) {
    studio.until(words, |harness| harness.query_by_label(words).is_some());
}

fn has(studio: &Studio, label: &str) -> bool {
    studio.harness.query_by_label(label).is_some()
}

fn press(studio: &mut Studio, key: Key) {
    studio.harness.key_press(key);
    studio.harness.run_steps(2);
}

/// Asks for so many candidates and waits for them. In a small window the buttons are below what it shows.
fn generate(studio: &mut Studio, count: usize) {
    while !has(studio, &format!("Generate {count}")) {
        studio.harness.get_by_label("Fewer variants").click_accesskit();
        studio.harness.run_steps(2);
    }
    let button = format!("Generate {count}");
    studio.harness.get_by_label(&button).click_accesskit();
    studio.harness.run_steps(2);
    for letter in ["B", "C", "D", "E"].into_iter().take(count) {
        until_told(studio, &format!("Candidate {letter}, made"));
    }
}
