//! From objects to a plan of files: names that every system takes, inside one folder, and what is there already.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use super::compare::{READS, Same, compare};
use super::keys::Hit;
use super::request::{blocking, counted};
use super::{Action, KeySource, Kind, Place, Plan, PlanError, PlanItem, Planner, Rules, Seen, Step, Taken};
use crate::supabase::{BucketName, Objects};
use crate::transfer::names::{Laid, LocalPath, fold, lay_out};

/// Files looked at one after the other before others may.
const CHUNK: usize = 64;
/// Numbers tried for a free name before it is given up.
const NUMBERS: usize = 1_000;

/// What is to be downloaded.
#[derive(Clone, Debug)]
pub struct DownloadOrder {
    /// Which objects.
    pub sources: Vec<KeySource>,
    /// Of which bucket.
    pub bucket: BucketName,
    /// Into which folder. It need not be there.
    pub folder: PathBuf,
    /// Under which name, if it is one object; else by its key.
    pub name: Option<LocalPath>,
    /// What becomes of files that are there already with other bytes.
    pub taken: Taken,
    /// How it is carried out. Its root becomes the folder.
    pub rules: Rules,
}

/// What is at the place of a file.
enum Present {
    Nothing,
    File {
        size: u64,
        modified: Option<Timestamp>,
    },
    /// Something that no file can be written to, as a sentence.
    Blocked(String),
}

impl Planner<'_> {
    /// Plans a download.
    ///
    /// # Errors
    /// If nothing was found of something that was named, the folder is no folder, or it was stopped.
    pub async fn download(&self, order: &DownloadOrder) -> Result<Plan, PlanError> {
        let (_, objects) = self.bucket(&order.bucket).await?;
        let hits = self.hits(&objects, &order.sources).await?;
        let laid = match &order.name {
            Some(name) if hits.len() > 1 => return Err(PlanError::OneTarget(hits.len(), name.to_string())),
            Some(name) => vec![Laid {
                path: name.clone(),
                changed: None,
            }],
            None => {
                let relative: Vec<&str> = hits.iter().map(|hit| hit.relative.as_str()).collect();
                lay_out(&relative)
            }
        };
        let named = order.folder.clone();
        let folder = blocking(move || absolute(&named)).await?;
        let dir = open(&folder).await?;
        let present = self
            .present(dir.as_ref(), laid.iter().map(|laid| laid.path.clone()).collect())
            .await?;
        let same = self.same_files(&objects, dir.as_ref(), &hits, &laid, &present).await?;
        let mut names: HashSet<String> = laid.iter().map(|laid| fold(laid.path.as_str())).collect();
        let mut items = Vec::with_capacity(hits.len());
        for (index, ((hit, laid), present)) in hits.into_iter().zip(laid).zip(present).enumerate() {
            self.go_on()?;
            let mut item = row(&hit, &laid, order.bucket.as_str(), &folder);
            match present {
                _ if item.action == Action::Refuse => {}
                Present::Nothing => {}
                Present::Blocked(why) => {
                    item.action = Action::Refuse;
                    item.why = why;
                }
                Present::File { size, modified } => {
                    item.replaces = Some(Seen {
                        size: Some(size),
                        modified,
                        etag: None,
                    });
                    match (same.get(&index).copied().unwrap_or(Same::No), order.taken) {
                        (Same::Yes, _) => item.action = Action::Identical,
                        (how, taken) => {
                            let there = match how {
                                Same::Unknown => {
                                    "A file of the same size is there, and the server tells no hash to compare it by."
                                }
                                _ => "Another file is there.",
                            };
                            item.why = format!("{there} {}", item.why).trim().to_owned();
                            match taken {
                                Taken::Refuse => item.action = Action::Refuse,
                                Taken::Replace => item.action = Action::Replace,
                                Taken::Rename => {
                                    rename(&mut item, &laid.path, &folder, dir.as_ref(), &mut names).await;
                                }
                            }
                        }
                    }
                }
            }
            items.push(item);
        }
        let title = format!(
            "Download {} of {} to {}",
            counted(items.len(), "object"),
            order.bucket,
            folder.display()
        );
        let rules = Rules {
            root: Some(folder),
            ..order.rules.clone()
        };
        Ok(self.plan(Kind::Download, title, &rules, items, Vec::new()))
    }

    async fn present(&self, dir: Option<&Arc<Dir>>, paths: Vec<LocalPath>) -> Result<Vec<Present>, PlanError> {
        let Some(dir) = dir else {
            return Ok(paths.into_iter().map(|_| Present::Nothing).collect());
        };
        let chunks: Vec<Vec<LocalPath>> = paths.chunks(CHUNK).map(<[LocalPath]>::to_vec).collect();
        let count = chunks.len();
        let work = stream::iter(chunks)
            .map(|chunk| {
                let dir = Arc::clone(dir);
                let look = move || chunk.into_iter().map(|path| look(&dir, &path)).collect::<Vec<_>>();
                async { Ok(blocking(look).await) }
            })
            .buffered(READS);
        Ok(self
            .gather(Step::Looking, count, work)
            .await?
            .into_iter()
            .flatten()
            .collect())
    }

    async fn same_files(
        &self,
        objects: &Objects,
        dir: Option<&Arc<Dir>>,
        hits: &[Hit],
        laid: &[Laid],
        present: &[Present],
    ) -> Result<HashMap<usize, Same>, PlanError> {
        let Some(dir) = dir else {
            return Ok(HashMap::new());
        };
        let pairs: Vec<(usize, &Hit, &Laid, u64)> = hits
            .iter()
            .zip(laid)
            .zip(present)
            .enumerate()
            .filter_map(|(index, ((hit, laid), present))| match present {
                Present::File { size, .. } => Some((index, hit, laid, *size)),
                _ => None,
            })
            .collect();
        let count = pairs.len();
        let work = stream::iter(pairs)
            .map(|(index, hit, laid, size)| async move {
                let Ok(key) = hit.reachable() else {
                    return Ok((index, Same::Unknown));
                };
                let (dir, path) = (Arc::clone(dir), laid.path.to_path());
                let shown = path.clone();
                let open = Box::new(move || Ok(Box::new(dir.open(path)?) as Box<dyn io::Read + Send>));
                let same = match compare((size, shown, open), (objects, &key, &hit.stored), self.stop).await {
                    Err(PlanError::Io { .. }) => Same::Unknown,
                    other => other?,
                };
                Ok((index, same))
            })
            .buffer_unordered(READS)
            .boxed();
        Ok(self.gather(Step::Comparing, count, work).await?.into_iter().collect())
    }
}

