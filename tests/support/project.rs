//! A project of a test's own: the real embedded server on a folder that goes away, and a service on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use serde_json::{Value, json};
use storymimi_studio::http::Transcript;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::{EventReceiver, LocalAccess, LocalServer, Problem, Service, Workspaces};
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Vault, Workspace};
use tempfile::TempDir;

/// The parts, kept alive together.
pub struct Project {
    /// The embedded server.
    pub server: Server,
    /// Where everything is written.
    pub folder: TempDir,
    /// The work of the workspace.
    pub service: Service,
    /// What changed.
    pub events: EventReceiver,
}

impl Project {
    /// With the built-in engines.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With a workspace that the test changes before it is opened.
    pub async fn with(change: impl FnOnce(&mut Workspace)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
        let server = Server::start(Config::new(folder.path().join("local"), secrets))
            .await
            .unwrap();
        let mut workspace = workspace(&server);
        change(&mut workspace);
        let home = Home::at(folder.path());
        let (service, events) = Service::open(workspace, &home, tokio::runtime::Handle::current()).unwrap();
        Self {
            server,
            folder,
            service,
            events,
        }
    }
}

/// The embedded server of a test as the service knows it.
pub struct Running(pub LocalAccess);

impl LocalServer for Running {
    fn start(&self, _: Arc<Transcript>) -> futures_util::future::BoxFuture<'_, Result<LocalAccess, Problem>> {
        let access = self.0.clone();
        Box::pin(async move { Ok(access) })
    }
}

/// All workspaces of a home whose local one is at `server`. Tests leave nothing in anybody's keychain.
pub fn workspaces(server: &Server, home: &Home, runtime: tokio::runtime::Handle) -> Workspaces {
    let access = LocalAccess {
        url: ProjectUrl::parse(server.url()).unwrap(),
        key: ApiKey::parse(server.service_key()).unwrap(),
    };
    let vault = Vault::without_keychain(home);
    Workspaces::with(home.clone(), vault, Arc::new(Running(access)), None, runtime)
}

/// The local workspace of a server.
pub fn workspace(server: &Server) -> Workspace {
    let key = ApiKey::parse(server.service_key()).unwrap();
    let provider = Provider::built_in(server.ai_base_url(), key.secret().clone());
    Workspace::local(ProjectUrl::parse(server.url()).unwrap(), key, provider)
}

/// A provider that counts what it is paid for, and can be told to fail.
#[derive(Clone, Default)]
pub struct Counting {
    /// Texts that were written.
    pub texts: Arc<AtomicUsize>,
    /// Pictures that were drawn.
    pub pictures: Arc<AtomicUsize>,
    /// Prompts that hold this word are refused while it is set.
    pub refuse: Arc<std::sync::Mutex<Option<&'static str>>>,
}

impl Counting {
    /// Starts it on loopback.
    pub async fn start(&self) -> Provider {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/chat/completions", post(write))
            .route("/v1/images/generations", post(draw))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Provider {
            text_model: "text".into(),
            image_model: "image".into(),
            ..Provider::new("Counting", base_url)
        }
    }

    /// Texts and pictures so far.
    pub fn paid(&self) -> (usize, usize) {
        (self.texts.load(Ordering::SeqCst), self.pictures.load(Ordering::SeqCst))
    }
}

async fn write(State(provider): State<Counting>, Json(body): Json<Value>) -> Json<Value> {
    provider.texts.fetch_add(1, Ordering::SeqCst);
    let message = body["messages"][1]["content"].as_str().unwrap_or_default();
    let brief: Value = serde_json::from_str(&message[message.find('{').unwrap()..]).unwrap();
    let scenes: Vec<Value> = (1..=brief["scenes"].as_u64().unwrap())
        .map(|n| json!({ "title": n, "text": format!("Page {n}."), "image_prompt": format!("picture {n}"), "alt_text": "x" }))
        .collect();
    let content = json!({ "title": "T", "scenes": scenes }).to_string();
    Json(json!({ "model": "text", "choices": [{ "message": { "content": content }, "finish_reason": "stop" }] }))
}

async fn draw(State(provider): State<Counting>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let prompt = body["prompt"].as_str().unwrap_or_default();
    if provider
        .refuse
        .lock()
        .unwrap()
        .is_some_and(|word| prompt.contains(word))
    {
        let error = json!({ "error": { "message": "Not this one", "code": "moderation_blocked" } });
        return (StatusCode::BAD_REQUEST, Json(error));
    }
    provider.pictures.fetch_add(1, Ordering::SeqCst);
    let picture = base64::engine::general_purpose::STANDARD.encode(png(8, 6));
    (StatusCode::OK, Json(json!({ "data": [{ "b64_json": picture }] })))
}

/// A small picture.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 128]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}
