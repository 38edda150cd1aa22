//! What is to be done, before anything is: one row an item. A plan can be shown, edited, saved and run later; what is
//! done equals what was planned, and what has changed since is not done.

mod again;
mod by_manifest;
mod check;
mod compare;
mod download;
mod edit;
mod elsewhere;
mod empty;
mod error;
mod file;
pub mod fix;
mod head;
mod keys;
mod manifest;
mod pattern;
mod relocate;
mod request;
mod stale;
mod summary;
mod sync;
mod there;
mod upload;
mod walk;

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::workspace::WorkspaceId;

pub(in crate::transfer) use again::look_again;
pub use by_manifest::ManifestOrder;
pub use check::{PlanFault, PlanFaults};
pub use download::DownloadOrder;
pub use edit::{EditOrder, HeaderEdit, MetadataEdit, UNTOUCHED};
pub use elsewhere::{Other, OtherWorkspace};
pub use empty::EmptyOrder;
pub use error::PlanError;
pub use keys::{FoundObject, KeySource};
pub use relocate::{DeleteOrder, RelocateOrder};
pub use request::{BadNames, KeyTarget, Planner, Planning, Step, Taken};
pub use summary::{Summary, SummaryRow};
pub use sync::{SyncOrder, SyncPlan};
pub use upload::UploadOrder;
pub use walk::{FileSource, Links};

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of what is written here; see [`Plan::FORMAT`].
    pub format: u32,
    /// The address of the project that it is for. It is run nowhere else.
    pub project: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// What it does.
    pub kind: Kind,
    /// In words: "Upload 300 files to story-images/winter".
    pub title: String,
    /// How it is done.
    pub rules: Rules,
    /// Item by item.
    #[serde(deserialize_with = "file::items")]
    pub items: Vec<PlanItem>,
    /// What could not be looked at. A plan that has any is not complete, and nothing is deleted by it.
    pub unseen: Vec<Unseen>,
}

impl Plan {
    /// The version that this program writes.
    pub const FORMAT: u32 = 1;
}

/// What a plan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Files become objects.
    Upload,
    /// Objects become files.
    Download,
    /// Objects get other keys, and may change bucket.
    Move,
    /// Objects are there twice.
    Copy,
    /// Objects go.
    Delete,
    /// What went to the trash comes back.
    Restore,
    /// Objects are served in another way, or have other facts beside them; see [`Rules::edit`].
    Edit,
    /// Everything in a bucket goes, for good.
    Empty,
    /// A bucket goes, with everything in it.
    DeleteBucket,
}

/// How a plan is carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// How long readers may keep what is uploaded: `max-age=3600`.
    pub cache_control: String,
    /// Whether what is deleted or replaced can be taken back for a while.
    pub keep_trash: bool,
    /// Whether all bytes are read back where the server tells no hash that could be compared.
    pub read_back: bool,
    /// What more than so many bytes is sent in pieces that can be gone on with.
    pub resumable_above: u64,
    /// The folder that downloads go into. Nothing is written outside of it, whatever keys say and links do; folders in it are
    /// made where they are missing. None: each file's own folder, which has to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<PathBuf>,
    /// What is changed of each object, where objects are edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<HeaderEdit>,
    /// Files that were made for this plan alone, by the name of their folder in the workspace. They are kept for as long as
    /// something of it may still be sent, and removed then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared: Option<Uuid>,
    /// The workspace that objects are moved or copied into, where it is not this one: see [`Place::Elsewhere`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<OtherWorkspace>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            cache_control: "max-age=3600".to_owned(),
            keep_trash: true,
            read_back: false,
            resumable_above: 6 << 20,
            root: None,
            edit: None,
            prepared: None,
            elsewhere: None,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanItem {
    /// What is read, moved or deleted.
    pub from: Place,
    /// Where it goes; nowhere if it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Place>,
    /// What will happen.
    pub action: Action,
    /// Why, as a phrase.
    #[serde(default)]
    pub why: String,
    /// The type, told from the bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Pixels across and down, for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<(u32, u32)>,
    /// What the source was when it was looked at: the file's time of change, the object's ETag.
    #[serde(default)]
    pub seen: Seen,
    /// What is at the target now, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Seen>,
    /// The key or name that the source's own name would have given, where another was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
}

/// Where bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Place {
    /// A file of this machine.
    File {
        /// Where.
        file: PathBuf,
    },
    /// An object of another workspace. Written with the name of that workspace, so that it is never taken for one of this.
    Elsewhere {
        /// Which workspace: the one of [`Rules::elsewhere`].
        workspace: WorkspaceId,
        /// The bucket.
        bucket: String,
        /// The whole key.
        key: String,
    },
    /// An object of the project.
    Object {
        /// The bucket.
        bucket: String,
        /// The whole key.
        key: String,
    },
    /// A bucket as a whole.
    Bucket {
        /// Which.
        bucket: String,
    },
}

impl Place {
    /// A file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { file: path.into() }
    }

    /// An object.
    #[must_use]
    pub fn object(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self::Object {
            bucket: bucket.into(),
            key: key.into(),
        }
    }

    /// The bucket of this project that it is in, or is.
    #[must_use]
    pub fn bucket(&self) -> Option<&str> {
        match self {
            Self::Object { bucket, .. } | Self::Bucket { bucket } => Some(bucket),
            Self::File { .. } | Self::Elsewhere { .. } => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file } => file.display().fmt(f),
            Self::Object { bucket, key } => write!(f, "{bucket}/{key}"),
            Self::Elsewhere { workspace, bucket, key } => write!(f, "{workspace}: {bucket}/{key}"),
            Self::Bucket { bucket } => f.write_str(bucket),
        }
    }
}

/// What something was when it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// When a file was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
    /// The ETag of an object, as the server gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// What happens to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing is at the target.
    New,
    /// The target has the same bytes already; nothing is done.
    Identical,
    /// What is at the target makes room for it.
    Replace,
    /// As [`Action::New`], under another name than the source's own.
    Rename,
    /// It cannot or must not be done; nothing is.
    Refuse,
    /// Somebody took it out of the plan.
    Skip,
}

impl Action {
    /// Whether something is done.
    #[must_use]
    pub fn acts(self) -> bool {
        matches!(self, Self::New | Self::Replace | Self::Rename)
    }
}

/// A place that could not be looked at while planning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// Which.
    pub place: String,
    /// Why, as a sentence.
    pub why: String,
}
