//! The questions over the place: what each of them asks, what was typed into it, and what is looked up meanwhile. No egui.
//!
//! [`Ask`] is what menus, keys and buttons say; [`State::ask`](super::State::ask) makes a [`Dialog`] of it. What a dialog
//! looks up begins in [`Dialog::poll`]; what was answered leaves as an action, and the plan that was shown is the one that
//! is carried out.

mod ask;
mod bucket;
mod chosen;
mod clear;
mod delete;
mod download;
mod folder;
mod headers;
mod relocate;
mod shown_plan;
mod urls;

pub use ask::{Act, Ask};
pub use bucket::{BucketForm, KNOWN_TYPES, Unit};
pub use chosen::Chosen;
pub use clear::Clearing;
pub use delete::Deletion;
pub use download::DownloadForm;
pub use folder::FolderForm;
pub use headers::{CACHING, HeaderForm};
pub use relocate::{Journey, Relocation};
pub use shown_plan::ShownPlan;
pub use urls::{UrlForm, UrlKind};

use crate::service::Service;

/// A question that is open over the place.
#[derive(Debug)]
pub enum Dialog {
    /// What a bucket is to be.
    Bucket(Box<BucketForm>),
    /// Whether all that is in a bucket is to go, and the bucket with it.
    Clear(Clearing),
    /// Whether objects are to go.
    Delete(Deletion),
    /// Where objects are to go.
    Relocate(Box<Relocation>),
    /// What is to be changed of objects without sending their bytes.
    Headers(Box<HeaderForm>),
    /// Which URLs of objects are wanted.
    Urls(UrlForm),
    /// What a new folder is called.
    Folder(FolderForm),
    /// Where objects are to be downloaded to.
    Download(Box<DownloadForm>),
}

impl Dialog {
    /// Takes in what has arrived, and asks for what is needed.
    pub fn poll(&mut self, service: &Service) {
        match self {
            Self::Bucket(form) => form.poll(service),
            Self::Clear(clearing) => clearing.poll(service),
            Self::Relocate(relocation) => relocation.poll(service),
            Self::Headers(form) => form.poll(service),
            Self::Urls(form) => form.poll(service),
            Self::Download(form) => form.poll(service),
            Self::Delete(deletion) => deletion.poll(service),
            Self::Folder(_) => {}
        }
    }

    /// Whether it leads to what a locked admin mode refuses in any case.
    #[must_use]
    pub fn needs_unlocking(&self) -> bool {
        match self {
            Self::Bucket(_) | Self::Clear(_) | Self::Delete(_) | Self::Headers(_) => true,
            Self::Relocate(relocation) => relocation.journey != Journey::Copy,
            Self::Folder(_) | Self::Download(_) | Self::Urls(_) => false,
        }
    }
}
