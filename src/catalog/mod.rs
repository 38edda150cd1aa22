//! The objects of buckets as they were when they were listed: an index a bucket, and what is asked of it. Opening folders,
//! searching, sorting and summing up need no network; reading the bucket and telling others of it is the service's.
//!
//! An [`Index`] never changes: each page of a listing makes a newer one, which shares what is the same.

mod answer;
mod arena;
mod build;
mod change;
mod contents;
mod encode;
mod etags;
mod index;
mod natural;
mod order;
mod query;
mod row;
mod search;
mod segment;
mod store;
#[cfg(test)]
mod tests;
mod threads;
mod usage;

pub use build::{Builder, Closed, Finished};
pub use change::Changes;
pub use contents::{Contents, Folder, Total, shown_name};
pub use index::{Coverage, Index};
pub use query::{Filters, Mode, Order, Query, QueryError, SortBy, UseCounts};
pub use row::Row;
pub use store::{CatalogError, Generation, Kept, Store, Turn, Unfinished, Whole};
pub use usage::{Age, Change, FolderUsage, Growth, Scan, Share, Summary, Usage, UsageQuery};

/// What the keys of a bucket's trash begin with.
pub const TRASH: &str = "_trash/";

/// The name of the empty objects that other tools put into folders that would be empty.
pub const PLACEHOLDER: &str = ".emptyFolderPlaceholder";
