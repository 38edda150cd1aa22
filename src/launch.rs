//! The program's start: which server, which workspace. The only place that starts the embedded server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use storymimi_studio::http::{Call, Http, Options, RetryPolicy, Transcript};
use storymimi_studio::local::{CHALLENGE, Config, Secrets, Server, ServerError};
use storymimi_studio::service::Problem;
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace, project_from, provider_from};
use uuid::Uuid;

/// Ports tried for a new local workspace. It keeps the first free one: the public URLs in its rows name it.
const PORTS: std::ops::Range<u16> = 54_400..54_480;

/// How long a server on this machine may think before it says whose it is.
const PATIENCE: Duration = Duration::from_secs(3);

/// The workspace to work on, and the embedded server if this process runs it.
pub(crate) struct Launched {
    pub(crate) workspace: Workspace,
    pub(crate) server: Option<Server>,
}

/// Opens the project that the environment names, else the local workspace. The embedded server is started for the
/// local workspace, and where its built-in engines answer because no provider is set.
pub(crate) async fn launch(home: &Home) -> Result<Launched, Problem> {
    let read = |name: &str| std::env::var(name).ok();
    let (project, provider) = (project_from(read).map_err(Problem::from)?, provider_from(read));
    if let (Some((url, key)), Some(provider)) = (&project, &provider) {
        let workspace = Workspace::project(url.clone(), key.clone(), provider.clone());
        return Ok(Launched {
            workspace,
            server: None,
        });
    }
    let (url, key, server) = embedded(home).await?;
    let provider = provider.unwrap_or_else(|| Provider::built_in(format!("{url}/ai/v1"), key.secret().clone()));
    let workspace = match project {
        Some((url, key)) => Workspace::project(url, key, provider),
        None => Workspace::local(url, key, provider),
    };
    Ok(Launched { workspace, server })
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
                if remembered == Some(port) && is_ours(port, &secrets).await {
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
async fn is_ours(port: u16, secrets: &Secrets) -> bool {
    let once = Options {
        retry: RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        },
        ..Options::default()
    };
    let Ok(http) = Http::with_options(Arc::new(Transcript::default()), once) else {
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

/// What to tell people about a server that did not start.
pub(crate) fn server_problem(error: &ServerError) -> Problem {
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
