//! `object rm`.

use clap::Args;

use super::{PlanArguments, plan_text, run, sources, split_all};
use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::transfer::plan::DeleteOrder;
use crate::transfer::{Kind, Rules};

/// What to delete, and how.
#[derive(Debug, Args)]
pub struct Remove {
    /// Which, all of one bucket: BUCKET/KEY, BUCKET/FOLDER/, BUCKET/PATTERN
    #[arg(required_unless_present = "run")]
    what: Vec<String>,
    /// Delete for good: nothing can be taken back
    #[arg(long)]
    permanent: bool,
    /// Yes, all of them: needed for more than one object
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    plan: PlanArguments,
}

pub(super) async fn command(remove: &Remove, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let observe = run::planning(output);
    run::planned((&remove.plan, &[Kind::Delete]), service, output, async |stop| {
        let (bucket, keys) = split_all(&remove.what)?;
        let order = DeleteOrder {
            sources: sources(&keys)?,
            bucket,
            rules: Rules {
                keep_trash: !remove.permanent,
                ..Rules::default()
            },
        };
        let plan = service.plan_deletion(&order, &observe, &stop).await?;
        let many = plan.items.iter().filter(|item| item.action.acts()).count();
        if many > 1 && !remove.yes && !remove.plan.plan {
            return Err(Problem::new(
                format!(
                    "This would delete {many} objects ({}); nothing was done.",
                    plan_text::summary(&plan)
                ),
                "Look at them with --plan, then say --yes.",
            ));
        }
        Ok(vec![plan])
    })
    .await
}
