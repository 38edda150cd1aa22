//! Jobs and items in the journal: the durable half of the engine. Everything here is on disk when it answers.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::error::TransferError;
use super::job::{Content, Counts, Item, ItemState, Job, JobId, JobState, Proof, Wanted};
use super::plan::{Action, Kind, Place, Plan, PlanItem, Rules};
use crate::journal::{ItemChange, ItemPlan, ItemRow, JobRow, Journal, JournalError, NewItem, NewJob};

/// The jobs of a workspace. Clones share them.
#[derive(Clone)]
pub(super) struct Queue {
    journal: Journal,
}

/// A job and its number in the journal.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) number: i64,
    pub(super) job: Job,
}

/// What is wanted of a job, and what of it waits.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    pub(super) job: Wanted,
    /// Items in flight of which it is not wanted that they go on.
    pub(super) items: Vec<(u32, Wanted)>,
    pub(super) to_cancel: u64,
    pub(super) waiting: u64,
}

/// What becomes of an item.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) from: &'static str,
    pub(super) to: ItemState,
    pub(super) content: Option<Content>,
    /// Whether it goes behind all that wait.
    pub(super) to_the_back: bool,
    /// What is to be done from now on, if it was planned again.
    pub(super) plan: Option<NewPlan>,
}

/// What is to be done with an item that was planned again.
#[derive(Clone, Debug)]
pub(super) struct NewPlan {
    item: PlanItem,
    large: bool,
}

impl NewPlan {
    pub(super) fn new(item: PlanItem, job: &Job) -> Self {
        Self {
            large: is_large(item.size, job.kind, &job.rules),
            item,
        }
    }
}

impl Change {
    /// From being in flight.
    pub(super) fn landed(to: ItemState, content: Option<Content>) -> Self {
        Self {
            from: IN_FLIGHT,
            to,
            content,
            to_the_back: false,
            plan: None,
        }
    }
}

pub(super) const WAITING: &str = "waiting";
pub(super) const IN_FLIGHT: &str = "in_flight";
pub(super) const LANDED: &str = "landed";
pub(super) const UNDECIDED: &str = "undecided";

