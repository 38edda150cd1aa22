//! Out of the trash again. Nothing that is stored at a key by now is overwritten.

use std::collections::HashMap;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::super::JobId;
use super::keep::{How, send};
use super::key::was;
use super::settle::Settled;
use super::{At, Record, Successor, TRASH_PREFIX, Trash, TrashError, TrashKind, TrashState, equal, is_same};
use crate::supabase::{Class, ObjectInfo, ObjectKey, Objects, UPLOAD_MARK};

/// How often an object is looked for before it is said to be missing.
const ROUNDS: usize = 2;
/// Objects that are taken back at once.
const AT_ONCE: usize = 8;

/// Something that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What it was. Its object is at `bucket` and `key` again.
    pub record: Record,
    /// With what this can be taken back in its turn, if it can.
    pub redo: Option<Record>,
}

/// One record of a job that was to be undone.
#[derive(Debug)]
pub struct Undone {
    /// The record.
    pub record: Record,
    /// What became of it.
    pub result: Result<Restored, TrashError>,
}

/// Where an object was that somebody needs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// At its key.
    There,
    /// In the trash; it is back at its key.
    Returned,
    /// Neither there nor in the trash.
    Missing,
}

impl Trash {
    /// Takes a record back: the object gets its old key again. For a replaced object, what came into its place goes to the
    /// trash first, under `job`, so that this can be taken back, too.
    ///
    /// # Errors
    /// [`TrashError::Occupied`] if something else is at the key by now; [`TrashError::Changed`] if what is kept is not what
    /// was put there; [`TrashError::Gone`] if it is there no more.
    pub async fn restore(&self, id: i64, job: JobId) -> Result<Restored, TrashError> {
        let record = self
            .journal
            .run(move |journal| journal.trash_record(id))
            .await?
            .ok_or(TrashError::NoRecord(id))?;
        let (from, kept) = self.places(&record)?;
        let record = match self.settle_record(record.clone(), Timestamp::now()).await? {
            Settled::Kept(record) => *record,
            Settled::NoEffect | Settled::Back => return Ok(Restored { record, redo: None }),
            Settled::Lost => return Err(TrashError::Gone(from.name())),
            Settled::UnderWay => {
                return Err(TrashError::Unclear {
                    what: from.name(),
                    to: kept.name(),
                    why: "that is under way".to_owned(),
                });
            }
        };
        if record.kind == TrashKind::Edited {
            return self.edit_back(record, &from, job).await;
        }
        let Some(there) = kept.look().await? else {
            return self.missing(record, &from).await;
        };
        if let (Some(put), Some(now)) = (record.kept_etag.as_deref(), there.etag.as_deref())
            && !equal(put, now)
        {
            return Err(TrashError::Changed(kept.name()));
        }
        match (record.kind, from.look().await?) {
            (TrashKind::Moved, None) => {
                let (back, home) = ((&kept.objects, &kept.key), (&from.objects, &from.key));
                let redo = self.relocate(back, home, job, there.etag.as_deref()).await?;
                self.drop_record(record.id).await?;
                Ok(Restored {
                    record,
                    redo: Some(redo),
                })
            }
            (TrashKind::Deleted | TrashKind::Replaced, None) => {
                let record = self.bring_back(record, &from, &kept).await?;
                Ok(Restored { record, redo: None })
            }
            (TrashKind::Replaced, Some(now)) if is_successor(&record, &now) => {
                self.trade(record, &from, &kept, job, &now).await
            }
            // The upload that was to replace it never came.
            (TrashKind::Replaced, Some(now)) if is_same(&there, &now) => Ok(Restored { record, redo: None }),
            // What was edited is dealt with above.
            (TrashKind::Edited, None) => Err(TrashError::Gone(from.name())),
            (_, Some(_)) => Err(TrashError::Occupied(from.name())),
        }
    }

