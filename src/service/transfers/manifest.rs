//! What a folder that was downloaded into says afterwards: which of its files is which object. Written when a download has
//! ended, for both faces; only what arrived is in it.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::service::events::EventSender;
use crate::service::{Event, Problem};
use crate::transfer::names::{Manifest, ManifestEntry, fold};
use crate::transfer::{Action, Engine, Item, ItemState, Job, JobId, Kind, Plan};
use crate::workspace::ProjectUrl;

/// Items read at once.
const PAGE: u32 = 1_000;
/// A download that ended with the program, before its manifest was written, gets it if it is found again so soon.
const STILL_DUE: SignedDuration = SignedDuration::from_hours(24);
/// Ended downloads are looked for no more often.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes the manifests of a workspace's downloads.
#[derive(Clone)]
pub(in crate::service) struct Manifests {
    engine: Engine,
    project: ProjectUrl,
    /// Whoever writes a manifest holds it: what another one adds is not lost.
    lock: PathBuf,
}

impl Manifests {
    /// For the jobs of an engine, whose journal is in `folder`.
    pub(in crate::service) fn new(engine: Engine, project: ProjectUrl, folder: &Path) -> Self {
        Self {
            engine,
            project,
            lock: folder.join("manifests.lock"),
        }
    }

    /// Writes or continues the manifest of the folder that a job has downloaded into. Answers where it is; None if there
    /// is nothing to say: it was no download, nothing arrived, or it was one object and the folder has none.
    ///
    /// # Errors
    /// If the one that is there cannot be believed, which leaves it as it is; if it cannot be written.
    pub(in crate::service) async fn keep(&self, id: JobId) -> Result<Option<PathBuf>, Problem> {
        let job = self.engine.job(id).await?;
        let Some(folder) = job.rules.root.clone().filter(|_| job.kind == Kind::Download) else {
            return Ok(None);
        };
        let one = job.counts.items <= 1;
        let path = folder.join(Manifest::FILE_NAME);
        if one && path.symlink_metadata().is_err() {
            return Ok(None);
        }
        let arrived = self.arrived(job).await?;
        if arrived.entries.is_empty() {
            return Ok(None);
        }
        let lock = self.lock.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &lock, arrived));
        written.await.map_err(|_| Problem::stopped())??;
        Ok(Some(path))
    }

    /// What a job's folder has of it.
    async fn arrived(&self, job: Job) -> Result<Manifest, Problem> {
        let plan = Plan {
            format: Plan::FORMAT,
            project: self.project.to_string(),
            made_at: job.created_at,
            kind: job.kind,
            title: job.title,
            rules: job.rules,
            items: Vec::new(),
            unseen: Vec::new(),
        };
        let mut entries = Vec::new();
        let mut from = 0;
        loop {
            let page = self.engine.items(job.id, from..from.saturating_add(PAGE)).await?;
            let Some(last) = page.last() else { break };
            from = last.number.saturating_add(1);
            entries.extend(page.iter().filter_map(|item| entry(&plan, item)));
        }
        Ok(Manifest {
            project: self.project.clone(),
            made_at: Timestamp::now(),
            entries,
        })
    }

    /// Writes the manifests of all downloads that have ended, as they end. For as long as the window is open.
    pub(in crate::service) async fn keep_all(&self, events: &EventSender) {
        let mut watch = self.engine.watch();
        let mut told = HashMap::new();
        let mut before = None;
        loop {
            let now = {
                let snapshot = watch.borrow_and_update();
                let running: Vec<JobId> = snapshot.running.iter().map(|live| live.job).collect();
                (snapshot.revision, running)
            };
            // Jobs are counted only when one may have ended.
            if before.as_ref() != Some(&now) {
                before = Some(now);
                self.keep_due(&mut told, events).await;
            }
            tokio::time::sleep(PAUSE).await;
            if watch.changed().await.is_err() {
                return;
            }
        }
    }

    /// Writes those that are due. `told` are those that were tried.
    pub(in crate::service) async fn keep_due(&self, told: &mut HashMap<JobId, Timestamp>, events: &EventSender) {
        let now = Timestamp::now();
        let jobs = match self.engine.jobs().await {
            Ok(jobs) => jobs,
            Err(error) => return tracing::warn!("ended downloads cannot be looked for: {error}"),
        };
        for job in jobs {
            let Some(ended) = job.ended_at.filter(|ended| now.duration_since(*ended) < STILL_DUE) else {
                continue;
            };
            if told.get(&job.id) == Some(&ended) || !is_due(&job, ended).await {
                continue;
            }
            told.insert(job.id, ended);
            if let Err(problem) = self.keep(job.id).await {
                events.send(Event::TransferRefused(problem));
            }
        }
    }
}

