//! The commands about stories, one file a command.

mod batch;
mod create;
mod generate;
mod list;
mod making;
mod resume;
mod show;

use clap::Subcommand;
use tokio_util::sync::CancellationToken;

use super::output::Output;
use crate::service::{Problem, Service};

/// The commands about stories.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a story, draw its pictures, upload them and store the rows
    Create(create::Create),
    /// List stories, newest first
    List,
    /// Show one story with its scenes
    Show {
        /// The story's id
        id: String,
    },
    /// Draw pictures for scenes: candidates, or the pictures that are missing
    Generate(generate::Generate),
    /// List, pause, resume, retry and cancel batches of pictures
    #[command(subcommand)]
    Batch(batch::Command),
    /// Do what is missing of a story that was interrupted or failed
    Resume {
        /// The story's id
        id: String,
    },
}

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::Create(create) => create::command(create, service, output).await,
        Command::List => list::command(service, output).await,
        Command::Show { id } => show::command(id, service, output).await,
        Command::Generate(words) => generate::command(words, service, output).await,
        Command::Batch(command) => batch::command(command, service, output).await,
        Command::Resume { id } => resume::command(id, service, output).await,
    }
}

/// Ctrl+C stops after what is under way is safe; the story can be resumed.
pub(super) fn stop_on_interrupt() -> CancellationToken {
    let cancel = CancellationToken::new();
    let signal = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            signal.cancel();
        }
    });
    cancel
}
