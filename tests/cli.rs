//! The program as scripts use it: one JSON document, errors on standard error, exit codes that tell the truth.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;

use std::path::Path;

use program::{Program, text};
use serde_json::Value;

fn picture(path: &Path) {
    image::RgbImage::new(8, 6).save(path).unwrap();
}

#[test]
fn the_main_job_without_a_window() {
    let program = Program::new();
    let words = [
        "story",
        "create",
        "--title",
        "Pip",
        "--prompt",
        "a fox in a red hat by the sea",
        "--scenes",
        "2",
        "--seed",
        "3",
    ];
    let story = program.json(&words);
    for field in ["story_id", "title", "scenes", "created_at", "updated_at", "user_id"] {
        assert!(!story[field].is_null(), "{field}");
    }
    assert_eq!(story["status"], "completed");
    let id = story["story_id"].as_str().unwrap();
    assert_eq!(program.json(&["story", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(program.json(&["story", "show", id]), story);
    // The port stays, so the URLs in the rows of an earlier start are still right.
    let url = story["scenes"][0]["image_url"].as_str().unwrap();
    let port: u16 = url.split(['/', ':']).find_map(|part| part.parse().ok()).unwrap();
    assert_eq!(
        std::fs::read_to_string(program.home.path().join("local/port")).unwrap(),
        port.to_string()
    );
    assert_eq!(
        program
            .json(&["object", "list", "story-images", "scene_"])
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn objects_go_in_and_come_out_as_they_were() {
    // Addresses are compared, and they name the port.
    let program = Program::with_port();
    let path = program.home.path().join("fox.png");
    picture(&path);
    assert_eq!(program.json(&["bucket", "create", "art", "--public"])["name"], "art");
    let put = program.json(&["object", "put", "fox.png", "art/deep er/"]);
    let item = &put["items"][0];
    assert_eq!(item["plan"]["to"]["key"], "deep er/fox.png");
    assert_eq!(item["plan"]["media_type"], "image/png");
    assert_eq!(item["plan"]["dimensions"], serde_json::json!([8, 6]));
    assert_eq!(
        item["state"],
        serde_json::json!({ "state": "done", "proof": "server_hash" })
    );
    let url = put["public_url"].as_str().unwrap();
    assert!(url.ends_with("/object/public/art/deep%20er/fox.png"), "{url}");
    let got = program.json(&["object", "get", "art/deep er/fox.png", "back.png"]);
    assert_eq!(got["job"]["state"], "done");
    assert_eq!(
        std::fs::read(program.home.path().join("back.png")).unwrap(),
        std::fs::read(&path).unwrap()
    );
    let piped = program.run(&["object", "get", "art/deep er/fox.png", "-"]);
    assert_eq!(piped.stdout, std::fs::read(&path).unwrap());

    // The same bytes are no reason to do anything, and no failure; the address is told all the same.
    let again = program.run(&["object", "put", "fox.png", "art/deep er/"]);
    assert!(again.status.success() && text(&again.stdout).contains("1 identical"));
    assert!(text(&again.stdout).trim_end().ends_with(url));
    assert_eq!(
        program.json(&["object", "get", "art/deep er/fox.png", "back.png"])["identical"],
        1
    );
    std::fs::write(program.home.path().join("back.png"), "mine").unwrap();
    let (out, _) = program.partly(&["object", "get", "art/deep er/fox.png", "back.png"]);
    assert!(out.contains("Another file is there."), "{out}");
    assert_eq!(std::fs::read(program.home.path().join("back.png")).unwrap(), b"mine");
    program.json(&["object", "rm", "art/deep er/fox.png"]);
    assert!(
        program
            .fails(&["object", "rm", "art/deep er/fox.png"])
            .contains("There is no object “deep er/fox.png”")
    );
}

#[test]
fn bad_input_gets_a_sentence() {
    let program = Program::new();
    program.json(&["bucket", "create", "art"]);
    let create = |title: &str, prompt: &str, scenes: &str| {
        program.fails(&[
            "story", "create", "--title", title, "--prompt", prompt, "--scenes", scenes,
        ])
    };
    assert!(create(" ", "p", "3").contains("Give the story a title."));
    assert!(create("t", "", "3").contains("who the story is about"));
    assert!(create("t", "p", "0").contains("1 to 12 scenes"));
    assert!(create("t", "p", "500").contains("500 is not possible"));
    for (words, expected) in [
        (vec!["story", "show", "4 2"], "is not the id of a story"),
        // Some projects count their stories.
        (vec!["story", "show", "42"], "There is no story 42"),
        (
            vec!["story", "show", "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f"],
            "There is no story",
        ),
        (vec!["object", "list", "büro"], "“ü” is not allowed in a bucket name"),
        (vec!["object", "list", "nowhere"], "Bucket not found"),
        (vec!["object", "get", "justabucket"], "Bucket not found"),
        (
            vec!["object", "put", "missing.png", "art/a.png"],
            "There is no file or folder missing.png",
        ),
        (vec!["object", "get", "art/a\tb"], "not allowed"),
        (vec!["bucket", "create", "a/b"], "“/” is not allowed"),
        (vec!["bucket", "create", "list"], "is a word of the Storage API itself"),
    ] {
        let said = program.fails(&words);
        assert!(said.contains(expected), "{words:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    // Words that are not understood end with 2, as everywhere.
    assert_eq!(program.run(&["story", "paint"]).status.code(), Some(2));
}

#[test]
fn a_project_that_cannot_be_reached_or_refuses_the_key_is_named() {
    let program = Program::new();
    let with = |url: &str, key: &str| {
        let output = program
            .command(&["bucket", "list"])
            .env("SUPABASE_URL", url)
            .env("SUPABASE_KEY", key)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    let key = "sb_secret_canary0123456789";
    assert!(with("http://127.0.0.1:9", key).contains("Nothing answers at http://127.0.0.1:9"));
    // What is no address may be a secret in the wrong place: it is not repeated.
    let misplaced = with("hello", key);
    assert!(misplaced.contains("SUPABASE_URL: this is not a web address") && !misplaced.contains("hello"));
    assert!(with("http://abc.supabase.co", key).contains("not encrypted"));
    let wrong = with("https://abc.supabase.co", "hunter2");
    assert!(
        wrong.contains("not a Supabase key") && !wrong.contains("hunter2"),
        "{wrong}"
    );
    let half = program
        .command(&["bucket", "list"])
        .env("SUPABASE_URL", "https://abc.supabase.co")
        .output()
        .unwrap();
    assert!(text(&half.stderr).contains("SUPABASE_KEY is not set"));
}

#[test]
fn without_a_display_one_sentence_names_what_works() {
    let said = Program::new().fails(&[]);
    let first = said.lines().next().unwrap();
    assert!(
        first.contains("no display") && first.contains("story, bucket, object, transfer, workspace, url and serve"),
        "{said}"
    );
}

#[test]
fn urls_are_explained_without_a_project() {
    let program = Program::new();
    let doubled = "https://https://abc.supabase.co/storage/v1/object/public/story-images/a b.png";
    let output = program.run(&["url", "explain", doubled, "--json"]);
    assert_eq!(output.status.code(), Some(1), "a URL that does not work is no success");
    let explained: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        explained["fixed"],
        "https://abc.supabase.co/storage/v1/object/public/story-images/a%20b.png"
    );
    assert_eq!(explained["object"]["key"], "a b.png");
    assert!(text(&output.stderr).contains("https:// appears twice"));
    let right = program.json(&["url", "explain", explained["fixed"].as_str().unwrap()]);
    assert_eq!(right["problems"].as_array().unwrap().len(), 0);
    assert!(
        !program.home.path().join("local").exists(),
        "nothing was started for it"
    );
}

#[test]
fn json_errors_are_one_document_too() {
    let output = Program::new().run(&["story", "show", "42", "--json"]);
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert!(error["error"]["what"].as_str().unwrap().contains("42"));
}

#[test]
fn a_second_process_joins_the_server_of_the_first() {
    let program = Program::new();
    program.json(&["bucket", "create", "art"]);
    let port = std::fs::read_to_string(program.home.path().join("local/port")).unwrap();
    let mut serving = program
        .command(&["serve", "--port", &port, "--data"])
        .arg(program.home.path().join("local"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(serving.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let listed = program.run(&["bucket", "list", "--json"]);
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    assert!(text(&listed.stdout).contains("\"art\""));
    assert_eq!(
        std::fs::read_to_string(program.home.path().join("local/port")).unwrap(),
        port
    );
}

#[test]
fn stories_killed_at_any_moment_are_finished_without_doubling_a_picture() {
    let program = Program::new();
    let kills = 6;
    for round in 0..kills {
        let seed = round.to_string();
        let words = [
            "story",
            "create",
            "--title",
            "Pip",
            "--prompt",
            "a fox by the sea",
            "--scenes",
            "3",
            "--seed",
            &seed,
        ];
        let mut running = program
            .command(&words)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // From before the first row to after the last picture, however fast the machine is.
        std::thread::sleep(std::time::Duration::from_millis(150 + 220 * round));
        running.kill().unwrap();
        running.wait().unwrap();
    }
    let stories = program.json(&["story", "list"]);
    let stories = stories.as_array().unwrap();
    for story in stories {
        let id = story["story_id"].as_str().unwrap();
        let whole = program.json(&["story", "resume", id]);
        assert_eq!(whole["status"], "completed");
        let scenes = whole["scenes"].as_array().unwrap();
        assert!(
            scenes.len() == 3 && scenes.iter().all(|scene| scene["image_url"].is_string()),
            "{whole}"
        );
    }
    // A kill between an upload and the note of it can leave an object that nothing points at, one for each picture
    // that was being made; never a second picture in a story's rows.
    if !stories.is_empty() {
        let objects = program
            .json(&["object", "list", "story-images"])
            .as_array()
            .unwrap()
            .len();
        let linked = stories.len() * 3;
        assert!(
            (linked..=linked + 2 * stories.len()).contains(&objects),
            "{objects} objects for {linked} pictures"
        );
    }
}
