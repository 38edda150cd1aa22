//! `story create`.

use clap::Args;

use super::making::{finished, said};
use super::stop_on_interrupt;
use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::story::Brief;

/// What a story is made from.
#[derive(Debug, Args)]
pub struct Create {
    /// The title
    #[arg(long)]
    title: String,
    /// Who it is about and what happens
    #[arg(long)]
    prompt: String,
    /// How many scenes, 1 to 12
    #[arg(long, default_value_t = 6, allow_negative_numbers = true)]
    scenes: i64,
    /// The same words and seed give the same story; a random one unless given
    #[arg(long)]
    seed: Option<u32>,
}

pub(super) async fn command(words: &Create, service: &Service, output: &mut Output) -> Result<(), Problem> {
    // A negative number is as impossible as 0 and gets the same sentence.
    let scenes = usize::try_from(words.scenes).unwrap_or(0);
    let seed = words.seed.unwrap_or_else(fresh_seed);
    let brief = Brief::new(&words.title, &words.prompt, scenes, seed).map_err(Problem::from)?;
    let cancel = stop_on_interrupt();
    let line = output.progress();
    let outcome = service
        .create_story(&brief, &|step| line.show(&said(&step)), &cancel)
        .await;
    line.clear();
    finished(outcome?, output)
}

/// A seed of its own for each story, shown afterwards so that it can be used again.
pub(super) fn fresh_seed() -> u32 {
    uuid::Uuid::new_v4().as_fields().0
}
