//! `workspace list`, `add`, `key`, `use`, `test`, `sign-in`, `sign-out`, `remove`, `export`, `import`. Secrets come from
//! standard input or the environment, never from the command line, which other users of a computer may read.

mod add;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::output::{Output, table};
use super::secret::secret;
use crate::http::Secret;
use crate::service::connection::{Check, CheckState};
use crate::service::{Listed, NewSecrets, Problem, Workspaces, write_whole};
use crate::workspace::{Access, ApiKey, Keep, Kept, ProfileId, WorkspaceId};

/// The commands about workspaces.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the workspaces
    List,
    /// Add a project; its key is read from standard input or from SUPABASE_KEY
    Add(Box<add::Add>),
    /// Give a workspace its key, as after an import or when the project has a new one; it is read from standard input
    /// or from SUPABASE_KEY
    Key {
        /// The workspace's id or name
        name: String,
    },
    /// Let commands work on a workspace unless they name another
    Use {
        /// Its id or its name; `local` for the built-in one
        name: String,
    },
    /// Test the connection to a workspace, row by row; nothing is created
    Test {
        /// Its id or its name
        name: Option<String>,
    },
    /// Sign in again; the password is read from standard input or from SUPABASE_PASSWORD
    SignIn {
        /// The workspace's id or name
        name: String,
    },
    /// Sign out, on the server and on this computer
    SignOut {
        /// The workspace's id or name
        name: String,
    },
    /// Remove a workspace and its secrets from this computer; the project itself stays as it is
    Remove {
        /// Its id or its name
        name: String,
    },
    /// Write workspaces to a file to share, without secrets
    Export {
        /// Their ids or names; all of them unless given
        names: Vec<String>,
        /// The file; standard output unless given
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// Take over workspaces from a shared file; secrets in it are left out
    Import {
        /// The file
        file: PathBuf,
    },
}

impl Command {
    /// Whether secrets are read or kept, so that the file of secrets has to be open.
    #[must_use]
    pub fn uses_secrets(&self) -> bool {
        match self {
            Self::Add(_)
            | Self::Key { .. }
            | Self::Test { .. }
            | Self::SignIn { .. }
            | Self::SignOut { .. }
            | Self::Remove { .. } => true,
            Self::List | Self::Use { .. } | Self::Export { .. } | Self::Import { .. } => false,
        }
    }

    pub(super) fn takes_workspace(&self) -> bool {
        matches!(self, Self::Test { name: None })
    }
}

/// What is missing to open a workspace, for those who have no field to type it into.
#[must_use]
pub fn for_commands(mut problem: Problem, name: &str) -> Problem {
    let (what, command) = match problem.field {
        Some("key") => ("Give it", "key"),
        Some("password") => ("Sign in", "sign-in"),
        _ => return problem,
    };
    let name = if name.contains(char::is_whitespace) {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    };
    problem.advice = format!("{what} with: storymimi-studio workspace {command} {name}");
    problem
}

pub(super) async fn run(
    command: &Command,
    named: Option<&str>,
    workspaces: &Workspaces,
    output: &mut Output,
) -> Result<(), Problem> {
    match command {
        Command::List => list(workspaces, output).await,
        Command::Add(add) => add::run(add, workspaces, output).await,
        Command::Key { name } => key(name, workspaces, output).await,
        Command::Use { name } => {
            let id = workspaces.find(name).await?;
            workspaces.use_for_commands(&id).await?;
            output.result(&json!({ "id": id.as_str() }), |_| {
                format!("Commands work on {id} from now on")
            })
        }
        Command::Test { name } => test(name.as_deref().or(named), workspaces, output).await,
        Command::SignIn { name } => {
            let (id, email) = user_of(workspaces, name).await?;
            let signed_in = workspaces.sign_in(&id, password()?).await;
            signed_in.map_err(|problem| match problem.field {
                Some("key") => for_commands(problem, name),
                _ => problem,
            })?;
            let done = json!({ "id": id.as_str(), "email": email });
            output.result(&done, |_| format!("Signed in to {id} as {email}"))
        }
        Command::SignOut { name } => {
            let (id, _) = user_of(workspaces, name).await?;
            workspaces.sign_out(&id).await?;
            output.result(&json!({ "id": id.as_str() }), |_| format!("Signed out of {id}"))
        }
        Command::Remove { name } => {
            let id = profile_id(workspaces, name).await?;
            let was_used = workspaces.default_for_commands().await? == WorkspaceId::Profile(id.clone());
            workspaces.remove(&id).await?;
            output.result(&json!({ "id": id.as_str() }), |_| {
                let mut text =
                    format!("{id} and its secrets were removed from this computer; the project stays as it is");
                if was_used {
                    text.push_str("\nCommands work on the local workspace from now on");
                }
                text
            })
        }
        Command::Export { names, output: file } => export(names, file.as_deref(), workspaces, output).await,
        Command::Import { file } => import(file, workspaces, output).await,
    }
}

