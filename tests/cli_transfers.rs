//! Moving files and objects as an admin does: real program, real server, several processes; documents, sentences and exit
//! codes that tell the truth.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;

use std::process::{Child, Stdio};
use std::time::Duration;

use program::{Program, text};
use serde_json::Value;

const MANIFEST: &str = ".storymimi-manifest.jsonl";

/// A home with a bucket.
fn with_bucket() -> Program {
    let program = Program::with_port();
    program.json(&["bucket", "create", "art"]);
    program
}

/// The states of a report's items by what they came from.
fn states(report: &Value) -> Vec<(String, String)> {
    let items = report["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let from = &item["plan"]["from"];
            let place = from["file"].as_str().or(from["key"].as_str()).unwrap();
            let name = place.rsplit(['/', '\\']).next().unwrap();
            (name.to_owned(), item["state"]["state"].as_str().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn what_can_be_done_is_done_and_what_is_refused_is_named() {
    let program = with_bucket();
    program.write("pics/a.txt", "a");
    program.write("pics/ü.txt", "u");
    let (out, err) = program.partly(&["object", "put", "pics", "art/"]);
    assert!(out.contains("1 done, 1 refused"), "{out}");
    assert!(out.contains("ü.txt: “ü” is not allowed in keys."), "{out}");
    assert!(err.contains("1 of 2 items was refused."), "{err}");
    let (code, report, _) = program.ends(&["object", "put", "pics", "art/"]);
    assert_eq!(
        (code, &report["identical"], &report["refused"]),
        (1, &1.into(), &1.into())
    );
    let report = program.json(&["object", "put", "pics", "art/", "--escape-names"]);
    assert_eq!(report["counts"], Value::Null);
    assert_eq!(report["job"]["counts"]["done"], 1);
    assert_eq!(program.keys("art"), ["pics/!ue!.txt", "pics/a.txt"]);
    // The same once more is nothing to do, and no failure.
    let again = program.run(&["object", "put", "pics", "art/", "--escape-names"]);
    assert_eq!(again.status.code(), Some(0));
    assert!(text(&again.stdout).contains("0 done, 2 identical"));
    assert_eq!(text(&again.stderr), "");
}

#[cfg(unix)]
#[test]
fn links_and_what_is_no_file_are_named_and_not_followed() {
    let program = with_bucket();
    program.write("secret", "s");
    program.write("pics/a.txt", "a");
    std::os::unix::fs::symlink("a.txt", program.path("pics/inside")).unwrap();
    std::os::unix::fs::symlink("../secret", program.path("pics/outside")).unwrap();
    let (out, _) = program.partly(&["object", "put", "pics/", "art/"]);
    assert_eq!(out.matches("symbolic link").count(), 2, "{out}");
    assert_eq!(program.keys("art"), ["a.txt"]);
    let (out, _) = program.partly(&["object", "put", "pics/", "art/", "--follow-links"]);
    assert!(
        out.contains("outside: This is a symbolic link to something outside"),
        "{out}"
    );
    assert_eq!(program.keys("art"), ["a.txt", "inside"]);
}

#[test]
fn words_that_are_not_understood_end_with_two_and_do_nothing() {
    let program = Program::new();
    for words in [
        &["object", "put", "a"][..],
        &["object", "get"],
        &["object", "mv", "art/a"],
        &["object", "rm"],
        &["object", "put", "a", "art/", "--replace", "--beside"],
        &["object", "put", "a", "art/", "--delete"],
        &["object", "put", "a", "art/", "--sync", "--by-manifest"],
        &["object", "put", "a", "art/", "--limit-rate", "2parsecs"],
        &["object", "put", "a", "art/", "--at-once", "0"],
        &["object", "put", "--plan", "--run", "p.json"],
        &["transfer", "pause"],
        &["transfer", "first", "--all"],
        &["transfer", "cancel", "--item", "1"],
    ] {
        let output = program.run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert_eq!(text(&output.stdout), "", "{words:?}");
    }
    assert!(!program.path("local").exists(), "nothing was started for it");
}

#[test]
fn a_plan_is_shown_saved_edited_and_run_from_anywhere() {
    let program = with_bucket();
    for name in ["a", "b", "c"] {
        program.write(&format!("pics/{name}.txt"), name);
    }
    let shown = program.run(&["object", "put", "pics", "art/", "--plan"]);
    assert_eq!(shown.status.code(), Some(0));
    assert!(
        text(&shown.stdout).contains("3 new; 3 bytes"),
        "{}",
        text(&shown.stdout)
    );
    let mut plan = program.json(&["object", "put", "pics", "art/", "--plan"]);
    assert!(program.keys("art").is_empty(), "a plan changes nothing");
    assert_eq!(program.json(&["transfer", "list"]), serde_json::json!([]));

    // Somebody leaves one out and calls another one something else.
    plan["items"][0]["action"] = "skip".into();
    plan["items"][1]["to"]["key"] = "other/b.txt".into();
    program.write("p.json", plan.to_string());
    let elsewhere = tempfile::tempdir().unwrap();
    let path = program.path("p.json");
    let words = ["object", "put", "--run", path.to_str().unwrap(), "--json"];
    let ran = program.command_in(elsewhere.path(), &words).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let wanted = [("a.txt", "skipped"), ("b.txt", "done"), ("c.txt", "done")];
    assert_eq!(
        states(&report),
        wanted.map(|(name, state)| (name.to_owned(), state.to_owned()))
    );
    assert_eq!(program.keys("art"), ["other/b.txt", "pics/c.txt"]);
    // Once more, everything of it is there already.
    let again = program.run(&["object", "put", "--run", "p.json"]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert!(
        text(&again.stdout).contains("0 done, 2 identical, 1 left out"),
        "{}",
        text(&again.stdout)
    );
    assert_eq!(program.keys("art").len(), 2);
}

#[test]
fn plans_that_must_not_be_carried_out_are_refused_whole() {
    let program = with_bucket();
    program.write("a.txt", "a");
    let plan = program.json(&["object", "put", "a.txt", "art/", "--plan"]);
    let edited = |pointer: &str, value: Value| {
        let mut plan = plan.clone();
        *plan.pointer_mut(pointer).unwrap() = value;
        program.write("p.json", plan.to_string());
        program.fails(&["object", "put", "--run", "p.json"])
    };
    assert!(edited("/items/0/from/file", "a.txt".into()).contains("is no absolute path"));
    assert!(edited("/items/0/to/key", "../a".into()).contains("is no key"));
    assert!(edited("/items/0/action", "explode".into()).contains("item 1"));
    assert!(edited("/project", "https://abcdefghijklmnopqrst.supabase.co".into()).contains("is for the project"));
    assert!(edited("/format", 99.into()).contains("version 99"));
    // Not by the command for something else, and not hidden behind an upload.
    program.write("p.json", plan.to_string());
    let said = program.fails(&["object", "rm", "--run", "p.json"]);
    assert!(
        said.contains("This plan uploads") && said.contains("object put --run"),
        "{said}"
    );
    program.json(&["object", "put", "--run", "p.json"]);
    let deletion = program.json(&["object", "rm", "art/a.txt", "--plan"]);
    program.write("d.json", deletion.to_string());
    assert!(
        program
            .fails(&["object", "put", "--run", "d.json"])
            .contains("This plan deletes")
    );
    // A file that was changed since is not sent.
    program.write("b.txt", "b");
    let plan = program.json(&["object", "put", "b.txt", "art/", "--plan"]);
    program.write("p.json", plan.to_string());
    program.write("b.txt", "longer");
    let (out, err) = program.partly(&["object", "put", "--run", "p.json"]);
    assert!(out.contains("was changed since the upload was planned"), "{out}");
    assert!(err.contains("refused"), "{err}");
    for junk in ["", "{", "[1]", "null", "{\"format\":1}", "\u{1b}[2J"] {
        program.write("p.json", junk);
        let said = program.fails(&["object", "put", "--run", "p.json"]);
        assert!(
            said.contains("not a plan that can be read") && !said.contains('\u{1b}'),
            "{said}"
        );
    }
    assert_eq!(program.keys("art"), ["a.txt"]);
}

#[test]
fn a_folder_is_made_alike_and_nothing_is_deleted_unless_all_was_seen() {
    let program = with_bucket();
    program.write("s/1", "1");
    program.write("s/2", "2");
    program.json(&["object", "put", "--sync", "s", "art/s/"]);
    std::fs::remove_file(program.path("s/1")).unwrap();
    program.write("s/2", "22");
    program.write("s/3", "3");
    // Without --delete what is gone here stays there.
    let report = program.json(&["object", "put", "--sync", "s", "art/s/"]);
    assert_eq!(report["job"]["counts"]["done"], 2);
    assert_eq!(program.keys("art"), ["s/1", "s/2", "s/3"]);
    let plans = program.json(&["object", "put", "--sync", "--delete", "s", "art/s/", "--plan"]);
    let kinds: Vec<&str> = plans
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| plan["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["upload", "delete"]);
    program.write("p.json", plans.to_string());
    let reports = program.json(&["object", "put", "--run", "p.json"]);
    assert_eq!(reports[1]["job"]["counts"]["done"], 1);
    assert_eq!(program.keys("art"), ["s/2", "s/3"]);
    let undone = program.json(&["transfer", "undo", reports[1]["job"]["id"].as_str().unwrap()]);
    assert_eq!(undone["back"], serde_json::json!(["art/s/1"]));
    // What the upload refuses keeps the deletion from being begun.
    program.write("s/ü", "u");
    let (out, err) = program.partly(&["object", "put", "--sync", "--delete", "s", "art/s/"]);
    assert!(out.contains("1 refused"), "{out}");
    assert!(err.contains("Not begun for that reason: Delete 1 object"), "{err}");
    assert_eq!(program.keys("art"), ["s/1", "s/2", "s/3"]);
}

#[test]
fn what_is_in_the_way_is_kept_unless_somebody_says_otherwise_and_comes_back() {
    let program = with_bucket();
    program.write("a", "one");
    program.write("b", "two");
    program.json(&["object", "put", "a", "art/x"]);
    let (out, err) = program.partly(&["object", "put", "b", "art/x"]);
    assert!(out.contains("Something else is there."), "{out}");
    assert!(
        err.contains("--replace") && err.contains("--beside") && err.contains("Nothing was changed"),
        "{err}"
    );
    program.json(&["object", "put", "b", "art/x", "--beside"]);
    let replaced = program.json(&["object", "put", "b", "art/x", "--replace"]);
    assert_eq!(program.keys("art"), ["x", "x (2)"]);
    assert_eq!(program.run(&["object", "get", "art/x", "-"]).stdout, b"two");
    let id = replaced["job"]["id"].as_str().unwrap();
    program.json(&["transfer", "undo", &id[..8]]);
    assert_eq!(program.run(&["object", "get", "art/x", "-"]).stdout, b"one");
    assert!(
        program
            .fails(&["transfer", "undo", id])
            .contains("nothing to take back")
    );

    program.json(&["object", "mv", "art/x", "art/deep/y"]);
    program.json(&["object", "cp", "art/deep/", "art/copy/"]);
    assert_eq!(program.keys("art"), ["copy/y", "deep/y", "x (2)"]);
    assert!(
        program
            .fails(&["object", "mv", "art/none", "art/z"])
            .contains("There is no object “none”")
    );
    let said = program.fails(&["object", "rm", "art"]);
    assert!(
        said.contains("3 objects") && said.contains("nothing was done") && said.contains("--yes"),
        "{said}"
    );
    let removed = program.json(&["object", "rm", "art", "--yes"]);
    assert!(program.keys("art").is_empty());
    let undone = program.json(&["transfer", "undo", removed["job"]["id"].as_str().unwrap()]);
    assert_eq!(undone["back"].as_array().unwrap().len(), 3);
    program.json(&["object", "rm", "art/x (2)", "--permanent"]);
    assert_eq!(program.keys("art"), ["copy/y", "deep/y"]);
}

#[test]
fn a_download_says_which_file_is_which_object_and_goes_up_again_by_that() {
    let program = with_bucket();
    program.write("pics/a:b?.txt", "strange");
    program.write("pics/deep/c.txt", "plain");
    program.json(&["object", "put", "pics/", "art/"]);
    let report = program.json(&["object", "get", "art", "back"]);
    assert_eq!(
        report["manifest"].as_str().map(std::path::PathBuf::from),
        Some(program.path("back").join(MANIFEST))
    );
    let lines = |folder: &str| {
        let text = std::fs::read_to_string(program.path(folder).join(MANIFEST)).unwrap();
        let lines = text
            .lines()
            .skip(1)
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.collect::<Vec<_>>()
    };
    let manifest = lines("back");
    assert_eq!(manifest.len(), 2);
    assert!(
        manifest
            .iter()
            .all(|line| line["sha256"].as_str().is_some_and(|hash| hash.len() == 64))
    );
    // Nothing is fetched again, and nothing that the manifest knows is lost.
    program.json(&["object", "get", "art", "back"]);
    assert_eq!(lines("back"), manifest);
    // One object continues it; alone it makes none.
    program.json(&["object", "put", "pics/deep/c.txt", "art/later.txt"]);
    program.json(&["object", "get", "art/later.txt", "back/"]);
    assert_eq!(lines("back").len(), 3);
    program.json(&["object", "get", "art/later.txt", "alone/"]);
    assert!(!program.path("alone").join(MANIFEST).exists());

    program.json(&["bucket", "create", "copy"]);
    program.json(&["object", "put", "--by-manifest", "back", "copy"]);
    assert_eq!(program.keys("copy"), program.keys("art"));
    // What the manifest does not know, and what is gone, is told; the rest is done.
    program.write("back/new.txt", "n");
    std::fs::remove_file(program.path("back/later.txt")).unwrap();
    let (out, _) = program.partly(&["object", "put", "--by-manifest", "back", "copy/again/"]);
    assert!(out.contains("2 done, 1 refused"), "{out}");
    assert!(out.contains("new.txt: The manifest does not name this file."), "{out}");
    assert!(
        out.contains("later.txt: The manifest names it, and it is not in the folder."),
        "{out}"
    );
    assert!(
        program
            .fails(&["object", "put", "--by-manifest", "pics", "copy"])
            .contains("There is no manifest")
    );
}

#[test]
fn a_manifest_that_nobody_should_believe_is_refused_and_left_as_it_is() {
    let program = with_bucket();
    program.write("evil/a.txt", "a");
    program.write("secret", "s");
    let head = r#"{"manifest":1,"project":"https://a.example.com","made_at":"2026-11-25T18:00:00Z"}"#;
    for line in [
        r#"{"local":"../secret","bucket":"art","key":"k"}"#,
        r#"{"local":"/etc/passwd","bucket":"art","key":"k"}"#,
        r#"{"local":"a.txt","bucket":"art","key":""}"#,
        r#"{"local":"a.txt","bucket":"art","key":"k"}
{"local":"A.TXT","bucket":"art","key":"k2"}"#,
        "cut off",
    ] {
        program.write(&format!("evil/{MANIFEST}"), format!("{head}\n{line}\n"));
        let said = program.fails(&["object", "put", "--by-manifest", "evil", "art"]);
        assert!(said.contains("cannot be used: line "), "{line}: {said}");
    }
    // Keys that no call can name are refused one by one.
    program.write(
        &format!("evil/{MANIFEST}"),
        format!("{head}\n{}\n", r#"{"local":"a.txt","bucket":"art","key":"../../x"}"#),
    );
    program.partly(&["object", "put", "--by-manifest", "evil", "art"]);
    assert!(program.keys("art").is_empty());
    // A download goes on beside one that cannot be believed, and does not write over it.
    program.json(&["object", "put", "secret", "art/"]);
    program.json(&["object", "put", "secret", "art/other"]);
    program.write(&format!("evil/{MANIFEST}"), "mine");
    let (out, err) = program.partly(&["object", "get", "art", "evil"]);
    assert!(
        out.contains("2 done") && err.contains("was left as it is"),
        "{out}{err}"
    );
    assert_eq!(
        std::fs::read_to_string(program.path("evil").join(MANIFEST)).unwrap(),
        "mine"
    );
}

/// Forty files of 4 KB, sent slowly enough that others can say something meanwhile.
fn slowly(program: &Program) -> Child {
    for number in 0..40 {
        program.write(&format!("many/{number:02}"), vec![number; 4_000]);
    }
    let words = [
        "object",
        "put",
        "many",
        "art/",
        "--limit-rate",
        "16KB",
        "--at-once",
        "1",
    ];
    let mut command = program.command(&words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The one transfer that runs, as another process sees it once something of it has arrived.
fn running(program: &Program) -> String {
    for _ in 0..600 {
        let listed = program.json(&["transfer", "list"]);
        let mut jobs = listed.as_array().unwrap().iter();
        let begun = |job: &&Value| {
            let of = |name: &str| job["counts"][name].as_u64().unwrap();
            // One is on its way; the others have arrived, proven or not.
            job["state"] == "running" && of("done") + of("running") > 2
        };
        if let Some(job) = jobs.find(begun) {
            return job["id"].as_str().unwrap().to_owned();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("nothing runs");
}

fn counts(program: &Program, id: &str) -> Value {
    program.json(&["transfer", "show", id])["job"]["counts"].clone()
}

#[test]
fn another_process_pauses_goes_on_with_and_ends_what_the_first_one_runs() {
    let program = with_bucket();
    let first = slowly(&program);
    let id = running(&program);
    // Who wants to go on with what runs is told that somebody is at it.
    let (_, err) = program.partly(&["transfer", "resume", &id]);
    assert!(err.contains("another window or command goes on with it"), "{err}");
    assert!(
        program
            .fails(&["transfer", "forget", &id])
            .contains("run by another window or command")
    );
    let paused = program.run(&["transfer", "pause", &id[..8]]);
    assert!(text(&paused.stdout).contains("waits"));
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(1));
    let said = text(&first.stderr);
    assert!(
        said.contains("the transfer is paused") && said.contains(&format!("transfer resume {id}")),
        "{said}"
    );
    let shown = program.json(&["transfer", "show", &id]);
    assert_eq!(shown["job"]["state"], "paused");
    let done = shown["job"]["counts"]["done"].as_u64().unwrap();
    assert!(done > 0 && done < 40, "{shown}");

    program.json(&["transfer", "first", &id]);
    program.json(&["transfer", "first", &id, "--item", "39"]);
    let cancelled = program.json(&["transfer", "cancel", &id, "--item", "38"]);
    assert_eq!(cancelled[0]["counts"]["cancelled"], 1);
    let (code, report, err) = program.ends(&["transfer", "resume", &id]);
    assert_eq!((code, &report["job"]["counts"]["done"]), (1, &39.into()), "{err}");
    assert!(err.contains("1 of 40 items was cancelled"), "{err}");
    let report = program.json(&["transfer", "retry", &id, "--item", "38"]);
    assert_eq!(report["job"]["counts"]["done"], 40);
    assert_eq!(program.keys("art").len(), 40);
    let over = program.run(&["transfer", "pause", &id]);
    assert!(over.status.success() && text(&over.stdout).contains("is over"));
    program.json(&["transfer", "forget", &id]);
    assert!(
        program
            .fails(&["transfer", "show", &id])
            .contains("There is no transfer")
    );
}

#[test]
fn another_process_cancels_and_what_is_done_stays_done() {
    let program = with_bucket();
    let first = slowly(&program);
    let id = running(&program);
    program.json(&["transfer", "cancel", "--all"]);
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(1));
    assert!(text(&first.stderr).contains("cancelled"), "{}", text(&first.stderr));
    let counts = counts(&program, &id);
    let of = |name: &str| counts[name].as_u64().unwrap();
    assert!(
        of("done") > 0 && of("cancelled") > 0 && of("done") + of("cancelled") == 40,
        "{counts}"
    );
    assert_eq!(program.keys("art").len() as u64, of("done"));
}

#[test]
fn work_goes_on_when_the_process_ends_whose_local_server_it_used() {
    let program = with_bucket();
    let port = std::fs::read_to_string(program.path("local/port")).unwrap();
    let mut serving = program
        .command(&["serve", "--port", &port, "--data"])
        .arg(program.path("local"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(serving.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let working = slowly(&program);
    let id = running(&program);
    serving.kill().unwrap();
    serving.wait().unwrap();
    let working = working.wait_with_output().unwrap();
    assert_eq!(working.status.code(), Some(0), "{}", text(&working.stderr));
    assert_eq!(counts(&program, &id)["done"], 40);
    assert_eq!(program.keys("art").len(), 40);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_at_a_safe_place_and_the_next_run_does_the_rest() {
    let program = with_bucket();
    let first = slowly(&program);
    let id = running(&program);
    let sent = std::process::Command::new("kill")
        .args(["-INT", &first.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(1));
    let said = text(&first.stderr);
    assert!(
        said.contains("left") && said.contains(&format!("transfer resume {id}")),
        "{said}"
    );
    let before = counts(&program, &id);
    assert!(before["waiting"].as_u64() > Some(0), "{before}");
    let all = program.json(&["transfer", "resume", "--all"]);
    assert_eq!(all[0]["job"]["counts"]["done"], 40);
    for number in 0..40_u8 {
        let got = program.run(&["object", "get", &format!("art/many/{number:02}"), "-"]);
        assert_eq!(got.stdout, vec![number; 4_000]);
        if number == 3 {
            break;
        }
    }
    assert_eq!(program.keys("art").len(), 40);
    assert_eq!(program.json(&["transfer", "resume", "--all"]), serde_json::json!([]));
}

#[test]
fn events_are_lines_of_json_on_standard_error() {
    let program = with_bucket();
    program.write("pics/a", "a");
    program.write("pics/b", "b");
    let output = program.run(&["object", "put", "pics", "art/", "--events", "--json"]);
    assert!(output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let events: Vec<Value> = text(&output.stderr)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let done: Vec<u64> = events
        .iter()
        .filter(|event| event["state"] == "done" && event["job"] == report["job"]["id"])
        .map(|event| event["number"].as_u64().unwrap())
        .collect();
    assert_eq!(done.len(), 2, "{events:?}");
}
