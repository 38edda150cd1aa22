//! The commands about stories, one file a command.

mod batch;
mod create;
mod delete;
mod draft;
mod export;
mod generate;
mod list;
mod making;
mod publish;
mod purge;
mod replace;
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
    /// Write a draft that can be edited before anything is in the project; list, show, edit and discard drafts
    Draft(draft::Draft),
    /// Note that you have looked at every text and picture of a draft
    Approve {
        /// The draft's id
        id: String,
    },
    /// Publish a draft that was approved, or go on with that
    Publish {
        /// The draft's id
        id: String,
        /// Take back what was stored instead; the draft can be edited again
        #[arg(long)]
        take_back: bool,
    },
    /// List stories: all, or those that are like something, page by page
    List(list::List),
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
    /// Remove the files of candidates that were forgotten long enough ago
    Purge(purge::Purge),
    /// Put another picture in the place of a scene's picture, wherever the story shows it
    Replace(replace::Replace),
    /// Take the latest replacement back, or have a deleted story back
    Undo(replace::Undo),
    /// List what became of the pictures of a story
    History(replace::Undo),
    /// Delete a story with its pictures; it can be had back for 30 days
    Delete(delete::Delete),
    /// Do what is missing of a story that was interrupted or failed
    Resume {
        /// The story's id
        id: String,
    },
    /// Make a book out of a story: PDF, EPUB, contact sheet, folder or colouring pages
    Export(export::Export),
}

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::Create(create) => create::command(create, service, output).await,
        Command::Draft(words) => draft::command(words, service, output).await,
        Command::Approve { id } => publish::approve(id, service, output).await,
        Command::Publish { id, take_back: false } => publish::publish(id, service, output).await,
        Command::Publish { id, take_back: true } => publish::unpublish(id, service, output).await,
        Command::Replace(words) => replace::replace(words, service, output).await,
        Command::Undo(words) => replace::undo(words, service, output).await,
        Command::History(words) => replace::history(words, service, output).await,
        Command::Delete(words) => delete::command(words, service, output).await,
        Command::List(words) => list::command(words, service, output).await,
        Command::Show { id } => show::command(id, service, output).await,
        Command::Generate(words) => generate::command(words, service, output).await,
        Command::Batch(command) => batch::command(command, service, output).await,
        Command::Purge(purge) => purge::command(purge, service, output).await,
        Command::Export(export) => export::command(export, service, output).await,
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
