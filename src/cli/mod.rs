//! The commands, one file each. Parses words, calls the service, prints. No work of its own.
//!
//! `--json` prints one JSON document on standard output. Errors go to standard error, and the exit code tells the
//! truth: 0 done, 1 not or not wholly done, 2 the command was not understood.

mod ai;
mod bucket;
mod indexes;
mod object;
mod output;
mod secret;
mod story;
mod transfer;
mod url;
mod usage;
mod workspace;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use output::{Output, report, warn};
pub use secret::secret;
pub use workspace::for_commands;

use crate::service::{Problem, Service, Workspaces};

/// Look after an illustrated-story service whose pictures live in Supabase Storage.
///
/// Without a command the window opens. Commands work on the workspace that --workspace names, else on the project of
/// `SUPABASE_URL` and `SUPABASE_KEY`, else on the one chosen by `workspace use`, else on the local workspace, a
/// Supabase-compatible server inside the program.
#[derive(Debug, Parser)]
#[command(name = "storymimi-studio", version, about, long_about)]
pub struct Arguments {
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Work on this workspace, by its id or its name
    #[arg(long, global = true, value_name = "NAME")]
    pub workspace: Option<String>,
    /// What to do; nothing opens the window
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create, finish, list and show stories
    #[command(subcommand)]
    Story(story::Command),
    /// List who can write and draw, and their models
    #[command(subcommand)]
    Ai(ai::Command),
    /// List, create, change, empty and delete buckets
    #[command(subcommand)]
    Bucket(bucket::Command),
    /// List, look at, upload, download, move, copy, edit, sign and delete objects
    #[command(subcommand)]
    Object(object::Command),
    /// Sum up what takes the space, and what has come since it was summed up last
    Usage(usage::Arguments),
    /// List, pause, go on with, cancel, retry and take back transfers
    #[command(subcommand)]
    Transfer(transfer::Command),
    /// Add, choose, test, share and remove workspaces
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Take URLs of stored objects apart
    #[command(subcommand)]
    Url(url::Command),
    /// Run the local server alone, until Ctrl+C
    Serve(Serve),
}

/// How the local server is run alone. Address and keys are those of `supabase start` unless the options say otherwise.
#[derive(Debug, Args)]
pub struct Serve {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 54321)]
    pub port: u16,
    /// The address to listen on; another machine can reach anything but 127.0.0.1
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// The folder of its data; one of its own unless given. A folder that has keys is served with these
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Make keys for the folder that nobody else knows
    #[arg(long)]
    pub own_keys: bool,
    /// What users who are signed in may do
    #[arg(long, value_enum, default_value_t = PolicyChoice::Service)]
    pub policy: PolicyChoice,
    /// A bucket that editors work in; all of them unless given. Repeat it for several. Only with --policy editors
    #[arg(long = "editor-bucket", value_name = "BUCKET")]
    pub editor_buckets: Vec<String>,
    /// Let this user sign in; the password comes from STORYMIMI_USER_PASSWORD or the first line of standard input
    #[arg(long, value_name = "EMAIL")]
    pub user: Option<String>,
    /// Let anybody sign up
    #[arg(long)]
    pub allow_signup: bool,
}

/// The policies that a local server can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyChoice {
    /// Nothing: only the service key writes, as on a fresh project
    Service,
    /// Work on stories, and on the objects of their buckets
    Editors,
}

impl PolicyChoice {
    /// Its word on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Editors => "editors",
        }
    }
}

impl Command {
    /// Whether it works on the workspace that `--workspace` names.
    #[must_use]
    pub fn takes_workspace(&self) -> bool {
        match self {
            Self::Story(_) | Self::Ai(_) | Self::Bucket(_) | Self::Object(_) | Self::Usage(_) | Self::Transfer(_) => {
                true
            }
            Self::Workspace(command) => command.takes_workspace(),
            Self::Url(_) | Self::Serve(_) => false,
        }
    }
}

/// Runs a command that needs no workspace.
///
/// # Errors
/// If the command fails.
pub fn run_offline(command: &Command, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::Url(command) => url::run(command, output),
        _ => Ok(()),
    }
}

/// Runs a command in a workspace.
///
/// # Errors
/// If the command fails, or was done only in part.
pub async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::Story(command) => story::run(command, service, output).await,
        Command::Ai(command) => ai::run(command, service, output).await,
        Command::Bucket(command) => bucket::run(command, service, output).await,
        Command::Object(command) => object::run(command, service, output).await,
        Command::Usage(words) => usage::run(words, service, output).await,
        Command::Transfer(command) => transfer::run(command, service, output).await,
        Command::Url(_) | Command::Serve(_) | Command::Workspace(_) => run_offline(command, output),
    }
}

/// Runs a command about workspaces; `named` is the one of `--workspace`, for those that take one.
///
/// # Errors
/// If the command fails.
pub async fn run_workspaces(
    command: &workspace::Command,
    named: Option<&str>,
    workspaces: &Workspaces,
    output: &mut Output,
) -> Result<(), Problem> {
    workspace::run(command, named, workspaces, output).await
}
