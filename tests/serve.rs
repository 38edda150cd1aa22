//! `serve` as scripts use it, and what another program that listens on the local workspace's port gets to see.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use storymimi_studio::local::Secrets;

fn program(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
    command.args(words).env("STORYMIMI_HOME", home).current_dir(home);
    for name in [
        "SUPABASE_URL",
        "SUPABASE_KEY",
        "STORYMIMI_AI_URL",
        "STORYMIMI_USER_PASSWORD",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(name);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running `serve`, with what it says of itself.
struct Serving {
    child: Child,
    facts: Value,
}

impl Serving {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut text = String::new();
        // One document, printed over several lines.
        let facts = loop {
            let Some(line) = lines.next() else {
                let mut said = String::new();
                child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("serve ended: {text} {said}");
            };
            text.push_str(&line.unwrap());
            if let Ok(facts) = serde_json::from_str(&text) {
                break facts;
            }
        };
        Self { child, facts }
    }

    fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_default()
    }

    /// Asks over a plain socket: `(status, body)`.
    fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let address = self.fact("url").trim_start_matches("http://");
        let body = body.to_string();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap_or_default())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn serves_what_supabase_start_prints_beside_the_local_workspace() {
    let home = tempfile::tempdir().unwrap();
    let serving = Serving::start(program(home.path(), &["serve", "--port", "0", "--json"]));
    let known = Secrets::supabase_defaults();
    for (name, expected) in [
        ("anon_key", known.anon_key()),
        ("service_key", known.service_key()),
        ("jwt_secret", "super-secret-jwt-token-with-at-least-32-characters-long"),
        ("publishable_key", "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH"),
        ("secret_key", "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"),
        ("policy", "service"),
    ] {
        assert_eq!(serving.fact(name), expected, "{name}");
    }
    assert_eq!(serving.facts["known_keys"], true);
    assert!(serving.fact("url").starts_with("http://127.0.0.1:"));
    assert_eq!(Path::new(serving.fact("data")), home.path().join("serve"));
    assert!(!home.path().join("local").exists(), "the local workspace is left alone");
    assert!(
        !home.path().join("serve/secrets.json").exists(),
        "known keys are not kept"
    );
    let (status, made) = serving.ask("POST", "/storage/v1/bucket", known.service_key(), &json!({"name": "b"}));
    assert_eq!((status, &made["name"]), (200, &json!("b")));
}

#[test]
fn a_folder_with_keys_of_its_own_is_not_opened_with_known_ones() {
    let home = tempfile::tempdir().unwrap();
    let local = home.path().join("local");
    let words = ["serve", "--port", "0", "--json", "--data", local.to_str().unwrap()];
    let known = Secrets::supabase_defaults();
    // Also before the first start of the local workspace.
    for _ in 0..2 {
        let serving = Serving::start(program(home.path(), &words));
        assert_ne!(serving.fact("service_key"), known.service_key());
        assert!(local.join("secrets.json").exists());
        let (_, refused) = serving.ask("GET", "/storage/v1/bucket", known.service_key(), &json!({}));
        assert_eq!(refused["message"], "signature verification failed");
    }
    let other = home.path().join("other");
    let words = [
        "serve",
        "--port",
        "0",
        "--json",
        "--own-keys",
        "--data",
        other.to_str().unwrap(),
    ];
    let serving = Serving::start(program(home.path(), &words));
    assert_ne!(serving.fact("jwt_secret"), known.jwt_secret());
    assert_eq!(serving.facts["known_keys"], false);
    assert!(other.join("secrets.json").exists());
}

