//! `story resume`.

use super::making::{finished, said};
use super::stop_on_interrupt;
use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::story::StoryId;

pub(super) async fn command(id: &str, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(id).map_err(Problem::from)?;
    let cancel = stop_on_interrupt();
    let line = output.progress();
    let outcome = service
        .resume_story(&id, &|step| line.show(&said(&step)), &cancel)
        .await;
    line.clear();
    finished(outcome?, output)
}
