//! `bucket list`, `bucket create`.

use clap::Subcommand;

use super::output::{Output, table};
use crate::media::format_bytes;
use crate::service::{Problem, Service};
use crate::supabase::{Bucket, BucketName, NewBucket};

/// The commands about buckets.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the buckets that the key may see
    List,
    /// Make a bucket
    Create {
        /// Its name
        name: String,
        /// Let anybody read its objects by their public URL
        #[arg(long)]
        public: bool,
    },
}

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::List => output.result(&service.buckets().await?, |buckets| list(buckets)),
        Command::Create { name, public } => {
            let name = BucketName::parse_new(name).map_err(Problem::from)?;
            let bucket = NewBucket {
                name,
                public: *public,
                file_size_limit: None,
                allowed_mime_types: None,
            };
            service.create_bucket(&bucket).await?;
            let made = serde_json::json!({ "name": bucket.name.as_str(), "public": public });
            output.result(&made, |_| format!("{} was made", bucket.name))
        }
    }
}

fn list(buckets: &[Bucket]) -> String {
    if buckets.is_empty() {
        return "No buckets, or none that this key may see.".to_owned();
    }
    let rows: Vec<Vec<String>> = buckets
        .iter()
        .map(|bucket| {
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
        })
        .collect();
    table(&["NAME", "ACCESS", "LIMIT", "TYPES"], &rows)
}
