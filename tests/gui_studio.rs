//! The whole window on the real embedded server: what people come to do, through accessible labels.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::story::{Brief, Status};
use storymimi_studio::workspace::ProjectUrl;
use support::Click as _;
use support::project::png;
use support::studio::Studio;
use tokio_util::sync::CancellationToken;

const PROMPT: &str =
    "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest and carries it home";

fn make(studio: &Studio, title: &str, prompt: &str, scenes: usize, seed: u32) {
    let brief = Brief::new(title, prompt, scenes, seed).unwrap();
    let never = CancellationToken::new();
    let made = studio.service.create_story(&brief, &|_| {}, &never);
    assert_eq!(studio.runtime.block_on(made).unwrap().story.status, Status::Completed);
}

/// What is known later moves what is below it, such as the button that brings a picture.
fn until_the_bench_stands(studio: &mut Studio) {
    studio.until("the bench", |harness| {
        harness.query_all_by_label_contains(" places").next().is_some()
            || harness.query_by_label("Used in 1 place").is_some()
    });
}

#[test]
fn an_editor_opens_a_scene_and_replaces_its_picture() {
    let mut studio = Studio::start();
    studio.until("the empty place", |harness| {
        harness.query_by_label("No stories yet").is_some()
    });
    studio.picture("first-start");
    make(&studio, "Pip and the Lost Star", PROMPT, 6, 7);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the story is whole", |harness| {
        harness.query_by_label("6 of 6 pictures live").is_some()
    });
    studio.picture("created");

    // A picture of the editor's own is a candidate, and takes the place of scene 1's.
    let live = |studio: &Studio| {
        let stories = studio.runtime.block_on(studio.service.stories(0)).unwrap();
        stories[0].scenes[0].image_url.clone()
    };
    let before = live(&studio);
    let own = studio.folder.join("own.png");
    std::fs::write(&own, png(640, 480)).unwrap();
    studio.chosen.lock().unwrap().push(own);
    until_the_bench_stands(&mut studio);
    studio.harness.get_by_label("Upload picture…").click_accesskit();
    studio.until("the candidate", |harness| {
        harness.query_by_label("Live and B").is_some()
    });
    studio.reach("Replace live");
    studio.until("the replacement", |harness| {
        harness.query_by_label("Picture replaced").is_some()
    });
    let (bucket, key) = studio.service.own_object(&live(&studio).unwrap()).unwrap();
    let info = studio
        .runtime
        .block_on(studio.service.object_info(&bucket, &key))
        .unwrap();
    assert_eq!(info.metadata["generator"], "upload");
    studio.picture("replaced");

    // And is taken back.
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    studio.comes_true("the undo", |studio| live(studio) == before);
}

#[test]
fn an_upload_that_fails_is_explained_where_it_was_asked_for_and_in_the_log() {
    let mut studio = Studio::start();
    make(&studio, "Pip", PROMPT, 1, 3);
    studio.until("the story", |harness| {
        harness.query_by_label("1 of 1 pictures live").is_some()
    });
    let text = studio.folder.join("notes.png");
    std::fs::write(&text, "%PDF-1.7 this is no picture").unwrap();
    studio.chosen.lock().unwrap().push(text);
    until_the_bench_stands(&mut studio);
    studio.harness.get_by_label("Upload picture…").click_accesskit();
    studio.until("the error", |harness| {
        harness
            .query_all_by_label_contains("This is not a picture: it begins like")
            .count()
            >= 2
    });
    studio.picture("upload-failed");
    let story = studio.runtime.block_on(studio.service.stories(0)).unwrap();
    assert!(story[0].scenes[0].image_url.is_some(), "the live picture is kept");
}

