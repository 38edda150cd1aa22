//! Candidates are drawn, compared, judged, put in place and taken back.

use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::story::Verdict;

use super::*;

#[test]
fn three_are_drawn_compared_judged_and_one_replaces_the_live_picture() {
    let mut studio = studio(2);
    let before = scene(&studio, 0).image_url;
    generate(&mut studio, 3);
    // Whichever is there first is compared by itself.
    studio.until("a comparison", |harness| {
        harness.query_all_by_label_contains("Live and ").next().is_some()
    });
    press(&mut studio, Key::Num1);
    assert!(has(&studio, "Live and B"));
    assert_eq!(variants(&studio, 0).len(), 3);
    assert_eq!(
        scene(&studio, 0).image_url,
        before,
        "candidates change nothing that is live"
    );

    // By its number, and by a click.
    press(&mut studio, Key::Num3);
    assert!(has(&studio, "Live and D"));
    studio
        .harness
        .click(|harness| harness.get_by_label("Candidate C, made").rect());
    studio.harness.run_steps(2);
    assert!(has(&studio, "Live and C"));

    // Both in turn, in the same place.
    let both = |studio: &Studio| {
        let seen = |start: &str| studio.harness.query_all_by_label_contains(start).count();
        (seen("Live: "), seen("C · seed "))
    };
    assert_eq!(both(&studio), (1, 1));
    press(&mut studio, Key::Space);
    assert_eq!(both(&studio), (0, 1));
    press(&mut studio, Key::Space);
    assert_eq!(both(&studio), (1, 0));

    // Kept, and that is in the journal.
    press(&mut studio, Key::K);
    until_told(&mut studio, "Candidate C, kept");
    press(&mut studio, Key::Num1);
    press(&mut studio, Key::X);
    until_told(&mut studio, "Candidate B, rejected");
    let verdicts =
        |studio: &Studio| -> Vec<Verdict> { variants(studio, 0).into_iter().map(|variant| variant.verdict).collect() };
    studio.comes_true("both are in the journal", |studio| {
        verdicts(studio) == [Verdict::Rejected, Verdict::Kept, Verdict::Open]
    });
    press(&mut studio, Key::Z);
    until_told(&mut studio, "Candidate B, made");
    studio.comes_true("it is taken back there, too", |studio| {
        verdicts(studio) == [Verdict::Open, Verdict::Kept, Verdict::Open]
    });

    // What a replacement will change is told before it happens: the scene and the cover.
    until_told(&mut studio, "Used in 2 places");
    assert!(has(&studio, "all updated on replace"));
    press(&mut studio, Key::Num2);
    press(&mut studio, Key::R);
    until_told(&mut studio, "Picture replaced");
    let after = story(&studio);
    assert_ne!(after.scenes[0].image_url, before);
    assert_eq!(after.cover_image_url, after.scenes[0].image_url, "the cover follows");
    studio.picture("bench-replaced");

    // And back, with both.
    press(&mut studio, Key::Z);
    // What the window says may come before it, and after it.
    studio.comes_true("the undo, with the cover", |studio| {
        let back = story(studio);
        (&back.scenes[0].image_url, &back.cover_image_url) == (&before, &before)
    });
    studio.until("the note is gone", |harness| {
        harness.query_by_label("Picture replaced").is_none()
    });
}

#[test]
fn letters_that_are_typed_are_not_taken_for_keys() {
    let mut studio = studio(1);
    generate(&mut studio, 1);
    until_told(&mut studio, "Live and B");
    studio.harness.get_by_label("Prompt").focus();
    studio.harness.run_steps(2);
    let live = scene(&studio, 0).image_url;
    for (key, letter) in [(Key::R, "r"), (Key::X, "x"), (Key::Num1, "1"), (Key::Space, " ")] {
        studio.harness.key_press(key);
        studio.harness.event(egui::Event::Text(letter.to_owned()));
        studio.harness.run_steps(2);
    }
    studio.settle();
    assert!(has(&studio, "Candidate B, made"), "not rejected");
    assert_eq!(scene(&studio, 0).image_url, live);
    assert!(has(&studio, "Reset prompt"), "the letters are in the prompt");
    // Escape leaves the field; then the keys are keys again.
    press(&mut studio, Key::Escape);
    press(&mut studio, Key::X);
    until_told(&mut studio, "Candidate B, rejected");
}

#[test]
fn escape_goes_back_to_the_live_picture_alone() {
    let mut studio = studio(1);
    generate(&mut studio, 1);
    until_told(&mut studio, "Live and B");
    press(&mut studio, Key::Escape);
    assert!(!has(&studio, "Live and B"));
    press(&mut studio, Key::Num1);
    assert!(has(&studio, "Live and B"));
}

#[test]
fn words_and_seed_of_a_candidate_and_earlier_prompts_are_used_again() {
    let mut studio = studio(1);
    studio
        .harness
        .click(|harness| harness.get_by_label("Keep this seed for the next picture").rect());
    studio.harness.run_steps(2);
    generate(&mut studio, 1);
    let first = variants(&studio, 0)[0].wanted.clone().unwrap();
    studio.type_into("Prompt", " in heavy rain");
    generate_again(&mut studio);
    let second = variants(&studio, 0)[1].wanted.clone().unwrap();
    assert_eq!(second.seed, first.seed, "the seed is locked");
    assert!(second.prompt.contains("in heavy rain"), "{}", second.prompt);

    studio
        .harness
        .click(|harness| harness.get_by_label("Earlier prompts").rect());
    studio.harness.run_steps(3);
    let start: String = first.prompt.chars().take(20).collect();
    studio.harness.click(|harness| {
        let mut items = harness.get_all_by_role(egui::Role::MenuItem);
        let is_it = |node: &egui_kittest::Node<'_>| {
            use egui_kittest::kittest::NodeT as _;
            let label = node.accesskit_node().label();
            label.is_some_and(|label| label.starts_with(&start))
        };
        items.find(is_it).unwrap().rect()
    });
    studio.harness.run_steps(3);
    press(&mut studio, Key::Escape);
    press(&mut studio, Key::G);
    until_told(&mut studio, "Candidate D, made");
    assert_eq!(variants(&studio, 0)[2].wanted.as_ref().unwrap().prompt, first.prompt);
}

fn generate_again(studio: &mut Studio) {
    press(studio, Key::Escape);
    press(studio, Key::G);
    until_told(studio, "Candidate C, made");
}

#[test]
fn what_was_replaced_is_shown_at_once_and_not_read_back_first() {
    let mut studio = studio(1);
    generate(&mut studio, 1);
    press(&mut studio, Key::Num1);
    let loading = |harness: &egui_kittest::Harness<'static, storymimi_studio::gui::app::App>| -> Vec<egui::Rect> {
        let pictures = harness.query_all_by_role(egui::accesskit::Role::Image);
        let empty = pictures.filter(|picture| picture.accesskit_node().data().is_busy());
        empty.map(|picture| picture.rect()).collect()
    };
    studio.until("all pictures", |harness| loading(harness).is_empty());
    // The candidate has been looked at.
    studio.settle();
    let before = scene(&studio, 0).image_url;
    press(&mut studio, Key::R);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !has(&studio, "Picture replaced") {
        assert!(std::time::Instant::now() < deadline, "it is not replaced");
        assert_eq!(loading(&studio.harness), [], "no place is empty");
        studio.harness.step();
    }
    for _ in 0..40 {
        assert_eq!(loading(&studio.harness), [], "no place is empty");
        studio.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_ne!(scene(&studio, 0).image_url, before);
}
