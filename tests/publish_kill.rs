//! The program is killed with SIGKILL at random moments while it publishes a story and while it replaces a picture, and started
//! again: the story is whole or not there, every place shows the same picture, and no object is there that nothing shows and
//! nobody knows of.
//!
//! Thirty seeds; `PUBLISH_KILL_SEEDS=1000` for a night, `PUBLISH_KILL_SEED=17` for one of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/chance.rs"]
mod chance;

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chance::{Dice, seeds};
use serde_json::Value;
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::Service;
use storymimi_studio::story::{Brief, Manuscript, ManuscriptScene, ManuscriptState, SceneId, Status, Story, StoryId};
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};

const SCENES: usize = 4;

/// A server, and the home of a program that works on it.
struct Bench {
    runtime: tokio::runtime::Runtime,
    server: Server,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path().join("server"), Secrets::supabase_defaults());
        let server = runtime.block_on(Server::start(config)).unwrap();
        Self {
            runtime,
            server,
            folder,
        }
    }

    fn home(&self) -> Home {
        Home::at(&self.folder.path().join("home"))
    }

    fn workspace(&self) -> Workspace {
        let key = ApiKey::parse(self.server.service_key()).unwrap();
        let provider = Provider::built_in(self.server.ai_base_url(), key.secret().clone());
        Workspace::project(ProjectUrl::parse(self.server.url()).unwrap(), key, provider)
    }

    /// The same work within the test, for what comes before a kill and after it.
    fn service(&self) -> Service {
        let handle = self.runtime.handle().clone();
        Service::open(self.workspace(), &self.home(), handle).unwrap().0
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
        command
            .args(words)
            .arg("--json")
            .env("STORYMIMI_HOME", self.folder.path().join("home"))
            .env("SUPABASE_URL", self.server.url())
            .env("SUPABASE_KEY", self.server.service_key())
            // No engine is asked for anything here.
            .env("STORYMIMI_AI_URL", "http://127.0.0.1:9/v1")
            .env_remove("RUST_BACKTRACE")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs one to its end.
    fn json(&self, words: &[&str]) -> Value {
        let output = self.command(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts one, and kills it after a while. Whether it had ended by itself.
    fn kill_after(&self, words: &[&str], moment: Duration) -> bool {
        let mut command = self.command(words);
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = quiet.spawn().unwrap();
        std::thread::sleep(moment);
        let ended = process.try_wait().unwrap().is_some();
        process.kill().unwrap();
        process.wait().unwrap();
        ended
    }

    /// An approved manuscript with pictures that an editor brought.
    fn manuscript(&self, seed: u64) -> Manuscript {
        let service = self.service();
        self.runtime.block_on(async {
            let brief = Brief::new(&format!("Pip {seed}"), "A fox", SCENES, 1).unwrap();
            let mut manuscript = Manuscript::new(brief);
            for index in 0..SCENES {
                let scene_id = SceneId::fresh();
                let bytes = picture(seed as u32 % 50, index as u32);
                let id = &manuscript.id;
                let chosen = service.bring_candidate(id, &scene_id, bytes, "x.png").await.unwrap();
                manuscript.scenes.push(ManuscriptScene {
                    scene_id,
                    title: String::new(),
                    text: format!("Page {index}."),
                    image_prompt: "a fox".to_owned(),
                    alt_text: "A fox".to_owned(),
                    chosen: Some(chosen),
                });
            }
            let saved = service.save_manuscript(&manuscript).await.unwrap();
            let approved = service.approve(&saved).await.unwrap();
            service.close().await;
            approved
        })
    }

    fn story(&self, id: &StoryId) -> Option<Story> {
        let service = self.service();
        self.runtime.block_on(async {
            service.settle_story(id).await.unwrap();
            let story = service.story(id).await.ok();
            service.close().await;
            story
        })
    }

    fn state(&self, id: &StoryId) -> ManuscriptState {
        let shown = self.json(&["story", "draft", "show", id.as_str()]);
        serde_json::from_value(shown["state"].clone()).unwrap()
    }

    /// No object is there that no story shows and whose time is not running out.
    fn check_objects(&self, seed: u64) {
        let journal = Journal::open(&self.home().journal(&self.workspace().id)).unwrap();
        let mut known: BTreeSet<String> = journal.retired().unwrap().into_iter().map(|note| note.key).collect();
        let service = self.service();
        let keys = self.runtime.block_on(async {
            for story in service.all_stories().await.unwrap() {
                let links = story.scenes.iter().filter_map(|scene| scene.image_url.clone());
                known.extend(links.chain(story.cover_image_url).map(|link| key_of(&link)));
            }
            let bucket = service.bucket().clone();
            let listed = service.objects(&bucket, "").await.unwrap();
            service.close().await;
            listed.into_iter().map(|entry| entry.key).collect::<BTreeSet<String>>()
        });
        let unknown: Vec<&String> = keys
            .iter()
            .filter(|key| !key.starts_with("_trash") && !known.contains(*key))
            .collect();
        assert!(unknown.is_empty(), "seed {seed}: nobody knows of {unknown:?}");
    }
}

fn key_of(link: &str) -> String {
    link.rsplit('/').next().unwrap().to_owned()
}

fn picture(width: u32, height: u32) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(width + 1, height + 1, image::Rgb([7, 8, 9]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner().into()
}

/// Kills a command a few times; how often, and how often it was not at its end.
fn kill(bench: &Bench, words: &[&str], dice: &mut Dice, reach: &mut Duration) -> (u32, u32) {
    let (mut kills, mut in_the_middle) = (0, 0);
    for _ in 0..=dice.roll(2) {
        let moment = reach.mul_f64(dice.roll(1_000) as f64 / 1_000.0);
        let ended = bench.kill_after(words, moment);
        kills += 1;
        in_the_middle += u32::from(!ended);
        // Machines are not always as busy as in the run that was measured.
        *reach = reach.mul_f64(if ended { 0.8 } else { 1.05 });
    }
    (kills, in_the_middle)
}

#[test]
fn killed_at_any_moment_story_rows_and_bucket_agree() {
    let bench = Bench::new();
    let clean = bench.manuscript(0);
    let begun = Instant::now();
    bench.json(&["story", "publish", clean.id.as_str()]);
    let mut publishing = begun.elapsed();
    let file = bench.folder.path().join("new.png");
    std::fs::write(&file, picture(60, 60)).unwrap();
    let file = file.to_str().unwrap();
    let begun = Instant::now();
    bench.json(&["story", "replace", clean.id.as_str(), "--scene", "1", "--file", file]);
    let mut replacing = begun.elapsed();

    let (mut kills, mut in_the_middle) = (0, 0);
    for seed in seeds("PUBLISH_KILL", 30) {
        let mut dice = Dice(seed);
        let manuscript = bench.manuscript(seed);
        let id = manuscript.id.as_str();
        let publish = ["story", "publish", id];
        let (count, middle) = kill(&bench, &publish, &mut dice, &mut publishing);
        (kills, in_the_middle) = (kills + count, in_the_middle + middle);
        // Shown as it is: a draft without a trace, one that is gone on with, or a whole story.
        let state = bench.state(&manuscript.id);
        if state == ManuscriptState::Draft {
            assert!(
                bench.story(&manuscript.id).is_none(),
                "seed {seed}: a draft has no rows"
            );
        }
        bench.json(&publish);
        let story = bench.story(&manuscript.id).unwrap();
        assert_eq!(
            (story.status, story.pictures()),
            (Status::Completed, SCENES),
            "seed {seed}"
        );
        assert_eq!(story.cover_image_url, story.scenes[0].image_url, "seed {seed}");
        assert_eq!(bench.state(&manuscript.id), ManuscriptState::Published, "seed {seed}");
        bench.check_objects(seed);

        let replace = ["story", "replace", id, "--scene", "1", "--file", file];
        let (count, middle) = kill(&bench, &replace, &mut dice, &mut replacing);
        (kills, in_the_middle) = (kills + count, in_the_middle + middle);
        let now = bench.story(&manuscript.id).unwrap();
        assert_eq!(
            now.cover_image_url, now.scenes[0].image_url,
            "seed {seed}: the cover follows"
        );
        bench.check_objects(seed);
        let done = bench.json(&replace);
        let now = bench.story(&manuscript.id).unwrap();
        assert_eq!(done["now"], now.scenes[0].image_url.clone().unwrap(), "seed {seed}");
        let undone = bench.json(&["story", "undo", id, "--scene", "1"]);
        let back = bench.story(&manuscript.id).unwrap();
        assert_eq!(undone["now"], back.scenes[0].image_url.clone().unwrap(), "seed {seed}");
        assert_eq!(
            back.cover_image_url, back.scenes[0].image_url,
            "seed {seed}: the cover is back"
        );
        bench.check_objects(seed);
    }
    // A few may all be too late.
    assert!(
        kills < 20 || in_the_middle * 2 > kills,
        "of {kills} kills only {in_the_middle} came before the end"
    );
}
