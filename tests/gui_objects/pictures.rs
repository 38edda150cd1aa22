//! Pictures of the inspector and of the questions in both themes, for eyes: into the folder that `STUDIO_PICTURES` names.

use storymimi_studio::story::Brief;

use super::*;

/// A window on a project with one story, its pictures in the bucket.
fn with_story(look: Theme) -> Studio {
    let studio = Studio::with([1440.0, 900.0], look, |_| {});
    let idea = "A fox named Pip carries a fallen star home";
    let brief = Brief::new("Pip and the Lost Star", idea, 3, 7).unwrap();
    let never = CancellationToken::new();
    studio
        .runtime
        .block_on(studio.service.create_story(&brief, &|_| {}, &never))
        .unwrap();
    let mut studio = studio;
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    studio
}

#[test]
fn the_inspector_of_a_picture_that_a_scene_uses() {
    for (look, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let mut studio = with_story(look);
        studio.until("the pictures", |harness| {
            harness.query_all_by_label_contains("scene_0_").next().is_some()
        });
        studio
            .harness
            .get_all_by_label_contains("scene_0_")
            .next()
            .unwrap()
            .click();
        says(&mut studio, "Used by");
        says(&mut studio, "Show Pip and the Lost Star, scene 1");
        studio.picture(&format!("inspector-{name}"));
        let scene = studio
            .harness
            .get_by_label_contains("Show Pip and the Lost Star, scene 1");
        scene.click();
        studio.harness.run_steps(4);
        says(&mut studio, "Pip and the Lost Star");
    }
}

#[test]
fn the_questions_look_as_they_should() {
    for (look, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let mut studio = sized(
            [1440.0, 900.0],
            look,
            &["a.png", "b.png", "c.png", "winter/a.png", "winter/deep/d.png"],
        );
        click(&mut studio, "New bucket");
        retype(&mut studio, "Name", "covers");
        retype(&mut studio, "Another type", "png, image/webp");
        confirm(&mut studio, "Add");
        studio.picture(&format!("question-bucket-{name}"));
        studio.harness.key_press(Key::Escape);
        choose(&mut studio, "b.png");
        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        says(&mut studio, "3 selected");
        studio.picture(&format!("bar-{name}"));
        act(&mut studio, "Move…");
        click(&mut studio, "Into folder winter");
        says(&mut studio, "2 new, 1 refused");
        studio.picture(&format!("question-move-{name}"));
        studio.harness.key_press(Key::Escape);
        studio.harness.run_steps(3);
        act(&mut studio, "Headers…");
        click(&mut studio, "Change the type");
        click(&mut studio, "Add metadata");
        studio.picture(&format!("question-headers-{name}"));
        studio.harness.key_press(Key::Escape);
        studio.harness.run_steps(3);
        act(&mut studio, "Copy URLs…");
        says(&mut studio, "3 URLs are ready");
        studio.picture(&format!("question-urls-{name}"));
        studio.harness.key_press(Key::Escape);
    }
}
