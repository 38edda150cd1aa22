//! What can be taken back no longer goes for good: only what is past its time, and still is what was put there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::settle::Settled;
use super::{At, Record, Trash, TrashError, TrashKind, equal};
use crate::supabase::{Error as WireError, Objects, Removal};

/// Records that are dealt with at once.
const BATCH: usize = 500;

/// Objects that are looked at one by one; of more, their folders are listed.
const LOOKS: usize = 8;

/// What a purge did.
#[derive(Debug, Default)]
pub struct Purged {
    /// Objects that are gone.
    pub removed: usize,
    /// Moves and edits that can be taken back no longer. Their objects stay where they are.
    pub forgotten: usize,
    /// What is due and still there.
    pub kept: Vec<Kept>,
}

/// Something that is due and still there.
#[derive(Debug)]
pub struct Kept {
    /// Its record.
    pub record: Record,
    /// Why, as a sentence.
    pub why: String,
}

impl Trash {
    /// Deletes for good what is past its time. What has another ETag than what was put there is somebody else's, and stays.
    /// A record goes when the server's object is proven to be gone.
    ///
    /// # Errors
    /// If the journal cannot be used. Trouble with the project is told of each object that is still there.
    pub async fn purge_due(&self, now: Timestamp) -> Result<Purged, TrashError> {
        let mut purged = Purged::default();
        let mut buckets: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        let mut forgotten = Vec::new();
        for record in self.journal.run(move |journal| journal.trash_due(now)).await? {
            let record = match self.settle_record(record.clone(), now).await {
                Ok(Settled::Kept(record)) => *record,
                Ok(Settled::NoEffect | Settled::Back | Settled::Lost) => continue,
                Ok(Settled::UnderWay) => {
                    purged.keep(record, "it is not known yet where it is");
                    continue;
                }
                Err(error @ TrashError::Journal(_)) => return Err(error),
                Err(error) => {
                    purged.keep(record, error.to_string());
                    continue;
                }
            };
            match record.kind {
                TrashKind::Moved | TrashKind::Edited => forgotten.push(record.id),
                TrashKind::Deleted | TrashKind::Replaced => {
                    buckets.entry(record.kept_bucket.clone()).or_default().push(record)
                }
            }
        }
        purged.forgotten = forgotten.len();
        self.journal.trash_drop(forgotten).await?;
        for records in buckets.into_values() {
            for batch in records.chunks(BATCH) {
                self.purge_batch(batch, &mut purged).await?;
            }
        }
        Ok(purged)
    }

    async fn purge_batch(&self, records: &[Record], purged: &mut Purged) -> Result<(), TrashError> {
        let mut known: HashMap<String, (Record, At)> = HashMap::new();
        for record in records {
            if let Ok((_, kept)) = self.places(record) {
                known.insert(record.kept_key.clone(), (record.clone(), kept));
            }
        }
        let Some(objects) = known.values().next().map(|(_, at)| at.objects.clone()) else {
            return Ok(());
        };
        let listed = if known.len() > LOOKS {
            list(&objects, known.keys()).await
        } else {
            Ok(HashMap::new())
        };
        let mut gone = Vec::new();
        let mut keys = Vec::new();
        for (record, at) in known.values() {
            let etag = match listed.as_ref().ok().and_then(|listed| listed.get(&record.kept_key)) {
                Some(etag) => Ok(Some(etag.clone())),
                // A listing may leave out what is there.
                None => at.look().await.map(|found| found.map(|info| info.etag)),
            };
            match etag {
                Ok(None) => gone.push(record.id),
                Ok(Some(etag)) if is_ours(record, etag.as_deref()) => keys.push(at.key.clone()),
                Ok(Some(_)) => purged.keep(record.clone(), "it is not what was put there; somebody changed it"),
                Err(error) => purged.keep(record.clone(), error.message.clone()),
            }
        }
        let removal = match objects.remove(&keys).await {
            Ok(removal) => removal,
            Err(error) => {
                for record in keys.iter().filter_map(|key| known.get(key.as_str())) {
                    purged.keep(record.0.clone(), error.message.clone());
                }
                Removal::default()
            }
        };
        gone.extend(
            removal
                .removed
                .iter()
                .filter_map(|key| known.get(key.as_str()))
                .map(|(record, _)| record.id),
        );
        for (record, at) in removal.missing.iter().filter_map(|key| known.get(key.as_str())) {
            match at.look().await {
                Ok(None) => gone.push(record.id),
                Ok(Some(_)) => purged.keep(
                    record.clone(),
                    "the server did not delete it: a policy hides it from this key",
                ),
                Err(error) => purged.keep(record.clone(), error.message.clone()),
            }
        }
        if let Some(failed) = removal.failed {
            for (record, _) in failed.keys.iter().filter_map(|key| known.get(key.as_str())) {
                purged.keep(record.clone(), failed.error.message.clone());
            }
        }
        purged.removed += gone.len();
        Ok(self.journal.trash_drop(gone).await?)
    }
}

impl Purged {
    fn keep(&mut self, record: Record, why: impl Into<String>) {
        let why = why.into();
        self.kept.push(Kept { record, why });
    }
}

/// Whether what is kept is what was put there.
fn is_ours(record: &Record, etag: Option<&str>) -> bool {
    match (record.kept_etag.as_deref(), etag) {
        (Some(put), Some(now)) => equal(put, now),
        _ => false,
    }
}

/// The ETags of what is in the folders of these keys: `_trash/<date>/<job>/`.
async fn list(
    objects: &Objects,
    keys: impl Iterator<Item = &String>,
) -> Result<HashMap<String, Option<String>>, WireError> {
    let folders: BTreeSet<&str> = keys
        .map(|key| {
            key.match_indices('/')
                .nth(2)
                .map_or(key.as_str(), |(at, _)| &key[..=at])
        })
        .collect();
    let mut etags = HashMap::new();
    for folder in folders {
        let mut listing = objects.list(folder);
        while let Some(page) = listing.next().await? {
            etags.extend(page.entries.into_iter().map(|entry| (entry.key, entry.etag)));
        }
    }
    Ok(etags)
}
