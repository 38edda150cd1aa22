//! The trash of a bucket, which is not shown among its other folders unless somebody asks.

use super::State;
use crate::transfer::trash::TRASH_PREFIX;

/// Whether a folder, or a key, is in the trash.
pub(super) fn is_in(key: &str) -> bool {
    key.starts_with(TRASH_PREFIX)
}

impl State {
    /// Whether the open bucket has a trash with anything in it.
    pub fn has_trash(&self) -> bool {
        self.index()
            .is_some_and(|index| index.folder_total(TRASH_PREFIX).objects > 0)
    }

    /// Shows what is in the trash like everything else, or hides it.
    pub fn toggle_trash(&mut self) {
        self.show_trash = !self.show_trash;
        if !self.show_trash && is_in(&self.folder) {
            self.open_folder("");
        }
    }
}
