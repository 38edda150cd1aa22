//! The server under load: one that runs already, or the program's own `serve` over an empty folder.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A server, ended with this value if it was started here.
pub struct Server {
    pub url: String,
    pub key: String,
    /// Its processes, as far as they are known; what they start counts as theirs.
    pub processes: Vec<u32>,
    /// Its folder, where that is known.
    pub data: Option<PathBuf>,
    started: Option<(Child, tempfile::TempDir)>,
}

impl Server {
    pub fn find_or_start() -> Self {
        let read = |name: &str| std::env::var(name).ok();
        if let (Some(url), Some(key)) = (read("BENCH_URL"), read("BENCH_KEY")) {
            return Self {
                url,
                key,
                processes: read("BENCH_SERVER_PID")
                    .unwrap_or_default()
                    .split(',')
                    .filter_map(|id| id.trim().parse().ok())
                    .collect(),
                data: read("BENCH_SERVER_DATA").map(PathBuf::from),
                started: None,
            };
        }
        let folder = tempfile::tempdir().unwrap();
        Self::start(folder)
    }

    fn start(folder: tempfile::TempDir) -> Self {
        let data = folder.path().join("project");
        let mut child = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"))
            .args(["--json", "serve", "--port", "0", "--data"])
            .arg(&data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let facts: Value = serde_json::Deserializer::from_reader(output)
            .into_iter()
            .next()
            .unwrap()
            .unwrap();
        let text = |name: &str| facts[name].as_str().unwrap().to_owned();
        Self {
            url: text("url"),
            key: text("service_key"),
            processes: vec![child.id()],
            data: Some(data),
            started: Some((child, folder)),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.started {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
