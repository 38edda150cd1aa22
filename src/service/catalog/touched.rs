//! Which folders of a large bucket jobs have changed, so that only those are listed again.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::tend::Tending;
use crate::catalog::Index;
use crate::supabase::BucketName;
use crate::transfer::trash::TRASH_PREFIX;
use crate::transfer::{Engine, Item, ItemState, Job, Kind, Place, TransferError};

/// Folders that are listed one by one, at most.
const FOLDERS: usize = 32;
/// Items of jobs that are looked at, at most.
const ITEMS: u64 = 50_000;
const AT_ONCE: u32 = 2_000;

/// What came of it.
pub(super) enum Touched {
    /// What has changed is known now.
    Read,
    /// It is not known what has changed, or it is too much: the bucket has to be listed whole.
    Unknown,
    /// The workspace is not open any more.
    Closed,
}

/// Lists the folders again that jobs have changed since.
pub(super) async fn touched(tending: &Tending, index: &Index, since: Timestamp) -> Touched {
    let Some((engine, project)) = tending
        .inner
        .upgrade()
        .map(|inner| (inner.engine.clone(), inner.supabase.clone()))
    else {
        return Touched::Closed;
    };
    let folders = match folders(&engine, &tending.bucket, since).await {
        Ok(Some(folders)) if !folders.is_empty() => folders,
        _ => return Touched::Unknown,
    };
    let known: u64 = folders.iter().map(|folder| index.folder_total(folder).objects).sum();
    if known > index.len() as u64 / 2 {
        return Touched::Unknown;
    }
    let objects = project.bucket(&tending.bucket);
    let generation = tending.generation();
    let mut after = index.clone();
    for folder in folders {
        let mut listing = objects.list(&folder);
        let mut entries = Vec::new();
        loop {
            match listing.next().await {
                // An API that leaves objects out must not make them gone.
                Ok(Some(page)) if page.api == crate::supabase::ListApi::V1 => return Touched::Unknown,
                Ok(Some(page)) => entries.extend(page.entries),
                Ok(None) => break,
                Err(error) => {
                    tracing::info!("{folder} of {} could not be listed again: {error}", tending.bucket);
                    return Touched::Unknown;
                }
            }
        }
        let before = after.clone();
        let changed = tokio::task::spawn_blocking(move || before.with_folder(&folder, entries)).await;
        match changed {
            Ok(changed) => after = changed,
            Err(_) => return Touched::Closed,
        }
    }
    let after = after.at_version(tending.next_version());
    let generation = match (tending.store.clone(), generation) {
        (Some(store), Some(generation)) => {
            let (before, after) = (index.clone(), after.clone());
            let kept = store.run(move |store| store.change(generation, &before, &after)).await;
            if let Err(error) = &kept {
                tracing::warn!("changes of {} are not kept: {error}", tending.bucket);
            }
            kept.unwrap_or(false).then_some(generation)
        }
        _ => None,
    };
    tending.put(after, generation);
    tending.announce();
    tending.warm();
    Touched::Read
}

/// How keys of a bucket begin with which jobs have done something since; None if that is not known or too much.
async fn folders(
    engine: &Engine,
    bucket: &BucketName,
    since: Timestamp,
) -> Result<Option<BTreeSet<String>>, TransferError> {
    let mut places = Places::default();
    let jobs = engine.jobs().await?;
    let is_of_now = |job: &Job| job.ended_at.is_none_or(|ended| ended >= since);
    let jobs: Vec<Job> = jobs
        .into_iter()
        .filter(|job| job.kind != Kind::Download && is_of_now(job))
        .collect();
    if jobs.iter().map(|job| job.counts.items).sum::<u64>() > ITEMS {
        return Ok(None);
    }
    for job in jobs {
        let mut from = 0;
        loop {
            let items = engine.items(job.id, from..from + AT_ONCE).await?;
            from += AT_ONCE;
            let is_last = items.len() < AT_ONCE as usize;
            for item in items {
                of_item(&item, bucket, job.created_at, &mut places);
            }
            if places.keys.len() > FOLDERS && places.folders.len() > FOLDERS {
                return Ok(None);
            }
            if is_last {
                break;
            }
        }
    }
    let mut prefixes = if places.keys.len() <= FOLDERS {
        places.keys
    } else {
        places.folders
    };
    prefixes.extend(places.trash);
    Ok((prefixes.len() <= FOLDERS).then(|| without_inner(prefixes)))
}

/// Where something was done.
#[derive(Default)]
struct Places {
    keys: BTreeSet<String>,
    folders: BTreeSet<String>,
    /// In the trash.
    trash: BTreeSet<String>,
}

/// The places at which an item may have changed something.
fn of_item(item: &Item, bucket: &BucketName, planned: Timestamp, touched: &mut Places) {
    if matches!(item.state, ItemState::Waiting) {
        return;
    }
    for place in [Some(&item.plan.from), item.plan.to.as_ref()].into_iter().flatten() {
        let Place::Object { bucket: of, key, .. } = place else {
            continue;
        };
        if of != bucket.as_str() {
            continue;
        }
        touched.keys.insert(key.clone());
        touched
            .folders
            .insert(key.rfind('/').map_or(String::new(), |slash| key[..=slash].to_owned()));
        // What is deleted or replaced lies in the trash of some day since, in folders that begin with the job's name.
        let date = |at| jiff::tz::TimeZone::UTC.to_datetime(at).date();
        let (mut day, today) = (date(planned), date(Timestamp::now()));
        while day <= today && touched.trash.len() <= FOLDERS {
            touched.trash.insert(format!("{TRASH_PREFIX}{day}/{}", item.job));
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
    }
}

/// Beginnings of keys without those that are longer than others of them.
fn without_inner(folders: BTreeSet<String>) -> BTreeSet<String> {
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for folder in folders {
        // In byte order, what holds another one comes before it.
        let is_inside = kept.iter().any(|outer| folder.starts_with(outer.as_str()));
        if !is_inside {
            kept.insert(folder);
        }
    }
    kept
}
