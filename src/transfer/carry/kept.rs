//! What an executor keeps of an item between attempts, in [`Item::resume`]. No secrets.

use serde::{Deserialize, Serialize};

use super::Carry;
use crate::journal::ObjectFacts;
use crate::supabase::{ObjectKey, UploadState};
use crate::transfer::job::{Content, Failure, Item};
use crate::transfer::plan::Seen;

/// All that any executor keeps. A text that an older program wrote and this one cannot read is nothing: then the item
/// begins anew, and what it finds it looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// An upload that the server keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) upload: Option<UploadState>,
    /// Where the object goes that makes room, or that is deleted. Chosen once: the key has the day in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trash: Option<String>,
    /// What an object was before it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Seen>,
    /// What was beside an object's bytes before it was edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) facts: Option<ObjectFacts>,
    /// A partial file whose bytes the ETag does not tell by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<KeptPart>,
    /// What a file has that is about to get its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) whole: Option<Content>,
}

/// A partial file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptPart {
    /// The object that it is of.
    pub(super) etag: String,
    /// So many of its bytes are on the disk.
    pub(super) synced: u64,
}

impl Kept {
    pub(super) fn of(carry: &Carry<'_>) -> Self {
        Self::of_item(carry.item)
    }

    pub(super) fn of_item(item: &Item) -> Self {
        let text = item.resume.as_deref();
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// Puts it on disk.
    pub(super) async fn keep(&self, carry: &Carry<'_>) -> Result<(), Failure> {
        let text = (*self != Self::default())
            .then(|| serde_json::to_string(self))
            .transpose();
        // Texts, numbers and times: nothing in it is without a form in JSON.
        carry.way.keep(text.unwrap_or_default()).await
    }

    pub(super) fn trash(&self) -> Option<ObjectKey> {
        ObjectKey::parse(self.trash.as_deref()?).ok()
    }
}
