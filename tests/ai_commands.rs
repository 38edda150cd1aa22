//! `ai providers`, `models` and `test` as scripts use them, and a workspace with several providers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/program.rs"]
mod program;
#[path = "support/provider/mod.rs"]
mod provider;

use program::{Program, text};
use provider::{FakeProvider, KEY, PAINTER, Paid, WRITER};
use serde_json::{Value, json};
use storymimi_studio::workspace::Dialect;

/// A program whose provider is named by the environment, and its runtime.
fn start() -> (tokio::runtime::Runtime, FakeProvider, Program) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let fake = runtime.block_on(FakeProvider::start());
    (runtime, fake, Program::new())
}

/// Runs a command with the provider in its environment; its exit code, its document and what it says besides.
fn ends(program: &Program, fake: &FakeProvider, dialect: Dialect, words: &[&str]) -> (i32, Value, String) {
    let mut words = words.to_vec();
    words.push("--json");
    let output = program
        .command(&words)
        .env("STORYMIMI_AI_URL", fake.base_url(dialect))
        .env("STORYMIMI_AI_KEY", KEY)
        .env("STORYMIMI_AI_DIALECT", dialect.word())
        .env("STORYMIMI_TEXT_MODEL", WRITER)
        .env("STORYMIMI_IMAGE_MODEL", PAINTER)
        .output()
        .unwrap();
    let both = text(&output.stdout) + &text(&output.stderr);
    assert!(!both.contains(KEY), "{both}");
    let document = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), document, text(&output.stderr))
}

#[test]
fn the_built_in_engines_are_there_without_anything() {
    let program = Program::new();
    let engines = program.json(&["ai", "providers"]);
    assert_eq!(engines[0]["id"], "built-in");
    assert_eq!(
        (&engines[0]["writes"], &engines[0]["draws"], &engines[0]["price"]),
        (&json!(true), &json!(true), &json!("0.00"))
    );
    assert_eq!(engines.as_array().unwrap().len(), 1);
    let models = program.json(&["ai", "models"]);
    assert_eq!(models[0]["id"], "builtin-storyteller");
    let tested = program.json(&["ai", "test"]);
    assert_eq!((&tested[0]["works"], &tested[0]["missing"]), (&json!(true), &json!([])));
    let said = program.fails(&["ai", "models", "nobody"]);
    assert!(
        said.contains("no engine “nobody”") && said.contains("built-in"),
        "{said}"
    );
}

#[test]
fn a_provider_stands_beside_the_built_in_engines_and_nothing_is_paid() {
    let (_runtime, fake, program) = start();
    let (code, engines, _) = ends(&program, &fake, Dialect::OpenRouter, &["ai", "providers"]);
    assert_eq!(code, 0);
    let ids: Vec<&str> = engines
        .as_array()
        .unwrap()
        .iter()
        .map(|engine| engine["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["127.0.0.1", "built-in"]);
    assert_eq!(engines[0]["abilities"]["references"], 8);
    let (code, models, _) = ends(&program, &fake, Dialect::OpenRouter, &["ai", "models", "--drawing"]);
    assert_eq!(code, 0);
    assert_eq!(models[0]["id"], PAINTER);
    assert_eq!(
        (models[0]["price"].as_str(), models.as_array().unwrap().len()),
        (Some("0.0390"), 1)
    );
    let (code, tested, _) = ends(&program, &fake, Dialect::OpenRouter, &["ai", "test", "127.0.0.1"]);
    assert_eq!(code, 0);
    assert_eq!(tested[0]["missing"], json!([]));
    assert_eq!(fake.paid(), Paid::default());
}

#[test]
fn a_story_is_made_by_each_provider_and_paid_once() {
    for dialect in [Dialect::OpenAi, Dialect::Together, Dialect::OpenaiLoose] {
        let (_runtime, fake, program) = start();
        let words = [
            "story", "create", "--title", "Pip", "--prompt", "a fox", "--scenes", "2",
        ];
        let (code, story, said) = ends(&program, &fake, dialect, &words);
        assert_eq!(
            (code, story["status"].as_str()),
            (0, Some("completed")),
            "{dialect}: {said}"
        );
        assert_eq!(fake.paid(), Paid { texts: 1, pictures: 2 }, "{dialect}");
    }
}

#[test]
fn a_test_that_fails_says_what_the_provider_said() {
    let program = Program::new();
    let mut command = program.command(&["ai", "test", "--json"]);
    let command = command.env("STORYMIMI_AI_URL", "http://127.0.0.1:9/v1");
    let command = command
        .env("STORYMIMI_TEXT_MODEL", WRITER)
        .env("STORYMIMI_IMAGE_MODEL", PAINTER);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let tested: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&tested[0]["works"], &tested[1]["works"]),
        (&json!(false), &json!(true))
    );
    let what = tested[0]["problem"]["what"].as_str().unwrap();
    assert!(what.contains("Nothing answers at http://127.0.0.1:9"), "{what}");
    assert!(
        text(&output.stderr).contains("1 of 2 providers"),
        "{}",
        text(&output.stderr)
    );
}