impl Queue {
    pub(super) fn new(journal: Journal) -> Self {
        Self { journal }
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Makes a job of a plan.
    pub(super) async fn add(&self, plan: Plan) -> Result<JobId, TransferError> {
        if plan.items.is_empty() {
            return Err(TransferError::BadPlan("there is nothing in it".to_owned()));
        }
        if let Some(path) = plan.items.iter().find_map(unwritable) {
            let why = format!("the name of {} is no Unicode", path.display());
            return Err(TransferError::BadPlan(why));
        }
        let (id, now) = (Uuid::new_v4(), Timestamp::now());
        let job = NewJob {
            id,
            project: plan.project,
            kind: text(&plan.kind),
            title: plan.title,
            rules: json(&plan.rules),
            created_at: now.to_string(),
        };
        let (kind, rules) = (plan.kind, plan.rules);
        let items = plan.items.into_iter().map(move |item| new_item(item, kind, &rules));
        self.journal.add_transfer(job, items).await?;
        Ok(JobId(id))
    }

    pub(super) async fn jobs(&self) -> Result<Vec<Kept>, TransferError> {
        self.journal.transfers().await?.into_iter().map(read_job).collect()
    }

    pub(super) async fn job(&self, id: JobId) -> Result<Kept, TransferError> {
        let row = self.journal.transfer(id.0).await?;
        row.map_or(Err(TransferError::NoSuchJob(id)), read_job)
    }

    pub(super) async fn items(&self, job: &Kept, from: u32, most: u32) -> Result<Vec<Item>, TransferError> {
        read_items(job.job.id, self.journal.transfer_items(job.number, from, most).await?)
    }

    pub(super) async fn items_in(
        &self,
        job: &Kept,
        state: &'static str,
        after: Option<u32>,
        most: u32,
    ) -> Result<Vec<Item>, TransferError> {
        let rows = self.journal.transfer_items_in(job.number, state, after, most).await?;
        read_items(job.job.id, rows)
    }

    /// How many items of a job are proven how far, the best proof first.
    pub(super) async fn proofs(&self, job: &Kept) -> Result<Vec<(Proof, u64)>, TransferError> {
        let id = job.job.id.to_string();
        let mut proofs = Vec::new();
        for (detail, items) in self.journal.transfer_done_details(job.number).await? {
            if let ItemState::Done { proof } = parse(&id, &detail)? {
                proofs.push((proof, items));
            }
        }
        proofs.sort_by_key(|(proof, _)| std::cmp::Reverse(*proof));
        Ok(proofs)
    }

    /// What was done to an object of this name, each with its job, latest jobs first.
    pub(super) async fn written_to(
        &self,
        bucket: &str,
        key: &str,
        most: u32,
    ) -> Result<Vec<(Job, Item)>, TransferError> {
        let hash = target_hash(bucket, key);
        let mut found = Vec::new();
        for (job, item) in self.journal.transfer_items_of_target(hash, most).await? {
            let job = read_job(job)?.job;
            let item = read_item(job.id, item)?;
            if written(&item.plan, job.kind) == Some((bucket, key)) {
                found.push((job, item));
            }
        }
        Ok(found)
    }

    pub(super) async fn next(&self, job: &Kept, large: bool, most: u32) -> Result<Vec<Item>, TransferError> {
        let rows = self.journal.transfer_items_next(job.number, large, most).await?;
        read_items(job.job.id, rows)
    }

    pub(super) async fn to_cancel(&self, job: &Kept, all: bool, most: u32) -> Result<Vec<Item>, TransferError> {
        let rows = self.journal.transfer_items_to_cancel(job.number, all, most).await?;
        read_items(job.job.id, rows)
    }

    pub(super) async fn change(&self, job: i64, changes: Vec<(u32, Change)>) -> Result<usize, JournalError> {
        let back = Timestamp::now().as_microsecond();
        let changes = changes.into_iter().map(|(number, change)| {
            let change = ItemChange {
                from: change.from,
                to: state_name(&change.to),
                detail: detail(&change.to),
                size: match (&change.content, &change.plan) {
                    (Some(content), _) => content.size,
                    (None, plan) => plan.as_ref().and_then(|plan| plan.item.size),
                },
                content: change.content.as_ref().map(json),
                turn: change.to_the_back.then_some(back),
                forget_resume: change.to.is_over(),
                plan: change.plan.map(|plan| ItemPlan {
                    plan: json(&plan.item),
                    large: plan.large,
                }),
            };
            (number, change)
        });
        self.journal.change_transfer_items(job, changes.collect()).await
    }

    pub(super) async fn wishes(&self, job: i64) -> Result<Wishes, TransferError> {
        let wishes = self.journal.transfer_wishes(job).await?;
        let items = wishes.items.into_iter();
        Ok(Wishes {
            job: wanted(&wishes.job),
            items: items.map(|(number, wish)| (number, wanted(&wish))).collect(),
            to_cancel: wishes.to_cancel,
            waiting: wishes.waiting,
        })
    }
}

/// A path that cannot be written down.
fn unwritable(item: &PlanItem) -> Option<&Path> {
    let places = [Some(&item.from), item.to.as_ref()];
    places.into_iter().flatten().find_map(|place| match place {
        Place::File { file } if file.to_str().is_none() => Some(file.as_path()),
        Place::File { .. } | Place::Object { .. } | Place::Elsewhere { .. } | Place::Bucket { .. } => None,
    })
}

fn new_item(mut item: PlanItem, kind: Kind, rules: &Rules) -> NewItem {
    let state = match item.action {
        Action::New | Action::Replace | Action::Rename => ItemState::Waiting,
        Action::Identical | Action::Refuse | Action::Skip => ItemState::Skipped {
            why: std::mem::take(&mut item.why),
        },
    };
    let state = match state {
        ItemState::Skipped { why } if why.is_empty() => ItemState::Skipped {
            why: match item.action {
                Action::Identical => "the same bytes are there already".to_owned(),
                Action::Skip => "taken out of the plan".to_owned(),
                _ => "refused by the plan".to_owned(),
            },
        },
        state => state,
    };
    if let ItemState::Skipped { why } = &state {
        item.why.clone_from(why);
    }
    NewItem {
        large: is_large(item.size, kind, rules),
        size: item.size,
        mark: Uuid::new_v4(),
        target: written(&item, kind).map(|(bucket, key)| target_hash(bucket, key)),
        state: state_name(&state).to_owned(),
        detail: detail(&state),
        plan: json(&item),
    }
}

/// The object that an item writes, where it writes one.
fn written(item: &PlanItem, kind: Kind) -> Option<(&str, &str)> {
    let place = match kind {
        Kind::Upload | Kind::Move | Kind::Copy | Kind::Restore => item.to.as_ref(),
        Kind::Edit => Some(&item.from),
        Kind::Download | Kind::Delete | Kind::Empty | Kind::DeleteBucket => None,
    };
    match place {
        Some(Place::Object { bucket, key }) if item.action.acts() => Some((bucket, key)),
        _ => None,
    }
}

/// A hash (FNV-1a) that is the same in every run of every version of this program. Others may have the same: whoever finds
/// something by it compares the names.
fn target_hash(bucket: &str, key: &str) -> i64 {
    let bytes = bucket.bytes().chain([b'/']).chain(key.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.cast_signed()
}

/// Whether an item takes one of the places for large ones.
fn is_large(size: Option<u64>, kind: Kind, rules: &Rules) -> bool {
    // What is moved or copied by the server costs a request, however large it is.
    let moves_bytes = matches!(kind, Kind::Upload | Kind::Download) || rules.elsewhere.is_some();
    moves_bytes && size.is_some_and(|size| size > rules.resumable_above)
}

/// The name of a state in the journal.
pub(super) fn state_name(state: &ItemState) -> &'static str {
    match state {
        ItemState::Waiting => WAITING,
        ItemState::InFlight => IN_FLIGHT,
        ItemState::Landed => LANDED,
        ItemState::Done { .. } => "done",
        ItemState::Skipped { .. } => "skipped",
        ItemState::Undecided { .. } => UNDECIDED,
        ItemState::Failed(_) => "failed",
        ItemState::Cancelled => "cancelled",
    }
}

/// The name of a wish in the journal.
pub(super) fn wanted_name(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Run => "run",
        Wanted::Pause => "pause",
        Wanted::Cancel => "cancel",
    }
}

