//! What takes the space of a bucket, as it is shown in the place of the inspector.

use egui::accesskit::Toggled;
use egui::{Key, Role, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};
use storymimi_studio::catalog::{Change, Coverage, FolderUsage, Growth, Index, Total};
use storymimi_studio::gui::action::Action;
use storymimi_studio::media::format_bytes;
use storymimi_studio::service::usage_csv;
use storymimi_studio::supabase::{BucketName, Entry};

use super::pictures::{SIZE, settle, snapshot};
use super::support::Click as _;
use super::support::project::png;
use super::{Desk, open, picture, sized, wait, wait_for, with_pictures};

/// The time that ages are counted from where they are to stay the same.
const NOW: &str = "2025-03-09T12:00:00Z";

fn shows(harness: &Harness<'_, Desk>, label: &str) -> bool {
    harness.query_all_by_label_contains(label).next().is_some()
}

fn open_usage(harness: &mut Harness<'_, Desk>) {
    harness.click(|harness| harness.get_by_role_and_label(Role::Button, "Usage").rect());
    harness.run_steps(2);
}

/// The accessible names of the areas.
fn areas(harness: &Harness<'_, Desk>) -> Vec<String> {
    let nodes = harness.query_all_by_role(Role::Button);
    let labels = nodes.filter_map(|node| node.accesskit_node().label());
    labels.filter(|label| label.contains(" object")).collect()
}

fn choose(harness: &mut Harness<'_, Desk>, tab: &str) {
    harness.click(|harness| harness.get_by_role_and_label(Role::RadioButton, tab).rect());
    harness.run_steps(2);
    let node = harness.get_by_role_and_label(Role::RadioButton, tab);
    assert_eq!(node.accesskit_node().toggled(), Some(Toggled::True), "{tab}");
}

/// Waits until what is told is of the newest index, and answers what that index comes to.
fn total(harness: &mut Harness<'_, Desk>, bucket: &BucketName, objects: u64) -> Total {
    wait(harness, "the usage of all objects", |harness| {
        let found = harness.state().buckets.usage_found();
        found.is_some_and(|found| found.usage.total.objects == objects)
    });
    harness.state().service().index(bucket).unwrap().total()
}

/// What a folder comes to, from its parts.
fn sum(folder: &FolderUsage) -> (u64, u64) {
    let parts = folder.folders.iter().map(sum);
    let rest = [&folder.own, &folder.others].map(|total| (total.objects, total.bytes));
    parts.chain(rest).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}

#[test]
fn all_ways_to_tell_the_space_come_to_what_the_index_holds() {
    let (desk, bucket) = with_pictures();
    desk.put(&bucket, "pip/deep/notes.txt", b"plain words".to_vec());
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    open_usage(&mut harness);
    let total = total(&mut harness, &bucket, 4);
    let whole = (total.objects, total.bytes);
    let usage = harness.state().buckets.usage_found().unwrap().usage.clone();
    let of = |parts: Vec<Total>| {
        parts
            .iter()
            .fold((0, 0), |sum, part| (sum.0 + part.objects, sum.1 + part.bytes))
    };
    assert_eq!((usage.total.objects, usage.total.bytes), whole);
    assert_eq!(sum(&usage.tree), whole);
    assert_eq!(of(usage.types.iter().map(|share| share.total).collect()), whole);
    assert_eq!(of(usage.ages.iter().map(|(_, total)| *total).collect()), whole);
    assert!(shows(&harness, &format!("{} · 4 objects", format_bytes(total.bytes))));
    let folder = format_bytes(usage.tree.folders[0].total.bytes);
    let own = format_bytes(usage.tree.own.bytes);
    let shown = areas(&harness);
    assert!(shown.contains(&format!("pip, {folder}, 3 objects")), "{shown:?}");
    assert!(shown.contains(&format!("In no folder, {own}, 1 object")), "{shown:?}");
    assert!(!shows(&harness, "Folder shown"), "it is the whole bucket");
    choose(&mut harness, "Type");
    assert!(areas(&harness).iter().any(|area| area.starts_with("image/png, ")));
    choose(&mut harness, "Age");
    let whole = format_bytes(total.bytes);
    assert_eq!(areas(&harness), [format!("Under a week, {whole}, 4 objects")]);
    assert!(!shows(&harness, "Partly listed") && !shows(&harness, "so far"));
}

