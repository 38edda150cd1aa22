//! `bucket list`, `create`, `update`, `empty`, `delete`.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::object::{PlanArguments, run as carry};
use super::output::{Output, table};
use crate::media::{format_bytes, group_thousands};
use crate::service::{BucketTotal, Problem, Service};
use crate::supabase::{AllowedType, Bucket, BucketName, BucketUpdate, NewBucket, SizeLimit};
use crate::transfer::{Kind, Plan};

/// The commands about buckets.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the buckets that the key may see
    List {
        /// Count the objects and bytes of each; every bucket is listed for that
        #[arg(long)]
        count: bool,
    },
    /// Make a bucket
    Create {
        /// Its name
        name: String,
        #[command(flatten)]
        access: Access,
        /// Bytes an object may have, at most: 500KB, 5MB; the project's own limit holds besides
        #[arg(long, value_name = "BYTES", value_parser = limit)]
        limit: Option<Limit>,
        /// Types it takes, with commas between them: image/png,image/* or png,jpeg
        #[arg(long, value_name = "TYPES", value_parser = types)]
        types: Option<Types>,
    },
    /// Change a bucket; what is not named stays
    Update {
        /// Its name
        name: String,
        #[command(flatten)]
        access: Access,
        /// Bytes an object may have, at most: 500KB, 5MB; none for no limit but the project's
        #[arg(long, value_name = "BYTES", value_parser = limit)]
        limit: Option<Limit>,
        /// Types it takes, with commas between them: image/png,image/* or png,jpeg; any for every type
        #[arg(long, value_name = "TYPES", value_parser = types)]
        types: Option<Types>,
    },
    /// Delete everything in a bucket for good, its trash too
    Empty(Empty),
    /// Delete a bucket with everything in it, for good
    Delete(Empty),
}

/// Who may read a bucket's objects.
#[derive(Debug, Args)]
pub struct Access {
    /// Let anybody read its objects by their public URL
    #[arg(long, conflicts_with = "private")]
    public: bool,
    /// Let nobody read its objects without a key or a signed link
    #[arg(long)]
    private: bool,
}

/// Which bucket, and whether that is certain.
#[derive(Debug, Args)]
pub struct Empty {
    /// Its name
    #[arg(required_unless_present = "run")]
    name: Option<String>,
    /// Yes, for good: without it, the name has to be typed at a terminal
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    plan: PlanArguments,
}

/// A limit on bytes, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(Option<u64>);

/// Types, or any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Types(Option<Vec<String>>);

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::List { count } => list(*count, service, output).await,
        Command::Create {
            name,
            access,
            limit,
            types,
        } => {
            let bucket = NewBucket {
                name: BucketName::parse_new(name).map_err(Problem::from)?,
                public: access.public,
                file_size_limit: limit.and_then(|limit| limit.0),
                allowed_mime_types: types.clone().and_then(|types| types.0),
            };
            service.create_bucket(&bucket).await?;
            let made = json!({
                "name": bucket.name.as_str(), "public": bucket.public, "file_size_limit": bucket.file_size_limit,
                "allowed_mime_types": bucket.allowed_mime_types,
            });
            output.result(&made, |_| format!("{} was made", bucket.name))
        }
        Command::Update {
            name,
            access,
            limit,
            types,
        } => {
            let name = BucketName::parse(name).map_err(Problem::from)?;
            let update = BucketUpdate {
                public: (access.public || access.private).then_some(access.public),
                file_size_limit: limit.map(|limit| limit.0),
                allowed_mime_types: types.clone().map(|types| types.0),
            };
            if update == BucketUpdate::default() {
                return Err(Problem::new(
                    "It is not said what is to be changed.",
                    "Say it with --public, --private, --limit or --types.",
                ));
            }
            let bucket = service.update_bucket(&name, &update).await?;
            output.result(&bucket, |bucket| table(&HEAD, &[row(bucket)]))
        }
        Command::Empty(words) => empty(words, false, service, output).await,
        Command::Delete(words) => empty(words, true, service, output).await,
    }
}

async fn empty(words: &Empty, then_delete: bool, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let kind = if then_delete { Kind::DeleteBucket } else { Kind::Empty };
    if words.plan.was_saved() && !words.yes {
        return Err(Problem::new(
            "This deletes for good; nothing was done.",
            "Look at the plan, then say --yes.",
        ));
    }
    let observe = carry::planning(output);
    let line = output.progress();
    carry::planned((&words.plan, &[kind]), service, output, async |stop| {
        let name = words.name.as_deref().unwrap_or_default();
        let bucket = BucketName::parse(name).map_err(Problem::from)?;
        let plan = service.plan_emptying(&bucket, then_delete, &observe, &stop).await?;
        line.clear();
        let does_nothing = !plan.items.iter().any(|item| item.action.acts());
        if !words.plan.only_shows() && !words.yes && !does_nothing {
            confirm(&bucket, &plan, &stop).await?;
        }
        Ok(vec![plan])
    })
    .await
}

