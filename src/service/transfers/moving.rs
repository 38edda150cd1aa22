//! Transfers as the faces show them: what moves, how fast, what holds it up, how it ended.

use std::path::PathBuf;
use std::time::Duration;

use crate::service::PictureAt;
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::{Item, ItemState, Job, JobState, Place, PlanItem, Proof, Wanted};

/// All transfers of a workspace, as they are now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moving {
    /// What goes on first, then what ended, newest first.
    pub jobs: Vec<MovingJob>,
    /// Bytes that arrived in the last second, of all of them.
    pub bytes_per_second: u64,
    /// What keeps it from being faster, as a sentence; nothing while nothing moves.
    pub held_up_by: Option<String>,
    /// What happened when the server was asked last, while it is being waited for.
    pub server_waited_for: Option<String>,
}

/// One job.
#[derive(Clone, Debug, PartialEq)]
pub struct MovingJob {
    /// The job.
    pub job: Job,
    /// What of it is worth a row: what is under way, what failed, what comes next, what was done last.
    pub items: Vec<MovingItem>,
    /// Bytes that arrived in the last second.
    pub bytes_per_second: u64,
    /// How long the rest takes at the present speed, where that can be told.
    pub left: Option<Duration>,
    /// How far what is done of it is proven, the best proof first; of one that is over.
    pub proofs: Vec<(Proof, u64)>,
    /// Why it waits, of one that goes into another workspace which cannot be opened or reached now; and what helps.
    pub held_by: Option<(String, String)>,
    /// Whether what it did can be taken back.
    pub can_be_undone: bool,
}

/// One item.
#[derive(Clone, Debug, PartialEq)]
pub struct MovingItem {
    /// Its place in the plan.
    pub number: u32,
    /// The file or key, without its folders.
    pub name: String,
    /// Where it comes from and where it goes.
    pub way: String,
    /// What was made, where that is an object.
    pub object: Option<(BucketName, ObjectKey)>,
    /// The file of this machine that is sent, or that was written.
    pub file: Option<PathBuf>,
    /// The object of this workspace whose picture stands for it.
    pub picture: Option<PictureAt>,
    /// Bytes, where that is known.
    pub size: Option<u64>,
    /// Bytes that have arrived.
    pub bytes: u64,
    /// What is wanted of it.
    pub wanted: Wanted,
    /// Where it stands.
    pub state: ItemState,
}

impl Moving {
    /// Items in all jobs that are not over.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.jobs
            .iter()
            .map(|moving| moving.job.counts.waiting + moving.job.counts.running)
            .sum()
    }

    /// Items that wait for the server to come back.
    #[must_use]
    pub fn waiting_to_retry(&self) -> u64 {
        let running = self.jobs.iter().map(|moving| &moving.job);
        let running = running.filter(|job| self.server_waited_for.is_some() && job.state == JobState::Running);
        running.map(|job| job.counts.waiting + job.counts.running).sum()
    }

    /// Whether anything is under way.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.jobs.iter().any(|moving| moving.job.state == JobState::Running)
    }

    /// How far the jobs that are not over are together, from 0 to 1; by bytes where sizes are known, else by items.
    #[must_use]
    pub fn share(&self) -> Option<f32> {
        let open = || {
            let jobs = self.jobs.iter().map(|moving| &moving.job);
            jobs.filter(|job| matches!(job.state, JobState::Running | JobState::Waiting | JobState::Paused))
        };
        let of = |part: fn(&Job) -> u64| open().map(part).sum::<u64>();
        let (done, all) = match of(|job| job.counts.bytes) {
            0 => (
                of(|job| job.counts.items - job.counts.waiting - job.counts.running),
                of(|job| job.counts.items),
            ),
            bytes => (of(|job| job.counts.bytes_done), bytes),
        };
        (all > 0).then(|| (done as f64 / all as f64) as f32)
    }
}

impl MovingItem {
    /// What is told of an item.
    #[must_use]
    pub fn of(item: Item, arrived: u64) -> Self {
        Self {
            number: item.number,
            name: name_of(&item.plan),
            way: way_of(&item.plan),
            object: item.plan.to.as_ref().and_then(object),
            file: file(&item.plan, &item.state),
            picture: picture(&item),
            size: item.content.size.or(item.plan.size),
            bytes: arrived,
            wanted: item.wanted,
            state: item.state,
        }
    }
}

fn object(place: &Place) -> Option<(BucketName, ObjectKey)> {
    match place {
        Place::Object { bucket, key } => Some((BucketName::parse(bucket).ok()?, ObjectKey::parse(key).ok()?)),
        Place::File { .. } | Place::Elsewhere { .. } | Place::Bucket { .. } => None,
    }
}

/// The object that can be looked at: what is read, or, once it is there, what was made.
fn picture(item: &Item) -> Option<PictureAt> {
    let (plan, is_done) = (&item.plan, matches!(item.state, ItemState::Done { .. }));
    let (place, etag) = match &plan.to {
        Some(to @ Place::Object { .. }) if is_done => (to, item.content.etag.as_ref().or(plan.seen.etag.as_ref())),
        // A file is made of it, which leaves it where it is.
        Some(Place::File { .. }) => (&plan.from, plan.seen.etag.as_ref()),
        _ if is_done => return None,
        _ => (&plan.from, plan.seen.etag.as_ref()),
    };
    let (bucket, key) = object(place)?;
    Some(PictureAt::listed(bucket, key, etag.map(String::as_str), plan.size))
}

/// A file that can be looked at: one that is sent, or one that has been written.
fn file(plan: &PlanItem, state: &ItemState) -> Option<PathBuf> {
    match (&plan.from, &plan.to) {
        (Place::File { file }, _) => Some(file.clone()),
        (_, Some(Place::File { file })) if matches!(state, ItemState::Done { .. }) => Some(file.clone()),
        _ => None,
    }
}

/// "fox.png → story-images/winter/fox.png".
fn way_of(plan: &PlanItem) -> String {
    match &plan.to {
        Some(to) => format!("{} → {to}", plan.from),
        None => plan.from.to_string(),
    }
}

/// What a row is called: the object's name, or the file's where no object is made.
fn name_of(plan: &PlanItem) -> String {
    let object = [plan.to.as_ref(), Some(&plan.from)]
        .into_iter()
        .flatten()
        .find_map(|place| match place {
            Place::Object { key, .. } | Place::Elsewhere { key, .. } => {
                Some(key.rsplit('/').next().unwrap_or(key).to_owned())
            }
            Place::Bucket { bucket } => Some(bucket.clone()),
            Place::File { .. } => None,
        });
    object.unwrap_or_else(|| match &plan.from {
        Place::File { file } => file.display().to_string(),
        Place::Object { key, .. } | Place::Elsewhere { key, .. } => key.clone(),
        Place::Bucket { bucket } => bucket.clone(),
    })
}