fn wanted(name: &str) -> Wanted {
    match name {
        "pause" => Wanted::Pause,
        "cancel" => Wanted::Cancel,
        // The table takes nothing else.
        _ => Wanted::Run,
    }
}

fn detail(state: &ItemState) -> Option<String> {
    match state {
        ItemState::Waiting | ItemState::InFlight | ItemState::Landed | ItemState::Cancelled => None,
        ItemState::Done { .. } | ItemState::Skipped { .. } | ItemState::Undecided { .. } | ItemState::Failed(_) => {
            Some(json(state))
        }
    }
}

/// Plain data always becomes JSON, but for paths that are no Unicode, which no plan has.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The name of a value without content.
fn text(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn parse<T: DeserializeOwned>(job: &str, json: &str) -> Result<T, TransferError> {
    serde_json::from_str(json).map_err(|error| unreadable(job, &error))
}

fn unreadable(job: &str, why: &dyn std::fmt::Display) -> TransferError {
    TransferError::Unreadable {
        job: job.to_owned(),
        why: why.to_string(),
    }
}

fn read_items(job: JobId, rows: Vec<ItemRow>) -> Result<Vec<Item>, TransferError> {
    rows.into_iter().map(|row| read_item(job, row)).collect()
}

fn read_item(job: JobId, row: ItemRow) -> Result<Item, TransferError> {
    let id = job.to_string();
    let state = match (row.state.as_str(), &row.detail) {
        (WAITING, _) => ItemState::Waiting,
        (IN_FLIGHT, _) => ItemState::InFlight,
        (LANDED, _) => ItemState::Landed,
        ("cancelled", _) => ItemState::Cancelled,
        (_, Some(detail)) => parse(&id, detail)?,
        (name, None) => return Err(unreadable(&id, &format!("the state {name:?} says nothing more"))),
    };
    Ok(Item {
        job,
        number: row.number,
        plan: parse(&id, &row.plan)?,
        mark: row.mark,
        wanted: wanted(&row.wanted),
        state,
        attempts: row.attempts,
        resume: row.resume,
        content: row
            .content
            .map_or_else(|| Ok(Content::default()), |content| parse(&id, &content))?,
    })
}

fn read_job(row: JobRow) -> Result<Kept, TransferError> {
    let time = |time: &str| time.parse::<Timestamp>().map_err(|error| unreadable(&row.id, &error));
    let mut counts = Counts::default();
    let mut held = 0;
    for count in &row.counts {
        let (items, bytes) = (count.items, count.bytes);
        counts.items += items;
        counts.bytes += bytes;
        let state = match count.state.as_str() {
            WAITING => &mut counts.waiting,
            IN_FLIGHT | LANDED => &mut counts.running,
            "done" => &mut counts.done,
            "skipped" => &mut counts.skipped,
            "failed" => &mut counts.failed,
            "undecided" => &mut counts.undecided,
            _ => &mut counts.cancelled,
        };
        *state += items;
        match count.state.as_str() {
            "done" => counts.bytes_done += bytes,
            WAITING if count.wanted == "pause" => held += items,
            _ => {}
        }
    }
    let wanted = wanted(&row.wanted);
    let job = Job {
        id: row.id.parse().map_err(|error| unreadable(&row.id, &error))?,
        kind: parse(&row.id, &format!("\"{}\"", row.kind))?,
        rules: parse(&row.id, &row.rules)?,
        created_at: time(&row.created_at)?,
        ended_at: row.ended_at.as_deref().map(time).transpose()?,
        wanted,
        state: job_state(wanted, &counts, held),
        counts,
        title: row.title,
    };
    Ok(Kept {
        number: row.number,
        job,
    })
}

/// Where a job stands if nobody is at it; `held` of its items are to wait themselves.
fn job_state(wanted: Wanted, counts: &Counts, held: u64) -> JobState {
    let left = counts.waiting + counts.running;
    if left > 0 {
        return match wanted {
            Wanted::Pause => JobState::Paused,
            Wanted::Run if left == held => JobState::Paused,
            Wanted::Run | Wanted::Cancel => JobState::Waiting,
        };
    }
    if counts.cancelled > 0 && (wanted == Wanted::Cancel || counts.cancelled + counts.skipped == counts.items) {
        JobState::Cancelled
    } else if counts.failed + counts.undecided > 0 {
        JobState::Failed
    } else {
        JobState::Done
    }
}

/// The bucket that an item's source is in, or is.
pub(super) fn source_bucket(item: &Item) -> Option<&str> {
    item.plan.from.bucket()
}

#[cfg(test)]
mod tests;
