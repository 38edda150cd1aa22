//! Pictures that are missing, made one after another.

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::service::BatchScope;
use storymimi_studio::story::{BatchSettings, BatchState};
use storymimi_studio::workspace::EngineId;

use super::provider::Does;
use super::rows::seed_stories;
use super::support::Click as _;
use super::support::studio::Studio;
use super::{choose_engine, click, contains, data, fake, has, make};

#[test]
fn what_is_missing_is_planned_priced_made_and_put_into_its_scene() {
    let mut studio = Studio::start();
    make(&studio, "Pip and the Lost Star", 1);
    seed_stories(&data(&studio), 4, 2);
    studio.until("a story", |harness| has(harness, "1 of 1 pictures live"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the others", |harness| has(harness, "The tale 3"));
    click(&mut studio, "The tale 3");
    studio.until("what is missing", |harness| has(harness, "Generate 1 missing"));
    // The other one's link leads nowhere.
    studio.until("the broken link", |harness| {
        has(harness, "0 of 2 pictures live") && has(harness, "1 broken link")
    });
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::G);
    studio.until("the plan", |harness| has(harness, "Generate 1 picture"));
    assert!(contains(&studio.harness, "Free, drawn on this machine"));
    assert!(contains(&studio.harness, "The tale 3 · scene 2"));
    studio.picture("flow-batch-plan");
    click(&mut studio, "Generate 1 picture");
    studio.until("the picture", |harness| has(harness, "1 of 2 pictures live"));
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

/// The scenes of three stories that lack a picture, asked of an engine that holds its answers: the window shows what is
/// under way while nothing comes.
#[test]
fn a_batch_is_followed_paused_reordered_and_called_off_in_the_window() {
    let (fake, provider, _runtime) = fake();
    let name = provider.name.clone();
    fake.always(Does::Held);
    let mut studio = Studio::with([1440.0, 900.0], Theme::Dark, |workspace| {
        workspace.providers.push(provider);
    });
    seed_stories(&data(&studio), 104, 2);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the stories", |harness| has(harness, "The tale 103"));
    let head = |studio: &Studio| studio.harness.get_by_label("Cards").rect();
    let before = head(&studio);
    click(&mut studio, "Order of the list");
    click(&mut studio, "Generate all missing…");
    studio.until("the plan", |harness| has(harness, "Generate 3 pictures"));
    choose_engine(&mut studio, &name);
    studio.until("its price", |harness| contains(harness, "About $0.12"));
    click(&mut studio, "Generate 3 pictures");
    studio.until("the first is asked for", |harness| {
        contains(harness, "0 of 3 · 1 generating · est. $0.12")
    });
    assert!(has(&studio.harness, "1 generating · 2 queued"), "in the status bar");
    assert_eq!(head(&studio), before, "nothing moves for the bar");
    studio.picture("flow-batch-bar");

    // What was asked for is waited for, and nothing more is asked for.
    click(&mut studio, "Pause");
    studio.until("it is paused", |harness| contains(harness, "paused"));
    fake.let_go(1);
    studio.until("the first", |harness| {
        contains(harness, "1 of 3 · $0.04 of about $0.12 · paused")
    });
    assert_eq!(fake.asked_of("/images/generations").len(), 1);

    // A refusal is counted, and the next one is asked for.
    fake.next([Does::Moderated { output: false }]);
    click(&mut studio, "Resume");
    studio.until("the third is asked for", |harness| {
        contains(harness, "1 of 3 · 1 generating · 1 refused")
    });

    // Another batch waits behind it, and is put before it.
    let batches = |studio: &Studio| studio.runtime.block_on(studio.service.batches()).unwrap();
    let page = studio.runtime.block_on(studio.service.stories(0)).unwrap();
    let scope = BatchScope::Scenes(vec![(page[0].story_id.clone(), page[0].scenes[0].scene_id.clone())]);
    let settings = BatchSettings {
        missing_only: false,
        place: false,
        ..BatchSettings::missing(EngineId::new(&name))
    };
    let plan = studio.service.plan_batch(&scope, &settings);
    let plan = studio.runtime.block_on(plan).unwrap();
    let second = studio.runtime.block_on(studio.service.start_batch(plan)).unwrap();
    studio.until("it waits", |harness| has(harness, "All batches, 1 more"));
    assert_eq!(batches(&studio)[1].id, second);
    click(&mut studio, "All batches, 1 more");
    studio.until("the list", |harness| has(harness, "Batches"));
    studio.picture("flow-batch-order");
    studio
        .harness
        .click(|harness| harness.get_all_by_label("Before all others").nth(1).unwrap().rect());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while batches(&studio)[0].id != second {
        assert!(std::time::Instant::now() < deadline, "it is not the first");
        studio.harness.step();
    }
    click(&mut studio, "Close");

    // Called off once, it waits for what is paid for; called off again, it does not.
    studio.until("the second is shown", |harness| contains(harness, "0 of 1"));
    click(&mut studio, "All batches, 1 more");
    studio.until("the list", |harness| has(harness, "Batches"));
    let first = |studio: &Studio| batches(studio).into_iter().find(|batch| batch.id != second).unwrap();
    let cancel = |studio: &mut Studio| {
        studio
            .harness
            .click(|harness| harness.get_all_by_label("Cancel").next_back().unwrap().rect());
        studio.harness.run_steps(2);
    };
    cancel(&mut studio);
    studio.until("it is stopping", |harness| has(harness, "Stopping"));
    assert_eq!(
        (first(&studio).state, first(&studio).counts.drawing),
        (BatchState::Cancelling, 1)
    );
    click(&mut studio, "Give up what is under way");
    studio.until("it is over", |harness| contains(harness, "1 refused · 1 uncertain"));
    assert_eq!(first(&studio).state, BatchState::Ended);
    assert_eq!(
        fake.paid().pictures,
        1,
        "and nobody was told to draw what is not wanted"
    );
    fake.let_go(1);
    let done = |studio: &Studio| batches(studio).iter().all(storymimi_studio::story::Batch::is_over);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !done(&studio) {
        assert!(std::time::Instant::now() < deadline, "the second is not over");
        studio.harness.step();
    }
    studio.until("both are over", |harness| {
        !has(harness, "Running") && has(harness, "Done") && has(harness, "Not all made")
    });
    studio.picture("flow-batch-over");
    click(&mut studio, "Close");
    assert!(!contains(&studio.harness, "generating"));

    // That not all was made stays in sight until somebody has seen it.
    assert!(contains(&studio.harness, "1 of 3 · 1 refused · 1 uncertain"));
    click(&mut studio, "Dismiss this batch");
    assert!(!contains(&studio.harness, "1 of 3 ·"));
}

#[test]
fn what_failed_of_a_batch_is_told_and_asked_for_again_from_its_bar() {
    let (fake, provider, _runtime) = fake();
    let name = provider.name.clone();
    fake.always(Does::NotAPicture);
    let mut studio = Studio::with([1440.0, 900.0], Theme::Dark, |workspace| {
        let free = Some(storymimi_studio::workspace::Money::ZERO);
        workspace.providers.push(storymimi_studio::workspace::Provider {
            price: free,
            ..provider
        });
    });
    seed_stories(&data(&studio), 4, 2);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the stories", |harness| has(harness, "The tale 3"));
    click(&mut studio, "Order of the list");
    click(&mut studio, "Generate all missing…");
    studio.until("the plan", |harness| has(harness, "Generate 1 picture"));
    choose_engine(&mut studio, &name);
    click(&mut studio, "Generate 1 picture");
    studio.until("how it ended", |harness| {
        contains(harness, "0 of 1 · 1 failed") && has(harness, "Try 1 again")
    });
    fake.always(Does::Work);
    click(&mut studio, "Try 1 again");
    studio.until("nothing is left to tell", |harness| {
        !contains(harness, "1 failed") && !has(harness, "All batches")
    });
    let batches = studio.runtime.block_on(studio.service.batches()).unwrap();
    assert_eq!((batches[0].counts.placed, batches[0].counts.failed), (1, 0));
}
