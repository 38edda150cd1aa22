//! `object put`: files, folders and patterns to a bucket.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::{PlanArguments, run, split, taken};
use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::transfer::plan::{BadNames, FileSource, KeyTarget, Links, ManifestOrder, SyncOrder, UploadOrder};
use crate::transfer::{Kind, Rules};

/// What to upload, and how.
#[derive(Debug, Args)]
pub struct Put {
    /// Files, folders, patterns such as 'pictures/**.png', and last where to: BUCKET/KEY for one file, BUCKET/FOLDER/ or
    /// BUCKET for several. A folder that is written with a slash at its end means what is in it
    #[arg(required_unless_present = "run", num_args = 2.., value_names = ["FILE", "BUCKET/KEY"])]
    words: Vec<PathBuf>,
    /// Replace what is there with other bytes; it can be taken back from the trash
    #[arg(long, conflicts_with = "beside")]
    replace: bool,
    /// Store under another name what would take the place of something else
    #[arg(long)]
    beside: bool,
    /// Make the folder in the bucket like the one folder that is named: replace what differs
    #[arg(long, conflicts_with_all = ["replace", "beside"])]
    sync: bool,
    /// With --sync: also delete from the bucket what is not in the folder; it can be taken back
    #[arg(long, requires = "sync")]
    delete: bool,
    /// Store each file of the one folder that is named under the key that it was downloaded from, as the manifest says that
    /// `object get` wrote there
    #[arg(long, conflicts_with_all = ["sync", "escape_names"])]
    by_manifest: bool,
    /// Give names that are no keys one from which they can be computed again, in the place of refusing them
    #[arg(long)]
    escape_names: bool,
    /// Follow symbolic links that lead to something in the folder that is named
    #[arg(long)]
    follow_links: bool,
    /// How long readers may keep what is uploaded
    #[arg(long, value_name = "VALUE", default_value = "max-age=3600")]
    cache_control: String,
    /// Read everything back where the server tells no hash that could be compared
    #[arg(long)]
    read_back: bool,
    #[command(flatten)]
    plan: PlanArguments,
}

pub(super) async fn command(put: &Put, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let observe = run::planning(output);
    let kept_all = AtomicBool::new(false);
    // A plan of --sync --delete holds both.
    Box::pin(run::planned(
        (&put.plan, &[Kind::Upload, Kind::Delete]),
        service,
        output,
        async |stop| {
            let Some((to, files)) = put.words.split_last() else {
                return Ok(Vec::new());
            };
            let (bucket, key) = split(to.to_str().unwrap_or_default())?;
            let rules = Rules {
                cache_control: put.cache_control.clone(),
                read_back: put.read_back,
                ..Rules::default()
            };
            let bad_names = if put.escape_names {
                BadNames::Escape
            } else {
                BadNames::Refuse
            };
            let links = if put.follow_links { Links::Follow } else { Links::Refuse };
            let taken = taken(put.replace, put.beside);
            if put.by_manifest {
                let order = ManifestOrder {
                    folder: one_folder(files, "--by-manifest")?,
                    bucket,
                    prefix: key.to_owned(),
                    taken,
                    links,
                    rules,
                };
                return Ok(vec![service.plan_upload_by_manifest(&order, &observe, &stop).await?]);
            }
            if put.sync {
                let order = SyncOrder {
                    folder: one_folder(files, "--sync")?,
                    bucket,
                    prefix: key.to_owned(),
                    delete: put.delete,
                    bad_names,
                    links,
                    rules,
                };
                let plans = service.plan_sync(&order, &observe, &stop).await?;
                kept_all.store(put.delete && plans.delete.is_none(), Ordering::Relaxed);
                return Ok([Some(plans.upload), plans.delete].into_iter().flatten().collect());
            }
            let order = UploadOrder {
                sources: files.iter().map(|file| FileSource::typed(file)).collect(),
                bucket,
                target: KeyTarget::typed(key).map_err(Problem::from)?,
                bad_names,
                taken,
                links,
                rules,
            };
            Ok(vec![service.plan_upload(&order, &observe, &stop).await?])
        },
    ))
    .await
}

/// What an option works on that takes one folder.
fn one_folder(files: &[PathBuf], option: &str) -> Result<PathBuf, Problem> {
    match files {
        [folder] => Ok(folder.clone()),
        _ => Err(Problem::new(
            format!("{option} takes one folder."),
            format!("Name the folder and then where to: object put {option} pictures story-images/pictures/"),
        )),
    }
}
