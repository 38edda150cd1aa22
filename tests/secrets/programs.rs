//! The program itself, at its most talkative: `RUST_LOG=trace`, with secrets from the environment, from standard input
//! and from files. A key is shown by `serve` alone, which is there for that.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;

use super::{files, holds};

const PASSPHRASE: &str = "CANARY passphrase";
const PASSWORD: &str = "CANARYpassword0123456789";

fn program(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
    for name in ["SUPABASE_URL", "SUPABASE_KEY", "SUPABASE_PASSWORD", "STORYMIMI_AI_URL"] {
        command.env_remove(name);
    }
    command
        .args(words)
        .env("STORYMIMI_HOME", home)
        .env("STORYMIMI_NO_KEYCHAIN", "1")
        .env("STORYMIMI_PASSPHRASE", PASSPHRASE)
        .env("RUST_LOG", "trace")
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
fn run(home: &Path, words: &[&str], input: &str) -> Output {
    let mut child = program(home, words).spawn().unwrap();
    // Who needs no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A running `serve` with keys that nobody else knows.
struct Serving {
    child: Child,
    /// Reads all the time: a program whose words nobody reads stands still.
    listener: Option<JoinHandle<Vec<u8>>>,
}

impl Serving {
    fn start(home: &Path) -> (Self, Value) {
        let words = [
            "serve",
            "--json",
            "--port",
            "0",
            "--own-keys",
            "--policy",
            "editors",
            "--user",
            "pip@example.org",
        ];
        let mut child = program(home, &words)
            .env("STORYMIMI_USER_PASSWORD", PASSWORD)
            .spawn()
            .unwrap();
        let mut words = child.stderr.take().unwrap();
        let listener = std::thread::Builder::new()
            .name("what serve says".to_owned())
            .spawn(move || {
                let mut said = Vec::new();
                words.read_to_end(&mut said).unwrap();
                said
            })
            .unwrap();
        let mut text = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let facts = loop {
            text.push_str(&lines.next().unwrap().unwrap());
            if let Ok(facts) = serde_json::from_str(&text) {
                break facts;
            }
        };
        let listener = Some(listener);
        (Self { child, listener }, facts)
    }

    /// All that it said beside the keys it shows.
    fn stop(mut self) -> Vec<u8> {
        self.child.kill().unwrap();
        self.listener.take().unwrap().join().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn commands_and_serve_say_no_secret_however_much_they_say() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (serving, facts) = Serving::start(theirs.path());
    let fact = |name: &str| facts[name].as_str().unwrap().to_owned();
    let (url, service_key, anon_key) = (fact("url"), fact("service_key"), fact("anon_key"));
    let settings = format!("SUPABASE_URL={url}\nSUPABASE_SERVICE_ROLE_KEY={service_key}\n");
    let file = theirs.path().join("settings");
    std::fs::write(&file, settings).unwrap();
    let add_admin = [
        "workspace",
        "add",
        "Admin",
        "--keep",
        "file",
        "--service",
        "--env-file",
        file.to_str().unwrap(),
    ];
    let add_editor = [
        "workspace",
        "add",
        "Editor",
        "--keep",
        "file",
        "--url",
        &url,
        "--email",
        "pip@example.org",
    ];
    let create = [
        "story",
        "create",
        "--title",
        "Pip",
        "--prompt",
        "a fox",
        "--scenes",
        "1",
        "--workspace",
        "editor",
    ];
    let with_login = url.replace("http://", &format!("http://pip:{PASSWORD}@"));
    let add_login = ["workspace", "add", "Login", "--keep", "file", "--url", &with_login];
    let password = format!("{anon_key}\n{PASSWORD}\n");
    let wrong = format!("{anon_key}\nCANARYpasswordwrong\n");
    let not_a_key = "CANARYkey0123456789\n";
    let commands: [(&[&str], &str, i32); 11] = [
        (&add_admin, "", 0),
        (
            &["bucket", "create", "story-images", "--public", "--workspace", "admin"],
            "",
            0,
        ),
        (&add_editor, &password, 0),
        (&create, "", 0),
        (&["workspace", "test", "editor", "--json"], "", 0),
        (&["workspace", "export"], "", 0),
        (&["workspace", "sign-out", "editor"], "", 0),
        // Those fail, and say why.
        (&["story", "list", "--workspace", "editor", "--json"], "", 1),
        (&add_editor, &wrong, 1),
        (&["workspace", "key", "admin"], not_a_key, 1),
        (&add_login, not_a_key, 1),
    ];
    let mut said: Vec<(String, Output)> = Vec::new();
    for (words, input, code) in commands {
        let output = run(ours.path(), words, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {error}");
        said.push((words[..2].join(" "), output));
    }
    let is_heard = |output: &Output| holds(&output.stderr, " TRACE ");
    assert!(said.iter().any(|(_, output)| is_heard(output)), "trace is heard");
    std::fs::remove_file(file).unwrap();

    let mut texts: Vec<(String, Vec<u8>)> = vec![("serve".to_owned(), serving.stop())];
    for (words, output) in said {
        texts.push((format!("{words}: standard output"), output.stdout));
        texts.push((format!("{words}: standard error"), output.stderr));
    }
    for folder in [ours.path(), theirs.path()] {
        texts.extend(files(folder));
    }
    let signature = |key: &str| key.rsplit('.').next().unwrap().to_owned();
    let secrets = [
        fact("jwt_secret"),
        signature(&service_key),
        signature(&anon_key),
        "CANARY".to_owned(),
    ];
    for secret in secrets {
        for (place, text) in &texts {
            assert!(
                !holds(text, &secret),
                "{secret} is in {place}: {}",
                excerpt(text, &secret)
            );
        }
    }
}

fn excerpt(text: &[u8], secret: &str) -> String {
    let text = String::from_utf8_lossy(text).into_owned();
    text.lines()
        .find(|line| line.contains(secret))
        .unwrap_or_default()
        .to_owned()
}
