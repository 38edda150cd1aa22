//! What the state of the place is made of: rows of the list, shapes of the contents.

use super::kind;
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

/// How objects are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Pictures.
    #[default]
    Grid,
    /// Rows.
    Table,
}
