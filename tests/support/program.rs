//! The real program, run as scripts and admins run it, in a home of its own.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// A home, which is also the folder that commands are run in.
pub struct Program {
    /// It goes away with this.
    pub home: tempfile::TempDir,
}

impl Program {
    /// With nothing in it.
    pub fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// With a port that no other test's server takes while this one's is not running: plans name it.
    pub fn with_port() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let program = Self::new();
        let first = std::process::id() * 16 + NEXT.fetch_add(1, Ordering::Relaxed);
        // Below those that systems give to connections.
        let mut ports = (0..1_000).map(|next| u16::try_from(20_000 + (first + next * 331) % 12_000).unwrap());
        let free = ports.find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok());
        program.write("local/port", free.unwrap().to_string());
        program
    }

    /// A path in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file into the home, and the folders that it needs.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A command that is not run yet.
    pub fn command(&self, words: &[&str]) -> Command {
        self.command_in(self.home.path(), words)
    }

    /// As [`Program::command`], in another folder.
    pub fn command_in(&self, folder: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
        command
            .args(words)
            .env("STORYMIMI_HOME", self.home.path())
            .current_dir(folder);
        for name in [
            "SUPABASE_URL",
            "SUPABASE_KEY",
            "STORYMIMI_AI_URL",
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "RUST_BACKTRACE",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Runs one to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Runs, expects success, and reads the one document on standard output.
    pub fn json(&self, words: &[&str]) -> Value {
        let (code, document, errors) = self.ends(words);
        assert_eq!(code, 0, "{words:?}: {errors}");
        document
    }

    /// Runs, and gives back the exit code, the one document on standard output, and what standard error says.
    pub fn ends(&self, words: &[&str]) -> (i32, Value, String) {
        let mut all = words.to_vec();
        all.push("--json");
        let output = self.run(&all);
        let document = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{words:?}: {error}: {}", text(&output.stderr)));
        (output.status.code().unwrap(), document, text(&output.stderr))
    }

    /// Runs, expects failure, and gives back what standard error says.
    pub fn fails(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", text(&output.stdout));
        assert_eq!(
            text(&output.stdout),
            "",
            "{words:?}: nothing but results belongs on standard output"
        );
        text(&output.stderr)
    }

    /// Runs, expects that not everything is done, and gives back what both say.
    pub fn partly(&self, words: &[&str]) -> (String, String) {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", text(&output.stdout));
        (text(&output.stdout), text(&output.stderr))
    }

    /// The keys of a bucket that are not in its trash, in their order.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let listed = self.json(&["object", "list", bucket]);
        let keys = listed.as_array().unwrap().iter();
        keys.map(|object| object["key"].as_str().unwrap().to_owned())
            .filter(|key| !key.starts_with("_trash/"))
            .collect()
    }
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
