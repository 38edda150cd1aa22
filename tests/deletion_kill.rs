//! A story is deleted and had back by the program. Its public copies go with it, or stay and are said to. And the program is killed with
//! SIGKILL at random moments while it does either, and started again: story, copies and bucket agree, or the journal knows of it and
//! the next one goes on; nothing of it is lost.
//!
//! Twenty seeds; `DELETION_KILL_SEEDS=1000` for a night, `DELETION_KILL_SEED=17` for one of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/chance.rs"]
mod chance;

use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chance::{Dice, seeds};
use serde_json::{Value, json};
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::journal::{DeletedStage, Journal};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::story::picture_key;
use storymimi_studio::story::{SceneId, StoryId};
use storymimi_studio::supabase::{BucketName, NewBucket, Supabase, Upload, url};
use storymimi_studio::workspace::{ApiKey, DEFAULT_KEY_TEMPLATE, Home, ProjectUrl};

const SCENES: usize = 4;

/// A server, and the home of a program that works on it.
struct Bench {
    runtime: tokio::runtime::Runtime,
    server: Server,
    project: Supabase,
    bucket: BucketName,
    folder: tempfile::TempDir,
}

/// All that the project has of a story.
#[derive(Debug, PartialEq)]
struct Whole {
    story: Vec<Value>,
    scenes: Vec<Value>,
    copies: Vec<Value>,
    keys: BTreeSet<String>,
}

