//! Pictures of the inspector and of the questions in both themes, compared with those that were looked at:
//! `UPDATE_SNAPSHOTS=1` accepts new ones.

use egui_kittest::SnapshotResults;
use storymimi_studio::story::Brief;
use storymimi_studio::transfer::plan::{HeaderEdit, KeySource};

use super::*;

const LOOKS: [(Theme, &str); 2] = [(Theme::Dark, "dark"), (Theme::Light, "light")];
/// Facts that are others each time.
const FACTS: [&str; 3] = ["Updated", "First stored", "upload_id"];

/// A window on a project with one story, its pictures in the bucket.
fn with_story() -> Studio {
    let studio = Studio::with([1440.0, 900.0], Theme::Dark, |_| {});
    let idea = "A fox named Pip carries a fallen star home";
    let brief = Brief::new("Pip and the Lost Star", idea, 3, 7).unwrap();
    let never = CancellationToken::new();
    studio
        .runtime
        .block_on(studio.service.create_story(&brief, &|_| {}, &never))
        .unwrap();
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    studio
}

/// Compares the window, without what is another each time: times, marks, the address.
fn snapshot(studio: &mut Studio, results: &mut SnapshotResults, name: &str) {
    studio.harness.remove_cursor();
    studio.settle();
    let [width, height] = [
        studio.harness.ctx.content_rect().width(),
        studio.harness.ctx.content_rect().height(),
    ];
    // The state of the connection and of the index.
    let mut masks = vec![egui::Rect::from_min_max(
        egui::pos2(0.0, height - 24.0),
        egui::pos2(width, height),
    )];
    for node in studio.harness.query_all_by_label_contains("Index up to date") {
        let rect = node.rect().expand(2.0);
        masks.push(rect.with_min_x(rect.right().round() - 170.0));
    }
    for fact in FACTS {
        for node in studio.harness.query_all_by_label(fact) {
            let rect = node.rect().expand(2.0);
            masks.push(rect.with_min_x(rect.left() + 96.0).with_max_x(width - 20.0));
        }
    }
    // The mark, while the metadata is edited.
    for node in studio.harness.query_all_by_role_and_label(Role::TextInput, "Value 2") {
        masks.push(node.rect());
    }
    for rect in masks {
        studio.harness.mask(rect);
    }
    results.add(studio.harness.try_snapshot(name));
}

/// Takes the journal of the window's foot away, which tells times.
fn without_dock(studio: &mut Studio) {
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    studio.harness.run_steps(3);
    // What the uploads say of themselves goes by itself.
    studio.until("no toasts", |harness| {
        harness.query_all_by_label_contains(": done").next().is_none()
    });
}

fn close(studio: &mut Studio) {
    studio.harness.key_press(Key::Escape);
    studio.harness.run_steps(4);
}

#[test]
fn a_scene_that_uses_a_picture_is_one_click_away() {
    let mut studio = with_story();
    let first = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
        node.label().is_some_and(|label| label.starts_with("scene_0_"))
    };
    studio.until("the pictures", |harness| harness.query_all_by(first).next().is_some());
    studio
        .harness
        .click(|harness| harness.get_all_by(first).next().unwrap().rect());
    let scene = "Show Pip and the Lost Star, scene 1";
    says(&mut studio, scene);
    says(&mut studio, "Used by 1 scene, as a cover");
    studio.harness.get_by_label(scene).scroll_to_me();
    studio.settle();
    studio.picture("inspector-used");
    click_one(&mut studio, scene);
    says(&mut studio, "3 of 3 pictures live");
}

#[test]
fn the_inspector() {
    let mut results = SnapshotResults::new();
    for (look, name) in LOOKS {
        let mut studio = sized([1440.0, 900.0], look, &["a.png", "b.png", "winter/c.png"]);
        put(&studio, BUCKET, "scene.png", support::project::png(640, 480));
        let wrong = HeaderEdit {
            content_type: Some("image/jpeg".to_owned()),
            ..HeaderEdit::default()
        };
        studio
            .service
            .start_edit(bucket(BUCKET), vec![KeySource::Key(key("scene.png"))], wrong);
        comes_true(&mut studio, "the wrong type", |studio| {
            info(studio, "scene.png").content_type.as_deref() == Some("image/jpeg")
        });
        without_dock(&mut studio);
        says(&mut studio, "scene.png,");
        snapshot(&mut studio, &mut results, &format!("inspector_bucket_{name}"));
        choose(&mut studio, "scene.png");
        says(&mut studio, "Declared type does not match the bytes");
        says(&mut studio, "640 × 480");
        says(&mut studio, "Used by no scene");
        snapshot(&mut studio, &mut results, &format!("inspector_picture_{name}"));
        click(&mut studio, "Edit");
        click(&mut studio, "Add a row");
        snapshot(&mut studio, &mut results, &format!("inspector_metadata_{name}"));
        click_one(&mut studio, "Cancel");
        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        says(&mut studio, "3 selected");
        says(&mut studio, "Together");
        snapshot(&mut studio, &mut results, &format!("inspector_several_{name}"));
    }
}

#[test]
fn the_questions_about_buckets() {
    let mut results = SnapshotResults::new();
    for (look, name) in LOOKS {
        let mut studio = sized([1120.0, 700.0], look, &["a.png", "winter/b.png"]);
        without_dock(&mut studio);
        says(&mut studio, "a.png,");
        click(&mut studio, "New bucket");
        retype(&mut studio, "Name", "covers");
        retype(&mut studio, "Size limit", "2.5");
        retype(&mut studio, "Another type", "png, image/webp");
        confirm(&mut studio, "Add");
        retype(&mut studio, "Another type", "*/*");
        says(&mut studio, "then refuses every upload");
        snapshot(&mut studio, &mut results, &format!("dialog_bucket_{name}"));
        close(&mut studio);
        studio
            .harness
            .key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
        retype(&mut studio, "Name", "winter");
        snapshot(&mut studio, &mut results, &format!("dialog_folder_{name}"));
    }
}

