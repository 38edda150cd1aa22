//! A story's whole way with the program alone: written as a draft, drawn, approved of, published, changed, taken back,
//! exported, deleted and had back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;

use program::{Program, text};
use serde_json::Value;

fn picture(program: &Program, name: &str, side: u32) -> String {
    let path = program.path(name);
    image::RgbImage::new(side, side).save(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Where a scene's picture is, of a story as it is shown.
fn shown(program: &Program, id: &str, scene: usize) -> String {
    let story = program.json(&["story", "show", id]);
    story["scenes"][scene]["image_url"].as_str().unwrap().to_owned()
}

/// Whether a story shows an object.
fn is_shown(story: &Value, key: &str) -> bool {
    let scenes = story["scenes"].as_array().unwrap();
    let mut links = scenes.iter().map(|scene| scene["image_url"].as_str().unwrap());
    links.any(|link| link.ends_with(&format!("/{key}")))
}

/// What a command prints for people, if it succeeds.
fn says(program: &Program, words: &[&str]) -> String {
    let output = program.run(words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "{words:?}");
    text(&output.stdout)
}

/// A draft of two scenes, and its id.
fn draft(program: &Program) -> (Value, String) {
    let draft = program.json(&[
        "story",
        "draft",
        "--title",
        "Pip",
        "--prompt",
        "a fox by the sea",
        "--scenes",
        "2",
        "--seed",
        "3",
    ]);
    let id = draft["id"].as_str().unwrap().to_owned();
    (draft, id)
}

#[test]
fn from_a_draft_to_a_published_story_and_back() {
    let program = Program::with_port();
    let (draft, id) = draft(&program);
    let id = id.as_str();
    assert_eq!(draft["state"], "draft");
    assert_eq!(draft["version"], 1);
    assert_eq!(program.json(&["story", "draft", "list"])[0]["id"], id);
    let there = program.json(&["story", "draft", "show", id]);
    for part in ["version", "brief", "title", "scenes", "cast", "state"] {
        assert_eq!(there[part], draft[part], "{part}");
    }
    assert!(
        program.json(&["story", "list"]).as_array().unwrap().is_empty(),
        "nothing of it is in the project"
    );
    // It says what it lacks, and is not approved of without.
    let lacks = says(&program, &["story", "draft", "show", id]);
    assert!(lacks.contains("scene 2 has no picture"), "{lacks}");
    assert!(
        program
            .fails(&["story", "approve", id])
            .contains("scene 1 has no picture")
    );
    assert!(
        program
            .fails(&["story", "publish", id])
            .contains("scene 1 has no picture")
    );

    // The first scene's picture is drawn, the second's brought.
    let drawn = program.json(&["story", "generate", id, "--scene", "1", "--seed", "9"]);
    let variant = &drawn["variants"][0];
    assert_eq!(variant["number"], 1);
    assert_eq!(variant["state"]["state"], "made");
    assert_eq!(variant["place"], "candidate");
    let variant = variant["id"].as_str().unwrap();
    program.json(&["story", "draft", "picture", id, "--scene", "1", "--variant", variant]);
    let file = picture(&program, "sea.png", 9);
    let whole = program.json(&["story", "draft", "picture", id, "--scene", "2", "--file", &file]);

    // It is edited in a file; an older copy is refused.
    let mut edited = whole.clone();
    edited["scenes"][1]["text"] = "The sea is blue.".into();
    program.write("draft.json", edited.to_string());
    let saved = program.json(&["story", "draft", "edit", "draft.json"]);
    assert_eq!(saved["scenes"][1]["text"], "The sea is blue.");
    let older = program.fails(&["story", "draft", "edit", "draft.json"]);
    assert!(older.contains("Nothing of yours was written."), "{older}");

    assert!(
        program
            .fails(&["story", "publish", id])
            .contains("Nothing was published.")
    );
    let approved = program.json(&["story", "approve", id]);
    assert!(approved["approved"]["at"].is_string());
    assert!(says(&program, &["story", "draft", "list"]).contains("Approved"));
    let published = program.json(&["story", "publish", id]);
    assert_eq!(published["story_id"], id);
    assert_eq!(published["status"], "completed");
    assert_eq!(published["scenes"][1]["text"], "The sea is blue.");
    assert_eq!(published["cover_image_url"], published["scenes"][0]["image_url"]);
    assert_eq!(program.json(&["story", "show", id]), published);
    assert_eq!(program.json(&["story", "publish", id]), published, "once is enough");
    assert!(program.json(&["story", "draft", "list"]).as_array().unwrap().is_empty());
    assert_eq!(program.keys("story-images").len(), 2);

    // One picture is replaced, and that is taken back; the cover follows.
    let before = shown(&program, id, 0);
    let file = picture(&program, "new.png", 11);
    let replaced = program.json(&["story", "replace", id, "--scene", "1", "--file", &file]);
    assert_eq!(replaced["before"], before.as_str());
    assert_eq!(replaced["now"], shown(&program, id, 0).as_str());
    assert_eq!(replaced["places"], serde_json::json!(["Cover"]));
    assert_eq!(program.json(&["story", "show", id])["cover_image_url"], replaced["now"]);
    let undone = program.json(&["story", "undo", id]);
    assert_eq!(undone["now"], before.as_str());
    assert_eq!(shown(&program, id, 0), before);
    assert!(program.fails(&["story", "undo", id]).contains("nothing to take back"));
    let history = program.json(&["story", "history", id]);
    assert_eq!(history.as_array().unwrap().len(), 2);
    let history = says(&program, &["story", "history", id]);
    assert!(
        history.contains("Taken back") && history.contains("Put back"),
        "{history}"
    );

    program.json(&["story", "export", id, "--format", "epub", "-o", "pip.epub"]);
    assert!(program.path("pip.epub").exists());

    // Nothing goes without a word.
    let (plan, said) = program.partly(&["story", "delete", id]);
    assert!(
        plan.contains("goes to the trash") && said.contains("Nothing was deleted"),
        "{plan}{said}"
    );
    assert_eq!(program.json(&["story", "show", id])["story_id"], id);
    let deleted = program.json(&["story", "delete", id, "--yes"]);
    assert_eq!(deleted["story"], id);
    assert!(program.fails(&["story", "show", id]).contains("There is no story"));
    let keys = program.keys("story-images");
    assert!(keys.iter().all(|key| !is_shown(&published, key)), "{keys:?}");
    let back = program.json(&["story", "undo", id]);
    assert_eq!(back["missing"], serde_json::json!([]));
    assert_eq!(program.json(&["story", "show", id])["scenes"], published["scenes"]);
    let keys = program.keys("story-images");
    assert_eq!(keys.iter().filter(|key| is_shown(&published, key)).count(), 2);
}

#[test]
fn what_cannot_be_gets_a_sentence() {
    let program = Program::new();
    let (_, id) = draft(&program);
    let id = id.as_str();
    let nobody = "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f";
    program.write("other.json", "{}");
    for (words, expected) in [
        (vec!["draft", "show", nobody], "There is no draft"),
        (vec!["draft", "edit", "other.json"], "other.json is no draft"),
        (vec!["draft", "edit", "none.json"], "none.json cannot be read"),
        (
            vec!["draft", "picture", id, "--scene", "3", "--file", "other.json"],
            "no scene 3",
        ),
        (
            vec!["draft", "picture", id, "--scene", "1", "--file", "other.json"],
            "not a picture",
        ),
        (
            vec!["draft", "picture", id, "--scene", "1", "--variant", "B"],
            "is not the id of a variant",
        ),
        (
            vec!["draft", "picture", id, "--scene", "1", "--variant", nobody],
            "There is no variant",
        ),
        (vec!["draft", "--title", "T"], "who the story is about"),
        (vec!["approve", nobody], "There is no draft"),
        (vec!["publish", nobody], "There is no draft"),
        (
            vec!["replace", nobody, "--scene", "1", "--file", "other.json"],
            "There is no story",
        ),
        (vec!["generate", id, "--scene", "3"], "has no scene 3"),
        (vec!["undo", nobody], "There is no story"),
        (vec!["delete", nobody, "--yes"], "There is no story"),
    ] {
        let words = [&["story"], &words[..]].concat();
        let said = program.fails(&words);
        assert!(said.contains(expected), "{words:?}: {said}");
    }
    // A draft is discarded once.
    program.json(&["story", "draft", "discard", id]);
    assert!(
        program
            .fails(&["story", "draft", "discard", id])
            .contains("There is no draft")
    );
}
