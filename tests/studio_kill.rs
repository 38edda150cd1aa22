//! The program is killed with SIGKILL at random moments while it draws a batch, and started again: story, rows and bucket
//! agree, no picture is paid twice but where the answer was on its way when it was killed, and that is said.
//!
//! Thirty seeds; `STUDIO_KILL_SEEDS=1000` for a night, `STUDIO_KILL_SEED=17` for one of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/chance.rs"]
mod chance;
#[path = "support/provider/mod.rs"]
mod provider;
#[path = "support/story_rows.rs"]
mod story_rows;

use std::collections::{BTreeSet, HashSet};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use chance::{Dice, seeds};
use provider::{Does, FakeProvider, PAINTER, WRITER, Wait};
use serde_json::Value;
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{BucketName, Supabase};
use storymimi_studio::workspace::{ApiKey, Dialect, Home, ProjectUrl};

const PROMPTS: [&str; 6] = ["one", "two", "a busy three", "four", "five", "six"];

struct Bench {
    server: Server,
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

/// The program in a home of its own, with a provider of its own, and a story without pictures.
struct Round<'a> {
    bench: &'a Bench,
    home: tempfile::TempDir,
    painter: FakeProvider,
    provider: String,
    story: String,
    seed: u64,
}

impl Bench {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path().join("server"), Secrets::supabase_defaults());
        let server = runtime.block_on(Server::start(config)).unwrap();
        Self {
            server,
            folder,
            runtime,
        }
    }

    fn round(&self, seed: u64) -> Round<'_> {
        let (server, title) = (&self.server, format!("Seed {seed}"));
        let (painter, story) = self.runtime.block_on(async {
            let (story, _) = story_rows::insert(server.url(), server.service_key(), &title, &PROMPTS).await;
            (FakeProvider::start().await, story)
        });
        painter.takes(Duration::from_millis(15));
        painter.once("busy", Does::RateLimited(Wait::Millis(50)));
        Round {
            bench: self,
            home: tempfile::tempdir_in(self.folder.path()).unwrap(),
            provider: painter.base_url(Dialect::OpenAi),
            painter,
            story,
            seed,
        }
    }

    fn project(&self) -> Supabase {
        Supabase::new(
            Http::new(std::sync::Arc::new(Transcript::default())).unwrap(),
            ProjectUrl::parse(self.server.url()).unwrap(),
            ApiKey::parse(self.server.service_key()).unwrap(),
        )
    }
}

