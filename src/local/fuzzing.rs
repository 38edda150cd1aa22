//! Doors for the fuzz targets in `fuzz/`: parsers that have no public function of their own.

pub use super::rest::fuzzing::Queries;
pub use super::store::StoreError;
