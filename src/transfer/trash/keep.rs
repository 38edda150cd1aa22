//! Into the trash, and from one key to another: look, write the record, ask, look again.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::super::JobId;
use super::key::turn;
use super::{At, Record, Successor, Trash, TrashError, TrashKind, TrashState, equal, is_in_trash, is_same};
use crate::supabase::{Class, CopyOptions, Destination, Error as WireError, ObjectInfo, ObjectKey, Objects};

/// Objects of one key that one job can put into the trash on one day.
const TURNS: u32 = 20;

/// How an object gets from one place to another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Move,
    Copy,
}

impl Trash {
    /// Moves an object to the trash. `seen` is the ETag that it had when it was decided upon; an object that has another one
    /// by now is left where it is. The record that comes back says where it is.
    ///
    /// # Errors
    /// [`TrashError::NotThere`], [`TrashError::Changed`], [`TrashError::InTrash`]; [`TrashError::Unclear`] if nobody can say
    /// yet what became of it: its record is [settled](Trash::settle) later.
    pub async fn put(
        &self,
        objects: &Objects,
        key: &ObjectKey,
        job: JobId,
        seen: Option<&str>,
    ) -> Result<Record, TrashError> {
        let from = At::new(objects, key);
        self.send_to_trash(TrashKind::Deleted, How::Move, &from, job, seen, Successor::default())
            .await
    }

    /// Copies an object to the trash that is about to be replaced by an upload with the mark `successor`. Undone by
    /// [`Trash::restore`] as long as what is at the key is the object with that mark.
    ///
    /// # Errors
    /// As [`Trash::put`].
    pub async fn keep_copy(
        &self,
        objects: &Objects,
        key: &ObjectKey,
        job: JobId,
        seen: Option<&str>,
        successor: Uuid,
    ) -> Result<Record, TrashError> {
        let successor = Successor {
            mark: Some(successor.to_string()),
            etag: None,
        };
        let from = At::new(objects, key);
        self.send_to_trash(TrashKind::Replaced, How::Copy, &from, job, seen, successor)
            .await
    }

    /// Moves an object to another key, or another bucket, where nothing is yet, so that it can be moved back.
    ///
    /// # Errors
    /// As [`Trash::put`], and [`TrashError::Occupied`].
    pub async fn relocate(
        &self,
        (objects, key): (&Objects, &ObjectKey),
        (there, to): (&Objects, &ObjectKey),
        job: JobId,
        seen: Option<&str>,
    ) -> Result<Record, TrashError> {
        let (from, to) = (At::new(objects, key), At::new(there, to));
        // The server would say that it was done.
        if from.name() == to.name() {
            return Err(TrashError::Occupied(to.name()));
        }
        let info = meant(&from, seen).await?;
        let record = self.record(TrashKind::Moved, job, &from, &to, &info);
        self.carry(How::Move, record, &from, &to, &info).await
    }

    pub(super) async fn send_to_trash(
        &self,
        kind: TrashKind,
        how: How,
        from: &At,
        job: JobId,
        seen: Option<&str>,
        successor: Successor,
    ) -> Result<Record, TrashError> {
        if is_in_trash(&from.key) {
            return Err(TrashError::InTrash(from.name()));
        }
        let info = meant(from, seen).await?;
        // The same day for everybody, wherever their clocks are.
        let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
        let mut number = 1;
        loop {
            let to = At::new(&from.objects, &turn(&from.key, job, today, number));
            let mut record = self.record(kind, job, from, &to, &info);
            record.successor = successor.clone();
            match self.carry(how, record, from, &to, &info).await {
                // The job has put another object of this key there before.
                Err(TrashError::Occupied(_)) if number < TURNS => number += 1,
                result => return result,
            }
        }
    }

    /// Carries out what a record says of the object that was looked at.
    async fn carry(
        &self,
        how: How,
        record: Record,
        from: &At,
        to: &At,
        info: &ObjectInfo,
    ) -> Result<Record, TrashError> {
        let mut record = self.add(record).await?;
        match send(how, from, to).await {
            Ok(()) => {}
            Err(error) if error.class == Class::Ambiguous => {
                match (to.look().await, from.look().await) {
                    // It has arrived. A copy in the trash can only be ours: nobody else knows the place.
                    (Ok(Some(there)), Ok(here)) if is_same(info, &there) && (how == How::Copy || here.is_none()) => {}
                    _ => {
                        return Err(TrashError::Unclear {
                            what: from.name(),
                            to: to.name(),
                            why: error.message.clone(),
                        });
                    }
                }
            }
            Err(error) => {
                self.drop_record(record.id).await?;
                return Err(match error.class {
                    Class::Exists => TrashError::Occupied(to.name()),
                    Class::NotFound => TrashError::NotThere(from.name()),
                    _ => error.into(),
                });
            }
        }
        // It is done. That it cannot be looked at makes it no less done: the record stays, and is settled later.
        let Ok(arrived) = to.look().await else {
            return Ok(record);
        };
        let Some(arrived) = arrived else {
            return Err(TrashError::Unclear {
                what: from.name(),
                to: to.name(),
                why: "the server said that it was done, and it is not there".to_owned(),
            });
        };
        record.state = TrashState::Kept;
        record.kept_etag.clone_from(&arrived.etag);
        if is_same(info, &arrived) {
            self.update(&record).await?;
            return Ok(record);
        }
        self.give_back(how, record, from, to).await
    }

    /// Somebody replaced the object between the look and the move: theirs was moved, and goes back.
    async fn give_back(&self, how: How, record: Record, from: &At, to: &At) -> Result<Record, TrashError> {
        // Until it is back it is where the record says.
        self.update(&record).await?;
        let back = match how {
            How::Copy => to.objects.remove_one(&to.key).await.map(|_| ()),
            How::Move => send(How::Move, to, from).await,
        };
        match back {
            Ok(()) => {
                self.drop_record(record.id).await?;
                Err(TrashError::Changed(from.name()))
            }
            Err(_) => Err(TrashError::ChangedAndKept {
                what: from.name(),
                kept: to.name(),
            }),
        }
    }
}

/// The object that is meant, as it is now.
async fn meant(at: &At, seen: Option<&str>) -> Result<ObjectInfo, TrashError> {
    let info = at.look().await?.ok_or_else(|| TrashError::NotThere(at.name()))?;
    match (seen, info.etag.as_deref()) {
        (Some(seen), Some(now)) if !equal(seen, now) => Err(TrashError::Changed(at.name())),
        _ => Ok(info),
    }
}

/// Asks the server for it. Nothing is replaced.
pub(super) async fn send(how: How, from: &At, to: &At) -> Result<(), WireError> {
    let other = (from.objects.bucket() != to.objects.bucket()).then(|| to.objects.bucket().clone());
    let destination = Destination {
        bucket: other,
        key: to.key.clone(),
    };
    match how {
        How::Move => from.objects.move_to(&from.key, &destination).await,
        How::Copy => from
            .objects
            .copy_to(&from.key, &destination, &CopyOptions::default())
            .await
            .map(|_| ()),
    }
}
