//! `story list` and `story show` as scripts use them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;
#[path = "support/rows.rs"]
mod rows;

use program::{Program, text};
use rows::seed_stories;
use serde_json::Value;

fn titles(stories: &Value) -> Vec<&str> {
    let stories = stories.as_array().unwrap().iter();
    stories.map(|story| story["title"].as_str().unwrap()).collect()
}

#[test]
fn stories_are_listed_by_what_is_asked_of_them() {
    let program = Program::new();
    // The server makes its tables when it is first started.
    assert_eq!(program.json(&["story", "list"]), Value::Array(Vec::new()));
    assert!(text(&program.run(&["story", "list", "--search", "fox"]).stdout).contains("No story is like that"));
    seed_stories(&program.home.path().join("local"), 400, 3);

    let list = |words: &[&str]| program.json(&[&["story", "list"], words].concat());
    assert_eq!(titles(&list(&["--limit", "2"])), ["The tale 399", "The tale 398"]);
    assert_eq!(titles(&list(&["--offset", "398"])), ["The tale 1", "The tale 0"]);
    assert_eq!(list(&[]).as_array().unwrap().len(), 400);
    assert_eq!(titles(&list(&["--search", "TALE 123"])), ["The tale 123"]);
    assert_eq!(
        titles(&list(&["--only", "failed", "--sort", "title"])),
        [7, 107, 207, 307]
            .map(|at| format!("The tale {at}"))
            .iter()
            .map(String::as_str)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
    assert_eq!(list(&["--only", "missing", "--count"]), 8);
    assert_eq!(list(&["--only", "no-alt", "--count"]), 40);
    assert_eq!(list(&["--only", "stale", "--count"]), 2);
    assert_eq!(list(&["--status", "failed", "--count"]), 4);
    assert_eq!(
        list(&[
            "--only", "broken", "--status", "failed", "--search", "tale 107", "--count"
        ]),
        1
    );

    let page = program.run(&["story", "list", "--limit", "3", "--offset", "10"]);
    let page = text(&page.stdout);
    assert!(
        page.contains("The tale 389") && page.contains("11 to 13 of 400"),
        "{page}"
    );
    let behind = program.run(&["story", "list", "--offset", "400"]);
    assert!(
        text(&behind.stdout).contains("There are 400 stories; none after them."),
        "{}",
        text(&behind.stdout)
    );

    let id = list(&["--search", "tale 123"])[0]["story_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = text(&program.run(&["story", "show", &id]).stdout);
    assert!(
        shown.contains("The tale 123") && shown.contains("Alternative text: A fox"),
        "{shown}"
    );
    assert!(!program.run(&["story", "list", "--only", "nonsense"]).status.success());
}
