//! Two editors, each with a program and a journal of their own, work on the picture of one scene: whatever the order in which
//! their requests arrive, no update is lost, nobody is told what is not so, and no picture is lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/gate.rs"]
mod gate;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use gate::Turnstile;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use storymimi_studio::ai::Ai;
use storymimi_studio::http::Http;
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::story::{
    Brief, Manuscript, ManuscriptScene, Replaced, SceneId, Settings, Source, Stories, Story, StoryError, StoryId,
    picture_key,
};
use storymimi_studio::supabase::{BucketName, Class, NewBucket, ObjectKey, Supabase, Upload, url};
use storymimi_studio::transfer::trash::{Recovered, TrashError};
use storymimi_studio::workspace::{ApiKey, DEFAULT_KEY_TEMPLATE, ProjectUrl, Provider, Tables};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// What an editor does next.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Replaces the picture, after looking at the story again or as they last saw it.
    Replace { look: bool },
    /// Takes back one of their own replacements or undoings, by number.
    Undo(u8),
}

/// What the two of them do, what their programs do in the background (in hours from now, at which it is looked for what is
/// due), and in which order the requests pass.
#[derive(Clone, Debug)]
struct Play {
    editors: [Vec<Deed>; 2],
    keepers: [Vec<i64>; 2],
    schedule: Vec<u8>,
}

fn plays() -> impl Strategy<Value = Play> {
    let deed = prop_oneof![
        2 => any::<bool>().prop_map(|look| Deed::Replace { look }),
        1 => (0..3u8).prop_map(Deed::Undo),
    ];
    let deeds = || prop::collection::vec(deed.clone(), 1..5);
    let hours = || prop::collection::vec(prop_oneof![Just(0), Just(25), Just(25)], 0..4);
    let schedule = prop::collection::vec(any::<u8>(), 0..300);
    (deeds(), deeds(), hours(), hours(), schedule).prop_map(|(a, b, keeper_a, keeper_b, schedule)| Play {
        editors: [a, b],
        keepers: [keeper_a, keeper_b],
        schedule,
    })
}

/// One server for all plays; each has a story, journals and editors of its own.
struct Stage {
    _server: Server,
    _folder: TempDir,
    turnstile: Turnstile,
    url: ProjectUrl,
    key: ApiKey,
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static STAGE: LazyLock<Stage> = LazyLock::new(|| RUNTIME.block_on(Stage::set()));

fn bucket() -> BucketName {
    BucketName::parse("story-images").unwrap()
}

impl Stage {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
        let server = Server::start(Config::new(folder.path().join("local"), secrets))
            .await
            .unwrap();
        let turnstile = Turnstile::default();
        let url = gate::before(server.url(), turnstile.judge()).await;
        let stage = Self {
            url: ProjectUrl::parse(&url).unwrap(),
            key: ApiKey::parse(server.service_key()).unwrap(),
            turnstile,
            _server: server,
            _folder: folder,
        };
        let new = NewBucket {
            name: bucket(),
            public: true,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        stage.project().buckets().create(&new).await.unwrap();
        stage
    }

    fn project(&self) -> Supabase {
        Supabase::new(Http::new(Arc::default()).unwrap(), self.url.clone(), self.key.clone())
    }

    /// The program of an editor.
    fn program(&self, journal: Journal) -> Stories {
        let project = self.project();
        let provider = Provider::built_in("http://127.0.0.1:9/v1".to_owned(), self.key.secret().clone());
        let settings = Settings {
            bucket: bucket(),
            key_template: DEFAULT_KEY_TEMPLATE.to_owned(),
            user_id: None,
            operator: None,
            concurrent_pictures: 1,
            text_engine: String::new(),
            image_engine: String::new(),
            provider: String::new(),
            image_model: String::new(),
            tables: Tables::default(),
        };
        Stories::new(
            project.clone(),
            Ai::new(project.http().clone(), provider),
            journal,
            settings,
        )
    }

