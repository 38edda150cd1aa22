//! Pictures of the place, compared with those that were looked at: `UPDATE_SNAPSHOTS=1` accepts new ones.

use std::time::{Duration, Instant};

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotResults};
use image::{Rgb, RgbImage};
use storymimi_studio::catalog::{Coverage, Index};
use storymimi_studio::supabase::{BucketName, Entry};

use super::support::Click as _;
use super::{Desk, sized, wait_for};

pub(super) const SIZE: [f32; 2] = [1376.0, 832.0];

/// A picture that says which one it is by its colours.
fn picture(number: u32) -> Vec<u8> {
    let hue = |part: u32| (40 + (number * 53 + part * 91) % 180) as u8;
    let pixels = RgbImage::from_fn(160, 120, |x, y| {
        let sun = (i64::from(x) - 110).pow(2) + (i64::from(y) - 40).pow(2) < 400;
        if sun {
            Rgb([250, 210, 90])
        } else if y > 84 {
            Rgb([hue(3) / 2, hue(4), hue(5) / 2])
        } else {
            Rgb([hue(0), hue(1), (140 + y) as u8])
        }
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A bucket with folders and objects of every kind, whose facts are the same whenever they are looked at.
fn desk() -> (Desk, BucketName) {
    let desk = Desk::new();
    desk.bucket("exports", false);
    let bucket = desk.bucket("story-images", true);
    let mut rows = Vec::new();
    let mut add = |key: &str, content_type: &str, bytes: Vec<u8>, day: &str| {
        let at = Some(format!("{day}T12:00:00Z").parse().unwrap());
        rows.push(Entry {
            key: key.to_owned(),
            id: None,
            size: Some(bytes.len() as u64),
            content_type: Some(content_type.to_owned()),
            etag: None,
            cache_control: Some("max-age=3600".to_owned()),
            created_at: at,
            updated_at: at,
        });
        desk.put(&bucket, key, bytes);
    };
    for number in 0..11 {
        let key = format!("scene_{number}_{:04x}.png", number * 4_097 + 6_011);
        let day = if number % 3 == 0 { "2024-06-15" } else { "2025-02-21" };
        add(&key, "image/png", picture(number), day);
    }
    add("scene_2_wrong.png", "image/jpeg", picture(20), "2025-03-03");
    add("broken.png", "image/png", b"not a picture".to_vec(), "2025-03-04");
    add(
        "notes on the third story.pdf",
        "application/pdf",
        vec![1; 48_213],
        "2025-03-05",
    );
    add(
        "a-name-that-is-much-longer-than-any-cell-or-column-could-ever-show-to-anybody_9b1c.png",
        "image/png",
        picture(30),
        "2025-03-06",
    );
    add("drafts/scene_0.png", "image/png", picture(40), "2025-03-07");
    add("print/cover.pdf", "application/pdf", vec![2; 120_400], "2025-03-08");
    let index = Index::new(
        bucket.clone(),
        1_000,
        Coverage::Complete {
            at: "2025-03-09T12:00:00Z".parse().unwrap(),
        },
        rows,
    );
    let mut desk = desk;
    desk.index = Some(index);
    (desk, bucket)
}

/// The place with everything there and nothing on its way, as it stays.
fn opened(look: Theme) -> Harness<'static, Desk> {
    let (desk, bucket) = desk();
    let mut harness = sized(desk, SIZE, look);
    wait_for(&mut harness, "In 2 buckets");
    harness.state_mut().buckets.open_bucket(bucket);
    wait_for(&mut harness, "broken.png,");
    settle(&mut harness);
    let desk = harness.state_mut();
    desk.frozen = true;
    desk.buckets.show_index(desk.index.clone().unwrap());
    settle(&mut harness);
    harness
}

pub(super) fn settle(harness: &mut Harness<'_, Desk>) {
    let mut quiet = 0;
    let until = Instant::now() + Duration::from_secs(30);
    while quiet < 40 && Instant::now() < until {
        harness.step();
        quiet = if harness.ctx.has_requested_repaint() {
            0
        } else {
            quiet + 1
        };
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(super) fn snapshot(harness: &mut Harness<'_, Desk>, results: &mut SnapshotResults, name: &str) {
    harness.remove_cursor();
    settle(harness);
    // The time at which the test ran.
    let at: Vec<_> = harness
        .query_all_by_label_contains("Index up to date")
        .map(|node| {
            // As wide as any time is.
            let rect = node.rect().expand(2.0);
            rect.with_min_x(rect.right().round() - 170.0)
                .with_max_x(rect.right().round())
        })
        .collect();
    for rect in at {
        harness.mask(rect);
    }
    results.add(harness.try_snapshot(name));
}

#[test]
fn the_grid_and_the_table() {
    let mut results = SnapshotResults::new();
    for (look, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let mut harness = opened(look);
        snapshot(&mut harness, &mut results, &format!("buckets_grid_{name}"));
        harness.key_press(Key::V);
        harness.run_steps(2);
        harness.click(|harness| harness.get_by_label_contains("scene_3_477e.png,").rect());
        harness.run_steps(2);
        harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
        harness.run_steps(2);
        snapshot(&mut harness, &mut results, &format!("buckets_table_{name}"));
    }
}

#[test]
fn the_filters_and_a_typed_path() {
    let mut results = SnapshotResults::new();
    let mut harness = opened(Theme::Dark);
    harness.click(|harness| harness.get_by_label("Add filter").rect());
    harness.run_steps(3);
    snapshot(&mut harness, &mut results, "buckets_filters");
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    let mut harness = opened(Theme::Light);
    harness.state_mut().frozen = false;
    harness.click(|harness| harness.get_by_label("Type a path").rect());
    wait_for(&mut harness, "story-images/drafts/");
    harness.state_mut().frozen = true;
    snapshot(&mut harness, &mut results, "buckets_path");
}
