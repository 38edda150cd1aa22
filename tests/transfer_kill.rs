//! The program is killed with SIGKILL at random moments while it uploads, and started again: nothing is lost, nothing is
//! there twice, no byte is wrong, every "done" can be proven, and it does not cost many more requests.
//!
//! Fifty seeds; `TRANSFER_KILL_SEEDS=1000` for a night, `TRANSFER_KILL_SEED=17` for one of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/chance.rs"]
mod chance;
#[path = "support/counting.rs"]
mod counting;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use chance::{Dice, seeds};
use counting::Proxy;
use md5::{Digest as _, Md5};
use serde_json::Value;
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{BucketName, NewBucket, Supabase};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};

const FILES: usize = 300;
/// More than goes in one request.
const LARGE: usize = 7 << 20;

/// A program with a home of its own.
struct Program {
    home: tempfile::TempDir,
    url: String,
    key: String,
}

impl Program {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
        command
            .args(words)
            .arg("--json")
            .env("STORYMIMI_HOME", self.home.path())
            .env("SUPABASE_URL", &self.url)
            .env("SUPABASE_KEY", &self.key)
            .env_remove("RUST_BACKTRACE")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn json(&self, words: &[&str]) -> Value {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts it, and kills it after a while. Whether it had ended by itself.
    fn kill_after(&self, words: &[&str], moment: Duration) -> bool {
        let mut process = self
            .command(words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(moment);
        let ended = process.try_wait().unwrap().is_some();
        process.kill().unwrap();
        process.wait().unwrap();
        ended
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The files of a seed: their names and the MD5 of each.
fn files(folder: &Path, seed: u64) -> BTreeMap<String, String> {
    let mut dice = Dice(seed);
    let mut all = BTreeMap::new();
    for number in 0..FILES {
        let size = if number == FILES / 2 {
            LARGE
        } else {
            1 + dice.roll(6_000) as usize
        };
        let bytes: Vec<u8> = (0..size)
            .map(|at| (at as u64 * 31 + seed + number as u64) as u8)
            .collect();
        let name = format!("{:02}/{number:03}.bin", number % 7);
        let path = folder.join(&name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &bytes).unwrap();
        let md5: String = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        all.insert(name, md5);
    }
    all
}

struct Bench {
    server: Server,
    proxy: Proxy,
    folder: tempfile::TempDir,
    source: PathBuf,
    files: BTreeMap<String, String>,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        let files = files(&source, 1);
        let config = Config::new(folder.path().join("server"), Secrets::supabase_defaults());
        let (server, proxy) = runtime.block_on(async {
            let server = Server::start(config).await.unwrap();
            let proxy = Proxy::counting(server.url()).await;
            (server, proxy)
        });
        let bench = Self {
            server,
            proxy,
            folder,
            source,
            files,
            runtime,
        };
        let bucket = NewBucket {
            name: bucket(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        bench
            .runtime
            .block_on(bench.project().buckets().create(&bucket))
            .unwrap();
        bench
    }

    fn project(&self) -> Supabase {
        Supabase::new(
            Http::new(std::sync::Arc::new(Transcript::default())).unwrap(),
            ProjectUrl::parse(self.server.url()).unwrap(),
            ApiKey::parse(self.server.service_key()).unwrap(),
        )
    }

    fn program(&self) -> Program {
        Program {
            home: tempfile::tempdir_in(self.folder.path()).unwrap(),
            url: self.proxy.url.clone(),
            key: self.server.service_key().to_owned(),
        }
    }

    fn put<'a>(&'a self, to: &'a str) -> [&'a str; 4] {
        ["object", "put", self.source.to_str().unwrap(), to]
    }

    /// What is in the bucket below a folder is what is in the folder of this machine, and the job says so truthfully.
    fn check(&self, program: &Program, folder: &str, seed: u64) {
        let entries = self
            .runtime
            .block_on(self.project().bucket(&bucket()).list_all(folder))
            .unwrap();
        let stored: BTreeMap<String, u64> = entries
            .iter()
            .map(|entry| (entry.key.strip_prefix(folder).unwrap().to_owned(), entry.size.unwrap()))
            .collect();
        let expected: Vec<String> = self.files.keys().map(|name| format!("source/{name}")).collect();
        let names: Vec<&String> = stored.keys().collect();
        assert_eq!(
            names,
            expected.iter().collect::<Vec<_>>(),
            "seed {seed}: lost or doubled"
        );
        for entry in &entries {
            let name = entry.key.strip_prefix(&format!("{folder}source/")).unwrap();
            let md5 = &self.files[name];
            let etag = entry.etag.as_deref().unwrap().trim_matches('"');
            if entry.size == Some(LARGE as u64) {
                let key = entry.object_key().unwrap();
                let object = self
                    .runtime
                    .block_on(self.project().bucket(&bucket()).download(&key))
                    .unwrap();
                let found: String = Md5::digest(&object.bytes)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                assert_eq!(&found, md5, "seed {seed}: wrong bytes in {name}");
            } else {
                assert_eq!(etag, md5, "seed {seed}: wrong bytes in {name}");
            }
        }
        let jobs = program.json(&["transfer", "list"]);
        let job = jobs.as_array().unwrap().first().unwrap();
        assert_eq!(jobs.as_array().unwrap().len(), 1, "seed {seed}: one job was wanted");
        assert_eq!(job["state"], "done", "seed {seed}: {job}");
        let report = program.json(&["transfer", "show", job["id"].as_str().unwrap()]);
        for item in report["items"].as_array().unwrap() {
            let (state, proof) = (&item["state"]["state"], &item["state"]["proof"]);
            let large = item["plan"]["size"] == LARGE;
            let proven = proof == "server_hash" || (large && proof == "size_only");
            assert!(state == "done" && proven, "seed {seed}: {item}");
        }
    }
}

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

#[test]
fn killed_at_any_moment_nothing_is_lost_or_doubled() {
    let bench = Bench::new();
    let clean = bench.program();
    let (begun, before) = (Instant::now(), bench.proxy.requests());
    clean.json(&bench.put("b/clean/"));
    let (took, clean_requests) = (begun.elapsed(), bench.proxy.requests() - before);
    bench.check(&clean, "clean/", 0);
    assert!(
        clean_requests < FILES + 20,
        "a clean run makes {clean_requests} requests"
    );

    let (mut kills, mut in_the_middle) = (0, 0);
    // What is left of a job takes less than all of it, and machines are not always as busy as in the clean run.
    let mut reach = took;
    for seed in seeds("TRANSFER_KILL", 50) {
        let mut dice = Dice(seed);
        let program = bench.program();
        let folder = format!("{seed}/");
        let to = format!("b/{folder}");
        let before = bench.proxy.requests();
        for _ in 0..=dice.roll(3) {
            let moment = reach.mul_f64(dice.roll(1_000) as f64 / 1_000.0);
            let words = words(&program, &bench, &to);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            kills += 1;
            let ended = program.kill_after(&words, moment);
            in_the_middle += usize::from(!ended);
            reach = if ended {
                reach.mul_f64(0.8)
            } else {
                reach.mul_f64(1.1).min(took)
            };
        }
        let words = words(&program, &bench, &to);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        program.json(&words);
        let requests = bench.proxy.requests() - before;
        bench.check(&program, &folder, seed);
        let most = clean_requests * 12 / 10;
        assert!(
            requests <= most,
            "seed {seed}: {requests} requests, a clean run makes {clean_requests}"
        );
    }
    assert!(
        in_the_middle * 2 > kills,
        "of {kills} kills only {in_the_middle} came before the end"
    );
}

/// What a person does who finds the program gone: goes on with the transfer, or begins it if it was not begun.
fn words(program: &Program, bench: &Bench, to: &str) -> Vec<String> {
    let begun = !program.json(&["transfer", "list"]).as_array().unwrap().is_empty();
    let words: &[&str] = if begun {
        &["transfer", "resume", "--all"]
    } else {
        &bench.put(to)
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}