/// The folder as a handle, through which nothing outside of it is seen; None if it is not there yet.
async fn open(folder: &Path) -> Result<Option<Arc<Dir>>, PlanError> {
    let path = folder.to_owned();
    let opened = blocking(move || Dir::open_ambient_dir(path, ambient_authority())).await;
    match opened {
        Ok(dir) => Ok(Some(Arc::new(dir))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(PlanError::Io {
            what: "read",
            path: folder.to_owned(),
            source,
        }),
    }
}

fn look(dir: &Dir, path: &LocalPath) -> Present {
    match dir.symlink_metadata(path.to_path()) {
        Ok(facts) if facts.is_file() => Present::File {
            size: facts.len(),
            modified: facts
                .modified()
                .ok()
                .and_then(|time| Timestamp::try_from(time.into_std()).ok()),
        },
        Ok(facts) if facts.is_dir() => Present::Blocked("A folder of that name is there.".to_owned()),
        Ok(facts) if facts.is_symlink() => {
            Present::Blocked("A symbolic link of that name is there; nothing is written through links.".to_owned())
        }
        Ok(_) => Present::Blocked("Something of that name is there that is no plain file.".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Present::Nothing,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Present::Blocked("A file is where a folder is needed for it.".to_owned())
        }
        Err(error) => Present::Blocked(format!("Its place cannot be looked at: {error}.")),
    }
}

fn row(hit: &Hit, laid: &Laid, bucket: &str, folder: &Path) -> PlanItem {
    let unreachable = hit.reachable().err();
    let renamed = laid.changed.is_some();
    let why = match (&unreachable, &laid.changed) {
        (Some(why), _) => why.clone(),
        (None, Some(changed)) => sentence(&changed.to_string()),
        (None, None) => String::new(),
    };
    PlanItem {
        from: Place::object(bucket, hit.key.as_str()),
        to: Some(Place::file(folder.join(laid.path.to_path()))),
        action: match (unreachable, renamed) {
            (Some(_), _) => Action::Refuse,
            (None, true) => Action::Rename,
            (None, false) => Action::New,
        },
        why,
        media_type: hit.stored.content_type.clone(),
        size: hit.stored.size,
        dimensions: None,
        seen: hit.stored.seen(),
        replaces: None,
        renamed_from: renamed.then(|| hit.relative.clone()),
    }
}

/// Finds the first number under which nothing is, neither in the folder nor in the plan.
async fn rename(
    item: &mut PlanItem,
    path: &LocalPath,
    folder: &Path,
    dir: Option<&Arc<Dir>>,
    names: &mut HashSet<String>,
) {
    item.replaces = None;
    for number in 2..NUMBERS {
        let other = path.numbered(number);
        let folded = fold(other.as_str());
        if names.contains(&folded) {
            continue;
        }
        if let Some(dir) = dir.cloned() {
            let looked = other.clone();
            if !blocking(move || matches!(look(&dir, &looked), Present::Nothing)).await {
                continue;
            }
        }
        names.insert(folded);
        item.action = Action::Rename;
        item.renamed_from.get_or_insert_with(|| path.to_string());
        item.to = Some(Place::file(folder.join(other.to_path())));
        return;
    }
    item.action = Action::Refuse;
}

/// The folder by a path that means the same wherever the plan is run, without `.` and `..`. It need not be there. Blocks.
fn absolute(folder: &Path) -> Result<PathBuf, PlanError> {
    let failed = |source| PlanError::Io {
        what: "found",
        path: folder.to_owned(),
        source,
    };
    let whole = std::path::absolute(folder).map_err(failed)?;
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                // Above a link is where it leads to.
                if let Ok(real) = plain.canonicalize() {
                    plain = real;
                }
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    Ok(plain)
}

/// A phrase as a sentence.
fn sentence(phrase: &str) -> String {
    let mut chars = phrase.chars();
    chars.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), chars.as_str())
    })
}
