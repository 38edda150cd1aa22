//! Plans that were saved: files that are others by now are not sent for those that were planned.

use jiff::Timestamp;

use super::{Action, Kind, Place, Plan, PlanItem};

impl Plan {
    /// Refuses the files of an upload that were changed since it was planned: what is done is what was planned. Blocks.
    pub fn refuse_what_changed(&mut self) {
        if self.kind != Kind::Upload {
            return;
        }
        for item in self.items.iter_mut().filter(|item| item.action.acts()) {
            if was_changed(item) {
                item.action = Action::Refuse;
                "the file was changed since the upload was planned; plan it anew".clone_into(&mut item.why);
            }
        }
    }
}

/// One that cannot be looked at fails by itself when it is its turn.
fn was_changed(item: &PlanItem) -> bool {
    let Place::File { file } = &item.from else { return false };
    let Ok(now) = std::fs::metadata(file) else { return false };
    let modified = now.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    item.seen.size.is_some_and(|size| size != now.len())
        || item
            .seen
            .modified
            .zip(modified)
            .is_some_and(|(planned, now)| planned != now)
}
