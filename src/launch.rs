//! The program's start: which server, which workspace. The only place that starts the embedded server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::Method;
use storymimi_studio::http::{Call, Http, Options, RetryPolicy, Secret, Transcript};
use storymimi_studio::local::{CHALLENGE, Config, Secrets, Server, ServerError};
use storymimi_studio::service::{EventReceiver, LocalAccess, LocalServer, Problem, Service, Workspaces};
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Vault, WorkspaceId, project_from, provider_from};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// Ports tried for a new local workspace. It keeps the first free one: the public URLs in its rows name it.
const PORTS: std::ops::Range<u16> = 54_400..54_480;

/// How long a server on this machine may think before it says whose it is.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often a process that uses the server of another one looks whether that is still there.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The embedded server of this process. It runs from the first time that something needs it until the program ends.
///
/// Where another process serves the folder already, that one's is used; when it ends, this process serves instead, so that
/// work that is under way here goes on.
pub(crate) struct Embedded {
    home: Home,
    /// Held while it starts, so that whoever comes meanwhile waits instead of starting another one.
    server: Arc<tokio::sync::Mutex<Option<Server>>>,
    /// Waits for the end of the other process.
    successor: tokio::sync::Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Embedded {
    pub(crate) fn new(home: &Home) -> Arc<Self> {
        Arc::new(Self {
            home: home.clone(),
            server: Arc::default(),
            successor: tokio::sync::Mutex::default(),
        })
    }

    /// Stops it, if this process runs one.
    pub(crate) async fn stop(&self) {
        if let Some(successor) = self.successor.lock().await.take() {
            successor.abort();
            // It ends where it was waiting; that it was aborted is what was wanted.
            let _ = successor.await;
        }
        if let Some(server) = self.server.lock().await.take() {
            server.shutdown().await;
        }
    }
}

impl LocalServer for Embedded {
    fn start(&self, transcript: Arc<Transcript>) -> BoxFuture<'_, Result<LocalAccess, Problem>> {
        Box::pin(async move {
            let mut running = self.server.lock().await;
            let (url, key, server) = embedded(&self.home, transcript).await?;
            if server.is_none() {
                let work = succeed(self.home.clone(), url.clone(), Arc::clone(&self.server));
                *self.successor.lock().await = Some(AbortOnDropHandle::new(tokio::spawn(work)));
            }
            *running = server;
            Ok(LocalAccess { url, key })
        })
    }
}

/// Serves the folder as soon as the process that does so now has ended.
async fn succeed(home: Home, url: ProjectUrl, running: Arc<tokio::sync::Mutex<Option<Server>>>) {
    let Some(port) = url.as_str().rsplit_once(':').and_then(|(_, port)| port.parse().ok()) else {
        return;
    };
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let data = home.local_data();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        // The other one holds the port for as long as it serves; several that wait for it cannot all get it.
        match tokio::net::TcpListener::bind(listen).await {
            Ok(free) => drop(free),
            Err(_) => continue,
        }
        let Ok(secrets) = load_secrets(&data).await else { return };
        let mut running = running.lock().await;
        match Server::start(Config {
            listen,
            ..Config::new(&data, secrets)
        })
        .await
        {
            Ok(server) => {
                *running = Some(server);
                return;
            }
            Err(ServerError::PortInUse { .. }) => {}
            // Whoever needs it will say so.
            Err(error) => return tracing::warn!("the local workspace cannot be served on: {error}"),
        }
    }
}

/// The workspaces of this user. A provider that the environment names stands in for those of all of them.
pub(crate) fn workspaces(home: &Home, server: Arc<Embedded>, runtime: Handle) -> Workspaces {
    Workspaces::with(home.clone(), Vault::new(home), server, provider_from(variable), runtime)
}

/// What a start opens: the workspace that was named, else the project that the environment names, else the usual one.
pub(crate) async fn open(
    workspaces: &Workspaces,
    named: Option<&str>,
    usual: WorkspaceId,
) -> Result<(Service, EventReceiver), Problem> {
    if named.is_none()
        && let Some((url, key)) = project_from(variable).map_err(Problem::from)?
    {
        return workspaces.open_given(url, key).await;
    }
    let id = match named {
        Some(name) => workspaces.find(name).await?,
        None => usual,
    };
    if id != WorkspaceId::Local && workspaces.vault_state().await?.is_locked {
        unlock(workspaces).await?;
    }
    workspaces.open_for_command(&id).await
}