#[test]
fn a_user_can_be_let_in_at_the_start() {
    let home = tempfile::tempdir().unwrap();
    let words = [
        "serve",
        "--port",
        "0",
        "--json",
        "--policy",
        "editors",
        "--editor-bucket",
        "art",
        "--user",
        "pip@example.org",
    ];
    let sign_in = |serving: &Serving, password: &str| {
        let body = json!({"email": "pip@example.org", "password": password});
        serving.ask(
            "POST",
            "/auth/v1/token?grant_type=password",
            serving.fact("anon_key"),
            &body,
        )
    };
    {
        let mut command = program(home.path(), &words);
        command.env("STORYMIMI_USER_PASSWORD", "from the environment");
        let serving = Serving::start(command);
        assert_eq!(
            (serving.fact("policy"), serving.fact("user")),
            ("editors", "pip@example.org")
        );
        let (status, granted) = sign_in(&serving, "from the environment");
        assert_eq!(status, 200, "{granted}");
        let token = granted["access_token"].as_str().unwrap();
        for (bucket, status) in [("art", 200), ("other", 400)] {
            let body = json!({"name": bucket});
            serving.ask("POST", "/storage/v1/bucket", serving.fact("service_key"), &body);
            let uploaded = serving.ask("POST", &format!("/storage/v1/object/{bucket}/a"), token, &json!({}));
            assert_eq!(uploaded.0, status, "{bucket}");
        }
    }
    let input = home.path().join("password");
    std::fs::write(&input, "from the input\nand no more").unwrap();
    let mut command = program(home.path(), &words);
    command.stdin(std::fs::File::open(&input).unwrap());
    let serving = Serving::start(command);
    assert_eq!(
        sign_in(&serving, "from the environment").0,
        400,
        "the password was changed"
    );
    assert_eq!(sign_in(&serving, "from the input").0, 200);
}

/// An admin serves and makes the bucket; an editor signs in, makes a story, signs out, and is told how to come back.
#[test]
fn an_editor_makes_a_story_from_the_command_line() {
    const PASSWORD: &str = "a password of theirs";
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let words = [
        "serve",
        "--port",
        "0",
        "--json",
        "--policy",
        "editors",
        "--user",
        "pip@example.org",
    ];
    let mut serve = program(there.path(), &words);
    serve.env("STORYMIMI_USER_PASSWORD", PASSWORD);
    let serving = Serving::start(serve);
    let run = |words: &[&str]| {
        let mut command = program(here.path(), words);
        command
            .env("STORYMIMI_NO_KEYCHAIN", "1")
            .env("STORYMIMI_PASSPHRASE", "three quiet foxes")
            .env("SUPABASE_PASSWORD", PASSWORD);
        if words[0] == "workspace" {
            command.env("SUPABASE_KEY", serving.fact("publishable_key"));
        }
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), said.concat())
    };
    let add = [
        "workspace",
        "add",
        "Theirs",
        "--keep",
        "file",
        "--url",
        serving.fact("url"),
        "--email",
        "pip@example.org",
    ];
    assert_eq!(run(&add).0, 0);
    assert_eq!(run(&["workspace", "use", "theirs"]).0, 0);
    let create = [
        "story", "create", "--title", "Pip", "--prompt", "a fox", "--scenes", "1",
    ];
    let (code, said) = run(&create);
    assert!(
        code == 1 && said.contains("ask an admin to make “story-images”"),
        "{said}"
    );
    let bucket = json!({"name": "story-images", "public": true});
    assert_eq!(
        serving
            .ask("POST", "/storage/v1/bucket", serving.fact("service_key"), &bucket)
            .0,
        200
    );
    let (code, said) = run(&create);
    assert!(code == 0 && said.contains("/object/public/story-images/"), "{said}");
    let (code, said) = run(&["workspace", "test"]);
    assert!(code == 0 && said.contains("Signed in as pip@example.org"), "{said}");
    let (code, said) = run(&["bucket", "create", "mine"]);
    assert!(code == 1 && said.contains("Sign in with other rights"), "{said}");

    assert_eq!(run(&["workspace", "sign-out", "theirs"]).0, 0);
    for words in [&["story", "list"][..], &["workspace", "test"]] {
        let (code, said) = run(words);
        assert!(
            code == 1 && said.contains("Sign in with: storymimi-studio workspace sign-in theirs"),
            "{said}"
        );
    }
    assert_eq!(run(&["workspace", "sign-in", "theirs"]).0, 0);
    let (code, said) = run(&["story", "list"]);
    assert!(code == 0 && said.contains("Pip"), "{said}");
}