/// Whether a folder's manifest does not yet know of a job that has ended. A folder that is there no more needs none.
async fn is_due(job: &Job, ended: Timestamp) -> bool {
    let Some(root) = job.rules.root.clone().filter(|_| job.kind == Kind::Download) else {
        return false;
    };
    let due = move || {
        root.is_dir()
            && match Manifest::open(&root) {
                Ok(Some(manifest)) => manifest.made_at < ended,
                Ok(None) => true,
                // Writing it says what is wrong.
                Err(_) => true,
            }
    };
    tokio::task::spawn_blocking(due).await.unwrap_or(false)
}

/// The line of an item, if its file is there and is its object.
fn entry(plan: &Plan, item: &Item) -> Option<ManifestEntry> {
    let is_there = match item.state {
        ItemState::Done { .. } => true,
        ItemState::Skipped { .. } => item.plan.action == Action::Identical,
        _ => false,
    };
    let mut entry = plan.manifest_entry(&item.plan).filter(|_| is_there)?;
    let content = &item.content;
    entry.size = content.size.or(entry.size);
    entry.etag = content.etag.clone().or(entry.etag);
    entry.sha256.clone_from(&content.sha256);
    Some(entry)
}

/// Adds to what the folder's manifest says. Blocks.
fn write(folder: &Path, lock: &Path, mut arrived: Manifest) -> Result<(), Problem> {
    let unwritable = |error: std::io::Error| {
        let mut problem = Problem::new(
            format!("The manifest of {} could not be written.", folder.display()),
            "The files that were downloaded are there. Check that the folder can be written to, then download once more: \
             what is there is not fetched again.",
        );
        problem.technical = error.to_string();
        problem
    };
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(lock)
        .map_err(unwritable)?;
    lock.lock().map_err(unwritable)?;
    let before = Manifest::open(folder).map_err(|error| {
        Problem::new(
            format!("The manifest in {} was left as it is: {error}.", folder.display()),
            "The files that were downloaded are there. Move the manifest away, then download once more: what is there is \
             not fetched again.",
        )
    })?;
    let whole = match before {
        None => arrived,
        Some(before) => {
            keep_hashes(&before, &mut arrived);
            before.followed_by(arrived)
        }
    };
    whole.save(folder).map_err(unwritable)
}

/// What was compared and not fetched has no new hash: the one of before is that of the same bytes.
fn keep_hashes(before: &Manifest, arrived: &mut Manifest) {
    let known: HashMap<String, &ManifestEntry> = before
        .entries
        .iter()
        .map(|entry| (fold(entry.local.as_str()), entry))
        .collect();
    for entry in arrived.entries.iter_mut().filter(|entry| entry.sha256.is_none()) {
        let same = |known: &&&ManifestEntry| {
            (&known.bucket, &known.key) == (&entry.bucket, &entry.key)
                && known.etag.is_some()
                && known.etag == entry.etag
                && known.size == entry.size
        };
        if let Some(known) = known.get(&fold(entry.local.as_str())).filter(same) {
            entry.sha256.clone_from(&known.sha256);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::names::LocalPath;

    fn manifest(entries: &[(&str, &str, Option<&str>)]) -> Manifest {
        Manifest {
            project: ProjectUrl::parse("https://abcdefghijklmnopqrst.supabase.co").unwrap(),
            made_at: Timestamp::now(),
            entries: entries
                .iter()
                .map(|(local, etag, hash)| ManifestEntry {
                    local: LocalPath::parse(local).unwrap(),
                    bucket: "b".to_owned(),
                    key: (*local).to_owned(),
                    size: Some(1),
                    etag: Some((*etag).to_owned()),
                    sha256: hash.map(|digit| digit.repeat(64)),
                })
                .collect(),
        }
    }

    #[test]
    fn a_manifest_is_continued_and_hashes_of_the_same_bytes_stay() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("lock");
        let (one, other) = ("1".repeat(64), "2".repeat(64));
        write(
            folder.path(),
            &lock,
            manifest(&[("a", "e", Some("1")), ("b", "e", Some("1"))]),
        )
        .unwrap();
        write(
            folder.path(),
            &lock,
            manifest(&[("a", "e", None), ("b", "f", None), ("c", "e", Some("2"))]),
        )
        .unwrap();
        let read = Manifest::open(folder.path()).unwrap().unwrap();
        let hashes = |name| read.by_file()[name].sha256.clone();
        assert_eq!((hashes("a"), hashes("b"), hashes("c")), (Some(one), None, Some(other)));
    }

    #[test]
    fn one_that_cannot_be_believed_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Manifest::FILE_NAME);
        std::fs::write(&path, "mine").unwrap();
        let lock = folder.path().join("lock");
        let problem = write(folder.path(), &lock, manifest(&[("a", "e", None)])).unwrap_err();
        assert!(problem.what.contains("was left as it is"), "{}", problem.what);
        assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
    }
}