/// Whether the environment names the project of this run.
pub(crate) fn names_a_project() -> bool {
    !matches!(project_from(variable), Ok(None))
}

/// Opens the file of secrets with the passphrase of the environment, if there is one; begins a file if there is none.
pub(crate) async fn unlock(workspaces: &Workspaces) -> Result<(), Problem> {
    match variable("STORYMIMI_PASSPHRASE").filter(|passphrase| !passphrase.is_empty()) {
        Some(passphrase) => workspaces.unlock_vault(Secret::exact(&passphrase)).await,
        None => Ok(()),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Starts the embedded server, or joins the one that another process of this program runs on the same folder.
async fn embedded(home: &Home, transcript: Arc<Transcript>) -> Result<(ProjectUrl, ApiKey, Option<Server>), Problem> {
    let data = home.local_data();
    let secrets = load_secrets(&data).await?;
    let key = ApiKey::parse(secrets.service_key()).map_err(Problem::from)?;
    let remembered = remembered_port(&data);
    for port in remembered.into_iter().chain(PORTS).chain([0]) {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        match Server::start(Config {
            listen,
            ..Config::new(&data, secrets.clone())
        })
        .await
        {
            Ok(server) => {
                let url = ProjectUrl::parse(server.url()).map_err(Problem::from)?;
                if remembered.is_none() {
                    remember_port(&data, &url);
                }
                return Ok((url, key, Some(server)));
            }
            Err(ServerError::PortInUse { .. }) => {
                let url = ProjectUrl::parse(&format!("http://127.0.0.1:{port}")).map_err(Problem::from)?;
                if remembered == Some(port) && is_ours(port, &secrets, &transcript).await {
                    return Ok((url, key, None));
                }
            }
            Err(error) => return Err(server_problem(&error)),
        }
    }
    Err(Problem::new(
        "The local workspace could not be started: no port is free on this machine.",
        "Close programs that listen on many ports and start again.",
    ))
}

/// Whether the server at this port has the folder's secrets, and so serves the same folder. It has to prove that before
/// it gets to see a key: any program may listen on a port that is remembered.
async fn is_ours(port: u16, secrets: &Secrets, transcript: &Arc<Transcript>) -> bool {
    let once = Options {
        retry: RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        },
        ..Options::default()
    };
    let Ok(http) = Http::with_options(Arc::clone(transcript), once) else {
        return false;
    };
    let url = format!("http://127.0.0.1:{port}");
    let nonce = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let call = Call::new(
        "Find the local workspace",
        url.as_str(),
        Method::GET,
        format!("{url}{CHALLENGE}?nonce={nonce}"),
    )
    .stall_after(PATIENCE)
    .at_most(4096);
    let Ok(reply) = http.send(call).await else { return false };
    let answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    reply.is_success()
        && answer["proof"]
            .as_str()
            .is_some_and(|proof| secrets.is_proof(&url, &nonce, proof))
}

/// The secrets of a data folder; made if there are none.
pub(crate) async fn load_secrets(data: &Path) -> Result<Secrets, Problem> {
    let file = data.join("secrets.json");
    tokio::task::spawn_blocking(move || Secrets::load_or_create(&file))
        .await
        .map_err(|_| Problem::stopped())?
        .map_err(|error| {
            Problem::new(
                format!("The local workspace cannot be opened: {error}."),
                "Check that its folder can be written, or set STORYMIMI_HOME to another one.",
            )
        })
}

fn server_problem(error: &ServerError) -> Problem {
    Problem::new(
        format!("The local server could not be started: {error}."),
        "Check that its folder can be written and that the disk is not full, or set STORYMIMI_HOME to another folder.",
    )
}

fn remembered_port(data: &Path) -> Option<u16> {
    std::fs::read_to_string(data.join("port"))
        .ok()?
        .trim()
        .parse()
        .ok()
        .filter(|port| *port != 0)
}

fn remember_port(data: &Path, url: &ProjectUrl) {
    if let Some((_, port)) = url.as_str().rsplit_once(':') {
        // Without it the next start may take another port; own pictures are found all the same.
        let _ = std::fs::write(data.join("port"), port);
    }
}
