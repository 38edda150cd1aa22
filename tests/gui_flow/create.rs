//! Brief, draft, cast, pictures, review, publication.

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;

use super::support::studio::Studio;
use super::{PROMPT, click, contains, has, listed};

/// Asks for a draft and waits for it.
fn draft(studio: &mut Studio, title: &str) {
    studio.until("the empty place", |harness| has(harness, "No stories yet"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    studio.harness.run_steps(3);
    studio.picture("flow-brief");
    studio.type_into("Title", title);
    studio.type_into("Prompt", PROMPT);
    click(studio, "Write the draft");
    studio.until("the draft", |harness| has(harness, "Scene 6 text"));
}

#[test]
fn a_story_goes_from_its_brief_to_the_project_and_waits_for_a_person() {
    let mut studio = Studio::start();
    draft(&mut studio, "Pip and the Lost Star");
    studio.picture("flow-draft");
    let stories = || studio.runtime.block_on(studio.service.all_stories()).unwrap();
    assert_eq!(stories(), [], "nothing of it is in the project");

    // What is typed is on this computer, and is there at the next start.
    studio.type_into("Scene 1 title", " of a long way");
    // It says so from the first letter on until it is.
    studio.until("it is saved", |harness| has(harness, "Saved on this computer"));
    studio.start_again();
    studio.until("the draft in the list", |harness| {
        listed(harness, "Pip and the Lost Star")
    });
    click(&mut studio, "Pip and the Lost Star");
    studio.until("the draft", |harness| has(harness, "Scene 6 text"));
    let kept = studio.runtime.block_on(studio.service.manuscripts()).unwrap();
    assert!(kept[0].scenes[0].title.contains(" of a long way"));

    click(&mut studio, "Next: cast");
    studio.until("the cast", |harness| {
        has(harness, "Add somebody") || contains(harness, "Name of member 1")
    });
    studio.picture("flow-cast");
    click(&mut studio, "Next: pictures");
    click(&mut studio, "Generate 6 pictures");
    studio.until("the candidates", |harness| {
        (1..=6).all(|scene| has(harness, &format!("Candidate A of scene {scene}")))
    });
    let id = kept[0].id.clone();
    for scene in &kept[0].scenes {
        let made = |studio: &Studio| {
            let variants = studio.service.variants(&id, &scene.scene_id);
            let variants = studio.runtime.block_on(variants).unwrap();
            variants.iter().all(|variant| variant.picture.is_some())
        };
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !made(&studio) {
            assert!(std::time::Instant::now() < deadline, "a picture was not made");
            studio.harness.step();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    studio.settle();
    let chosen = |studio: &Studio| {
        let kept = studio.runtime.block_on(studio.service.manuscripts()).unwrap();
        kept[0].scenes.iter().filter(|scene| scene.chosen.is_some()).count()
    };
    // What was asked for is chosen; a click takes a choice back, and another makes it.
    for expected in [6, 5, 6] {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while chosen(&studio) != expected {
            assert!(std::time::Instant::now() < deadline, "{expected} were not chosen");
            studio.harness.step();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        studio.reach("Candidate A of scene 1");
    }
    studio.reach("Candidate A of scene 1");
    studio.until("the choices are saved", |harness| {
        has(harness, "Saved on this computer")
    });
    studio.picture("flow-pictures");

    // Nobody has looked at it: it cannot be published.
    click(&mut studio, "Publish, step 5 of 5");
    click(&mut studio, "Publish story");
    assert_eq!(studio.runtime.block_on(studio.service.all_stories()).unwrap(), []);
    studio.picture("flow-publish-not-approved");
    click(&mut studio, "Show the review");
    studio.picture("flow-review");
    click(&mut studio, "I have looked at every text and picture");
    studio.until("the approval", |harness| contains(harness, "Approved by"));
    click(&mut studio, "Next: publish");
    studio.picture("flow-publish");
    click(&mut studio, "Publish story");
    studio.until("the end", |harness| has(harness, "The story is published"));
    studio.picture("flow-published");
    // It is a story now, and is changed there.
    assert!(!has(&studio.harness, "Story title") && !has(&studio.harness, "Back: review"));
    let stories = studio.runtime.block_on(studio.service.all_stories()).unwrap();
    assert_eq!((stories.len(), stories[0].pictures()), (1, 6));
    click(&mut studio, "Show the story");
    studio.until("the story", |harness| has(harness, "6 of 6 pictures live"));
    studio.picture("flow-story");
}

#[test]
fn scenes_of_a_draft_are_moved_added_and_removed_and_a_draft_is_discarded_when_that_is_confirmed() {
    let mut studio = Studio::with([1280.0, 800.0], Theme::Light, |_| {});
    draft(&mut studio, "Mira and the Patient Turtle");
    studio.picture("flow-draft-light");
    let titles = |studio: &Studio| -> Vec<String> {
        let kept = studio.runtime.block_on(studio.service.manuscripts()).unwrap();
        kept[0].scenes.iter().map(|scene| scene.text.clone()).collect()
    };
    let before = titles(&studio);
    click(&mut studio, "Move scene 1 down");
    studio.until("it is saved", |harness| has(harness, "Saved on this computer"));
    let moved = titles(&studio);
    assert_eq!((&moved[0], &moved[1]), (&before[1], &before[0]));
    click(&mut studio, "Remove scene 2");
    studio.until("it is saved", |harness| has(harness, "Saved on this computer"));
    assert_eq!(titles(&studio).len(), before.len() - 1);

    click(&mut studio, "More for this draft");
    click(&mut studio, "Discard draft…");
    studio.harness.run_steps(3);
    click(&mut studio, "Keep it");
    assert!(listed(&studio.harness, "Mira and the Patient Turtle"));
    click(&mut studio, "More for this draft");
    click(&mut studio, "Discard draft…");
    studio.harness.run_steps(3);
    click(&mut studio, "Discard draft");
    studio.until("it is gone", |harness| has(harness, "No stories yet"));
    assert!(studio.harness.query_by_label("Scene 1 text").is_none());
}

#[test]
fn the_keyboard_goes_on_in_the_form_of_a_new_story_to_what_is_to_be_typed_next() {
    let mut studio = Studio::start();
    studio.until("the empty place", |harness| has(harness, "No stories yet"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    studio.harness.run_steps(3);
    let focused = |studio: &Studio, label: &str| studio.harness.get_all_by_label(label).any(|node| node.is_focused());
    let enter = |studio: &mut Studio| {
        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        studio.harness.run_steps(3);
    };
    assert!(focused(&studio, "Title"));
    enter(&mut studio);
    assert!(focused(&studio, "Title") && has(&studio.harness, "Give the story a title."));
    studio.type_into("Title", "Pip and the Lost Star");
    studio.harness.key_press(Key::Enter);
    studio.harness.run_steps(3);
    assert!(focused(&studio, "Prompt"), "Enter leads to the next field");
    studio.harness.get_all_by_label("Title").next().unwrap().focus();
    studio.harness.run_steps(2);
    enter(&mut studio);
    assert!(focused(&studio, "Prompt"), "the field that is in the way");
    studio.type_into("Prompt", PROMPT);
    enter(&mut studio);
    studio.until("the draft", |harness| has(harness, "Scene 6 text"));
}
