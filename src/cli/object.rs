//! `object list`, `object put`, `object get`, `object rm`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::output::{Output, table};
use crate::media::format_bytes;
use crate::service::{Existing, Problem, Service, Transferred};
use crate::supabase::{BucketName, Entry, ObjectKey};

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
    /// Upload a file
    Put {
        /// The file
        file: PathBuf,
        /// Where to: BUCKET/KEY; a KEY that ends with / keeps the file's name
        to: String,
        /// Replace an object of that key
        #[arg(long)]
        replace: bool,
    },
    /// Download an object
    Get {
        /// Which: BUCKET/KEY
        from: String,
        /// The file to write; the key's last part in this folder unless given, - for standard output
        file: Option<PathBuf>,
    },
    /// Delete an object
    Rm {
        /// Which: BUCKET/KEY
        what: String,
    },
}

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::List { bucket, prefix } => {
            let bucket = BucketName::parse(bucket).map_err(Problem::from)?;
            let objects = service.objects(&bucket, prefix.as_deref().unwrap_or_default()).await?;
            output.result(&objects, |objects| list(objects))
        }
        Command::Put { file, to, replace } => {
            let (bucket, key) = target(to, file)?;
            let progress = output.progress();
            let observe = |far: Transferred| progress.show(&far.words());
            let never = CancellationToken::new();
            let put = service
                .put_object(file, (&bucket, &key), *replace, &observe, &never)
                .await;
            progress.clear();
            let put = put?;
            output.result(&put, |put| {
                let mut text = format!(
                    "{}/{} is stored, {}, {}",
                    put.bucket,
                    put.key,
                    put.content_type,
                    format_bytes(put.size)
                );
                if let Some(url) = &put.public_url {
                    text.push_str(&format!("\n{url}"));
                }
                text
            })
        }
        Command::Get { from, file } => {
            let (bucket, key) = split(from)?;
            if file.as_deref() == Some(Path::new("-")) {
                let mut object = service.open_object(&bucket, &key).await?;
                while let Some(piece) = object.chunk().await.map_err(Problem::from)? {
                    if !output.bytes(&piece)? {
                        break;
                    }
                }
                return Ok(());
            }
            let path = match file {
                Some(path) => path.clone(),
                None => local_name(&key)?,
            };
            let progress = output.progress();
            let observe = |far: Transferred| progress.show(&far.words());
            let size = service
                .save_object((&bucket, &key), &path, Existing::Kept, &observe)
                .await;
            progress.clear();
            let size = size?;
            let got = json!({ "bucket": bucket.as_str(), "key": key.as_str(), "file": path, "size": size });
            output.result(&got, |_| format!("{} has {}", path.display(), format_bytes(size)))
        }
        Command::Rm { what } => {
            let (bucket, key) = split(what)?;
            service.remove(&bucket, std::slice::from_ref(&key)).await?;
            output.result(&json!({ "removed": [key.as_str()] }), |_| {
                format!("{bucket}/{key} was deleted")
            })
        }
    }
}

fn split(text: &str) -> Result<(BucketName, ObjectKey), Problem> {
    let (bucket, key) = text.split_once('/').filter(|(_, key)| !key.is_empty()).ok_or_else(|| {
        Problem::new(
            format!("“{text}” names no object."),
            "Write the bucket, a slash and the key: story-images/cover.png",
        )
    })?;
    Ok((
        BucketName::parse(bucket).map_err(Problem::from)?,
        ObjectKey::parse(key).map_err(Problem::from)?,
    ))
}

fn target(to: &str, file: &Path) -> Result<(BucketName, ObjectKey), Problem> {
    if to.ends_with('/') || !to.contains('/') {
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        return split(&format!("{}/{name}", to.trim_end_matches('/')));
    }
    split(to)
}

/// A key is whatever somebody stored; it becomes a file's name only if it is one.
fn local_name(key: &ObjectKey) -> Result<PathBuf, Problem> {
    match key.file_name() {
        "" | "." | ".." => Err(Problem::new(
            format!("{key} does not end with a file's name."),
            "Say which file to write as the second word.",
        )),
        name => Ok(PathBuf::from(name)),
    }
}

fn list(objects: &[Entry]) -> String {
    if objects.is_empty() {
        return "No objects.".to_owned();
    }
    let rows: Vec<Vec<String>> = objects
        .iter()
        .map(|object| {
            vec![
                object.size.map_or_else(|| "–".to_owned(), format_bytes),
                object.content_type.clone().unwrap_or_else(|| "–".to_owned()),
                object.updated_at.map(|at| at.to_string()).unwrap_or_default(),
                object.key.clone(),
            ]
        })
        .collect();
    table(&["SIZE", "TYPE", "UPDATED", "KEY"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_files_name_in_a_folder() {
        let key = |to| target(to, Path::new("/tmp/fox.png")).unwrap().1.to_string();
        assert_eq!(key("b/covers/"), "covers/fox.png");
        assert_eq!(key("b"), "fox.png");
        assert_eq!(key("b/other.png"), "other.png");
        assert!(target("b/ä.png", Path::new("fox.png")).is_err());
    }

    #[test]
    fn hostile_keys_become_no_path() {
        for key in ["..", "a/..", "a/", "."] {
            assert!(local_name(&ObjectKey::parse(key).unwrap()).is_err(), "{key}");
        }
        assert_eq!(
            local_name(&ObjectKey::parse("../../etc/passwd").unwrap()).unwrap(),
            Path::new("passwd")
        );
    }
}
