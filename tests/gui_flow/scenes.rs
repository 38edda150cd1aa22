//! The scenes of a story in three views, and what is done to them there.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;

use super::support::studio::Studio;
use super::{click, contains, has, make};

#[test]
fn a_story_is_renamed_its_scenes_are_moved_and_one_is_added() {
    let mut studio = Studio::start();
    let story = make(&studio, "Pip and the Lost Star", 4);
    studio.until("the story", |harness| has(harness, "4 of 4 pictures live"));
    studio.picture("flow-grid");
    let read = |studio: &Studio| studio.runtime.block_on(studio.service.story(&story.story_id)).unwrap();

    click(&mut studio, "More for this story");
    click(&mut studio, "Rename");
    studio.harness.run_steps(2);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    studio.harness.get_by_label("Title").type_text("Pip finds a star");
    studio.harness.run_steps(2);
    studio.harness.key_press(Key::Enter);
    studio.until("the new title", |harness| {
        harness.query_all_by_label("Pip finds a star").count() > 1
    });
    studio.comes_true("the project has it", |studio| read(studio).title == "Pip finds a star");

    // Alt and an arrow move the scene that has the keyboard.
    let first = read(&studio).scenes[0].scene_id.clone();
    let card = studio.harness.get_by_role_and_label(Role::ListBoxOption, "Scene 1");
    card.focus();
    studio.harness.run_steps(2);
    studio.harness.key_press_modifiers(Modifiers::ALT, Key::ArrowRight);
    studio.comes_true("the scene is moved", |studio| read(studio).scenes[1].scene_id == first);

    click(&mut studio, "Add scene");
    studio.until("five scenes", |harness| has(harness, "4 of 5 pictures live"));
    studio.comes_true("the project has five", |studio| read(studio).scenes.len() == 5);
    studio.picture("flow-grid-added");
}

#[test]
fn three_views_show_the_same_scenes_and_the_counts_filter_them() {
    let mut studio = Studio::with([1280.0, 800.0], Theme::Light, |_| {});
    let mut story = make(&studio, "Pip and the Lost Star", 3);
    let scene = story.scenes.remove(1);
    let bare = storymimi_studio::story::SceneEdit {
        alt_text: Some(String::new()),
        ..Default::default()
    };
    let edit = studio
        .service
        .edit_scene(&story.story_id, &scene.scene_id, bare, &scene);
    studio.runtime.block_on(edit).unwrap();
    studio.until("the story", |harness| has(harness, "1 without alt text"));
    click(&mut studio, "Texts beside pictures");
    studio.until("the strip", |harness| has(harness, "No alt text"));
    assert!(has(&studio.harness, "Scene 3"));
    studio.picture("flow-strip-light");
    click(&mut studio, "Table");
    studio.harness.run_steps(2);
    assert!(has(&studio.harness, "Scene 3"));
    studio.picture("flow-table-light");

    click(&mut studio, "1 without alt text");
    studio.harness.run_steps(2);
    assert!(has(&studio.harness, "Scene 2") && !has(&studio.harness, "Scene 3"));
    click(&mut studio, "Remove filter Scenes without alt text");
    studio.harness.run_steps(2);
    assert!(has(&studio.harness, "Scene 3"));
}

#[test]
fn a_story_is_deleted_after_it_was_said_what_goes() {
    let mut studio = Studio::start();
    make(&studio, "Pip and the Lost Star", 2);
    studio.until("the story", |harness| has(harness, "2 of 2 pictures live"));
    click(&mut studio, "More for this story");
    click(&mut studio, "Delete story…");
    studio.until("what goes", |harness| contains(harness, "pictures go to the trash"));
    studio.picture("flow-delete");
    click(&mut studio, "Delete story");
    studio.until("it is gone", |harness| has(harness, "No stories yet"));
    let left = studio.runtime.block_on(studio.service.all_stories()).unwrap();
    assert_eq!(left, []);
}