    /// A story of one scene with a picture, which is its cover, too.
    async fn story(&self, bytes: &Bytes) -> StoryId {
        let project = self.project();
        let (story, scene) = (StoryId::fresh(), SceneId::fresh());
        let key = picture_key(DEFAULT_KEY_TEMPLATE, &story, 0, "png").unwrap();
        let picture = url::public_url(&self.url, &bucket(), &key);
        let objects = project.bucket(&bucket());
        objects
            .upload(&key, bytes.clone(), &Upload::new("image/png"))
            .await
            .unwrap();
        let row = json!({
            "story_id": story, "title": "T", "prompt": "p", "status": "completed", "cover_image_url": picture,
        });
        let _: Vec<Value> = project.rest().from("stories").insert(&row).await.unwrap();
        let row = json!({
            "scene_id": scene, "story_id": story, "sequence": 0, "text": "Once.", "image_url": picture,
        });
        let _: Vec<Value> = project.rest().from("scenes").insert(&row).await.unwrap();
        story
    }
}

/// What was told to editors.
#[derive(Default)]
struct Told {
    /// From which picture to which the scene went.
    steps: Vec<(String, String)>,
    /// The bytes of each picture that was put there.
    pictures: HashMap<String, Bytes>,
    conflicts: usize,
}

fn picture(number: u32) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(number + 1, 1, image::Rgb([7, 8, 9]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner().into()
}

async fn edit(stories: &Stories, id: &StoryId, first: u32, deeds: &[Deed], told: &Mutex<Told>) {
    let mut seen: Option<Story> = None;
    let mut done: Vec<Replaced> = Vec::new();
    for (number, deed) in deeds.iter().enumerate() {
        let mut bytes = None;
        let result = match deed {
            Deed::Replace { look } => {
                let story = match seen.take().filter(|_| !look) {
                    Some(story) => story,
                    None => stories.get(id).await.unwrap(),
                };
                let new = bytes.insert(picture(first + number as u32)).clone();
                let source = Source::File {
                    bytes: new,
                    name: "x.png".to_owned(),
                };
                let scene = story.scenes[0].scene_id.clone();
                let result = stories.replace(&story, &scene, source, &CancellationToken::new()).await;
                seen = Some(story);
                result
            }
            Deed::Undo(_) if done.is_empty() => continue,
            Deed::Undo(which) => stories.put_back(&done[usize::from(*which) % done.len()]).await,
        };
        match result {
            Ok(replaced) => {
                assert_eq!(replaced.left_behind, None);
                let (before, now) = (replaced.before.clone().unwrap(), replaced.now.clone().unwrap());
                let mut told = told.lock().unwrap();
                told.pictures.extend(bytes.map(|bytes| (now.clone(), bytes)));
                told.steps.push((before, now));
                done.push(replaced);
            }
            Err(StoryError::Conflict) => told.lock().unwrap().conflicts += 1,
            // The background of this play puts the clock forward by a day between an upload and the look at it.
            Err(StoryError::Wire(error)) if error.class == Class::NotFound => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn keep(stories: &Stories, hours: &[i64]) {
    for hours in hours {
        let now = Timestamp::now() + SignedDuration::from_hours(*hours);
        match stories.retire_due(now).await {
            // Somebody fetched it back at the very moment.
            Ok(_) | Err(StoryError::Trash(TrashError::Unclear { .. })) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// There is one turnstile: the tests of this file take turns, too.
fn play_out(play: &Play) -> Told {
    alone(perform(&STAGE, play))
}

fn alone<T>(work: impl Future<Output = T>) -> T {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    LazyLock::force(&STAGE);
    RUNTIME.block_on(work)
}

async fn perform(stage: &Stage, play: &Play) -> Told {
    let told = Mutex::new(Told::default());
    let first = picture(0);
    let id = stage.story(&first).await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let journals = folders.each_ref().map(|folder| Journal::open(folder.path()).unwrap());
    let programs = journals.each_ref().map(|journal| stage.program(journal.clone()));
    let start = programs[0].get(&id).await.unwrap().scenes[0].image_url.clone().unwrap();
    told.lock().unwrap().pictures.insert(start.clone(), first);

    stage.turnstile.begin(4);
    let editor = async |number: usize| {
        let deeds = &play.editors[number];
        edit(&programs[number], &id, 100 * (number as u32 + 1), deeds, &told).await;
        stage.turnstile.done();
    };
    let keeper = async |number: usize| {
        keep(&programs[number], &play.keepers[number]).await;
        stage.turnstile.done();
    };
    tokio::join!(
        stage.turnstile.run(&play.schedule),
        editor(0),
        editor(1),
        keeper(0),
        keeper(1)
    );

    let told = told.into_inner().unwrap();
    let story = programs[0].get(&id).await.unwrap();
    let live = story.scenes[0].image_url.clone().unwrap();
    // Every success really went from one picture to the next, and nobody else's was overwritten on the way: what each picture was
    // put there and taken away balances, but for the first and the last.
    let mut balance: HashMap<&str, i32> = HashMap::new();
    for (before, now) in &told.steps {
        *balance.entry(before).or_default() -= 1;
        *balance.entry(now).or_default() += 1;
    }
    *balance.entry(&start).or_default() += 1;
    *balance.entry(&live).or_default() -= 1;
    assert!(balance.values().all(|count| *count == 0), "{balance:?}");
    assert_eq!(story.cover_image_url.as_ref(), Some(&live), "the cover follows");

    check_pictures(&programs, &told, &live).await;
    told
}

/// The live picture is what its editor put there, and every other one can be had again.
async fn check_pictures(programs: &[Stories; 2], told: &Told, live: &str) {
    let objects = STAGE.project().bucket(&bucket());
    let now = objects.download(&key_of(live)).await.unwrap();
    assert_eq!(now.bytes, told.pictures[live]);
    // A day and an hour later everything else is in the trash.
    for program in programs {
        let later = Timestamp::now() + SignedDuration::from_hours(25);
        program.retire_due(later).await.unwrap();
        assert_eq!(program.retired().await.unwrap(), []);
    }
    let now = objects.download(&key_of(live)).await.unwrap();
    assert_eq!(now.bytes, told.pictures[live], "what is shown stays");
    let kept: HashSet<String> = futures_util::future::join_all(programs.iter().map(|program| program.trash().list()))
        .await
        .into_iter()
        .flat_map(|records| records.unwrap().into_iter().map(|record| record.key))
        .collect();
    for (url, bytes) in told.pictures.iter().filter(|(url, _)| *url != live) {
        let key = key_of(url);
        assert!(!objects.exists(&key).await.unwrap(), "{key} is shown no more");
        assert!(kept.contains(key.as_str()), "one of the two knows where {key} is");
        assert_eq!(
            programs[0].trash().recover(&objects, &key).await.unwrap(),
            Recovered::Returned
        );
        assert_eq!(objects.download(&key).await.unwrap().bytes, *bytes);
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(32)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_update_and_no_picture_is_lost(play in plays()) {
        play_out(&play);
    }
}

#[test]
fn of_two_who_replace_at_once_one_is_told() {
    let play = Play {
        editors: [vec![Deed::Replace { look: true }], vec![Deed::Replace { look: true }]],
        keepers: [Vec::new(), Vec::new()],
        // Whoever came first has their turn, so both look before one of them changes anything.
        schedule: Vec::new(),
    };
    let told = play_out(&play);
    assert_eq!((told.steps.len(), told.conflicts), (1, 1));
}

/// A program, its story, and what keeps its journal.
async fn editor() -> (Stories, StoryId, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let stories = STAGE.program(Journal::open(folder.path()).unwrap());
    (stories, STAGE.story(&picture(0)).await, folder)
}

async fn replace(stories: &Stories, id: &StoryId, side: u32) -> Replaced {
    let story = stories.get(id).await.unwrap();
    let source = Source::File {
        bytes: picture(side),
        name: "x.png".to_owned(),
    };
    let scene = &story.scenes[0].scene_id;
    stories
        .replace(&story, scene, source, &CancellationToken::new())
        .await
        .unwrap()
}

fn tomorrow() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(25)
}

fn key_of(url: &str) -> ObjectKey {
    ObjectKey::parse(url.rsplit('/').next().unwrap()).unwrap()
}

#[test]
fn a_replaced_picture_goes_to_the_trash_after_a_day_and_comes_back_from_there() {
    alone(async {
        let (stories, id, _folder) = editor().await;
        let objects = STAGE.project().bucket(&bucket());
        let replaced = replace(&stories, &id, 5).await;
        let before = replaced.before.clone().unwrap();
        assert_eq!(
            stories.retired().await.unwrap().len(),
            1,
            "the new one is shown, the old one is waiting"
        );
        assert!(stories.retire_due(Timestamp::now()).await.unwrap().trashed.is_empty());
        assert!(objects.exists(&key_of(&before)).await.unwrap());

        // Taken back within the day, nothing happens to it; the other one goes.
        let undone = stories.put_back(&replaced).await.unwrap();
        let done = stories.retire_due(tomorrow()).await.unwrap();
        let gone: Vec<&str> = done.trashed.iter().map(|record| record.key.as_str()).collect();
        assert_eq!(gone, [key_of(undone.before.as_deref().unwrap()).as_str()]);
        assert!(objects.exists(&key_of(&before)).await.unwrap());

        // Taken back again, it comes from the trash, and is what it was.
        let again = stories.put_back(&undone).await.unwrap();
        assert_eq!(again.now, replaced.now);
        let now = again.now.unwrap();
        assert_eq!(objects.download(&key_of(&now)).await.unwrap().bytes, picture(5));
        let story = stories.get(&id).await.unwrap();
        assert_eq!(
            (story.scenes[0].image_url.as_ref(), story.cover_image_url.as_ref()),
            (Some(&now), Some(&now))
        );
        assert_eq!(stories.trash().list().await.unwrap(), []);
    });
}

#[test]
fn what_something_else_shows_or_may_show_stays() {
    alone(async {
        let (stories, id, _folder) = editor().await;
        let rest = STAGE.project().rest();
        let objects = STAGE.project().bucket(&bucket());
        // Another story's cover shows the picture in another size.
        let replaced = replace(&stories, &id, 5).await;
        let before = replaced.before.unwrap();
        let resized = before.replace("/object/public/", "/render/image/public/") + "?width=200";
        let row = json!({
            "story_id": StoryId::fresh(), "title": "Copy", "prompt": "p", "status": "completed", "cover_image_url": resized,
        });
        let _: Vec<Value> = rest.from("stories").insert(&row).await.unwrap();
        let done = stories.retire_due(tomorrow()).await.unwrap();
        assert_eq!((done.trashed.len(), done.left), (0, 1));
        assert!(objects.exists(&key_of(&before)).await.unwrap());

        // A scene showed what is no picture of a scene: it may be in use where no row tells.
        let logo = ObjectKey::parse("logo.png").unwrap();
        let how = Upload {
            upsert: true,
            ..Upload::new("image/png")
        };
        objects.upload(&logo, picture(3), &how).await.unwrap();
        let patch = json!({ "image_url": url::public_url(&STAGE.url, &bucket(), &logo) });
        let scene = stories.get(&id).await.unwrap().scenes[0].scene_id.clone();
        let _: Vec<Value> = rest.from("scenes").eq("scene_id", &scene).update(&patch).await.unwrap();
        let replaced = replace(&stories, &id, 6).await;
        assert!(stories.retire_due(tomorrow()).await.unwrap().trashed.is_empty());
        assert!(objects.exists(&logo).await.unwrap());

        // Of a story that was deleted there is nothing to be put back, and nobody is blamed for it.
        let _: Vec<Value> = rest.from("stories").eq("story_id", &id).delete().await.unwrap();
        let error = stories.put_back(&replaced).await.unwrap_err();
        assert!(matches!(error, StoryError::NoSuchScene { .. }), "{error}");
    });
}

/// A draft of one scene, as nobody has saved it yet.
fn draft() -> Manuscript {
    let mut draft = Manuscript::new(Brief::new("T", "p", 1, 1).unwrap());
    draft.scenes.push(ManuscriptScene {
        scene_id: SceneId::fresh(),
        title: "One".to_owned(),
        text: "Once.".to_owned(),
        image_prompt: "a fox".to_owned(),
        alt_text: "A fox".to_owned(),
        chosen: None,
    });
    draft
}

fn is_changed<T: std::fmt::Debug>(result: &Result<T, StoryError>) -> bool {
    matches!(result, Err(StoryError::ManuscriptChanged(_)))
}

#[test]
fn of_two_who_edit_one_draft_the_second_is_told_and_the_first_is_kept() {
    alone(async {
        // Two windows on one computer: drafts are nowhere else.
        let folder = tempfile::tempdir().unwrap();
        let windows = [(); 2].map(|()| STAGE.program(Journal::open(folder.path()).unwrap()));
        let first = windows[0].save_manuscript(&draft()).await.unwrap();
        let mut ours = windows[0].manuscript(&first.id).await.unwrap();
        let mut theirs = windows[1].manuscript(&first.id).await.unwrap();
        assert_eq!((ours.version, &ours.scenes), (first.version, &theirs.scenes));

        theirs.scenes[0].text = "Twice.".to_owned();
        let kept = windows[1].save_manuscript(&theirs).await.unwrap();
        ours.scenes[0].text = "Never.".to_owned();
        assert!(is_changed(&windows[0].save_manuscript(&ours).await));
        // What was not seen is neither approved of nor forgotten, and an older copy is not saved as if it were a new draft.
        assert!(is_changed(&windows[0].approve(&first).await));
        assert!(is_changed(&windows[0].discard_manuscript(&first).await));
        let claims = Manuscript {
            version: 0,
            ..ours.clone()
        };
        assert!(is_changed(&windows[0].save_manuscript(&claims).await));
        let there = windows[0].manuscript(&first.id).await.unwrap();
        assert_eq!((there.version, there.scenes), (kept.version, kept.scenes.clone()));

        // Read again, it is saved; discarded by one, the other's copy does not bring it back.
        ours.version = kept.version;
        let ours = windows[0].save_manuscript(&ours).await.unwrap();
        windows[1].discard_manuscript(&ours).await.unwrap();
        assert!(is_changed(&windows[0].save_manuscript(&ours).await));
        assert!(windows[0].manuscripts().await.unwrap().is_empty());
    });
}

#[test]
fn of_two_who_save_one_draft_at_once_one_is_told() {
    alone(async {
        let folder = tempfile::tempdir().unwrap();
        let windows = [(); 2].map(|()| STAGE.program(Journal::open(folder.path()).unwrap()));
        let mut seen = windows[0].save_manuscript(&draft()).await.unwrap();
        for round in 0..20 {
            let [a, b] = ["a", "b"].map(|who| {
                let mut copy = seen.clone();
                copy.scenes[0].text = format!("{who} {round}");
                copy
            });
            let (a, b) = tokio::join!(windows[0].save_manuscript(&a), windows[1].save_manuscript(&b));
            assert!(is_changed(&a) != is_changed(&b), "round {round}: {a:?}, {b:?}");
            let saved = a.or(b).unwrap();
            seen = windows[0].manuscript(&seen.id).await.unwrap();
            assert_eq!(seen.scenes, saved.scenes, "round {round}: what was told is so");
        }
    });
}
