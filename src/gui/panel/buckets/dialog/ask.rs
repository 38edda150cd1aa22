//! What can be asked for: of the place, of what is chosen, of a folder.

use super::{
    BucketForm, Chosen, Clearing, Deletion, Dialog, DownloadForm, FolderForm, HeaderForm, Journey, Relocation, UrlForm,
};
use crate::gui::panel::buckets::state::State;
use crate::supabase::BucketName;

/// A question that a button, a menu or a key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// What a new bucket is to be.
    NewBucket,
    /// What is to change of a bucket.
    EditBucket(BucketName),
    /// Whether all of a bucket is to go.
    EmptyBucket(BucketName),
    /// Whether a bucket is to go with all that is in it.
    DeleteBucket(BucketName),
    /// What a new folder in the folder shown is called.
    NewFolder,
    /// Something about the chosen objects.
    Chosen(Act),
    /// Something about a folder of the open bucket, which ends with `/`, and all that is in it.
    Folder(Act, String),
}

/// What is to be done with objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Download them into a folder of this machine.
    Download,
    /// Move them elsewhere.
    Move,
    /// Copy them elsewhere.
    Copy,
    /// Give one object, or a folder, another name.
    Rename,
    /// Change their types, rules for caches and metadata.
    Headers,
    /// Copy or save their URLs.
    Urls,
    /// Move them to the trash.
    Trash,
    /// Delete them for good.
    Delete,
}

impl Act {
    /// Whether it changes or takes away what is there, so that a locked admin mode refuses it.
    #[must_use]
    pub fn changes(self) -> bool {
        matches!(
            self,
            Self::Move | Self::Rename | Self::Headers | Self::Trash | Self::Delete
        )
    }
}

impl State {
    /// Opens a question. Nothing happens if there is nothing that it could be about.
    pub fn ask(&mut self, ask: Ask) {
        let dialog = match ask {
            Ask::NewBucket => Some(Dialog::Bucket(Box::default())),
            Ask::EditBucket(bucket) => Some(Dialog::Bucket(Box::new(BucketForm::of(bucket)))),
            Ask::EmptyBucket(bucket) => Some(Dialog::Clear(Clearing::new(bucket, false))),
            Ask::DeleteBucket(bucket) => Some(Dialog::Clear(Clearing::new(bucket, true))),
            Ask::NewFolder => self
                .bucket()
                .map(|bucket| Dialog::Folder(FolderForm::new(bucket.clone(), self.folder().to_owned()))),
            Ask::Chosen(act) => self
                .chosen()
                .and_then(|chosen| about(act, chosen, self.folder(), self.is_public())),
            Ask::Folder(act, folder) => self
                .chosen_folder(&folder)
                .and_then(|chosen| about(act, chosen, parent(&folder), self.is_public())),
        };
        if dialog.is_some() {
            self.dialog = dialog;
        }
    }

    /// Whether anybody may read the open bucket, as far as that is known.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.open_row().is_none_or(|row| row.public)
    }
}

fn about(act: Act, chosen: Chosen, folder: &str, public: bool) -> Option<Dialog> {
    Some(match act {
        Act::Download => Dialog::Download(Box::new(DownloadForm::new(chosen))),
        Act::Move => Dialog::Relocate(Box::new(Relocation::new(Journey::Move, chosen, folder))),
        Act::Copy => Dialog::Relocate(Box::new(Relocation::new(Journey::Copy, chosen, folder))),
        Act::Rename => Dialog::Relocate(Box::new(Relocation::rename(chosen)?)),
        Act::Headers => Dialog::Headers(Box::new(HeaderForm::new(chosen))),
        Act::Urls => Dialog::Urls(UrlForm::new(chosen, public)),
        Act::Trash => Dialog::Delete(Deletion::new(chosen, false)),
        Act::Delete => Dialog::Delete(Deletion::new(chosen, true)),
    })
}

/// The folder that holds a folder.
fn parent(folder: &str) -> &str {
    let inside = folder.trim_end_matches('/');
    inside.rfind('/').map_or("", |slash| &folder[..=slash])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lies_in_its_parent() {
        assert_eq!([parent("a/"), parent("a/b/"), parent("")], ["", "a/", ""]);
    }
}
