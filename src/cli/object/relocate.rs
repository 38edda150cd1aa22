//! `object mv` and `object cp`.

use clap::Args;

use super::{PlanArguments, run, sources, split, split_all, taken};
use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::transfer::plan::{BadNames, KeyTarget, RelocateOrder};
use crate::transfer::{Kind, Rules};

/// What to move or copy, and how.
#[derive(Debug, Args)]
pub struct Relocate {
    /// Which, all of one bucket: BUCKET/KEY, BUCKET/FOLDER/, BUCKET/PATTERN; and last where to: BUCKET/KEY for one object,
    /// BUCKET/FOLDER/ or BUCKET for several
    #[arg(required_unless_present = "run", num_args = 2.., value_names = ["BUCKET/KEY", "BUCKET/KEY"])]
    words: Vec<String>,
    /// Replace what is there; it can be taken back from the trash
    #[arg(long, conflicts_with = "beside")]
    replace: bool,
    /// Store under another name what would take the place of something else
    #[arg(long)]
    beside: bool,
    /// Into a bucket of this workspace, by its id or its name, instead of the one that the objects are in
    #[arg(long, value_name = "NAME", conflicts_with_all = ["replace", "run"])]
    to_workspace: Option<String>,
    #[command(flatten)]
    plan: PlanArguments,
}

pub(super) async fn command(
    words: &Relocate,
    copy: bool,
    service: &Service,
    output: &mut Output,
) -> Result<(), Problem> {
    let observe = run::planning(output);
    let kind = if copy { Kind::Copy } else { Kind::Move };
    run::planned((&words.plan, &[kind]), service, output, async |stop| {
        let Some((to, from)) = words.words.split_last() else {
            return Ok(Vec::new());
        };
        let (bucket, keys) = split_all(from)?;
        let (to_bucket, key) = split(to)?;
        let order = RelocateOrder {
            copy,
            sources: sources(&keys)?,
            bucket,
            to_bucket,
            target: KeyTarget::typed(key).map_err(Problem::from)?,
            bad_names: BadNames::Refuse,
            taken: taken(words.replace, words.beside),
            rules: Rules::default(),
        };
        let plan = match &words.to_workspace {
            None => service.plan_relocation(&order, &observe, &stop).await?,
            Some(name) => {
                let other = service.find_workspace(name).await?;
                service.plan_relocation_into(&other, &order, &observe, &stop).await?
            }
        };
        Ok(vec![plan])
    })
    .await
}
