//! Files that are made for an upload: pictures of another kind or size, without their place, from the clipboard. They lie in a
//! folder of the workspace that is named in the job's rules, and go when nothing of the job can be sent any more; so a job
//! finds them again after any end of the program.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::media::{self, MediaType, Pixels};
use crate::service::{Pending, Problem, Service};
use crate::transfer::plan::fix::{Made, Recipe, Source};
use crate::transfer::{Engine, Job, JobState};

/// Where they are, in the workspace's folder.
const FOLDER: &str = "prepared";
/// The files of a job that failed wait so long for somebody who tries again: as long as the job is shown.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Folders are looked through no more often.
const PAUSE: Duration = Duration::from_secs(2);

/// The files of one upload that is not begun yet. Clones share them; with the last they go, unless the upload has begun.
#[derive(Clone)]
pub struct Prepared {
    held: Arc<Held>,
}

struct Held {
    id: Uuid,
    folder: PathBuf,
    /// Nobody removes the folder while this is held.
    lock: Option<File>,
    begun: AtomicBool,
    runtime: tokio::runtime::Handle,
}

impl Prepared {
    /// Their name in the rules of a job.
    pub(super) fn id(&self) -> Uuid {
        self.held.id
    }

    /// Whether a file is one of them.
    #[must_use]
    pub fn has(&self, path: &Path) -> bool {
        path.starts_with(&self.held.folder)
    }

    /// A job has them now.
    pub(super) fn begun(&self) {
        self.held.begun.store(true, Ordering::SeqCst);
    }

    fn new(root: &Path, runtime: tokio::runtime::Handle) -> io::Result<Self> {
        private_folder(root)?;
        let id = Uuid::new_v4();
        let lock = File::options().create_new(true).write(true).open(lock_of(root, id))?;
        lock.lock()?;
        let folder = root.join(id.to_string());
        private_folder(&folder)?;
        Ok(Self {
            held: Arc::new(Held {
                id,
                folder,
                lock: Some(lock),
                begun: AtomicBool::new(false),
                runtime,
            }),
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let lock = self.lock.take();
        if self.begun.load(Ordering::SeqCst) {
            return;
        }
        let folder = std::mem::take(&mut self.folder);
        // Thousands of files may be in it, and a window must not wait for them.
        self.runtime.spawn_blocking(move || {
            remove(&folder);
            drop(lock);
        });
    }
}

fn lock_of(root: &Path, id: Uuid) -> PathBuf {
    root.join(format!("{id}.lock"))
}

/// A folder for nobody else: pictures may be private.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Removes a folder with its lock. What cannot be removed is tried again with the next look.
fn remove(folder: &Path) {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!("{} cannot be removed: {error}", folder.display());
            false
        }
        _ => true,
    };
    if gone(fs::remove_dir_all(folder)) {
        gone(fs::remove_file(folder.with_extension("lock")));
    }
}

impl Service {
    /// A folder for the files that are made for an upload. Blocks for a moment.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn prepare(&self) -> Result<Prepared, Problem> {
        let root = self.inner.prepared_root.clone();
        Prepared::new(&root, self.inner.runtime.clone()).map_err(|error| unwritable(&root, &error))
    }

    /// Makes a file as a recipe says.
    pub fn make_file(&self, prepared: &Prepared, source: Source, recipe: Recipe) -> Pending<Made> {
        let prepared = prepared.clone();
        self.load(move |_| blocking(move || make(&prepared.held.folder, &source, recipe)))
    }

    /// Keeps a picture of the clipboard as a file, under a name that says when it was.
    pub fn keep_pasted(&self, prepared: &Prepared, pixels: Pixels) -> Pending<PathBuf> {
        let prepared = prepared.clone();
        self.load(move |_| {
            blocking(move || {
                let bytes = media::encode(&pixels, MediaType::Png, 0)?;
                let name = Timestamp::now()
                    .to_zoned_datetime(jiff::tz::TimeZone::system())
                    .strftime("pasted-%Y%m%d-%H%M%S.png")
                    .to_string();
                // Two in one second are two.
                let folder = prepared.held.folder.join(Uuid::new_v4().to_string());
                let kept = private_folder(&folder).and_then(|()| write(&folder.join(name), &bytes));
                kept.map_err(|error| unwritable(&folder, &error))
            })
        })
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Problem::stopped())?
}