/// Asks for the bucket's name to be typed, where somebody is there to type it.
async fn confirm(bucket: &BucketName, plan: &Plan, stop: &CancellationToken) -> Result<(), Problem> {
    let unconfirmed = |advice: &str| {
        let what = format!("{}; it cannot be taken back. Nothing was done.", plan.title);
        Err(Problem::new(what, advice))
    };
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return unconfirmed("Look at it with --plan, then say --yes.");
    }
    let question = format!(
        "{}. It cannot be taken back.\nType the name of the bucket to go on: ",
        plan.title
    );
    let typed = tokio::task::spawn_blocking(move || {
        let mut typed = String::new();
        write!(io::stderr(), "{question}")?;
        io::stderr().flush()?;
        io::stdin().lock().read_line(&mut typed).map(|_| typed)
    });
    match stop.run_until_cancelled(typed).await {
        Some(Ok(Ok(typed))) if typed.trim() == bucket.as_str() => Ok(()),
        None => unconfirmed("It was stopped."),
        _ => unconfirmed("What was typed is not the name of the bucket."),
    }
}

const HEAD: [&str; 4] = ["NAME", "ACCESS", "LIMIT", "TYPES"];

async fn list(count: bool, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let buckets = service.buckets().await?;
    if !count {
        return output.result(&buckets, |buckets| text(buckets));
    }
    let mut rows = Vec::new();
    let mut documents: Vec<Value> = Vec::new();
    for bucket in &buckets {
        output.progress().show(&format!("Counting what is in {}", bucket.name));
        // One that cannot be listed, as those for analytics, is there all the same.
        let total = match BucketName::parse(&bucket.id) {
            Ok(name) => service.bucket_total(&name).await.ok(),
            Err(_) => None,
        };
        let mut cells = row(bucket);
        cells.extend(counted(total));
        rows.push(cells);
        let mut document = serde_json::to_value(bucket).unwrap_or_default();
        document["total"] = json!(total);
        documents.push(document);
    }
    output.progress().clear();
    output.result(&documents, |_| {
        if rows.is_empty() {
            return text(&buckets);
        }
        let [name, access, limit, types] = HEAD;
        table(&[name, access, limit, types, "OBJECTS", "BYTES"], &rows)
    })
}

fn counted(total: Option<BucketTotal>) -> [String; 2] {
    match total {
        Some(total) => [group_thousands(total.objects), format_bytes(total.bytes)],
        None => ["–".to_owned(), "–".to_owned()],
    }
}

fn text(buckets: &[Bucket]) -> String {
    if buckets.is_empty() {
        return "No buckets, or none that this key may see.".to_owned();
    }
    let rows: Vec<Vec<String>> = buckets.iter().map(row).collect();
    table(&HEAD, &rows)
}

fn row(bucket: &Bucket) -> Vec<String> {
    let types = bucket.allowed_mime_types.as_deref().unwrap_or_default();
    vec![
        bucket.name.clone(),
        if bucket.public { "public" } else { "private" }.to_owned(),
        bucket
            .file_size_limit
            .map_or_else(|| "no limit".to_owned(), format_bytes),
        if types.is_empty() {
            "any type".to_owned()
        } else {
            types.join(", ")
        },
    ]
}

fn limit(text: &str) -> Result<Limit, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Limit(None));
    }
    match SizeLimit::parse(text) {
        Some(SizeLimit(0)) => Err("a limit of 0 bytes refuses every upload; write none for no limit".to_owned()),
        Some(limit) => Ok(Limit(Some(limit.0))),
        None => Err("write a number of bytes with its unit: 500KB, 5MB, 1.5GB; or none".to_owned()),
    }
}

fn types(text: &str) -> Result<Types, String> {
    if text.eq_ignore_ascii_case("any") {
        return Ok(Types(None));
    }
    let list = AllowedType::parse_list(text).map_err(|error| error.to_string())?;
    if list.is_empty() {
        return Err("write types with commas between them, or any".to_owned());
    }
    Ok(Types(Some(list.iter().map(ToString::to_string).collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_types_are_read_as_typed() {
        assert_eq!(limit("5MB"), Ok(Limit(Some(5_000_000))));
        assert_eq!(limit("none"), Ok(Limit(None)));
        assert!(limit("0").is_err() && limit("5 parsecs").is_err());
        assert_eq!(types("any"), Ok(Types(None)));
        let list = Types(Some(vec!["image/png".to_owned(), "image/*".to_owned()]));
        assert_eq!(types("png,image/*"), Ok(list));
        assert!(types("*/*").is_err() && types(",").is_err());
    }
}
