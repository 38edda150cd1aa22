//! `story purge`.

use clap::Args;
use serde_json::json;

use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::workspace::Limits;

/// What is removed.
#[derive(Debug, Args)]
pub struct Purge {
    /// Those that were forgotten so many days ago; as the workspace says unless given
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(Limits::MOST_DAYS)))]
    days: Option<u32>,
    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn command(words: &Purge, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let days = words.days.unwrap_or(service.workspace().keep_forgotten_days);
    let purged = service.purge_candidates(words.days, words.dry_run).await?;
    let document = json!({
        "days": days,
        "dry_run": words.dry_run,
        "candidates": purged.pictures,
        "files": purged.files,
        "bytes": purged.bytes,
    });
    let done = if words.dry_run { "Would remove" } else { "Removed" };
    output.result(&document, |_| match purged.files {
        0 => format!("Nothing to remove: no file of a candidate that was forgotten more than {days} days ago."),
        1 => format!("{done} 1 file of {}.", bytes(purged.bytes)),
        files => format!("{done} {files} files of {}.", bytes(purged.bytes)),
    })
}

/// "12.5 MB"
fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{} KB", count.div_ceil(1_000)),
        _ => format!("{}.{} MB", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}
