//! Finding objects and choosing them: paths, searches, filters, sorting, selections, keys, and what others change.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::supabase::{BucketName, ObjectKey, Supabase, Upload};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};

use super::support::Click as _;
use super::support::project::png;
use super::{Desk, open, type_into, wait, wait_for, with_pictures};

fn shown(harness: &Harness<'_, Desk>, label: &str) -> bool {
    harness.query_all_by_label_contains(label).next().is_some()
}

fn are_chosen(harness: &Harness<'_, Desk>, many: usize) -> bool {
    harness.query_all_by_label(&format!("{many} selected")).next().is_some()
}

fn wait_gone(harness: &mut Harness<'_, Desk>, label: &str) {
    wait(harness, &format!("{label} is gone"), |harness| !shown(harness, label));
}

fn click(harness: &mut Harness<'_, Desk>, label: &str) {
    harness.click(|harness| harness.get_by_label(label).rect());
    harness.run_steps(2);
}

/// The objects in view, from the top to the bottom and the left to the right.
fn objects(harness: &Harness<'_, Desk>) -> Vec<String> {
    let mut rows: Vec<_> = harness
        .query_all_by_role(egui::Role::ListBoxOption)
        .filter_map(|node| {
            let label = node.accesskit_node().label()?;
            let (name, _) = label.split_once(", ")?;
            let at = node.rect().min;
            name.contains('.').then(|| (at.y as i32, at.x as i32, name.to_owned()))
        })
        .collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, _, name)| name).collect()
}

#[test]
fn a_typed_path_leads_to_a_folder_or_says_why_not() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    click(&mut harness, "Type a path");
    harness.get_by_label("Path").type_text("nowhere");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    wait_for(
        &mut harness,
        "There is no folder or object of this name in story-images",
    );
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label("Path").type_text("story-images/p");
    wait_for(&mut harness, "story-images/pip/");
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    wait_for(&mut harness, "scene_1.png,");
    assert!(!shown(&harness, "cover.png,"));
    click(&mut harness, "Type a path");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label("Path").type_text("story-images/cover.png");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    wait(&mut harness, "the object is chosen", |harness| are_chosen(harness, 1));
}

#[test]
fn regular_expressions_are_searched_for_and_wrong_ones_are_told() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    click(&mut harness, "Regular expression");
    type_into(&mut harness, "Search all folders", "scene_[1-9]");
    wait_for(&mut harness, "1 match");
    assert_eq!(objects(&harness), ["scene_1.png"]);
    type_into(&mut harness, "Search all folders", "[");
    wait_for(&mut harness, "is no regular expression");
    assert_eq!(objects(&harness), ["scene_1.png"], "what was found before stays");
    click(&mut harness, "Regular expression");
    wait_for(&mut harness, "No match for");
}

#[test]
fn filters_are_put_on_and_taken_off() {
    let (desk, bucket) = with_pictures();
    desk.put(&bucket, "notes.txt", b"plain words".to_vec());
    let mut harness = open(desk);
    wait_for(&mut harness, "notes.txt,");
    click(&mut harness, "Add filter");
    click(&mut harness, "Images");
    wait_gone(&mut harness, "notes.txt,");
    assert!(shown(&harness, "cover.png,"));
    type_into(&mut harness, "At least", "1 GB");
    wait_for(&mut harness, "Remove filter Size over 1 GB");
    wait_gone(&mut harness, "cover.png,");
    assert!(shown(&harness, "Folder pip"), "folders are not judged");
    click(&mut harness, "Remove filter Size over 1 GB");
    wait_for(&mut harness, "cover.png,");
    click(&mut harness, "Remove filter Images");
    wait_for(&mut harness, "notes.txt,");
}

#[test]
fn placeholders_are_hidden_until_somebody_asks() {
    let (desk, bucket) = with_pictures();
    desk.put(&bucket, "empty/.emptyFolderPlaceholder", Vec::new());
    let mut harness = open(desk);
    wait_for(&mut harness, "Folder empty");
    click(&mut harness, "Folder empty");
    wait_for(&mut harness, "This folder is empty");
    click(&mut harness, "Add filter");
    click(&mut harness, "Show placeholder files");
    wait_for(&mut harness, ".emptyFolderPlaceholder,");
}

