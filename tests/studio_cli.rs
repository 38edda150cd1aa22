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
