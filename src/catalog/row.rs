//! One object of an index, borrowed from it.

use std::borrow::Cow;

use jiff::Timestamp;

/// What is known of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its key as the server says it, whatever that is.
    pub key: &'a str,
    /// Bytes, if the server says so.
    pub size: Option<u64>,
    /// The type declared for it.
    pub content_type: Option<&'a str>,
    /// When it was last written.
    pub modified: Option<Timestamp>,
    /// When it was first stored.
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
}

/// The name of the object of a key.
pub(super) fn name_of(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or_default()
}
