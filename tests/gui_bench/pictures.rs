//! Pictures of the bench in both themes and in a small window, compared with those that were looked at: `UPDATE_SNAPSHOTS=1`
//! accepts new ones.

use egui::{Modifiers, Rect, pos2, vec2};
use egui_kittest::kittest::{AccessKitNode, Queryable as _};
use egui_kittest::{SnapshotOptions, SnapshotResults};
use storymimi_studio::story::SceneEdit;

use super::*;

/// Compares the inspector; what is another each time, such as addresses and how long a drawing takes, is left out.
fn snapshot(studio: &mut Studio, results: &mut SnapshotResults, name: &str) {
    studio.harness.remove_cursor();
    studio.settle();
    let whole = studio.harness.ctx.content_rect();
    let inspector = Rect::from_min_max(
        pos2(whole.right() - 372.0, whole.top() + 44.0),
        pos2(whole.right(), whole.bottom() - 24.0),
    );
    let mut masks = vec![
        Rect::from_min_max(whole.min, inspector.left_bottom()),
        Rect::from_min_max(whole.min, inspector.right_top()),
        Rect::from_min_max(pos2(whole.left(), inspector.bottom()), whole.max),
    ];
    let another_each_time = |node: &AccessKitNode<'_>| {
        let words = node.label().or_else(|| node.value()).unwrap_or_default();
        let told = ["http://127", "SHA-256", "Made", "Program", "· not known"];
        words.ends_with(" s") || told.iter().any(|told| words.contains(told))
    };
    for node in studio.harness.query_all_by(another_each_time) {
        let rect = node.rect();
        if inspector.contains_rect(rect) && rect.height() < 40.0 {
            // As wide as words of about that length are.
            let (rect, step) = (rect.expand(2.0), 80.0);
            let size = vec2((rect.width() / step).ceil() * step, rect.height());
            masks.push(Rect::from_min_size(rect.min, size));
        }
    }
    for rect in masks {
        studio.harness.mask(rect);
    }
    // The illustrator's pictures are scaled with the instructions that the machine has; nothing else may differ.
    let options = SnapshotOptions::new().threshold(1.0).max_failed_pixels(400);
    results.add(studio.harness.try_snapshot_options(name, &options));
}

/// Four candidates: rejected, chosen, kept, plain.
fn judged(size: [f32; 2], look: Theme) -> Studio {
    let mut studio = sized(size, look, 8);
    studio.reach("Seed");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    studio.type_into("Seed", "4127");
    studio
        .harness
        .get_by_label("Keep this seed for the next picture")
        .click_accesskit();
    studio.harness.run_steps(2);
    generate(&mut studio, 4);
    press(&mut studio, Key::Num1);
    press(&mut studio, Key::X);
    press(&mut studio, Key::Num3);
    press(&mut studio, Key::K);
    press(&mut studio, Key::Num2);
    studio
}

#[test]
fn the_bench_with_candidates() {
    let mut results = SnapshotResults::new();
    for (size, look, name) in [
        ([1440.0, 900.0], Theme::Dark, "bench_dark"),
        ([1440.0, 900.0], Theme::Light, "bench_light"),
        ([1280.0, 800.0], Theme::Dark, "bench_small"),
    ] {
        let mut studio = judged(size, look);
        until_told(&mut studio, "Used in 2 places");
        studio.picture(name);
        snapshot(&mut studio, &mut results, name);
    }
}

#[test]
fn the_words_of_a_scene_that_are_very_long() {
    let mut results = SnapshotResults::new();
    for (look, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let mut studio = sized([1280.0, 800.0], look, 2);
        let story = story(&studio);
        let seen = &story.scenes[0];
        let long = |words: &str, times: usize| Some(vec![words; times].join(" "));
        let edit = SceneEdit {
            title: long("Pip and the Star That Fell Into the Deepest Snow", 4),
            text: long("Halfway across the pine forest Pip heard something sing.", 24),
            image_prompt: long("Pip the fox in a green scarf, holding a red lantern, wide shot,", 20),
            alt_text: long("A small fox with a red lantern among tall pines at night.", 12),
        };
        let saved = studio.service.edit_scene(&story.story_id, &seen.scene_id, edit, seen);
        studio.runtime.block_on(saved).unwrap();
        studio
            .harness
            .click(|harness| harness.get_by_label("Text and alt").rect());
        studio.until("the long words", |harness| {
            harness.query_all_by_label_contains("216 words").next().is_some()
        });
        studio.picture(&format!("bench-words-{name}"));
        snapshot(&mut studio, &mut results, &format!("bench_words_{name}"));
    }
}
