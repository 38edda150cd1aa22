//! Turns what the engine does into what the window shows, at most ten times a second and only while something changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::moving::{Moving, MovingItem, MovingJob};
use crate::media::{format_bytes, group_thousands};
use crate::service::Subject;
use crate::service::events::{Event, EventSender};
use crate::supabase::BucketName;
use crate::transfer::trash::Trash;
use crate::transfer::{Engine, Growth, Job, JobId, JobState, Kind, Live, Snapshot, Standing, TransferError};

/// The window is told no more often.
const PAUSE: Duration = Duration::from_millis(100);
/// Ended jobs are shown for so long.
const SHOWN_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Jobs shown at most.
const JOBS: usize = 50;
/// Rows of a job. One with more items shows those under way, those that failed and those that come next.
const ROWS: u32 = 8;
/// While a job runs, whoever shows its bucket is told of what has arrived no more often: a bucket is read as a whole.
const TELL: Duration = Duration::from_secs(5);

/// What is shown of transfers, and what is known from showing it the last time.
pub(super) struct Showing {
    engine: Engine,
    trash: Trash,
    events: EventSender,
    /// What a job did was taken back.
    taken_back: Arc<Notify>,
    known: HashMap<JobId, Known>,
    /// Whether jobs that are not known are new.
    has_looked: bool,
}

/// A job as it was shown, to be shown again while nothing of it changes.
struct Known {
    revision: u64,
    /// As the journal had it.
    job: Job,
    shown: MovingJob,
    /// Why it waited then.
    held_by: Option<(String, String)>,
    /// The buckets that it changes.
    buckets: Vec<BucketName>,
    /// Items done when those who show the buckets were told.
    told: u64,
    told_at: Instant,
}

impl Showing {
    pub(super) fn new(engine: Engine, trash: Trash, events: EventSender, taken_back: Arc<Notify>) -> Self {
        Self {
            engine,
            trash,
            events,
            taken_back,
            known: HashMap::new(),
            has_looked: false,
        }
    }