/// A story with its pictures and two public copies, which show the first two of them.
struct Told {
    id: StoryId,
    keys: BTreeSet<String>,
    copies: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path().join("server"), Secrets::supabase_defaults());
        let server = runtime.block_on(Server::start(config)).unwrap();
        let project = Supabase::new(
            Http::new(Arc::new(Transcript::default())).unwrap(),
            ProjectUrl::parse(server.url()).unwrap(),
            ApiKey::parse(server.service_key()).unwrap(),
        );
        let bucket = BucketName::parse("story-images").unwrap();
        let new = NewBucket {
            name: bucket.clone(),
            public: true,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        runtime.block_on(project.buckets().create(&new)).unwrap();
        Self {
            runtime,
            server,
            project,
            bucket,
            folder,
        }
    }

    fn tell(&self, title: &str) -> Told {
        let id = StoryId::fresh();
        self.runtime.block_on(async {
            let (mut keys, mut links) = (BTreeSet::new(), Vec::new());
            for index in 0..SCENES {
                let key = picture_key(DEFAULT_KEY_TEMPLATE, &id, index, "png").unwrap();
                let objects = self.project.bucket(&self.bucket);
                let upload = Upload::new("image/png");
                objects.upload(&key, picture(index as u32), &upload).await.unwrap();
                links.push(url::public_url(self.project.url(), &self.bucket, &key));
                keys.insert(key.to_string());
            }
            let story =
                json!({ "story_id": id, "title": title, "prompt": "p", "status": "completed", "cover_image_url": links[0] });
            self.insert("stories", json!(story)).await;
            let scenes = links.iter().enumerate().map(|(index, link)| {
                json!({ "scene_id": SceneId::fresh(), "story_id": id, "sequence": index, "text": "Once.", "image_url": link })
            });
            self.insert("scenes", scenes.collect()).await;
            let copy = |title: String, link: &str| {
                let scenes = [json!({ "sequence": 0, "text": "Once.", "image_url": link, "mood": 7 })];
                json!({ "title": title, "cover_image_url": link, "scenes": scenes })
            };
            let copies = json!([copy(title.to_owned(), &links[0]), copy(format!("{title} for all"), &links[1])]);
            let rows = self.insert("public_stories", copies).await;
            let copies = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
            Told { id, keys, copies }
        })
    }

    async fn insert(&self, table: &str, rows: Value) -> Vec<Value> {
        self.project.rest().from(table).insert(&rows).await.unwrap()
    }

    /// What the project has of a story.
    fn whole(&self, told: &Told) -> Whole {
        self.runtime.block_on(async {
            let rest = self.project.rest();
            let of_story = |table: &str| rest.from(table).select("*").eq("story_id", &told.id);
            let mut scenes: Vec<Value> = of_story("scenes").fetch().await.unwrap();
            scenes.sort_by_key(|scene| scene["sequence"].as_u64());
            let mut copies = Vec::new();
            for copy in &told.copies {
                let rows: Vec<Value> = rest
                    .from("public_stories")
                    .select("*")
                    .eq("id", copy)
                    .fetch()
                    .await
                    .unwrap();
                copies.extend(rows);
            }
            let listed = self.project.bucket(&self.bucket).list_all("").await.unwrap();
            Whole {
                story: of_story("stories").fetch().await.unwrap(),
                scenes,
                copies,
                keys: listed
                    .into_iter()
                    .map(|entry| entry.key)
                    .filter(|key| told.keys.contains(key))
                    .collect(),
            }
        })
    }

    /// How far the deletion of a story is, as the journal knows it.
    fn stage(&self, told: &Told) -> Option<DeletedStage> {
        let host = self.server.url().split_once("://").unwrap().1;
        let id: String = host
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .collect();
        let home = Home::at(&self.folder.path().join("home"));
        let journal = Journal::open(&home.journal(&id)).unwrap();
        journal.deleted_story(told.id.as_str()).unwrap().map(|row| row.stage)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
        command
            .args(words)
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

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What a command prints for people, if it succeeds.
    fn says(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Starts a command a few times, and kills it each time after a while. How often, and how often it had not ended by itself.
    fn kill(&self, words: &[&str], dice: &mut Dice, reach: &mut Duration) -> (u32, u32) {
        let (mut kills, mut in_the_middle) = (0, 0);
        for _ in 0..=dice.roll(2) {
            let mut command = self.command(words);
            let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
            let mut process = quiet.spawn().unwrap();
            std::thread::sleep(reach.mul_f64(dice.roll(1_000) as f64 / 1_000.0));
            let ended = process.try_wait().unwrap().is_some();
            process.kill().unwrap();
            process.wait().unwrap();
            kills += 1;
            in_the_middle += u32::from(!ended);
            // Machines are not always as busy as in the run that was measured.
            *reach = reach.mul_f64(if ended { 0.8 } else { 1.05 });
        }
        (kills, in_the_middle)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn picture(number: u32) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(number + 1, 7, image::Rgb([7, 8, 9]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner().into()
}

#[test]
fn public_copies_stay_and_are_said_to_or_go_with_their_story() {
    let bench = Bench::new();
    let told = bench.tell("Pip");
    let before = bench.whole(&told);
    let id = told.id.as_str();

    // What is only asked for changes nothing.
    let plan = bench.run(&["story", "delete", id, "--keep-copies"]);
    assert_eq!(plan.status.code(), Some(1));
    let said = text(&plan.stdout);
    assert!(
        !said.contains("goes with it") && said.contains("“Pip for all”, 1 scene"),
        "{said}"
    );
    // Each is named with what becomes of it, and so is what the copies show.
    let stay = said.lines().filter(|line| line.trim_end().ends_with(" stays"));
    assert_eq!(stay.count(), 2, "{said}");
    assert_eq!(said.matches("goes to the trash").count(), SCENES - 2, "{said}");
    assert_eq!(
        said.matches("stays: another story or a public copy shows it").count(),
        2,
        "{said}"
    );
    assert_eq!(bench.whole(&told), before);

    let said = bench.says(&["story", "delete", id, "--keep-copies", "--yes"]);
    assert!(
        said.contains("“Pip” is gone, and 2 pictures with it. Its 2 public copies stay, with what they show."),
        "{said}"
    );
    let kept = bench.whole(&told);
    assert_eq!((kept.story.len(), kept.scenes.len()), (0, 0));
    assert_eq!(kept.copies, before.copies, "not a column of them was changed");
    let shown: Vec<&str> = kept
        .copies
        .iter()
        .map(|copy| copy["cover_image_url"].as_str().unwrap())
        .collect();
    assert_eq!(kept.keys.len(), 2);
    assert!(
        kept.keys
            .iter()
            .all(|key| shown.iter().any(|link| link.ends_with(key.as_str()))),
        "{kept:?}"
    );
    bench.says(&["story", "undo", id]);
    assert_eq!(bench.whole(&told), before);

    let plan = text(&bench.run(&["story", "delete", id]).stdout);
    assert_eq!(plan.matches("goes with it").count(), 2, "{plan}");
    let said = bench.says(&["story", "delete", id, "--yes"]);
    assert!(
        said.contains("“Pip” is gone, and 4 pictures and 2 public copies with it. Have it back"),
        "{said}"
    );
    let gone = bench.whole(&told);
    assert_eq!(
        (gone.story.len(), gone.scenes.len(), gone.copies.len(), gone.keys.len()),
        (0, 0, 0, 0)
    );
    bench.says(&["story", "undo", id]);
    assert_eq!(bench.whole(&told), before, "copies and pictures come back with it");
}

/// A difference between rows and bucket is one that the journal knows, so that the next program goes on with it.
fn check_known(bench: &Bench, told: &Told, before: &Whole, with_copies: bool, seed: u64) {
    let (stage, now) = (bench.stage(told), bench.whole(told));
    match stage {
        None => assert_eq!(now, *before, "seed {seed}: nothing is begun"),
        Some(DeletedStage::Gone) => check_gone(&now, before, with_copies, seed),
        Some(DeletedStage::Meant | DeletedStage::Returning) => {}
    }
}

fn check_gone(now: &Whole, before: &Whole, with_copies: bool, seed: u64) {
    assert_eq!((now.story.len(), now.scenes.len()), (0, 0), "seed {seed}");
    if with_copies {
        assert_eq!(
            (now.copies.len(), now.keys.len()),
            (0, 0),
            "seed {seed}: the copies are gone too"
        );
    } else {
        assert_eq!(now.copies, before.copies, "seed {seed}: the copies stay");
        assert_eq!(now.keys.len(), 2, "seed {seed}: what they show stays");
    }
}

/// Runs a command until what it is about is as wanted: the next program may have come to the end of what was left before it is asked.
fn finish(bench: &Bench, words: &[&str], is_done: impl Fn() -> bool, seed: u64) {
    let mut said = String::new();
    for _ in 0..5 {
        let output = bench.run(words);
        said = text(&output.stderr);
        if is_done() {
            return;
        }
        assert!(
            !output.status.success(),
            "seed {seed}: {words:?} says that it is done: {said}"
        );
    }
    panic!("seed {seed}: {words:?}: {said}");
}

#[test]
fn killed_at_any_moment_a_deletion_and_its_return_come_to_their_end_and_lose_nothing() {
    let bench = Bench::new();
    let clean = bench.tell("Clean");
    let begun = Instant::now();
    bench.says(&["story", "delete", clean.id.as_str(), "--yes"]);
    let mut deleting = begun.elapsed();
    let begun = Instant::now();
    bench.says(&["story", "undo", clean.id.as_str()]);
    let mut returning = begun.elapsed();

    let (mut kills, mut in_the_middle) = (0, 0);
    for seed in seeds("DELETION_KILL", 20) {
        let mut dice = Dice(seed);
        let told = bench.tell(&format!("Pip {seed}"));
        let before = bench.whole(&told);
        let id = told.id.as_str();
        let with_copies = dice.roll(3) > 0;
        let delete: &[&str] = match with_copies {
            true => &["story", "delete", id, "--yes"],
            false => &["story", "delete", id, "--yes", "--keep-copies"],
        };
        let undo = ["story", "undo", id];
        let (count, middle) = bench.kill(delete, &mut dice, &mut deleting);
        (kills, in_the_middle) = (kills + count, in_the_middle + middle);
        check_known(&bench, &told, &before, with_copies, seed);
        // Somebody thinks better of it, or asks for it once more.
        if dice.roll(3) > 0 || bench.stage(&told).is_none() {
            finish(&bench, delete, || bench.stage(&told) == Some(DeletedStage::Gone), seed);
            check_gone(&bench.whole(&told), &before, with_copies, seed);
        }

        let (count, middle) = bench.kill(&undo, &mut dice, &mut returning);
        (kills, in_the_middle) = (kills + count, in_the_middle + middle);
        check_known(&bench, &told, &before, with_copies, seed);
        if dice.roll(3) == 0 {
            finish(&bench, delete, || bench.stage(&told) == Some(DeletedStage::Gone), seed);
        }
        finish(&bench, &undo, || bench.stage(&told).is_none(), seed);
        assert_eq!(bench.whole(&told), before, "seed {seed}: it is as it was");
    }
    // A few may all be too late.
    assert!(
        kills < 20 || in_the_middle * 2 > kills,
        "of {kills} kills only {in_the_middle} came before the end"
    );
}
