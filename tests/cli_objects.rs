//! Buckets and objects looked after from the command line: real program, real server; documents, sentences and exit codes that
//! tell the truth.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;

use program::{Program, text};
use serde_json::{Value, json};

#[test]
fn a_bucket_is_made_changed_emptied_and_deleted() {
    let program = Program::with_port();
    let made = program.json(&["bucket", "create", "art", "--limit", "5MB", "--types", "png,image/webp"]);
    assert_eq!(made["file_size_limit"], 5_000_000);
    assert_eq!(made["allowed_mime_types"], json!(["image/png", "image/webp"]));
    for (words, says) in [
        (
            &["bucket", "create", "all", "--types", "*/*"][..],
            "refuses every upload",
        ),
        (&["bucket", "create", "all", "--types", "image"], "is no media type"),
        (&["bucket", "create", "all", "--limit", "0"], "refuses every upload"),
        (&["bucket", "create", "all", "--limit", "5 parsecs"], "with its unit"),
        (
            &["bucket", "create", "all", "--public", "--private"],
            "cannot be used with",
        ),
    ] {
        let output = program.run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(
            text(&output.stderr).contains(says),
            "{words:?}: {}",
            text(&output.stderr)
        );
    }

    let changed = program.json(&["bucket", "update", "art", "--public", "--limit", "none"]);
    assert_eq!(
        (&changed["public"], &changed["file_size_limit"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        changed["allowed_mime_types"],
        json!(["image/png", "image/webp"]),
        "what is not named stays"
    );
    let changed = program.json(&["bucket", "update", "art", "--private", "--types", "any"]);
    assert_eq!(
        (&changed["public"], &changed["allowed_mime_types"]),
        (&json!(false), &Value::Null)
    );
    assert!(
        program
            .fails(&["bucket", "update", "art"])
            .contains("not said what is to be changed")
    );
    assert!(
        program
            .fails(&["bucket", "update", "none", "--public"])
            .contains("Bucket not found")
    );

    program.write("a/1.txt", "one");
    program.write("a/2.txt", "two");
    program.json(&["object", "put", "a/", "art/"]);
    program.json(&["object", "rm", "art/1.txt"]);
    let listed = program.json(&["bucket", "list", "--count"]);
    assert_eq!(
        listed[0]["total"],
        json!({"objects": 2, "bytes": 6}),
        "what is in the trash counts"
    );
    let plan = program.json(&["bucket", "empty", "art", "--plan"]);
    assert_eq!((&plan["kind"], &plan["items"][0]["size"]), (&json!("empty"), &json!(6)));
    let refused = program.fails(&["bucket", "empty", "art"]);
    assert!(refused.contains("2 objects") && refused.contains("--yes"), "{refused}");
    assert_eq!(program.keys("art"), ["2.txt"]);
    let report = program.json(&["bucket", "empty", "art", "--yes"]);
    assert_eq!(
        report["items"][0]["state"],
        json!({"state": "done", "proof": "read_back"})
    );
    assert_eq!(program.json(&["object", "list", "art"]), json!([]));
    // Once more is nothing to do, and no failure.
    assert_eq!(program.json(&["bucket", "empty", "art"])["identical"], 1);

    program.json(&["object", "put", "a/", "art/"]);
    assert!(program.fails(&["bucket", "delete", "art"]).contains("2 objects"));
    let plan = program.json(&["bucket", "delete", "art", "--plan"]);
    program.write("plan.json", plan.to_string());
    let other = program.fails(&["bucket", "empty", "--run", "plan.json", "--yes"]);
    assert!(other.contains("bucket delete --run PLAN"), "{other}");
    assert!(
        program
            .fails(&["bucket", "delete", "--run", "plan.json"])
            .contains("--yes")
    );
    program.json(&["bucket", "delete", "--run", "plan.json", "--yes"]);
    assert_eq!(program.json(&["bucket", "list"]), json!([]));
    assert!(
        program
            .fails(&["bucket", "delete", "art", "--yes"])
            .contains("Bucket not found")
    );
}

#[test]
fn what_is_beside_objects_is_shown_edited_and_put_back() {
    let program = Program::with_port();
    program.json(&["bucket", "create", "art", "--public"]);
    program.write("a/1.txt", "one");
    program.write("a/2.txt", "two");
    program.json(&["object", "put", "a/", "art/a/"]);
    let before = program.json(&["object", "meta", "art/a/1.txt"]);
    assert_eq!(before["content_type"], "text/plain");
    let words = [
        "object",
        "meta",
        "art/a/",
        "--set",
        "owner=mimi=fox",
        "--set",
        "draft=1",
        "--type",
        "text/markdown",
        "--cache-control",
        "no-cache",
    ];
    let plan = program.json(&[&words[..], &["--plan"]].concat());
    assert_eq!(plan["kind"], "edit");
    let report = program.json(&words);
    assert_eq!(
        (&report["job"]["counts"]["done"], &report["job"]["kind"]),
        (&json!(2), &json!("edit"))
    );
    program.json(&["object", "meta", "art/a/2.txt", "--unset", "draft"]);
    let after = program.json(&["object", "meta", "art/a/1.txt"]);
    assert_eq!(
        (&after["content_type"], &after["cache_control"]),
        (&json!("text/markdown"), &json!("no-cache"))
    );
    assert_eq!(after["metadata"]["owner"], "mimi=fox");
    assert_eq!(after["metadata"]["sha256"], before["metadata"]["sha256"]);
    assert_eq!(
        program.json(&["object", "meta", "art/a/2.txt"])["metadata"]["draft"],
        Value::Null
    );

    let info = program.json(&["object", "info", "art/a/1.txt"]);
    assert!(
        info["public_url"]
            .as_str()
            .unwrap()
            .ends_with("/object/public/art/a/1.txt")
    );
    let provenance = &info["provenance"];
    assert_eq!(provenance["stored"]["kind"], "upload");
    assert_eq!(provenance["stored"]["proof"], "server_hash");
    assert!(provenance["stored"]["from"].as_str().unwrap().ends_with("1.txt"));
    assert_eq!(provenance["edited"]["job"], report["job"]["id"]);
    assert_eq!(provenance["sha256"], before["metadata"]["sha256"]);
    let shown = text(&program.run(&["object", "info", "art/a/1.txt", "--uses"]).stdout);
    for part in [
        "Type          text/markdown",
        "Metadata      owner = mimi=fox",
        "Shown by      no story",
        "Stored by     Upload",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }

    let id = report["job"]["id"].as_str().unwrap();
    let (code, undone, _) = program.ends(&["transfer", "undo", id]);
    // The second was edited once more since.
    assert_eq!((code, undone["back"].as_array().unwrap().len()), (1, 1), "{undone}");
    assert_eq!(program.json(&["object", "meta", "art/a/1.txt"]), before);

    for (words, says) in [
        (
            &["object", "meta", "art/a/1.txt", "art/a/2.txt"][..],
            "not said what is to be changed",
        ),
        (&["object", "meta", "art/none"], "not found"),
        (
            &["object", "meta", "art/a/", "--set", "sha256=0"],
            "kept by this program",
        ),
        (&["object", "meta", "art/a/", "--type", "nothing"], "is no media type"),
        (&["object", "meta", "art/a/", "--cache-control", "60"], "max-age=60"),
        (&["object", "info", "art/none"], "not found"),
    ] {
        let said = program.fails(words);
        assert!(said.to_lowercase().contains(says), "{words:?}: {said}");
    }
}

#[test]
fn links_are_made_for_many_and_written_as_a_table() {
    let program = Program::with_port();
    program.json(&["bucket", "create", "art"]);
    let usage = program.run(&["usage", "--bucket", "art"]);
    assert!(
        !text(&usage.stdout).contains("FOLDER"),
        "a table without rows: {}",
        text(&usage.stdout)
    );
    program.write("a/=1+1.txt", "one");
    program.write("a/b c.txt", "two");
    program.json(&["object", "put", "a/", "art/"]);
    let folder = program.fails(&["object", "get", "art/", "-"]);
    assert!(folder.contains("standard output takes one object"), "{folder}");
    let links = program.json(&["object", "sign", "art", "--expires", "15m"]);
    let links = links.as_array().unwrap();
    assert_eq!(links.len(), 2);
    assert_eq!(
        (&links[1]["key"], links[1]["expires"].is_string()),
        (&json!("b c.txt"), true)
    );
    let url = links[1]["url"].as_str().unwrap();
    assert!(url.contains("/object/sign/art/b%20c.txt?token="), "{url}");
    assert!(
        program.json(&["object", "sign", "art/b c.txt", "--download"])[0]["url"]
            .as_str()
            .unwrap()
            .contains("&download=")
    );
    let said = program.run(&["object", "sign", "art", "--csv", "links.csv"]);
    assert_eq!(text(&said.stdout).trim(), "2 links in links.csv");
    let csv = std::fs::read_to_string(program.path("links.csv")).unwrap();
    let rows: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!((rows.len(), rows[0]), (4, "\"key\",\"url\",\"expires\",\"problem\""));
    assert!(rows[1].starts_with("\"'=1+1.txt\",\"http"), "{}", rows[1]);
    assert_eq!(
        program
            .run(&["object", "sign", "art", "--csv", "-"])
            .stdout
            .iter()
            .filter(|byte| **byte == b'\n')
            .count(),
        3
    );
    assert!(
        program
            .fails(&["object", "sign", "art/none.txt"])
            .contains("There is no object")
    );
    assert_eq!(
        program.run(&["object", "sign", "art", "--expires", "0"]).status.code(),
        Some(2)
    );
}