#[test]
fn columns_sort_both_ways_and_come_and_go() {
    let (desk, bucket) = with_pictures();
    desk.put(&bucket, "a-large.png", png(200, 200));
    desk.put(&bucket, "b-small.png", png(2, 2));
    let mut harness = open(desk);
    wait_for(&mut harness, "b-small.png,");
    harness.key_press(Key::V);
    harness.run_steps(2);
    click(&mut harness, "Sort by Size");
    wait(&mut harness, "the largest first", |harness| {
        objects(harness) == ["a-large.png", "cover.png", "b-small.png"]
    });
    click(&mut harness, "Sorted by Size, descending");
    wait(&mut harness, "the smallest first", |harness| {
        objects(harness) == ["b-small.png", "cover.png", "a-large.png"]
    });
    assert!(!shown(&harness, "Sort by Cache control"));
    click(&mut harness, "Choose columns");
    click(&mut harness, "Cache control");
    wait_for(&mut harness, "Sort by Cache control");
    let width = |harness: &Harness<'_, Desk>| {
        let edge = harness.get_by_label("Width of Size");
        edge.accesskit_node().numeric_value().unwrap()
    };
    let before = width(&harness);
    harness.get_by_label("Width of Size").focus();
    harness.run_steps(1);
    harness.key_press(Key::ArrowLeft);
    harness.run_steps(2);
    assert!(width(&harness) > before, "the column is wider");
}

#[test]
fn everything_that_matches_is_chosen_at_once() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    type_into(&mut harness, "Search all folders", "scene");
    wait_for(&mut harness, "2 matches");
    harness.click(|harness| harness.get_by_label_contains("scene_0.png,").rect());
    wait_for(&mut harness, "1 selected");
    // There is no room for a button of its own.
    click(&mut harness, "More actions");
    wait_for(&mut harness, "Select all 2");
    click(&mut harness, "Select all 2");
    wait(&mut harness, "both", |harness| are_chosen(harness, 2));
    harness.click(|harness| harness.get_by_label("Clear search all folders").rect());
    wait_for(&mut harness, "cover.png,");
    assert!(
        harness.state().buckets.selection().is_empty(),
        "what is not seen is not chosen"
    );
}

#[test]
fn all_of_a_folder_and_what_is_below_it_is_chosen_and_seen() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    wait_for(&mut harness, "1 selected");
    click(&mut harness, "More actions");
    wait_for(&mut harness, "Select all 3");
    click(&mut harness, "Select all 3");
    wait(&mut harness, "all three", |harness| are_chosen(harness, 3));
    assert_eq!(objects(&harness), ["cover.png", "scene_0.png", "scene_1.png"]);
}

#[test]
fn the_keyboard_alone_opens_folders_and_chooses() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    harness.key_press(Key::Home);
    harness.run_steps(1);
    harness.key_press(Key::Enter);
    wait_for(&mut harness, "scene_0.png,");
    harness.key_press(Key::ArrowRight);
    harness.run_steps(1);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::End);
    wait(&mut harness, "two", |harness| are_chosen(harness, 2));
    harness.key_press(Key::Space);
    wait(&mut harness, "one", |harness| are_chosen(harness, 1));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    wait_for(&mut harness, "Open in URL Lab");
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    harness.key_press(Key::Escape);
    wait(&mut harness, "nothing is chosen", |harness| {
        harness.state().buckets.selection().is_empty()
    });
    harness.key_press_modifiers(Modifiers::ALT, Key::ArrowUp);
    wait_for(&mut harness, "cover.png,");
}

#[test]
fn what_another_client_uploads_is_there_after_a_refresh() {
    let (desk, bucket) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    let desk = harness.state();
    let server = &desk.project.server;
    let other = Supabase::new(
        Http::new(std::sync::Arc::new(Transcript::default())).unwrap(),
        ProjectUrl::parse(server.url()).unwrap(),
        ApiKey::parse(server.service_key()).unwrap(),
    );
    let how = Upload::new("image/png");
    let key = ObjectKey::parse("by-another.png").unwrap();
    desk.runtime
        .block_on(other.bucket(&bucket).upload(&key, png(9, 9).into(), &how))
        .unwrap();
    harness.run_steps(5);
    assert!(!shown(&harness, "by-another.png,"), "nobody has told of it");
    click(&mut harness, "Refresh buckets");
    wait_for(&mut harness, "by-another.png,");
}

