//! What is said while a story is made, and how it ended.

use super::show;
use crate::cli::output::Output;
use crate::service::Problem;
use crate::story::{Outcome, Step};

/// What is being done, in a few words.
pub(super) fn said(step: &Step) -> String {
    match step {
        Step::Bucket => "Looking for the bucket".to_owned(),
        Step::Started(id) => format!("Story {id}"),
        Step::Writing => "Writing the scenes".to_owned(),
        Step::Written { scenes, missing } => format!("{scenes} scenes, {missing} without a picture"),
        Step::Drawing { index, .. } => format!("Drawing scene {}", index + 1),
        Step::Stored { index, .. } => format!("Scene {} is stored", index + 1),
        Step::Failed { index, .. } => format!("Scene {} failed", index + 1),
    }
}

/// Prints the story as it now is, also if it is not whole: what is there was paid for.
pub(super) fn finished(outcome: Outcome, output: &mut Output) -> Result<(), Problem> {
    output.result(&outcome.story, show::text)?;
    if outcome.cancelled {
        let advice = format!("Go on with: storymimi-studio story resume {}", outcome.story.story_id);
        return Err(Problem::new("Stopped before every picture was made.", advice));
    }
    outcome.into_problem().map_or(Ok(()), Err)
}