/// The user whom a workspace signs in.
async fn user_of(workspaces: &Workspaces, name: &str) -> Result<(ProfileId, String), Problem> {
    let id = profile_id(workspaces, name).await?;
    let profile = workspaces.profile(&id).await?;
    match profile.access {
        Access::SignIn { email } => Ok((id, email)),
        Access::Key => Err(Problem::new(
            format!("“{}” is opened with its key, not by signing in.", profile.name),
            "Add it once more with --email to sign in.",
        )),
    }
}

async fn key(name: &str, workspaces: &Workspaces, output: &mut Output) -> Result<(), Problem> {
    let id = profile_id(workspaces, name).await?;
    let profile = workspaces.profile(&id).await?;
    let key = ApiKey::parse(secret("SUPABASE_KEY", "key")?.expose())?;
    let secrets = NewSecrets {
        key: Some(key),
        ..NewSecrets::default()
    };
    let saved = workspaces.save(profile, secrets).await?;
    let (place, why) = lasting(saved.kept)?;
    let document = json!({ "id": id.as_str(), "kept_in": place.word(), "why": why });
    output.result(&document, |_| format!("The key of {id} is in the {}", place.words()))
}

/// Where secrets are when the command has ended, and why not where they were to be.
fn lasting(kept: Option<Kept>) -> Result<(Keep, Option<String>), Problem> {
    match kept {
        Some(Kept { place, why }) if place != Keep::Session => Ok((place, why)),
        // A command ends at once, and with it what is kept for its session.
        kept => Err(Problem::new(
            format!(
                "The key cannot be kept: {}.",
                kept.and_then(|kept| kept.why)
                    .unwrap_or_else(|| "there is no place for it".to_owned())
            ),
            "Set STORYMIMI_PASSPHRASE, so that it goes into a file that is sealed with it; or set SUPABASE_URL and SUPABASE_KEY for each run.",
        )),
    }
}

/// A workspace in the list, for scripts.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    name: &'a str,
    /// The host, with its port where there is one.
    place: &'a str,
    access: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    last_used: bool,
    for_commands: bool,
}

async fn list(workspaces: &Workspaces, output: &mut Output) -> Result<(), Problem> {
    let list = workspaces.list().await?;
    let for_commands = workspaces.default_for_commands().await?;
    let rows: Vec<Row> = list
        .workspaces
        .iter()
        .map(|listed| row(listed, &for_commands))
        .collect();
    let unreadable: Vec<_> = list
        .unreadable
        .iter()
        .map(|entry| json!({ "id": entry.id, "why": entry.why }))
        .collect();
    let document = json!({ "workspaces": rows, "unreadable": unreadable });
    output.result(&document, |_| {
        let lines: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let how = row
                    .email
                    .map_or_else(|| row.access.to_owned(), |email| format!("signs in as {email}"));
                let mark = if row.for_commands { "commands" } else { "" };
                vec![
                    row.id.to_owned(),
                    row.name.to_owned(),
                    row.place.to_owned(),
                    how,
                    mark.to_owned(),
                ]
            })
            .collect();
        let mut text = table(&["ID", "NAME", "PLACE", "ACCESS", "USED BY"], &lines);
        for entry in &list.unreadable {
            text.push_str(&format!("\n{} cannot be read: {}", entry.id, entry.why));
        }
        text
    })
}

fn row<'a>(listed: &'a Listed, for_commands: &WorkspaceId) -> Row<'a> {
    let (access, email) = match &listed.access {
        Access::Key => ("key", None),
        Access::SignIn { email } => ("sign-in", Some(email.as_str())),
    };
    Row {
        id: listed.id.as_str(),
        name: &listed.name,
        place: listed.profile.as_ref().map_or(&listed.place, |profile| {
            let url = profile.url.as_str();
            url.split_once("://").map_or(url, |(_, place)| place)
        }),
        access,
        email,
        last_used: listed.last_used,
        for_commands: listed.id == *for_commands,
    }
}

async fn profile_id(workspaces: &Workspaces, name: &str) -> Result<ProfileId, Problem> {
    match workspaces.find(name).await? {
        WorkspaceId::Profile(id) => Ok(id),
        WorkspaceId::Local => Err(Problem::new(
            "The local workspace is part of the program and is always there.",
            "Name one of the others; `workspace list` shows them.",
        )),
    }
}

