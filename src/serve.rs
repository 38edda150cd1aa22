//! `serve`: the embedded server alone, with the address and the keys of `supabase start`, so that what was written for
//! that runs against it unchanged.
//!
//! Those keys are known to everybody. So they are never those of the local workspace: `serve` has a folder of its own,
//! and a folder that has keys of its own is served with these.
//!
//! As `supabase start` does, `serve` lets pages of any site call it: that is what a web app under work on another port
//! needs. With known keys any page that is open in a browser on this machine may then read and write what is served.
//! It cannot be had both ways, so it is said at the start, and `--own-keys` is the way out: a page has no key then.
//! The server of the local workspace takes no calls of pages at all.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use serde_json::json;
use storymimi_studio::cli::{Output, PolicyChoice, Serve, secret, warn};
use storymimi_studio::local::{Config, EditorBuckets, NewUserError, Policy, Secrets, Server, ServerError};
use storymimi_studio::service::Problem;
use storymimi_studio::workspace::Home;

use crate::launch::load_secrets;

/// Where a script puts the password of the user that `--user` names.
const PASSWORD: &str = "STORYMIMI_USER_PASSWORD";

/// Runs the local server until it is interrupted.
pub(crate) async fn run(arguments: &Serve, home: &Home, as_json: bool) -> Result<(), Problem> {
    let policy = policy(arguments)?;
    let data = arguments.data.clone().unwrap_or_else(|| home.path().join("serve"));
    let own_keys = arguments.own_keys || has_own_keys(&data, home);
    let secrets = if own_keys {
        load_secrets(&data).await?
    } else {
        Secrets::supabase_defaults()
    };
    let password = match &arguments.user {
        Some(email) => Some((email.as_str(), secret(PASSWORD, &format!("password for {email}"))?)),
        None => None,
    };
    let server = Server::start(Config {
        listen: SocketAddr::new(arguments.host, arguments.port),
        policy,
        signup: arguments.allow_signup,
        browsers: true,
        ..Config::new(&data, secrets.clone())
    })
    .await
    .map_err(|error| not_started(&error))?;
    if let Some((email, password)) = &password {
        let made = server.ensure_user(email, password).await;
        made.map_err(|error| user_problem(email, &error))?;
    }
    show(&server, &secrets, own_keys, arguments, &data, as_json)?;
    if !arguments.host.is_loopback() {
        let advice = if own_keys {
            "Whoever has the service key can read and change everything in it. Use --host 127.0.0.1 to keep it to this machine."
        } else {
            "Everybody knows the keys of `supabase start`, so that everybody who reaches it can read and change everything in it. Use --own-keys, or --host 127.0.0.1 to keep it to this machine."
        };
        let place = match server.url().rsplit_once(':') {
            Some((_, port)) if arguments.host.is_unspecified() => {
                format!("on port {port} of every address of this one")
            }
            _ => format!("at {}", server.url()),
        };
        let what = format!("Warning: other machines can reach this server {place}.");
        warn(&Problem::new(what, advice), as_json);
    }
    // Without a way to be interrupted the server runs until it is killed, which harms nothing that was acknowledged.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    server.shutdown().await;
    Ok(())
}

/// Whether the folder has keys of its own already, or is the local workspace's, which must have some.
fn has_own_keys(data: &Path, home: &Home) -> bool {
    let place = |path: &Path| std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).ok();
    data.join("secrets.json").exists() || place(data) == place(&home.local_data())
}

fn policy(arguments: &Serve) -> Result<Policy, Problem> {
    Ok(match arguments.policy {
        PolicyChoice::Service if !arguments.editor_buckets.is_empty() => {
            return Err(Problem::new(
                "There are buckets for editors, but no policy that lets editors in.",
                "Add --policy editors, or leave --editor-bucket out.",
            ));
        }
        PolicyChoice::Service => Policy::ServiceOnly,
        PolicyChoice::Editors if arguments.editor_buckets.is_empty() => Policy::Editors(EditorBuckets::All),
        PolicyChoice::Editors => {
            let named: BTreeSet<String> = arguments.editor_buckets.iter().cloned().collect();
            Policy::Editors(EditorBuckets::Named(named))
        }
    })
}

