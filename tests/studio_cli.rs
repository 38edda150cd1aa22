//! `story generate` and `story batch`, as scripts run them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;

use program::Program;
use serde_json::Value;

fn story(program: &Program) -> String {
    let made = program.json(&[
        "story", "create", "--title", "Pip", "--prompt", "A fox", "--scenes", "2", "--seed", "7",
    ]);
    made["story_id"].as_str().unwrap().to_owned()
}

#[test]
fn candidates_are_drawn_and_listed_and_nothing_is_replaced() {
    let program = Program::new();
    let id = story(&program);
    let before = program.json(&["story", "show", &id]);
    let plan = program.json(&["story", "generate", &id, "--count", "2", "--seed", "50", "--estimate"]);
    assert_eq!(
        (&plan["pictures"], &plan["cost"]),
        (&Value::from(4), &Value::from("0.00"))
    );
    assert!(
        program.json(&["story", "batch", "list"]).as_array().unwrap().is_empty(),
        "only estimated"
    );

    let drawn = program.json(&["story", "generate", &id, "--count", "2", "--seed", "50", "--place"]);
    let variants = drawn["variants"].as_array().unwrap();
    let seeds: Vec<u64> = variants
        .iter()
        .map(|variant| variant["seed"].as_u64().unwrap())
        .collect();
    assert_eq!(seeds, [50, 51, 50, 51]);
    let first = &variants[0];
    // A is what the story was created with.
    assert_eq!(
        (&first["letter"], &first["state"]["state"]),
        (&Value::from("B"), &Value::from("made"))
    );
    assert_eq!(first["place"], "taken", "the scene has a picture, which stays");
    assert_eq!(program.json(&["story", "show", &id])["scenes"], before["scenes"]);

    let batches = program.json(&["story", "batch", "list"]);
    assert_eq!(
        (&batches[0]["state"], &batches[0]["counts"]["made"]),
        (&Value::from("ended"), &Value::from(4))
    );
    let batch = batches[0]["id"].as_str().unwrap();
    let text = program.run(&["story", "batch", "show", batch]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(
        text.contains("Pip: 2 scenes × 2 variants: 4 of 4 made, $0.00"),
        "{text}"
    );

    let nothing = program.json(&["story", "generate", &id, "--missing"]);
    assert_eq!(nothing["batch"], Value::Null);
}

#[test]
fn what_cannot_be_drawn_is_said_with_a_failure() {
    let program = Program::new();
    let id = story(&program);
    for (words, says) in [
        (vec!["--scene", "9"], "has no scene 9"),
        (vec!["--count", "0"], "1 to 16 variants"),
        (vec!["--engine", "Nobody"], "no engine “Nobody”"),
        (vec!["--style", "Oil"], "no style “Oil”"),
    ] {
        let all: Vec<&str> = ["story", "generate", &id].into_iter().chain(words).collect();
        let ran = program.run(&all);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{all:?}: {said}");
        assert!(said.contains(says), "{all:?}: {said}");
    }
    let unknown = program.run(&["story", "batch", "resume", "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("There is no batch"));
}

#[test]
fn files_that_nobody_means_are_removed_when_it_is_asked_for() {
    let program = Program::new();
    let id = story(&program);
    program.json(&["story", "generate", &id, "--count", "1", "--seed", "50"]);
    let pictures = program.path("journal/local/pictures");
    let names = || {
        let names = std::fs::read_dir(&pictures)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let drawn = names();
    assert_eq!(drawn.len(), 4);
    let orphan = pictures.join("0".repeat(64));
    std::fs::write(&orphan, vec![7; 1_234_567]).unwrap();
    let nothing = program.json(&["story", "purge"]);
    assert_eq!(
        (&nothing["files"], &nothing["days"]),
        (&Value::from(0), &Value::from(30))
    );
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(40 * 24 * 60 * 60);
    for name in names() {
        let file = std::fs::File::options().write(true).open(pictures.join(name)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let said = program.run(&["story", "purge", "--dry-run"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(said.trim(), "Would remove 1 file of 1.2 MB.");
    assert!(orphan.exists());
    // The days of the workspace are over; more were not asked for.
    assert_eq!(
        program.json(&["story", "purge", "--days", "41"])["files"],
        Value::from(0)
    );
    let purged = program.json(&["story", "purge"]);
    assert_eq!(
        (&purged["files"], &purged["bytes"]),
        (&Value::from(1), &Value::from(1_234_567))
    );
    assert_eq!(names(), drawn, "what is shown or may be stays");
    assert_ne!(program.run(&["story", "purge", "--days", "0"]).status.code(), Some(0));
}
