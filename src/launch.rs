//! The program's start: which server, which workspace. The only place that starts the embedded server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use storymimi_studio::cli::Serve;
use storymimi_studio::http::{Http, Secret, Transcript};
use storymimi_studio::local::{Config, Secrets, Server, ServerError};
use storymimi_studio::service::{EventReceiver, LocalAccess, LocalServer, Problem, Service, Workspaces};
use storymimi_studio::supabase::Supabase;
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Vault, WorkspaceId, project_from, provider_from};
use tokio::runtime::Handle;

/// Ports tried for a new local workspace. It keeps the first free one: the public URLs in its rows name it.
const PORTS: std::ops::Range<u16> = 54_400..54_480;

/// The embedded server of this process. It runs from the first time that something needs it until the program ends.
pub(crate) struct Embedded {
    home: Home,
    /// Held while it starts, so that whoever comes meanwhile waits instead of starting another one.
    server: tokio::sync::Mutex<Option<Server>>,
}

impl Embedded {
    pub(crate) fn new(home: &Home) -> Arc<Self> {
        Arc::new(Self {
            home: home.clone(),
            server: tokio::sync::Mutex::default(),
        })
    }

    /// Stops it, if this process runs one.
    pub(crate) async fn stop(&self) {
        if let Some(server) = self.server.lock().await.take() {
            server.shutdown().await;
        }
    }
}

impl LocalServer for Embedded {
    fn start(&self) -> BoxFuture<'_, Result<LocalAccess, Problem>> {
        Box::pin(async {
            let mut running = self.server.lock().await;
            let (url, key, server) = embedded(&self.home).await?;
            *running = server;
            Ok(LocalAccess { url, key })
        })
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
    unlock(workspaces).await?;
    workspaces.open_for_command(&id).await
}

/// Whether the environment names the project of this run.
pub(crate) fn names_a_project() -> bool {
    !matches!(project_from(variable), Ok(None))
}

/// Opens the file of secrets with the passphrase of the environment, if there are both.
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
async fn embedded(home: &Home) -> Result<(ProjectUrl, ApiKey, Option<Server>), Problem> {
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
                if remembered == Some(port) && is_ours(&url, &key).await {
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

/// Whether the server at `url` knows this workspace's key: then it serves the same folder.
async fn is_ours(url: &ProjectUrl, key: &ApiKey) -> bool {
    let Ok(http) = Http::new(Arc::new(Transcript::default())) else {
        return false;
    };
    Supabase::new(http, url.clone(), key.clone())
        .buckets()
        .list()
        .await
        .is_ok()
}

/// Runs the local server alone until it is interrupted.
pub(crate) async fn serve(arguments: &Serve, home: &Home, json: bool) -> Result<(), Problem> {
    let data = arguments.data.clone().unwrap_or_else(|| home.local_data());
    let secrets = load_secrets(&data).await?;
    let listen = SocketAddr::new(arguments.host, arguments.port);
    let config = Config {
        listen,
        ..Config::new(&data, secrets.clone())
    };
    let server = Server::start(config).await.map_err(|error| server_problem(&error))?;
    let facts = serde_json::json!({
        "url": server.url(), "anon_key": secrets.anon_key(), "service_key": secrets.service_key(),
        "ai_base_url": server.ai_base_url(), "data": data,
    });
    // The keys of a local server are there to be copied into other tools; nowhere else does the program show a key.
    storymimi_studio::cli::Output::standard(json).result(&facts, |_| {
        format!(
            "Serving {}\n\nSUPABASE_URL={}\nSUPABASE_KEY={}\nanon key: {}\nOpenAI-compatible API: {}\n\nStop with Ctrl+C.",
            data.display(),
            server.url(),
            secrets.service_key(),
            secrets.anon_key(),
            server.ai_base_url(),
        )
    })?;
    if !arguments.host.is_loopback() {
        storymimi_studio::cli::report(
            &Problem::new(
                format!("Warning: other machines can reach this server at {}.", server.url()),
                "Whoever has the service key can read and change everything in it. Use --host 127.0.0.1 to keep it to this machine.",
            ),
            json,
        );
    }
    // Without a way to be interrupted the server runs until it is killed, which harms nothing that was acknowledged.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    server.shutdown().await;
    Ok(())
}

async fn load_secrets(data: &Path) -> Result<Secrets, Problem> {
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
    let advice = match error {
        ServerError::PortInUse { .. } => "Choose another port with --port.",
        _ => {
            "Check that its folder can be written and that the disk is not full, or set STORYMIMI_HOME to another folder."
        }
    };
    Problem::new(format!("The local server could not be started: {error}."), advice)
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
