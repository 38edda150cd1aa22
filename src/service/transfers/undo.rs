//! Taking back what a transfer did: what it deleted or replaced comes out of the trash, what it moved goes back.

use serde::Serialize;
use uuid::Uuid;

use crate::service::{AdminAction, Problem, Service};
use crate::transfer::JobId;
use crate::transfer::trash::{TrashKind, Undone};

/// What became of taking a transfer back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Undoing {
    /// Objects that are where, or as, they were before.
    pub back: Vec<String>,
    /// Whether they had never left their places: they were edited or replaced there.
    pub in_place: bool,
    /// Those that are not, and why.
    pub left: Vec<NotBack>,
}

/// An object that did not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotBack {
    /// Which.
    pub object: String,
    /// Why, as a sentence.
    pub why: String,
}

impl Service {
    /// Takes back what a transfer deleted, replaced or moved, newest first; each is told as it comes. What cannot be taken
    /// back stops nothing else.
    ///
    /// # Errors
    /// If there is no such job, nothing of it can be taken back, admin mode is locked, or the journal cannot be read.
    pub async fn undo_transfer(&self, job: JobId, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<Undoing, Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        let known = self.engine().job(job).await?;
        let told = |undone: &Undone| tell(&format!("{}/{}", undone.record.bucket, undone.record.key));
        let trash = self.inner.stories.trash();
        let all = trash.undo(job, JobId(Uuid::new_v4()), &told).await?;
        if all.is_empty() {
            return Err(Problem::new(
                format!("There is nothing to take back of “{}”.", known.title),
                "Only what was deleted, replaced or moved can be taken back, and only for as long as the trash keeps it.",
            ));
        }
        let mut undoing = Undoing {
            in_place: all
                .iter()
                .all(|undone| matches!(undone.record.kind, TrashKind::Edited | TrashKind::Replaced)),
            ..Undoing::default()
        };
        for Undone { record, result } in all {
            let object = format!("{}/{}", record.bucket, record.key);
            match result {
                Ok(_) => undoing.back.push(object),
                Err(error) => undoing.left.push(NotBack {
                    object,
                    why: Problem::from(error).what,
                }),
            }
        }
        self.tell_of(job).await;
        self.inner.taken_back.notify_one();
        Ok(undoing)
    }
}
