//! What the state of the place is made of: rows of the list, shapes of the contents.

use jiff::Timestamp;

use super::kind;
use crate::catalog::Row;
use crate::media::format_bytes;
use crate::supabase::{Bucket, BucketName};

/// A bucket of the list.
#[derive(Clone, Debug)]
pub struct BucketRow {
    /// Its name as the server says it.
    pub name: String,
    /// Its name, if objects can be addressed by it.
    pub parsed: Option<BucketName>,
    /// Whether anybody may read it.
    pub public: bool,
    /// "Limit 5 MB · png jpeg webp".
    pub limits: String,
}

impl From<Bucket> for BucketRow {
    fn from(bucket: Bucket) -> Self {
        let types = bucket.allowed_mime_types.as_deref().unwrap_or_default();
        let types = match types {
            [] => "any type".to_owned(),
            types => types.iter().map(|kind| kind::short(kind)).collect::<Vec<_>>().join(" "),
        };
        let limit = bucket.file_size_limit.map_or_else(
            || "No limit of its own".to_owned(),
            |bytes| format!("Limit {}", format_bytes(bytes)),
        );
        Self {
            parsed: BucketName::parse(&bucket.name).ok(),
            name: bucket.name,
            public: bucket.public,
            limits: format!("{limit} · {types}"),
        }
    }
}

/// An object as its index has it, on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key as the server says it, whatever that is.
    pub key: String,
    /// Bytes, if the server says so.
    pub size: Option<u64>,
    /// The type declared for it.
    pub content_type: Option<String>,
    /// When it was last written.
    pub modified: Option<Timestamp>,
    /// When it was first stored.
    pub created: Option<Timestamp>,
    /// The rule for caches, as stored.
    pub cache_control: Option<String>,
    /// Changes with the bytes, quoted.
    pub etag: Option<String>,
}

impl Entry {
    /// What follows the last `/`; empty for a key that ends with one.
    pub fn name(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }

    /// What comes before the name, without the `/` between them.
    pub fn folder(&self) -> &str {
        self.key.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl From<Row<'_>> for Entry {
    fn from(row: Row<'_>) -> Self {
        Self {
            key: row.key.to_owned(),
            size: row.size,
            content_type: row.content_type.map(str::to_owned),
            modified: row.modified,
            created: row.created,
            cache_control: row.cache_control.map(str::to_owned),
            etag: row.etag.map(std::borrow::Cow::into_owned),
        }
    }
}

/// How objects are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Pictures.
    #[default]
    Grid,
    /// Rows.
    Table,
}
