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

#[test]
fn the_keyboard_leads_from_the_search_to_what_was_found() {
    let mut studio = Studio::start();
    studio.until("the empty place", |harness| has(harness, "No stories yet"));
    seed_stories(&data(&studio), 30, 1);
    studio.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::R);
    studio.until("the newest", |harness| listed(harness, "The tale 29"));
    studio.harness.key_press(Key::Slash);
    studio.harness.run_steps(3);
    studio.type_into("Title or prompt", "tale 1");
    studio.until("what was searched for", |harness| {
        listed(harness, "The tale 19") && !listed(harness, "The tale 29")
    });
    studio.harness.key_press(Key::ArrowDown);
    studio.until("the first of them", |harness| contains(harness, "About tale 19."));
    studio.harness.key_press(Key::ArrowDown);
    studio.until("the second", |harness| contains(harness, "About tale 18."));
}

#[test]
fn a_server_that_holds_a_picture_and_cannot_be_reached_says_nothing_of_the_project() {
    let mut studio = Studio::start();
    seed_stories(&data(&studio), 1, 1);
    let database = rusqlite::Connection::open(data(&studio).join("project.sqlite3")).unwrap();
    let elsewhere = "https://nowhere.invalid/1.png";
    database
        .execute("UPDATE scenes SET image_url = ?1", [elsewhere])
        .unwrap();
    studio.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::R);
    studio.until("the story", |harness| listed(harness, "The tale 0"));
    studio.until("the failure", |harness| has(harness, "The picture cannot be shown"));
    studio.harness.run_steps(4);
    assert!(!has(&studio.harness, "No answer"));
}

#[test]
fn a_link_that_is_no_url_is_told_as_broken_and_can_be_looked_for() {
    let mut studio = Studio::start();
    seed_stories(&data(&studio), 1, 1);
    let database = rusqlite::Connection::open(data(&studio).join("project.sqlite3")).unwrap();
    database
        .execute("UPDATE scenes SET image_url = 'not a url'", [])
        .unwrap();
    studio.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::R);
    studio.until("the link", |harness| {
        has(harness, "The link is no URL") && has(harness, "1 broken link")
    });
    assert!(has(&studio.harness, "Find image") && has(&studio.harness, "0 of 1 pictures live"));
}
