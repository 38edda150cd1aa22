//! One object of an index, borrowed from it.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::supabase::Entry;

/// What is known of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its key as the server says it, whatever that is.
    pub key: &'a str,
    /// Bytes, if the server says so.
    pub size: Option<u64>,
    /// The type declared for it.
    pub content_type: Option<&'a str>,
    /// When it was last written, to the microsecond.
    pub modified: Option<Timestamp>,
    /// When it was first stored, to the microsecond.
    pub created: Option<Timestamp>,
    /// The rule for caches, as stored.
    pub cache_control: Option<&'a str>,
    /// Changes with the bytes, quoted.
    pub etag: Option<Cow<'a, str>>,
}

impl<'a> Row<'a> {
    /// What follows the last `/`; empty for a key that ends with one.
    #[must_use]
    pub fn name(&self) -> &'a str {
        name_of(self.key)
    }

    /// What comes before the name, without the `/` between them.
    #[must_use]
    pub fn folder(&self) -> &'a str {
        self.key.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// As an index keeps it.
    pub(super) fn kept(self) -> Self {
        let micros =
            |time: Option<Timestamp>| time.and_then(|time| Timestamp::from_microsecond(time.as_microsecond()).ok());
        Self {
            size: self.size.filter(|size| *size <= super::segment::LARGEST),
            modified: micros(self.modified),
            created: micros(self.created),
            ..self
        }
    }
}

impl<'a> From<&'a Entry> for Row<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            key: &entry.key,
            size: entry.size,
            content_type: entry.content_type.as_deref(),
            modified: entry.updated_at.or(entry.created_at),
            created: entry.created_at,
            cache_control: entry.cache_control.as_deref(),
            etag: entry.etag.as_deref().map(Cow::Borrowed),
        }
    }
}

/// The name of the object of a key.
pub(super) fn name_of(key: &str) -> &str {
    match memchr::memrchr(b'/', key.as_bytes()) {
        Some(slash) => &key[slash + 1..],
        None => key,
    }
}
