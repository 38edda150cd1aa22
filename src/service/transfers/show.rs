//! Turns what the engine does into what the window shows, at most ten times a second and only while something changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::moving::{Moving, MovingItem, MovingJob, name_of};
use crate::media::format_bytes;
use crate::service::events::{Event, EventSender};
use crate::transfer::trash::Trash;
use crate::transfer::{Engine, Growth, Item, Job, JobId, JobState, Live, Snapshot, Standing, TransferError};

/// The window is told no more often.
const PAUSE: Duration = Duration::from_millis(100);
/// Ended jobs are shown for so long.
const SHOWN_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Jobs shown at most.
const JOBS: usize = 50;
/// Rows of a job that does not run; those under way and those that failed come first.
const ROWS: u32 = 8;

/// Sends [`Event::Moving`] for as long as anybody listens.
pub(in crate::service) async fn show(engine: Engine, trash: Trash, events: EventSender) {
    let mut watch = engine.watch();
    loop {
        let snapshot = watch.borrow_and_update().clone();
        let begun = Instant::now();
        match look(&engine, &trash, &snapshot).await {
            Ok(moving) => events.send(Event::Moving(Arc::new(moving))),
            Err(error) => tracing::warn!("transfers cannot be shown: {error}"),
        }
        // A job of a million items takes a while to count: showing it must not hold up what is shown.
        sleep(PAUSE.max(begun.elapsed() * 9)).await;
        if watch.changed().await.is_err() {
            return;
        }
    }
}

async fn look(engine: &Engine, trash: &Trash, snapshot: &Snapshot) -> Result<Moving, TransferError> {
    let now = Timestamp::now();
    let recent = |job: &Job| {
        let ended = job.ended_at.map(|ended| now.duration_since(ended));
        ended.is_none_or(|since| Duration::try_from(since).is_ok_and(|since| since < SHOWN_FOR))
    };
    let mut jobs: Vec<Job> = engine.jobs().await?.into_iter().filter(recent).collect();
    // What goes on first, by its order, then what ended, newest first.
    jobs.sort_by_key(|job| (job.ended_at.is_some(), job.ended_at.map(std::cmp::Reverse)));
    jobs.truncate(JOBS);
    let lives: HashMap<JobId, &Live> = snapshot.running.iter().map(|live| (live.job, live)).collect();
    let mut moving = Moving {
        bytes_per_second: snapshot.running.iter().map(|live| live.rate).sum(),
        held_up_by: held_up_by(snapshot, &jobs),
        ..Moving::default()
    };
    for mut job in jobs {
        let live = lives.get(&job.id).copied();
        if let Some(live) = live {
            job.counts = live.counts;
            job.counts.bytes_done += live.moving;
        }
        let items = rows(engine, &job, live).await?;
        let left = live.and_then(|live| left(&job, live));
        let can_be_undone = job.ended_at.is_some() && trash.has_any_of(job.id).await.unwrap_or(false);
        moving.jobs.push(MovingJob {
            job,
            items,
            left,
            can_be_undone,
        });
    }
    Ok(moving)
}

/// The items of a job that are worth a row.
async fn rows(engine: &Engine, job: &Job, live: Option<&Live>) -> Result<Vec<MovingItem>, TransferError> {
    let mut found: Vec<Item> = Vec::new();
    let order = match job.state {
        JobState::Running | JobState::Waiting | JobState::Paused => {
            &[Standing::UnderWay, Standing::Stuck, Standing::Waiting][..]
        }
        JobState::Done | JobState::Failed | JobState::Cancelled => &[Standing::Stuck, Standing::Done],
    };
    for standing in order {
        let room = ROWS.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        // One that has ended whole needs no list of what it did.
        let most = match standing {
            Standing::Done if job.counts.items > 1 => 0,
            _ => room,
        };
        if most > 0 {
            found.extend(engine.some(job.id, *standing, most).await?);
        }
    }
    let arrived: HashMap<u32, u64> = live
        .map(|live| live.arrived.iter().copied().collect())
        .unwrap_or_default();
    let row = |item: Item| MovingItem {
        number: item.number,
        name: name_of(&item.plan),
        size: item.content.size.or(item.plan.size),
        bytes: arrived.get(&item.number).copied().unwrap_or(0),
        wanted: item.wanted,
        state: item.state,
    };
    Ok(found.into_iter().map(row).collect())
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
        return Some(format!("Waiting for the server, {safe} items are safe"));
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
