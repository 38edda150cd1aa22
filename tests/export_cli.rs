//! `story export`, as scripts use it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;

use program::{Program, text};

#[test]
fn a_story_is_exported_without_a_window() {
    let program = Program::new();
    let words = [
        "story",
        "create",
        "--title",
        "Pip & the Star",
        "--prompt",
        "a fox in a red hat by the sea",
        "--scenes",
        "2",
        "--seed",
        "3",
    ];
    let story = program.json(&words);
    let id = story["story_id"].as_str().unwrap();
    // Named after the story, in this folder.
    let pdf = program.json(&["story", "export", id]);
    assert_eq!(
        (pdf["path"].as_str(), pdf["format"].as_str()),
        (Some("Pip-the-Star.pdf"), Some("pdf"))
    );
    assert_eq!(pdf["notes"], serde_json::json!([]));
    let bytes = std::fs::read(program.path("Pip-the-Star.pdf")).unwrap();
    assert_eq!(pdf["bytes"], bytes.len());
    // A second time it is there, and stays.
    let errors = program.fails(&["story", "export", id]);
    assert!(
        errors.contains("is there already") && errors.contains("Nothing was written"),
        "{errors}"
    );
    program.json(&["story", "export", id, "--overwrite", "--size", "a5", "--bleed"]);
    assert_ne!(std::fs::read(program.path("Pip-the-Star.pdf")).unwrap(), bytes);

    for (format, to) in [
        ("epub", "out.epub"),
        ("sheet", "out.png"),
        ("folder", "out"),
        ("colouring", "colour.pdf"),
    ] {
        let made = program.json(&["story", "export", id, "--format", format, "-o", to]);
        assert_eq!(made["path"], to);
        assert!(program.path(to).exists(), "{format}");
    }
    assert_eq!(&std::fs::read(program.path("out.png")).unwrap()[..4], b"\x89PNG");
    let plain = program.run(&[
        "story",
        "export",
        id,
        "--format",
        "epub",
        "-o",
        "b.epub",
        "--language",
        "pt-BR",
    ]);
    assert!(
        plain.status.success() && text(&plain.stdout).starts_with("b.epub ("),
        "{}",
        text(&plain.stdout)
    );
}

#[test]
fn what_means_nothing_gets_a_sentence() {
    let program = Program::new();
    let id = "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f";
    assert!(program.fails(&["story", "export", id]).contains("There is no story"));
    assert!(
        program
            .fails(&["story", "export", id, "--language", "English!"])
            .contains("none of the languages")
    );
    assert!(
        program
            .fails(&["story", "export", "4/2"])
            .contains("is not the id of a story")
    );
    for words in [["--format", "docx"], ["--size", "a3"]] {
        let output = program.run(&[&["story", "export", id], &words[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(text(&output.stderr).contains("is none of"), "{}", text(&output.stderr));
    }
}
