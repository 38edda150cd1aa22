//! `object get`: objects to files of this machine, or one to standard output.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{PlanArguments, run, sources, split_all, taken};
use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::supabase::ObjectKey;
use crate::transfer::names::LocalPath;
use crate::transfer::plan::{DownloadOrder, KeySource};
use crate::transfer::{Kind, Rules};

/// What to download, and how.
#[derive(Debug, Args)]
pub struct Get {
    /// Which: BUCKET/KEY, BUCKET/FOLDER/, BUCKET/PATTERN such as 'story-images/**.png'
    #[arg(required_unless_present = "run")]
    from: Option<String>,
    /// The file or folder to write, - for standard output; the key's last part in this folder unless given
    to: Option<PathBuf>,
    /// Replace files that are there with other bytes
    #[arg(long, conflicts_with = "beside")]
    replace: bool,
    /// Write under another name what would take the place of something else
    #[arg(long)]
    beside: bool,
    #[command(flatten)]
    plan: PlanArguments,
}

pub(super) async fn command(get: &Get, service: &Service, output: &mut Output) -> Result<(), Problem> {
    if let (Some(from), Some(to)) = (&get.from, &get.to)
        && to == Path::new("-")
    {
        return print(from, service, output).await;
    }
    let observe = run::planning(output);
    run::planned((&get.plan, &[Kind::Download]), service, output, async |stop| {
        let from: Vec<String> = get.from.iter().cloned().collect();
        let (bucket, keys) = split_all(&from)?;
        let sources = sources(&keys)?;
        let (folder, name) = target(&sources, get.to.as_deref())?;
        let order = DownloadOrder {
            sources,
            bucket,
            folder,
            name,
            taken: taken(get.replace, get.beside),
            rules: Rules::default(),
        };
        Ok(vec![service.plan_download(&order, &observe, &stop).await?])
    })
    .await
}

async fn print(from: &str, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let (bucket, key) = super::split(from)?;
    if matches!(KeySource::typed(key), Ok(KeySource::Inside(_))) {
        return Err(Problem::new(
            format!("“{from}” is a folder, and standard output takes one object."),
            "Name one object, as BUCKET/KEY, or a folder of this machine in the place of the -.",
        ));
    }
    let key = ObjectKey::parse(key).map_err(Problem::from)?;
    let mut object = service.open_object(&bucket, &key).await?;
    while let Some(piece) = object.chunk().await.map_err(Problem::from)? {
        if !output.bytes(&piece)? {
            break;
        }
    }
    Ok(())
}

/// The folder, and the file's name in it where one object is to become one file of a name that was given.
fn target(sources: &[KeySource], to: Option<&Path>) -> Result<(PathBuf, Option<LocalPath>), Problem> {
    let here = PathBuf::from(".");
    let one = matches!(sources, [KeySource::Key(_)]);
    let Some(to) = to else {
        return Ok((here, None));
    };
    let folder = to.is_dir() || to.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    if !one || folder {
        return Ok((to.to_owned(), None));
    }
    let name = to
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let name = LocalPath::parse(&name).map_err(Problem::from)?;
    let folder = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok((folder.map_or(here, Path::to_owned), Some(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_may_be_given_a_name_and_several_a_folder() {
        let key = |text| vec![KeySource::typed(text).unwrap()];
        let (folder, name) = target(&key("a/b.png"), Some(Path::new("out/c.png"))).unwrap();
        assert_eq!((folder.as_path(), name.unwrap().as_str()), (Path::new("out"), "c.png"));
        let (folder, name) = target(&key("a/b.png"), Some(Path::new("out/"))).unwrap();
        assert_eq!((folder.as_path(), name), (Path::new("out/"), None));
        let (folder, name) = target(&key("a/"), Some(Path::new("out"))).unwrap();
        assert_eq!((folder.as_path(), name), (Path::new("out"), None));
        assert_eq!(target(&key("a"), None).unwrap().0, Path::new("."));
    }
}