fn make(folder: &Path, source: &Source, recipe: Recipe) -> Result<Made, Problem> {
    let unreadable = |error: io::Error| {
        Problem::new(
            format!("{} cannot be read: {error}.", source.path.display()),
            "Check that it is still there.",
        )
    };
    if source.was_changed() {
        let why = "it was changed a moment ago";
        return Err(unreadable(io::Error::other(why)));
    }
    let mut bytes = fs::read(&source.path).map_err(unreadable)?;
    let (kind, dimensions) = match (recipe.into, source.kind) {
        (Some(kind), _) => {
            let made = media::refit(&bytes, kind, recipe.most)?;
            bytes = made.bytes;
            (kind, Some(made.dimensions))
        }
        (None, Some(kind)) => {
            if recipe.without_location {
                media::remove_location(&mut bytes);
            }
            (kind, source.dimensions)
        }
        (None, None) => return Err(Problem::new("It is no picture.", "Upload it as it is.")),
    };
    let path = folder.join(format!("{}.{}", Uuid::new_v4(), kind.extension()));
    let path = write(&path, &bytes).map_err(|error| unwritable(folder, &error))?;
    let facts = path.metadata().map_err(|error| unwritable(folder, &error))?;
    Ok(Made {
        size: facts.len(),
        modified: facts.modified().ok().and_then(|time| Timestamp::try_from(time).ok()),
        path,
        kind,
        dimensions,
    })
}

/// Writes a new file so that it is there also after a loss of power: a job will count on it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut file = File::options().create_new(true).write(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(path.to_owned())
}

fn unwritable(folder: &Path, error: &io::Error) -> Problem {
    let mut problem = Problem::new(
        "The file could not be made on this computer.",
        "Check that the disk is not full, or upload the file as it is.",
    );
    problem.technical = format!("{}: {error}", folder.display());
    problem
}

/// Removes what belongs to no upload any more, for as long as the window is open.
pub(super) async fn keep_tidy(engine: Engine, root: PathBuf) {
    let mut watch = engine.watch();
    let mut before = None;
    loop {
        let now = {
            let snapshot = watch.borrow_and_update();
            (snapshot.revision, snapshot.running.len())
        };
        if before.replace(now) != Some(now) {
            tidy(&engine, &root).await;
        }
        tokio::time::sleep(PAUSE).await;
        if watch.changed().await.is_err() {
            return;
        }
    }
}

/// Removes the folders that no job needs.
async fn tidy(engine: &Engine, root: &Path) {
    let looked = root.to_owned();
    let Ok(free) = tokio::task::spawn_blocking(move || unlocked(&looked)).await else {
        return;
    };
    if free.is_empty() {
        return;
    }
    // Only now: what was given to a job before its folder was let go is in the journal.
    let needed: HashSet<Uuid> = match engine.jobs().await {
        Ok(jobs) => jobs
            .iter()
            .filter(|job| is_needed(job))
            .filter_map(|job| job.rules.prepared)
            .collect(),
        Err(error) => return tracing::warn!("prepared files cannot be tidied up: {error}"),
    };
    let gone = tokio::task::spawn_blocking(move || {
        for (id, folder, _lock) in free {
            if !needed.contains(&id) {
                remove(&folder);
            }
        }
    });
    // That it panicked has been told.
    let _ = gone.await;
}

/// Folders that nobody holds, held now.
fn unlocked(root: &Path) -> Vec<(Uuid, PathBuf, File)> {
    let Ok(entries) = fs::read_dir(root) else {
        return Vec::new();
    };
    let free = entries.filter_map(|entry| {
        let name = entry.ok()?.file_name();
        let id: Uuid = name.to_str()?.parse().ok()?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(lock_of(root, id))
            .ok()?;
        lock.try_lock().ok()?;
        Some((id, root.join(id.to_string()), lock))
    });
    free.collect()
}

/// Whether something of a job may still be sent.
fn is_needed(job: &Job) -> bool {
    match job.state {
        JobState::Waiting | JobState::Running | JobState::Paused => true,
        JobState::Failed => job
            .ended_at
            .is_none_or(|ended| Timestamp::now().duration_since(ended) < KEPT),
        JobState::Done | JobState::Cancelled => false,
    }
}

/// The folder of all of them.
pub(in crate::service) fn root(workspace: &Path) -> PathBuf {
    workspace.join(FOLDER)
}
