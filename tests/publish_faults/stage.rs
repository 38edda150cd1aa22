//! A project whose line does one bad thing at one request, and programs that work on it, each killed or not.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use storymimi_studio::ai::Ai;
use storymimi_studio::http::{Http, Options, RetryPolicy};
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::story::{
    Brief, Manuscript, ManuscriptScene, SceneId, Settings, Stories, Story, StoryId, picture_key,
};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Supabase, Upload, url};
use storymimi_studio::workspace::{ApiKey, DEFAULT_KEY_TEMPLATE, ProjectUrl, Provider, Tables};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::counting::Proxy;

/// What happens to one request of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The program is killed before it arrives.
    KilledBefore,
    /// The program is killed after it was carried out.
    KilledAfter,
    /// It is carried out, and the answer breaks off.
    LostAnswer,
    /// It is refused, and nothing is done.
    Refused,
}

pub const BLOWS: [Blow; 4] = [Blow::KilledBefore, Blow::KilledAfter, Blow::LostAnswer, Blow::Refused];

#[derive(Default)]
struct Line {
    /// The request at which something happens, counted from 0; None: nothing does.
    at: Option<(usize, Blow)>,
    seen: usize,
}

/// One server for all plays, each with a story and journals of its own.
pub struct Stage {
    _server: Server,
    proxy: Proxy,
    key: ApiKey,
    line: Arc<Mutex<Line>>,
    killed: Arc<Notify>,
    _folder: TempDir,
}

pub fn bucket() -> BucketName {
    BucketName::parse("story-images").unwrap()
}