#[test]
fn what_cannot_be_served_is_said() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("a-file"), "no folder").unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().port().to_string();
    for (words, said) in [
        (
            &["serve", "--port", "0", "--user", "pip@example.org"][..],
            "STORYMIMI_USER_PASSWORD",
        ),
        (&["serve", "--port", "0", "--editor-bucket", "art"], "--policy editors"),
        (&["serve", "--port", "0", "--data", "a-file"], "with --data"),
        (&["serve", "--port", "0", "--host", "192.0.2.1"], "--host"),
        (
            &["serve", "--port", &taken],
            "Stop that program, or choose another port with --port.",
        ),
    ] {
        let output = program(home.path(), words).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(error.matches(said).count(), 1, "{error}");
        assert!(!error.contains("STORYMIMI_HOME"), "{error}");
    }
    let mut weak = program(home.path(), &["serve", "--port", "0", "--user", "pip@example.org"]);
    let output = weak.env("STORYMIMI_USER_PASSWORD", "12345").output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("at least 6 characters.\n") && !error.contains("12345"),
        "{error}"
    );
    let output = program(home.path(), &["serve", "--workspace", "theirs"])
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "an option that does nothing is not taken"
    );
}

#[test]
fn people_read_an_address_that_they_can_call_and_who_else_can() {
    let home = tempfile::tempdir().unwrap();
    let read = |words: &[&str]| {
        let mut child = program(home.path(), words).spawn().unwrap();
        let mut said = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            said.push_str(&line.unwrap());
            said.push('\n');
            if said.ends_with("Stop with Ctrl+C.\n") {
                break;
            }
        }
        let mut warned = String::new();
        if words.contains(&"--host") {
            BufReader::new(child.stderr.take().unwrap())
                .read_line(&mut warned)
                .unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        (said, warned)
    };
    let (said, _) = read(&["serve", "--port", "0"]);
    assert!(said.contains("any page in a browser on this machine"), "{said}");
    let (said, warned) = read(&[
        "serve",
        "--port",
        "0",
        "--own-keys",
        "--data",
        "own",
        "--host",
        "0.0.0.0",
    ]);
    assert!(!said.contains("any page") && !said.contains("0.0.0.0"), "{said}");
    assert!(said.contains("SUPABASE_URL=http://127.0.0.1:"), "{said}");
    assert!(warned.contains("of every address of this one"), "{warned}");
}

/// A program that listens where the local workspace did. It notes what it is sent, and answers as `answer` says.
fn impostor(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&heard);
    std::thread::Builder::new()
        .name("impostor".into())
        .spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                notes.lock().unwrap().push(head.clone());
                let _ = stream.write_all(&answer(&head));
            }
        })
        .unwrap();
    (port, heard)
}

fn answer(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Works in a local workspace whose remembered port another program listens on, and checks what that has heard.
fn work_beside(home: &Path, port: u16, heard: &Mutex<Vec<String>>) {
    let local = home.join("local");
    std::fs::create_dir_all(&local).unwrap();
    std::fs::write(local.join("port"), port.to_string()).unwrap();
    let output = program(home, &["bucket", "create", "art", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 1, "it is asked for its proof and nothing else: {heard:?}");
    for head in heard.iter() {
        assert!(head.starts_with("GET /studio/v1/challenge?nonce="), "{head}");
        let lower = head.to_ascii_lowercase();
        for secret in ["authorization", "apikey", "eyj"] {
            assert!(!lower.contains(secret), "{secret} is in {head}");
        }
    }
}

#[test]
fn an_impostor_on_the_port_sees_no_key() {
    for lie in [
        answer("[]"),
        answer(r#"{"proof":""}"#),
        answer(r#"{"proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#),
        answer("<html>"),
        b"HTTP/1.1 302 Found\r\nlocation: /studio/v1/challenge\r\ncontent-length: 0\r\n\r\n".to_vec(),
        b"220 mail.example.org\r\n".to_vec(),
        Vec::new(),
    ] {
        let home = tempfile::tempdir().unwrap();
        let (port, heard) = impostor(move |_| lie.clone());
        work_beside(home.path(), port, &heard);
    }
}

#[test]
fn an_impostor_that_passes_the_question_on_is_found_out() {
    let home = tempfile::tempdir().unwrap();
    let local = home.path().join("local");
    let words = ["serve", "--port", "0", "--json", "--data", local.to_str().unwrap()];
    let real = Serving::start(program(home.path(), &words));
    let address = real.fact("url").trim_start_matches("http://").to_owned();
    let (port, heard) = impostor(move |head| {
        let mut stream = TcpStream::connect(&address).unwrap();
        let closing = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        stream.write_all(closing.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(
            String::from_utf8_lossy(&answer).contains("proof"),
            "the real server did answer"
        );
        answer
    });
    work_beside(home.path(), port, &heard);
}
