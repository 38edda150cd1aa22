//! `story approve` and `story publish`.

use super::{draft, show, stop_on_interrupt};
use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::story::{PublishStep, StoryId};

/// Notes that whoever runs this has looked at every text and picture.
pub(super) async fn approve(id: &str, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let manuscript = draft::find(id, service).await?;
    let approved = service.approve(&manuscript).await?;
    output.result(&approved, draft::text)
}

/// Publishes what was approved, or goes on with that.
pub(super) async fn publish(id: &str, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(id).map_err(Problem::from)?;
    let line = output.progress();
    let published = service
        .publish(&id, &|step| line.show(&said(&step)), &stop_on_interrupt())
        .await;
    line.clear();
    output.result(&published?, show::text)
}

/// Takes back what was stored of a publication that did not come to its end.
pub(super) async fn unpublish(id: &str, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(id).map_err(Problem::from)?;
    let manuscript = service.take_back_publication(&id).await?;
    output.result(&manuscript, draft::text)
}

fn said(step: &PublishStep) -> String {
    match step {
        PublishStep::Stored { done, of } => format!("{done} of {of} pictures are stored"),
        PublishStep::Writing => "Writing the rows".to_owned(),
        PublishStep::TakingBack => "Removing what was stored".to_owned(),
    }
}
