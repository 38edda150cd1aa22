//! A project of a test's own: the real embedded server on a folder that goes away, and a service on it.

use std::sync::Arc;

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

/// A small picture.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 128]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}
