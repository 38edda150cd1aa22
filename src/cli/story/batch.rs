//! `story batch`: batches of pictures that go on, wait, or have ended.

use clap::Subcommand;

use super::generate::{finished, pause_on_interrupt, under_way};
use crate::cli::output::{Output, table};
use crate::service::{Problem, Service};
use crate::story::{Batch, BatchId, BatchState, BatchWish, StoryError};

/// What is done about batches.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List batches in their order
    List,
    /// Show a batch and its variants
    Show {
        /// The batch's id
        id: String,
    },
    /// Ask for nothing more of a batch until it is resumed
    Pause {
        /// The batch's id
        id: String,
    },
    /// Go on with a batch, and wait for it
    Resume {
        /// The batch's id
        id: String,
    },
    /// Ask for what failed or was cancelled again, and wait for it
    Retry {
        /// The batch's id
        id: String,
    },
    /// Ask for nothing more of a batch; what is paid for already is waited for. Said twice, that is given up as well
    Cancel {
        /// The batch's id
        id: String,
    },
}

pub(super) async fn command(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::List => {
            let batches = service.batches().await?;
            output.result(&batches, |batches| list(batches))
        }
        Command::Show { id } => {
            let batch = service.batch(&parse(id)?).await?;
            finished(batch, Vec::new(), service, output).await
        }
        Command::Pause { id } => wish(id, BatchWish::Pause, service, output).await,
        Command::Cancel { id } => wish(id, BatchWish::Cancel, service, output).await,
        Command::Resume { id } => go_on(id, BatchWish::Resume, service, output).await,
        Command::Retry { id } => go_on(id, BatchWish::Retry, service, output).await,
    }
}

fn parse(id: &str) -> Result<BatchId, Problem> {
    BatchId::parse(id)
        .map_err(|error| Problem::new(format!("{error}."), "List them with: storymimi-studio story batch list"))
}

async fn wish(id: &str, wish: BatchWish, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = parse(id)?;
    service.wish_batch(&id, wish).await?;
    output.result(&service.batch(&id).await?, |batch| {
        format!("{}: {}", batch.title, word(batch.state))
    })
}

async fn go_on(id: &str, wish: BatchWish, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = parse(id)?;
    let known = service.batches().await?.into_iter().any(|batch| batch.id == id);
    if !known {
        return Err(StoryError::NoSuchBatch(id).into());
    }
    if wish == BatchWish::Retry {
        service.wish_batch(&id, wish).await?;
    }
    let line = output.progress();
    let ran = service
        .resume_batch(&id, &|batch| line.show(&under_way(batch)), &pause_on_interrupt())
        .await;
    line.clear();
    finished(ran?, Vec::new(), service, output).await
}

fn list(batches: &[Batch]) -> String {
    if batches.is_empty() {
        return "No batches yet. Begin one with: storymimi-studio story generate ID --missing --place".to_owned();
    }
    let rows: Vec<Vec<String>> = batches
        .iter()
        .map(|batch| {
            vec![
                batch.id.to_string(),
                word(batch.state).to_owned(),
                format!("{}/{}", batch.counts.made, batch.counts.all()),
                batch.cost.to_string(),
                batch.title.clone(),
            ]
        })
        .collect();
    table(&["ID", "STATE", "MADE", "COST", "TITLE"], &rows)
}

fn word(state: BatchState) -> &'static str {
    match state {
        BatchState::Running => "Running",
        BatchState::Waiting => "Waiting",
        BatchState::Paused => "Paused",
        BatchState::Held => "Held up",
        BatchState::Cancelling => "Being cancelled",
        BatchState::Ended => "Ended",
    }
}