impl Round<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
        command
            .args(words)
            .arg("--json")
            .env("STORYMIMI_HOME", self.home.path())
            .env("SUPABASE_URL", self.bench.server.url())
            .env("SUPABASE_KEY", self.bench.server.service_key())
            .env("STORYMIMI_AI_URL", &self.provider)
            .env("STORYMIMI_TEXT_MODEL", WRITER)
            .env("STORYMIMI_IMAGE_MODEL", PAINTER)
            .env_remove("RUST_BACKTRACE")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, words: &[&str]) -> (Output, Value) {
        let output = self.command(words).output().unwrap();
        let document = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output, document)
    }

    fn json(&self, words: &[&str]) -> Value {
        let (output, document) = self.run(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "seed {}: {words:?}: {said}", self.seed);
        document
    }

    /// What a person does who finds the program gone: goes on with what was begun, or begins it.
    fn words(&self) -> Vec<String> {
        let batches = self.json(&["story", "batch", "list"]);
        let open = batches
            .as_array()
            .unwrap()
            .iter()
            .find(|batch| batch["state"] != "ended");
        let words: Vec<&str> = match open {
            Some(batch) => vec!["story", "batch", "resume", batch["id"].as_str().unwrap()],
            None => vec!["story", "generate", &self.story, "--missing", "--place"],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// Starts it, and kills it after a while. Whether it had ended by itself.
    fn kill_after(&self, moment: Duration) -> bool {
        let words = self.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut process = self
            .command(&words)
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

    /// Goes on until the story has every picture. Somebody asks again for what may have been paid for, and is told so.
    fn finish(&self) {
        for _ in 0..12 {
            let (words, before) = (self.words(), self.painter.paid().pictures);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let (output, document) = self.run(&words);
            let uncertain = document["batch"]["counts"]["uncertain"].as_u64().unwrap_or(0);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                output.status.success() || uncertain > 0,
                "seed {}: {words:?} after {before} pictures: {said}",
                self.seed
            );
            let story = self.json(&["story", "show", &self.story]);
            if story["status"] == "completed" {
                return;
            }
        }
        panic!("seed {}: it does not come to an end", self.seed);
    }

    /// Story, rows, bucket and journal agree.
    fn check(&self) {
        let seed = self.seed;
        let story = self.json(&["story", "show", &self.story]);
        let scenes = story["scenes"].as_array().unwrap();
        assert_eq!(scenes.len(), PROMPTS.len());
        assert_eq!(story["cover_image_url"], scenes[0]["image_url"], "seed {seed}");
        let bucket = BucketName::parse("story-images").unwrap();
        let objects = self
            .bench
            .runtime
            .block_on(self.bench.project().bucket(&bucket).list_all(""))
            .unwrap();
        let stored: HashSet<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let mut shown = BTreeSet::new();
        for scene in scenes {
            let url = scene["image_url"]
                .as_str()
                .unwrap_or_else(|| panic!("seed {seed}: {scene}"));
            let key = url.rsplit('/').next().unwrap().to_owned();
            assert!(
                stored.contains(key.as_str()),
                "seed {seed}: {key} is shown and not stored"
            );
            assert!(shown.insert(key), "seed {seed}: two scenes show the same object");
        }
        let batches = self.json(&["story", "batch", "list"]);
        let (mut made, mut uncertain) = (0, 0);
        let mut placed = 0;
        for batch in batches.as_array().unwrap() {
            assert_eq!(batch["state"], "ended", "seed {seed}: {batch}");
            let counts = &batch["counts"];
            let count = |name: &str| counts[name].as_u64().unwrap();
            assert_eq!(
                count("queued") + count("drawing") + count("to_place"),
                0,
                "seed {seed}: {batch}"
            );
            assert_eq!(
                count("failed") + count("refused") + count("not_placed"),
                0,
                "seed {seed}: {batch}"
            );
            (made, uncertain, placed) = (
                made + count("made"),
                uncertain + count("uncertain"),
                placed + count("placed"),
            );
        }
        assert_eq!(
            placed,
            PROMPTS.len() as u64,
            "seed {seed}: each scene was given one picture"
        );
        let paid = self.painter.paid().pictures as u64;
        assert!(
            paid <= made + uncertain,
            "seed {seed}: {paid} were paid for, {made} were made and {uncertain} may have been"
        );
        // An object that no row shows is one that the journal knows, and that goes to the trash.
        let host = self.bench.server.url().split_once("://").unwrap().1;
        let id: String = host
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .collect();
        let journal = Journal::open(&Home::at(self.home.path()).journal(&id)).unwrap();
        let retired: HashSet<String> = journal
            .retired()
            .unwrap()
            .into_iter()
            .map(|retired| retired.key)
            .collect();
        for variant in batches
            .as_array()
            .unwrap()
            .iter()
            .map(|batch| self.run(&["story", "batch", "show", batch["id"].as_str().unwrap()]).1)
            .flat_map(|shown| shown["variants"].as_array().cloned().unwrap_or_default())
        {
            let Some(key) = variant["stored_at"][1].as_str() else {
                continue;
            };
            let known = shown.contains(key) || retired.contains(key) || !stored.contains(key);
            assert!(known, "seed {seed}: {key} is stored, and nothing knows it");
        }
    }
}

#[test]
fn killed_at_any_moment_nothing_is_paid_twice_unseen_and_story_rows_and_bucket_agree() {
    let bench = Bench::new();
    let clean = bench.round(0);
    let begun = Instant::now();
    clean.json(&["story", "generate", &clean.story, "--missing", "--place"]);
    let took = begun.elapsed();
    clean.check();
    assert_eq!(
        clean.painter.paid().pictures,
        PROMPTS.len(),
        "a clean run pays for each picture once"
    );

    let (mut kills, mut in_the_middle) = (0, 0);
    // What is left of a batch takes less than all of it, and machines are not always as busy as in the clean run.
    let mut reach = took;
    for seed in seeds("STUDIO_KILL", 30) {
        let mut dice = Dice(seed);
        let round = bench.round(seed);
        for _ in 0..=dice.roll(3) {
            let moment = reach.mul_f64(dice.roll(1_000) as f64 / 1_000.0);
            kills += 1;
            let ended = round.kill_after(moment);
            in_the_middle += usize::from(!ended);
            reach = if ended {
                reach.mul_f64(0.8)
            } else {
                reach.mul_f64(1.1).min(took)
            };
        }
        round.finish();
        round.check();
    }
    // A few may all be too late.
    assert!(
        kills < 20 || in_the_middle * 2 > kills,
        "of {kills} kills only {in_the_middle} came before the end"
    );
}