    /// Sends [`Event::Moving`] for as long as the engine works.
    pub(super) async fn show(mut self) {
        let mut watch = self.engine.watch();
        let mut sent = None;
        loop {
            let snapshot = watch.borrow_and_update().clone();
            let begun = Instant::now();
            match self.look(&snapshot).await {
                Ok(moving) if sent.as_ref() != Some(&moving) => {
                    self.events.send(Event::Moving(Arc::new(moving.clone())));
                    sent = Some(moving);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!("transfers cannot be shown: {error}"),
            }
            // A job of a million items takes a while to count: showing it must not hold up what is shown.
            sleep(PAUSE.max(begun.elapsed() * 9)).await;
            tokio::select! {
                changed = watch.changed() => if changed.is_err() {
                    return;
                },
                () = self.taken_back.notified() => {
                    for known in self.known.values_mut() {
                        known.revision = u64::MAX;
                    }
                }
            }
        }
    }

    async fn look(&mut self, snapshot: &Snapshot) -> Result<Moving, TransferError> {
        let now = Timestamp::now();
        let recent = |job: &Job| {
            let ended = job.ended_at.map(|ended| now.duration_since(ended));
            ended.is_none_or(|since| Duration::try_from(since).is_ok_and(|since| since < SHOWN_FOR))
        };
        let mut jobs: Vec<Job> = self.engine.jobs().await?.into_iter().filter(recent).collect();
        // What goes on first, by its order, then what ended, newest first.
        jobs.sort_by_key(|job| (job.ended_at.is_some(), job.ended_at.map(std::cmp::Reverse)));
        jobs.truncate(JOBS);
        let lives: HashMap<JobId, &Live> = snapshot.running.iter().map(|live| (live.job, live)).collect();
        let mut moving = Moving {
            bytes_per_second: snapshot.running.iter().map(|live| live.rate).sum(),
            held_up_by: held_up_by(snapshot, &jobs),
            server_waited_for: snapshot.waiting.as_ref().map(|waiting| waiting.what.what.clone()),
            ..Moving::default()
        };
        let mut known = std::mem::take(&mut self.known);
        for job in jobs {
            let live = lives.get(&job.id).copied();
            let known = match known.remove(&job.id) {
                Some(known)
                    if live.is_none()
                        && known.revision == snapshot.revision
                        && known.held_by == held_by(snapshot, job.id)
                        && known.job == job =>
                {
                    moving.jobs.push(known.shown.clone());
                    self.known.insert(job.id, known);
                    continue;
                }
                before => before,
            };
            let mut shown = self.job(job.clone(), live).await?;
            shown.held_by = held_by(snapshot, job.id);
            let known = match known {
                Some(known) => self.tell(known, &shown.job),
                None => self.tell(
                    Known {
                        revision: 0,
                        buckets: self.buckets(&job).await?,
                        // One that has come since and is over already has not been told of.
                        told: if self.has_looked { 0 } else { shown.job.counts.done },
                        told_at: Instant::now(),
                        job: job.clone(),
                        shown: shown.clone(),
                        held_by: None,
                    },
                    &shown.job,
                ),
            };
            moving.jobs.push(shown.clone());
            let known = Known {
                revision: snapshot.revision,
                job,
                held_by: shown.held_by.clone(),
                shown,
                ..known
            };
            self.known.insert(known.job.id, known);
        }
        self.has_looked = true;
        Ok(moving)
    }

    async fn job(&self, mut job: Job, live: Option<&Live>) -> Result<MovingJob, TransferError> {
        if let Some(live) = live {
            job.counts = live.counts;
            job.counts.bytes_done += live.moving;
        }
        let ended = job.ended_at.is_some();
        let proofs = if ended {
            self.engine.proofs(job.id).await?
        } else {
            Vec::new()
        };
        Ok(MovingJob {
            items: self.rows(&job, live).await?,
            bytes_per_second: live.map_or(0, |live| live.rate),
            left: live.and_then(|live| left(&job, live)),
            proofs,
            held_by: None,
            can_be_undone: ended && self.trash.has_any_of(job.id).await.unwrap_or(false),
            job,
        })
    }

    /// The items of a job that are worth a row: all of a few, in the order of the plan.
    async fn rows(&self, job: &Job, live: Option<&Live>) -> Result<Vec<MovingItem>, TransferError> {
        let found = if job.counts.items <= u64::from(ROWS) {
            self.engine.items(job.id, 0..ROWS).await?
        } else {
            let mut found = Vec::new();
            for standing in [Standing::UnderWay, Standing::Stuck, Standing::Waiting] {
                let room = ROWS.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
                if room > 0 {
                    found.extend(self.engine.some(job.id, standing, room).await?);
                }
            }
            found
        };
        let arrived: HashMap<u32, u64> = live
            .map(|live| live.arrived.iter().copied().collect())
            .unwrap_or_default();
        let row = |item: crate::transfer::Item| {
            let bytes = arrived.get(&item.number).copied().unwrap_or(0);
            MovingItem::of(item, bytes)
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// The buckets whose objects a job changes, as its first item has them.
    async fn buckets(&self, job: &Job) -> Result<Vec<BucketName>, TransferError> {
        if job.kind == Kind::Download {
            return Ok(Vec::new());
        }
        let mut buckets = Vec::new();
        for plan in self.engine.items(job.id, 0..1).await?.into_iter().map(|item| item.plan) {
            for place in [Some(plan.from), plan.to].into_iter().flatten() {
                if let Some(bucket) = place.bucket()
                    && let Ok(bucket) = BucketName::parse(bucket)
                    && !buckets.contains(&bucket)
                {
                    buckets.push(bucket);
                }
            }
        }
        Ok(buckets)
    }

    /// Tells whoever shows a bucket that a job has changed it: now and then while it runs, and when it does not any more.
    fn tell(&self, mut known: Known, job: &Job) -> Known {
        let now = Instant::now();
        let due = job.state != JobState::Running || now.duration_since(known.told_at) >= TELL;
        let has_ended = known.job.ended_at.is_none() && job.ended_at.is_some();
        if due && (job.counts.done != known.told || has_ended) {
            for bucket in &known.buckets {
                self.events.send(Event::Changed(Subject::Bucket(bucket.clone())));
            }
            known.told = job.counts.done;
            known.told_at = now;
        }
        known
    }
}

/// Why a job that goes into another workspace does not go on, and what helps.
fn held_by(snapshot: &Snapshot, job: JobId) -> Option<(String, String)> {
    let held = snapshot.held.iter().find(|held| held.job == job).map(|held| &held.why);
    let running = snapshot.running.iter().find(|live| live.job == job);
    let why = held.or_else(|| Some(&running?.waiting.as_ref()?.what))?;
    Some((why.what.clone(), why.hint.clone()))
}

/// How long the rest takes at the present speed.
fn left(job: &Job, live: &Live) -> Option<Duration> {
    let bytes = job.counts.bytes.checked_sub(job.counts.bytes_done)?;
    (live.rate > 0).then(|| Duration::from_secs(bytes / live.rate))
}
/// What keeps it from being faster, as a sentence.
fn held_up_by(snapshot: &Snapshot, jobs: &[Job]) -> Option<String> {
    if snapshot.waiting.is_some() {
        let safe: u64 = jobs.iter().map(|job| job.counts.waiting + job.counts.running).sum();
        let safe = match safe {
            1 => "1 item is".to_owned(),
            many => format!("{} items are", group_thousands(many)),
        };
        return Some(format!("Waiting for the server, {safe} safe"));
    }
    if snapshot.running.is_empty() {
        return None;
    }
    let uses = [snapshot.small, snapshot.large];
    let at_once: usize = uses.iter().flatten().map(|used| used.now).sum();
    if let Some(bandwidth) = snapshot.bandwidth {
        return Some(format!("Limited to {}/s, {at_once} at a time", format_bytes(bandwidth)));
    }
    let growth = uses
        .iter()
        .flatten()
        .filter(|used| used.now > 0)
        .map(|used| used.growth)
        .next()?;
    Some(match growth {
        Growth::Growing => format!("{at_once} at a time, trying more"),
        Growth::NoGain => format!("More at once is no faster, {at_once} at a time"),
        Growth::Throttled => format!("The server asked for less, {at_once} at a time"),
        Growth::LimitSet => format!("{at_once} at a time, as the limit says"),
        Growth::FewItems => format!("{at_once} at a time, the last ones"),
        Growth::Waiting => "Waiting for the server".to_owned(),
    })
}