async fn test(name: Option<&str>, workspaces: &Workspaces, output: &mut Output) -> Result<(), Problem> {
    let id = match name {
        Some(name) => workspaces.find(name).await?,
        None => workspaces.default_for_commands().await?,
    };
    let draft = workspaces
        .draft_of(&id)
        .await
        .map_err(|problem| for_commands(problem, id.as_str()))?;
    let progress = output.progress();
    let report = |check: Check| {
        if check.state == CheckState::Running {
            progress.show(check.id.title());
        }
    };
    let checks = workspaces.test(&draft, &report).await;
    progress.clear();
    let document: Vec<_> = checks
        .iter()
        .map(|check| {
            json!({
                "row": check.id.title(), "state": check.state.word(), "words": check.words, "advice": check.advice,
                "milliseconds": check.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            })
        })
        .collect();
    output.result(&document, |_| {
        let rows: Vec<Vec<String>> = checks
            .iter()
            .map(|check| {
                vec![
                    check.state.word().to_owned(),
                    check.id.title().to_owned(),
                    check.words.clone(),
                ]
            })
            .collect();
        let mut text = table(&["STATE", "ROW", "FOUND"], &rows);
        for check in checks.iter().filter(|check| !check.advice.is_empty()) {
            text.push_str(&format!("\n{}: {}", check.id.title(), check.advice));
        }
        text
    })?;
    match checks.iter().find(|check| check.state == CheckState::Failed) {
        Some(check) => {
            let end = if check.words.ends_with(['.', '?']) { "" } else { "." };
            Err(Problem::new(
                format!(
                    "The connection test failed at “{}”: {}{end}",
                    check.id.title(),
                    check.words
                ),
                check.advice.clone(),
            ))
        }
        // What cannot be opened was not tested.
        None if matches!(draft.access, Access::SignIn { .. }) && draft.session.is_none() => {
            let problem = Problem::new(
                format!("Nobody is signed in to {id}, so that the test went no further."),
                "",
            );
            Err(for_commands(problem.beside("password"), id.as_str()))
        }
        None => Ok(()),
    }
}

async fn export(
    names: &[String],
    file: Option<&Path>,
    workspaces: &Workspaces,
    output: &mut Output,
) -> Result<(), Problem> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(profile_id(workspaces, name).await?);
    }
    let text = workspaces.export(ids).await?;
    let Some(path) = file else {
        return output.result(&json!({ "toml": text }), |_| text.clone());
    };
    let path = path.to_owned();
    let shown = path.display().to_string();
    tokio::task::spawn_blocking(move || write_whole(&path, text.as_bytes()))
        .await
        .map_err(|_| Problem::stopped())??;
    output.result(&json!({ "file": shown }), |_| {
        format!("{shown} was written, without keys and passwords")
    })
}

async fn import(file: &Path, workspaces: &Workspaces, output: &mut Output) -> Result<(), Problem> {
    let text = text_of(file, 4 << 20)?;
    let imported = workspaces.import(text).await?;
    let ids: Vec<&str> = imported.profiles.iter().map(|profile| profile.id.as_str()).collect();
    let document = json!({
        "imported": ids, "secrets_left_out": imported.secrets_left_out,
        "unreadable": imported.unreadable.iter().map(|entry| json!({ "id": entry.id, "why": entry.why })).collect::<Vec<_>>(),
    });
    output.result(&document, |_| {
        let mut lines: Vec<String> = ids
            .iter()
            .map(|id| format!("{id} was added; give its key with: storymimi-studio workspace key {id}"))
            .collect();
        lines.extend(
            imported
                .secrets_left_out
                .iter()
                .map(|place| format!("A secret at {place} was left out")),
        );
        lines.extend(
            imported
                .unreadable
                .iter()
                .map(|entry| format!("{} cannot be read: {}", entry.id, entry.why)),
        );
        lines.join("\n")
    })?;
    if imported.unreadable.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        format!("{} of the file's workspaces cannot be read.", imported.unreadable.len()),
        "The others were added. Export the file again with the newest version.",
    ))
}

fn text_of(file: &Path, most: u64) -> Result<String, Problem> {
    let shown = file.display();
    let facts = std::fs::metadata(file);
    if facts.as_ref().is_ok_and(|facts| facts.len() > most) {
        return Err(Problem::new(
            format!("{shown} is too large to be such a file."),
            "Choose another file.",
        ));
    }
    facts.and_then(|_| std::fs::read_to_string(file)).map_err(|error| {
        let mut problem = Problem::new(
            format!("{shown} cannot be read."),
            "Check its name and that you may open it.",
        );
        problem.technical = error.to_string();
        problem
    })
}

/// The password: from `SUPABASE_PASSWORD`, else the next line of standard input.
fn password() -> Result<Secret, Problem> {
    secret("SUPABASE_PASSWORD", "password")
}