#[test]
fn a_file_that_cannot_be_read_is_told_in_a_toast_and_in_the_log() {
    let mut studio = Studio::start();
    make(&studio, "Pip", PROMPT, 1, 3);
    studio.until("the story", |harness| {
        harness.query_by_label("1 of 1 pictures live").is_some()
    });
    studio.chosen.lock().unwrap().push(studio.folder.join("gone.png"));
    until_the_bench_stands(&mut studio);
    studio.harness.get_by_label("Upload picture…").click_accesskit();
    studio.until("the toast", |harness| harness.query_by_label("Show").is_some());
    let said = |studio: &Studio, words: &str| studio.harness.query_all_by_label_contains(words).count();
    assert!(
        said(&studio, "The candidate was not taken") >= 2,
        "in the toast and in the log"
    );
    assert!(
        said(&studio, "Check that the file is still there") >= 1,
        "with what to do, opened in place"
    );
}

#[test]
fn a_server_that_is_not_there_is_named_with_what_to_do() {
    let nobody = |workspace: &mut storymimi_studio::workspace::Workspace| {
        workspace.url = ProjectUrl::parse("http://127.0.0.1:9").unwrap();
    };
    let mut studio = Studio::with([1440.0, 900.0], Theme::Light, nobody);
    studio.until("the sentence", |harness| {
        harness
            .query_all_by_label_contains("Nothing answers at http://127.0.0.1:9")
            .next()
            .is_some()
    });
    studio.until("the status bar", |harness| {
        harness.query_by_label("No answer").is_some()
    });
    studio.picture("no-server");
}

#[test]
fn a_click_that_has_begun_counts_when_the_inspector_opens_beside_it() {
    let mut studio = Studio::start();
    studio.until("the empty place", |harness| {
        harness.query_by_label("No stories yet").is_some()
    });
    // However long it takes until the story is listed.
    let options = |options: &mut egui::Options| options.input_options.max_click_duration = f64::INFINITY;
    studio.harness.ctx.options_mut(options);
    make(&studio, "Pip and the Lost Star", PROMPT, 1, 7);
    let tab = studio.harness.get_by_role_and_label(egui::Role::Tab, "Requests");
    let pos = tab.rect().center();
    let button = |pressed| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    studio.harness.hover_at(pos);
    studio.harness.event(button(true));
    studio.harness.step();
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the inspector", |harness| {
        harness.query_by_label("Close inspector").is_some()
    });
    studio.harness.event(button(false));
    studio.harness.run_steps(2);
    assert!(studio.harness.query_by_label("Filter the list").is_some());
}

#[test]
fn a_request_is_copied_as_curl_without_its_key() {
    let mut studio = Studio::start();
    studio.until("the first answer", |harness| {
        harness.query_by_label("No stories yet").is_some()
    });
    studio.harness.click(|harness| harness.get_by_label("Requests").rect());
    studio.harness.run_steps(3);
    studio.harness.click(|harness| {
        harness
            .get_all_by_label_contains("rest/v1/stories")
            .next()
            .unwrap()
            .rect()
    });
    studio.harness.run_steps(3);
    studio
        .harness
        .click(|harness| harness.get_by_label("Copy as curl").rect());
    let copied: Vec<String> = studio
        .harness
        .output()
        .platform_output
        .commands
        .iter()
        .filter_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let key = studio.service.workspace().key.secret().expose().to_owned();
    assert!(
        copied
            .iter()
            .any(|text| text.starts_with("curl") && text.contains("$SUPABASE_KEY")),
        "{copied:?}"
    );
    assert!(!copied.iter().any(|text| text.contains(&key)));
}

#[test]
fn places_are_reached_by_keys_and_by_the_palette() {
    let mut studio = Studio::start();
    make(&studio, "Pip and the Lost Star", PROMPT, 2, 3);
    studio.until("the story", |harness| {
        harness.query_by_label("2 of 2 pictures live").is_some()
    });
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    studio.until("the bucket", |harness| {
        harness.query_all_by_label_contains("story-images").next().is_some()
    });
    studio.picture("buckets");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    studio.harness.run_steps(3);
    assert!(studio.harness.query_all_by_label("URL Lab").count() >= 2);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    studio.harness.run_steps(3);
    studio.picture("palette");
    for letter in "lost".chars() {
        studio.harness.event(egui::Event::Text(letter.to_string()));
        studio.harness.run_steps(2);
    }
    studio.harness.key_press(Key::Enter);
    studio.until("the story again", |harness| {
        harness.query_by_label("2 of 2 pictures live").is_some()
    });
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    studio.harness.run_steps(3);
    studio.picture("settings");
}

