//! Very many folders and very long names: a frame draws what is in view and nothing else.

use egui::{Key, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::catalog::{Coverage, Index};
use storymimi_studio::supabase::Entry;

use super::pictures::{SIZE, settle};
use super::{Desk, sized, wait_for};

fn entry(key: String) -> Entry {
    let at = Some("2025-03-05T08:00:00Z".parse().unwrap());
    Entry {
        key,
        id: None,
        size: Some(1_000),
        content_type: Some("application/pdf".to_owned()),
        etag: None,
        cache_control: None,
        created_at: at,
        updated_at: at,
    }
}

/// A bucket with so many folders and so many objects beside them, each with a name as long as a key can be.
fn shown(many: usize, key: Key) -> Harness<'static, Desk> {
    let desk = Desk::new();
    let bucket = desk.bucket("story-images", true);
    let mut harness = sized(desk, SIZE, Theme::Dark);
    wait_for(&mut harness, "In 1 bucket");
    wait_for(&mut harness, "Nothing here");
    settle(&mut harness);
    let long = "a-very-long-name-".repeat(50);
    let folders = (0..many).map(|number| entry(format!("{number:05}-{long}/page.pdf")));
    let objects = (0..many).map(|number| entry(format!("{number:05}-{long}.pdf")));
    let rows = folders.chain(objects).collect();
    let at = "2025-03-09T12:00:00Z".parse().unwrap();
    let desk = harness.state_mut();
    desk.frozen = true;
    desk.buckets
        .show_index(Index::new(bucket, 1_000, Coverage::Complete { at }, rows));
    harness.key_press(key);
    settle(&mut harness);
    harness
}

/// Folders and objects that are drawn, and all shapes of the frame.
fn drawn(harness: &Harness<'_, Desk>) -> (Vec<String>, usize) {
    let labels = harness
        .query_all_by_label_contains("a-very-long-name-")
        .filter_map(|node| node.accesskit_node().label());
    (labels.collect(), harness.output().shapes.len())
}

fn only_what_is_in_view(key: Key) {
    let few = shown(200, key);
    let (some, shapes_of_few) = drawn(&few);
    assert!((10..200).contains(&some.len()), "{}", some.len());
    let mut harness = shown(10_000, key);
    let (labels, shapes) = drawn(&harness);
    assert_eq!(labels, some, "the first ones, however many there are");
    assert_eq!(shapes, shapes_of_few);
    // At the end of both, the last ones.
    harness.key_press(Key::End);
    settle(&mut harness);
    let (labels, shapes) = drawn(&harness);
    let last: Vec<_> = labels.iter().filter(|label| label.starts_with("09999-")).collect();
    assert_eq!(last.len(), 1, "{} are drawn", labels.len());
    assert!(
        labels.len() < 200 && shapes < 4 * shapes_of_few,
        "{} and {shapes}",
        labels.len()
    );
    // Names are cut to their places: nothing reaches over the edge of the window.
    for node in harness.query_all_by_label_contains("a-very-long-name-") {
        let rect = node.rect();
        assert!(rect.left() >= 0.0 && rect.right() <= SIZE[0], "{rect:?}");
    }
}

#[test]
fn ten_thousand_folders_as_cards() {
    only_what_is_in_view(Key::Escape);
}

#[test]
fn ten_thousand_folders_as_rows() {
    only_what_is_in_view(Key::V);
}
