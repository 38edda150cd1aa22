//! Records of which it is not known how far they are: after a crash, or after an answer that was lost. Nothing is done
//! twice; what became of it is looked for.

use jiff::Timestamp;

use super::keep::{How, send};
use super::{At, Record, Trash, TrashError, TrashKind, TrashState, same_etag};
use crate::supabase::ObjectInfo;

/// What is known of a record after looking.
pub(super) enum Settled {
    /// The object is where the record says that it is kept, as far as anybody knows.
    Kept(Box<Record>),
    /// The object never left its place, and the record is gone.
    NoEffect,
    /// The object is back, and the record is gone.
    Back,
    /// It is nowhere, and the record is gone.
    Lost,
    /// Somebody may be at it at this moment.
    UnderWay,
}

impl Trash {
    /// Finds out what became of what was under way when the program ended, and brings to its end what was on its way back.
    /// How many records are settled now.
    ///
    /// # Errors
    /// If the project cannot be asked. What was settled is settled.
    pub async fn settle(&self, now: Timestamp) -> Result<usize, TrashError> {
        let mut settled = 0;
        for record in self.journal.run(crate::journal::Journal::trash_unsettled).await? {
            if !matches!(self.settle_record(record, now).await?, Settled::UnderWay) {
                settled += 1;
            }
        }
        Ok(settled)
    }

    pub(super) async fn settle_record(&self, record: Record, now: Timestamp) -> Result<Settled, TrashError> {
        match record.state {
            TrashState::Kept => Ok(Settled::Kept(Box::new(record))),
            TrashState::Sending | TrashState::Returning if record.kind == TrashKind::Edited => {
                self.settle_edit(record, now).await
            }
            TrashState::Sending => self.settle_sending(record, now).await,
            TrashState::Returning => self.settle_returning(record).await,
        }
    }

    async fn settle_sending(&self, mut record: Record, now: Timestamp) -> Result<Settled, TrashError> {
        let (from, to) = self.places(&record)?;
        let (kept, here) = (to.look().await?, from.look().await?);
        let arrived = match (&kept, record.kind) {
            // Nobody else puts anything at a place in the trash that is this job's.
            (Some(_), TrashKind::Deleted | TrashKind::Replaced) => true,
            // At the target of a move there may be somebody else's object.
            (Some(kept), TrashKind::Moved) => here.is_none() && is_like(&record, kept),
            // What was edited is dealt with by itself.
            (Some(_), TrashKind::Edited) | (None, _) => false,
        };
        if arrived {
            record.state = TrashState::Kept;
            record.kept_etag = kept.and_then(|kept| kept.etag);
            self.update(&record).await?;
            return Ok(Settled::Kept(Box::new(record)));
        }
        if now.duration_since(record.made_at) < Self::UNDER_WAY {
            return Ok(Settled::UnderWay);
        }
        self.drop_record(record.id).await?;
        Ok(if here.is_some() {
            Settled::NoEffect
        } else {
            Settled::Lost
        })
    }

    async fn settle_returning(&self, mut record: Record) -> Result<Settled, TrashError> {
        let (from, to) = self.places(&record)?;
        let (mut kept, mut here) = (to.look().await?, from.look().await?);
        if kept.is_some() && here.is_none() {
            // What came into its place is away already: an empty place is what nobody wants.
            let sent = send(How::Move, &to, &from).await;
            (kept, here) = (to.look().await?, from.look().await?);
            if let (Some(_), None, Err(error)) = (&kept, &here, sent) {
                return Err(error.into());
            }
        }
        match (kept, here) {
            (Some(_), _) => {
                record.state = TrashState::Kept;
                self.update(&record).await?;
                Ok(Settled::Kept(Box::new(record)))
            }
            (None, here) => {
                self.drop_record(record.id).await?;
                Ok(if here.is_some() { Settled::Back } else { Settled::Lost })
            }
        }
    }
}

/// Whether an object is the one of a record, as far as that can be told from what was written down.
pub(super) fn is_like(record: &Record, info: &ObjectInfo) -> bool {
    let known = record.kept_etag.as_deref().or(record.etag.as_deref());
    record.size == info.size && same_etag(known, info.etag.as_deref())
}

impl At {
    /// Whether the record's object is here.
    pub(super) async fn has(&self, record: &Record) -> Result<bool, TrashError> {
        Ok(self.look().await?.is_some_and(|info| is_like(record, &info)))
    }
}
