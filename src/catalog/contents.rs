//! What an index answers: folders, objects, and what they come to.

use std::sync::Arc;
use std::time::Duration;

/// How many objects there are and how large they are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Total {
    /// Objects.
    pub objects: u64,
    /// Bytes of those whose size is known.
    pub bytes: u64,
    /// Whether some size is not known, so that `bytes` is a lower bound.
    pub partial: bool,
}

impl Total {
    /// The bytes as they are shown: "6.7 MB", "≥ 6.7 MB" while some size is not known.
    #[must_use]
    pub fn size(self) -> String {
        format!(
            "{}{}",
            if self.partial { "≥ " } else { "" },
            crate::media::format_bytes(self.bytes)
        )
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            objects: self.objects + other.objects,
            bytes: self.bytes.saturating_add(other.bytes),
            partial: self.partial || other.partial,
        }
    }

    /// With one object more.
    #[must_use]
    pub const fn with(self, size: Option<u64>) -> Self {
        let (bytes, partial) = match size {
            Some(size) => (size, false),
            None => (0, true),
        };
        self.and(Self {
            objects: 1,
            bytes,
            partial,
        })
    }
}

/// A folder that some keys make up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its name, which may be empty: keys may begin with `/` or have `//` in them.
    pub name: String,
    /// The beginning of all keys in it, with its last `/`.
    pub prefix: String,
    /// What is in it at any depth, placeholders included.
    pub total: Total,
}

impl Folder {
    /// The name to show.
    #[must_use]
    pub fn shown(&self) -> &str {
        shown_name(&self.name)
    }
}

/// What is shown for a name that may be empty.
#[must_use]
pub fn shown_name(name: &str) -> &str {
    if name.is_empty() { "(no name)" } else { name }
}

/// The answer to a [`Query`](super::Query): folders first, then objects by their ids in the index that was asked, both in
/// the order that was asked for.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Folders directly in the folder; none for a deep query.
    pub folders: Vec<Folder>,
    /// Objects.
    pub objects: Arc<[u32]>,
    /// What the objects come to, without those in folders.
    pub total: Total,
    /// How long it took to find out.
    pub took: Duration,
}
