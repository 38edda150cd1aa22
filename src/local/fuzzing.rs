//! Doors for the fuzz targets in `fuzz/`: parsers that have no public function of their own.

pub use super::rest::fuzzing::Queries;
pub use super::store::StoreError;

use super::storage_routes::tus::metadata::Metadata;

/// Reads an `Upload-Metadata` as the server does and writes it again; None if it is refused.
#[must_use]
pub fn tus_metadata(header: &str) -> Option<String> {
    Metadata::parse(header).map(|metadata| metadata.to_header())
}