#[test]
fn the_questions_about_objects() {
    let mut results = SnapshotResults::new();
    for (look, name) in LOOKS {
        let keys = ["a.png", "b.png", "c.png", "winter/a.png", "winter/deep/d.png"];
        let mut studio = sized([1120.0, 700.0], look, &keys);
        without_dock(&mut studio);
        choose(&mut studio, "b.png");
        studio.harness.key_press(Key::F2);
        retype(&mut studio, "New name", "hare.jpg");
        says(&mut studio, "1 new");
        snapshot(&mut studio, &mut results, &format!("dialog_rename_{name}"));
        close(&mut studio);
        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        says(&mut studio, "3 selected");
        act(&mut studio, "Move…");
        click(&mut studio, "Into folder winter");
        says(&mut studio, "2 new, 1 refused");
        snapshot(&mut studio, &mut results, &format!("dialog_move_{name}"));
        close(&mut studio);
        act(&mut studio, "Headers…");
        click(&mut studio, "Change how long it is kept by caches");
        retype(&mut studio, "Cache-Control", "max-age=60");
        click(&mut studio, "Add metadata");
        retype(&mut studio, "Name 1", "season");
        retype(&mut studio, "Value 1", "winter");
        says(&mut studio, "3 changed");
        snapshot(&mut studio, &mut results, &format!("dialog_headers_{name}"));
        close(&mut studio);
        act(&mut studio, "Copy URLs…");
        says(&mut studio, "3 URLs are ready");
        snapshot(&mut studio, &mut results, &format!("dialog_urls_{name}"));
        close(&mut studio);
        studio.harness.key_press_modifiers(Modifiers::SHIFT, Key::Delete);
        says(&mut studio, "This cannot be undone.");
        snapshot(&mut studio, &mut results, &format!("dialog_delete_{name}"));
    }
}

#[test]
fn a_scene_that_a_deletion_names_is_one_click_away_and_nothing_is_deleted() {
    let mut studio = with_story();
    let before = keys_when(&mut studio, 3);
    let first = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
        node.label().is_some_and(|label| label.starts_with("scene_0_"))
    };
    studio.until("the pictures", |harness| harness.query_all_by(first).next().is_some());
    studio
        .harness
        .click(|harness| harness.get_all_by(first).next().unwrap().rect());
    says(&mut studio, "1 selected");
    studio.harness.key_press(Key::Delete);
    says(&mut studio, "Shown by");
    studio.picture("delete-shown-by");
    // Behind the question lies the inspector, which names the same scene.
    click_one(&mut studio, "Show Pip and the Lost Star, scene 1");
    says(&mut studio, "3 of 3 pictures live");
    assert!(
        studio.harness.query_by_label_contains("Restore for").is_none(),
        "the question is gone"
    );
    studio.settle();
    assert_eq!(keys(&studio, BUCKET), before);
}

#[test]
fn what_is_used_most_comes_first_when_the_list_is_sorted_by_use() {
    let mut studio = with_story();
    put(&studio, BUCKET, "a_lonely.png", support::project::png(8, 8));
    let keys = keys_when(&mut studio, 4);
    // The object itself: the log names it, too, before the place has opened its bucket and listens to keys.
    studio.until("the object", |harness| {
        let begins = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.label().is_some_and(|label| label.starts_with("a_lonely.png,"))
        };
        harness.query_all_by(begins).next().is_some()
    });
    studio.harness.key_press(Key::V);
    studio.until("the column", |harness| {
        harness.query_by_label("Sort by Used by").is_some()
    });
    // Which scenes show what is read in the background.
    let top = |studio: &Studio, key: &str| {
        let begins =
            |node: &egui_kittest::kittest::AccessKitNode<'_>| node.label().is_some_and(|label| label.starts_with(key));
        let rows = studio.harness.query_all_by(begins);
        rows.map(|row| row.rect().top()).fold(f32::INFINITY, f32::min)
    };
    let order = |studio: &Studio| {
        let mut order: Vec<&str> = keys.iter().map(String::as_str).collect();
        order.sort_by(|one, other| top(studio, one).total_cmp(&top(studio, other)));
        order.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    // The picture of the first scene is the cover too; one object is shown nowhere.
    let is = |studio: &Studio, most_first: bool| {
        let order = order(studio);
        let (most, least) = if most_first { (0, 3) } else { (3, 0) };
        order[most].starts_with("scene_0_") && order[least] == "a_lonely.png"
    };
    click_one(&mut studio, "Sort by Used by");
    let sorted = |harness: &egui_kittest::Harness<'_, storymimi_studio::gui::app::App>| {
        let label = |words: &str| harness.query_by_label(words).is_some();
        (
            label("Sorted by Used by, descending"),
            label("Sorted by Used by, ascending"),
        )
    };
    studio.until("it is sorted", |harness| sorted(harness) != (false, false));
    let (descending, _) = sorted(&studio.harness);
    comes_true(&mut studio, "the order", |studio| is(studio, descending));
    studio.picture("sorted-by-use");
    let again = if descending { "descending" } else { "ascending" };
    click_one(&mut studio, &format!("Sorted by Used by, {again}"));
    comes_true(&mut studio, "the other order", |studio| is(studio, !descending));
}

/// The keys of the bucket, once there are so many.
fn keys_when(studio: &mut Studio, many: usize) -> Vec<String> {
    comes_true(studio, "the objects", |studio| keys(studio, BUCKET).len() == many);
    keys(studio, BUCKET)
}
