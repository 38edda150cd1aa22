//! Projects laid out as others have made them, with rows as others have written them.

use bytes::Bytes;
use serde_json::{Value, json};
use storymimi_studio::ai::Ai;
use storymimi_studio::http::Http;
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, Secrets, Server, TableLayout};
use storymimi_studio::service::{EventReceiver, Service};
use storymimi_studio::story::{Settings, Stories};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Supabase, Upload};
use storymimi_studio::workspace::Home;
use tempfile::TempDir;

use crate::support::project::{png, workspace};

/// A project of a layout, and the program's work on it.
pub struct LaidOut {
    pub service: Service,
    pub supabase: Supabase,
    pub server: Server,
    pub folder: TempDir,
    _events: EventReceiver,
}

/// Every layout that stories are read from.
pub const ALL: [TableLayout; 7] = [
    TableLayout::Usual,
    TableLayout::Backend,
    TableLayout::Guide,
    TableLayout::Numbered,
    TableLayout::Unrelated,
    TableLayout::PublicOnly,
    TableLayout::TextColumn,
];

impl LaidOut {
    pub async fn start(tables: TableLayout) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
        let config = Config {
            tables,
            ..Config::new(folder.path().join("local"), secrets)
        };
        let server = Server::start(config).await.unwrap();
        let workspace = workspace(&server);
        let http = Http::new(std::sync::Arc::default()).unwrap();
        let supabase = Supabase::new(http, workspace.url.clone(), workspace.key.clone());
        let (service, events) = open(&server, folder.path());
        Self {
            service,
            supabase,
            server,
            folder,
            _events: events,
        }
    }

    /// The same project, opened by another editor.
    pub fn another(&self, name: &str) -> (Service, EventReceiver) {
        open(&self.server, &self.folder.path().join(name))
    }

    /// The story service itself, for what the program's faces do not ask for by itself.
    pub fn stories(&self) -> Stories {
        let workspace = workspace(&self.server);
        let http = Http::new(std::sync::Arc::default()).unwrap();
        let settings = Settings {
            bucket: BucketName::parse(&workspace.bucket).unwrap(),
            key_template: workspace.key_template.clone(),
            user_id: None,
            operator: None,
            concurrent_pictures: 1,
            text_engine: String::new(),
            image_engine: String::new(),
            provider: String::new(),
            image_model: String::new(),
            tables: workspace.tables.clone(),
        };
        let journal = Journal::open(&self.folder.path().join("journal")).unwrap();
        let ai = Ai::new(http, workspace.provider);
        Stories::new(self.supabase.clone(), ai, journal, settings)
    }

    pub async fn insert(&self, table: &str, rows: Value) -> Vec<Value> {
        self.supabase.rest().from(table).insert(&rows).await.unwrap()
    }

    pub async fn rows(&self, table: &str, column: &str, id: &str) -> Vec<Value> {
        self.supabase
            .rest()
            .from(table)
            .select("*")
            .eq(column, id)
            .fetch()
            .await
            .unwrap()
    }

    /// A small picture in a public bucket. Its public URL.
    pub async fn picture(&self, bucket: &str, key: &str) -> String {
        let bucket = BucketName::parse(bucket).unwrap();
        let new = NewBucket {
            name: bucket.clone(),
            public: true,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        self.supabase.buckets().ensure(&new).await.unwrap();
        let key = ObjectKey::parse(key).unwrap();
        let bytes = Bytes::from(png(8, 6));
        let objects = self.supabase.bucket(&bucket);
        objects.upload(&key, bytes, &Upload::new("image/png")).await.unwrap();
        self.url(bucket.as_str(), key.as_str())
    }

    pub fn url(&self, bucket: &str, key: &str) -> String {
        format!("{}/storage/v1/object/public/{bucket}/{key}", self.server.url())
    }

    /// Puts in a story as its layout keeps it: a title, a status and scenes of text, picture and alternative text. Its id.
    pub async fn tell(&self, layout: TableLayout, title: &str, status: &str, scenes: &[Told<'_>]) -> String {
        let items = |number: &str, first: usize| -> Vec<Value> {
            let items = scenes.iter().enumerate();
            let item = |(at, scene): (usize, &Told<'_>)| json!({ number: at + first, "text": scene.text, "image_url": scene.picture, "alt_text": scene.alt, "mood": at });
            items.map(item).collect()
        };
        let id = uuid::Uuid::new_v4().to_string();
        // The usual table takes only the words that it knows.
        let status = match (layout, status.to_ascii_lowercase().as_str()) {
            (TableLayout::Usual, "error") => "failed".to_owned(),
            (TableLayout::Usual, "whatever") => "pending".to_owned(),
            (TableLayout::Usual, known) => known.to_owned(),
            _ => status.to_owned(),
        };
        let mut prompt = json!({ "title": title, "prompt": format!("about {title}"), "status": status });
        let story = prompt.as_object_mut().unwrap();
        match layout {
            TableLayout::Usual | TableLayout::Backend => {
                story.insert("story_id".to_owned(), json!(id));
                self.insert("stories", prompt).await;
                for scene in items("sequence", 1) {
                    let mut scene = scene;
                    let row = scene.as_object_mut().unwrap();
                    row.remove("mood");
                    if layout == TableLayout::Backend {
                        row.remove("alt_text");
                    }
                    row.insert("story_id".to_owned(), json!(id));
                    self.insert("scenes", scene).await;
                }
            }
            TableLayout::Guide => {
                story.remove("status");
                story.insert("id".to_owned(), json!(id));
                story.insert("scenes".to_owned(), json!(items("sequence", 0)));
                self.insert("stories", prompt).await;
            }
            TableLayout::Numbered => {
                story.insert(
                    "scenes".to_owned(),
                    json!({ "title": title, "Scenes": items("scene_number", 1) }),
                );
                let rows = self.insert("stories", prompt).await;
                return rows[0]["story_id"].to_string();
            }
            TableLayout::Unrelated => {
                let id = format!("Tale of {title} / №{}", &id[..8]);
                story.insert("id".to_owned(), json!(id));
                self.insert("stories", prompt).await;
                for mut scene in items("scene_number", 0) {
                    let row = scene.as_object_mut().unwrap();
                    row.remove("mood");
                    row.remove("alt_text");
                    row.insert("story_id".to_owned(), json!(id));
                    self.insert("scenes", scene).await;
                }
                return id;
            }
            TableLayout::PublicOnly => {
                let row = json!({ "id": id, "title": title, "description": format!("about {title}"), "published": true, "scenes": items("sequence", 0) });
                self.insert("public_stories", row).await;
            }
            TableLayout::TextColumn => {
                story.insert("story_id".to_owned(), json!(id));
                story.insert("scenes".to_owned(), json!(json!(items("sequence", 0)).to_string()));
                self.insert("stories", prompt).await;
            }
        }
        id
    }
}

/// A scene as a fixture tells it.
#[derive(Clone, Copy, Default)]
pub struct Told<'a> {
    pub text: &'a str,
    pub picture: Option<&'a str>,
    pub alt: Option<&'a str>,
}

pub fn told<'a>(text: &'a str, picture: Option<&'a str>) -> Told<'a> {
    Told {
        text,
        picture,
        alt: None,
    }
}

fn open(server: &Server, folder: &std::path::Path) -> (Service, EventReceiver) {
    let home = Home::at(folder);
    Service::open(workspace(server), &home, tokio::runtime::Handle::current()).unwrap()
}
