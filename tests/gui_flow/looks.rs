//! Every step and view in both looks, at both sizes: each is reached, and leaves a picture for eyes.

use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::story::{Brief, CastMember, SceneEdit, VariantState, Wanted};
use storymimi_studio::workspace::EngineId;

use super::rows::seed_stories;
use super::support::studio::Studio;
use super::{click, data, has, listed, make};

const STORY: &str = "Pip and the Lost Star";
const DRAFT: &str = "Mira and the Patient Turtle";

/// A draft of four scenes: three have a chosen picture, two of them two candidates, and the last has none.
fn write_a_draft(studio: &Studio) {
    let brief = Brief::new(
        DRAFT,
        "A girl named Mira in a red dress and a turtle by the sea at sunset",
        4,
        9,
    );
    studio.service.start_draft(brief.unwrap(), EngineId::built_in());
    let within = Instant::now() + Duration::from_secs(60);
    let waits = |what: &str| {
        assert!(Instant::now() < within, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    };
    let service = &studio.service;
    let manuscripts = || studio.runtime.block_on(service.manuscripts()).unwrap();
    while manuscripts().is_empty() {
        waits("no draft");
    }
    let mut draft = manuscripts().remove(0);
    for (at, scene) in draft.scenes.iter_mut().enumerate().take(3) {
        let mut wanted = Wanted::new(EngineId::built_in(), scene.image_prompt.trim());
        wanted.seed = Some(40 + at as u32);
        let asked = service.start_variants(&draft.id, &scene.scene_id, wanted, 1 + usize::from(at < 2));
        studio.runtime.block_on(asked).unwrap();
        let variants = || {
            let variants = service.variants(&draft.id, &scene.scene_id);
            studio.runtime.block_on(variants).unwrap()
        };
        while !variants().iter().all(|variant| variant.state == VariantState::Made) {
            waits("no picture");
        }
        scene.chosen = Some(variants()[0].id);
    }
    draft.scenes[1].alt_text.clear();
    draft.cast = [
        ("Mira", "A girl of six in a red dress, with black braids", true),
        ("Olo", "An old green turtle with kind eyes", false),
    ]
    .map(|(name, look, is_child)| CastMember::new(name, look, is_child))
    .into();
    studio.runtime.block_on(service.save_manuscript(&draft)).unwrap();
}

/// A story whose second picture is described to nobody, 104 others, and the draft.
fn desk(look: Theme, size: [f32; 2]) -> Studio {
    let mut studio = Studio::with(size, look, |_| {});
    let mut story = make(&studio, STORY, 6);
    let scene = story.scenes.remove(1);
    let bare = SceneEdit {
        alt_text: Some(String::new()),
        ..SceneEdit::default()
    };
    let edit = studio
        .service
        .edit_scene(&story.story_id, &scene.scene_id, bare, &scene);
    studio.runtime.block_on(edit).unwrap();
    seed_stories(&data(&studio), 104, 3);
    write_a_draft(&studio);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the list", |harness| {
        listed(harness, "The tale 103") && listed(harness, STORY) && listed(harness, DRAFT)
    });
    show(&mut studio, STORY);
    studio.until("the story", |harness| has(harness, "6 of 6 pictures live"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    studio
}

/// Selects a row of the list.
fn show(studio: &mut Studio, title: &str) {
    let row = studio
        .harness
        .get_by_role_and_label(egui::accesskit::Role::ListBoxOption, title);
    row.click();
    studio.harness.run_steps(2);
}

fn step(studio: &mut Studio, number: usize) {
    let name = format!("step {number} of 5");
    studio.harness.get_all_by_label_contains(&name).next().unwrap().click();
    studio.harness.run_steps(2);
}

/// For eyes, with the pointer elsewhere.
fn look_at(studio: &mut Studio, name: &str) {
    studio.harness.event(Event::PointerGone);
    studio.harness.run_steps(2);
    studio.picture(&format!("flow-{name}"));
}

fn every_step(look: Theme, size: [f32; 2], of: &str) {
    let mut studio = desk(look, size);
    for word in ["Failed", "Missing", "No alt", "Stale"] {
        assert!(has(&studio.harness, word), "{word}");
    }
    look_at(&mut studio, &format!("cards-{of}"));
    click(&mut studio, "Texts beside pictures");
    look_at(&mut studio, &format!("strip-{of}"));
    click(&mut studio, "Table");
    look_at(&mut studio, &format!("table-{of}"));
    click(&mut studio, "Cards");

    show(&mut studio, DRAFT);
    for (number, name, shown) in [
        (1, "draft", "Scene 4 text"),
        (2, "cast", "Name of member 2"),
        (3, "pictures", "Candidate B of scene 2"),
        (4, "review", "Scene 4 has no picture."),
        (5, "publish", "What will be done"),
    ] {
        step(&mut studio, number);
        studio.until(shown, |harness| has(harness, shown));
        look_at(&mut studio, &format!("{name}-{of}"));
    }

    show(&mut studio, STORY);
    click(&mut studio, "Order of the list");
    click(&mut studio, "Generate all missing…");
    studio.until("the plan", |harness| has(harness, "Generate 3 pictures"));
    look_at(&mut studio, &format!("batch-dialog-{of}"));
    click(&mut studio, "Cancel");
}

#[test]
fn every_step_in_the_dark() {
    every_step(Theme::Dark, [1440.0, 900.0], "dark");
}

#[test]
fn every_step_in_the_light() {
    every_step(Theme::Light, [1440.0, 900.0], "light");
}

#[test]
fn a_small_window_keeps_the_list_and_the_review_readable() {
    let mut studio = desk(Theme::Dark, [1280.0, 800.0]);
    look_at(&mut studio, "cards-small");
    show(&mut studio, DRAFT);
    step(&mut studio, 4);
    studio.until("the review", |harness| has(harness, "Scene 4 has no picture."));
    look_at(&mut studio, "review-small");
}
