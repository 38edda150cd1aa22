//! The wire to a Supabase project, one file an API. Knows HTTP, not stories and not the window.

mod bucket;
mod client;
mod error;
mod fault;
#[doc(hidden)]
pub mod fuzzing;
mod lenient;
mod listing;
mod names;
mod object;
mod path;
mod rest;
mod stream;
#[cfg(test)]
mod testing;
pub mod url;

pub use bucket::{Bucket, BucketUpdate, Buckets, Ensured, NewBucket};
pub use client::Supabase;
pub use error::{Class, Error, ErrorDetails};
pub use listing::{Entry, ListApi, ListPage, Listing};
pub use names::{BucketName, NameError, ObjectKey};
pub use object::{Download, ObjectInfo, Objects, Removal, RemovalFailure, Upload, Uploaded};
pub use rest::{Counted, Order, Query, Rest};
pub use stream::{ByteRange, Facts, ObjectStream, Part};
