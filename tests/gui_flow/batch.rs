//! Pictures that are missing, made one after another.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::story::BatchState;

use super::rows::seed_stories;
use super::support::studio::Studio;
use super::{click, contains, data, has, make};

#[test]
fn what_is_missing_is_planned_priced_made_and_put_into_its_scene() {
    let mut studio = Studio::start();
    make(&studio, "Pip and the Lost Star", 1);
    seed_stories(&data(&studio), 4, 2);
    studio.until("a story", |harness| has(harness, "1 of 1 pictures live"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the others", |harness| has(harness, "The tale 3"));
    click(&mut studio, "The tale 3");
    studio.until("what is missing", |harness| has(harness, "1 of 2 pictures live"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::G);
    studio.until("the plan", |harness| has(harness, "Generate 1 picture"));
    assert!(contains(&studio.harness, "Free, drawn on this machine"));
    assert!(contains(&studio.harness, "The tale 3 · scene 2"));
    studio.picture("flow-batch-plan");
    click(&mut studio, "Generate 1 picture");
    studio.until("the picture", |harness| has(harness, "2 of 2 pictures live"));
    studio.picture("flow-batch-done");

    let batches = studio.runtime.block_on(studio.service.batches()).unwrap();
    assert_eq!(batches.len(), 1);
    click(&mut studio, "Order of the list");
    click(&mut studio, "Show batches");
    studio.until("the list", |harness| has(harness, "Batches") && has(harness, "Done"));
    studio.picture("flow-batches");
    let batches = studio.runtime.block_on(studio.service.batches()).unwrap();
    assert_eq!((batches[0].state, batches[0].counts.placed), (BatchState::Ended, 1));
}

#[test]
fn marked_stories_are_planned_together() {
    let mut studio = Studio::start();
    seed_stories(&data(&studio), 104, 2);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the stories", |harness| has(harness, "The tale 103"));
    for title in ["The tale 103", "The tale 102"] {
        let row = studio
            .harness
            .get_by_role_and_label(egui::accesskit::Role::ListBoxOption, title);
        row.focus();
        studio.harness.run_steps(2);
        studio.harness.key_press(Key::Space);
        studio.harness.run_steps(2);
    }
    assert!(has(&studio.harness, "2 marked"));
    studio.picture("flow-marked");
    click(&mut studio, "Generate missing…");
    studio.until("the plan", |harness| has(harness, "Generate 1 picture"));
    click(&mut studio, "Cancel");
    click(&mut studio, "Take all marks away");
    assert!(!has(&studio.harness, "2 marked"));
}
