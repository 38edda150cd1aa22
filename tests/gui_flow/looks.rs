//! How the list, the scenes, a manuscript and a batch look, compared with the pictures that were accepted.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, Theme, pos2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{SnapshotOptions, SnapshotResults};
use storymimi_studio::service::BatchScope;
use storymimi_studio::story::{BatchSettings, Brief, CastMember, SceneEdit, VariantState, Wanted};
use storymimi_studio::workspace::{EngineId, Money, Provider};

use super::rows::seed_stories;
use super::support::studio::Studio;
use super::{click, contains, data, has, listed, make};

const STORY: &str = "Pip and the Lost Star";
const DRAFT: &str = "Mira and the Patient Turtle";
/// An engine that takes what it is asked for and never answers.
const SILENT: &str = "Silent engine";

fn silent(listener: &TcpListener) -> Provider {
    Provider {
        image_model: "painter".to_owned(),
        price: Some(Money::parse("0.04").unwrap()),
        concurrent: 1,
        ..Provider::new(SILENT, format!("http://{}/v1", listener.local_addr().unwrap()))
    }
}

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
    .map(|(name, look, is_child)| CastMember {
        name: name.to_owned(),
        look: look.to_owned(),
        is_child,
        portrait: None,
    })
    .into();
    studio.runtime.block_on(service.save_manuscript(&draft)).unwrap();
}

/// A story whose second picture is described to nobody, 104 others, and the draft.
fn desk(look: Theme, size: [f32; 2], listener: &TcpListener) -> Studio {
    let mut studio = Studio::with(size, look, |workspace| workspace.providers.push(silent(listener)));
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

/// Compares the window, but for what differs from run to run: the bar that names the port, seeds, names of objects, and who is at
/// this machine.
fn compare(studio: &mut Studio, name: &str) {
    studio.harness.event(Event::PointerGone);
    studio.settle();
    let whole = studio.harness.ctx.content_rect();
    let mut masks = vec![egui::Rect::from_min_max(pos2(0.0, whole.bottom() - 24.0), whole.max)];
    for label in ["http://127", "scene_0", "Seed"] {
        let named = studio.harness.query_all_by_label_contains(label);
        masks.extend(named.map(|node| node.rect().expand(2.0)));
    }
    for rect in masks {
        studio.harness.mask(rect);
    }
    // The illustrator's pictures are scaled with the instructions that the machine has; nothing else may differ.
    let options = SnapshotOptions::new().threshold(1.0).max_failed_pixels(400);
    studio.harness.snapshot_options(format!("flow-{name}"), &options);
}

fn every_step(look: Theme, size: [f32; 2], of: &str, results: &mut SnapshotResults) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut studio = desk(look, size, &listener);
    for word in ["Failed", "Missing", "No alt", "Stale"] {
        assert!(has(&studio.harness, word), "{word}");
    }
    compare(&mut studio, &format!("cards-{of}"));
    click(&mut studio, "Texts beside pictures");
    compare(&mut studio, &format!("strip-{of}"));
    click(&mut studio, "Table");
    compare(&mut studio, &format!("table-{of}"));
    click(&mut studio, "Cards");

    show(&mut studio, DRAFT);
    for (number, name) in [
        (1, "draft"),
        (2, "cast"),
        (3, "pictures"),
        (4, "review"),
        (5, "publish"),
    ] {
        step(&mut studio, number);
        compare(&mut studio, &format!("{name}-{of}"));
    }

    show(&mut studio, STORY);
    click(&mut studio, "Order of the list");
    click(&mut studio, "Generate all missing…");
    studio.until("the plan", |harness| has(harness, "Generate 3 pictures"));
    compare(&mut studio, &format!("batch-dialog-{of}"));
    click(&mut studio, "Cancel");

    let settings = BatchSettings::missing(EngineId::new(SILENT));
    let plan = studio.service.plan_batch(&BatchScope::All, &settings);
    let plan = studio.runtime.block_on(plan).unwrap();
    let begun = studio.service.start_batch(plan);
    studio.runtime.block_on(begun).unwrap();
    studio.until("the bar", |harness| contains(harness, "0 of 3 · 1 generating"));
    assert!(has(&studio.harness, "1 generating · 2 queued"), "in the status bar");
    compare(&mut studio, &format!("batch-bar-{of}"));
    results.extend(studio.harness.take_snapshot_results());
}

#[test]
fn every_step_in_the_dark() {
    let mut results = SnapshotResults::new();
    every_step(Theme::Dark, [1440.0, 900.0], "dark", &mut results);
}

#[test]
fn every_step_in_the_light() {
    let mut results = SnapshotResults::new();
    every_step(Theme::Light, [1440.0, 900.0], "light", &mut results);
}

#[test]
fn a_small_window_keeps_the_list_and_the_review_readable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut studio = desk(Theme::Dark, [1280.0, 800.0], &listener);
    compare(&mut studio, "cards-small");
    show(&mut studio, DRAFT);
    step(&mut studio, 4);
    compare(&mut studio, "review-small");
}