#[test]
fn at_rest_nothing_is_drawn() {
    let mut studio = Studio::start();
    make(&studio, "Pip", PROMPT, 2, 3);
    studio.until("the story", |harness| {
        harness.query_by_label("2 of 2 pictures live").is_some()
    });
    // What was made just now is counted once more, a moment later.
    studio.until("nothing is due any more", |harness| {
        harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay == std::time::Duration::MAX
    });
    studio.settle();
    for _ in 0..20 {
        studio.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(
        !studio.harness.ctx.has_requested_repaint(),
        "something keeps the window awake"
    );
}

#[test]
fn the_window_with_finished_stories() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (look, name, size) in [
        (Theme::Dark, "stories-dark", [1440.0, 900.0]),
        (Theme::Light, "stories-light", [1440.0, 900.0]),
        (Theme::Dark, "stories-small", [1280.0, 800.0]),
    ] {
        let mut studio = Studio::with(size, look, |_| {});
        make(
            &studio,
            "The Bear Who Read to the Moon",
            "A bear in blue pyjamas reads a bedtime book in a cosy bedroom at night",
            4,
            5,
        );
        make(
            &studio,
            "Otis and the Rainbow Kite",
            "A boy named Otis flies a kite over a meadow under a rainbow",
            5,
            6,
        );
        make(
            &studio,
            "Mira and the Patient Turtle",
            "A girl named Mira in a red dress and a turtle by the sea at sunset",
            6,
            9,
        );
        make(&studio, "Pip and the Lost Star", PROMPT, 8, 11);
        let newest = "Pip and the Lost Star";
        studio.until("the stories", |harness| {
            harness.query_all_by_label(newest).next().is_some()
        });
        studio
            .harness
            .click(|harness| harness.get_all_by_label(newest).next().unwrap().rect());
        studio.until("the story", |harness| {
            harness.query_by_label("8 of 8 pictures live").is_some()
        });
        studio.settle();
        let who = studio
            .harness
            .query_all_by_label("Engine")
            .any(|node| node.value().as_deref() == Some("Built-in (no AI)"));
        assert!(who, "who draws is named");
        studio.picture(name);
        compare(&mut studio, name);
        results.extend(studio.harness.take_snapshot_results());
    }
}

/// As wide as words of about that length are: how long a drawing takes is other words each time.
fn in_steps(rect: egui::Rect) -> egui::Rect {
    let width = (rect.width() / 80.0).ceil() * 80.0;
    egui::Rect::from_min_size(rect.min, egui::vec2(width, rect.height()))
}

/// Compares the window with the picture that was accepted, but for what differs from run to run: the log, the bar that
/// names the port, and the seed, names and how long it takes here at the right.
fn compare(studio: &mut Studio, name: &str) {
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    studio.settle();
    let whole = studio.harness.ctx.content_rect();
    let mut masks = vec![egui::Rect::from_min_max(
        egui::pos2(0.0, whole.bottom() - 24.0),
        whole.max,
    )];
    for label in ["http://127", "scene_0", "Seed", "Costs nothing"] {
        masks.extend(
            studio
                .harness
                .query_all_by_label_contains(label)
                .map(|node| in_steps(node.rect().expand(2.0))),
        );
    }
    for rect in masks {
        studio.harness.mask(rect);
    }
    // The illustrator's pictures are scaled with the instructions that the machine has; nothing else may differ.
    let options = egui_kittest::SnapshotOptions::new()
        .threshold(1.0)
        .max_failed_pixels(400);
    studio.harness.snapshot_options(format!("studio-{name}"), &options);
}
