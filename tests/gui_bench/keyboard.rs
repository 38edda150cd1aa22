//! Ten pictures are replaced without a pointer.

use std::collections::HashSet;

use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;

const SCENES: usize = 10;

/// Whether the number of variants has the keyboard; their tab has the same name.
fn is_at_the_number(studio: &Studio) -> bool {
    let number = studio
        .harness
        .query_by_role_and_label(egui::Role::SpinButton, "Variants");
    number.is_some_and(|node| node.accesskit_node().is_focused())
}

#[test]
fn ten_pictures_are_replaced_by_keyboard_alone() {
    let mut studio = studio(SCENES);
    let before = story(&studio);
    // One candidate a scene: Tab to the number of variants, and down.
    let mut steps = 0;
    while !is_at_the_number(&studio) {
        press(&mut studio, Key::Tab);
        steps += 1;
        assert!(steps < 200, "the number of variants cannot be reached");
    }
    for _ in 0..3 {
        press(&mut studio, Key::ArrowDown);
    }
    assert!(has(&studio, "Generate 1"));
    press(&mut studio, Key::Escape);

    for at in 0..SCENES {
        let of = format!("Scene {}", at + 1);
        assert!(studio.harness.query_all_by_label(&of).count() >= 1, "{of} is shown");
        press(&mut studio, Key::G);
        until_told(&mut studio, "Live and B");
        press(&mut studio, Key::Space);
        press(&mut studio, Key::K);
        press(&mut studio, Key::R);
        until_told(&mut studio, "Picture replaced");
        press(&mut studio, Key::CloseBracket);
    }

    let after = story(&studio);
    let mut keys = HashSet::new();
    for (old, new) in before.scenes.iter().zip(&after.scenes) {
        assert_eq!(old.scene_id, new.scene_id);
        assert_ne!(old.image_url, new.image_url);
        let (bucket, key) = studio.service.own_object(new.image_url.as_ref().unwrap()).unwrap();
        let stored = studio.service.object_info(&bucket, &key);
        assert!(studio.runtime.block_on(stored).unwrap().size.unwrap() > 0);
        keys.insert(key.to_string());
    }
    assert_eq!(keys.len(), SCENES);
    assert_eq!(after.cover_image_url, after.scenes[0].image_url);

    // Each of them was a candidate that was kept, and each can be taken back.
    press(&mut studio, Key::Z);
    let last = before.scenes[SCENES - 1].image_url.clone();
    studio.comes_true("the last one is back", |studio| {
        scene(studio, SCENES - 1).image_url == last
    });
    studio.until("the note is gone", |harness| {
        harness.query_by_label("Picture replaced").is_none()
    });
}