#[test]
fn all_buckets_say_what_they_hold() {
    let (desk, bucket) = with_pictures();
    let other = desk.bucket("exports", false);
    desk.put(&other, "a.txt", b"plain words".to_vec());
    let mut harness = open(desk);
    wait_for(&mut harness, "In 2 buckets");
    wait_for(&mut harness, "4 objects");
    let held = |harness: &Harness<'_, Desk>, bucket: &BucketName| {
        let buckets = &harness.state().buckets;
        buckets.held(bucket).map(|held| held.words().0)
    };
    assert_eq!(held(&harness, &other).as_deref(), Some("1 object"));
    assert_eq!(held(&harness, &bucket).as_deref(), Some("3 objects"));
}

#[test]
fn all_buckets_are_searched_and_lead_to_what_was_found() {
    let (desk, _) = with_pictures();
    let other = desk.bucket("exports", false);
    desk.put(&other, "deep/scene_9.png", png(5, 5));
    let mut harness = open(desk);
    wait_for(&mut harness, "In 2 buckets");
    click(&mut harness, "Add filter");
    click(&mut harness, "All buckets");
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    type_into(&mut harness, "Search all buckets", "scene");
    wait_for(&mut harness, "3 matches");
    assert!(shown(&harness, "scene_0.png in story-images"));
    click(&mut harness, "scene_9.png in exports");
    wait_for(&mut harness, "scene_9.png,");
    assert_eq!(harness.state().buckets.folder(), "deep/");
    assert_eq!(harness.state().buckets.bucket(), Some(&other));
    assert!(are_chosen(&harness, 1));
}

#[test]
fn while_nothing_changes_no_picture_of_the_grid_is_drawn_again() {
    rests(Key::Escape);
}

#[test]
fn while_nothing_changes_no_row_of_the_table_is_drawn_again() {
    rests(Key::V);
}

fn rests(key: Key) {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "In 1 bucket");
    wait_for(&mut harness, "cover.png,");
    harness.key_press(key);
    harness.run_steps(2);
    wait(&mut harness, "pictures are there and nothing moves", |harness| {
        std::thread::sleep(std::time::Duration::from_millis(40));
        !harness.ctx.has_requested_repaint()
    });
    for _ in 0..20 {
        harness.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
        assert!(!harness.ctx.has_requested_repaint(), "something keeps the window awake");
    }
}

#[test]
fn two_clicks_open_one_folder_and_not_what_lies_there_then() {
    let (desk, bucket) = with_pictures();
    desk.put(&bucket, "pip/inner/deep.png", png(8, 8));
    // Frames are short: the second click comes while both are one double click.
    let mut harness = super::support::builder([1376.0, 832.0], egui::Theme::Dark)
        .with_step_dt(0.002)
        .build_ui_state(|ui, desk: &mut Desk| desk.frame(ui), desk);
    wait_for(&mut harness, "cover.png,");
    let at = harness.get_by_label("Folder pip").rect().center();
    for _ in 0..2 {
        harness.hover_at(at);
        harness.drag_at(at);
        harness.drop_at(at);
        harness.step();
        wait_for(&mut harness, "scene_0.png,");
    }
    harness.run_steps(3);
    assert!(shown(&harness, "scene_0.png,"), "it went on into the folder inside");
}

#[test]
fn the_path_of_an_upload_is_typed_at_once() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    click(&mut harness, "Upload folders, or from a path");
    harness.run_steps(2);
    assert!(
        harness
            .get_by_label("Path of a file or folder on this machine")
            .is_focused()
    );
    harness.event(egui::Event::Text("/tmp/a".to_owned()));
    harness.run_steps(2);
    let field = harness.get_by_label("Path of a file or folder on this machine");
    assert_eq!(field.value().as_deref(), Some("/tmp/a"), "letters went to the objects");
}
