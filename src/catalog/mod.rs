//! The objects of buckets as they were when they were listed: an index a bucket, and what is asked of it. Opening folders,
//! searching, sorting and summing up need no network; reading the bucket and telling others of it is the service's.
//!
//! An [`Index`] never changes: each page of a listing makes a newer one, which shares what is the same.

mod contents;
mod index;
mod natural;
mod query;
mod row;
#[cfg(test)]
mod tests;

pub use contents::{Contents, Folder, Total, shown_name};
pub use index::{Coverage, Index};
pub use query::{Filters, Mode, Order, Query, QueryError, SortBy};
pub use row::Row;

/// What the keys of a bucket's trash begin with.
pub const TRASH: &str = "_trash/";

/// The name of the empty objects that other tools put into folders that would be empty.
pub const PLACEHOLDER: &str = ".emptyFolderPlaceholder";
