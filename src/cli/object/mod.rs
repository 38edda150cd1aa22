//! The commands about objects: list, look at, upload, download, move, copy, edit, sign, delete.

mod find;
mod get;
mod info;
mod list;
mod meta;
pub(super) mod plan_text;
mod put;
mod relocate;
mod remove;
pub(super) mod run;
mod sign;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::Output;
use crate::service::{Problem, Service};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::{KeySource, Taken};

/// The commands about objects.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the objects of a bucket
    List {
        /// The bucket
        bucket: String,
        /// Only keys that begin with this
        prefix: Option<String>,
    },
    /// Find objects in all folders, by their keys and by what they are
    Find(find::Find),
    /// Show what is known of an object, and where it comes from
    Info(info::Info),
    /// Show or change what is kept beside objects and how they are served, without uploading them again
    Meta(meta::Meta),
    /// Make links that read objects without a key, until they end
    Sign(sign::Sign),
    /// Upload files, folders and what matches patterns
    Put(put::Put),
    /// Download objects
    Get(get::Get),
    /// Move or rename objects
    Mv(relocate::Relocate),
    /// Copy objects
    Cp(relocate::Relocate),
    /// Delete objects; they can be taken back from the trash for 30 days
    Rm(remove::Remove),
}

/// What all commands that move something can do with their plan.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Only show what would be done; with --json, the plan itself, which --run takes
    #[arg(long, conflicts_with = "run")]
    plan: bool,
    /// Carry out a plan that was saved
    #[arg(long, value_name = "PLAN")]
    run: Option<PathBuf>,
    /// Items on their way at once, at most; by itself it finds out what is fastest
    #[arg(long, value_name = "COUNT")]
    at_once: Option<std::num::NonZeroUsize>,
    /// Bytes a second, at most: 500KB, 2MB
    #[arg(long, value_name = "BYTES", value_parser = run::bytes)]
    limit_rate: Option<std::num::NonZeroU64>,
    /// Tell each item that comes to an end as a line of JSON on standard error
    #[arg(long)]
    events: bool,
}

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::List { bucket, prefix } => {
            let bucket = BucketName::parse(bucket).map_err(Problem::from)?;
            let objects = service.objects(&bucket, prefix.as_deref().unwrap_or_default()).await?;
            output.result(&objects, |objects| list::text(objects))
        }
        Command::Find(find) => find::command(find, service, output).await,
        Command::Info(info) => info::command(info, service, output).await,
        Command::Meta(meta) => meta::command(meta, service, output).await,
        Command::Sign(sign) => sign::command(sign, service, output).await,
        Command::Put(put) => put::command(put, service, output).await,
        Command::Get(get) => get::command(get, service, output).await,
        Command::Mv(words) => relocate::command(words, false, service, output).await,
        Command::Cp(words) => relocate::command(words, true, service, output).await,
        Command::Rm(remove) => remove::command(remove, service, output).await,
    }
}

impl PlanArguments {
    /// Whether nothing is to be done, only shown.
    pub(in crate::cli) fn only_shows(&self) -> bool {
        self.plan
    }

    /// Whether what is done was planned before.
    pub(in crate::cli) fn was_saved(&self) -> bool {
        self.run.is_some()
    }
}

/// One object that was named whole.
fn one(text: &str) -> Result<(BucketName, ObjectKey), Problem> {
    let (bucket, key) = split(text)?;
    Ok((bucket, ObjectKey::parse(key).map_err(Problem::from)?))
}

/// A bucket and what is said of keys in it: `BUCKET`, `BUCKET/`, `BUCKET/KEY`, `BUCKET/PATTERN`.
fn split(text: &str) -> Result<(BucketName, &str), Problem> {
    let (bucket, rest) = text.split_once('/').unwrap_or((text, ""));
    Ok((BucketName::parse(bucket).map_err(Problem::from)?, rest))
}

/// All that were named, which have to be of one bucket.
fn split_all(texts: &[String]) -> Result<(BucketName, Vec<&str>), Problem> {
    let mut bucket: Option<BucketName> = None;
    let mut rests = Vec::new();
    for text in texts {
        let (named, rest) = split(text)?;
        if bucket.as_ref().is_some_and(|bucket| *bucket != named) {
            return Err(Problem::new(
                "The objects are of more than one bucket.",
                "Give the command once for each bucket.",
            ));
        }
        bucket = Some(named);
        rests.push(rest);
    }
    let bucket = bucket.ok_or_else(|| {
        Problem::new(
            "No object was named.",
            "Write the bucket, a slash and the key: story-images/cover.png. A key may be a pattern.",
        )
    })?;
    Ok((bucket, rests))
}

/// The objects that keys, folders and patterns name.
fn sources(keys: &[&str]) -> Result<Vec<KeySource>, Problem> {
    let typed: Result<_, _> = keys.iter().map(|key| KeySource::typed(key)).collect();
    typed.map_err(Problem::from)
}

/// What `--replace` and `--beside` say of what is in the way.
fn taken(replace: bool, beside: bool) -> Taken {
    match (replace, beside) {
        (true, _) => Taken::Replace,
        (false, true) => Taken::Rename,
        (false, false) => Taken::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_and_keys_are_told_apart_at_the_first_slash() {
        assert_eq!(split("b").unwrap().1, "");
        assert_eq!(split("b/a/c.png").unwrap().1, "a/c.png");
        assert!(split("/a").is_err());
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert!(split_all(&texts(&["a/1", "b/2"])).is_err());
        assert!(split_all(&[]).is_err());
        assert_eq!(split_all(&texts(&["a/1", "a/2"])).unwrap().1, ["1", "2"]);
    }
}