#[test]
fn an_area_leads_into_its_folder_by_the_mouse_and_by_the_keyboard() {
    let (desk, bucket) = with_pictures();
    desk.put(&bucket, "pip/deep/large.png", png(300, 200));
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    open_usage(&mut harness);
    total(&mut harness, &bucket, 4);
    harness.get_by_label_contains("pip, ").focus();
    harness.run_steps(1);
    harness.key_press(Key::Enter);
    wait_for(&mut harness, "scene_0.png,");
    assert_eq!(harness.state().buckets.folder(), "pip/");
    assert!(shows(&harness, "Folder shown"));
    harness.click(|harness| harness.get_by_label_contains("deep, ").rect());
    wait_for(&mut harness, "large.png,");
    assert_eq!(harness.state().buckets.folder(), "pip/deep/");
    assert!(shows(&harness, "Close usage"), "it stays open");
    // Types have no place to go to.
    choose(&mut harness, "Type");
    harness.click(|harness| harness.get_by_label_contains("image/png, ").rect());
    harness.run_steps(3);
    assert_eq!(harness.state().buckets.folder(), "pip/deep/");
}

#[test]
fn what_is_worth_a_look_is_shown_in_the_inspector() {
    let (desk, bucket) = with_pictures();
    desk.put(&bucket, "pip/large.png", png(300, 200));
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    open_usage(&mut harness);
    total(&mut harness, &bucket, 4);
    let largest = |harness: &Harness<'_, Desk>| {
        let mut links = harness.query_all_by_role(Role::Link);
        links.find_map(|node| {
            node.accesskit_node()
                .label()
                .filter(|label| label.starts_with("Largest"))
        })
    };
    let label = largest(&harness).unwrap();
    assert!(label.contains("pip/large.png, "), "{label}");
    harness.click(|harness| harness.get_by_role_and_label(Role::Link, &label).rect());
    wait_for(&mut harness, "ETag");
    assert_eq!(harness.state().buckets.folder(), "pip/");
    assert!(shows(&harness, "1 selected") && !shows(&harness, "Close usage"));
}

#[test]
fn the_usage_is_saved_as_a_table() {
    let (desk, bucket) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    open_usage(&mut harness);
    total(&mut harness, &bucket, 3);
    harness.click(|harness| harness.get_by_label("Save usage as CSV").rect());
    harness.run_steps(2);
    let found = harness.state().buckets.usage_found().unwrap();
    let csv = usage_csv(found);
    let [Action::SaveText { name, text, .. }] = harness.state().actions.as_slice() else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!((name.as_str(), text.expose()), ("usage-story-images.csv", csv.trim()));
    assert!(
        csv.contains(&format!("\"bucket\",\"\",3,{}", found.usage.total.bytes)),
        "{csv}"
    );
}

#[test]
fn the_usage_follows_what_is_uploaded_and_the_bucket_that_is_opened() {
    let (desk, bucket) = with_pictures();
    let other = desk.bucket("exports", false);
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    open_usage(&mut harness);
    total(&mut harness, &bucket, 3);
    harness.state().put(&bucket, "a-new-one.png", png(8, 6));
    total(&mut harness, &bucket, 4);
    harness.state_mut().buckets.open_bucket(other);
    wait_for(&mut harness, "Nothing takes any space");
}

fn entry(key: &str, size: u64, content_type: &str, day: &str) -> Entry {
    let at = Some(format!("{day}T12:00:00Z").parse().unwrap());
    Entry {
        key: key.to_owned(),
        id: None,
        size: Some(size),
        content_type: Some(content_type.to_owned()),
        etag: None,
        cache_control: None,
        created_at: at,
        updated_at: at,
    }
}