impl Stage {
    pub async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
        let server = Server::start(Config::new(folder.path().join("local"), secrets))
            .await
            .unwrap();
        let line = Arc::<Mutex<Line>>::default();
        let killed = Arc::new(Notify::new());
        let (judged, kill) = (Arc::clone(&line), Arc::clone(&killed));
        let proxy = Proxy::spoiling(server.url(), move |server, asked| {
            let blow = {
                let mut line = judged.lock().unwrap();
                let number = line.seen;
                line.seen += 1;
                line.at.filter(|(at, _)| *at == number).map(|(_, blow)| blow)
            };
            let kill = Arc::clone(&kill);
            Box::pin(async move {
                match blow {
                    None => server.pass(&asked).await,
                    Some(Blow::KilledBefore) => {
                        kill.notify_one();
                        std::future::pending().await
                    }
                    Some(Blow::KilledAfter) => {
                        server.pass(&asked).await;
                        kill.notify_one();
                        std::future::pending().await
                    }
                    Some(Blow::LostAnswer) => {
                        server.pass(&asked).await;
                        cut_off()
                    }
                    Some(Blow::Refused) => refusal(),
                }
            })
        })
        .await;
        let stage = Self {
            proxy,
            key: ApiKey::parse(server.service_key()).unwrap(),
            _server: server,
            line,
            killed,
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

    pub fn project(&self) -> Supabase {
        let options = Options {
            retry: RetryPolicy {
                jitter: || 0.0,
                ..RetryPolicy::default()
            },
            ..Options::default()
        };
        let http = Http::with_options(Arc::default(), options).unwrap();
        Supabase::new(http, ProjectUrl::parse(&self.proxy.url).unwrap(), self.key.clone())
    }

    /// A program on a journal.
    pub fn program(&self, folder: &TempDir) -> Stories {
        let project = self.project();
        let provider = Provider::built_in("http://127.0.0.1:9/v1".to_owned(), self.key.secret().clone());
        let settings = Settings {
            bucket: bucket(),
            key_template: DEFAULT_KEY_TEMPLATE.to_owned(),
            user_id: None,
            operator: Some("ada@example.org".to_owned()),
            concurrent_pictures: 2,
            text_engine: String::new(),
            image_engine: String::new(),
            provider: String::new(),
            image_model: String::new(),
            tables: Tables::default(),
        };
        let ai = Ai::new(project.http().clone(), provider);
        Stories::new(project, ai, Journal::open(folder.path()).unwrap(), settings)
    }

    /// Lets a program work until it ends, or until the blow kills it: None then. Whether the blow fell is the second answer.
    pub async fn struck<T>(&self, at: usize, blow: Blow, work: impl Future<Output = T>) -> (Option<T>, bool) {
        *self.line.lock().unwrap() = Line {
            at: Some((at, blow)),
            seen: 0,
        };
        let ended = tokio::select! {
            ended = work => Some(ended),
            () = self.killed.notified() => None,
        };
        let mut line = self.line.lock().unwrap();
        let fell = line.seen > at;
        line.at = None;
        (ended, fell)
    }

    /// A published story of two scenes, the first of which is the cover, with a public copy.
    pub async fn story(&self) -> StoryId {
        let project = self.project();
        let story = StoryId::fresh();
        let mut links = Vec::new();
        for index in 0..2 {
            let key = picture_key(DEFAULT_KEY_TEMPLATE, &story, index, "png").unwrap();
            let upload = Upload::new("image/png");
            let objects = project.bucket(&bucket());
            objects.upload(&key, picture(index as u32), &upload).await.unwrap();
            links.push(url::public_url(project.url(), &bucket(), &key));
        }
        let row = json!({
            "story_id": story, "title": "T", "prompt": "p", "status": "completed", "cover_image_url": links[0],
        });
        let _: Vec<Value> = project.rest().from("stories").insert(&row).await.unwrap();
        let rows: Vec<Value> = links
            .iter()
            .enumerate()
            .map(|(index, link)| {
                json!({
                    "scene_id": SceneId::fresh(), "story_id": story, "sequence": index, "text": "Once.",
                    "image_url": link,
                })
            })
            .collect();
        let _: Vec<Value> = project.rest().from("scenes").insert(&rows).await.unwrap();
        story
    }

    /// A public copy of a story, as the service makes them: scenes within the row, the link in another form.
    pub async fn copy(&self, story: &Story) -> Value {
        let scenes: Vec<Value> = story
            .scenes
            .iter()
            .map(
                |scene| json!({ "sequence": scene.index, "text": scene.text, "image_url": scene.image_url, "mood": 7 }),
            )
            .collect();
        let cover = format!("{}?", story.cover_image_url.as_deref().unwrap());
        let row = json!({ "title": story.title, "cover_image_url": cover, "scenes": scenes });
        let rows: Vec<Value> = self.project().rest().from("public_stories").insert(&row).await.unwrap();
        rows[0]["id"].clone()
    }

    /// The row of a public copy, if it is there.
    pub async fn row_of_copy(&self, id: &Value) -> Option<Value> {
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let project = self.project();
        let rows: Vec<Value> = project
            .rest()
            .from("public_stories")
            .select("*")
            .eq("id", id)
            .fetch()
            .await
            .unwrap();
        rows.into_iter().next()
    }

    /// The links of a public copy: its cover, and those of its scenes.
    pub async fn links_of_copy(&self, id: &Value) -> Vec<String> {
        let row = self.row_of_copy(id).await.unwrap();
        let scenes = row["scenes"].as_array().unwrap();
        assert!(
            scenes.iter().all(|scene| scene["mood"] == 7),
            "what we do not know stays"
        );
        let mut links = vec![row["cover_image_url"].as_str().unwrap().to_owned()];
        links.extend(
            scenes
                .iter()
                .map(|scene| scene["image_url"].as_str().unwrap().to_owned()),
        );
        links
    }

    /// An approved manuscript of two scenes, each with a picture that an editor brought.
    pub async fn manuscript(&self, stories: &Stories) -> Manuscript {
        let brief = Brief::new("Pip", "A fox", 2, 1).unwrap();
        let mut manuscript = Manuscript::new(brief);
        for index in 0..2_u32 {
            let scene_id = SceneId::fresh();
            let variants = stories.variants();
            let name = format!("{index}.png");
            let chosen = variants
                .bring(&manuscript.id, &scene_id, picture(index), &name)
                .await
                .unwrap();
            manuscript.scenes.push(ManuscriptScene {
                scene_id,
                title: format!("Scene {index}"),
                text: "Once.".to_owned(),
                image_prompt: "a fox".to_owned(),
                alt_text: "A fox".to_owned(),
                chosen: Some(chosen),
            });
        }
        let saved = stories.save_manuscript(&manuscript).await.unwrap();
        stories.approve(&saved).await.unwrap()
    }

    /// The keys of objects that are in their places, below a scene's name.
    pub async fn keys(&self) -> BTreeSet<String> {
        let listed = self.project().bucket(&bucket()).list_all("").await.unwrap();
        let keys = listed.into_iter().map(|entry| entry.key);
        keys.filter(|key| !key.starts_with("_trash/")).collect()
    }

    /// Removes what a play has left, so that the next one begins in an empty project.
    pub async fn clear(&self) {
        let objects = self.project().bucket(&bucket());
        for entry in objects.list_all("").await.unwrap() {
            objects
                .remove_one(&ObjectKey::parse(&entry.key).unwrap())
                .await
                .unwrap();
        }
        for (table, key) in [
            ("scenes", "scene_id"),
            ("stories", "story_id"),
            ("public_stories", "id"),
        ] {
            let rest = self.project().rest();
            let rows: Vec<Value> = rest.from(table).select(key).fetch().await.unwrap();
            for row in rows {
                let id = row[key].as_str().map_or_else(|| row[key].to_string(), str::to_owned);
                let _: Vec<Value> = rest.from(table).eq(key, id).delete().await.unwrap();
            }
        }
    }
}

/// What is done at the next start of a program, and a day later.
pub async fn settle(stories: &Stories) {
    stories.settle_replacements().await.unwrap();
    stories.settle_publications().await.unwrap();
    stories.settle_deletions(Timestamp::now()).await.unwrap();
    let later = Timestamp::now() + SignedDuration::from_hours(25);
    stories.retire_due(later).await.unwrap();
    assert_eq!(stories.unfinished_replacements().await.unwrap(), []);
}

pub fn picture(number: u32) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(number + 1, 1, image::Rgb([7, 8, 9]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner().into()
}

pub fn key_of(link: &str) -> String {
    link.trim_end_matches('?').rsplit('/').next().unwrap().to_owned()
}

/// An answer that breaks off.
fn cut_off() -> Response {
    let pieces = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("cut off"))];
    Response::new(Body::from_stream(futures_util::stream::iter(pieces)))
}

/// As a policy refuses, whichever API is asked.
fn refusal() -> Response {
    let body = json!({
        "code": "42501", "message": "new row violates row-level security policy", "statusCode": "403", "error": "Unauthorized",
    });
    (StatusCode::FORBIDDEN, axum::Json(body)).into_response()
}