    /// Takes back all that a job did; what cannot be taken back stops nothing else. Several at once, but those that were done
    /// to one place one after the other, newest first. What this does in its turn is done under the job `undoing`. Each
    /// result is told as it comes.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn undo(
        &self,
        job: JobId,
        undoing: JobId,
        tell: &(dyn Fn(&Undone) + Send + Sync),
    ) -> Result<Vec<Undone>, TrashError> {
        let chains = chains(self.of_job(job).await?).into_iter().map(|chain| async move {
            let mut all = Vec::with_capacity(chain.len());
            for record in chain {
                let result = self.restore(record.id, undoing).await;
                let undone = Undone { record, result };
                tell(&undone);
                all.push(undone);
            }
            all
        });
        // Collected, so that the future may go to another thread: the compiler cannot see that of the closure.
        let chains: Vec<_> = chains.collect();
        let undone: Vec<Vec<Undone>> = stream::iter(chains).buffer_unordered(AT_ONCE).collect().await;
        let mut all: Vec<Undone> = undone.into_iter().flatten().collect();
        all.sort_by_key(|undone| std::cmp::Reverse(undone.record.id));
        Ok(all)
    }

    /// Makes sure that there is an object at a key where one was. One that went to the trash comes back, whoever put it there:
    /// besides the records of this journal, the trash itself is looked through.
    ///
    /// # Errors
    /// If the project cannot be asked.
    pub async fn recover(&self, objects: &Objects, key: &ObjectKey) -> Result<Recovered, TrashError> {
        let at = At::new(objects, key);
        if at.look().await?.is_some() {
            return Ok(Recovered::There);
        }
        // While it is looked for, others may bring it back and take it away again.
        for _ in 0..ROUNDS {
            if self.bring_from_trash(objects, &at).await? {
                return Ok(Recovered::Returned);
            }
        }
        Ok(Recovered::Missing)
    }

    async fn bring_from_trash(&self, objects: &Objects, at: &At) -> Result<bool, TrashError> {
        let key = &at.key;
        let (bucket, text) = (objects.bucket().to_string(), key.to_string());
        let records = self
            .journal
            .run(move |journal| journal.trash_of_key(&bucket, &text))
            .await?;
        let was_kept = |record: &&Record| matches!(record.kind, TrashKind::Deleted | TrashKind::Replaced);
        for record in records.iter().filter(was_kept) {
            match self.restore(record.id, JobId(Uuid::new_v4())).await {
                Ok(_) => break,
                Err(error @ (TrashError::Wire(_) | TrashError::Journal(_))) => return Err(error),
                Err(_) => {}
            }
        }
        if at.look().await?.is_some() {
            return Ok(true);
        }
        let mut found: Vec<String> = objects
            .list_all(TRASH_PREFIX)
            .await?
            .into_iter()
            .map(|entry| entry.key)
            .filter(|kept| was(kept, key))
            .collect();
        // By their dates.
        found.sort();
        for kept in found.iter().rev().filter_map(|kept| ObjectKey::parse(kept).ok()) {
            match send(How::Move, &At::new(objects, &kept), at).await {
                Ok(()) => return Ok(true),
                // Somebody else was faster, in one way or the other.
                Err(error) if matches!(error.class, Class::Exists | Class::NotFound | Class::Ambiguous) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(at.look().await?.is_some())
    }

    /// What is kept goes back to its place, in which nothing is; the record goes.
    async fn bring_back(&self, mut record: Record, from: &At, kept: &At) -> Result<Record, TrashError> {
        record.state = TrashState::Returning;
        self.update(&record).await?;
        match send(How::Move, kept, from).await {
            Ok(()) => {}
            Err(error) if error.class == Class::Ambiguous => {
                let back = from.has(&record).await.unwrap_or(false) && matches!(kept.look().await, Ok(None));
                if !back {
                    return Err(TrashError::Unclear {
                        what: kept.name(),
                        to: from.name(),
                        why: error.message.clone(),
                    });
                }
            }
            // Somebody else has brought it back at the same moment.
            Err(error) if error.class == Class::NotFound => {
                return self.missing(record, from).await.map(|back| back.record);
            }
            Err(error) => {
                record.state = TrashState::Kept;
                self.update(&record).await?;
                return Err(match error.class {
                    Class::Exists => TrashError::Occupied(from.name()),
                    _ => error.into(),
                });
            }
        }
        self.drop_record(record.id).await?;
        Ok(record)
    }

    /// What came into the object's place goes to the trash, and the object back to its place.
    async fn trade(
        &self,
        mut record: Record,
        from: &At,
        kept: &At,
        job: JobId,
        now: &ObjectInfo,
    ) -> Result<Restored, TrashError> {
        // From here on the place may be empty: should the program end, it is not left so.
        record.state = TrashState::Returning;
        self.update(&record).await?;
        let successor = Successor {
            mark: None,
            etag: record.kept_etag.clone(),
        };
        let put = self
            .send_to_trash(
                TrashKind::Replaced,
                How::Move,
                from,
                job,
                now.etag.as_deref(),
                successor,
            )
            .await;
        let mut redo = match put {
            Ok(redo) => redo,
            Err(error) => {
                // Whoever settles the record puts it right if this does not.
                record.state = TrashState::Kept;
                if !matches!(error, TrashError::Unclear { .. }) {
                    self.update(&record).await?;
                }
                return Err(error);
            }
        };
        let record = self.bring_back(record, from, kept).await?;
        // It is back, whether it can be looked at or not.
        let back = from.look().await.ok().flatten();
        if let Some(etag) = back.and_then(|back| back.etag)
            && redo.successor.etag.as_deref() != Some(&etag)
        {
            redo.successor.etag = Some(etag);
            self.update(&redo).await?;
        }
        Ok(Restored {
            record,
            redo: Some(redo),
        })
    }

    /// What is not where it was kept is back in its place, or gone. In both cases nothing is left to take back.
    async fn missing(&self, record: Record, from: &At) -> Result<Restored, TrashError> {
        let back = from.has(&record).await?;
        self.drop_record(record.id).await?;
        if back {
            Ok(Restored { record, redo: None })
        } else {
            Err(TrashError::Gone(from.name()))
        }
    }
}

/// Records in groups that have no place in common, each in the order in which they came.
fn chains(records: Vec<Record>) -> Vec<Vec<Record>> {
    let mut chains: Vec<Vec<Record>> = Vec::with_capacity(records.len());
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    // Chains that turned out to be one with another: which one.
    let mut joined: HashMap<usize, usize> = HashMap::new();
    for record in records {
        let both = [
            (record.bucket.clone(), record.key.clone()),
            (record.kept_bucket.clone(), record.kept_key.clone()),
        ];
        let known = both.each_ref().map(|place| {
            let mut chain = *places.get(place)?;
            while let Some(other) = joined.get(&chain) {
                chain = *other;
            }
            Some(chain)
        });
        let chain = match known {
            [Some(one), Some(other)] if one != other => {
                let moved = std::mem::take(&mut chains[other]);
                chains[one].extend(moved);
                // Newest first, as they came.
                chains[one].sort_by_key(|record| std::cmp::Reverse(record.id));
                joined.insert(other, one);
                one
            }
            [Some(chain), _] | [None, Some(chain)] => chain,
            [None, None] => {
                chains.push(Vec::with_capacity(1));
                chains.len() - 1
            }
        };
        places.extend(both.map(|place| (place, chain)));
        chains[chain].push(record);
    }
    chains.retain(|chain| !chain.is_empty());
    chains
}

/// Whether what is at a replaced object's key is what replaced it.
fn is_successor(record: &Record, info: &ObjectInfo) -> bool {
    let mark = info.metadata.get(UPLOAD_MARK).and_then(Value::as_str);
    let marked = record.successor.mark.is_some() && record.successor.mark.as_deref() == mark;
    let same = match (record.successor.etag.as_deref(), info.etag.as_deref()) {
        (Some(ours), Some(theirs)) => equal(ours, theirs),
        _ => false,
    };
    marked || same
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: i64, key: &str, kept: &str) -> Record {
        Record {
            id,
            job: String::new(),
            kind: TrashKind::Moved,
            state: TrashState::Kept,
            bucket: "b".into(),
            key: key.into(),
            kept_bucket: "b".into(),
            kept_key: kept.into(),
            size: None,
            etag: None,
            kept_etag: None,
            successor: Successor::default(),
            edit: None,
            made_at: Timestamp::UNIX_EPOCH,
            due_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_was_done_to_one_place_is_taken_back_in_order() {
        let records = vec![
            record(9, "c", "d"),
            record(8, "x", "y"),
            record(7, "a", "b"),
            // Joins the first and the third.
            record(6, "b", "c"),
            record(5, "p", "q"),
            record(4, "d", "_trash/d"),
        ];
        let mut ids: Vec<Vec<i64>> = chains(records)
            .iter()
            .map(|chain| chain.iter().map(|record| record.id).collect())
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, [vec![5], vec![8], vec![9, 7, 6, 4]]);
    }
}
