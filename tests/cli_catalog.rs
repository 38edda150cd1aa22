//! `object find` and `usage` as scripts use them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;

use program::{Program, text};
use serde_json::{Value, json};

fn filled() -> Program {
    let program = Program::new();
    program.json(&["bucket", "create", "art"]);
    program.json(&["bucket", "create", "notes"]);
    program.write("in/fox/scene_2.txt", "two");
    program.write("in/fox/scene_10.txt", "ten bytes!");
    program.write("in/Owl.json", "{}");
    program.json(&["object", "put", "in", "art/"]);
    program.json(&["object", "put", "in/Owl.json", "notes/"]);
    program
}

fn keys(found: &Value) -> Vec<String> {
    let objects = found["objects"].as_array().unwrap().iter();
    let key = |object: &Value| {
        format!(
            "{}/{}",
            object["bucket"].as_str().unwrap(),
            object["key"].as_str().unwrap()
        )
    };
    objects.map(key).collect()
}

#[test]
fn objects_are_found_in_all_buckets_by_text_size_age_and_type() {
    let program = filled();
    let find = |words: &[&str]| {
        let words = [&["object", "find"], words].concat();
        keys(&program.json(&words))
    };
    let scenes = ["art/in/fox/scene_2.txt", "art/in/fox/scene_10.txt"];
    assert_eq!(find(&["SCENE"]), scenes);
    assert_eq!(find(&["scene", "--sort", "size", "--reverse"]), [scenes[1], scenes[0]]);
    assert_eq!(find(&["owl"]).len(), 2);
    assert_eq!(find(&["owl", "--bucket", "notes"]), ["notes/Owl.json"]);
    assert_eq!(find(&["s10", "--fuzzy"]), [scenes[1]]);
    assert_eq!(find(&[r"_\d\.txt$", "--regex"]), [scenes[0]]);
    assert_eq!(find(&["--larger", "5", "--bucket", "art"]), [scenes[1]]);
    assert_eq!(find(&["--smaller", "2B", "--type", "application/*"]).len(), 2);
    assert_eq!(
        find(&["--newer", "1h", "--folder", "in/fox", "--bucket", "art"]).len(),
        2
    );
    assert!(find(&["--older", "1h"]).is_empty());
    let limited = program.json(&["object", "find", "--limit", "1"]);
    assert_eq!(
        (limited["found"].clone(), limited["objects"].as_array().unwrap().len()),
        (json!(4), 1)
    );
    assert_eq!(limited["complete"], true);
    assert!(
        program
            .fails(&["object", "find", "(", "--regex"])
            .contains("“(” is no regular expression")
    );
    let shown = text(&program.run(&["object", "find", "scene"]).stdout);
    assert!(
        shown.contains("art/in/fox/scene_10.txt") && shown.contains("2 found, 13 bytes"),
        "{shown}"
    );
}

#[test]
fn without_the_server_what_is_kept_answers_and_says_if_it_is_not_all() {
    let program = filled();
    let (code, nothing, errors) = program.ends(&["object", "find", "--offline", "--bucket", "art"]);
    assert_eq!((code, nothing["complete"].clone()), (1, json!(false)), "{errors}");
    assert!(errors.contains("Not everything of art is known"), "{errors}");
    program.json(&["object", "find", "--bucket", "art"]);
    program.json(&["object", "rm", "art/in/fox/scene_2.txt"]);
    let kept = program.json(&["object", "find", "scene_2", "--offline"]);
    assert_eq!(
        (keys(&kept).len(), kept["complete"].clone()),
        (1, json!(true)),
        "as it was listed"
    );
    assert_eq!(
        keys(&program.json(&["object", "find", "scene_2", "--max-age", "1h", "--bucket", "art"])).len(),
        1
    );
    assert!(keys(&program.json(&["object", "find", "scene_2"])).is_empty());
    assert_eq!(keys(&program.json(&["object", "find", "scene_2", "--trash"])).len(), 1);
}

#[test]
fn usage_adds_up_and_says_what_has_come() {
    let program = filled();
    let usage = program.json(&["usage", "--largest", "1", "--oldest", "2"]);
    assert_eq!(usage["total"], json!({ "objects": 4, "bytes": 17, "partial": false }));
    let art = &usage["buckets"][0];
    assert_eq!((&art["bucket"], &art["total"]["bytes"]), (&json!("art"), &json!(15)));
    assert_eq!(art["folders"]["folders"][0]["prefix"], "in/");
    assert_eq!(art["largest"][0]["key"], "in/fox/scene_10.txt");
    assert_eq!(art["oldest"].as_array().unwrap().len(), 2);
    let sum = |of: &Value| -> u64 {
        let parts = of.as_array().unwrap().iter();
        parts.map(|part| part["total"]["bytes"].as_u64().unwrap()).sum()
    };
    assert_eq!((sum(&art["types"]), sum(&art["ages"])), (15, 15));
    assert!(art["growth"].is_null());

    program.write("more.txt", "more");
    program.json(&["object", "put", "more.txt", "art/"]);
    let usage = program.json(&["usage", "--bucket", "art"]);
    assert_eq!(usage["buckets"][0]["growth"]["bytes"], 4);
    let shown = text(&program.run(&["usage", "--bucket", "art", "--by", "type"]).stdout);
    assert!(shown.contains("text/plain") && shown.contains("SHARE"), "{shown}");
    assert!(program.fails(&["usage", "--bucket", "nowhere"]).contains("nowhere"));
}
