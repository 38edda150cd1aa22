//! More stories than anybody reads at once.

use egui::Key;
use egui_kittest::kittest::Queryable as _;

use super::rows::seed_stories;
use super::support::studio::Studio;
use super::{click, contains, data, has, listed};

#[test]
fn more_than_a_hundred_thousand_stories_are_scrolled_searched_and_filtered() {
    let mut studio = Studio::start();
    studio.until("the empty place", |harness| has(harness, "No stories yet"));
    seed_stories(&data(&studio), 100_500, 1);
    studio.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::R);
    studio.until("the newest", |harness| listed(harness, "The tale 100499"));
    studio.until("the count", |harness| has(harness, "100,500"));
    studio.picture("flow-list");
    assert!(
        !listed(&studio.harness, "The tale 0"),
        "what is not in sight is not drawn"
    );

    // To the end and back, by the keyboard.
    let row = studio
        .harness
        .get_by_role_and_label(egui::accesskit::Role::ListBoxOption, "The tale 100499");
    row.focus();
    studio.harness.run_steps(2);
    studio.harness.key_press(Key::End);
    studio.until("the oldest", |harness| listed(harness, "The tale 0"));
    studio.until("it is selected", |harness| contains(harness, "About tale 0."));
    studio.picture("flow-list-end");

    studio.type_into("Title or prompt", "tale 77777");
    studio.until("what was searched for", |harness| {
        listed(harness, "The tale 77777") && !listed(harness, "The tale 0")
    });
    click(&mut studio, "Failed");
    studio.until("no match", |harness| has(harness, "No match for “tale 77777”"));
    click(&mut studio, "Clear filters");
    studio.until("all of them", |harness| has(harness, "100,500"));

    click(&mut studio, "Failed");
    studio.until("the failed ones", |harness| has(harness, "1,005"));
    studio.until("the newest of them", |harness| listed(harness, "The tale 100407"));
    studio.picture("flow-list-failed");
}