/// A bucket whose folders are large and small, wide and deep, new and old.
fn rows() -> Vec<Entry> {
    const GB: u64 = 1_000_000_000;
    let folders = [
        ("stories/winter-sampler", 31),
        ("stories/king-dragon", 24),
        ("stories/pip-lost-star", 22),
        ("stories/tin-robot", 19),
        ("stories/otis-kite", 17),
        ("stories/mira-turtle", 14),
        ("stories/bear-rain", 13),
        ("stories/coral-shell", 12),
        ("stories/moon-bakery", 11),
        ("stories/sea-letters", 8),
        ("stories/night-train", 6),
        ("stories/star-map", 5),
        ("stories/green-kite", 3),
        ("imports/2025-06", 52),
        ("imports/2025-07", 27),
        ("imports/scans", 12),
        ("imports/other", 5),
        ("4b7a-4d11-9c2f-90ab-77c2e1", 58),
        ("variants/rejected", 24),
        ("variants/chosen", 18),
        ("covers/front", 9),
        ("covers/back", 8),
        (
            "a-folder-with-a-name-that-no-area-could-ever-show-to-anybody/inside-it",
            11,
        ),
        ("tmp", 9),
    ];
    let mut rows = Vec::new();
    for (place, (folder, size)) in folders.iter().enumerate() {
        let (kind, ending) = [("image/png", "png"), ("image/jpeg", "jpg"), ("application/pdf", "pdf")][place % 3];
        let day = ["2025-03-05", "2025-02-20", "2024-11-14", "2023-04-02"][place % 4];
        // The folder that is shown has no pictures that would be asked for.
        let (kind, ending) = if folder.contains("pip") {
            ("application/zip", "zip")
        } else {
            (kind, ending)
        };
        for part in 0..3 {
            let key = format!("{folder}/part_{part}_{:04x}.{ending}", place * 977 + part * 31 + 4_096);
            rows.push(entry(&key, size * GB / 6 * (part as u64 + 1), kind, day));
        }
    }
    for number in 0..400 {
        let key = format!("tiny-{number:03}/page.json");
        rows.push(entry(&key, 20_000_000, "application/json", "2025-01-30"));
    }
    rows.push(entry("catalogue.zip", 6 * GB, "application/zip", "2024-12-24"));
    rows
}

/// The pane over a bucket that stays as it is.
fn shown(look: Theme, coverage: Coverage, growth: Option<Growth>) -> Harness<'static, Desk> {
    let desk = Desk::new();
    let bucket = desk.bucket("story-images", true);
    let mut harness = sized(desk, SIZE, look);
    wait_for(&mut harness, "In 1 bucket");
    wait_for(&mut harness, "Nothing here");
    settle(&mut harness);
    let now = NOW.parse().unwrap();
    let index = Index::new(bucket, 1_000, coverage, rows());
    let desk = harness.state_mut();
    desk.buckets.open_folder("stories/pip-lost-star/");
    settle(&mut harness);
    let desk = harness.state_mut();
    desk.frozen = true;
    desk.buckets.show_index(index.clone());
    desk.buckets.show_usage(index, growth, now);
    settle(&mut harness);
    harness
}

#[test]
fn what_is_not_listed_yet_is_told_as_a_lower_bound() {
    let partial = Coverage::Partial {
        listed: 473,
        expected: Some(9_000),
    };
    let mut harness = shown(Theme::Dark, partial, None);
    assert!(shows(&harness, "Partly listed") && shows(&harness, "so far"));
    assert!(shows(&harness, "Sizes are lower bounds"));
    let shown = areas(&harness);
    assert!(shown.len() > 10, "{shown:?}");
    assert!(shown.iter().all(|area| area.contains("≥ ")), "{shown:?}");
    // What is too small to see or to hit is told together with the others.
    assert!(
        shown.iter().any(|area| area.contains("smaller folders, ≥ ")),
        "{shown:?}"
    );
    assert!(shown.len() < 80, "{}", shown.len());
    let mut results = SnapshotResults::new();
    snapshot(&mut harness, &mut results, "usage_partial");
}

#[test]
fn what_came_and_went_since_the_bucket_was_listed_before_is_told() {
    let at = NOW.parse().unwrap();
    let growth = Growth {
        since: "2025-03-02T12:00:00Z".parse().unwrap(),
        objects: 1_204,
        bytes: -9_300_000_000,
        folders: vec![Change {
            name: "imports/".to_owned(),
            objects: 912,
            bytes: 7_100_000_000,
        }],
        types: Vec::new(),
    };
    let harness = shown(Theme::Dark, Coverage::Complete { at }, Some(growth));
    assert!(shows(&harness, "−9.3 GB and +1,204 objects since 2 Mar 2025"));
    assert!(shows(
        &harness,
        "the greatest change in imports: +7.1 GB and +912 objects"
    ));
    assert!(shows(&harness, "18 objects were last written over a year ago: 75 GB"));
}

#[test]
fn the_pane_in_the_dark_and_the_light() {
    let mut results = SnapshotResults::new();
    for (look, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let at = NOW.parse().unwrap();
        let mut harness = shown(look, Coverage::Complete { at }, None);
        snapshot(&mut harness, &mut results, &format!("usage_{name}"));
        for tab in ["Type", "Age"] {
            choose(&mut harness, tab);
            picture(&mut harness, &format!("usage-{tab}-{name}"));
        }
    }
}
