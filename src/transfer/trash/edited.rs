//! Edits that are taken back: what was beside an object's bytes is put there again, if it still is what the edit made of it.

use jiff::Timestamp;

use super::super::JobId;
use super::settle::Settled;
use super::{At, Record, Restored, Trash, TrashError, TrashKind, TrashState, same_etag};
use crate::journal::{EditRecord, ObjectFacts};
use crate::supabase::{Class, ObjectEdit, ObjectInfo};

/// What is beside an object's bytes.
pub(in crate::transfer) fn facts_of(info: &ObjectInfo) -> ObjectFacts {
    ObjectFacts {
        content_type: info.content_type.clone(),
        cache_control: info.cache_control.clone(),
        metadata: info.metadata.clone(),
    }
}

/// Whether what is beside the bytes is what it is to be; what is not known of that may be anything.
pub(in crate::transfer) fn agree(now: &ObjectFacts, wanted: &ObjectFacts) -> bool {
    let same = |now: &Option<String>, wanted: &Option<String>| match (now, wanted) {
        (Some(now), Some(wanted)) => now.trim().eq_ignore_ascii_case(wanted.trim()),
        (None, Some(_)) => false,
        (_, None) => true,
    };
    same(&now.content_type, &wanted.content_type)
        && same(&now.cache_control, &wanted.cache_control)
        && now.metadata == wanted.metadata
}

/// What is to be asked for so that `now` becomes `wanted`. The metadata is said whole in any case, so that the server need not
/// be asked for it again.
pub(in crate::transfer) fn to_reach(wanted: &ObjectFacts, now: &ObjectFacts) -> ObjectEdit {
    let changed = |wanted: &Option<String>, now: &Option<String>| wanted.clone().filter(|_| wanted != now);
    ObjectEdit {
        content_type: changed(&wanted.content_type, &now.content_type),
        cache_control: changed(&wanted.cache_control, &now.cache_control),
        metadata: Some(wanted.metadata.clone()),
    }
}

impl Trash {
    /// Puts back what an edit changed. What this does can be taken back in its turn, under `job`.
    pub(super) async fn edit_back(&self, mut record: Record, from: &At, job: JobId) -> Result<Restored, TrashError> {
        let Some(now) = from.look().await? else {
            self.drop_record(record.id).await?;
            return Err(TrashError::Gone(from.name()));
        };
        let Some(edit) = record.edit.clone() else {
            return Err(TrashError::Changed(from.name()));
        };
        let facts = facts_of(&now);
        if agree(&facts, &edit.before) {
            self.drop_record(record.id).await?;
            return Ok(Restored { record, redo: None });
        }
        // Another object, or one that was edited once more since.
        if !same_etag(record.etag.as_deref(), now.etag.as_deref()) || !agree(&facts, &edit.after) {
            return Err(TrashError::Changed(from.name()));
        }
        record.state = TrashState::Returning;
        self.update(&record).await?;
        let sent = from.objects.edit(&from.key, &to_reach(&edit.before, &facts)).await;
        if let Err(error) = sent
            && error.class != Class::Ambiguous
        {
            record.state = TrashState::Kept;
            self.update(&record).await?;
            return Err(match error.class {
                Class::NotFound => TrashError::Gone(from.name()),
                _ => error.into(),
            });
        }
        match from.look().await? {
            Some(after) if agree(&facts_of(&after), &edit.before) => {}
            Some(_) => return Err(TrashError::Changed(from.name())),
            None => return Err(TrashError::Gone(from.name())),
        }
        let mut redo = self.record(TrashKind::Edited, job, from, from, &now);
        redo.state = TrashState::Kept;
        redo.edit = Some(EditRecord {
            before: edit.after,
            after: edit.before,
        });
        let redo = self.add(redo).await?;
        self.drop_record(record.id).await?;
        Ok(Restored {
            record,
            redo: Some(redo),
        })
    }

    /// Finds out what became of an edit, or of one that was being taken back.
    pub(super) async fn settle_edit(&self, mut record: Record, now: Timestamp) -> Result<Settled, TrashError> {
        let (from, _) = self.places(&record)?;
        let (Some(there), Some(edit)) = (from.look().await?, record.edit.clone()) else {
            self.drop_record(record.id).await?;
            return Ok(Settled::Lost);
        };
        let facts = facts_of(&there);
        if agree(&facts, &edit.after) {
            record.state = TrashState::Kept;
            record.kept_etag = there.etag;
            self.update(&record).await?;
            return Ok(Settled::Kept(Box::new(record)));
        }
        let sending = record.state == TrashState::Sending;
        if sending && now.duration_since(record.made_at) < Self::UNDER_WAY {
            return Ok(Settled::UnderWay);
        }
        // As before, or as somebody else has made it since: nothing of this is left to take back.
        self.drop_record(record.id).await?;
        Ok(match (agree(&facts, &edit.before), sending) {
            (true, true) => Settled::NoEffect,
            (true, false) => Settled::Back,
            (false, _) => Settled::Lost,
        })
    }
}
