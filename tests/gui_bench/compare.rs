//! Two pictures compared: the divider by pointer and keys, the ways to compare, one zoom for both.

use egui::load::SizedTexture;
use egui::{ColorImage, Key, Modifiers, Role, TextureHandle, TextureOptions, Theme, Ui, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::gui::theme::{Tokens, Tone};
use storymimi_studio::gui::widget::{Badge, Compare, CompareLook, CompareMode, CompareSide};

use super::support;

const NAME: &str = "Live and B";

/// What is compared, and how.
#[derive(Default)]
struct Desk {
    look: CompareLook,
    pictures: Option<[TextureHandle; 2]>,
    /// The second picture is not there.
    missing: bool,
}

/// A picture in which each place can be told from every other.
fn chart(size: [usize; 2], blue: u8) -> ColorImage {
    let rgb: Vec<u8> = (0..size[0] * size[1])
        .flat_map(|at| {
            let (x, y) = (at % size[0], at / size[0]);
            let light = u8::from((x / 16 + y / 16) % 2 == 0) * 60;
            [
                (x * 190 / size[0]) as u8 + light,
                (y * 190 / size[1]) as u8 + light,
                blue,
            ]
        })
        .collect();
    ColorImage::from_rgb(size, &rgb)
}

fn draw(ui: &mut Ui, desk: &mut Desk) {
    ui.painter().rect_filled(ui.clip_rect(), 0, Tokens::of(ui).bg1);
    let pictures = desk.pictures.get_or_insert_with(|| {
        [0, 200].map(|blue| ui.load_texture(format!("chart {blue}"), chart([512, 384], blue), TextureOptions::LINEAR))
    });
    let [live, other] = [0, 1].map(|at| SizedTexture::from_handle(&pictures[at]));
    let first = CompareSide {
        picture: Ok(live),
        alt: "Pip in the snow",
        tag: Badge::new(Tone::Ok, "Live").over_picture(),
    };
    let second = CompareSide {
        picture: if desk.missing { Err("Drawing") } else { Ok(other) },
        alt: "",
        tag: Badge::new(Tone::Neutral, "B · seed 4127").over_picture(),
    };
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.add_space(8.0);
        Compare::new(NAME, first, second, &mut desk.look)
            .size(vec2(339.0, 247.0))
            .show(ui);
    });
}

fn window(look: Theme) -> Harness<'static, Desk> {
    let mut harness = support::builder([372.0, 270.0], look).build_ui_state(draw, Desk::default());
    harness.run_steps(2);
    harness
}

fn divider(harness: &Harness<'_, Desk>) -> f64 {
    harness
        .get_by_role_and_label(Role::Slider, NAME)
        .accesskit_node()
        .numeric_value()
        .unwrap()
}

#[test]
fn the_divider_is_moved_with_keys_and_says_where_it_is() {
    let mut harness = window(Theme::Dark);
    assert_eq!(divider(&harness), 46.0);
    harness.get_by_role_and_label(Role::Slider, NAME).focus();
    harness.step();
    harness.key_press(Key::ArrowRight);
    harness.step();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.step();
    assert_eq!(divider(&harness), 58.0);
    harness.key_press(Key::Home);
    harness.run_steps(2);
    assert_eq!(divider(&harness), 0.0);
    harness.key_press(Key::ArrowLeft);
    harness.run_steps(2);
    assert_eq!(divider(&harness), 0.0);
    harness.key_press(Key::End);
    harness.run_steps(2);
    assert_eq!(divider(&harness), 100.0);
    // Both pictures are told, one of them as one that says nothing.
    harness.get_by_label("Live: Pip in the snow");
    harness.get_by_label("B · seed 4127: No alt text");
}

#[test]
fn the_divider_follows_the_pointer_and_a_zoomed_picture_is_moved() {
    let mut harness = window(Theme::Dark);
    let rect = harness.get_by_role_and_label(Role::Slider, NAME).rect();
    harness.drag_at(rect.center());
    harness.step();
    harness.hover_at(pos2(rect.left() + rect.width() * 0.25, rect.center().y));
    harness.step();
    harness.drop_at(pos2(rect.left() + rect.width() * 0.25, rect.center().y));
    harness.run_steps(2);
    assert_eq!(divider(&harness), 25.0);

    harness.get_by_role_and_label(Role::Slider, NAME).focus();
    harness.step();
    for _ in 0..4 {
        harness.key_press(Key::Plus);
        harness.step();
    }
    let zoom = harness.state().look.zoom();
    assert!(zoom > 2.0, "{zoom}");
    // Far from the divider the pointer moves both pictures; the divider stays.
    harness.drag_at(rect.center() + vec2(100.0, 0.0));
    harness.step();
    harness.hover_at(rect.center() + vec2(140.0, 30.0));
    harness.step();
    harness.drop_at(rect.center() + vec2(140.0, 30.0));
    harness.run_steps(2);
    assert_eq!(divider(&harness), 25.0);
    let [x, y] = harness.state().look.offset();
    assert!((x - 40.0 / rect.width()).abs() < 0.02 && y > 0.05, "{x} {y}");
    harness.get_by_label_contains("Show all, ").click();
    harness.run_steps(2);
    assert!(harness.state().look.is_fitted());
}

#[test]
fn there_are_three_ways_to_compare() {
    let mut harness = window(Theme::Dark);
    harness.get_by_label("Compare side by side").click();
    harness.run_steps(2);
    assert_eq!(harness.state().look.mode(), CompareMode::SideBySide);
    let [live, other] =
        ["Live: Pip in the snow", "B · seed 4127: No alt text"].map(|name| harness.get_by_label(name).rect());
    assert!(live.right() <= other.left() && (live.width() - other.width()).abs() < 0.5);
    harness.get_by_label("Show one at a time").click();
    harness.run_steps(2);
    assert!(harness.query_by_label("Live: Pip in the snow").is_none());
    harness.state_mut().look.flip();
    harness.run_steps(2);
    assert!(harness.query_by_label("Live: Pip in the snow").is_some());
    assert!(harness.query_by_label("B · seed 4127: No alt text").is_none());
}

#[test]
fn the_comparison_as_it_looks() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let mut harness = window(theme);
        results.add(harness.try_snapshot(format!("compare_slider_{name}")));
        harness.state_mut().look.set_mode(CompareMode::SideBySide);
        harness.run_steps(2);
        results.add(harness.try_snapshot(format!("compare_beside_{name}")));
        harness.state_mut().look.set_mode(CompareMode::Slider);
        harness.state_mut().look.scale(3.0, [-0.2, 0.1]);
        harness.state_mut().missing = theme == Theme::Light;
        harness.run_steps(2);
        results.add(harness.try_snapshot(format!("compare_zoomed_{name}")));
    }
}