fn not_started(error: &ServerError) -> Problem {
    let advice = match error {
        ServerError::PortInUse(_) => "Stop that program, or choose another port with --port.",
        ServerError::Listen { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
            "Choose a port above 1023 with --port."
        }
        ServerError::Listen { .. } => "Give --host an address of this machine, such as 127.0.0.1.",
        ServerError::DataFolder { .. } => "Choose a folder that you can write to with --data.",
        ServerError::Store(_) => "Check that the disk is not full, or choose another folder with --data.",
    };
    Problem::new(format!("The local server could not be started: {error}."), advice)
}

fn user_problem(email: &str, error: &NewUserError) -> Problem {
    let advice = match error {
        NewUserError::Address(_) => "Give an e-mail address to --user.",
        NewUserError::Password(_) => "Choose another password.",
        NewUserError::Store(_) => "Check that the data folder can be written and that the disk is not full.",
    };
    // The words about a password are those of the real server, a sentence already.
    let error = error.to_string();
    Problem::new(
        format!("{email} cannot sign in: {}.", error.trim_end_matches('.')),
        advice,
    )
}

/// Says what `supabase start` says. The keys of a local server are there to be copied into other tools; nowhere else
/// does the program show a key.
fn show(
    server: &Server,
    secrets: &Secrets,
    own_keys: bool,
    arguments: &Serve,
    data: &Path,
    as_json: bool,
) -> Result<(), Problem> {
    let url = reachable(server.url(), arguments.host);
    let ai = server.ai_base_url().replacen(server.url(), &url, 1);
    let mut facts = json!({
        "url": url,
        "anon_key": secrets.anon_key(),
        "service_key": secrets.service_key(),
        "jwt_secret": secrets.jwt_secret(),
        "ai_base_url": ai,
        "data": data,
        "known_keys": !own_keys,
        "policy": arguments.policy.name(),
        "user": arguments.user,
    });
    let newer = [
        ("publishable_key", "Publishable key", secrets.publishable_key()),
        ("secret_key", "Secret key", secrets.secret_key()),
    ];
    let mut lines = vec![
        ("API URL", url.as_str()),
        ("JWT secret", secrets.jwt_secret()),
        ("anon key", secrets.anon_key()),
        ("service_role key", secrets.service_key()),
    ];
    for (name, title, key) in newer {
        if let Some(key) = key {
            facts[name] = json!(key);
            lines.push((title, key));
        }
    }
    lines.push(("OpenAI-compatible API", &ai));
    if arguments.policy == PolicyChoice::Editors {
        lines.push(("Signed-in users", "work on stories and on the objects of their buckets"));
    }
    if let Some(email) = &arguments.user {
        lines.push(("May sign in", email));
    }
    let known = if own_keys {
        ""
    } else {
        "Everybody knows these keys, and pages of any site may call this server, as with `supabase start`:\n\
         any page in a browser on this machine can read and change what is in it. Keep nothing here that matters,\n\
         or use --own-keys.\n\n"
    };
    Output::standard(as_json).result(&facts, |_| {
        let lines: Vec<String> = lines
            .iter()
            .map(|(title, value)| format!("{title:>21}: {value}"))
            .collect();
        format!(
            "Serving {}\n\n{}\n\nSUPABASE_URL={url}\nSUPABASE_KEY={}\n\n{known}Stop with Ctrl+C.",
            data.display(),
            lines.join("\n"),
            secrets.service_key(),
        )
    })
}

/// An address that this machine's programs can call. Listening everywhere is no address to call.
fn reachable(url: &str, host: IpAddr) -> String {
    let (listened, called) = match host {
        IpAddr::V4(all) if all.is_unspecified() => ("//0.0.0.0:", "//127.0.0.1:"),
        IpAddr::V6(all) if all.is_unspecified() => ("//[::]:", "//[::1]:"),
        _ => return url.to_owned(),
    };
    url.replacen(listened, called, 1)
}
