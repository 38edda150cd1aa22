//! What is known of the live picture: where it is used and comes from, and the pictures before it.

use egui_kittest::kittest::Queryable as _;

use super::*;

#[test]
fn earlier_pictures_are_listed_and_put_back() {
    let mut studio = studio(1);
    let first = scene(&studio, 0).image_url;
    studio.harness.click(|harness| harness.get_by_label("History").rect());
    studio.until("an empty history", |harness| {
        harness.query_by_label("No earlier pictures").is_some()
    });
    studio.harness.click(|harness| harness.get_by_label("Variants").rect());
    studio.harness.run_steps(2);
    generate(&mut studio, 1);
    until_told(&mut studio, "Live and B");
    press(&mut studio, Key::R);
    until_told(&mut studio, "Picture replaced");
    assert_ne!(scene(&studio, 0).image_url, first);

    // Also after a restart.
    studio.start_again();
    studio.until("the story", |harness| harness.query_by_label("Live picture").is_some());
    studio.harness.click(|harness| harness.get_by_label("History").rect());
    studio.until("the replacement", |harness| {
        harness.query_by_label("Put back").is_some()
    });
    studio.picture("bench-history");
    studio.harness.click(|harness| harness.get_by_label("Put back").rect());
    studio.comes_true("it is put back", |studio| scene(studio, 0).image_url == first);
    studio.until("both are listed", |harness| {
        harness.query_all_by_label("Put back").count() >= 2
    });
}

#[test]
fn provenance_says_what_is_known_and_what_is_not() {
    let mut studio = studio(1);
    studio
        .harness
        .click(|harness| harness.get_by_label("Provenance").rect());
    studio.until("the table", |harness| harness.query_by_label("Made by").is_some());
    assert!(studio.harness.query_all_by_label_contains("no AI").next().is_some());
    assert!(has(&studio, "Copy seed"));
    assert!(studio.harness.query_all_by_label("Not known").next().is_some());
    studio.picture("bench-provenance");
}

#[test]
fn places_that_use_the_picture_lead_to_them() {
    let mut studio = studio(2);
    until_told(&mut studio, "Used in 2 places");
    assert!(has(&studio, "Show Cover"));
    studio
        .harness
        .click(|harness| harness.get_by_label("Show Scene 1").rect());
    studio.harness.run_steps(2);
    press(&mut studio, Key::CloseBracket);
    until_told(&mut studio, "Used in 1 place");
    assert!(!has(&studio, "Show Cover"));
}
